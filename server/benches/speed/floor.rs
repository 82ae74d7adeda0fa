//! What the protocol costs: a server that edits a rope and publishes findings that were ready.

use std::sync::{Mutex, OnceLock, PoisonError};

use ls_types::*;
use readiness_lsp::text::{Encoding, Position, Text, TextEdit};
use tower_lsp::jsonrpc::Result;
use tower_lsp::{Client, LanguageServer, LspService, Server};

/// Makes this program that server.
pub const ARGUMENT: &str = "serve-floor";

struct Floor {
    client: Client,
    /// They come in the options of `initialize`.
    ready: OnceLock<Vec<Diagnostic>>,
    text: Mutex<Text>,
}

pub fn serve() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let new = |client| Floor { client, ready: OnceLock::new(), text: Mutex::new(Text::default()) };
    let (service, socket) = LspService::new(new);
    let (input, output) = (tokio::io::stdin(), tokio::io::stdout());
    runtime.block_on(Server::new(input, output, socket).serve(service));
}

impl Floor {
    async fn publish(&self, uri: Uri, version: i32) {
        let ready = self.ready.get().cloned().unwrap_or_default();
        self.client.publish_diagnostics(uri, ready, Some(version)).await;
    }
}

impl LanguageServer for Floor {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let options = params.initialization_options.unwrap_or_default();
        let ready = serde_json::from_value(options).expect("diagnostics");
        self.ready.get_or_init(|| ready);
        let capabilities = ServerCapabilities {
            text_document_sync: Some(TextDocumentSyncKind::INCREMENTAL.into()),
            ..Default::default()
        };
        Ok(InitializeResult { capabilities, ..Default::default() })
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = Text::new(&document.text);
        self.publish(document.uri, document.version).await;
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        {
            let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
            for change in params.content_changes {
                let Some(range) = change.range else { continue };
                let at =
                    |it: ls_types::Position| Position { line: it.line, character: it.character };
                let range = text.range(at(range.start), at(range.end), Encoding::Utf16);
                text.apply(&TextEdit::replace(range, change.text));
            }
        }
        self.publish(params.text_document.uri, params.text_document.version).await;
    }
}
