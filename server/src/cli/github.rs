use std::io::{self, Write};

use super::report::{FileReport, worst_first};
use crate::config::Severity;

/// Workflow commands: each becomes an annotation on the changed lines of a pull request. GitHub
/// shows the first ten of each command, so that the worst come first.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    for (report, row) in worst_first(reports) {
        writeln!(
            out,
            "::{} file={},line={},col={},endLine={},endColumn={},title={}::{}",
            command(row.finding.severity),
            property(&report.path),
            row.span.line,
            row.span.column,
            row.span.end_line,
            row.span.end_column,
            property(row.finding.rule.id),
            data(&row.finding.message),
        )?;
    }
    Ok(())
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "error",
        Severity::High => "warning",
        Severity::Medium | Severity::Low => "notice",
    }
}

/// Escapes what a message must not contain.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what a property must not contain.
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
