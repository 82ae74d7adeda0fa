use crate::analysis::{Area, Rule};

mod missing_docs;
mod missing_document;
mod stale_claim;

pub use stale_claim::RULE as STALE_CLAIM;

/// The area of the rules in this folder.
const AREA: Area = Area::Documentation;

pub(super) static RULES: &[&Rule] =
    &[&missing_document::RULE, &missing_docs::RULE, &stale_claim::RULE];
