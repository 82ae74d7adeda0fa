//! The reviews of whole folders, which run beside the messages, and what follows from them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ls_types::{ProgressToken, Uri};
use tokio::sync::Notify;
use tower_lsp::Client;

use super::diagnostics;
use super::session::{Place, Session};
use crate::config;
use crate::workspace::{Workspace, is_manifest};

/// Reviews folders and brings what the client shows up to date.
#[derive(Debug, Clone)]
pub struct Reviews {
    pub client: Client,
    pub session: Arc<Session>,
}

impl Reviews {
    /// Reviews a folder in the background, shows progress, and brings documents up to date.
    pub fn index(&self, workspace: Arc<Workspace>) {
        let done = self.show_progress();
        let reviews = self.clone();
        tokio::spawn(async move {
            let scanned = Arc::clone(&workspace);
            let scan = tokio::task::spawn_blocking(move || {
                // Deep trees need more stack than the global pool's threads have.
                let pool = rayon::ThreadPoolBuilder::new()
                    .stack_size(crate::workspace::STACK_BYTES)
                    .build();
                match pool {
                    Ok(pool) => pool.install(|| scanned.scan(|_, _| {})),
                    Err(error) => tracing::error!(%error, "the folder is not reviewed"),
                }
            });
            if let Err(error) = scan.await {
                tracing::error!(%error, "the review of a folder failed");
            }
            reviews.refresh_all(&workspace).await;
            done.notify_one();
        });
    }

    /// Shows progress until the returned signal is given. The work goes on while the client has
    /// not answered yet, or when it never does.
    fn show_progress(&self) -> Arc<Notify> {
        // A token stands for one piece of work; several folders are reviewed at a time.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let done = Arc::new(Notify::new());
        if self.session.support().progress {
            let (client, done) = (self.client.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let number = COUNT.fetch_add(1, Ordering::Relaxed);
                let token = ProgressToken::String(format!("readiness/index/{number}"));
                if client.create_work_done_progress(token.clone()).await.is_ok() {
                    let progress = client.progress(token, "Reviewing").begin().await;
                    done.notified().await;
                    progress.finish().await;
                }
            });
        }
        done
    }

    /// Analyses all documents again, and publishes what a workspace's closed files have.
    async fn refresh_all(&self, workspace: &Arc<Workspace>) {
        self.refresh_documents();
        // It may have been closed while it was reviewed.
        if self.session.folders().iter().any(|it| Arc::ptr_eq(it, workspace)) {
            diagnostics::publish_closed(&self.session, workspace).await;
        }
    }

    fn refresh_documents(&self) {
        for (_, document) in self.session.open_documents() {
            document.changed.notify_one();
        }
        self.refresh_pull();
    }

    /// What a file declares may make or unmake findings in the others.
    pub async fn refresh_others(&self, uri: &Uri) {
        for (other, document) in self.session.open_documents() {
            if other != *uri {
                document.changed.notify_one();
            }
        }
        self.refresh_pull();
        for workspace in self.session.folders() {
            diagnostics::publish_closed(&self.session, &workspace).await;
        }
    }

    /// New settings of the client show at once.
    pub async fn settings_changed(&self) {
        self.refresh_documents();
        diagnostics::clear_stale(&self.session);
        for workspace in self.session.folders() {
            diagnostics::publish_closed(&self.session, &workspace).await;
        }
    }

    /// Tells a client that pulls to pull again.
    pub fn refresh_pull(&self) {
        if self.session.support().pull_diagnostics {
            let client = self.client.clone();
            tokio::spawn(async move {
                if let Err(error) = client.workspace_diagnostic_refresh().await {
                    tracing::warn!(%error, "the client did not refresh");
                }
            });
        }
    }

    /// Reads settings and manifests anew, and reviews the folder again when they changed.
    pub async fn reload_folder(&self, workspace: &Arc<Workspace>) {
        let target = Arc::clone(workspace);
        let changed = tokio::task::spawn_blocking(move || {
            let settings = target.reload_settings();
            let files = target.disk().map(|disk| disk.files()).unwrap_or_default();
            target.reload_packages(&files) || settings
        });
        if changed.await.unwrap_or(false) {
            self.index(Arc::clone(workspace));
        }
    }

    /// Reviews closed files again after something happened to them on the disk.
    pub async fn read_again(&self, uris: &[Uri]) {
        let _turn = self.session.reading.lock().await;
        let mut reload: Vec<Arc<Workspace>> = Vec::new();
        let mut touched: Vec<(Arc<Workspace>, Vec<String>)> = Vec::new();
        for uri in uris {
            let Place { workspace, path } = self.session.find_place(uri);
            if workspace.snapshot().is_open(&path) {
                continue;
            }
            let is_settings = path == config::FILE_NAME;
            if (is_settings || is_manifest(&path))
                && !reload.iter().any(|it| Arc::ptr_eq(it, &workspace))
            {
                reload.push(Arc::clone(&workspace));
            }
            if is_settings {
                continue;
            }
            match touched.iter_mut().find(|it| Arc::ptr_eq(&it.0, &workspace)) {
                Some((_, paths)) => paths.push(path),
                None => touched.push((workspace, vec![path])),
            }
        }
        for (workspace, paths) in touched {
            let target = Arc::clone(&workspace);
            let read = tokio::task::spawn_blocking(move || match target.disk() {
                Some(_) => target.read_again(&paths),
                None => paths.iter().for_each(|path| {
                    target.forget(path);
                }),
            });
            if let Err(error) = read.await {
                tracing::error!(%error, "changed files were not reviewed");
            }
            self.refresh_all(&workspace).await;
        }
        for workspace in &reload {
            self.reload_folder(workspace).await;
        }
    }
}
