//! What the README says of the rules is what the rules say of themselves.

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
