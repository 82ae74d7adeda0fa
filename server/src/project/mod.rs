//! The workspace as facts: its files, its packages, and what its sources declare.
//!
//! This module alone reads the disk.

mod advisories;
mod checkout;
pub mod ci;
pub mod config_purpose;
pub mod database;
mod declared;
pub mod dependencies;
mod disk;
pub mod docker;
mod env_default;
pub mod environment;
mod exports;
mod facts;
mod file;
mod foreign;
mod kind;
pub mod lockfile;
mod members;
mod mentioned;
mod mentions;
mod model;
mod modules;
mod of_text;
mod package;
pub mod package_contents;
pub mod service;
pub mod sql;
mod tracked;
pub mod values;

pub use advisories::{Advisories, Advisory, AdvisoryKind};
pub use checkout::Checkout;
pub use ci::{CiJob, CiRun, CiService, CiStep, Pipeline};
pub use declared::{
    Alias, FileFacts, Function, Impl, ItemFacts, ModuleDecl, Reexport, TypeDef, Variant, base_name,
    derives, is_documented, is_hidden, modules_around,
};
pub use disk::{Disk, ReadError};
pub use facts::Facts;
pub use file::ProjectFile;
pub use foreign::mentions_of_foreign;
pub use kind::{Format, Kind};
pub use members::{Manifests, Member, Through, dependencies_by_path, members};
pub use mentioned::{Mention, Mentioned, Missing, Rows};
pub use mentions::{may_mention, mentions_of_item};
pub use model::{Ignores, Input, Project};
pub use modules::ModuleInfo;
pub use of_text::{OfText, Takes, takes};
use package::join;
pub use package::{Package, Packages, Role};
pub use tracked::TrackedProject;
