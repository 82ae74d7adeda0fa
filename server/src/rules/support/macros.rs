use crate::syntax::ast;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxElement, TextRange};

/// The macro call that a rule was given, when its path can be that of a macro of the standard
/// library: `panic!`, `core::panic!`, `std::panic!`. With the name and the range of the call
/// without attributes and without a semicolon.
pub fn std_macro_call(element: &SyntaxElement) -> Option<(ast::MacroCall, String, TextRange)> {
    let call = ast::MacroCall::cast(element.as_node()?.clone())?;
    let path = call.path()?;
    let text = compact(path.syntax());
    let text = text.trim_start_matches("::");
    let name = match text.rsplit_once("::") {
        Some(("std" | "core" | "$crate", name)) => name.to_string(),
        Some(_) => return None,
        None => text.to_string(),
    };
    let end = call.token_tree()?.syntax().text_range().end();
    let range = TextRange::new(path.syntax().text_range().start(), end);
    Some((call, name, range))
}
