//! Operands that the program's own text gives.

use crate::project::{ConstantValue, SymbolIndex};
use crate::semantics::secrets::{SecretKind, SecretNames, SecretValue, ValuePlace, secret_value};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::{AstNode, Imports, SyntaxNode};

/// A constant that is compared, by its name. The function that compares it may declare it.
#[derive(Clone)]
pub struct Constant {
    name: String,
    value: Option<ConstantValue>,
    is_foreign: bool,
}

impl Constant {
    pub fn new(path: &ast::Path, around: &[SyntaxNode], imports: &Imports) -> Self {
        let name = path.segment().and_then(|it| it.name_ref());
        let name = name.map(|it| it.text().to_string()).unwrap_or_default();
        let declared = around.iter().filter(|it| ast::StmtList::can_cast(it.kind()));
        let declared = declared.flat_map(|it| it.children()).filter_map(ast::Const::cast);
        let value = declared
            .filter(|it| it.name().is_some_and(|it| it.text() == name))
            .find_map(|it| ConstantValue::of(it.syntax()));
        let is_foreign = path.qualifier().is_some()
            || imports.path_of(&name).is_some_and(|path| {
                !["crate", "self", "super"].iter().any(|it| path.split("::").next() == Some(it))
            });
        Self { name, value, is_foreign }
    }

    /// Whether it holds a secret: a text that is one, or what is loaded when the program starts.
    pub fn holds_secret(&self, names: &SecretNames, symbols: &SymbolIndex) -> bool {
        let is_secret = |value: &ConstantValue| match value {
            ConstantValue::Loaded => true,
            ConstantValue::Plain => false,
            ConstantValue::Text(text) => {
                let kind = names.kind(&self.name).unwrap_or(SecretKind::Other);
                secret_value(text, &self.name, kind, ValuePlace::Bound)
                    .is_some_and(|it| it != SecretValue::ToReplace)
            }
        };
        let mut declared = self.value.iter().chain(symbols.constants(&self.name)).peekable();
        match declared.peek() {
            Some(_) => declared.any(is_secret),
            // A macro may declare it. What a library exports is known to all.
            None => !self.is_foreign,
        }
    }
}

/// Whether an operand says that nothing secret is compared: literals, variants, `None`.
pub fn is_public(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_public(&it)),
        // Which place it is.
        ast::Expr::RefExpr(it) if it.mut_token().is_some() => true,
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_public(&it)),
        ast::Expr::PrefixExpr(it) => it.expr().is_some_and(|it| is_public(&it)),
        ast::Expr::Literal(_) | ast::Expr::RecordExpr(_) | ast::Expr::CastExpr(_) => true,
        ast::Expr::ArrayExpr(_) => true,
        ast::Expr::BinExpr(_) | ast::Expr::ClosureExpr(_) | ast::Expr::RangeExpr(_) => true,
        ast::Expr::PathExpr(it) => {
            let name = it.path().and_then(|it| it.segment()).and_then(|it| it.name_ref());
            let name = name.map(|it| it.text().to_string()).unwrap_or_default();
            name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
        }
        // `vec![]`, `vec![0; 32]`
        ast::Expr::MacroExpr(it) => {
            let text = it.syntax().text().to_string();
            text.starts_with("vec!") && !text.chars().skip(4).any(char::is_alphabetic)
        }
        ast::Expr::CallExpr(it) => {
            let Some(path) = it.expr().map(|it| it.syntax().text().to_string()) else {
                return true;
            };
            let argument = it.arg_list().and_then(|list| list.args().next());
            match path.as_str() {
                "Some" | "Ok" | "Err" => argument.is_none_or(|it| is_public(&it)),
                // An empty value.
                _ if argument.is_none()
                    && (path.ends_with("::new") || path.ends_with("::default")) =>
                {
                    true
                }
                _ => path.rsplit("::").next().is_some_and(|it| it.starts_with(char::is_uppercase)),
            }
        }
        ast::Expr::MethodCallExpr(it) => {
            let method = it.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
            match method.as_str() {
                "to_string" | "into" | "to_owned" | "as_bytes" | "to_vec" => {
                    it.receiver().is_some_and(|it| is_public(&it))
                }
                "len" | "count" | "is_empty" | "is_some" | "is_none" | "kind" | "peek" | "id"
                | "ty" | "type_id" => true,
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
