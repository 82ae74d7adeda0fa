//! Value of a request that panics where it is not as expected.
//!
//! `parse().unwrap()` and `&text[..8]` are right for the input that the author had in mind. A client
//! sends another one, and the handler panics: the connection breaks without an answer, locks are
//! poisoned, and with `panic = "abort"` the process ends.
//!
//! ```rust,bad
//! use axum::extract::Path;
//!
//! async fn show(Path(id): Path<String>) -> String {
//!     let id: u64 = id.parse().unwrap();
//!     format!("item {id}")
//! }
//! ```
//!
//! Let the extractor check the type, or answer with an error:
//!
//! ```rust
//! use axum::extract::Path;
//!
//! async fn show(Path(id): Path<u64>) -> String {
//!     format!("item {id}")
//! }
//!
//! async fn prefix(Path(id): Path<String>) -> Result<String, StatusCode> {
//!     Ok(id.get(..8).ok_or(StatusCode::BAD_REQUEST)?.to_string())
//! }
//! ```

use super::AREA;
use crate::analysis::{Context, On, Query, Rule, Severity};
use crate::project::flow::{Kind, Outside};
use crate::rules::reached::{report, shown};
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "unvalidated-input",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[20],
    seeds: &["A.H2", "C.input", "E.4"],
    source: include_str!("unvalidated_input.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    let mut seen = Vec::new();
    for it in reached(function, cx, &[Kind::Panic]) {
        // One value that is not checked is one problem.
        if it.outside != Outside::Request || seen.contains(&it.name) {
            continue;
        }
        seen.push(it.name.clone());
        let name = shown(&it.name);
        let message = match it.sink.as_str() {
            "the index" => format!("this access panics if {name} is not as long as expected"),
            sink => format!("`{sink}` panics if {name} is not as expected"),
        };
        cx.report(&it.node, report(&it, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn panics_on_values_of_requests_are_found() {
        check(
            &RULE,
            r#"
async fn show(Path(id): Path<String>, Query(q): Query<HashMap<String, String>>) -> String {
    let number: u64 = id.parse().unwrap();
                               //^^^^^^^^ unvalidated-input: `unwrap` panics if `id` is not as expected
    let page = q.get("page").map(|it| it.as_str()).unwrap_or("1").parse::<usize>().expect("a page");
    //~ unvalidated-input
    String::new()
}
async fn uuid(req: HttpRequest, Json(body): Json<Body>) -> HttpResponse {
    let id = Uuid::parse_str(&body.id).unwrap();
                                     //^^^^^^^^ unvalidated-input: `unwrap` panics if `body.id` is not as expected
    let prefix = &body.token[..8];
                //^^^^^^^^^^^^^^^ unvalidated-input: this access panics if `body.token` is not as long as expected
    HttpResponse::Ok().finish()
}
async fn header(headers: HeaderMap) -> Response {
    let token = headers.get("authorization").unwrap().to_str().unwrap();
    //~ unvalidated-input
    todo()
}
async fn raw(State(state): State<App>, body: Bytes) -> Response {
    let event: Event = serde_json::from_slice(&body).unwrap();
    //~ unvalidated-input
    todo()
}
"#,
        );
    }

    #[test]
    fn checked_values_and_others_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn handled(Path(id): Path<String>, Json(body): Json<Body>) -> Result<String> {
    let id: u64 = id.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    let page = body.page.parse::<u32>().unwrap_or(1);
    if body.token.len() < 8 {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let prefix = &body.token[..8];
    let value = body.map["key"].clone();
    let all = &body.token[..];
    Ok(id.to_string())
}
fn start() -> SocketAddr {
    std::env::var("ADDR").unwrap().parse().unwrap()
}
async fn own(State(state): State<App>, Query(q): Query<Params>) -> String {
    let port: u16 = state.port.parse().unwrap();
    state.lock().unwrap().find(&q.term).unwrap()
}
"#,
        );
    }
}
