//! Diagnostics: pushed to clients that wait for them, given to clients that ask.

use std::collections::BTreeSet;
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
        Some((session.uri(&workspace, path)?, Text::new(&workspace.text_of(path)?)))
    }
}

/// Which findings of a file the client wants to see.
pub fn shown(session: &Session, uri: &Uri) -> impl Fn(&Finding) -> bool + use<> {
    let min_tier = session.settings().min_tier;
    let foreign = is_foreign(uri);
    move |finding| !foreign && min_tier.is_none_or(|min| finding.tier >= min)
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
        if is_open {
            // The first result is sent even when nothing changed: a client may wait for it.
            if !document.answered.swap(true, Ordering::Relaxed) {
                session.published.remove(uri);
            }
            send(session, uri, diagnostics, Some(version));
        }
    });
}

/// Sends something while nobody else does. The client may be slow to read.
fn in_turn(session: &Session, send: impl FnOnce()) {
    tokio::task::block_in_place(|| {
        let _turn = session.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        send();
    });
}

/// Sends diagnostics unless the client knows them.
fn send(session: &Session, uri: &Uri, diagnostics: &[Diagnostic], version: Option<i32>) {
    if session.support().pull_diagnostics {
        return;
    }
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
    let findings = workspace.findings(path);
    // A file that cannot be read has a finding all the same.
    let text = Text::new(&workspace.text_of(path).unwrap_or_default());
    let diagnostics = of_findings(session, &uri, &text, &findings);
    Some((uri, diagnostics))
}

/// Pushes the diagnostics of closed files when the client wants the whole workspace, and takes
/// back what no longer holds.
pub async fn publish_closed(session: &Arc<Session>, workspace: &Arc<Workspace>) {
    if session.support().pull_diagnostics {
        return;
    }
    clear_stale(session);
    if session.settings().scope != Scope::Workspace {
        return;
    }
    for path in workspace.files() {
        if workspace.is_open(&path) {
            continue;
        }
        let (session_, workspace_) = (Arc::clone(session), Arc::clone(workspace));
        let closed =
            tokio::task::spawn_blocking(move || of_closed(&session_, &workspace_, &path)).await;
        if let Ok(Some((uri, diagnostics))) = closed
            && session.owns(workspace, &uri)
        {
            in_turn(session, || {
                if session.document(&uri).is_none() {
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
    let published: Vec<Uri> = session.published.iter().map(|it| it.key().clone()).collect();
    for uri in published {
        let Place { workspace, path } = session.find_place(&uri);
        let stands = whole && workspace.disk().is_some() && workspace.files().contains(&path);
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
    let analyzed = workspace.analyze_buffer(&path, true);
    let facts_changed = analyzed.as_ref().is_some_and(|it| it.facts_changed);
    let items = match analyzed {
        Some(it) => of_findings(session, uri, &it.text, &it.findings),
        None => of_closed(session, &workspace, &path).map(|it| it.1).unwrap_or_default(),
    };
    let result_id = result_id(&items);
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
    (report, facts_changed)
}

/// Answers `workspace/diagnostic`: the closed files, when the client wants the whole workspace.
pub fn pull_workspace(
    session: &Session,
    params: &WorkspaceDiagnosticParams,
) -> WorkspaceDiagnosticReport {
    let mut reports = Vec::new();
    // What was reported before and is not now is reported as empty.
    let mut known: Vec<(Uri, &str)> =
        params.previous_result_ids.iter().map(|it| (it.uri.clone(), it.value.as_str())).collect();
    known.retain(|(uri, _)| session.document(uri).is_none());
    let mut current: Vec<(Uri, Vec<Diagnostic>)> = Vec::new();
    if session.settings().scope == Scope::Workspace {
        for workspace in session.folders() {
            let closed = workspace.files().into_iter().filter(|path| !workspace.is_open(path));
            let found = closed.filter_map(|path| of_closed(session, &workspace, &path));
            current.extend(found.filter(|(uri, _)| session.owns(&workspace, uri)));
        }
    }
    let listed: BTreeSet<&str> = current.iter().map(|(uri, _)| uri.as_str()).collect();
    let gone: Vec<Uri> = known
        .iter()
        .map(|(uri, _)| uri.clone())
        .filter(|uri| !listed.contains(uri.as_str()))
        .collect();
    current.extend(gone.into_iter().map(|uri| (uri, Vec::new())));
    for (uri, items) in current {
        let known = known.iter().find(|it| it.0 == uri).map(|it| it.1);
        let result_id = result_id(&items);
        if known == Some(result_id.as_str()) {
            reports.push(WorkspaceDocumentDiagnosticReport::Unchanged(
                WorkspaceUnchangedDocumentDiagnosticReport {
                    uri,
                    version: None,
                    unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport {
                        result_id,
                    },
                },
            ));
        } else if !items.is_empty() || known.is_some() {
            let report = FullDocumentDiagnosticReport { result_id: Some(result_id), items };
            reports.push(WorkspaceDocumentDiagnosticReport::Full(
                WorkspaceFullDocumentDiagnosticReport {
                    uri,
                    version: None,
                    full_document_diagnostic_report: report,
                },
            ));
        }
    }
    WorkspaceDiagnosticReport { items: reports }
}

/// Equal diagnostics have equal ids.
fn result_id(diagnostics: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    for diagnostic in diagnostics {
        format!("{diagnostic:?}").hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
