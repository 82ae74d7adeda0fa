//! Reading the value from the environment instead.

use crate::analysis::{Applicability, Context, Fix, FixContext};
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, Edition, SyntaxKind, SyntaxNode, ast};
use crate::text::TextEdit;

/// What replaces the literal, when a `String` is wanted and the body can return an error.
pub(super) fn environment_read(
    node: &SyntaxNode,
    name: &str,
    expr: &ast::Expr,
    cx: &Context<'_>,
) -> Option<TextEdit> {
    let is_value = matches!(
        node.kind(),
        SyntaxKind::LET_STMT | SyntaxKind::RECORD_EXPR_FIELD | SyntaxKind::BIN_EXPR
    );
    if cx.in_macro() || !is_value || cx.file().edition == Edition::Edition2015 {
        return None;
    }
    // The type is certain only where the literal is turned into a `String` by name.
    let makes_string = match expr {
        ast::Expr::MethodCallExpr(call) => {
            let method = call.name_ref()?.text().to_string();
            let receiver = call.receiver()?;
            let of_text = matches!(&receiver, ast::Expr::Literal(it) if matches!(it.kind(), ast::LiteralKind::String(_)));
            of_text && matches!(method.as_str(), "to_string" | "to_owned")
        }
        ast::Expr::CallExpr(call) => compact(call.expr()?.syntax()) == "String::from",
        _ => false,
    };
    if !makes_string || !returns_any_error(node) {
        return None;
    }
    let variable: Vec<String> = words(name).map(|word| word.to_uppercase()).collect();
    let read = format!("std::env::var(\"{}\")?", variable.join("_"));
    Some(TextEdit::replace(cx.file_range(expr.syntax().text_range()), read))
}

/// Whether `?` works here on every error: the function returns one of the results that take any.
fn returns_any_error(node: &SyntaxNode) -> bool {
    for ancestor in node.ancestors() {
        match ancestor.kind() {
            SyntaxKind::CLOSURE_EXPR | SyntaxKind::CONST | SyntaxKind::STATIC => return false,
            SyntaxKind::BLOCK_EXPR => {
                let block = ast::BlockExpr::cast(ancestor);
                let plain = block.is_some_and(|block| block.modifier().is_none());
                if !plain {
                    return false;
                }
            }
            SyntaxKind::FN => {
                let Some(function) = ast::Fn::cast(ancestor) else { return false };
                let ty = function.ret_type().and_then(|ret| ret.ty());
                let ty = ty.map(|ty| compact(ty.syntax())).unwrap_or_default();
                let any = ["anyhow::Result<", "eyre::Result<", "color_eyre::Result<"];
                let boxed = ty.starts_with("Result<") || ty.starts_with("std::result::Result<");
                return any.iter().any(|it| ty.starts_with(it))
                    || boxed
                        && (ty.contains(",Box<dynError")
                            || ty.contains(",Box<dynstd::error::Error")
                            || ty.ends_with(",anyhow::Error>"));
            }
            _ => {}
        }
    }
    false
}

pub(super) fn read_fix(context: &FixContext<'_>, edit: Option<TextEdit>) -> Vec<Fix> {
    let Some(edit) = edit else { return Vec::new() };
    vec![context.here("Read the value from the environment", Applicability::Suggested, vec![edit])]
}
