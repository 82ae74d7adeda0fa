//! Work that runs beside the handlers of messages: scans of folders, reading what changed on disk,
//! and bringing what the client shows up to date.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ls_types::{ConfigurationItem, ProgressToken, Uri};
use tokio::sync::Notify;
use tower_lsp::Client;

use super::capabilities;
use super::document::WorkspaceFile;
use super::session::Session;
use crate::analysis::BASELINE_NAME;
use crate::config::{self, Date};
use crate::workspace::{STACK_BYTES, Workspace, is_ignore_file, is_manifest};

/// Starts tasks, and knows what they work on.
#[derive(Debug, Clone)]
pub struct Scheduler {
    client: Client,
    pub session: Arc<Session>,
}

impl Scheduler {
    pub fn new(client: Client, session: Arc<Session>) -> Self {
        Self { client, session }
    }

    /// The client, for tasks that send it something.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Starts a task. What waits for the client must run in one, and not in a handler.
    pub fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Self) -> F) {
        tokio::spawn(task(self.clone()));
    }

    /// Asks the client to tell what the server needs to know of.
    pub async fn register_capabilities(&self) {
        let registrations = capabilities::registrations(self.session.support());
        if !registrations.is_empty()
            && let Err(error) = self.client.register_capability(registrations).await
        {
            tracing::warn!(%error, "the client did not register capabilities");
        }
    }

    /// Asks the client for its settings, when it has any.
    pub async fn pull_settings(&self) {
        if !self.session.support().configuration {
            return;
        }
        let item = ConfigurationItem { scope_uri: None, section: Some("readiness".to_string()) };
        match self.client.configuration(vec![item]).await {
            Ok(mut values) if !values.is_empty() => {
                if self.session.set_settings(values.swap_remove(0)) {
                    self.refresh_shown().await;
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the client did not return its settings"),
        }
    }
}

/// Scans.
impl Scheduler {
    /// Scans a folder in the background, shows progress, and brings documents up to date.
    pub fn scan(&self, workspace: Arc<Workspace>) {
        let done = self.show_progress();
        self.spawn(|scheduler| async move {
            let scanned = Arc::clone(&workspace);
            let scan = tokio::task::spawn_blocking(move || {
                // Deep trees need more stack than the global pool's threads have.
                match rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build() {
                    Ok(pool) => pool.install(|| {
                        scanned.set_today(Date::today());
                        scanned.scan(|_, _| {});
                    }),
                    Err(error) => tracing::error!(%error, "cannot start threads for a scan"),
                }
            });
            if let Err(error) = scan.await {
                tracing::error!(%error, "the scan of a workspace folder failed");
            }
            scheduler.refresh_workspace(&workspace).await;
            scheduler.refresh_scores();
            done.notify_one();
        });
    }

    /// Shows progress until the returned signal is given. The work goes on while the client has
    /// not answered yet, or when it never does.
    fn show_progress(&self) -> Arc<Notify> {
        // A token stands for one piece of work; several folders are scanned at a time.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let done = Arc::new(Notify::new());
        if self.session.support().progress {
            let (client, done) = (self.client.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let number = COUNT.fetch_add(1, Ordering::Relaxed);
                let token = ProgressToken::String(format!("readiness/scan/{number}"));
                if client.create_work_done_progress(token.clone()).await.is_ok() {
                    let progress = client.progress(token, "Checking the workspace").begin().await;
                    done.notified().await;
                    progress.finish().await;
                }
            });
        }
        done
    }

    /// Reads settings and manifests anew, and scans the folder again when they changed.
    pub async fn reload_folder(&self, workspace: &Arc<Workspace>) {
        let target = Arc::clone(workspace);
        let changed = tokio::task::spawn_blocking(move || {
            let settings = target.reload_settings();
            let files = target.disk().map(|disk| disk.files()).unwrap_or_default();
            target.reload_packages(&files) || settings
        });
        if changed.await.unwrap_or(false) {
            self.scan(Arc::clone(workspace));
        }
    }

    /// Reads closed files again after something happened to them on the disk.
    pub async fn read_again(&self, uris: &[Uri]) {
        let _turn = self.session.reading.lock().await;
        let closed = uris.iter().map(|uri| self.session.locate(uri));
        let closed: Vec<WorkspaceFile> = closed.filter(|file| file.version().is_none()).collect();
        for (workspace, paths) in by_workspace(&closed, |_| true) {
            let target = Arc::clone(&workspace);
            let read = tokio::task::spawn_blocking(move || match target.disk() {
                Some(_) => target.read_again(&paths),
                None => paths.iter().for_each(|path| {
                    target.forget(path);
                }),
            });
            if let Err(error) = read.await {
                tracing::error!(%error, "cannot check the changed files");
            }
            self.refresh_workspace(&workspace).await;
            self.refresh_scores();
        }
        for (workspace, _) in by_workspace(&closed, is_ignore_file) {
            self.scan(workspace);
        }
        let affects_all = |path: &str| {
            path == config::FILE_NAME || path.ends_with(BASELINE_NAME) || is_manifest(path)
        };
        for (workspace, _) in by_workspace(&closed, affects_all) {
            self.reload_folder(&workspace).await;
            // Nothing may have changed but that the file is closed.
            self.session.publish_closed(&workspace).await;
        }
    }
}

/// The paths of the wanted files of each workspace.
fn by_workspace(
    files: &[WorkspaceFile],
    wanted: impl Fn(&str) -> bool,
) -> Vec<(Arc<Workspace>, Vec<String>)> {
    let mut groups: Vec<(Arc<Workspace>, Vec<String>)> = Vec::new();
    for WorkspaceFile { workspace, path } in files.iter().filter(|file| wanted(&file.path)) {
        match groups.iter_mut().find(|(it, _)| Arc::ptr_eq(it, workspace)) {
            Some((_, paths)) => paths.push(path.clone()),
            None => groups.push((Arc::clone(workspace), vec![path.clone()])),
        }
    }
    groups
}

/// Bringing what the client shows up to date.
impl Scheduler {
    /// What an open file declares may make or unmake findings in the others.
    pub async fn refresh_others(&self, uri: &Uri) {
        for (other, document) in self.session.documents() {
            if other != *uri {
                document.changed.notify_one();
            }
        }
        self.refresh_pulled();
        for workspace in self.session.folders() {
            self.session.publish_closed(&workspace).await;
        }
    }

    /// Analyses all documents again, and publishes what closed files of a workspace have.
    async fn refresh_workspace(&self, workspace: &Arc<Workspace>) {
        self.refresh_documents();
        // It may have been closed while it was scanned.
        if self.session.folders().iter().any(|it| Arc::ptr_eq(it, workspace)) {
            self.session.publish_closed(workspace).await;
        }
    }

    /// Shows what the client wants to see after its settings changed.
    pub async fn refresh_shown(&self) {
        self.refresh_documents();
        self.session.clear_stale().await;
        for workspace in self.session.folders() {
            self.session.publish_closed(&workspace).await;
        }
    }

    fn refresh_documents(&self) {
        for (_, document) in self.session.documents() {
            document.changed.notify_one();
        }
        self.refresh_pulled();
    }

    /// Tells a client that pulls to pull again.
    pub fn refresh_pulled(&self) {
        if self.session.support().pull_diagnostics {
            let client = self.client.clone();
            tokio::spawn(async move {
                if let Err(error) = client.workspace_diagnostic_refresh().await {
                    tracing::warn!(%error, "the client did not refresh its diagnostics");
                }
            });
        }
    }
}
