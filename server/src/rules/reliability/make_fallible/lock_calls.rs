//! Calls that take a lock of the standard library.

use crate::analysis::Context;
use crate::semantics::calls::argument_count;
use crate::syntax::{AstNode, Imports, ast};

/// A call that takes a lock of the standard library, whose failure says that the lock is poisoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockCall {
    /// The error is a `PoisonError`, which holds what was asked for.
    Blocking,
    /// The error is a `TryLockError`: poisoned, or taken by someone else.
    Trying,
}

/// Whether `receiver` is the result of a lock of the standard library.
///
/// `lock`, `read` and `write` without arguments give a `Result` nowhere else, unless the imports
/// show locks of another crate.
pub fn lock_call(receiver: &ast::Expr, cx: &mut Context<'_>) -> Option<LockCall> {
    let ast::Expr::MethodCallExpr(call) = receiver else { return None };
    let name = call.name_ref()?.text().to_string();
    let arguments = argument_count(call);
    let imports = cx.imports();
    match (name.as_str(), arguments) {
        ("lock", 0) if !is_file(call) => not_foreign(&imports, "Mutex", LockCall::Blocking),
        ("read" | "write", 0) => not_foreign(&imports, "RwLock", LockCall::Blocking),
        ("try_lock", 0) if !is_file(call) => not_foreign(&imports, "Mutex", LockCall::Trying),
        ("try_read" | "try_write", 0) => not_foreign(&imports, "RwLock", LockCall::Trying),
        // Cells and buffered writers have them too.
        ("into_inner" | "get_mut", 0) => {
            let locks = ["Mutex", "RwLock"].iter().any(|lock| is_std(&imports, lock));
            let others = ["OnceLock", "OnceCell", "BufWriter", "LineWriter", "IntoInnerError"];
            let others = others.iter().any(|name| imports.path_of(name).is_some());
            (locks && !others).then_some(LockCall::Blocking)
        }
        ("wait", 1) | ("wait_while" | "wait_timeout", 2) | ("wait_timeout_while", 3) => {
            waits_on_condvar(call, &imports).then_some(LockCall::Blocking)
        }
        _ => None,
    }
}

fn not_foreign(imports: &Imports, lock: &str, found: LockCall) -> Option<LockCall> {
    match imports.path_of(lock) {
        Some(path) => path.starts_with("std::sync").then_some(found),
        None => Some(found),
    }
}

fn is_std(imports: &Imports, name: &str) -> bool {
    match imports.path_of(name) {
        Some(path) => path.starts_with("std::sync"),
        None => {
            imports.path_of("sync") == Some("std::sync")
                || imports.globs().any(|glob| glob == "std::sync")
        }
    }
}

/// Files can be locked as well, since Rust 1.89.
fn is_file(call: &ast::MethodCallExpr) -> bool {
    let text = call.receiver().map(|it| it.syntax().text().to_string()).unwrap_or_default();
    text == "file" || text.ends_with("_file") || text.ends_with(".file")
}

fn waits_on_condvar(call: &ast::MethodCallExpr, imports: &Imports) -> bool {
    let text = call.receiver().map(|it| it.syntax().text().to_string()).unwrap_or_default();
    let named = text.to_lowercase();
    let named = named.contains("cond") || named.contains("cvar") || named.ends_with("cv");
    match imports.path_of("Condvar") {
        Some(path) => path.starts_with("std::sync"),
        None => named,
    }
}
