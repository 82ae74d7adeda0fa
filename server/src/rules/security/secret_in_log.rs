//! A secret in a log line, on the terminal, in a panic or in an error message.
//!
//! Logs are copied to places that many people and systems read, and kept for long. A token or
//! password in one has to be treated as stolen.
//!
//! ```rust,bad
//! fn login(user: &str, password: &str) {
//!     tracing::info!("login of {user} with {password}");
//! }
//! ```
//!
//! Log what identifies the event, not what opens the door:
//!
//! ```rust
//! fn login(user: &str, password: &str) {
//!     tracing::info!(user, password_length = password.len(), "login");
//! }
//! ```
//!
//! A value printed with `{:?}` counts when its type derives `Debug` and has secret fields. A bare
//! `token` counts only in servers and security-critical code: elsewhere it is a word of a parser.

use super::AREA;
use rowan::GreenNodeData;

use crate::analysis::{Context, Query, Report, Rule, Severity};
use crate::project::Role;
use crate::rules::support::bindings::type_of;
use crate::semantics::is_critical_name;
use crate::semantics::secrets::{
    SecretKind, SecretNames, TypeContent, field_prints_secret, is_about_parsing,
    is_about_something, is_bare_token, is_redacted_field, is_redacted_type, printed_secret,
    returns_redacted,
};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::green::{child_of_kind, token_kind};
use crate::syntax::names::words;
use crate::syntax::{
    AstNode, NodeOrToken, SyntaxElement, SyntaxKind, SyntaxNode, T, TextRange, TextSize,
};

/// Macros whose text is read by people or becomes an error.
const MACROS: &[&str] = &[
    "trace", "debug", "info", "warn", "error", "event", "log", "span", "trace_span", "debug_span",
    "info_span", "warn_span", "error_span", "print", "println", "eprint", "eprintln", "dbg",
    "panic", "unreachable", "anyhow", "bail", "eyre", "ensure", "format_err", "format",
];

pub static RULE: Rule = Rule {
    id: "secret-in-log",
    severity: Severity::Critical,
    source: include_str!("secret_in_log.rs"),
    queries: &[Query::Macro(MACROS, check)],
    ..Rule::source(AREA)
};

fn check(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let call = call.syntax();
    let Some(name) = macro_name(call) else { return };
    let names = cx.file().secret_names.clone();
    let Some(tree) = child_of_kind(call.green(), SyntaxKind::TOKEN_TREE) else { return };
    if name != "dbg" && !has_debug_mark(tree) && !names.may_occur_in(tree) {
        return;
    }
    let Some(tree) = call.children().find(|node| node.kind() == SyntaxKind::TOKEN_TREE) else {
        return;
    };
    match name.as_str() {
        "format" if !feeds_error(call, cx) => return,
        // A command that prints a secret was asked for it.
        "print" | "println" if cx.file().role == Role::Bin && !cx.file().in_server() => return,
        _ => {}
    }
    let (values, text) = values(&tree, &name, &names);
    if values.is_empty() {
        return;
    }
    let place = Place {
        parses: is_about_parsing(&cx.file().path) || speaks_of_words(&text),
        serves: cx.file().in_server() || is_critical_place(call, cx),
    };
    for value in values {
        check_value(call, &value, &place, &name, cx);
    }
}

/// What the code around a log line is about.
struct Place {
    /// Tokens are words of a text here.
    parses: bool,
    /// Tokens are rights here.
    serves: bool,
}

fn is_critical_place(call: &SyntaxNode, cx: &Context<'_>) -> bool {
    let function = cx.function(call).and_then(|it| it.name()).map(|it| it.text().to_string());
    cx.file().critical || function.is_some_and(|name| is_critical_name(&name))
}

/// Whether a message is about the words of a text, or about a number that a peer has to send back.
fn speaks_of_words(text: &str) -> bool {
    let text = text.to_lowercase();
    ["unexpected", "expected", "unrecognized", "unknown token", "path_", "challenge", "parse"]
        .iter()
        .any(|word| text.contains(word))
}

