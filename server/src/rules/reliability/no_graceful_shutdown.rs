//! Server that stops without finishing its requests.
//!
//! Each deployment and each restart sends the process a signal. Without a handler it ends at once:
//! requests that are under way fail, and what was read from a queue or written half is lost.
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
//!     let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, router()).await
//! }
//! ```
//!
//! Stop accepting when the signal comes, and end when all requests are answered:
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
//! async fn main() -> std::io::Result<()> {
//!     let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, router()).with_graceful_shutdown(shutdown_signal()).await
//! }
//! ```
//!
//! `actix-web` and `rocket` do this by themselves and are not reported, nor are packages that handle a
//! signal anywhere.
//!
//! Known problems: a signal that is handled in another package is not seen.

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, Fix, FixContext, Query, Report, Rule};
use crate::project::{Role, SymbolIndex};
use crate::semantics::calls::{argument_count, call_range};
use crate::semantics::clients::methods_on;
use crate::semantics::expressions::chain_root;
use crate::semantics::paths::resolved_callee;
use crate::syntax::ast::{self, HasName};
use crate::syntax::green::any_token;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "no-graceful-shutdown",
    source: include_str!("no_graceful_shutdown.rs"),
    queries: &[
        Query::Call(&["serve"], check_serve),
        Query::Method(&["serve", "run", "bind"], check_method),
        Query::Method(&["accept"], check_accept),
    ],
    raised_when_critical: false,
    lowered_by_reach: false,
    seeds: &["C.transport"],
    ..Rule::source(AREA)
};

/// Words in a function that takes care of how it ends.
const STOPPING_WORDS: &[&str] = &[
    "abort", "cancel", "cancellation", "cancelled", "ctrl", "drain", "graceful", "quit",
    "shutdown", "sigint", "sigterm", "signal", "stop", "stopped", "terminate", "unbind",
];

/// Words of functions and files that serve something beside the service.
const SIDE_WORDS: &[&str] = &[
    "callback", "dummy", "fake", "metrics", "mock", "oauth", "preview", "prometheus", "redirect",
    "test", "tests",
];

fn check_serve(call: &ast::CallExpr, cx: &mut Context<'_>) {
    // The server of warp is what `run` and `bind` start.
    if resolved_callee(cx, call).as_deref() == Some("axum::serve")
        && !stops(&methods_on(call.syntax()))
    {
        report("`axum::serve`", &call.clone().into(), true, cx);
    }
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(receiver) = call.receiver() else { return };
    let ast::Expr::CallExpr(root) = chain_root(&receiver) else { return };
    let Some(path) = resolved_callee(cx, &root) else { return };
    let method = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    let what = match (path.as_str(), method.as_str()) {
        ("warp::serve", "run" | "bind") => "the server of `warp`",
        (
            "tonic::transport::Server::builder" | "tonic::transport::server::Server::builder",
            "serve",
        ) => "the server of `tonic`",
        ("hyper::Server::bind" | "hyper::server::Server::bind" | "axum::Server::bind", "serve") => {
            "the server of `hyper`"
        }
        ("axum_server::bind" | "axum_server::bind_rustls" | "axum_server::from_tcp", "serve") => {
            "`axum_server`"
        }
        _ => return,
    };
    let before = crate::semantics::clients::chain_methods(&receiver);
    if !stops(&before) && !stops(&methods_on(call.syntax())) {
        report(what, &call.clone().into(), false, cx);
    }
}

/// A loop in `main` that accepts connections.
fn check_accept(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if argument_count(call) != 0 || cx.file().role != Role::Bin {
        return;
    }
    let around = call.syntax().ancestors().take_while(|it| it.kind() != SyntaxKind::FN);
    let in_loop = around
        .filter(|it| matches!(it.kind(), SyntaxKind::LOOP_EXPR | SyntaxKind::WHILE_EXPR))
        .count()
        > 0;
    let is_main = cx.function(call.syntax()).and_then(|it| it.name());
    let is_socket = call.receiver().is_some_and(|it| {
        has_any_word(&it.syntax().text().to_string(), &["listener", "server", "socket", "acceptor"])
    });
    if in_loop && is_socket && is_main.is_some_and(|it| it.text() == "main") {
        report("the loop that accepts connections", &call.clone().into(), false, cx);
    }
}

