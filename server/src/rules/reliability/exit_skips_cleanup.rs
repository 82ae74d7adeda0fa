//! `process::exit` past values that clean up as they are dropped.
//!
//! `exit` ends the process on the spot: no destructor runs. Logs that a worker still holds are not
//! written, buffers are not flushed, spans and error reports are not sent, temporary folders stay.
//!
//! ```rust,bad
//! fn serve() {
//!     let (writer, _guard) = tracing_appender::non_blocking(std::io::stderr());
//!     tracing_subscriber::fmt().with_writer(writer).init();
//!     if let Err(error) = run() {
//!         tracing::error!(%error, "stopped");
//!         std::process::exit(1);
//!     }
//! }
//! ```
//!
//! Return the exit code:
//!
//! ```rust
//! fn serve() -> std::process::ExitCode {
//!     let (writer, _guard) = tracing_appender::non_blocking(std::io::stderr());
//!     tracing_subscriber::fmt().with_writer(writer).init();
//!     match run() {
//!         Ok(()) => std::process::ExitCode::SUCCESS,
//!         Err(error) => {
//!             tracing::error!(%error, "stopped");
//!             std::process::ExitCode::FAILURE
//!         }
//!     }
//! }
//! ```
//!
//! Reported where such a value is alive in the same function.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::paths::{callee, resolved_callee};
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "exit-skips-cleanup",
    severity: Severity::Medium,
    raised_when_critical: false,
    lowered_by_reach: false,
    source: include_str!("exit_skips_cleanup.rs"),
    queries: &[Query::Call(&["exit", "abort"], check)],
    ..Rule::source(AREA)
};

/// What makes a value whose `Drop` matters.
const MAKERS: &[(&str, &str)] = &[
    ("non_blocking(", "logs that are not written yet"),
    ("sentry::init(", "reports that are not sent yet"),
    ("BufWriter::", "what is in its buffer"),
    ("LineWriter::", "what is in its buffer"),
    ("GzEncoder::", "the end of its stream"),
    ("TempDir::", "a temporary folder"),
    ("tempdir(", "a temporary folder"),
    ("NamedTempFile::", "a temporary file"),
    ("tempfile::Builder", "a temporary folder"),
    (".entered()", "a span"),
    ("FlameLayer::", "samples that are not written yet"),
    ("ChromeLayerBuilder", "a trace that is not written yet"),
    ("init_tracer(", "spans that are not sent yet"),
    ("SdkTracerProvider", "spans that are not sent yet"),
    ("TracerProvider", "spans that are not sent yet"),
    ("EnterAlternateScreen", "the state of the terminal"),
    ("ratatui::init(", "the state of the terminal"),
    ("enable_raw_mode(", "the state of the terminal"),
    ("kill_on_drop", "a child process"),
    ("Pidfile::", "a lock file"),
    ("PidLock", "a lock file"),
];

fn check(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    let resolved = resolved_callee(cx, call).unwrap_or_default();
    let is_exit = path.ends_with("process::exit") || resolved == "std::process::exit";
    if !is_exit {
        return;
    }
    let node = call.syntax();
    let Some((name, what, at)) = alive(node, cx) else { return };
    let message = format!("`exit` skips the drop of `{name}`: {what}");
    let report = Report::new(node.text_range(), message)
        .related(at.text_range(), "it is made here")
        .confidence(Confidence::Likely);
    cx.report(node, report);
}

/// A value whose `Drop` matters and that is alive at `node`: its name, what is lost, and where it is
/// made.
fn alive(node: &SyntaxNode, cx: &Context<'_>) -> Option<(String, String, SyntaxNode)> {
    let mut below = node.clone();
    for ancestor in cx.ancestors(node) {
        if matches!(ancestor.kind(), SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR)
            || crate::semantics::execution::is_async_block(&ancestor)
        {
            return None;
        }
        if ancestor.kind() == SyntaxKind::STMT_LIST {
            let end = below.text_range().start();
            let lets = ancestor.children().filter_map(ast::LetStmt::cast);
            let before = lets.filter(|it| it.syntax().text_range().end() <= end);
            for statement in before {
                let Some((name, what)) = guard(&statement) else { continue };
                if !is_released(&name, &ancestor, end) {
                    return Some((name, what, statement.syntax().clone()));
                }
            }
        }
        below = ancestor;
    }
    None
}

