//! Fixes: those of rules, and the two that every finding has.

use std::collections::BTreeMap;

use super::{Workspace, is_rust};
use crate::analysis::{
    Applicability, FileEdit, Finding, Fix, FixContext, ProjectReview, analyze, fixes_at,
};
use crate::config;
use crate::project::Kind;
use crate::syntax::{Edition, SyntaxKind, SyntaxNode, parse_root};
use crate::text::{TextEdit, TextRange, TextSize, apply_edits};

/// The two ways to live with a finding, offered with every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppress {
    /// Writes the suppressing comment above the finding.
    pub here: Option<Fix>,
    /// Turns the rule off in `readiness.toml`.
    pub everywhere: Fix,
}

/// The outcome of applying fixes to files.
#[derive(Debug, Default)]
pub struct AppliedFixes {
    /// The new texts of the files that changed.
    pub files: BTreeMap<String, String>,
    /// How many fixes were applied.
    pub count: usize,
}

/// Fixes are applied in rounds until none is left: one may make room for another. More rounds
/// than this means that two of them undo each other.
const MAX_ROUNDS: usize = 10;

impl Workspace {
    /// The repairs of findings of one file, each against the file's text as it is now.
    pub fn fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        let (about_project, in_source): (Vec<_>, Vec<_>) =
            findings.iter().cloned().partition(|finding| finding.rule.review.is_some());
        let mut in_source = self.source_fixes(path, &in_source).into_iter();
        let mut about_project = about_project.iter().map(|it| self.project_fixes(path, it));
        let fixes = findings.iter().map(|finding| match finding.rule.review {
            Some(_) => about_project.next(),
            None => in_source.next(),
        });
        fixes.map(Option::unwrap_or_default).collect()
    }

    fn source_fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        let root = match self.open_file(path) {
            _ if !is_rust(path) => None,
            Some(file) => super::lock(&file).root(),
            None => {
                let edition = self.context(path).edition;
                self.text_of(path).and_then(|text| parse_root(&text, edition).ok())
            }
        };
        let Some(root) = root else { return vec![Vec::new(); findings.len()] };
        self.fixes_in(path, &root, findings, &|path| self.text_of(path))
    }

    fn fixes_in(
        &self,
        path: &str,
        root: &SyntaxNode,
        findings: &[Finding],
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<Vec<Fix>> {
        let file = self.context(path);
        let settings = self.settings();
        let facts = self.facts();
        let context = FixContext { file: &file, root, facts: &facts, read };
        findings
            .iter()
            .map(|it| fixes_at(&context, &settings.rule_set, it.rule, it.range))
            .collect()
    }

    /// The comment and the setting that silence a finding.
    pub fn suppressions(&self, path: &str, finding: &Finding) -> Suppress {
        let id = finding.rule.id;
        let here = comment_opening(path).map(|opening| {
            let text = self.text_of(path).unwrap_or_default();
            let edit = comment_above(&text, finding.range, id, opening);
            Fix {
                title: format!("Suppress `{id}` here"),
                applicability: Applicability::Suggested,
                edits: vec![FileEdit { path: path.to_string(), edits: vec![edit] }],
            }
        });
        let settings = self.text_of(config::FILE_NAME).unwrap_or_default();
        let edit = switch_off(&settings, id);
        let everywhere = Fix {
            title: format!("Turn `{id}` off in {}", config::FILE_NAME),
            applicability: Applicability::Suggested,
            edits: vec![FileEdit { path: config::FILE_NAME.to_string(), edits: vec![edit] }],
        };
        Suppress { here, everywhere }
    }

    /// Applies the fixes of files to copies of their texts, round after round, until none is left.
    /// Of fixes that overlap one waits for the next round. Neither the disk nor a buffer changes.
    pub fn fix_all(
        &self,
        paths: &[String],
        up_to: Applicability,
        wanted: impl Fn(&Finding) -> bool,
    ) -> AppliedFixes {
        let mut applied = AppliedFixes::default();
        for _ in 0..MAX_ROUNDS {
            let Some(count) = self.project_round(paths, &mut applied.files, up_to, &wanted) else {
                break;
            };
            applied.count += count;
        }
        for path in paths.iter().filter(|path| is_rust(path)) {
            for _ in 0..MAX_ROUNDS {
                let Some(count) = self.round(path, &mut applied.files, up_to, &wanted) else {
                    break;
                };
                applied.count += count;
            }
        }
        applied
    }

    /// One round over one file: the number of fixes taken, or nothing when there are none.
    fn round(
        &self,
        path: &str,
        texts: &mut BTreeMap<String, String>,
        up_to: Applicability,
        wanted: &impl Fn(&Finding) -> bool,
    ) -> Option<usize> {
        let read = |path: &str| texts.get(path).cloned().or_else(|| self.text_of(path));
        let context = self.context(path);
        let root = parse_root(&read(path)?, context.edition).ok()?;
        let analysis = analyze(&root, &context, &self.settings().rule_set, None);
        let mut findings = self.resolve(path, &analysis, Vec::new());
        findings.retain(|finding| wanted(finding));
        let mut taken = Taken::default();
        for fixes in self.fixes_in(path, &root, &findings, &read) {
            taken.take(fixes, up_to);
        }
        let (changed, count) = taken.apply(&read);
        // A fix that breaks the syntax is a defect; it must not reach the disk.
        let breaks = changed.get(path).is_some_and(|text| {
            has_errors(text, context.edition)
                && !has_errors(&root.text().to_string(), context.edition)
        });
        if count == 0 || breaks {
            return None;
        }
        texts.extend(changed);
        Some(count)
    }
}

