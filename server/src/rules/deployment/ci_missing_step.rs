//! CI without tests, clippy or rustfmt.
//!
//! Checks that do not run on every change are forgotten: tests break unnoticed, warnings
//! accumulate, and code reviews discuss formatting.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   build:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - run: cargo build
//! ```
//!
//! The fix adds the missing commands after the step that runs cargo:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   build:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - run: cargo build
//!       - run: cargo fmt --all --check
//!       - run: cargo clippy --workspace --all-targets -- -D warnings
//!       - run: cargo test --workspace
//! ```
//!
//! The files of all CI services are read together, with the scripts, recipes of `make` and `just`,
//! scripts of `package.json`, cargo aliases and local actions that they call. If a command cannot
//! be read, such as a workflow of another repository or an `xtask`, nothing is reported. For a
//! `package.json` with tests, a missing `npm test` is reported if no JavaScript tests run at all.

use super::AREA;
use super::ci::has_test_script;
use super::ci::{add_below, main_step, place_of, runs_at_root};
use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::ci::{Task, may_run, runs, steps};
use crate::project::{FileKind, Project};

pub static RULE: Rule = Rule {
    id: "ci-missing-step",
    opportunity: Opportunity::Pipeline,
    effort: 20,
    severity: Severity::Medium,
    seeds: &["B.10", "C.phase1"],
    source: include_str!("ci_missing_step.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// The tasks that CI should run, with their names in messages.
const RUST: &[(Task, &str)] = &[
    (Task::Test, "`cargo test`"),
    (Task::Clippy, "`cargo clippy`"),
    (Task::Format, "`cargo fmt`"),
];

fn check(cx: &mut ProjectContext<'_>) {
    let pipeline = cx.pipeline();
    let has_rust = cx.files(FileKind::Manifest).next().is_some();
    let has_node_tests = cx.files(FileKind::PackageJson).any(|file| has_test_script(file));
    let is_missing = |task: Task| !runs(&pipeline, task) && !may_run(&pipeline, task);
    let mut missing: Vec<(Task, &str)> = Vec::new();
    if has_rust {
        missing.extend(RUST.iter().filter(|(task, _)| is_missing(*task)));
    }
    if has_node_tests && is_missing(Task::NodeTest) {
        missing.push((Task::NodeTest, "`npm test`"));
    }
    if missing.is_empty() {
        return;
    }
    let Some(step) = main_step(&pipeline) else { return };
    let Some(file) = cx.file(&step.path) else { return };
    let names: Vec<&str> = missing.iter().map(|(_, name)| *name).collect();
    let message = match names.as_slice() {
        [others @ .., last] if !others.is_empty() => {
            format!("CI does not run {} or {last}", others.join(", "))
        }
        names => format!("CI does not run {}", names.join(", ")),
    };
    let tasks: Vec<Task> = missing.iter().map(|(task, _)| *task).collect();
    let report = Report::new(place_of(file, step), message);
    cx.report(&file.path, report.project_fix(move |project| add(project, &tasks)));
}

fn add(project: &Project, tasks: &[Task]) -> Vec<Fix> {
    let pipeline = project.pipeline();
    let mut edits: Vec<FileEdit> = Vec::new();
    // Each edit is inserted after the last related step of the job.
    for is_node in [false, true] {
        let tasks: Vec<Task> =
            tasks.iter().copied().filter(|it| (*it == Task::NodeTest) == is_node).collect();
        let neighbour = match is_node {
            false => {
                main_step(&pipeline).filter(|_| runs(&pipeline, Task::Cargo)).and_then(|main| {
                    let cargo = steps(&pipeline, Task::Cargo);
                    cargo.filter(|it| it.path == main.path && it.job == main.job).last()
                })
            }
            true => steps(&pipeline, Task::Node).last(),
        };
        let Some(neighbour) = neighbour.filter(|it| !tasks.is_empty() && runs_at_root(it)) else {
            continue;
        };
        let Some(file) = project.file(&neighbour.path) else { return Vec::new() };
        let has_root = project.is_listed("Cargo.toml") || file.text.contains("working-directory");
        if !is_node && !has_root {
            continue;
        }
        let commands: Vec<String> =
            tasks.iter().flat_map(|task| commands(*task, project, &file.text)).collect();
        let name = match tasks.as_slice() {
            [Task::Test | Task::NodeTest] => "Tests",
            [Task::Format] => "Formatting",
            [Task::Clippy] => "Lints",
            _ => "Checks",
        };
        let Some(edit) = add_below(file, neighbour, name, &commands) else { continue };
        match edits.iter_mut().find(|it| it.path == file.path) {
            Some(known) => known.edits.push(edit),
            None => edits.push(FileEdit { path: file.path.clone(), edits: vec![edit] }),
        }
    }
    if edits.is_empty() {
        return Vec::new();
    }
    let title = "Add the missing steps".to_string();
    vec![Fix { title, applicability: Applicability::Suggested, edits }]
}

fn commands(task: Task, project: &Project, text: &str) -> Vec<String> {
    let locked = if project.is_listed("Cargo.lock") { " --locked" } else { "" };
    // Toolchains that are installed by `rustup` with the minimal profile do not contain these.
    let component = |name: &str| {
        let has_it = text.contains(name) || !text.contains("rust");
        (!has_it).then(|| format!("rustup component add {name}"))
    };
    match task {
        Task::Test => vec![format!("cargo test --workspace{locked}")],
        Task::Clippy => {
            let lint = format!("cargo clippy --workspace --all-targets{locked} -- -D warnings");
            component("clippy").into_iter().chain([lint]).collect()
        }
        Task::Format => {
            let check = "cargo fmt --all --check".to_string();
            component("rustfmt").into_iter().chain([check]).collect()
        }
        _ => {
            let manager = ["pnpm", "yarn"].into_iter().find(|it| text.contains(it));
            vec![format!("{} test", manager.unwrap_or("npm"))]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, no_fix, silent};

    const PACKAGE: &str = r#"//- Cargo.toml
[package]
name = "a"
"#;

    #[track_caller]
    fn reported(ci: &str) {
        check(&RULE, &format!("{PACKAGE}{ci}"));
    }

    #[track_caller]
    fn accepted(ci: &str) {
        silent(&RULE, &format!("{PACKAGE}{ci}"));
    }

    #[test]
    fn what_is_missing_is_named_at_the_job() {
        reported(
            "
//- .github/workflows/ci.yml
jobs:
  docs:
    steps:
      - run: mdbook build
  test:
# ^^^^ ci-missing-step: CI does not run `cargo clippy` or `cargo fmt`
    steps:
      - run: cargo test
",
        );
        reported(
            "
//- .github/workflows/ci.yml
jobs:
  build:
# ^^^^^ ci-missing-step: CI does not run `cargo test`
    steps:
      - uses: actions-rs/cargo@v1
        with:
          command: build
      - run: cargo clippy && cargo fmt --check
",
        );
        reported(
            "
//- .gitlab-ci.yml
image: rust
lint:
#~ ci-missing-step: CI does not run `cargo test`, `cargo clippy` or `cargo fmt`
  script:
    - cargo install cargo-nextest
",
        );
    }

    #[test]
    fn tests_of_javascript_are_missed_as_well() {
        check(
            &RULE,
            r#"
//- package.json
{ "name": "x", "scripts": { "test": "vitest" } }
//- .github/workflows/ci.yml
jobs:
  build:
# ^^^^^ ci-missing-step: CI does not run `npm test`
    steps:
      - run: npm ci
"#,
        );
        silent(
            &RULE,
            r#"
//- package.json
{ "name": "x", "scripts": { "test": "echo no test specified" } }
//- .github/workflows/ci.yml
jobs:
  build:
    steps:
      - run: npm ci
"#,
        );
    }

    #[test]
    fn steps_of_every_kind_count() {
        accepted(
            "
//- .github/workflows/lint.yml
jobs:
  lint:
    steps:
      - uses: giraffate/clippy-action@v1
      - uses: actions-rust-lang/rustfmt@v1
//- .github/workflows/test.yml
jobs:
  test:
    strategy:
      matrix:
        command: [nextest run, doc]
    steps:
      - run: cargo ${{ matrix.command }}
",
        );
        accepted(
            "
//- .woodpecker.yml
steps:
  a:
    commands:
      - make check
//- Makefile
check: lint
\tcargo test
lint:
\tcargo fmt --check
\tcargo clippy
",
        );
        accepted(
            r#"//- .ci/run
#!/bin/sh
cargo fmt --check
cargo clippy
cargo test
"#,
        );
    }

    #[test]
    fn what_cannot_be_read_may_do_it() {
        accepted(
            r#"//- .github/workflows/ci.yml
jobs:
  a:
    uses: o/r/.github/workflows/rust.yml@v1
"#,
        );
        accepted(
            r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
      - run: cargo xtask ci
"#,
        );
        accepted(
            r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
      - run: ./x
//- x
binary
"#,
        );
        accepted(
            r#"//- .teamcity/settings.kts
x
"#,
        );
        reported(
            "//- .github/workflows/ci.yml
jobs:
  a:
# ^ ci-missing-step: CI does not run `cargo clippy` or `cargo fmt`
    steps:
      - run: cargo xtask test
      - run: cargo xtask bench
",
        );
    }

    #[test]
    fn of_several_files_the_main_one_is_named() {
        reported(
            "//- .github/workflows/a-release.yml
jobs:
  a:
    steps:
      - run: cargo test --release
//- .github/workflows/rust.yml
jobs:
  b:
# ^ ci-missing-step
    steps:
      - run: cargo test && cargo clippy
",
        );
    }

    #[test]
    fn the_steps_are_added_in_the_style_of_the_file() {
        let files = fixed(
            &RULE,
            &format!(
                "{PACKAGE}
//- .github/workflows/ci.yml
jobs:
  a:
    steps:
    - uses: dtolnay/rust-toolchain@stable
    - name: Test
      working-directory: .
      run: |
        cargo test

    - run: echo done
"
            ),
        );
        assert_eq!(
            files[".github/workflows/ci.yml"],
            "jobs:
  a:
    steps:
    - uses: dtolnay/rust-toolchain@stable
    - name: Test
      working-directory: .
      run: |
        cargo test
    - name: Checks
      working-directory: .
      run: |
        rustup component add clippy
        cargo clippy --workspace --all-targets -- -D warnings
        rustup component add rustfmt
        cargo fmt --all --check

    - run: echo done
"
        );
        let files = fixed(
            &RULE,
            &format!(
                r#"{PACKAGE}//- .gitlab-ci.yml
image: rust
test:
  script:
    - cargo test
    - cargo clippy
  tags: [a]
"#
            ),
        );
        assert_eq!(
            files[".gitlab-ci.yml"],
            r#"image: rust
test:
  script:
    - cargo test
    - cargo clippy
    - rustup component add rustfmt
    - cargo fmt --all --check
  tags: [a]
"#
        );
    }

    #[test]
    fn files_in_another_style_are_left_alone() {
        no_fix(
            &RULE,
            &format!(
                r#"{PACKAGE}//- .gitlab-ci.yml
test:
  script: [cargo test]
"#
            ),
        );
        no_fix(
            &RULE,
            &format!(
                r#"{PACKAGE}//- Jenkinsfile
sh 'cargo test'
"#
            ),
        );
        no_fix(
            &RULE,
            &format!(
                r#"{PACKAGE}//- .github/workflows/a.yml
jobs:
  a:
    steps:
      - run: mdbook build
"#
            ),
        );
    }
}
