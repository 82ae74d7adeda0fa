use std::io::{self, Write};

use super::report::{FileReport, worst_first};
use super::statistics;
use super::text::totals;

/// So many findings are in the table: a comment has an end, and so has patience.
const MAX_ROWS: usize = 50;

/// A comment for a pull request: the worst first. The mark at its top lets a workflow find the
/// comment that it is to replace.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    let totals = totals(reports, &statistics::count(reports));
    writeln!(out, "<!-- readiness-lsp -->\n### Production readiness\n\n{totals}")?;
    let rows = worst_first(reports);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| severity | rule | place | finding |\n|---|---|---|---|")?;
    for (report, row) in rows.iter().take(MAX_ROWS) {
        let (severity, rule) = (row.finding.severity, row.finding.rule.id);
        let (path, line) = (cell(&report.path), row.span.line);
        let message = cell(&row.finding.message);
        writeln!(out, "| {severity} | `{rule}` | `{path}:{line}` | {message} |")?;
    }
    if rows.len() > MAX_ROWS {
        writeln!(out, "\nand {} more: `readiness-lsp check`", rows.len() - MAX_ROWS)?;
    }
    Ok(())
}

/// What a cell of a table can hold.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
