//! The workspace as data: its files, its packages, and what its sources declare.
//!
//! This module alone reads the disk.

mod advisories;
mod attributes;
mod checkout;
pub mod ci;
mod clippy_settings;
pub mod comments;
pub mod config_purpose;
pub mod database;
pub mod dependencies;
mod disk;
pub mod docker;
pub mod environment;
pub mod evidence;
mod file;
mod file_kind;
pub(crate) mod flow;
#[cfg(test)]
mod folder_fixture;
mod given;
mod history;
#[cfg(test)]
pub(crate) mod history_fixture;
mod ignored;
mod listing;
pub mod lockfile;
mod manifest;
pub mod markdown;
mod members;
mod model;
mod package;
pub mod package_contents;
mod package_graph;
pub mod paths;
mod purpose;
mod read;
mod references;
pub mod served;
pub mod service;
pub mod shell;
pub mod sql;
mod symbols;
mod tracked;
pub mod values;
mod write;

pub use advisories::{Advisories, Advisory, AdvisoryKind};
pub use checkout::{Checkout, checkout_root};
pub use ci::{CiJob, CiRun, CiService, CiStep, Pipeline};
pub use clippy_settings::{ClippySettings, Disallowed};
pub use disk::Disk;
pub use file::ProjectFile;
pub use file_kind::{FileKind, Format};
pub use given::{file_above, nearest_project, projects_around, read_document};
pub use history::{History, Id, Revision, Versions};
pub use members::{Manifests, Member, Membership, dependencies_by_path, members};
pub use model::{Ignores, Input, Project};
pub use package::{Package, Packages, Role};
pub use purpose::Purpose;
pub use read::ReadError;
pub use references::{
    IndexSpec, Indexed, Reference, ReferenceKind, Rows, WhenUnset, references_in_other_language,
    references_of_item,
};
pub use symbols::{
    Alias, BLOCKING_NAMES, BlockingCall, CANCEL_UNSAFE, Callers, Constant, ConstantValue, Derived,
    Dump, FileSymbols, FileUses, Function, FunctionFacts, Impl, InstalledVerifier, ItemSymbols,
    ItemUses, ModuleDecl, ModuleInfo, OTHER_TIMEOUTS, Reexport, Refused, SecretCall, SymbolIndex,
    TextConstructor, TextParameter, TypeDef, UNVERIFIED_WORDS, UndocumentedItem, Variant, Work,
    base_name, blocking_call, derived_by, derives, derives_debug, hashes_passwords,
    hides_from_debug, hides_from_serialize, is_documented, is_hidden, is_log_macro,
    is_named_as_double, listened_names, modules_around, names_command, serves, short_path,
    text_parameter, undocumented, without_generics,
};
pub use tracked::TrackedProject;
