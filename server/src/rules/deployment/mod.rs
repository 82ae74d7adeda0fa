super::rules! {
    dockerfile_missing_member,
    dockerfile_toolchain,
    dockerfile_user,
    missing_codeowners,
}
