//! Five reviews that people wrote, finding by finding: what answers for each here.
//!
//! A table for each, beside the fixture that is modelled on it. Each line has a label of ours and what
//! answers for it:
//!
//! - `finding [FIXTURE:] RULE FILE`: the rule reports the fixture's file;
//! - `strength [FIXTURE:] TITLE`: the review of the repaired twin praises it;
//! - `claim VERDICT: TEXT`: held against the fixture, the text gets the verdict, or one of two (without
//!   the whole history what never was is absent);
//! - `question KEY`: the review asks for the evidence; `monitor TEXT`: it names the metric;
//! - `verdict`, `score`, `risks`, `path`, `effort`: the part of the report;
//! - `person REASON`: nothing but a person can answer, and why.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use readiness_lsp::config::Question;
use readiness_lsp::review::Review;
use readiness_lsp::rules;
use readiness_lsp::workspace::Workspace;

const SEEDS: [&str; 5] =
    ["nat-traversal", "chat-server", "delivery-service", "signalling", "mail-server"];

/// A fixture with what is known of it.
struct Fixture {
    workspace: Workspace,
    review: Review,
    /// The review of its repaired twin.
    twin: Review,
    /// The rules that report a file, by its path.
    reported: BTreeSet<(String, String)>,
}

impl Fixture {
    fn open(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let repaired = tempfile::tempdir().unwrap();
        for part in [name, "repaired/every-service", &format!("repaired/{name}")] {
            lay(&root.join(part), repaired.path());
        }
        let workspace = scanned(&root.join(name));
        let snapshot = workspace.snapshot();
        let mut reported = BTreeSet::new();
        for file in snapshot.files() {
            for finding in snapshot.findings(&file) {
                reported.insert((finding.rule.id.to_string(), file.clone()));
            }
        }
        let review = snapshot.review();
        let twin = scanned(repaired.path()).snapshot().review();
        drop(snapshot);
        Self { workspace, review, twin, reported }
    }

    /// Why something does not answer; nothing when it does.
    fn refusal(&self, answer: &Answer<'_>) -> Option<String> {
        let review = &self.review;
        let is_answered = match answer {
            Answer::Finding { rule, file } => {
                if rules::find(rule).is_none() {
                    return Some(format!("there is no rule `{rule}`"));
                }
                self.reported.contains(&(rule.to_string(), file.to_string()))
            }
            Answer::Strength(title) => self.twin.strengths.iter().any(|it| it.title == *title),
            Answer::Claim { verdict, text } => {
                let text = text.replace("\\n", "\n");
                let document = ("REVIEW.md".to_string(), format!("# Review\n\n- {text}\n"));
                let judged = self.workspace.snapshot().verify(&[document]).concat();
                let verdicts: Vec<&str> = judged.iter().map(|it| it.verdict.name()).collect();
                if !verdict.split('/').any(|it| verdicts.contains(&it)) {
                    return Some(format!("the verdicts are {verdicts:?}"));
                }
                true
            }
            Answer::Question(key) => Question::ALL.iter().any(|it| it.key() == *key),
            Answer::Monitor(text) => review.monitor.iter().any(|it| it.metric.contains(text)),
            Answer::Part("verdict") => !review.verdict.ready && !review.verdict.blockers.is_empty(),
            Answer::Part("score") => !review.score.areas.is_empty(),
            Answer::Part("risks") => !review.risks.is_empty(),
            Answer::Part("path") => !review.path.is_empty(),
            Answer::Part("effort") => review.verdict.effort.is_some(),
            Answer::Part(_) => false,
            Answer::Person(reason) => reason.split(' ').count() >= 3,
        };
        (!is_answered).then(|| "it is not so".to_string())
    }
}

/// What answers for a line of a review.
enum Answer<'a> {
    Finding { rule: &'a str, file: &'a str },
    Strength(&'a str),
    Claim { verdict: &'a str, text: &'a str },
    Question(&'a str),
    Monitor(&'a str),
    Part(&'a str),
    Person(&'a str),
}

impl<'a> Answer<'a> {
    /// The answer, and the fixture that it is found in if that is another one.
    fn parse(text: &'a str) -> Option<(Option<&'a str>, Self)> {
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        let elsewhere = rest.split_once(": ").filter(|(name, _)| !name.contains(' '));
        let (fixture, own) = match elsewhere {
            Some((name, own)) => (Some(name), own),
            None => (None, rest),
        };
        let answer = match kind {
            "finding" => {
                let (rule, file) = own.split_once(' ')?;
                return Some((fixture, Self::Finding { rule, file }));
            }
            "strength" => return Some((fixture, Self::Strength(own))),
            "claim" => {
                let (verdict, text) = rest.split_once(": ")?;
                Self::Claim { verdict, text }
            }
            "question" => Self::Question(rest),
            "monitor" => Self::Monitor(rest),
            "person" => Self::Person(rest),
            part => Self::Part(part),
        };
        Some((None, answer))
    }
}

#[test]
fn everything_in_the_seeds_is_answered() {
    let mut fixtures: BTreeMap<String, Fixture> = BTreeMap::new();
    let mut unanswered = Vec::new();
    for seed in SEEDS {
        let table = fs::read_to_string(folder().join(format!("{seed}.txt"))).unwrap();
        let mut labels = BTreeSet::new();
        let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let (label, text) = line.split_once(" | ").unwrap_or((line, ""));
            let Some((fixture, answer)) = Answer::parse(text) else {
                unanswered.push(format!("{seed}: {label}: `{text}` is no answer"));
                continue;
            };
            let name = fixture.unwrap_or(seed);
            let fixture = fixtures.entry(name.to_string()).or_insert_with(|| Fixture::open(name));
            let refusal = fixture.refusal(&answer);
            unanswered.extend(refusal.map(|it| format!("{seed}: {label}: {text}: {it}")));
            if !labels.insert(label) {
                unanswered.push(format!("{seed}: {label} occurs twice"));
            }
        }
        assert!(labels.len() > 30, "{seed} has {} lines", labels.len());
    }
    assert!(unanswered.is_empty(), "\n{}\n", unanswered.join("\n"));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/seeds")
}

fn scanned(root: &Path) -> Workspace {
    let workspace = Workspace::open(root, rules::all()).unwrap();
    workspace.scan(|_, _| {});
    workspace
}

/// Copies the files of a folder over those of another.
fn lay(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    fs::create_dir_all(to).unwrap();
    for entry in entries.flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => lay(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
