super::rules! {
    missing_document,
    missing_docs,
}
