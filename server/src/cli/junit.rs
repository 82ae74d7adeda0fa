use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::report::{FileReport, Row};

/// JUnit's XML: a suite for each file, and a failure for each finding. Without findings there is one
/// test that passes, as some services take an empty report for a failure.
pub fn print(out: &mut impl Write, reports: &[FileReport]) -> io::Result<()> {
    let reports: Vec<&FileReport> = reports.iter().filter(|it| !it.rows.is_empty()).collect();
    let count: usize = reports.iter().map(|it| it.rows.len()).sum();
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let tests = count.max(1).to_string();
    let failures = count.to_string();
    let suites = xml.create_element("testsuites").with_attributes([
        ("name", "readiness-lsp"),
        ("tests", tests.as_str()),
        ("failures", failures.as_str()),
    ]);
    suites.write_inner_content(|xml| {
        if reports.is_empty() {
            let suite = xml.create_element("testsuite").with_attributes([
                ("name", "readiness-lsp"),
                ("tests", "1"),
                ("failures", "0"),
            ]);
            suite.write_inner_content(|xml| {
                let test = xml.create_element("testcase");
                test.with_attribute(("name", "no findings")).write_empty()?;
                Ok(())
            })?;
        }
        for report in &reports {
            suite(xml, report)?;
        }
        Ok(())
    })?;
    writeln!(out)
}

fn suite<W: Write>(xml: &mut Writer<W>, report: &FileReport) -> io::Result<()> {
    let count = report.rows.len().to_string();
    let suite = xml.create_element("testsuite").with_attributes([
        ("name", report.path.as_str()),
        ("tests", count.as_str()),
        ("failures", count.as_str()),
        ("errors", "0"),
    ]);
    suite.write_inner_content(|xml| {
        report.rows.iter().try_for_each(|row| test(xml, &report.path, row))
    })?;
    Ok(())
}

fn test<W: Write>(xml: &mut Writer<W>, path: &str, row: &Row) -> io::Result<()> {
    let (finding, span) = (&row.finding, row.span);
    let name = format!("{} at line {}", finding.rule.id, span.line);
    let line = span.line.to_string();
    let test = xml.create_element("testcase").with_attributes([
        ("classname", path),
        ("name", name.as_str()),
        ("file", path),
        ("line", line.as_str()),
    ]);
    test.write_inner_content(|xml| {
        let failure = xml
            .create_element("failure")
            .with_attributes([("type", finding.severity.name()), ("message", &*finding.message)]);
        let place = format!("{path}:{}:{}: {}", span.line, span.column, finding.rule.summary());
        failure.write_text_content(BytesText::new(&place))?;
        Ok(())
    })?;
    Ok(())
}
