//! Checks on the way of a value.

use super::Walk;
use super::value::{Kind, Kinds, Value};
use crate::syntax::ast;
use crate::syntax::names::words;

/// Words in the names of functions that check what they are given, or make it harmless; sorted.
const CHECKING: &[&str] = &[
    "allow", "allowed", "assert", "authorize", "authorized", "check", "checked", "clean", "deny",
    "ensure", "escape", "escaped", "expect", "forbid", "guard", "normalize", "permit", "permitted",
    "quote", "quoted", "reject", "require", "safe", "sanitise", "sanitize", "sanitized", "slug",
    "slugify", "valid", "validate", "validated", "verify", "whitelist",
];

/// Questions about a value that say nothing of what is in it; sorted.
const IDLE_QUESTIONS: &[&str] = &[
    "is_dir", "is_empty", "is_err", "is_err_and", "is_file", "is_none", "is_null", "is_ok",
    "is_some", "is_terminal",
];

/// Whether a function checks what it is given, or makes it harmless, by its name.
pub(super) fn is_check(name: &str) -> bool {
    if matches!(name, "expect" | "expect_err" | "checked_add" | "checked_sub" | "checked_mul") {
        return false;
    }
    words(name).any(|it| CHECKING.binary_search(&it.as_str()).is_ok())
        || name.starts_with("is_") && IDLE_QUESTIONS.binary_search(&name).is_err()
}

/// What a value is checked for that is searched for a text.
fn searched(text: Option<&str>) -> Kinds {
    let Some(text) = text else { return Kinds::default() };
    let mut kinds = Kinds::default();
    if text.contains("..") || text.contains('/') || text.contains('\\') {
        kinds = kinds.and(Kinds::of(Kind::File));
    }
    if text.contains('/') || text.contains(':') || text.contains('@') {
        kinds = kinds.and(Kinds::of(Kind::Host)).and(Kinds::of(Kind::Redirect));
    }
    if text.contains(['\'', '"', ';', ' ', '`']) {
        kinds = kinds.and(Kinds::of(Kind::Sql)).and(Kinds::of(Kind::Shell));
    }
    if text.contains('\n') || text.contains('\r') {
        kinds = kinds.and(Kinds::of(Kind::Log));
    }
    kinds
}

impl Walk<'_> {
    /// Notes what a method checks of what it is called on and of its arguments.
    pub(super) fn check_by_method(&mut self, name: &str, receiver: &Value, arguments: &[Value]) {
        let first = arguments.first();
        match name {
            "contains" | "contains_key" | "binary_search" | "is_match" | "matches"
                if first.is_some_and(|it| it.sources & !receiver.sources != 0) =>
            {
                arguments.iter().for_each(|it| self.check(it, Kinds::ALL));
            }
            _ if !receiver.is_from_source() && is_check(name) => {
                arguments.iter().for_each(|it| self.check(it, Kinds::ALL));
            }
            _ if !receiver.is_from_source() => {}
            "contains" | "find" | "split" | "split_once" | "rsplit_once" | "matches"
            | "replace" => {
                let text = first.and_then(Value::known_text);
                self.check(receiver, searched(text.as_deref()));
            }
            "starts_with" | "strip_prefix" => {
                let is_text = first.and_then(Value::known_text);
                let kinds = Kinds::of(Kind::Host).and(Kinds::of(Kind::Redirect));
                self.check(receiver, kinds.and(Kinds::of(Kind::Panic)));
                if is_text.is_none_or(|it| it.contains('/') || it == ".") {
                    self.check(receiver, Kinds::of(Kind::File));
                }
            }
            "components" | "is_absolute" | "is_relative" | "has_root" | "normalize" | "clean"
            | "file_stem" => self.check(receiver, Kinds::of(Kind::File)),
            "host" | "host_str" | "domain" | "origin" | "scheme" => {
                self.check(receiver, Kinds::of(Kind::Host).and(Kinds::of(Kind::Redirect)));
            }
            "all" | "any" => self.check(receiver, Kinds::ALL),
            "eq" | "eq_ignore_ascii_case" | "cmp" | "ct_eq" => self.check(receiver, Kinds::ALL),
            _ if is_check(name) => self.check(receiver, Kinds::ALL),
            _ => {}
        }
    }

    /// Evaluates a condition. A function that is given a value and decides is a check of it.
    pub(super) fn condition(&mut self, condition: Option<ast::Expr>) {
        let Some(condition) = condition else { return };
        match &condition {
            ast::Expr::BinExpr(it) if matches!(it.op_kind(), Some(ast::BinaryOp::LogicOp(_))) => {
                self.condition(it.lhs());
                self.condition(it.rhs());
            }
            ast::Expr::ParenExpr(it) => self.condition(it.expr()),
            ast::Expr::PrefixExpr(it) => self.condition(it.expr()),
            ast::Expr::TryExpr(it) => self.condition(it.expr()),
            ast::Expr::AwaitExpr(it) => self.condition(it.expr()),
            ast::Expr::CallExpr(it) => {
                let before = self.hits.len();
                let given = self.arguments(it);
                if self.hits.len() == before {
                    given.iter().for_each(|it| self.check(it, Kinds::ALL));
                }
                self.call(it);
            }
            other => {
                self.eval(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(CHECKING.is_sorted() && IDLE_QUESTIONS.is_sorted());
    }
}
