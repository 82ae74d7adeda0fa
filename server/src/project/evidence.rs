//! Evidence for the questions of a review that code does not answer: whether a document that the
//! settings name answers its question.

use std::sync::LazyLock;

use regex::Regex;

use super::values::Node;
use super::{FileKind, ProjectFile, TrackedProject};
use crate::config::{self, Answer, Config, Question};

/// The number of days after which a document has to be reviewed again.
const STALE_DAYS: i64 = 366;

/// What there is for a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Open,
    /// A document that answers it, as far as can be told.
    Answered(String),
    /// A document elsewhere, or one that is no Markdown: nobody looked into it.
    Unread(String),
    /// It does not apply, for a reason.
    NotApplicable(String),
    /// An answer that is no evidence, for a reason.
    Insufficient(String),
}

/// The answers in the text of the settings file, which may not be applied yet.
pub fn answers(file: &ProjectFile) -> Vec<(Question, Answer)> {
    Config::parse(&file.text, &[]).0.evidence.into_iter().collect()
}

/// The entry of a question in the settings file.
pub fn entry(file: &ProjectFile, question: Question) -> Option<&Node> {
    file.root()?.get(config::EVIDENCE)?.get(question.key())
}

/// What there is for a question, given its answer in the settings.
pub fn standing(cx: &TrackedProject<'_>, question: Question, answer: Option<&Answer>) -> Standing {
    let Some(answer) = answer else { return Standing::Open };
    let (document, reviewed) = match answer {
        Answer::Short(text) => (text, None),
        Answer::Reviewed { document, reviewed, .. } => (document, reviewed.as_deref()),
    };
    if let Some(reason) = document.strip_prefix(config::NOT_APPLICABLE) {
        let reason = reason.trim_start_matches(':').trim();
        return match reason.is_empty() {
            true => Standing::Insufficient("`not-applicable` needs a reason".to_string()),
            false => Standing::NotApplicable(reason.to_string()),
        };
    }
    if let Some(problem) = reviewed.and_then(|it| staleness(cx, it, answer)) {
        return Standing::Insufficient(problem);
    }
    if document.starts_with("https://") || document.starts_with("http://") {
        return Standing::Unread(document.clone());
    }
    let (path, heading) = match document.split_once('#') {
        Some((path, heading)) => (path, Some(heading)),
        None => (document.as_str(), None),
    };
    let path = path.trim_start_matches("./");
    if path.is_empty() || !cx.exists(path) {
        return Standing::Insufficient(format!("`{path}` does not exist"));
    }
    let Some(file) = cx.file(path).filter(|file| file.kind == FileKind::Markdown) else {
        return Standing::Unread(document.clone());
    };
    let text = match heading {
        Some(heading) => match section(&file.text, heading) {
            Some(text) => text,
            None => {
                return Standing::Insufficient(format!("`{path}` has no heading `#{heading}`"));
            }
        },
        None => &file.text,
    };
    let missing = unsaid(question, text);
    match missing.is_empty() {
        true => Standing::Answered(document.clone()),
        false => Standing::Insufficient(format!("`{path}` does not say {}", missing.join(", "))),
    }
}

/// Why the date of a review does not do.
fn staleness(cx: &TrackedProject<'_>, reviewed: &str, answer: &Answer) -> Option<String> {
    let Some(day) = config::Date::parse(reviewed) else {
        return Some(format!("`{reviewed}` is not a date such as `2026-01-31`"));
    };
    let limit = match answer {
        Answer::Reviewed { valid_days: Some(days), .. } => i64::from(*days),
        _ => STALE_DAYS,
    };
    let age = cx.config().today?.days_since(day);
    (age > limit).then(|| match limit {
        STALE_DAYS => format!("last reviewed on {reviewed}, more than a year ago"),
        limit => format!("last reviewed on {reviewed}, more than {limit} days ago"),
    })
}

/// The headings of a Markdown text.
pub fn headings(markdown: &str) -> impl Iterator<Item = &str> {
    markdown.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_matches(['#', ' ']))
}

/// The anchor of a heading, as GitHub generates it.
pub fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What stands below a heading, up to the next one of its level.
fn section<'t>(text: &'t str, anchor: &str) -> Option<&'t str> {
    let level = |line: &str| line.bytes().take_while(|it| *it == b'#').count();
    let anchor = anchor.to_lowercase();
    let mut found: Option<(usize, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let own = level(line);
        if let Some((start, depth)) = found {
            if own > 0 && own <= depth {
                return text.get(start..at);
            }
        } else if own > 0 && slug(line.trim().trim_matches(['#', ' '])) == anchor {
            found = Some((at, own));
        }
        at += line.len();
    }
    found.and_then(|(start, _)| text.get(start..))
}

