use ls_types::{DidChangeWatchedFilesParams, Uri};

use crate::lsp::scheduler::Scheduler;

/// Reads the files again. What the disk has counts, and not what an event says: events may come
/// late.
pub fn did_change_watched_files(scheduler: &Scheduler, params: DidChangeWatchedFilesParams) {
    let uris: Vec<Uri> = params.changes.into_iter().map(|change| change.uri).collect();
    scheduler.spawn(|scheduler| async move { scheduler.read_again(&uris).await });
}
