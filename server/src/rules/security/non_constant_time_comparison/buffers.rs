//! Values that start out empty, and what goes into them.

use crate::semantics::expressions::identifier;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// What a hasher was fed with before: `name.update(…)`.
pub fn fed(name: &str, around: &[SyntaxNode]) -> Vec<ast::Expr> {
    let end = around.first().map(|it| it.text_range().start());
    let lists = around.iter().filter(|it| it.kind() == SyntaxKind::STMT_LIST);
    let calls = lists.flat_map(|it| it.children()).filter_map(ast::ExprStmt::cast);
    let calls = calls.filter_map(|it| match it.expr()? {
        ast::Expr::MethodCallExpr(call) => Some(call),
        _ => None,
    });
    let feeds = calls.filter(|call| {
        let feeds = call.name_ref().is_some_and(|it| {
            matches!(it.text(), "update" | "input" | "input_str" | "write" | "consume")
        });
        let is_before = end.is_some_and(|end| call.syntax().text_range().end() <= end);
        feeds
            && is_before
            && call.receiver().and_then(|it| identifier(&it)).as_deref() == Some(name)
    });
    feeds.filter_map(|call| call.arg_list()?.args().next()).collect()
}

/// The call that fills a buffer which starts out empty: `exporter.export(&mut buffer, …)`.
pub fn filled_by(name: &str, value: &ast::Expr, around: &[SyntaxNode]) -> Option<ast::Expr> {
    let is_empty = match value {
        ast::Expr::ArrayExpr(_) | ast::Expr::MacroExpr(_) => true,
        ast::Expr::CallExpr(call) => call.arg_list().is_none_or(|it| it.args().count() < 2),
        _ => false,
    };
    let list = value.syntax().ancestors().find(|it| it.kind() == SyntaxKind::STMT_LIST)?;
    let end = around.first().map(|it| it.text_range().start()).filter(|_| is_empty)?;
    let calls = list.descendants().filter(|it| it.text_range().end() <= end);
    let fills = |list: &ast::ArgList| {
        list.args().any(|it| match it {
            ast::Expr::RefExpr(it) => {
                it.mut_token().is_some()
                    && it.expr().is_some_and(|it| {
                        let text = it.syntax().text().to_string();
                        text.split(['[', '.']).next() == Some(name)
                    })
            }
            _ => false,
        })
    };
    calls.filter_map(ast::Expr::cast).filter(|it| it.syntax() != value.syntax()).find(|it| match it
    {
        ast::Expr::MethodCallExpr(call) => call.arg_list().is_some_and(|it| fills(&it)),
        ast::Expr::CallExpr(call) => call.arg_list().is_some_and(|it| fills(&it)),
        _ => false,
    })
}
