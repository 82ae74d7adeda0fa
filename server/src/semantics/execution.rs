//! What runs the code of a function body.

use super::NodeContext;
use super::paths::{callee, last_segment};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, ast};

/// What runs the code at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// The body of an `async fn`, an async block or an async closure.
    Async,
    /// A closure that the async code around it calls in place, such as the argument of `map`.
    ClosureInAsync,
    Sync,
}

/// What runs the code of a node. The arguments of a macro call count as code of their place.
pub fn runner(cx: &NodeContext<'_>, node: &SyntaxNode) -> Runner {
    let mut in_closure = false;
    let is_async = |in_closure| if in_closure { Runner::ClosureInAsync } else { Runner::Async };
    for node in cx.ancestors(node) {
        if is_async_block(&node) {
            // Who blocks on a future gives it the thread.
            return if is_blocked_on(&node) { Runner::Sync } else { is_async(in_closure) };
        }
        if let Some(closure) = ast::ClosureExpr::cast(node.clone()) {
            if closure.async_token().is_some() {
                return is_async(in_closure);
            }
            if !is_called_in_place(&node) {
                return Runner::Sync;
            }
            in_closure = true;
        } else if let Some(function) = ast::Fn::cast(node.clone()) {
            return if function.async_token().is_some() {
                is_async(in_closure)
            } else {
                Runner::Sync
            };
        } else if is_item(node.kind()) {
            return Runner::Sync;
        }
    }
    Runner::Sync
}

pub fn is_async_block(node: &SyntaxNode) -> bool {
    ast::BlockExpr::cast(node.clone()).is_some_and(|block| block.async_token().is_some())
}

/// Items whose bodies are no part of the body they stand in.
pub fn is_item(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::FN
            | SyntaxKind::IMPL
            | SyntaxKind::TRAIT
            | SyntaxKind::MODULE
            | SyntaxKind::CONST
            | SyntaxKind::STATIC
            | SyntaxKind::MACRO_RULES
    )
}

const CALLED_IN_PLACE: &[&str] = &[
    "all", "and_then", "any", "filter", "filter_map", "find_map", "flat_map", "for_each", "map",
    "map_err", "map_or", "map_or_else", "ok_or_else", "or_else", "unwrap_or_else",
];

/// Whether a closure is an argument of a method that calls it before it returns.
fn is_called_in_place(closure: &SyntaxNode) -> bool {
    let list = closure.parent().filter(|list| list.kind() == SyntaxKind::ARG_LIST);
    let call = list.and_then(|list| list.parent()).and_then(ast::MethodCallExpr::cast);
    let Some(name) = call.and_then(|call| call.name_ref()) else { return false };
    CALLED_IN_PLACE.binary_search(&name.text()).is_ok()
}

fn is_blocked_on(block: &SyntaxNode) -> bool {
    let list = block.parent().filter(|list| list.kind() == SyntaxKind::ARG_LIST);
    let Some(call) = list.and_then(|list| list.parent()) else { return false };
    let name = if let Some(call) = ast::MethodCallExpr::cast(call.clone()) {
        call.name_ref().map(|name| name.text().to_string())
    } else {
        ast::CallExpr::cast(call)
            .and_then(|call| callee(&call))
            .map(|path| last_segment(&path).to_string())
    };
    name.is_some_and(|name| name == "block_on")
}

/// Whether an expression is awaited where it stands.
pub fn is_awaited(node: &SyntaxNode) -> bool {
    node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::AWAIT_EXPR)
}
