super::rules! {
    blocking_in_async,
    missing_index,
    unbounded_query,
}
