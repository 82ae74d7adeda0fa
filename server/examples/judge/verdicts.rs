//! What reviewers said of findings.

use std::collections::BTreeMap;

use anyhow::Context;
use readiness_lsp::config::Severity;
use serde::{Deserialize, Serialize};

use crate::findings::Found;

const VERDICTS: &str = include_str!("verdicts.jsonl");

/// What a reviewer who read the code says of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// `name@version`.
    #[serde(rename = "crate")]
    pub name: String,
    pub rule: String,
    /// Relative to the crate.
    pub file: String,
    /// The line that the finding begins on, without the white space around it.
    pub code: String,
    /// How severe it is; nothing for a false alarm.
    pub severity: Option<Severity>,
    /// Why, in a few words.
    pub why: String,
}

impl Verdict {
    /// Whether it is about a finding. Equal lines of a file share a verdict.
    pub fn is_about(&self, finding: &Found) -> bool {
        self.rule == finding.rule && self.file == finding.file && self.code == finding.code
    }
}

/// All verdicts by crate.
///
/// # Errors
///
/// When a line of the file is malformed.
pub fn read() -> anyhow::Result<BTreeMap<String, Vec<Verdict>>> {
    let mut verdicts: BTreeMap<String, Vec<Verdict>> = BTreeMap::new();
    for (number, line) in VERDICTS.lines().enumerate() {
        let verdict: Verdict =
            serde_json::from_str(line).with_context(|| format!("line {}", number + 1))?;
        verdicts.entry(verdict.name.clone()).or_default().push(verdict);
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_can_be_read_and_stands_once() {
        let verdicts = read().expect("they are well formed");
        let known: Vec<&str> = crate::CRATES.lines().collect();
        for (name, list) in &verdicts {
            assert!(known.contains(&name.as_str()), "{name} is not in crates.txt");
            for (at, verdict) in list.iter().enumerate() {
                assert!(readiness_lsp::rules::find(&verdict.rule).is_some(), "{}", verdict.rule);
                let same = |it: &Verdict| {
                    (&it.rule, &it.file, &it.code) == (&verdict.rule, &verdict.file, &verdict.code)
                };
                assert!(!list[..at].iter().any(same), "{name}: {verdict:?} stands twice");
            }
        }
    }
}
