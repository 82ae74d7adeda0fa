//! Fixes: those of rules, and the two that every finding has.

use std::collections::BTreeMap;
use std::sync::Arc;

use rowan::GreenNode;

use super::{Workspace, is_rust};
use crate::analysis::{
    Applicability, FileEdit, Finding, Fix, FixContext, FixFiles, ProjectChecks, Rule, analyze,
    fixes_at,
};
use crate::config;
use crate::project::Kind;
use crate::syntax::items::Outline;
use crate::syntax::{SyntaxKind, SyntaxNode, parse_root};
use crate::text::{TextEdit, TextRange, TextSize, apply_edits, shift_range};

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
    /// The fixes that made them, in the order in which they were applied.
    pub taken: Vec<TakenFix>,
}

/// A fix that was applied.
#[derive(Debug, Clone)]
pub struct TakenFix {
    /// The rule whose finding it repairs.
    pub rule: &'static Rule,
    /// Who may apply it.
    pub applicability: Applicability,
    /// As in the menu.
    pub title: String,
    /// What it changed.
    pub edits: Vec<TakenEdit>,
}

/// An edit that was made, found again in the new text of its file.
#[derive(Debug, Clone)]
pub struct TakenEdit {
    /// Of the file, relative to the workspace root.
    pub path: String,
    /// In the new text, after all fixes: where the inserted text stands, as far as no later fix
    /// replaced it.
    pub range: TextRange,
    /// What stood there before.
    pub old: String,
}

/// Fixes are applied in rounds until none is left: one may make room for another. More rounds
/// than this means that two of them undo each other.
const MAX_ROUNDS: usize = 10;

/// Makes the fixes of findings, reading and parsing each file that they look at once. No file is
/// to change meanwhile.
pub struct Fixing<'a> {
    workspace: &'a Workspace,
    files: FixFiles<'a>,
}

impl Fixing<'_> {
    /// The repairs of findings of one file.
    pub fn fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        let (about_project, in_source): (Vec<_>, Vec<_>) =
            findings.iter().cloned().partition(|finding| finding.rule.review.is_some());
        let mut in_source = self.source_fixes(path, &in_source).into_iter();
        let mut about_project =
            about_project.iter().map(|it| self.workspace.project_fixes(path, it));
        let fixes = findings.iter().map(|finding| match finding.rule.review {
            Some(_) => about_project.next(),
            None => in_source.next(),
        });
        fixes.map(Option::unwrap_or_default).collect()
    }

    /// Takes in a file that a scan read.
    pub(super) fn keep(&self, path: &str, text: String, tree: GreenNode) {
        self.files.keep(path, text, tree);
    }

    /// The text of a file.
    pub fn text_of(&self, path: &str) -> Option<Arc<str>> {
        self.files.text_of(path)
    }

    fn source_fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        let root = match self.workspace.open_file(path) {
            _ if !is_rust(path) || findings.is_empty() => None,
            Some(file) => super::lock(&file).root(),
            None => self.files.root_of(path, self.workspace.context(path).edition),
        };
        let Some(root) = root else { return vec![Vec::new(); findings.len()] };
        let repairs = self.workspace.repairs_in(path, &root, findings, &self.files);
        repairs.into_iter().map(|(fixes, _)| fixes).collect()
    }
}

