//! Operands that the program's own text gives.

use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasArgList};

/// Whether an operand says that nothing secret is compared: literals, variants, `None`.
pub fn is_constant(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::PrefixExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::Literal(_) | ast::Expr::RecordExpr(_) | ast::Expr::CastExpr(_) => true,
        ast::Expr::ArrayExpr(_) => true,
        ast::Expr::BinExpr(_) | ast::Expr::ClosureExpr(_) | ast::Expr::RangeExpr(_) => true,
        ast::Expr::PathExpr(it) => {
            let name = it.path().and_then(|it| it.segment()).and_then(|it| it.name_ref());
            let name = name.map(|it| it.text().to_string()).unwrap_or_default();
            name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
        }
        ast::Expr::CallExpr(it) => {
            let Some(path) = it.expr().map(|it| it.syntax().text().to_string()) else {
                return true;
            };
            let argument = it.arg_list().and_then(|list| list.args().next());
            match path.as_str() {
                "Some" | "Ok" | "Err" => argument.is_none_or(|it| is_constant(&it)),
                _ => path.rsplit("::").next().is_some_and(|it| it.starts_with(char::is_uppercase)),
            }
        }
        ast::Expr::MethodCallExpr(it) => {
            let method = it.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
            match method.as_str() {
                "to_string" | "into" | "to_owned" | "as_bytes" | "to_vec" => {
                    it.receiver().is_some_and(|it| is_constant(&it))
                }
                "len" | "count" | "is_empty" | "is_some" | "is_none" | "kind" | "next" | "peek"
                | "id" | "ty" | "type_id" => true,
                _ => false,
            }
        }
        _ => false,
    }
}

/// `["token", "nonce"]`, as a slice or iterated over.
pub fn is_list_of_literals(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_list_of_literals(&it)),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_list_of_literals(&it)),
        ast::Expr::MethodCallExpr(it) => it.receiver().is_some_and(|it| is_list_of_literals(&it)),
        ast::Expr::ArrayExpr(it) => it.exprs().all(|it| matches!(it, ast::Expr::Literal(_))),
        _ => false,
    }
}
