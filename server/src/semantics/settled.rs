//! Values that may be absent as far as types tell, and that the program itself has settled: no
//! request decides about them.

use super::NodeContext;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode, TextSize};

/// Methods that show the value in an option in another way.
const VIEWS: &[&str] =
    &["as_deref", "as_deref_mut", "as_mut", "as_ref", "clone", "cloned", "copied", "take"];

/// Methods between a call that fails and its `?`.
const ON_FAILURE: &[&str] =
    &["context", "map_err", "ok", "ok_or", "ok_or_else", "or_else", "with_context", "wrap_err"];

/// Why the program has settled that a value is there, as a clause; nothing where it may not have.
pub fn reason(value: &ast::Expr, cx: &NodeContext<'_>) -> Option<&'static str> {
    if is_own_state(value) {
        return Some("a field that the type itself fills in");
    }
    let ast::Expr::MethodCallExpr(call) = value else { return None };
    if call.name_ref()?.text() != "parse" {
        return None;
    }
    let text = call.receiver()?;
    match () {
        () if is_made_here(&text) => Some("the text is made here"),
        () if was_parsed(&text, cx) => Some("the text was parsed before"),
        () => None,
    }
}

/// `self.device.as_ref()`, `self.session.user.take()`.
fn is_own_state(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::MethodCallExpr(call) => {
            call.name_ref().is_some_and(|it| VIEWS.contains(&it.text()))
                && call.arg_list().is_none_or(|it| it.args().next().is_none())
                && call.receiver().is_some_and(|it| is_own_state(&it))
        }
        ast::Expr::FieldExpr(field) => field.expr().is_some_and(|it| match it {
            ast::Expr::PathExpr(path) => compact(path.syntax()) == "self",
            other => matches!(other, ast::Expr::FieldExpr(_)) && is_own_state(&other),
        }),
        _ => false,
    }
}

/// `id.to_string()`, `format!("{id}")`.
fn is_made_here(text: &ast::Expr) -> bool {
    match text {
        ast::Expr::MethodCallExpr(call) => {
            call.name_ref().is_some_and(|it| it.text() == "to_string")
        }
        ast::Expr::MacroExpr(it) => {
            let call = it.macro_call();
            call.and_then(|it| macro_name(it.syntax())).as_deref() == Some("format")
        }
        _ => false,
    }
}

/// Whether the function has parsed the same text before, and returned where that failed.
fn was_parsed(text: &ast::Expr, cx: &NodeContext<'_>) -> bool {
    let Some(function) = cx.function(text.syntax()) else { return false };
    let parsed = cx.once("parsed texts", function.syntax(), || parsed_texts(function.syntax()));
    let (wanted, start) = (compact(text.syntax()), text.syntax().text_range().start());
    parsed.iter().any(|(end, it)| *end <= start && *it == wanted)
}

/// The texts that a function parses with `?`, each with the end of the expression.
fn parsed_texts(function: &SyntaxNode) -> Vec<(TextSize, String)> {
    let tries = function.descendants().filter_map(ast::TryExpr::cast);
    let found = tries.filter_map(|it| {
        let text = parsed_text(&it.expr()?)?;
        let text = text.trim_start_matches('&').to_string();
        Some((it.syntax().text_range().end(), text))
    });
    found.collect()
}

fn parsed_text(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::MethodCallExpr(call) => match call.name_ref()?.text() {
            "parse" => Some(compact(call.receiver()?.syntax())),
            name if ON_FAILURE.contains(&name) => parsed_text(&call.receiver()?),
            _ => None,
        },
        ast::Expr::CallExpr(call) => {
            let callee = compact(call.expr()?.syntax());
            let parses =
                matches!(callee.rsplit("::").next()?, "from_str" | "parse_str" | "try_from");
            let argument = call.arg_list()?.args().next().filter(|_| parses)?;
            Some(compact(argument.syntax()))
        }
        _ => None,
    }
}
