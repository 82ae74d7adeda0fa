//! The comparison in constant time.

use super::names::bare;
use crate::analysis::{Applicability, Fix, FixContext};
use crate::rules::support::imports::import_edit;
use crate::rules::support::manifest::dependency_edits;
use crate::rules::support::shape::{Kind, Shape};
use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasArgList};
use crate::text::{TextEdit, TextRange};

type Operand<'a> = (&'a ast::Expr, &'a Shape);

pub fn ct_eq(
    (left, right): (Operand<'_>, Operand<'_>),
    negated: bool,
    range: TextRange,
    cx: &FixContext<'_>,
) -> Option<Fix> {
    let not = if negated { "!" } else { "" };
    let kinds = (left.1.kind(Some(cx.facts))?, right.1.kind(Some(cx.facts))?);
    let call = match kinds {
        (Kind::Option(a), Kind::Option(b)) => {
            let (option, kind, other) = match (some_argument(left.0), some_argument(right.0)) {
                (None, Some(other)) => ((left.0, left.1), a, (other, *b)),
                (Some(other), None) => ((right.0, right.1), b, (other, *a)),
                _ => return None,
            };
            // An option that is moved out of its place may be needed there.
            let ty = option.1.resolve(Some(cx.facts))?;
            let copied = ty.contains("<&") && !ty.contains("&mut");
            if !copied && !matches!(option.0, ast::Expr::MethodCallExpr(_) | ast::Expr::CallExpr(_))
            {
                return None;
            }
            let option = option.0.syntax().text().to_string();
            let value = bytes_of("it", &kind, false, false)?;
            let other = Text::of(&other.0, &other.1)?.argument;
            format!("{not}{option}.is_some_and(|it| bool::from({value}.ct_eq({other})))")
        }
        (a, b) => {
            let left = Text::of(left.0, &a)?.receiver;
            let right = Text::of(right.0, &b)?.argument;
            format!("{not}bool::from({left}.ct_eq({right}))")
        }
    };
    let mut edits = vec![TextEdit::replace(range, call)];
    let mut files = Vec::new();
    if let Some(import) = import_edit(cx.root, range.start(), "subtle::ConstantTimeEq") {
        edits.push(import);
        files = dependency_edits(cx, "subtle", "2")?;
    }
    let mut fix = cx.here("Compare in constant time", Applicability::Suggested, edits);
    fix.edits.extend(files);
    Some(fix)
}

/// The text of an operand of `ct_eq`.
struct Text {
    receiver: String,
    argument: String,
}

impl Text {
    fn of(expr: &ast::Expr, kind: &Kind) -> Option<Self> {
        let expr = bare(expr);
        let text = expr.syntax().text().to_string();
        let is_part = matches!(&expr, ast::Expr::IndexExpr(it)
            if matches!(it.index(), Some(ast::Expr::RangeExpr(_))));
        let is_slice = match &expr {
            ast::Expr::MethodCallExpr(it) => {
                it.name_ref().is_some_and(|it| matches!(it.text(), "as_bytes" | "as_slice"))
            }
            _ => false,
        };
        let simple = matches!(
            expr,
            ast::Expr::PathExpr(_)
                | ast::Expr::FieldExpr(_)
                | ast::Expr::MethodCallExpr(_)
                | ast::Expr::CallExpr(_)
                | ast::Expr::IndexExpr(_)
                | ast::Expr::MacroExpr(_)
                | ast::Expr::TryExpr(_)
                | ast::Expr::AwaitExpr(_)
        );
        if !simple {
            return None;
        }
        let receiver = bytes_of(&text, kind, is_part, is_slice)?;
        let borrowed = matches!(kind, Kind::Text) || is_slice;
        let argument = if borrowed { receiver.clone() } else { format!("&{receiver}") };
        Some(Self { receiver, argument })
    }
}

fn bytes_of(text: &str, kind: &Kind, is_part: bool, is_slice: bool) -> Option<String> {
    match kind {
        Kind::Text => Some(format!("{text}.as_bytes()")),
        Kind::Bytes if is_part || is_slice => Some(text.to_string()),
        Kind::Bytes => Some(format!("{text}[..]")),
        _ => None,
    }
}

/// The argument of `Some(…)`.
fn some_argument(expr: &ast::Expr) -> Option<ast::Expr> {
    let ast::Expr::CallExpr(call) = bare(expr) else { return None };
    let is_some = call.expr().is_some_and(|it| it.syntax().text() == "Some");
    call.arg_list()?.args().next().filter(|_| is_some)
}
