//! An access by an index, and the names and numbers in it.

use crate::syntax::AstNode;
use crate::syntax::ast::{self, RangeItem};
use crate::syntax::imports::compact;

/// An access by an index.
pub struct Access {
    /// What is indexed, without white space.
    pub base: String,
    /// The variables in the index.
    pub names: Vec<String>,
    /// The index without white space.
    pub index: String,
    /// The length that the base must have, when the index is a number.
    pub needed: Option<u128>,
    /// `[..]`, which never panics.
    pub is_full_range: bool,
}

impl Access {
    /// The access of `base` by `index`.
    pub fn new(base: &ast::Expr, index: &ast::Expr) -> Self {
        let text = compact(index.syntax());
        Self {
            base: compact(base.syntax()),
            names: names_in(index).collect(),
            needed: needed_length(index),
            is_full_range: text == "..",
            index: text,
        }
    }
}

impl Access {
    /// Whether the index is a smaller number made a `usize`.
    pub fn is_widened(&self) -> bool {
        self.index.starts_with("usize::from(") || self.index.ends_with("asusize")
    }
}

/// The length that a base must have for an index of numbers.
pub fn needed_length(index: &ast::Expr) -> Option<u128> {
    let ast::Expr::RangeExpr(range) = index else { return Some(number(index)? + 1) };
    let start = range.start().map(|it| number(&it));
    let inclusive = range.op_kind() == Some(ast::RangeOp::Inclusive);
    match (start, range.end().map(|it| number(&it))) {
        (Some(None), _) | (_, Some(None)) => None,
        (_, Some(Some(end))) => Some(end + u128::from(inclusive)),
        (Some(Some(start)), None) => Some(start),
        (None, None) => None,
    }
}

/// The value of a literal number.
pub fn number(expr: &ast::Expr) -> Option<u128> {
    let ast::Expr::Literal(literal) = expr else { return None };
    let ast::LiteralKind::IntNumber(number) = literal.kind() else { return None };
    number.value().ok()
}

/// The variables whose values are part of an expression's: what a method returns is its own.
pub fn values_in(expr: &ast::Expr) -> impl Iterator<Item = String> {
    let paths = expr.syntax().descendants().filter_map(ast::PathExpr::cast);
    let is_receiver = |path: &ast::PathExpr| {
        path.syntax().parent().is_some_and(|it| ast::MethodCallExpr::can_cast(it.kind()))
    };
    let values = paths.filter(move |path| !is_receiver(path));
    values.map(|path| compact(path.syntax())).filter(|text| !text.contains("::"))
}

/// The variables that an expression names.
pub fn names_in(expr: &ast::Expr) -> impl Iterator<Item = String> {
    let paths = expr.syntax().descendants().filter_map(ast::PathExpr::cast);
    paths.map(|path| compact(path.syntax())).filter(|text| !text.contains("::"))
}

/// Whether a name stands in a text as a word.
pub fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
