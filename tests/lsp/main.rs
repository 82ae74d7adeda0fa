//! The language server as its clients see it: the real binary over its pipes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod actions;
mod agreement;
mod claims;
mod client;
mod diagnostics;
mod editing;
mod fixes;
mod folders;
mod hostile;
mod lifecycle;
mod messages;
mod project;
mod random_project;
mod review;
mod settings;
mod whole_project;
