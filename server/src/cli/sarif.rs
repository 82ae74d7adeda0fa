use std::io::{self, Write};

use serde_sarif::sarif;

use super::report::{FileReport, Place, Row};
use crate::analysis::Rule;
use crate::config::Severity;
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
        .build()
}

fn result(report: &FileReport, row: &Row) -> sarif::Result {
    let level = match row.finding.severity {
        Severity::Critical => sarif::ResultLevel::Error,
        Severity::High => sarif::ResultLevel::Warning,
        Severity::Medium | Severity::Low => sarif::ResultLevel::Note,
    };
    let related: Vec<sarif::Location> = {
        let lines = Text::new(&report.text);
        let place = |range| Place::of(&lines, range);
        let here = row.finding.related.iter().filter(|it| it.path.is_none());
        let here = here.map(|it| location(&report.path, place(it.range), Some(&it.message)));
        let elsewhere = row.elsewhere.iter().map(|it| {
            let place = Place::of(&Text::new(&it.text), it.range);
            location(&it.path, place, Some(&it.message))
        });
        here.chain(elsewhere).collect()
    };
    sarif::Result::builder()
        .rule_id(row.finding.rule.id)
        .level(level)
        .message(message(&row.finding.message))
        .locations(vec![location(&report.path, row.place, None)])
        .related_locations(related)
        .build()
}

fn message(text: &str) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

fn location(path: &str, place: Place, text: Option<&str>) -> sarif::Location {
    let region = sarif::Region::builder()
        .start_line(i64::from(place.line))
        .start_column(i64::from(place.column))
        .end_line(i64::from(place.end_line))
        .end_column(i64::from(place.end_column))
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

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("src/a b/é.rs"), "src/a%20b/%C3%A9.rs");
    }
}
