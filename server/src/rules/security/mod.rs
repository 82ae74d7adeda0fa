super::rules! {
    non_constant_time_comparison,
    tls_verification_disabled,
    weak_crypto,
    config_secret,
    dev_default,
    exposed_secret,
    hardcoded_secret,
    secret_debug,
    secret_in_log,
    secret_not_ignored,
    vulnerable_dependency,
}
