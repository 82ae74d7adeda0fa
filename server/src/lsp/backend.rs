//! LSP's messages, each routed to its handler.
//!
//! Handlers run at the same time, and tower-lsp starts them in the order in which the messages
//! came. Two rules follow. A notification does its change of state before its first `await`, or
//! changes would be applied out of order. And no handler waits for the client: with every slot
//! taken by one that does, nobody would read the client's answer. What has to ask the client runs
//! in a task of its own.

use std::sync::Arc;

use ls_types::*;
use tokio::sync::Semaphore;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::{Client, LanguageServer};

use super::handlers;
use super::publisher::Publisher;
use super::scheduler::Scheduler;
use super::session::Session;
use super::snapshot::DocumentSnapshot;
use super::stdout::Stdout;

#[derive(Debug, Clone)]
pub struct Backend {
    session: Arc<Session>,
    scheduler: Scheduler,
    /// Code actions are asked for with every move of the cursor, and the last ones cancelled. What
    /// waits for its turn then is never computed.
    actions: Arc<Semaphore>,
}

/// So many requests about code actions are answered at once.
const MAX_ACTIONS: usize = 2;

impl Backend {
    pub fn new(client: Client, stdout: Stdout) -> Self {
        let session = Arc::new(Session::new(Publisher::new(stdout)));
        let scheduler = Scheduler::new(client, Arc::clone(&session));
        Self { session, scheduler, actions: Arc::new(Semaphore::new(MAX_ACTIONS)) }
    }

    /// Answers a request about a document on the blocking pool. A handler that panics becomes an
    /// internal error of the request.
    async fn answer<P: Send + 'static, T: Send + 'static>(
        &self,
        uri: &Uri,
        params: P,
        handler: fn(&DocumentSnapshot, P) -> Result<T>,
    ) -> Result<T> {
        let document = DocumentSnapshot::new(&self.session, uri);
        let answer = tokio::task::spawn_blocking(move || handler(&document, params)).await;
        answer.unwrap_or_else(|error| {
            tracing::error!(%error, "a request failed");
            Err(Error::internal_error())
        })
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        // It reads settings, which must not keep messages from being read.
        let session = Arc::clone(&self.session);
        let opened = tokio::task::spawn_blocking(move || handlers::initialize(&session, params));
        opened.await.map_err(|error| {
            tracing::error!(%error, "the folders were not opened");
            Error::internal_error()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        handlers::initialized(&self.scheduler);
    }

    async fn shutdown(&self) -> Result<()> {
        // Noted where messages are read, see `exit`.
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        handlers::did_open(&self.scheduler, params);
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        handlers::did_change(&self.session, params);
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        handlers::did_save(&self.scheduler, &params);
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        handlers::did_close(&self.scheduler, params);
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        handlers::did_change_configuration(&self.scheduler, &params);
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        handlers::did_change_workspace_folders(&self.scheduler, &params);
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        handlers::did_change_watched_files(&self.scheduler, params);
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        let uri = params.text_document.uri.clone();
        let pulled = self.answer(&uri, params, handlers::diagnostic).await?;
        if pulled.affects_others {
            self.scheduler.spawn(|scheduler| async move { scheduler.refresh_others(&uri).await });
        }
        Ok(DocumentDiagnosticReportResult::Report(pulled.report))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let uri = params.text_document.uri.clone();
        let _turn = self.actions.acquire().await;
        self.answer(&uri, params, handlers::code_action).await
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        let _turn = self.actions.acquire().await;
        match handlers::action_document(&action)? {
            Some(uri) => self.answer(&uri, action, handlers::code_action_resolve).await,
            None => Ok(action),
        }
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        let session = Arc::clone(&self.session);
        let answer =
            tokio::task::spawn_blocking(move || handlers::execute_command(&session, params)).await;
        let answer = answer.unwrap_or_else(|error| {
            tracing::error!(%error, "a command failed");
            Err(Error::internal_error())
        });
        answer.map(Some)
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let uri = params.text_document_position.text_document.uri.clone();
        self.answer(&uri, params, handlers::completion).await
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.answer(&uri, params, handlers::definition).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.answer(&uri, params, handlers::hover).await
    }
}
