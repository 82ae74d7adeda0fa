//! How an expression reaches the value that it prints.

use crate::semantics::NodeContext;
use crate::semantics::bindings::initializer;
use crate::semantics::secrets::{Output, SecretNames};
use crate::semantics::value_type::{ValueType, type_of_variable};
use crate::syntax::ast::{self, HasArgList, HasName, RangeItem};
use crate::syntax::format_string::{Argument, inline_captures, placeholders};
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{
    AstNode, AstToken, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, TextRange, TextSize,
};

/// How a value is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// A variable.
    Variable(String),
    /// A field, behind the names that lead to it from a variable; without those when they are none.
    Field(Vec<String>),
    /// A method without arguments, or one that reveals a secret, and what it is called on.
    Method(String, Option<Box<Access>>),
    /// What a function returns, and the type that its path names.
    Call(Option<String>, String),
    /// What is kept under a key: `headers["authorization"]`, `json.get("access_token")`.
    Entry(String),
    /// A text of a whole value, as a serializer writes it or its `Debug` shows it.
    Written(Box<Access>, Output),
    /// A text that was put together from a secret of this name, among others.
    Composed(String),
}

/// Methods whose result is another form of what they are called on.
const UNWRAPPING_METHODS: &[&str] = &[
    "as_bytes", "as_deref", "as_ref", "as_slice", "as_str", "borrow", "chars", "clone", "cloned",
    "collect", "copied", "deref", "expect", "into", "into_inner", "into_string", "iter", "ok",
    "ok_or", "ok_or_else", "map_err", "parse", "to_owned", "to_str", "to_string",
    "to_string_lossy", "to_vec", "trim", "unwrap", "unwrap_or", "unwrap_or_default",
    "unwrap_or_else",
];

/// Functions whose result is another form of their argument.
const UNWRAPPING_FUNCTIONS: &[&str] = &[
    "Some", "encode", "encode_hex", "from", "from_str", "from_utf8", "from_utf8_lossy", "parse",
    "to_hex",
];

/// Functions of serializers that make a text of their first argument.
const SERIALIZERS: &[&str] = &["to_string", "to_string_pretty", "to_value", "to_vec"];

/// First words of methods that are named for what they do, and not for what they return.
const VERBS: &[&str] = &[
    "check", "count", "hash", "hashed", "into", "mask", "masked", "new", "next", "peek", "redact",
    "redacted", "set", "validate", "verify", "with",
];

/// Words of functions whose result does not tell the secret that they are given.
const CONCEALING_WORDS: &[&str] = &[
    "anonymize", "censor", "describe", "hash", "hashed", "is", "mask", "masked", "obfuscate",
    "obfuscated", "redact", "redacted", "sanitize", "sanitized", "scrub", "sha1", "sha256",
    "sha512", "summarize", "summary",
];

/// Last words of functions whose result is about what they are given.
const CONCEALING_NOUNS: &[&str] = &[
    "count", "description", "digest", "expiry", "fingerprint", "hash", "id", "index", "kind",
    "label", "len", "length", "location", "name", "path", "position", "size", "ttl",
];

/// So many characters of a secret may be shown to tell it from another one.
pub const SHOWN_CHARACTERS: u128 = 8;

impl Access {
    /// The name of the variable, the field, the method or the key.
    pub fn name(&self) -> &str {
        match self {
            Self::Variable(name) | Self::Method(name, _) | Self::Call(_, name) => name,
            Self::Entry(name) | Self::Composed(name) => name,
            Self::Field(path) => path.last().map_or("", String::as_str),
            Self::Written(inner, _) => inner.name(),
        }
    }

    /// The type of the value, with names looked up at `node`.
    pub fn value_type(&self, cx: &NodeContext<'_>, node: &SyntaxNode) -> Option<ValueType> {
        match self {
            Self::Variable(name) => type_of_variable(cx, node, name),
            Self::Field(path) => {
                let (root, fields) = path.split_first()?;
                let root = if fields.is_empty() { None } else { type_of_variable(cx, node, root) };
                let names = if fields.is_empty() { path.as_slice() } else { fields };
                names.iter().fold(root, |owner, field| {
                    Some(ValueType::Field { owner: owner.map(Box::new), field: field.clone() })
                })
            }
            Self::Method(function, receiver) => {
                let owner = receiver.as_ref().and_then(|it| it.value_type(cx, node)).map(Box::new);
                Some(ValueType::Returned { owner, function: function.clone(), is_method: true })
            }
            Self::Call(owner, function) => {
                let owner = owner.clone().map(|it| Box::new(ValueType::Written(it)));
                Some(ValueType::Returned { owner, function: function.clone(), is_method: false })
            }
            Self::Entry(_) | Self::Written(..) | Self::Composed(_) => None,
        }
    }
}

