//! Between LSP's types and our own.

use std::path::PathBuf;

use ls_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Position, Range, Uri,
};

use super::capabilities::ClientSupport;
use super::pages;
use crate::analysis::{Finding, Tag};
use crate::config::Severity;
use crate::text::{self, Encoding, FileRange, Text};

/// The name by which editors show who reported a diagnostic.
pub const SOURCE: &str = "readiness";

pub fn range(text: &Text, range: FileRange, encoding: Encoding) -> Range {
    let position = |it: text::Position| Position { line: it.line, character: it.character };
    let (start, end) = text.positions(range, encoding);
    Range { start: position(start), end: position(end) }
}

pub fn to_position(position: Position) -> text::Position {
    text::Position { line: position.line, character: position.character }
}

pub fn to_range(text: &Text, range: Range, encoding: Encoding) -> FileRange {
    text.range(to_position(range.start), to_position(range.end), encoding)
}

/// The file that a URI names; nothing for unsaved buffers and other schemes.
pub fn file_path(uri: &Uri) -> Option<PathBuf> {
    if !uri.as_str().starts_with("file:") {
        return None;
    }
    uri.to_file_path().map(std::borrow::Cow::into_owned)
}

/// `elsewhere` gives the URI and the text of another file of the workspace.
pub fn diagnostic(
    finding: &Finding,
    uri: &Uri,
    text: &Text,
    client: ClientSupport,
    elsewhere: &dyn Fn(&str) -> Option<(Uri, Text)>,
) -> Diagnostic {
    let severity = match finding.severity {
        Severity::Critical => DiagnosticSeverity::ERROR,
        Severity::High => DiagnosticSeverity::WARNING,
        Severity::Medium => DiagnosticSeverity::INFORMATION,
        Severity::Low => DiagnosticSeverity::HINT,
    };
    let tag = finding.tag.filter(|_| client.diagnostic_tags).map(|tag| match tag {
        Tag::Unnecessary => DiagnosticTag::UNNECESSARY,
        Tag::Deprecated => DiagnosticTag::DEPRECATED,
    });
    let related = finding.related.iter().filter_map(|related| {
        let location = match &related.path {
            None => {
                Location { uri: uri.clone(), range: range(text, related.range, client.encoding) }
            }
            Some(path) => {
                let (uri, text) = elsewhere(path)?;
                Location { uri, range: range(&text, related.range, client.encoding) }
            }
        };
        Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
    });
    let related: Vec<_> = related.filter(|_| client.related_information).collect();
    Diagnostic {
        range: range(text, finding.range, client.encoding),
        severity: Some(severity),
        code: Some(NumberOrString::String(finding.rule.id.to_string())),
        code_description: if client.code_description { pages::link(finding.rule) } else { None },
        source: Some(SOURCE.to_string()),
        message: finding.message.to_string(),
        related_information: if related.is_empty() { None } else { Some(related) },
        tags: tag.map(|tag| vec![tag]),
        data: client.diagnostic_data.then(|| serde_json::json!({ "rule": finding.rule.id })),
    }
}
