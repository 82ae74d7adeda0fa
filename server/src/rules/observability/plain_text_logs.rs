//! Server whose logs are plain text.
//!
//! Logs of a service are searched by machines. In plain text the fields of an event are parts of a
//! sentence: a query for one request or one user needs a pattern for each message, and breaks when the
//! message is reworded.
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
//! async fn main() {
//!     tracing_subscriber::fmt().init();
//! }
//! ```
//!
//! Write one object a line, at least where the service runs:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! async fn main() {
//!     tracing_subscriber::fmt().json().init();
//! }
//! ```
//!
//! Known problems: a format that a function of another package chooses is not seen.

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, Query, Report, Rule, Severity};
use crate::project::{Role, SymbolIndex};
use crate::semantics::clients::methods_on;
use crate::semantics::paths::resolved_callee;
use crate::syntax::ast;
use crate::syntax::green::any_token;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "plain-text-logs",
    severity: Severity::Low,
    source: include_str!("plain_text_logs.rs"),
    queries: &[Query::Call(&["fmt", "init", "layer", "try_init"], check)],
    raised_when_critical: false,
    lowered_by_reach: false,
    seeds: &["D.6", "E.13"],
    ..Rule::source(AREA)
};

/// Crates that write logs as objects, or send them elsewhere.
const STRUCTURED: &[&str] = &[
    "json_subscriber",
    "opentelemetry_appender_tracing",
    "sentry_tracing",
    "tracing_bunyan_formatter",
    "tracing_ecs",
    "tracing_elastic_apm",
    "tracing_gelf",
    "tracing_journald",
    "tracing_log_json",
    "tracing_logstash",
    "tracing_loki",
    "tracing_stackdriver",
    "structured_logger",
    "json_env_logger",
    "ecs_logger",
];

/// Words in a function that writes its logs in another form than text, or lets a setting choose.
const FORM_WORDS: &[&str] = &[
    "bunyan", "ecs", "format", "gelf", "journald", "json", "logfmt", "loki", "otel", "otlp",
    "stackdriver", "structured", "syslog",
];

fn check(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let is_tool = cx.file().package.as_ref().is_some_and(|it| it.is_developer_tool());
    if !cx.file().in_server() || cx.file().role != Role::Bin || is_tool {
        return;
    }
    let Some(path) = resolved_callee(cx, call) else { return };
    let (what, is_builder) = match path.as_str() {
        "tracing_subscriber::fmt" | "tracing_subscriber::fmt::fmt" => {
            ("tracing_subscriber::fmt", true)
        }
        "tracing_subscriber::fmt::layer" | "tracing_subscriber::fmt::Layer::new" => {
            ("tracing_subscriber::fmt::layer", true)
        }
        "tracing_subscriber::fmt::init" | "tracing_subscriber::fmt::try_init" => {
            ("tracing_subscriber::fmt::init", false)
        }
        "env_logger::init" | "env_logger::try_init" => ("env_logger", false),
        "pretty_env_logger::init" => ("pretty_env_logger", false),
        _ => return,
    };
    let writes_form = |kind: SyntaxKind, text: &str| {
        matches!(kind, SyntaxKind::IDENT | SyntaxKind::STRING) && has_any_word(text, FORM_WORDS)
    };
    let function = cx.function(call.syntax());
    let chooses = function.is_some_and(|it| any_token(it.syntax().green(), &writes_form));
    if chooses
        || STRUCTURED.iter().any(|it| cx.file().depends_on(it))
        || is_for_tool(call.syntax(), cx)
    {
        return;
    }
    let message = format!("`{what}` writes plain text: fields of events cannot be queried");
    let has_feature =
        is_builder && !methods_on(call.syntax()).iter().any(|it| it == "pretty" || it == "compact");
    let end = cx.file_range(call.syntax().text_range()).end();
    let path = cx.file().path.clone();
    let report = Report::new(call.syntax().text_range(), message)
        .confidence(Confidence::Likely)
        .when(move |symbols| is_of_server(&path, symbols));
    cx.report(
        call.syntax(),
        report.fix(move |fix| {
            let manifest =
                fix.file.package.as_ref().and_then(|it| fix.view.toml_of(&it.manifest()));
            let features = manifest.as_ref().and_then(|it| {
                it.get("dependencies")?.get("tracing-subscriber")?.get("features")?.as_array()
            });
            let has_json =
                features.is_some_and(|it| it.iter().any(|it| it.as_str() == Some("json")));
            let edit = TextEdit::replace(FileRange::empty(end), ".json()");
            let fix = fix.here("Write logs as JSON", Applicability::Suggested, vec![edit]);
            if has_feature && has_json { vec![fix] } else { Vec::new() }
        }),
    );
}

