//! Functions of the workspace that return a guard.

use super::{is_lock_method, is_unwrapping};
use crate::project::Function;
use crate::semantics::calls::argument_count;
use crate::semantics::execution::{is_async_block, is_item};
use crate::semantics::expressions::last_name;
use crate::syntax::ast;
use crate::syntax::green::{child_nodes, has_token, node_kind};
use crate::syntax::{AstNode, SyntaxKind};
use rowan::GreenNodeData;

/// Calls above an `.await` in its function, or in what it waits for, that may return a guard: of
/// functions that are no method of a lock, with no argument or a lock as the only one.
pub fn candidates(wait: &ast::AwaitExpr) -> Vec<ast::Expr> {
    let mut calls = Vec::new();
    let mut operand = wait.expr();
    while let Some(expr) = operand {
        operand = match &expr {
            ast::Expr::MethodCallExpr(call) => call.receiver(),
            ast::Expr::TryExpr(it) => it.expr(),
            ast::Expr::ParenExpr(it) => it.expr(),
            _ => None,
        };
        calls.push(expr);
    }
    let mut below = wait.syntax().clone();
    for node in wait.syntax().ancestors().skip(1) {
        if is_item(node.kind()) || node.kind() == SyntaxKind::CLOSURE_EXPR {
            break;
        }
        if node.kind() == SyntaxKind::STMT_LIST {
            // What stands above another `.await` is held across that one, if at all.
            let mut above = below.prev_sibling();
            while let Some(statement) = above {
                if has_await(statement.green()) {
                    break;
                }
                let binding = ast::LetStmt::cast(statement.clone());
                let value = binding.and_then(|binding| binding.initializer());
                calls.extend(value.and_then(called_for_value));
                above = statement.prev_sibling();
            }
        }
        if is_async_block(&node) {
            break;
        }
        below = node;
    }
    calls.retain(may_return_guard);
    calls
}

fn has_await(node: &GreenNodeData) -> bool {
    let is_async_block =
        || node_kind(node) == SyntaxKind::BLOCK_EXPR && has_token(node, SyntaxKind::ASYNC_KW);
    match node_kind(node) {
        SyntaxKind::AWAIT_EXPR => true,
        SyntaxKind::CLOSURE_EXPR => false,
        kind => !is_item(kind) && !is_async_block() && child_nodes(node).any(has_await),
    }
}

/// The call whose result an expression unwraps.
fn called_for_value(expr: ast::Expr) -> Option<ast::Expr> {
    match &expr {
        ast::Expr::MethodCallExpr(call)
            if call.name_ref().is_some_and(|name| is_unwrapping(name.text())) =>
        {
            called_for_value(call.receiver()?)
        }
        ast::Expr::TryExpr(it) => called_for_value(it.expr()?),
        _ => Some(expr),
    }
}

fn may_return_guard(expr: &ast::Expr) -> bool {
    let arguments = match expr {
        ast::Expr::MethodCallExpr(call) => argument_count(call),
        ast::Expr::CallExpr(call) => argument_count(call),
        _ => return false,
    };
    let is_function = last_name(expr).is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && !is_lock_method(&name)
            && !matches!(
                name.as_str(),
                "clone" | "new" | "iter" | "len" | "into" | "to_string" | "default" | "now"
            )
    });
    let allowed = if matches!(expr, ast::Expr::CallExpr(_)) { 1 } else { 0 };
    is_function && arguments <= allowed
}

/// Whether a function of the workspace returns the guard of a blocking lock.
pub fn returns_guard(function: &Function) -> bool {
    const GUARDS: &[&str] =
        &["MutexGuard<", "RwLockReadGuard<", "RwLockWriteGuard<", "RwLockUpgradableReadGuard<"];
    function.returns.as_deref().is_some_and(|returns| {
        !function.is_async
            && !returns.contains("tokio::")
            && !returns.contains("Owned")
            && !returns.contains("Future")
            && GUARDS.iter().any(|guard| returns.contains(guard))
    })
}
