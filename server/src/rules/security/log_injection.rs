//! Text of a request in a log line, with its line breaks.
//!
//! A client that sends `\n` writes lines of its own into a log of plain text: entries that never
//! happened, or escape sequences for the terminal of whoever reads it.
//!
//! ```rust,bad
//! use axum::extract::Path;
//!
//! async fn find(Path(name): Path<String>) {
//!     tracing::info!("looking for {name}");
//! }
//! ```
//!
//! `?` and `{:?}` escape control characters:
//!
//! ```rust
//! use axum::extract::Path;
//!
//! async fn find(Path(name): Path<String>) {
//!     tracing::info!("looking for {name:?}");
//! }
//! ```
//!
//! Only a possible finding: a logger that writes JSON escapes as well, and which one is installed is
//! not known here.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Rule, Severity};
use crate::project::flow::{Kind, Outside};
use crate::rules::reached::{report, shown};
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "log-injection",
    severity: Severity::Low,
    raised_when_critical: false,
    cwe: &[117],
    seeds: &["C.logging"],
    source: include_str!("log_injection.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::Log]) {
        if it.outside != Outside::Request {
            continue;
        }
        let message = format!("{} is written to the log with its line breaks", shown(&it.name));
        cx.report(&it.node, report(&it, message).confidence(Confidence::Possible));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn text_of_requests_in_log_lines_is_found() {
        check(
            &RULE,
            r#"
async fn find(Path(name): Path<String>, Query(q): Query<Params>, headers: HeaderMap) {
    info!("looking for {name}");
        //^^^^^^^^^^^^^^^^^^^^ log-injection: `name` is written to the log with its line breaks
    tracing::warn!("no {}", q.term.trim());
    //~ log-injection
    log::error!("agent {}", headers.get("user-agent").unwrap().to_str().unwrap());
    //~ log-injection
    let text = format!("found {}", name);
    debug!("{}", text);
    //~ log-injection
}
"#,
        );
    }

    #[test]
    fn escaped_text_and_numbers_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn find(Path(id): Path<u64>, Query(q): Query<Params>) {
    info!("looking for {id}");
    info!("looking for {:?}", q.term);
    info!("{q:?}");
    info!("{}", q.term.len());
}
fn other(name: &str) {
    info!("looking for {name}");
}
"#,
        );
    }
}
