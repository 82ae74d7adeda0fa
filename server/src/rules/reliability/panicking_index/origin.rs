//! Whether a function decodes or serves, and whether a value in it comes from outside.

use super::access::{Access, names_in, needed_length, number, values_in};
use super::body::IndexedBody;
use crate::analysis::Context;
use crate::project::flow::is_extractor;
use crate::semantics::bindings::type_of;
use crate::syntax::ast::{self, HasName, HasVisibility, RangeItem};
use crate::syntax::green::binds;
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxNode};

/// Words in the names of functions and types that decode, sorted.
const DECODING: &[&str] = &[
    "decode", "decoder", "decompress", "deserialise", "deserialize", "deserializer", "inflate",
    "parse", "parser", "unmarshal", "unpack",
];

/// Words in the names of functions that take what a peer sent, when they are given bytes; sorted.
const RECEIVING: &[&str] =
    &["from", "handle", "on", "process", "read", "receive", "recv", "try", "verify"];

/// Integer types, sorted.
const INTEGERS: &[&str] =
    &["i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32", "u64", "u8", "usize"];

/// Functions whose results are numbers that a peer wrote, by parts of their names.
const NUMBERS_READ: &[&str] = &[
    "from_be_bytes(", "from_le_bytes(", "from_ne_bytes(", ".get_u", ".get_i", ".read_u", ".read_i",
];

/// What is known of the values in an access.
#[derive(Debug, Default)]
pub struct Origin {
    /// The length or the index is chosen outside of the program.
    pub is_outside: bool,
    /// The base is a string.
    pub is_text: bool,
    /// The base is known to be a vector or a string.
    pub is_sequence: bool,
}

/// Whether a function decodes bytes or text, or serves requests.
pub fn decodes_or_serves(function: &ast::Fn, cx: &Context<'_>) -> bool {
    let types: Vec<String> = parameters(function).map(|(_, ty)| ty).collect();
    if types.iter().any(|ty| is_extractor(ty)) {
        return true;
    }
    let name = function.name().map(|name| name.text().to_string()).unwrap_or_default();
    // Such a name leaves the check to the caller.
    if name.ends_with("_unchecked") {
        return false;
    }
    // Without the crate, `Bytes` is a type of the package's own.
    let has_bytes = cx.file().depends_on("bytes") || cx.file().package.is_none();
    let is_own = |ty: &str| !has_bytes && base(ty).starts_with("Bytes");
    let is_fed = types.iter().any(|ty| is_bytes(ty) && !is_own(ty));
    let takes_text = types.iter().any(|ty| is_text(ty));
    let has_self = function.param_list().is_some_and(|list| list.self_param().is_some());
    let decodes = |name: &str| words(name).any(|it| DECODING.binary_search(&it.as_str()).is_ok());
    if decodes(&name) && (is_fed || takes_text || has_self) {
        return true;
    }
    let receives =
        words(&name).next().is_some_and(|it| RECEIVING.binary_search(&it.as_str()).is_ok());
    if receives && is_fed {
        return true;
    }
    let owner = cx.ancestors(function.syntax()).find_map(ast::Impl::cast);
    owner.is_some_and(|owner| {
        let ty = owner.self_ty().map(|ty| compact(ty.syntax())).unwrap_or_default();
        let implemented = owner.trait_().map(|it| compact(it.syntax())).unwrap_or_default();
        decodes(base(&implemented)) || (decodes(base(&ty)) && (has_self || is_fed))
    })
}

/// What is known of the origin of an indexed value and its index.
pub fn value_origin(
    base: &ast::Expr,
    index: Option<&ast::Expr>,
    function: &ast::Fn,
    cx: &Context<'_>,
) -> Origin {
    let ty = declared_type(base, cx).unwrap_or_default();
    let body = IndexedBody::of(function, cx);
    let is_given =
        |expr: &ast::Expr| values_in(expr).any(|name| is_from_outside(&name, function, &body));
    let is_base_given =
        root_name(base).is_some_and(|name| is_made_of_parameter(&name, function, &body));
    let is_sequence =
        is_text(&ty) || ["Vec<", "&mutVec<", "&Vec<"].iter().any(|it| ty.starts_with(it));
    // A number is within the length or not, and the length is the peer's to choose; any other index
    // is at fault only where it is itself chosen outside.
    let is_chosen = match index {
        Some(index) if needed_length(index).is_none() => is_given(index),
        _ => is_base_given,
    };
    let is_entered = is_entered_from_outside(function, cx);
    Origin { is_outside: is_entered && is_chosen, is_text: is_text(&ty), is_sequence }
}

