super::rules! {
    ci_audit_ignored,
    ci_missing_audit,
    ci_missing_step,
    dockerfile_toolchain,
    missing_ci,
    dockerfile_missing_member,
    dockerfile_user,
    missing_codeowners,
    missing_deny_config,
    missing_sbom,
}
