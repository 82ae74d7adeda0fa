//! An action of somebody else that CI runs at whatever is on its branch now.
//!
//! Whoever can push to that branch runs code in this repository's CI, with its secrets and its
//! tokens: so the accounts of a few popular actions were used to read the secrets of thousands of
//! repositories. Without that a build breaks one day although nothing in the repository changed.
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
//! Name a commit, with its version as a comment: Dependabot and Renovate keep both up to date.
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
//! A tag such as `v2` can be moved as well, but only a release does so as a rule: nothing is said
//! about tags. Actions of GitHub and of the repository's own account are left alone, and those
//! whose names behind the `@` are meant to be chosen: `dtolnay/rust-toolchain@stable`,
//! `taiki-e/install-action@nextest`.

use super::AREA;
use std::collections::BTreeSet;

use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::Kind;
use crate::project::values::Node;
use crate::project::{CiRun, CiStep};

pub static RULE: Rule = Rule {
    id: "unpinned-action",
    severity: Severity::Low,
    source: include_str!("unpinned_action.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

/// What branches are called, and tags that are moved like them.
const BRANCHES: &[&str] =
    &["canary", "dev", "develop", "edge", "head", "latest", "main", "master", "next", "trunk"];

/// Accounts whose actions run with GitHub's own.
const GITHUB: &[&str] = &["actions", "github"];

/// The branch of this action is how a toolchain is asked for.
const BY_DESIGN: &str = "dtolnay/rust-toolchain";

fn review(cx: &mut ProjectContext<'_>) {
    let pipeline = cx.pipeline();
    let own = own_accounts(cx);
    for step in &pipeline.steps {
        let Some((action, branch, has_secrets)) = branch_of(step) else { continue };
        let account = action.split('/').next().unwrap_or(action).to_ascii_lowercase();
        if GITHUB.contains(&account.as_str()) || own.contains(&account) || action == BY_DESIGN {
            continue;
        }
        let gets = if has_secrets { ", and is given secrets" } else { "" };
        let message = format!("`{action}` runs as whatever is on `{branch}` that day{gets}");
        let severity = if has_secrets { Severity::Medium } else { Severity::Low };
        cx.report(&step.path, Report::new(step.range, message).severity(severity));
    }
}

/// The action of a step, the branch that it is taken from, and whether it is given secrets.
fn branch_of(step: &CiStep) -> Option<(&str, &str, bool)> {
    let CiRun::Action { name, inputs } = &step.run else { return None };
    if !step.service.is_like_github() || name.starts_with('.') || name.contains("://") {
        return None;
    }
    let (action, version) = name.split_once('@')?;
    let is_branch = BRANCHES.iter().any(|it| version.eq_ignore_ascii_case(it));
    let has_secrets = inputs.iter().any(|(_, value)| value.contains("secrets."));
    (is_branch && action.contains('/')).then_some((action, version, has_secrets))
}

/// The accounts that the manifests name as the repository's, in lower case.
fn own_accounts(cx: &ProjectContext<'_>) -> BTreeSet<String> {
    let addresses = [Kind::Manifest, Kind::PackageJson].into_iter().flat_map(|kind| cx.files(kind));
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

    const HEAD: &str = "//- .github/workflows/ci.yml\njobs:\n  a:\n    steps:\n";

    #[test]
    fn what_is_taken_from_a_branch_is_reported() {
        for step in [
            "      - uses: crate-ci/typos@master\n#             ^^^^^^^^^^^^^^^^^^^^^ unpinned-action: `crate-ci/typos` runs as whatever is on `master` that day\n",
            "      - name: install\n        uses: superfly/flyctl-actions/setup-flyctl@main\n#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unpinned-action\n",
            "      - uses: marvinpinto/action-automatic-releases@latest\n#~ unpinned-action: `marvinpinto/action-automatic-releases` runs as whatever is on `latest` that day, and is given secrets\n        with:\n          repo_token: ${{ secrets.GITHUB_TOKEN }}\n",
        ] {
            check(&RULE, &format!("{HEAD}{step}"));
        }
        check(
            &RULE,
            "//- .forgejo/workflows/ci.yml\njobs:\n  deny:\n    uses: tempoxyz/ci/.github/workflows/deny.yml@main\n#~ unpinned-action\n",
        );
    }

    #[test]
    fn versions_and_what_is_trusted_anyway_are_left_alone() {
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
        let own =
            "//- Cargo.toml\n[package]\nname = \"a\"\nrepository = \"https://github.com/Acme/a\"\n";
        silent(&RULE, &format!("{own}{HEAD}      - uses: acme/ci/build@main\n"));
    }
}
