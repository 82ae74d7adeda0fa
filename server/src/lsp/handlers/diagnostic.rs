use ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport,
};
use tower_lsp::jsonrpc::Result;

use crate::lsp::client_settings::Scope;
use crate::lsp::diagnostics;
use crate::lsp::snapshot::DocumentSnapshot;

/// The answer to `textDocument/diagnostic`.
pub struct PulledDiagnostics {
    pub report: DocumentDiagnosticReport,
    /// Other files may have other diagnostics now.
    pub affects_others: bool,
}

/// The diagnostics of a document by its text as it is now.
pub fn diagnostic(
    document: &DocumentSnapshot,
    params: DocumentDiagnosticParams,
) -> Result<PulledDiagnostics> {
    // The document's own task passes on what it declares once typing settles.
    let analyzed = document.file.workspace.analyze_buffer(&document.file.path);
    let affects_others = analyzed.as_ref().is_some_and(|it| it.affects_others);
    let items = match analyzed {
        Some(it) => diagnostics::of_findings(document, &it.text, &it.findings),
        // These are published.
        None if document.settings.scope == Scope::Workspace => Vec::new(),
        None => diagnostics::of_closed(document),
    };
    let result_id = diagnostics::result_id(&items);
    if let Some(document) = &document.document {
        document.set_last_result_id(result_id.clone());
    }
    let is_known = params.previous_result_id.as_ref() == Some(&result_id);
    let report = if is_known { unchanged(result_id) } else { full(result_id, items) };
    Ok(PulledDiagnostics { report, affects_others })
}

fn unchanged(result_id: String) -> DocumentDiagnosticReport {
    RelatedUnchangedDocumentDiagnosticReport {
        related_documents: None,
        unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
    }
    .into()
}

fn full(result_id: String, items: Vec<Diagnostic>) -> DocumentDiagnosticReport {
    RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport {
            result_id: Some(result_id),
            items,
        },
    }
    .into()
}
