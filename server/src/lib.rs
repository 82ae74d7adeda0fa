//! Production readiness review for Rust projects, as a language server and a command.
//!
//! The modules import one way, from the top of this list to the bottom; a test holds it.
//!
//! | module | what it knows |
//! |---|---|
//! | [`text`] | a rope, position encodings, edits; no Rust syntax |
//! | [`config`] | `readiness.toml`, plain data |
//! | [`syntax`] | the Rust tree: documents, items, attributes, macro arguments, names |
//! | [`project`] | the workspace as files, packages and an index; the only reader of the disk |
//! | [`semantics`] | what code means, told without building it |
//! | [`analysis`] | the engine: rules, findings, fixes, suppressions, cache |
//! | [`rules`] | one file a rule, and their registry |
//! | [`workspace`] | what both faces stand on: open a root, lay open buffers over it, ask |
//! | [`lsp`], [`cli`] | the faces |

pub mod analysis;
pub mod cli;
pub mod config;
pub mod lsp;
pub mod project;
pub mod rules;
pub mod semantics;
pub mod syntax;
pub mod text;
pub mod workspace;
