use crate::analysis::{Area, Rule};

mod blocking_in_async;
mod connection_per_call;
mod missing_index;
mod unbounded_query;

/// The area of the rules in this folder.
const AREA: Area = Area::Performance;

pub(super) static RULES: &[&Rule] = &[
    &blocking_in_async::RULE,
    &missing_index::RULE,
    &unbounded_query::RULE,
    &connection_per_call::RULE,
];
