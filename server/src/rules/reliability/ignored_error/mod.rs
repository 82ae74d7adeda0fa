//! Ignored error of an I/O, network or database operation.
//!
//! `let _ = …` and a trailing `.ok();` silence the compiler, but the failure remains. The program
//! continues as if the file had been written or the transaction committed, and no trace of the
//! error is left.
//!
//! ```rust,bad
//! fn save(path: &Path, state: &[u8]) {
//!     let _ = std::fs::write(path, state);
//! }
//! ```
//!
//! Return the error, log it, or explain in a comment why it can be ignored:
//!
//! ```rust
//! fn save(path: &Path, state: &[u8]) -> std::io::Result<()> {
//!     std::fs::write(path, state)?;
//!     // Best effort: the next start removes what is left of it.
//!     let _ = std::fs::remove_file(path.with_extension("old"));
//!     Ok(())
//! }
//! ```
//!
//! Reported are I/O, network and database operations, and functions of the workspace that return a
//! `Result`, whether `let _`, `.ok()`, `drop`, empty branches or a default throw the error away. The
//! severity is high where access was to be taken away, and low for closing a connection and for
//! temporary files.
//!
//! Not reported: sending on a channel, writing to a string, joining a thread, installing a logger
//! twice, errors that are logged before they are dropped, and cleanup in `Drop` or after another
//! error. To write back what was there before is no cleanup.
//!
//! Known problems: methods are recognized by name and receiver where the type of the receiver is
//! not known.

mod discard;
mod excuse;
mod fix;
mod handled;
mod importance;
mod operation;
#[cfg(test)]
mod tests;
mod workspace_call;

use discard::{Discarded, Form, fallible_call, is_awaited_in};
use excuse::is_excused;
use fix::Repair;
use handled::Handling;
use importance::severity;
use operation::{Kind, Operation, operation};
use workspace_call::returns_result;

use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::project::SymbolIndex;
use crate::semantics::calls::call_range;
use crate::syntax::{AstNode, SyntaxNode, ast};

pub static RULE: Rule = Rule {
    id: "ignored-error",
    opportunity: Opportunity::FallibleCalls,
    raised_when_critical: false,
    lints: &["clippy::let_underscore_must_use", "unused_must_use"],
    cwe: &[252],
    seeds: &["E.3"],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Method(&["ok", "err", "is_ok", "is_err", "unwrap_or_default"], check),
        Query::Call(&["drop"], check),
        Query::Node(&On(check::<ast::LetStmt>)),
        Query::Node(&On(check::<ast::UnderscoreExpr>)),
        Query::Node(&On(check::<ast::MatchExpr>)),
        Query::Node(&On(check::<ast::IfExpr>)),
    ],
    ..Rule::source(AREA)
};

fn check<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let Some(discarded) = Discarded::of(node.syntax(), cx) else { return };
    let Some(call) = fallible_call(&discarded.value) else { return };
    let awaited = is_awaited_in(&discarded.value);
    let Some(operation) = operation(&call, awaited, cx) else { return };
    let handling = Handling::of(&discarded.value);
    if handling.is_handled || is_excused(&discarded.statement, &call, &operation, cx) {
        return;
    }
    // A default may stand for what does not exist yet.
    if discarded.by == Form::Default && matches!(operation.kind, Kind::Workspace(_)) {
        return;
    }
    let around: Vec<SyntaxNode> = cx.ancestors(call.syntax()).collect();
    let (mut severity, reason) = severity(&operation, &call, &around, cx);
    if discarded.by == Form::Default {
        severity = severity.min(Severity::Medium);
    }
    let message = match discarded.by {
        Form::Default => format!("a default hides the error of `{}`", operation.name),
        _ => format!("the error of `{}` is ignored", operation.name),
    };
    let report = Report::new(call_range(&call), message);
    let report = match reason {
        Some(reason) => report.lowered(severity, reason),
        None => report.severity(severity),
    };
    let repair = Repair::new(&discarded, &operation, cx);
    let certain = matches!(operation.kind, Kind::File);
    let report = report
        .confidence(if certain { Confidence::Certain } else { Confidence::Likely })
        .fix(move |fix| repair.fixes(fix));
    let only_unit = discarded.by == Form::Named;
    cx.report(
        &discarded.statement,
        report.when(move |symbols| {
            is_fallible(&operation, awaited, only_unit, symbols) && !handling.is_logged(symbols)
        }),
    );
}

/// Whether an operation can fail, as far as the symbols of the workspace tell.
fn is_fallible(
    operation: &Operation,
    awaited: bool,
    only_unit: bool,
    symbols: &SymbolIndex,
) -> bool {
    let name = operation.name.as_str();
    let receiver = operation.method.as_ref().and_then(|it| it.receiver_type(symbols));
    // Whatever it is called: a channel fails when the other end is gone.
    if name == "send" && receiver.is_some_and(|ty| ty.ends_with("Sender")) {
        return false;
    }
    match &operation.kind {
        Kind::Workspace(call) => call.is_fallible(name, awaited, only_unit, symbols),
        Kind::File => true,
        Kind::Io { .. } | Kind::Client => match &operation.method {
            // A method of the workspace under the same name may be something else.
            Some(method) if method.receiver_type(symbols).is_some() => {
                let own = method.own(symbols);
                own.is_empty() || own.into_iter().any(returns_result)
            }
            _ => {
                let mut own = symbols.functions(name).peekable();
                own.peek().is_none() || own.any(returns_result)
            }
        },
    }
}
