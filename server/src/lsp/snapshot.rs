//! What the answer to a request is made from.

use std::sync::Arc;

use ls_types::Uri;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use super::client_settings::ClientSettings;
use super::client_support::ClientSupport;
use super::document::{OpenDocument, WorkspaceFile};
use super::session::Session;
use crate::analysis::{Confidence, Finding};
use crate::text::Text;
use crate::workspace::{BufferFindings, Snapshot};

/// A document as it was when a request came. The request is answered for that version, or refused.
#[derive(Debug)]
pub struct DocumentSnapshot {
    pub uri: Uri,
    pub file: WorkspaceFile,
    /// Nothing when the document is not open.
    pub document: Option<Arc<OpenDocument>>,
    /// The version of the text; nothing when the document is not open.
    pub version: Option<i32>,
    pub support: ClientSupport,
    pub settings: ClientSettings,
    /// For the URIs of other files.
    session: Arc<Session>,
}

impl DocumentSnapshot {
    pub fn new(session: &Arc<Session>, uri: &Uri) -> Self {
        let uri = session.spelling(uri);
        Self::of_file(session, &uri, session.file(&uri))
    }

    pub fn of_file(session: &Arc<Session>, uri: &Uri, file: WorkspaceFile) -> Self {
        Self {
            uri: uri.clone(),
            document: session.document(uri),
            version: file.version(),
            file,
            support: session.support(),
            settings: session.settings(),
            session: Arc::clone(session),
        }
    }

    /// The workspace as it is now.
    pub fn workspace(&self) -> Snapshot {
        self.file.workspace.snapshot()
    }

    /// The findings in the document that the client wants to see; nothing when it is not open.
    ///
    /// # Errors
    ///
    /// When the text changed since the request came: positions in it mean other places by now.
    pub fn analyze(&self) -> Result<Option<BufferFindings>> {
        let Some(mut analyzed) = self.file.workspace.analyze_buffer(&self.file.path) else {
            return Ok(None);
        };
        if Some(analyzed.version) != self.version {
            return Err(content_modified());
        }
        analyzed.findings.retain(|finding| self.shows(finding));
        Ok(Some(analyzed))
    }

    /// Whether the client wants to see a finding.
    pub fn shows(&self, finding: &Finding) -> bool {
        !is_dependency(&self.uri)
            && self.settings.min_severity.is_none_or(|min| finding.severity >= min)
            && finding.confidence >= self.settings.confidence.unwrap_or(Confidence::SHOWN)
    }

    /// The URI of a file of the same workspace.
    pub fn uri_of(&self, path: &str) -> Option<Uri> {
        self.session.uri(&self.file.workspace, path)
    }

    /// The URI and the text of another file of the same workspace.
    pub fn other_file(&self, path: &str) -> Option<(Uri, Text)> {
        Some((self.uri_of(path)?, Text::new(&self.workspace().text_of(path)?)))
    }

    /// The result of `compute`, which makes edits.
    ///
    /// # Errors
    ///
    /// When a text of the workspace changed meanwhile: the edits would mix two texts.
    pub fn unless_changed<T>(&self, compute: impl FnOnce() -> Result<T>) -> Result<T> {
        let versions = || self.workspace().buffer_versions();
        let before = versions();
        let result = compute();
        if versions() == before { result } else { Err(content_modified()) }
    }
}

/// Source of a dependency, which an editor opens to show a definition: it is not edited here.
fn is_dependency(uri: &Uri) -> bool {
    let uri = uri.as_str();
    uri.contains("/.cargo/registry/")
        || uri.contains("/.cargo/git/")
        || uri.contains("/rustlib/src/")
}

/// The error of a request about a text that changed meanwhile.
pub fn content_modified() -> Error {
    Error {
        code: ErrorCode::ContentModified,
        message: "the document changed since the request".into(),
        data: None,
    }
}
