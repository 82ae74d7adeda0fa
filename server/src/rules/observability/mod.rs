use crate::analysis::{Area, Rule};

mod missing_alerts;
mod missing_container_health;
mod print_logging;

/// The area of the rules in this folder.
const AREA: Area = Area::Observability;

pub(super) static RULES: &[&Rule] =
    &[&missing_container_health::RULE, &missing_alerts::RULE, &print_logging::RULE];
