//! How a sentence speaks of the code: as it is, as it was, or as it should be.

use std::ops::Range;
use std::sync::LazyLock;

use super::document::{Unit, UnitKind};
use super::pattern::{Pattern, pattern};
use crate::project::paths::file_name;

/// How a sentence speaks of the code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stance {
    /// It says what should be, could be, or is an example.
    pub is_proposed: bool,
    /// It says what was.
    pub is_past: bool,
    /// It says what is not.
    pub is_negated: bool,
}

impl Stance {
    /// Whether it says what is.
    pub fn is_plain(self) -> bool {
        self == Self::default()
    }
}

/// Words of what should be, could be, or is an example.
const PROPOSED: &str = r"(?ix)\b(?:
    should|must|could|would|will|shall|may|might|can|needs?|to\s+be|todo|plan(?:s|ned)?|propos\w+|
    recommend\w*|suggest\w*|consider|creat\w+|adds?|adding|implement|introduc\w+|writes?|
    generat\w+|new|move|rename|extract|split|replace|migrate|example|e\.g|such\s+as|like|if|
    your?|optional(?:ly)?|instead|future|later|once|either|option|alternativ\w+|want|
    install|copy|save|put|place|update|modify|change|edit|use|set|configur\w+|expects?|fix|
    upstream|vendored|collect\w*|updated|results?|reports?|logs?|artifacts?|uploads?|written|require[sd]?|ensure|avoid|prefer|let's|produc\w+|output\w*|emit\w*|store[sd]?|
    branch(?:es)?|fork(?:ed|s)?|worktree|pull\s+request|conventions?|patterns?|hypothetical|
    typically|usually|downstream|external|another|separate|sibling|mounted|deployed|runtime|temporary|cached?
)\b";

/// Words of what was.
const PAST: &str = r"(?ix)\b(?:
    was|were|remov\w+|delet\w+|dropp?\w*|renamed|replaced|moved|former(?:ly)?|previous(?:ly)?|
    used\s+to|old|legacy|obsolete|no\s+longer|originally|had|extracted|split|merged|superseded|
    consolidated|archived|before|earlier|historical\w*|fixed|resolved|addressed|now|cleaned|~~|
    changed|converted|refactored|migrated|eliminated
)\b";

/// Words of what is not.
const NEGATED: &str =
    r"(?ix)\b(?:no|not|never|without|missing|lacks?|absent|nor|none|cannot|\w+n['’]t)\b";

/// Labels of what should be.
const FIX_LABEL: &str = r"(?ix)\b(?:
    fix(?:es)?|recommend\w*|suggest\w*|solution|improvement\w*|should|after|propos\w+|action\w*|
    mitigation|remediation|target|todos?|next|plan\w*|future|expected|better|good|preferred|goals?|
    required?|resolution|alternativ\w*|option|new|implement\w*|timeline|create[sd]?|output|task
)\b";

/// Labels of what shows how something is done.
const EXAMPLE_LABEL: &str = r"(?i)\b(?:examples?|usage|template|sample)\b";

/// Headings of what should be.
const PROPOSED_HEADING: &str = r"(?ix)\b(?:
    recommend\w*|suggest\w*|solutions?|improvements?|roadmap|plan|next\ steps?|future|propos\w+|
    action\ items?|to-?dos?|checklist|migration|critical\ path|examples?|usage|template|goals?|
    timeline|enhancements?|phase\ \d|week\ \d|immediate|(?:short|medium|long)[-\ ]term|step\ \d|
    tasks?|how\ to|getting\ started|quick\ ?start|install\w*|requirements?|deliverables?|
    files?\ to|(?:remaining|required)\ (?:work|files?|tests?|changes?)
)\b";

/// Headings of what was done.
const PAST_HEADING: &str = r"(?ix)\b(?:
    fixed|resolved|completed|done|changes|changed|history|accomplish\w+|this\ session|previous\w*
)\b";

/// Words of what is asked for, was done, or is no more: it is not counted.
const ASKED: &str = r"(?ix)\b(?:
    should|must|will|shall|targets?|goals?|aims?|plan(?:s|ned)?|needs?|require[sd]?|want|expected|
    would|could|until|when|if|add(?:ed|s)?|wrote|write|reduced?|from|down|up|
    fix(?:ed|es)?|eliminated?|removed?|replaced?|converted|resolved|migrated|cleaned|refactored|
    before|previous(?:ly)?|initial(?:ly)?|original(?:ly)?|was|were|had|after|so\ far|left
)\b";