/// The name that a statement gives to a value whose `Drop` matters, and what is lost without it.
fn guard(statement: &ast::LetStmt) -> Option<(String, String)> {
    let value = compact(statement.initializer()?.syntax());
    let pattern = statement.pat()?;
    let names: Vec<String> = pattern
        .syntax()
        .descendants()
        .filter_map(ast::IdentPat::cast)
        .filter_map(|it| Some(it.name()?.text().to_string()))
        .collect();
    // Of a pair the guard is the last one.
    let name = names.last()?.clone();
    let made = MAKERS.iter().find(|(maker, _)| value.contains(maker));
    if let Some((_, what)) = made {
        return Some((name, (*what).to_string()));
    }
    let is_guard =
        has_any_word(&name, &["guard"]) && !value.contains("lock") && !value.contains(".enter()");
    let of_logs = has_any_word(
        &value,
        &["tracing", "log", "logging", "telemetry", "sentry", "otel", "logger", "observability"],
    );
    (is_guard && of_logs).then(|| (name, "logs that are not written yet".to_string()))
}

/// Whether a value is dropped by hand between where it is made and `end`.
fn is_released(name: &str, list: &SyntaxNode, end: crate::text::TextSize) -> bool {
    let mut calls = list
        .descendants()
        .filter(|it| matches!(it.kind(), SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR));
    calls.any(|call| {
        let text = compact(&call);
        call.text_range().start() <= end + crate::text::TextSize::from(2000)
            && (text == format!("drop({name})")
                || text == format!("mem::drop({name})")
                || text == format!("std::mem::drop({name})")
                || text.starts_with(&format!("{name}.flush("))
                || text.starts_with(&format!("{name}.close("))
                || text.starts_with(&format!("{name}.shutdown(")))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn exits_past_guards_are_reported() {
        check(
            &RULE,
            r#"
fn main() {
    let (writer, _guard) = tracing_appender::non_blocking(appender);
    if let Err(error) = run() {
        error!(%error, "stopped");
        std::process::exit(1);
      //^^^^^^^^^^^^^^^^^^^^^ exit-skips-cleanup: `exit` skips the drop of `_guard`: logs that are not written yet
    }
}
fn work() {
    let folder = tempfile::tempdir()?;
    match build(folder.path()) {
        Ok(()) => {}
        Err(_) => process::exit(2),
                //^^^^^^^^^^^^^^^^ exit-skips-cleanup
    }
}
fn report(path: &Path) {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "a")?;
    std::process::exit(if failed { 1 } else { 0 });
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ exit-skips-cleanup
}
fn start() {
    let _guard = init_telemetry(&settings);
    let _sentry = sentry::init(options);
    std::process::exit(1);
  //^^^^^^^^^^^^^^^^^^^^^ exit-skips-cleanup
}
"#,
        );
    }

    #[test]
    fn exits_without_anything_to_drop_are_left_alone() {
        silent(
            &RULE,
            r#"
fn main() {
    let args = Args::parse();
    if args.list.is_empty() { std::process::exit(2); }
    let (writer, _guard) = tracing_appender::non_blocking(appender);
    let code = run();
    drop(_guard);
    std::process::exit(code);
}
fn inner() { { let folder = tempdir()?; use_it(folder); } std::process::exit(1); }
fn other() { let folder = tempdir()?; exit(1); }
fn on_signal() {
    let folder = tempdir()?;
    ctrlc::set_handler(move || std::process::exit(130));
}
"#,
        );
    }
}
