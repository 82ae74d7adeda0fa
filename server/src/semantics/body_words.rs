//! What the body of a function mentions, told from its identifiers alone: a limit that is set, a file
//! mode, a line in the log.

use std::rc::Rc;

use rowan::GreenNodeData;
use rustc_hash::FxHashSet;

use super::NodeContext;
use crate::project::is_log_macro;
use crate::syntax::fragment::macro_name;
use crate::syntax::green::{any_token, each_token};
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

/// The identifiers below a node, and their words.
#[derive(Debug, Default)]
pub struct BodyNames {
    names: FxHashSet<String>,
    words: FxHashSet<String>,
    /// Whether code writes to a log or to a standard stream.
    pub writes_log: bool,
}

impl BodyNames {
    fn of(node: &SyntaxNode) -> Self {
        let mut found = Self { writes_log: writes_log(node), ..Self::default() };
        each_token(node.green(), &mut |kind, text| {
            if kind == SyntaxKind::IDENT && !found.names.contains(text) {
                found.words.extend(words(text));
                found.names.insert(text.to_string());
            }
        });
        found
    }

    /// Whether one of the `names` stands as an identifier.
    pub fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|it| self.names.contains(*it))
    }

    /// Whether an identifier has one of these words in it.
    pub fn has_words(&self, list: &[&str]) -> bool {
        list.iter().any(|it| self.words.contains(*it))
    }
}

impl NodeContext<'_> {
    /// The identifiers below a node, such as a function that is asked about by much of its code:
    /// they are gathered once. For a small node [`names_any`] and [`has_words`] are cheaper.
    pub fn names_in(&self, node: &SyntaxNode) -> Rc<BodyNames> {
        self.once("names", node, || BodyNames::of(node))
    }
}

/// Whether the function around a node has one of the `names` in it as an identifier. What stands
/// outside of any function is asked about its item.
pub fn function_names(cx: &NodeContext<'_>, node: &SyntaxNode, names: &[&str]) -> bool {
    cx.function(node).is_some_and(|function| cx.names_in(function.syntax()).has_any(names))
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
