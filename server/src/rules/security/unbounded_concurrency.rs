//! As many tasks at once as a client sends entries or messages.
//!
//! Each task takes memory, a connection of the pool or a socket. `join_all` over a list of a request,
//! or a task for each message of a stream, starts as many as the sender likes: the database refuses
//! connections, timeouts hit everyone, memory runs out.
//!
//! ```rust,bad
//! async fn fetch_all(Json(body): Json<Batch>) -> Json<Vec<Item>> {
//!     Json(futures::future::join_all(body.ids.iter().map(|id| fetch(id))).await)
//! }
//! ```
//!
//! Work on some at a time:
//!
//! ```rust
//! async fn fetch_all(Json(body): Json<Batch>) -> Json<Vec<Item>> {
//!     let items = futures::stream::iter(body.ids).map(|id| fetch(id));
//!     Json(items.buffer_unordered(8).collect().await)
//! }
//! ```
//!
//! A semaphore limits tasks that are spawned: each takes a permit first.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::project::flow::{Kind, Outside};
use crate::rules::reached::{report, shown};
use crate::semantics::calls::method_range;
use crate::semantics::flow::reached;
use crate::semantics::limits::suggests_limit;
use crate::syntax::ast::{self, HasArgList, HasLoopBody};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, NodeOrToken, SyntaxNode, SyntaxToken, T};

pub static RULE: Rule = Rule {
    id: "unbounded-concurrency",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[770],
    source: include_str!("unbounded_concurrency.rs"),
    queries: &[
        Query::Node(&On(check_flow)),
        Query::Node(&On(check_loop)),
        Query::Method(
            &["for_each_concurrent", "try_for_each_concurrent", "buffer_unordered", "buffered"],
            check_stream,
        ),
    ],
    ..Rule::source(AREA)
};

/// A list of a request whose entries are worked on all at once.
fn check_flow(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::Concurrency]) {
        if it.outside != Outside::Request || it.through_helper {
            continue;
        }
        let message = format!("as many tasks run at once as {} has entries", shown(&it.name));
        cx.report(&it.node, report(&it, message).confidence(Confidence::Likely));
    }
}

/// `for_each_concurrent(None, …)`
fn check_stream(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let limit = call.arg_list().and_then(|it| it.args().next());
    let limit = limit.map(|it| compact(it.syntax())).unwrap_or_default();
    if !matches!(limit.as_str(), "None" | "usize::MAX" | "Some(usize::MAX)") {
        return;
    }
    let name = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    let message = format!("`{name}` works on all items at once");
    // Most streams are of what the program is configured with: shards, peers, checks.
    let report = Report::new(method_range(call), message).severity(Severity::Medium);
    cx.report(call.syntax(), report.confidence(Confidence::Possible));
}

/// Methods that wait for the next message of a peer.
const MESSAGES: &[&str] = &["next", "recv_from", "try_next"];

/// A loop over messages that spawns a task for each.
fn check_loop(item: &ast::WhileExpr, cx: &mut Context<'_>) {
    let Some(ast::Expr::LetExpr(condition)) = item.condition() else { return };
    let Some(method) = condition.expr().and_then(|it| awaited_method(&it)) else { return };
    let name = method.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    let Some(body) = item.loop_body().filter(|_| MESSAGES.contains(&name.as_str())) else { return };
    let receiver =
        method.receiver().map(|it| compact(it.syntax()).to_lowercase()).unwrap_or_default();
    // What is not sent by a peer: ticks, signals, tasks that end.
    let is_own = [
        "interval", "tick", "signal", "join", "tasks", "set", "futures", "watch", "shutdown",
        "inotify", "lines", "entries", "dir",
    ];
    if is_own.iter().any(|it| receiver.contains(it)) || !cx.reach(item.syntax()).serves() {
        return;
    }
    let spawns = tokens(body.syntax()).any(|token| {
        matches!(token.text(), "spawn" | "spawn_local")
            && token.next_token().is_some_and(|next| next.kind() == T!['('])
    });
    let around = cx.function(item.syntax());
    let limited = around.is_some_and(|it| tokens(it.syntax()).any(|token| suggests_limit(&token)));
    if !spawns || limited {
        return;
    }
    let message = "every message spawns a task, without a limit";
    let report = Report::new(method_range(&method), message)
        .confidence(Confidence::Likely)
        .severity(Severity::Medium);
    cx.report(item.syntax(), report);
}

/// The method call that an expression waits for.
fn awaited_method(expr: &ast::Expr) -> Option<ast::MethodCallExpr> {
    match expr {
        ast::Expr::AwaitExpr(it) => awaited_method(&it.expr()?),
        ast::Expr::TryExpr(it) => awaited_method(&it.expr()?),
        ast::Expr::MethodCallExpr(it) => Some(it.clone()),
        _ => None,
    }
}

fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> + use<> {
    node.descendants_with_tokens().filter_map(NodeOrToken::into_token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn lists_and_messages_without_a_limit_are_found() {
        check(
            &RULE,
            r#"
use futures::future::{join_all, try_join_all};

#[derive(Deserialize)]
struct Batch { ids: Vec<u64>, urls: Vec<String> }

async fn batch(State(state): State<App>, Json(body): Json<Batch>) -> Result<Json<Vec<Item>>> {
    let items = join_all(body.ids.iter().map(|id| state.fetch(*id))).await;
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-concurrency: as many tasks run at once as `body.ids` has entries
    let tasks: Vec<_> = body.urls.into_iter().map(|url| tokio::spawn(load(url))).collect();
    let all = try_join_all(tasks).await?;
            //^^^^^^^^^^^^^^^^^^^ unbounded-concurrency
    Ok(Json(items))
}
async fn spawned(Json(ids): Json<Vec<String>>) {
    for id in ids {
            //^^^ unbounded-concurrency
        tokio::spawn(async move { work(id).await });
    }
}
async fn streamed(items: impl Stream<Item = u8>) {
    items.for_each_concurrent(None, |item| work(item)).await;
        //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-concurrency: `for_each_concurrent` works on all items at once
}
async fn messages(mut socket: SplitStream<WebSocket>) {
    while let Some(Ok(message)) = socket.next().await {
                                       //^^^^^^ unbounded-concurrency: every message spawns a task, without a limit
        tokio::spawn(handle(message));
    }
}
"#,
        );
    }

    #[test]
    fn limits_and_own_lists_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn batch(State(state): State<App>, Json(body): Json<Batch>) -> Result<()> {
    if body.ids.len() > MAX_BATCH {
        return Err(Error::BadRequest);
    }
    join_all(body.ids.iter().map(|id| state.fetch(*id))).await;
    join_all(state.shards.iter().map(|it| it.flush())).await;
    join_all(body.urls.iter().take(10).map(|it| load(it))).await;
    stream::iter(body.more).map(load).buffer_unordered(8).collect().await;
    Ok(())
}
async fn messages(mut socket: WebSocket, permits: Arc<Semaphore>) {
    while let Some(message) = socket.next().await {
        let permit = permits.clone().acquire_owned().await;
        tokio::spawn(handle(message, permit));
    }
}
async fn ended(mut tasks: JoinSet<()>) {
    while let Some(result) = tasks.join_next().await {
        report(result);
    }
}
"#,
        );
    }
}
