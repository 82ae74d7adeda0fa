//! The review as other tools call it.

use std::path::Path;

use expect_test::expect_file;
use serde_json::Value;

use super::{Project, Run, program, run};

const SERVICE: &str = r#"[package]
name = "api"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
subtle = "2"
"#;

/// One critical finding, and something that is good.
const SOURCE: &str = r#"use subtle::ConstantTimeEq;

const API_KEY: &str = "sk_live_4eC39HqLyjWDarjtT1zdp7dc";

pub fn is_known(token: &[u8], known: &[u8]) -> bool {
    token.ct_eq(known).into()
}

fn main() {
    println!("{}", API_KEY.len());
}
"#;

fn review(project: &Path, arguments: &[&str]) -> Run {
    run(program().arg("review").arg(project).args(["--date", "2026-06-01"]).args(arguments))
}

fn json(project: &Project) -> Value {
    let run = review(project.path(), &["--format", "json"]);
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err))
}

fn score(project: &Project) -> u64 {
    json(project)["score"]["overall"].as_u64().expect("a score")
}

fn service(settings: &str) -> Project {
    let project = Project::new(&[("src/main.rs", SOURCE), ("readiness.toml", settings)]);
    project.write("Cargo.toml", SERVICE);
    project
}

#[test]
fn a_review_begins_with_the_verdict_and_ends_with_what_is_open() {
    let project = service("level = \"production\"\n");
    let run = review(project.path(), &[]);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    let parts = [
        "# Production readiness review: api\n\n**NOT READY** for production use\n\nScore: **49** of 100",
        "of work:\n\n1. critical: ",
        "(`hardcoded-secret`, `src/main.rs:3`)",
        "no evidence for: threat model (`missing-evidence`)",
        "## Score\n\n```text\nsecurity         ████████░░░░░░░░░░░░  40  limited by a critical finding",
        "## Next steps, by points",
        "## Risk matrix",
        "## Critical findings\n\n### Password, token or key hardcoded in the source",
        "- **Impact**: Everyone who can read the repository or the program has the secret.",
        "- security: secrets are compared in constant time: `src/main.rs:6`",
        "### Must\n\n- [ ] Password, token or key hardcoded in the source",
        "**Week 1**",
        "| threat-model | open |  | yes |",
    ];
    let mut rest = run.out.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?} in {rest}"));
        rest = &rest[at..];
    }
    assert!(!run.out.contains("sk_live"), "a secret is not copied into a document");
    let terms = review(project.path(), &["--explain-score"]).out;
    assert!(
        terms.contains("\n  hardcoded-secret                 0 × 10 1 of 1 projects: "),
        "{terms}"
    );
}

#[test]
fn the_verdict_turns_with_the_last_blocker() {
    let project = service("level = \"prototype\"\n");
    let before = review(project.path(), &[]);
    assert_eq!(before.code, Some(1));
    assert!(before.out.contains("**NOT READY** for prototype use"), "{}", before.out);
    let repaired = SOURCE.replace("\"sk_live_4eC39HqLyjWDarjtT1zdp7dc\"", "env!(\"API_KEY\")");
    project.write("src/main.rs", repaired);
    let after = review(project.path(), &[]);
    assert_eq!(after.code, Some(0), "{}", after.out);
    assert!(after.out.contains("**READY** for prototype use"), "{}", after.out);
}

#[test]
fn what_hides_findings_never_raises_the_score() {
    let source = format!("{SOURCE}fn f(x: Option<u8>) -> u8 {{ x.unwrap() }}\n");
    let with = |source: &str, settings: &str, manifest: &str| {
        let project = service(settings);
        project.write("src/main.rs", source);
        project.write("Cargo.toml", format!("{SERVICE}{manifest}"));
        score(&project)
    };
    let plain = with(&source, "", "");
    assert!(with(SOURCE, "", "") >= plain);
    let whole_file = "// readiness: allow-file(hardcoded-secret, unwrap-used) all of it is fine\n";
    assert!(with(&format!("{whole_file}{source}"), "", "") <= plain);
    assert!(with(&format!("#![allow(clippy::unwrap_used)]\n{source}"), "", "") <= plain);
    let lints = "\n[lints.clippy]\nunwrap_used = \"allow\"\n";
    assert!(with(&source, "", lints) <= plain);
    for rule in ["hardcoded-secret", "unwrap-used"] {
        assert!(with(&source, &format!("rules.{rule} = \"off\"\n"), "") <= plain, "{rule}");
        assert!(with(&source, &format!("rules.{rule} = \"low\"\n"), "") <= plain, "{rule}");
    }
}

