//! Empty secret accepted.
//!
//! A default of `""` lets the program start without its key: tokens are signed with nothing, and anyone
//! can do the same. Code that skips encryption or authentication when the key is empty turns a
//! forgotten setting into an open door.
//!
//! ```rust,bad
//! fn signing_key() -> String {
//!     std::env::var("JWT_SECRET").unwrap_or_default()
//! }
//! ```
//!
//! Refuse to start without it:
//!
//! ```rust
//! fn signing_key() -> anyhow::Result<String> {
//!     let key = std::env::var("JWT_SECRET").context("JWT_SECRET is not set")?;
//!     anyhow::ensure!(!key.is_empty(), "JWT_SECRET is empty");
//!     Ok(key)
//! }
//! ```
//!
//! A secret that the program refuses when it is empty is not reported. Credentials that are shown to
//! others, such as the key of a mail provider, do harm only there: they are hidden by default
//! (`--confidence possible`).

mod defaults;
mod skipped;
#[cfg(test)]
mod tests;

use super::AREA;
use crate::analysis::{On, Query, Rule, Severity};

pub static RULE: Rule = Rule {
    id: "empty-secret",
    severity: Severity::High,
    raised_when_critical: false,
    cwe: &[258, 1188],
    seeds: &["B.1", "B.2"],
    source: include_str!("mod.rs"),
    queries: &[
        Query::SecretName(&On(defaults::check_field)),
        Query::SecretName(&On(defaults::check_function)),
        Query::Node(&On(defaults::check_attributes)),
        Query::Method(
            &["unwrap_or_default", "unwrap_or", "unwrap_or_else"],
            defaults::check_fallback,
        ),
        Query::Call(&["from_secret", "from_base64_secret"], defaults::check_key),
        Query::Method(&["is_empty"], skipped::check),
    ],
    ..Rule::source(AREA)
};
