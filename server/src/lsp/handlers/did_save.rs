use ls_types::DidSaveTextDocumentParams;

use crate::lsp::document::WorkspaceFile;
use crate::lsp::scheduler::Scheduler;
use crate::workspace::is_ignore_file;

/// Analyses the document once more. Which files there are is told by the disk, whose ignore files
/// count.
pub fn did_save(scheduler: &Scheduler, params: &DidSaveTextDocumentParams) {
    let session = &scheduler.session;
    let uri = session.spelling(&params.text_document.uri);
    let Some(document) = session.document(&uri) else { return };
    document.changed.notify_one();
    let WorkspaceFile { workspace, path } = &document.file;
    if is_ignore_file(path) && workspace.disk().is_some() {
        scheduler.scan(std::sync::Arc::clone(workspace));
    }
}
