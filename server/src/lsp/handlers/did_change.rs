use ls_types::{
    DidChangeTextDocumentParams, TextDocumentContentChangeEvent, VersionedTextDocumentIdentifier,
};

use crate::lsp::convert;
use crate::lsp::document::WorkspaceFile;
use crate::lsp::session::Session;
use crate::workspace::Change;

/// Applies the changes to the text. The document's task analyses it.
pub fn did_change(session: &Session, params: DidChangeTextDocumentParams) {
    let VersionedTextDocumentIdentifier { uri, version } = params.text_document;
    let Some(document) = session.document(&session.spelling(&uri)) else { return };
    let changes = params.content_changes.into_iter().map(change).collect();
    let WorkspaceFile { workspace, path } = &document.file;
    workspace.change_buffer(path, changes, version, session.support().encoding);
    document.changed.notify_one();
}

fn change(event: TextDocumentContentChangeEvent) -> Change {
    match event.range {
        Some(range) => Change::Range {
            start: convert::to_position(range.start),
            end: convert::to_position(range.end),
            text: event.text,
        },
        None => Change::Full(event.text),
    }
}