impl Workspace {
    /// Makes fixes for as long as no file changes.
    pub fn fixing(&self) -> Fixing<'_> {
        Fixing { workspace: self, files: FixFiles::new(|path| self.text_of(path)) }
    }

    /// The repairs of findings of one file, each against the file's text as it is now.
    pub fn fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        self.fixing().fixes(path, findings)
    }

    /// Why findings of a closed Rust file have no fix, in a few words that can be counted; nothing
    /// for those that have one, and for rules that never have.
    pub fn declined(&self, path: &str, findings: &[Finding]) -> Vec<Option<&'static str>> {
        let files = FixFiles::new(|path| self.text_of(path));
        let root = files.root_of(path, self.context(path).edition);
        let Some(root) = root else { return vec![None; findings.len()] };
        let repairs = self.repairs_in(path, &root, findings, &files);
        let reason = |(fixes, why): (Vec<Fix>, _)| if fixes.is_empty() { why } else { None };
        repairs.into_iter().map(reason).collect()
    }

    /// The fixes of each finding, with why there is none.
    fn repairs_in(
        &self,
        path: &str,
        root: &SyntaxNode,
        findings: &[Finding],
        files: &FixFiles<'_>,
    ) -> Vec<(Vec<Fix>, Option<&'static str>)> {
        let file = self.context(path);
        let settings = self.settings();
        let facts = self.facts();
        let (roots, declined) = Default::default();
        let context = FixContext { file: &file, root, facts: &facts, files, roots, declined };
        let outline = Outline::of(root);
        let repairs = |finding: &Finding| {
            context.declined.set(None);
            let rules = &settings.rule_set;
            let fixes = fixes_at(&context, &outline, rules, finding.rule, finding.range);
            (fixes, context.declined.get())
        };
        findings.iter().map(repairs).collect()
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
        let files = FixFiles::new(|path| self.text_of(path));
        for _ in 0..MAX_ROUNDS {
            if !self.project_round(paths, &files, &mut applied, up_to, &wanted) {
                break;
            }
        }
        for path in paths.iter().filter(|path| is_rust(path)) {
            // What a scan found is still so, unless the file is typed in or was changed above.
            let is_scanned = self.analyses.contains_key(path) && !self.is_open(path);
            let is_same = !applied.files.contains_key(path);
            if is_scanned && is_same && !self.findings(path).iter().any(&wanted) {
                continue;
            }
            for _ in 0..MAX_ROUNDS {
                if !self.round(path, &files, &mut applied, up_to, &wanted) {
                    break;
                }
            }
        }
        applied
    }

    /// One round over one file. Returns whether it took any fix.
    fn round(
        &self,
        path: &str,
        files: &FixFiles<'_>,
        applied: &mut AppliedFixes,
        up_to: Applicability,
        wanted: &impl Fn(&Finding) -> bool,
    ) -> bool {
        let context = self.context(path);
        let Some(root) = files.root_of(path, context.edition) else { return false };
        let analysis = analyze(&root, &context, &self.settings().rule_set);
        let mut findings = self.resolve(path, &analysis, Vec::new());
        findings.retain(|finding| wanted(finding));
        let mut taken = Taken::default();
        let repairs = self.repairs_in(path, &root, &findings, files);
        for (finding, (fixes, _)) in findings.iter().zip(repairs) {
            taken.take(finding.rule, fixes, up_to);
        }
        let changed = taken.texts(files);
        // A fix that breaks the syntax is a defect; it must not reach the disk.
        let breaks = changed.get(path).is_some_and(|text| {
            parse_root(text, context.edition).is_ok_and(|root| has_errors(&root))
                && !has_errors(&root)
        });
        if taken.fixes.is_empty() || breaks {
            return false;
        }
        applied.add(taken, changed, files);
        true
    }
}

impl Workspace {
    /// One round over the findings of rules about the project. Returns whether it took any fix.
    fn project_round(
        &self,
        paths: &[String],
        files: &FixFiles<'_>,
        applied: &mut AppliedFixes,
        up_to: Applicability,
        wanted: &impl Fn(&Finding) -> bool,
    ) -> bool {
        let mut project = (*self.project()).clone();
        for (path, text) in &applied.files {
            project.set_text(path, Some(text));
        }
        let settings = self.settings();
        let (found, _) = ProjectChecks::default().run(
            &project,
            &self.facts(),
            &settings.config,
            &settings.rule_set,
            settings.epoch,
        );
        let mut taken = Taken::default();
        for found in paths.iter().filter_map(|path| found.get(path)).flatten() {
            if wanted(&found.finding) {
                taken.take(found.finding.rule, found.fixes(&project), up_to);
            }
        }
        let any = !taken.fixes.is_empty();
        let changed = taken.texts(files);
        applied.add(taken, changed, files);
        any
    }
}

