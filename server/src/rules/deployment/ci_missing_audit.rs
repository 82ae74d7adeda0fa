//! CI without an audit of the dependencies.
//!
//! Most of the code in a service comes from dependencies. RustSec publishes their known
//! vulnerabilities; without a step that checks them, a service ships with vulnerabilities that are
//! publicly known.
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
//! Run `cargo deny check` or `cargo audit`, directly or by an action:
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
//! osv-scanner, Trivy and Grype on the file system, Snyk, GitHub's dependency review, and Renovate
//! with `osvVulnerabilityAlerts` count as well. Not counted are `dependabot.yml`, which updates
//! versions (whether alerts are enabled is a setting outside the repository), `cargo vet`, which
//! records code reviews and does not read advisories, and scans of images, which see what a Rust
//! program was built from only if `cargo auditable` built it. The severity is low for libraries,
//! whose users audit what they build.

use super::AREA;
use super::ci::{CARGO_DENY, add_below, add_job, checkout_of, main_step, place_of, runs_at_root};
use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::ci::{Task, may_run, runs, steps};
use crate::project::service::has_programs;
use crate::project::{CiService, FileKind, Project};

pub static RULE: Rule = Rule {
    id: "ci-missing-audit",
    opportunity: Opportunity::Pipeline,
    effort: 20,
    severity: Severity::Medium,
    seeds: &["B.12", "C.phase1", "A.H5"],
    source: include_str!("ci_missing_audit.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Where Renovate is configured.
const RENOVATE: &[&str] =
    &["renovate.json", "renovate.jsonc", ".github/renovate.json", ".gitlab/renovate.json"];

fn check(cx: &mut ProjectContext<'_>) {
    let has_dependencies = cx.packages().iter().any(|package| !package.dependencies.is_empty());
    let mut renovate = RENOVATE.iter().filter_map(|path| cx.file(path));
    let has_alerts = renovate.any(|file| file.text.contains("osvVulnerabilityAlerts"));
    let pipeline = cx.pipeline();
    let is_auditable = cx.files(FileKind::Dockerfile).any(|it| it.text.contains("cargo auditable"))
        || runs(&pipeline, Task::Auditable);
    if !has_dependencies
        || has_alerts
        || is_auditable && runs(&pipeline, Task::ImageScan)
        || runs(&pipeline, Task::Audit)
        || may_run(&pipeline, Task::Audit)
    {
        return;
    }
    let Some(step) = main_step(&pipeline) else { return };
    let Some(file) = cx.file(&step.path) else { return };
    let message = "CI does not check the dependencies for known vulnerabilities";
    let report = Report::new(place_of(file, step), message).project_fix(add);
    cx.report(
        &file.path,
        match has_programs(cx) {
            true => report,
            false => report.severity(Severity::Low),
        },
    );
}

fn add(project: &Project) -> Vec<Fix> {
    let pipeline = project.pipeline();
    let Some(main) = main_step(&pipeline) else { return Vec::new() };
    let Some(file) = project.file(&main.path) else { return Vec::new() };
    if !project.is_listed("Cargo.toml") {
        return Vec::new();
    }
    let has_policy = project.files(FileKind::DenyConfig).next().is_some();
    let edit = if main.service == CiService::GitHub {
        let checkout = checkout_of(file);
        let mut body = format!(
            "runs-on: ubuntu-latest\nsteps:\n  - uses: {checkout}\n  - uses: {CARGO_DENY}\n"
        );
        if !has_policy {
            // Without a policy cargo-deny rejects every licence.
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
        title: "Add a step that checks the dependencies with cargo-deny".to_string(),
        applicability: Applicability::Suggested,
        edits: vec![FileEdit { path: file.path.clone(), edits: vec![edit] }],
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{Fixture, check, fixed, silent};

    const PACKAGE: &str = r#"//- Cargo.toml
[package]
name = "a"
[dependencies]
hyper = "1"
"#;

    #[track_caller]
    fn accepted(rest: &str) {
        silent(&RULE, &format!("{PACKAGE}{rest}"));
    }

    #[test]
    fn ci_without_an_audit_is_reported_at_its_main_job() {
        for ci in [
            r#"//- .github/workflows/ci.yml
jobs:
  test:
# ^^^^ ci-missing-audit
    steps:
      - run: cargo test
"#,
            r#"//- .gitlab-ci.yml
test:
#~ ci-missing-audit
  script:
    - cargo test
"#,
            r#"//- .github/workflows/ci.yml
jobs:
  test:
#~ ci-missing-audit
    steps:
      - run: cargo test
      - uses: aquasecurity/trivy-action@0.35.0
        with: { image-ref: a }
"#,
            r#"//- .github/workflows/ci.yml
jobs:
  test:
#~ ci-missing-audit
    steps:
      - run: cargo install cargo-audit && cargo test
//- .github/dependabot.yml
version: 2
"#,
            r#"//- .woodpecker.yml
steps:
#~ ci-missing-audit
  - image: rust
    commands: [cargo vet]
"#,
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
            "run: cargo auditable build && trivy image a",
            "run: just audit",
            "run: cargo xtask ci",
        ] {
            accepted(&format!(
                r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
      - {step}
//- ci/audit.sh
cargo audit
//- justfile
audit:
  cargo audit
"#
            ));
        }
    }

    #[test]
    fn it_matters_less_for_libraries() {
        let ci = "//- .github/workflows/ci.yml\njobs:\n  a:\n    steps:\n      - run: cargo test\n";
        for (source, severity) in [("src/lib.rs", Severity::Low), ("src/main.rs", Severity::Medium)]
        {
            let fixture =
                Fixture::new(&format!("{PACKAGE}{ci}//- {source}\nfn f() {{}}\n"), [&RULE]);
            assert_eq!(fixture.findings()[0].1.severity, severity, "{source}");
        }
    }

    #[test]
    fn projects_without_dependencies_are_silent() {
        let ci = r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
      - run: cargo test
"#;
        silent(
            &RULE,
            &format!(
                r#"//- Cargo.toml
[package]
name = "a"
{ci}"#
            ),
        );
        accepted("//- src/lib.rs\n");
        accepted(&format!(
            r#"{ci}//- renovate.json
{{ "osvVulnerabilityAlerts": true }}
"#
        ));
    }

    #[test]
    fn a_job_or_a_step_is_added() {
        let ci = r#"//- .github/workflows/ci.yml
on: push
jobs:
    test:
        steps:
            - uses: actions/checkout@v4
            - run: cargo test # all
# The end.
"#;
        let files = fixed(&RULE, &format!("{PACKAGE}{ci}"));
        let expected = format!(
            r#"on: push
jobs:
    test:
        steps:
            - uses: actions/checkout@v4
            - run: cargo test # all

    dependencies:
        runs-on: ubuntu-latest
        steps:
            - uses: actions/checkout@v4
            - uses: {CARGO_DENY}
              with:
                command: check advisories
# The end.
"#
        );
        assert_eq!(files[".github/workflows/ci.yml"], expected);
        let ci = r#"//- deny.toml
[graph]
//- .woodpecker.yml
steps:
  - name: test
    commands:
      - cargo test
"#;
        let files = fixed(&RULE, &format!("{PACKAGE}{ci}"));
        assert_eq!(
            files[".woodpecker.yml"],
            r#"steps:
  - name: test
    commands:
      - cargo test
      - cargo install --locked cargo-deny
      - cargo deny check
"#
        );
    }
}
