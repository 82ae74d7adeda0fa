use std::io::{self, Write};

use serde::Serialize;

use super::report::{FileReport, fingerprints};
use crate::config::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// A code quality report, as a merge request shows it.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    let rows = reports.iter().flat_map(|report| report.rows.iter().map(move |row| (report, row)));
    let issues = rows.zip(fingerprints(reports)).map(|((report, row), fingerprint)| Issue {
        description: &row.finding.message,
        check_name: row.finding.rule.id,
        fingerprint,
        severity: severity(row.finding.severity),
        location: Location { path: &report.path, lines: Lines { begin: row.span.line } },
    });
    serde_json::to_writer_pretty(&mut *out, &issues.collect::<Vec<_>>())?;
    writeln!(out)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
    }
}