/// Whether the program of a file is not one beside the server.
fn is_of_server(path: &str, symbols: &SymbolIndex) -> bool {
    let Some((_, program)) = path.rsplit_once("src/bin/") else { return true };
    has_any_word(program, &["daemon", "server", "service", "web"])
        || symbols.functions_in(path).any(|it| it.facts.serves)
}

/// Whether the program is one for the command line beside the server.
fn is_for_tool(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let path = &cx.file().path;
    let words = ["cli", "ctl", "client", "migrate", "migration", "tool", "admin"];
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
    has_any_word(stem, &words) || crate::semantics::commands::is_in_arm(cx, node)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, program, silent};

    fn server(code: &str) -> String {
        program("axum = \"0.8\"", code)
    }

    #[test]
    fn plain_subscribers_of_servers_are_reported() {
        check(
            &RULE,
            &server(
                r#"
use tracing_subscriber::{fmt, prelude::*};
fn a() { tracing_subscriber::fmt::init(); }
       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ plain-text-logs: `tracing_subscriber::fmt::init` writes plain text: fields of events cannot be queried
fn b() { tracing_subscriber::fmt().with_env_filter(filter()).init(); }
       //^^^^^^^^^^^^^^^^^^^^^^^^^ plain-text-logs
fn c() { tracing_subscriber::registry().with(fmt::layer()).init(); }
                                           //^^^^^^^^^^^^ plain-text-logs
fn d() { env_logger::init(); }
       //^^^^^^^^^^^^^^^^^^ plain-text-logs: `env_logger` writes plain text: fields of events cannot be queried
"#,
            ),
        );
    }

    #[test]
    fn json_and_a_choice_count() {
        silent(
            &RULE,
            &server(
                r#"
fn a() { tracing_subscriber::fmt().json().init(); }
fn b(json: bool) {
    if json { tracing_subscriber::fmt().json().init() } else { tracing_subscriber::fmt::init() }
}
fn c() { match env("LOG_FORMAT") { _ => tracing_subscriber::fmt::init() } }
fn d() { tracing_subscriber::fmt().event_format(Json::new()).init(); }
"#,
            ),
        );
        let other = server("fn a() { tracing_subscriber::fmt::init(); }");
        silent(
            &RULE,
            &other.replace("axum = \"0.8\"", "axum = \"0.8\"\ntracing-stackdriver = \"1\""),
        );
    }

    #[test]
    fn programs_that_serve_nothing_are_left_alone() {
        let code = "fn main() { tracing_subscriber::fmt::init(); }";
        silent(&RULE, &server(code).replace("axum", "clap"));
        silent(&RULE, &server(code).replace("src/main.rs", "src/bin/api_client.rs"));
        silent(&RULE, &server(code).replace("src/main.rs", "examples/a.rs"));
    }

    #[test]
    fn the_format_is_changed_where_the_feature_is_on() {
        let with = |code: &str| {
            server(code).replace(
                "axum = \"0.8\"",
                "axum = \"0.8\"\ntracing-subscriber = { version = \"0.3\", features = [\"json\"] }",
            )
        };
        check_fix(
            &RULE,
            "Write logs as JSON",
            &with("fn main() { tracing_subscriber::fmt().with_target(false).init(); }\n"),
            "//- src/main.rs\nfn main() { tracing_subscriber::fmt().json().with_target(false).init(); }\n",
        );
    }
}
