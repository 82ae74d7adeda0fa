//! Async lock held over network, disk or database work.
//!
//! A guard of `tokio::sync` may be held across an `.await`, but every other task that needs the lock waits as
//! long: one slow peer stops them all, and a task that needs the lock to answer deadlocks.
//!
//! ```rust,bad
//! async fn refresh(cache: &tokio::sync::Mutex<Cache>, client: &Client) -> reqwest::Result<()> {
//!     let mut cache = cache.lock().await;
//!     let answer = client.get(URL).send().await?;
//!     cache.put(answer);
//!     Ok(())
//! }
//! ```
//!
//! Do the work first, and lock for the result:
//!
//! ```rust
//! async fn refresh(cache: &tokio::sync::Mutex<Cache>, client: &Client) -> reqwest::Result<()> {
//!     let answer = client.get(URL).send().await?;
//!     cache.lock().await.put(answer);
//!     Ok(())
//! }
//! ```
//!
//! A lock may be there to let one task at a time do the work, which the code does not tell: findings are
//! hidden by default (`--confidence possible`). Work on what the guard protects is not reported.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::calls::{argument_count, method_range};
use crate::semantics::execution::{is_async_block, is_item};
use crate::semantics::expressions::{chain_root, identifier, last_name};
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "async-lock-across-await",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[833],
    source: include_str!("async_lock_across_await.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// Methods and functions that wait for a peer, a disk or a database.
const WORKING: &[&str] = &[
    "accept", "begin", "commit", "connect", "execute", "fetch_all", "fetch_one", "fetch_optional",
    "flush", "json", "query", "query_one", "read", "read_exact", "read_line", "read_to_end",
    "read_to_string", "recv", "recv_from", "remove_file", "rename", "send", "send_to", "sleep",
    "sync_all", "text", "write", "write_all",
];

fn check(statement: &ast::LetStmt, cx: &mut Context<'_>) {
    let Some(ast::Expr::AwaitExpr(wait)) = statement.initializer() else { return };
    let Some(ast::Expr::MethodCallExpr(call)) = wait.expr() else { return };
    let Some(method) = call.name_ref().map(|it| it.text().to_string()) else { return };
    let locks = matches!(method.as_str(), "lock" | "read" | "write" | "lock_owned" | "write_owned");
    let Some(ast::Pat::IdentPat(pat)) = statement.pat() else { return };
    let Some(name) = pat.name().map(|it| it.text().to_string()) else { return };
    if !locks || argument_count(&call) != 0 || name.starts_with('_') {
        return;
    }
    let mut next = statement.syntax().next_sibling();
    while let Some(node) = next {
        if compact(&node).starts_with(&format!("drop({name})")) {
            return;
        }
        if let Some(work) = work_in(&node, &name) {
            let what = work.expr().as_ref().and_then(last_name).unwrap_or_default();
            let message = format!("guard `{name}` is held while `{what}` is awaited");
            let report = Report::new(method_range(&call), message)
                .related(work.syntax().text_range(), "it is awaited here")
                .confidence(Confidence::Possible);
            cx.report(statement.syntax(), report);
            return;
        }
        next = node.next_sibling();
    }
}

/// The first `.await` of such work below a node that is not done on the guard itself.
fn work_in(node: &SyntaxNode, guard: &str) -> Option<ast::AwaitExpr> {
    if is_item(node.kind()) || node.kind() == SyntaxKind::CLOSURE_EXPR || is_async_block(node) {
        return None;
    }
    if let Some(wait) = ast::AwaitExpr::cast(node.clone())
        && let Some(call) = wait.expr()
        && last_name(&call).is_some_and(|it| WORKING.contains(&it.as_str()))
        && !names(&call, guard)
    {
        return Some(wait);
    }
    node.children().find_map(|it| work_in(&it, guard))
}

/// Whether a call is made on the guard, or is given it.
fn names(call: &ast::Expr, guard: &str) -> bool {
    let root = chain_root(call);
    let of_guard = identifier(&root).is_some_and(|it| it == guard);
    of_guard
        || call
            .syntax()
            .descendants()
            .any(|it| it.kind() == SyntaxKind::PATH_EXPR && it.text() == guard)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn guards_over_work_are_reported() {
        check(
            &RULE,
            r#"
async fn refresh(&self) -> Result<()> {
    let mut cache = self.cache.lock().await;
                             //^^^^^^ async-lock-across-await: guard `cache` is held while `send` is awaited
    let answer = self.client.get(URL).send().await?;
    cache.put(answer);
}
async fn store(&self) -> Result<()> {
    let state = self.state.read().await;
                         //^^^^^^ async-lock-across-await
    if state.dirty {
        tokio::fs::write(&self.path, "x").await?;
    }
}
async fn query(&self) -> Result<()> {
    let mut map = self.map.write().await;
                         //^^^^^^^ async-lock-across-await
    let rows = sqlx::query("SELECT 1").fetch_all(&self.pool).await?;
    map.extend(rows);
}
async fn broadcast(&self) {
    let peers = self.peers.lock().await;
                         //^^^^^^ async-lock-across-await
    for id in ids() { self.socket.send_to(id).await; }
}
"#,
        );
    }

    #[test]
    fn short_and_meant_guards_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn short(&self) -> Result<()> {
    let answer = self.client.get(URL).send().await?;
    let mut cache = self.cache.lock().await;
    cache.put(answer);
}
async fn dropped(&self) {
    let cache = self.cache.lock().await;
    let url = cache.url();
    drop(cache);
    self.client.get(url).send().await;
}
async fn on_it(&self) {
    let mut stream = self.stream.lock().await;
    stream.write_all(b"x").await;
    other.query(&mut stream).await;
}
async fn task(&self) {
    let cache = self.cache.lock().await;
    tokio::spawn(async move { client.send().await });
    let file = File::open(path).await;
}
"#,
        );
    }
}
