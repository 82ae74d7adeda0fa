//! The examples in the documentation of rules are executed: those marked `rust,bad` and
//! `project,bad` must be reported, the others must not.

use super::fixture::Fixture;

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

struct Example {
    bad: bool,
    code: String,
}

fn examples(source: &str) -> Vec<Example> {
    use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
    let docs: Vec<&str> = source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .map(|line| line.trim_start_matches("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for event in Parser::new(&docs.join("\n")) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                if info.starts_with("rust") || info.starts_with("project") =>
            {
                inside = true;
                examples.push(Example { bad: info.contains("bad"), code: String::new() });
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => {
                if let Some(example) = examples.last_mut() {
                    example.code.push_str(&text);
                }
            }
            _ => {}
        }
    }
    examples
}
