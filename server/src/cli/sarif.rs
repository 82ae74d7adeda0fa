use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif;

use super::report::{Accepted, FileReport, Row, Span, fingerprints};
use crate::analysis::{Area, Confidence, Finding, Fix, Rule, Severity};
use crate::rules;
use crate::text::{Text, TextEdit};

/// One SARIF 2.1.0 log with one run.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    let driver = sarif::ToolComponent::builder()
        .name("readiness-lsp")
        .version(env!("CARGO_PKG_VERSION"))
        .rules(rules::all().map(descriptor).collect::<Vec<_>>())
        .build();
    let rows = reports.iter().flat_map(|report| report.rows.iter().map(move |row| (report, row)));
    let results = rows.zip(fingerprints(reports));
    let results = results.map(|((report, row), fingerprint)| result(report, row, fingerprint));
    let suppressed =
        reports.iter().flat_map(|it| it.suppressed.iter().map(move |found| accepted(it, found)));
    let results: Vec<sarif::Result> = results.chain(suppressed).collect();
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
    let descriptor = sarif::ReportingDescriptor::builder()
        .id(rule.id)
        .name(camel_case(rule.id))
        .short_description(text(rule.summary()))
        .full_description(text(rule.summary()))
        .default_configuration(
            sarif::ReportingConfiguration::builder()
                .level(serde_json::json!(level(rule.severity)))
                .build(),
        )
        .help(text(rule.docs()))
        .properties(properties(rule));
    // The page itself is in `help`.
    match rule.cwe.first() {
        Some(number) => descriptor.help_uri(cwe_page(*number)).build(),
        None => descriptor.build(),
    }
}

fn cwe_page(number: u16) -> String {
    format!("https://cwe.mitre.org/data/definitions/{number}.html")
}

/// `unwrap-used` as `UnwrapUsed`: the name of a rule is an identifier.
fn camel_case(id: &str) -> String {
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    id.split('-').map(capitalised).collect()
}

/// Code scanning shows a weakness by a tag of this form, and orders what is about security by a
/// number of the CVSS.
fn properties(rule: &Rule) -> sarif::PropertyBag {
    let weaknesses = rule.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}"));
    let tags = [rule.area.name().to_string()].into_iter().chain(weaknesses);
    let mut additional = BTreeMap::new();
    if rule.area == Area::Security {
        additional.insert("security-severity".to_string(), cvss(rule.severity).into());
    }
    let kind = match rule.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "recommendation",
    };
    additional.insert("problem.severity".to_string(), kind.into());
    sarif::PropertyBag::builder()
        .tags(tags.collect::<Vec<_>>())
        .additional_properties(additional)
        .build()
}

/// A score in the band of the CVSS that has the severity's name.
fn cvss(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
    }
}

/// How much a finding matters, from 0 to 100: first by severity, then by how certain it is.
fn rank(finding: &Finding) -> f64 {
    let severity = match finding.severity {
        Severity::Critical => 90.0,
        Severity::High => 65.0,
        Severity::Medium => 40.0,
        Severity::Low => 15.0,
    };
    let confidence = match finding.confidence {
        Confidence::Certain => 9.0,
        Confidence::Likely => 0.0,
        Confidence::Possible => -9.0,
    };
    severity + confidence
}

/// A finding that is accepted in the source.
fn accepted(report: &FileReport, accepted: &Accepted) -> sarif::Result {
    let suppression = sarif::Suppression::builder()
        .kind(serde_json::json!("inSource"))
        .justification(accepted.reason.clone())
        .build();
    sarif::Result::builder()
        .rule_id(accepted.finding.rule.id)
        .level(level(accepted.finding.severity))
        .message(message(&accepted.finding.message))
        .locations(vec![location(&report.path, accepted.span, None)])
        .suppressions(vec![suppression])
        .build()
}

/// The fixes that change nothing but the file of the finding.
fn fixes(report: &FileReport, row: &Row) -> Vec<sarif::Fix> {
    let lines = Text::new(&report.text);
    let is_own = |fix: &&Fix| fix.edits.iter().all(|it| it.path == report.own_path);
    let replacement = |edit: &TextEdit| {
        let content = sarif::ArtifactContent::builder().text(edit.insert.clone()).build();
        sarif::Replacement::builder()
            .deleted_region(region(Span::of(&lines, edit.range)))
            .inserted_content(content)
            .build()
    };
    let fix = |fix: &Fix| {
        let edits = fix.edits.iter().flat_map(|it| &it.edits);
        let change = sarif::ArtifactChange::builder()
            .artifact_location(sarif::ArtifactLocation::builder().uri(uri(&report.path)).build())
            .replacements(edits.map(replacement).collect::<Vec<_>>())
            .build();
        let applicability = serde_json::Value::from(fix.applicability.name());
        let properties = BTreeMap::from([("applicability".to_string(), applicability)]);
        sarif::Fix::builder()
            .description(message(&fix.title))
            .artifact_changes(vec![change])
            .properties(sarif::PropertyBag::builder().additional_properties(properties).build())
            .build()
    };
    row.fixes.iter().filter(is_own).filter(|it| !it.edits.is_empty()).map(fix).collect()
}

fn result(report: &FileReport, row: &Row, fingerprint: String) -> sarif::Result {
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
        .rank(rank(&row.finding))
        // The name under which code scanning looks for one.
        .partial_fingerprints(BTreeMap::from([(
            "primaryLocationLineHash".to_string(),
            fingerprint,
        )]))
        .fixes(fixes(report, row))
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
    let region = region(span);
    let artifact = sarif::ArtifactLocation::builder().uri(uri(path)).build();
    let physical =
        sarif::PhysicalLocation::builder().artifact_location(artifact).region(region).build();
    let location = sarif::Location::builder().physical_location(physical);
    match text {
        Some(text) => location.message(message(text)).build(),
        None => location.build(),
    }
}

fn region(span: Span) -> sarif::Region {
    sarif::Region::builder()
        .start_line(i64::from(span.line))
        .start_column(i64::from(span.column))
        .end_line(i64::from(span.end_line))
        .end_column(i64::from(span.end_column))
        .build()
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
