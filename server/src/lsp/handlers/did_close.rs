use ls_types::DidCloseTextDocumentParams;

use crate::lsp::document::WorkspaceFile;
use crate::lsp::scheduler::Scheduler;

/// Drops the text. From now on the disk has that of the file, which may be another one.
pub fn did_close(scheduler: &Scheduler, params: DidCloseTextDocumentParams) {
    let uri = params.text_document.uri;
    if scheduler.session.is_superseded(&uri) {
        return;
    }
    let uri = scheduler.session.spelling(&uri);
    let Some(document) = scheduler.session.remove_document(&uri) else { return };
    let WorkspaceFile { workspace, path } = &document.file;
    workspace.close_buffer(path);
    if workspace.disk().is_none() {
        workspace.forget(path);
    }
    scheduler.spawn(|scheduler| async move {
        scheduler.session.clear(&uri).await;
        scheduler.read_again(&[uri]).await;
    });
}
