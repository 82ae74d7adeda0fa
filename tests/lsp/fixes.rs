//! Repairs: the preferred one, all safe ones at once, and that `check --fix` does the same.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, diagnostics, start_of};
use crate::project::Project;

/// The first three have a safe repair; nothing is known of the last one.
const SOURCE: &str = "\
fn f(all: &[u8]) -> Result<u8, String> {\r
    \"𝄞é\".len(); Ok(*all.first().unwrap())\r
}\r
\r
fn g(all: &[u8]) -> Result<u8, String> { Ok(all.last().unwrap() + all.first().unwrap()) }\r
fn h(x: T) { x.unwrap(); }\r
";

fn capabilities(resolve: bool) -> Value {
    let mut action = json!({
        "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } },
        "isPreferredSupport": true,
    });
    if resolve {
        action["dataSupport"] = json!(true);
        action["resolveSupport"] = json!({ "properties": ["edit"] });
    }
    json!({
        "textDocument": { "codeAction": action },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

fn offset(text: &str, position: &Value) -> usize {
    let line = position["line"].as_u64().expect("a line") as usize;
    let units = position["character"].as_u64().expect("a column") as usize;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut seen = 0;
    for (at, character) in text[start..].char_indices() {
        if seen == units {
            return start + at;
        }
        seen += character.len_utf16();
    }
    text.len()
}

/// The text after the edits of an action to the only file it changes.
fn apply(text: &str, action: &Value) -> String {
    let changes = action["edit"]["documentChanges"].as_array().expect("changes");
    assert_eq!(changes.len(), 1, "{action}");
    let mut edits: Vec<(usize, usize, &str)> = changes[0]["edits"]
        .as_array()
        .expect("edits")
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let (start, end) = (offset(text, &range["start"]), offset(text, &range["end"]));
            (start, end, edit["newText"].as_str().expect("a text"))
        })
        .collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.0, edit.1)));
    let mut text = text.to_string();
    for (start, end, new) in edits {
        text.replace_range(start..end, new);
    }
    text
}

fn rules(client: &mut Client, uri: &str, version: i32) -> Vec<String> {
    let params = client.wait_published(uri, |params| params["version"] == version);
    let codes = diagnostics(&params).iter().map(|it| it["code"].as_str().expect("one").into());
    codes.collect()
}

#[test]
fn the_safe_repair_is_preferred_and_removes_the_finding() {
    for resolve in [false, true] {
        let project = Project::new(&[("src/lib.rs", SOURCE)]);
        let uri = project.uri("src/lib.rs");
        let mut client = Client::open(&[&project.root()], capabilities(resolve));
        client.did_open(&uri, SOURCE);
        let params = client.wait_published(&uri, |_| true);
        let found = diagnostics(&params).iter().find(|it| it["code"] == "unwrap-used");
        let found = found.expect("reported").clone();
        assert_eq!(start_of(&found), (1, 33));
        let actions = client.actions(&uri, &found["range"], Some(&["quickfix"]));
        let preferred: Vec<&Value> =
            actions.iter().filter(|it| it["isPreferred"] == true).collect();
        assert_eq!(preferred.len(), 1, "{actions:?}");
        let mut action = preferred[0].clone();
        assert_eq!(action, actions[0]);
        if resolve {
            assert!(action.get("edit").is_none());
            action = client.call("codeAction/resolve", action);
        }
        let fixed = apply(SOURCE, &action);
        assert!(!fixed.replace("\r\n", "").contains('\n'), "{fixed}");
        let before = rules(&mut client, &uri, 1);
        client.replace(&uri, 2, &fixed);
        let after = rules(&mut client, &uri, 2);
        assert_eq!(after.len(), before.len() - 1, "{fixed}");
    }
}

#[test]
fn all_safe_repairs_at_once_are_those_of_check() {
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let uri = project.uri("src/lib.rs");
    let mut texts = Vec::new();
    for resolve in [false, true] {
        let mut client = Client::open(&[&project.root()], capabilities(resolve));
        client.did_open(&uri, SOURCE);
        for only in [&["source"][..], &["source.fixAll"], &["source.fixAll.readiness"]] {
            let actions = client.actions(&uri, &crate::client::range((0, 0), (0, 0)), Some(only));
            assert_eq!(actions.len(), 1, "{only:?}");
            let mut action = actions[0].clone();
            assert_eq!(action["kind"], "source.fixAll.readiness");
            assert!(action.get("isPreferred").is_none());
            if resolve {
                action = client.call("codeAction/resolve", action);
            }
            texts.push(apply(SOURCE, &action));
        }
        for only in [&["refactor"][..], &["source.organizeImports"], &["source.fixAll.other"]] {
            let actions = client.actions(&uri, &crate::client::range((0, 0), (0, 0)), Some(only));
            assert!(actions.is_empty(), "{only:?}");
        }
    }
    let status = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .args(["check", "--fix", "--format", "json"])
        .arg(project.path())
        .output()
        .expect("check runs")
        .status;
    assert_eq!(status.code(), Some(1), "what has no safe fix is left");
    let fixed = project.read("src/lib.rs");
    assert_ne!(fixed, SOURCE);
    assert_eq!(fixed.matches("unwrap()").count(), 1, "{fixed}");
    assert!(texts.iter().all(|text| *text == fixed), "{texts:?}");
}
