super::rules! {
    missing_container_health,
    missing_alerts,
    print_logging,
}
