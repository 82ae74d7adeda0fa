//! What code means, told without building it: one answer to each question, for all rules and fixes.

pub mod bindings;
pub mod callers;
pub mod calls;
pub mod execution;
pub mod expressions;
mod file;
pub mod literals;
mod node;
pub mod paths;
pub mod rust_version;
pub mod secrets;
pub mod shape;
pub mod type_text;
pub mod types;
mod view;

pub use file::{FileContext, is_critical_name};
pub use node::NodeContext;
pub use view::{ParsedRoots, SourceFiles, WorkspaceView};
