//! How often each rule reports something.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::report::{FileReport, Row};
use super::terminal::Layout;
use crate::analysis::{Applicability, Rule, Severity};

/// The findings of one rule at one severity.
#[derive(Debug)]
pub struct Count {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub findings: usize,
    /// Findings with a fix that may be applied unseen, and with one that a person decides on.
    pub safe: usize,
    pub suggested: usize,
}

/// What was found by rule and severity, the worst first, and of those the most frequent.
pub fn count(reports: &[FileReport]) -> Vec<Count> {
    let mut counts: BTreeMap<(Severity, &str), Count> = BTreeMap::new();
    for row in reports.iter().flat_map(|report| &report.rows) {
        let (rule, severity) = (row.finding.rule, row.finding.severity);
        let new = || Count { rule, severity, findings: 0, safe: 0, suggested: 0 };
        let count = counts.entry((severity, rule.id)).or_insert_with(new);
        count.findings += 1;
        count.safe += usize::from(is_fixed_by(row, Applicability::Safe));
        count.suggested += usize::from(is_fixed_by(row, Applicability::Suggested));
    }
    let mut counts: Vec<Count> = counts.into_values().collect();
    counts.sort_by_key(|it| (std::cmp::Reverse((it.severity, it.findings)), it.rule.id));
    counts
}

fn is_fixed_by(row: &Row, applicability: Applicability) -> bool {
    row.fixes.iter().any(|fix| fix.applicability == applicability)
}

/// A line for each rule and severity.
pub fn print_table(out: &mut impl Write, counts: &[Count], layout: Layout) -> io::Result<()> {
    let digits = counts.iter().map(|it| it.findings.to_string().len()).max().unwrap_or(1);
    let longest = counts.iter().map(|it| it.rule.id.len()).max().unwrap_or(0);
    for count in counts {
        let (severity, id) = (count.severity.name(), count.rule.id);
        let start = format!("{:digits$}  {id:longest$}  ", count.findings);
        let used = 2 + 8 + 2 + start.chars().count();
        let summary = layout.cut(&count.rule.summary(), used);
        let severity = layout.in_severity(count.severity, &format!("{severity:8}"));
        writeln!(out, "  {severity}  {start}{summary}")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    rule: &'a str,
    severity: &'a str,
    count: usize,
    safe_fixes: usize,
    suggested_fixes: usize,
}

/// One object a line.
pub fn print_json(out: &mut impl Write, counts: &[Count]) -> io::Result<()> {
    for count in counts {
        let line = Line {
            rule: count.rule.id,
            severity: count.severity.name(),
            count: count.findings,
            safe_fixes: count.safe,
            suggested_fixes: count.suggested,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
