use crate::analysis::{Area, Rule};

mod missing_fuzz_target;
mod missing_tests;

/// The area of the rules in this folder.
const AREA: Area = Area::Testing;

pub(super) static RULES: &[&Rule] = &[&missing_fuzz_target::RULE, &missing_tests::RULE];
