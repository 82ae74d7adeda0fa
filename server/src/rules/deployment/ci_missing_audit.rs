//! Continuous integration that never checks the dependencies for known vulnerabilities.
//!
//! Most of what a service runs was written by others. RustSec publishes what is found in it;
//! without a step that reads that, a service ships with holes that everyone else knows of.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! hyper = "1"
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   test:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - run: cargo test
//! ```
//!
//! Run `cargo deny check` or `cargo audit`, by themselves or by an action:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! hyper = "1"
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   test:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - run: cargo test
//!   dependencies:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - uses: EmbarkStudios/cargo-deny-action@v2
//! ```
//!
//! osv-scanner, Trivy on the file system, Grype, Snyk, GitHub's dependency review, and Renovate
//! with `osvVulnerabilityAlerts` count as well. A `dependabot.yml` does not: it brings new
//! versions, and whether there are alerts is a setting outside the repository. `cargo vet` does
//! not either: it records who has read a crate, and knows no advisories.

use super::AREA;
use super::ci::{CARGO_DENY, add_below, add_job, checkout_of, main_step, place_of, runs_at_root};
use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity};
use crate::project::ci::{Task, may_run, runs, steps};
use crate::project::{CiService, Kind, Project};

pub static RULE: Rule = Rule {
    id: "ci-missing-audit",
    severity: Severity::High,
    source: include_str!("ci_missing_audit.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

/// Where Renovate is configured.
const RENOVATE: &[&str] =
    &["renovate.json", "renovate.jsonc", ".github/renovate.json", ".gitlab/renovate.json"];

fn review(cx: &mut ProjectContext<'_>) {
    let has_dependencies = cx.packages().iter().any(|package| !package.dependencies.is_empty());
    let mut renovate = RENOVATE.iter().filter_map(|path| cx.file(path));
    let has_alerts = renovate.any(|file| file.text.contains("osvVulnerabilityAlerts"));
    let pipeline = cx.pipeline();
    if !has_dependencies
        || has_alerts
        || runs(&pipeline, Task::Audit)
        || may_run(&pipeline, Task::Audit)
    {
        return;
    }
    let Some(step) = main_step(&pipeline) else { return };
    let Some(file) = cx.file(&step.path) else { return };
    let message = "continuous integration never checks the dependencies for known vulnerabilities";
    cx.report(&file.path, Report::new(place_of(file, step), message).project_fix(add));
}

fn add(project: &Project) -> Vec<Fix> {
    let pipeline = project.pipeline();
    let Some(main) = main_step(&pipeline) else { return Vec::new() };
    let Some(file) = project.file(&main.path) else { return Vec::new() };
    if !project.is_listed("Cargo.toml") {
        return Vec::new();
    }
    let has_policy = project.files(Kind::DenyConfig).next().is_some();
    let edit = if main.service == CiService::GitHub {
        let checkout = checkout_of(file);
        let mut body = format!(
            "runs-on: ubuntu-latest\nsteps:\n  - uses: {checkout}\n  - uses: {CARGO_DENY}\n"
        );
        if !has_policy {
            // Without a policy every licence would be refused.
            body += "    with:\n      command: check advisories\n";
        }
        add_job(file, "dependencies", &body)
    } else {
        let cargo = steps(&pipeline, Task::Cargo).filter(|it| it.path == main.path);
        let Some(last) = cargo.filter(|it| it.job == main.job && runs_at_root(it)).last() else {
            return Vec::new();
        };
        let check = if has_policy { "cargo deny check" } else { "cargo deny check advisories" };
        let commands = ["cargo install --locked cargo-deny", check].map(str::to_string);
        add_below(file, last, "Dependencies", &commands)
    };
    let Some(edit) = edit else { return Vec::new() };
    vec![Fix {
        title: "Check the dependencies with cargo-deny".to_string(),
        applicability: Applicability::Suggested,
        edits: vec![FileEdit { path: file.path.clone(), edits: vec![edit] }],
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const PACKAGE: &str =
        "//- Cargo.toml\n[package]\nname = \"a\"\n[dependencies]\nhyper = \"1\"\n";

    #[track_caller]
    fn accepted(rest: &str) {
        silent(&RULE, &format!("{PACKAGE}{rest}"));
    }

    #[test]
    fn ci_without_an_audit_is_reported_at_its_main_job() {
        for ci in [
            "//- .github/workflows/ci.yml\njobs:\n  test:\n# ^^^^ ci-missing-audit\n    steps:\n      - run: cargo test\n",
            "//- .gitlab-ci.yml\ntest:\n#~ ci-missing-audit\n  script:\n    - cargo test\n",
            "//- .github/workflows/ci.yml\njobs:\n  test:\n#~ ci-missing-audit\n    steps:\n      - run: cargo install cargo-audit && cargo test\n//- .github/dependabot.yml\nversion: 2\n",
            "//- .woodpecker.yml\nsteps:\n#~ ci-missing-audit\n  - image: rust\n    commands: [cargo vet]\n",
        ] {
            check(&RULE, &format!("{PACKAGE}{ci}"));
        }
    }

    #[test]
    fn every_tool_counts() {
        for step in [
            "run: cargo deny --all-features check advisories",
            "run: cargo audit --deny warnings",
            "uses: EmbarkStudios/cargo-deny-action@v2",
            "uses: rustsec/audit-check@v2",
            "uses: google/osv-scanner-action/osv-scanner-action@v2",
            "uses: actions/dependency-review-action@v4",
            "run: ./ci/audit.sh",
            "run: just audit",
            "run: cargo xtask ci",
        ] {
            accepted(&format!(
                "//- .github/workflows/ci.yml\njobs:\n  a:\n    steps:\n      - {step}\n//- ci/audit.sh\ncargo audit\n//- justfile\naudit:\n  cargo audit\n"
            ));
        }
    }

    #[test]
    fn where_there_is_nothing_to_check_nothing_is_missing() {
        let ci = "//- .github/workflows/ci.yml\njobs:\n  a:\n    steps:\n      - run: cargo test\n";
        silent(&RULE, &format!("//- Cargo.toml\n[package]\nname = \"a\"\n{ci}"));
        accepted("//- src/lib.rs\n");
        accepted(&format!("{ci}//- renovate.json\n{{ \"osvVulnerabilityAlerts\": true }}\n"));
    }

    #[test]
    fn a_job_or_a_step_is_added() {
        let ci = "//- .github/workflows/ci.yml\non: push\njobs:\n    test:\n        steps:\n            - uses: actions/checkout@v4\n            - run: cargo test # all\n# The end.\n";
        let files = fixed(&RULE, &format!("{PACKAGE}{ci}"));
        let expected = format!(
            "on: push\njobs:\n    test:\n        steps:\n            - uses: actions/checkout@v4\n            - run: cargo test # all\n\n    dependencies:\n        runs-on: ubuntu-latest\n        steps:\n            - uses: actions/checkout@v4\n            - uses: {CARGO_DENY}\n              with:\n                command: check advisories\n# The end.\n"
        );
        assert_eq!(files[".github/workflows/ci.yml"], expected);
        let ci = "//- deny.toml\n[graph]\n//- .woodpecker.yml\nsteps:\n  - name: test\n    commands:\n      - cargo test\n";
        let files = fixed(&RULE, &format!("{PACKAGE}{ci}"));
        assert_eq!(
            files[".woodpecker.yml"],
            "steps:\n  - name: test\n    commands:\n      - cargo test\n      - cargo install --locked cargo-deny\n      - cargo deny check\n"
        );
    }
}
