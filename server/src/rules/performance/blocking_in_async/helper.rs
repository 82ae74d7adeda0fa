//! Calls of functions of the workspace that block.

use super::{at_place, blocked_runner, severity};
use crate::analysis::{Confidence, Context, Report};
use crate::project::{Function, SymbolIndex, Work, blocking_call};
use crate::semantics::callee_in_workspace::CalledFunction;
use crate::semantics::calls::call_range;
use crate::semantics::execution::is_awaited;
use crate::semantics::expressions::identifier;
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::resolved_callee;
use crate::syntax::ast;
use crate::syntax::green::any_token;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, T};

/// The calls in a function whose callee may be one of the workspace that blocks, which the symbol
/// index knows.
pub fn check_helpers(function: &ast::Fn, cx: &mut Context<'_>) {
    let Some(body) = function.body() else { return };
    // Most functions are not asynchronous in any part.
    if !any_token(function.syntax().green(), &|kind, _| kind == T![async]) {
        return;
    }
    for node in body.syntax().descendants() {
        match node.kind() {
            SyntaxKind::CALL_EXPR => check_call(&node, cx),
            SyntaxKind::METHOD_CALL_EXPR => check_method(&node, cx),
            _ => {}
        }
    }
}

fn check_call(node: &SyntaxNode, cx: &mut Context<'_>) {
    let Some(call) = ast::CallExpr::cast(node.clone()).filter(|_| !is_awaited(node)) else {
        return;
    };
    let Some(path) = resolved_callee(cx, &call) else { return };
    if blocking_call(&path).is_some() {
        return;
    }
    let Some(called) = CalledFunction::new(&path, node, cx) else { return };
    let name = called.name().to_string();
    let work = move |symbols: &SymbolIndex| work_of(&called.candidates(symbols));
    report(call.into(), &name, work, cx);
}

fn check_method(node: &SyntaxNode, cx: &mut Context<'_>) {
    let Some(call) = ast::MethodCallExpr::cast(node.clone()) else { return };
    let (Some(name), Some(receiver)) = (call.name_ref(), call.receiver()) else { return };
    // What else it may be called on is too much to ask about.
    let of_self = match &receiver {
        ast::Expr::FieldExpr(it) => {
            it.expr().as_ref().and_then(identifier).as_deref() == Some("self")
        }
        other => identifier(other).as_deref() == Some("self"),
    };
    if is_awaited(node) || !of_self || is_std_method(name.text()) {
        return;
    }
    let name = name.text().to_string();
    let called = MethodCall::new(&receiver, &name, cx);
    let work = move |symbols: &SymbolIndex| work_of(&called.own(symbols));
    report(call.into(), &name, work, cx);
}

/// Methods that fields of all kinds have.
fn is_std_method(name: &str) -> bool {
    matches!(
        name,
        "clone"
            | "get"
            | "len"
            | "is_empty"
            | "iter"
            | "insert"
            | "lock"
            | "as_ref"
            | "as_str"
            | "to_string"
            | "push"
            | "remove"
            | "borrow"
            | "into"
            | "unwrap"
            | "take"
            | "send"
    )
}

/// What all functions that a call may mean do while they block; the worst of it.
fn work_of(functions: &[&Function]) -> Option<Work> {
    let mut worst = None;
    for function in functions {
        let work = function.facts.blocks.as_ref()?.work;
        if worst.is_none_or(|known| severity(known) < severity(work)) {
            worst = Some(work);
        }
    }
    worst
}

fn report(
    call: ast::Expr,
    name: &str,
    work: impl Fn(&SymbolIndex) -> Option<Work> + Send + Sync + Clone + 'static,
    cx: &mut Context<'_>,
) {
    if blocked_runner(cx, call.syntax(), false).is_none() {
        return;
    }
    let message = format!("`{name}` blocks the thread that runs this async code");
    for alike in [Work::Disk, Work::Hashing] {
        let work = work.clone();
        let report = Report::new(call_range(&call), message.clone())
            .severity(at_place(alike, call.syntax(), cx))
            .confidence(Confidence::Likely)
            .when(move |symbols| work(symbols).map(severity) == Some(severity(alike)));
        cx.report(call.syntax(), report);
    }
}
