use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::report::{FileReport, Row};
use crate::analysis::Applicability;
use crate::config::Tier;

/// Excerpts of the source with the findings marked in them, and a summary.
pub fn print(out: &mut impl Write, reports: &[FileReport], color: bool) -> io::Result<()> {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    for report in reports {
        for row in &report.rows {
            writeln!(out, "{}\n", renderer.render(&[group(report, row)]))?;
        }
    }
    writeln!(out, "{}", summary(reports))
}

fn group<'a>(report: &'a FileReport, row: &'a Row) -> Group<'a> {
    let finding = &row.finding;
    let level = match finding.tier {
        Tier::Critical => Level::ERROR,
        Tier::High => Level::WARNING,
        Tier::Medium => Level::INFO,
        Tier::Low => Level::NOTE,
    };
    let title = level.with_name(finding.tier.name()).primary_title(&*finding.message);
    let span = |range: crate::text::TextRange| {
        let end = usize::from(range.end()).min(report.text.len());
        usize::from(range.start()).min(end)..end
    };
    let here = finding.related.iter().filter(|related| related.path.is_none());
    let related = here.map(|related| {
        AnnotationKind::Context.span(span(related.range)).label(related.message.as_str())
    });
    let snippet = Snippet::source(report.text.as_str())
        .path(report.path.as_str())
        .annotation(AnnotationKind::Primary.span(span(finding.range)))
        .annotations(related);
    let mut group = title.id(finding.rule.id).element(snippet);
    for place in &row.elsewhere {
        let end = usize::from(place.range.end()).min(place.text.len());
        let span = usize::from(place.range.start()).min(end)..end;
        group = group.element(
            Snippet::source(place.text.as_str())
                .path(place.path.as_str())
                .annotation(AnnotationKind::Context.span(span).label(place.message.as_str())),
        );
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

/// `12 findings in 4 files: 2 critical, 10 high; 5 can be fixed with --fix`.
fn summary(reports: &[FileReport]) -> String {
    let rows = || reports.iter().flat_map(|report| &report.rows);
    let count = rows().count();
    if count == 0 {
        return "No findings.".to_string();
    }
    let mut tiers: BTreeMap<Tier, usize> = BTreeMap::new();
    for row in rows() {
        *tiers.entry(row.finding.tier).or_default() += 1;
    }
    let tiers: Vec<String> =
        tiers.iter().rev().map(|(tier, count)| format!("{count} {tier}")).collect();
    let with = |up_to: Applicability| {
        rows().filter(|row| row.fixes.iter().any(|fix| fix.applicability == up_to)).count()
    };
    let files = plural(reports.len(), "file");
    let mut text = format!("{} in {files}: {}", plural(count, "finding"), tiers.join(", "));
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

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
