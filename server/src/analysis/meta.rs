//! The rules that the engine itself reports by: about suppressions, settings and unread files.

use super::rule::{Area, Code, Rule};
use crate::config::Severity;

/// Reports suppressions without a reason, or of rules that do not exist.
pub static INVALID_SUPPRESSION: Rule = Rule {
    id: "invalid-suppression",
    severity: Severity::Medium,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! A suppression that does not say what it allows, or why.
//!
//! A finding is suppressed by a comment that names its rule and gives a reason. Without a reason
//! nobody can tell later whether it still holds; with a rule that does not exist it does nothing.
//!
//! ```rust,bad
//! // readiness: allow(unwrap-used)
//! fn port() -> u16 { \"80\".parse().unwrap() }
//! ```
//!
//! Give the reason after the parenthesis:
//!
//! ```rust
//! // readiness: allow(unwrap-used) a literal always parses
//! fn port() -> u16 { \"80\".parse().unwrap() }
//! ```
",
    ..Rule::source(Area::Maintainability)
};

/// Reports suppressions that suppress nothing.
pub static UNUSED_SUPPRESSION: Rule = Rule {
    id: "unused-suppression",
    severity: Severity::Low,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! A suppression of something that is not reported.
//!
//! The problem it was written for is gone, or it stands in the wrong place. Left behind, it would
//! hide the next problem of its kind.
//!
//! ```rust,bad
//! // readiness: allow(unwrap-used) nothing here calls it
//! fn port() -> u16 { 80 }
//! ```
",
    ..Rule::source(Area::Maintainability)
};

/// Reports entries of `readiness.toml` that could not be used.
pub static INVALID_CONFIG: Rule = Rule {
    id: "invalid-config",
    severity: Severity::Medium,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! A mistake in `readiness.toml`: the entry it stands in does not apply.
//!
//! The rest of the file applies as usual.
//!
//! ```toml
//! [rules]
//! unwrap-usd = \"off\"
//! ```
",
    ..Rule::source(Area::Maintainability)
};

/// Reports files that were refused instead of reviewed.
pub static UNREADABLE_FILE: Rule = Rule {
    id: "unreadable-file",
    severity: Severity::Low,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! A source file that was not reviewed.
//!
//! Files over 4 MiB, files that are not UTF-8, and code nested so deeply that no parser should be
//! asked to read it are refused. Generated files of that kind can be left out of the review:
//!
//! ```toml
//! exclude = [\"src/generated/**\"]
//! ```
",
    ..Rule::source(Area::Maintainability)
};
