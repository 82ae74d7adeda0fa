//! Future that loses data when it is dropped, as a branch of `select!` in a loop.
//!
//! When another branch is ready first, `select!` drops the futures of the others. `read_exact` has then
//! taken bytes off the stream that nobody gets, and `write_all` has sent half of a message: the next
//! round begins in the middle, and all that follows is misread.
//!
//! ```rust,bad
//! async fn run(mut stream: TcpStream, mut outgoing: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
//!     let mut header = [0; 4];
//!     loop {
//!         tokio::select! {
//!             read = stream.read_exact(&mut header) => handle(read?),
//!             Some(message) = outgoing.recv() => queue(message),
//!         }
//!     }
//! }
//! ```
//!
//! Wait for something that is cancel safe, such as a channel that a task of its own fills, or
//! `AsyncReadExt::read`:
//!
//! ```rust
//! async fn run(mut frames: mpsc::Receiver<Frame>, mut outgoing: mpsc::Receiver<Vec<u8>>) {
//!     loop {
//!         tokio::select! {
//!             Some(frame) = frames.recv() => handle(frame),
//!             Some(message) = outgoing.recv() => queue(message),
//!         }
//!     }
//! }
//! ```
//!
//! Reported are the methods that the documentation of `tokio` calls not cancel safe, and functions of the
//! workspace that await one. Not reported: a `select!` that is not repeated, and one whose other branches
//! all leave the loop, as the stream is not read again then.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::project::{CANCEL_UNSAFE, SymbolIndex};
use crate::semantics::callee_in_workspace::CalledFunction;
use crate::semantics::calls::call_range;
use crate::semantics::execution::{is_async_block, is_item};
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::{callee, resolve_at};
use crate::syntax::ast;
use crate::syntax::fragment::Fragment;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "cancel-unsafe-select",
    severity: Severity::High,
    raised_when_critical: false,
    lowered_by_reach: false,
    cwe: &[362],
    source: include_str!("cancel_unsafe_select.rs"),
    queries: &[Query::Macro(&["select", "select_biased"], check)],
    ..Rule::source(AREA)
};

/// A branch of a `select!`: ranges in the tree of the macro call.
struct Branch {
    future: TextRange,
    handler: TextRange,
}

fn check(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let node = call.syntax();
    if !is_repeated(node, cx) {
        return;
    }
    let Some(tree) = call.token_tree() else { return };
    let branches = branches(tree.syntax());
    let Some(fragment) = Fragment::of_macro_call(node, cx.file().edition) else { return };
    let text = |range: TextRange| {
        let start = range.start() - node.text_range().start();
        let all = node.text().to_string();
        let range = TextRange::at(start, range.len());
        all.get(usize::from(range.start())..usize::from(range.end()))
            .unwrap_or_default()
            .to_string()
    };
    for (at, branch) in branches.iter().enumerate() {
        let others = branches.iter().enumerate().filter(|(other, _)| *other != at);
        let goes_on = others.map(|(_, it)| text(it.handler)).any(|it| !leaves(&it));
        if !goes_on {
            continue;
        }
        for expr in calls_in(&fragment, branch.future) {
            report(&expr, &fragment, node, cx);
        }
    }
}

/// Whether a `select!` is run again and again by the code around it.
fn is_repeated(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let around = cx.ancestors(node).take_while(|it| {
        !is_item(it.kind()) && it.kind() != SyntaxKind::CLOSURE_EXPR && !is_async_block(it)
    });
    let loops = [SyntaxKind::LOOP_EXPR, SyntaxKind::WHILE_EXPR, SyntaxKind::FOR_EXPR];
    around.into_iter().any(|it| loops.contains(&it.kind()))
}

/// The branches among the arguments of a `select!`: `pattern = future, if condition => handler,`.
fn branches(tree: &SyntaxNode) -> Vec<Branch> {
    let elements: Vec<_> = tree.children_with_tokens().collect();
    let kind = |at: usize| elements.get(at).map(|it| it.kind());
    let end =
        |at: usize| elements.get(at).map_or(tree.text_range().end(), |it| it.text_range().start());
    let mut found = Vec::new();
    let mut assign: Option<usize> = None;
    let mut condition: Option<usize> = None;
    let mut at = 1;
    while at < elements.len() {
        match (kind(at), kind(at + 1)) {
            (Some(SyntaxKind::FAT_ARROW), _)
            | (Some(SyntaxKind::EQ), Some(SyntaxKind::R_ANGLE)) => {
                let arrow = if kind(at) == Some(SyntaxKind::FAT_ARROW) { 1 } else { 2 };
                let handler = at + arrow;
                let stop = handler_end(&elements, handler);
                if let Some(start) = assign {
                    let future = TextRange::new(end(start + 1), end(condition.unwrap_or(at)));
                    found.push(Branch { future, handler: TextRange::new(end(handler), end(stop)) });
                }
                (assign, condition) = (None, None);
                at = stop;
            }
            (Some(SyntaxKind::EQ), _) if assign.is_none() => assign = Some(at),
            (Some(SyntaxKind::COMMA), _) if assign.is_some() => condition = Some(at),
            _ => {}
        }
        at += 1;
    }
    found
}

/// The place behind the handler that starts at `at`: a block, or all up to a comma.
fn handler_end(
    elements: &[NodeOrToken<SyntaxNode, crate::syntax::SyntaxToken>],
    at: usize,
) -> usize {
    let first = elements
        .iter()
        .enumerate()
        .skip(at)
        .find(|(_, it)| !matches!(it.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT));
    if let Some((place, NodeOrToken::Node(node))) = first
        && node.text().to_string().starts_with('{')
    {
        return place + 1;
    }
    let comma = elements.iter().enumerate().skip(at).find(|(_, it)| it.kind() == SyntaxKind::COMMA);
    comma.map_or(elements.len() - 1, |(place, _)| place)
}