/// A part of an answer: what it is, and what shows that it is there.
type Part = (&'static str, &'static str);

/// What an answer has to say.
fn parts(question: Question) -> &'static [Part] {
    match question {
        Question::ThreatModel => &[
            ("what is to be protected", r"asset|protect|data|secret|key"),
            ("who attacks", r"attack|adversar|threat actor|malicious|threat"),
            ("what is done against it", r"mitigat|control|defen[cs]|counter|prevent"),
        ],
        Question::BackupAndRestore => &[
            ("when a restore was last tested", DATED),
            ("the RTO", r"\brto\b|recovery time|restored within"),
            ("the RPO", r"\brpo\b|recovery point|lose at most|data loss"),
        ],
        Question::KeyRotation => &[
            ("how keys are replaced", r"rotat|replac|renew|roll"),
            ("what is done after a leak", r"leak|compromis|revok|breach|expos"),
        ],
        Question::IncidentResponse => {
            &[("who is called", r"on-?call|pager|phone|contact|escalat|@|mail|who")]
        }
        Question::ServiceLevels => &[("a figure", r"\d+(\.\d+)?\s*(%|ms|s\b|seconds|nines)")],
        Question::RolloutAndRollback => {
            &[("how a release is taken back", r"roll(ed|ing|s)?[- ]?back|revert")]
        }
        Question::Scaling => {
            &[("what limits it", r"limit|bottleneck|capacity|load|instances?|replicas?")]
        }
        Question::DataIntegrity => {
            &[("how damage is noticed", r"detect|checksum|verif|check|consisten|monitor")]
        }
        Question::Retention => &[(
            "how long data is kept",
            r"\w+\s(hours?|days?|weeks?|months?|years?)\b|\d(h|d)\b|forever|indefinitely",
        )],
    }
}

/// A day or a month.
const DATED: &str =
    r"\b20\d\d-\d\d|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (\d{1,2}, )?20\d\d";

/// The parts of an answer that a text does not have.
fn unsaid(question: Question, text: &str) -> Vec<&'static str> {
    static PATTERNS: LazyLock<Vec<(Question, &'static str, Option<Regex>)>> = LazyLock::new(|| {
        let parts = |question: &Question| {
            let of = *question;
            parts(of)
                .iter()
                .map(move |(what, pattern)| (of, *what, Regex::new(&format!("(?i){pattern}")).ok()))
        };
        Question::ALL.iter().flat_map(parts).collect()
    });
    if text.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
        return vec!["anything"];
    }
    let of_question = PATTERNS.iter().filter(|(it, _, _)| *it == question);
    let is_missing =
        |pattern: &Option<Regex>| pattern.as_ref().is_some_and(|it| !it.is_match(text));
    of_question.filter(|(_, _, pattern)| is_missing(pattern)).map(|(_, what, _)| *what).collect()
}

/// A document to begin with.
pub fn template(question: Question) -> String {
    let name = question.name();
    let mut title = name.clone();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut text = format!("# {title}\n");
    for (what, _) in parts(question) {
        let mut heading = (*what).to_string();
        if let Some(first) = heading.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        text += &format!("\n## {heading}\n\nTo be written.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_to_say_what_is_asked() {
        let restore = "# Restore\nTested on 2026-03-01: RTO 2 hours, RPO 15 minutes.\n";
        assert_eq!(unsaid(Question::BackupAndRestore, restore), Vec::<&str>::new());
        let plan = "# Backup\nBackups are made every night.\n";
        assert_eq!(
            unsaid(Question::BackupAndRestore, plan),
            ["when a restore was last tested", "the RTO", "the RPO"]
        );
        assert_eq!(unsaid(Question::Scaling, "# Scaling\n\n## Limits\n"), ["anything"]);
    }

    #[test]
    fn a_section_ends_at_the_next_heading_of_its_level() {
        let text = "# Ops\n## Backup & restore\na\n### More\nb\n## Other\nc\n";
        assert_eq!(section(text, "backup--restore"), Some("## Backup & restore\na\n### More\nb\n"));
        assert_eq!(section(text, "gone"), None);
    }
}
