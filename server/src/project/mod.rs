//! The workspace as facts: its files, its packages, and what its sources declare.
//!
//! This module alone reads the disk.

mod disk;
mod exports;
mod facts;
mod modules;
mod package;

pub use disk::{Disk, ReadError};
pub use facts::{
    Facts, FileFacts, Function, Impl, ItemFacts, ModuleDecl, Reexport, TypeDef, Variant, base_name,
    derives, is_documented, is_fully_public, is_hidden, modules_around,
};
pub use modules::ModuleInfo;
pub use package::{Package, Packages, Role};
