//! Environment variables: where they are given values, and where they are read.

mod documented;
mod foreign;
mod readers;
mod settings;
mod tools;

pub use documented::documented;
pub use readers::{Readers, env_readers, named_in_files};
pub use settings::{Setting, settings};
pub use tools::is_of_tools;
