//! Network client without a timeout.
//!
//! When the peer accepts a connection and never answers, a call without a timeout waits forever. Each
//! waiting request holds its memory, its connection and its place in a queue, until the service that
//! waits fails as well.
//!
//! ```rust,bad
//! fn client() -> reqwest::Result<reqwest::Client> {
//!     reqwest::Client::builder().user_agent("orders").build()
//! }
//! ```
//!
//! Set how long a whole request may take:
//!
//! ```rust
//! fn client() -> reqwest::Result<reqwest::Client> {
//!     reqwest::Client::builder().user_agent("orders").timeout(Duration::from_secs(10)).build()
//! }
//! ```
//!
//! Clients that have a timeout by default are not reported: the blocking one of `reqwest` (30 s), `awc`
//! (5 s) and the pools of `sqlx` (30 s). The severity is medium in a server, and else low.
//!
//! Known problems: a timeout that every request sets for itself in another function is not seen.

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, On, Query, Report, Rule, Severity};
use crate::project::{OTHER_TIMEOUTS, SymbolIndex};
use crate::semantics::Reach;
use crate::semantics::calls::method_range;
use crate::semantics::clients::{
    Client, MAKERS, Peer, client_of_build, client_of_call, client_of_path, methods_on,
};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::green::any_token;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit, TextRange};

pub static RULE: Rule = Rule {
    id: "missing-timeout",
    severity: Severity::High,
    source: include_str!("missing_timeout.rs"),
    queries: &[
        Query::Call(MAKERS, check_call),
        Query::Method(&["build", "build_http"], check_build),
        Query::Method(&["disable_timeout"], check_disabled),
        Query::Node(&On(check_path)),
    ],
    raised_when_critical: false,
    lowered_by_reach: false,
    cwe: &[400],
    seeds: &["D.timeout", "C.abuse"],
    ..Rule::source(AREA)
};

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(client) = client_of_call(call, cx) else { return };
    if client.is_builder || !client.waits_forever {
        return;
    }
    let arguments = call.arg_list().map(|it| it.syntax().text().to_string()).unwrap_or_default();
    let is_local = arguments.contains("127.0.0.1") || arguments.contains("localhost");
    let is_limited = methods_on(call.syntax()).iter().any(|it| it.contains("timeout"));
    if is_limited || is_local && client.peer == Peer::Socket || arguments.contains("timeout") {
        return;
    }
    report(client, call.syntax(), call.syntax().text_range(), None, cx);
}

fn check_path(path: &ast::PathExpr, cx: &mut Context<'_>) {
    let is_argument = path.syntax().parent().is_some_and(|it| it.kind() == SyntaxKind::ARG_LIST);
    let last = path.path().and_then(|it| it.segment()).and_then(|it| it.name_ref());
    if !is_argument || !last.is_some_and(|it| matches!(it.text(), "new" | "default")) {
        return;
    }
    if let Some(client) = client_of_path(path, cx).filter(|it| it.waits_forever) {
        report(client, path.syntax(), path.syntax().text_range(), None, cx);
    }
}

fn check_build(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some((client, methods)) = client_of_build(call, cx) else { return };
    let is_limited = |it: &String| it.contains("timeout") && !OTHER_TIMEOUTS.contains(&it.as_str());
    if !client.waits_forever || methods.iter().any(is_limited) {
        return;
    }
    let before = call.receiver().map(|it| it.syntax().text_range().end());
    let takes_timeout = client.name == "reqwest::Client";
    // A chain of several lines goes on as it is laid out.
    let gap = call.receiver().and_then(|it| it.syntax().next_sibling_or_token());
    let gap = gap.filter(|it| it.kind() == SyntaxKind::WHITESPACE).map(|it| it.to_string());
    let insertion = before.filter(|_| takes_timeout);
    let insertion = insertion.map(|it| (TextRange::empty(it), gap.unwrap_or_default()));
    report(client, call.syntax(), call.syntax().text_range(), insertion, cx);
}

fn check_disabled(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if !cx.file().depends_on("awc") {
        return;
    }
    let message = "`disable_timeout` lets a peer that does not answer block the request forever";
    let range = method_range(call);
    cx.report(call.syntax(), Report::new(range, message).confidence(Confidence::Likely));
}

