//! Client, pool or connection that is built for each request.
//!
//! Connecting takes several round trips, and more with TLS. A client that is made for one request
//! throws its pool of connections away behind it: requests get slower, and under load the service runs
//! out of ports, or the database out of connections.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "shop"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! async fn prices(State(app): State<App>) -> Result<Json<Prices>, Error> {
//!     let client = reqwest::Client::builder().timeout(app.limit).build()?;
//!     Ok(Json(client.get(&app.url).send().await?.json().await?))
//! }
//! ```
//!
//! Make it once, and share it. Clients and pools are cheap to clone:
//!
//! ```rust
//! async fn prices(State(app): State<App>) -> Result<Json<Prices>, Error> {
//!     Ok(Json(app.client.get(&app.url).send().await?.json().await?))
//! }
//! ```
//!
//! Known problems: a helper that connects, and is called for each request, is found only where it is
//! async and uses the client itself.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::clients::{
    Client, MAKERS, Peer, client_of_build, client_of_call, methods_on,
};
use crate::semantics::{NodeContext, Reach};
use crate::syntax::ast::{self, HasName};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "connection-per-call",
    source: include_str!("connection_per_call.rs"),
    queries: &[
        Query::Call(MAKERS, check_call),
        Query::Method(
            &["build", "build_http", "connect", "connect_with", "connect_lazy"],
            check_build,
        ),
        Query::Method(CONNECTING, check_connecting),
    ],
    raised_when_critical: false,
    cwe: &[400],
    seeds: &["E.12"],
    ..Rule::source(AREA)
};

/// Methods of a client of Redis that connect.
const CONNECTING: &[&str] = &[
    "get_async_connection",
    "get_multiplexed_async_connection",
    "get_multiplexed_tokio_connection",
    "get_tokio_connection",
];

/// First words of functions that make what is kept.
const MAKING: &[&str] = &[
    "boot", "build", "connect", "create", "default", "from", "get", "init", "initialize", "into",
    "launch", "main", "make", "new", "open", "reconnect", "run", "serve", "setup", "spawn",
    "start", "try", "with",
];

/// Methods that send a request right away.
const SENDING: &[&str] =
    &["delete", "execute", "get", "head", "patch", "post", "put", "query", "request"];

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(client) = client_of_call(call, cx).filter(|it| !it.is_builder) else { return };
    report(client, call.syntax(), call.syntax().text_range(), cx);
}

fn check_build(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some((client, _)) = client_of_build(call, cx) else { return };
    let connects = call.name_ref().is_some_and(|it| it.text().starts_with("connect"));
    if connects == (client.peer == Peer::Database) {
        report(client, call.syntax(), call.syntax().text_range(), cx);
    }
}

fn check_connecting(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if !cx.file().depends_on("redis") {
        return;
    }
    let client = Client {
        name: "redis::Client",
        peer: Peer::Database,
        waits_forever: false,
        is_builder: false,
        pools: true,
    };
    report(client, call.syntax(), call.syntax().text_range(), cx);
}

fn report(client: Client, node: &SyntaxNode, range: TextRange, cx: &mut Context<'_>) {
    if !client.pools {
        return;
    }
    let place = if cx.reach(node) == Reach::Handling && !is_kept(cx, node) {
        "for each request"
    } else if is_in_loop(client, node, cx) {
        "in a loop"
    } else if is_used_up(client, node, cx) {
        "for each call"
    } else {
        return;
    };
    let what = match client.peer {
        Peer::Http => "its pool of connections is not reused",
        Peer::Database | Peer::Socket => "it connects anew each time",
    };
    let message = format!("`{}` is made {place}: {what}", client.name);
    let severity = if place == "for each call" { Severity::Low } else { Severity::Medium };
    let report = Report::new(range, message).severity(severity);
    cx.report(node, report.confidence(Confidence::Likely));
}

