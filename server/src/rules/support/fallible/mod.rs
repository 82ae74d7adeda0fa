//! Calls that panic where there is no value: what they are called on, and how they become `?`.
//!
//! The modules import one way: `{why_not, known} ← errors ← {bodies, receivers} ← repair`,
//! with `context_text` beside them. None of them runs a type checker: what cannot be
//! told from the text, the signatures of the workspace and the table of well-known functions is
//! not told at all.

mod bodies;
mod context_text;
mod errors;
mod known;
mod locks;
mod panicking;
mod receivers;
mod repair;
mod site;
mod why_not;

pub use locks::{LockCall, lock_call};
pub use panicking::{initialises_static_regex, is_user_method};
pub use repair::{propagate, recover};
pub use site::Site;
pub use why_not::WhyNot;
