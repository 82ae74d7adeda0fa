//! What fixes write is compiled with these tests, and run: each source here stands beside what the
//! fixes make of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

// Written as people write them before they are told.
#[allow(clippy::all)]
mod comparisons;
#[allow(clippy::all)]
mod comparisons_fixed;
#[allow(clippy::all, dead_code)]
mod failures;
#[allow(clippy::all, dead_code)]
mod failures_fixed;

use std::fs;
use std::path::Path;

use readiness_lsp::analysis::Applicability;
use readiness_lsp::rules;
use readiness_lsp::workspace::Workspace;
use similar::TextDiff;

const MANIFEST: &str = r#"[package]
name = "sources"
version = "0.1.0"
edition = "2024"

[dependencies]
anyhow = "1"
hex = "0.4"
hmac = "0.12"
http = "1"
sha2 = "0.10"
thiserror = "2"
"#;

/// The layout of these files, before the fixes and after them.
const LAYOUT: &str = include_str!("../../rustfmt.toml");

/// Holds what the fixes of some rules make of a source against the text that is compiled here under
/// a name. Where they differ, the new text is kept to be read and taken over.
#[track_caller]
fn check(rules: &[&str], source: &str, (name, compiled): (&str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(folder.path().join("rustfmt.toml"), LAYOUT).unwrap();
    fs::write(folder.path().join("src/lib.rs"), source).unwrap();
    let workspace = Workspace::open(folder.path(), rules::all()).unwrap();
    workspace.scan(|_, _| {});
    let snapshot = workspace.snapshot();
    let wanted = |id: &str| rules.contains(&id);
    let applied = snapshot
        .fix_all(&snapshot.files(), Applicability::Suggested, |finding| wanted(finding.rule.id));
    let fixed = applied.files.get("src/lib.rs").expect("it is changed");
    if fixed == compiled {
        return;
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&kept, fixed).unwrap();
    let difference = TextDiff::from_lines(compiled, fixed);
    let difference = difference.unified_diff().header("compiled", "fixed").to_string();
    panic!("{difference}\nthe new text is in {}", kept.display());
}

#[test]
fn comparisons_in_constant_time_are_those_that_are_compiled() {
    check(
        &["non-constant-time-comparison"],
        include_str!("comparisons.rs"),
        ("comparisons_fixed.rs", include_str!("comparisons_fixed.rs")),
    );
}

#[test]
fn comparisons_in_constant_time_answer_as_before() {
    for (given, is_right) in [("a right one", true), ("a wrong one", false), ("short", false)] {
        let answers = comparisons::answers(given, "a right one");
        assert_eq!(comparisons_fixed::answers(given, "a right one"), answers);
        let wrong: Vec<_> = answers.iter().filter(|(_, answer)| *answer != is_right).collect();
        assert!(wrong.is_empty(), "{given}: {wrong:?}");
    }
}

#[test]
fn returned_failures_are_those_that_are_compiled() {
    check(
        &["unwrap-used", "expect-used", "lock-unwrap"],
        include_str!("failures.rs"),
        ("failures_fixed.rs", include_str!("failures_fixed.rs")),
    );
}

#[test]
fn what_panicked_fails_and_what_worked_still_works() {
    std::panic::set_hook(Box::new(|_| {}));
    let worked = failures::outcomes("7");
    assert!(worked.iter().all(|(_, outcome)| outcome.contains('7')), "{worked:?}");
    assert_eq!(failures_fixed::outcomes("7"), worked);
    for (name, outcome) in failures::outcomes("") {
        assert_eq!(outcome, "panicked", "{name}");
    }
    for (name, outcome) in failures_fixed::outcomes("") {
        assert!(outcome.starts_with("Err(") || outcome == "None", "{name}: {outcome}");
    }
}