#[test]
fn deleting_tests_and_documents_never_raises_the_score() {
    let project = service("[evidence]\nthreat-model = \"docs/threats.md\"\n");
    project.write("README.md", "# api\n\npassword = \"hunter2-and-more\"\n");
    project.write("docs/threats.md", "# Threats\nAssets, attackers, mitigations.\n");
    project.write("tests/a.rs", "#[test]\nfn t() { f().unwrap(); } // TODO: more\n");
    let mut before = score(&project);
    for path in ["tests/a.rs", "docs/threats.md", "README.md"] {
        std::fs::remove_file(project.file(path)).expect("removed");
        let after = score(&project);
        assert!(after <= before, "without {path}: {after} instead of {before}");
        before = after;
    }
}

#[test]
fn a_single_finding_that_is_accepted_is_listed_and_not_counted_until_its_end() {
    let project = service("level = \"prototype\"\n");
    let comment = "// readiness: allow(hardcoded-secret) until 2026-07 the key is revoked\nconst";
    project.write("src/main.rs", SOURCE.replacen("const", comment, 1));
    let review_on = |date: &str| {
        let run = run(program()
            .args(["review", "--format", "json", "--date", date])
            .current_dir(project.path()));
        serde_json::from_str::<Value>(&run.out).expect("JSON")
    };
    let before = review_on("2026-06-30");
    assert_eq!(before["verdict"]["ready"], true);
    assert_eq!(before["suppressed"][0]["reason"], "the key is revoked");
    let after = review_on("2026-07-01");
    assert_eq!(after["verdict"]["ready"], false);
    assert_eq!(after["suppressed"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_same_tree_gives_the_same_bytes_wherever_it_lies() {
    let (one, other) = (service(""), service(""));
    for format in ["markdown", "json", "html"] {
        let [a, b] = [&one, &other].map(|it| review(it.path(), &["--format", format]).out);
        assert_eq!(a, b, "{format}");
        assert!(!a.contains(&one.path().display().to_string()), "{format}");
    }
}

#[test]
fn a_hostile_project_writes_no_markup() {
    let name = "x<script>alert(1)</script>";
    let source = "/// </code></pre><script>alert(2)</script>\nfn main() {\n    \
                  todo!(\"</pre><img src=x onerror=alert(3)>\");\n}\n";
    let project =
        Project::new(&[("src/main.rs", source), ("src/a<b>&\"'.rs", "fn f() { todo!() }")]);
    project.write("Cargo.toml", SERVICE.replace("\"api\"", &format!("{name:?}")));
    let page = review(project.path(), &["--format", "html"]).out;
    for raw in ["<script", "<img", "a<b>"] {
        assert!(!page.contains(raw), "{raw}");
    }
    assert!(page.contains("&lt;img"), "the code is shown");
    assert!(!page.contains("http://") && !page.contains("https://"), "the page needs nothing else");
    let markdown = review(project.path(), &[]).out;
    assert!(markdown.contains("x\\<script\\>"));
}

#[test]
fn output_of_json_has_the_form_of_the_schema() {
    let schema = run(program().args(["review", "--schema"])).out;
    expect_file!["../../docs/review.schema.json"].assert_eq(&schema);
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    for fixture in ["delivery-service", "signalling"] {
        let out = review(&fixtures.join(fixture), &["--format", "json"]).out;
        let value: Value = serde_json::from_str(&out).expect("JSON");
        let mut problems = Vec::new();
        validate(&value, &schema, &schema, fixture, &mut problems);
        assert_eq!(problems, Vec::<String>::new());
    }
    let mut problems = Vec::new();
    validate(&serde_json::json!({ "project": 1 }), &schema, &schema, "", &mut problems);
    assert!(problems.len() > 5, "{problems:?}");
}

/// Validates what schemas of this project are made of.
fn validate(value: &Value, schema: &Value, root: &Value, at: &str, problems: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        let target = root.pointer(target.trim_start_matches('#')).expect("a definition");
        return validate(value, target, root, at, problems);
    }
    for key in ["anyOf", "oneOf"] {
        let Some(choices) = schema[key].as_array() else { continue };
        let fits = choices.iter().any(|choice| {
            let mut problems = Vec::new();
            validate(value, choice, root, at, &mut problems);
            problems.is_empty()
        });
        if !fits {
            problems.push(format!("{at}: {value} fits nothing of {key}"));
        }
    }
    if schema.get("const").is_some_and(|it| it != value)
        || schema["enum"].as_array().is_some_and(|it| !it.contains(value))
    {
        problems.push(format!("{at}: {value} is another constant"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_kind = |it: &Value| it == kind || (it == "number" && kind == "integer");
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is_kind),
        it => is_kind(it),
    };
    if !fits {
        problems.push(format!("{at}: {value} is {kind}, and not {}", schema["type"]));
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            problems.push(format!("{at}: no {key}"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(key) {
            Some(schema) => validate(inner, schema, root, &format!("{at}.{key}"), problems),
            None if schema["type"] == "object" => problems.push(format!("{at}: unknown {key}")),
            None => {}
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            validate(inner, &schema["items"], root, &format!("{at}[{index}]"), problems);
        }
    }
}
