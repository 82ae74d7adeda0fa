//! From a text to its tree.

use std::sync::{Mutex, PoisonError};

use ra_ap_parser::{LexedStr, Output, StrStep, TopEntryPoint};
use ra_ap_syntax::{Edition, SyntaxKind, SyntaxNode, TextSize};
use rowan::GreenNode;

use super::builder::TreeBuilder;
use super::limits::{MAX_FILE_BYTES, TooComplex, check_tree_depth, parser_depth};
use crate::text::BYTE_ORDER_MARK;

/// The tree that [`ra_ap_syntax::SourceFile::parse`] builds, with the same lexer and parser.
///
/// That one hands every tree to a thread of its own, which lets go of it some time later. This tree
/// ends where it was used, while its memory is at hand for the next one.
///
/// # Errors
///
/// When the text is too deeply nested or too large to be parsed.
pub fn parse(text: &str, edition: Edition) -> Result<GreenNode, TooComplex> {
    parse_seeing(text, edition, |_, _, _| {})
}

/// The same, which shows each token on its way into the tree, where it is at hand: going through a
/// tree again waits for memory. `see` is given the offset of the token as well.
///
/// # Errors
///
/// When the text is too deeply nested or too large to be parsed.
pub fn parse_seeing(
    text: &str,
    edition: Edition,
    mut see: impl FnMut(SyntaxKind, &str, TextSize),
) -> Result<GreenNode, TooComplex> {
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(TooComplex::Size);
    }
    // A byte order mark is no token: rustc takes it off. It is a part of the white space here.
    let is_marked = text.starts_with(BYTE_ORDER_MARK);
    let unmarked = is_marked.then(|| text.replacen(BYTE_ORDER_MARK, "   ", 1));
    let lexed = LexedStr::new(edition, unmarked.as_deref().unwrap_or(text));
    let parsed = parse_tokens(&lexed, edition)?;
    check_tree_depth(&parsed)?;
    let mut builder = TreeBuilder::new(text.len());
    let mut offset = TextSize::new(0);
    lexed.intersperse_trivia(&parsed, &mut |step| match step {
        StrStep::Token { kind, text: token } => {
            let is_first = is_marked && offset == TextSize::new(0);
            let token = text.get(..token.len()).filter(|_| is_first).unwrap_or(token);
            see(kind, token, offset);
            offset += TextSize::of(token);
            builder.token(kind, token);
        }
        StrStep::Enter { kind } => builder.start_node(kind),
        StrStep::Exit => builder.finish_node(),
        // The tree has nodes for errors; nobody asks for their messages.
        StrStep::Error { .. } => {}
    });
    Ok(builder.finish())
}

/// So many calls inside each other have room on the stack of every thread that parses.
const CALLS_AT_HAND: u32 = 2_000;

/// What one of them takes at most, in a build without optimisation.
const CALL_BYTES: usize = 8 * 1024;

/// Stacks that are larger are for texts that nobody has written.
const LARGE_STACK: usize = 128 * 1024 * 1024;

/// Runs the parser, where it may go deep on a stack of its own.
fn parse_tokens(lexed: &LexedStr<'_>, edition: Edition) -> Result<Output, TooComplex> {
    let calls = parser_depth(lexed)?;
    let run = || TopEntryPoint::SourceFile.parse(&lexed.to_input(edition));
    if calls <= CALLS_AT_HAND {
        return Ok(run());
    }
    let stack = CALL_BYTES * (calls as usize + CALLS_AT_HAND as usize);
    // Only what is used of it takes memory, which may be much: of large ones there is one at a time.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = (stack > LARGE_STACK).then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, run);
        thread.ok()?.join().ok()
    })
    .ok_or(TooComplex::Chain)
}

/// Parses a text that is not going to be edited.
///
/// # Errors
///
/// When the text is too deeply nested or too large to be parsed.
pub fn parse_root(text: &str, edition: Edition) -> Result<SyntaxNode, TooComplex> {
    parse(text, edition).map(SyntaxNode::new_root)
}

#[cfg(test)]
mod tests {
    use ra_ap_syntax::{AstNode, SourceFile};

    use super::*;

    #[test]
    fn every_token_is_seen_where_it_stands() {
        let text = "//! é\nfn f() -> u8 { a.0.1 + b!(\"c\") }";
        let mut seen = String::new();
        let parsed = parse_seeing(text, Edition::CURRENT, |_, token, offset| {
            assert_eq!(usize::from(offset), seen.len());
            seen.push_str(token);
        });
        assert_eq!((parsed.is_ok(), seen.as_str()), (true, text));
    }

    /// More names than the builder remembers.
    #[test]
    fn trees_of_many_names_are_those_of_the_library() {
        let names = (0..6_000).chain(0..6_000);
        let text: String = names.map(|n| format!("const A{n}: u8 = a{n}.b + {n};\n")).collect();
        let expected =
            SourceFile::parse(&text, Edition::CURRENT).tree().syntax().green().to_owned();
        assert_eq!(parse(&text, Edition::CURRENT), Ok(expected));
    }

    #[test]
    fn a_byte_order_mark_is_white_space() {
        let text = "\u{feff}#![allow(dead_code)]\nfn f() {}\n";
        let tree = SyntaxNode::new_root(parse(text, Edition::CURRENT).expect("it parses"));
        assert_eq!(tree.text().to_string(), text);
        assert_eq!(tree.children().next().map(|it| it.kind()), Some(SyntaxKind::ATTR));
    }

    #[test]
    fn trees_are_those_of_the_library() {
        let texts = [
            include_str!("parse.rs"),
            include_str!("names.rs"),
            "",
            "#!/bin/sh\n---\n[package]\n---\nfn f() {}",
            "fn f() { x.0.1; 1e0.a; x.0.; 'a'; b\"é\"; r#\"",
            "}} struct S { #[a] /// b\n\n // c\n\n /** d */ e: u8, \r\n fn g(&self) {{{",
            "impl T for { fn f() -> impl Fn(&'a u8) + use<> { a as b < c } macro_rules! m { ($",
        ];
        for text in texts {
            for edition in [Edition::Edition2015, Edition::CURRENT] {
                let expected = SourceFile::parse(text, edition).tree().syntax().green().to_owned();
                assert_eq!(parse(text, edition), Ok(expected), "{text}");
            }
        }
    }
}
