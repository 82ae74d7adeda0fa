//! Documents held against the code: what a review, an audit or an architecture document claims, and
//! whether it is so.
//!
//! A claim whose form is not clearly understood is none, or *undecidable*: people act on what is
//! called wrong.

mod absence;
mod at_place;
mod code;
mod counts;
mod document;
mod extract;
mod extractor;
mod facts;
mod judge;
mod mentions;
mod names;
mod pattern;
mod phrases;
mod places;
mod resolve;
mod ruling;
mod snippet;
mod stance;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::sync::Arc;

use crate::text::FileRange;

pub use code::{Code, CountCache, Looked, Sources};
pub use extract::claims;
pub use judge::judge;

/// Documents of which only the first bytes are read.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 20;

/// The most claims that are judged of a document.
pub const MAX_CLAIMS: usize = 5_000;

/// Something a document says that the code can be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where it stands in the document.
    pub range: FileRange,
    /// What it says.
    pub kind: ClaimKind,
}

/// A file, with lines of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As it is written.
    pub path: String,
    /// The first and the last line, from one; nothing for the whole file.
    pub lines: Option<(u32, u32)>,
    /// The revision that it is a place of.
    pub commit: Option<String>,
    /// Where the numbers stand in the document; empty without any.
    pub number: FileRange,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimKind {
    /// There is a file or folder.
    Path {
        /// As it is written.
        path: String,
        /// Whether it is the destination of a link, which is relative to the document.
        is_link: bool,
        /// Whether its absence is no contradiction: it is proposed, an example, or gone.
        is_loose: bool,
    },
    /// Something stands at a place.
    Place {
        /// The place.
        place: Place,
        /// What is named beside it, the name that it belongs to first.
        names: Vec<String>,
        /// Whether the first name belongs to the place and to nothing else: `` `f` (`a.rs:3`) ``.
        is_bound: bool,
        /// Code that is quoted beside it.
        quotes: Vec<String>,
        /// Whether the first of them belongs to the place.
        is_quoted: bool,
        /// What is said to be there.
        subject: Option<Subject>,
    },
    /// A block of code is quoted from a file.
    Quote {
        /// Where it is quoted from.
        place: Place,
        /// The lines of the block.
        lines: Vec<String>,
    },
    /// There is an item.
    Symbol {
        /// The segments of its path.
        path: Vec<String>,
        /// The file that is said to have it.
        file: Option<String>,
    },
    /// There are so many of something.
    Count {
        /// What is counted.
        subject: Subject,
        /// How many there are said to be.
        number: u64,
        /// How the number is meant.
        bound: Bound,
        /// The file or folder that they are counted in.
        scope: Option<String>,
        /// Whether it is a part of the code that the number is about.
        is_part: bool,
        /// Where the number stands.
        digits: FileRange,
    },
    /// There is nothing of the kind.
    Missing(Thing),
    /// There is something of the kind.
    Present(Thing),
    /// Something is found in a file: a finding of ours.
    Finding {
        /// What is found.
        subject: Subject,
        /// The file.
        path: String,
    },
    /// A task about a file: to add it, done or not.
    Task {
        /// The file.
        path: String,
        /// Whether its box is ticked.
        is_done: bool,
        /// Where the box stands.
        mark: FileRange,
    },
    /// A package of a version is used.
    Dependency {
        /// The name of the package.
        name: String,
        /// The version, or the beginning of it.
        version: String,
        /// Where the version stands.
        digits: FileRange,
    },
    /// An environment variable is read.
    Variable(String),
    /// What is taken for a variable without a value.
    Default {
        /// The name of the variable.
        name: String,
        /// The default.
        value: String,
        /// Where the default stands.
        written: FileRange,
    },
    /// The user of the container.
    ImageUser(ImageUser),
}

impl ClaimKind {
    /// The name in output.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Path { .. } => "path",
            Self::Place { .. } => "place",
            Self::Quote { .. } => "quote",
            Self::Symbol { .. } => "symbol",
            Self::Count { .. } => "count",
            Self::Missing(_) => "missing",
            Self::Present(_) => "present",
            Self::Finding { .. } => "finding",
            Self::Task { .. } => "task",
            Self::Dependency { .. } => "dependency",
            Self::Variable(_) => "variable",
            Self::Default { .. } => "default",
            Self::ImageUser(_) => "image-user",
        }
    }
}

/// How a number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// As it is.
    Exactly,
    /// Roughly.
    About,
    /// As the least.
    AtLeast,
    /// As the most.
    AtMost,
}

