//! Code actions: what is offered, to whom, and that an edit is for the text it was made for.

use serde_json::{Value, json};

use crate::client::{Client, Start, change, range};
use crate::project::Project;

const SOURCE: &str = "\
fn f() {
    x.unwrap();
}
";
const CONTENT_MODIFIED: i64 = -32801;
const INVALID_PARAMS: i64 = -32602;

/// What a client can do with code actions.
fn capabilities(resolve: bool, versioned: bool, create: bool) -> Value {
    let mut action = json!({
        "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } },
        "isPreferredSupport": true,
    });
    if resolve {
        action["dataSupport"] = json!(true);
        action["resolveSupport"] = json!({ "properties": ["edit"] });
    }
    let mut edit = json!({ "documentChanges": versioned });
    if create {
        edit["resourceOperations"] = json!(["create"]);
    }
    json!({
        "textDocument": { "codeAction": action },
        "workspace": { "workspaceEdit": edit },
        "window": { "workDoneProgress": true },
    })
}

fn find<'a>(actions: &'a [Value], title: &str) -> Option<&'a Value> {
    actions.iter().find(|it| it["title"].as_str().is_some_and(|it| it.contains(title)))
}

fn at_finding() -> Value {
    range((1, 8), (1, 8))
}

#[test]
fn a_finding_can_be_suppressed_where_it_stands() {
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let uri = project.uri("src/lib.rs");
    let mut client = Client::open(&[&project.root()], capabilities(false, true, true));
    client.did_open(&uri, SOURCE);
    // The client sends no diagnostics along: the range tells.
    let actions = client.actions(&uri, &at_finding(), None);
    let action = find(&actions, "Suppress `unwrap-used` here").expect("offered");
    assert_eq!(action["kind"], "quickfix");
    assert!(action.get("isPreferred").is_none());
    assert_eq!(action["diagnostics"][0]["code"], "unwrap-used");
    assert_eq!(
        action["edit"],
        json!({ "documentChanges": [{
            "textDocument": { "uri": uri, "version": 1 },
            "edits": [{
                "range": range((1, 0), (1, 0)),
                "newText": "    // readiness: allow(unwrap-used)\n",
            }],
        }] })
    );
    // Elsewhere there is nothing to do.
    assert!(client.actions(&uri, &range((0, 0), (0, 2)), None).is_empty());
    assert!(client.actions(&uri, &range((99, 0), (0, 0)), None).is_empty());
    assert!(client.actions(&project.uri("src/closed.rs"), &at_finding(), None).is_empty());
}

const COMPARISON: &str = "\
pub fn verify(token: &str, expected: &str) -> bool {
    token == expected
}
";

const MEMBER_WITH_SUBTLE: &str = r#"[package]
name = "inner"
version.workspace = true
edition = "2018"
[dependencies]
subtle = "2"
"#;

/// A fix that depends on the manifest does not wait for the folder to be read: here it never is.
#[test]
fn a_fix_that_needs_the_manifest_is_there_at_once() {
    let project = Project::new(&[("deep/inner/Cargo.toml", MEMBER_WITH_SUBTLE)]);
    let mut client = Client::start(&Start::default());
    client.call(
        "initialize",
        json!({ "processId": null, "rootUri": project.root(),
            "capabilities": capabilities(false, true, true) }),
    );
    for path in ["deep/inner/src/auth.rs", "src/auth.rs"] {
        let uri = project.uri(path);
        client.did_open(&uri, COMPARISON);
        let actions = client.actions(&uri, &range((1, 4), (1, 4)), None);
        let fix = find(&actions, "Compare in constant time").expect("offered");
        let edited = fix["edit"]["documentChanges"].as_array().expect("edits");
        let files: Vec<_> = edited.iter().map(|it| it["textDocument"]["uri"].clone()).collect();
        if path.starts_with("deep") {
            assert_eq!(files, [uri], "the dependency is there");
        } else {
            assert!(files.contains(&json!(project.uri("Cargo.toml"))), "{files:?}");
        }
    }
}

#[test]
fn edits_without_versions_are_for_clients_without_them() {
    let mut client = Client::open(&[], capabilities(false, false, true));
    let uri = "untitled:a.rs";
    client.did_open(uri, &SOURCE.replace('\n', "\r\n"));
    let actions = client.actions(uri, &at_finding(), None);
    let action = find(&actions, "here").expect("offered");
    assert!(action["edit"].get("documentChanges").is_none());
    assert_eq!(
        action["edit"]["changes"][uri],
        json!([{
            "range": range((1, 0), (1, 0)),
            "newText": "    // readiness: allow(unwrap-used)\r\n",
        }])
    );
    // There is no settings file for a buffer without a folder.
    assert!(find(&actions, "readiness.toml").is_none());
}

