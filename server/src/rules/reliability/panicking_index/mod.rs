//! Index, slice or division that panics on a value from outside.
//!
//! `buf[4]`, `&buf[a..b]`, `s[..n]`, `.split_at(n)`, `.remove(i)` and `a / b` panic when the index is
//! out of bounds, when it does not lie on a character boundary of the string, or when the divisor is
//! zero. In code that decodes bytes or serves requests the peer chooses these values, so one packet
//! ends the task, and with `panic = "abort"` the process.
//!
//! ```rust,bad
//! pub fn decode_frame(buf: &[u8]) -> Option<&[u8]> {
//!     let len = buf[0] as usize;
//!     Some(&buf[1..1 + len])
//! }
//! ```
//!
//! Take what may be missing with `get`, `split_at_checked` or `checked_div`, or check the length
//! first:
//!
//! ```rust
//! fn decode_frame(buf: &[u8]) -> Option<&[u8]> {
//!     let len = usize::from(*buf.first()?);
//!     buf.get(1..1 + len)
//! }
//!
//! fn decode_port(buf: &[u8]) -> Option<u16> {
//!     if buf.len() < 2 {
//!         return None;
//!     }
//!     Some(u16::from_be_bytes([buf[0], buf[1]]))
//! }
//! ```
//!
//! Only functions that decode or serve are looked at, as their names, parameters and traits tell. The
//! severity is low where nothing says that the value comes from outside, and in private functions,
//! whose callers mostly checked what they pass.
//!
//! Known problems: a check counts when it names the same collection or index before the access in
//! the same function; whether it compares with enough is not always known.

mod access;
mod body;
mod guards;
mod origin;

#[cfg(test)]
mod tests;

use self::access::Access;
use self::guards::{is_guarded, is_nonzero};
use self::origin::{Origin, integer_origin, is_fixed_or_chunk, value_origin};
use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::semantics::calls::{argument_count, method_range};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode, TextRange};

pub static RULE: Rule = Rule {
    id: "panicking-index",
    opportunity: Opportunity::ElementAccesses,
    raised_when_critical: false,
    lints: &["clippy::indexing_slicing", "clippy::string_slice"],
    cwe: &[125, 248],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Node(&On(check_index)),
        Query::Node(&On(check_division)),
        Query::Method(
            &["split_at", "split_at_mut", "split_off", "remove", "swap_remove"],
            check_method,
        ),
    ],
    ..Rule::source(AREA)
};

fn check_index(access: &ast::IndexExpr, cx: &mut Context<'_>) {
    let (Some(base), Some(index)) = (access.base(), access.index()) else { return };
    // A string key or a reference looks something up in a map.
    let is_key = match &index {
        ast::Expr::Literal(literal) => matches!(literal.kind(), ast::LiteralKind::String(_)),
        ast::Expr::RefExpr(_) => true,
        // Templates have conditions in brackets: `selected[page == 10]`.
        ast::Expr::BinExpr(it) => matches!(it.op_kind(), Some(ast::BinaryOp::CmpOp(_))),
        _ => false,
    };
    if is_key || is_constant(&base) {
        return;
    }
    let Some(function) = decoding_function(access.syntax(), cx) else { return };
    let ranges = matches!(index, ast::Expr::RangeExpr(_));
    let access_of = Access::new(&base, &index);
    if access_of.is_full_range || is_fixed_or_chunk(&base, &access_of, &function, cx) {
        return;
    }
    if is_guarded(&access_of, access.syntax(), &function, cx) {
        return;
    }
    let origin = value_origin(&base, Some(&index), &function, cx);
    let code = shown(access.syntax());
    let message = match (ranges, origin.is_text) {
        (true, true) => {
            format!("{code} panics if it is out of bounds or splits a character")
        }
        (true, false) => format!("{code} panics if the range is out of bounds"),
        (false, _) => format!("{code} panics if the index is out of bounds"),
    };
    report(access.syntax(), access.syntax().text_range(), message, &origin, cx);
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
    let argument = call.arg_list().and_then(|list| list.args().next());
    let (Some(receiver), Some(index)) = (call.receiver(), argument) else { return };
    if argument_count(call) != 1 {
        return;
    }
    let Some(function) = decoding_function(call.syntax(), cx) else { return };
    let origin = value_origin(&receiver, Some(&index), &function, cx);
    // `remove` of a map takes a key and returns an `Option`.
    if name == "remove" && !origin.is_sequence {
        return;
    }
    let access = Access::new(&receiver, &index);
    if is_guarded(&access, call.syntax(), &function, cx) {
        return;
    }
    let message = format!("`{name}` panics if the index is out of bounds");
    report(call.syntax(), method_range(call), message, &origin, cx);
}

fn check_division(division: &ast::BinExpr, cx: &mut Context<'_>) {
    use ast::{ArithOp, BinaryOp};
    let divides = matches!(
        division.op_kind(),
        Some(
            BinaryOp::ArithOp(ArithOp::Div | ArithOp::Rem)
                | BinaryOp::Assignment { op: Some(ArithOp::Div | ArithOp::Rem) }
        )
    );
    let Some(divisor) = division.rhs().filter(|_| divides) else { return };
    let name = compact(divisor.syntax());
    let is_variable = matches!(divisor, ast::Expr::PathExpr(_)) && !is_constant(&divisor);
    if !is_variable || name.contains("::") {
        return;
    }
    let Some(function) = decoding_function(division.syntax(), cx) else { return };
    // Whether a division can panic depends on the type: floats never do.
    let Some(origin) = integer_origin(&name, division.syntax(), &function, cx) else { return };
    if !origin.is_outside || is_nonzero(&name, division.syntax(), &function, cx) {
        return;
    }
    let message = format!("{} panics if `{name}` is zero", shown(division.syntax()));
    report(division.syntax(), division.syntax().text_range(), message, &origin, cx);
}

fn report(
    node: &SyntaxNode,
    range: TextRange,
    message: String,
    origin: &Origin,
    cx: &mut Context<'_>,
) {
    let mut report = Report::new(range, message);
    if !origin.is_outside {
        // What the program computes itself mostly fits.
        report = report.severity(Severity::Low).confidence(Confidence::Possible);
    }
    cx.report(node, report);
}

/// The function around a node, when it decodes bytes or serves requests.
fn decoding_function(node: &SyntaxNode, cx: &Context<'_>) -> Option<ast::Fn> {
    let function = cx.function(node)?;
    origin::decodes_or_serves(&function, cx).then_some(function)
}

/// Whether an expression names a constant: tables are indexed by what they were made for.
fn is_constant(expr: &ast::Expr) -> bool {
    let ast::Expr::PathExpr(path) = expr else { return false };
    let name = path.path().and_then(|it| it.segment()).and_then(|it| it.name_ref());
    name.is_some_and(|name| {
        let text = name.text();
        text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase)
    })
}

/// Code as a message quotes it; a long one is not quoted.
fn shown(node: &SyntaxNode) -> String {
    const MAX_CHARACTERS: usize = 40;
    let text = node.text().to_string();
    match text.chars().count() <= MAX_CHARACTERS && !text.contains('\n') {
        true => format!("`{text}`"),
        false => "this expression".to_string(),
    }
}
