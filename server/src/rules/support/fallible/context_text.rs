//! The text that says what failed, written from the call.

use super::site::Site;
use crate::rules::support::{argument_count, string_literal};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxNode};

/// What was being done when the receiver failed, in the form of anyhow's contexts: lower case, no
/// full stop.
pub fn context_text(site: &Site) -> String {
    let call = innermost_call(&site.receiver);
    let bound = binding(site);
    match &call {
        ast::Expr::MethodCallExpr(call) => of_method(call, bound.as_deref()),
        ast::Expr::CallExpr(call) => of_function(call, bound.as_deref()),
        other => format!("{} is missing", subject(other, bound.as_deref())),
    }
}

/// The call that can fail, below the ones that only pass its outcome on.
fn innermost_call(expr: &ast::Expr) -> ast::Expr {
    let inner = match expr {
        ast::Expr::AwaitExpr(it) => it.expr(),
        ast::Expr::ParenExpr(it) => it.expr(),
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
            let passes_on = matches!(
                name.as_str(),
                "as_ref"
                    | "as_mut"
                    | "as_deref"
                    | "as_deref_mut"
                    | "cloned"
                    | "copied"
                    | "ok"
                    | "map"
                    | "and_then"
                    | "inspect"
                    | "map_err"
                    | "take"
                    | "clone"
            );
            it.receiver().filter(|_| passes_on)
        }
        _ => None,
    };
    match inner {
        Some(inner) => innermost_call(&inner),
        None => expr.clone(),
    }
}

/// The name that the value gets: of a `let`, a field or an assignment.
fn binding(site: &Site) -> Option<String> {
    for node in site.around.iter().skip(1) {
        if let Some(statement) = ast::LetStmt::cast(node.clone()) {
            let ast::Pat::IdentPat(pattern) = statement.pat()? else { return None };
            return Some(pattern.name()?.text().to_string());
        }
        if let Some(field) = ast::RecordExprField::cast(node.clone()) {
            return Some(field.field_name()?.text().to_string());
        }
        let passes = ast::MethodCallExpr::can_cast(node.kind())
            || ast::RefExpr::can_cast(node.kind())
            || ast::ParenExpr::can_cast(node.kind());
        if !passes {
            return None;
        }
    }
    None
}

fn of_method(call: &ast::MethodCallExpr, bound: Option<&str>) -> String {
    let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
    let receiver = call.receiver();
    let subject = receiver.as_ref().map_or_else(|| spaced(&name), subject_of);
    let argument = call.arg_list().and_then(|list| list.args().next());
    let argument = argument.as_ref().map(|it| match string_literal(it) {
        Some(text) => text,
        None => subject_of(it),
    });
    let argument = argument.unwrap_or_default();
    match (name.as_str(), argument_count(call)) {
        ("parse", 0) => {
            let literal = receiver.as_ref().and_then(string_literal);
            let is_address = literal.is_some_and(|text| {
                text.parse::<std::net::SocketAddr>().is_ok()
                    || text.parse::<std::net::IpAddr>().is_ok()
            });
            let what = bound.map_or(subject, spaced);
            if is_address && !what.contains("addr") {
                format!("parse {what} address")
            } else {
                format!("parse {what}")
            }
        }
        ("first" | "last" | "pop" | "front" | "back" | "pop_front" | "pop_back", 0)
        | ("first_mut" | "last_mut" | "split_first" | "split_last", 0) => {
            format!("{subject} is empty")
        }
        ("next" | "next_back" | "peek" | "min" | "max" | "take", 0)
        | ("nth" | "min_by" | "max_by" | "min_by_key" | "max_by_key" | "position", 1)
        | ("file_name" | "file_stem" | "parent" | "extension", 0) => match bound {
            Some(bound) => format!("{} is missing", spaced(bound)),
            None if matches!(name.as_str(), "file_name" | "file_stem" | "parent" | "extension") => {
                format!("{subject} has no {}", spaced(&name))
            }
            None if name == "take" => format!("{subject} is missing"),
            None => format!("{subject} has too few items"),
        },
        ("get_one" | "get_many" | "remove_one" | "remove_many", 1) if !argument.is_empty() => {
            format!("argument {argument} is missing")
        }
        ("get" | "get_mut" | "get_one" | "remove" | "find" | "get_key_value", 1) => {
            if argument.is_empty() {
                format!("no match in {subject}")
            } else {
                format!("no {argument} in {subject}")
            }
        }
        ("strip_prefix" | "strip_suffix" | "split_once" | "rsplit_once", 1) => {
            format!("{subject} has no {argument}").trim_end().to_string()
        }
        ("to_str", 0) => format!("{subject} is not valid UTF-8"),
        ("upgrade", 0) => format!("{subject} is gone"),
        ("duration_since" | "elapsed", _) => "the system time is out of order".to_string(),
        ("try_into", 0) => format!("convert {}", bound.map_or(subject, spaced)),
        ("send" | "recv", _) => format!("{name} on {subject}"),
        _ if name.starts_with("checked_") => {
            let operation = name.trim_start_matches("checked_");
            format!("{operation} overflows {subject}").replace('_', " ")
        }
        _ if name.starts_with("as_") => {
            let what = spaced(name.trim_start_matches("as_"));
            format!("{subject} is no {what}")
        }
        _ => format!("{} {subject}", spaced(&name)),
    }
}

