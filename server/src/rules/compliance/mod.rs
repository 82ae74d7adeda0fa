super::rules! {
    missing_evidence,
}