/// What can be counted or found in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// `TODO`, `FIXME`, `XXX` and `HACK`.
    Todo,
    /// Calls of `unwrap`.
    Unwrap,
    /// Calls of `expect`.
    Expect,
    /// Calls of `unwrap` and `expect`.
    UnwrapOrExpect,
    /// Calls of `panic!`.
    Panic,
    /// Blocks marked `unsafe`.
    Unsafe,
    /// Test functions.
    Test,
    /// Dependencies.
    Dependency,
    /// Members of the workspace.
    Member,
    /// Rust files.
    RustFile,
    /// Lines of Rust.
    Line,
    /// A secret in a public field.
    ExposedSecret,
}

/// Something a project has or has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// A file or folder.
    Path(String),
    /// `data/` in `.gitignore`.
    Ignored(String),
    /// Continuous integration.
    Ci,
    /// A command or a task that CI runs.
    CiTask(CiTask),
    /// A `CODEOWNERS` file.
    CodeOwners,
    /// A Dockerfile.
    Dockerfile,
    /// `deny.toml`.
    DenyConfig,
    /// A document by its name without an extension, such as `SECURITY`.
    Document(&'static str),
    /// Tests.
    Tests,
    /// Unsafe code.
    Unsafe,
    /// A cron trigger of a Worker.
    Cron,
    /// A concept, with the words that would show it.
    Concept(&'static str, &'static [&'static str]),
}

/// A part of CI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiTask {
    /// An audit of the dependencies.
    Audit,
    /// The tests.
    Test,
    /// Clippy.
    Clippy,
    /// A check of the formatting.
    Format,
    /// An SBOM.
    Sbom,
}

/// Who a container runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageUser {
    /// The superuser.
    Root,
    /// Anyone else.
    NotRoot,
    /// A user by name.
    Named(String),
}

/// What the code says to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is so.
    Holds,
    /// It is so at another place.
    Moved,
    /// The place says something else by now.
    Changed,
    /// What was claimed has been repaired.
    Fixed,
    /// It is not so.
    Contradicted,
    /// What is spoken of is not there.
    Absent,
    /// No revision that Git holds ever had it.
    NeverMatched,
    /// The code does not tell.
    Undecidable,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 8] = [
        Self::Holds,
        Self::Moved,
        Self::Changed,
        Self::Fixed,
        Self::Contradicted,
        Self::Absent,
        Self::NeverMatched,
        Self::Undecidable,
    ];

    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::Fixed => "fixed",
            Self::Contradicted => "contradicted",
            Self::Absent => "absent",
            Self::NeverMatched => "never matched",
            Self::Undecidable => "undecidable",
        }
    }

    /// Whether the document was true once, and is out of date.
    pub fn is_stale(self) -> bool {
        matches!(self, Self::Moved | Self::Changed | Self::Fixed)
    }

    /// Whether the document is wrong.
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::Contradicted | Self::Absent | Self::NeverMatched)
    }
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The claim.
    pub claim: Claim,
    /// The verdict.
    pub verdict: Verdict,
    /// What the verdict rests on, in one clause.
    pub evidence: Arc<str>,
    /// Where in the code it is so, or would be.
    pub target: Option<Target>,
    /// What would make the document true.
    pub correction: Option<Correction>,
}

/// A place in the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Relative to the root.
    pub path: String,
    /// From one; the first line for a whole file.
    pub line: u32,
}

/// An edit of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What is replaced.
    pub range: FileRange,
    /// What it is replaced by.
    pub text: String,
    /// In the imperative.
    pub title: String,
}

/// How many claims of a document are true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// All of them.
    pub claims: usize,
    /// Those that hold.
    pub held: usize,
    /// Out of date: moved, changed or fixed.
    pub stale: usize,
    /// Contradicted, absent or never matched.
    pub wrong: usize,
    /// Those that the code does not decide.
    pub undecidable: usize,
}

impl Summary {
    /// Counts the verdicts.
    pub fn of<'j>(judged: impl IntoIterator<Item = &'j Judged>) -> Self {
        let mut summary = Self::default();
        for it in judged {
            summary.claims += 1;
            match it.verdict {
                Verdict::Holds => summary.held += 1,
                Verdict::Undecidable => summary.undecidable += 1,
                verdict if verdict.is_stale() => summary.stale += 1,
                _ => summary.wrong += 1,
            }
        }
        summary
    }

    /// The share of wrong claims among those that could be decided, in percent.
    pub fn wrong_percent(&self) -> Option<u32> {
        let decided = self.claims - self.undecidable;
        (decided > 0).then(|| (self.wrong * 100 + decided / 2).div_euclid(decided) as u32)
    }
}
