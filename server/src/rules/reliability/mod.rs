super::rules! {
    unwrap_used,
}
