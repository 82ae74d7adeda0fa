//! Diagnostics: of open files pushed to clients that wait for them, given to clients that ask; of
//! closed files always pushed.
//!
//! `workspace/diagnostic` is not offered. A client that has it asks every two seconds (VS Code),
//! or asks for nothing else when told to ask again, and open files go stale (Neovim 0.12). No file
//! is both open and closed, so none is reported twice.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use ls_types::*;
use serde_json::value::to_raw_value;

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
    let shown = shown(session, uri);
    let elsewhere = elsewhere(session, uri);
    findings
        .iter()
        .filter(|finding| shown(finding))
        .map(|finding| convert::diagnostic(finding, uri, text, support, &elsewhere))
        .collect()
}

/// Gives the URI and the text of another file of the workspace that a document is in.
pub fn elsewhere<'a>(
    session: &'a Session,
    uri: &'a Uri,
) -> impl Fn(&str) -> Option<(Uri, Text)> + 'a {
    move |path| {
        let Place { workspace, .. } = session.place(uri);
        Some((session.uri(&workspace, path)?, Text::new(&workspace.snapshot().text_of(path)?)))
    }
}

/// Which findings of a file the client wants to see.
pub fn shown(session: &Session, uri: &Uri) -> impl Fn(&Finding) -> bool + use<> {
    let min_severity = session.settings().min_severity;
    let foreign = is_foreign(uri);
    move |finding| !foreign && min_severity.is_none_or(|min| finding.severity >= min)
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
pub fn publish_open(
    session: &Session,
    uri: &Uri,
    document: &Arc<OpenDocument>,
    diagnostics: &[Diagnostic],
    version: i32,
) {
    in_turn(session, || {
        let is_open = session.document(uri).is_some_and(|open| Arc::ptr_eq(&open, document));
        if !is_open {
            return;
        }
        if session.support().pull_diagnostics {
            // What was sent while the file was closed.
            return send(session, uri, &[], None);
        }
        // The first result is sent even when nothing changed: a client may wait for it.
        if !document.answered.swap(true, Ordering::Relaxed) {
            session.published.remove(uri);
        }
        send(session, uri, diagnostics, Some(version));
    });
}

/// Whether a client that asks has other diagnostics than these: it asked before another document
/// changed, or does not ask for what it does not show. What was just opened it is about to ask for.
pub fn is_stale(session: &Session, document: &OpenDocument, diagnostics: &[Diagnostic]) -> bool {
    session.support().pull_diagnostics
        && document.answered.swap(true, Ordering::Relaxed)
        && document.last_answer() != Some(result_id(diagnostics))
}

/// Sends something while nobody else does. The client may be slow to read.
fn in_turn<T>(session: &Session, send: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(|| {
        let _turn = session.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        send()
    })
}

/// Sends diagnostics unless the client knows them.
fn send(session: &Session, uri: &Uri, diagnostics: &[Diagnostic], version: Option<i32>) {
    let json = match to_raw_value(diagnostics) {
        Ok(json) => json,
        Err(error) => return tracing::error!(%error, "diagnostics cannot be sent"),
    };
    let known = match session.published.get(uri) {
        Some(last) => last.get() == json.get(),
        None => diagnostics.is_empty() && version.is_none(),
    };
    if !known {
        session.output.publish(uri, &json, version);
        session.published.insert(uri.clone(), json);
    }
}

/// Takes back what was sent for a file, unless it is open.
pub fn clear(session: &Session, uri: &Uri) {
    in_turn(session, || {
        if session.document(uri).is_none() && session.published.remove(uri).is_some() {
            session.output.publish(uri, &[(); 0], None);
        }
    });
}

/// The diagnostics of a closed file, or of an open one as of its last analysis.
pub fn of_closed(
    session: &Session,
    workspace: &Arc<Workspace>,
    path: &str,
) -> Option<(Uri, Vec<Diagnostic>)> {
    let uri = session.uri(workspace, path)?;
    let findings = workspace.snapshot().findings(path);
    // A file that cannot be read has a finding all the same.
    let text = Text::new(&workspace.snapshot().text_of(path).unwrap_or_default());
    let diagnostics = of_findings(session, &uri, &text, &findings);
    Some((uri, diagnostics))
}

/// Pushes the diagnostics of closed files when the client wants the whole workspace, and takes
/// back what no longer holds.
pub async fn publish_closed(session: &Arc<Session>, workspace: &Arc<Workspace>) {
    clear_stale(session);
    if session.settings().scope != Scope::Workspace {
        return;
    }
    for path in workspace.snapshot().files() {
        if workspace.snapshot().is_open(&path) {
            continue;
        }
        let (session_, workspace_) = (Arc::clone(session), Arc::clone(workspace));
        let closed =
            tokio::task::spawn_blocking(move || of_closed(&session_, &workspace_, &path)).await;
        if let Ok(Some((uri, diagnostics))) = closed {
            in_turn(session, || {
                // Asked in turn, as the folder may have been closed just now.
                if session.owns(workspace, &uri) && session.document(&uri).is_none() {
                    send(session, &uri, &diagnostics, None);
                }
            });
        }
    }
}

/// Takes back what was sent for closed files that have no findings any more: they are gone or
/// excluded, their folder was closed, or the client wants open files only.
pub fn clear_stale(session: &Session) {
    let whole = session.settings().scope == Scope::Workspace;
    // What someone is about to send is not missed, as it would be beside their turn.
    let published: Vec<Uri> =
        in_turn(session, || session.published.iter().map(|it| it.key().clone()).collect());
    for uri in published {
        let Place { workspace, path } = session.find_place(&uri);
        let stands =
            whole && workspace.disk().is_some() && workspace.snapshot().files().contains(&path);
        if !stands {
            clear(session, &uri);
        }
    }
}

/// Answers `textDocument/diagnostic` for the text as it is now, and tells whether other files may
/// be affected.
pub fn pull(
    session: &Session,
    params: &DocumentDiagnosticParams,
) -> (DocumentDiagnosticReport, bool) {
    let uri = &params.text_document.uri;
    let Place { workspace, path } = session.place(uri);
    // The document's own task parses in full once typing settles.
    let analyzed = workspace.analyze_buffer(&path);
    let affects_others = analyzed.as_ref().is_some_and(|it| it.affects_others);
    let items = match analyzed {
        Some(it) => of_findings(session, uri, &it.text, &it.findings),
        // These are pushed.
        None if session.settings().scope == Scope::Workspace => Vec::new(),
        None => of_closed(session, &workspace, &path).map(|it| it.1).unwrap_or_default(),
    };
    let result_id = result_id(&items);
    if let Some(document) = session.document(uri) {
        document.set_last_answer(result_id.clone());
    }
    let report = if params.previous_result_id.as_ref() == Some(&result_id) {
        RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        }
        .into()
    } else {
        RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(result_id),
                items,
            },
        }
        .into()
    };
    (report, affects_others)
}

/// Equal diagnostics have equal ids.
fn result_id(diagnostics: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    for diagnostic in diagnostics {
        format!("{diagnostic:?}").hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
