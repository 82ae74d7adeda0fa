//! The formats that services read.

use serde_json::Value;

use super::{BAD, Project, program, run};

/// A project with findings of each severity, with fixes, related places and a suppression.
fn project() -> Project {
    Project::new(&[
        (
            "src/lib.rs",
            "use std::sync::Mutex;

#[derive(Debug)]
pub struct Settings {
    pub host: String,
    api_key: String,
}

pub fn first(all: &[u8]) -> Result<u8, String> {
    Ok(*all.first().unwrap())
}

pub fn count(count: &Mutex<u64>) -> u64 {
    // readiness: allow(lock-unwrap) nothing panics while it is held
    *count.lock().unwrap()
}
",
        ),
        ("src/a|b.rs", BAD),
        ("readiness.toml", "rules.secret-debug = \"critical\"\n"),
    ])
}

const RULES: [&str; 6] =
    ["--rule", "secret-debug", "--rule", "unwrap-used", "--rule", "lock-unwrap"];

fn check(project: &Project, format: &str) -> String {
    let run = project.check(&[&RULES[..], &["--format", format]].concat());
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""), "{format}");
    run.out
}

/// The schema of OASIS, as the crate has it by which SARIF is written.
fn schema() -> Value {
    let metadata = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|it| it["name"] == "serde-sarif").expect("the crate");
    let manifest = package["manifest_path"].as_str().expect("a path");
    let path = std::path::Path::new(manifest).with_file_name("src").join("schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON")
}

#[test]
fn sarif_is_valid_by_the_official_schema_and_says_what_code_scanning_reads() {
    let project = project();
    let log: Value = serde_json::from_str(&check(&project, "sarif")).expect("JSON");
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.add_resource("https://sarif/schema.json", schema()).expect("added");
    let index = compiler.compile("https://sarif/schema.json", &mut schemas).expect("compiled");
    if let Err(error) = schemas.validate(&log, index) {
        panic!("{error:#}");
    }
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let rule = |id: &str| rules.iter().find(|it| it["id"] == id).expect("the rule");
    assert_eq!(rule("secret-debug")["properties"]["security-severity"], "5.5");
    let tags = rule("unwrap-used")["properties"]["tags"].as_array().expect("tags");
    assert!(tags.contains(&"external/cwe/cwe-248".into()) && tags.contains(&"reliability".into()));
    assert_eq!(rule("unwrap-used")["helpUri"], "https://cwe.mitre.org/data/definitions/248.html");
    let results = run["results"].as_array().expect("results");
    let result = |id: &str| results.iter().find(|it| it["ruleId"] == id).expect("a result");
    let debug = result("secret-debug");
    assert_eq!((&debug["level"], debug["rank"].as_f64()), (&"error".into(), Some(90.0 + 9.0)));
    assert_eq!(debug["relatedLocations"][0]["message"]["text"], "secret field");
    assert!(debug["partialFingerprints"]["primaryLocationLineHash"].is_string());
    let fix = results.iter().find_map(|it| it["fixes"].as_array()?.first()).expect("a fix");
    let replacement = &fix["artifactChanges"][0]["replacements"][0];
    assert!(replacement["deletedRegion"]["startLine"].is_u64(), "{fix}");
    let accepted = &result("lock-unwrap")["suppressions"][0];
    assert_eq!(
        (&accepted["kind"], &accepted["justification"]),
        (&"inSource".into(), &"nothing panics while it is held".into())
    );
}

