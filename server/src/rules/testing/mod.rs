use crate::analysis::{Area, Rule};

mod ignored_test;
mod missing_fuzz_target;
mod missing_tests;
mod untested_security_code;

/// The area of the rules in this folder.
const AREA: Area = Area::Testing;

pub(super) static RULES: &[&Rule] = &[
    &missing_fuzz_target::RULE,
    &missing_tests::RULE,
    &ignored_test::RULE,
    &untested_security_code::RULE,
];
