//! What sources refer to that other files of the project have to provide: environment variables,
//! queries, files, and the calls that rules declare.

mod defaults;
mod indexed;
mod literals;
mod other_languages;
mod reference;
mod rust;
#[cfg(test)]
mod tests;

pub use indexed::{IndexSpec, Indexed};
pub use other_languages::references_in_other_language;
pub use reference::{Reference, ReferenceKind, Rows, WhenUnset};
pub use rust::references_of_item;
