//! What is published, what is given to clients that ask, and never both for a file.

use serde_json::{Value, json};

use crate::client::{Client, Start, change, diagnostics};
use crate::project::Project;

const URI: &str = "untitled:sample.rs";
const SOURCE: &str = "\
fn f() { x.unwrap(); }
// readiness: allow(unwrap-used) no
fn g() {}
";

fn pulling() -> Value {
    json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true }, "configuration": true },
        "window": { "workDoneProgress": true },
    })
}

#[test]
fn a_plain_client_gets_plain_diagnostics() {
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, SOURCE);
    let params = client.wait_published(URI, |_| true);
    assert_eq!(params["version"], 1);
    assert_eq!(
        diagnostics(&params)[0],
        json!({
            "range": crate::client::range((0, 11), (0, 19)),
            "severity": 3,
            "code": "unwrap-used",
            "source": "readiness",
            "message": "`unwrap` panics when there is no value",
        })
    );
    assert_eq!(diagnostics(&params)[1]["code"], "unused-suppression");
    assert!(diagnostics(&params)[1].get("tags").is_none());
}

#[test]
fn a_client_gets_what_it_understands() {
    let capabilities = json!({ "textDocument": { "publishDiagnostics": {
        "relatedInformation": true,
        "tagSupport": { "valueSet": [1, 2] },
        "codeDescriptionSupport": true,
        "dataSupport": true,
        "versionSupport": true,
    } } });
    let mut client = Client::open(&[], capabilities);
    client.did_open(URI, SOURCE);
    let params = client.wait_published(URI, |_| true);
    let (finding, unused) = (&diagnostics(&params)[0], &diagnostics(&params)[1]);
    assert_eq!(finding["data"], json!({ "rule": "unwrap-used" }));
    assert_eq!(unused["tags"], json!([1]));
    let link = finding["codeDescription"]["href"].as_str().expect("a link");
    let path = link.strip_prefix("file://").expect("a file");
    assert!(path.starts_with(client.cache.path().to_str().expect("UTF-8")), "{path}");
    let page = std::fs::read_to_string(path).expect("the page is there");
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    assert!(page.contains("<h1>unwrap-used</h1>") && page.contains("production code"), "{page}");
    let source =
        std::fs::read_to_string(path.replace(".html", ".md")).expect("it is there as well");
    assert!(source.starts_with("# unwrap-used\n"), "{source}");
}

#[test]
fn hover_says_what_the_rule_is_about_in_five_lines() {
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, SOURCE);
    let hover = client.hover(URI, 0, 13);
    let text = hover["contents"]["value"].as_str().expect("text");
    assert_eq!(hover["contents"]["kind"], "markdown");
    assert_eq!(hover["range"], crate::client::range((0, 11), (0, 19)));
    let lines: Vec<&str> = text.split("  \n").collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert_eq!(lines[0], "**unwrap-used** · medium · reliability");
    assert!(lines[3].starts_with("Return the error"), "{text}");
    assert!(lines[4].starts_with("[More, with examples](file://"), "{text}");
    assert!(!text.contains("```") && !text.contains("\n\n"), "{text}");
    assert!(client.hover(URI, 2, 3).is_null());
}

/// As VS Code names it.
#[test]
fn an_unsaved_buffer_is_rust_when_its_editor_says_so() {
    let uri = "untitled:Untitled-1";
    let mut client = Client::open(&[], json!({}));
    for _ in 0..2 {
        client.did_open(uri, SOURCE);
        client.wait_count(uri, 2);
        client.did_change(uri, 2, json!([change((0, 0), (1, 0), "")]));
        client.wait_count(uri, 1);
        client.did_close(uri);
        client.wait_count(uri, 0);
    }
}

#[test]
fn closing_clears_and_opening_again_publishes_again() {
    let mut client = Client::open(&[], json!({}));
    for round in 1..4 {
        client.did_open(URI, SOURCE);
        client.wait_count(URI, 2);
        client.did_close(URI);
        client.wait_count(URI, 0);
        assert_eq!(client.published(URI).len(), round * 2);
    }
    // Changes of a document that is closed are nobody's.
    client.did_change(URI, 9, json!([change((0, 0), (0, 0), "x")]));
    assert!(client.hover(URI, 0, 13).is_null());
}

#[test]
fn a_document_without_findings_is_answered_as_well() {
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, "fn f() {}\n");
    client.wait_count(URI, 0);
}

