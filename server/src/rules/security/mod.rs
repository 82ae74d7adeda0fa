use crate::analysis::{Area, Rule};

mod command_injection;
mod config_secret;
mod cookie_flags;
mod decompression_bomb;
mod dev_default;
mod empty_secret;
mod error_detail_leak;
mod exposed_secret;
mod fail_open_default;
mod forwarded_header_trust;
mod hardcoded_secret;
mod ignored_verdict;
mod jwt_validation_default;
mod log_injection;
mod missing_alpn;
mod missing_rate_limit;
mod non_constant_time_comparison;
mod open_redirect;
mod optional_encryption;
mod path_traversal;
mod permissive_default;
mod plaintext_password;
mod recursion_without_limit;
mod request_forgery;
mod secret_debug;
mod secret_file_mode;
mod secret_in_log;
mod secret_not_ignored;
mod secret_not_zeroized;
mod self_signed_cert;
mod sql_injection;
mod static_admin_token;
mod swallowed_config_error;
mod tls_legacy_version;
mod tls_verification_disabled;
mod truncating_cast;
mod unbounded_concurrency;
mod unbounded_input;
mod unbounded_map;
mod unvalidated_input;
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
    &sql_injection::RULE,
    &path_traversal::RULE,
    &command_injection::RULE,
    &request_forgery::RULE,
    &open_redirect::RULE,
    &decompression_bomb::RULE,
    &log_injection::RULE,
    &unvalidated_input::RULE,
    &truncating_cast::RULE,
    &unbounded_map::RULE,
    &jwt_validation_default::RULE,
    &tls_legacy_version::RULE,
    &missing_alpn::RULE,
    &self_signed_cert::RULE,
    &secret_file_mode::RULE,
    &empty_secret::RULE,
    &optional_encryption::RULE,
    &static_admin_token::RULE,
    &plaintext_password::RULE,
    &swallowed_config_error::RULE,
    &fail_open_default::RULE,
    &secret_not_zeroized::RULE,
    &missing_rate_limit::RULE,
    &permissive_default::RULE,
    &cookie_flags::RULE,
    &forwarded_header_trust::RULE,
    &unbounded_input::RULE,
    &ignored_verdict::RULE,
    &error_detail_leak::RULE,
    &recursion_without_limit::RULE,
    &unbounded_concurrency::RULE,
];
