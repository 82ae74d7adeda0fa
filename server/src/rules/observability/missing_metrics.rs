//! Server without metrics.
//!
//! Without counts and durations of requests, errors and queues nobody sees that a service gets
//! slower or fails more often before its users say so, and no alert can be made of it.
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
//! Export metrics, of every request and of what the service is about:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! axum-prometheus = "0.8"
//! //- src/main.rs
//! async fn main() -> std::io::Result<()> {
//!     let (metrics, handle) = PrometheusMetricLayer::pair();
//!     let app = Router::new()
//!         .route("/orders", get(orders))
//!         .route("/metrics", get(|| async move { handle.render() }))
//!         .layer(metrics);
//!     let listener = TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, app).await
//! }
//! ```
//!
//! Known problems: metrics that a sidecar or a service mesh takes are not seen.

use super::AREA;
use crate::analysis::{Confidence, ProjectContext, Report, Rule};
use crate::project::Indexed;
use crate::project::served::{SERVING_NAMES, SERVING_PATHS, SERVING_TEXTS, services};
use crate::syntax::names::has_any_word;

pub static RULE: Rule = Rule {
    id: "missing-metrics",
    source: include_str!("missing_metrics.rs"),
    indexed: &[SERVING_PATHS, SERVING_NAMES, SERVING_TEXTS, Indexed::Texts(is_metrics_path)],
    project: Some(check),
    seeds: &["A.L2", "D.6", "C.phase6"],
    ..Rule::project(AREA)
};

/// Words in the names of crates that export metrics.
const CRATE_WORDS: &[&str] = &[
    "autometrics", "cadence", "dogstatsd", "foundations", "hdrhistogram", "influxdb", "influxdb2",
    "lightstep", "measured", "metered", "metrics", "newrelic", "opentelemetry", "otel",
    "prometheus", "prom", "statsd",
];

fn is_metrics_path(text: &str) -> bool {
    text.len() < 60 && text.starts_with('/') && has_any_word(text, &["metrics", "prometheus"])
}

fn check(cx: &mut ProjectContext<'_>) {
    for service in services(cx) {
        let is_measured = service.texts().any(is_metrics_path)
            || service.depends(cx, |it| has_any_word(it, CRATE_WORDS))
            || service.declares(cx, |it| has_any_word(it, &["metric", "metrics", "prometheus"]));
        if !is_measured {
            let message =
                "no metrics: the server exports no counts of requests, errors and latency";
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
    fn servers_without_metrics_are_reported() {
        check(
            &RULE,
            &program(
                "axum = \"0.7\"",
                r#"
async fn main() {
    let app = Router::new().route("/", get(index));
                    //^^^ missing-metrics: no metrics: the server exports no counts of requests, errors and latency
    axum::serve(listener, app).await.unwrap();
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "axum = \"0.6\"",
                r#"
async fn main() {
    axum::Server::bind(&addr).serve(router.into_make_service()).await.unwrap();
                //^^^^ missing-metrics
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "poem = \"3\"",
                r#"
async fn main() -> Result<(), std::io::Error> {
    Server::new(TcpListener::bind("0.0.0.0:3000")).run(app).await
    //~ missing-metrics
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "hyper = \"1\"\nhyper-util = \"0.1\"",
                r#"
async fn main() {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(hello)).await;
        //~ missing-metrics
    }
}
"#,
            ),
        );
    }

    #[test]
    fn any_metrics_count() {
        let serve = "async fn main() { axum::serve(listener, app).await; }";
        for dependency in [
            "metrics = \"0.24\"",
            "prometheus = \"0.14\"",
            "opentelemetry-otlp = \"0.30\"",
            "axum-prometheus = \"0.8\"",
            "cadence = \"1\"",
            "actix-web-prom = \"0.9\"",
        ] {
            silent(&RULE, &program(&format!("axum = \"0.8\"\n{dependency}"), serve));
        }
        silent(
            &RULE,
            &program("axum = \"0.8\"", &format!("{serve}\nstruct RequestMetrics {{ count: u64 }}")),
        );
    }

    #[test]
    fn metrics_of_another_package_of_the_service_count() {
        silent(
            &RULE,
            &format!(
                "{}//- telemetry/Cargo.toml\n[package]\nname = \"telemetry\"\n[dependencies]\nprometheus = \"0.14\"\n//- telemetry/src/lib.rs\n\n",
                program(
                    "axum = \"0.8\"\ntelemetry = { path = \"telemetry\" }",
                    "async fn main() { axum::serve(listener, app).await; }\n"
                )
            ),
        );
    }

    #[test]
    fn what_does_not_serve_is_left_alone() {
        silent(&RULE, &program("axum = \"0.8\"", "fn main() {}"));
        silent(
            &RULE,
            &program("axum = \"0.8\"", "fn main() {}\n#[test]\nfn t() { axum::serve(l, a); }"),
        );
    }
}