/// The origin of a variable, when it is an integer.
pub fn integer_origin(
    name: &str,
    node: &SyntaxNode,
    function: &ast::Fn,
    cx: &Context<'_>,
) -> Option<Origin> {
    let ty = type_of(cx, node, name).map(|ty| ty.replace(char::is_whitespace, ""));
    let is_integer = ty.as_deref().is_some_and(|ty| INTEGERS.binary_search(&ty).is_ok());
    let body = IndexedBody::of(function, cx);
    let value = body.value(name).map(|it| compact(it.syntax())).unwrap_or_default();
    let is_read = NUMBERS_READ.iter().any(|it| value.contains(it));
    let is_cast = INTEGERS.iter().any(|ty| value.ends_with(&format!("as{ty}")));
    (is_integer || is_read || is_cast)
        .then(|| Origin { is_outside: is_from_outside(name, function, &body), ..Origin::default() })
}

/// Whether code outside of the module calls a function: what a private one is given was mostly
/// checked by its callers.
fn is_entered_from_outside(function: &ast::Fn, cx: &Context<'_>) -> bool {
    let is_of_trait = cx
        .ancestors(function.syntax())
        .find_map(ast::Impl::cast)
        .is_some_and(|owner| owner.trait_().is_some());
    let takes_request = parameters(function).any(|(_, ty)| is_extractor(&ty));
    function.visibility().is_some()
        || is_of_trait
        || takes_request
        || function.async_token().is_some()
}

/// Whether the length of the base is fixed, and rustc or the iterator holds the index within it.
pub fn is_fixed_or_chunk(
    base: &ast::Expr,
    access: &Access,
    function: &ast::Fn,
    cx: &Context<'_>,
) -> bool {
    let Some(name) = variable(base) else { return false };
    let ty = declared_type(base, cx).unwrap_or_default();
    let ty = ty.trim_start_matches(['&', '*']).trim_start_matches("mut");
    let is_array = ty.starts_with('[') && ty.contains(';');
    if comes_in_chunks(&name, base.syntax(), cx) {
        return true;
    }
    let Some(needed) = access.needed else {
        // A table of 256 entries has one for each byte.
        return is_array && ty.ends_with(";256]") && access.is_widened();
    };
    is_array || is_part_of_length(&name, needed, &IndexedBody::of(function, cx))
}

/// Whether a name is bound to a part of a slice that has the length: `let x = &s[8..10];`.
fn is_part_of_length(name: &str, needed: u128, body: &IndexedBody) -> bool {
    let Some(ast::Expr::RefExpr(value)) = body.value(name) else { return false };
    let Some(ast::Expr::IndexExpr(part)) = value.expr() else { return false };
    let Some(ast::Expr::RangeExpr(range)) = part.index() else { return false };
    let bounds = (range.start().map(|it| number(&it)), range.end().map(|it| number(&it)));
    match bounds {
        (Some(Some(start)), Some(Some(end))) => end.saturating_sub(start) >= needed,
        (None, Some(Some(end))) => end >= needed,
        _ => false,
    }
}

/// Whether a name is bound to the pieces of an iterator whose pieces all have one length.
fn comes_in_chunks(name: &str, node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let is_chunked = |text: String| {
        ["chunks_exact", "windows(", "array_chunks", "as_chunks"].iter().any(|it| text.contains(it))
    };
    cx.ancestors(node).any(|around| {
        if let Some(item) = ast::ForExpr::cast(around.clone()) {
            let binds = item.pat().is_some_and(|pat| binds(&pat, name));
            return binds && item.iterable().is_some_and(|it| is_chunked(compact(it.syntax())));
        }
        let Some(closure) = ast::ClosureExpr::cast(around) else { return false };
        let binds = closure.param_list().is_some_and(|list| binds(&list, name));
        let call = closure.syntax().ancestors().find_map(ast::MethodCallExpr::cast);
        let receiver = call.and_then(|call| call.receiver());
        binds && receiver.is_some_and(|it| is_chunked(compact(it.syntax())))
    })
}

