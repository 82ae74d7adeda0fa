super::rules! {
    dockerfile_toolchain,
    missing_codeowners,
    unpinned_dependency,
}
