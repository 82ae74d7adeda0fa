//! What documents say in words: how many there are, what is missing, what is used.

use std::ops::Range;
use std::sync::LazyLock;

use super::document::{Unit, UnitKind};
use super::extractor::{Extractor, file_range};
use super::names::{Inline, inline};
use super::pattern::{Pattern, pattern};
use super::places::CitedPath;
use super::stance;
use super::vocabulary::{THINGS, counts_in};
use super::{Bound, CiTask, ClaimKind, Subject, Thing};

/// What opens the claim that something is missing, at the start of a clause.
static MISSING: Pattern = LazyLock::new(|| {
    pattern(
        r"(?:^[^A-Za-z`]*|[:;,.(|]\s*|\b(?i:there\s+(?:is|are)|has|have|with|but)\s+)(?P<no>(?i:no|missing|lacks?|lacking))\s+(?:(?i:an?|any|the)\s+)?",
    )
});

static FOLDER_MISSING: Pattern = LazyLock::new(|| {
    pattern(r"(?i)^(?:no|missing)\s+(?P<path>[\w./-]+)\s+(?:directory|folder|file)\b")
});

static NOT_AUDITED: Pattern =
    LazyLock::new(|| pattern(r"(?i)\bdependencies\s+(?:are\s+)?(?:not\s+audited|unaudited)\b"));

static NOT_IGNORED: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\.gitignore\s+(?:does\s+not|doesn['’]t)\s+(?:include|contain|list|ignore|cover)\s+(?P<path>[\w./*-]+)",
    )
});

/// Where something is counted: `calls in the server`.
static IN_A_PART: Pattern =
    LazyLock::new(|| pattern(r"^[`\w\s.()!]{0,24}?\b(?:in|within|for|from|of)\s+(?P<rest>[^.;]+)"));

/// Who has what is counted: `the parser has`.
static OWNER: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[.;:,]\s)(?P<who>[^.;:,]*?)\s+(?:still\s+)?(?:has|have|contains?|includes?|uses?)\s*$",
    )
});

/// Ways to say that it is everywhere.
const WHOLES: &[&str] = &[
    "all", "the code", "the whole", "the entire", "the project", "the workspace", "code", "src",
    "production", "non-test", "rust", "the repo", "total", "this project", "this repo",
];

static EXPOSED: Pattern = LazyLock::new(|| {
    pattern(r"(?i)\b(?:private|secret)\s+keys?\b[^.;]{0,20}\bpublic\s+(?:struct\s+)?fields?\b")
});

/// The claims that a unit makes in words.
pub(super) fn claims(extractor: &mut Extractor<'_>, at: usize, unit: &Unit, cited: &[CitedPath]) {
    counts(extractor, at, unit, cited);
    missing(extractor, unit);
    findings(extractor, at, unit, cited);
    symbols(extractor, unit, cited);
}

/// What can panic, or is left open, that a sentence speaks of.
pub(super) fn panicking_subject(text: &str) -> Option<Subject> {
    let has = |words: &[&str]| words.iter().any(|it| text.contains(it));
    let unwraps = has(&[".unwrap()", "unwrap()", "`unwrap`"]);
    let expects = has(&[".expect(", "expect()", "`expect`"]);
    match () {
        () if unwraps && expects => Some(Subject::UnwrapOrExpect),
        () if unwraps => Some(Subject::Unwrap),
        () if expects => Some(Subject::Expect),
        () if has(&["panic!"]) => Some(Subject::Panic),
        () if has(&["TODO", "FIXME"]) => Some(Subject::Todo),
        () => None,
    }
}

