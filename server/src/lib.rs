//! Production readiness review for Rust projects, as a language server and a command.
//!
//! A module imports only those above it; `tests/architecture.rs` checks it, and
//! `docs/architecture.md` tells more.
//!
//! | module | what it knows |
//! |---|---|
//! | [`text`] | a rope, position encodings, edits; no Rust syntax |
//! | [`config`] | `readiness.toml`, plain data |
//! | [`syntax`] | the Rust tree: documents, items, attributes, macro arguments, names |
//! | [`project`] | the workspace as files, packages and an index; the only reader of the disk |
//! | [`semantics`] | what Rust code means, told without building it |
//! | [`analysis`] | the engine: rules, findings, fixes, suppressions, cache |
//! | [`rules`] | one file for each rule, and the list of all |
//! | [`review`] | the production readiness review, and documents held against the code |
//! | [`workspace`] | opens a root, lays open buffers over the disk, answers with findings and fixes |
//! | [`lsp`], [`cli`] | the language server, the command line |

pub mod analysis;
pub mod cli;
pub mod config;
pub mod lsp;
pub mod project;
pub mod review;
pub mod rules;
pub mod semantics;
pub mod syntax;
pub mod text;
pub mod workspace;
