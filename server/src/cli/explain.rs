use std::io::{self, Write};
use std::process::ExitCode;

use super::{ListFormat, UNUSABLE, complain};
use crate::rules;

/// The page of one rule.
pub fn rule(id: &str) -> anyhow::Result<ExitCode> {
    let Some(rule) = rules::find(id) else {
        complain(&format!("there is no rule `{id}`{}", did_you_mean(id)));
        return Ok(ExitCode::from(UNUSABLE));
    };
    io::stdout().lock().write_all(rules::page(rule).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn did_you_mean(id: &str) -> String {
    let close = rules::all().map(|rule| rule.id).find(|known| {
        known.contains(id) || id.contains(known) || known.split('-').next() == id.split('-').next()
    });
    close.map_or(String::new(), |close| format!("; is it `{close}`?"))
}

/// All rules.
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

/// The JSON schema of `readiness.toml`.
pub fn schema() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &rules::settings_schema())?;
    writeln!(out)?;
    Ok(())
}