/// Reports a client, unless the function around limits the time in another way.
fn report(
    client: Client,
    node: &SyntaxNode,
    range: TextRange,
    insertion: Option<(TextRange, String)>,
    cx: &mut Context<'_>,
) {
    let around = cx
        .ancestors(node)
        .find(|it| matches!(it.kind(), SyntaxKind::FN | SyntaxKind::STATIC | SyntaxKind::CONST));
    let limits = |_: SyntaxKind, text: &str| {
        text.to_ascii_lowercase().contains("timeout") && !OTHER_TIMEOUTS.contains(&text)
            || matches!(text, "deadline" | "timeout_at")
    };
    let is_name = |kind: SyntaxKind, text: &str| kind == SyntaxKind::IDENT && limits(kind, text);
    let is_limited =
        |it: SyntaxNode| *cx.once("limits time", &it, || any_token(it.green(), &is_name));
    if around.is_some_and(is_limited) {
        return;
    }
    let message = match client.peer {
        Peer::Http => format!("`{}` has no timeout: a request may wait forever", client.name),
        Peer::Database => format!("`{}` has no timeout", client.name),
        Peer::Socket => "connecting has no timeout of its own".to_string(),
    };
    let insertion = insertion.map(|(at, gap)| (cx.file_range(at), gap));
    let duration = match cx.imports().path_of("Duration") {
        Some("std::time::Duration" | "core::time::Duration" | "tokio::time::Duration") => {
            "Duration"
        }
        _ => "std::time::Duration",
    };
    let path = cx.file().path.clone();
    let reach = cx.reach(node);
    // A browser's client knows no timeout.
    if ["wasm_bindgen", "web_sys", "worker"].iter().any(|it| cx.file().depends_on(it)) {
        return;
    }
    let package = cx.file().package.as_ref();
    let is_tool = package.is_some_and(|it| it.is_command_line() || it.is_developer_tool());
    for serves in [true, false] {
        let path = path.clone();
        let made = Report::new(range, message.clone()).confidence(Confidence::Likely);
        let made = match (serves, reach) {
            (_, Reach::OneShot) => made.lowered(Severity::Low, "in a one-shot command"),
            (true, Reach::StartUp) if client.peer == Peer::Socket => {
                made.lowered(Severity::Low, "at start-up")
            }
            _ if is_tool => made.severity(Severity::Low),
            (true, _) => made.severity(Severity::Medium),
            (false, _) => made.severity(Severity::Low),
        };
        let insertion = insertion.clone();
        let in_handler = reach == Reach::Handling;
        let made = made.when(move |symbols| {
            is_part_of_server(&path, symbols) == serves
                && (in_handler || !limits_time_elsewhere(&path, symbols))
        });
        cx.report(
            node,
            made.fix(move |fix| {
                let edit = insertion.map(|(at, gap): (FileRange, String)| {
                    TextEdit::replace(at, format!("{gap}.timeout({duration}::from_secs(30))"))
                });
                let title = "Set a timeout of 30 seconds";
                edit.map(|it| fix.here(title, Applicability::Suggested, vec![it]))
                    .into_iter()
                    .collect()
            }),
        );
    }
}

/// Whether some function of the same package limits how long something takes: it may be the request,
/// one layer up.
fn limits_time_elsewhere(path: &str, symbols: &SymbolIndex) -> bool {
    let files = symbols.files_beside(path).filter(|it| !symbols.is_test_file(it));
    let mut functions = files.flat_map(|it| symbols.functions_in(it));
    symbols.packages().owner(path).is_some() && functions.any(|it| it.facts.limits_time)
}

