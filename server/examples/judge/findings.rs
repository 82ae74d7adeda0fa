//! What the product finds in a folder.

use std::path::Path;

use readiness_lsp::analysis::Confidence;
use readiness_lsp::config::Severity;
use readiness_lsp::rules;
use readiness_lsp::text::{Encoding, Text};
use readiness_lsp::workspace::Workspace;
use serde::Serialize;

/// So many lines above and below a finding are printed with it.
const LINES_AROUND: usize = 6;

/// A finding that is shown by default.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    pub rule: &'static str,
    pub severity: Severity,
    /// Relative to the folder.
    pub file: String,
    /// From 1.
    pub line: u32,
    pub message: String,
    pub notes: Vec<String>,
    /// The line that it begins on, without the white space around it.
    pub code: String,
    /// The lines around it.
    pub around: String,
}

impl Found {
    /// The finding as it is printed, with its crate.
    pub fn with_crate(&self, name: &str) -> serde_json::Value {
        let mut value = serde_json::json!(self);
        if let Some(object) = value.as_object_mut() {
            object.insert("crate".to_string(), name.into());
        }
        value
    }
}

/// The findings in a folder that are shown by default, in text order of each file.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn of(folder: &Path) -> anyhow::Result<Vec<Found>> {
    let workspace = Workspace::open(folder, rules::all())?;
    workspace.scan(|_, _| {});
    let snapshot = workspace.snapshot();
    let mut all = Vec::new();
    for path in snapshot.files() {
        let source = snapshot.text_of(&path).unwrap_or_default();
        let text = Text::new(&source);
        let lines: Vec<&str> = source.lines().collect();
        let findings = snapshot.findings(&path).into_iter();
        for finding in findings.filter(|it| it.confidence >= Confidence::SHOWN) {
            let line = text.position(finding.range.start(), Encoding::Utf8).line as usize;
            let first = line.saturating_sub(LINES_AROUND);
            let around = lines.iter().skip(first).take(line - first + LINES_AROUND + 1);
            all.push(Found {
                rule: finding.rule.id,
                severity: finding.severity,
                file: path.clone(),
                line: line as u32 + 1,
                message: finding.message.to_string(),
                notes: finding.notes.clone(),
                code: lines.get(line).map_or("", |it| it.trim()).to_string(),
                around: around.copied().collect::<Vec<_>>().join("\n"),
            });
        }
    }
    Ok(all)
}
