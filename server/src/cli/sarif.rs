use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif;

use super::report::{FileReport, Row, Span};
use crate::analysis::{Confidence, Rule, Severity};
use crate::rules;
use crate::text::Text;

/// One SARIF 2.1.0 log with one run.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    let driver = sarif::ToolComponent::builder()
        .name("readiness-lsp")
        .version(env!("CARGO_PKG_VERSION"))
        .rules(rules::all().map(descriptor).collect::<Vec<_>>())
        .build();
    let results: Vec<sarif::Result> = reports
        .iter()
        .flat_map(|report| report.rows.iter().map(move |row| result(report, row)))
        .collect();
    let run = sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver).build())
        .column_kind(serde_json::json!("unicodeCodePoints"))
        .results(results)
        .build();
    let log = sarif::Sarif::builder()
        .schema("https://json.schemastore.org/sarif-2.1.0.json")
        .version(serde_json::json!("2.1.0"))
        .runs(vec![run])
        .build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn descriptor(rule: &'static Rule) -> sarif::ReportingDescriptor {
    let text = |text: String| {
        sarif::MultiformatMessageString::builder().text(text.clone()).markdown(text).build()
    };
    sarif::ReportingDescriptor::builder()
        .id(rule.id)
        .short_description(text(rule.summary()))
        .full_description(text(rule.summary()))
        .help(text(rule.docs()))
        .properties(tags(rule))
        .build()
}

/// Code scanning shows a weakness by a tag of this form.
fn tags(rule: &Rule) -> sarif::PropertyBag {
    let weaknesses = rule.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}"));
    let tags = std::iter::once(rule.area.name().to_string()).chain(weaknesses);
    sarif::PropertyBag::builder().tags(tags.collect::<Vec<_>>()).build()
}

fn result(report: &FileReport, row: &Row) -> sarif::Result {
    let related: Vec<sarif::Location> = {
        let lines = Text::new(&report.text);
        let span = |range| Span::of(&lines, range);
        let here = row.finding.related.iter().filter(|it| it.path.is_none());
        let here = here.map(|it| location(&report.path, span(it.range), Some(&it.message)));
        let elsewhere = row.elsewhere.iter().map(|it| {
            let span = Span::of(&Text::new(&it.text), it.range);
            location(&it.path, span, Some(&it.message))
        });
        here.chain(elsewhere).collect()
    };
    sarif::Result::builder()
        .rule_id(row.finding.rule.id)
        .level(level(row.finding.severity))
        .message(message(&row.finding.message))
        .properties(confidence(row.finding.confidence))
        .locations(vec![location(&report.path, row.span, None)])
        .related_locations(related)
        .build()
}

/// SARIF has no word of its own for it.
fn confidence(confidence: Confidence) -> sarif::PropertyBag {
    let value = serde_json::Value::from(confidence.name());
    let properties = BTreeMap::from([("confidence".to_string(), value)]);
    sarif::PropertyBag::builder().additional_properties(properties).build()
}

fn level(severity: Severity) -> sarif::ResultLevel {
    match severity {
        Severity::Critical => sarif::ResultLevel::Error,
        Severity::High => sarif::ResultLevel::Warning,
        Severity::Medium | Severity::Low => sarif::ResultLevel::Note,
    }
}

fn message(text: &str) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

fn location(path: &str, span: Span, text: Option<&str>) -> sarif::Location {
    let region = sarif::Region::builder()
        .start_line(i64::from(span.line))
        .start_column(i64::from(span.column))
        .end_line(i64::from(span.end_line))
        .end_column(i64::from(span.end_column))
        .build();
    let artifact = sarif::ArtifactLocation::builder().uri(uri(path)).build();
    let physical =
        sarif::PhysicalLocation::builder().artifact_location(artifact).region(region).build();
    let location = sarif::Location::builder().physical_location(physical);
    match text {
        Some(text) => location.message(message(text)).build(),
        None => location.build(),
    }
}

/// What stands for itself in the path of a URI; RFC 3986 calls it unreserved.
const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    utf8_percent_encode(path, UNRESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("src/a b/é.rs"), "src/a%20b/%C3%A9.rs");
    }
}
