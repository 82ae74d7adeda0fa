//! The code action that applies all safe fixes of a file.

use ls_types::{CodeAction, CodeActionKind, WorkspaceEdit};

use super::action_data::ActionData;
use crate::analysis::{Applicability, FileEdit};
use crate::lsp::capabilities::FIX_ALL;
use crate::lsp::snapshot::DocumentSnapshot;
use crate::lsp::workspace_edit;
use crate::workspace::BufferFindings;

/// The action; nothing when there is nothing to fix.
pub fn action(document: &DocumentSnapshot, analyzed: &BufferFindings) -> Option<CodeAction> {
    let mut action = CodeAction {
        title: "Apply all safe readiness fixes".to_string(),
        kind: Some(CodeActionKind::from(FIX_ALL)),
        ..Default::default()
    };
    if document.support.code_action_resolve {
        // Only whether there is anything to fix: the edit is made when it is wanted.
        if !document.workspace().has_safe_fix(&document.file.path, &analyzed.findings) {
            return None;
        }
        let uri = document.uri.clone();
        let data = ActionData { uri, version: analyzed.version, fix: None };
        action.data = Some(serde_json::to_value(data).ok()?);
    } else {
        action.edit = Some(edit(document)?);
    }
    Some(action)
}

/// The edit of the action; nothing when there is nothing to fix.
pub fn edit(document: &DocumentSnapshot) -> Option<WorkspaceEdit> {
    let workspace = document.workspace();
    let paths = [document.file.path.clone()];
    let applied = workspace.fix_all(&paths, Applicability::Safe, |it| document.shows(it));
    let edits = applied.files.iter().map(|(path, new)| {
        let old = workspace.text_of(path).unwrap_or_default();
        FileEdit { path: path.clone(), edits: workspace_edit::difference(&old, new) }
    });
    let edits: Vec<FileEdit> = edits.collect();
    if edits.is_empty() {
        return None;
    }
    workspace_edit::of_edits(document, &edits)
}
