//! The server reviews its own source: no finding stands without a written reason.

use std::path::Path;

use readiness_lsp::rules;
use readiness_lsp::text::{Encoding, Text};
use readiness_lsp::workspace::Workspace;

#[test]
fn the_server_has_no_finding_of_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let workspace = Workspace::open(&root, rules::all()).expect("the project is there");
    workspace.scan(|_, _| {});
    let mut found = Vec::new();
    let snapshot = workspace.snapshot();
    for path in snapshot.files() {
        let text = Text::new(&snapshot.text_of(&path).unwrap_or_default());
        for finding in snapshot.findings(&path) {
            let line = text.position(finding.range.start(), Encoding::Utf8).line + 1;
            found.push(format!("{path}:{line}: {}: {}", finding.rule.id, finding.message));
        }
    }
    assert!(snapshot.files().len() > 50, "too few files were reviewed");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
