//! Environment variables: where they are given values, and where they are read.

mod readers;
mod settings;
mod tools;

pub use readers::{NAMING, Readers, env_readers, named_in_files};
pub use settings::{Setting, settings, whole_lines};
pub use tools::is_of_tools;
