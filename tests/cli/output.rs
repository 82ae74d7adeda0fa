//! The output of `check` on one project, as a whole in each format.
//!
//! `UPDATE_EXPECT=1 cargo test --test cli output` writes the files in `expected/` anew.

use expect_test::expect_file;
use serde_json::Value;

use super::{Project, Run};

/// A finding with a suggestion and a related place, one with a safe fix, and one whose
/// line has characters of several bytes.
const SOURCE: &str = r#"
use std::sync::Mutex;

#[derive(Debug, Clone)]
pub struct Settings {
    pub host: String,
    api_key: String,
}

pub fn first(hosts: &[Settings]) -> Option<&str> {
    let settings = hosts.first().unwrap();
    Some(&settings.host)
}

pub fn increment(count: &Mutex<u64>) -> u64 {
    let mut count = /* ä 𝄞 */ count.lock().unwrap();
    *count += 1;
    *count
}
"#;

fn check(format: &str) -> Run {
    let project = Project::new(&[("src/lib.rs", SOURCE.trim_start())]);
    let rules = ["secret-debug", "unwrap-used", "lock-unwrap"];
    let rules = rules.iter().flat_map(|rule| ["--rule", rule]);
    let arguments: Vec<&str> = ["--format", format].into_iter().chain(rules).collect();
    let run = project.check(&arguments);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    run
}

#[test]
fn text_shows_excerpts_and_fixes() {
    expect_file!["expected/check.txt"].assert_eq(&check("text").out);
}

#[test]
fn json_has_an_object_for_each_finding() {
    let out = check("json").out;
    // Each line is an object by itself.
    assert_eq!(out.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 3);
    expect_file!["expected/check.jsonl"].assert_eq(&out);
}

#[test]
fn github_has_a_command_for_each_finding() {
    expect_file!["expected/check.github.txt"].assert_eq(&check("github").out);
}

#[test]
fn sarif_has_a_result_for_each_finding() {
    let mut log: Value = serde_json::from_str(&check("sarif").out).expect("JSON");
    let driver = &mut log["runs"][0]["tool"]["driver"];
    driver["version"] = "VERSION".into();
    // All rules with their pages: one of them is enough here.
    let rules = driver["rules"].as_array_mut().expect("rules");
    rules.retain(|rule| rule["id"] == "lock-unwrap");
    for text in ["text", "markdown"] {
        rules[0]["help"][text] = "PAGE".into();
    }
    let out = serde_json::to_string_pretty(&log).expect("JSON") + "\n";
    expect_file!["expected/check.sarif"].assert_eq(&out);
}
