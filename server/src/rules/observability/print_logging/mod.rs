//! `println!`, `eprintln!` or `dbg!` instead of a logger.
//!
//! Output of a service on stdout or stderr has no level, no timestamp and no request that it
//! belongs to. It cannot be filtered, and it blocks when the reader of the pipe does.
//!
//! ```rust,bad
//! pub fn connected(peer: &str) {
//!     println!("connected to {peer}");
//! }
//! ```
//!
//! Log it, and let the program configure the output:
//!
//! ```rust
//! pub fn connected(peer: &str) {
//!     tracing::info!("connected to {peer}");
//! }
//! ```
//!
//! Not reported: the output of command-line programs and of the commands of a server, and what the
//! log itself has to say. A `dbg!` is reported everywhere outside tests. The severity is low in
//! libraries that neither log nor serve.

#[cfg(test)]
mod tests;

use super::AREA;
use crate::analysis::{
    Applicability, Confidence, Context, FixContext, Opportunity, Query, Report, Rule, Severity,
};
use crate::project::{Role, SymbolIndex};
use crate::semantics::calls::std_macro_call;
use crate::semantics::commands::{CommandCode, is_command_here};
use crate::syntax::ast::{self, HasDocComments, HasName};
use crate::syntax::format_string::inline_captures;
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, AstToken, Edition, NodeOrToken, SyntaxKind, SyntaxNode};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "print-logging",
    opportunity: Opportunity::LogLines,
    effort: 5,
    severity: Severity::Low,
    handling_severity: Some(Severity::Medium),
    raised_when_critical: false,
    lints: &["clippy::print_stdout", "clippy::print_stderr", "clippy::dbg_macro"],
    seeds: &["D.6", "E.13"],
    source: include_str!("mod.rs"),
    queries: &[Query::Macro(&["println", "eprintln", "print", "eprint", "dbg"], check)],
    ..Rule::source(AREA)
};

fn check(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let Some((name, range)) = std_macro_call(call) else { return };
    let message = match name.as_str() {
        "dbg" => {
            let report = Report::new(range, "`dbg!` was left in the code");
            return cx.report(call.syntax(), report);
        }
        "eprintln" | "eprint" => format!("`{name}!` writes to stderr instead of the logger"),
        _ => format!("`{name}!` writes to stdout instead of the logger"),
    };
    let is_program_output = cx.file().role == Role::Bin && !cx.file().in_server();
    if is_program_output || is_command_here(cx, call.syntax()) {
        return;
    }
    if name.starts_with('e') && is_about_log(call, cx) {
        return;
    }
    let code = CommandCode::around(cx, call.syntax());
    let output = move |symbols: &SymbolIndex| code.is_called_by_command(symbols);
    if cx.file().in_server() {
        let report = with_fix(call, &name, Report::new(range, message), cx);
        let report = report.confidence(Confidence::Likely).when(move |symbols| !output(symbols));
        return cx.report(call.syntax(), report);
    }
    // A library may be that of a program, whose output it writes.
    let of_program = cx.file().package.as_ref().is_some_and(|it| it.is_command_line());
    for logs in [true, false] {
        if of_program && !logs {
            continue;
        }
        let (output, code) = (output.clone(), CommandCode::around(cx, call.syntax()));
        let report = with_fix(call, &name, Report::new(range, message.clone()), cx);
        let report = report.confidence(Confidence::Likely).when(move |symbols| {
            let uses_log = code.uses_logger(symbols) || code.serves(symbols);
            uses_log == logs && !output(symbols)
        });
        cx.report(call.syntax(), report);
    }
}

