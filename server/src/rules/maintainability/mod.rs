use crate::analysis::{Area, Rule};

mod crate_wide_allow;
mod hardcoded_path;
mod magic_number;
mod todo_comment;

/// The area of the rules in this folder.
const AREA: Area = Area::Maintainability;

pub(super) static RULES: &[&Rule] =
    &[&crate_wide_allow::RULE, &todo_comment::RULE, &hardcoded_path::RULE, &magic_number::RULE];
