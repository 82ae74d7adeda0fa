//! Files that are no Rust: their findings follow what is typed into them and into others.

use serde_json::{Value, json};

use crate::client::{Client, change, diagnostics, range};
use crate::project::Project;

const MANIFEST: &str = r#"[package]
name = "a"
version = "0.1.0"
edition = "2024"
rust-version = "1.85"
"#;
const DOCKERFILE: &str = "\
# ü
FROM rust:1.74-slim
COPY . .
";

fn capabilities() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } },
        },
        "workspace": { "workspaceEdit": {
            "documentChanges": true,
            "resourceOperations": ["create"],
        } },
    })
}

/// The places and messages of the findings of a rule.
fn of_rule(params: &Value, rule: &str) -> Vec<(u64, u64, String)> {
    let of_rule = diagnostics(params).iter().filter(|it| it["code"] == rule);
    let place = |it: &Value| {
        let start = &it["range"]["start"];
        let number = |key: &str| start[key].as_u64().expect("a number");
        (number("line"), number("character"), it["message"].as_str().expect("one").to_string())
    };
    of_rule.map(place).collect()
}

fn titled<'a>(actions: &'a [Value], title: &str) -> Option<&'a Value> {
    actions.iter().find(|it| it["title"] == title)
}

const RULE: &str = "dockerfile-toolchain";

#[test]
fn a_dockerfile_is_checked_as_it_is_typed() {
    let project = Project::new(&[("Dockerfile", DOCKERFILE)]);
    project.write("Cargo.toml", MANIFEST);
    let uri = project.uri("Dockerfile");
    let mut client = Client::open(&[&project.root()], capabilities());
    client.did_open(&uri, DOCKERFILE);
    let first = client.wait_published(&uri, |params| !of_rule(params, RULE).is_empty());
    let message = "this image has Rust 1.74, but `Cargo.toml` requires 1.85";
    assert_eq!(of_rule(&first, RULE), [(1, 5, message.to_string())]);
    let finding = diagnostics(&first).iter().find(|it| it["code"] == RULE).expect("one").clone();
    let related = &finding["relatedInformation"][0];
    assert_eq!(related["location"]["uri"], project.uri("Cargo.toml"));
    assert_eq!(related["location"]["range"]["start"], json!({ "line": 4, "character": 15 }));

    // The place follows edits above it.
    client.did_change(&uri, 2, json!([change((0, 0), (0, 0), "# first\n")]));
    client.wait_published(&uri, |params| of_rule(params, RULE).first().is_some_and(|it| it.0 == 2));
    // A word that is no instruction: the findings of before stay, at their places.
    client.did_change(&uri, 3, json!([change((1, 0), (1, 0), "COPPY a\n")]));
    client.wait_published(&uri, |params| of_rule(params, RULE).first().is_some_and(|it| it.0 == 3));
    client.did_change(&uri, 4, json!([change((1, 0), (2, 0), "")]));
    client.did_change(&uri, 5, json!([change((2, 12), (2, 13), "9")]));
    client.wait_published(&uri, |params| of_rule(params, RULE).is_empty());
}

#[test]
fn typing_in_a_manifest_changes_what_holds_elsewhere() {
    let project = Project::new(&[("Dockerfile", DOCKERFILE)]);
    project.write("Cargo.toml", MANIFEST);
    let (docker, manifest) = (project.uri("Dockerfile"), project.uri("Cargo.toml"));
    let mut client = Client::open(&[&project.root()], capabilities());
    client.did_open(&docker, DOCKERFILE);
    client.did_open(&manifest, MANIFEST);
    client.wait_published(&docker, |params| !of_rule(params, RULE).is_empty());
    let older = MANIFEST.replace("1.85", "1.70").replace("2024", "2021");
    client.replace(&manifest, 2, &older);
    client.wait_published(&docker, |params| of_rule(params, RULE).is_empty());
    // Closed without being saved, the disk holds again.
    client.did_close(&manifest);
    client.wait_published(&docker, |params| !of_rule(params, RULE).is_empty());
    // A change on the disk counts as well.
    project.write("Cargo.toml", older);
    let event = json!({ "changes": [{ "uri": manifest, "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", event);
    client.wait_published(&docker, |params| of_rule(params, RULE).is_empty());
}

#[test]
fn a_fix_creates_a_file_where_the_client_can() {
    let project = Project::new(&[("src/lib.rs", "")]);
    let uri = project.uri("Cargo.toml");
    let text = crate::project::MANIFEST;
    for creates in [true, false] {
        let mut capabilities = capabilities();
        if !creates {
            capabilities["workspace"]["workspaceEdit"]["resourceOperations"] = json!([]);
        }
        let mut client = Client::open(&[&project.root()], capabilities);
        client.did_open(&uri, text);
        client.wait_published(&uri, |params| !of_rule(params, "missing-codeowners").is_empty());
        let actions = client.actions(&uri, &range((0, 0), (0, 0)), None);
        let action = titled(&actions, "Create .github/CODEOWNERS");
        assert_eq!(action.is_some(), creates, "{actions:?}");
        if let Some(action) = action {
            let changes = &action["edit"]["documentChanges"];
            assert_eq!(changes[0]["kind"], "create");
            assert_eq!(changes[0]["uri"], project.uri(".github/CODEOWNERS"));
            assert!(changes[1]["edits"][0]["newText"].as_str().expect("text").contains("@OWNER"));
        }
    }
}

#[test]
fn a_comment_silences_a_finding_in_its_own_language() {
    let project = Project::new(&[]);
    project.write("Cargo.toml", MANIFEST);
    let uri = project.uri("Dockerfile");
    let mut client = Client::open(&[&project.root()], capabilities());
    client.did_open(&uri, DOCKERFILE);
    client.wait_published(&uri, |params| !of_rule(params, RULE).is_empty());
    let actions = client.actions(&uri, &range((1, 6), (1, 6)), None);
    let action = titled(&actions, &format!("Suppress `{RULE}` here"));
    let edit = &action.expect("one")["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!(edit["newText"], format!("# readiness: allow({RULE})\n"));
    let silenced = DOCKERFILE.replace("FROM", &format!("# readiness: allow({RULE}) later\nFROM"));
    client.replace(&uri, 2, &silenced);
    client.wait_published(&uri, |params| of_rule(params, RULE).is_empty());
}

#[test]
fn a_manifest_that_is_no_toml_is_reported_once_typing_settles() {
    let project = Project::new(&[("src/lib.rs", "")]);
    let uri = project.uri("Cargo.toml");
    let mut client = Client::open(&[&project.root()], capabilities());
    client.did_open(&uri, crate::project::MANIFEST);
    client.wait_published(&uri, |_| true);
    client.did_change(&uri, 2, json!([change((0, 0), (0, 0), "= \n")]));
    let line_of = |params: &Value, rule: &str| of_rule(params, rule).first().map(|it| it.0);
    // What was found in the text of before is still there, a line further down.
    client.wait_published(&uri, |params| {
        line_of(params, "unreadable-file") == Some(0)
            && line_of(params, "missing-codeowners") == Some(1)
    });
}