fn counts(extractor: &mut Extractor<'_>, at: usize, unit: &Unit, cited: &[CitedPath]) {
    let mut taken: Vec<Range<usize>> = Vec::new();
    for (pattern, subject) in counts_in(&unit.text) {
        for captures in pattern.captures_iter(&unit.text) {
            let (Some(number), Some(name)) = (captures.name("number"), captures.name("subject"))
            else {
                continue;
            };
            let range = number.start()..name.end();
            if taken.iter().any(|it| it.start < range.end && range.start < it.end) {
                continue;
            }
            taken.push(range.clone());
            let Ok(value) = number.as_str().replace(',', "").parse() else { continue };
            let before = captures.name("before").map_or("", |it| it.as_str().trim());
            let has_plus = captures.name("plus").is_some();
            let Some(bound) = bound(before, has_plus) else { continue };
            let only = cited.first().filter(|it| cited.len() == 1 && it.lines.is_empty());
            let own = only.map(|it| it.path.clone());
            if !is_counted(unit, &range, subject) || unit.kind == UnitKind::Row && own.is_none() {
                continue;
            }
            // A file that is named in passing is one that the number may be of.
            let is_of_file = own.is_none() && unit.text.contains(".rs");
            let is_part = cited.len() > 1 || is_of_file || is_of_a_part(unit, &range);
            if extractor.is_loose || stance::is_asked(extractor.units, unit, &range) {
                continue;
            }
            let scope = own.or_else(|| extractor.location(at).map(|it| it.path));
            let end = captures.name("plus").map_or(number.end(), |it| it.end());
            let digits = file_range(unit.place(number.start()..end));
            let kind = ClaimKind::Count { subject, number: value, bound, scope, is_part, digits };
            extractor.push(unit, range, kind);
        }
    }
}

fn bound(before: &str, has_plus: bool) -> Option<Bound> {
    Some(match before.to_lowercase().as_str() {
        "" | "only" if has_plus => Bound::AtLeast,
        "" | "only" => Bound::Exactly,
        "over" | "more than" | "at least" | ">" | "≥" => Bound::AtLeast,
        "up to" | "fewer than" | "less than" | "under" | "<" | "≤" => Bound::AtMost,
        _ => Bound::About,
    })
}

/// Whether a number counts what is in the code: no result of a run, no target, no part of a list.
fn is_counted(unit: &Unit, range: &Range<usize>, subject: Subject) -> bool {
    let after = unit.text.get(range.end..).unwrap_or_default().trim_start_matches('`');
    let after: String = after.chars().take(24).collect::<String>().to_lowercase();
    let after = after.trim_start();
    let before = unit.text.get(..range.start).unwrap_or_default();
    let is_part = before.trim_end().ends_with(['/', '#', '-', '.', '=', '*', 'v'])
        || ["→", "->", "~~"].iter().any(|it| before.trim_end().ends_with(it))
        || before.ends_with("of ")
        || before.ends_with("top ")
        || before.ends_with("first ");
    let ran = [
        "pass", "fail", "ran", "run", "ok", "green", "skipped", "ignored", "each", "per ", "succe",
        "in the",
    ];
    let said = before.get(before.len().saturating_sub(40)..).unwrap_or(before).to_lowercase();
    let whole = unit.text.to_lowercase();
    let is_of_run = |words: &[&str]| words.iter().any(|it| whole.contains(it));
    let is_run = subject == Subject::Test
        && (["passing", "passed", "cargo test"].iter().any(|it| said.contains(it))
            || is_of_run(&[" passing", " passed", " pass ", " run ", " ran ", "✅"])
            || ran.iter().any(|it| after.starts_with(it))
            || after.starts_with(['/', '%']))
        || is_of_run(&["grep", "clippy", "returned", "search found", "scan", "~~", "→"]);
    // `test coverage`, `test files`, `tests per module`.
    let is_compound = subject == Subject::Test
        && [
            "coverage", "file", "suite", "case", "module", "categor", "scenario", "binar",
            "vector", "target", "device", "crate", "type",
        ]
        .iter()
        .any(|it| after.starts_with(it));
    !is_part && !is_run && !is_compound && !matches!(unit.kind, UnitKind::Heading(1))
}

