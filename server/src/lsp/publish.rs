//! What is published when: diagnostics of open files to clients that do not pull, of closed files
//! to all.
//!
//! `workspace/diagnostic` is not offered. A client that has it asks every two seconds (VS Code),
//! or asks for nothing else when told to ask again, and open files go stale (Neovim 0.12). No file
//! is both open and closed, so none is reported twice.

use std::sync::Arc;

use ls_types::{Diagnostic, Uri};

use super::client_settings::Scope;
use super::diagnostics;
use super::document::{OpenDocument, WorkspaceFile};
use super::session::Session;
use super::snapshot::DocumentSnapshot;
use crate::workspace::Workspace;

impl Session {
    /// Publishes the diagnostics of an open document, unless the client has these already, pulls
    /// them, or has closed the document.
    pub async fn publish_open(
        &self,
        uri: &Uri,
        document: &Arc<OpenDocument>,
        diagnostics: &[Diagnostic],
        version: i32,
    ) {
        let published = self.publisher.in_turn(|turn| {
            let is_open = self.document(uri).is_some_and(|open| Arc::ptr_eq(&open, document));
            if !is_open {
                return;
            }
            if self.support().pull_diagnostics {
                // What was published while the file was closed.
                return turn.publish(uri, &[], None);
            }
            // The first result is sent even when nothing changed: a client may wait for it.
            if !document.set_analyzed() {
                turn.forget(uri);
            }
            turn.publish(uri, diagnostics, Some(version));
        });
        published.await;
    }

    /// Takes back what was published for a file, unless it is open.
    pub async fn clear(&self, uri: &Uri) {
        let cleared = self.publisher.in_turn(|turn| {
            if self.document(uri).is_none() {
                turn.clear(uri);
            }
        });
        cleared.await;
    }

    /// Takes back what was published for closed files that have no findings any more: they are gone
    /// or excluded, their folder was closed, or the client wants open files only.
    pub async fn clear_stale(&self) {
        let is_whole = self.settings().scope == Scope::Workspace;
        // What someone is about to send is not missed, as it would be beside their turn.
        for uri in self.publisher.in_turn(|turn| turn.published()).await {
            let WorkspaceFile { workspace, path } = self.locate(&uri);
            let has_folder = workspace.disk().is_some();
            if !(is_whole && has_folder && workspace.snapshot().contains(&path)) {
                self.clear(&uri).await;
            }
        }
    }

    /// Publishes the diagnostics of closed files when the client wants the whole workspace, and
    /// takes back what no longer holds.
    pub async fn publish_closed(self: &Arc<Self>, workspace: &Arc<Workspace>) {
        self.clear_stale().await;
        if self.settings().scope != Scope::Workspace {
            return;
        }
        for path in workspace.snapshot().files() {
            let file = WorkspaceFile { workspace: Arc::clone(workspace), path };
            let session = Arc::clone(self);
            let closed = tokio::task::spawn_blocking(move || of_closed(&session, file)).await;
            if let Ok(Some((uri, diagnostics))) = closed {
                let published = self.publisher.in_turn(|turn| {
                    // Asked in turn, as the folder may have been closed just now.
                    if self.owns(workspace, &uri) && self.document(&uri).is_none() {
                        turn.publish(&uri, &diagnostics, None);
                    }
                });
                published.await;
            }
        }
    }
}

/// The diagnostics of a closed file.
fn of_closed(session: &Arc<Session>, file: WorkspaceFile) -> Option<(Uri, Vec<Diagnostic>)> {
    if file.version().is_some() {
        return None;
    }
    let uri = session.uri(&file.workspace, &file.path)?;
    let document = DocumentSnapshot::of_file(session, &uri, file);
    let diagnostics = diagnostics::of_closed(&document);
    Some((uri, diagnostics))
}
