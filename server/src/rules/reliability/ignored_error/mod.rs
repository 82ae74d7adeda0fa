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
//! `Result`. Not reported: sending on a channel, writing to a string, joining a thread, installing
//! a logger twice, and cleanup in `Drop` or after another error.
//!
//! Known problems: methods are recognized by name and receiver, as types are not inferred. A method
//! of the workspace with a common name such as `run` or `open` is reported only if it is called on
//! `self`.

mod excuse;
mod fix;
mod operation;
#[cfg(test)]
mod tests;
mod workspace_call;

use excuse::is_excused;
use fix::Repair;
use operation::{Kind, operation};
use workspace_call::returns_result;

use super::AREA;
use crate::analysis::{Context, On, Query, Report, Rule, Severity};
use crate::semantics::calls::argument_count;
use crate::semantics::calls::call_range;
use crate::syntax::ast;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "ignored-error",
    severity: Severity::High,
    raised_when_critical: false,
    lints: &["clippy::let_underscore_must_use", "unused_must_use"],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Method(&["ok"], check),
        Query::Node(&On(check::<ast::WildcardPat>)),
        Query::Node(&On(check::<ast::UnderscoreExpr>)),
    ],
    ..Rule::source(AREA)
};

fn check<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let Some(ignored) = Ignored::of(node.syntax()) else { return };
    let Some(call) = fallible_call(&ignored.value) else { return };
    let Some(operation) = operation(&call, cx) else { return };
    if is_excused(&ignored.statement, &operation.name, cx) {
        return;
    }
    let message = format!("the error of `{}` is ignored", operation.name);
    let range = call_range(&call);
    let repair = Repair::new(&ignored, &operation, cx);
    let mut report = Report::new(range, message).fix(move |fix| repair.fixes(fix));
    let awaited = is_awaited_in(&ignored.value);
    let name = operation.name;
    report = match operation.kind {
        Kind::Io { .. } => report.when(move |symbols| {
            // A function of the workspace under the same name may be something else.
            let mut own = symbols.functions(&name).peekable();
            own.peek().is_none() || own.any(returns_result)
        }),
        Kind::Workspace(call) => {
            report.when(move |symbols| call.is_fallible(&name, awaited, symbols))
        }
    };
    cx.report(&ignored.statement, report);
}

/// A statement that drops a value.
struct Ignored {
    statement: SyntaxNode,
    /// What is dropped, without a final `.ok()`.
    value: ast::Expr,
}

impl Ignored {
    fn of(node: &SyntaxNode) -> Option<Self> {
        let parent = node.parent()?;
        match node.kind() {
            SyntaxKind::WILDCARD_PAT => {
                let statement = ast::LetStmt::cast(parent.clone())?;
                Some(Self { statement: parent, value: statement.initializer()? })
            }
            SyntaxKind::UNDERSCORE_EXPR => {
                let assignment = ast::BinExpr::cast(parent.clone())?;
                // In `select!`, `_ = future => …` stands for an arm.
                let statement = parent.parent().and_then(ast::ExprStmt::cast)?;
                statement.semicolon_token()?;
                Some(Self { statement: statement.syntax().clone(), value: assignment.rhs()? })
            }
            _ => {
                let call = ast::MethodCallExpr::cast(node.clone())?;
                let statement = ast::ExprStmt::cast(parent)?;
                (argument_count(&call) == 0).then_some(Self {
                    statement: statement.syntax().clone(),
                    value: call.receiver()?,
                })
            }
        }
    }
}

/// The call whose error reaches the end of an expression.
fn fallible_call(value: &ast::Expr) -> Option<ast::Expr> {
    match value {
        ast::Expr::AwaitExpr(it) => fallible_call(&it.expr()?),
        ast::Expr::ParenExpr(it) => fallible_call(&it.expr()?),
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?;
            match name.text() {
                "ok" | "map" | "map_err" | "context" | "with_context" => {
                    fallible_call(&call.receiver()?)
                }
                _ => Some(value.clone()),
            }
        }
        ast::Expr::CallExpr(_) => Some(value.clone()),
        _ => None,
    }
}

fn is_awaited_in(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::AwaitExpr(_) => true,
        ast::Expr::MethodCallExpr(call) => {
            call.receiver().is_some_and(|receiver| is_awaited_in(&receiver))
        }
        _ => false,
    }
}
