use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::renderer::Style;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::report::{FileReport, Row, worst_first};
use super::statistics::Count;
use super::terminal::Layout;
use super::{plural, printable, statistics};
use crate::analysis::Applicability;
use crate::config::Severity;
use crate::review::Summary;
use crate::text::{FileRange, TextSize};

/// What is printed besides the findings, and how.
#[derive(Debug)]
pub struct Options {
    pub layout: Layout,
    /// Nothing but findings.
    pub quiet: bool,
    /// Whether findings of one rule in one file are folded into the first of them.
    pub folds: bool,
    /// Whether the project is ready; nothing where only a part of it is shown.
    pub verdict: Option<Summary>,
    /// The command and the paths that were given, for the one to try next.
    pub command: String,
    /// How many findings the baseline has, and how many more are mended.
    pub known: usize,
    pub mended: usize,
}

/// The verdict, excerpts of the source with the findings marked in them, the worst first, and a
/// summary.
pub fn print(out: &mut impl Write, reports: &[FileReport], options: &Options) -> io::Result<()> {
    let layout = options.layout;
    if let Some(verdict) = options.verdict.as_ref().filter(|_| !options.quiet) {
        writeln!(out, "{}\n", verdict_line(verdict, layout))?;
    }
    let renderer = renderer(layout);
    let texts: Vec<(Cow<'_, str>, Cow<'_, str>)> = reports.iter().map(shown_text).collect();
    let sources = reports.iter().zip(&texts);
    let sources: BTreeMap<&str, Source<'_>> =
        sources.map(|(it, (path, text))| (it.path.as_str(), Source::new(path, text))).collect();
    for (report, row, others) in folded(reports, options.folds) {
        let Some(source) = sources.get(report.path.as_str()) else { continue };
        let rendered = renderer.render(&[group(source, row, &others, layout)]);
        writeln!(out, "{rendered}\n")?;
    }
    if !options.quiet {
        print_summary(out, reports, options)?;
    }
    Ok(())
}

/// The path and the text of a file as they are shown.
fn shown_text(report: &FileReport) -> (Cow<'_, str>, Cow<'_, str>) {
    let secrets = report.rows.iter().filter(|row| SECRET_RULES.contains(&row.finding.rule.id));
    let text = without_secrets(&report.text, secrets.map(|row| row.finding.range));
    (printable(&report.path), text)
}

/// `NOT READY for production use: 3 blockers, score 41 of 100`.
fn verdict_line(verdict: &Summary, layout: Layout) -> String {
    let (style, statement) = match verdict.ready {
        true => ("1;32", "READY"),
        false => ("1;31", "NOT READY"),
    };
    let mut text = format!("{} for {} use", layout.styled(style, statement), verdict.level.name());
    let blockers = (verdict.blockers > 0).then(|| plural(verdict.blockers, "blocker", "blockers"));
    let score = match verdict.score {
        Some(score) => format!("score {score} of 100"),
        None => "nothing to score".to_string(),
    };
    let facts: Vec<String> = blockers.into_iter().chain([score]).collect();
    text += &format!(": {}", facts.join(", "));
    text
}

/// Findings, the worst first. Where they are folded, those of one rule and severity in one source are
/// told with the first of them; each of those about the project says something else.
fn folded(reports: &[FileReport], folds: bool) -> Vec<(&FileReport, &Row, Vec<&Row>)> {
    let mut shown: Vec<(&FileReport, &Row, Vec<&Row>)> = Vec::new();
    let mut known: BTreeMap<(&str, &str, Severity), usize> = BTreeMap::new();
    for (report, row) in worst_first(reports) {
        let key = (report.path.as_str(), row.finding.rule.id, row.finding.severity);
        match known
            .get(&key)
            .and_then(|at| shown.get_mut(*at))
            .filter(|_| folds && row.finding.rule.project.is_none())
        {
            Some((_, _, others)) => others.push(row),
            None => {
                known.insert(key, shown.len());
                shown.push((report, row, Vec::new()));
            }
        }
    }
    shown
}

/// So many lines of folded findings are named.
const MAX_LINES: usize = 8;

