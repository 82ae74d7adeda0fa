//! Findings as the command line shows them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::target::Paths;
use crate::analysis::{Baseline, Finding, Fix, INVALID_CONFIG, Identity, Related, Suppressed};
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
    /// What it is recognised by later, where that was asked for.
    pub identity: Option<Identity>,
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
    /// Relative to the project.
    pub own_path: String,
    pub text: Arc<str>,
    pub rows: Vec<Row>,
    /// What comments in it accept.
    pub suppressed: Vec<Accepted>,
}

/// A finding that is accepted for a reason.
#[derive(Debug)]
pub struct Accepted {
    pub finding: Finding,
    pub span: Span,
    pub reason: String,
}

/// What is gathered.
#[derive(Debug)]
pub struct Request<'a> {
    pub with_fixes: bool,
    /// Whether services want to recognise findings, and to know what is suppressed.
    pub with_details: bool,
    /// Findings that are known are left out.
    pub baseline: Option<&'a Baseline>,
    /// The files that count; nothing where all do.
    pub only: Option<&'a BTreeSet<String>>,
    /// How paths are shown.
    pub paths: Paths,
}

/// The findings that were asked for.
#[derive(Debug, Default)]
pub struct Gathered {
    pub reports: Vec<FileReport>,
    /// How many more the baseline has.
    pub known: usize,
    /// How many of the baseline are not there any more.
    pub mended: usize,
}

/// All findings of a file.
struct Found {
    path: String,
    findings: Vec<Finding>,
    identities: Vec<Identity>,
    /// Whether the baseline has them.
    is_known: Vec<bool>,
}

/// Gathers the findings that `wanted` lets through, by file; their fixes take longest.
pub fn gather(
    snapshot: &Snapshot,
    fixing: &Fixing<'_>,
    request: &Request<'_>,
    wanted: impl Fn(&Finding) -> bool + Sync,
) -> Gathered {
    let needs_identities = request.with_details || request.baseline.is_some();
    let find = |path: String| {
        let findings = snapshot.findings(&path);
        let identities = match needs_identities {
            true => fixing.identities(&path, &findings),
            false => Vec::new(),
        };
        Found { is_known: vec![false; findings.len()], path, findings, identities }
    };
    let is_asked = |path: &String| {
        request.baseline.is_some() || request.only.is_none_or(|only| only.contains(path))
    };
    let files: Vec<String> = snapshot.files().into_iter().filter(is_asked).collect();
    let mut all: Vec<Found> = files.into_par_iter().map(find).collect();
    let mended = request.baseline.map_or(0, |baseline| mark_known(&mut all, baseline));
    if let Some(only) = request.only {
        all.retain(|found| only.contains(&found.path));
    }
    let known = all.iter().flat_map(|it| it.findings.iter().zip(&it.is_known));
    let known = known.filter(|(finding, is_known)| **is_known && wanted(finding)).count();
    let report = |found| report(snapshot, fixing, request, found, &wanted);
    Gathered { reports: all.into_par_iter().filter_map(report).collect(), known, mended }
}

/// Marks what a baseline has, all files together, as code moves between them. Returns how many of
/// its entries are mended.
fn mark_known(all: &mut [Found], baseline: &Baseline) -> usize {
    let identities: Vec<Identity> = all.iter().flat_map(|it| it.identities.clone()).collect();
    let matched = baseline.matched(&identities);
    let mut is_known = matched.is_known.into_iter();
    for found in all {
        for (finding, known) in found.findings.iter().zip(&mut found.is_known) {
            // A mistake in the settings is not accepted, whoever wrote the line.
            *known = is_known.next() == Some(true) && finding.rule != &INVALID_CONFIG;
        }
    }
    matched.mended.len()
}

fn report(
    snapshot: &Snapshot,
    fixing: &Fixing<'_>,
    request: &Request<'_>,
    found: Found,
    wanted: &impl Fn(&Finding) -> bool,
) -> Option<FileReport> {
    let Found { path, findings, identities, is_known } = found;
    let identities = identities.into_iter().map(Some).chain(std::iter::repeat(None));
    let (findings, identities): (Vec<Finding>, Vec<Option<Identity>>) = findings
        .into_iter()
        .zip(identities)
        .zip(is_known)
        .filter(|((finding, _), is_known)| !is_known && wanted(finding))
        .map(|(found, _)| found)
        .unzip();
    let text = fixing.text_of(&path).unwrap_or_default();
    let lines = Text::new(&text);
    let suppressed = match request.with_details {
        true => suppressed(snapshot, &path, &lines, wanted),
        false => Vec::new(),
    };
    if findings.is_empty() && suppressed.is_empty() {
        return None;
    }
    // Services show what would be edited, and people what there is.
    let fixes = match (request.with_fixes, request.with_details) {
        (false, _) => Vec::new(),
        (true, false) => fixing.listed(&path, &findings),
        (true, true) => fixing.fixes(&path, &findings),
    };
    let rows = findings
        .into_iter()
        .zip(identities)
        .zip(fixes.into_iter().chain(std::iter::repeat(Vec::new())))
        .map(|((finding, identity), fixes)| Row {
            span: Span::of(&lines, finding.range),
            elsewhere: Elsewhere::of(fixing, &finding, &request.paths),
            fixes,
            identity,
            finding,
        })
        .collect();
    Some(FileReport { path: request.paths.of(&path), own_path: path, text, rows, suppressed })
}

fn suppressed(
    snapshot: &Snapshot,
    path: &str,
    lines: &Text,
    wanted: &impl Fn(&Finding) -> bool,
) -> Vec<Accepted> {
    let all = snapshot.suppressed(path).into_iter().filter(|it| wanted(&it.finding));
    // What a whole file or package allows is no decision about one place.
    let of = |it: Suppressed| {
        let span = Span::of(lines, it.finding.range);
        it.reason.map(|reason| Accepted { finding: it.finding, span, reason })
    };
    all.filter_map(of).collect()
}

/// For each finding, in the order of reports and rows, what services recognise it by: equal ones are
/// numbered, so that one more is one more.
pub fn fingerprints(reports: &[FileReport]) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let rows = reports.iter().flat_map(|report| &report.rows);
    let of = |row: &Row| {
        let fingerprint = row.identity.as_ref().map(Identity::fingerprint).unwrap_or_default();
        let count = counts.entry(fingerprint.clone()).or_default();
        *count += 1;
        format!("{fingerprint}:{count}")
    };
    rows.map(of).collect()
}

/// All findings, the worst first; those of one severity in the order of files.
pub fn worst_first(reports: &[FileReport]) -> Vec<(&FileReport, &Row)> {
    let rows = reports.iter().flat_map(|report| report.rows.iter().map(move |row| (report, row)));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.finding.severity));
    rows
}
