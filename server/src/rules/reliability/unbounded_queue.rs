//! Channel without a capacity, or accept loop without a connection limit.
//!
//! If the receiver is slower than the senders, an unbounded channel grows until the process runs
//! out of memory. Under load, or in a denial-of-service attack, nothing slows the senders down. The
//! same holds for a loop that accepts connections and spawns a task for each.
//!
//! ```rust,bad
//! fn start() {
//!     let (events, queue) = tokio::sync::mpsc::unbounded_channel();
//!     tokio::spawn(work(queue));
//!     for source in sources() {
//!         tokio::spawn(read(source, events.clone()));
//!     }
//! }
//! ```
//!
//! A bounded channel makes senders wait; a semaphore limits the number of tasks:
//!
//! ```rust
//! fn start() {
//!     let (events, queue) = tokio::sync::mpsc::channel(1024);
//!     tokio::spawn(work(queue));
//! }
//!
//! async fn serve(listener: TcpListener, permits: Arc<Semaphore>) {
//!     loop {
//!         let permit = permits.clone().acquire_owned().await;
//!         let (connection, _) = listener.accept().await;
//!         tokio::spawn(handle(connection, permit));
//!     }
//! }
//! ```
//!
//! Not reported: channels for a single value or signal or of `()`, and channels between threads of a
//! command-line program. The severity is low where nothing is served.

use super::AREA;
use crate::analysis::{Confidence, Context, Opportunity, Query, Report, Rule, Severity};
use crate::project::Role;
use crate::semantics::calls::{argument_count, call_range, method_range};
use crate::semantics::execution::{Runner, is_awaited, is_item, runner};
use crate::semantics::limits::suggests_limit;
use crate::semantics::paths::resolved_callee;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken, T};

pub static RULE: Rule = Rule {
    id: "unbounded-queue",
    opportunity: Opportunity::Channels,
    effort: 45,
    source: include_str!("unbounded_queue.rs"),
    raised_when_critical: false,
    queries: &[
        Query::Call(
            &["unbounded_channel", "unbounded", "unbounded_async", "channel"],
            check_channel,
        ),
        Query::Method(&["accept", "incoming"], check_accept),
    ],
    ..Rule::source(AREA)
};

/// Constructors of unbounded channels.
const CONSTRUCTORS: &[&str] = &[
    "async_channel::unbounded",
    "async_std::channel::unbounded",
    "crossbeam::channel::unbounded",
    "crossbeam_channel::unbounded",
    "flume::unbounded",
    "futures::channel::mpsc::unbounded",
    "futures_channel::mpsc::unbounded",
    "kanal::unbounded",
    "kanal::unbounded_async",
    "loole::unbounded",
    "smol::channel::unbounded",
    "std::sync::mpsc::channel",
    "tokio::sync::mpsc::unbounded_channel",
];

/// Words in the names of channels that signal one event; sorted.
const SIGNAL_WORDS: &[&str] = &[
    "cancel", "close", "done", "exit", "finished", "oneshot", "quit", "ready", "shutdown",
    "started", "startup", "stop",
];

fn check_channel(call: &ast::CallExpr, cx: &mut Context<'_>) {
    if argument_count(call) != 0 {
        return;
    }
    let Some(path) = resolved_callee(cx, call) else { return };
    if !CONSTRUCTORS.contains(&path.as_str()) || cannot_grow(call, cx) {
        return;
    }
    // A command-line program processes its input and ends.
    let is_command = cx.file().role == Role::Bin && !cx.file().in_server();
    let of_threads = ["std::", "crossbeam", "flume::", "kanal::unbounded"];
    if is_command && of_threads.iter().any(|it| path.starts_with(it)) {
        return;
    }
    let name = path.rsplit("::").next().unwrap_or_default().to_string();
    let message = format!("`{name}` creates an unbounded queue");
    let serves = cx.file().in_server() || runner(cx, call.syntax()) != Runner::Sync;
    // Most channels join two parts of the program, neither of which a client controls.
    let in_server = cx.file().in_server() && serves;
    let severity = if in_server { Severity::Medium } else { Severity::Low };
    let report = Report::new(call_range(&call.clone().into()), message);
    cx.report(call.syntax(), report.severity(severity).confidence(Confidence::Likely));
}

/// Whether a channel carries `()`, by the type that the call is given.
fn carries_nothing(call: &ast::CallExpr) -> bool {
    call.expr().is_some_and(|it| compact(it.syntax()).ends_with("::<()>"))
}

