//! Redirect whose target a request chooses.
//!
//! A link to the server's own address leads to a page of an attacker: users trust the address they
//! see, and after a login the target may get the code or the token in its URL.
//!
//! ```rust,bad
//! use axum::{extract::Query, response::Redirect};
//!
//! async fn after_login(Query(query): Query<Login>) -> Redirect {
//!     Redirect::to(&query.next)
//! }
//! ```
//!
//! Redirect to paths of the server's own only. `//host` is the address of another host:
//!
//! ```rust
//! use axum::{extract::Query, response::Redirect};
//!
//! async fn after_login(Query(query): Query<Login>) -> Redirect {
//!     match query.next.starts_with('/') && !query.next.starts_with("//") {
//!         true => Redirect::to(&query.next),
//!         false => Redirect::to("/"),
//!     }
//! }
//! ```
//!
//! Known problems: any `starts_with` counts as a check.

use super::AREA;
use crate::analysis::{Context, On, Query, Rule};
use crate::project::flow::Kind;
use crate::rules::reached::{report, shown};
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "open-redirect",
    raised_when_critical: false,
    cwe: &[601],
    source: include_str!("open_redirect.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::Redirect]) {
        let name = shown(&it.name);
        let message = match it.through_helper {
            true => format!("{name} decides where `{}` redirects to", it.sink),
            false => format!("{name} decides where the client is redirected to"),
        };
        cx.report(&it.node, report(&it, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn targets_of_requests_are_found() {
        check(
            &RULE,
            r#"
async fn axum(Query(q): Query<Params>) -> Redirect {
    Redirect::to(&q.return_to)
  //^^^^^^^^^^^^^^^^^^^^^^^^^^ open-redirect: `q.return_to` decides where the client is redirected to
}
async fn with_default(Form(form): Form<Params>) -> impl IntoResponse {
    let target = form.next.unwrap_or_else(|| "/".to_string());
    Redirect::temporary(target.as_str())
    //~ open-redirect
}
async fn actix(query: web::Query<Params>) -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, query.url.clone())).finish()
    //~ open-redirect
}
async fn header(Query(q): Query<HashMap<String, String>>) -> Response {
    let to = q.get("to").unwrap();
    Response::builder().status(302).header("Location", to).body(Body::empty()).unwrap()
    //~ open-redirect
}
#[get("/go?<url>")]
fn rocket(url: String) -> Redirect {
    Redirect::to(url)
    //~ open-redirect
}
"#,
        );
    }

    #[test]
    fn own_paths_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn path(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/users/{id}"))
}
async fn video(Path(id): Path<String>, State(state): State<App>) -> Redirect {
    let url = match state.find().await {
        Some(known) => known.url(),
        None => format!("https://video.example.com/watch/{id}/playlist.m3u8"),
    };
    Redirect::to(&url)
}
async fn own(State(state): State<App>, Query(q): Query<Params>) -> Redirect {
    Redirect::to(&format!("{}/login?next={}", state.base_url, q.next))
}
async fn checked(Query(q): Query<Params>) -> Redirect {
    if is_safe_redirect(&q.next) { Redirect::to(&q.next) } else { Redirect::to("/") }
}
async fn registered(Query(q): Query<Params>, State(state): State<App>) -> Result<Redirect> {
    if !state.client.redirect_uris.contains(&q.redirect_uri) {
        return Err(Error::BadRequest);
    }
    Ok(Redirect::to(&q.redirect_uri))
}
"#,
        );
    }
}
