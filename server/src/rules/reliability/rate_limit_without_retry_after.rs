//! Answer 429 without `Retry-After`.
//!
//! A client that is refused by a rate limit does not know when it may come again. It tries at once, and
//! is refused again.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/limit.rs
//! async fn limit(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
//!     if !limiter.allows(&request) {
//!         return StatusCode::TOO_MANY_REQUESTS.into_response();
//!     }
//!     next.run(request).await
//! }
//! ```
//!
//! Say when:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/limit.rs
//! async fn limit(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
//!     if let Err(wait) = limiter.allows(&request) {
//!         let after = [(RETRY_AFTER, wait.as_secs().to_string())];
//!         return (StatusCode::TOO_MANY_REQUESTS, after).into_response();
//!     }
//!     next.run(request).await
//! }
//! ```
//!
//! Known problems: a header that a layer adds to all answers of a kind is not seen.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::syntax::ast;
use crate::syntax::fragment::macro_name;
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "rate-limit-without-retry-after",
    severity: Severity::Low,
    seeds: &["D.7"],
    source: include_str!("rate_limit_without_retry_after.rs"),
    queries: &[Query::Node(&On(check_status)), Query::Call(&["TooManyRequests"], check_response)],
    raised_when_critical: false,
    ..Rule::source(AREA)
};

/// `StatusCode::TOO_MANY_REQUESTS`
fn check_status(path: &ast::PathExpr, cx: &mut Context<'_>) {
    let last = path.path().and_then(|it| it.segment()).and_then(|it| it.name_ref());
    // A variant of that name may be of any enum.
    let text = compact(path.syntax());
    let of_status = text.rsplit("::").nth(1).is_some_and(|it| it.ends_with("Status"));
    let is_status = last.is_some_and(|it| {
        it.text() == "TOO_MANY_REQUESTS" || it.text() == "TooManyRequests" && of_status
    });
    let is_callee = path.syntax().parent().is_some_and(|it| it.kind() == SyntaxKind::CALL_EXPR);
    if is_status && !is_callee && !is_compared(path.syntax(), cx) {
        report(path.syntax(), path.syntax().text_range(), cx);
    }
}

/// `HttpResponse::TooManyRequests()`
fn check_response(call: &ast::CallExpr, cx: &mut Context<'_>) {
    report(call.syntax(), call.syntax().text_range(), cx);
}

/// Whether a status is not answered but looked for: that of the answer of another service.
fn is_compared(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let Some(parent) = node.parent() else { return true };
    match parent.kind() {
        SyntaxKind::BIN_EXPR | SyntaxKind::ARRAY_EXPR | SyntaxKind::CONST | SyntaxKind::STATIC => {
            true
        }
        SyntaxKind::ARG_LIST => {
            let call = parent.parent().and_then(ast::MethodCallExpr::cast);
            let name = call.and_then(|it| it.name_ref()).map(|it| it.text().to_string());
            name.is_some_and(|it| matches!(it.as_str(), "contains" | "eq" | "is_some_and" | "ne"))
        }
        _ => cx.ancestors(node).filter(|it| it.kind() == SyntaxKind::MACRO_CALL).any(|it| {
            macro_name(&it).is_some_and(|it| it == "matches" || it.starts_with("assert"))
        }),
    }
}

fn report(node: &SyntaxNode, range: TextRange, cx: &mut Context<'_>) {
    if !cx.file().in_server() {
        return;
    }
    let Some(function) = cx.function(node) else { return };
    // What only names the status leaves the headers to its caller.
    let returned = function.ret_type().and_then(|it| it.ty()).map(|it| compact(it.syntax()));
    if returned.is_some_and(|it| it.ends_with("StatusCode") && !it.contains('<') || it == "u16") {
        return;
    }
    let tells = cx.once("tells when to retry", function.syntax(), || {
        any_token(function.syntax().green(), &|kind, text: &str| {
            let lower = text.to_ascii_lowercase().replace('_', "-");
            matches!(kind, SyntaxKind::IDENT | SyntaxKind::STRING)
                && (lower.contains("retry-after")
                    || lower.contains("retryafter")
                    || lower.contains("x-ratelimit"))
        })
    });
    if !*tells {
        let message = "answers 429 without `Retry-After`: clients cannot tell when to come again";
        cx.report(node, Report::new(range, message).confidence(Confidence::Likely));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, program, silent};

    fn server(code: &str) -> String {
        program("axum = \"0.8\"", code)
    }

    #[test]
    fn answers_without_the_header_are_reported() {
        check(
            &RULE,
            &server(
                r#"
async fn a(request: Request, next: Next) -> Result<Response, StatusCode> {
    if is_over() { return Err(StatusCode::TOO_MANY_REQUESTS); }
                            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rate-limit-without-retry-after: answers 429 without `Retry-After`: clients cannot tell when to come again
    Ok(next.run(request).await)
}
fn b() -> Response { (StatusCode::TOO_MANY_REQUESTS, "slow down").into_response() }
                    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rate-limit-without-retry-after
fn c() -> HttpResponse { HttpResponse::TooManyRequests().finish() }
                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rate-limit-without-retry-after
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match self { Error::Limited => StatusCode::TOO_MANY_REQUESTS, _ => StatusCode::OK };
                                                  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rate-limit-without-retry-after
        status.into_response()
    }
}
fn d() -> Status { Err(Status::TooManyRequests) }
                     //^^^^^^^^^^^^^^^^^^^^^^^ rate-limit-without-retry-after
"#,
            ),
        );
    }

    #[test]
    fn the_header_in_any_form_counts() {
        silent(
            &RULE,
            &server(
                r#"
fn a() -> Response { (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")]).into_response() }
fn b() -> HttpResponse { HttpResponse::TooManyRequests().insert_header(("Retry-After", "1")).finish() }
fn c() -> Response { Response::builder().status(StatusCode::TOO_MANY_REQUESTS).header("x-ratelimit-reset", 1) }
fn d(error: &Error) -> StatusCode { match error { Error::Limited => StatusCode::TOO_MANY_REQUESTS } }
"#,
            ),
        );
    }

    #[test]
    fn answers_of_others_are_left_alone() {
        silent(
            &RULE,
            &server(
                r#"
fn a(response: &Response) -> bool { response.status() == StatusCode::TOO_MANY_REQUESTS }
fn b(status: StatusCode) -> bool { matches!(status, StatusCode::TOO_MANY_REQUESTS) }
fn c(status: StatusCode) { match status { StatusCode::TOO_MANY_REQUESTS => wait(), _ => {} } }
fn d(status: StatusCode) -> bool { [StatusCode::TOO_MANY_REQUESTS].contains(&status) }
"#,
            ),
        );
        silent(&RULE, "fn a() -> R { Err(StatusCode::TOO_MANY_REQUESTS) }");
    }
}