/// Whether a handler ends the loop whatever happens in it.
fn leaves(handler: &str) -> bool {
    let inner = handler.trim().trim_end_matches(',').trim();
    let inner = inner.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(inner);
    let last = inner.trim().trim_end_matches(';');
    let last = last.rsplit([';', '\n', '}']).next().unwrap_or(last).trim();
    ["break", "return", "bail!", "Err(", "panic!", "std::process::exit"]
        .iter()
        .any(|it| last.starts_with(it))
}

/// The calls in a part of the macro's arguments whose futures the macro polls.
fn calls_in(fragment: &Fragment, range: TextRange) -> Vec<ast::Expr> {
    let nodes = fragment.root.descendants().filter(|it| {
        range.contains_range(fragment.to_outer(it.text_range())) && !it.text_range().is_empty()
    });
    let calls = nodes.filter(|it| {
        let in_closure = it.ancestors().any(|it| it.kind() == SyntaxKind::CLOSURE_EXPR);
        !in_closure && matches!(it.kind(), SyntaxKind::METHOD_CALL_EXPR | SyntaxKind::CALL_EXPR)
    });
    calls.filter_map(ast::Expr::cast).collect()
}

fn report(expr: &ast::Expr, fragment: &Fragment, node: &SyntaxNode, cx: &mut Context<'_>) {
    let range = fragment.to_outer(call_range(expr));
    let holds: Box<dyn Fn(&SymbolIndex) -> bool + Send + Sync> = match expr {
        ast::Expr::MethodCallExpr(call) => {
            let (Some(name), Some(receiver)) = (call.name_ref(), call.receiver()) else { return };
            let name = name.text().to_string();
            let called = MethodCall::new(&receiver, &name, cx);
            let is_listed = CANCEL_UNSAFE.contains(&name.as_str());
            Box::new(move |symbols| {
                let own = called.own(symbols);
                match own.is_empty() {
                    true => is_listed,
                    false => own.iter().all(|it| it.facts.loses_data),
                }
            })
        }
        ast::Expr::CallExpr(call) => {
            let Some(path) = callee(call) else { return };
            let path = resolve_at(cx, node, &path);
            let Some(called) = CalledFunction::new(&path, node, cx) else { return };
            Box::new(move |symbols| {
                let candidates = called.candidates(symbols);
                !candidates.is_empty() && candidates.iter().all(|it| it.facts.loses_data)
            })
        }
        _ => return,
    };
    let name = crate::semantics::expressions::last_name(expr).unwrap_or_default();
    let message = format!("`{name}` is not cancel safe: `select!` may drop it half done");
    let report = Report::new(range, message).confidence(Confidence::Likely);
    cx.report(node, report.when(move |symbols| holds(symbols)));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn unsafe_branches_in_a_loop_are_reported() {
        check(
            &RULE,
            r#"
async fn run(mut stream: TcpStream, mut outgoing: Receiver<Vec<u8>>) -> io::Result<()> {
    let (mut reader, mut writer) = stream.split();
    loop {
        tokio::select! {
            read = reader.read_exact(&mut header) => handle(read?),
                        //^^^^^^^^^^^^^^^^^^^^^^^ cancel-unsafe-select: `read_exact` is not cancel safe: `select!` may drop it half done
            Some(message) = outgoing.recv() => {
                writer.write_all(&message).await?;
            }
        }
    }
}
async fn lines(mut reader: BufReader<TcpStream>, mut tick: Interval) {
    let mut line = String::new();
    while alive() {
        select! {
            biased;
            n = reader.read_line(&mut line), if open => { use_it(n); }
                     //^^^^^^^^^^^^^^^^^^^^ cancel-unsafe-select
            _ = tick.tick() => ping(),
            _ = stop.cancelled() => break,
        }
    }
}
async fn helper(mut stream: TcpStream, mut rx: Receiver<u8>) {
    loop {
        tokio::select! {
            frame = read_frame(&mut stream) => use_it(frame),
                  //^^^^^^^^^^^^^^^^^^^^^^^ cancel-unsafe-select
            done = tokio::time::timeout(LIMIT, stream.write_all(b"ping")) => {}
                                                    //^^^^^^^^^^^^^^^^^^ cancel-unsafe-select
            Some(it) = rx.recv() => use_it(it),
        }
    }
}
async fn read_frame(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let len = stream.read_u32().await?;
    let mut body = vec![0; len as usize];
    stream.read_exact(&mut body).await?;
    Ok(body)
}
"#,
        );
    }

    #[test]
    fn safe_branches_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn once(mut stream: TcpStream) {
    tokio::select! {
        read = stream.read_exact(&mut header) => handle(read),
        _ = sleep(LIMIT) => give_up(),
    }
}
async fn stops(mut stream: TcpStream) {
    loop {
        tokio::select! {
            read = stream.read_exact(&mut header) => handle(read),
            _ = stop.cancelled() => break,
            _ = sleep(LIMIT) => { info!("idle"); return; }
        }
    }
}
async fn safe(mut stream: TcpStream, mut rx: Receiver<u8>) {
    loop {
        tokio::select! {
            n = stream.read(&mut buffer) => handle(n),
            line = lines.next_line() => handle(line),
            Some(it) = rx.recv() => { stream.write_all(&it).await; }
            done = &mut pinned => handle(done),
        }
    }
}
"#,
        );
    }
}
