//! Documents held against the code, in the editor.

use serde_json::json;

use super::client::{Client, diagnostics};
use super::project::Project;

const REVIEW: &str = "# Review\n\n`start()` (`src/main.rs:1`) opens the socket.\n";

#[test]
fn a_stale_line_is_reported_explained_and_updated() {
    let project =
        Project::new(&[("src/main.rs", "fn main() {}\n\nfn start() {}\n"), ("REVIEW.md", REVIEW)]);
    let mut client = Client::open(&[&project.root()], json!({}));
    let uri = project.uri("REVIEW.md");
    client.did_open(&uri, REVIEW);
    let is_stale = |it: &serde_json::Value| it["code"] == "stale-claim";
    let published = client.wait_published(&uri, |it| diagnostics(it).iter().any(is_stale));
    let found = diagnostics(&published).iter().find(|it| is_stale(it)).expect("it is reported");
    assert_eq!(found["message"], "moved: `start` is at line 3");

    let hover = client.hover(&uri, 2, 16);
    let shown = hover["contents"]["value"].as_str().unwrap_or_default();
    assert!(shown.contains("`start` is at line 3"), "{shown}");

    let position = json!({ "line": 2, "character": 16 });
    let asked = json!({ "textDocument": { "uri": uri }, "position": position });
    let place = client.call("textDocument/definition", asked);
    assert_eq!(place["uri"], project.uri("src/main.rs"));
    assert_eq!(place["range"]["start"], json!({ "line": 2, "character": 0 }));

    let actions = client.actions(&uri, &found["range"], None);
    assert!(actions.iter().any(|it| it["title"] == "Update the line to 3"), "{actions:?}");
}
