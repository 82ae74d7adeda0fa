//! `// readiness: allow(rule-id) reason`: findings that are accepted, with the reason.

use super::dispatch::RuleSet;
use super::finding::Finding;
use super::meta::{INVALID_SUPPRESSION, UNUSED_SUPPRESSION};
use super::rule::Rule;
use crate::config::{Date, unknown_rule};
use crate::project::FileKind;
use crate::project::comments::commented_as_whole;
use crate::syntax::{NodeOrToken, SyntaxKind, SyntaxToken};
use crate::text::{FileRange, TextSize};

/// A comment that allows findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The comment, in the file.
    pub comment: FileRange,
    /// The ids in the parenthesis, with their places in the file.
    pub rules: Vec<(String, FileRange)>,
    /// The text behind the parenthesis; without it the suppression is invalid.
    pub reason: String,
    /// The day on which it ends, by `until 2027-01` before the reason.
    pub until: Option<Date>,
    /// Where findings are allowed; none for the whole file.
    pub target: Option<FileRange>,
}

impl Suppression {
    fn has_reason(&self) -> bool {
        self.reason.chars().any(char::is_alphanumeric)
    }
}

/// A finding that is accepted.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// What would be reported.
    pub finding: Finding,
    /// Why it is accepted; nothing where an attribute or a manifest allows the lint of the rule.
    pub reason: Option<String>,
    /// Whether a whole file, crate or package is exempt, and not this place.
    pub is_blanket: bool,
}

const MARK: &str = "readiness:";

/// Whether a comment, or one in a text, may be a suppression: a cheap test before it is parsed.
pub fn may_suppress(text: &str) -> bool {
    text.contains(MARK)
}

/// Parses a comment; none if it is no suppression. Documentation comments are none.
pub(super) fn parse(comment: &SyntaxToken) -> Option<Suppression> {
    let start = comment.text_range().start();
    let mut suppression = parse_text(comment.text(), start)?;
    if suppression.target.is_some() {
        suppression.target = Some(target(comment));
    }
    Some(suppression)
}

/// Parses the text of a comment that starts at `start`. The target is an empty range for a single
/// place and none for the whole file.
pub fn parse_text(comment: &str, start: TextSize) -> Option<Suppression> {
    let documents = ["///", "//!", "/**", "/*!"].iter().any(|doc| comment.starts_with(doc));
    if documents {
        return None;
    }
    let body = comment.trim_start_matches(['/', '*', '#', ';', '-', '<', '!', ' ', '\t']);
    let rest = body.strip_prefix(MARK)?.trim_start();
    let (rest, whole_file) = match rest.strip_prefix("allow-file") {
        Some(rest) => (rest, true),
        None => (rest.strip_prefix("allow")?, false),
    };
    let list_at = comment.len() - rest.len();
    let range = FileRange::at(start, TextSize::of(comment));
    let close = rest.find(')').unwrap_or(rest.len());
    let mut rules = Vec::new();
    if let Some(list) = rest.get(..close).and_then(|list| list.strip_prefix('(')) {
        let mut at = list_at + 1;
        for entry in list.split(',') {
            let id = entry.trim();
            let lead = entry.len() - entry.trim_start().len();
            if !id.is_empty() {
                let offset = start + TextSize::new((at + lead) as u32);
                rules.push((id.to_string(), FileRange::at(offset, TextSize::of(id))));
            }
            at += entry.len() + 1;
        }
    }
    let reason = rest.get(close + 1..).unwrap_or_default();
    let reason = reason.trim().trim_end_matches("*/").trim_end_matches("-->").trim();
    let (until, reason) = end_and_reason(reason);
    Some(Suppression {
        comment: range,
        rules,
        reason: reason.to_string(),
        until,
        target: (!whole_file).then(|| FileRange::empty(start)),
    })
}

