super::rules! {
    dockerfile_toolchain,
    missing_codeowners,
}
