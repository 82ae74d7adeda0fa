//! Retry without a growing delay.
//!
//! When a service fails because it is overloaded, clients that try again at once, or all after the same
//! pause, keep it overloaded. A delay that doubles, with some chance in it, lets it recover.
//!
//! ```rust,bad
//! async fn fetch(client: &Client) -> Result<Page> {
//!     for attempt in 0..5 {
//!         match client.get(URL).send().await {
//!             Ok(page) => return Ok(page),
//!             Err(error) => tokio::time::sleep(Duration::from_secs(1)).await,
//!         }
//!     }
//!     Err(Error::Unavailable)
//! }
//! ```
//!
//! Double the delay, up to a limit:
//!
//! ```rust
//! async fn fetch(client: &Client) -> Result<Page> {
//!     let mut delay = Duration::from_millis(100);
//!     for attempt in 0..5 {
//!         match client.get(URL).send().await {
//!             Ok(page) => return Ok(page),
//!             Err(error) => tokio::time::sleep(jitter(delay)).await,
//!         }
//!         delay = (delay * 2).min(MAX_DELAY);
//!     }
//!     Err(Error::Unavailable)
//! }
//! ```
//!
//! Loops that wait for a state, and not for a failure to pass, are not reported.
//!
//! Known problems: a delay that a caller computes and passes is taken for one that grows.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::syntax::ast::{self, HasArgList, HasLoopBody, HasName};
use crate::syntax::green::any_token;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "retry-without-backoff",
    severity: Severity::Low,
    seeds: &["C.phase4"],
    source: include_str!("retry_without_backoff.rs"),
    queries: &[Query::Call(&["sleep", "delay_for"], check_sleep), Query::Node(&On(check_loop))],
    raised_when_critical: false,
    ..Rule::source(AREA)
};

/// Words of variables and limits that count attempts.
const ATTEMPT_WORDS: &[&str] =
    &["attempt", "attempts", "retries", "retry", "tries", "trial", "trials"];

/// Words of functions that wait for a state.
const WAITING_WORDS: &[&str] =
    &["await", "monitor", "poll", "ready", "tick", "until", "wait", "watch"];

/// Words in a function whose delay grows.
const GROWING_WORDS: &[&str] =
    &["backoff", "exponential", "fibonacci", "jitter", "pow", "powi", "governor"];

/// A pause of fixed length after a failure.
fn check_sleep(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(argument) = call.arg_list().and_then(|it| it.args().next()) else { return };
    let text = argument.syntax().text().to_string();
    if !is_fixed(&text) {
        return;
    }
    let mut failed = false;
    let mut inner = call.syntax().clone();
    let mut around = None;
    for node in call.syntax().ancestors().skip(1) {
        match node.kind() {
            SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => return,
            SyntaxKind::MATCH_ARM => {
                let arm = ast::MatchArm::cast(node.clone()).and_then(|it| it.pat());
                failed |= arm.is_some_and(|it| it.syntax().text().to_string().contains("Err"));
            }
            SyntaxKind::IF_EXPR => {
                let branch = ast::IfExpr::cast(node.clone());
                let condition = branch.and_then(|it| it.condition());
                let text = condition.map(|it| it.syntax().text().to_string()).unwrap_or_default();
                failed |= text.contains("Err(") || text.contains(".is_err()");
            }
            kind if is_loop(kind) => {
                around = Some(node);
                break;
            }
            _ => {}
        }
        inner = node;
    }
    let Some(around) = around else { return };
    let counts = counts_attempts(&around);
    // The pause of a loop that works at intervals stands at its end.
    let is_in_body = inner.kind() != SyntaxKind::STMT_LIST || failed || counts;
    if is_in_body && (failed || counts) && !grows(&around, cx) && !waits(&around, cx) {
        let message = "retries after a delay that does not grow";
        report(message, call.syntax(), call.syntax().text_range(), cx);
    }
}

/// `for attempt in 0..5 { … }` that pauses nowhere.
fn check_loop(each: &ast::ForExpr, cx: &mut Context<'_>) {
    let node = each.syntax();
    let Some(body) = each.loop_body() else { return };
    let text = body.syntax().text().to_string();
    let pauses = ["sleep", "delay", "interval", "tick", "timeout", "wait", "backoff", "notified"];
    let has_pause = any_token(body.syntax().green(), &|kind, text: &str| {
        kind == SyntaxKind::IDENT && words(text).any(|word| pauses.contains(&word.as_str()))
    });
    let goes_out = text.contains(".await") && (text.contains("Err(") || text.contains("is_ok()"));
    if counts_attempts(node) && goes_out && !has_pause && !grows(node, cx) && !waits(node, cx) {
        let end =
            each.iterable().map_or(node.text_range().end(), |it| it.syntax().text_range().end());
        let range = crate::text::TextRange::new(node.text_range().start(), end);
        report("retries at once, without a delay", node, range, cx);
    }
}

fn report(message: &str, node: &SyntaxNode, range: crate::text::TextRange, cx: &mut Context<'_>) {
    cx.report(node, Report::new(range, message).confidence(Confidence::Likely));
}

fn is_loop(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::LOOP_EXPR | SyntaxKind::WHILE_EXPR | SyntaxKind::FOR_EXPR)
}

