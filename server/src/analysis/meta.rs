//! The rules of the engine itself: about suppressions, settings and files that are not analyzed.

use super::opportunity::Opportunity;
use super::rule::{Area, Code, Rule};
use crate::config::Severity;

/// Reports suppressions without a reason, or of unknown rules.
pub static INVALID_SUPPRESSION: Rule = Rule {
    id: "invalid-suppression",
    opportunity: Opportunity::Nothing,
    effort: 10,
    severity: Severity::Medium,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! Suppression without a reason, or of an unknown rule.
//!
//! A finding is suppressed by a comment that names its rule and gives a reason. Without the reason
//! it cannot be verified later whether the suppression is still justified. A suppression of an
//! unknown rule has no effect.
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
    opportunity: Opportunity::Nothing,
    effort: 5,
    severity: Severity::Low,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! Suppression of a rule that reports nothing there.
//!
//! The problem has been fixed, or the comment is in the wrong place. If it stays, it hides the next
//! problem of the same kind.
//!
//! ```rust,bad
//! // readiness: allow(unwrap-used) there is no such call
//! fn port() -> u16 { 80 }
//! ```
",
    ..Rule::source(Area::Maintainability)
};

/// Reports invalid entries of `readiness.toml`.
pub static INVALID_CONFIG: Rule = Rule {
    id: "invalid-config",
    opportunity: Opportunity::Nothing,
    effort: 5,
    severity: Severity::Medium,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! Invalid entry in `readiness.toml`.
//!
//! The entry is ignored; the rest of the file applies. For example, an unknown rule:
//!
//! ```toml
//! [rules]
//! unwrap-usd = \"off\"
//! ```
",
    ..Rule::source(Area::Maintainability)
};

/// Reports files that are not analyzed.
pub static UNREADABLE_FILE: Rule = Rule {
    id: "unreadable-file",
    opportunity: Opportunity::Nothing,
    severity: Severity::Low,
    raised_when_critical: false,
    code: Code::Any,
    source: "\
//! Source file that is not analyzed.
//!
//! Files larger than 4 MiB, files that are not UTF-8, and code that is nested too deeply for the
//! parser are skipped. Generated files of that kind can be excluded:
//!
//! ```toml
//! exclude = [\"src/generated/**\"]
//! ```
",
    ..Rule::source(Area::Maintainability)
};
