//! A repository without continuous integration.
//!
//! Nothing builds and tests a change before it is merged: that it still compiles, and that its
//! tests pass, is the word of whoever made it.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() {}
//! ```
//!
//! The fix writes a workflow that checks the formatting, runs clippy, the tests and cargo-deny:
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
//! AppVeyor, Bitbucket, SourceHut and Jenkins are known, and scripts in `ci/` that a service
//! outside the repository runs. Nothing is reported in a package as a registry gives it out, or in
//! a member of a workspace that was opened alone.

use super::AREA;
use super::ci;
use crate::analysis::{Fix, ProjectContext, Report, Rule, Severity};
use crate::project::{CiService, Project};

pub static RULE: Rule = Rule {
    id: "missing-ci",
    severity: Severity::High,
    source: include_str!("missing_ci.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    if !cx.is_repository() || cx.listing().iter().any(|path| CiService::of(path).is_some()) {
        return;
    }
    let Some((file, range)) = cx.anchor() else { return };
    let message = "no continuous integration builds and tests a change";
    cx.report(&file.path, Report::new(range, message).project_fix(create));
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
    use crate::project::{Format, Kind, Pipeline};
    use crate::rules::fixture::{check, fixed, no_fix, silent};

    #[test]
    fn a_repository_without_ci_is_reported_at_its_root() {
        check(&RULE, "//- Cargo.toml\n[package]\n#~ missing-ci\nname = \"a\"\n");
        check(
            &RULE,
            "//- Cargo.toml\n[workspace]\n#~ missing-ci: no continuous integration builds and tests a change\n//- .github/dependabot.yml\nversion: 2\n",
        );
        check(&RULE, "//- package.json\n{ \"name\": \"x\" }\n//~ missing-ci\n");
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
            silent(&RULE, &format!("//- Cargo.toml\n[package]\n//- {path}\na: 1\n"));
        }
    }

    #[test]
    fn what_is_no_repository_is_left_alone() {
        silent(&RULE, "//- Cargo.toml\n[package]\n//- .cargo_vcs_info.json\n{}\n");
        silent(&RULE, "//- Cargo.toml\n[package]\nname = \"a\"\nversion.workspace = true\n");
        silent(&RULE, "//- Cargo.toml\n[package]\n[dependencies]\na = { workspace = true }\n");
        silent(&RULE, "//- notes.md\nnothing to build\n");
    }

    /// The workflow that the fix writes, checked to be YAML that does what it should.
    fn created(source: &str, path: &str, tasks: &[Task]) -> String {
        let files = fixed(&RULE, source);
        let text = files[path].clone();
        let documents = values::parse(&text, Format::Yaml).expect("it parses");
        assert_eq!(documents.len(), 1);
        let mut project = Project::new(None);
        for (path, text) in files.iter().filter(|(path, _)| Kind::of(path).is_some()) {
            project.set_text(path, Some(text));
        }
        let pipeline = Pipeline::read(&project);
        for task in tasks {
            assert!(runs(&pipeline, *task), "{task:?}\n{text}");
        }
        text
    }

    #[test]
    fn a_workflow_for_rust_is_written() {
        let rust = [Task::Test, Task::Clippy, Task::Format, Task::Audit];
        let path = ".github/workflows/ci.yml";
        let package = "//- Cargo.toml\n[package]\nname = \"a\"\n";
        let text = created(package, path, &rust);
        assert!(text.contains("permissions:\n  contents: read\n"), "{text}");
        assert!(!text.contains("--locked") && text.contains("command: check advisories"));
        let text = created(
            &format!(
                "{package}rust-version = \"1.85\"\n//- Cargo.lock\nversion = 4\n//- deny.toml\n[graph]\n"
            ),
            path,
            &rust,
        );
        assert!(text.contains("cargo test --workspace --locked"), "{text}");
        assert!(text.contains("cargo +1.85 check --workspace --locked"), "{text}");
        assert!(!text.contains("check advisories"), "{text}");
        let toolchain = "//- rust-toolchain.toml\n[toolchain]\nchannel = \"1.90\"\n";
        let text = created(&format!("{package}{toolchain}"), path, &rust);
        assert!(!text.contains("stable"), "{text}");
        let text = created("//- backend/Cargo.toml\n[package]\nname = \"a\"\n", path, &rust);
        assert!(text.contains("working-directory: backend"), "{text}");
        let repository = "repository = \"https://gitlab.com/a/b\"\n";
        created(&format!("{package}{repository}"), ".gitlab-ci.yml", &rust);
    }

    #[test]
    fn a_workflow_for_packages_of_npm_is_written() {
        let package =
            "//- package.json\n{ \"name\": \"x\", \"scripts\": { \"test\": \"vitest\" } }\n";
        let path = ".github/workflows/ci.yml";
        let text =
            created(&format!("{package}//- package-lock.json\n{{}}\n"), path, &[Task::NodeTest]);
        assert!(text.contains("npm ci") && text.contains("npm test"), "{text}");
        let stub = "//- package.json\n{ \"name\": \"x\", \"scripts\": { \"test\": \"echo \\\"Error: no test specified\\\" && exit 1\" } }\n";
        let text = created(stub, path, &[]);
        assert!(text.contains("npm install") && !text.contains("npm test"), "{text}");
    }

    #[test]
    fn runners_that_nobody_knows_get_no_file() {
        no_fix(
            &RULE,
            "//- Cargo.toml\n[package]\nname = \"a\"\nrepository = \"https://codeberg.org/a/b\"\n",
        );
    }
}
