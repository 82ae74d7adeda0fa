super::rules! {
    missing_container_health,
    print_logging,
}
