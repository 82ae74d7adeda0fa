super::rules! {
    missing_fuzz_target,
    missing_tests,
}
