//! What an expression is about, in words.

use super::phrases::{Named, named, spoken};
use crate::semantics::calls::argument_count;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind};

/// Whether a text can be part of a sentence.
pub fn is_readable(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '~');
    !text.is_empty() && text.len() <= 40 && text.chars().all(plain)
}

/// A literal in the quotes that it is written in.
pub fn quoted(expr: &ast::Expr) -> Option<String> {
    let ast::Expr::Literal(_) = expr else { return None };
    let text = expr.syntax().text().to_string();
    let plain = text.trim_matches(['"', '\'']);
    (text.len() <= 24 && !plain.is_empty() && !plain.contains(['"', '\\', '\n']))
        .then(|| format!("'{plain}'"))
}

/// The last name in an expression, as words: `config path` for `&self.config_path`.
pub fn subject(expr: &ast::Expr) -> Option<String> {
    let name = match expr {
        ast::Expr::PathExpr(it) => {
            let text = it.syntax().text().to_string();
            let name = text.rsplit("::").next().unwrap_or(&text).to_string();
            (name != "self" && words(&name).next().is_some()).then_some(name)?
        }
        ast::Expr::FieldExpr(it) => match it.name_ref() {
            Some(name) if !name.text().starts_with(|c: char| c.is_ascii_digit()) => {
                name.text().to_string()
            }
            _ => return subject(&it.expr()?),
        },
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref()?;
            // `tcp stream` for `self.tcp_stream()`
            let got = match (named(name.text()), argument_count(it)) {
                (Named::Thing(thing), 0) if !is_view(name.text()) => Some(thing),
                _ => None,
            };
            return got.or_else(|| subject(&it.receiver()?));
        }
        ast::Expr::CallExpr(it) => {
            let ast::Expr::PathExpr(path) = it.expr()? else { return None };
            let text = path.syntax().text().to_string();
            let mut names = text.rsplit("::");
            let name = names.next()?;
            match name {
                "new" | "default" | "from" => names.next()?.to_string(),
                "Some" | "Ok" | "Err" => return subject(&it.arg_list()?.args().next()?),
                _ => {
                    return Some(match named(name) {
                        Named::Thing(thing) => thing,
                        _ => spoken(name),
                    });
                }
            }
        }
        ast::Expr::RefExpr(it) => return subject(&it.expr()?),
        ast::Expr::PrefixExpr(it) => return subject(&it.expr()?),
        ast::Expr::ParenExpr(it) => return subject(&it.expr()?),
        ast::Expr::TryExpr(it) => return subject(&it.expr()?),
        ast::Expr::AwaitExpr(it) => return subject(&it.expr()?),
        ast::Expr::CastExpr(it) => return subject(&it.expr()?),
        ast::Expr::IndexExpr(it) => return subject(&it.base()?),
        ast::Expr::Literal(it) => {
            let text = it.syntax().text().to_string();
            let plain = text.trim_matches(['"', '\'']);
            let is_text = it.syntax().first_token()?.kind() != SyntaxKind::BYTE_STRING;
            return (is_text && is_readable(plain)).then(|| plain.to_string());
        }
        _ => return None,
    };
    Some(spoken(&name))
}

/// Methods that give what they are called on in another form.
fn is_view(method: &str) -> bool {
    matches!(
        method,
        "iter"
            | "iter_mut"
            | "chars"
            | "bytes"
            | "lines"
            | "values"
            | "keys"
            | "trim"
            | "rev"
            | "peekable"
            | "enumerate"
            | "unwrap"
            | "expect"
            | "unwrap_or_default"
            | "cloned"
            | "copied"
            | "by_ref"
            | "display"
            | "inner"
            | "get_ref"
            | "get_mut"
            | "deref"
            | "char_indices"
            | "split_whitespace"
    )
}
