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
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::{Client, LanguageServer};

use super::actions::{self, ResolveError};
use super::capabilities::{ClientSupport, registrations, server_capabilities};
use super::output::Output;
use super::reviews::Reviews;
use super::session::{OpenDocument, Place, Session};
use super::{completion, convert, diagnostics, documents, lifecycle};
use crate::text::FileRange;
use crate::workspace::{BufferFindings, Change, is_rust};

#[derive(Debug, Clone)]
pub struct Backend {
    client: Client,
    session: Arc<Session>,
    reviews: Reviews,
}

impl Backend {
    pub fn new(client: Client, output: Output) -> Self {
        let session = Arc::new(Session::new(output));
        let reviews = Reviews { client: client.clone(), session: Arc::clone(&session) };
        Self { client, session, reviews }
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
                        backend.reviews.settings_changed().await;
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
            self.reviews.index(workspace);
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
        documents::spawn(&self.reviews, uri, document);
    }

    /// Moves documents to the folders they belong to now.
    fn move_documents(&self) {
        for (uri, document) in self.session.open_documents() {
            let Place { workspace, path } = document.place.clone();
            if self.session.owns(&workspace, &uri) {
                continue;
            }
            let Some((text, version)) = workspace.snapshot().buffer_text(&path) else { continue };
            workspace.close_buffer(&path);
            let language = if is_rust(&path) { "rust" } else { "" };
            self.open(uri, language, &text.to_string(), version);
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
                backend.reviews.index(folder);
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
            backend.reviews.read_again(&[uri]).await;
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
            tokio::spawn(async move { backend.reviews.settings_changed().await });
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
        tokio::spawn(async move { backend.reviews.read_again(&uris).await });
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        let uri = params.text_document.uri.clone();
        let pull = self.blocking(move |session| diagnostics::pull(session, &params));
        let (report, symbols_changed) = pull.await?;
        if symbols_changed {
            let backend = self.clone();
            tokio::spawn(async move { backend.reviews.refresh_others(&uri).await });
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
    match place.workspace.analyze_buffer(&place.path) {
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
    let range = here.iter().map(|it| it.range).reduce(FileRange::cover)?;
    let pages: Vec<String> = here
        .iter()
        .map(|it| {
            format!("**{}** ({}): {}\n\n{}", it.rule.id, it.severity, it.message, it.rule.docs())
        })
        .collect();
    let kind = if support.hover_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value: pages.join("\n\n---\n\n") }),
        range: Some(convert::range(&analyzed.text, range, support.encoding)),
    })
}