/// Where the value of a variable comes from.
pub enum Origin {
    /// It is what is reached so.
    Known(Access),
    /// It is made of something and does not tell it: a hash, a description, a length.
    Concealed,
}

/// Where the value of a variable comes from, through at most a few bindings.
pub fn origin(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str, steps: u8) -> Option<Origin> {
    let value = initializer(cx, node, name)?;
    if conceals(&value) {
        return Some(Origin::Concealed);
    }
    match (access_by(&value)?, steps.checked_sub(1)) {
        (Access::Variable(other), Some(steps)) => origin(cx, value.syntax(), &other, steps)
            .or(Some(Origin::Known(Access::Variable(other)))),
        (access, _) => Some(Origin::Known(access)),
    }
}

/// Whether the result of a function of this name does not tell what it is given.
pub fn is_concealing(name: &str) -> bool {
    words(name).last().is_some_and(|it| CONCEALING_NOUNS.contains(&it.as_str()))
        || has_any_word(name, CONCEALING_WORDS)
}

/// Whether an expression ends in a call that does not tell the secret it is about.
fn conceals(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::TryExpr(it) => it.expr().is_some_and(|it| conceals(&it)),
        ast::Expr::AwaitExpr(it) => it.expr().is_some_and(|it| conceals(&it)),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| conceals(&it)),
        ast::Expr::MethodCallExpr(it) => {
            it.name_ref().is_some_and(|name| is_concealing(name.text()))
                || it.receiver().is_some_and(|it| conceals(&it))
        }
        ast::Expr::CallExpr(it) => called_name(it).is_some_and(|name| is_concealing(&name)),
        _ => false,
    }
}

fn called_name(call: &ast::CallExpr) -> Option<String> {
    let ast::Expr::PathExpr(path) = call.expr()? else { return None };
    Some(path.path()?.segment()?.name_ref()?.text().to_string())
}

/// How an expression reaches the value it prints, with the range of the expression in its text.
pub fn access_of(text: &str) -> Option<(Access, TextRange)> {
    const BEFORE: &str = "fn f(){f(";
    if let Some(access) = simple_access(text) {
        return Some((access, TextRange::up_to(TextSize::of(text))));
    }
    let source = format!("{BEFORE}{text});}}");
    let file = ast::SourceFile::parse(&source, crate::syntax::Edition::CURRENT).tree();
    let arguments = file.syntax().descendants().find_map(ast::ArgList::cast)?;
    let mut all = arguments.args();
    let expr = all.next().filter(|_| all.next().is_none())?;
    let access = access_by(&expr)?;
    Some((access, expr.syntax().text_range() - TextSize::of(BEFORE)))
}

/// The access to a variable or to fields of one, which need no parser.
fn simple_access(text: &str) -> Option<Access> {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.len() > 1
            && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
            && SyntaxKind::from_keyword(part, crate::syntax::Edition::CURRENT).is_none()
    };
    let path: Vec<String> = text.split('.').map(str::to_string).collect();
    let (first, fields) = path.split_first()?;
    if !(first == "self" || is_name(first)) || !fields.iter().all(|it| is_name(it)) {
        return None;
    }
    Some(if fields.is_empty() { Access::Variable(first.clone()) } else { Access::Field(path) })
}

