//! Findings as the command line shows them.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::target::Paths;
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
    fn of(fixing: &Fixing<'_>, finding: &Finding, paths: &Paths) -> Vec<Self> {
        let elsewhere = |related: &Related| {
            let path = related.path.as_ref()?.to_string();
            let text = fixing.text_of(&path)?;
            Some(Self {
                path: paths.of(&path),
                text,
                range: related.range,
                message: related.message.clone(),
            })
        };
        finding.related.iter().filter_map(elsewhere).collect()
    }
}

/// The findings of one file.
#[derive(Debug)]
pub struct FileReport {
    /// As it is shown, with `/`.
    pub path: String,
    pub text: Arc<str>,
    pub rows: Vec<Row>,
}

/// Gathers the findings that `wanted` lets through, by file; their fixes take longest.
pub fn gather(
    snapshot: &Snapshot,
    fixing: &Fixing<'_>,
    request: &Request<'_>,
    wanted: impl Fn(&Finding) -> bool + Sync,
) -> Vec<FileReport> {
    let mut files = snapshot.files();
    if let Some(only) = request.only {
        files.retain(|path| only.contains(path));
    }
    let report = |path| report(snapshot, fixing, request, path, &wanted);
    files.into_par_iter().filter_map(report).collect()
}

/// What is gathered.
#[derive(Debug)]
pub struct Request<'a> {
    pub with_fixes: bool,
    /// The files that count; nothing where all do.
    pub only: Option<&'a BTreeSet<String>>,
    /// How paths are shown.
    pub paths: Paths,
}

fn report(
    snapshot: &Snapshot,
    fixing: &Fixing<'_>,
    request: &Request<'_>,
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
    let fixes = if request.with_fixes { fixing.listed(&path, &findings) } else { Vec::new() };
    let rows = findings
        .into_iter()
        .zip(fixes.into_iter().chain(std::iter::repeat(Vec::new())))
        .map(|(finding, fixes)| Row {
            span: Span::of(&lines, finding.range),
            elsewhere: Elsewhere::of(fixing, &finding, &request.paths),
            fixes,
            finding,
        })
        .collect();
    Some(FileReport { path: request.paths.of(&path), text, rows })
}

/// All findings, the worst first; those of one severity in the order of files.
pub fn worst_first(reports: &[FileReport]) -> Vec<(&FileReport, &Row)> {
    let rows = reports.iter().flat_map(|report| report.rows.iter().map(move |row| (report, row)));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.finding.severity));
    rows
}
