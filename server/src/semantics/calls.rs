//! Calls of functions, methods and macros.

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, TextRange};

/// The name of a macro call whose path can be that of a macro of the standard library: `panic!`,
/// `core::panic!`, `std::panic!`. With the range of the call without attributes and without a
/// semicolon.
pub fn std_macro_call(call: &ast::MacroCall) -> Option<(String, TextRange)> {
    let path = call.path()?;
    let text = compact(path.syntax());
    let text = text.trim_start_matches("::");
    let name = match text.rsplit_once("::") {
        Some(("std" | "core" | "$crate", name)) => name.to_string(),
        Some(_) => return None,
        None => text.to_string(),
    };
    let end = call.token_tree()?.syntax().text_range().end();
    Some((name, TextRange::new(path.syntax().text_range().start(), end)))
}

/// The range of a method call from its method's name to its end: where the squiggle belongs, as
/// the receiver may be lines long.
pub fn method_range(call: &ast::MethodCallExpr) -> TextRange {
    let range = call.syntax().text_range();
    let name = call.name_ref().map_or(range, |name| name.syntax().text_range());
    TextRange::new(name.start(), range.end())
}

/// The range of a call: as [`method_range`] for a method call, the whole of any other.
pub fn call_range(call: &ast::Expr) -> TextRange {
    match call {
        ast::Expr::MethodCallExpr(method) => method_range(method),
        _ => call.syntax().text_range(),
    }
}

/// The number of arguments of a call.
pub fn argument_count(call: &impl HasArgList) -> usize {
    call.arg_list().map_or(0, |list| list.args().count())
}
