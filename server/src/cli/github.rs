use std::io::{self, Write};

use super::report::FileReport;
use crate::config::Severity;

/// Workflow commands: each becomes an annotation on the changed lines of a pull request.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    for report in reports {
        for row in &report.rows {
            let command = match row.finding.severity {
                Severity::Critical => "error",
                Severity::High => "warning",
                Severity::Medium | Severity::Low => "notice",
            };
            writeln!(
                out,
                "::{command} file={},line={},col={},endLine={},endColumn={},title={}::{}",
                property(&report.path),
                row.place.line,
                row.place.column,
                row.place.end_line,
                row.place.end_column,
                property(row.finding.rule.id),
                data(&row.finding.message),
            )?;
        }
    }
    Ok(())
}

/// What a message must not contain as it is.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What a property must not contain as it is.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_in_paths_are_escaped() {
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
