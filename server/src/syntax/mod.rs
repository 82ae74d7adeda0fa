//! Rust syntax: the glue between rust-analyzer's parser and the rest of the server.

pub mod attrs;
mod builder;
pub mod cfg;
pub mod condition;
mod document;
pub mod format_string;
pub mod fragment;
pub mod generated;
pub mod green;
/// The names that `use` brings into view.
pub mod imports;
pub mod items;
mod limits;
pub mod lines;
pub mod names;
mod parse;
mod reparse;
pub mod tokens;

pub use document::Document;
pub use imports::Imports;
pub use limits::{MAX_FILE_BYTES, TooComplex};
pub use parse::{parse_root, parse_seeing};
pub use ra_ap_syntax::{
    AstNode, AstToken, Direction, Edition, NodeOrToken, SourceFile, SyntaxElement, SyntaxKind,
    SyntaxNode, SyntaxToken, T, TextRange, TextSize, ast,
};