/// Whether one of the methods of a chain stops the server in order.
fn stops(methods: &[String]) -> bool {
    methods.iter().any(|it| it.contains("shutdown") || it == "handle")
}

fn report(what: &str, call: &ast::Expr, is_axum: bool, cx: &mut Context<'_>) {
    let node = call.syntax();
    let Some(function) = cx.function(node) else { return };
    let name = function.name().map(|it| it.text().to_string()).unwrap_or_default();
    let cares = |kind: SyntaxKind, text: &str| {
        kind == SyntaxKind::IDENT && has_any_word(text, STOPPING_WORDS)
    };
    let is_side = has_any_word(&name, SIDE_WORDS)
        || cx.file().path.split('/').any(|it| has_any_word(it.trim_end_matches(".rs"), SIDE_WORDS));
    if is_side || any_token(function.syntax().green(), &cares) {
        return;
    }
    let message = format!("{what} stops without finishing its requests: no shutdown signal");
    let path = cx.file().path.clone();
    let end = cx.file_range(node.text_range()).end();
    let in_macro = cx.in_macro();
    let report = Report::new(call_range(call), message)
        .confidence(Confidence::Likely)
        .when(move |symbols| is_run(&path, symbols) && !handles_signals(&path, symbols));
    cx.report(
        node,
        report.fix(move |fix| {
            let fix = if is_axum && !in_macro { with_signal(fix, end) } else { None };
            fix.into_iter().collect()
        }),
    );
}

/// Whether a program runs the code of a file: its package has one, or is no library for others.
fn is_run(path: &str, symbols: &SymbolIndex) -> bool {
    let packages = symbols.packages();
    packages.owner(path).is_none_or(|own| {
        if own.is_developer_tool() {
            return false;
        }
        let name = own.name.replace('-', "_");
        let uses = packages.iter().any(|it| it.has_program && it.depends_on(&name));
        own.has_program || uses && !own.published
    })
}

/// Whether a function of the same package waits for a signal, or stops a server in order.
fn handles_signals(path: &str, symbols: &SymbolIndex) -> bool {
    symbols.files_beside(path).any(|file| symbols.functions_in(file).any(|it| it.facts.stops))
}

/// What completes when the process is asked to stop.
const SIGNAL: &str = "
/// Completes when the process is asked to stop.
async fn shutdown_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
";

/// Has `axum::serve`, whose call ends at a place, wait for a signal, where tokio can.
fn with_signal(fix: &FixContext<'_>, end: TextSize) -> Option<Fix> {
    let package = fix.file.package.as_ref()?;
    let manifest = fix.view.toml_of(&package.manifest())?;
    let tokio = manifest.get("dependencies")?.get("tokio")?;
    let features = tokio.get("features").and_then(toml::Value::as_array)?;
    let has = |name: &str| features.iter().any(|it| it.as_str() == Some(name));
    let is_declared = any_token(fix.view.root.green(), &|_, text: &str| text == "shutdown_signal");
    if is_declared || !(has("full") || has("signal") && has("macros")) {
        return None;
    }
    let bottom = bottom_of(fix.view.root);
    let edits = vec![
        TextEdit::replace(FileRange::empty(end), ".with_graceful_shutdown(shutdown_signal())"),
        TextEdit::replace(FileRange::empty(bottom), SIGNAL),
    ];
    let title = "Wait for a signal with `with_graceful_shutdown`";
    Some(fix.here(title, Applicability::Suggested, edits))
}

