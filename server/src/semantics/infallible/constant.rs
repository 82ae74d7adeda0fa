//! Expressions whose value stands in the source.

use crate::semantics::shape::{Binding, binding, surroundings};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};

/// The arguments of a call.
pub fn arguments(call: &impl HasArgList) -> Vec<ast::Expr> {
    call.arg_list().map(|list| list.args().collect()).unwrap_or_default()
}

/// The value that a `let` gives to a local name.
pub fn local(expr: &ast::Expr, around: &[SyntaxNode]) -> Option<ast::Expr> {
    let ast::Expr::PathExpr(path) = expr else { return None };
    let name = compact(path.syntax());
    match binding(&name, &surroundings(expr.syntax(), around))? {
        Binding::Value(value) => Some(value),
        _ => None,
    }
}

/// Whether the value of an expression is written in the source: literals, what is computed of
/// them, locals and constants that hold one.
pub fn is_written(expr: &ast::Expr, around: &[SyntaxNode]) -> bool {
    is_written_at(expr, around, 6)
}

fn is_written_at(expr: &ast::Expr, around: &[SyntaxNode], depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let written =
        |expr: Option<ast::Expr>| expr.is_some_and(|it| is_written_at(&it, around, depth));
    match expr {
        ast::Expr::Literal(_) => true,
        ast::Expr::ParenExpr(it) => written(it.expr()),
        ast::Expr::CastExpr(it) => written(it.expr()),
        ast::Expr::PrefixExpr(it) => written(it.expr()),
        // A reference to a constant may be one to what a `LazyLock` computes.
        ast::Expr::RefExpr(it) => {
            !it.expr().as_ref().is_some_and(is_constant) && written(it.expr())
        }
        ast::Expr::BinExpr(it) => written(it.lhs()) && written(it.rhs()),
        ast::Expr::TupleExpr(it) => it.fields().all(|it| is_written_at(&it, around, depth)),
        ast::Expr::ArrayExpr(it) => match it.kind() {
            ast::ArrayExprKind::ElementList(list) => {
                list.into_iter().all(|it| is_written_at(&it, around, depth))
            }
            ast::ArrayExprKind::Repeat { initializer, .. } => written(initializer),
        },
        ast::Expr::MacroExpr(it) => {
            let name = it.macro_call().and_then(|it| macro_name(it.syntax()));
            name.is_some_and(|name| {
                matches!(name.as_str(), "concat" | "stringify" | "include_str" | "include_bytes")
            })
        }
        ast::Expr::MethodCallExpr(it) => {
            let keeps = it.name_ref().is_some_and(|name| {
                matches!(name.text(), "as_bytes" | "to_string" | "to_owned" | "into" | "as_str")
            });
            keeps && written(it.receiver())
        }
        ast::Expr::PathExpr(path) => {
            is_screaming(&compact(path.syntax())) || written(local(expr, around))
        }
        _ => false,
    }
}

/// Whether an expression is the path of a constant, or a value of an enum: `StatusCode::OK`.
pub fn is_constant(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::PathExpr(path) => {
            let text = compact(path.syntax());
            let name = text.rsplit("::").next().unwrap_or(&text);
            is_screaming(name) || (text.contains("::") && name.starts_with(char::is_uppercase))
        }
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::MethodCallExpr(it) => {
            let keeps = it.name_ref().is_some_and(|name| {
                matches!(name.text(), "as_str" | "as_ref" | "essence_str" | "as_u16" | "clone")
            });
            keeps && it.receiver().is_some_and(|it| is_constant(&it))
        }
        _ => false,
    }
}

/// Whether a name is written as those of constants are.
pub fn is_screaming(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.len() > 1
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
