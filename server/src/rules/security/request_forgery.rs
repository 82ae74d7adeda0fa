//! Outgoing request whose host a client chooses.
//!
//! The server can reach what its clients cannot: the metadata service of the cloud, databases and
//! consoles of the internal network. A client that names the URL of a request (SSRF) reaches them
//! through the server, with its address and its credentials.
//!
//! ```rust,bad
//! use axum::Json;
//!
//! async fn import(Json(body): Json<Import>) -> Result<String, reqwest::Error> {
//!     reqwest::get(&body.url).await?.text().await
//! }
//! ```
//!
//! Let clients choose among hosts that are allowed:
//!
//! ```rust
//! use axum::Json;
//!
//! async fn import(Json(body): Json<Import>) -> Result<String, Error> {
//!     let url = reqwest::Url::parse(&body.url)?;
//!     if !ALLOWED_HOSTS.contains(&url.host_str().unwrap_or_default()) {
//!         return Err(Error::BadRequest);
//!     }
//!     Ok(reqwest::get(url).await?.text().await?)
//! }
//! ```
//!
//! Where any host has to be possible, as with webhooks, resolve the name first, refuse private and
//! link-local addresses, connect to the address that was tested, and follow no redirects.
//!
//! Known problems: what is put behind the host of a URL is not reported.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Rule, Severity};
use crate::project::flow::Kind;
use crate::rules::reached::{report, shown};
use crate::semantics::body_words::has_words;
use crate::semantics::flow::reached;
use crate::syntax::{AstNode, ast};

pub static RULE: Rule = Rule {
    id: "request-forgery",
    severity: Severity::High,
    raised_when_critical: false,
    cwe: &[918],
    source: include_str!("request_forgery.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// Words of functions that look at where a request goes.
const CHECKING_WORDS: &[&str] =
    &["allow", "allowed", "allowlist", "allows", "blocked", "denied", "permitted", "whitelist"];

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    let found = reached(function, cx, &[Kind::Host]);
    // An address that is looked up in a list of allowed ones may be told there.
    if found.is_empty() || has_words(function.syntax().green(), CHECKING_WORDS) {
        return;
    }
    for it in found {
        let name = shown(&it.name);
        let message = match it.through_helper {
            true => format!("{name} decides which host `{}` sends a request to", it.sink),
            false => format!("{name} decides which host a request is sent to"),
        };
        let found = report(&it, message);
        // What a function of its own does with the value may be a look-up.
        cx.report(
            &it.node,
            if it.through_helper { found.confidence(Confidence::Possible) } else { found },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn hosts_of_requests_are_found() {
        check(
            &RULE,
            r#"
async fn direct(Query(q): Query<Params>) -> Result<String> {
    Ok(reqwest::get(&q.url).await?.text().await?)
     //^^^^^^^^^^^^^^^^^^^^ request-forgery: `q.url` decides which host a request is sent to
}
async fn with_client(State(state): State<App>, Json(hook): Json<Hook>) -> Result<()> {
    state.client.post(hook.callback_url.as_str()).json(&event).send().await?;
    //~ request-forgery
    let url = format!("http://{}/status", hook.host);
    let answer = state.client.get(&url).send().await?;
    //~ request-forgery
    let target = Url::parse(&hook.target)?;
    state.client.request(Method::GET, target).send().await?;
    //~ request-forgery
    Ok(())
}
async fn actix(body: web::Json<Hook>) -> HttpResponse {
    let client = reqwest::Client::new();
    let url: Url = body.url.parse().unwrap();
    let answer = client.get(url).send().await;
    //~ request-forgery
    HttpResponse::Ok().finish()
}
async fn by_helper(Form(form): Form<Hook>) -> Result<String> {
    fetch(&form.url).await
  //^^^^^^^^^^^^^^^^ request-forgery: `form.url` decides which host `fetch` sends a request to
}
async fn fetch(url: &str) -> Result<String> {
    Ok(reqwest::get(url).await?.text().await?)
}
#[derive(Deserialize)]
struct Params { url: String }
"#,
        );
    }

    #[test]
    fn paths_and_checked_hosts_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn path(Path(user): Path<String>, State(state): State<App>) -> Result<String> {
    reqwest::get(format!("https://api.github.com/users/{user}")).await?;
    state.client.get(format!("{}/users/{}", state.base_url, user)).send().await?;
    state.client.get(&state.url).query(&[("user", &user)]).send().await?;
    Ok(String::new())
}
async fn listed(Json(body): Json<Body>, hosts: &Hosts) -> Result<String> {
    let url = Url::parse(&body.url)?;
    hosts.check_allowed(&url)?;
    Ok(reqwest::get(url).await?.text().await?)
}
async fn allowed(Json(body): Json<Body>) -> Result<String> {
    let url = Url::parse(&body.url)?;
    if !ALLOWED.contains(&url.host_str().unwrap_or_default()) {
        return Err(Error::BadRequest);
    }
    reqwest::get(url).await?;
    if !body.other.starts_with("https://api.example.com/") {
        return Err(Error::BadRequest);
    }
    reqwest::get(&body.other).await?;
    ensure_public_host(&body.third).await?;
    Ok(reqwest::get(&body.third).await?.text().await?)
}
async fn cache(Path(key): Path<String>, State(state): State<App>) -> Option<String> {
    let value = state.cache.get(&key)?;
    state.map.insert(key, value);
    None
}
"#,
        );
    }
}
