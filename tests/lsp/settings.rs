//! `readiness.toml` applies as it is typed, and when it changes on the disk.

use serde_json::json;

use crate::client::{Client, change, diagnostics, range};
use crate::project::Project;

const SOURCE: &str = "fn f() { x.unwrap(); }\n";

fn progress() -> serde_json::Value {
    json!({ "window": { "workDoneProgress": true } })
}

#[test]
fn settings_apply_as_they_are_typed() {
    let project = Project::new(&[("readiness.toml", ""), ("src/lib.rs", SOURCE)]);
    let (lib, toml) = (project.uri("src/lib.rs"), project.uri("readiness.toml"));
    let mut client = Client::open(&[&project.root()], json!({}));
    client.did_open(&lib, SOURCE);
    client.wait_count(&lib, 1);
    client.did_open(&toml, "");
    client.replace(&toml, 2, "[rules]\nunwrap-used = \"off\"\n");
    client.wait_count(&lib, 0);
    client.did_change(&toml, 3, json!([change((1, 15), (1, 18), "low")]));
    assert_eq!(client.wait_count(&lib, 1)[0]["severity"], 4);
    // A mistake is reported on its line, and the rest applies.
    client.replace(
        &toml,
        4,
        r#"[rules]
unwrap-usd = "off"
unwrap-used = "critical"
"#,
    );
    let mistakes = client.wait_count(&toml, 1);
    assert_eq!(mistakes[0]["code"], "invalid-config");
    assert_eq!(mistakes[0]["range"], range((1, 0), (1, 10)));
    client.wait_published(&lib, |params| params["diagnostics"][0]["severity"] == 1);
    // Closed without being saved: the disk's settings hold again.
    client.did_close(&toml);
    client.wait_count(&toml, 0);
    client.wait_published(&lib, |params| params["diagnostics"][0]["severity"] == 4);
    // A buffer may differ from the disk from the start.
    client.did_open(&toml, "exclude = [\"src\"]\n");
    client.wait_count(&lib, 0);
}

#[test]
fn settings_that_change_on_the_disk_apply() {
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let (lib, toml) = (project.uri("src/lib.rs"), project.uri("readiness.toml"));
    let mut client = Client::open(&[&project.root()], json!({}));
    client.did_open(&lib, SOURCE);
    client.wait_count(&lib, 1);
    for (text, count) in
        [(Some("[rules]\nunwrap-used = \"off\"\n"), 0), (Some("nonsense"), 1), (None, 1)]
    {
        match text {
            Some(text) => project.write("readiness.toml", text),
            None => std::fs::remove_file(project.file("readiness.toml")).expect("removed"),
        }
        client.notify(
            "workspace/didChangeWatchedFiles",
            json!({ "changes": [{ "uri": toml, "type": 2 }] }),
        );
        client.wait_count(&lib, count);
    }
}

