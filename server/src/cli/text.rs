use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::report::{FileReport, Row};
use super::{plural, printable};
use crate::analysis::Applicability;
use crate::config::Severity;
use crate::text::{FileRange, TextSize};

/// Excerpts of the source with the findings marked in them, and a summary.
pub fn print(out: &mut impl Write, reports: &[FileReport], color: bool) -> io::Result<()> {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    for report in reports {
        let secrets = report.rows.iter().filter(|row| SECRET_RULES.contains(&row.finding.rule.id));
        let text = without_secrets(&report.text, secrets.map(|row| row.finding.range));
        let path = printable(&report.path);
        let source = Source::new(&path, &text);
        for row in &report.rows {
            writeln!(out, "{}\n", renderer.render(&[group(&source, row)]))?;
        }
    }
    writeln!(out, "{}", summary(reports))
}

/// The rules whose findings stand at the value of a secret.
const SECRET_RULES: &[&str] = &["config-secret", "hardcoded-secret"];

/// The text with asterisks for what stands in some ranges, and as long: output ends up in the logs
/// of builds, which more people can read than the code.
fn without_secrets(text: &str, ranges: impl Iterator<Item = FileRange>) -> Cow<'_, str> {
    let mut hidden = Cow::Borrowed(text.as_bytes());
    for range in ranges {
        let start = usize::from(range.start());
        let Some(value) = text.get(start..usize::from(range.end())) else { continue };
        // What stands around the quotes is code.
        let first = value.find('"').map_or(0, |at| at + 1);
        let last = value.rfind('"').filter(|at| *at >= first).unwrap_or(value.len());
        let bytes = hidden.to_mut().get_mut(start + first..start + last).unwrap_or_default();
        bytes.iter_mut().filter(|it| !it.is_ascii_whitespace()).for_each(|it| *it = b'*');
    }
    match hidden {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// A file that excerpts are shown of. The renderer goes through all text that it is given, for
/// each finding: it is given the lines that it shows.
struct Source<'a> {
    path: &'a str,
    text: &'a str,
    /// The offsets of the line breaks.
    breaks: Vec<usize>,
}

impl<'a> Source<'a> {
    fn new(path: &'a str, text: &'a str) -> Self {
        Self { path, text, breaks: memchr::memchr_iter(b'\n', text.as_bytes()).collect() }
    }

    /// The lines from the first marked place to the last, with the marks in them.
    fn excerpt(
        &self,
        marks: &[(AnnotationKind, FileRange, Option<&'a str>)],
    ) -> Snippet<'a, Annotation<'a>> {
        let offset = |offset: TextSize| usize::from(offset).min(self.text.len());
        let starts = marks.iter().map(|(_, range, _)| offset(range.start()));
        let ends = marks.iter().map(|(_, range, _)| offset(range.end()));
        let (first, last) = (starts.min().unwrap_or_default(), ends.max().unwrap_or_default());
        let line = self.breaks.partition_point(|it| *it < first);
        let start =
            line.checked_sub(1).and_then(|line| self.breaks.get(line)).map_or(0, |it| it + 1);
        let end = self.breaks.get(self.breaks.partition_point(|it| *it < last));
        let end = end.map_or(self.text.len(), |it| it + 1);
        let annotations = marks.iter().map(|(kind, range, label)| {
            let range = offset(range.start()) - start..offset(range.end()) - start;
            kind.span(range).label(*label)
        });
        Snippet::source(self.text.get(start..end).unwrap_or_default())
            .line_start(line + 1)
            .path(self.path)
            .annotations(annotations)
    }
}

fn group<'a>(source: &Source<'a>, row: &'a Row) -> Group<'a> {
    let finding = &row.finding;
    let title =
        level(finding.severity).with_name(finding.severity.name()).primary_title(&*finding.message);
    let mut marks = vec![(AnnotationKind::Primary, finding.range, None)];
    let here = finding.related.iter().filter(|related| related.path.is_none());
    marks.extend(here.map(|it| (AnnotationKind::Context, it.range, Some(it.message.as_str()))));
    let mut group = title.id(finding.rule.id).element(source.excerpt(&marks));
    for related in &row.elsewhere {
        let mark = (AnnotationKind::Context, related.range, Some(related.message.as_str()));
        group = group.element(Source::new(&related.path, &related.text).excerpt(&[mark]));
    }
    for fix in &row.fixes {
        let how = match fix.applicability {
            Applicability::Safe => "fix",
            Applicability::Suggested => "suggestion",
        };
        group = group.element(Level::HELP.with_name(how).message(fix.title.as_str()));
    }
    group
}

/// The level whose colour a severity is shown in.
fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical => Level::ERROR,
        Severity::High => Level::WARNING,
        Severity::Medium => Level::INFO,
        Severity::Low => Level::NOTE,
    }
}

/// `12 findings in 4 files: 2 critical, 10 high`, and how many of them have fixes.
fn summary(reports: &[FileReport]) -> String {
    let rows = || reports.iter().flat_map(|report| &report.rows);
    let count = rows().count();
    if count == 0 {
        return "No findings.".to_string();
    }
    let mut severities: BTreeMap<Severity, usize> = BTreeMap::new();
    for row in rows() {
        *severities.entry(row.finding.severity).or_default() += 1;
    }
    let severities: Vec<String> =
        severities.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
    let with = |up_to: Applicability| {
        rows().filter(|row| row.fixes.iter().any(|fix| fix.applicability == up_to)).count()
    };
    let files = plural(reports.len(), "file", "files");
    let mut text =
        format!("{} in {files}: {}", plural(count, "finding", "findings"), severities.join(", "));
    let safe = with(Applicability::Safe);
    if safe > 0 {
        text += &format!("\n{safe} can be fixed with --fix");
    }
    let suggested = with(Applicability::Suggested);
    if suggested > 0 {
        text += &format!("\n{suggested} have a suggested fix, applied with --fix --suggested");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_secrets_are_hidden() {
        let text = "a = \"sécret\" # x\nb = plain x\n";
        let range = |value: &str| {
            let start = text.find(value).expect("it is there") as u32;
            FileRange::at(start.into(), TextSize::of(value))
        };
        let hidden = without_secrets(text, [range("\"sécret\""), range("plain x")].into_iter());
        assert_eq!(hidden, "a = \"*******\" # x\nb = ***** *\n");
        assert_eq!(hidden.len(), text.len());
    }
}
