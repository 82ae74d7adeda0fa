//! What the body of a function mentions, told from its identifiers alone: a limit that is set, a file
//! mode, a line in the log.

use rowan::GreenNodeData;

use super::NodeContext;
use crate::project::is_log_macro;
use crate::syntax::fragment::macro_name;
use crate::syntax::green::any_token;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Whether one of the `names` stands as an identifier below a node.
pub fn names_any(node: &GreenNodeData, names: &[&str]) -> bool {
    any_token(node, &|kind, text| kind == SyntaxKind::IDENT && names.contains(&text))
}

/// Whether an identifier below a node has one of these words in it.
pub fn has_words(node: &GreenNodeData, list: &[&str]) -> bool {
    any_token(node, &|kind, text| {
        kind == SyntaxKind::IDENT && words(text).any(|word| list.contains(&word.as_str()))
    })
}

/// Whether the function around a node has one of the `names` in it as an identifier. What stands
/// outside of any function is asked about its item.
pub fn function_names(cx: &NodeContext<'_>, node: &SyntaxNode, names: &[&str]) -> bool {
    match cx.function(node) {
        Some(function) => names_any(function.syntax().green(), names),
        None => false,
    }
}

/// Whether code writes to a log or to a standard stream, outside of the functions declared in it.
pub fn writes_log(node: &SyntaxNode) -> bool {
    let mut calls = node.descendants().filter(|it| it.kind() == SyntaxKind::MACRO_CALL);
    calls.any(|call| macro_name(&call).is_some_and(|name| is_log_macro(&name)))
}

/// The name of the function around a node.
pub fn function_name(cx: &NodeContext<'_>, node: &SyntaxNode) -> Option<String> {
    use crate::syntax::ast::HasName;
    Some(cx.function(node)?.name()?.text().to_string())
}
