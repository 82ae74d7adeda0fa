//! Task whose failure goes unnoticed.
//!
//! A task that returns an error ends like one that succeeds, and a panic in it stays in its handle. When
//! the handle is dropped, a part of the service stops while the rest goes on, and the log has no
//! word of it.
//!
//! ```rust,bad
//! fn start(listener: TcpListener) {
//!     tokio::spawn(async move {
//!         let (stream, _) = listener.accept().await?;
//!         serve(stream).await?;
//!         Ok::<(), io::Error>(())
//!     });
//! }
//! ```
//!
//! Log the error in the task, or keep the handle and look at what it gives:
//!
//! ```rust
//! fn start(listener: TcpListener) {
//!     tokio::spawn(async move {
//!         if let Err(error) = accept(listener).await {
//!             tracing::error!(%error, "the listener stopped");
//!         }
//!     });
//! }
//! ```
//!
//! Reported are tasks that return a `Result` and whose handle is dropped, and handles whose result is
//! dropped after they were awaited.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::project::{Function, SymbolIndex};
use crate::semantics::bindings::initializer;
use crate::semantics::body_words::{has_words, writes_log};
use crate::semantics::callee_in_workspace::CalledFunction;
use crate::semantics::expressions::identifier;
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::{callee, resolve_at};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "unlogged-join-error",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[391],
    source: include_str!("unlogged_join_error.rs"),
    queries: &[
        Query::Call(&["spawn", "spawn_blocking", "spawn_local"], check_spawn),
        Query::Node(&On(check_let)),
        Query::Method(&["ok"], check_ok),
        Query::Method(&["join_next"], check_set),
    ],
    ..Rule::source(AREA)
};

/// What a task gives back.
enum Outcome {
    /// A result, as its own code says.
    Result,
    /// What a function of the workspace returns.
    Function(CalledFunction),
    Method(MethodCall),
}

fn check_spawn(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    let spawns =
        ["tokio::spawn", "task::spawn", "task::spawn_blocking", "task::spawn_local", "spawn"];
    if !spawns.iter().any(|it| path == *it || path.ends_with(&format!("::{it}")))
        || path.contains("thread")
        || !is_dropped(call.syntax())
    {
        return;
    }
    let Some(task) = call.arg_list().and_then(|it| it.args().next()) else { return };
    let logs = writes_log(task.syntax()) || has_words(task.syntax().green(), &["inspect", "log"]);
    let Some(outcome) = outcome(&task, cx).filter(|_| !logs) else { return };
    let message = "the task returns an error that is never looked at";
    let report = Report::new(call.syntax().text_range(), message).confidence(Confidence::Likely);
    let report = match outcome {
        Outcome::Result => report,
        Outcome::Function(called) => report.when(move |symbols| {
            let all = called.candidates(symbols);
            !all.is_empty() && all.into_iter().all(returns_result)
        }),
        Outcome::Method(called) => report.when(move |symbols: &SymbolIndex| {
            let all = called.own(symbols);
            !all.is_empty() && all.into_iter().all(returns_result)
        }),
    };
    cx.report(call.syntax(), report);
}

/// Whether a function returns a result, and writes no error to the log itself.
fn returns_result(function: &Function) -> bool {
    let is_told = function.facts.traced || function.facts.logs_errors;
    !is_told
        && function.returns.as_deref().is_some_and(|it| {
            let head = it.split('<').next().unwrap_or(it);
            head.rsplit("::").next() == Some("Result")
                && !it.contains("Infallible")
                && !it.contains("Result<!")
        })
}

/// Whether the handle that a call returns is dropped at once.
fn is_dropped(call: &SyntaxNode) -> bool {
    let Some(parent) = call.parent() else { return false };
    match parent.kind() {
        SyntaxKind::EXPR_STMT => true,
        SyntaxKind::LET_STMT => ast::LetStmt::cast(parent)
            .and_then(|it| it.pat())
            .is_some_and(|it| matches!(it, ast::Pat::WildcardPat(_))),
        _ => false,
    }
}

/// What a task gives back, when that may be an error.
fn outcome(task: &ast::Expr, cx: &mut Context<'_>) -> Option<Outcome> {
    match task {
        ast::Expr::BlockExpr(block) => {
            let list = block.stmt_list()?;
            let has_try = uses_try(list.syntax());
            match list.tail_expr() {
                Some(tail) => of_value(&tail, has_try, cx),
                None => None,
            }
        }
        ast::Expr::ClosureExpr(closure) => match closure.body()? {
            ast::Expr::BlockExpr(block) => outcome(&ast::Expr::BlockExpr(block), cx),
            body => of_value(&body, false, cx),
        },
        other => of_value(other, false, cx),
    }
}

fn of_value(value: &ast::Expr, has_try: bool, cx: &mut Context<'_>) -> Option<Outcome> {
    match value {
        ast::Expr::AwaitExpr(it) => of_value(&it.expr()?, has_try, cx),
        ast::Expr::CallExpr(call) => {
            let path = callee(call)?;
            if matches!(path.as_str(), "Ok" | "Err") {
                return Some(Outcome::Result);
            }
            if has_try {
                return Some(Outcome::Result);
            }
            let path = resolve_at(cx, call.syntax(), &path);
            CalledFunction::new(&path, call.syntax(), cx).map(Outcome::Function)
        }
        ast::Expr::MethodCallExpr(_) if has_try => Some(Outcome::Result),
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?.text().to_string();
            let called = MethodCall::new(&call.receiver()?, &name, cx);
            Some(Outcome::Method(called))
        }
        _ => None,
    }
}

