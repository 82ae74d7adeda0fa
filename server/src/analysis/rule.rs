use crate::config::Severity;
use crate::syntax::{SyntaxElement, SyntaxKind};

use super::{Context, ProjectContext};

/// The part of production readiness that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// What an attacker could use.
    Security,
    /// What makes the program stop, hang or lose work.
    Reliability,
    /// What makes it slow under load.
    Performance,
    /// What makes it hard to change.
    Maintainability,
    /// What keeps its operators from seeing what it does.
    Observability,
    /// What its tests do not hold.
    Testing,
    /// What its users have to guess.
    Documentation,
    /// How it is built, shipped and started.
    Deployment,
    /// What laws and licences ask for.
    Compliance,
}

impl Area {
    /// The name in output, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Reliability => "reliability",
            Self::Performance => "performance",
            Self::Maintainability => "maintainability",
            Self::Observability => "observability",
            Self::Testing => "testing",
            Self::Documentation => "documentation",
            Self::Deployment => "deployment",
            Self::Compliance => "compliance",
        }
    }
}

/// Which code a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// All of it.
    Any,
    /// What runs in production: no tests, benchmarks, examples or build scripts.
    Production,
}

/// A kind of place in the code that a rule wants to see.
#[derive(Debug, Clone, Copy)]
pub enum Interest {
    /// Every node of a kind, and every string literal with [`SyntaxKind::STRING`].
    Kind(SyntaxKind),
    /// Method calls (`METHOD_CALL_EXPR`) of a name.
    Method(&'static str),
    /// Calls (`CALL_EXPR`) of a path whose last segment has a name.
    Call(&'static str),
    /// Macro calls (`MACRO_CALL`) of a name.
    Macro(&'static str),
    /// Blocks (`BLOCK_EXPR`) marked `unsafe`.
    UnsafeBlock,
    /// Nodes of a kind whose own name may be that of a secret: see
    /// [`may_be_secret`](crate::syntax::names::may_be_secret). The name is the one declared,
    /// assigned to or called.
    Secret(SyntaxKind),
    /// Comments whose text passes a test.
    Comment(fn(&str) -> bool),
    /// Comparisons (`BIN_EXPR`) by `==` and `!=`.
    Equality,
    /// String literals whose text, as it is written, passes a test; those in attributes as well.
    Literal(fn(&str) -> bool),
}

/// One thing that the review looks for.
///
/// A rule is a `static` in a file of its own. The file opens with the rule's documentation, which
/// `explain`, the hover and the rule pages show.
pub struct Rule {
    /// In kebab-case; final once shipped.
    pub id: &'static str,
    /// The part of production readiness it is about.
    pub area: Area,
    /// The severity of its findings outside security-critical code.
    pub severity: Severity,
    /// Whether findings in security-critical code are raised by one severity.
    pub raised_when_critical: bool,
    /// Which code it is about: all of it, or all but tests.
    pub code: Code,
    /// Lints of rustc and clippy that look for the same: where one is allowed by an attribute, the
    /// rule is silent.
    pub lints: &'static [&'static str],
    /// The text of the rule's own source file, which opens with its documentation.
    pub source: &'static str,
    /// The places in the code that it wants to see.
    pub interests: &'static [Interest],
    /// Called with every place that `interests` name.
    pub check: fn(&SyntaxElement, &mut Context<'_>),
    /// Looks at the project as a whole: manifests, Dockerfiles, workflows, configuration. Called
    /// again when something changed that it looked at.
    pub review: Option<fn(&mut ProjectContext<'_>)>,
}

impl Rule {
    /// What rules for Rust source mostly are; meant for `..Rule::SOURCE`.
    pub const SOURCE: Self = Self {
        id: "",
        area: Area::Reliability,
        severity: Severity::Medium,
        raised_when_critical: true,
        code: Code::Production,
        lints: &[],
        source: "",
        interests: &[],
        check: |_, _| {},
        review: None,
    };

    /// What rules for the project as a whole mostly are; meant for `..Rule::PROJECT`.
    pub const PROJECT: Self = Self {
        area: Area::Deployment,
        raised_when_critical: false,
        code: Code::Any,
        ..Self::SOURCE
    };

    /// The documentation: the `//!` lines that open the rule's file, as Markdown.
    pub fn docs(&self) -> String {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        let lines = lines.map(|line| line.trim_start_matches("//!"));
        let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        // The mark tells the test which examples must be reported.
        let lines = lines.iter().map(|line| match *line {
            "```rust,bad" => "```rust",
            "```project" | "```project,bad" => "```text",
            line => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The first sentence of the documentation, in one line and without its full stop.
    pub fn summary(&self) -> String {
        let docs = self.docs();
        let paragraph = docs.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        let end = paragraph.find(". ").unwrap_or(paragraph.len());
        paragraph[..end].trim_end_matches('.').to_string()
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}
