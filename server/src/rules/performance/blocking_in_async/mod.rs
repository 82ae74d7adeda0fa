//! Blocking call in async code.
//!
//! An async runtime runs many tasks on few threads. A task that reads a file, sleeps, waits for
//! another process or hashes a password without an `.await` blocks its thread, and with it all
//! other tasks on that thread, including timers and health checks.
//!
//! ```rust,bad
//! async fn config(path: &str) -> std::io::Result<String> {
//!     std::fs::read_to_string(path)
//! }
//! ```
//!
//! Use the async counterpart, or `spawn_blocking`:
//!
//! ```rust
//! async fn config(path: &str) -> std::io::Result<String> {
//!     tokio::fs::read_to_string(path).await
//! }
//!
//! async fn hash(password: String) -> Result<String, Error> {
//!     tokio::task::spawn_blocking(move || bcrypt::hash(password, 12)).await?
//! }
//! ```
//!
//! Reported is also the call of a function of the workspace that blocks itself. The severity is high
//! for password hashes, which block for long, and for child processes in the handler of a request.
//!
//! The body of `async fn main` does not run on a worker thread, so that only `thread::sleep` is
//! reported there.
//!
//! Known problems: calls that block two functions further are not found.

mod fix;
mod helper;
#[cfg(test)]
mod tests;

use fix::counterpart;
use helper::check_helpers;

