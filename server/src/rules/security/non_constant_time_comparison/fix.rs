//! The comparison in constant time.

use super::operands::bare;
use crate::analysis::fix::dependency::dependency_edits;
use crate::analysis::fix::imports::import_edit;
use crate::analysis::{Applicability, Fix, FixContext};
use crate::semantics::shape::{Kind, Shape};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, SyntaxKind};
use crate::text::{FileRange, TextEdit};

type Operand<'a> = (&'a ast::Expr, &'a Shape);

pub fn ct_eq(
    (left, right): (Operand<'_>, Operand<'_>),
    negated: bool,
    range: FileRange,
    cx: &FixContext<'_>,
) -> Option<Fix> {
    let not = if negated { "!" } else { "" };
    let kinds = (left.1.kind(Some(cx.symbols))?, right.1.kind(Some(cx.symbols))?);
    let call = match kinds {
        (Kind::Option(a), Kind::Option(b)) => match (some_argument(left), some_argument(right)) {
            (None, Some(value)) => is_some(left, &a, (&value.0, value.1), cx)?,
            (Some(value), None) => is_some(right, &b, (&value.0, value.1), cx)?,
            (None, None) => are_same((left, &a), (right, &b), cx)?,
            (Some(_), Some(_)) => return None,
        },
        (a, b) => {
            let left = Text::of(left.0, &a)?.receiver;
            let right = Text::of(right.0, &b)?.argument;
            format!("bool::from({left}.ct_eq({right}))")
        }
    };
    let call = format!("{not}{call}");
    let mut edits = vec![TextEdit::replace(range, call)];
    let mut files = Vec::new();
    if let Some(import) = import_edit(cx, range.start(), "subtle::ConstantTimeEq") {
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

/// Whether an option holds a value.
fn is_some(
    option: Operand<'_>,
    kind: &Kind,
    value: Operand<'_>,
    cx: &FixContext<'_>,
) -> Option<String> {
    let value = uncopied(value, cx);
    let value = Text::of(&value.0, &value.1.kind(Some(cx.symbols))?)?.argument;
    let option = borrowed(option, cx)?;
    let [name, _] = fresh(&value)?;
    let inner = bytes_of(name, kind, false, false)?;
    Some(format!("{option}.is_some_and(|{name}| bool::from({inner}.ct_eq({value})))"))
}

/// Whether two options hold the same, or both nothing.
fn are_same(
    (left, left_kind): (Operand<'_>, &Kind),
    (right, right_kind): (Operand<'_>, &Kind),
    cx: &FixContext<'_>,
) -> Option<String> {
    // The second is looked at in a closure.
    let moves = right.0.syntax().descendants().any(|it| {
        matches!(it.kind(), SyntaxKind::TRY_EXPR | SyntaxKind::AWAIT_EXPR | SyntaxKind::RETURN_EXPR)
    });
    let (left, right_option) = (borrowed(left, cx)?, borrowed(right, cx)?);
    let is_none = bare(right.0).syntax().text().to_string();
    let [name, other] = fresh(&is_none).filter(|_| !moves)?;
    let first = bytes_of(name, left_kind, false, false)?;
    let second = bytes_of(other, right_kind, false, false)?;
    let second = if *right_kind == Kind::Text { second } else { format!("&{second}") };
    Some(format!(
        "{left}.map_or({is_none}.is_none(), |{name}| {right_option}.is_some_and(|{other}| bool::from({first}.ct_eq({second}))))"
    ))
}

/// An option that may be consumed: one that stays in its place is borrowed.
fn borrowed((expr, shape): Operand<'_>, cx: &FixContext<'_>) -> Option<String> {
    let expr = bare(expr);
    let text = expr.syntax().text().to_string();
    let ty = shape.resolve(Some(cx.symbols))?;
    let is_copied = ty.contains("<&") && !ty.contains("&mut");
    let is_new =
        matches!(shape, Shape::Method(_, name) if matches!(name.as_str(), "as_ref" | "clone"));
    match expr {
        ast::Expr::MethodCallExpr(_) if is_new => Some(text),
        ast::Expr::MethodCallExpr(_) | ast::Expr::CallExpr(_) if !ty.starts_with('&') => Some(text),
        ast::Expr::PathExpr(_) | ast::Expr::FieldExpr(_) | ast::Expr::IndexExpr(_) => {
            Some(if is_copied { text } else { format!("{text}.as_ref()") })
        }
        _ => None,
    }
}

/// Two names that a text does not mention.
fn fresh(text: &str) -> Option<[&'static str; 2]> {
    let mentions = |name: &str| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
    };
    let pairs = [["it", "other"], ["value", "expected"], ["left", "right"]];
    pairs.into_iter().find(|pair| !pair.iter().any(|name| mentions(name)))
}

/// What was copied to be compared: `given` of `given.to_string()`.
fn uncopied((expr, shape): (&ast::Expr, &Shape), cx: &FixContext<'_>) -> (ast::Expr, Shape) {
    let original = match (expr, shape) {
        (ast::Expr::MethodCallExpr(call), Shape::Method(of, name))
            if matches!(name.as_str(), "to_string" | "to_owned" | "to_vec" | "clone") =>
        {
            let kind = of.kind(Some(cx.symbols));
            let same = matches!(kind, Some(Kind::Text | Kind::Bytes));
            call.receiver().filter(|_| same).map(|receiver| (receiver, (**of).clone()))
        }
        _ => None,
    };
    original.unwrap_or_else(|| (expr.clone(), shape.clone()))
}

/// The argument of `Some(…)`.
fn some_argument<'a>((expr, shape): Operand<'a>) -> Option<(ast::Expr, &'a Shape)> {
    let ast::Expr::CallExpr(call) = bare(expr) else { return None };
    let is_some = call.expr().is_some_and(|it| it.syntax().text() == "Some");
    let Shape::Some(inner) = shape else { return None };
    Some((call.arg_list()?.args().next().filter(|_| is_some)?, inner))
}