/// Whether what a node makes is kept for the next time: a closure that runs once, or a cell, makes it.
fn is_kept(cx: &NodeContext<'_>, node: &SyntaxNode) -> bool {
    let mut around = cx.ancestors(node).take_while(|it| it.kind() != SyntaxKind::FN);
    around.any(|it| {
        matches!(it.kind(), SyntaxKind::STATIC | SyntaxKind::CONST)
            || ast::MethodCallExpr::cast(it).and_then(|it| it.name_ref()).is_some_and(|it| {
                let name = it.text();
                name.contains("or_init")
                    || name.contains("or_try_init")
                    || name.contains("or_insert")
            })
    })
}

/// Whether a client is made anew in every round of a loop. A connection that is opened in a loop
/// without an end, or until something holds, is one that was lost.
fn is_in_loop(client: Client, node: &SyntaxNode, cx: &NodeContext<'_>) -> bool {
    let around = cx.ancestors(node).take_while(|it| {
        !matches!(it.kind(), SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR) && !is_spawned(it)
    });
    let mut inner = node.clone();
    for around in around {
        let is_head = |it: Option<SyntaxNode>| it.is_some_and(|it| it == inner);
        let found = match around.kind() {
            SyntaxKind::FOR_EXPR => {
                let head = ast::ForExpr::cast(around.clone()).and_then(|it| it.iterable());
                let header = head.as_ref().map(|it| it.syntax().text().to_string());
                // `for attempt in 0..RETRIES`
                let retries = header.is_some_and(|it| it.contains(".."));
                let is_inside = !is_head(head.map(|it| it.syntax().clone()));
                is_inside && (client.peer == Peer::Http || !retries)
            }
            SyntaxKind::WHILE_EXPR | SyntaxKind::LOOP_EXPR => {
                client.peer == Peer::Http
                    && client.name != "reqwest::get"
                    && !has_inner_loop(&around)
            }
            _ => false,
        };
        if found {
            return !is_kept(cx, node) && !is_assigned(node);
        }
        inner = around;
    }
    false
}

/// Whether what is made replaces what a variable or a field holds: it is made anew on a condition.
fn is_assigned(node: &SyntaxNode) -> bool {
    let mut around = node.ancestors().take_while(|it| it.kind() != SyntaxKind::STMT_LIST);
    around.any(|it| {
        ast::BinExpr::cast(it)
            .is_some_and(|it| matches!(it.op_kind(), Some(ast::BinaryOp::Assignment { .. })))
    })
}

fn has_inner_loop(node: &SyntaxNode) -> bool {
    node.descendants().skip(1).any(|it| {
        matches!(it.kind(), SyntaxKind::LOOP_EXPR | SyntaxKind::WHILE_EXPR | SyntaxKind::FOR_EXPR)
    })
}

fn is_spawned(node: &SyntaxNode) -> bool {
    node.kind() == SyntaxKind::BLOCK_EXPR && crate::semantics::execution::is_async_block(node)
}