/// Whether the package of a file is a server, or a part of one.
fn is_part_of_server(path: &str, symbols: &SymbolIndex) -> bool {
    let packages = symbols.packages();
    let Some(own) = packages.owner(path) else { return false };
    let name = own.name.replace('-', "_");
    own.is_server() || packages.iter().any(|it| it.is_server() && it.depends_on(&name))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, silent};

    #[test]
    fn clients_without_a_timeout_are_reported() {
        check(
            &RULE,
            r#"
use reqwest::{Client, ClientBuilder};
fn a() -> Client {
    Client::new()
  //^^^^^^^^^^^^^ missing-timeout: `reqwest::Client` has no timeout: a request may wait forever
}
fn b() -> Self {
    Self { http: reqwest::Client::default() }
               //^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-timeout
}
fn c() -> reqwest::Result<Client> {
    ClientBuilder::new().connect_timeout(CONNECT).user_agent("a").build()
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-timeout
}
fn d() -> reqwest::Result<Client> {
    let mut builder = Client::builder();
    if let Some(proxy) = proxy() { builder = builder.proxy(proxy); }
    builder.build()
  //^^^^^^^^^^^^^^^ missing-timeout
}
async fn e(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
  //^^^^^^^^^^^^^^^^^ missing-timeout: `reqwest::get` has no timeout: a request may wait forever
}
static CLIENT: LazyLock<Client> = LazyLock::new(Client::new);
                                              //^^^^^^^^^^^ missing-timeout
static OTHER: Lazy<Client> = Lazy::new(|| Client::new());
                                        //^^^^^^^^^^^^^ missing-timeout
fn f() { ureq::get("https://a").call(); }
       //^^^^^^^^^^^^^^^^^^^^^^ missing-timeout
fn g() { let agent = ureq::Agent::new_with_defaults(); }
                   //~ missing-timeout
"#,
        );
        check(
            &RULE,
            r#"
use hyper_util::client::legacy::Client;
use tokio::net::TcpStream;
fn a() { Client::builder(TokioExecutor::new()).build(https()); }
       //~ missing-timeout
async fn b(addr: SocketAddr) { TcpStream::connect(addr).await; }
                             //^^^^^^^^^^^^^^^^^^^^^^^^ missing-timeout: connecting has no timeout of its own
async fn c(url: &str) { tokio_postgres::connect(url, NoTls).await; }
                      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-timeout
"#,
        );
    }

    #[test]
    fn limits_of_any_kind_count() {
        silent(
            &RULE,
            r#"
use reqwest::Client;
use tokio::net::TcpStream;
fn a() { Client::builder().timeout(LIMIT).build(); }
fn b() { Client::builder().read_timeout(LIMIT).build(); }
async fn c() { Client::new().get(URL).timeout(LIMIT).send().await; }
async fn d() { tokio::time::timeout(LIMIT, reqwest::get(URL)).await; }
fn e(timeout: Option<Duration>) {
    let mut builder = Client::builder();
    if let Some(timeout) = timeout { builder = builder.timeout(timeout); }
    builder.build();
}
async fn f() { timeout(LIMIT, TcpStream::connect(addr)).await; }
fn g() { ureq::AgentBuilder::new().timeout_read(LIMIT).build(); }
fn h() { ureq::get(URL).timeout(LIMIT).call(); }
async fn i() { tokio_postgres::connect("host=a connect_timeout=10", NoTls).await; }
async fn j() { TcpStream::connect("127.0.0.1:80").await; }
"#,
        );
    }

    #[test]
    fn defaults_of_libraries_are_known() {
        silent(
            &RULE,
            r#"
fn a() { reqwest::blocking::Client::new(); }
fn b() { awc::Client::default(); }
async fn c() { sqlx::PgPool::connect(URL).await; }
async fn d() { sqlx::postgres::PgPoolOptions::new().max_connections(5).connect(URL).await; }
"#,
        );
        // One of the workspace, one that wraps what was made.
        silent(
            &RULE,
            "use crate::http::Client;\nfn a() { Client::new(); Client::builder().build(); }",
        );
        // The request may be limited one layer up.
        silent(
            &RULE,
            r#"
//- src/lib.rs
mod send;
fn client() -> reqwest::Client { reqwest::Client::new() }
//- src/send.rs
async fn send(&self) { tokio::time::timeout(LIMIT, self.client.get(URL).send()).await; }
"#,
        );
        silent(&RULE, "#[test]\nfn a() { reqwest::Client::new(); }");
    }

    #[test]
    fn a_builder_gets_a_timeout() {
        check_fix(
            &RULE,
            "Set a timeout of 30 seconds",
            "use std::time::Duration;\nfn a() { reqwest::Client::builder().user_agent(\"a\").build(); }\n",
            "use std::time::Duration;\nfn a() { reqwest::Client::builder().user_agent(\"a\").timeout(Duration::from_secs(30)).build(); }\n",
        );
        check_fix(
            &RULE,
            "Set a timeout of 30 seconds",
            "fn a() {\n    reqwest::Client::builder()\n        .user_agent(\"a\")\n        .build()\n        .unwrap();\n}\n",
            "fn a() {\n    reqwest::Client::builder()\n        .user_agent(\"a\")\n        .timeout(std::time::Duration::from_secs(30))\n        .build()\n        .unwrap();\n}\n",
        );
    }
}
