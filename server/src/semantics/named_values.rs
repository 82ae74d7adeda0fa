//! Where an expression becomes the value of something that has a name.

use super::literals::{LiteralValue, is_conversion, literal_of, text_of};
use super::secrets::TypeContent;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken, T, TextRange};

/// A name and the expression that is bound to it.
#[derive(Debug, Clone)]
pub struct NamedValue {
    /// As it is declared, assigned to, or said by a setter.
    pub name: String,
    /// The value.
    pub expr: ast::Expr,
}

/// A literal that stands beside the literal that names it.
#[derive(Debug, Clone)]
pub struct KeyedValue {
    /// The value.
    pub literal: LiteralValue,
    /// Whether the place takes pairs of names and values, and nothing else.
    pub is_pair: bool,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The name of the function or method.
    pub function: String,
    /// What the function is one of: `Client` in `api::Client::new`.
    pub owner: Option<String>,
    /// Whether it is called on a value.
    pub is_method: bool,
    /// The place of the argument, the receiver not counted.
    pub at: usize,
}

/// First words of methods that set the secret they are named for.
const SETTER_WORDS: &[&str] = &[
    "access", "api", "auth", "bearer", "client", "jwt", "passphrase", "passwd", "password",
    "private", "secret", "session", "token",
];

/// Words of functions that take the name of something and its value.
const PAIR_WORDS: &[&str] = &[
    "add", "append", "arg", "args", "attribute", "basic", "body", "cookie", "default", "defaults",
    "entry", "env", "envs", "field", "form", "header", "headers", "insert", "json", "metadata",
    "option", "or", "override", "pair", "param", "parameter", "params", "post", "push", "put",
    "query", "register", "secret", "send", "set", "setting", "store", "text", "value", "var",
    "with",
];

/// Words of functions that look for the first argument and have the second one if it is not there.
const FALLBACK_WORDS: &[&str] = &["default", "else", "env", "fallback", "or"];

/// The name that a node binds a value to, and the value: an item, a `let`, a field, an assignment,
/// a function that does nothing but return it, a setter, an enum variant or newtype.
pub fn named_value(node: &SyntaxNode) -> Option<NamedValue> {
    let text = |name: ast::Name| name.text().to_string();
    let (name, expr) = match node.kind() {
        SyntaxKind::CONST => {
            let item = ast::Const::cast(node.clone())?;
            (text(item.name()?), item.body()?)
        }
        SyntaxKind::STATIC => {
            let item = ast::Static::cast(node.clone())?;
            (text(item.name()?), item.body()?)
        }
        SyntaxKind::LET_STMT => {
            let item = ast::LetStmt::cast(node.clone())?;
            let ast::Pat::IdentPat(pat) = item.pat()? else { return None };
            (text(pat.name()?), item.initializer()?)
        }
        SyntaxKind::RECORD_EXPR_FIELD => {
            let field = ast::RecordExprField::cast(node.clone())?;
            (field.field_name()?.text().to_string(), field.expr()?)
        }
        SyntaxKind::BIN_EXPR => {
            let assignment = ast::BinExpr::cast(node.clone())?;
            if !matches!(assignment.op_kind()?, ast::BinaryOp::Assignment { op: None }) {
                return None;
            }
            let name = match assignment.lhs()? {
                ast::Expr::FieldExpr(field) => field.name_ref()?,
                ast::Expr::PathExpr(path) => path.path()?.segment()?.name_ref()?,
                _ => return None,
            };
            (name.text().to_string(), assignment.rhs()?)
        }
        SyntaxKind::FN => {
            let function = ast::Fn::cast(node.clone())?;
            let list = function.body()?.stmt_list()?;
            let tail = list.tail_expr().filter(|_| list.statements().next().is_none())?;
            let name = text(function.name()?);
            let name = name.trim_start_matches("default_").trim_start_matches("get_");
            (name.to_string(), tail)
        }
        SyntaxKind::METHOD_CALL_EXPR => {
            let call = ast::MethodCallExpr::cast(node.clone())?;
            return setter(call.name_ref()?.text(), &call.arg_list()?);
        }
        SyntaxKind::CALL_EXPR => {
            let call = ast::CallExpr::cast(node.clone())?;
            let ast::Expr::PathExpr(path) = call.expr()? else { return None };
            let name = path.path()?.segment()?.name_ref()?.text().to_string();
            if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                let mut arguments = call.arg_list()?.args();
                let expr = arguments.next().filter(|_| arguments.next().is_none())?;
                return Some(NamedValue { name, expr });
            }
            return setter(&name, &call.arg_list()?).filter(|_| name.starts_with("set_"));
        }
        _ => return None,
    };
    Some(NamedValue { name, expr })
}