fn fingerprints(project: &Project) -> Vec<String> {
    let run = project.check(&["--rule", "unwrap-used", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&run.out).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let of = |it: &Value| {
        it["partialFingerprints"]["primaryLocationLineHash"].as_str().map(str::to_string)
    };
    let mut all: Vec<String> = results.iter().filter_map(of).collect();
    all.sort();
    all
}

#[test]
fn fingerprints_stay_while_code_moves() {
    let project = Project::new(&[(
        "src/lib.rs",
        "fn f(x: Option<u8>) { read(x).unwrap(); }\nfn g(y: Option<u8>) { y.unwrap(); }\n",
    )]);
    let before = fingerprints(&project);
    assert_eq!(before.len(), 2);
    project.write(
        "src/lib.rs",
        "mod m {\n    fn h(y: Option<u8>) {\n        y\n            .unwrap();\n    }\n}\n\nfn f(x: Option<u8>) { load(x).unwrap(); }\n",
    );
    assert_eq!(fingerprints(&project), before);
    // One more of the same is one more.
    let more = project.read("src/lib.rs") + "fn i(y: Option<u8>) { y.unwrap(); }\n";
    project.write("src/lib.rs", more);
    let after = fingerprints(&project);
    assert_eq!(after.len(), 3);
    assert!(before.iter().all(|it| after.contains(it)), "{before:?} {after:?}");
}

#[test]
fn gitlab_gets_a_code_quality_report() {
    let issues: Vec<Value> = serde_json::from_str(&check(&project(), "gitlab")).expect("JSON");
    assert_eq!(issues.len(), 3);
    let debug = issues.iter().find(|it| it["check_name"] == "secret-debug").expect("one");
    assert_eq!(debug["severity"], "blocker");
    assert_eq!(debug["location"]["path"], "src/lib.rs");
    assert_eq!(debug["location"]["lines"]["begin"], 3);
    let mut prints: Vec<&str> = issues.iter().filter_map(|it| it["fingerprint"].as_str()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 3);
}

#[test]
fn junit_has_a_failure_for_each_finding() {
    let xml = check(&project(), "junit");
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"), "{xml}");
    assert!(xml.contains("tests=\"3\" failures=\"3\""), "{xml}");
    assert_eq!(xml.matches("<failure ").count(), 3);
    assert!(xml.contains("classname=\"src/lib.rs\""), "{xml}");
    // Balanced and escaped: a parser takes it.
    let mut reader = quick_xml::Reader::from_str(&xml);
    reader.config_mut().check_end_names = true;
    while !matches!(reader.read_event().expect("well-formed"), quick_xml::events::Event::Eof) {}
    let clean = Project::new(&[]).check(&["--rule", "unwrap-used", "--format", "junit"]);
    assert!(
        clean.out.contains("failures=\"0\"") && clean.out.contains("<testcase "),
        "{}",
        clean.out
    );
    assert_eq!(clean.code, Some(0));
}

#[test]
fn a_comment_has_the_worst_first() {
    let text = check(&project(), "markdown");
    assert!(text.contains("3 findings in 2 files: 1 critical, 2 low"), "{text}");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows[0].starts_with("| critical | `secret-debug` | `src/lib.rs:3` |"), "{text}");
    assert!(text.contains("`src/a\\|b.rs:1`"), "{text}");
}

#[test]
fn github_has_the_worst_first() {
    let text = check(&project(), "github");
    assert!(text.starts_with("::error file=src/lib.rs,"), "{text}");
    assert_eq!(text.lines().count(), 3);
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let completions = run(program().args(["completions", shell]));
        assert_eq!(completions.code, Some(0), "{shell}");
        assert!(
            completions.out.contains("--stdin-filename")
                || completions.out.contains("stdin-filename")
        );
    }
    let page = run(program().arg("man"));
    assert_eq!(page.code, Some(0));
    assert!(page.out.contains(".TH readiness-lsp 1"), "{}", page.out);
    assert!(page.out.contains("\\-\\-baseline"), "{}", page.out);
}

#[test]
fn settings_are_written_that_fit_and_say_why() {
    let service = Project::new(&[
        (
            "src/main.rs",
            "#[tokio::main]\nasync fn main() { axum::serve(listener, app).await.unwrap(); }\n",
        ),
        ("fixtures/a/src/lib.rs", BAD),
    ]);
    service.write(
        "Cargo.toml",
        "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\ntokio = \"1\"\n",
    );
    let init = |project: &Project| run(program().arg("init").current_dir(project.path()));
    let first = init(&service);
    assert_eq!(first.code, Some(0), "{}", first.err);
    let text = service.read("readiness.toml");
    assert!(text.contains("runs a server") && text.contains("exclude = [\"fixtures\"]"), "{text}");
    assert!(
        text.contains("# incident-response = ") && text.contains("fail-on = \"high\""),
        "{text}"
    );
    // What it writes is understood, and never written over.
    let mistakes = service.findings(&["--rule", "invalid-config"]);
    assert_eq!(mistakes, [] as [Value; 0]);
    let again = init(&service);
    assert_eq!(again.code, Some(2));
    assert!(again.err.starts_with("error: cannot create `"), "{}", again.err);
    let library = Project::new(&[("src/lib.rs", "pub fn f() {}\n")]);
    init(&library);
    assert!(library.read("readiness.toml").contains("is a library"));
}
