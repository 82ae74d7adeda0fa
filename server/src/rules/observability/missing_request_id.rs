//! Server without request ids or a trace layer.
//!
//! Log lines of requests that run at the same time are mixed. Without an id or a span around each
//! request it cannot be told which of them belong together, nor what a request did in another
//! service.
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
//! Give each request an id and a span:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! tower-http = { version = "0.6", features = ["request-id", "trace"] }
//! //- src/main.rs
//! async fn main() -> std::io::Result<()> {
//!     let app = Router::new()
//!         .route("/orders", get(orders))
//!         .layer(TraceLayer::new_for_http())
//!         .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
//!     let listener = TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, app).await
//! }
//! ```
//!
//! Known problems: ids that only a proxy writes to its own log are not seen.

use super::AREA;
use crate::analysis::{Confidence, ProjectContext, Report, Rule, Severity};
use crate::project::Indexed;
use crate::project::served::{SERVING_NAMES, SERVING_PATHS, SERVING_TEXTS, services};
use crate::syntax::names::words;

pub static RULE: Rule = Rule {
    id: "missing-request-id",
    severity: Severity::Low,
    source: include_str!("missing_request_id.rs"),
    indexed: &[
        SERVING_PATHS,
        SERVING_NAMES,
        SERVING_TEXTS,
        Indexed::Names(TRACING_NAMES),
        Indexed::Paths(&[
            ("warp", "trace"),
            ("warp", "log"),
            ("trace", "request"),
            ("trace", "named"),
        ]),
        Indexed::Texts(is_request_id),
    ],
    project: Some(check),
    seeds: &["D.6"],
    ..Rule::project(AREA)
};

/// Names in code that tells requests apart.
const TRACING_NAMES: &[&str] = &[
    "HttpMakeClassifier",
    "MakeRequestId",
    "MakeRequestUuid",
    "MakeSpan",
    "OtelAxumLayer",
    "OtelGrpcLayer",
    "PropagateRequestIdLayer",
    "RequestId",
    "RequestTracing",
    "SetRequestIdLayer",
    "Trace",
    "TraceContextPropagator",
    "TraceLayer",
    "TracingLogger",
    "correlation_id",
    "new_for_grpc",
    "new_for_http",
    "req_id",
    "request_id",
    "trace_fn",
    "trace_id",
];

/// Words of crates that give each request a span.
const CRATES: &[&str] = &[
    "actix_web_opentelemetry",
    "axum_tracing_opentelemetry",
    "opentelemetry_http",
    "rocket_tracing",
    "tonic_tracing_opentelemetry",
    "trillium_logger",
    "tower_request_id",
    "tracing_actix_web",
];

fn is_request_id(text: &str) -> bool {
    text.len() < 40
        && matches!(
            text.to_ascii_lowercase().replace('_', "-").as_str(),
            "x-request-id"
                | "request-id"
                | "x-correlation-id"
                | "correlation-id"
                | "traceparent"
                | "x-trace-id"
                | "trace-id"
                | "x-amzn-trace-id"
                | "x-cloud-trace-context"
        )
}

fn check(cx: &mut ProjectContext<'_>) {
    for service in services(cx) {
        let is_about = |name: &str| {
            let words: Vec<String> = words(name).collect();
            words.windows(2).any(|it| {
                matches!(it[0].as_str(), "request" | "correlation" | "trace" | "req")
                    && it[1] == "id"
            })
        };
        let traces = service.names(TRACING_NAMES)
            || service.names(&["trace", "log", "request", "named"])
            || service.texts().any(is_request_id)
            || service.depends(cx, |it| CRATES.contains(&it))
            || service.declares(cx, is_about);
        if !traces {
            let message = "no request ids: log lines of the same request cannot be told apart";
            let report = Report::new(service.range, message).confidence(Confidence::Likely);
            cx.report(service.path, report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, program, silent};

    #[test]
    fn servers_without_ids_or_spans_are_reported() {
        check(
            &RULE,
            &program(
                "axum = \"0.8\"\ntracing = \"0.1\"",
                r#"
async fn main() {
    let app = Router::new().route("/", get(index)).layer(CompressionLayer::new());
                    //^^^ missing-request-id: no request ids: log lines of the same request cannot be told apart
    axum::serve(listener, app).await.unwrap();
}
"#,
            ),
        );
        for (dependencies, main) in [
            (
                "actix-web = \"4\"",
                "async fn main() {\n    HttpServer::new(|| App::new().wrap(Logger::default())).run().await;\n    //~ missing-request-id\n}\n",
            ),
            (
                "tonic = \"0.12\"",
                "async fn main() {\n    Server::builder().add_service(a).serve(addr).await;\n    //~ missing-request-id\n}\n",
            ),
            (
                "salvo = \"0.7\"",
                "async fn main() {\n    Server::new(acceptor).serve(router).await;\n    //~ missing-request-id\n}\n",
            ),
        ] {
            check(&RULE, &program(dependencies, main));
        }
    }

    #[test]
    fn ids_spans_and_layers_count() {
        for (dependencies, app) in [
            ("axum = \"0.8\"", "app.layer(TraceLayer::new_for_http())"),
            ("axum = \"0.8\"", "app.layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))"),
            ("axum = \"0.8\"", "app.layer(from_fn(set_header(\"X-Request-ID\")))"),
            ("axum = \"0.8\"\ntracing-actix-web = \"0.7\"", "app"),
            ("axum = \"0.8\"", "app.with(warp::trace::request())"),
        ] {
            let main = format!("async fn main() {{ axum::serve(listener, {app}).await; }}");
            silent(&RULE, &program(dependencies, &main));
        }
        silent(
            &RULE,
            &program(
                "axum = \"0.8\"",
                "async fn main() { axum::serve(l, a).await; }\nfn request_id(r: &Request) {}",
            ),
        );
    }

    #[test]
    fn programs_that_serve_nothing_are_left_alone() {
        silent(&RULE, &program("axum = \"0.8\"", "fn main() { router(); }"));
    }
}
