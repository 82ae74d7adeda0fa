//! The code of function bodies: what runs it, what its paths and variables stand for.

use crate::analysis::Context;
use crate::syntax::ast::{self, HasName};
use crate::syntax::green::child_of_kind;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode, TextRange};

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
pub fn runner(cx: &Context<'_>, node: &SyntaxNode) -> Runner {
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

/// Whether a closure is an argument of a method that calls it before it returns.
fn is_called_in_place(closure: &SyntaxNode) -> bool {
    let list = closure.parent().filter(|list| list.kind() == SyntaxKind::ARG_LIST);
    let call = list.and_then(|list| list.parent()).and_then(ast::MethodCallExpr::cast);
    let Some(name) = call.and_then(|call| call.name_ref()) else { return false };
    matches!(
        name.text(),
        "map"
            | "map_err"
            | "and_then"
            | "or_else"
            | "unwrap_or_else"
            | "ok_or_else"
            | "map_or"
            | "map_or_else"
            | "for_each"
            | "filter_map"
            | "flat_map"
            | "filter"
            | "find_map"
            | "any"
            | "all"
    )
}

fn is_blocked_on(block: &SyntaxNode) -> bool {
    let list = block.parent().filter(|list| list.kind() == SyntaxKind::ARG_LIST);
    let Some(call) = list.and_then(|list| list.parent()) else { return false };
    let name = if let Some(call) = ast::MethodCallExpr::cast(call.clone()) {
        call.name_ref().map(|name| name.text().to_string())
    } else {
        ast::CallExpr::cast(call).and_then(|call| callee(&call)).map(|path| name_of(&path))
    };
    name.is_some_and(|name| name == "block_on")
}

fn name_of(path: &str) -> String {
    path.rsplit("::").next().unwrap_or(path).to_string()
}

/// The path of a call as written, without generic arguments: `mpsc::channel`.
pub fn callee(call: &ast::CallExpr) -> Option<String> {
    let ast::Expr::PathExpr(path) = call.expr()? else { return None };
    path_text(&path.path()?)
}

/// A path as written, without generic arguments.
pub fn path_text(path: &ast::Path) -> Option<String> {
    let mut names = Vec::new();
    let mut next = Some(path.clone());
    while let Some(path) = next {
        names.push(path.segment()?.name_ref()?.text().to_string());
        next = path.qualifier();
    }
    names.reverse();
    Some(names.join("::"))
}

/// A path of the code with its first segment resolved by the imports in view, those at the head
/// of the blocks around `node` included.
pub fn resolve_at(cx: &mut Context<'_>, node: &SyntaxNode, path: &str) -> String {
    let lists = cx.ancestors(node).filter(|it| {
        it.kind() == SyntaxKind::STMT_LIST && child_of_kind(it.green(), SyntaxKind::USE).is_some()
    });
    let uses = lists.flat_map(|list| list.children().filter_map(ast::Use::cast));
    let resolved = Imports::of_uses(uses).resolve(path);
    if resolved == path { cx.resolve(path) } else { resolved }
}

/// The path that a call resolves to.
pub fn resolved_callee(cx: &mut Context<'_>, call: &ast::CallExpr) -> Option<String> {
    let path = callee(call)?;
    Some(resolve_at(cx, call.syntax(), &path))
}

/// What a chain of method calls starts from: `a.b` in `(&a.b).c()?.d().await`.
pub fn chain_root(expr: &ast::Expr) -> ast::Expr {
    let mut expr = expr.clone();
    loop {
        let inner = match &expr {
            ast::Expr::MethodCallExpr(call) => call.receiver(),
            ast::Expr::TryExpr(it) => it.expr(),
            ast::Expr::AwaitExpr(it) => it.expr(),
            ast::Expr::ParenExpr(it) => it.expr(),
            ast::Expr::RefExpr(it) => it.expr(),
            _ => return expr,
        };
        match inner {
            Some(inner) => expr = inner,
            None => return expr,
        }
    }
}

/// The identifier that an expression is, if it is nothing else.
pub fn identifier(expr: &ast::Expr) -> Option<String> {
    let ast::Expr::PathExpr(path) = expr else { return None };
    path_text(&path.path()?).filter(|text| !text.contains("::"))
}

/// The name by which a receiver is known: `tx` of `tx`, `self.tx`, `self.tx()` and `&mut tx`.
pub fn last_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::PathExpr(path) => path_text(&path.path()?).map(|path| name_of(&path)),
        ast::Expr::FieldExpr(field) => Some(field.name_ref()?.text().to_string()),
        ast::Expr::MethodCallExpr(call) => Some(call.name_ref()?.text().to_string()),
        ast::Expr::CallExpr(call) => callee(call).map(|path| name_of(&path)),
        ast::Expr::RefExpr(it) => last_name(&it.expr()?),
        ast::Expr::ParenExpr(it) => last_name(&it.expr()?),
        ast::Expr::TryExpr(it) => last_name(&it.expr()?),
        ast::Expr::AwaitExpr(it) => last_name(&it.expr()?),
        ast::Expr::PrefixExpr(it) => last_name(&it.expr()?),
        ast::Expr::IndexExpr(it) => last_name(&it.base()?),
        _ => None,
    }
}

/// The value that the nearest `let` above `node` in its function gives to a variable.
pub fn local_value(cx: &Context<'_>, node: &SyntaxNode, name: &str) -> Option<ast::Expr> {
    let mut below: Option<SyntaxNode> = None;
    for node in cx.ancestors(node) {
        if is_item(node.kind()) {
            return None;
        }
        if node.kind() == SyntaxKind::STMT_LIST {
            let end = below.as_ref().map_or(node.text_range().end(), |it| it.text_range().start());
            let lets = node.children().filter_map(ast::LetStmt::cast);
            let before = lets.filter(|it| it.syntax().text_range().end() <= end);
            let binding = before.filter(|it| binds(it.pat().as_ref(), name)).last();
            if let Some(binding) = binding {
                return binding.initializer();
            }
        }
        below = Some(node);
    }
    None
}

fn binds(pattern: Option<&ast::Pat>, name: &str) -> bool {
    let Some(ast::Pat::IdentPat(pattern)) = pattern else { return false };
    pattern.name().is_some_and(|it| it.text() == name)
}

/// The range from a call's method name or path to its end.
pub fn call_range(call: &ast::Expr) -> TextRange {
    let range = call.syntax().text_range();
    match call {
        ast::Expr::MethodCallExpr(method) => match method.name_ref() {
            Some(name) => TextRange::new(name.syntax().text_range().start(), range.end()),
            None => range,
        },
        _ => range,
    }
}

/// Whether an expression is awaited where it stands.
pub fn is_awaited(node: &SyntaxNode) -> bool {
    node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::AWAIT_EXPR)
}