impl Workspace {
    /// One round over the findings of rules about the project: the number of fixes taken, or
    /// nothing when there are none.
    fn project_round(
        &self,
        paths: &[String],
        texts: &mut BTreeMap<String, String>,
        up_to: Applicability,
        wanted: &impl Fn(&Finding) -> bool,
    ) -> Option<usize> {
        let read = |path: &str| texts.get(path).cloned().or_else(|| self.text_of(path));
        let mut project = (*self.project()).clone();
        for (path, text) in texts.iter() {
            project.set_text(path, Some(text));
        }
        let settings = self.settings();
        let (found, _) = ProjectReview::default().run(
            &project,
            &self.facts(),
            &settings.config,
            &settings.rule_set,
            settings.epoch,
        );
        let mut taken = Taken::default();
        for found in paths.iter().filter_map(|path| found.get(path)).flatten() {
            if wanted(&found.finding) {
                taken.take(found.fixes(&project), up_to);
            }
        }
        let (changed, count) = taken.apply(&read);
        texts.extend(changed);
        (count > 0).then_some(count)
    }
}

/// The fixes of one round, of which none overlaps another.
#[derive(Default)]
struct Taken {
    edits: BTreeMap<String, Vec<TextEdit>>,
    count: usize,
}

impl Taken {
    /// Takes the first fix that anyone may apply, unless it overlaps one that was taken.
    fn take(&mut self, fixes: Vec<Fix>, up_to: Applicability) {
        let Some(fix) = fixes.into_iter().find(|fix| fix.applicability <= up_to) else { return };
        if !fix.edits.iter().all(|file| fits(self.edits.get(&file.path), &file.edits)) {
            return;
        }
        self.count += 1;
        for file in fix.edits {
            let known = self.edits.entry(file.path).or_default();
            let new: Vec<TextEdit> =
                file.edits.into_iter().filter(|edit| !known.contains(edit)).collect();
            known.extend(new);
        }
    }

    /// The new texts of the files, and how many fixes made them.
    fn apply(self, read: &impl Fn(&str) -> Option<String>) -> (BTreeMap<String, String>, usize) {
        let apply = |(path, edits): (String, Vec<TextEdit>)| {
            let text = apply_edits(&read(&path).unwrap_or_default(), &edits);
            (path, text)
        };
        (self.edits.into_iter().map(apply).collect(), self.count)
    }
}

