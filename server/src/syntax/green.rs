//! Reading green trees: the immutable, shared half of a syntax tree.
//!
//! A node here has no parent and no offset, and visiting it costs no allocation. The engine looks
//! through green trees and makes a [`SyntaxNode`](super::SyntaxNode) only where a rule wants one.

use std::hash::Hasher;

use ra_ap_syntax::{AstNode, SyntaxKind, TextRange, TextSize, ast};
use rowan::{GreenNodeData, GreenTokenData, NodeOrToken};

/// A child of a green node with its offset, relative to wherever the walk began.
pub type GreenChild<'a> = NodeOrToken<&'a GreenNodeData, &'a GreenTokenData>;

/// The kind of a node.
#[inline]
pub fn node_kind(node: &GreenNodeData) -> SyntaxKind {
    SyntaxKind::from(node.kind().0)
}

/// The kind of a token.
#[inline]
pub fn token_kind(token: &GreenTokenData) -> SyntaxKind {
    SyntaxKind::from(token.kind().0)
}

/// The kind of a node or token.
#[inline]
pub fn child_kind(child: GreenChild<'_>) -> SyntaxKind {
    match child {
        NodeOrToken::Node(node) => node_kind(node),
        NodeOrToken::Token(token) => token_kind(token),
    }
}

/// The length in bytes of a node or token.
#[inline]
pub fn child_len(child: GreenChild<'_>) -> TextSize {
    match child {
        NodeOrToken::Node(node) => node.text_len(),
        NodeOrToken::Token(token) => token.text_len(),
    }
}

/// The children of `node` with their offsets, the first at `offset`.
#[inline]
pub fn children(
    node: &GreenNodeData,
    offset: TextSize,
) -> impl Iterator<Item = (TextSize, GreenChild<'_>)> {
    let mut next = offset;
    node.children().map(move |child| {
        let at = next;
        next += child_len(child);
        (at, child)
    })
}

/// The child nodes of `node`.
#[inline]
pub fn child_nodes(node: &GreenNodeData) -> impl Iterator<Item = &GreenNodeData> {
    node.children().filter_map(NodeOrToken::into_node)
}

/// The first child node of a kind.
#[inline]
pub fn child_of_kind(node: &GreenNodeData, kind: SyntaxKind) -> Option<&GreenNodeData> {
    child_nodes(node).find(|child| node_kind(child) == kind)
}

/// The first child node that is a type.
pub fn child_type(node: &GreenNodeData) -> Option<&GreenNodeData> {
    child_types(node).next()
}

/// The child nodes that are types: of an `impl`, the trait and the type it is for.
pub fn child_types(node: &GreenNodeData) -> impl Iterator<Item = &GreenNodeData> {
    child_nodes(node).filter(|child| ast::Type::can_cast(node_kind(child)))
}

/// The name that an item, a field or a variant declares.
pub fn declared_name(node: &GreenNodeData) -> Option<&str> {
    child_of_kind(node, SyntaxKind::NAME).and_then(first_token_text)
}

/// Whether a pattern, or a list of parameters, binds a name.
pub fn binds(pattern: &impl AstNode, name: &str) -> bool {
    binds_within(pattern.syntax().green(), name)
}

/// [`binds`] of a green node.
pub fn binds_within(node: &GreenNodeData, name: &str) -> bool {
    node_kind(node) == SyntaxKind::IDENT_PAT && declared_name(node) == Some(name)
        || child_nodes(node).any(|child| binds_within(child, name))
}

/// Whether `pub` stands before an item or a field, without `(crate)` or another restriction.
pub fn is_fully_public(node: &GreenNodeData) -> bool {
    child_of_kind(node, SyntaxKind::VISIBILITY)
        .is_some_and(|it| child_of_kind(it, SyntaxKind::VISIBILITY_INNER).is_none())
}

/// Whether `node` has a direct token of a kind.
pub fn has_token(node: &GreenNodeData, kind: SyntaxKind) -> bool {
    node.children().filter_map(NodeOrToken::into_token).any(|token| token_kind(token) == kind)
}

/// Whether the last child of `node` is a closing brace.
pub fn ends_in_brace(node: &GreenNodeData) -> bool {
    node.children().next_back().map(child_kind) == Some(SyntaxKind::R_CURLY)
}

/// The text of the first token below `node`, white space and comments included.
pub fn first_token_text(node: &GreenNodeData) -> Option<&str> {
    let mut node = node;
    loop {
        match node.children().next()? {
            NodeOrToken::Token(token) => return Some(token.text()),
            NodeOrToken::Node(child) => node = child,
        }
    }
}

/// The last segment's name of the `PATH` below `node`: `c` in `a::b::<T>::c`.
pub fn path_name(node: &GreenNodeData) -> Option<&str> {
    let path = child_of_kind(node, SyntaxKind::PATH)?;
    let segment = child_of_kind(path, SyntaxKind::PATH_SEGMENT)?;
    first_token_text(child_of_kind(segment, SyntaxKind::NAME_REF)?)
}

/// The name that a node declares, assigns to or calls: `a` in `let a = 1`, `const a: u8 = 1`,
/// `S { a: 1 }`, `b.a = 1`, `b.a(1)` and `b::a(1)`.
pub fn own_name(node: &GreenNodeData) -> Option<&str> {
    for child in child_nodes(node) {
        match node_kind(child) {
            SyntaxKind::NAME | SyntaxKind::NAME_REF => return first_token_text(child),
            SyntaxKind::IDENT_PAT | SyntaxKind::FIELD_EXPR => {
                let name = |kind| child_of_kind(child, kind).and_then(first_token_text);
                let name = name(SyntaxKind::NAME).or_else(|| name(SyntaxKind::NAME_REF));
                if node_kind(node) != SyntaxKind::METHOD_CALL_EXPR {
                    return name;
                }
            }
            SyntaxKind::PATH_EXPR if node_kind(node) != SyntaxKind::METHOD_CALL_EXPR => {
                return path_name(child);
            }
            _ => {}
        }
    }
    None
}

