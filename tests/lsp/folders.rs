//! Clients name their folders in many ways, or have none.

use serde_json::{Value, json};

use crate::client::{Client, Start};
use crate::project::Project;

const SOURCE: &str = "fn f() { x.unwrap(); }\n";

/// Settings with another severity of the rule that reports the source.
fn settings(severity: &str) -> String {
    format!("[rules]\nunwrap-used = {severity:?}\n")
}

#[test]
fn each_folder_has_its_own_settings() {
    let loud = Project::new(&[("readiness.toml", &settings("critical"))]);
    let quiet = Project::new(&[("readiness.toml", &settings("off"))]);
    let mut client = Client::open(&[&loud.root(), &quiet.root()], json!({}));
    let (a, b) = (loud.uri("src/lib.rs"), quiet.uri("src/lib.rs"));
    client.did_open(&a, SOURCE);
    client.did_open(&b, SOURCE);
    assert_eq!(client.wait_count(&a, 1)[0]["severity"], 1);
    client.wait_count(&b, 0);
}

#[test]
fn of_nested_folders_the_inner_one_has_the_file() {
    let outer = Project::new(&[
        ("readiness.toml", &settings("off")),
        ("inner/Cargo.toml", crate::project::MANIFEST),
        ("inner/readiness.toml", &settings("low")),
    ]);
    let inner = format!("{}/inner", outer.root());
    for folders in [[outer.root(), inner.clone()], [inner.clone(), outer.root()]] {
        let mut client = Client::open(&[&folders[0], &folders[1]], json!({}));
        let (a, b) = (outer.uri("inner/src/lib.rs"), outer.uri("src/lib.rs"));
        client.did_open(&a, SOURCE);
        client.did_open(&b, SOURCE);
        assert_eq!(client.wait_count(&a, 1)[0]["severity"], 4);
        client.wait_count(&b, 0);
    }
}

#[test]
fn a_root_is_a_folder_too() {
    let quiet = Project::new(&[("readiness.toml", &settings("off"))]);
    let path = quiet.path().to_str().expect("UTF-8");
    for params in [
        json!({ "rootUri": quiet.root() }),
        json!({ "rootUri": quiet.root(), "workspaceFolders": null }),
        json!({ "rootUri": quiet.root(), "workspaceFolders": [] }),
        json!({ "rootUri": null, "rootPath": path }),
        json!({ "rootPath": path, "workspaceFolders": [] }),
        json!({ "rootUri": format!("{}/", quiet.root()) }),
    ] {
        let mut params = params;
        params["processId"] = Value::Null;
        params["capabilities"] = json!({});
        let mut client = Client::start(&Start::default());
        client.initialize(params);
        let uri = quiet.uri("src/lib.rs");
        client.did_open(&uri, SOURCE);
        client.wait_count(&uri, 0);
    }
}

#[test]
fn files_outside_every_folder_are_checked_by_themselves() {
    let quiet = Project::new(&[("readiness.toml", &settings("off"))]);
    let other = Project::new(&[("readiness.toml", &settings("off"))]);
    for folders in [vec![quiet.root()], vec![]] {
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let mut client = Client::open(&folders, json!({}));
        for uri in [
            other.uri("src/lib.rs"),
            "untitled:Untitled-1.rs".to_string(),
            "vscode-vfs://github/o/r/src/lib.rs".to_string(),
            // Above the folder, however it is spelled.
            format!("{}/../lib.rs", quiet.root()),
        ] {
            client.did_open(&uri, SOURCE);
            client.wait_count(&uri, 1);
        }
    }
}

#[test]
fn a_folder_that_is_missing_is_no_obstacle() {
    let mut client = Client::open(&["file:///no/such/folder", "untitled:folder"], json!({}));
    client.did_open("untitled:a.rs", SOURCE);
    client.wait_count("untitled:a.rs", 1);
    client.call("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_exit().code(), Some(0));
}

#[test]
fn documents_move_with_the_folders() {
    let quiet = Project::new(&[("readiness.toml", &settings("off")), ("src/lib.rs", SOURCE)]);
    let uri = quiet.uri("src/lib.rs");
    let folder = json!([{ "uri": quiet.root(), "name": "quiet" }]);
    let mut client = Client::open(&[], json!({}));
    // The text that is open counts, and not the disk's.
    client.did_open(&uri, "fn f() { x.unwrap(); y.unwrap(); }\n");
    client.wait_count(&uri, 2);
    let none = json!([]);
    for (added, removed, count) in
        [(&folder, &none, 0), (&none, &folder, 2), (&folder, &none, 0), (&none, &folder, 2)]
    {
        client.notify(
            "workspace/didChangeWorkspaceFolders",
            json!({ "event": { "added": added, "removed": removed } }),
        );
        client.wait_count(&uri, count);
        // It is still the same document: edits go on.
        client.did_change(
            &uri,
            7,
            json!([{ "range": crate::client::range((0, 0), (0, 0)), "text": "" }]),
        );
    }
}

#[test]
fn findings_of_a_folder_go_with_it() {
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let uri = project.uri("src/lib.rs");
    let mut client = Client::start(&Start::default());
    client.initialize(json!({
        "processId": null, "capabilities": {},
        "workspaceFolders": [{ "uri": project.root(), "name": "one" }],
        "initializationOptions": { "scope": "workspace" } }));
    client.wait_count(&uri, 1);
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": { "added": [], "removed": [{ "uri": project.root(), "name": "one" }] } }),
    );
    client.wait_count(&uri, 0);
}

#[cfg(unix)]
#[test]
fn a_folder_opened_through_a_link_is_the_same_folder() {
    let quiet = Project::new(&[("readiness.toml", &settings("off")), ("src/lib.rs", SOURCE)]);
    let links = tempfile::tempdir().expect("a temporary folder");
    let link = links.path().join("link");
    std::os::unix::fs::symlink(quiet.path(), &link).expect("linked");
    let root = crate::project::uri(&link);
    let mut client = Client::open(&[&root], json!({}));
    for uri in [format!("{root}/src/lib.rs"), quiet.uri("src/lib.rs")] {
        client.did_open(&uri, SOURCE);
        client.wait_count(&uri, 0);
        client.did_close(&uri);
    }
}
