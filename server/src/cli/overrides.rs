//! Settings that are given with a command.

use anyhow::bail;

use crate::config::Config;
use crate::rules;

#[derive(Debug, Default, clap::Args)]
pub struct Overrides {
    /// Do not check these files and folders: a glob relative to PATH; may be repeated.
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Set an entry of `readiness.toml`, such as `fail-on=high` or `rules.todo-comment=off`; may be
    /// repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    config: Vec<String>,
}

impl Overrides {
    /// The text of a settings file with these entries.
    pub fn as_settings(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        for entry in &self.config {
            let Some((key, value)) = entry.split_once('=') else {
                bail!("`--config {entry}` is not KEY=VALUE");
            };
            let (key, value) = (key.trim(), value.trim());
            // A word needs no quotes here.
            let as_written = format!("{key} = {value}\n");
            let is_value = as_written.parse::<toml::Table>().is_ok();
            let line = if is_value { as_written } else { format!("{key} = {}\n", quoted(value)) };
            let ids: Vec<&str> = rules::all().map(|rule| rule.id).collect();
            if let Some(mistake) = Config::parse(&line, &ids).1.first() {
                bail!("`--config {entry}`: {}", mistake.message);
            }
            text += &line;
        }
        if !self.exclude.is_empty() {
            let globs: Vec<String> = self.exclude.iter().map(|it| quoted(it)).collect();
            // Another key by this name may be there already.
            let line = format!("exclude = [{}]\n", globs.join(", "));
            if let Some(mistake) = Config::parse(&line, &[]).1.first() {
                bail!("`--exclude`: {}", mistake.message);
            }
            text += &line;
        }
        Ok(text)
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(exclude: &[&str], config: &[&str]) -> Result<String, String> {
        let texts = |list: &[&str]| list.iter().map(|it| it.to_string()).collect();
        let overrides = Overrides { exclude: texts(exclude), config: texts(config) };
        overrides.as_settings().map_err(|error| error.to_string())
    }

    #[test]
    fn a_word_needs_no_quotes() {
        assert_eq!(settings(&[], &["fail-on=high"]).as_deref(), Ok("fail-on = \"high\"\n"));
        let rule = settings(&[], &["rules.todo-comment = \"off\"", "list-undocumented=true"]);
        let expected = "rules.todo-comment = \"off\"\nlist-undocumented = true\n";
        assert_eq!(rule.as_deref(), Ok(expected));
        assert_eq!(settings(&["a b/**"], &[]).as_deref(), Ok("exclude = [\"a b/**\"]\n"));
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        for (entry, why) in [
            ("fail-on", "is not KEY=VALUE"),
            ("fail-on=loud", "loud"),
            ("rules.unwrap-usd=off", "did you mean `unwrap-used`?"),
            ("fial-on=high", "fial-on"),
        ] {
            let error = settings(&[], &[entry]).expect_err(entry);
            assert!(error.contains(why), "{error}");
        }
        assert!(settings(&["a[b"], &[]).is_err());
    }
}
