//! Edits of what continuous integration runs: steps and jobs in the style of a file, and whole
//! workflows.

mod edit;
mod workflow;

pub use edit::{CARGO_DENY, add_below, add_job, checkout_of, main_step, place_of, runs_at_root};
pub use workflow::{has_test_script, new_workflow};
