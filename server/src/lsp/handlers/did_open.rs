use ls_types::{DidOpenTextDocumentParams, TextDocumentItem};

use crate::lsp::document_task;
use crate::lsp::scheduler::Scheduler;

pub fn did_open(scheduler: &Scheduler, params: DidOpenTextDocumentParams) {
    let TextDocumentItem { uri, language_id, text, version } = params.text_document;
    document_task::open(scheduler, uri, &language_id, &text, version);
}
