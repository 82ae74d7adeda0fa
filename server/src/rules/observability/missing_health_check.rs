//! Server without a health route.
//!
//! Orchestrators and load balancers ask a health route whether an instance may receive traffic. If
//! there is none they look at the port, which stays open while the process hangs or has lost its
//! database, and requests are sent to an instance that fails them.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! async fn main() -> std::io::Result<()> {
//!     let app = Router::new().route("/orders", get(orders));
//!     let listener = TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, app).await
//! }
//! ```
//!
//! Add a route that checks what the service cannot work without:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! sqlx = "0.8"
//! //- src/main.rs
//! async fn main() -> std::io::Result<()> {
//!     let app = Router::new().route("/orders", get(orders)).route("/healthz", get(healthz));
//!     let listener = TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, app).await
//! }
//!
//! async fn healthz(State(pool): State<PgPool>) -> StatusCode {
//!     match sqlx::query("SELECT 1").execute(&pool).await {
//!         Ok(_) => StatusCode::OK,
//!         Err(_) => StatusCode::SERVICE_UNAVAILABLE,
//!     }
//! }
//! ```
//!
//! A health route that always answers the same is low, in services that have a database or the like.
//! Routes for liveness are meant to check nothing and are not reported.
//!
//! Known problems: a route whose path is put together at run time, or that is configured in a proxy,
//! is not seen.

use super::AREA;
use crate::analysis::{Confidence, Context, On, ProjectContext, Query, Report, Rule, Severity};
use crate::project::served::{SERVING_NAMES, SERVING_PATHS, SERVING_TEXTS, services};
use crate::project::{Indexed, is_log_macro};
use crate::semantics::Reach;
use crate::semantics::paths::{callee, last_segment};
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::attrs;
use crate::syntax::fragment::macro_name;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "missing-health-check",
    source: include_str!("missing_health_check.rs"),
    queries: &[Query::Node(&On(check_handler))],
    indexed: &[SERVING_PATHS, SERVING_NAMES, SERVING_TEXTS, Indexed::Texts(is_health_path)],
    project: Some(check),
    lowered_by_reach: false,
    raised_when_critical: false,
    seeds: &["E.19"],
    ..Rule::source(AREA)
};

/// Words of paths, functions and types that tell how a service is.
const HEALTH_WORDS: &[&str] = &[
    "alive", "health", "healthcheck", "healthchecks", "healthy", "healthz", "heartbeat",
    "lbheartbeat", "live", "liveness", "livez", "ping", "readiness", "readyz", "status", "uptime",
    "up",
];

/// Words of functions and types, where `status` and `up` are about other things.
const HEALTH_ITEMS: &[&str] = &[
    "health", "healthcheck", "healthchecks", "healthy", "healthz", "heartbeat", "liveness",
    "livez", "readiness", "readyz",
];

/// Clients of what a service depends on.
const STORES: &[&str] = &[
    "bb8", "clickhouse", "deadpool_postgres", "deadpool_redis", "diesel", "diesel_async", "fred",
    "lapin", "mongodb", "mysql_async", "r2d2", "rdkafka", "redis", "rusqlite", "scylla", "sea_orm",
    "sqlx", "surrealdb", "tokio_postgres",
];

/// Whether a string may be the path of a health route.
fn is_health_path(text: &str) -> bool {
    let is_path = text.len() < 80 && !text.contains(|c: char| c.is_whitespace());
    let Some(last) = text.rsplit('/').find(|it| !it.is_empty()).filter(|_| is_path) else {
        return false;
    };
    let is_short = text.starts_with('/') || last.len() == text.len();
    let is_ready = last.eq_ignore_ascii_case("ready") && text.starts_with('/');
    is_short && (is_ready || has_any_word(last, HEALTH_WORDS))
}

