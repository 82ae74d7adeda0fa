use crate::analysis::{Area, Rule};

mod missing_alerts;
mod missing_audit_log;
mod missing_container_health;
mod missing_health_check;
mod missing_metrics;
mod missing_request_id;
mod plain_text_logs;
mod print_logging;

/// The area of the rules in this folder.
const AREA: Area = Area::Observability;

pub(super) static RULES: &[&Rule] = &[
    &missing_container_health::RULE,
    &missing_alerts::RULE,
    &print_logging::RULE,
    &missing_health_check::RULE,
    &missing_metrics::RULE,
    &missing_request_id::RULE,
    &plain_text_logs::RULE,
    &missing_audit_log::RULE,
];