/// What opens a sentence that gives an order: `Audit 30 calls`.
const ORDER: &str = r"(?ix)^\W*(?:
    audit|verify|check|review|convert|address|reduce|eliminate|replace|remove|document|handle|
    refactor|resolve|inspect|investigate|clean|migrate|triage
)\b";

/// What a list is introduced by that says what is to be done.
const AHEAD: &str = r"(?i)\b(?:remaining|work|todo|tasks?|next|effort|plan)\b";

/// Headings of what is to be done.
const WORK_HEADING: &str = r"(?ix)\b(?:
    immediate|next\ steps?|action\ items?|(?:remaining|required)\ \w+|roadmap|plan|checklist|tasks?
)\b";

/// Heads of the columns of what is to be done.
const WORK_HEADER: &str =
    r"(?i)\b(?:create|add|new|propos\w+|planned|target|changes?|actions?|fix|recommend\w*)\b";

static WORK_HEADERS: Pattern = LazyLock::new(|| pattern(WORK_HEADER));
static WORK_HEADINGS: Pattern = LazyLock::new(|| pattern(WORK_HEADING));
static ORDERS: Pattern = LazyLock::new(|| pattern(ORDER));
static WORK_AHEAD: Pattern = LazyLock::new(|| pattern(AHEAD));
static PROPOSED_WORDS: Pattern = LazyLock::new(|| pattern(PROPOSED));
static PAST_WORDS: Pattern = LazyLock::new(|| pattern(PAST));
static NEGATED_WORDS: Pattern = LazyLock::new(|| pattern(NEGATED));
static FIX_LABELS: Pattern = LazyLock::new(|| pattern(FIX_LABEL));
static EXAMPLE_LABELS: Pattern = LazyLock::new(|| pattern(EXAMPLE_LABEL));
static PROPOSED_HEADINGS: Pattern = LazyLock::new(|| pattern(PROPOSED_HEADING));
static PAST_HEADINGS: Pattern = LazyLock::new(|| pattern(PAST_HEADING));
static ASKED_WORDS: Pattern = LazyLock::new(|| pattern(ASKED));

fn has(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_none_or(|it| it.is_match(text))
}

/// The stance of a sentence of a unit.
pub fn of(units: &[Unit], unit: &Unit, sentence: &Range<usize>) -> Stance {
    let mut words = words(unit, sentence);
    if let Some(lead) = lead_in(units, unit) {
        words.push_str(". ");
        words.push_str(&lead.text);
    }
    let is_below = is_labelled_as_fix(units, unit)
        || is_labelled(units, unit, &EXAMPLE_LABELS)
        || is_below_proposal(units, unit)
        || header_of(units, unit).is_some_and(|it| has(&WORK_HEADERS, &it.text));
    Stance {
        is_proposed: unit.task.is_some() || is_below || has(&PROPOSED_WORDS, &words),
        is_past: has(&PAST_WORDS, &words)
            || words.contains("~~")
            || stands_below(units, unit, &PAST_HEADINGS),
        is_negated: has(&NEGATED_WORDS, &words),
    }
}

/// Whether a sentence says what is asked for: a number in it is a target.
pub fn is_asked(units: &[Unit], unit: &Unit, range: &Range<usize>) -> bool {
    let words = words(unit, &sentence(unit, range));
    let lead = lead_in(units, unit);
    unit.task.is_some()
        || is_labelled_as_fix(units, unit)
        || stands_below(units, unit, &WORK_HEADINGS)
        || has(&ASKED_WORDS, &words)
        || has(&ORDERS, &words)
        || lead.is_some_and(|it| has(&WORK_AHEAD, &it.text))
}