fn check(cx: &mut ProjectContext<'_>) {
    for service in services(cx) {
        // A word by itself is a path only where it is joined to others.
        let has_route = service.texts().any(|it| {
            is_health_path(it) && (it.starts_with('/') || has_any_word(it, HEALTH_ITEMS))
        });
        let is_about_health = |name: &str| has_any_word(name, HEALTH_ITEMS);
        if has_route
            || service.declares(cx, is_about_health)
            || service.depends(cx, |it| it.contains("health"))
        {
            continue;
        }
        let message = match service.is_rpc {
            true => "no health service: the RPC server does not say whether it can serve",
            false => "no health route: the server does not say whether it can serve",
        };
        let report = Report::new(service.range, message).confidence(Confidence::Likely);
        cx.report(service.path, report);
    }
}

/// A handler of a health route that always answers the same.
fn check_handler(function: &ast::Fn, cx: &mut Context<'_>) {
    let Some(name) = function.name() else { return };
    let mut named = words(name.text());
    let is_health = matches!(
        name.text(),
        "health" | "healthz" | "healthcheck" | "readiness" | "readyz" | "ready" | "get_health"
    ) || named.next().as_deref() == Some("health")
        && named.next().is_none_or(|it| matches!(it.as_str(), "check" | "handler" | "route"))
        || name.text() == "readiness_check";
    let Some(body) = function.body().filter(|_| is_health) else { return };
    let is_method = function.param_list().is_some_and(|it| it.self_param().is_some());
    let has_store = STORES.iter().any(|it| cx.file().depends_on(it));
    if is_method || !has_store || !cx.file().in_server() || !is_constant(body.syntax()) {
        return;
    }
    let is_handler = function.async_token().is_some()
        || cx.reach(body.syntax()) == Reach::Handling
        || attrs(function.syntax()).next().is_some();
    if is_handler {
        let message = format!("health route `{}` always answers the same", name.text());
        let report = Report::new(name.syntax().text_range(), message)
            .note("an instance that has lost its database still receives traffic")
            .severity(Severity::Low)
            .confidence(Confidence::Likely);
        cx.report(function.syntax(), report);
    }
}