fn has_errors(text: &str, edition: Edition) -> bool {
    parse_root(text, edition)
        .is_ok_and(|root| root.descendants().any(|node| node.kind() == SyntaxKind::ERROR))
}

/// Whether edits can be made together with those already taken: none overlaps another, unless it
/// is the very same one, as the import that two fixes both need.
fn fits(taken: Option<&Vec<TextEdit>>, edits: &[TextEdit]) -> bool {
    let Some(taken) = taken else { return true };
    edits.iter().all(|edit| {
        taken.contains(edit)
            || !taken.iter().any(|other| {
                let touches = edit.range.intersect(other.range);
                touches.is_some_and(|common| {
                    !common.is_empty() || edit.range.is_empty() || other.range.is_empty()
                })
            })
    })
}

/// What a comment opens with in a file; nothing where there are none.
fn comment_opening(path: &str) -> Option<&'static str> {
    match Kind::of(path)? {
        Kind::Rust | Kind::Foreign => Some("//"),
        Kind::Sql => Some("--"),
        Kind::Markdown => Some("<!--"),
        Kind::Json | Kind::PackageJson | Kind::Lockfile | Kind::Pem => None,
        Kind::Wrangler if !path.ends_with(".toml") => None,
        _ => Some("#"),
    }
}

/// The suppressing comment on a line of its own above the finding's line. The reason is left to
/// the person: until it is there, the comment itself is reported.
fn comment_above(text: &str, range: TextRange, id: &str, opening: &str) -> TextEdit {
    let start = usize::from(range.start()).min(text.len());
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line..].chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let comment = match opening {
        "<!--" => format!("{indent}<!-- readiness: allow({id}) -->{newline}"),
        _ => format!("{indent}{opening} readiness: allow({id}){newline}"),
    };
    TextEdit::insert(TextSize::new(line as u32), comment)
}

/// The edit of `readiness.toml` that turns a rule off; the text around it stays as it is.
fn switch_off(settings: &str, id: &str) -> TextEdit {
    let entry = format!("{id} = \"off\"\n");
    let document = toml_edit::Document::parse(settings.to_string()).ok();
    let rules = document.as_ref().and_then(|document| document.get("rules"));
    if let Some(span) = rules.and_then(|rules| rules.get(id)).and_then(toml_edit::Item::span) {
        let range =
            TextRange::new(TextSize::new(span.start as u32), TextSize::new(span.end as u32));
        return TextEdit::replace(range, "\"off\"");
    }
    let header = rules.and_then(toml_edit::Item::span).filter(|_| settings.contains("[rules]"));
    if let Some(at) = header.and_then(|_| settings.find("[rules]")) {
        let line_end = settings[at..].find('\n').map(|end| at + end + 1);
        return match line_end {
            Some(end) => TextEdit::insert(TextSize::new(end as u32), entry),
            None => TextEdit::insert(TextSize::of(settings), format!("\n{entry}")),
        };
    }
    let gap = match settings {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    TextEdit::insert(TextSize::of(settings), format!("{gap}[rules]\n{entry}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off(settings: &str) -> String {
        apply_edits(settings, &[switch_off(settings, "todo-comment")])
    }

    #[test]
    fn a_rule_is_turned_off_without_touching_the_rest() {
        assert_eq!(off(""), "[rules]\ntodo-comment = \"off\"\n");
        assert_eq!(off("exclude = []"), "exclude = []\n\n[rules]\ntodo-comment = \"off\"\n");
        assert_eq!(
            off("[rules] # mine\na = \"low\"\n"),
            "[rules] # mine\ntodo-comment = \"off\"\na = \"low\"\n"
        );
        assert_eq!(
            off("[rules]\ntodo-comment = \"high\" # x\n"),
            "[rules]\ntodo-comment = \"off\" # x\n"
        );
    }
}
