//! Slices, iterators and texts of which enough is known.

use super::constant::{arguments, is_screaming, is_written, local};
use crate::semantics::expressions::identifier;
use crate::semantics::shape::{Binding, Shape, bare, binding, surroundings};
use crate::syntax::ast::{self, RangeItem};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Whether a slice has a length that stands in the source: `bytes[4..12]`, `&bytes[at..at + 8]`, a
/// piece of `chunks_exact`, a digest.
pub fn has_fixed_length(expr: &ast::Expr, around: &[SyntaxNode]) -> bool {
    match expr {
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| has_fixed_length(&it, around)),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| has_fixed_length(&it, around)),
        ast::Expr::IndexExpr(it) => match it.index() {
            Some(ast::Expr::RangeExpr(range)) => {
                is_fixed_range(&range, around)
                    || (compact(range.syntax()) == ".."
                        && it.base().is_some_and(|it| has_fixed_length(&it, around)))
            }
            _ => false,
        },
        ast::Expr::MethodCallExpr(call) => {
            let Some(name) = call.name_ref() else { return false };
            let receiver = call.receiver();
            match name.text() {
                "as_slice" | "as_ref" | "as_bytes" | "to_vec" | "into_bytes" | "iter" => {
                    receiver.is_some_and(|it| has_fixed_length(&it, around))
                }
                "finalize" | "finalize_fixed" | "to_be_bytes" | "to_le_bytes" => true,
                "split_to" | "copy_to_bytes" => {
                    arguments(call).first().is_some_and(|it| is_written(it, around))
                }
                _ => false,
            }
        }
        ast::Expr::CallExpr(call) => {
            let path = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
            path.ends_with("::digest") && path.starts_with(char::is_uppercase)
        }
        ast::Expr::PathExpr(path) => {
            match binding(&compact(path.syntax()), &surroundings(expr.syntax(), around)) {
                Some(Binding::Value(value)) => has_fixed_length(&value, around),
                Some(Binding::Element(of)) => {
                    let of = compact(of.syntax());
                    [".chunks_exact(", ".array_chunks", ".as_chunks"]
                        .iter()
                        .any(|it| of.contains(it))
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether both ends of a range are known, or the distance between them.
fn is_fixed_range(range: &ast::RangeExpr, around: &[SyntaxNode]) -> bool {
    let Some(end) = range.end() else { return false };
    let start = range.start();
    let known = |it: &ast::Expr| is_written(it, around);
    if start.as_ref().is_none_or(&known) && known(&end) {
        return true;
    }
    // `at..at + 8`, `at + 8..at + 16`
    let parts = |expr: &ast::Expr| -> Option<String> {
        match expr {
            ast::Expr::BinExpr(it) if it.op_kind() == Some(ADDED) && known(&it.rhs()?) => {
                Some(compact(it.lhs()?.syntax()))
            }
            _ => None,
        }
    };
    let Some(start) = start else { return false };
    let from = parts(&start).unwrap_or_else(|| compact(start.syntax()));
    parts(&end).is_some_and(|to| to == from || to == compact(start.syntax()))
}

const ADDED: ast::BinaryOp = ast::BinaryOp::ArithOp(ast::ArithOp::Add);

/// Whether `value.next()`, `.last()` or `.first()` takes one of the parts of a `split`, of which
/// there is one at least.
pub fn is_first_of_split(value: &ast::Expr, around: &[SyntaxNode]) -> bool {
    match value {
        ast::Expr::MethodCallExpr(call) => {
            let Some(name) = call.name_ref() else { return false };
            match name.text() {
                "split" | "rsplit" => arguments(call).len() == 1,
                "splitn" | "rsplitn" => {
                    let parts = arguments(call).first().map(|it| compact(it.syntax()));
                    parts.is_some_and(|it| it != "0")
                }
                "collect" | "map" | "peekable" | "into_iter" | "iter" | "enumerate" | "rev"
                | "copied" | "cloned" => {
                    call.receiver().is_some_and(|it| is_first_of_split(&it, around))
                }
                _ => false,
            }
        }
        ast::Expr::PathExpr(_) => {
            let Some(made) = local(value, around) else { return false };
            is_first_of_split(&made, around) && is_first_use(value, &made, around)
        }
        _ => false,
    }
}

/// Whether a local is used here for the first time since it was made, and not in a loop that it
/// was made before: the next part of an iterator may be missing.
fn is_first_use(used: &ast::Expr, made: &ast::Expr, around: &[SyntaxNode]) -> bool {
    let Some(name) = identifier(used) else { return false };
    // What is collected stays as it is.
    if compact(made.syntax()).contains(".collect") {
        return true;
    }
    let (from, to) = (made.syntax().text_range().end(), used.syntax().text_range().start());
    let body = around.iter().find(|it| it.text_range().contains_range(made.syntax().text_range()));
    let Some(body) = body.filter(|_| from <= to) else { return false };
    let looped = around.iter().take_while(|it| *it != body).any(|it| {
        matches!(
            it.kind(),
            SyntaxKind::LOOP_EXPR
                | SyntaxKind::WHILE_EXPR
                | SyntaxKind::FOR_EXPR
                | SyntaxKind::CLOSURE_EXPR
        )
    });
    let mut tokens = body.descendants_with_tokens().filter_map(|it| it.into_token());
    !looped
        && !tokens.any(|token| {
            let at = token.text_range();
            at.start() >= from && at.end() <= to && token.text() == name
        })
}

/// Whether an expression is a `String`.
pub fn is_string(expr: &ast::Expr, around: &[SyntaxNode]) -> bool {
    let target = match expr {
        ast::Expr::RefExpr(it) => it.expr(),
        other => Some(other.clone()),
    };
    let Some(name) = target.as_ref().and_then(identifier) else { return false };
    match binding(&name, around) {
        Some(Binding::Typed(ty)) => bare(&compact(ty.syntax())) == "String",
        Some(Binding::Value(value)) => {
            let text = compact(value.syntax());
            let made = text.starts_with("String::") || text.starts_with("format!(");
            made || Shape::of(&value, around).resolve(None).as_deref() == Some("String")
        }
        _ => false,
    }
}

/// Whether an expression is a buffer of bytes whose length stands in the source.
pub fn is_array(expr: &ast::Expr, around: &[SyntaxNode]) -> bool {
    let target = match expr {
        ast::Expr::RefExpr(it) => it.expr(),
        other => Some(other.clone()),
    };
    let Some(name) = target.as_ref().and_then(identifier) else { return false };
    match binding(&name, &surroundings(expr.syntax(), around)) {
        Some(Binding::Typed(ty)) => bare(&compact(ty.syntax())).starts_with("[u8;"),
        Some(Binding::Value(value)) => {
            let text = compact(value.syntax());
            let length = text.rsplit_once(';').map_or("", |(_, length)| length);
            let length = length.trim_end_matches([']', ')']);
            let known = length.starts_with(|c: char| c.is_ascii_digit()) || is_screaming(length);
            text.contains("[0") && known
        }
        _ => false,
    }
}