impl AppliedFixes {
    /// Takes in the fixes of a round, and follows those of earlier rounds through its edits.
    fn add(&mut self, taken: Taken, changed: BTreeMap<String, String>, files: &FixFiles<'_>) {
        for edit in self.taken.iter_mut().flat_map(|fix| &mut fix.edits) {
            if let Some(edits) = taken.edits.get(&edit.path) {
                edit.range = shift_range(edit.range, edits);
            }
        }
        for (rule, fix) in taken.fixes {
            let edits = fix.edits.iter().flat_map(|file| {
                let before = files.text_of(&file.path).unwrap_or_default();
                let all = taken.edits.get(&file.path).map(Vec::as_slice).unwrap_or_default();
                file.edits.iter().map(move |edit| TakenEdit {
                    path: file.path.clone(),
                    range: edited_range(edit, all),
                    old: before.get(std::ops::Range::from(edit.range)).unwrap_or_default().into(),
                })
            });
            let edits = edits.collect();
            let (applicability, title) = (fix.applicability, fix.title);
            self.taken.push(TakenFix { rule, applicability, title, edits });
        }
        changed.iter().for_each(|(path, text)| files.replace(path, text));
        self.files.extend(changed);
    }
}

/// The fixes of one round, of which none overlaps another.
#[derive(Default)]
struct Taken {
    /// By file, each edit once.
    edits: BTreeMap<String, Vec<TextEdit>>,
    fixes: Vec<(&'static Rule, Fix)>,
}

impl Taken {
    /// Takes the first fix that anyone may apply, unless it overlaps one that was taken.
    fn take(&mut self, rule: &'static Rule, fixes: Vec<Fix>, up_to: Applicability) {
        let Some(fix) = fixes.into_iter().find(|fix| fix.applicability <= up_to) else { return };
        if !fix.edits.iter().all(|file| fits(self.edits.get(&file.path), &file.edits)) {
            return;
        }
        for file in &fix.edits {
            let known = self.edits.entry(file.path.clone()).or_default();
            let new: Vec<TextEdit> =
                file.edits.iter().filter(|edit| !known.contains(edit)).cloned().collect();
            known.extend(new);
        }
        self.fixes.push((rule, fix));
    }

    /// The new texts of the files.
    fn texts(&self, files: &FixFiles<'_>) -> BTreeMap<String, String> {
        let apply = |(path, edits): (&String, &Vec<TextEdit>)| {
            let text = apply_edits(&files.text_of(path).unwrap_or_default(), edits);
            (path.clone(), text)
        };
        self.edits.iter().map(apply).collect()
    }
}

/// Where the text of one of several edits stands after all of them.
fn edited_range(edit: &TextEdit, all: &[TextEdit]) -> TextRange {
    let key = |edit: &TextEdit| (edit.range.start(), edit.range.end());
    let earlier = all.iter().filter(|other| key(other) < key(edit));
    let (grown, shrunk) = earlier.fold((TextSize::new(0), TextSize::new(0)), |sum, other| {
        (sum.0 + TextSize::of(other.insert.as_str()), sum.1 + other.range.len())
    });
    TextRange::at(edit.range.start() + grown - shrunk, TextSize::of(edit.insert.as_str()))
}

fn has_errors(root: &SyntaxNode) -> bool {
    root.descendants().any(|node| node.kind() == SyntaxKind::ERROR)
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
    use crate::rules;

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

    #[test]
    fn fixes_that_were_applied_are_found_again_in_the_new_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let before = "fn f(x: Option<u8>) -> anyhow::Result<u8> {\n    let é = \"1\".parse::<u8>().unwrap();\n    Ok(x.expect(\"first\") + x.expect(\"second\"))\n}\n";
        std::fs::write(folder.path().join("lib.rs"), before).expect("it is written");
        let workspace = Workspace::open(folder.path(), rules::all()).expect("it opens");
        workspace.scan(|_, _| {});
        let applied = workspace.fix_all(&["lib.rs".into()], Applicability::Safe, |_| true);
        let text = &applied.files["lib.rs"];
        let made: Vec<&str> = applied
            .taken
            .iter()
            .map(|fix| &text[std::ops::Range::from(fix.edits[0].range)])
            .collect();
        assert_eq!(made, ["context(\"parse é\")?", "context(\"first\")?", "context(\"second\")?"]);
        // All three share the import.
        let mut undo: Vec<TextEdit> = Vec::new();
        for edit in applied.taken.iter().flat_map(|fix| &fix.edits) {
            let back = TextEdit::replace(edit.range, edit.old.clone());
            if !undo.contains(&back) {
                undo.push(back);
            }
        }
        assert_eq!(undo.len(), 4);
        assert_eq!(apply_edits(text, &undo), before);
    }
}
