//! Third-party CI action that is not pinned.
//!
//! An action that is referenced by a branch changes with every push to it. An attacker who can push
//! to the branch runs code in this repository's CI, with its secrets and tokens; compromised
//! accounts of popular actions have leaked the secrets of thousands of repositories that way.
//! Without an attack, builds can break although the repository did not change.
//!
//! ```project,bad
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   spelling:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - uses: crate-ci/typos@master
//! ```
//!
//! Reference a commit, with its version as a comment: Dependabot and Renovate update both.
//!
//! ```project
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   spelling:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - uses: crate-ci/typos@cf5f1c29a8ac336af8568821ec41919923b05a83 # v1.45.1
//! ```
//!
//! A tag such as `v2` can be moved as well, but usually only by a release, so tags are not
//! reported. Not reported either: actions of GitHub and of the repository's own account, and
//! actions whose reference selects a tool: `dtolnay/rust-toolchain@stable`,
//! `taiki-e/install-action@nextest`.

use super::AREA;
use std::collections::BTreeSet;

use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::CiRun;
use crate::project::FileKind;
use crate::project::values::Node;
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "unpinned-action",
    opportunity: Opportunity::Actions,
    effort: 5,
    severity: Severity::Low,
    cwe: &[829],
    source: include_str!("unpinned_action.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Common names of branches, and of tags that are moved like branches.
const BRANCHES: &[&str] =
    &["canary", "dev", "develop", "edge", "head", "latest", "main", "master", "next", "trunk"];

/// Names of `BRANCHES` that are tags as a rule.
const MOVING_TAGS: &[&str] = &["latest", "edge", "canary"];

/// Accounts of GitHub itself.
const GITHUB: &[&str] = &["actions", "github"];

/// The reference of this action selects a toolchain.
const BY_DESIGN: &str = "dtolnay/rust-toolchain";

fn check(cx: &mut ProjectContext<'_>) {
    let pipeline = cx.pipeline();
    let own = own_accounts(cx);
    for step in pipeline.steps.iter().filter(|it| it.service.is_like_github()) {
        let CiRun::Action { name, inputs } = &step.run else { continue };
        let has_secrets = inputs.iter().any(|(_, value)| value.contains("secrets."));
        if let Some(report) = report(name, step.range, has_secrets, &own) {
            cx.report(&step.path, report);
        }
    }
    // Composite actions of the repository, which run in its workflows or in those of others.
    for file in
        cx.files(FileKind::Yaml).filter(|it| matches!(it.name(), "action.yml" | "action.yaml"))
    {
        let steps = file.root().and_then(|it| it.at(&["runs", "steps"]));
        for uses in steps.into_iter().flat_map(Node::items).filter_map(|it| it.get("uses")) {
            let name = uses.as_str().unwrap_or_default();
            if let Some(report) = report(name, uses.range, false, &own) {
                cx.report(&file.path, report);
            }
        }
    }
}

/// The report of an action that is referenced by a branch.
fn report(
    name: &str,
    range: FileRange,
    has_secrets: bool,
    own: &BTreeSet<String>,
) -> Option<Report<'static>> {
    let (action, branch) = branch_of(name)?;
    let account = action.split('/').next().unwrap_or(action).to_ascii_lowercase();
    if GITHUB.contains(&account.as_str()) || own.contains(&account) || action == BY_DESIGN {
        return None;
    }
    let kind = if MOVING_TAGS.contains(&branch) { "moving tag" } else { "branch" };
    let message = format!("`{action}@{branch}` is not pinned: `{branch}` is a {kind}");
    let report = Report::new(range, message);
    Some(match has_secrets {
        true => report.note("the step passes secrets to the action").severity(Severity::Medium),
        false => report.severity(Severity::Low),
    })
}

/// An action and the branch that it is referenced by.
fn branch_of(name: &str) -> Option<(&str, &str)> {
    if name.starts_with('.') || name.contains("://") {
        return None;
    }
    let (action, version) = name.split_once('@')?;
    let is_branch = BRANCHES.iter().any(|it| version.eq_ignore_ascii_case(it));
    (is_branch && action.contains('/')).then_some((action, version))
}

/// The accounts that the manifests name as the repository's, in lower case.
fn own_accounts(cx: &ProjectContext<'_>) -> BTreeSet<String> {
    let addresses =
        [FileKind::Manifest, FileKind::PackageJson].into_iter().flat_map(|kind| cx.files(kind));
    let addresses = addresses.filter_map(|file| file.root()).flat_map(|root| {
        [
            root.at(&["package", "repository"]),
            root.at(&["workspace", "package", "repository"]),
            root.get("repository"),
            root.at(&["repository", "url"]),
        ]
    });
    addresses
        .filter_map(|it| it.and_then(Node::as_str))
        .filter_map(|it| it.split_once("github.com")?.1.split('/').nth(1))
        .map(str::to_ascii_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    const HEAD: &str = r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
"#;

    #[test]
    fn actions_by_branch_are_reported() {
        for step in [
            r#"      - uses: crate-ci/typos@master
#             ^^^^^^^^^^^^^^^^^^^^^ unpinned-action: `crate-ci/typos@master` is not pinned: `master` is a branch
"#,
            r#"      - name: install
        uses: superfly/flyctl-actions/setup-flyctl@main
#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unpinned-action
"#,
            r#"      - uses: marvinpinto/action-automatic-releases@latest
#~ unpinned-action: `marvinpinto/action-automatic-releases@latest` is not pinned: `latest` is a moving tag
        with:
          repo_token: ${{ secrets.GITHUB_TOKEN }}
"#,
        ] {
            check(&RULE, &format!("{HEAD}{step}"));
        }
        check(
            &RULE,
            r#"//- .github/actions/setup/action.yaml
runs:
  using: composite
  steps:
    - uses: acme/cache@trunk
#           ^^^^^^^^^^^^^^^^ unpinned-action
    - uses: ./.github/actions/other
    - run: ls
"#,
        );
        check(
            &RULE,
            r#"//- .forgejo/workflows/ci.yml
jobs:
  deny:
    uses: tempoxyz/ci/.github/workflows/deny.yml@main
#~ unpinned-action
"#,
        );
    }

    #[test]
    fn versions_and_trusted_actions_are_silent() {
        for step in [
            "actions/checkout@main",
            "github/codeql-action/init@main",
            "Swatinem/rust-cache@v2",
            "crate-ci/typos@cf5f1c29a8ac336af8568821ec41919923b05a83",
            "pypa/gh-action-pypi-publish@release/v1",
            "dtolnay/rust-toolchain@stable",
            "dtolnay/rust-toolchain@master",
            "taiki-e/install-action@nextest",
            "./.github/actions/setup",
            "docker://alpine:latest",
        ] {
            silent(&RULE, &format!("{HEAD}      - uses: {step}\n"));
        }
        let own = r#"//- Cargo.toml
[package]
name = "a"
repository = "https://github.com/Acme/a"
"#;
        silent(&RULE, &format!("{own}{HEAD}      - uses: acme/ci/build@main\n"));
    }
}
