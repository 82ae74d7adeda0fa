//! Findings as the command line shows them.

use std::sync::Arc;

use rayon::prelude::*;

use crate::analysis::{Finding, Fix, Related};
use crate::text::{Encoding, FileRange, Text};
use crate::workspace::{Fixing, Snapshot};

/// Lines and columns of a range, 1-based, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

impl Span {
    pub fn of(text: &Text, range: FileRange) -> Self {
        let start = text.position(range.start(), Encoding::Utf32);
        let end = text.position(range.end(), Encoding::Utf32);
        Self {
            line: start.line + 1,
            column: start.character + 1,
            end_line: end.line + 1,
            end_column: end.character + 1,
        }
    }
}

/// A finding with everything that is printed of it.
#[derive(Debug)]
pub struct Row {
    pub finding: Finding,
    pub span: Span,
    pub fixes: Vec<Fix>,
    /// The related places that lie in other files.
    pub elsewhere: Vec<Elsewhere>,
}

/// A place in another file that explains a finding.
#[derive(Debug)]
pub struct Elsewhere {
    pub path: String,
    pub text: Arc<str>,
    pub range: FileRange,
    pub message: String,
}

impl Elsewhere {
    fn of(fixing: &Fixing<'_>, finding: &Finding) -> Vec<Self> {
        let elsewhere = |related: &Related| {
            let path = related.path.as_ref()?.to_string();
            let text = fixing.text_of(&path)?;
            Some(Self { path, text, range: related.range, message: related.message.clone() })
        };
        finding.related.iter().filter_map(elsewhere).collect()
    }
}

/// The findings of one file.
#[derive(Debug)]
pub struct FileReport {
    /// Relative to the checked directory, with `/`.
    pub path: String,
    pub text: Arc<str>,
    pub rows: Vec<Row>,
}

/// Gathers the findings that `wanted` lets through, by file; their fixes take longest.
pub fn gather(
    snapshot: &Snapshot,
    fixing: &Fixing<'_>,
    with_fixes: bool,
    wanted: impl Fn(&Finding) -> bool + Sync,
) -> Vec<FileReport> {
    let files = snapshot.files();
    let report = |path| report(snapshot, fixing, with_fixes, path, &wanted);
    files.into_par_iter().filter_map(report).collect()
}

fn report(
    snapshot: &Snapshot,
    fixing: &Fixing<'_>,
    with_fixes: bool,
    path: String,
    wanted: &impl Fn(&Finding) -> bool,
) -> Option<FileReport> {
    let mut findings = snapshot.findings(&path);
    findings.retain(|finding| wanted(finding));
    if findings.is_empty() {
        return None;
    }
    let text = fixing.text_of(&path).unwrap_or_default();
    let lines = Text::new(&text);
    let fixes = if with_fixes { fixing.listed(&path, &findings) } else { Vec::new() };
    let rows = findings
        .into_iter()
        .zip(fixes.into_iter().chain(std::iter::repeat(Vec::new())))
        .map(|(finding, fixes)| Row {
            span: Span::of(&lines, finding.range),
            elsewhere: Elsewhere::of(fixing, &finding),
            fixes,
            finding,
        })
        .collect();
    Some(FileReport { path, text, rows })
}