/// Whether a channel is for a single value or signal, or its receiver is not kept.
fn cannot_grow(call: &ast::CallExpr, cx: &Context<'_>) -> bool {
    if carries_nothing(call) {
        return true;
    }
    let Some(binding) = call.syntax().ancestors().find_map(ast::LetStmt::cast) else {
        return false;
    };
    let Some(ast::Pat::TuplePat(pair)) = binding.pat() else { return false };
    if binding.ty().is_some_and(|it| compact(it.syntax()).contains("Sender<()>")) {
        return true;
    }
    let names: Vec<ast::Name> = pair.syntax().descendants().filter_map(ast::Name::cast).collect();
    if names.iter().any(|name| words(name.text()).any(|word| is_signal(&word))) {
        return true;
    }
    let [sender, receiver] = names.as_slice() else { return true };
    if receiver.text().starts_with('_') {
        return true;
    }
    let Some(function) = cx.function(call.syntax()) else { return false };
    let mut uses = tokens(function.syntax())
        .filter(|token| token.text() == sender.text())
        .filter(|token| token.parent().as_ref() != Some(sender.syntax()))
        .peekable();
    let fits = |token: SyntaxToken| {
        let Some(send) = sent_by(&token) else { return false };
        let body = token.parent_ancestors().take_while(|node| node != function.syntax());
        let mut loops = body.filter(|node| is_loop(node.kind()));
        sends_nothing(&send)
            || ends_loop(send.syntax())
            || loops.all(|it| it.text_range().contains_range(call.syntax().text_range()))
    };
    uses.peek().is_some() && uses.all(fits)
}

/// The call of `send` on the name that a token is.
fn sent_by(sender: &SyntaxToken) -> Option<ast::MethodCallExpr> {
    let call = sender.parent_ancestors().find_map(ast::MethodCallExpr::cast)?;
    let on_sender = call.receiver()?.syntax().text_range() == sender.text_range();
    let sends = matches!(call.name_ref()?.text(), "send" | "unbounded_send" | "blocking_send");
    (on_sender && sends).then_some(call)
}

/// `tx.send(())`
fn sends_nothing(send: &ast::MethodCallExpr) -> bool {
    let value = send.arg_list().and_then(|list| list.args().next());
    value.is_some_and(|it| compact(it.syntax()) == "()")
}

/// Whether the loop around a node ends when the node was evaluated: the block that it stands in
/// leaves the loop, or it is what the loop is left with.
fn ends_loop(node: &SyntaxNode) -> bool {
    let leaves = |kind| matches!(kind, SyntaxKind::BREAK_EXPR | SyntaxKind::RETURN_EXPR);
    for around in node.ancestors() {
        if leaves(around.kind()) {
            return true;
        }
        if around.kind() == SyntaxKind::STMT_LIST {
            let last = around.children().last();
            return last.is_some_and(|it| {
                leaves(it.kind()) || it.children().last().is_some_and(|it| leaves(it.kind()))
            });
        }
    }
    false
}

/// Whether a word in the name of a channel says that it signals one event.
fn is_signal(word: &str) -> bool {
    SIGNAL_WORDS.binary_search(&word).is_ok()
}

fn check_accept(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if argument_count(call) != 0 {
        return;
    }
    let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
    let in_select = cx
        .ancestors(call.syntax())
        .filter(|node| node.kind() == SyntaxKind::MACRO_CALL)
        .any(|node| macro_name(&node).is_some_and(|name| name.starts_with("select")));
    let is_for = is_iterated(call.syntax());
    if name == "incoming" && !is_for || name == "accept" && !is_awaited(call.syntax()) && !in_select
    {
        return;
    }
    let around = cx.ancestors(call.syntax());
    let mut around =
        around.take_while(|node| !is_item(node.kind()) && node.kind() != SyntaxKind::CLOSURE_EXPR);
    let Some(repeated) = around.find(|node| is_loop(node.kind())) else { return };
    let spawn = tokens(&repeated).find(|token| {
        matches!(token.text(), "spawn" | "spawn_local")
            && token.next_token().is_some_and(|next| next.kind() == T!['('])
    });
    if spawn.is_none() || tokens(&repeated).any(|token| suggests_limit(&token)) {
        return;
    }
    let message = "every accepted connection spawns a task, without a limit";
    cx.report(call.syntax(), Report::new(method_range(call), message));
}

