//! What runs the code of a function body.

use super::NodeContext;
use super::paths::{callee, last_segment};
use crate::syntax::ast::{self, HasName};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

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
            if !is_called_in_place(&node) && !is_called_around(&node) {
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

/// Whether the compiler evaluates the code of a node, so that a panic stops the build only: in the
/// value of a constant or a static, in the length of an array, and not in a closure or function in
/// it. What a macro such as `thread_local!` makes of a static is computed when the program runs.
pub fn is_evaluated_at_compile_time(cx: &NodeContext<'_>, node: &SyntaxNode) -> bool {
    let ancestors: Vec<SyntaxNode> = cx.ancestors(node).collect();
    let nodes = ancestors.iter().enumerate().zip(std::iter::once(node).chain(&ancestors));
    for ((at, node), child) in nodes {
        match node.kind() {
            SyntaxKind::CONST
            | SyntaxKind::VARIANT
            | SyntaxKind::CONST_ARG
            | SyntaxKind::CONST_PARAM
            | SyntaxKind::ARRAY_TYPE => return true,
            SyntaxKind::STATIC => {
                let outer = ancestors.get(at..).unwrap_or_default();
                return !outer.iter().any(|it| it.kind() == SyntaxKind::MACRO_CALL);
            }
            // `[0; LENGTH]`
            SyntaxKind::ARRAY_EXPR => {
                let count = ast::ArrayExpr::cast(node.clone()).and_then(|it| match it.kind() {
                    ast::ArrayExprKind::Repeat { repeat, .. } => repeat,
                    ast::ArrayExprKind::ElementList(_) => None,
                });
                if count.is_some_and(|it| it.syntax() == child) {
                    return true;
                }
            }
            SyntaxKind::BLOCK_EXPR => {
                let block = ast::BlockExpr::cast(node.clone());
                if block.is_some_and(|it| it.const_token().is_some()) {
                    return true;
                }
            }
            SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => return false,
            _ => {}
        }
    }
    false
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
    "all", "and_then", "any", "filter", "filter_map", "find_map", "flat_map", "fold", "for_each",
    "get_or_insert_with", "inspect", "inspect_err", "is_none_or", "is_some_and", "map", "map_err",
    "map_or", "map_or_else", "map_while", "ok_or_else", "or_else", "or_insert_with", "position",
    "retain", "try_fold", "try_for_each", "unwrap_or_else",
];

/// Whether a closure is an argument of a method that calls it before it returns.
fn is_called_in_place(closure: &SyntaxNode) -> bool {
    let list = closure.parent().filter(|list| list.kind() == SyntaxKind::ARG_LIST);
    let call = list.and_then(|list| list.parent()).and_then(ast::MethodCallExpr::cast);
    let Some(name) = call.and_then(|call| call.name_ref()) else { return false };
    CALLED_IN_PLACE.binary_search(&name.text()).is_ok()
}

/// Whether the code around a closure calls it itself: `let add = |x| …; add(1)`, `(|| …)()`.
fn is_called_around(closure: &SyntaxNode) -> bool {
    let Some(parent) = closure.parent() else { return false };
    if parent.kind() == SyntaxKind::PAREN_EXPR {
        return parent.parent().is_some_and(|it| it.kind() == SyntaxKind::CALL_EXPR);
    }
    let Some(binding) = ast::LetStmt::cast(parent) else { return false };
    let Some(ast::Pat::IdentPat(pat)) = binding.pat() else { return false };
    let (Some(name), Some(list)) = (pat.name(), binding.syntax().parent()) else { return false };
    let after = binding.syntax().text_range().end();
    let mut calls = list.descendants().filter_map(ast::CallExpr::cast);
    calls.any(|call| {
        let around = call.syntax().ancestors().take_while(|it| it != &list);
        call.syntax().text_range().start() >= after
            && callee(&call).as_deref() == Some(name.text())
            // What is handed on may be called on another thread.
            && around.filter(|it| it.kind() == SyntaxKind::CLOSURE_EXPR || is_async_block(it))
                .all(|it| is_called_in_place(&it))
    })
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
