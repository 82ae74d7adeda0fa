//! CI check whose failure is ignored.
//!
//! With `continue-on-error` or `|| true` a step always succeeds, so that a known vulnerability or a
//! failing test does not prevent a merge.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   test:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - run: cargo test
//!       - run: cargo audit
//!         continue-on-error: true
//! ```
//!
//! Let the step fail, and configure exceptions with their reasons in the tool:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .github/workflows/ci.yml
//! on: [push, pull_request]
//! jobs:
//!   test:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - run: cargo test
//!       - run: cargo audit
//! //- .cargo/audit.toml
//! [advisories]
//! ignore = ["RUSTSEC-2023-0071"]
//! ```
//!
//! Not reported: a check that also runs where its failure counts, such as tests on stable in
//! addition to nightly.

use super::AREA;
use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::ci::{Task, does, may_run, steps};
use crate::project::{CiRun, CiStep};

pub static RULE: Rule = Rule {
    id: "ci-audit-ignored",
    severity: Severity::Medium,
    source: include_str!("ci_audit_ignored.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    let pipeline = cx.pipeline();
    for (task, name) in [
        (Task::Audit, "the dependency audit"),
        (Task::Test, "the tests"),
        (Task::Clippy, "`cargo clippy`"),
    ] {
        let mut found = steps(&pipeline, task);
        let Some(first) = found.next().filter(|step| is_ignored(step, task)) else { continue };
        if !found.all(|step| is_ignored(step, task)) || may_run(&pipeline, task) {
            continue;
        }
        let message = format!("a failure of {name} is ignored");
        cx.report(&first.path, Report::new(first.range, message));
    }
}

/// Whether the step succeeds even if the task fails.
fn is_ignored(step: &CiStep, task: Task) -> bool {
    let CiRun::Shell(script) = &step.run else { return step.may_fail };
    let mut lines = script.lines().filter(|line| is_task(line, task)).peekable();
    step.may_fail || lines.peek().is_some() && lines.all(always_succeeds)
}

fn is_task(line: &str, task: Task) -> bool {
    let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    does(&words, task)
}

/// Whether a command line succeeds when its command fails.
fn always_succeeds(line: &str) -> bool {
    let Some((_, otherwise)) = line.rsplit_once("||") else { return false };
    let otherwise = otherwise.trim();
    matches!(otherwise, "true" | ":" | "exit 0") || otherwise.starts_with("echo ")
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
    fn ignored_failures_are_reported() {
        for steps in [
            r#"      - run: cargo audit || true
#            ^^^^^^^^^^^^^^^^^^^ ci-audit-ignored: a failure of the dependency audit is ignored
"#,
            r#"      - uses: rustsec/audit-check@v2
#~ ci-audit-ignored
        continue-on-error: true
"#,
            r#"      - run: |
#~ ci-audit-ignored: a failure of the tests is ignored
          cargo build
          cargo test || echo "flaky"
"#,
        ] {
            check(&RULE, &format!("{HEAD}{steps}"));
        }
        check(
            &RULE,
            r#"//- .gitlab-ci.yml
lint:
  allow_failure: true
  script:
    - cargo clippy
#~ ci-audit-ignored: a failure of `cargo clippy` is ignored
"#,
        );
    }

    #[test]
    fn failures_that_count_elsewhere_are_left_alone() {
        for steps in [
            r#"      - run: cargo test
      - run: cargo +nightly test
        continue-on-error: true
"#,
            r#"      - run: cargo test
        continue-on-error: ${{ matrix.experimental }}
"#,
            "      - run: cargo audit || cargo audit --json\n",
            "      - run: cargo bench || true\n",
            "      - run: cargo audit || exit 1\n",
        ] {
            silent(&RULE, &format!("{HEAD}{steps}"));
        }
    }
}
