//! What the README shows is what the program prints.

use std::process::Command;

#[test]
fn the_table_of_rules_is_generated() {
    let readme = include_str!("../README.md");
    let start = readme.find("<!-- rules -->").expect("the start of the table");
    let end = readme.find("<!-- /rules -->").expect("the end of the table");
    let table = readme[start..end].trim_start_matches("<!-- rules -->").trim();
    let output = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .args(["rules", "--format", "markdown"])
        .output()
        .expect("it runs");
    let generated = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(
        table.lines().collect::<Vec<_>>(),
        generated.trim().lines().collect::<Vec<_>>(),
        "replace the table by the output of `cargo run -- rules --format markdown`"
    );
}

#[test]
fn the_excerpt_is_what_a_check_prints() {
    let readme = include_str!("../README.md");
    let start = readme.find("```text\n").expect("the excerpt") + "```text\n".len();
    let end = start + readme[start..].find("```").expect("its end");
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/chat-server");
    let output = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .args(["check", fixture])
        .output()
        .expect("it runs");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    // The marks in the fixture's sources are for its own test.
    let lines = printed.lines().map(|line| line.split(" //~").next().unwrap_or(line));
    let printed = lines.collect::<Vec<_>>().join("\n");
    for finding in readme[start..end].trim().split("\n\n") {
        assert!(printed.contains(finding), "a check does not print:\n{finding}");
    }
}
