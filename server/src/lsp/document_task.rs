//! The task behind each open document: it analyses after changes and publishes what it finds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ls_types::{Diagnostic, Uri};

use super::diagnostics;
use super::document::{OpenDocument, WorkspaceFile};
use super::scheduler::Scheduler;
use super::snapshot::DocumentSnapshot;
use crate::config;
use crate::workspace::{is_manifest, is_rust};

/// Typing has settled when nothing was typed for this long.
const SETTLE: Duration = Duration::from_millis(250);

/// Takes a document in, and starts its task. The document belongs to the folder that it lies in
/// now.
pub fn open(scheduler: &Scheduler, uri: Uri, language: &str, text: &str, version: i32) {
    let session = &scheduler.session;
    let mut file = session.locate(&uri);
    // The name of an unsaved buffer says nothing: its editor knows what is in it.
    if file.workspace.disk().is_none() && language == "rust" && !is_rust(&file.path) {
        file.path.push_str(".rs");
    }
    let others = session.supersede(&uri, &file);
    if !others.is_empty() {
        scheduler.spawn(|scheduler| async move {
            for other in &others {
                scheduler.session.clear(other).await;
            }
        });
    }
    file.workspace.open_buffer(&file.path, text, version);
    let document = Arc::new(OpenDocument::new(file));
    session.add_document(uri.clone(), Arc::clone(&document));
    let task = DocumentTask { scheduler: scheduler.clone(), uri, document };
    tokio::spawn(task.run());
}

/// What an analysis found.
#[derive(Default)]
struct Diagnosed {
    /// What to publish for which version of the text.
    shown: Option<(Vec<Diagnostic>, i32)>,
    affects_others: bool,
}

struct DocumentTask {
    scheduler: Scheduler,
    uri: Uri,
    document: Arc<OpenDocument>,
}

impl DocumentTask {
    /// Follows the document until it is closed.
    ///
    /// Changes that come while an analysis runs are taken together by the next one. Once typing
    /// settles the tree is parsed in full, and what the file declares is passed on to other files.
    async fn run(self) {
        let mut settled = true;
        // What was opened is analysed as a settled text.
        self.analyze(true).await;
        // It may differ from what is on the disk, as when an editor restores unsaved buffers.
        self.reload_folder().await;
        loop {
            tokio::select! {
                biased;
                () = self.document.closed.notified() => return,
                () = self.document.changed.notified() => {
                    self.analyze(false).await;
                    settled = false;
                }
                () = tokio::time::sleep(SETTLE), if !settled => {
                    settled = true;
                    self.analyze(true).await;
                    self.reload_folder().await;
                    self.scheduler.refresh_scores();
                }
            }
        }
    }

    async fn analyze(&self, settled: bool) {
        let diagnose = AssertUnwindSafe(|| self.diagnose(settled));
        // On this thread: waking another one takes longer than most analyses.
        let diagnosed = tokio::task::block_in_place(|| catch_unwind(diagnose));
        let diagnosed = diagnosed.unwrap_or_else(|_| {
            tracing::error!("the analysis of a document panicked");
            let version = self.document.file.version().unwrap_or_default();
            Diagnosed { shown: Some((Vec::new(), version)), affects_others: false }
        });
        if let Some((diagnostics, version)) = &diagnosed.shown {
            let session = &self.scheduler.session;
            session.publish_open(&self.uri, &self.document, diagnostics, *version).await;
        }
        if diagnosed.affects_others {
            self.scheduler.refresh_others(&self.uri).await;
        }
    }

    /// Analyses the document.
    fn diagnose(&self, settled: bool) -> Diagnosed {
        let session = &self.scheduler.session;
        let file = &self.document.file;
        let WorkspaceFile { workspace, path } = file;
        let analyzed = match settled {
            true => workspace.settle_buffer(path),
            false => workspace.analyze_buffer(path),
        };
        let Some(analyzed) = analyzed else { return Diagnosed::default() };
        for rule in &analyzed.panicked {
            tracing::error!(rule = rule.id, "a rule panicked and is off for a file");
        }
        let document = DocumentSnapshot::of_file(session, &self.uri, file.clone());
        // When there is a newer text it is about to be analysed: the client would drop these.
        let is_current = document.version == Some(analyzed.version);
        let shown = is_current.then(|| {
            let found = diagnostics::of_findings(&document, &analyzed.text, &analyzed.findings);
            if settled && self.is_stale(&found) {
                self.scheduler.refresh_pulled();
            }
            (found, analyzed.version)
        });
        Diagnosed { shown, affects_others: analyzed.affects_others }
    }

    /// Whether a client that pulls has other diagnostics than these: it pulled before another
    /// document changed, or does not pull for what it does not show. For what was just opened it
    /// is about to.
    fn is_stale(&self, diagnostics: &[Diagnostic]) -> bool {
        self.scheduler.session.support().pull_diagnostics
            && self.document.set_analyzed()
            && self.document.last_result_id() != Some(diagnostics::result_id(diagnostics))
    }

    /// Settings and manifests apply as they are typed.
    async fn reload_folder(&self) {
        let WorkspaceFile { workspace, path } = &self.document.file;
        if path == config::FILE_NAME || is_manifest(path) {
            self.scheduler.reload_folder(workspace).await;
        }
    }
}
