super::rules! {
    exposed_secret,
    secret_debug,
    secret_in_log,
}
