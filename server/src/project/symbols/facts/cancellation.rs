//! Functions whose future must be awaited to its end: dropped in between it loses what it has read, or
//! leaves half of what it was to write.

use rowan::GreenNodeData;

use super::called_method;
use crate::syntax::SyntaxKind;
use crate::syntax::green::{child_nodes, has_token, node_kind};

/// Methods of readers and writers that are not cancel safe, as the documentation of `tokio` says.
pub const CANCEL_UNSAFE: &[&str] = &[
    "read_exact", "read_f32", "read_f64", "read_i128", "read_i16", "read_i16_le", "read_i32",
    "read_i32_le", "read_i64", "read_i64_le", "read_line", "read_to_end", "read_to_string",
    "read_u128", "read_u16", "read_u16_le", "read_u32", "read_u32_le", "read_u64", "read_u64_le",
    "write_all", "write_i32", "write_i64", "write_u16", "write_u32", "write_u64",
];

/// Whether the body of an async function awaits such a method, in what its caller waits for.
pub(super) fn loses_data(function: &GreenNodeData, body: &GreenNodeData) -> bool {
    has_token(function, SyntaxKind::ASYNC_KW) && awaits_unsafe(body)
}

fn awaits_unsafe(node: &GreenNodeData) -> bool {
    child_nodes(node).any(|child| match node_kind(child) {
        SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => false,
        // A task of its own goes on.
        SyntaxKind::BLOCK_EXPR if has_token(child, SyntaxKind::ASYNC_KW) => false,
        SyntaxKind::AWAIT_EXPR => is_unsafe_call(child) || awaits_unsafe(child),
        _ => awaits_unsafe(child),
    })
}

fn is_unsafe_call(wait: &GreenNodeData) -> bool {
    child_nodes(wait).any(|call| {
        node_kind(call) == SyntaxKind::METHOD_CALL_EXPR
            && called_method(call).is_some_and(|it| CANCEL_UNSAFE.contains(&it))
    })
}
