//! Repository without continuous integration.
//!
//! Without CI changes are merged without a build and without tests, and it depends on their authors
//! whether they compile.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() {}
//! ```
//!
//! The fix creates a workflow that checks the formatting and runs clippy, the tests and cargo-deny:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() {}
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   test:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - run: cargo fmt --all --check
//!       - run: cargo clippy --all-targets -- -D warnings
//!       - run: cargo test
//! ```
//!
//! GitHub, GitLab, Forgejo, Gitea, Woodpecker, Drone, CircleCI, Azure, Travis, Cirrus, Buildkite,
//! AppVeyor, Bitbucket, SourceHut and Jenkins are recognized, and scripts in `ci/` that a service
//! outside the repository runs. Not reported: packages as published on a registry, and a workspace
//! member that is opened alone.

use super::AREA;
use super::ci;
use crate::analysis::{Fix, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::service::has_programs;
use crate::project::{CiService, Project};

pub static RULE: Rule = Rule {
    id: "missing-ci",
    opportunity: Opportunity::Repository,
    effort: 120,
    severity: Severity::High,
    seeds: &["B.10", "E.17", "C.phase1"],
    source: include_str!("missing_ci.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    if !cx.is_repository() || cx.listing().iter().any(|path| CiService::of(path).is_some()) {
        return;
    }
    let Some((file, range)) = cx.anchor() else { return };
    let message = "no continuous integration: changes are merged without a build or tests";
    // What others deploy or run is broken by a change that nobody built.
    let severity = if has_programs(cx) { Severity::High } else { Severity::Medium };
    cx.report(&file.path, Report::new(range, message).severity(severity).project_fix(create));
}

fn create(project: &Project) -> Vec<Fix> {
    let Some((path, text)) = ci::new_workflow(project) else { return Vec::new() };
    vec![Fix::create(path, text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::ci::{Task, runs};
    use crate::project::values;
    use crate::project::{FileKind, Format, Pipeline};
    use crate::rules::fixture::{check, fixed, no_fix, silent};

    #[test]
    fn a_repository_without_ci_is_reported_at_its_root() {
        check(
            &RULE,
            r#"//- Cargo.toml
[package]
#~ missing-ci
name = "a"
"#,
        );
        check(
            &RULE,
            r#"//- Cargo.toml
[workspace]
#~ missing-ci: no continuous integration: changes are merged without a build or tests
//- .github/dependabot.yml
version: 2
"#,
        );
        check(
            &RULE,
            r#"//- package.json
{ "name": "x" }
//~ missing-ci
"#,
        );
    }

    #[test]
    fn every_service_counts() {
        for path in [
            ".github/workflows/test.yaml",
            ".gitlab-ci.yml",
            ".forgejo/workflows/a.yml",
            ".woodpecker/test.yaml",
            ".drone.yml",
            ".circleci/config.yml",
            "azure-pipelines.yml",
            ".builds/alpine.yml",
            "Jenkinsfile",
            ".ci/run",
            ".teamcity/settings.kts",
            "cloudbuild.yaml",
        ] {
            silent(
                &RULE,
                &format!(
                    r#"//- Cargo.toml
[package]
//- {path}
a: 1
"#
                ),
            );
        }
    }

    #[test]
    fn what_is_no_repository_is_left_alone() {
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
//- .cargo_vcs_info.json
{}
"#,
        );
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
version.workspace = true
"#,
        );
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
[dependencies]
a = { workspace = true }
"#,
        );
        silent(
            &RULE,
            r#"//- notes.md
nothing to build
"#,
        );
    }

    /// The workflow that the fix creates, which has to be YAML that runs the tasks.
    fn created(source: &str, path: &str, tasks: &[Task]) -> String {
        let files = fixed(&RULE, source);
        let text = files[path].clone();
        let documents = values::parse(&text, Format::Yaml).expect("it parses");
        assert_eq!(documents.len(), 1);
        let mut project = Project::new(None);
        for (path, text) in files.iter().filter(|(path, _)| FileKind::of(path).is_some()) {
            project.set_text(path, Some(text));
        }
        let pipeline = Pipeline::read(&project);
        for task in tasks {
            assert!(
                runs(&pipeline, *task),
                r#"{task:?}
{text}"#
            );
        }
        text
    }

    #[test]
    fn a_workflow_for_rust_is_created() {
        let rust = [Task::Test, Task::Clippy, Task::Format, Task::Audit];
        let path = ".github/workflows/ci.yml";
        let package = r#"//- Cargo.toml
[package]
name = "a"
"#;
        let text = created(package, path, &rust);
        assert!(
            text.contains(
                r#"permissions:
  contents: read
"#
            ),
            "{text}"
        );
        assert!(!text.contains("--locked") && text.contains("command: check advisories"));
        let text = created(
            &format!(
                r#"{package}rust-version = "1.85"
//- Cargo.lock
version = 4
//- deny.toml
[graph]
"#
            ),
            path,
            &rust,
        );
        assert!(text.contains("cargo test --workspace --locked"), "{text}");
        assert!(text.contains("cargo +1.85 check --workspace --locked"), "{text}");
        assert!(!text.contains("check advisories"), "{text}");
        let toolchain = r#"//- rust-toolchain.toml
[toolchain]
channel = "1.90"
"#;
        let text = created(&format!("{package}{toolchain}"), path, &rust);
        assert!(!text.contains("stable"), "{text}");
        let text = created(
            r#"//- backend/Cargo.toml
[package]
name = "a"
"#,
            path,
            &rust,
        );
        assert!(text.contains("working-directory: backend"), "{text}");
        let repository = "repository = \"https://gitlab.com/a/b\"\n";
        created(&format!("{package}{repository}"), ".gitlab-ci.yml", &rust);
    }

    #[test]
    fn a_workflow_for_npm_packages_is_created() {
        let package = r#"//- package.json
{ "name": "x", "scripts": { "test": "vitest" } }
"#;
        let path = ".github/workflows/ci.yml";
        let text = created(
            &format!(
                r#"{package}//- package-lock.json
{{}}
"#
            ),
            path,
            &[Task::NodeTest],
        );
        assert!(text.contains("npm ci") && text.contains("npm test"), "{text}");
        let stub = r#"//- package.json
{ "name": "x", "scripts": { "test": "echo \"Error: no test specified\" && exit 1" } }
"#;
        let text = created(stub, path, &[]);
        assert!(text.contains("npm install") && !text.contains("npm test"), "{text}");
    }

    #[test]
    fn unknown_services_get_no_file() {
        no_fix(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
repository = "https://codeberg.org/a/b"
"#,
        );
    }
}
