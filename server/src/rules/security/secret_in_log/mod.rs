//! Secret in a log line, on the terminal, in a panic or in an error message.
//!
//! Logs are copied to systems that many people can read, and are kept for long. A token or password
//! that was logged has to be treated as stolen.
//!
//! ```rust,bad
//! fn login(user: &str, password: &str) {
//!     tracing::info!("login of {user} with {password}");
//! }
//! ```
//!
//! Log what identifies the event, and not the secret:
//!
//! ```rust
//! fn login(user: &str, password: &str) {
//!     tracing::info!(user, password_length = password.len(), "login");
//! }
//! ```
//!
//! A value printed with `{:?}` counts when its type derives `Debug` and has secret fields. A bare
//! `token` counts only in servers and security-critical code: elsewhere it is a word of a parser.

mod printed;
#[cfg(test)]
mod tests;

use rowan::GreenNodeData;

use self::printed::{Access, PrintedValue, printed_values};
use super::AREA;
use crate::analysis::{Context, Query, Report, Rule, Severity};
use crate::project::Role;
use crate::semantics::bindings::type_of;
use crate::semantics::is_critical_name;
use crate::semantics::secrets::{
    SecretKind, TypeContent, field_prints_secret, is_about_parsing, is_about_something,
    is_bare_token, is_redacted_field, is_redacted_type, printed_secret, returns_redacted,
};
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::green::{child_of_kind, token_kind};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, T};

/// Macros whose text is read by people or becomes an error.
const MACROS: &[&str] = &[
    "trace", "debug", "info", "warn", "error", "event", "log", "span", "trace_span", "debug_span",
    "info_span", "warn_span", "error_span", "print", "println", "eprint", "eprintln", "dbg",
    "panic", "unreachable", "anyhow", "bail", "eyre", "ensure", "format_err", "format",
];

pub static RULE: Rule = Rule {
    id: "secret-in-log",
    severity: Severity::Critical,
    source: include_str!("mod.rs"),
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
    let (values, text) = printed_values(&tree, &name, &names);
    if values.is_empty() {
        return;
    }
    let around = Surroundings {
        parses: is_about_parsing(&cx.file().path) || speaks_of_words(&text),
        serves: cx.file().in_server() || is_security_critical(call, cx),
    };
    for value in values {
        check_value(call, &value, &around, &name, cx);
    }
}

/// What the code around a log line is about.
struct Surroundings {
    /// Tokens are words of a text here.
    parses: bool,
    /// Tokens are rights here.
    serves: bool,
}

fn is_security_critical(call: &SyntaxNode, cx: &Context<'_>) -> bool {
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

fn check_value(
    call: &SyntaxNode,
    value: &PrintedValue,
    around: &Surroundings,
    macro_name: &str,
    cx: &mut Context<'_>,
) {
    let names = cx.file().secret_names.clone();
    let name = value.access.name().to_string();
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
    let known = match &value.access {
        Access::Variable(name) => type_of(cx, call, name),
        _ => None,
    };
    let (what, kind) = match (kind, field) {
        (Some(kind), _) => (name.clone(), kind),
        (None, Some(field)) => (field.to_string(), SecretKind::Other),
        (None, None) => return check_whole(call, value, known, cx),
    };
    let bare = is_bare_token(&what) && kind == SecretKind::Token;
    if bare && (around.parses || !around.serves || is_number) {
        return;
    }
    if bare && matches!(value.access, Access::Method(_)) {
        return;
    }
    let mut report =
        Report::new(value.range, format!("secret `{what}` is written to {}", sink(macro_name)));
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
    } else if let Access::Field(field, _) = value.access.clone() {
        let owner = owner_of(value, call, cx);
        report = report.when(move |symbols| !is_redacted_field(symbols, owner.as_deref(), &field));
    } else if let Access::Method(method) = value.access.clone() {
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
fn check_whole(
    call: &SyntaxNode,
    value: &PrintedValue,
    known: Option<String>,
    cx: &mut Context<'_>,
) {
    let names = cx.file().secret_names.clone();
    let name = value.access.name().to_string();
    let message = format!("debug output of `{name}` includes the secrets in its fields");
    let report = Report::new(value.range, message);
    let report = match (&value.access, known) {
        (Access::Variable(_), Some(ty)) => {
            let TypeContent::Named(ty) = TypeContent::of(&ty) else { return };
            if ty == "Self" {
                return;
            }
            report.when(move |symbols| printed_secret(symbols, &ty, &names).is_some())
        }
        (Access::Field(field, _), None) => {
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
fn owner_of(value: &PrintedValue, call: &SyntaxNode, cx: &Context<'_>) -> Option<String> {
    let Access::Field(_, Some(receiver)) = &value.access else { return None };
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
