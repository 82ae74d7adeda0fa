//! Protection that is off unless it is switched on, or off when it fails.
//!
//! Authentication, TLS and limits that have to be asked for are missing where the setting was forgotten,
//! where its name was mistyped, and where it could not be read: the service looks the same.
//!
//! ```rust,bad
//! async fn guard(State(state): State<App>, req: Request, next: Next) -> Response {
//!     if let Some(token) = &state.api_token {
//!         if bearer(&req) != Some(token) {
//!             return StatusCode::UNAUTHORIZED.into_response();
//!         }
//!     }
//!     next.run(req).await
//! }
//! ```
//!
//! Have it on, and let operators switch it off by a setting that says so:
//!
//! ```rust
//! async fn guard(State(state): State<App>, req: Request, next: Next) -> Response {
//!     if bearer(&req) != Some(&state.api_token) {
//!         return StatusCode::UNAUTHORIZED.into_response();
//!     }
//!     next.run(req).await
//! }
//! ```

mod guards;
mod switches;
#[cfg(test)]
mod tests;

use super::AREA;
use crate::analysis::{On, Query, Rule, Severity};
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "fail-open-default",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[636, 1188],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Node(&On(guards::check_presence::<ast::IfExpr>)),
        Query::Node(&On(guards::check_presence::<ast::MatchExpr>)),
        Query::Node(&On(guards::check_presence::<ast::LetStmt>)),
        Query::Method(&["unwrap_or"], guards::check_verdict),
        Query::Node(&On(switches::check_default)),
        Query::Node(&On(switches::check_struct)),
        Query::Method(
            &[
                "unwrap_or", "unwrap_or_default", "unwrap_or_else", "is_ok", "is_some", "map_or",
                "is_ok_and", "is_some_and",
            ],
            switches::check_variable,
        ),
    ],
    ..Rule::source(AREA)
};