/// Whether the sentence says that it counts a part of the code only.
fn is_of_a_part(unit: &Unit, range: &Range<usize>) -> bool {
    const PARTS: &[&str] = &[
        "critical path", "hot path", "this file", "this module", "each", "remaining", "new ",
        "added", "p0", "p1", "high-risk", "some of", "total of which", "module has", "covers",
        "between", "per ", "example", "doc test", "property", "benchmark", "test files", "in test",
    ];
    let sentence = stance::sentence(unit, range);
    let text = unit.text.get(sentence).unwrap_or_default().to_lowercase();
    let after = unit.text.get(range.end..).unwrap_or_default().to_lowercase();
    let place = IN_A_PART.as_ref().and_then(|it| it.captures(&after));
    let is_whole = |it: &str| WHOLES.iter().any(|whole| it.starts_with(whole));
    let before = unit.text.get(..range.start).unwrap_or_default();
    let owner =
        OWNER.as_ref().and_then(|it| it.captures(before)?.name("who").map(|it| it.as_str()));
    const ALL: &[&str] =
        &["codebase", "project", "repo", "repository", "workspace", "we", "it", "there", "which"];
    let is_all = |it: &str| {
        let it = it.to_lowercase();
        it.contains("this crate") || it.split_whitespace().any(|word| ALL.contains(&word))
    };
    if owner.is_some_and(|it| !it.trim().is_empty() && !is_all(it)) {
        return true;
    }
    PARTS.iter().any(|it| text.contains(it))
        || place.is_some_and(|it| it.name("rest").is_some_and(|rest| !is_whole(rest.as_str())))
}

fn missing(extractor: &mut Extractor<'_>, unit: &Unit) {
    let text = unit.text.clone();
    if extractor.is_loose || stance::is_labelled_as_fix(extractor.units, unit) {
        return;
    }
    for captures in MISSING.iter().flat_map(|it| it.captures_iter(&text)) {
        let (Some(whole), Some(no)) = (captures.get(0), captures.name("no")) else { continue };
        let rest = text.get(whole.end()..).unwrap_or_default();
        for (pattern, thing) in THINGS.iter() {
            let Some(name) = pattern.captures(rest).and_then(|it| it.name("thing")) else {
                continue;
            };
            let range = no.start()..whole.end() + name.end();
            // A task to add it is done when it is there.
            let is_task = unit.task.is_some();
            let after = rest.get(name.end()..).unwrap_or_default();
            // A list of tests that are missing does not say that there are none.
            // Without `found` it is said of the part that the section is about.
            let is_list = *thing == Thing::Tests
                && (no.as_str().eq_ignore_ascii_case("missing")
                    || !["found", "suite"].iter().any(|it| name.as_str().contains(it)));
            // `No tests, no merge` is a rule.
            let is_rule = after.trim_start().to_lowercase().starts_with(", no ");
            // A row of a table says it of what it is about.
            let is_of_row = unit.kind == UnitKind::Row;
            let is_of_all = !is_list && !is_of_row && !is_rule && !is_in_a_part(after);
            if !is_task && is_of_all && !is_a_condition(&text, whole.start()) {
                extractor.push(unit, range, ClaimKind::Missing(thing.clone()));
            }
            break;
        }
        let from = text.get(no.start()..).unwrap_or_default();
        if let Some(path) =
            FOLDER_MISSING.as_ref().and_then(|it| it.captures(from)).and_then(|it| it.name("path"))
        {
            let in_code =
                unit.codes().any(|(span, _)| span.range.start == no.start() + path.start());
            let range = no.start()..no.start() + path.end();
            let path = path.as_str().to_string();
            // That it was not made is no word on what is there.
            let after = text.get(range.end..).unwrap_or_default();
            let is_made = ["created", "added", "written", "provided", "generated", "committed"]
                .iter()
                .any(|it| after.split(['.', ';', ',']).next().is_some_and(|own| own.contains(it)));
            if in_code && !is_made && path.contains(['/', '.']) {
                extractor.push(unit, range, ClaimKind::Missing(Thing::Path(path)));
            }
        }
    }
    if let Some(found) = NOT_AUDITED.as_ref().and_then(|it| it.find(&text)) {
        extractor.push(unit, found.range(), ClaimKind::Missing(Thing::CiTask(CiTask::Audit)));
    }
    if let Some(captures) = NOT_IGNORED.as_ref().and_then(|it| it.captures(&text))
        && let (Some(whole), Some(path)) = (captures.get(0), captures.name("path"))
    {
        let path = path.as_str().trim_end_matches('.').to_string();
        extractor.push(unit, whole.range(), ClaimKind::Missing(Thing::Ignored(path)));
    }
}

