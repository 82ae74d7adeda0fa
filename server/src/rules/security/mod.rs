super::rules! {
    exposed_secret,
    secret_debug,
}
