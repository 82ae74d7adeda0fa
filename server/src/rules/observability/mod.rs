super::rules! {
    print_logging,
}
