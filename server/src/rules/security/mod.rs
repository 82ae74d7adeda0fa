use crate::analysis::{Area, Rule};

mod config_secret;
mod dev_default;
mod exposed_secret;
mod hardcoded_secret;
mod non_constant_time_comparison;
mod secret_debug;
mod secret_in_log;
mod secret_not_ignored;
mod tls_verification_disabled;
mod vulnerable_dependency;
mod weak_crypto;

/// The area of the rules in this folder.
const AREA: Area = Area::Security;

pub(super) static RULES: &[&Rule] = &[
    &non_constant_time_comparison::RULE,
    &tls_verification_disabled::RULE,
    &weak_crypto::RULE,
    &config_secret::RULE,
    &dev_default::RULE,
    &exposed_secret::RULE,
    &hardcoded_secret::RULE,
    &secret_debug::RULE,
    &secret_in_log::RULE,
    &secret_not_ignored::RULE,
    &vulnerable_dependency::RULE,
];
