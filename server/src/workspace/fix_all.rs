//! Applying all fixes of some files.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Snapshot, is_rust};
use crate::analysis::{Applicability, Finding, Fix, ProjectChecks, Rule, analyze};
use crate::project::Project;
use crate::semantics::SourceFiles;
use crate::syntax::{SyntaxKind, SyntaxNode, parse_root};
use crate::text::{FileRange, Layout, TextEdit, TextSize, apply_edits, shift_range};

/// The outcome of applying fixes to files.
#[derive(Debug, Default)]
pub struct AppliedFixes {
    /// The new texts of the files that changed.
    pub files: BTreeMap<String, String>,
    /// What stood there before; nothing for files that are created.
    pub before: BTreeMap<String, Option<Arc<str>>>,
    /// The fixes that made them, in the order in which they were applied.
    pub fixes: Vec<AppliedFix>,
}

/// A fix that was applied.
#[derive(Debug, Clone)]
pub struct AppliedFix {
    /// The rule whose finding it repairs.
    pub rule: &'static Rule,
    /// Who may apply it.
    pub applicability: Applicability,
    /// As in the menu.
    pub title: String,
    /// What it changed.
    pub edits: Vec<AppliedEdit>,
}

/// An edit that was made, found again in the new text of its file.
#[derive(Debug, Clone)]
pub struct AppliedEdit {
    /// Of the file, relative to the workspace root.
    pub path: String,
    /// In the new text, after all fixes: where the inserted text stands, as far as no later fix
    /// replaced it.
    pub range: FileRange,
    /// What stood there before.
    pub old: String,
}

/// Fixes are applied in rounds until none is left: one may make room for another. More rounds
/// than this means that two of them undo each other.
const MAX_ROUNDS: usize = 10;

impl Snapshot {
    /// Applies the fixes of files to copies of their texts, round after round, until none is left.
    /// Of fixes that overlap one waits for the next round. Neither the disk nor a buffer changes.
    pub fn fix_all(
        &self,
        paths: &[String],
        up_to: Applicability,
        wanted: impl Fn(&Finding) -> bool,
    ) -> AppliedFixes {
        let mut fixer = Fixer {
            snapshot: self,
            files: self.fix_files(),
            up_to,
            wanted,
            applied: AppliedFixes::default(),
        };
        fixer.repeat(|fixer| fixer.project_round(paths));
        for path in paths.iter().filter(|path| is_rust(path)) {
            if fixer.may_have_fixes(path) {
                fixer.repeat(|fixer| fixer.source_round(path));
            }
        }
        fixer.applied
    }
}

struct Fixer<'a, W> {
    snapshot: &'a Snapshot,
    files: SourceFiles<'a>,
    up_to: Applicability,
    wanted: W,
    applied: AppliedFixes,
}

impl<W: Fn(&Finding) -> bool> Fixer<'_, W> {
    /// Repeats a round for as long as it applies fixes.
    fn repeat(&mut self, round: impl Fn(&mut Self) -> bool) {
        for _ in 0..MAX_ROUNDS {
            if !round(self) {
                break;
            }
        }
    }

    /// Whether a source has to be looked at. What a scan found is still so, unless the file is
    /// typed in or was changed by fixes about the project.
    fn may_have_fixes(&self, path: &str) -> bool {
        let snapshot = self.snapshot;
        let is_scanned = snapshot.analysis(path).is_some() && !snapshot.is_open(path);
        let is_same = !self.applied.files.contains_key(path);
        !(is_scanned && is_same) || snapshot.findings(path).iter().any(&self.wanted)
    }

    /// One round over the findings of rules about the project. Returns whether it applied a fix.
    fn project_round(&mut self, paths: &[String]) -> bool {
        let mut project = Project::clone(self.snapshot.project());
        for (path, text) in &self.applied.files {
            project.set_text(path, Some(text));
        }
        let settings = self.snapshot.settings();
        let (found, _) = ProjectChecks::default().run(
            &project,
            self.snapshot.symbols(),
            &settings.config,
            &settings.rule_set,
            settings.epoch,
        );
        let mut round = Round::default();
        for found in paths.iter().filter_map(|path| found.get(path)).flatten() {
            if (self.wanted)(&found.finding) {
                round.take(found.finding.rule, found.fixes(&project), self.up_to, &self.files);
            }
        }
        let changed = round.texts(&self.files);
        self.apply(round, changed)
    }

    /// One round over the findings in a source. Returns whether it applied a fix.
    fn source_round(&mut self, path: &str) -> bool {
        let snapshot = self.snapshot;
        let context = snapshot.context(path);
        let Some(root) = self.files.root_of(path, context.edition) else { return false };
        let analysis = analyze(&root, &context, &snapshot.settings().rule_set);
        let mut findings = snapshot.findings_of(path, &analysis, Vec::new());
        findings.retain(|finding| (self.wanted)(finding));
        let mut round = Round::default();
        let offers = snapshot.offers(path, &root, &findings, &self.files, true);
        for (finding, offer) in findings.iter().zip(offers) {
            round.take(finding.rule, offer.fixes, self.up_to, &self.files);
        }
        let changed = round.texts(&self.files);
        // A fix that breaks the syntax is a defect; it must not reach the disk.
        let breaks = changed.get(path).is_some_and(|text| {
            parse_root(text, context.edition).is_ok_and(|root| has_errors(&root))
                && !has_errors(&root)
        });
        !breaks && self.apply(round, changed)
    }

    /// Takes in the fixes of a round, and follows those of earlier rounds through its edits.
    /// Returns whether there are any.
    fn apply(&mut self, round: Round, changed: BTreeMap<String, String>) -> bool {
        for edit in self.applied.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            if let Some(edits) = round.edits.get(&edit.path) {
                edit.range = shift_range(edit.range, edits);
            }
        }
        for (rule, fix) in &round.fixes {
            self.applied.fixes.push(AppliedFix {
                rule,
                applicability: fix.applicability,
                title: fix.title.clone(),
                edits: round.applied_edits(fix, &self.files),
            });
        }
        for (path, text) in &changed {
            let before = &mut self.applied.before;
            before.entry(path.clone()).or_insert_with(|| self.files.text_of(path));
            self.files.replace(path, text);
        }
        self.applied.files.extend(changed);
        !round.fixes.is_empty()
    }
}

