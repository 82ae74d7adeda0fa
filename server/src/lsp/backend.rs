//! The handlers of LSP's messages.
//!
//! Handlers run at the same time, and tower-lsp starts them in the order in which the messages
//! came. Two rules follow. A notification does its change of state before its first `await`, or
//! changes would be applied out of order. And no handler waits for the client: with every slot
//! taken by one that does, nobody would read the client's answer. What has to ask the client runs
//! in a task of its own.

use std::path::PathBuf;
use std::sync::Arc;

use ls_types::*;
use tokio::sync::Notify;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::{Client, LanguageServer};

use super::actions::{self, ResolveError};
use super::capabilities::{ClientSupport, registrations, server_capabilities};
use super::session::{OpenDocument, Session};
use super::{convert, diagnostics, documents, lifecycle, pages};
use crate::config;
use crate::text::TextRange;
use crate::workspace::{Change, Workspace, is_manifest, is_rust};

#[derive(Debug, Clone)]
pub struct Backend {
    pub client: Client,
    pub session: Arc<Session>,
}

impl Backend {
    pub fn new(client: Client) -> Self {
        Self { client, session: Arc::new(Session::new()) }
    }

    /// Reviews a folder in the background, shows progress, and brings documents up to date.
    fn index(&self, workspace: Arc<Workspace>) {
        let backend = self.clone();
        tokio::spawn(async move {
            let progress = backend.begin_progress().await;
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
            if let Some(progress) = progress {
                progress.finish().await;
            }
            backend.refresh_all(&workspace).await;
        });
    }

    async fn begin_progress(
        &self,
    ) -> Option<tower_lsp::OngoingProgress<tower_lsp::Unbounded, tower_lsp::NotCancellable>> {
        if !self.session.support().progress {
            return None;
        }
        let token = ProgressToken::String("readiness/index".to_string());
        self.client.create_work_done_progress(token.clone()).await.ok()?;
        Some(self.client.progress(token, "Reviewing").begin().await)
    }

    async fn refresh_all(&self, workspace: &Arc<Workspace>) {
        for (_, document) in self.session.open_documents() {
            document.changed.notify_one();
        }
        self.refresh_pull();
        diagnostics::publish_closed(&self.client, &self.session, workspace).await;
    }

