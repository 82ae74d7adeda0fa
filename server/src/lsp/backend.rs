//! The handlers of LSP's messages.
//!
//! Handlers run at the same time, and tower-lsp starts them in the order in which the messages
//! came. Two rules follow. A notification does its change of state before its first `await`, or
//! changes would be applied out of order. And no handler waits for the client: with every slot
//! taken by one that does, nobody would read the client's answer. What has to ask the client runs
//! in a task of its own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError};

use ls_types::*;
use tokio::sync::Notify;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::{Client, LanguageServer};

use super::actions::{self, ResolveError};
use super::capabilities::{ClientSupport, registrations, server_capabilities};
use super::output::Output;
use super::session::{OpenDocument, Place, Session};
use super::{completion, convert, diagnostics, documents, lifecycle};
use crate::config;
use crate::text::TextRange;
use crate::workspace::{BufferFindings, Change, Workspace, is_manifest, is_rust};

#[derive(Debug, Clone)]
pub struct Backend {
    pub client: Client,
    pub session: Arc<Session>,
}

impl Backend {
    pub fn new(client: Client, output: Output) -> Self {
        Self { client, session: Arc::new(Session::new(output)) }
    }

    /// Reviews a folder in the background, shows progress, and brings documents up to date.
    fn index(&self, workspace: Arc<Workspace>) {
        let done = self.show_progress();
        let backend = self.clone();
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
            backend.refresh_all(&workspace).await;
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

    /// New settings of the client show at once.
    async fn settings_changed(&self) {
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
                        backend.settings_changed().await;
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

    /// Reviews closed files again after something happened to them on the disk.
    async fn read_again(&self, uris: &[Uri]) {
        let _turn = self.session.reading.lock().await;
        let mut reload: Vec<Arc<Workspace>> = Vec::new();
        let mut touched: Vec<(Arc<Workspace>, Vec<String>)> = Vec::new();
        for uri in uris {
            let Place { workspace, path } = self.session.find_place(uri);
            if workspace.is_open(&path) {
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

    /// Takes a document in, with the place it has now.
    fn open(&self, uri: Uri, language: &str, text: &str, version: i32) {
        let mut place = self.session.find_place(&uri);
        // The name of an unsaved buffer says nothing: its editor knows what is in it.
        if place.workspace.disk().is_none() && language == "rust" && !is_rust(&place.path) {
            place.path.push_str(".rs");
        }
        place.workspace.open_buffer(&place.path, text, version);
        let document = Arc::new(OpenDocument::new(place));
        if let Some(old) = self.session.documents.insert(uri.clone(), Arc::clone(&document)) {
            old.closed.notify_one();
        }
        documents::spawn(self, uri, document);
    }

    /// Moves documents to the folders they belong to now.
    fn move_documents(&self) {
        for (uri, document) in self.session.open_documents() {
            let Place { workspace, path } = document.place.clone();
            if self.session.owns(&workspace, &uri) {
                continue;
            }
            let Some(file) = workspace.open_file(&path) else { continue };
            let (text, version) = {
                let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                (file.text().to_string(), file.version)
            };
            workspace.close_buffer(&path);
            let language = if is_rust(&path) { "rust" } else { "" };
            self.open(uri, language, &text, version);
            // The folder it was in may still be there and have it as a closed file.
            tokio::task::spawn_blocking(move || match workspace.disk() {
                Some(_) => workspace.read_again(&[path]),
                None => {
                    workspace.forget(&path);
                }
            });
        }
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
            self.session.set_initial_settings(options);
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
        // Noted where messages are read, see `lifecycle`.
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let TextDocumentItem { uri, language_id, text, version } = params.text_document;
        self.open(uri, &language_id, &text, version);
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
        if place.workspace.disk().is_none() {
            place.workspace.forget(&place.path);
        }
        document.closed.notify_one();
        let backend = self.clone();
        tokio::spawn(async move {
            diagnostics::clear(&backend.session, &uri);
            // From now on the disk has the file's text, which may differ from the buffer's.
            backend.read_again(&[uri]).await;
        });
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        if self.session.support().configuration {
            self.pull_settings();
            return;
        }
        let settings = params.settings.get("readiness").cloned().unwrap_or_default();
        if self.session.set_settings(settings) {
            let backend = self.clone();
            tokio::spawn(async move { backend.settings_changed().await });
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        for folder in &params.event.removed {
            if let Some(path) = convert::file_path(&folder.uri) {
                self.session.remove_folder(&path);
            }
        }
        for folder in &params.event.added {
            self.open_folder(&folder.uri);
        }
        self.move_documents();
        let backend = self.clone();
        tokio::spawn(async move {
            diagnostics::clear_stale(&backend.session);
        });
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        // What the disk has counts, and not what an event says: events may come late.
        let uris: Vec<Uri> = params.changes.into_iter().map(|change| change.uri).collect();
        let backend = self.clone();
        tokio::spawn(async move { backend.read_again(&uris).await });
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        let uri = params.text_document.uri.clone();
        let pull = self.blocking(move |session| diagnostics::pull(session, &params));
        let (report, facts_changed) = pull.await?;
        if facts_changed {
            let backend = self.clone();
            tokio::spawn(async move { documents::refresh_others(&backend, &uri).await });
        }
        Ok(DocumentDiagnosticReportResult::Report(report))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let version = self.session.version(&params.text_document.uri);
        let actions = self.blocking(move |session| actions::actions(session, &params, version));
        let actions = actions.await?;
        actions.map(Some).map_err(error_of)
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        let resolved = self.blocking(move |session| actions::resolve(session, action)).await?;
        resolved.map_err(error_of)
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let params = params.text_document_position;
        let items = self.blocking(move |session| completion::completions(session, &params));
        Ok(Some(CompletionResponse::Array(items.await?)))
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let params = params.text_document_position_params;
        let version = self.session.version(&params.text_document.uri);
        let hover = self.blocking(move |session| hover(session, &params, version)).await?;
        hover.map_err(error_of)
    }
}

fn error_of(error: ResolveError) -> Error {
    match error {
        ResolveError::Stale => Error {
            code: ErrorCode::ContentModified,
            message: "the text changed meanwhile".into(),
            data: None,
        },
        ResolveError::Malformed => Error::invalid_params("the action has no data of ours"),
    }
}

/// The pages of the rules that report something at a position of the text with a version.
fn hover(
    session: &Session,
    params: &TextDocumentPositionParams,
    version: Option<i32>,
) -> std::result::Result<Option<Hover>, ResolveError> {
    let place = session.place(&params.text_document.uri);
    match place.workspace.analyze_buffer(&place.path, false) {
        // The position means another place by now.
        Some(analyzed) if Some(analyzed.version) != version => Err(ResolveError::Stale),
        Some(analyzed) => Ok(hover_in(session, params, &analyzed)),
        None => Ok(None),
    }
}

fn hover_in(
    session: &Session,
    params: &TextDocumentPositionParams,
    analyzed: &BufferFindings,
) -> Option<Hover> {
    let support = session.support();
    let offset = analyzed.text.offset(convert::to_position(params.position), support.encoding);
    let shown = diagnostics::shown(session, &params.text_document.uri);
    let here: Vec<_> = analyzed
        .findings
        .iter()
        .filter(|it| it.range.contains_inclusive(offset) && shown(it))
        .collect();
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
