//! The diagnostics of a file.

use std::hash::{DefaultHasher, Hash, Hasher};

use ls_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString,
};

use super::snapshot::DocumentSnapshot;
use super::{convert, rule_pages};
use crate::analysis::{Finding, Related, Severity, Tag};
use crate::text::Text;

/// The name by which editors show who reported a diagnostic.
const SOURCE: &str = "readiness";

/// The diagnostics of the findings in a text that the client wants to see.
pub fn of_findings(
    document: &DocumentSnapshot,
    text: &Text,
    findings: &[Finding],
) -> Vec<Diagnostic> {
    let workspace = document.workspace();
    // The text is wanted only where there is a baseline.
    let known = workspace
        .baseline()
        .and_then(|_| workspace.known_findings(&document.file.path, &text.to_string(), findings));
    let is_known = |index: usize| known.as_ref().and_then(|it| it.get(index)) == Some(&true);
    let is_shown = |finding: &Finding| {
        document.shows(finding) && !workspace.is_shown_by_other_tool(&document.file.path, finding)
    };
    let shown = findings.iter().enumerate().filter(|(_, finding)| is_shown(finding));
    let diagnostic = |(index, finding): (usize, &Finding)| {
        let diagnostic = of_finding(finding, document, text);
        match is_known(index) {
            // Old findings do not stand beside new ones.
            true => Diagnostic { severity: Some(DiagnosticSeverity::HINT), ..diagnostic },
            false => diagnostic,
        }
    };
    shown.map(diagnostic).collect()
}

/// The diagnostics of a closed file.
pub fn of_closed(document: &DocumentSnapshot) -> Vec<Diagnostic> {
    let (workspace, path) = (document.workspace(), &document.file.path);
    // A file that cannot be read has a finding all the same.
    let text = Text::new(&workspace.text_of(path).unwrap_or_default());
    of_findings(document, &text, &workspace.findings(path))
}

/// The diagnostic of a finding in a text, as much of it as the client understands.
pub fn of_finding(finding: &Finding, document: &DocumentSnapshot, text: &Text) -> Diagnostic {
    let client = document.support;
    let tag = finding.tag.filter(|_| client.diagnostic_tags).map(|tag| match tag {
        Tag::Unnecessary => DiagnosticTag::UNNECESSARY,
        Tag::Deprecated => DiagnosticTag::DEPRECATED,
    });
    let related = finding.related.iter().filter(|_| client.related_information);
    let related: Vec<_> =
        related.filter_map(|it| related_information(it, document, text)).collect();
    Diagnostic {
        range: convert::range(text, finding.range, client.encoding),
        severity: Some(severity(finding.severity)),
        code: Some(NumberOrString::String(finding.rule.id.to_string())),
        code_description: client.code_description.then(|| rule_pages::link(finding.rule)).flatten(),
        source: Some(SOURCE.to_string()),
        message: finding.message.to_string(),
        related_information: if related.is_empty() { None } else { Some(related) },
        tags: tag.map(|tag| vec![tag]),
        data: client.diagnostic_data.then(|| serde_json::json!({ "rule": finding.rule.id })),
    }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Critical => DiagnosticSeverity::ERROR,
        Severity::High => DiagnosticSeverity::WARNING,
        Severity::Medium => DiagnosticSeverity::INFORMATION,
        Severity::Low => DiagnosticSeverity::HINT,
    }
}

fn related_information(
    related: &Related,
    document: &DocumentSnapshot,
    text: &Text,
) -> Option<DiagnosticRelatedInformation> {
    let encoding = document.support.encoding;
    let location = match &related.path {
        None => Location {
            uri: document.uri.clone(),
            range: convert::range(text, related.range, encoding),
        },
        Some(path) => {
            let (uri, text) = document.other_file(path)?;
            Location { uri, range: convert::range(&text, related.range, encoding) }
        }
    };
    Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
}

/// Equal diagnostics have equal ids.
pub fn result_id(diagnostics: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    for diagnostic in diagnostics {
        format!("{diagnostic:?}").hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