    /// Tells a client that pulls to pull again.
    pub fn refresh_pull(&self) {
        let support = self.session.support();
        if support.pull_diagnostics && support.diagnostic_refresh {
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

    /// Asks the client for its settings, in a task of its own.
    fn pull_settings(&self) {
        if !self.session.support().configuration {
            return;
        }
        let backend = self.clone();
        tokio::spawn(async move {
            let item =
                ConfigurationItem { scope_uri: None, section: Some("readiness".to_string()) };
            match backend.client.configuration(vec![item]).await {
                Ok(mut values) if !values.is_empty() => {
                    if backend.session.set_settings(values.swap_remove(0)) {
                        for workspace in backend.session.folders() {
                            backend.refresh_all(&workspace).await;
                        }
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the client gave no settings"),
            }
        });
    }

    fn open_folder(&self, uri: &Uri) {
        if let Some(path) = convert::file_path(uri)
            && let Some(workspace) = self.session.add_folder(&path)
        {
            self.index(workspace);
        }
    }

    /// Runs work on the blocking pool; a failure becomes an internal error of the request.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session) -> T + Send + 'static,
    ) -> Result<T> {
        let session = Arc::clone(&self.session);
        tokio::task::spawn_blocking(move || work(&session)).await.map_err(|error| {
            tracing::error!(%error, "a request failed");
            Error::internal_error()
        })
    }

    fn files_changed(&self, changes: Vec<FileEvent>) {
        let backend = self.clone();
        tokio::spawn(async move {
            let mut reload: Vec<Arc<Workspace>> = Vec::new();
            let mut touched: Vec<Arc<Workspace>> = Vec::new();
            for change in changes {
                let place = backend.session.find_place(&change.uri);
                if place.workspace.disk().is_none() || place.workspace.is_open(&place.path) {
                    continue;
                }
                let workspace = &place.workspace;
                if place.path == config::FILE_NAME || is_manifest(&place.path) {
                    reload.push(Arc::clone(workspace));
                } else if is_rust(&place.path) && !workspace.settings().is_excluded(&place.path) {
                    touched.push(Arc::clone(workspace));
                    let workspace = Arc::clone(workspace);
                    let gone = change.typ == FileChangeType::DELETED;
                    let path = place.path.clone();
                    let read = tokio::task::spawn_blocking(move || {
                        if gone {
                            workspace.forget(&path);
                        } else {
                            workspace.analyze_closed(&path);
                        }
                    });
                    if let Err(error) = read.await {
                        tracing::error!(%error, "a changed file was not reviewed");
                    }
                    if gone {
                        diagnostics::clear(&backend.client, &backend.session, &change.uri).await;
                    }
                }
            }
            for workspace in &reload {
                backend.reload_folder(workspace).await;
            }
            touched.dedup_by(|a, b| Arc::ptr_eq(a, b));
            for workspace in &touched {
                backend.refresh_all(workspace).await;
            }
        });
    }
}

fn folders_of(params: &InitializeParams) -> Vec<PathBuf> {
    let named = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let mut folders: Vec<PathBuf> = named.filter_map(convert::file_path).collect();
    if folders.is_empty() {
        // Older clients, and some newer ones, say only this.
        #[allow(deprecated)]
        let root = params.root_uri.as_ref().and_then(convert::file_path);
        #[allow(deprecated)]
        folders.extend(root.or_else(|| params.root_path.as_ref().map(PathBuf::from)));
    }
    folders
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let support = ClientSupport::of(&params.capabilities);
        self.session.set_support(support);
        if let Some(options) = params.initialization_options.clone() {
            self.session.set_settings(options);
        }
        if let Some(client) = params.process_id {
            lifecycle::end_with_process(client);
        }
        for folder in folders_of(&params) {
            self.session.add_folder(&folder);
        }
        Ok(InitializeResult {
            capabilities: server_capabilities(support),
            server_info: Some(ServerInfo {
                name: "readiness-lsp".to_string(),
                version: Some(env!("CARGO_PKG_VERSION").to_string()),
            }),
            ..Default::default()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        let folders = self.session.folders();
        let backend = self.clone();
        tokio::spawn(async move {
            if let Err(error) = tokio::task::spawn_blocking(pages::write).await {
                tracing::warn!(%error, "the rule pages were not written");
            }
            for folder in folders {
                backend.index(folder);
            }
            let registrations = registrations(backend.session.support());
            if !registrations.is_empty()
                && let Err(error) = backend.client.register_capability(registrations).await
            {
                tracing::warn!(%error, "the client watches no files for us");
            }
        });
        self.pull_settings();
    }

    async fn shutdown(&self) -> Result<()> {
        lifecycle::shutdown_requested();
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let TextDocumentItem { uri, text, version, .. } = params.text_document;
        if let Some((_, old)) = self.session.documents.remove(&uri) {
            old.closed.notify_one();
        }
        let place = self.session.find_place(&uri);
        place.workspace.open_buffer(&place.path, &text, version);
        let document =
            Arc::new(OpenDocument { place, changed: Notify::new(), closed: Notify::new() });
        self.session.documents.insert(uri.clone(), Arc::clone(&document));
        documents::spawn(self, uri, document);
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let Some(document) = self.session.document(&uri) else { return };
        let changes = params.content_changes.into_iter().map(|change| match change.range {
            Some(range) => Change::Range {
                start: convert::to_position(range.start),
                end: convert::to_position(range.end),
                text: change.text,
            },
            None => Change::Full(change.text),
        });
        let encoding = self.session.support().encoding;
        let place = &document.place;
        place.workspace.change_buffer(&place.path, changes.collect(), version, encoding);
        document.changed.notify_one();
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        if let Some(document) = self.session.document(&params.text_document.uri) {
            document.changed.notify_one();
        }
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        let Some((_, document)) = self.session.documents.remove(&uri) else { return };
        let place = document.place.clone();
        place.workspace.close_buffer(&place.path);
        document.closed.notify_one();
        // From now on the disk has the file's text, which may differ from the buffer's.
        self.files_changed(vec![FileEvent { uri, typ: FileChangeType::CHANGED }]);
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        if self.session.support().configuration {
            self.pull_settings();
            return;
        }
        let settings = params.settings.get("readiness").cloned().unwrap_or_default();
        if self.session.set_settings(settings) {
            let backend = self.clone();
            tokio::spawn(async move {
                for workspace in backend.session.folders() {
                    backend.refresh_all(&workspace).await;
                }
            });
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        for folder in &params.event.added {
            self.open_folder(&folder.uri);
        }
        for folder in &params.event.removed {
            let removed =
                convert::file_path(&folder.uri).and_then(|it| self.session.remove_folder(&it));
            let Some(workspace) = removed else { continue };
            let backend = self.clone();
            tokio::spawn(async move {
                for path in workspace.files() {
                    if let Some(uri) = backend.session.uri(&workspace, &path) {
                        diagnostics::clear(&backend.client, &backend.session, &uri).await;
                    }
                }
            });
        }
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.files_changed(params.changes);
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        let report = self.blocking(move |session| diagnostics::pull(session, &params)).await?;
        Ok(DocumentDiagnosticReportResult::Report(report))
    }

    async fn workspace_diagnostic(
        &self,
        params: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        let report =
            self.blocking(move |session| diagnostics::pull_workspace(session, &params)).await?;
        Ok(WorkspaceDiagnosticReportResult::Report(report))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.blocking(move |session| Some(actions::actions(session, &params))).await
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        let resolved = self.blocking(move |session| actions::resolve(session, action)).await?;
        resolved.map_err(|error| match error {
            ResolveError::Stale => Error {
                code: ErrorCode::ContentModified,
                message: "the text changed since the action was offered".into(),
                data: None,
            },
            ResolveError::Malformed => Error::invalid_params("the action has no data of ours"),
        })
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        self.blocking(move |session| hover(session, &params.text_document_position_params)).await
    }
}

/// The pages of the rules that report something at a position.
fn hover(session: &Session, params: &TextDocumentPositionParams) -> Option<Hover> {
    let support = session.support();
    let place = session.place(&params.text_document.uri);
    let analyzed = place.workspace.analyze_buffer(&place.path, false)?;
    let offset = analyzed.text.offset(convert::to_position(params.position), support.encoding);
    let here: Vec<_> =
        analyzed.findings.iter().filter(|it| it.range.contains_inclusive(offset)).collect();
    let range = here.iter().map(|it| it.range).reduce(TextRange::cover)?;
    let pages: Vec<String> = here
        .iter()
        .map(|it| format!("**{}** ({}): {}\n\n{}", it.rule.id, it.tier, it.message, it.rule.docs()))
        .collect();
    let kind = if support.hover_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value: pages.join("\n\n---\n\n") }),
        range: Some(convert::range(&analyzed.text, range, support.encoding)),
    })
}
