//! What a rule's findings are held against: twelve failures among 340 calls are another matter than
//! twelve among fifteen.

use rowan::GreenNodeData;

use crate::project::is_log_macro;
use crate::syntax::SyntaxKind;
use crate::syntax::green::{child_nodes, child_of_kind, first_token_text, has_token, path_name};

/// The places at which a rule could have found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opportunity {
    /// Calls whose failure is passed on, replaced or unwrapped.
    FallibleCalls,
    /// Locks that are taken.
    Locks,
    /// Functions and methods.
    Functions,
    /// Those that are `async`.
    AsyncFunctions,
    /// `unsafe` blocks.
    UnsafeBlocks,
    /// Accesses of elements by their position or key.
    ElementAccesses,
    /// Lines that are written to a log or to a standard stream.
    LogLines,
    /// Structs, enums and unions.
    Types,
    /// Their fields.
    Fields,
    /// Channels that are made.
    Channels,
    /// Comparisons of secrets.
    SecretComparisons,
    /// The project as a whole.
    Project,
    /// The same, where it is a repository: of a published package it cannot be told.
    Repository,
    /// The pipeline of a repository, which is as bad as none where there is none.
    Pipeline,
    /// Actions that the pipeline runs.
    Actions,
    /// Services that somebody operates.
    Services,
    /// Packages.
    Packages,
    /// The same, where their tests would be seen.
    TestedPackages,
    /// Packages that a registry gives out.
    PublishedPackages,
    /// Packages that depend on one of these crates.
    Dependents(&'static [&'static str]),
    /// Dependencies that manifests declare.
    Dependencies,
    /// The lock file, where a database of advisories is at hand.
    Advisories,
    /// Dockerfiles.
    Dockerfiles,
    /// Workers of Cloudflare.
    Workers,
    /// Environment variables that sources read.
    Variables,
    /// Queries of a database.
    Queries,
    /// The documents that a repository is expected to have.
    Documents,
    /// The questions that code does not answer.
    Questions,
    /// Comments and files about the review itself, which are no part of what is reviewed.
    Nothing,
}

impl Opportunity {
    /// Those that are counted in sources.
    pub const IN_SOURCES: [Self; 11] = [
        Self::FallibleCalls,
        Self::Locks,
        Self::Functions,
        Self::AsyncFunctions,
        Self::UnsafeBlocks,
        Self::ElementAccesses,
        Self::LogLines,
        Self::Types,
        Self::Fields,
        Self::Channels,
        Self::SecretComparisons,
    ];

    /// What is counted, for one and for many.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::FallibleCalls => ("fallible call", "fallible calls"),
            Self::Locks => ("lock", "locks"),
            Self::Functions => ("function", "functions"),
            Self::AsyncFunctions => ("async function", "async functions"),
            Self::UnsafeBlocks => ("unsafe block", "unsafe blocks"),
            Self::ElementAccesses => ("element access", "element accesses"),
            Self::LogLines => ("log line", "log lines"),
            Self::Types => ("type", "types"),
            Self::Fields => ("field", "fields"),
            Self::Channels => ("channel", "channels"),
            Self::SecretComparisons => ("comparison of secrets", "comparisons of secrets"),
            Self::Project => ("project", "projects"),
            Self::Repository => ("repository", "repositories"),
            Self::Pipeline => ("pipeline", "pipelines"),
            Self::Actions => ("CI action", "CI actions"),
            Self::Services => ("service", "services"),
            Self::Packages | Self::TestedPackages | Self::Dependents(_) => ("package", "packages"),
            Self::PublishedPackages => ("published package", "published packages"),
            Self::Dependencies => ("dependency", "dependencies"),
            Self::Advisories => ("lock file", "lock files"),
            Self::Dockerfiles => ("Dockerfile", "Dockerfiles"),
            Self::Workers => ("Worker", "Workers"),
            Self::Variables => ("variable", "variables"),
            Self::Queries => ("query", "queries"),
            Self::Documents => ("document", "documents"),
            Self::Questions => ("question", "questions"),
            Self::Nothing => ("place", "places"),
        }
    }

    /// Whether it is counted in sources, where rules share what they are held against.
    pub fn is_in_sources(self) -> bool {
        Self::IN_SOURCES.contains(&self)
    }

    /// Whether findings stand for something that is missing, and the line that they are shown at
    /// says nothing about them.
    pub fn is_about_absence(self) -> bool {
        matches!(
            self,
            Self::Repository
                | Self::Pipeline
                | Self::Advisories
                | Self::Documents
                | Self::Questions
                | Self::Services
                | Self::Packages
                | Self::TestedPackages
                | Self::PublishedPackages
        )
    }

    /// Whether all findings of a rule are one: what there is once cannot be wrong twice.
    pub fn is_single(self) -> bool {
        matches!(self, Self::Project | Self::Repository | Self::Pipeline | Self::Advisories)
    }
}

