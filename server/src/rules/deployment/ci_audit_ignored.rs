//! CI check whose failure is ignored.
//!
//! With `continue-on-error` or `|| true` a step always succeeds, and with `| tee` as long as `tee`
//! does unless the shell has `pipefail`: a known vulnerability or a failing test does not prevent a
//! merge.
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
use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::ci::{Task, ignores_failure, may_run, steps};

pub static RULE: Rule = Rule {
    id: "ci-audit-ignored",
    opportunity: Opportunity::Pipeline,
    effort: 15,
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
        let Some(first) = found.next().filter(|step| ignores_failure(step, task)) else { continue };
        if !found.all(|step| ignores_failure(step, task)) || may_run(&pipeline, task) {
            continue;
        }
        let message = format!("a failure of {name} is ignored");
        cx.report(&first.path, Report::new(first.range, message));
    }
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
            r#"      - run: cargo test 2>&1 | tee log
#~ ci-audit-ignored
"#,
            r#"      - run: |
#~ ci-audit-ignored
          set +e
          cargo test
          cat log
"#,
            r#"      - run: if cargo audit; then echo fine; else echo "::warning::vulnerable"; fi
#~ ci-audit-ignored
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
            "      - run: cargo audit || (echo vulnerable; exit 1)\n",
            "      - run: |\n          set -euo pipefail\n          cargo test | tee log\n",
            "      - run: cargo test | tee log\n        shell: bash\n",
            "      - run: |\n          set +e\n          cargo test\n          exit $?\n",
            "      - run: |\n          set +e\n          x\n          set -e\n          cargo test\n          ls\n",
            "      - run: |\n          set +e\n          cargo test\n",
            "      - run: |\n          cargo test | tee log\n          exit ${PIPESTATUS[0]}\n",
            "      - run: if ! cargo audit; then exit 1; fi\n",
        ] {
            silent(&RULE, &format!("{HEAD}{steps}"));
        }
    }
}
