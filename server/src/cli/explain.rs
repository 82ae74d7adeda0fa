use std::io::{self, Write};

use anyhow::anyhow;

use super::terminal::{ColorArgs, Layout};
use super::{ListFormat, page};
use crate::rules;

/// Prints the documentation of a rule: laid out on a terminal, and as Markdown elsewhere.
pub fn rule(id: &str, color: ColorArgs) -> anyhow::Result<()> {
    let rule = rules::find(id).ok_or_else(|| anyhow!(rules::unknown(id)))?;
    let layout = Layout::of_stdout(color);
    let page = rules::page(rule);
    let page = if layout.is_terminal() { page::laid_out(&page, layout) } else { page };
    io::stdout().lock().write_all(page.as_bytes())?;
    Ok(())
}

/// Prints the list of rules.
pub fn rules(format: ListFormat) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match format {
        ListFormat::Text => {
            let layout = Layout::of_stdout(ColorArgs::default());
            let mut rules: Vec<_> = rules::all().collect();
            rules.sort_by_key(|rule| rule.id);
            for rule in rules {
                let (id, severity, area) = (rule.id, rule.severity.name(), rule.area.name());
                let line = format!("{id:<30} {severity:<9} {area:<16} {}", rule.summary());
                writeln!(out, "{}", layout.cut(&line, 0))?;
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

/// The table of rules in `docs/rules.md`.
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
