super::rules! {
    crypto_provider_unset,
    panic_used,
    undocumented_unsafe,
    unfinished_code,
    ignored_error,
    inconsistent_setting,
    lock_across_await,
    missing_cron_trigger,
    unbounded_queue,
    expect_used,
    lock_unwrap,
    unwrap_used,
}
