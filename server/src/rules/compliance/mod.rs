use crate::analysis::{Area, Rule};

mod missing_evidence;
mod missing_spec;

/// The area of the rules in this folder.
const AREA: Area = Area::Compliance;

pub(super) static RULES: &[&Rule] = &[&missing_evidence::RULE, &missing_spec::RULE];