#[test]
fn a_rule_can_be_turned_off_for_the_folder() {
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let (uri, toml) = (project.uri("src/lib.rs"), project.uri("readiness.toml"));
    let title = "Turn `unwrap-used` off";
    // The file must be created: nothing is offered to a client that cannot.
    for (versioned, create) in [(true, false), (false, true), (false, false)] {
        let mut client = Client::open(&[&project.root()], capabilities(false, versioned, create));
        client.did_open(&uri, SOURCE);
        assert!(find(&client.actions(&uri, &at_finding(), None), title).is_none());
    }
    let mut client = Client::open(&[&project.root()], capabilities(false, true, true));
    client.did_open(&uri, SOURCE);
    let actions = client.actions(&uri, &at_finding(), None);
    let edit = &find(&actions, title).expect("offered")["edit"];
    assert_eq!(
        edit["documentChanges"],
        json!([
            {
                "kind": "create",
                "uri": toml,
                "options": { "overwrite": false, "ignoreIfExists": true },
            },
            {
                "textDocument": { "uri": toml, "version": null },
                "edits": [{
                    "range": range((0, 0), (0, 0)),
                    "newText": "[rules]\nunwrap-used = \"off\"\n",
                }],
            },
        ])
    );
    // A file that is there is edited, in the buffer that has it.
    project.write("readiness.toml", "exclude = []\n");
    client.did_open(&toml, "[rules]\n");
    let actions = client.actions(&uri, &at_finding(), None);
    let edit = &find(&actions, title).expect("offered")["edit"];
    assert_eq!(
        edit["documentChanges"],
        json!([{
            "textDocument": { "uri": toml, "version": 1 },
            "edits": [{
                "range": range((1, 0), (1, 0)), "newText": "unwrap-used = \"off\"\n" }],
        }])
    );
}

#[test]
fn only_the_kinds_asked_for_are_offered() {
    let mut client = Client::open(&[], capabilities(false, true, true));
    let uri = "untitled:a.rs";
    client.did_open(uri, SOURCE);
    for (only, quick_fixes) in [
        (&["quickfix"][..], true),
        (&[""], true),
        (&["refactor", "quickfix"], true),
        (&["refactor"], false),
        (&["source"], false),
        (&["source.fixAll"], false),
        (&["source.fixAll.readiness"], false),
        (&["source.fixAll.other"], false),
        (&["quick"], false),
        (&["quickfix.other"], false),
    ] {
        let actions = client.actions(uri, &at_finding(), Some(only));
        assert_eq!(find(&actions, "Suppress").is_some(), quick_fixes, "{only:?}");
        if !quick_fixes {
            let other = actions.iter().find(|it| it["kind"] != "source.fixAll.readiness");
            assert!(other.is_none(), "{other:?}");
        }
    }
}

#[test]
fn edits_are_resolved_when_the_client_can() {
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let uri = project.uri("src/lib.rs");
    let mut client = Client::open(&[&project.root()], capabilities(true, true, true));
    client.did_open(&uri, SOURCE);
    let actions = client.actions(&uri, &at_finding(), None);
    assert!(actions.len() >= 2);
    for action in &actions {
        assert!(action.get("edit").is_none(), "{action}");
        let resolved = client.call("codeAction/resolve", action.clone());
        assert!(resolved["edit"]["documentChanges"].is_array(), "{resolved}");
        assert_eq!(resolved["title"], action["title"]);
    }
    // The text changed: the edit would be for another one, even if the place is the same.
    client.did_change(&uri, 2, json!([change((2, 1), (2, 1), "\n")]));
    for action in &actions {
        assert_eq!(client.fails("codeAction/resolve", action.clone()), CONTENT_MODIFIED);
    }
    // The finding is gone, or the document.
    let fresh = client.actions(&uri, &at_finding(), None)[0].clone();
    client.did_close(&uri);
    assert_eq!(client.fails("codeAction/resolve", fresh.clone()), CONTENT_MODIFIED);
    client.notify(
        "textDocument/didOpen",
        json!({ "textDocument": {
            "uri": uri, "languageId": "rust", "version": 2, "text": "fn f() {}\n" } }),
    );
    assert_eq!(client.fails("codeAction/resolve", fresh.clone()), CONTENT_MODIFIED);
    // Data that is not ours, or was tampered with.
    let mut other = fresh.clone();
    other["data"] = json!({ "somebody": "else" });
    assert_eq!(client.fails("codeAction/resolve", other), INVALID_PARAMS);
    let mut backwards = fresh;
    backwards["data"]["fix"]["start"] = json!(20);
    backwards["data"]["fix"]["end"] = json!(10);
    assert_eq!(client.fails("codeAction/resolve", backwards), INVALID_PARAMS);
    // Nothing to resolve is no error.
    let plain = json!({ "title": "mine", "kind": "quickfix" });
    assert_eq!(client.call("codeAction/resolve", plain.clone()), plain);
}