/// `until 2027-01 reason`: the day on which a suppression ends, and the reason.
fn end_and_reason(text: &str) -> (Option<Date>, &str) {
    let end = text.strip_prefix("until ").and_then(|rest| {
        let rest = rest.trim_start();
        let (day, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        Some((Date::parse(day.trim_end_matches([',', ':', '.']))?, reason.trim_start()))
    });
    end.map_or((None, text), |(day, reason)| (Some(day), reason))
}

/// The suppressions in a file of any language whose comments begin with `#`, `//`, `--`, `;` or
/// `<!--`. A comment on a line of its own applies to the next line that is no comment, and to all of
/// what is commented as a whole when that begins there.
pub(super) fn of_lines(path: &str, text: &str) -> Vec<Suppression> {
    let mut found: Vec<Suppression> = Vec::new();
    if !text.contains(MARK) {
        return found;
    }
    let wholes = commented_as_whole(path, text);
    let is_markdown = FileKind::of(path) == Some(FileKind::Markdown);
    // The first suppression whose line is still to come, and what its comment begins with.
    let mut waiting = 0;
    let mut opening = "";
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let line_start = TextSize::new(start as u32);
        let end = TextSize::new((start + content.len()) as u32);
        start += line.len();
        // Within a scalar of YAML or a code block of Markdown it is a part of the value.
        let is_value = wholes.iter().any(|it| it.start() < line_start && line_start < it.end());
        let comment = comment_start(content)
            .filter(|(_, opening)| !is_value && (!is_markdown || *opening == "<!--"));
        let is_alone = comment.is_some_and(|(at, _)| content[..at].trim().is_empty());
        let is_comment = !opening.is_empty() && content.trim_start().starts_with(opening);
        if !content.is_empty() && !is_alone && !is_comment {
            let whole = wholes.iter().find(|it| it.start() == line_start);
            let end = whole.map_or(end, |it| it.end());
            for suppression in &mut found[waiting..] {
                let from = suppression.comment.start();
                suppression.target = suppression.target.map(|_| FileRange::new(from, end));
            }
            waiting = found.len();
        }
        if let Some((at, begins)) = comment {
            opening = begins;
            let from = line_start + TextSize::new(at as u32);
            if let Some(mut suppression) = parse_text(&content[at..], from) {
                suppression.target =
                    suppression.target.map(|_| FileRange::new(line_start, end.max(line_start)));
                found.push(suppression);
                waiting = if is_alone { waiting } else { found.len() };
            }
        }
    }
    found
}

/// Where the comment of a line that may be a suppression begins, and with what.
fn comment_start(line: &str) -> Option<(usize, &'static str)> {
    let mark = line.find(MARK)?;
    let before = line[..mark].trim_end();
    ["<!--", "//", "--", "#", ";"]
        .iter()
        .find(|opening| before.ends_with(*opening))
        .map(|opening| (before.len() - opening.len(), *opening))
}

/// The code that a comment applies to: the line it ends, or the statement, field, arm or item
/// after it.
fn target(comment: &SyntaxToken) -> FileRange {
    let mut before = comment.prev_token();
    while let Some(token) = &before {
        if token.text().contains('\n') {
            before = None;
        } else if token.kind() == SyntaxKind::WHITESPACE {
            before = token.prev_token();
        } else {
            break;
        }
    }
    if let Some(last) = before {
        return line_of(&last).cover(FileRange::in_file_tree(comment.text_range()));
    }
    let mut next = comment.next_token();
    while let Some(token) = &next {
        if !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT) {
            break;
        }
        next = token.next_token();
    }
    let Some(next) = next else { return FileRange::in_file_tree(comment.text_range()) };
    // A comment right before an item is part of the item's own node.
    let own = comment.parent().filter(|parent| {
        parent.text_range().start() == comment.text_range().start()
            || parent.children_with_tokens().take_while(|child| child.text_range().start() < comment.text_range().start()).all(|child| {
                matches!(child, NodeOrToken::Token(ref token) if matches!(token.kind(), SyntaxKind::COMMENT | SyntaxKind::WHITESPACE))
                    || child.kind() == SyntaxKind::ATTR
            })
    });
    if let Some(own) = own
        .filter(|own| own.kind() != SyntaxKind::SOURCE_FILE && own.kind() != SyntaxKind::STMT_LIST)
    {
        return FileRange::in_file_tree(own.text_range());
    }
    let node = next
        .parent_ancestors()
        .take_while(|node| {
            node.text_range().start() == next.text_range().start()
                && !node.text_range().contains_range(comment.text_range())
        })
        .last();
    match node {
        Some(node) => FileRange::in_file_tree(node.text_range()),
        None => line_of(&next),
    }
}