fn of_function(call: &ast::CallExpr, bound: Option<&str>) -> String {
    let path = call.expr().map(|it| it.syntax().text().to_string()).unwrap_or_default();
    let path = path.split('<').next().unwrap_or(&path).trim_end_matches("::");
    let (owner, name) = path.rsplit_once("::").unwrap_or(("", path));
    let owner = owner.rsplit("::").next().unwrap_or(owner);
    let first = call.arg_list().and_then(|list| list.args().next());
    let literal = first.as_ref().and_then(string_literal);
    let argument = literal.unwrap_or_else(|| first.as_ref().map(subject_of).unwrap_or_default());
    let named = |verb: &str| match (argument.is_empty(), bound) {
        (false, _) => format!("{verb} {argument}"),
        (true, Some(bound)) => format!("{verb} {}", spaced(bound)),
        (true, None) => format!("{verb} {}", spaced(owner)).trim_end().to_string(),
    };
    match (owner, name) {
        ("env", "var") => format!("read environment variable {argument}"),
        ("serde_json", "from_str" | "from_slice" | "from_reader" | "from_value") => {
            named("parse JSON from")
        }
        ("serde_json", "to_string" | "to_vec" | "to_string_pretty" | "to_value") => {
            named("serialize")
        }
        ("toml", "from_str") => named("parse TOML from"),
        (_, "from_utf8") => format!("{argument} is not valid UTF-8"),
        (_, "read_to_string") => named("read"),
        (_, "connect") => named("connect to"),
        (_, "from_str" | "parse_str" | "from_str_radix") => named("parse"),
        (_, "new" | "try_from" | "from_u32") => {
            let made = bound.map_or_else(|| spaced(owner), spaced);
            if name == "new" { format!("create {made}") } else { format!("convert {argument}") }
        }
        _ => named(&spaced(name)),
    }
}

fn subject(expr: &ast::Expr, bound: Option<&str>) -> String {
    let subject = subject_of(expr);
    if subject == "value" { bound.map_or(subject, spaced) } else { subject }
}

/// The last name in an expression, as words: `config path` for `&self.config_path`.
fn subject_of(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::PathExpr(it) => {
            let text = it.syntax().text().to_string();
            spaced(text.rsplit("::").next().unwrap_or(&text))
        }
        ast::Expr::FieldExpr(it) => match it.name_ref() {
            Some(name) if !name.text().starts_with(|c: char| c.is_ascii_digit()) => {
                spaced(name.text())
            }
            _ => it.expr().map_or_else(|| "value".to_string(), |it| subject_of(&it)),
        },
        ast::Expr::MethodCallExpr(it) => match it.receiver() {
            Some(receiver) => subject_of(&receiver),
            None => "value".to_string(),
        },
        ast::Expr::CallExpr(it) => match it.expr() {
            Some(ast::Expr::PathExpr(path)) => {
                let text = path.syntax().text().to_string();
                let mut names = text.rsplit("::");
                let name = names.next().unwrap_or_default();
                let owner = names.next().unwrap_or_default();
                spaced(if matches!(name, "new" | "default") { owner } else { name })
            }
            _ => "value".to_string(),
        },
        ast::Expr::RefExpr(it) => inner(it.expr()),
        ast::Expr::PrefixExpr(it) => inner(it.expr()),
        ast::Expr::ParenExpr(it) => inner(it.expr()),
        ast::Expr::TryExpr(it) => inner(it.expr()),
        ast::Expr::AwaitExpr(it) => inner(it.expr()),
        ast::Expr::IndexExpr(it) => inner(it.base()),
        ast::Expr::Literal(it) => literal(it.syntax()),
        _ => "value".to_string(),
    }
}

fn inner(expr: Option<ast::Expr>) -> String {
    expr.map_or_else(|| "value".to_string(), |it| subject_of(&it))
}

fn literal(node: &SyntaxNode) -> String {
    let text = node.text().to_string();
    let plain = text.trim_matches('"');
    if plain.len() <= 40 && !plain.contains(['"', '\\', '\n']) {
        plain.to_string()
    } else {
        "value".to_string()
    }
}

fn spaced(name: &str) -> String {
    let words: Vec<String> = words(name).collect();
    if words.is_empty() { "value".to_string() } else { words.join(" ") }
}
