//! Literals, and the conversions that real code puts round them.

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::macro_name;
use crate::syntax::{AstNode, AstToken, NodeOrToken, SyntaxKind, SyntaxToken, TextRange};

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
        ast::Expr::CastExpr(it) => literal_of(&it.expr()?),
        ast::Expr::BlockExpr(it) => {
            let list = it.stmt_list()?;
            let tail = list.tail_expr().filter(|_| list.statements().next().is_none())?;
            literal_of(&tail)
        }
        ast::Expr::MethodCallExpr(it) => of_method_call(it),
        ast::Expr::CallExpr(it) => of_call(it),
        ast::Expr::MacroExpr(it) => of_macro(&it.macro_call()?),
        // What is left when the value is not there.
        ast::Expr::IfExpr(it) => {
            let ast::ElseBranch::Block(block) = it.else_branch()? else { return None };
            fallback(&block.stmt_list()?.tail_expr()?)
        }
        ast::Expr::MatchExpr(it) => {
            let mut arms = it.match_arm_list()?.arms().filter_map(|arm| fallback(&arm.expr()?));
            arms.next().filter(|_| arms.next().is_none())
        }
        _ => None,
    }
}

/// Methods that leave a literal what it is.
const CONVERSIONS: &[&str] = &[
    "as_bytes", "as_ref", "as_slice", "as_str", "clone", "context", "expect", "into",
    "into_boxed_str", "into_bytes", "map_err", "ok", "parse", "to_owned", "to_string", "to_vec",
    "trim", "try_into", "unwrap", "with_context",
];

/// Functions that leave a literal what it is, besides constructors of enum variants and newtypes.
const WRAPPERS: &[&str] =
    &["from", "from_bytes", "from_slice", "from_static", "from_str", "into", "new", "try_from"];

/// Whether a method leaves a literal what it is.
pub fn is_conversion(method: &str) -> bool {
    CONVERSIONS.contains(&method)
}

/// Whether a function leaves its only argument what it is: `String::from`, `Value::String`.
pub fn is_wrapper(function: &str) -> bool {
    WRAPPERS.contains(&function) || function.starts_with(|c: char| c.is_ascii_uppercase())
}

fn of_method_call(call: &ast::MethodCallExpr) -> Option<LiteralValue> {
    let name = call.name_ref()?.text().to_string();
    let argument = |at: usize| call.arg_list()?.args().nth(at);
    match name.as_str() {
        "unwrap_or" | "or" | "map_or" => fallback(&argument(0)?),
        "unwrap_or_else" | "or_else" | "map_or_else" => match argument(0)? {
            ast::Expr::ClosureExpr(closure) => fallback(&closure.body()?),
            _ => None,
        },
        name if is_conversion(name) => literal_of(&call.receiver()?),
        _ => None,
    }
}

/// A literal that is used when another value is absent.
fn fallback(expr: &ast::Expr) -> Option<LiteralValue> {
    let value = match expr {
        // What stands before it may log that it is used.
        ast::Expr::BlockExpr(block) => literal_of(&block.stmt_list()?.tail_expr()?)?,
        expr => literal_of(expr)?,
    };
    Some(LiteralValue { is_fallback: true, ..value })
}

fn of_call(call: &ast::CallExpr) -> Option<LiteralValue> {
    let ast::Expr::PathExpr(path) = call.expr()? else { return None };
    let name = path.path()?.segment()?.name_ref()?.text().to_string();
    let mut args = call.arg_list()?.args();
    let arg = args.next().filter(|_| args.next().is_none() && is_wrapper(&name))?;
    match arg {
        // `LazyLock::new(|| …)`
        ast::Expr::ClosureExpr(closure) => literal_of(&closure.body()?),
        arg => literal_of(&arg),
    }
}

/// Macros that make a value of the literal that is their only argument.
const VALUE_MACROS: &[&str] = &["c", "cstr", "format", "json", "s", "secret"];

fn of_macro(call: &ast::MacroCall) -> Option<LiteralValue> {
    macro_name(call.syntax()).filter(|name| VALUE_MACROS.contains(&name.as_str()))?;
    let tokens = call.token_tree()?.syntax().children_with_tokens();
    let mut tokens = tokens
        .filter_map(NodeOrToken::into_token)
        .filter(|it| !matches!(it.kind(), SyntaxKind::WHITESPACE));
    let (Some(_), Some(literal), Some(_), None) =
        (tokens.next(), tokens.next(), tokens.next(), tokens.next())
    else {
        return None;
    };
    let (value, range) = (Value::Text(text_of(&literal)?), literal.text_range());
    Some(LiteralValue { value, range, is_fallback: false })
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
        assert_eq!(value("LazyLock::new(|| \"a\".to_string())"), text("a", false));
        assert_eq!(value("\"a\".parse().map_err(|_| E)?"), text("a", false));
        assert_eq!(value("Value::String(\"a\".into())"), text("a", false));
        assert_eq!(value("json!(\"a\")"), text("a", false));
        assert_eq!(value("match x { Ok(it) => it, Err(_) => \"a\".into() }"), text("a", true));
        assert_eq!(value("if let Some(it) = x { it } else { \"a\".into() }"), text("a", true));
        assert_eq!(value("x.unwrap_or_else(|_| { warn(); \"a\".into() })"), text("a", true));
        for other in ["[0; 32]", "[0, 0]", "f(\"a\")", "x", "\"a\".len()", "[a, 1]", "f(|| \"a\")"]
        {
            assert_eq!(value(other), None, "{other}");
        }
    }
}
