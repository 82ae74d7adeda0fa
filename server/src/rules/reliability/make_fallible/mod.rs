//! Calls that panic where there is no value, and how they become `?`: in a body that can return the
//! failure, or in a function that is made to return it, with all that call it.

mod context_text;
mod conversion;
mod declined;
mod error_constructors;
#[cfg(test)]
mod format_tests;
mod infallible_alternative;
mod lock_calls;
mod panic_report;
mod panicking_call;
mod phrases;
mod repair;
mod rewrite;
mod shared_error;
mod signature;
#[cfg(test)]
mod signature_tests;
mod subject;
#[cfg(test)]
mod tests;
mod wording;

pub use lock_calls::{LockCall, lock_call};
pub use panic_report::{PASSED_TO, chosen_outside, report_argument, report_call, report_panic};
pub use panicking_call::PanickingCall;
pub use repair::recover;
