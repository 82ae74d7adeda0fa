//! What sources refer to that other files of the project have to provide: environment variables,
//! queries, files, and the calls that rules declare.

mod defaults;
mod other_languages;
mod reference;
mod rust;

pub use other_languages::references_in_other_language;
pub use reference::{Reference, ReferenceKind, Rows, WhenUnset};
pub use rust::{may_refer, references_of_item};