/// Whether the length of a pause is written: `Duration::from_secs(1)`, `RETRY_DELAY`.
fn is_fixed(text: &str) -> bool {
    let inner = text.split_once("::from_").and_then(|(_, rest)| rest.split_once('('));
    let value = inner.map_or(text, |(_, rest)| rest.trim_end_matches(')')).trim();
    let is_number = value.starts_with(|c: char| c.is_ascii_digit())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    let name = value.rsplit("::").next().unwrap_or(value);
    let is_constant = name.len() > 2
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_number || is_constant
}

/// Whether a loop counts attempts, by its header or the conditions in it.
fn counts_attempts(node: &SyntaxNode) -> bool {
    let names = |text: String| has_any_word(&text, ATTEMPT_WORDS);
    let head = match node.kind() {
        SyntaxKind::FOR_EXPR => ast::ForExpr::cast(node.clone()).map(|it| {
            let pat = it.pat().map(|it| it.syntax().text().to_string()).unwrap_or_default();
            let range = it.iterable().map(|it| it.syntax().text().to_string());
            format!("{pat} {}", range.unwrap_or_default())
        }),
        SyntaxKind::WHILE_EXPR => ast::WhileExpr::cast(node.clone())
            .and_then(|it| it.condition())
            .map(|it| it.syntax().text().to_string()),
        _ => None,
    };
    let counted = || {
        node.descendants().filter_map(ast::BinExpr::cast).any(|it| {
            matches!(it.op_kind(), Some(ast::BinaryOp::Assignment { op: Some(_) }))
                && it.lhs().is_some_and(|it| names(it.syntax().text().to_string()))
        })
    };
    head.is_some_and(names) || counted()
}

/// Whether something in the function makes the delay grow.
fn grows(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let function = cx.function(node);
    let Some(function) = function else { return false };
    *cx.once("a delay grows", function.syntax(), || has_growing_delay(&function))
}

fn has_growing_delay(function: &ast::Fn) -> bool {
    let named = any_token(function.syntax().green(), &|kind, text: &str| {
        kind == SyntaxKind::IDENT
            && (has_any_word(text, GROWING_WORDS)
                || matches!(text, "saturating_mul" | "checked_mul" | "mul_f64" | "mul_f32"))
    });
    named
        || function.syntax().descendants().filter_map(ast::BinExpr::cast).any(|it| {
            let text = it.syntax().text().to_string();
            let scales = text.contains('*') || text.contains("<<");
            scales
                && has_any_word(&text, &["delay", "interval", "pause", "wait", "sleep", "millis"])
        })
}

/// Names of what is not there yet, or there already: another try is for another thing, and asks no
/// peer that has to recover.
const OWN_STATES: &[&str] = &["AlreadyExists", "Empty", "create_new", "try_recv", "try_pop"];

/// Whether the function waits for a state, by its name, or the loop looks at one of its own.
fn waits(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let name = cx.function(node).and_then(|it| it.name());
    name.is_some_and(|it| has_any_word(it.text(), WAITING_WORDS))
        || any_token(node.green(), &|kind, text: &str| {
            kind == SyntaxKind::IDENT && OWN_STATES.contains(&text)
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn delays_that_do_not_grow_are_reported() {
        check(
            &RULE,
            r#"
async fn a() {
    for attempt in 0..MAX_RETRIES {
        if let Ok(page) = get().await { return page; }
        tokio::time::sleep(Duration::from_secs(1)).await;
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ retry-without-backoff: retries after a delay that does not grow
    }
}
async fn b() {
    loop {
        match connect().await {
            Ok(stream) => return stream,
            Err(error) => {
                warn!(%error);
                sleep(RECONNECT_DELAY).await;
              //^^^^^^^^^^^^^^^^^^^^^^ retry-without-backoff
            }
        }
    }
}
fn c() {
    let mut retries = 0;
    while let Err(error) = send() {
        retries += 1;
        if retries > 3 { break; }
        std::thread::sleep(Duration::from_millis(500));
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ retry-without-backoff
    }
}
async fn d() -> Result<Page> {
    for _attempt in 0..3 {
  //^^^^^^^^^^^^^^^^^^^^ retry-without-backoff: retries at once, without a delay
        match get().await {
            Ok(page) => return Ok(page),
            Err(error) => last = error,
        }
    }
}
async fn e() {
    loop {
        if get().await.is_err() {
            sleep(Duration::from_secs(5)).await;
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ retry-without-backoff
            continue;
        }
    }
}
"#,
        );
    }

    #[test]
    fn delays_that_grow_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn a() {
    let mut delay = Duration::from_secs(1);
    for attempt in 0..3 { if get().await.is_ok() { return } sleep(delay).await; delay *= 2; }
}
async fn b() { for attempt in 0..3 { sleep(Duration::from_secs(2u64.pow(attempt))).await; } }
async fn c() { loop { if let Err(e) = get().await { sleep(backoff.next()).await; } } }
async fn d() { for attempt in 0..3 { let wait = BASE_DELAY * attempt; sleep(Duration::from_secs(1)).await; } }
"#,
        );
    }

    #[test]
    fn loops_that_work_at_intervals_or_wait_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn a() { loop { clean().await; sleep(Duration::from_secs(60)).await; } }
async fn wait_until_ready() { loop { if ping().await.is_err() { sleep(Duration::from_secs(1)).await; } } }
async fn b() { for row in rows { if let Err(e) = save(row).await { warn!(%e); } } }
fn c() { loop { match read() { Ok(n) => n, Err(e) => return } } }
#[test]
fn t() { for attempt in 0..3 { sleep(Duration::from_secs(1)); } }
"#,
        );
    }
}
