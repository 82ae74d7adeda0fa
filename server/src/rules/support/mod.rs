//! What several rules ask of the code.

mod dependencies;
mod macros;
mod stub;

pub use dependencies::required_dependency;
pub use macros::std_macro_call;
pub use stub::stub_comment;
pub mod bindings;
pub mod bodies;
pub mod fallible;
pub mod imports;
pub mod layout;
pub mod literals;
pub mod manifest;
pub mod shape;
pub mod written;

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, TextRange};

/// The range of a method call from its method's name to its end: where the squiggle belongs, as
/// the receiver may be lines long.
pub fn method_range(call: &ast::MethodCallExpr) -> TextRange {
    let range = call.syntax().text_range();
    let name = call.name_ref().map_or(range, |name| name.syntax().text_range());
    TextRange::new(name.start(), range.end())
}

/// The number of arguments of a call.
pub fn argument_count(call: &impl HasArgList) -> usize {
    call.arg_list().map_or(0, |list| list.args().count())
}

/// The value of a string literal, when the expression is one.
pub fn string_literal(expr: &ast::Expr) -> Option<String> {
    let ast::Expr::Literal(literal) = expr else { return None };
    let ast::LiteralKind::String(string) = literal.kind() else { return None };
    string.value().ok().map(|value| value.into_owned())
}