/// Whether a body asks nobody: it makes an answer of literals and constants.
fn is_constant(body: &SyntaxNode) -> bool {
    const MAKERS: &[&str] = &[
        "body", "content_type", "finish", "insert_header", "into_response", "json", "new", "text",
        "to_string", "into", "to_owned",
    ];
    body.descendants().all(|node| match node.kind() {
        SyntaxKind::AWAIT_EXPR
        | SyntaxKind::TRY_EXPR
        | SyntaxKind::IF_EXPR
        | SyntaxKind::MATCH_EXPR
        | SyntaxKind::FIELD_EXPR => false,
        SyntaxKind::METHOD_CALL_EXPR => ast::MethodCallExpr::cast(node)
            .and_then(|it| it.name_ref())
            .is_some_and(|it| MAKERS.contains(&it.text())),
        SyntaxKind::CALL_EXPR => {
            let callee = ast::CallExpr::cast(node).and_then(|it| callee(&it));
            let last = callee.as_deref().map(last_segment);
            last.is_some_and(|it| it.starts_with(char::is_uppercase) || MAKERS.contains(&it))
        }
        SyntaxKind::MACRO_CALL => macro_name(&node).is_some_and(|it| {
            let text = node.text().to_string().replace("env!(", "");
            it == "json" && text.matches('(').count() < 2 || is_log_macro(&it)
        }),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, program, silent};

    #[test]
    fn servers_without_a_health_route_are_reported_where_their_router_is_built() {
        check(
            &RULE,
            &program(
                "axum = \"0.8\"",
                r#"
use axum::{routing::get, Router};
#[tokio::main]
async fn main() {
    let app = Router::new()
                    //^^^ missing-health-check: no health route: the server does not say whether it can serve
        .route("/orders", get(orders));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:80").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "actix-web = \"4\"",
                r#"
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| App::new().service(orders)).bind(("0.0.0.0", 80))?.run().await
              //^^^ missing-health-check
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "tonic = \"0.12\"",
                r#"
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Server::builder()
          //^^^^^^^ missing-health-check: no health service: the RPC server does not say whether it can serve
        .add_service(OrdersServer::new(orders)).serve(addr).await?;
    Ok(())
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "warp = \"0.3\"",
                r#"
async fn main() {
    warp::serve(orders).run(([0, 0, 0, 0], 80)).await;
        //^^^^^ missing-health-check
}
"#,
            ),
        );
    }

    #[test]
    fn a_router_of_another_file_is_where_the_route_belongs() {
        check(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "api"
edition = "2024"
[dependencies]
axum = "0.8"
//- src/routes.rs
pub fn router() -> Router {
    Router::new().route("/orders", get(orders))
          //^^^ missing-health-check
}
//- src/main.rs
mod routes;
use axum::serve;
async fn main() {
    serve(listener, routes::router()).await.unwrap();
}
"#,
        );
    }

    #[test]
    fn any_kind_of_health_route_counts() {
        let serve = "async fn main() { axum::serve(listener, app).await; }";
        for route in [
            r#"fn r() -> Router { Router::new().route("/healthz", get(h)) }"#,
            r#"fn r() -> Router { Router::new().route("/api/v1/ready", get(h)) }"#,
            r#"fn r() -> Router { Router::new().route("/ping", get(h)) }"#,
            r#"const PATH: &str = "/_status";"#,
            "async fn health_check() -> StatusCode { probe().await }",
            r#"#[get("/health")] async fn h() -> HttpResponse { probe().await }"#,
        ] {
            silent(&RULE, &program("axum = \"0.8\"", &format!("{route}\n{serve}")));
        }
        let rpc = r#"
async fn main() { Server::builder().add_service(health_service).add_service(a).serve(addr).await; }"#;
        silent(&RULE, &program("tonic = \"0.12\"\ntonic-health = \"0.12\"", rpc));
    }

    #[test]
    fn what_serves_no_service_is_left_alone() {
        // A library, a mock, the metrics endpoint, a callback, a test, a tool for development.
        let serve = "async fn run() { axum::serve(listener, app).await; }";
        silent(&RULE, &program("axum = \"0.8\"", serve).replace("src/main.rs", "src/lib.rs"));
        for (path, function) in [
            ("src/metrics.rs", "run"),
            ("src/a.rs", "serve_metrics"),
            ("src/oauth.rs", "wait_for_callback"),
            ("src/a.rs", "start_mock_server"),
            ("tests/a.rs", "run"),
        ] {
            let serve = serve.replace("run", function);
            silent(
                &RULE,
                &program("axum = \"0.8\"", &format!("fn main() {{}}\n//- {path}\n{serve}\n")),
            );
        }
        silent(&RULE, &program("axum = \"0.8\"\nclap = \"4\"\nnotify = \"8\"", serve));
        silent(
            &RULE,
            &program("axum = \"0.8\"", "fn main() { serve(config); }\nfn serve(c: C) {}"),
        );
    }

    #[test]
    fn a_health_route_that_checks_nothing_is_low() {
        check(
            &RULE,
            &program(
                "axum = \"0.8\"\nsqlx = \"0.8\"",
                r#"
async fn main() { axum::serve(listener, Router::new().route("/health", get(health))).await; }
async fn health() -> &'static str {
       //^^^^^^ missing-health-check: health route `health` always answers the same
    "OK"
}
async fn readyz() -> impl IntoResponse {
       //^^^^^^ missing-health-check
    (StatusCode::OK, Json(json!({ "status": "ok" })))
}
async fn livez() -> StatusCode { StatusCode::OK }
"#,
            ),
        );
        for (dependencies, body) in [
            ("sqlx = \"0.8\"", "pool.acquire().await.map(|_| \"OK\")"),
            ("sqlx = \"0.8\"", "if is_ready() { StatusCode::OK } else { StatusCode::GONE }"),
            ("", "\"OK\""),
        ] {
            silent(
                &RULE,
                &program(
                    &format!("axum = \"0.8\"\n{dependencies}"),
                    &format!("async fn health() -> R {{ {body} }}"),
                ),
            );
        }
    }
}
