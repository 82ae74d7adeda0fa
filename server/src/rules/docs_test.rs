//! The examples in the documentation of rules are executed: those marked `rust,bad` and
//! `project,bad` must be reported, the others must not.

use super::fixture::Fixture;
use crate::project::markdown::{CodeBlock, code_blocks};

#[test]
fn the_examples_of_every_rule_are_true() {
    for rule in super::all() {
        let mut bad = 0;
        for (number, example) in examples(rule.source).into_iter().enumerate() {
            let fixture = Fixture::new(&example.code, super::all());
            let reported = fixture.findings().iter().any(|(_, finding)| finding.rule == rule);
            bad += usize::from(example.bad);
            assert_eq!(reported, example.bad, "{} example {number}:\n{}", rule.id, example.code);
        }
        assert!(
            bad > 0 || (rule.queries.is_empty() && rule.project.is_none()),
            "{}: no example is marked `bad`",
            rule.id
        );
    }
}

/// A code block of a rule page.
pub(super) struct Example {
    /// Whether it must be reported.
    pub bad: bool,
    pub code: String,
}

pub(super) fn examples(source: &str) -> Vec<Example> {
    let docs: Vec<&str> = source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .map(|line| line.trim_start_matches("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let docs = docs.join("\n");
    let blocks = code_blocks(&docs).into_iter();
    let blocks = blocks.filter(|it| it.info.starts_with("rust") || it.info.starts_with("project"));
    let example = |it: CodeBlock<'_>| Example {
        bad: it.info.contains("bad"),
        code: docs[it.content].to_string(),
    };
    blocks.map(example).collect()
}
