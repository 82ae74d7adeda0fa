//! One handler a file, named after the message that it handles.
//!
//! A request is answered from the snapshot of a document, on the blocking pool. A notification
//! changes the state before it returns, and leaves what takes time to the scheduler.

mod action_data;
mod claim;
mod code_action;
mod code_action_resolve;
mod completion;
mod definition;
mod diagnostic;
mod did_change;
mod did_change_configuration;
mod did_change_watched_files;
mod did_change_workspace_folders;
mod did_close;
mod did_open;
mod did_save;
mod execute_command;
mod fix_all;
mod hover;
mod initialize;
mod initialized;

pub use code_action::code_action;
pub use code_action_resolve::{action_document, code_action_resolve};
pub use completion::completion;
pub use definition::definition;
pub use diagnostic::diagnostic;
pub use did_change::did_change;
pub use did_change_configuration::did_change_configuration;
pub use did_change_watched_files::did_change_watched_files;
pub use did_change_workspace_folders::did_change_workspace_folders;
pub use did_close::did_close;
pub use did_open::did_open;
pub use did_save::did_save;
pub use execute_command::execute_command;
pub use hover::hover;
pub use initialize::initialize;
pub use initialized::initialized;