fn has_debug_mark(tree: &GreenNodeData) -> bool {
    tree.children().filter_map(NodeOrToken::into_token).any(|token| match token_kind(token) {
        T![?] => true,
        SyntaxKind::STRING => token.text().contains("?}"),
        _ => false,
    })
}

/// Whether the text that a `format!` makes becomes an error or a log line.
fn feeds_error(call: &SyntaxNode, cx: &Context<'_>) -> bool {
    for node in cx.ancestors(call).skip(1) {
        match node.kind() {
            SyntaxKind::FN | SyntaxKind::LET_STMT | SyntaxKind::EXPR_STMT => return false,
            SyntaxKind::MACRO_CALL => {
                let name = macro_name(&node).unwrap_or_default();
                return name != "format" && MACROS.contains(&name.as_str());
            }
            SyntaxKind::CALL_EXPR => {
                let callee = node.first_child().map(|it| it.text().to_string()).unwrap_or_default();
                if callee == "Err" || callee.split("::").any(|part| part.ends_with("Error")) {
                    return true;
                }
            }
            SyntaxKind::RECORD_EXPR => {
                let path = node.first_child().map(|it| it.text().to_string()).unwrap_or_default();
                if path.split("::").any(|part| part.ends_with("Error")) {
                    return true;
                }
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                let method = ast::MethodCallExpr::cast(node.clone()).and_then(|it| it.name_ref());
                let method = method.map(|it| it.text().to_string()).unwrap_or_default();
                // Only what is passed to the method, not what it is called on.
                let passed = node.last_child().is_some_and(|args| {
                    !cx.in_macro() && args.text_range().contains_range(call.text_range())
                });
                let fails = matches!(
                    method.as_str(),
                    "map_err" | "ok_or" | "ok_or_else" | "context" | "with_context" | "expect"
                );
                if fails && passed {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// A value that a macro prints.
struct Value {
    /// In the tree of the macro call.
    range: TextRange,
    shape: Shape,
    /// The name it is logged under, when one is given.
    field: Option<String>,
    /// What stands after the colon of its placeholder, or `?` for a `?` before it.
    spec: String,
}

/// How a value is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Variable(String),
    /// A field, and the variable whose field it is.
    Field(String, Option<String>),
    /// A method without arguments, or one that reveals a secret.
    Method(String),
}

impl Shape {
    fn name(&self) -> &str {
        match self {
            Self::Variable(name) | Self::Field(name, _) | Self::Method(name) => name,
        }
    }
}

fn check_value(
    call: &SyntaxNode,
    value: &Value,
    place: &Place,
    macro_name: &str,
    cx: &mut Context<'_>,
) {
    let names = cx.file().secret_names.clone();
    let name = value.shape.name().to_string();
    let is_number = value.spec.ends_with(['x', 'X', 'b', 'o', 'e']);
    let debug = value.spec.contains('?') || macro_name == "dbg";
    if value.spec.ends_with('p') {
        return;
    }
    let field = value.field.as_deref().filter(|it| names.kind(it).is_some());
    let field = field.filter(|it| !is_bare_token(it) && !is_about_something(&name));
    let kind = names.kind(&name);
    let constant = !name.chars().any(char::is_lowercase);
    if constant || kind.is_none() && field.is_none() && !debug {
        return;
    }
    let known = match &value.shape {
        Shape::Variable(name) => type_of(cx, call, name),
        _ => None,
    };
    let (what, kind) = match (kind, field) {
        (Some(kind), _) => (name.clone(), kind),
        (None, Some(field)) => (field.to_string(), SecretKind::Other),
        (None, None) => return check_whole(call, value, known, cx),
    };
    let bare = is_bare_token(&what) && kind == SecretKind::Token;
    if bare && (place.parses || !place.serves || is_number) {
        return;
    }
    if bare && matches!(value.shape, Shape::Method(_)) {
        return;
    }
    let mut report =
        Report::new(value.range, format!("the secret `{what}` is written to {}", sink(macro_name)));
    if let Some(ty) = known {
        match TypeContent::of(&ty) {
            TypeContent::Text | TypeContent::Bytes => {}
            TypeContent::Redacted | TypeContent::Other => return,
            TypeContent::Named(named) if matches!(named.as_str(), "Uuid" | "Ulid") => {}
            TypeContent::Named(named) if debug => {
                report = report.when(move |symbols| !is_redacted_type(symbols, &named));
            }
            // How the type displays itself is its own decision.
            TypeContent::Named(_) => return,
        }
    } else if let Shape::Field(field, _) = value.shape.clone() {
        let owner = owner_of(value, call, cx);
        report = report.when(move |symbols| !is_redacted_field(symbols, owner.as_deref(), &field));
    } else if let Shape::Method(method) = value.shape.clone() {
        // A key has no text of its own: what displays as one is mostly the path of its file.
        let displayed = kind == SecretKind::Key && !debug && !is_number;
        report = report.when(move |symbols| {
            !returns_redacted(symbols, &method)
                && (!displayed || symbols.functions(&method).next().is_some())
        });
    }
    cx.report(call, report);
}

/// A value that is no secret itself and may have some in it.
fn check_whole(call: &SyntaxNode, value: &Value, known: Option<String>, cx: &mut Context<'_>) {
    let names = cx.file().secret_names.clone();
    let name = value.shape.name().to_string();
    let message = format!("`{name}` is printed with the secrets in its fields");
    let report = Report::new(value.range, message);
    let report = match (&value.shape, known) {
        (Shape::Variable(_), Some(ty)) => {
            let TypeContent::Named(ty) = TypeContent::of(&ty) else { return };
            if ty == "Self" {
                return;
            }
            report.when(move |symbols| printed_secret(symbols, &ty, &names).is_some())
        }
        (Shape::Field(field, _), None) => {
            let field = field.clone();
            let owner = owner_of(value, call, cx);
            report
                .when(move |symbols| field_prints_secret(symbols, owner.as_deref(), &field, &names))
        }
        _ => return,
    };
    cx.report(call, report);
}

/// The type of the variable whose field a value is.
fn owner_of(value: &Value, call: &SyntaxNode, cx: &Context<'_>) -> Option<String> {
    let Shape::Field(_, Some(receiver)) = &value.shape else { return None };
    match TypeContent::of(&type_of(cx, call, receiver)?) {
        TypeContent::Named(name) if name != "Self" => Some(name),
        _ => None,
    }
}

fn sink(macro_name: &str) -> &'static str {
    match macro_name {
        "print" | "println" | "eprint" | "eprintln" | "dbg" => "the terminal",
        "panic" | "unreachable" => "a panic message",
        "anyhow" | "bail" | "eyre" | "ensure" | "format_err" | "format" => "an error message",
        _ => "the log",
    }
}

/// The values that a macro's arguments print, and the text of its message.
fn values(tree: &SyntaxNode, name: &str, secret_names: &SecretNames) -> (Vec<Value>, String) {
    let mut values = Vec::new();
    let mut message: Option<Vec<Placeholder>> = None;
    let mut text = String::new();
    let mut position = 0;
    for (number, segment) in segments(tree).into_iter().enumerate() {
        if name == "ensure" && number == 0 {
            continue;
        }
        let only_string = segment.only_string();
        if let (None, Some((literal, start))) = (&message, &only_string) {
            let placeholders = placeholders(literal);
            for placeholder in &placeholders {
                if let Argument::Name(name) = &placeholder.argument
                    && let Some(range) = placeholder.range
                {
                    values.push(Value {
                        range: range + *start,
                        shape: Shape::Variable(name.clone()),
                        field: None,
                        spec: placeholder.spec.clone(),
                    });
                }
            }
            text = literal.clone();
            message = Some(placeholders);
            continue;
        }
        let Some(argument) = segment.argument() else { continue };
        let mut spec = argument.sigil.to_string();
        if let Some(placeholders) = &message {
            let used = placeholders.iter().find(|it| match (&it.argument, &argument.field) {
                (Argument::Position(at), None) => *at == position,
                (Argument::Name(name), Some(field)) => name == field,
                _ => false,
            });
            if let Some(used) = used {
                spec.push_str(&used.spec);
            }
            position += 1;
        }
        // Only a whole value and one that is named as a secret are looked at.
        let debug = name == "dbg" || spec.contains('?');
        if !debug && argument.field.is_none() && !secret_names.may_match(&argument.text) {
            continue;
        }
        let Some((shape, range)) = shape_of(&argument.text) else { continue };
        let range = range + argument.start;
        values.push(Value { range, shape, field: argument.field, spec });
    }
    // A capture that is given as an argument is the argument.
    let named: Vec<String> = values.iter().filter_map(|it| it.field.clone()).collect();
    let is_argument =
        |value: &Value| value.field.is_none() && named.iter().any(|it| it == value.shape.name());
    values.retain(|value| !(is_argument(value) && matches!(value.shape, Shape::Variable(_))));
    (values, text)
}

/// What stands between two commas of a macro's arguments.
struct Segment {
    /// Without white space and comments at its ends.
    elements: Vec<SyntaxElement>,
}

/// An argument without what a logging macro puts before the expression.
struct ArgumentText {
    field: Option<String>,
    sigil: &'static str,
    text: String,
    start: TextSize,
}

fn segments(tree: &SyntaxNode) -> Vec<Segment> {
    let mut segments = vec![Segment { elements: Vec::new() }];
    let mut elements: Vec<SyntaxElement> = tree.children_with_tokens().collect();
    let open = !elements.is_empty();
    if open {
        elements.remove(0);
    }
    if elements.last().is_some_and(|it| matches!(it.kind(), T![')'] | T![']'] | T!['}'])) {
        elements.pop();
    }
    for element in elements {
        let Some(last) = segments.last_mut() else { break };
        match element.kind() {
            T![,] => segments.push(Segment { elements: Vec::new() }),
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT if last.elements.is_empty() => {}
            _ => last.elements.push(element),
        }
    }
    for segment in &mut segments {
        while segment
            .elements
            .last()
            .is_some_and(|it| matches!(it.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        {
            segment.elements.pop();
        }
    }
    segments.retain(|segment| !segment.elements.is_empty());
    segments
}

impl Segment {
    fn only_string(&self) -> Option<(String, TextSize)> {
        let [NodeOrToken::Token(token)] = self.elements.as_slice() else { return None };
        let is_string = token.kind() == SyntaxKind::STRING;
        is_string.then(|| (token.text().to_string(), token.text_range().start()))
    }

    fn argument(&self) -> Option<ArgumentText> {
        let solid: Vec<(usize, SyntaxKind)> = self
            .elements
            .iter()
            .enumerate()
            .map(|(at, element)| (at, element.kind()))
            .filter(|(_, kind)| !matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
            .collect();
        let kind = |at: usize| solid.get(at).map(|(_, kind)| *kind);
        // `target: "…"` and `parent: …` are no values.
        if kind(0) == Some(SyntaxKind::IDENT) && kind(1) == Some(T![:]) && kind(2) != Some(T![:]) {
            return None;
        }
        let mut at = 0;
        let mut field = None;
        let mut end = 0;
        while kind(end).is_some_and(|kind| matches!(kind, SyntaxKind::IDENT | T![.] | T![type])) {
            end += 1;
        }
        if end > 0 && kind(end) == Some(T![=]) && kind(end + 1) != Some(T![=]) {
            let last = solid.get(end - 1).and_then(|(at, _)| self.elements.get(*at));
            field = last.map(|element| element.to_string());
            at = end + 1;
        }
        let sigil = match kind(at) {
            Some(T![%]) => "%",
            Some(T![?]) => "?",
            _ => "",
        };
        at += usize::from(!sigil.is_empty());
        let first = solid.get(at)?.0;
        let rest = self.elements.get(first..)?;
        let text = rest.iter().map(|element| element.to_string()).collect();
        let start = rest.first()?.text_range().start();
        Some(ArgumentText { field, sigil, text, start })
    }
}

/// How an expression reaches the value it prints, with the range of the expression in its text.
fn shape_of(text: &str) -> Option<(Shape, TextRange)> {
    const BEFORE: &str = "fn f(){f(";
    if let Some(shape) = simple_shape(text) {
        return Some((shape, TextRange::up_to(TextSize::of(text))));
    }
    let source = format!("{BEFORE}{text});}}");
    let file = ast::SourceFile::parse(&source, crate::syntax::Edition::CURRENT).tree();
    let arguments = file.syntax().descendants().find_map(ast::ArgList::cast)?;
    let mut all = arguments.args();
    let expr = all.next().filter(|_| all.next().is_none())?;
    let shape = shape(&expr)?;
    Some((shape, expr.syntax().text_range() - TextSize::of(BEFORE)))
}

/// The shape of a variable or of fields of one, which need no parser.
fn simple_shape(text: &str) -> Option<Shape> {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.len() > 1
            && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
            && SyntaxKind::from_keyword(part, crate::syntax::Edition::CURRENT).is_none()
    };
    let mut parts = text.split('.');
    let first = parts.next().filter(|part| *part == "self" || is_name(part))?;
    let mut fields = 0;
    let mut last = first;
    for part in parts {
        if !is_name(part) {
            return None;
        }
        last = part;
        fields += 1;
    }
    Some(match fields {
        0 => Shape::Variable(first.to_string()),
        1 => Shape::Field(last.to_string(), Some(first.to_string())),
        _ => Shape::Field(last.to_string(), None),
    })
}

fn shape(expr: &ast::Expr) -> Option<Shape> {
    match expr {
        ast::Expr::PathExpr(it) => {
            let path = it.path()?;
            let name = path.segment()?.name_ref()?.text().to_string();
            path.qualifier().is_none().then_some(Shape::Variable(name))
        }
        ast::Expr::FieldExpr(it) => match it.name_ref()? {
            name if name.text().starts_with(|c: char| c.is_ascii_digit()) => shape(&it.expr()?),
            name => {
                let receiver = match shape(&it.expr()?) {
                    Some(Shape::Variable(receiver)) => Some(receiver),
                    _ => None,
                };
                Some(Shape::Field(name.text().to_string(), receiver))
            }
        },
        ast::Expr::RefExpr(it) => shape(&it.expr()?),
        ast::Expr::ParenExpr(it) => shape(&it.expr()?),
        ast::Expr::TryExpr(it) => shape(&it.expr()?),
        ast::Expr::AwaitExpr(it) => shape(&it.expr()?),
        ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Deref) => {
            shape(&it.expr()?)
        }
        ast::Expr::MethodCallExpr(it) => method_shape(it),
        ast::Expr::CallExpr(it) => {
            let ast::Expr::PathExpr(path) = it.expr()? else { return None };
            let name = path.path()?.segment()?.name_ref()?.text().to_string();
            let mut arguments = it.arg_list()?.args();
            let first = arguments.next().filter(|_| arguments.next().is_none())?;
            let keeps = matches!(
                name.as_str(),
                "encode"
                    | "from_utf8_lossy"
                    | "from_utf8"
                    | "Some"
                    | "from"
                    | "encode_hex"
                    | "to_hex"
            );
            shape(&first).filter(|_| keeps)
        }
        _ => None,
    }
}

fn method_shape(call: &ast::MethodCallExpr) -> Option<Shape> {
    let name = call.name_ref()?.text().to_string();
    let receiver = call.receiver()?;
    let mut arguments = call.arg_list()?.args();
    match name.as_str() {
        "expose_secret" | "reveal_secret" | "expose" | "unsecure" => {
            let inner = shape(&receiver)?;
            let secret = SecretNames::default().kind(inner.name()).is_some();
            Some(if secret { inner } else { Shape::Method("exposed_secret".to_string()) })
        }
        "clone" | "to_string" | "to_owned" | "as_str" | "as_ref" | "as_bytes" | "as_slice"
        | "as_deref" | "borrow" | "deref" | "into" | "unwrap" | "unwrap_or_default"
        | "unwrap_or" | "expect" | "to_vec" | "to_string_lossy" | "display" | "trim"
        | "into_inner" | "into_string" | "iter" => shape(&receiver),
        // An engine of the `base64` crate encodes its argument.
        "encode" => shape(&arguments.next()?),
        _ if arguments.next().is_none() => {
            // A getter shows what it is named for; a verb before it says that it makes something.
            let first = words(&name).next()?;
            let verb = matches!(
                first.as_str(),
                "set"
                    | "check"
                    | "verify"
                    | "validate"
                    | "mask"
                    | "masked"
                    | "redact"
                    | "redacted"
                    | "hash"
                    | "hashed"
                    | "count"
                    | "peek"
                    | "next"
                    | "with"
                    | "into"
                    | "new"
            );
            (!verb).then_some(Shape::Method(name))
        }
        _ => None,
    }
}

/// A `{…}` of a format string.
struct Placeholder {
    argument: Argument,
    /// What stands after the colon.
    spec: String,
    /// Of the name in the literal.
    range: Option<TextRange>,
}

enum Argument {
    Position(usize),
    Name(String),
}

/// The placeholders of a format string; `literal` is the token with its quotes.
fn placeholders(literal: &str) -> Vec<Placeholder> {
    let mut placeholders = Vec::new();
    let mut next = 0;
    let mut at = 0;
    while let Some(found) = literal.get(at..).and_then(|rest| rest.find('{')) {
        let open = at + found;
        let rest = literal.get(open + 1..).unwrap_or_default();
        if rest.starts_with('{') {
            at = open + 2;
            continue;
        }
        let Some(len) = rest.find('}') else { break };
        let inside = rest.get(..len).unwrap_or_default();
        at = open + 1 + len + 1;
        let (name, spec) = inside.split_once(':').unwrap_or((inside, ""));
        let lead = name.len() - name.trim_start().len();
        let name = name.trim();
        let (argument, range) = if name.is_empty() {
            next += 1;
            (Argument::Position(next - 1), None)
        } else if let Ok(position) = name.parse() {
            (Argument::Position(position), None)
        } else if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            let start = TextSize::new((open + 1 + lead) as u32);
            (Argument::Name(name.to_string()), Some(TextRange::at(start, TextSize::of(name))))
        } else {
            continue;
        };
        placeholders.push(Placeholder { argument, spec: spec.trim().to_string(), range });
    }
    placeholders
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn every_way_of_logging_is_seen() {
        check(
            &RULE,
            r#"
fn f(password: &str, auth_token: String, cfg: Config) {
    info!("password {password}");
                   //^^^^^^^^ secret-in-log: the secret `password` is written to the log
    tracing::info!(token = %auth_token, "login");
                          //^^^^^^^^^^ secret-in-log
    debug!(?password, user, "login");
          //^^^^^^^^ secret-in-log
    warn!("{} and {:?}", user, cfg.api_key);
                             //^^^^^^^^^^^ secret-in-log
    log::error!(target: "auth", "bad password: {}", &password.to_string());
                                                  //^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    eprintln!("{0}", self.db.password.clone());
                   //^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log: the secret `password` is written to the terminal
    dbg!(&auth_token);
       //^^^^^^^^^^^ secret-in-log
    panic!("no session for {auth_token}");
                          //^^^^^^^^^^ secret-in-log: the secret `auth_token` is written to a panic message
    bail!("cannot use {}", hex::encode(private_key));
                         //^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log: the secret `private_key` is written to an error message
    return Err(AppError::Login(format!("{user} has no {password}")));
                                                     //^^^^^^^^ secret-in-log
    x.map_err(|e| format!("{e}: {password}"))?;
                               //^^^^^^^^ secret-in-log
    debug!("* private key: {:x?}", keypair.private_key());
                                 //^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!("{}", settings.db.expose_secret());
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!(password = %p, "login");
                    //^ secret-in-log
    info_span!("login", password);
                      //^^^^^^^^ secret-in-log
}
"#,
        );
    }

    #[test]
    fn what_is_about_a_secret_is_left_alone() {
        silent(
            &RULE,
            r#"
fn f(password: SecretString, shutdown_token: CancellationToken, secret: u64) {
    info!("{} {}", password.len(), auth_token.is_some());
    info!("{}", mask(&password));
    info!(api_key = %redact(&api_key), key_id = %key_id, public_key = %public_key, "x");
    info!("invalid password or token {{password}}");
    info!("{password:?} {shutdown_token:?} {secret}");
    info!(password = true, has_token = token.is_some(), "password {}", user);
    info!(target: "password", "x");
    info!("set {}", PASSWORD_ENV);
    debug!("{} {}", token_count, password_file.display());
    let bearer = format!("Bearer {auth_token}");
    let header = client.header(format!("Bearer {auth_token}"));
    trace!("{:p}", auth_token);
    info!("{}", &auth_token[..4]);
    info!(token = %token_id, auth_token = %auth_token.hash(), "x");
    write!(f, "{password}");
    info!("private key '{}' created", CONFIG.private_rsa_key());
    #[cfg(test)]
    println!("{auth_token}");
}
"#,
        );
    }

    #[test]
    fn a_bare_token_counts_where_tokens_are_rights() {
        check(
            &RULE,
            r#"
//- src/auth.rs
fn f() { info!("issued {token}"); }
                      //^^^^^ secret-in-log
fn g(token: u64) { info!("issued {token}"); }
fn h() { info!("unexpected token {token}"); }
//- src/session/parser.rs
fn f() { info!("{token}"); }
//- src/connection.rs
fn f() {
    trace!("PATH_RESPONSE {:08x}", token);
    debug!(token, "ignoring invalid PATH_RESPONSE");
    bail!("bad token {token}");
}
fn login() { debug!(token, "login"); }
                  //^^^^^ secret-in-log
"#,
        );
    }

    #[test]
    fn a_struct_is_printed_with_its_secrets() {
        check(
            &RULE,
            r#"
#[derive(Debug)]
struct Settings { port: u16, db: Database }
#[derive(Debug)]
struct Database { url: String, password: String }
struct App { settings: Settings, plain: Plain, safe: Safe }
#[derive(Debug)]
struct Plain { port: u16 }
#[derive(Debug)]
struct Safe { password: SecretString, hand: Hand }
struct Hand { password: String }
fn f(settings: &Settings, plain: Plain, safe: Safe, unknown: Other) {
    info!("{settings:?}");
          //^^^^^^^^ secret-in-log: `settings` is printed with the secrets in its fields
    info!("{plain:?} {safe:?} {unknown:?} {settings}");
    info!(?plain, ?safe.password, "x");
}
fn g(app: App) -> Result<()> {
    let loaded = Settings::load()?;
    debug!(config = ?loaded, "started");
                   //^^^^^^ secret-in-log
    debug!("{:#?} {:?}", app.settings, app.plain);
                       //^^^^^^^^^^^^ secret-in-log
    Ok(())
}
"#,
        );
    }

    #[test]
    fn a_command_may_print_what_it_was_asked_for() {
        silent(&RULE, "//- src/main.rs\nfn main() { println!(\"{password}\"); }\n");
    }

    #[test]
    fn redacting_fields_are_known_from_other_files() {
        silent(
            &RULE,
            r#"
//- src/lib.rs
mod config;
fn f(cfg: Config) { info!("{:?}", cfg.api_key); }
//- src/config.rs
pub struct Config { pub api_key: ApiKey }
pub struct ApiKey(String);
impl std::fmt::Debug for ApiKey { fn fmt(&self, f: &mut Formatter) -> Result { f.write_str("-") } }
//- src/keys.rs
#[derive(Debug)]
pub struct KeyPair { key: hpke::PrivateKey }
impl KeyPair { fn private_key(&self) -> &hpke::PrivateKey { &self.key } }
fn f(pair: &KeyPair) { debug!("{:?}", pair.private_key()); }
"#,
        );
    }
}
