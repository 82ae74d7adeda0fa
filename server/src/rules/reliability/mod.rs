super::rules! {
    ignored_error,
    lock_across_await,
    unbounded_queue,
    unwrap_used,
}