/// Whether an async function of a server makes a client of HTTP, sends a request with it and lets it
/// go.
fn is_used_up(client: Client, node: &SyntaxNode, cx: &NodeContext<'_>) -> bool {
    if client.peer != Peer::Http || cx.reach(node) != Reach::Serving || !cx.file().in_server() {
        return false;
    }
    let Some(function) = cx.function(node).filter(|it| it.async_token().is_some()) else {
        return false;
    };
    let name = function.name().map(|it| it.text().to_string()).unwrap_or_default();
    let makes = words(&name).next().is_some_and(|it| MAKING.contains(&it.as_str()));
    if makes && !name.starts_with("get_") || is_kept(cx, node) {
        return false;
    }
    let sends = |methods: &[String]| methods.iter().any(|it| SENDING.contains(&it.as_str()));
    if sends(&methods_on(node)) {
        return true;
    }
    let statement = node.ancestors().find_map(ast::LetStmt::cast);
    let Some(ast::Pat::IdentPat(pat)) = statement.and_then(|it| it.pat()) else { return false };
    let Some(variable) = pat.name() else { return false };
    let uses = function.syntax().descendants().filter_map(ast::NameRef::cast);
    let uses: Vec<ast::NameRef> = uses.filter(|it| it.text() == variable.text()).collect();
    // Every use of it sends a request: it is given to nothing that keeps it.
    !uses.is_empty()
        && uses.iter().all(|it| {
            let path = it.syntax().ancestors().find_map(ast::PathExpr::cast);
            path.is_some_and(|it| sends(&methods_on(it.syntax())))
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, program, silent};

    fn server(code: &str) -> String {
        program("axum = \"0.8\"\nredis = \"1\"", code)
    }

    #[test]
    fn what_is_made_for_each_request_is_reported() {
        check(
            &RULE,
            &server(
                r#"
async fn a(State(app): State<App>) -> Response {
    let client = reqwest::Client::new();
               //^^^^^^^^^^^^^^^^^^^^^^ connection-per-call: `reqwest::Client` is made for each request: its pool of connections is not reused
    client.get(app.url).send().await
}
async fn b(Path(id): Path<u64>, Extension(url): Extension<String>) -> Response {
    let pool = sqlx::PgPool::connect(&url).await?;
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^ connection-per-call: `sqlx::Pool` is made for each request: it connects anew each time
}
async fn c(Json(order): Json<Order>) -> Response {
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(URL).await?;
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ connection-per-call
}
async fn d(State(app): State<App>) -> Response {
    let mut connection = app.redis.get_multiplexed_async_connection().await?;
                       //~ connection-per-call
}
async fn notify(url: &str) -> reqwest::Result<()> {
    let client = reqwest::Client::builder().timeout(LIMIT).build()?;
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ connection-per-call: `reqwest::Client` is made for each call: its pool of connections is not reused
    client.post(url).send().await?;
    Ok(())
}
async fn price(url: &str) -> f64 {
    reqwest::Client::new().get(url).send().await
  //^^^^^^^^^^^^^^^^^^^^^^ connection-per-call
}
fn rows(urls: &[String]) {
    for url in urls {
        let connection = rusqlite::Connection::open(url);
                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ connection-per-call: `rusqlite::Connection` is made in a loop: it connects anew each time
    }
}
async fn work(mut jobs: Receiver<Job>) {
    while let Some(job) = jobs.recv().await {
        let client = reqwest::Client::new();
                   //^^^^^^^^^^^^^^^^^^^^^^ connection-per-call
        client.post(job.url).send().await;
    }
}
"#,
            ),
        );
    }

    #[test]
    fn what_is_kept_is_left_alone() {
        silent(
            &RULE,
            &server(
                r#"
static CLIENT: LazyLock<Client> = LazyLock::new(|| reqwest::Client::new());
fn new(url: String) -> Self { Self { url, client: reqwest::Client::new() } }
async fn main() {
    let client = reqwest::Client::new();
    let pool = sqlx::PgPool::connect(URL).await;
    client.get(URL).send().await;
}
async fn a(State(app): State<App>) -> Response {
    app.client.get(app.url).send().await
}
async fn b(State(app): State<App>) -> Response {
    let client = app.cell.get_or_init(|| reqwest::Client::new());
}
async fn worker(url: String) {
    let client = reqwest::Client::new();
    let api = Api::new(client, url);
    loop { api.poll().await; }
}
async fn c() {
    loop {
        match sqlx::PgPool::connect(URL).await { Ok(pool) => return pool, Err(_) => wait().await }
    }
}
async fn d() {
    for attempt in 0..5 {
        if let Ok(pool) = sqlx::PgPool::connect(URL).await { return pool; }
    }
}
"#,
            ),
        );
    }

    #[test]
    fn programs_that_end_and_tests_are_left_alone() {
        silent(
            &RULE,
            "async fn fetch(url: &str) { let c = reqwest::Client::new(); c.get(url).send().await; }",
        );
        silent(&RULE, &server("#[test]\nfn t() { for a in b { reqwest::Client::new(); } }"));
    }
}
