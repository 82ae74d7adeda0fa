//! Types without a type checker: of expressions, of the errors of results, and of what bodies
//! return.

pub mod enclosing_body;
pub mod errors;
pub mod find_path;
pub mod inference;
mod located_expr;
pub mod scope;
pub mod signatures;

pub use located_expr::LocatedExpr;
