use std::io::{self, Write};

use serde::Serialize;

use super::report::FileReport;

#[derive(Serialize)]
struct Line<'a> {
    rule: &'a str,
    area: &'a str,
    severity: &'a str,
    confidence: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    message: &'a str,
    fixes: Vec<FixLine<'a>>,
}

#[derive(Serialize)]
struct FixLine<'a> {
    title: &'a str,
    applicability: &'a str,
}

/// One object a line.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    for report in reports {
        for row in &report.rows {
            let fixes = row
                .fixes
                .iter()
                .map(|fix| FixLine { title: &fix.title, applicability: fix.applicability.name() });
            let line = Line {
                rule: row.finding.rule.id,
                area: row.finding.rule.area.name(),
                severity: row.finding.severity.name(),
                confidence: row.finding.confidence.name(),
                file: &report.path,
                line: row.span.line,
                column: row.span.column,
                end_line: row.span.end_line,
                end_column: row.span.end_column,
                message: &row.finding.message,
                fixes: fixes.collect(),
            };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}
