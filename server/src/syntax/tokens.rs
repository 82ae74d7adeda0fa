//! The tokens at an offset. [`SyntaxNode::token_at_offset`] tries one child of each node after the
//! other; these find the child by halving.

use ra_ap_syntax::{SyntaxNode, SyntaxToken, TextRange, TextSize};

const ONE: TextSize = TextSize::new(1);

/// The token that ends at an offset or goes on over it; at the start of the tree, its first one.
/// Nothing for an offset out of the tree.
pub fn token_before(root: &SyntaxNode, offset: TextSize) -> Option<SyntaxToken> {
    let range = root.text_range();
    match offset.checked_sub(ONE).filter(|before| *before >= range.start()) {
        Some(before) => byte_at(root, before),
        None => root.first_token().filter(|_| offset == range.start()),
    }
}

/// The token that begins at an offset or goes on over it; at the end of the tree, its last one.
/// Nothing for an offset out of the tree.
pub fn token_after(root: &SyntaxNode, offset: TextSize) -> Option<SyntaxToken> {
    match offset == root.text_range().end() {
        true => root.last_token(),
        false => byte_at(root, offset),
    }
}

/// The token of the byte behind an offset.
fn byte_at(root: &SyntaxNode, offset: TextSize) -> Option<SyntaxToken> {
    let range = TextRange::at(offset, ONE);
    let is_inside = root.text_range().contains_range(range);
    is_inside.then(|| root.covering_element(range).into_token()).flatten()
}

#[cfg(test)]
mod tests {
    use ra_ap_syntax::{AstNode, Edition, SourceFile, ast};

    use super::*;

    #[test]
    fn they_are_those_of_the_tree_library() {
        for text in ["fn f(ß: u8) {\n    g(ß)\n}\n", "x", ""] {
            let file = SourceFile::parse(text, Edition::CURRENT).tree();
            let functions = file.syntax().descendants().filter_map(ast::Fn::cast);
            let inner = functions.filter_map(|it| it.body()).map(|it| it.syntax().clone());
            for root in std::iter::once(file.syntax().clone()).chain(inner) {
                let range = root.text_range();
                for offset in u32::from(range.start())..=u32::from(range.end()) {
                    let offset = TextSize::new(offset);
                    let both = root.token_at_offset(offset);
                    assert_eq!(token_before(&root, offset), both.clone().left_biased());
                    assert_eq!(token_after(&root, offset), both.right_biased());
                }
                assert_eq!(token_after(&root, range.end() + ONE), None);
                assert_eq!(token_before(&root, range.end() + ONE + ONE), None);
            }
        }
    }
}
