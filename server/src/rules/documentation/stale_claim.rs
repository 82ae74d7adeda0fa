//! Document that says something else than the code.
//!
//! A review, an audit or an architecture document cites lines, quotes code, counts and names what
//! is missing. On the next commit it may be out of date, and people and agents act on what it says.
//! Reported is what *moved* (with the line where it is now), what *changed*, what was *fixed*, and
//! what is *contradicted*, *absent* or was *never matched* by any revision that Git holds.
//!
//! ```text
//! - **Location**: `src/server.rs:154`: `listener.accept().unwrap()`
//! - 146 TODO markers
//! - No `.github/workflows`
//! ```
//!
//! Correct the document, by the fix where there is one. `readiness-lsp verify FILE` lists all claims
//! of a document with their verdicts and what these rest on.
//!
//! Not reported: what the code does not decide, change logs and release notes, plans and proposals
//! as far as they speak of what is not there yet.

use super::AREA;
use crate::analysis::{Rule, Severity};

/// The workspace reports it, after all other rules: a claim may be about what these found.
pub static RULE: Rule = Rule {
    id: "stale-claim",
    severity: Severity::Medium,
    seeds: &["A.C1", "A.C3", "A.M1"],
    source: include_str!("stale_claim.rs"),
    ..Rule::project(AREA)
};
