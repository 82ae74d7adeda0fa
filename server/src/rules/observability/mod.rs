super::rules! {
    missing_alerts,
    print_logging,
}
