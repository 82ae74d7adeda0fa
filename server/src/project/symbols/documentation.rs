//! Documentation comments of items.

use rowan::{GreenNodeData, NodeOrToken};

use crate::project::markdown::code_blocks;
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::{child_kind, child_of_kind, compact_text, token_kind};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// The names of the inline modules around a node, outermost first.
pub fn modules_around(node: &SyntaxNode) -> Vec<String> {
    let modules = node.ancestors().skip(1).filter_map(ast::Module::cast);
    let mut names: Vec<String> =
        modules.filter_map(|it| Some(it.name()?.text().to_string())).collect();
    names.reverse();
    names
}

/// Whether `#[doc(hidden)]` leaves an item out of the documentation.
pub fn is_hidden(node: &SyntaxNode) -> bool {
    green_attrs(node.green()).any(|attr| compact_text(attr).contains("doc(hidden)"))
}

/// Whether a documentation comment or a `doc` attribute speaks of an item, outside or inside it.
pub fn is_documented(node: &SyntaxNode) -> bool {
    let node = node.green();
    let documents = |node: &GreenNodeData| {
        let mut children = node.children().take_while(|child| {
            matches!(
                child_kind(*child),
                SyntaxKind::COMMENT
                    | SyntaxKind::WHITESPACE
                    | SyntaxKind::ATTR
                    | SyntaxKind::SHEBANG
                    | SyntaxKind::L_CURLY
            )
        });
        children.any(|child| child.into_token().is_some_and(|it| is_doc_comment(it.text())))
    };
    documents(node)
        || child_of_kind(node, SyntaxKind::ITEM_LIST).is_some_and(documents)
        || green_attrs(node).any(|attr| {
            let text = compact_text(attr);
            text.contains("[doc=") || text.contains(",doc=")
        })
}

/// Whether the documentation that a node opens with has an example that `cargo test` runs.
pub(super) fn has_example(node: &GreenNodeData) -> bool {
    let comments = node.children().map_while(|child| match child {
        NodeOrToken::Token(token) => Some(token),
        NodeOrToken::Node(_) => None,
    });
    let comments = comments.filter(|it| token_kind(it) == SyntaxKind::COMMENT);
    let mut docs = String::new();
    for line in comments.flat_map(|it| it.text().lines()) {
        let line = line.trim_start();
        docs += line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).unwrap_or(line);
        docs.push('\n');
    }
    let is_rust = |word: &str| RUST_EXAMPLES.contains(&word) || word.starts_with("edition");
    code_blocks(&docs).iter().any(|block| block.info.split(',').all(|word| is_rust(word.trim())))
}

/// What the fence of an example says that `cargo test` runs.
const RUST_EXAMPLES: &[&str] = &["", "compile_fail", "no_run", "rust", "should_panic"];

fn is_doc_comment(text: &str) -> bool {
    let line = text.starts_with("//!") || (text.starts_with("///") && !text.starts_with("////"));
    let block = text.starts_with("/*!")
        || (text.starts_with("/**") && !text.starts_with("/***") && text != "/**/");
    line || block
}