/// From the first token of a line to its end.
fn line_of(token: &SyntaxToken) -> FileRange {
    let mut first = token.clone();
    while let Some(before) = first.prev_token() {
        if before.text().contains('\n') {
            break;
        }
        first = before;
    }
    let mut last = token.clone();
    while let Some(after) = last.next_token() {
        if after.text().contains('\n') {
            break;
        }
        last = after;
    }
    FileRange::in_file_tree(first.text_range().cover(last.text_range()))
}

/// Removes the findings that suppressions allow, and adds those about the suppressions. `known`
/// tells whether a rule exists; what is removed goes to `removed`.
pub(super) fn apply(
    findings: &mut Vec<Finding>,
    suppressions: &[Suppression],
    known: impl Fn(&str) -> bool,
    rules: &RuleSet,
    mut removed: impl FnMut(Suppressed),
) {
    let has_ended = |it: &Suppression| it.until.is_some_and(|until| rules.today() >= Some(until));
    let mut used: Vec<Vec<bool>> =
        suppressions.iter().map(|it| vec![false; it.rules.len()]).collect();
    findings.retain(|finding| {
        let mut keep = true;
        for (suppression, used) in suppressions.iter().zip(&mut used) {
            let here = suppression.target.is_none_or(|target| {
                target.contains_range(finding.range) || target.contains(finding.range.start())
            });
            for ((id, _), used) in suppression.rules.iter().zip(used) {
                if here && id == finding.rule.id {
                    *used = true;
                    if !has_ended(suppression) && std::mem::take(&mut keep) {
                        removed(Suppressed {
                            finding: finding.clone(),
                            reason: Some(suppression.reason.clone()),
                            is_blanket: suppression.target.is_none() || !suppression.has_reason(),
                        });
                    }
                }
            }
        }
        keep
    });
    let mut report = |rule: &'static Rule, range: FileRange, message: String| {
        if let Some(severity) = rules.severity(rule) {
            let tag = (rule == &UNUSED_SUPPRESSION).then_some(super::Tag::Unnecessary);
            findings.push(Finding { tag, ..Finding::new(rule, severity, range, message) });
        }
    };
    for (suppression, used) in suppressions.iter().zip(used) {
        if suppression.rules.is_empty() {
            let message = "suppression without a rule".to_string();
            report(&INVALID_SUPPRESSION, suppression.comment, message);
        }
        for ((id, range), used) in suppression.rules.iter().zip(used) {
            if !known(id) {
                report(&INVALID_SUPPRESSION, *range, unknown_rule(id, rules.ids()));
            } else if !used {
                let message = format!("unused suppression: `{id}` reports nothing here");
                report(&UNUSED_SUPPRESSION, *range, message);
            } else if has_ended(suppression) {
                let message = format!("the suppression of `{id}` has ended");
                report(&INVALID_SUPPRESSION, suppression.comment, message);
            } else if !suppression.has_reason() {
                let message = format!("suppression of `{id}` without a reason");
                report(&INVALID_SUPPRESSION, suppression.comment, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_line_applies_to_the_next_line_that_is_no_comment() {
        let text =
            "a = 1\n# readiness: allow(x) why\n# more\n\nb = 2\nc = 3 # readiness: allow(y) z\n";
        let found = of_lines("a.txt", text);
        let targets: Vec<&str> =
            found.iter().map(|it| &text[it.target.expect("a place")]).collect();
        assert_eq!(targets[0], "# readiness: allow(x) why\n# more\n\nb = 2");
        assert_eq!(targets[1], "c = 3 # readiness: allow(y) z");
        assert!(found.iter().all(Suppression::has_reason));
        let whole = of_lines("a.md", "<!-- readiness: allow-file(x) why -->\ntext\n");
        assert_eq!((whole.len(), whole[0].target), (1, None));
    }

    #[test]
    fn what_is_commented_as_a_whole_is_allowed_as_a_whole() {
        let target = |path: &str, text: &'static str| {
            let found = of_lines(path, text);
            found.first().and_then(|it| it.target).map(|it| &text[it])
        };
        let fence = "<!-- readiness: allow(x) why -->\n```toml\na = 1\n```\n";
        assert_eq!(target("a.md", fence), Some(fence.trim_end()));
        let scalar = "# readiness: allow(x) why\nkey: |\n  one\n  two\n";
        assert_eq!(target("a.yml", scalar), Some(scalar.trim_end()));
        assert_eq!(target("a.yml", "key: |\n  # readiness: allow(x) why\n  two\n"), None);
    }
}
