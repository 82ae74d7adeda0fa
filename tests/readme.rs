//! What the README shows is what the program prints.
//!
//! `UPDATE_EXPECT=1 cargo test --test readme` writes it into the README.

#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the program prints.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn readme_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")
}

/// Compares the text between two marks of the README with what it has to be, or replaces it.
fn check(start: &str, end: &str, expected: impl FnOnce(&str) -> String) {
    // Tests run at the same time, and both may write.
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = TURN.lock();
    let readme = fs::read_to_string(readme_path()).expect("the README");
    let from = readme.find(start).expect("the start") + start.len();
    let to = from + readme[from..].find(end).expect("the end");
    let shown = readme[from..to].trim();
    let expected = expected(shown);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let text = readme[from..to].replace(shown, &expected);
        fs::write(readme_path(), [&readme[..from], &text, &readme[to..]].concat())
            .expect("the README is written");
        return;
    }
    assert_eq!(
        shown.lines().collect::<Vec<_>>(),
        expected.lines().collect::<Vec<_>>(),
        "`UPDATE_EXPECT=1 cargo test --test readme` updates the README"
    );
}

#[test]
fn the_table_of_rules_is_generated() {
    check("<!-- rules -->", "<!-- /rules -->", |_| {
        printed(&["rules", "--format", "markdown"]).trim().to_string()
    });
}

/// The place of a finding in the text output.
fn place(finding: &str) -> Option<&str> {
    finding.lines().find(|line| line.trim_start().starts_with("-->"))
}

#[test]
fn the_excerpt_is_what_a_check_prints() {
    let printed = printed(&["check", "fixtures/account-service"]);
    // The marks in the fixture's sources are for its own test.
    let lines = printed.lines().map(|line| line.split(" //~").next().unwrap_or(line));
    let printed = lines.collect::<Vec<_>>().join("\n");
    check("```text\n", "```", |shown| {
        let findings = shown.split("\n\n").map(|shown| {
            let mut same = printed.split("\n\n").filter(|it| place(it) == place(shown));
            same.next().unwrap_or_else(|| panic!("a check does not print:\n{shown}")).trim()
        });
        findings.collect::<Vec<_>>().join("\n\n")
    });
}
