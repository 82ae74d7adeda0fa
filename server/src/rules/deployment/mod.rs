super::rules! {
    dockerfile_toolchain,
    missing_codeowners,
    stale_env,
    stale_version,
    undeclared_env,
}