/// Whether a name is a parameter that holds what came from outside, or was made from one.
fn is_from_outside(name: &str, function: &ast::Fn, body: &IndexedBody) -> bool {
    const MAX_STEPS: usize = 4;
    let mut name = name.to_string();
    for _ in 0..MAX_STEPS {
        if let Some((_, ty)) = parameters(function).find(|(it, _)| *it == name) {
            return is_bytes(&ty) || is_text(&ty) || is_extractor(&ty);
        }
        let Some(value) = body.value(&name) else { return false };
        let text = compact(value.syntax());
        if NUMBERS_READ.iter().any(|it| text.contains(it)) {
            return true;
        }
        let Some(next) = names_in(value).find(|it| *it != name) else { return false };
        name = next;
    }
    false
}

/// Whether a name is a parameter that holds what came from outside, or a part of one: what a
/// function returns has a length of its own.
fn is_made_of_parameter(name: &str, function: &ast::Fn, body: &IndexedBody) -> bool {
    const MAX_STEPS: usize = 4;
    let mut name = name.to_string();
    for _ in 0..MAX_STEPS {
        if parameters(function).any(|(it, _)| it == name) {
            return is_from_outside(&name, function, body);
        }
        let value = body.value(&name);
        let Some(next) = value.and_then(root_name).filter(|it| *it != name) else {
            return false;
        };
        name = next;
    }
    false
}

/// The variable that a chain of methods, indexes and fields begins with.
fn root_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::MethodCallExpr(call) => root_name(&call.receiver()?),
        ast::Expr::IndexExpr(index) => root_name(&index.base()?),
        ast::Expr::FieldExpr(field) => root_name(&field.expr()?),
        ast::Expr::RefExpr(it) => root_name(&it.expr()?),
        ast::Expr::ParenExpr(it) => root_name(&it.expr()?),
        ast::Expr::TryExpr(it) => root_name(&it.expr()?),
        ast::Expr::AwaitExpr(it) => root_name(&it.expr()?),
        _ => variable(expr),
    }
}

/// The names and types of the parameters of a function, types without white space.
fn parameters(function: &ast::Fn) -> impl Iterator<Item = (String, String)> {
    let list = function.param_list();
    list.into_iter().flat_map(|list| list.params()).filter_map(|param| {
        let name = param.pat()?.syntax().descendants().find_map(ast::Name::cast)?;
        Some((name.text().to_string(), compact(param.ty()?.syntax())))
    })
}

/// The variable that an expression is, if it is nothing else.
fn variable(expr: &ast::Expr) -> Option<String> {
    let ast::Expr::PathExpr(path) = expr else { return None };
    Some(compact(path.syntax())).filter(|text| !text.contains("::"))
}

/// The type of a variable as it is declared near to its use, without white space.
fn declared_type(expr: &ast::Expr, cx: &Context<'_>) -> Option<String> {
    let ty = type_of(cx, expr.syntax(), &variable(expr)?)?;
    Some(ty.replace(char::is_whitespace, ""))
}

fn is_bytes(ty: &str) -> bool {
    let ty = ty.trim_start_matches('&');
    let is_reader = ["implBuf", "Bytes", "BytesMut", "&mutBytes"].contains(&ty);
    ty == "[u8]" || ty == "Vec<u8>" || is_reader || ty.ends_with("::Bytes")
}

fn is_text(ty: &str) -> bool {
    let ty = ty.trim_start_matches('&');
    let ty = match ty.strip_prefix('\'') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_alphanumeric() && !rest.ends_with(c)),
        None => ty,
    };
    ty == "String" || ty.ends_with("str") && ty.len() <= "'staticstr".len()
}

/// The last name of a type's path, without generics and references.
fn base(ty: &str) -> &str {
    let ty = ty.trim_start_matches(['&', '*']);
    let ty = ty.split('<').next().unwrap_or(ty);
    ty.rsplit("::").next().unwrap_or(ty)
}
