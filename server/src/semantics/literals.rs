//! Literals, and the conversions that real code puts round them.

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, AstToken, SyntaxToken, TextRange};

/// A literal that an expression evaluates to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralValue {
    pub value: Value,
    /// Of the literal.
    pub range: TextRange,
    /// The value is used when another one is absent: `unwrap_or("x")`.
    pub is_fallback: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    /// An array of so many bytes, not all of them zero.
    Bytes(usize),
}

/// The literal behind conversions such as `.into()`, `String::from(…)`, `Some(…)` and `&`.
pub fn literal_of(expr: &ast::Expr) -> Option<LiteralValue> {
    match expr {
        ast::Expr::Literal(literal) => {
            let value = match literal.kind() {
                ast::LiteralKind::String(it) => it.value().ok()?.into_owned(),
                ast::LiteralKind::ByteString(it) => {
                    String::from_utf8_lossy(&it.value().ok()?).into_owned()
                }
                _ => return None,
            };
            let range = literal.syntax().text_range();
            Some(LiteralValue { value: Value::Text(value), range, is_fallback: false })
        }
        ast::Expr::ArrayExpr(array) => {
            let range = array.syntax().text_range();
            Some(LiteralValue { value: Value::Bytes(bytes(array)?), range, is_fallback: false })
        }
        ast::Expr::RefExpr(it) => literal_of(&it.expr()?),
        ast::Expr::ParenExpr(it) => literal_of(&it.expr()?),
        ast::Expr::TryExpr(it) => literal_of(&it.expr()?),
        ast::Expr::BlockExpr(it) => {
            let list = it.stmt_list()?;
            let tail = list.tail_expr().filter(|_| list.statements().next().is_none())?;
            literal_of(&tail)
        }
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref()?.text().to_string();
            match name.as_str() {
                "into" | "to_string" | "to_owned" | "to_vec" | "as_bytes" | "as_ref" | "as_str"
                | "as_slice" | "clone" | "into_bytes" | "unwrap" | "expect" | "parse"
                | "try_into" => literal_of(&it.receiver()?),
                "unwrap_or" => {
                    let value = literal_of(&it.arg_list()?.args().next()?)?;
                    Some(LiteralValue { is_fallback: true, ..value })
                }
                "unwrap_or_else" => {
                    let ast::Expr::ClosureExpr(closure) = it.arg_list()?.args().next()? else {
                        return None;
                    };
                    let value = literal_of(&closure.body()?)?;
                    Some(LiteralValue { is_fallback: true, ..value })
                }
                _ => None,
            }
        }
        ast::Expr::CallExpr(it) => {
            let ast::Expr::PathExpr(path) = it.expr()? else { return None };
            let name = path.path()?.segment()?.name_ref()?.text().to_string();
            let mut args = it.arg_list()?.args();
            let arg = args.next().filter(|_| args.next().is_none())?;
            let keeps = matches!(
                name.as_str(),
                "Some"
                    | "Ok"
                    | "from"
                    | "new"
                    | "from_static"
                    | "Borrowed"
                    | "from_str"
                    | "Secret"
                    | "SecretString"
                    | "Zeroizing"
                    | "from_slice"
                    | "from_bytes"
            );
            literal_of(&arg).filter(|_| keeps)
        }
        _ => None,
    }
}

/// The length of an array of byte literals that are not all zero.
fn bytes(array: &ast::ArrayExpr) -> Option<usize> {
    let value = |expr: &ast::Expr| match expr {
        ast::Expr::Literal(literal) => match literal.kind() {
            ast::LiteralKind::IntNumber(it) => it.value().ok(),
            _ => None,
        },
        _ => None,
    };
    match array.kind() {
        ast::ArrayExprKind::Repeat { initializer, repeat } => {
            let filled = value(&initializer?)? != 0;
            let count = value(&repeat?)?;
            filled.then(|| usize::try_from(count).ok()).flatten()
        }
        ast::ArrayExprKind::ElementList(elements) => {
            let values: Vec<Option<u128>> = elements.map(|it| value(&it)).collect();
            let all = values.iter().all(|it| it.is_some_and(|it| it <= 255));
            let some = values.iter().flatten().any(|it| *it != 0);
            (all && some).then_some(values.len())
        }
    }
}

/// The value of a string literal, when the expression is one.
pub fn string_literal(expr: &ast::Expr) -> Option<String> {
    let ast::Expr::Literal(literal) = expr else { return None };
    let ast::LiteralKind::String(string) = literal.kind() else { return None };
    string.value().ok().map(|value| value.into_owned())
}

/// The text of a string or byte string token, without quotes and escapes.
pub fn text_of(token: &SyntaxToken) -> Option<String> {
    if let Some(string) = ast::String::cast(token.clone()) {
        return string.value().ok().map(|value| value.into_owned());
    }
    let string = ast::ByteString::cast(token.clone())?;
    string.value().ok().map(|value| String::from_utf8_lossy(&value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(expr: &str) -> Option<(Value, bool)> {
        let source = format!("const X: u8 = {expr};");
        let file = ast::SourceFile::parse(&source, crate::syntax::Edition::CURRENT).tree();
        let item = file.syntax().descendants().find_map(ast::Const::cast);
        let found = literal_of(&item.expect("a const").body().expect("a value"))?;
        Some((found.value, found.is_fallback))
    }

    #[test]
    fn literals_are_found_behind_conversions() {
        let text = |value: &str, fallback| Some((Value::Text(value.to_string()), fallback));
        assert_eq!(value("\"a\".into()"), text("a", false));
        assert_eq!(value("Some(String::from(\"a\"))"), text("a", false));
        assert_eq!(value("b\"a\".to_vec()"), text("a", false));
        assert_eq!(value("var(\"X\").unwrap_or_else(|_| \"a\".into())"), text("a", true));
        assert_eq!(value("&[1; 32]"), Some((Value::Bytes(32), false)));
        assert_eq!(value("[1, 2, 0x3]"), Some((Value::Bytes(3), false)));
        for other in ["[0; 32]", "[0, 0]", "f(\"a\")", "x", "\"a\".len()", "[a, 1]"] {
            assert_eq!(value(other), None, "{other}");
        }
    }
}
