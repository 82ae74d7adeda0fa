//! The workspace as facts: its files, its packages, and what its sources declare.
//!
//! This module alone reads the disk.

mod disk;
mod facts;
mod modules;
mod package;

pub use disk::{Disk, ReadError};
pub use facts::{
    Facts, FileFacts, Function, Impl, ItemFacts, ModuleDecl, TypeDef, is_fully_public,
};
pub use modules::ModuleInfo;
pub use package::{Package, Packages, Role};
