super::rules! {
    dockerfile_toolchain,
    lockfile_ignored,
    missing_codeowners,
    unpinned_dependency,
}
