//! A check of continuous integration whose failure is ignored.
//!
//! `continue-on-error` and `|| true` make a step green whatever it found: it takes its time on
//! every change, and a known vulnerability or a broken test is merged all the same.
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
//! Let it fail, and write down the exceptions with their reasons where the tool looks for them:
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
//! A check that is also run where its failure counts, such as tests on stable besides those on
//! nightly, is left alone.

use super::AREA;
use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::ci::{Task, does, may_run, steps};
use crate::project::{CiRun, CiStep};

pub static RULE: Rule = Rule {
    id: "ci-audit-ignored",
    severity: Severity::Medium,
    source: include_str!("ci_audit_ignored.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    let pipeline = cx.pipeline();
    for (task, name) in [
        (Task::Audit, "the check of the dependencies"),
        (Task::Test, "the tests"),
        (Task::Clippy, "clippy"),
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

/// Whether the step is green whatever the task finds.
fn is_ignored(step: &CiStep, task: Task) -> bool {
    let CiRun::Shell(script) = &step.run else { return step.may_fail };
    let mut lines = script.lines().filter(|line| is_task(line, task)).peekable();
    step.may_fail || lines.peek().is_some() && lines.all(ends_well)
}

fn is_task(line: &str, task: Task) -> bool {
    let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    does(&words, task)
}

/// Whether a command line succeeds when its command fails.
fn ends_well(line: &str) -> bool {
    let Some((_, otherwise)) = line.rsplit_once("||") else { return false };
    let otherwise = otherwise.trim();
    matches!(otherwise, "true" | ":" | "exit 0") || otherwise.starts_with("echo ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    const HEAD: &str = "//- .github/workflows/ci.yml\njobs:\n  a:\n    steps:\n";

    #[test]
    fn ignored_failures_are_reported() {
        for steps in [
            "      - run: cargo audit || true\n#            ^^^^^^^^^^^^^^^^^^^ ci-audit-ignored: a failure of the check of the dependencies is ignored\n",
            "      - uses: rustsec/audit-check@v2\n#~ ci-audit-ignored\n        continue-on-error: true\n",
            "      - run: |\n#~ ci-audit-ignored: a failure of the tests is ignored\n          cargo build\n          cargo test || echo \"flaky\"\n",
        ] {
            check(&RULE, &format!("{HEAD}{steps}"));
        }
        check(
            &RULE,
            "//- .gitlab-ci.yml\nlint:\n  allow_failure: true\n  script:\n    - cargo clippy\n#~ ci-audit-ignored: a failure of clippy is ignored\n",
        );
    }

    #[test]
    fn failures_that_count_elsewhere_are_left_alone() {
        for steps in [
            "      - run: cargo test\n      - run: cargo +nightly test\n        continue-on-error: true\n",
            "      - run: cargo test\n        continue-on-error: ${{ matrix.experimental }}\n",
            "      - run: cargo audit || cargo audit --json\n",
            "      - run: cargo bench || true\n",
            "      - run: cargo audit || exit 1\n",
        ] {
            silent(&RULE, &format!("{HEAD}{steps}"));
        }
    }
}
