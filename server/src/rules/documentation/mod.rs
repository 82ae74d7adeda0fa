super::rules! {
    missing_docs,
}