/// Edits that are made in the middle of typing fit the version they name.
#[test]
fn edits_fit_their_version_while_somebody_types() {
    let mut client = Client::open(&[], capabilities(false, true, true));
    let uri = "untitled:a.rs";
    client.did_open(uri, SOURCE);
    let mut ids = Vec::new();
    for version in 2..200 {
        // Each version has one line more than the one before it.
        client.did_change(uri, version, json!([change((0, 0), (0, 0), "\n")]));
        let params = json!({
            "textDocument": { "uri": uri },
            "range": range((0, 0), (9_999, 0)),
            "context": { "diagnostics": [] },
        });
        ids.push(client.request("textDocument/codeAction", params));
    }
    let mut edits = 0;
    for id in ids {
        let response = client.response(id);
        if response["error"]["code"] == CONTENT_MODIFIED {
            continue;
        }
        let actions = response["result"].as_array().expect("actions").clone();
        let edit = &find(&actions, "Suppress").expect("offered")["edit"]["documentChanges"][0];
        let version = edit["textDocument"]["version"].as_u64().expect("a version");
        assert_eq!(edit["edits"][0]["range"]["start"]["line"], version, "{edit}");
        edits += 1;
    }
    assert!(edits > 0);
}

/// A place that several rules report has one entry for each way out, where the client lets a person choose.
#[test]
fn ways_out_are_one_entry_each() {
    let project = Project::new(&[("src/lib.rs", "")]);
    let uri = project.uri("Cargo.toml");
    let text = crate::project::MANIFEST;
    let ways_out = |chooses: bool| {
        let mut capabilities = capabilities(true, true, true);
        capabilities["experimental"] = json!({ "readinessChoose": chooses });
        let mut client = Client::open(&[&project.root()], capabilities);
        client.did_open(&uri, text);
        client
            .wait_published(&uri, |it| it["diagnostics"].as_array().is_some_and(|it| it.len() > 2));
        let mut actions = client.actions(&uri, &range((0, 0), (0, 0)), None);
        // A hover there has a line for each rule, not a page.
        let hover = client.hover(&uri, 0, 0);
        let lines: Vec<_> = hover["contents"]["value"].as_str().expect("text").lines().collect();
        let lines: Vec<_> = lines.into_iter().filter(|it| !it.is_empty()).collect();
        assert!(lines.len() > 2 && lines.iter().all(|it| it.starts_with("**")), "{lines:?}");
        let is_way_out = |it: &Value| {
            let title = it["title"].as_str().unwrap_or_default();
            title.starts_with("Suppress") || title.starts_with("Turn ")
        };
        let first = actions.iter().position(is_way_out).expect("ways out");
        let ways = actions.split_off(first);
        assert!(ways.iter().all(is_way_out), "repairs come first");
        assert!(!actions.is_empty(), "repairs");
        let Some(choice) = ways.first().filter(|_| chooses) else { return ways };
        assert_eq!(choice["command"]["command"], "readiness.choose");
        let choices = choice["command"]["arguments"][0].as_array().expect("choices").clone();
        let resolved = client.call("codeAction/resolve", choices[0].clone());
        let edit = &resolved["edit"]["documentChanges"][0]["edits"][0]["newText"];
        assert!(edit.as_str().is_some_and(|it| it.contains("readiness: allow(")), "{resolved}");
        ways
    };
    let titles: Vec<_> = ways_out(true).iter().map(|it| it["title"].clone()).collect();
    assert_eq!(titles, ["Suppress a finding here…", "Turn a rule off for the whole project…"]);
    assert!(ways_out(false).len() > 2, "who cannot choose is told all");
}
