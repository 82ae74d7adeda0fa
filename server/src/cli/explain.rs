use std::io::{self, Write};

use anyhow::anyhow;

use super::ListFormat;
use crate::rules;

/// Prints the documentation of a rule.
pub fn rule(id: &str) -> anyhow::Result<()> {
    let rule = rules::find(id).ok_or_else(|| anyhow!(rules::unknown(id)))?;
    io::stdout().lock().write_all(rules::page(rule).as_bytes())?;
    Ok(())
}

/// Prints the list of rules.
pub fn rules(format: ListFormat) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match format {
        ListFormat::Text => {
            for rule in rules::all() {
                let (id, severity, area) = (rule.id, rule.severity.name(), rule.area.name());
                writeln!(out, "{id:<30} {severity:<9} {area:<16} {}", rule.summary())?;
            }
        }
        ListFormat::Json => {
            let rules: Vec<_> = rules::all()
                .map(|rule| {
                    serde_json::json!({
                        "rule": rule.id,
                        "area": rule.area.name(),
                        "severity": rule.severity.name(),
                        "cwe": rule.cwe,
                        "seeds": rule.seeds,
                        "summary": rule.summary(),
                        "documentation": rule.docs(),
                    })
                })
                .collect();
            serde_json::to_writer_pretty(&mut out, &rules)?;
            writeln!(out)?;
        }
        ListFormat::Markdown => writeln!(out, "{}", markdown_table())?,
    }
    out.flush()?;
    Ok(())
}

/// The table of rules in the README.
pub fn markdown_table() -> String {
    let mut table = "| rule | area | severity | what is reported |\n|---|---|---|---|".to_string();
    for rule in rules::all() {
        let (id, area, severity) = (rule.id, rule.area.name(), rule.severity.name());
        table +=
            &format!("\n| `{id}` | {area} | {severity} | {} |", rule.summary().replace('|', "\\|"));
    }
    table
}

/// Prints the JSON schema of `readiness.toml`.
pub fn schema() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &rules::settings_schema())?;
    writeln!(out)?;
    Ok(())
}
