//! Lock of `std` or `parking_lot` held across an `.await`.
//!
//! A task can be suspended at an `.await` while it holds the lock. Other tasks that take the lock
//! block their worker threads until then. If the task that would wake the holder is among them, the
//! program deadlocks.
//!
//! ```rust,bad
//! async fn refresh(cache: &std::sync::Mutex<Vec<u8>>) {
//!     let mut cache = cache.lock().unwrap();
//!     *cache = fetch().await;
//! }
//! ```
//!
//! Await first, or drop the guard before the `.await`:
//!
//! ```rust
//! async fn refresh(cache: &std::sync::Mutex<Vec<u8>>) {
//!     let fresh = fetch().await;
//!     *cache.lock().unwrap() = fresh;
//! }
//! ```
//!
//! A guard without a name lives to the end of its statement, and one in the head of an `if let`, a
//! `match` or a `for` to the end of the body; before the 2024 edition to the end of the `else` as
//! well. If the lock has to be held across the `.await`, use
//! the `Mutex` of `tokio::sync`.
//!
//! Known problems: a lock is recognized by its imports and by what is done with the guard, as types
//! are not inferred.

mod guard;
mod helper;
mod search;
#[cfg(test)]
mod tests;

use guard::HeldGuard;
use helper::{candidates, returns_guard};
use search::is_other_body;

use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::project::{Function, base_name};
use crate::semantics::calls::{argument_count, call_range};
use crate::semantics::expressions::{chain_root, last_name};
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::resolve_at;
use crate::syntax::ast;
use crate::syntax::green::has_token;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, T, TextRange};

pub static RULE: Rule = Rule {
    id: "lock-across-await",
    opportunity: Opportunity::Locks,
    effort: 60,
    severity: Severity::High,
    lints: &["clippy::await_holding_lock"],
    cwe: &[833],
    seeds: &["E.9"],
    source: include_str!("mod.rs"),
    queries: &[Query::Method(LOCK_METHODS, check_lock), Query::Node(&On(check_helpers))],
    ..Rule::source(AREA)
};

/// Methods that take a lock.
const LOCK_METHODS: &[&str] =
    &["lock", "read", "write", "try_lock", "try_read", "try_write", "upgradable_read"];

/// A call of a method of a lock.
fn check_lock(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if argument_count(call) != 0 || !may_await(call.syntax(), cx) {
        return;
    }
    let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
    let held = HeldGuard::by(call.syntax(), cx.file().edition);
    let Some(held) = held else { return };
    if !is_blocking_lock(call, &name, &held, cx) {
        return;
    }
    let Some(receiver) = call.receiver() else { return };
    let called = MethodCall::new(&receiver, &name, cx);
    let report = report(&ast::Expr::MethodCallExpr(call.clone()), &name, held.at);
    let report = report.confidence(Confidence::Likely).when(move |symbols| {
        // What the workspace itself calls so may return a guard as well.
        let ty = called.receiver_text(symbols).unwrap_or_default();
        let is_future =
            ty.is_empty() && symbols.functions(&name).any(|it| it.has_self && it.is_async);
        called.own(symbols).into_iter().all(returns_guard) && !is_async_type(&ty) && !is_future
    });
    cx.report(call.syntax(), report);
}

/// Whether the body around a node may have an `.await` in it. What a macro makes of its arguments
/// is not known.
fn may_await(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let body =
        cx.ancestors(node).find(|it| is_other_body(it) || it.kind() == SyntaxKind::MACRO_CALL);
    body.is_some_and(|body| match body.kind() {
        SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => has_token(body.green(), T![async]),
        kind => matches!(kind, SyntaxKind::BLOCK_EXPR | SyntaxKind::MACRO_CALL),
    })
}

/// Calls of the workspace's own functions that return a guard.
fn check_helpers(wait: &ast::AwaitExpr, cx: &mut Context<'_>) {
    for call in candidates(wait) {
        let Some(name) = last_name(&call) else { continue };
        let Some(held) = HeldGuard::by(call.syntax(), cx.file().edition) else { continue };
        // The guard is reported once, by the first `.await` that it is held across.
        if Some(held.at) != wait.await_token().map(|token| token.text_range()) {
            continue;
        }
        let report = report(&call, &name, held.at).confidence(Confidence::Likely);
        let clippy = cx.file().clippy();
        let report = report.when(move |symbols| {
            let ruled_out = |it: &Function| {
                it.returns.as_deref().is_some_and(|ty| clippy.across_await(base_name(ty)).is_some())
            };
            let mut functions = symbols.functions(&name).peekable();
            functions.peek().is_some() && functions.all(|it| returns_guard(it) || ruled_out(it))
        });
        cx.report(call.syntax(), report);
    }
}

fn report(call: &ast::Expr, name: &str, at: TextRange) -> Report<'static> {
    let message = format!("the guard of `{name}` is held across an `.await`, which can deadlock");
    Report::new(call_range(call), message).related(at, "the lock is still held here")
}

/// Whether a type is one of a crate whose locks are awaited.
fn is_async_type(ty: &str) -> bool {
    ["tokio::", "async_std::", "async_lock::", "futures::", "smol::"]
        .iter()
        .any(|it| ty.starts_with(it))
}

fn is_lock_method(name: &str) -> bool {
    LOCK_METHODS.contains(&name)
}

/// Methods of `Result` and `Option` that hand the guard on.
fn is_unwrapping(method: &str) -> bool {
    matches!(
        method,
        "unwrap" | "expect" | "unwrap_or_else" | "map_err" | "ok" | "ok_or" | "ok_or_else"
    )
}

/// Whether a method call takes a lock that blocks, and not one that is awaited.
fn is_blocking_lock(
    call: &ast::MethodCallExpr,
    method: &str,
    held: &HeldGuard,
    cx: &mut Context<'_>,
) -> bool {
    let receiver = call.receiver();
    let root = receiver.as_ref().map(chain_root);
    let standard_stream = root.and_then(|root| last_name(&root));
    if standard_stream.is_some_and(|name| matches!(name.as_str(), "stdin" | "stdout" | "stderr")) {
        return false;
    }
    let is_try = method.starts_with("try_");
    if held.was_result && !is_try {
        // What has to be unwrapped at once is no future: it is the lock of `std`.
        return true;
    }
    let types: &[&str] = if method.ends_with("lock") {
        &["Mutex", "FairMutex", "ReentrantMutex"]
    } else {
        &["RwLock"]
    };
    let mut other = false;
    for name in types {
        let path = resolve_at(cx, call.syntax(), name);
        // There `try_lock` returns an `Option`; one that returns a `Result` may be tokio's.
        if path.starts_with("parking_lot::") || path.starts_with("spin::") {
            return !held.was_ok;
        }
        if path.starts_with("std::sync::") && held.was_result {
            return true;
        }
        other |= path.contains("::");
    }
    !is_try && !other && cx.file().depends_on("parking_lot")
}
