super::rules! {
    panic_used,
    undocumented_unsafe,
    unfinished_code,
    unwrap_used,
}
