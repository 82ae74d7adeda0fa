//! The form of what users read: messages, notes, titles of fixes and summaries of rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::docs_test::examples;
use super::fixture::Fixture;
use crate::analysis::Finding;

/// Counted with the code in backticks.
const MAX_MESSAGE: usize = 110;
const MAX_SUMMARY: usize = 100;

/// Words that say nothing to a reader who searches for a problem.
const GIVEN_UP: &[&str] = &[
    "anybody", "anyone", "everybody", "gone", "nobody", "nothing says", "past the log", "somebody",
    "someone", "that day", "thrown away", "to be done", "what is in it", "what it protects",
    "whatever", "whoever", "whom",
];

/// The verbs that titles of fixes begin with.
const VERBS: &[&str] = &[
    "Add", "Allow", "Attach", "Compare", "Copy", "Create", "Delete", "Derive", "Disable", "Encode",
    "Expect", "Handle", "Hash", "Ignore", "Implement", "Leave", "Let", "Log", "Make", "Map",
    "Mark", "Move", "Omit", "Propagate", "Read", "Recover", "Redact", "Remove", "Replace",
    "Require", "Return", "Set", "Skip", "Take", "Update", "Upgrade", "Use", "Wait", "Wrap",
    "Write",
];

/// Verbs that a summary of a rule must not begin with: it names the problem, it gives no order.
const ORDERS: &[&str] = &["avoid", "check", "do", "ensure", "find", "report", "use"];

#[test]
fn messages_and_titles_have_the_form_that_is_documented() {
    let sources = all_sources();
    let mut wrong = BTreeSet::new();
    for (message, notes) in all_messages(&sources) {
        wrong.extend(problem_of_message(&message).map(|it| format!("{message:?}: {it}")));
        for note in notes {
            wrong.extend(problem_of_text(&note).map(|it| format!("note {note:?}: {it}")));
        }
    }
    for title in all_titles(&sources) {
        wrong.extend(problem_of_title(&title).map(|it| format!("title {title:?}: {it}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn summaries_are_noun_phrases_for_a_table() {
    let mut wrong = Vec::new();
    for rule in super::all() {
        let summary = rule.summary();
        let first = summary.split([' ', '\'']).next().unwrap_or_default().to_lowercase();
        let length = summary.chars().count();
        let problem = if length > MAX_SUMMARY {
            Some(format!("{length} characters"))
        } else if summary.ends_with('.') || summary.contains('|') {
            Some("it does not fit into a table".to_string())
        } else if ["a", "an", "the"].contains(&first.as_str()) || ORDERS.contains(&first.as_str()) {
            Some(format!("it begins with `{first}`"))
        } else {
            given_up(&summary)
        };
        wrong.extend(problem.map(|it| format!("{}: {summary:?}: {it}", rule.id)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn problem_of_message(message: &str) -> Option<String> {
    let length = message.chars().count();
    if length > MAX_MESSAGE {
        return Some(format!("{length} characters"));
    }
    problem_of_text(message)
}

/// What is wrong with a message, a note or the text of a related place.
fn problem_of_text(text: &str) -> Option<String> {
    let first = text.split([' ', '-']).next().unwrap_or_default();
    // Acronyms are written in capitals: `SHA-1 is not collision-resistant`.
    let is_acronym = first.len() > 1 && !first.contains(char::is_lowercase);
    if text.starts_with(char::is_uppercase) && !is_acronym {
        return Some("it begins with a capital letter".to_string());
    }
    if text.ends_with('.') {
        return Some("it ends with a full stop".to_string());
    }
    if text.matches('`').count() % 2 == 1 {
        return Some("a backtick is missing".to_string());
    }
    given_up(text)
}

fn problem_of_title(title: &str) -> Option<String> {
    let first = title.split(' ').next().unwrap_or_default();
    if !VERBS.contains(&first) {
        return Some(format!("`{first}` is no verb in `VERBS`"));
    }
    if title.ends_with('.') {
        return Some("it ends with a full stop".to_string());
    }
    given_up(title)
}

/// A word of the text that is given up; code in backticks is not looked at.
fn given_up(text: &str) -> Option<String> {
    let prose: Vec<&str> = text.split('`').step_by(2).collect();
    let prose = prose.join("`").to_lowercase();
    let found = GIVEN_UP.iter().find(|it| {
        let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        prose.match_indices(**it).any(|(at, word)| {
            let before = prose[..at].chars().next_back();
            let after = prose[at + word.len()..].chars().next();
            !is_inside(before) && !is_inside(after)
        })
    });
    found.map(|it| format!("`{it}` is a word that is given up"))
}

type Message = (String, Vec<String>);

/// The messages, with their notes and the texts of related places, of all findings in examples of
/// rule pages and in `fixtures/`.
fn all_messages(sources: &[Fixture]) -> BTreeSet<Message> {
    let message = |finding: &Finding| {
        let related = finding.related.iter().map(|it| it.message.to_string());
        let notes = finding.notes.iter().map(|it| it.to_string());
        (finding.message.to_string(), notes.chain(related).collect())
    };
    let findings = sources.iter().flat_map(|it| it.findings());
    findings.map(|(_, finding)| message(&finding)).collect()
}

/// The titles of all fixes for them.
fn all_titles(sources: &[Fixture]) -> BTreeSet<String> {
    let mut titles = BTreeSet::new();
    for source in sources {
        for (path, finding) in source.findings() {
            if path.ends_with(".rs") || finding.rule.project.is_some() {
                titles.extend(source.fixes(&path, &finding).into_iter().map(|fix| fix.title));
            }
        }
    }
    titles
}

fn all_sources() -> Vec<Fixture> {
    let examples = super::all().flat_map(|rule| examples(rule.source));
    let examples = examples.filter(|example| example.bad).map(|example| example.code);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let folders = [
        "account-service", "chat-server", "delivery-service", "mail-server", "nat-traversal",
        "signalling",
    ];
    let fixtures = folders.into_iter().map(|name| {
        let mut source = String::new();
        collect(&root.join(name), "", &mut source);
        assert!(!source.is_empty(), "{name} is not there");
        source
    });
    examples.chain(fixtures).map(|source| Fixture::new(&source, super::all())).collect()
}

/// Appends the files of a folder, as a fixture in memory has them.
fn collect(folder: &Path, prefix: &str, source: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), source);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            *source += &format!("//- {path}\n{text}\n");
        }
    }
}
