//! What code means, told without building it: one answer to each question, for all rules and fixes.

mod file;
mod node;
pub mod secrets;
mod view;

pub use file::{FileContext, is_critical_name};
pub use node::NodeContext;
pub use view::{ParsedRoots, SourceFiles, WorkspaceView};