/// Whether two trees are equal. What they share is not compared, as `==` would: after an edit that
/// is nearly all of them.
pub fn is_equal(a: &GreenNodeData, b: &GreenNodeData) -> bool {
    let equal = |(a, b): (GreenChild<'_>, GreenChild<'_>)| match (a, b) {
        (NodeOrToken::Node(a), NodeOrToken::Node(b)) => is_equal(a, b),
        (a, b) => a == b,
    };
    std::ptr::eq(a, b)
        || a.kind() == b.kind()
            && a.text_len() == b.text_len()
            && a.children().len() == b.children().len()
            && a.children().zip(b.children()).all(equal)
}

/// Feeds the text of `node` to a hasher, token by token.
pub fn hash_text(node: &GreenNodeData, hasher: &mut impl Hasher) {
    for child in node.children() {
        match child {
            NodeOrToken::Node(node) => hash_text(node, hasher),
            NodeOrToken::Token(token) => hasher.write(token.text().as_bytes()),
        }
    }
}

/// Adds the text of `node` to `text`, token by token.
pub fn push_text(node: &GreenNodeData, text: &mut String) {
    for child in node.children() {
        match child {
            NodeOrToken::Node(node) => push_text(node, text),
            NodeOrToken::Token(token) => text.push_str(token.text()),
        }
    }
}

/// Adds the text of `node` without its white space to `text`.
pub fn push_compact(node: &GreenNodeData, text: &mut String) {
    for child in node.children() {
        match child {
            NodeOrToken::Node(node) => push_compact(node, text),
            NodeOrToken::Token(token) if token_kind(token) == SyntaxKind::WHITESPACE => {}
            NodeOrToken::Token(token) if token.text().contains(char::is_whitespace) => {
                text.extend(token.text().chars().filter(|c| !c.is_whitespace()));
            }
            NodeOrToken::Token(token) => text.push_str(token.text()),
        }
    }
}

/// The text of `node` without white space.
pub fn compact_text(node: &GreenNodeData) -> String {
    let mut text = String::new();
    push_compact(node, &mut text);
    text
}

/// Adds the text of `range` to `text`; `node` starts at `offset`, which `range` counts from as well.
/// What lies outside of the range is skipped unseen.
pub fn push_slice(node: &GreenNodeData, offset: TextSize, range: TextRange, text: &mut String) {
    for (at, child) in children(node, offset).take_while(|(at, _)| *at < range.end()) {
        let Some(part) = range.intersect(TextRange::at(at, child_len(child))) else { continue };
        match child {
            NodeOrToken::Node(node) => push_slice(node, at, range, text),
            NodeOrToken::Token(token) => {
                let part = part - at;
                let bytes = usize::from(part.start())..usize::from(part.end());
                text.push_str(token.text().get(bytes).unwrap_or_default());
            }
        }
    }
}

/// Whether a token below `node` passes a test.
pub fn any_token(node: &GreenNodeData, test: &impl Fn(SyntaxKind, &str) -> bool) -> bool {
    node.children().any(|child| match child {
        NodeOrToken::Node(node) => any_token(node, test),
        NodeOrToken::Token(token) => test(token_kind(token), token.text()),
    })
}

/// Shows every token below a node, in text order.
pub fn each_token(node: &GreenNodeData, see: &mut impl FnMut(SyntaxKind, &str)) {
    for child in node.children() {
        match child {
            NodeOrToken::Node(node) => each_token(node, see),
            NodeOrToken::Token(token) => see(token_kind(token), token.text()),
        }
    }
}

/// A number that identifies a node for as long as it is alive.
pub fn address(node: &GreenNodeData) -> usize {
    std::ptr::from_ref(node).cast::<u8>() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::{AstNode, Edition, SourceFile};

    #[test]
    fn nodes_are_named_by_what_they_declare_assign_or_call() {
        let name = |source: &str, kind: SyntaxKind| {
            let file = SourceFile::parse(source, Edition::CURRENT).tree();
            let node = file.syntax().descendants().find(|node| node.kind() == kind)?;
            own_name(node.green()).map(str::to_string)
        };
        let a = Some("a".to_string());
        assert_eq!(name("#[x] pub const a: u8 = 1;", SyntaxKind::CONST), a);
        assert_eq!(name("fn f() { let mut a = 1; }", SyntaxKind::LET_STMT), a);
        assert_eq!(name("fn f() { S { a: b } }", SyntaxKind::RECORD_EXPR_FIELD), a);
        assert_eq!(name("fn f() { b.c.a = 1; }", SyntaxKind::BIN_EXPR), a);
        assert_eq!(name("fn f() { a = b; }", SyntaxKind::BIN_EXPR), a);
        assert_eq!(name("fn f() { b.c.a(1); }", SyntaxKind::METHOD_CALL_EXPR), a);
        assert_eq!(name("fn f() { b::a(1); }", SyntaxKind::CALL_EXPR), a);
        assert_eq!(name("fn f() { 1 == b; }", SyntaxKind::LET_STMT), None);
    }
}
