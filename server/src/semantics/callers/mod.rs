//! Who calls a function, told from all uses of its name in the workspace.

mod occurrence;
mod search;
mod target_function;
mod usage;

pub use search::{Call, Caller, CallerSearch, CannotChange, FallibleCaller, SourceFile};
pub use target_function::TargetFunction;
