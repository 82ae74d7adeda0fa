//! From which fields a function may remove entries.

use rowan::{GreenNodeData, NodeOrToken};

use crate::syntax::SyntaxKind;
use crate::syntax::green::{any_token, child_of_kind, first_token_text, node_kind, path_name};

/// Methods and functions that remove entries of a collection.
const REMOVING: &[&str] = &[
    "clear", "drain", "evict", "extract_if", "pop", "pop_first", "pop_front", "prune", "remove",
    "remove_entry", "remove_if", "retain", "shift_remove", "split_off", "swap_remove", "take",
    "truncate",
];

/// The fields and statics that a function mentions which removes entries of anything: a guard of a
/// lock has a name of its own.
pub(super) fn emptied_in(body: &GreenNodeData) -> Vec<String> {
    let removes = |kind, text: &str| kind == SyntaxKind::IDENT && REMOVING.contains(&text);
    if !any_token(body, &removes) {
        return Vec::new();
    }
    let mut names = Vec::new();
    collect(body, &mut names);
    names.sort_unstable();
    names.dedup();
    names
}

fn collect(node: &GreenNodeData, out: &mut Vec<String>) {
    let name = match node_kind(node) {
        SyntaxKind::FIELD_EXPR => {
            child_of_kind(node, SyntaxKind::NAME_REF).and_then(first_token_text)
        }
        SyntaxKind::PATH_EXPR => {
            path_name(node).filter(|it| it.len() > 1 && !it.contains(char::is_lowercase))
        }
        _ => None,
    };
    out.extend(name.map(str::to_string));
    node.children().filter_map(NodeOrToken::into_node).for_each(|child| collect(child, out));
}