/// `11 more in this file, in lines 12, 20 and others; --all shows each`.
fn folded_note(others: &[&Row]) -> String {
    let lines: Vec<String> =
        others.iter().take(MAX_LINES).map(|it| it.span.line.to_string()).collect();
    let more = if others.len() > MAX_LINES { " and others" } else { "" };
    let line = if others.len() == 1 { "line" } else { "lines" };
    format!("{} more in this file, {line} {}{more}", others.len(), lines.join(", "))
}

fn renderer(layout: Layout) -> Renderer {
    let renderer = match layout.color {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let renderer = match layout.color {
        // The default is green, in which nothing is seen as a finding.
        true => renderer.note(Style::new().bold()),
        false => renderer,
    };
    layout.width.map_or(renderer.clone(), |width| renderer.term_width(width))
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

fn group<'a>(source: &Source<'a>, row: &'a Row, others: &[&Row], layout: Layout) -> Group<'a> {
    let finding = &row.finding;
    // `severity[rule]: `
    let used = finding.severity.name().len() + finding.rule.id.len() + 4;
    let message = layout.wrapped(&finding.message, used, 0);
    let title = level(finding.severity).with_name(finding.severity.name()).primary_title(message);
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
    if !others.is_empty() {
        group = group.element(Level::NOTE.message(folded_note(others)));
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

/// So many rules are in the summary.
const MAX_RULES: usize = 20;

/// What was found by severity and by rule, what can be fixed, and what to try next.
fn print_summary(
    out: &mut impl Write,
    reports: &[FileReport],
    options: &Options,
) -> io::Result<()> {
    let counts = statistics::count(reports);
    writeln!(out, "{}", totals(reports, &counts))?;
    if counts.len() > 1 {
        let shown = counts.len().min(MAX_RULES);
        statistics::print_table(out, counts.get(..shown).unwrap_or_default(), options.layout)?;
        if counts.len() > shown {
            writeln!(out, "  and {} more; --statistics shows all", counts.len() - shown)?;
        }
    }
    let safe: usize = counts.iter().map(|it| it.safe).sum();
    if safe > 0 {
        writeln!(out, "{safe} can be fixed with --fix")?;
    }
    let suggested: usize = counts.iter().map(|it| it.suggested).sum();
    if suggested > 0 {
        writeln!(out, "{suggested} have a suggested fix, applied with --fix --suggested")?;
    }
    if options.known > 0 {
        let known = plural(options.known, "known finding", "known findings");
        writeln!(out, "{known} left out")?;
    }
    if options.mended > 0 {
        let mended = plural(options.mended, "entry", "entries");
        writeln!(out, "{mended} of the baseline mended: readiness-lsp baseline --prune")?;
    }
    if let Some(next) = next_command(&counts, &options.command) {
        writeln!(out, "next: {}", options.layout.styled("1", &next))?;
    }
    Ok(())
}

/// `12 findings in 4 files: 2 critical, 10 high`.
pub fn totals(reports: &[FileReport], counts: &[Count]) -> String {
    let all: usize = counts.iter().map(|it| it.findings).sum();
    if all == 0 {
        return "No findings.".to_string();
    }
    let of = |severity| {
        let counts = counts.iter().filter(|it| it.severity == severity);
        let findings: usize = counts.map(|it| it.findings).sum();
        (findings > 0).then(|| format!("{findings} {severity}"))
    };
    let severities: Vec<String> = Severity::ALL.into_iter().filter_map(of).collect();
    let files = reports.iter().filter(|it| !it.rows.is_empty()).count();
    let files = plural(files, "file", "files");
    format!("{} in {files}: {}", plural(all, "finding", "findings"), severities.join(", "))
}

/// The one command that helps most.
fn next_command(counts: &[Count], command: &str) -> Option<String> {
    let worst = counts.first()?;
    Some(if counts.iter().any(|it| it.safe > 0) {
        format!("{command} --fix")
    } else if counts.iter().any(|it| it.suggested > 0) {
        format!("{command} --fix --suggested --diff")
    } else {
        format!("readiness-lsp explain {}", worst.rule.id)
    })
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
