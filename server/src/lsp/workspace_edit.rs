//! Edits of files as LSP spells them.

use std::collections::HashMap;

use ls_types::{
    CreateFile, CreateFileOptions, DocumentChangeOperation, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, ResourceOp, TextDocumentEdit, Uri, WorkspaceEdit,
};

use super::convert;
use super::snapshot::DocumentSnapshot;
use crate::analysis::FileEdit;
use crate::text::{FileRange, Layout, Text, TextEdit, TextSize};
use crate::workspace::Snapshot;

/// Whether the client can make these edits: a file that is not there must be created first, and they
/// must fit into those that are.
pub fn can_apply(document: &DocumentSnapshot, edits: &[FileEdit]) -> bool {
    let (support, workspace) = (document.support, document.workspace());
    edits.iter().all(|file| match workspace.text_of(&file.path) {
        Some(text) => Layout::of(&text).fit(&file.edits).is_some(),
        None => support.create_files && support.document_changes,
    })
}

/// The edit of files of the workspace that a document is in.
pub fn of_edits(document: &DocumentSnapshot, files: &[FileEdit]) -> Option<WorkspaceEdit> {
    let workspace = document.workspace();
    let edits = files.iter().map(|file| edit_of_file(document, &workspace, file));
    let edits = edits.collect::<Option<Vec<_>>>()?;
    Some(if document.support.document_changes {
        let operations = edits.into_iter().flat_map(EditOfFile::operations).collect();
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Operations(operations)),
            ..Default::default()
        }
    } else {
        let mut changes: HashMap<Uri, Vec<ls_types::TextEdit>> = HashMap::new();
        for file in edits {
            changes.entry(file.uri).or_default().extend(file.edits);
        }
        WorkspaceEdit { changes: Some(changes), ..Default::default() }
    })
}

/// The edits of one file.
struct EditOfFile {
    uri: Uri,
    /// The version of its text; nothing when it is closed.
    version: Option<i32>,
    is_new: bool,
    edits: Vec<ls_types::TextEdit>,
}

fn edit_of_file(
    document: &DocumentSnapshot,
    workspace: &Snapshot,
    file: &FileEdit,
) -> Option<EditOfFile> {
    let uri = match document.uri_of(&file.path) {
        Some(uri) => uri,
        // An unsaved buffer: its path is its URI.
        None => file.path.parse().ok()?,
    };
    let (text, version) = match workspace.buffer_text(&file.path) {
        Some((text, version)) => (Some(text), Some(version)),
        None => (workspace.text_of(&file.path).map(|text| Text::new(&text)), None),
    };
    let (is_new, text) = (text.is_none(), text.unwrap_or_else(|| Text::new("")));
    let fitted = Layout::of(&text.to_string()).fit(&file.edits)?;
    let edits = fitted.into_iter().map(|edit| ls_types::TextEdit {
        range: convert::range(&text, edit.range, document.support.encoding),
        new_text: edit.insert,
    });
    Some(EditOfFile { uri, version, is_new, edits: edits.collect() })
}

impl EditOfFile {
    fn operations(self) -> impl Iterator<Item = DocumentChangeOperation> {
        let Self { uri, version, is_new, edits } = self;
        let create = is_new.then(|| {
            let options =
                CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(true) };
            DocumentChangeOperation::Op(ResourceOp::Create(CreateFile {
                uri: uri.clone(),
                options: Some(options),
                annotation_id: None,
            }))
        });
        let edit = DocumentChangeOperation::Edit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
            edits: edits.into_iter().map(OneOf::Left).collect(),
        });
        create.into_iter().chain([edit])
    }
}

/// Edits that turn one text into another, line by line, so that cursors and folds stay.
pub fn difference(old: &str, new: &str) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let mut offset = TextSize::new(0);
    let mut pending: Option<TextEdit> = None;
    let diff = similar::TextDiff::from_lines(old, new);
    for change in diff.iter_all_changes() {
        let len = TextSize::of(change.value());
        match change.tag() {
            similar::ChangeTag::Equal => {
                edits.extend(pending.take());
                offset += len;
            }
            similar::ChangeTag::Delete => {
                let edit = pending.get_or_insert_with(|| TextEdit::insert(offset, ""));
                edit.range = FileRange::new(edit.range.start(), offset + len);
                offset += len;
            }
            similar::ChangeTag::Insert => {
                let edit = pending.get_or_insert_with(|| TextEdit::insert(offset, ""));
                edit.insert.push_str(change.value());
            }
        }
    }
    edits.extend(pending);
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply_edits;

    #[test]
    fn a_difference_turns_one_text_into_the_other() {
        for (old, new) in [
            ("a\nb\nc\n", "a\nB\nc\nd\n"),
            ("", "x\n"),
            ("x\r\ny\r\n", "y\r\n"),
            ("a", "a\nb"),
            ("é\nb\n", "é\nc\n"),
        ] {
            assert_eq!(apply_edits(old, &difference(old, new)), new, "{old:?}");
        }
    }
}