use super::AREA;
use crate::analysis::{Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::project::{BLOCKING_NAMES, Work, blocking_call, hashes_passwords, short_path};
use crate::semantics::Reach;
use crate::semantics::bindings::local_value;
use crate::semantics::calls::{argument_count, call_range};
use crate::semantics::execution::{Runner, is_async_block, is_awaited, runner};
use crate::semantics::expressions::{chain_root, identifier};
use crate::semantics::literals::string_literal;
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::{resolve_at, resolved_callee};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::{AstNode, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "blocking-in-async",
    opportunity: Opportunity::AsyncFunctions,
    effort: 20,
    raised_when_critical: false,
    seeds: &["E.perf"],
    serious_in_servers: true,
    source: include_str!("mod.rs"),
    queries: &[
        Query::Call(BLOCKING_NAMES, check_function),
        Query::Method(METHODS, check_method),
        Query::Node(&On(check_helpers)),
    ],
    ..Rule::source(AREA)
};

/// Methods that block, of some types.
const METHODS: &[&str] = &[
    "open",
    "output",
    "status",
    "wait",
    "wait_with_output",
    "send",
    "read_line",
    "to_socket_addrs",
    "hash_password",
    "hash_password_customized",
    "hash_password_into",
    "hash_password_with_salt",
    "verify_password",
];

/// How bad it is to do some work on the thread of a runtime, where others wait for it.
fn severity(work: Work) -> Severity {
    match work {
        Work::Hashing => Severity::High,
        Work::Process | Work::Disk | Work::Network | Work::Waiting => Severity::Medium,
    }
}

/// The severity at a place: a step lower where nobody is known to wait.
fn at_place(work: Work, node: &SyntaxNode, cx: &Context<'_>) -> Severity {
    let serving = severity(work);
    match cx.reach(node) {
        Reach::Handling if work == Work::Process => Severity::High,
        Reach::Serving if work != Work::Hashing => serving.lowered(),
        Reach::Running => serving.lowered(),
        _ => serving,
    }
}

fn check_function(call: &ast::CallExpr, cx: &mut Context<'_>) {
    if is_awaited(call.syntax()) {
        return;
    }
    let Some(path) = resolved_callee(cx, call) else { return };
    let Some(work) = blocking_call(&path).filter(|_| !reads_kernel_file(call)) else { return };
    let Some(runner) = blocked_runner(cx, call.syntax(), path == "std::thread::sleep") else {
        return;
    };
    let message = format!("`{}` blocks the thread that runs this async code", short_path(&path));
    let callee = call.expr().map(|callee| cx.file_range(callee.syntax().text_range()));
    let end = cx.file_range(call.syntax().text_range()).end();
    let range = call_range(&call.clone().into());
    let mut report = Report::new(range, message).severity(at_place(work, call.syntax(), cx));
    if let Some(reason) =
        cx.file().clippy().disallowed_method(&path).and_then(|it| it.reason.clone())
    {
        report = report.note(format!("disallowed in `clippy.toml`: {reason}"));
    }
    let report = report.fix(move |fix| {
        let callee = callee.filter(|_| runner == Runner::Async);
        counterpart(fix, &path, callee, end).into_iter().collect()
    });
    cx.report(call.syntax(), report);
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let (Some(name), Some(receiver)) = (call.name_ref(), call.receiver()) else { return };
    if is_awaited(call.syntax()) {
        return;
    }
    let name = name.text().to_string();
    let Some(work) = work_of_method(call, &name, &receiver, cx) else { return };
    if blocked_runner(cx, call.syntax(), false).is_none() {
        return;
    }
    let message = format!("`{name}` blocks the thread that runs this async code");
    let range = call_range(&call.clone().into());
    let mut report = Report::new(range, message).severity(at_place(work, call.syntax(), cx));
    if work == Work::Hashing {
        // A method of the workspace with this name may be a different one.
        let called = MethodCall::new(&receiver, &name, cx);
        report = report.when(move |symbols| !called.is_own(symbols));
    }
    cx.report(call.syntax(), report);
}

/// What a method does while it blocks.
fn work_of_method(
    call: &ast::MethodCallExpr,
    name: &str,
    receiver: &ast::Expr,
    cx: &mut Context<'_>,
) -> Option<Work> {
    if hashes_passwords(name) {
        let hashers = ["argon2", "scrypt", "pbkdf2", "bcrypt", "password_hash", "password_auth"];
        return hashers.iter().any(|it| cx.file().depends_on(it)).then_some(Work::Hashing);
    }
    if argument_count(call) != usize::from(matches!(name, "open" | "read_line")) {
        return None;
    }
    if name == "to_socket_addrs" {
        let path = resolve_at(cx, call.syntax(), "ToSocketAddrs");
        return (path == "std::net::ToSocketAddrs").then_some(Work::Network);
    }
    let origin = origin(cx, receiver)?;
    match name {
        "send" => origin.starts_with("reqwest::blocking::").then_some(Work::Network),
        "output" | "status" | "wait" | "wait_with_output" => {
            (origin == "std::process::Command::new").then_some(Work::Process)
        }
        "open" => {
            let opens =
                matches!(origin.as_str(), "std::fs::OpenOptions::new" | "std::fs::File::options");
            opens.then_some(Work::Disk)
        }
        "read_line" => (origin == "std::io::stdin").then_some(Work::Waiting),
        _ => None,
    }
}

/// The path of the call that creates a receiver: `std::process::Command::new`.
fn origin(cx: &mut Context<'_>, receiver: &ast::Expr) -> Option<String> {
    let mut root = chain_root(receiver);
    if let Some(name) = identifier(&root) {
        root = chain_root(&local_value(cx, receiver.syntax(), &name)?);
    }
    let ast::Expr::CallExpr(call) = root else { return None };
    resolved_callee(cx, &call)
}

/// What runs the code of a node, if blocking it affects other tasks.
fn blocked_runner(cx: &Context<'_>, node: &SyntaxNode, sleeps: bool) -> Option<Runner> {
    let runner = runner(cx, node);
    if runner == Runner::Sync || (!sleeps && is_body_of_main(cx, node)) {
        return None;
    }
    Some(runner)
}

/// Whether a node is in `async fn main` itself, and in no task that it starts.
fn is_body_of_main(cx: &Context<'_>, node: &SyntaxNode) -> bool {
    for node in cx.ancestors(node) {
        if is_async_block(&node) {
            return false;
        }
        if let Some(function) = ast::Fn::cast(node) {
            return function.name().is_some_and(|name| name.text() == "main");
        }
    }
    false
}

/// Whether a call reads a file of `/proc` or `/sys`, which the kernel generates without disk access.
fn reads_kernel_file(call: &ast::CallExpr) -> bool {
    let first = call.arg_list().and_then(|list| list.args().next());
    let path = first.as_ref().and_then(string_literal);
    path.is_some_and(|path| path.starts_with("/proc/") || path.starts_with("/sys/"))
}