/// How an expression reaches the value that it is.
pub fn access_by(expr: &ast::Expr) -> Option<Access> {
    match expr {
        ast::Expr::PathExpr(it) => {
            let path = it.path()?;
            let name = path.segment()?.name_ref()?.text().to_string();
            path.qualifier().is_none().then_some(Access::Variable(name))
        }
        ast::Expr::FieldExpr(it) => {
            let name = it.name_ref()?.text().to_string();
            let receiver = access_by(&it.expr()?);
            if name.starts_with(|c: char| c.is_ascii_digit()) {
                return receiver;
            }
            let mut path = match receiver {
                Some(Access::Variable(receiver)) => vec![receiver],
                Some(Access::Field(path)) if path.len() > 1 => path,
                _ => Vec::new(),
            };
            path.push(name);
            Some(Access::Field(path))
        }
        ast::Expr::RefExpr(it) => access_by(&it.expr()?),
        ast::Expr::ParenExpr(it) => access_by(&it.expr()?),
        ast::Expr::TryExpr(it) => access_by(&it.expr()?),
        ast::Expr::AwaitExpr(it) => access_by(&it.expr()?),
        ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Deref) => {
            access_by(&it.expr()?)
        }
        ast::Expr::IndexExpr(it) => match it.index()? {
            ast::Expr::RangeExpr(range) => shows_most(&range).then(|| access_by(&it.base()?))?,
            key => Some(Access::Entry(key_text(&key)?)),
        },
        ast::Expr::MethodCallExpr(it) => method_access(it),
        ast::Expr::CallExpr(it) => call_access(it),
        ast::Expr::MacroExpr(it) => composed(&it.macro_call()?),
        _ => None,
    }
}

fn call_access(call: &ast::CallExpr) -> Option<Access> {
    let ast::Expr::PathExpr(path) = call.expr()? else { return None };
    let path = path.path()?;
    let name = path.segment()?.name_ref()?.text().to_string();
    let qualifier = path.qualifier().and_then(|it| it.segment()?.name_ref());
    let qualifier = qualifier.map(|it| it.text().to_string());
    let mut arguments = call.arg_list()?.args();
    let first = arguments.next();
    let only = first.clone().filter(|_| arguments.next().is_none());
    match (name.as_str(), &only) {
        (name, Some(only)) if SERIALIZERS.contains(&name) => {
            Some(Access::Written(Box::new(access_by(only)?), Output::Serialize))
        }
        (name, Some(only)) if UNWRAPPING_FUNCTIONS.contains(&name) => access_by(only),
        ("var", Some(only)) => Some(Access::Entry(key_text(only)?)),
        _ if name.starts_with(char::is_uppercase) => None,
        _ => {
            let owner = qualifier.filter(|it| it.starts_with(char::is_uppercase));
            Some(Access::Call(owner, name))
        }
    }
}

fn method_access(call: &ast::MethodCallExpr) -> Option<Access> {
    let name = call.name_ref()?.text().to_string();
    let receiver = call.receiver()?;
    let mut arguments = call.arg_list()?.args();
    let first = arguments.next();
    match (name.as_str(), first) {
        ("expose_secret" | "reveal_secret" | "expose" | "unsecure", _) => {
            let inner = access_by(&receiver)?;
            let is_secret = SecretNames::default().kind(inner.name()).is_some();
            let exposed = || Access::Method("exposed_secret".to_string(), None);
            Some(if is_secret { inner } else { exposed() })
        }
        (name, _) if UNWRAPPING_METHODS.contains(&name) => access_by(&receiver),
        // An engine of the `base64` crate encodes its argument.
        ("encode", Some(argument)) => access_by(&argument),
        ("take", Some(ast::Expr::Literal(count))) => {
            (number(&count)? > SHOWN_CHARACTERS).then(|| access_by(&receiver))?
        }
        ("get", Some(ast::Expr::RangeExpr(range))) => {
            shows_most(&range).then(|| access_by(&receiver))?
        }
        ("and_then" | "map", Some(argument)) => {
            converts(&argument).then(|| access_by(&receiver))?
        }
        ("get" | "get_header" | "header" | "get_str" | "remove", Some(key)) => {
            Some(Access::Entry(key_text(&key)?))
        }
        (_, None) => {
            // A getter shows what it is named for; a verb before it says that it makes something.
            let first = words(&name).next()?;
            let is_verb = VERBS.contains(&first.as_str()) || name == "display";
            let receiver = access_by(&receiver).map(Box::new);
            (!is_verb).then_some(Access::Method(name, receiver))
        }
        _ => None,
    }
}