#[test]
fn what_clippy_shows_can_be_left_to_it() {
    let project =
        Project::new(&[("src/lib.rs", SOURCE), ("readiness.toml", "dedupe = \"clippy\"\n")]);
    let lib = project.uri("src/lib.rs");
    let mut client = Client::open(&[&project.root()], json!({}));
    client.did_open(&lib, SOURCE);
    // Clippy has the lint, which is off by default.
    client.wait_count(&lib, 1);
    let on = format!("{}[lints.clippy]\nunwrap_used = \"warn\"\n", crate::project::MANIFEST);
    project.write("Cargo.toml", on);
    let event = json!({ "changes": [{ "uri": project.uri("Cargo.toml"), "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", event);
    client.wait_count(&lib, 0);
}

#[test]
fn known_findings_are_hints() {
    let source = "fn f(x: Option<u8>) { x.unwrap(); }\nfn g(y: Option<u8>) { y.unwrap(); }\n";
    let project = Project::new(&[
        ("src/lib.rs", source),
        ("readiness.toml", "baseline = \"known.txt\"\nrules.unwrap-used = \"high\"\n"),
        ("known.txt", ""),
    ]);
    let root = project.root();
    let write = std::process::Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .arg("baseline")
        .arg(project.file(""))
        .output()
        .expect("it runs");
    assert!(write.status.success());
    let lib = project.uri("src/lib.rs");
    let mut client = Client::open(&[&root], json!({}));
    client.did_open(&lib, source);
    let is_hint = |it: &serde_json::Value| it["severity"] == 4;
    client.wait_published(&lib, |params| {
        let all = params["diagnostics"].as_array().expect("a list");
        all.len() == 2 && all.iter().all(is_hint)
    });
    // Moved, renamed and laid out anew it is known still; one more is not.
    let typed = "mod m {\n    fn h(x: Option<u8>) {\n        x\n            .unwrap();\n    }\n}\n\
                 fn g(y: Option<u8>) { y.unwrap(); }\nfn new(z: Option<u8>) { z.unwrap(); }\n";
    client.replace(&lib, 2, typed);
    client.wait_published(&lib, |params| {
        let all = params["diagnostics"].as_array().expect("a list");
        all.iter().map(|it| it["severity"].as_u64()).collect::<Vec<_>>()
            == [Some(4), Some(4), Some(2)]
    });
}

#[test]
fn manifests_that_change_on_the_disk_apply() {
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let (lib, manifest) = (project.uri("src/lib.rs"), project.uri("Cargo.toml"));
    let mut client = Client::open(&[&project.root()], json!({}));
    client.did_open(&lib, SOURCE);
    client.wait_count(&lib, 1);
    let allow = format!("{}[lints.clippy]\nunwrap_used = \"allow\"\n", crate::project::MANIFEST);
    project.write("Cargo.toml", &allow);
    let event = json!({ "changes": [{ "uri": manifest, "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", event);
    client.wait_count(&lib, 0);
    // As it is typed, too.
    client.did_open(&manifest, &allow);
    client.replace(&manifest, 2, crate::project::MANIFEST);
    client.wait_count(&lib, 1);
}

#[test]
fn files_are_watched_when_the_client_lets_us() {
    let project = Project::new(&[]);
    let capabilities = json!({ "workspace": {
        "didChangeWatchedFiles": { "dynamicRegistration": true },
        "didChangeConfiguration": { "dynamicRegistration": true },
    } });
    let mut client = Client::open(&[&project.root()], capabilities);
    let request = client.wait_asked("client/registerCapability");
    let registrations = request["params"]["registrations"].as_array().expect("a list").clone();
    let methods: Vec<&str> = registrations.iter().filter_map(|it| it["method"].as_str()).collect();
    assert_eq!(methods, ["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"]);
    assert!(registrations[0].to_string().contains("**/*.{rs,toml,"));

    let mut client = Client::open(&[&project.root()], json!({}));
    client.did_open("untitled:a.rs", SOURCE);
    client.wait_count("untitled:a.rs", 1);
    assert!(client.asked.is_empty(), "{:?}", client.asked);
}

#[test]
fn progress_has_a_token_for_each_folder() {
    let (a, b) = (Project::new(&[]), Project::new(&[]));
    let mut client = Client::open(&[&a.root(), &b.root()], progress());
    client.wait_indexed();
    client.wait_indexed();
    let tokens: Vec<_> = client
        .asked
        .iter()
        .filter(|it| it["method"] == "window/workDoneProgress/create")
        .map(|it| it["params"]["token"].clone())
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
    let begins: Vec<_> = client
        .notifications
        .iter()
        .filter(|it| it["params"]["value"]["kind"] == "begin")
        .map(|it| it["params"]["token"].clone())
        .collect();
    assert_eq!(begins.len(), 2);
    assert!(begins.iter().all(|token| tokens.contains(token)));
}

#[test]
fn settings_of_the_client_are_asked_for() {
    let capabilities = json!({ "workspace": { "configuration": true } });
    let mut client = Client::start(&crate::client::Start::default());
    client.settings = json!({ "minSeverity": "critical" });
    client.initialize(json!({
        "processId": null, "rootUri": null, "capabilities": capabilities,
        "initializationOptions": { "minSeverity": "low" } }));
    client.did_open("untitled:a.rs", SOURCE);
    client.wait_count("untitled:a.rs", 0);
    let asked = client.wait_asked("workspace/configuration");
    assert_eq!(asked["params"]["items"], json!([{ "section": "readiness" }]));
    // A client without settings of ours: what `initialize` said holds.
    client.settings = serde_json::Value::Null;
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.wait_count("untitled:a.rs", 1);
}

const HALF_WRITTEN: &str = r#"fail
fail-on = 
[
[rules]
# é
unw
unwrap-used = "
"#;

#[test]
fn keys_and_values_are_completed() {
    let project = Project::new(&[]);
    let (toml, lib) = (project.uri("readiness.toml"), project.uri("src/lib.rs"));
    let capabilities = json!({ "textDocument": { "completion": { "dynamicRegistration": true } } });
    let mut client = Client::open(&[&project.root()], capabilities);
    let request = client.wait_asked("client/registerCapability");
    let options = &request["params"]["registrations"][0]["registerOptions"];
    assert_eq!(options["documentSelector"][0]["pattern"], "**/readiness.toml");

    client.did_open(&toml, HALF_WRITTEN);
    client.did_open(&lib, HALF_WRITTEN);
    let mut completed = |uri: &str, line: u32, column: u32| {
        let params = json!({ "textDocument": { "uri": uri },
            "position": { "line": line, "character": column } });
        let items = client.call("textDocument/completion", params);
        let edits = items.as_array().expect("a list").iter();
        edits.map(|it| it["textEdit"].clone()).collect::<Vec<_>>()
    };
    let keys = completed(&toml, 0, 4);
    let edit = json!({ "range": range((0, 0), (0, 4)), "newText": "fail-on = " });
    assert!(keys.contains(&edit), "{keys:?}");
    assert!(!keys.iter().any(|it| it["newText"].as_str().is_some_and(|it| it.contains("rules"))));
    let values = completed(&toml, 1, 12);
    assert_eq!(values.len(), 4);
    assert_eq!(values[0]["newText"], "\"low\"");
    let tables = completed(&toml, 2, 1);
    let tables: Vec<_> = tables.iter().map(|it| &it["newText"]).collect();
    assert_eq!(tables, ["evidence", "rules"]);
    let rules = completed(&toml, 5, 3);
    let edit = json!({ "range": range((5, 0), (5, 3)), "newText": "unwrap-used = " });
    assert!(rules.contains(&edit), "{rules:?}");
    let levels = completed(&toml, 6, 15);
    assert_eq!(levels.len(), 5);
    assert_eq!(levels[0]["newText"], "off");
    assert!(completed(&lib, 5, 3).is_empty());
    assert!(completed(&toml, 99, 99).len() > 4, "past the end is the end");
}

#[test]
fn closing_the_settings_keeps_their_findings() {
    let project = Project::new(&[("readiness.toml", "nonsense = 1\n")]);
    let mut client = Client::start(&crate::client::Start::default());
    client.initialize(json!({
        "processId": null, "rootUri": project.root(), "initializationOptions": { "scope": "workspace" },
        "capabilities": { "window": { "workDoneProgress": true } } }));
    client.wait_indexed();
    let uri = project.uri("readiness.toml");
    client.wait_count(&uri, 1);
    client.did_open(&uri, "nonsense = 1\n");
    client.wait_published(&uri, |params| params["version"] == 1);
    client.did_close(&uri);
    client.wait_published(&uri, |params| {
        params["version"].is_null() && diagnostics(params).len() == 1
    });
}
