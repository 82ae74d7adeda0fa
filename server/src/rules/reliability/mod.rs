super::rules! {
    expect_used,
    lock_unwrap,
    unwrap_used,
}
