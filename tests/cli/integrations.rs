//! The action and the hook of this repository, as far as they run outside of their services.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{BAD, CRITICAL, Project, run};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect("it is there")
}

#[cfg(unix)]
#[test]
fn the_action_annotates_summarises_and_writes_sarif() {
    let action = text("action.yml");
    // What the step runs, with the variables that it sets.
    assert!(action.contains("run: bash \"$GITHUB_ACTION_PATH/.ci/action.sh\""), "{action}");
    let script = text(".ci/action.sh");
    for variable in ["BINARY", "PATH", "ARGUMENTS", "SARIF"] {
        let name = format!("READINESS_{variable}");
        assert!(action.contains(&format!("{name}: ${{{{ inputs.")) && script.contains(&name));
    }
    let project = Project::new(&[("src/lib.rs", BAD), ("readiness.toml", CRITICAL)]);
    let step = |path: &str, arguments: &str| {
        let mut bash = Command::new("bash");
        bash.arg(repository().join(".ci/action.sh"))
            .current_dir(project.path())
            .env("READINESS_BINARY", env!("CARGO_BIN_EXE_readiness-lsp"))
            .env("READINESS_PATH", path)
            .env("READINESS_ARGUMENTS", arguments)
            .env("READINESS_SARIF", "out.sarif")
            .env("GITHUB_STEP_SUMMARY", project.file("summary.md"));
        run(&mut bash)
    };
    let found = step(".", "--rule unwrap-used");
    assert_eq!(found.code, Some(1), "{}", found.err);
    assert!(found.out.starts_with("::error file=src/lib.rs,line=1,"), "{}", found.out);
    let sarif: Value = serde_json::from_str(&project.read("out.sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    assert!(project.read("summary.md").contains("| critical | `unwrap-used` |"));
    assert_eq!(step(".", "--rule todo-comment").code, Some(0));
    assert_eq!(step("no/such", "").code, Some(2));
    // Nothing in an input is a command.
    let hostile = step(".; touch pwned", "$(touch pwned)");
    assert_eq!(hostile.code, Some(2));
    assert!(!project.file("pwned").exists());
}

#[test]
fn the_hook_checks_the_files_that_are_committed() {
    let hooks = text(".pre-commit-hooks.yaml");
    let entry = hooks.lines().find_map(|line| line.trim().strip_prefix("entry: ")).expect("one");
    let mut words = entry.split(' ');
    assert_eq!(words.next(), Some("readiness-lsp"));
    let project = Project::new(&[("src/lib.rs", BAD), ("src/other.rs", BAD)]);
    let commit = |files: &[&str]| {
        let mut hook = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"));
        run(hook.args(words.clone()).args(files).current_dir(project.path()))
    };
    let staged = commit(&["src/lib.rs"]);
    assert_eq!(staged.code, Some(1));
    assert!(
        staged.out.contains("src/lib.rs:1:12") && !staged.out.contains("other"),
        "{}",
        staged.out
    );
    project.write("src/lib.rs", "fn f() {}\n");
    assert_eq!(commit(&["src/lib.rs"]).code, Some(0));
}