fn settings(client: &mut Client, settings: Value) {
    client.asked.clear();
    client.settings = settings;
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.wait_asked("workspace/diagnostic/refresh");
}

#[test]
fn a_client_that_pulls_is_never_pushed_to() {
    let project = Project::new(&[("src/lib.rs", SOURCE), ("src/other.rs", SOURCE)]);
    let uri = project.uri("src/lib.rs");
    let mut client = Client::start(&Start::default());
    let result = client.initialize(json!({
        "processId": null, "rootUri": project.root(), "capabilities": pulling() }));
    let provider = &result["capabilities"]["diagnosticProvider"];
    assert_eq!(provider["identifier"], "readiness");
    assert_eq!(provider["workspaceDiagnostics"], false);
    client.wait_indexed();
    client.did_open(&uri, SOURCE);
    let report = client.pull(&uri, None);
    assert_eq!(report["kind"], "full");
    assert_eq!(report["items"].as_array().map(Vec::len), Some(2));
    let id = report["resultId"].as_str().expect("an id").to_string();
    let again = client.pull(&uri, Some(&id));
    assert_eq!(again, json!({ "kind": "unchanged", "resultId": id }));
    client.replace(&uri, 2, "fn f() { x.unwrap(); y.unwrap(); }\n");
    let report = client.pull(&uri, Some(&id));
    assert_eq!(report["kind"], "full");
    assert_ne!(report["resultId"], id);
    // New settings: the client is told to ask again.
    settings(&mut client, json!({ "minSeverity": "critical" }));
    client.wait_pulled(&uri, 0);
    settings(&mut client, Value::Null);
    client.wait_pulled(&uri, 2);
    client.did_close(&uri);
    client.hover(&uri, 0, 0);
    assert!(client.published(&uri).is_empty());
    assert!(client.published(&project.uri("src/other.rs")).is_empty());
}

#[test]
fn a_client_that_pulls_is_sent_what_closed_files_have() {
    let project = Project::new(&[("src/lib.rs", SOURCE), ("src/other.rs", SOURCE)]);
    let (lib, other) = (project.uri("src/lib.rs"), project.uri("src/other.rs"));
    let mut client = Client::open(&[&project.root()], pulling());
    client.wait_indexed();
    client.did_open(&lib, SOURCE);
    client.wait_pulled(&lib, 2);
    settings(&mut client, json!({ "scope": "workspace" }));
    client.wait_count(&other, 2);
    assert!(client.published(&lib).is_empty(), "an open file is asked for");
    // Nothing is reported twice when a file is opened, nor lost when it is closed.
    client.did_open(&other, SOURCE);
    client.wait_count(&other, 0);
    client.wait_pulled(&other, 2);
    client.did_close(&lib);
    client.wait_count(&lib, 2);
    client.wait_pulled(&lib, 0);
    client.did_close(&other);
    client.wait_count(&other, 2);
    settings(&mut client, Value::Null);
    client.wait_count(&lib, 0);
    client.wait_count(&other, 0);
}

#[test]
fn a_client_that_cannot_be_told_to_pull_again_is_pushed_to() {
    let capabilities = json!({ "textDocument": { "diagnostic": {} } });
    let mut client = Client::start(&Start::default());
    let result = client.initialize(json!({
        "processId": null, "rootUri": null, "capabilities": capabilities }));
    assert!(result["capabilities"].get("diagnosticProvider").is_none());
    client.did_open(URI, SOURCE);
    client.wait_count(URI, 2);
}

#[test]
fn a_client_that_does_not_pull_what_it_hides_is_told_to() {
    let mut client = Client::open(&[], pulling());
    client.did_open(URI, SOURCE);
    client.wait_pulled(URI, 2);
    // As an edit of the whole project does in a document that is not shown.
    client.replace(URI, 2, "fn f() {}\n");
    client.wait_asked("workspace/diagnostic/refresh");
    client.wait_pulled(URI, 0);
}

