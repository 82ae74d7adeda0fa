use ls_types::DidSaveTextDocumentParams;

use crate::lsp::session::Session;

pub fn did_save(session: &Session, params: &DidSaveTextDocumentParams) {
    if let Some(document) = session.document(&params.text_document.uri) {
        document.changed.notify_one();
    }
}