/// What introduces the list that a unit is an item of: the item around it, or the paragraph before
/// the list that ends in a colon.
pub fn lead_in<'u>(units: &'u [Unit], unit: &Unit) -> Option<&'u Unit> {
    let before = units.iter().rev().skip_while(|it| it.range.start >= unit.range.start);
    let mut beside = before.filter(|it| it.heading == unit.heading && it.parent == unit.parent);
    let lead = match unit.parent.and_then(|at| units.get(at)) {
        Some(around) => around,
        None => beside.find(|it| it.kind != UnitKind::Item)?,
    };
    let is_lead = unit.kind == UnitKind::Item && lead.text.trim_end().ends_with(':');
    is_lead.then_some(lead)
}

/// The first row of the table that a row is one of.
pub fn header_of<'u>(units: &'u [Unit], unit: &Unit) -> Option<&'u Unit> {
    let is_row = |it: &&Unit| it.kind == UnitKind::Row;
    let at = units.partition_point(|it| it.range.start < unit.range.start);
    let before = units.get(..at)?.iter().rev().take_while(is_row);
    before.last().filter(|_| unit.kind == UnitKind::Row)
}

/// The words of a sentence, without what is written as code.
fn words(unit: &Unit, sentence: &Range<usize>) -> String {
    let mut words = String::new();
    for span in &unit.spans {
        let (start, end) = (span.range.start.max(sentence.start), span.range.end.min(sentence.end));
        match span.is_code {
            true => words.push_str(" _ "),
            false => words.push_str(unit.text.get(start..end.max(start)).unwrap_or_default()),
        }
    }
    words
}

/// Whether the label of a unit, or of an item around it, says that it is about what should be.
pub fn is_labelled_as_fix(units: &[Unit], unit: &Unit) -> bool {
    is_labelled(units, unit, &FIX_LABELS)
}

fn is_labelled(units: &[Unit], unit: &Unit, pattern: &Pattern) -> bool {
    let mut next = Some(unit);
    while let Some(at) = next {
        if at.label().is_some_and(|it| has(pattern, &it)) {
            return true;
        }
        next = at.parent.and_then(|at| units.get(at));
    }
    false
}

/// Whether a heading above a unit says that what stands below it should be.
pub fn is_below_proposal(units: &[Unit], unit: &Unit) -> bool {
    stands_below(units, unit, &PROPOSED_HEADINGS)
}

fn stands_below(units: &[Unit], unit: &Unit, pattern: &Pattern) -> bool {
    let mut heading = unit.heading.and_then(|at| units.get(at));
    while let Some(above) = heading {
        // The title of a document is about all of it.
        let is_title = matches!(above.kind, UnitKind::Heading(1));
        if !is_title && has(pattern, &above.text) {
            return true;
        }
        heading = above.heading.and_then(|at| units.get(at));
    }
    false
}

/// The sentence of a unit's text around a part of it.
pub fn sentence(unit: &Unit, range: &Range<usize>) -> Range<usize> {
    let ends = |text: &str| {
        let mut ends: Vec<usize> = Vec::new();
        for end in [". ", "; ", "? ", "! "] {
            ends.extend(text.match_indices(end).map(|(at, _)| at + 1));
        }
        ends
    };
    let is_outside_code = |at: &usize| !unit.codes().any(|(span, _)| span.range.contains(at));
    let before = unit.text.get(..range.start).unwrap_or_default();
    let start = ends(before).into_iter().filter(|it| is_outside_code(&(it - 1))).max();
    let after = unit.text.get(range.end..).unwrap_or_default();
    let end = ends(after).into_iter().map(|it| it + range.end);
    let end = end.filter(|it| is_outside_code(&(it - 1))).min();
    start.unwrap_or(0)..end.unwrap_or(unit.text.len())
}

/// Whether a document is about what was or will be, by its name: a change log, a plan.
pub fn is_about_another_time(path: &str) -> bool {
    const WORDS: &[&str] = &[
        "adr", "changelog", "changes", "design", "history", "log", "migration", "news", "plan",
        "plans", "postmortem", "proposal", "proposals", "prd", "release", "releases", "rfc",
        "rfcs", "roadmap", "spec", "specs", "todo", "upgrading", "archive", "tasks", "prompts",
        "blog",
    ];
    let lower = path.to_ascii_lowercase();
    let is_log = file_name(&lower).starts_with("release_notes");
    is_log || lower.split(['/', '-', '_', '.', ' ']).any(|word| WORDS.contains(&word))
}
