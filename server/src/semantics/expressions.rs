//! Expressions: what a chain starts from, and the names that an expression goes by.

use super::paths::{callee, last_segment, path_text};
use crate::syntax::ast;

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
        ast::Expr::PathExpr(path) => {
            path_text(&path.path()?).map(|path| last_segment(&path).to_string())
        }
        ast::Expr::FieldExpr(field) => Some(field.name_ref()?.text().to_string()),
        ast::Expr::MethodCallExpr(call) => Some(call.name_ref()?.text().to_string()),
        ast::Expr::CallExpr(call) => callee(call).map(|path| last_segment(&path).to_string()),
        ast::Expr::RefExpr(it) => last_name(&it.expr()?),
        ast::Expr::ParenExpr(it) => last_name(&it.expr()?),
        ast::Expr::TryExpr(it) => last_name(&it.expr()?),
        ast::Expr::AwaitExpr(it) => last_name(&it.expr()?),
        ast::Expr::PrefixExpr(it) => last_name(&it.expr()?),
        ast::Expr::IndexExpr(it) => last_name(&it.base()?),
        _ => None,
    }
}