/// What a setter or builder method sets: `password` in `.with_password("…")`.
fn setter(name: &str, arguments: &ast::ArgList) -> Option<NamedValue> {
    let arguments: Vec<ast::Expr> = arguments.args().collect();
    let of = |name: &str, expr: &ast::Expr| {
        Some(NamedValue { name: name.to_string(), expr: expr.clone() })
    };
    match (name, arguments.as_slice()) {
        ("basic_auth", [_, password]) => return of("password", password),
        ("bearer_auth", [token]) => return of("auth_token", token),
        _ => {}
    }
    let [argument] = arguments.as_slice() else { return None };
    let first = words(name).next()?;
    let set = ["with_", "set_", "and_"].iter().find_map(|verb| name.strip_prefix(verb));
    let is_noun = set.is_some() || SETTER_WORDS.contains(&first.as_str());
    of(set.unwrap_or(name), argument).filter(|_| is_noun)
}

/// The literal that stands where the value of `key` does, a literal in the tree of its own: the
/// next argument, the other half of a pair, or what a colon or an arrow leads to among the
/// arguments of a macro.
pub fn value_under_key(key: &SyntaxToken, in_macro: bool) -> Option<KeyedValue> {
    if let Some(literal) = in_macro.then(|| value_behind_token(key)).flatten() {
        return Some(KeyedValue { literal, is_pair: true });
    }
    let node = outermost(key)?;
    let list = node.parent()?;
    let next = node.next_sibling().and_then(ast::Expr::cast)?;
    let literal = literal_of(&next)?;
    match list.kind() {
        SyntaxKind::ARG_LIST => {
            let function = function_name(&list.parent()?)?;
            let is_fallback = has_any_word(&function, FALLBACK_WORDS);
            let is_pair = is_fallback || has_any_word(&function, PAIR_WORDS);
            let literal =
                LiteralValue { is_fallback: literal.is_fallback || is_fallback, ..literal };
            Some(KeyedValue { literal, is_pair })
        }
        SyntaxKind::TUPLE_EXPR => {
            let is_first = node.prev_sibling().is_none();
            let is_last = next.syntax().next_sibling().is_none();
            let takes_pairs =
                function_around(&list).is_some_and(|it| has_any_word(&it, PAIR_WORDS));
            (is_first && is_last).then_some(KeyedValue { literal, is_pair: takes_pairs })
        }
        // `["--password", "…"]`
        SyntaxKind::ARRAY_EXPR if key.text().starts_with("\"-") => {
            Some(KeyedValue { literal, is_pair: true })
        }
        _ => None,
    }
}

/// `"key": "value"` and `"key" => "value"` among the arguments of a macro, such as `json!`.
fn value_behind_token(key: &SyntaxToken) -> Option<LiteralValue> {
    let after = |token: &SyntaxToken| {
        let mut next = token.next_token();
        while next.as_ref().is_some_and(|it| it.kind().is_trivia()) {
            next = next.and_then(|it| it.next_token());
        }
        next
    };
    let is_arm = key
        .parent_ancestors()
        .any(|it| matches!(it.kind(), SyntaxKind::LITERAL_PAT | SyntaxKind::MATCH_ARM));
    let mut separator = after(key).filter(|_| !is_arm)?;
    if separator.kind() == T![=] {
        separator = after(&separator).filter(|it| it.kind() == T![>])?;
    }
    let value = after(&separator)
        .filter(|_| matches!(separator.kind(), T![:] | T![=>] | T![>]))
        .filter(|it| matches!(it.kind(), SyntaxKind::STRING | SyntaxKind::BYTE_STRING))?;
    Some(LiteralValue {
        value: super::literals::Value::Text(text_of(&value)?),
        range: value.text_range(),
        is_fallback: false,
    })
}

/// The expression that a literal is the value of: with the conversions around it.
fn outermost(literal: &SyntaxToken) -> Option<SyntaxNode> {
    let mut node = literal.parent().filter(|it| it.kind() == SyntaxKind::LITERAL)?;
    loop {
        let parent = node.parent()?;
        let goes_on = match parent.kind() {
            SyntaxKind::PAREN_EXPR | SyntaxKind::REF_EXPR | SyntaxKind::TRY_EXPR => true,
            SyntaxKind::METHOD_CALL_EXPR => {
                let name = function_name(&parent)?;
                parent.first_child().as_ref() == Some(&node) && is_conversion(&name)
            }
            SyntaxKind::ARG_LIST if parent.children().count() == 1 => {
                match parent.parent().filter(is_text_constructor) {
                    Some(call) => {
                        node = call;
                        continue;
                    }
                    None => false,
                }
            }
            _ => false,
        };
        if !goes_on {
            return Some(node);
        }
        node = parent;
    }
}

