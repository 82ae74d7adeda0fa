//! Diagnostics: pushed to clients that wait for them, given to clients that ask.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ls_types::*;
use tower_lsp::Client;

use super::convert;
use super::session::{OpenDocument, Place, Scope, Session};
use crate::analysis::Finding;
use crate::text::Text;
use crate::workspace::Workspace;

/// The diagnostics of a file.
pub fn of_findings(
    session: &Session,
    uri: &Uri,
    text: &Text,
    findings: &[Finding],
) -> Vec<Diagnostic> {
    let support = session.support();
    let min_tier = session.settings().min_tier;
    findings
        .iter()
        .filter(|finding| min_tier.is_none_or(|min| finding.tier >= min))
        .filter(|_| !is_foreign(uri))
        .map(|finding| convert::diagnostic(finding, uri, text, support))
        .collect()
}

/// Code of others, which an editor opens to show a definition: nobody here will mend it.
fn is_foreign(uri: &Uri) -> bool {
    let uri = uri.as_str();
    uri.contains("/.cargo/registry/")
        || uri.contains("/.cargo/git/")
        || uri.contains("/rustlib/src/")
}

/// Sends the diagnostics of an open document, unless the client has these already, asks for them
/// itself, or has closed the document.
pub async fn publish_open(
    client: &Client,
    session: &Session,
    uri: &Uri,
    document: &Arc<OpenDocument>,
    diagnostics: Vec<Diagnostic>,
    version: i32,
) {
    let _turn = session.publishing.lock().await;
    let is_open = session.document(uri).is_some_and(|open| Arc::ptr_eq(&open, document));
    if is_open {
        send(client, session, uri, diagnostics, Some(version)).await;
    }
}

async fn send(
    client: &Client,
    session: &Session,
    uri: &Uri,
    diagnostics: Vec<Diagnostic>,
    version: Option<i32>,
) {
    let known = match session.published.get(uri) {
        Some(last) => *last.value() == diagnostics,
        // The first result for a document is sent even when it is empty: a client may wait for it.
        None => diagnostics.is_empty() && version.is_none(),
    };
    if known || session.support().pull_diagnostics {
        return;
    }
    session.published.insert(uri.clone(), diagnostics.clone());
    client.publish_diagnostics(uri.clone(), diagnostics, version).await;
}

/// Takes back what was sent for a file, unless it is open.
pub async fn clear(client: &Client, session: &Session, uri: &Uri) {
    let _turn = session.publishing.lock().await;
    if session.document(uri).is_none() && session.published.remove(uri).is_some() {
        client.publish_diagnostics(uri.clone(), Vec::new(), None).await;
    }
}

/// The diagnostics of a closed file, or of an open one as of its last analysis.
pub fn of_closed(
    session: &Session,
    workspace: &Arc<Workspace>,
    path: &str,
) -> Option<(Uri, Vec<Diagnostic>)> {
    let uri = session.uri(workspace, path)?;
    let findings = workspace.findings(path);
    let text = Text::new(&workspace.text_of(path)?);
    let diagnostics = of_findings(session, &uri, &text, &findings);
    Some((uri, diagnostics))
}

/// Pushes the diagnostics of closed files, when the client wants the whole workspace.
pub async fn publish_closed(client: &Client, session: &Arc<Session>, workspace: &Arc<Workspace>) {
    if session.support().pull_diagnostics {
        return;
    }
    let whole = session.settings().scope == Scope::Workspace;
    for path in workspace.files() {
        if workspace.is_open(&path) {
            continue;
        }
        if !whole {
            let Some(uri) = session.uri(workspace, &path) else { continue };
            clear(client, session, &uri).await;
            continue;
        }
        let (session_, workspace_) = (Arc::clone(session), Arc::clone(workspace));
        let closed =
            tokio::task::spawn_blocking(move || of_closed(&session_, &workspace_, &path)).await;
        if let Ok(Some((uri, diagnostics))) = closed {
            let _turn = session.publishing.lock().await;
            if session.document(&uri).is_none() {
                send(client, session, &uri, diagnostics, None).await;
            }
        }
    }
}

/// Answers `textDocument/diagnostic` for the text as it is now.
pub fn pull(session: &Session, params: &DocumentDiagnosticParams) -> DocumentDiagnosticReport {
    let uri = &params.text_document.uri;
    let Place { workspace, path } = session.place(uri);
    let analyzed = workspace.analyze_buffer(&path, true);
    let items = match analyzed {
        Some(it) => of_findings(session, uri, &it.text, &it.findings),
        None => of_closed(session, &workspace, &path).map(|it| it.1).unwrap_or_default(),
    };
    let result_id = result_id(&items);
    if params.previous_result_id.as_ref() == Some(&result_id) {
        return RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        }
        .into();
    }
    RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport {
            result_id: Some(result_id),
            items,
        },
    }
    .into()
}

/// Answers `workspace/diagnostic`: the closed files, when the client wants the whole workspace.
pub fn pull_workspace(
    session: &Session,
    params: &WorkspaceDiagnosticParams,
) -> WorkspaceDiagnosticReport {
    let mut items = Vec::new();
    let whole = session.settings().scope == Scope::Workspace;
    for workspace in session.folders() {
        for path in workspace.files() {
            if workspace.is_open(&path) {
                continue;
            }
            let Some((uri, mut diagnostics)) = of_closed(session, &workspace, &path) else {
                continue;
            };
            if !whole {
                diagnostics.clear();
            }
            let known = params.previous_result_ids.iter().find(|it| it.uri == uri);
            let result_id = result_id(&diagnostics);
            if known.is_some_and(|known| known.value == result_id) {
                let report = UnchangedDocumentDiagnosticReport { result_id };
                items.push(WorkspaceDocumentDiagnosticReport::Unchanged(
                    WorkspaceUnchangedDocumentDiagnosticReport {
                        uri,
                        version: None,
                        unchanged_document_diagnostic_report: report,
                    },
                ));
            } else if !diagnostics.is_empty() || known.is_some() {
                let report =
                    FullDocumentDiagnosticReport { result_id: Some(result_id), items: diagnostics };
                items.push(WorkspaceDocumentDiagnosticReport::Full(
                    WorkspaceFullDocumentDiagnosticReport {
                        uri,
                        version: None,
                        full_document_diagnostic_report: report,
                    },
                ));
            }
        }
    }
    WorkspaceDiagnosticReport { items }
}

/// Equal diagnostics have equal ids.
fn result_id(diagnostics: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    for diagnostic in diagnostics {
        format!("{diagnostic:?}").hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
