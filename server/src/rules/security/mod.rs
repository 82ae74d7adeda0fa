super::rules! {
    dev_default,
    exposed_secret,
    hardcoded_secret,
    secret_debug,
    secret_in_log,
}