/// Whether what follows says that it is missing in a part of the code only.
fn is_in_a_part(after: &str) -> bool {
    let after = after.trim_start_matches('`').trim_start().to_lowercase();
    let words = after.split_whitespace();
    let is_verb = |it: &&str| {
        ["was", "were", "is", "are", "found", "exist", "exists", "configured"].contains(it)
    };
    let after = words.skip_while(is_verb).collect::<Vec<_>>().join(" ");
    let place = after.strip_prefix("in ").or_else(|| after.strip_prefix("for "));
    place.is_some_and(|it| {
        !it.starts_with("ci") && !WHOLES.iter().any(|whole| it.starts_with(whole))
    })
}

/// Whether a clause is about a case: "if there is no CI".
fn is_a_condition(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let clause = before.rsplit(['.', ';']).next().unwrap_or_default().to_lowercase();
    ["if ", "when ", "unless ", "in case", "would ", "should ", "could ", "for "]
        .iter()
        .any(|it| clause.contains(it))
}

fn findings(extractor: &mut Extractor<'_>, at: usize, unit: &Unit, cited: &[CitedPath]) {
    if extractor.is_loose || stance::is_labelled_as_fix(extractor.units, unit) {
        return;
    }
    let text = unit.text.clone();
    if let Some(found) = EXPOSED.as_ref().and_then(|it| it.find(&text)) {
        let own = cited.first().cloned();
        if let Some(path) = own.or_else(|| extractor.location(at)).map(|it| it.path) {
            let subject = Subject::ExposedSecret;
            let kind = ClaimKind::Finding { subject, path };
            extractor.push(unit, found.range(), kind);
        }
        return;
    }
    let [only] = cited else { return };
    let Some(subject) = panicking_subject(&text) else { return };
    let stance = extractor.stance(unit, &only.range);
    let is_counted = counts_in(&text).any(|(pattern, of)| of == subject && pattern.is_match(&text));
    if only.lines.is_empty() && stance.is_plain() && !is_counted && only.path.ends_with(".rs") {
        let kind = ClaimKind::Finding { subject, path: only.path.clone() };
        extractor.push(unit, only.range.clone(), kind);
    }
}

/// Items that are named without a place.
fn symbols(extractor: &mut Extractor<'_>, unit: &Unit, cited: &[CitedPath]) {
    let codes: Vec<(Range<usize>, String)> =
        unit.codes().map(|(span, code)| (span.range.clone(), code.to_string())).collect();
    for (range, code) in codes {
        let is_place =
            cited.iter().any(|it| it.range.start < range.end && range.start < it.range.end);
        let Inline::Name(name) = inline(&code) else { continue };
        // The name of a variable is a claim of its own.
        let is_variable = name.path.iter().all(|it| !it.contains(char::is_lowercase));
        if is_place || is_variable || !name.is_distinct || code.contains(' ') || code.ends_with('!')
        {
            continue;
        }
        let stance = extractor.stance(unit, &range);
        if stance.is_proposed || stance.is_negated || stance.is_past || extractor.is_loose {
            continue;
        }
        // With lines it is the claim of its place.
        let file = match cited {
            [only] if only.lines.is_empty() && only.path.ends_with(".rs") => {
                Some(only.path.clone())
            }
            [only] if !only.lines.is_empty() => continue,
            [_, _, ..] if matches!(unit.kind, UnitKind::Row) => continue,
            _ => None,
        };
        extractor.push(unit, range, ClaimKind::Symbol { path: name.path, file });
    }
}
