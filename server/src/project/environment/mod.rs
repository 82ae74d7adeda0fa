//! Environment variables: where they are given values, and where they are read.

mod readers;
mod settings;
mod tools;

pub use readers::{Readers, env_readers, named_in_files};
pub use settings::{Setting, settings};
pub use tools::is_of_tools;