/// The end of the file, or of its last item before its tests.
fn bottom_of(root: &SyntaxNode) -> TextSize {
    let tests = root.children().filter_map(ast::Module::cast);
    let mut tests = tests.filter(|it| crate::syntax::attrs::marks_test_code(it.syntax()));
    let end = match tests.next().and_then(|it| it.syntax().prev_sibling()) {
        Some(item) => item.text_range().end(),
        None => root.text_range().end(),
    };
    FileRange::in_file_tree(crate::text::TextRange::empty(end)).start()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, program, silent};

    #[test]
    fn servers_without_a_signal_are_reported() {
        check(
            &RULE,
            &program(
                "axum = \"0.8\"",
                r#"
use axum::serve;
async fn main() {
    axum::serve(listener, app).await.unwrap();
  //^^^^^^^^^^^^^^^^^^^^^^^^^^ no-graceful-shutdown: `axum::serve` stops without finishing its requests: no shutdown signal
}
async fn b() { serve(listener, app.into_make_service()).await }
             //~ no-graceful-shutdown
async fn c() { tokio::spawn(async move { axum::serve(listener, app).await }); }
                                       //~ no-graceful-shutdown
"#,
            ),
        );
        for (dependencies, code) in [
            (
                "warp = \"0.3\"",
                "async fn main() {\n    warp::serve(routes).run(([0, 0, 0, 0], 80)).await;\n    //~ no-graceful-shutdown: the server of `warp` stops without finishing its requests: no shutdown signal\n}\n",
            ),
            (
                "tonic = \"0.12\"",
                "use tonic::transport::Server;\nasync fn main() {\n    Server::builder().add_service(a).serve(addr).await;\n    //~ no-graceful-shutdown\n}\n",
            ),
            (
                "axum = \"0.6\"",
                "async fn main() {\n    axum::Server::bind(&addr).serve(app.into_make_service()).await;\n    //~ no-graceful-shutdown\n}\n",
            ),
            (
                "axum-server = \"0.7\"",
                "async fn main() {\n    axum_server::bind_rustls(addr, tls).serve(app).await;\n    //~ no-graceful-shutdown\n}\n",
            ),
            (
                "tokio = \"1\"",
                "async fn main() {\n    loop {\n        let (socket, _) = listener.accept().await.unwrap();\n        //~ no-graceful-shutdown\n        tokio::spawn(handle(socket));\n    }\n}\n",
            ),
        ] {
            check(&RULE, &program(dependencies, code));
        }
    }

    #[test]
    fn signals_and_frameworks_that_have_them_count() {
        for code in [
            "async fn main() { axum::serve(l, a).with_graceful_shutdown(signal()).await; }",
            "async fn main() { let s = axum::serve(l, a); s.with_graceful_shutdown(f).await; }",
            "async fn main() { tokio::select! { _ = axum::serve(l, a) => {}, _ = ctrl_c() => {} } }",
            "async fn main() { axum::serve(l, a).await; }\nasync fn w() { tokio::signal::ctrl_c().await; }",
            "async fn main() { axum_server::bind(addr).handle(handle).serve(app).await; }",
            "async fn main() { warp::serve(r).bind_with_graceful_shutdown(addr, f); }",
            "async fn main() { HttpServer::new(app).bind(addr).run().await; }",
            "async fn serve_metrics() { axum::serve(l, a).await; }",
            "async fn f(token: Token) { axum::serve(l, a).await; token.cancelled(); }",
            "async fn f() { loop { listener.accept().await; } }",
        ] {
            silent(&RULE, &program("axum = \"0.8\"\nwarp = \"0.3\"", code));
        }
        silent(&RULE, "pub async fn run(l: Listener) { axum::serve(l, app()).await; }");
    }

    #[test]
    fn axum_is_told_to_wait_for_a_signal() {
        let before = program(
            "axum = \"0.8\"\ntokio = { version = \"1\", features = [\"full\"] }",
            "async fn main() {\n    axum::serve(listener, app).await.unwrap();\n}\n",
        );
        let after = format!(
            "//- src/main.rs\nasync fn main() {{\n    axum::serve(listener, app)\n        .with_graceful_shutdown(shutdown_signal())\n        .await\n        .unwrap();\n}}\n{}",
            super::SIGNAL
        );
        check_fix(&RULE, "Wait for a signal with `with_graceful_shutdown`", &before, &after);
        no_fix(&RULE, &before.replace("full", "net"));
    }
}
