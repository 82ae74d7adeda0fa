//! Calls that panic where there is no value: what they are called on, and how they become `?`.
//!
//! The modules import one way: `written ← names ← errors ← known ← {bodies, receivers} ← {makers
//! ← bridges, {spot, target} ← whose ← callers ← shared_error ← rewrite} ← signature ← repair`,
//! with `receivers ← answers`, `releases` and `phrases ← context_text ← wording` beside them. None of them runs a type
//! checker: what cannot be told from the text, the signatures of the workspace and the table of
//! well-known functions is not told at all.

mod answers;
mod bodies;
mod bridges;
mod callers;
mod context_text;
mod errors;
#[cfg(test)]
mod format_tests;
mod known;
mod locks;
mod makers;
mod names;
mod panic_report;
mod panicking;
mod phrases;
mod receivers;
mod releases;
mod repair;
mod rewrite;
mod shared_error;
mod signature;
#[cfg(test)]
mod signature_tests;
mod site;
mod spot;
mod target;
#[cfg(test)]
mod tests;
mod whose;
mod why_not;
mod wording;

pub use locks::{LockCall, lock_call};
pub use panic_report::report_panic;
pub use repair::recover;
pub use site::Site;