/// Whether what is given to `map` only brings a value into another form: `|it| it.to_str().ok()`,
/// `String::from`.
fn converts(argument: &ast::Expr) -> bool {
    match argument {
        ast::Expr::ClosureExpr(closure) => {
            let mut params = closure.param_list().into_iter().flat_map(|list| list.params());
            let Some(ast::Pat::IdentPat(param)) = params.next().and_then(|it| it.pat()) else {
                return false;
            };
            let name = param.name().map(|it| it.text().to_string());
            let body = closure.body().and_then(|body| access_by(&body));
            matches!((name, body), (Some(name), Some(Access::Variable(it))) if it == name)
        }
        ast::Expr::PathExpr(path) => {
            let name = path.path().and_then(|it| it.segment()?.name_ref());
            name.is_some_and(|name| {
                let name = name.text().to_string();
                UNWRAPPING_METHODS.contains(&name.as_str())
                    || UNWRAPPING_FUNCTIONS.contains(&name.as_str())
            })
        }
        _ => false,
    }
}

/// The text that an entry is looked up by: a literal, or a constant that names a header.
fn key_text(key: &ast::Expr) -> Option<String> {
    match key {
        ast::Expr::Literal(literal) => match literal.kind() {
            ast::LiteralKind::String(text) => Some(text.value().ok()?.into_owned()),
            _ => None,
        },
        ast::Expr::PathExpr(path) => {
            let name = path.path()?.segment()?.name_ref()?.text().to_string();
            let is_header =
                matches!(name.as_str(), "AUTHORIZATION" | "PROXY_AUTHORIZATION" | "COOKIE");
            is_header.then(|| name.to_lowercase())
        }
        ast::Expr::RefExpr(it) => key_text(&it.expr()?),
        _ => None,
    }
}

/// Whether a slice of a secret has most of it: all but its start, or more than a few characters.
fn shows_most(range: &ast::RangeExpr) -> bool {
    match (range.start(), range.end()) {
        (_, Some(ast::Expr::Literal(end))) => {
            number(&end).is_some_and(|end| end > SHOWN_CHARACTERS)
        }
        (Some(ast::Expr::Literal(_)) | None, None) => true,
        _ => false,
    }
}

fn number(literal: &ast::Literal) -> Option<u128> {
    match literal.kind() {
        ast::LiteralKind::IntNumber(number) => number.value().ok(),
        _ => None,
    }
}

/// The secret that a `format!` puts into its text, or the value that a `json!` makes a text of.
fn composed(call: &ast::MacroCall) -> Option<Access> {
    let name = call.path()?.segment()?.name_ref()?.text().to_string();
    let tree = call.token_tree()?;
    let names = SecretNames::default();
    let is_secret = |name: &str| names.kind(name).is_some();
    let tokens = tree.syntax().children_with_tokens().filter_map(NodeOrToken::into_token);
    let tokens: Vec<_> = tokens.collect();
    if name == "json" {
        let mut words = tokens.iter().filter(|it| it.kind() == SyntaxKind::IDENT);
        let only = words.next().filter(|_| tokens.len() == 3)?.text().to_string();
        return Some(Access::Written(Box::new(Access::Variable(only)), Output::Serialize));
    }
    if name != "format" {
        return None;
    }
    let captured = tokens.iter().find_map(|token| {
        let literal = ast::String::cast(token.clone())?;
        let captures = inline_captures(literal.text());
        captures.into_iter().map(|(name, _)| name).find(|name| is_secret(name))
    });
    // A name before `.` or `(` is that of something else.
    let mut pairs = tokens.iter().zip(tokens.iter().skip(1));
    let argument = || {
        pairs.find_map(|(token, next)| {
            let ends = matches!(next.kind(), SyntaxKind::COMMA | SyntaxKind::R_PAREN);
            let is_name = token.kind() == SyntaxKind::IDENT && is_secret(token.text());
            (ends && is_name).then(|| token.text().to_string())
        })
    };
    let secret = captured.or_else(argument).map(Access::Composed);
    secret.or_else(|| shown_whole(&tokens))
}

/// The variable that a format string shows by its `Debug`, be it captured or the only argument.
fn shown_whole(tokens: &[SyntaxToken]) -> Option<Access> {
    let literal = tokens.iter().find_map(|token| ast::String::cast(token.clone()))?;
    let placeholders = placeholders(literal.text());
    let shown = placeholders.iter().find(|it| it.spec.contains('?'))?;
    let name = match &shown.argument {
        Argument::Name(name) => name.clone(),
        Argument::Position(_) => {
            let mut names = tokens.iter().filter(|it| it.kind() == SyntaxKind::IDENT);
            let only = names.next().filter(|_| names.next().is_none())?;
            only.text().to_string()
        }
    };
    Some(Access::Written(Box::new(Access::Variable(name)), Output::Debug))
}