/// The fixes of one round, of which none overlaps another.
#[derive(Default)]
struct Round {
    /// By file, each edit once.
    edits: BTreeMap<String, Vec<TextEdit>>,
    fixes: Vec<(&'static Rule, Fix)>,
}

impl Round {
    /// Takes the first fix that may be applied, unless it overlaps one that was taken or does not
    /// fit into its file.
    fn take(
        &mut self,
        rule: &'static Rule,
        fixes: Vec<Fix>,
        up_to: Applicability,
        files: &SourceFiles<'_>,
    ) {
        let fix = fixes.into_iter().find(|fix| fix.applicability <= up_to);
        let Some(mut fix) = fix else { return };
        for file in &mut fix.edits {
            let text = files.text_of(&file.path).unwrap_or_default();
            let Some(fitted) = Layout::of(&text).fit(&file.edits) else { return };
            file.edits = fitted;
        }
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
    fn texts(&self, files: &SourceFiles<'_>) -> BTreeMap<String, String> {
        let apply = |(path, edits): (&String, &Vec<TextEdit>)| {
            let text = apply_edits(&files.text_of(path).unwrap_or_default(), edits);
            (path.clone(), text)
        };
        self.edits.iter().map(apply).collect()
    }

    /// The edits of one of the fixes, in the texts after the round; `files` has those before it.
    fn applied_edits(&self, fix: &Fix, files: &SourceFiles<'_>) -> Vec<AppliedEdit> {
        let of_file = fix.edits.iter().flat_map(|file| {
            let before = files.text_of(&file.path).unwrap_or_default();
            let all = self.edits.get(&file.path).map(Vec::as_slice).unwrap_or_default();
            file.edits.iter().map(move |edit| AppliedEdit {
                path: file.path.clone(),
                range: edited_range(edit, all),
                old: before.get(Range::from(edit.range)).unwrap_or_default().into(),
            })
        });
        of_file.collect()
    }
}

/// Where the text of one of several edits stands after all of them.
fn edited_range(edit: &TextEdit, all: &[TextEdit]) -> FileRange {
    let key = |edit: &TextEdit| (edit.range.start(), edit.range.end());
    let earlier = all.iter().filter(|other| key(other) < key(edit));
    let (grown, shrunk) = earlier.fold((TextSize::new(0), TextSize::new(0)), |sum, other| {
        (sum.0 + TextSize::of(other.insert.as_str()), sum.1 + other.range.len())
    });
    FileRange::at(edit.range.start() + grown - shrunk, TextSize::of(edit.insert.as_str()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;
    use crate::workspace::Workspace;

    #[test]
    fn fixes_that_were_applied_are_found_again_in_the_new_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let before = r#"fn f(x: Option<u8>) -> anyhow::Result<u8> {
    let é = text.parse::<u8>().unwrap();
    Ok(x.expect("first") + x.expect("second"))
}
"#;
        std::fs::write(folder.path().join("lib.rs"), before).expect("it is written");
        let workspace = Workspace::open(folder.path(), rules::all()).expect("it opens");
        workspace.scan(|_, _| {});
        let applied =
            workspace.snapshot().fix_all(&["lib.rs".into()], Applicability::Safe, |_| true);
        let text = &applied.files["lib.rs"];
        let made: Vec<&str> = applied
            .fixes
            .iter()
            .map(|fix| &text[std::ops::Range::from(fix.edits[0].range)])
            .collect();
        assert_eq!(made, ["context(\"parse é\")?", "context(\"first\")?", "context(\"second\")?"]);
        // All three share the import.
        let mut undo: Vec<TextEdit> = Vec::new();
        for edit in applied.fixes.iter().flat_map(|fix| &fix.edits) {
            let back = TextEdit::replace(edit.range, edit.old.clone());
            if !undo.contains(&back) {
                undo.push(back);
            }
        }
        assert_eq!(undo.len(), 4);
        assert_eq!(apply_edits(text, &undo), before);
    }
}