fn is_iterated(node: &SyntaxNode) -> bool {
    let iterated = |it: &SyntaxNode| it.kind() == SyntaxKind::FOR_EXPR;
    node.parent().is_some_and(|parent| iterated(&parent))
}

fn is_loop(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::LOOP_EXPR | SyntaxKind::WHILE_EXPR | SyntaxKind::FOR_EXPR)
}

fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> + use<> {
    node.descendants_with_tokens().filter_map(|it| it.into_token())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn channels_are_known_by_their_imports() {
        check(
            &RULE,
            r#"
use std::sync::mpsc::{self, channel};
use crossbeam_channel::unbounded;
fn f() {
    let (tx, rx) = mpsc::channel::<u8>();
                 //^^^^^^^^^^^^^^^^^^^^^ unbounded-queue: `channel` creates an unbounded queue
    let a = channel();
          //^^^^^^^^^ unbounded-queue
    let b = unbounded();
          //^^^^^^^^^^^ unbounded-queue
    Self { queue: flume::unbounded() }
                //^^^^^^^^^^^^^^^^^^ unbounded-queue
}
mod inner {
    use tokio::sync::mpsc;
    fn f() { g(mpsc::unbounded_channel()) }
             //^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-queue
    fn h() {
        use futures::channel::mpsc;
        loop {
            let (tx, rx) = mpsc::unbounded();
                         //^^^^^^^^^^^^^^^^^ unbounded-queue
            while more() { tx.send(1); }
        }
    }
}
"#,
        );
    }

    #[test]
    fn channels_with_a_bound_or_for_one_value_are_left_alone() {
        silent(
            &RULE,
            r#"
use tokio::sync::{mpsc, oneshot, broadcast};
fn f() {
    let (tx, rx) = mpsc::channel(16);
    let (tx, rx) = oneshot::channel();
    let (tx, rx) = broadcast::channel(16);
    let (tx, rx) = Body::channel();
    let (tx, rx) = unbounded();
    let (tx, rx) = channel();
}
fn g() {
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || { run(); done.send(()) });
    wait.recv()
}
fn h() {
    let (first, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || match run() { Ok(x) => first.send(Ok(x)), Err(e) => first.send(Err(e)) });
    let (ready_tx, ready_rx) = std::sync::mpsc::channel();
    worker(ready_tx);
    let (events, _receiver) = mpsc::unbounded_channel();
    events
}
fn i() -> Guard {
    let (keep, dropped) = std::sync::mpsc::channel::<()>();
    let (wake, woken): (Sender<()>, Receiver<()>) = std::sync::mpsc::channel();
    let (again, asked) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || loop { again.send(()); });
    Guard { keep, wake }
}
fn j() {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || loop {
        if let Some(answer) = poll() {
            let _ = sender.send(answer);
            break;
        }
    });
    let (result, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || loop { if ready() { return result.send(1); } });
}
//- src/main.rs
fn main() {
    let (tx, rx) = std::sync::mpsc::channel();
    for file in files() { tx.send(file); }
}
"#,
        );
    }

    #[test]
    fn accept_loops_need_a_bound() {
        check(
            &RULE,
            r#"
async fn f(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await?;
                                 //^^^^^^^^ unbounded-queue: every accepted connection spawns a task, without a limit
        tokio::spawn(async move { handle(stream).await });
    }
}
async fn g(endpoint: Endpoint) {
    while let Some(connecting) = endpoint.accept().await {
                                        //^^^^^^^^ unbounded-queue
        tokio::task::spawn(handle(connecting));
    }
    loop {
        tokio::select! {
            accepted = listener.accept() => { tokio::spawn(handle(accepted)); }
                              //^^^^^^^^ unbounded-queue
            _ = stop.recv() => break,
        }
    }
}
fn h(listener: TcpListener) {
    for stream in listener.incoming() {
                         //^^^^^^^^^^ unbounded-queue
        thread::spawn(|| handle(stream));
    }
}
"#,
        );
        silent(
            &RULE,
            r#"
async fn f(listener: TcpListener) {
    loop {
        let permit = semaphore.acquire_owned().await?;
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move { handle(stream, permit).await });
    }
    loop {
        let (stream, _) = listener.accept().await?;
        if connections.len() >= MAX { continue }
        tokio::spawn(handle(stream));
    }
    loop {
        let (stream, _) = listener.accept().await?;
        handle(stream).await;
    }
    let (one, _) = listener.accept().await?;
    tokio::spawn(handle(one));
}
"#,
        );
    }
}