/// Whether `?` leaves the body of a task, and no block or closure in it.
fn uses_try(node: &SyntaxNode) -> bool {
    node.children().any(|child| match child.kind() {
        SyntaxKind::CLOSURE_EXPR | SyntaxKind::FN => false,
        SyntaxKind::BLOCK_EXPR if crate::semantics::execution::is_async_block(&child) => false,
        SyntaxKind::TRY_EXPR => true,
        _ => uses_try(&child),
    })
}

/// `let _ = handle.await;`
fn check_let(statement: &ast::LetStmt, cx: &mut Context<'_>) {
    let is_dropped = matches!(statement.pat(), Some(ast::Pat::WildcardPat(_)));
    let Some(ast::Expr::AwaitExpr(wait)) = statement.initializer().filter(|_| is_dropped) else {
        return;
    };
    check_handle(statement.syntax(), &wait, cx);
}

/// `handle.await.ok();`
fn check_ok(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let is_statement = call.syntax().parent().is_some_and(|it| it.kind() == SyntaxKind::EXPR_STMT);
    let Some(ast::Expr::AwaitExpr(wait)) = call.receiver().filter(|_| is_statement) else { return };
    check_handle(call.syntax(), &wait, cx);
}

/// `while let Some(_) = tasks.join_next().await {}`
fn check_set(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let wait = call.syntax().parent().filter(|it| it.kind() == SyntaxKind::AWAIT_EXPR);
    let Some(condition) = wait.and_then(|it| it.parent()).and_then(ast::LetExpr::cast) else {
        return;
    };
    let pattern = condition.pat().map(|it| compact(it.syntax())).unwrap_or_default();
    if pattern != "Some(_)" || is_aborted(call.syntax(), "", cx) {
        return;
    }
    let message = "the results of the tasks are dropped, panics among them";
    let report = Report::new(call.syntax().text_range(), message).confidence(Confidence::Likely);
    cx.report(call.syntax(), report);
}

fn check_handle(node: &SyntaxNode, wait: &ast::AwaitExpr, cx: &mut Context<'_>) {
    let Some(handle) = wait.expr() else { return };
    let text = compact(handle.syntax());
    let spawned = match &handle {
        ast::Expr::PathExpr(_) => identifier(&handle)
            .and_then(|it| initializer(cx, node, &it))
            .is_some_and(|it| is_spawn(&it)),
        _ => false,
    };
    let last = text.rsplit('.').next().unwrap_or(&text);
    let is_named = has_any_word(last, &["handle", "task"]) && !text.contains('(');
    if !spawned && !is_named || is_aborted(node, &text, cx) {
        return;
    }
    let shown = if text.len() > 30 { "the handle".to_string() } else { format!("`{text}`") };
    let message = format!("a panic in the task of {shown} is not logged");
    let confidence = if spawned { Confidence::Likely } else { Confidence::Possible };
    let report = Report::new(wait.syntax().text_range(), message).confidence(confidence);
    cx.report(node, report);
}

fn is_spawn(value: &ast::Expr) -> bool {
    let text = compact(value.syntax());
    ["tokio::spawn(", "task::spawn(", "spawn_blocking(", "spawn_local("]
        .iter()
        .any(|it| text.starts_with(it))
}

/// Whether the task was told to end, as an error is to be expected then.
fn is_aborted(node: &SyntaxNode, handle: &str, cx: &Context<'_>) -> bool {
    let Some(function) = cx.function(node) else { return false };
    let text = compact(function.syntax());
    let name = function.name().map(|it| it.text().to_string()).unwrap_or_default();
    text.contains(&format!("{handle}.abort()"))
        || cx.names_in(function.syntax()).has_words(&["abort"])
        || has_any_word(&name, &["abort", "drop"])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn lost_failures_are_reported() {
        check(
            &RULE,
            r#"
fn start(state: App) {
    tokio::spawn(async move {
  //^^^^^^^^^^^^^^^^^^^^^^^^^ unlogged-join-error: the task returns an error that is never looked at
        let rows = state.load().await?;
        Ok::<(), Error>(())
    });
    tokio::spawn(run(state));
  //^^^^^^^^^^^^^^^^^^^^^^^^ unlogged-join-error
    let _ = tokio::task::spawn_blocking(move || compact(path));
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unlogged-join-error
    task::spawn(async move { worker.listen().await });
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unlogged-join-error
}
async fn wait() {
    let handle = tokio::spawn(work());
    let _ = handle.await;
          //^^^^^^^^^^^^ unlogged-join-error: a panic in the task of `handle` is not logged
    while let Some(_) = tasks.join_next().await {}
                      //^^^^^^^^^^^^^^^^^ unlogged-join-error
}
async fn run(state: App) -> anyhow::Result<()> { Ok(()) }
fn compact(path: &Path) -> io::Result<()> { Ok(()) }
impl Worker { async fn listen(&self) -> Result<(), Error> { Ok(()) } }
"#,
        );
    }

    #[test]
    fn handled_failures_are_left_alone() {
        silent(
            &RULE,
            r#"
fn start(state: App) -> JoinHandle<Result<()>> {
    tokio::spawn(async move {
        if let Err(error) = run(state).await { error!(%error, "stopped"); }
    });
    tokio::spawn(quiet(state));
    let handle = tokio::spawn(run(state));
    set.spawn(run(state));
    std::thread::spawn(|| run(state));
    tokio::spawn(run(state))
}
async fn stop(handle: JoinHandle<()>) {
    handle.abort();
    let _ = handle.await;
    let task = tokio::spawn(work());
    task.await.unwrap();
}
async fn run(state: App) -> anyhow::Result<()> { Ok(()) }
async fn quiet(state: App) {}
"#,
        );
    }
}
