super::rules! {
    blocking_in_async,
}
