use ls_types::DidChangeWorkspaceFoldersParams;

use crate::lsp::document::WorkspaceFile;
use crate::lsp::scheduler::Scheduler;
use crate::lsp::{convert, document_task};
use crate::workspace::is_rust;

/// Opens and closes folders, and moves documents to those that they belong to now.
pub fn did_change_workspace_folders(
    scheduler: &Scheduler,
    params: &DidChangeWorkspaceFoldersParams,
) {
    for path in params.event.removed.iter().filter_map(|it| convert::file_path(&it.uri)) {
        scheduler.session.remove_folder(&path);
    }
    for path in params.event.added.iter().filter_map(|it| convert::file_path(&it.uri)) {
        if let Some(workspace) = scheduler.session.add_folder(&path) {
            scheduler.scan(workspace);
        }
    }
    move_documents(scheduler);
    scheduler.spawn(|scheduler| async move { scheduler.session.clear_stale().await });
}

fn move_documents(scheduler: &Scheduler) {
    for (uri, document) in scheduler.session.documents() {
        let WorkspaceFile { workspace, path } = document.file.clone();
        if scheduler.session.owns(&workspace, &uri) {
            continue;
        }
        let Some((text, version)) = workspace.snapshot().buffer_text(&path) else { continue };
        workspace.close_buffer(&path);
        let language = if is_rust(&path) { "rust" } else { "" };
        document_task::open(scheduler, uri, language, &text.to_string(), version);
        // The folder it was in may still be there and have it as a closed file.
        tokio::task::spawn_blocking(move || match workspace.disk() {
            Some(_) => workspace.read_again(&[path]),
            None => {
                workspace.forget(&path);
            }
        });
    }
}
