//! From a text to its tree.

use ra_ap_parser::{LexedStr, StrStep, TopEntryPoint};
use ra_ap_syntax::{Edition, SyntaxKind, SyntaxNode};
use rowan::{GreenNode, GreenNodeBuilder, NodeCache};

use super::limits::{TooComplex, check_limits};

/// Small nodes are shared between texts of this many bytes; then the next ones start anew. What is
/// shared stays in memory.
const SHARED_BYTES: usize = 2 * 1024 * 1024;

/// Builds the trees that [`ra_ap_syntax::SourceFile::parse`] builds, with the same lexer and
/// parser.
///
/// That one hands every tree to a thread of its own, which lets go of it some time later. These
/// trees end where they were used, while their memory is at hand for the next one. And texts parsed
/// one after the other share their small nodes, such as names and paths.
#[derive(Debug, Default)]
pub struct Parser {
    shared: NodeCache,
    /// The length of the texts whose nodes are shared.
    bytes: usize,
}

impl Parser {
    /// The root of a text's tree.
    ///
    /// # Errors
    ///
    /// When the text is too deeply nested or too large to be parsed.
    pub fn parse(&mut self, text: &str, edition: Edition) -> Result<SyntaxNode, TooComplex> {
        check_limits(text)?;
        Ok(SyntaxNode::new_root(self.build(text, edition)))
    }

    fn build(&mut self, text: &str, edition: Edition) -> GreenNode {
        if self.bytes > SHARED_BYTES {
            *self = Self::default();
        }
        self.bytes += text.len();
        let lexed = LexedStr::new(edition, text);
        let parsed = TopEntryPoint::SourceFile.parse(&lexed.to_input(edition));
        let mut builder = GreenNodeBuilder::with_cache(&mut self.shared);
        lexed.intersperse_trivia(&parsed, &mut |step| match step {
            StrStep::Token { kind, text } => builder.token(raw(kind), text),
            StrStep::Enter { kind } => builder.start_node(raw(kind)),
            StrStep::Exit => builder.finish_node(),
            // Where the tree has a node of its own for it, this is all that is needed.
            StrStep::Error { .. } => {}
        });
        builder.finish()
    }
}

fn raw(kind: SyntaxKind) -> rowan::SyntaxKind {
    rowan::SyntaxKind(kind.into())
}

/// The tree of one text, see [`Parser`]. Whoever calls makes sure that it is not too complex.
pub fn parse(text: &str, edition: Edition) -> GreenNode {
    Parser::default().build(text, edition)
}

/// The same as a node.
pub fn parse_node(text: &str, edition: Edition) -> SyntaxNode {
    SyntaxNode::new_root(parse(text, edition))
}

#[cfg(test)]
mod tests {
    use ra_ap_syntax::{AstNode, SourceFile};

    use super::*;

    #[test]
    fn trees_are_those_of_the_library() {
        let texts = [
            include_str!("parse.rs"),
            include_str!("names.rs"),
            "",
            "\u{feff}#!/bin/sh\n---\n[package]\n---\nfn f() {}",
            "fn f() { x.0.1; 1e0.a; x.0.; 'a'; b\"é\"; r#\"",
            "}} struct S { #[a] /// b\n\n // c\n\n /** d */ e: u8, \r\n fn g(&self) {{{",
            "impl T for { fn f() -> impl Fn(&'a u8) + use<> { a as b < c } macro_rules! m { ($",
        ];
        let mut parser = Parser::default();
        for text in texts.iter().chain(&texts) {
            for edition in [Edition::Edition2015, Edition::CURRENT] {
                let expected = SourceFile::parse(text, edition).tree().syntax().green().to_owned();
                assert_eq!(parser.build(text, edition), expected, "{text}");
                assert_eq!(parse(text, edition), expected, "{text}");
            }
        }
    }

    #[test]
    fn small_nodes_are_shared_between_texts_for_a_while() {
        let mut parser = Parser::default();
        let mut name = |text: &str| {
            let tree = SyntaxNode::new_root(parser.build(text, Edition::CURRENT));
            let name = tree.descendants().find(|it| it.kind() == SyntaxKind::NAME);
            name.map(|name| name.green().to_owned())
        };
        let address =
            |green: &Option<GreenNode>| green.as_deref().map(crate::syntax::green::address);
        let (first, second) = (name("fn f() {}"), name("mod m { fn f() {} }"));
        let comment = format!("// {}\nfn f() {{}}", "x".repeat(SHARED_BYTES));
        let (third, fourth) = (name(&comment), name("fn f() {}"));
        assert!(first.is_some());
        assert_ne!(address(&first), address(&second), "the second text's first name is `m`");
        assert_eq!(address(&first), address(&third));
        assert_ne!(address(&first), address(&fourth));
    }
}