/// Whether a text on stderr is about the log itself, which cannot log that it failed: by the
/// message, the function and its documentation, or the trait that is implemented.
fn is_about_log(call: &ast::MacroCall, cx: &Context<'_>) -> bool {
    let text = call.token_tree().map(|it| it.syntax().text().to_string()).unwrap_or_default();
    let message = text.to_lowercase();
    let subjects =
        ["log writer", "logger", "logging", "log file", "log queue", "tracing", "subscriber"];
    if subjects.iter().any(|it| message.contains(it)) {
        return true;
    }
    let is_log = |word: String| {
        matches!(word.as_str(), "logger" | "logging" | "tracing" | "subscriber" | "telemetry")
    };
    let around: Vec<SyntaxNode> = cx.ancestors(call.syntax()).collect();
    let function = around.iter().cloned().find_map(ast::Fn::cast);
    let named = function.as_ref().and_then(|it| it.name()).is_some_and(|it| {
        let mut names = words(it.text());
        names.any(|word| word == "log" || is_log(word))
    });
    let documented = function.is_some_and(|it| {
        let docs: String = it.doc_comments().map(|it| it.syntax().text().to_lowercase()).collect();
        ["`tracing`", "tracing layer", "log writer", "the logger", "`log`"]
            .iter()
            .any(|it| docs.contains(it))
    });
    // The program may be about to end, and the log with it.
    let in_hook =
        around.iter().cloned().filter_map(ast::CallExpr::cast).any(|it| {
            it.expr().is_some_and(|it| compact(it.syntax()).ends_with("panic::set_hook"))
        });
    let implements = around.into_iter().filter_map(ast::Impl::cast).any(|it| {
        let of = it.trait_().map(|it| compact(it.syntax())).unwrap_or_default();
        let of = of.split('<').next().unwrap_or_default();
        let of = of.rsplit("::").next().unwrap_or_default();
        let ty = it.self_ty().map(|it| compact(it.syntax())).unwrap_or_default();
        matches!(of, "Log" | "Layer" | "MakeWriter" | "Subscriber")
            || words(&ty).any(|word| word == "log" || is_log(word))
    });
    named || documented || implements || in_hook
}

/// The report with the macro of the logger as its fix.
fn with_fix<'r>(
    call: &'r ast::MacroCall,
    name: &str,
    report: Report<'r>,
    cx: &mut Context<'_>,
) -> Report<'r> {
    let level = match name {
        "println" => "info",
        "eprintln" => "error",
        _ => return report,
    };
    let imported = cx.resolve(level);
    let path_range = call.path().map(|path| cx.file_range(path.syntax().text_range()));
    let shows_secret = shows_secret(call, cx);
    report.fix(move |fix_cx| {
        let macro_path = logger(call, level, &imported, fix_cx).filter(|_| !shows_secret);
        let (Some(macro_path), Some(path_range)) = (macro_path, path_range) else {
            return Vec::new();
        };
        let title = format!("Use `{macro_path}!`");
        let edit = TextEdit::replace(path_range, macro_path);
        vec![fix_cx.here(title, Applicability::Suggested, vec![edit])]
    })
}

/// Whether a name among the arguments, or in the text, is that of a secret: a log keeps it.
fn shows_secret(call: &ast::MacroCall, cx: &Context<'_>) -> bool {
    let tokens = call.token_tree().into_iter().flat_map(|it| it.syntax().descendants_with_tokens());
    tokens.filter_map(NodeOrToken::into_token).any(|token| match token.kind() {
        SyntaxKind::IDENT => cx.file().secret_kind(token.text()).is_some(),
        SyntaxKind::STRING => inline_captures(token.text())
            .iter()
            .any(|(name, _)| cx.file().secret_kind(name).is_some()),
        _ => false,
    })
}

/// The path of the macro that logs the same arguments, when the package has one and they are a
/// format string with what it formats.
fn logger(
    call: &ast::MacroCall,
    level: &str,
    imported: &str,
    fix_cx: &FixContext<'_>,
) -> Option<String> {
    let first = call
        .token_tree()?
        .syntax()
        .children_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        .nth(1)?;
    // Before the 2018 edition macros have no paths.
    if first.kind() != SyntaxKind::STRING || fix_cx.file.edition == Edition::Edition2015 {
        return None;
    }
    let logger =
        ["tracing", "log"].into_iter().find(|name| fix_cx.has_required_dependency(name))?;
    let path = format!("{logger}::{level}");
    Some(if imported == path { level.to_string() } else { path })
}
