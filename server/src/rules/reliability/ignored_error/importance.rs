//! How much is lost when the error of an operation is.

use super::operation::{Kind, Operation};
use crate::analysis::{Context, Severity};
use crate::semantics::expressions::last_name;
use crate::semantics::shape::{Binding, binding};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::TextSize;

/// Words in the names of operations that end something.
pub const CLOSING_WORDS: &[&str] =
    &["bye", "close", "disconnect", "goodbye", "leave", "logoff", "quit", "shutdown"];

/// Words in the names of operations that keep what was written, and of what is kept.
const KEEPING_WORDS: &[&str] = &["commit", "persist", "save", "store", "write"];

/// Words for what decides who may do what.
const ACCESS_WORDS: &[&str] = &[
    "account", "accounts", "ban", "credential", "credentials", "login", "password", "passwords",
    "permission", "permissions", "role", "session", "sessions", "token", "tokens", "user", "users",
];

/// Words in the names of operations that take access away.
const REVOKING_WORDS: &[&str] = &[
    "ban", "block", "clear", "delete", "disable", "expire", "invalidate", "lock", "logout",
    "purge", "remove", "revoke",
];

/// Words in the names of files that may be lost.
const PASSING_WORDS: &[&str] =
    &["probe", "scratch", "temp", "tempdir", "tempfile", "temporary", "tmp"];

/// The severity of a lost error, and why it is low where it is.
pub fn severity(
    operation: &Operation,
    call: &ast::Expr,
    around: &[SyntaxNode],
    cx: &Context<'_>,
) -> (Severity, Option<&'static str>) {
    let name = operation.name.as_str();
    let receiver = match call {
        ast::Expr::MethodCallExpr(call) => call.receiver(),
        _ => None,
    };
    if has_any_word(name, CLOSING_WORDS) {
        return (Severity::Low, Some("nothing is left to do when it fails"));
    }
    if is_passing(call, around) {
        return (Severity::Low, Some("the file is temporary"));
    }
    if name.starts_with("remove_") && was_made_here(call, around, cx) {
        return (Severity::Low, Some("the file was made just before"));
    }
    let about_access =
        receiver.as_ref().and_then(last_name).is_some_and(|it| has_any_word(&it, ACCESS_WORDS))
            || has_any_word(name, ACCESS_WORDS);
    // Who was to lose access keeps it, and nobody knows.
    if about_access && has_any_word(name, REVOKING_WORDS) && !matches!(operation.kind, Kind::File) {
        return (Severity::High, None);
    }
    match (&operation.kind, name) {
        // To a peer, which may be gone, or to a file.
        (Kind::Io { .. }, "write_all" | "flush" | "send") => {
            let file = receiver.as_ref().and_then(last_name);
            let file = file.is_some_and(|it| has_any_word(&it, &["file", "journal", "log", "wal"]));
            (if file { Severity::Medium } else { Severity::Low }, (!file).then_some(PEER))
        }
        (Kind::Workspace(_), _) if !about_access && !has_any_word(name, KEEPING_WORDS) => {
            (Severity::Low, None)
        }
        _ => (Severity::Medium, None),
    }
}

const PEER: &str = "the peer may be gone";

/// Whether a call is about a file that is removed or lost anyway.
fn is_passing(call: &ast::Expr, around: &[SyntaxNode]) -> bool {
    let given = match call {
        ast::Expr::CallExpr(call) => call.arg_list().and_then(|list| list.args().next()),
        ast::Expr::MethodCallExpr(call) => call.receiver(),
        _ => None,
    };
    given.is_some_and(|it| is_temporary(&it, around, 5))
}

/// Whether the function has itself made the file that it removes: it only cleans up.
fn was_made_here(call: &ast::Expr, around: &[SyntaxNode], cx: &Context<'_>) -> bool {
    let ast::Expr::CallExpr(call) = call else { return false };
    let path = call.arg_list().and_then(|list| list.args().next());
    let path = path.map(|it| compact(it.syntax())).unwrap_or_default();
    let path = path.trim_start_matches('&');
    let Some(body) = around.iter().find(|it| ast::Fn::can_cast(it.kind())) else { return false };
    let made = cx.once("makes files", body, || makers(body));
    let end = call.syntax().text_range().start();
    let first = made.partition_point(|(given, _)| given.as_str() < path);
    let mut about = made.iter().skip(first).take_while(|(given, _)| given.starts_with(path));
    about.any(|(_, made)| *made <= end)
}

/// The calls of a function that make a file: what each is given, in alphabetical order, and where
/// it ends.
fn makers(body: &SyntaxNode) -> Vec<(String, TextSize)> {
    let calls = body.descendants().filter_map(ast::CallExpr::cast);
    let mut makers: Vec<(String, TextSize)> = calls
        .filter_map(|made| {
            let text = compact(made.syntax());
            let (function, arguments) = text.split_once('(').unwrap_or((&text, ""));
            let name = function.rsplit("::").next().unwrap_or(function);
            let makes = name == "write" || name.starts_with("create");
            let given = arguments.trim_start_matches('&').to_string();
            makes.then(|| (given, made.syntax().text_range().end()))
        })
        .collect();
    makers.sort_unstable();
    // Of the calls that are given the same the first one decides.
    makers.dedup_by(|later, first| later.0 == first.0);
    makers
}

fn is_temporary(path: &ast::Expr, around: &[SyntaxNode], depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let text = compact(path.syntax());
    let made = ["temp_dir(", "tempdir(", "TempDir", "tempfile::", "NamedTempFile"];
    if made.iter().any(|it| text.contains(it)) {
        return true;
    }
    let names = path.syntax().descendants().filter_map(ast::NameRef::cast);
    let names: Vec<String> = names.map(|it| it.text().to_string()).collect();
    names.iter().any(|name| {
        has_any_word(name, PASSING_WORDS)
            || match binding(name, around) {
                Some(Binding::Typed(ty)) => compact(ty.syntax()).contains("TempDir"),
                Some(Binding::Value(value)) => {
                    value.syntax() != path.syntax() && is_temporary(&value, around, depth)
                }
                _ => false,
            }
    })
}