/// How often what rules are held against occurs in some code, tests left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census([u32; Opportunity::IN_SOURCES.len()]);

impl Census {
    /// How often something occurs.
    pub fn count(&self, what: Opportunity) -> usize {
        let index = Opportunity::IN_SOURCES.iter().position(|it| *it == what);
        index.map_or(0, |index| self.0[index] as usize)
    }

    /// Adds what other code has.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count = count.saturating_add(more);
        }
    }

    fn note(&mut self, what: Opportunity) {
        if let Some(index) = Opportunity::IN_SOURCES.iter().position(|it| *it == what) {
            self.0[index] = self.0[index].saturating_add(1);
        }
    }

    /// Takes a node of a walk in.
    #[inline]
    pub(super) fn see(&mut self, kind: SyntaxKind, node: &GreenNodeData) {
        match kind {
            SyntaxKind::METHOD_CALL_EXPR => self.method(node),
            SyntaxKind::CALL_EXPR => {
                let callee = child_of_kind(node, SyntaxKind::PATH_EXPR).and_then(path_name);
                match callee {
                    Some("constant_time_eq" | "fixed_time_eq" | "verify_slices_are_equal") => {
                        self.note(Opportunity::SecretComparisons);
                    }
                    Some(name) if CHANNELS.contains(&name) => self.note(Opportunity::Channels),
                    _ => {}
                }
            }
            SyntaxKind::TRY_EXPR => self.note(Opportunity::FallibleCalls),
            SyntaxKind::INDEX_EXPR => self.note(Opportunity::ElementAccesses),
            SyntaxKind::MACRO_CALL if path_name(node).is_some_and(is_log_macro) => {
                self.note(Opportunity::LogLines);
            }
            SyntaxKind::FN => {
                self.note(Opportunity::Functions);
                if has_token(node, SyntaxKind::ASYNC_KW) {
                    self.note(Opportunity::AsyncFunctions);
                }
            }
            SyntaxKind::BLOCK_EXPR if has_token(node, SyntaxKind::UNSAFE_KW) => {
                self.note(Opportunity::UnsafeBlocks);
            }
            SyntaxKind::STRUCT | SyntaxKind::ENUM | SyntaxKind::UNION => {
                self.note(Opportunity::Types);
            }
            SyntaxKind::RECORD_FIELD | SyntaxKind::TUPLE_FIELD => self.note(Opportunity::Fields),
            _ => {}
        }
    }

    fn method(&mut self, node: &GreenNodeData) {
        let name = child_of_kind(node, SyntaxKind::NAME_REF).and_then(first_token_text);
        let takes_nothing = || {
            child_of_kind(node, SyntaxKind::ARG_LIST)
                .is_some_and(|list| child_nodes(list).next().is_none())
        };
        match name {
            Some(
                "unwrap" | "unwrap_err" | "expect" | "expect_err" | "unwrap_or" | "unwrap_or_else"
                | "unwrap_or_default",
            ) => self.note(Opportunity::FallibleCalls),
            Some("lock" | "read" | "write") if takes_nothing() => self.note(Opportunity::Locks),
            Some("get" | "get_mut") => self.note(Opportunity::ElementAccesses),
            Some("ct_eq" | "ct_ne" | "verify_slice" | "verify_truncated_left") => {
                self.note(Opportunity::SecretComparisons);
            }
            _ => {}
        }
    }
}

/// Functions that make a channel.
const CHANNELS: &[&str] = &["bounded", "channel", "sync_channel", "unbounded", "unbounded_channel"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Area, Query, Rule, RuleSet, analyze};
    use crate::config::Config;
    use crate::project::Packages;
    use crate::semantics::FileContext;
    use crate::syntax::parse_root;

    static RULE: Rule = Rule {
        id: "a",
        queries: &[Query::Method(&["unwrap"], |_, _| {})],
        ..Rule::source(Area::Reliability)
    };

    #[test]
    fn what_production_code_does_is_counted() {
        let text = "
            struct Session { key: [u8; 32], user: u64 }
            async fn f(a: &Mutex<u8>, b: &[u8]) -> Result<u8, Error> {
                let lock = a.lock().unwrap();
                tracing::info!(x = ?b, \"locked\");
                let first = *b.get(0).ok_or(Error)?;
                Ok(first + b[1] + *lock + unsafe { read() })
            }
            #[cfg(test)] mod tests { #[test] fn t() { x.lock().unwrap(); } }
        ";
        let context =
            FileContext::new("src/lib.rs", &Packages::default(), &Config::default().into());
        let rules = RuleSet::new([&RULE], &Config::default());
        let root = parse_root(text, context.edition).expect("it parses");
        let census = analyze(&root, &context, &rules).index.census;
        let counts = Opportunity::IN_SOURCES.map(|it| census.count(it));
        //            calls locks fns async unsafe elements logs types fields channels secrets
        assert_eq!(counts, [2, 1, 1, 1, 1, 2, 1, 1, 2, 0, 0]);
    }
}
