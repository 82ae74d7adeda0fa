//! What code means, told without building it: one answer to each question, for all rules and fixes.

mod answers;
pub(crate) mod bindings;
pub(crate) mod body_words;
pub(crate) mod callee_in_workspace;
pub(crate) mod callers;
pub(crate) mod calls;
pub(crate) mod clients;
pub(crate) mod commands;
pub(crate) mod development;
pub(crate) mod execution;
pub(crate) mod expressions;
mod file;
pub(crate) mod flow;
pub(crate) mod infallible;
pub(crate) mod limits;
pub(crate) mod literals;
pub(crate) mod named_values;
mod node;
pub(crate) mod outside;
pub(crate) mod own_method;
pub(crate) mod paths;
pub(crate) mod presence;
pub(crate) mod reach;
pub(crate) mod rust_version;
pub(crate) mod secrets;
pub(crate) mod settled;
pub(crate) mod shape;
pub(crate) mod type_text;
pub(crate) mod types;
pub(crate) mod value_type;
mod view;

pub use answers::Answers;
pub use file::{FileContext, is_critical_name};
pub use node::NodeContext;
pub use reach::Reach;
pub use view::{ParsedRoots, SourceFiles, WorkspaceView};
