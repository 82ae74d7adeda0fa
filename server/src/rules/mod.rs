//! The rules: one file or folder each, grouped by area.
//!
//! A new rule is one file and one line in the list of its area's `mod.rs`.

/// Rules about what laws, and people who depend on the service, ask for.
pub mod compliance;
/// Rules about how the project is built, shipped and started.
pub mod deployment;
/// Rules about what users of the code have to guess.
pub mod documentation;
/// Rules about what makes code hard to change.
pub mod maintainability;
/// Rules about what operators cannot see.
pub mod observability;
/// Rules about what is slow under load.
pub mod performance;
mod reached;
/// Rules about what makes a program stop, hang or lose work.
pub mod reliability;
/// Rules about what an attacker could use.
pub mod security;
mod stub;
/// Rules about what no test holds.
pub mod testing;

#[cfg(test)]
mod docs_test;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod reach_test;
#[cfg(test)]
mod words_test;

use crate::analysis::{
    INVALID_CONFIG, INVALID_SUPPRESSION, Rule, UNREADABLE_FILE, UNUSED_SUPPRESSION,
};
use crate::config::{Config, unknown_rule};

pub use documentation::STALE_CLAIM;

/// Every rule there is, by area.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let meta: &[&'static Rule] =
        &[&INVALID_SUPPRESSION, &UNUSED_SUPPRESSION, &INVALID_CONFIG, &UNREADABLE_FILE];
    [
        security::RULES,
        reliability::RULES,
        performance::RULES,
        maintainability::RULES,
        observability::RULES,
        documentation::RULES,
        deployment::RULES,
        testing::RULES,
        compliance::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(meta.to_vec())
}

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// The message about an id that no rule has.
pub fn unknown(id: &str) -> String {
    unknown_rule(id, all().map(|rule| rule.id))
}

/// The page of a rule, as Markdown.
pub fn page(rule: &Rule) -> String {
    let (id, area, severity) = (rule.id, rule.area.name(), rule.severity);
    let mut facts = format!("Area: {area} · Severity: {severity}");
    for number in rule.cwe {
        let url = format!("https://cwe.mitre.org/data/definitions/{number}.html");
        facts += &format!(" · [CWE-{number}]({url})");
    }
    format!("# {id}\n\n{facts}\n\n{}\n", rule.docs().trim_end())
}

/// The JSON schema of `readiness.toml`, with every rule as a key.
pub fn settings_schema() -> serde_json::Value {
    let summaries: Vec<(&str, String)> = all().map(|it| (it.id, it.summary())).collect();
    let known: Vec<(&str, &str)> =
        summaries.iter().map(|(id, summary)| (*id, summary.as_str())).collect();
    Config::schema(&known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        let mut ids: Vec<&str> = all().map(|rule| rule.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }

    #[test]
    fn every_rule_opens_with_its_documentation() {
        for rule in all() {
            assert!(rule.summary().len() > 10, "{}: {:?}", rule.id, rule.summary());
            let docs = rule.docs();
            assert!(docs.contains("```"), "{}: no example", rule.id);
            for mark in ["//- ", "//~", "//^", ",bad", "```project", "9999"] {
                assert!(!docs.contains(mark), "{}: {mark} is for the tests", rule.id);
            }
        }
    }
}
