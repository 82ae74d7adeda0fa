use crate::syntax::ast;
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
