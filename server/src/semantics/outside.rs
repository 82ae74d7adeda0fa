//! Values that somebody outside of the program chooses: a peer, a request, a row of a database.

use super::NodeContext;
use super::expressions::{chain_root, identifier};
use super::shape::{Binding, binding, surroundings};
use crate::project::base_name;
use crate::project::flow::is_extractor;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxNode};

/// Types of what a peer sent and of rows, beside those of requests; sorted.
const TYPES: &[&str] = &[
    "Datagram", "Frame", "MessageEvent", "MetadataMap", "MySqlRow", "Packet", "PgRow", "Row",
    "SqliteRow",
];

/// Methods that give what a peer sent or a database holds. The headers and the body of an answer
/// are none of them: the program chose whom it asks.
const GIVING: &[&str] = &[
    ".recv_from(", ".fetch_one(", ".query_row(", ".read_frame(", ".read_message(",
    ".query_string()", ".match_info()", ".body_json(",
];

/// Methods of requests that give what the program itself put there, or that fail as the type says
/// to which they are applied.
const KEPT: &[&str] = &[
    ".app_data", ".into_data()", ".into_trailers()", ".extensions()", ".extension::<", ".state()",
    ".depot", ".guard::<", ".extract", "from_request",
];

/// Functions that read a value out of bytes or text, sorted.
const READING: &[&str] = &[
    "decode", "deserialize", "from_bytes", "from_reader", "from_slice", "from_str", "from_utf8",
    "parse", "try_from",
];

/// Words in the names of functions that are given what a peer sent; sorted.
const RECEIVING: &[&str] =
    &["decode", "deserialize", "handle", "on", "parse", "process", "receive", "recv"];

/// Whether somebody outside of the program chooses whether an expression gives a value.
pub fn is_chosen_outside(value: &ast::Expr, cx: &NodeContext<'_>) -> bool {
    let around: Vec<SyntaxNode> = cx.ancestors(value.syntax()).collect();
    is_outside(value, &around, 6)
}

fn is_outside(value: &ast::Expr, around: &[SyntaxNode], depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let text = compact(value.syntax());
    // What a framework keeps for the program, and hands over with the request.
    if KEPT.iter().any(|it| text.contains(it)) {
        return false;
    }
    if GIVING.iter().any(|it| text.contains(it)) {
        return true;
    }
    let root = chain_root(value);
    if let ast::Expr::IndexExpr(it) = &root {
        return it.base().is_some_and(|it| is_outside(&it, around, depth));
    }
    if let ast::Expr::CallExpr(call) = &root {
        let path = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
        let name = path.rsplit("::").next().unwrap_or(&path);
        let name = name.split('<').next().unwrap_or(name);
        let first = call.arg_list().and_then(|list| list.args().next());
        return READING.binary_search(&name).is_ok()
            && first.is_some_and(|it| is_outside(&it, around, depth));
    }
    let Some(name) = identifier(&root) else { return false };
    let here = surroundings(root.syntax(), around);
    match binding(&name, &here) {
        Some(Binding::Typed(ty)) => is_type(&compact(ty.syntax()), &here),
        Some(Binding::Opaque) | None => {
            pattern_type(&name, &here).is_some_and(|ty| is_type(&ty, &[]))
        }
        Some(Binding::Value(value) | Binding::Inner(value) | Binding::Element(value))
        | Some(Binding::Part(value) | Binding::Field(value, _) | Binding::Payload(value)) => {
            let there = surroundings(value.syntax(), &here);
            is_outside(&value, &there, depth)
        }
    }
}

/// Whether a type holds what was chosen outside. Bytes do where a function is given them by a peer.
fn is_type(ty: &str, around: &[SyntaxNode]) -> bool {
    let name = base_name(ty.trim_start_matches('&').trim_start_matches("mut"));
    if TYPES.binary_search(&name).is_ok() || is_extractor(ty) {
        return true;
    }
    let bytes = matches!(ty, "&[u8]" | "Bytes" | "&Bytes" | "BytesMut" | "Vec<u8>");
    let function = around.iter().cloned().find_map(ast::Fn::cast);
    let function = function.and_then(|it| it.name()).filter(|_| bytes);
    function.is_some_and(|it| {
        words(it.text()).any(|word| RECEIVING.binary_search(&word.as_str()).is_ok())
    })
}

/// The type of the parameter whose pattern binds a name: `Json(body): Json<Body>`.
fn pattern_type(name: &str, around: &[SyntaxNode]) -> Option<String> {
    let function = around.iter().cloned().find_map(ast::Fn::cast)?;
    let param = function.param_list()?.params().find(|param| {
        let names = param.pat().into_iter().flat_map(|pat| {
            pat.syntax().descendants().filter_map(ast::Name::cast).collect::<Vec<_>>()
        });
        names.into_iter().any(|it| it.text() == name)
    })?;
    Some(compact(param.ty()?.syntax()))
}
