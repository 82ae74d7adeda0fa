//! What a function that returns a `Result` does about its failures itself.

use rowan::GreenNodeData;

use crate::syntax::SyntaxKind;
use crate::syntax::green::{child_nodes, first_token_text, node_kind, path_name};

/// Whether every way out of a body gives `Ok`: its value is one, and nothing in it returns, asks
/// with `?` or makes an error. What closures return stays in them. A body that has nothing else is
/// a stub, which may fail once it is written.
pub fn always_succeeds(body: &GreenNodeData) -> bool {
    let Some(list) = child_nodes(body).find(|it| node_kind(it) == SyntaxKind::STMT_LIST) else {
        return false;
    };
    let last = child_nodes(list).skip(1).last();
    let gives_ok = last.is_some_and(|it| {
        node_kind(it) == SyntaxKind::CALL_EXPR && first_token_text(it) == Some("Ok")
    });
    gives_ok && !leaves_early(list)
}

fn leaves_early(node: &GreenNodeData) -> bool {
    child_nodes(node).any(|child| match node_kind(child) {
        SyntaxKind::TRY_EXPR | SyntaxKind::RETURN_EXPR => true,
        SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => false,
        SyntaxKind::MACRO_CALL => {
            matches!(path_name(child), Some("bail" | "ensure" | "try" | "try_join" | "whatever"))
        }
        _ => leaves_early(child),
    })
}
