use crate::analysis::{Area, Rule};

mod ci;
mod ci_audit_ignored;
mod ci_missing_audit;
mod ci_missing_step;
mod dockerfile_missing_member;
mod dockerfile_toolchain;
mod dockerfile_user;
mod lockfile_ignored;
mod missing_ci;
mod missing_codeowners;
mod missing_deny_config;
mod missing_dockerignore;
mod missing_sbom;
mod stale_env;
mod stale_version;
mod undeclared_env;
mod unpinned_action;
mod unpinned_dependency;

/// The area of the rules in this folder.
const AREA: Area = Area::Deployment;

pub(super) static RULES: &[&Rule] = &[
    &ci_audit_ignored::RULE,
    &ci_missing_audit::RULE,
    &ci_missing_step::RULE,
    &dockerfile_toolchain::RULE,
    &missing_ci::RULE,
    &dockerfile_missing_member::RULE,
    &dockerfile_user::RULE,
    &missing_codeowners::RULE,
    &missing_deny_config::RULE,
    &missing_dockerignore::RULE,
    &missing_sbom::RULE,
    &stale_env::RULE,
    &stale_version::RULE,
    &undeclared_env::RULE,
    &lockfile_ignored::RULE,
    &unpinned_action::RULE,
    &unpinned_dependency::RULE,
];