/// A declaration in one document makes another one test code.
#[test]
fn what_one_document_declares_shows_in_the_others() {
    let project = Project::new(&[
        ("src/lib.rs", "mod helpers;\n"),
        ("src/helpers.rs", "pub fn f() { x.unwrap(); }\n"),
    ]);
    let (lib, helpers) = (project.uri("src/lib.rs"), project.uri("src/helpers.rs"));
    let mut client = Client::open(&[&project.root()], json!({}));
    client.did_open(&lib, "mod helpers;\n");
    client.did_open(&helpers, "pub fn f() { x.unwrap(); }\n");
    client.wait_count(&helpers, 1);
    client.did_change(&lib, 2, json!([change((0, 0), (0, 0), "#[cfg(test)]\n")]));
    client.wait_count(&helpers, 0);
    client.did_change(&lib, 3, json!([change((0, 0), (1, 0), "")]));
    client.wait_count(&helpers, 1);

    let mut client = Client::open(&[&project.root()], pulling());
    client.wait_indexed();
    client.did_open(&lib, "mod helpers;\n");
    client.did_open(&helpers, "pub fn f() { x.unwrap(); }\n");
    assert_eq!(client.pull(&helpers, None)["items"].as_array().map(Vec::len), Some(1));
    client.did_change(&lib, 2, json!([change((0, 0), (0, 0), "#[cfg(test)]\n")]));
    client.asked.clear();
    client.pull(&lib, None);
    client.wait_asked("workspace/diagnostic/refresh");
    client.wait_pulled(&helpers, 0);
}

#[test]
fn the_whole_workspace_is_published_when_asked_for() {
    let project = Project::new(&[
        ("src/lib.rs", SOURCE),
        ("src/a.rs", "fn f() { x.unwrap(); }\n"),
        (".gitignore", "/src/gen\n"),
        ("src/gen/b.rs", "fn f() { x.unwrap(); }\n"),
    ]);
    let (lib, a, b) =
        (project.uri("src/lib.rs"), project.uri("src/a.rs"), project.uri("src/gen/b.rs"));
    let mut client = Client::start(&Start::default());
    client.initialize(json!({
        "processId": null, "rootUri": project.root(), "capabilities": {},
        "initializationOptions": { "scope": "workspace" } }));
    assert!(client.wait_published(&a, |_| true).get("version").is_none());
    client.wait_count(&lib, 2);
    // An open document has its own text; a closed one the disk's.
    client.did_open(&a, "fn f() {}\n");
    client.wait_count(&a, 0);
    client.did_close(&a);
    client.wait_count(&a, 1);
    // A file that git ignores is reviewed neither open nor closed.
    client.did_open(&b, "fn f() { x.unwrap(); }\n");
    client.wait_count(&b, 0);
    client.did_close(&b);
    client.wait_count(&b, 0);
    project.write("src/gen/b.rs", "fn f() { x.unwrap(); y.unwrap(); }\n");
    project.write("src/new.rs", "fn f() { x.unwrap(); }\n");
    std::fs::remove_file(project.file("src/a.rs")).expect("removed");
    let event = |uri: &str, kind: u8| json!({ "uri": uri, "type": kind });
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [event(&b, 2), event(&a, 3), event(&project.uri("src/new.rs"), 1)] }),
    );
    client.wait_count(&project.uri("src/new.rs"), 1);
    client.wait_count(&a, 0);
    // A folder goes at once, with what is in it.
    std::fs::remove_dir_all(project.file("src")).expect("removed");
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [event(&project.uri("src"), 3)] }),
    );
    client.wait_count(&project.uri("src/new.rs"), 0);
    client.wait_count(&lib, 0);
    client.wait_count(&b, 0);
    // Without the scope all of it is taken back.
    project.write("src/lib.rs", SOURCE);
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [event(&lib, 1)] }));
    client.wait_count(&lib, 2);
    client.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "readiness": { "scope": "openFiles" } } }),
    );
    client.wait_count(&lib, 0);
}

#[test]
fn findings_below_the_severity_of_the_client_are_not_shown() {
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, SOURCE);
    client.wait_count(URI, 2);
    for (severity, count) in [("medium", 1), ("high", 0), ("low", 2)] {
        client.notify(
            "workspace/didChangeConfiguration",
            json!({ "settings": { "readiness": { "minSeverity": severity } } }),
        );
        client.wait_count(URI, count);
        assert_eq!(client.hover(URI, 0, 13).is_null(), count == 0);
    }
    // What cannot be read changes nothing.
    client.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "readiness": { "minSeverity": 7 } } }),
    );
    client.did_change(URI, 2, json!([change((3, 0), (3, 0), "fn h() { y.unwrap(); }\n")]));
    client.wait_count(URI, 3);
}