/// Whether a call only makes another type of the text that it is given: `String::from`, `Some`.
fn is_text_constructor(call: &SyntaxNode) -> bool {
    let Some(ast::Expr::PathExpr(path)) =
        ast::CallExpr::cast(call.clone()).and_then(|it| it.expr())
    else {
        return false;
    };
    let path = compact(path.syntax());
    match path.rsplit_once("::") {
        None => matches!(path.as_str(), "Some" | "Ok"),
        Some((owner, function)) => {
            let content = TypeContent::of(owner);
            let is_text = matches!(content, TypeContent::Text | TypeContent::Bytes);
            is_text || owner.ends_with("Cow") || function == "from_static"
        }
    }
}

/// The argument that a literal is, with the conversions around it; nothing where the call only
/// converts it.
pub fn argument_of(literal: &SyntaxToken) -> Option<Argument> {
    let node = outermost(literal)?;
    let list = node.parent().filter(|it| it.kind() == SyntaxKind::ARG_LIST)?;
    let at = list.children().position(|it| it == node)?;
    let call = list.parent()?;
    if let Some(call) = ast::MethodCallExpr::cast(call.clone()) {
        let function = call.name_ref()?.text().to_string();
        return Some(Argument { function, owner: None, is_method: true, at });
    }
    let ast::Expr::PathExpr(path) = ast::CallExpr::cast(call)?.expr()? else { return None };
    let path = path.path()?;
    let segment = |path: ast::Path| Some(path.segment()?.name_ref()?.text().to_string());
    let owner = path.qualifier().and_then(segment);
    Some(Argument { function: segment(path)?, owner, is_method: false, at })
}

/// The literal that stands in for what the call around a key reads, when that is absent:
/// `env::var("KEY").unwrap_or(…)`, the `Err` arm of a `match`, the `else` of an `if let`.
/// `ancestors` are the nodes around the key, the nearest first.
pub fn fallback_around(
    key: TextRange,
    ancestors: impl Iterator<Item = SyntaxNode>,
) -> Option<LiteralValue> {
    for node in ancestors {
        // `let Ok(key) = env::var("KEY") else { return … };`
        if let Some(statement) = ast::LetStmt::cast(node.clone()) {
            let list = statement.let_else()?.block_expr()?.stmt_list()?;
            let last = list.syntax().last_child().and_then(|last| match last.kind() {
                SyntaxKind::EXPR_STMT => last.first_child(),
                _ => Some(last),
            });
            let value = ast::ReturnExpr::cast(last?)?.expr()?;
            return Some(LiteralValue { is_fallback: true, ..literal_of(&value)? });
        }
        let is_end = match node.kind() {
            SyntaxKind::MACRO_CALL => !reads_variable(&node),
            SyntaxKind::ARG_LIST => !node.parent().is_some_and(|it| reads_variable(&it)),
            SyntaxKind::STMT_LIST | SyntaxKind::MATCH_ARM | SyntaxKind::EXPR_STMT => true,
            kind => ast::Item::can_cast(kind),
        };
        if is_end {
            return None;
        }
        let is_choice = matches!(
            node.kind(),
            SyntaxKind::METHOD_CALL_EXPR | SyntaxKind::MATCH_EXPR | SyntaxKind::IF_EXPR
        );
        let found = ast::Expr::cast(node).filter(|_| is_choice).and_then(|it| literal_of(&it));
        if let Some(found) = found.filter(|it| it.is_fallback && it.range != key) {
            return Some(found);
        }
    }
    None
}

/// Whether a call reads a variable of the environment, by the name of its function.
pub fn reads_variable(call: &SyntaxNode) -> bool {
    let name = function_name(call).unwrap_or_default();
    matches!(name.as_str(), "var" | "var_os") || has_any_word(&name, &["env", "environment"])
}

/// The name of what a call calls.
fn function_name(call: &SyntaxNode) -> Option<String> {
    if let Some(call) = ast::MethodCallExpr::cast(call.clone()) {
        return Some(call.name_ref()?.text().to_string());
    }
    if call.kind() == SyntaxKind::MACRO_CALL {
        return crate::syntax::fragment::macro_name(call);
    }
    let ast::Expr::PathExpr(path) = ast::CallExpr::cast(call.clone())?.expr()? else { return None };
    Some(path.path()?.segment()?.name_ref()?.text().to_string())
}

/// The function that is given a list with `node` in it.
fn function_around(node: &SyntaxNode) -> Option<String> {
    let list = node
        .ancestors()
        .skip(1)
        .take_while(|it| !ast::Stmt::can_cast(it.kind()) && !ast::Item::can_cast(it.kind()))
        .find(|it| it.kind() == SyntaxKind::ARG_LIST)?;
    function_name(&list.parent()?)
}
