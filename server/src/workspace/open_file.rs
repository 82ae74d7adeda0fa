//! Buffers that are open in an editor.

use std::sync::{Arc, Mutex};

use super::{Settings, Workspace, is_rust, lock};
use crate::analysis::{Cache, FileAnalysis, Finding, Gone, analyze_edited};
use crate::config;
use crate::project::{Kind, ProjectFile, mentions_of_foreign};
use crate::syntax::{Document, Edition, SyntaxNode};
use crate::text::{Encoding, Position, Text, TextEdit, TextRange, shift_offset};

/// One change of a buffer, in the order in which an editor made them.
#[derive(Debug, Clone)]
pub enum Change {
    /// Replaces the text between two positions of the text as it is before this change.
    Range {
        /// Where the replaced text begins.
        start: Position,
        /// Where it ends, behind its last character.
        end: Position,
        /// What takes its place.
        text: String,
    },
    /// Replaces the whole text.
    Full(String),
}

/// A buffer: its text, and for Rust its tree and the analyses of its items.
#[derive(Debug)]
pub struct OpenFile {
    content: Content,
    /// The version that the editor gave the text.
    pub version: i32,
    cache: Cache,
    /// The findings shown last while braces matched, kept in step with the text.
    stable: Vec<Finding>,
    /// Where the text changed since `stable` was taken.
    touched: Option<TextRange>,
    /// The edits since rules about the project saw the text, so that their findings can be kept in
    /// step; nothing when it was replaced as a whole.
    unseen: Option<Vec<TextEdit>>,
}

#[derive(Debug)]
enum Content {
    Rust(Box<Document>),
    Plain(Text),
}

impl OpenFile {
    fn new(path: &str, text: &str, version: i32, edition: Edition) -> Self {
        let content = if is_rust(path) {
            Content::Rust(Box::new(Document::new(text, edition)))
        } else {
            Content::Plain(Text::new(text))
        };
        Self {
            content,
            version,
            cache: Cache::default(),
            stable: Vec::new(),
            touched: None,
            unseen: None,
        }
    }

    /// The text as it is now.
    pub fn text(&self) -> &Text {
        match &self.content {
            Content::Rust(document) => document.text(),
            Content::Plain(text) => text,
        }
    }

    /// The root of the tree of the text as it is now; nothing when it is not Rust, or refused.
    pub(super) fn root(&mut self) -> Option<SyntaxNode> {
        match &mut self.content {
            Content::Rust(document) => document.root().ok(),
            Content::Plain(_) => None,
        }
    }

    fn apply(&mut self, changes: Vec<Change>, encoding: Encoding) {
        // What came before a full replacement speaks of a text that is gone.
        let from = changes.iter().rposition(|change| matches!(change, Change::Full(_)));
        for change in changes.into_iter().skip(from.unwrap_or(0)) {
            match change {
                Change::Full(new) => {
                    match &mut self.content {
                        Content::Rust(document) => document.replace(&new),
                        Content::Plain(text) => *text = Text::new(&new),
                    }
                    self.stable.clear();
                    self.touched = None;
                    self.unseen = None;
                }
                Change::Range { start, end, text } => {
                    let range = self.text().range(start, end, encoding);
                    let edit = TextEdit::replace(range, text);
                    let applied = match &mut self.content {
                        Content::Rust(document) => document.apply(&edit),
                        Content::Plain(text) => text.apply(&edit),
                    };
                    self.follow(&applied);
                }
            }
        }
    }

    /// Moves what was found before along with the text.
    fn follow(&mut self, edit: &TextEdit) {
        self.stable.iter_mut().for_each(|finding| shift_finding(finding, edit));
        let inserted =
            TextRange::at(edit.range.start(), crate::text::TextSize::of(edit.insert.as_str()));
        self.touched =
            Some(self.touched.map_or(inserted, |it| shift_range(it, edit).cover(inserted)));
        if let Some(unseen) = &mut self.unseen {
            unseen.push(edit.clone());
        }
    }

    /// Findings of a text that rules about the project saw, at their places in the text as it is
    /// now.
    fn caught_up(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let Some(unseen) = &self.unseen else { return Vec::new() };
        for edit in unseen {
            findings.iter_mut().for_each(|finding| shift_finding(finding, edit));
        }
        findings
    }
}

fn shift_range(range: TextRange, edit: &TextEdit) -> TextRange {
    let start = shift_offset(range.start(), edit);
    TextRange::new(start, shift_offset(range.end(), edit).max(start))
}

fn shift_finding(finding: &mut Finding, edit: &TextEdit) {
    finding.range = shift_range(finding.range, edit);
    for related in finding.related.iter_mut().filter(|related| related.path.is_none()) {
        related.range = shift_range(related.range, edit);
    }
}

/// What an analysis of a buffer gave.
#[derive(Debug)]
pub struct BufferFindings {
    /// The version of the text that was analysed.
    pub version: i32,
    /// What holds now, with findings kept from before while braces do not match.
    pub findings: Vec<Finding>,
    /// The text that the findings' ranges refer to.
    pub text: Text,
    /// Findings of other files may have changed with this file's declarations.
    pub facts_changed: bool,
    /// Rules that panicked, and were switched off for the file.
    pub panicked: Vec<&'static crate::analysis::Rule>,
    /// Held until the findings are shown.
    _gone: Gone,
}

impl Workspace {
    /// Takes a buffer that was opened, and reads the manifests of its package when the folder was
    /// not scanned yet: the tree depends on the edition, and fixes on the dependencies.
    pub fn open_buffer(&self, path: &str, text: &str, version: i32) {
        self.read_manifests_above(path);
        let edition = self.context(path).edition;
        let file = OpenFile::new(path, text, version, edition);
        self.open.insert(path.to_string(), Arc::new(Mutex::new(file)));
    }

    /// Applies the changes of a buffer, in order. Costs the same in a large file as in a small
    /// one: the tree follows when someone asks for findings.
    pub fn change_buffer(
        &self,
        path: &str,
        changes: Vec<Change>,
        version: i32,
        encoding: Encoding,
    ) {
        if let Some(file) = self.open_file(path) {
            let mut file = lock(&file);
            file.apply(changes, encoding);
            file.version = version;
        }
    }

    /// Lets go of a buffer; from now on the disk has the file's text.
    pub fn close_buffer(&self, path: &str) {
        self.open.remove(path);
    }

    /// Whether an editor has the file open.
    pub fn is_open(&self, path: &str) -> bool {
        self.open.contains_key(path)
    }

    /// The paths of all buffers.
    pub fn open_paths(&self) -> Vec<String> {
        self.open.iter().map(|it| it.key().clone()).collect()
    }

    /// The buffer of a file that an editor has open.
    pub fn open_file(&self, path: &str) -> Option<Arc<Mutex<OpenFile>>> {
        self.open.get(path).map(|it| Arc::clone(it.value()))
    }

    /// Analyses a buffer as it is now and gives its findings. With `settle` its tree is first
    /// parsed in full when it was not since the last change.
    pub fn analyze_buffer(&self, path: &str, settle: bool) -> Option<BufferFindings> {
        let file = self.open_file(path)?;
        let mut file = lock(&file);
        let file = &mut *file;
        let version = file.version;
        let Content::Rust(document) = &mut file.content else {
            return Some(self.analyze_plain(path, file, settle));
        };
        if self.settings().is_excluded(path) {
            let text = document.text().clone();
            let (findings, panicked) = (Vec::new(), Vec::new());
            return Some(BufferFindings {
                version,
                findings,
                text,
                facts_changed: false,
                panicked,
                _gone: Gone::default(),
            });
        }
        if settle {
            document.settle();
        }
        let context = self.context(path);
        let settings = self.settings();
        // Declarations are passed on once typing settles: half a name is of no use to other files.
        let mut keeps = !settle;
        let analysis = match document.root() {
            Ok(root) => {
                let (rules, cache) = (&settings.rule_set, &mut file.cache);
                let mut analysis = analyze_edited(&root, &context, rules, cache, settings.epoch);
                // While braces do not match, items have swallowed each other, and the file does
                // not declare what it seems to.
                keeps |= analysis.broken;
                let known = self.analyses.get(path).filter(|_| keeps);
                let known = known.map(|it| it.declared.clone());
                analysis.declared = known.unwrap_or_else(|| cache.declared(&root));
                Ok(Arc::new(analysis))
            }
            Err(error) => Err(error.to_string()),
        };
        let text = document.text().clone();
        let panicked = analysis.as_ref().map(|it| it.panicked.clone()).unwrap_or_default();
        let broken = analysis.as_ref().is_ok_and(|it| it.broken);
        let around = analysis.as_ref().ok().and_then(|it| item_around(it, file.touched));
        let mentions = match &analysis {
            Ok(analysis) if !keeps => analysis.declared.mentions(&context),
            _ => Arc::from([]),
        };
        let mut facts_changed = self.store(path, analysis.clone());
        if !keeps {
            self.change_project(|project| project.set_mentions(path, mentions));
            file.unseen = Some(Vec::new());
            facts_changed |= self.check_project().iter().any(|changed| changed != path);
        }
        let project = file.caught_up(self.project_findings(path));
        let fresh = match &analysis {
            // This one, and not the one that is kept: the file may have been closed a moment ago,
            // and what was known of it then is still being forgotten.
            Ok(analysis) => self.resolve(path, analysis, project),
            Err(_) => self.findings(path),
        };
        let findings = match (broken, around) {
            (true, Some(around)) if !file.stable.is_empty() => merge(&file.stable, fresh, around),
            _ => {
                file.stable = fresh.clone();
                file.touched = None;
                fresh
            }
        };
        let _gone = file.cache.take_gone();
        Some(BufferFindings { version, findings, text, facts_changed, panicked, _gone })
    }
}

impl Workspace {
    /// Analyses a buffer that is no Rust. While its text is malformed what was found before stays,
    /// at its place.
    fn analyze_plain(&self, path: &str, file: &mut OpenFile, settle: bool) -> BufferFindings {
        let text = file.text().clone();
        let findings = |findings, others_changed| BufferFindings {
            version: file.version,
            findings,
            text: text.clone(),
            facts_changed: others_changed,
            panicked: Vec::new(),
            _gone: Gone::default(),
        };
        let content = text.to_string();
        if settle && self.is_foreign(path) {
            let mentions = mentions_of_foreign(path, &content).into();
            self.change_project(|project| project.set_mentions(path, mentions));
            let changed = self.check_project();
            file.unseen = Some(Vec::new());
            let others = changed.iter().any(|changed| changed != path);
            return findings(self.project_findings(path), others);
        }
        let kind = Kind::of(path).filter(|_| self.is_checked_document(path));
        let Some(kind) = kind else {
            let found = file.caught_up(self.project_findings(path));
            return findings(found, false);
        };
        let typed = Arc::new(ProjectFile::new(path, kind, Arc::from(content.as_str())));
        let seen = self.project().file(path).map(Arc::clone);
        let waits = typed.malformed().is_some() && seen.is_some_and(|it| it.malformed().is_none());
        let mut others_changed = false;
        if !waits {
            self.change_project(|project| project.set_file(Arc::clone(&typed)));
            file.unseen = Some(Vec::new());
            others_changed = self.check_project().iter().any(|changed| changed != path);
        }
        let mut found = file.caught_up(self.project_findings(path));
        if path == config::FILE_NAME {
            let settings = Settings::new(&content, &self.rules, 0);
            found.extend(self.settings_findings(&settings));
        }
        findings(self.resolve_document(&typed, found, settle), others_changed)
    }
}

/// Where a broken item has changed: from its start to the end of what was typed.
fn item_around(analysis: &FileAnalysis, touched: Option<TextRange>) -> Option<TextRange> {
    let touched = touched?;
    let item = analysis.items.iter().find(|item| item.contains_inclusive(touched.start()));
    let start = item.map_or(touched.start(), |item| item.start().min(touched.start()));
    Some(TextRange::new(start, touched.end()))
}

/// New findings where something was typed, the ones from before everywhere else.
fn merge(stable: &[Finding], fresh: Vec<Finding>, around: TextRange) -> Vec<Finding> {
    let inside = |finding: &Finding| around.contains_inclusive(finding.range.start());
    let kept = stable.iter().filter(|finding| !inside(finding)).cloned();
    let mut findings: Vec<Finding> = kept.chain(fresh.into_iter().filter(inside)).collect();
    findings.sort_by_key(|it| (it.range.start(), it.range.end(), it.rule.id));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Interest, Report, Rule};
    use crate::syntax::SyntaxKind;
    use crate::text::TextSize;

    /// Reports every call, and fails at one of `boom`.
    static FAILS: Rule = Rule {
        id: "fails",
        interests: &[Interest::Kind(SyntaxKind::CALL_EXPR)],
        check: |element, cx| {
            let Some(node) = element.as_node() else { return };
            assert!(!node.text().to_string().contains("boom"), "it was told to");
            cx.report(node, Report::new(node.text_range(), "a call"));
        },
        ..Rule::SOURCE
    };

    static NAMES: Rule = Rule {
        id: "names",
        interests: &[Interest::Kind(SyntaxKind::FN)],
        check: |element, cx| {
            let Some(node) = element.as_node() else { return };
            cx.report(node, Report::new(node.text_range(), "a function"));
        },
        ..Rule::SOURCE
    };

    /// The rules that panicked, and those that found something.
    fn after(workspace: &Workspace, settle: bool) -> (Vec<&'static str>, Vec<&'static str>) {
        let found = workspace.analyze_buffer("a.rs", settle).expect("it is open");
        let findings = found.findings.iter().map(|it| it.rule.id).collect();
        (found.panicked.iter().map(|it| it.id).collect(), findings)
    }

    #[test]
    fn a_rule_that_fails_is_off_for_its_file_until_the_code_is_gone_that_it_fails_at() {
        let workspace = Workspace::without_folder([&FAILS, &NAMES]);
        let text = "fn a() { x() }\nfn b() { boom() }\nfn c() { y() }\n";
        workspace.open_buffer("a.rs", text, 0);
        let types = |at: usize, removed: usize, text: &str| {
            let file = workspace.open_file("a.rs").expect("it is open");
            let position =
                |at: usize| lock(&file).text().position(TextSize::new(at as u32), Encoding::Utf8);
            let (start, end) = (position(at), position(at + removed));
            let change = Change::Range { start, end, text: text.to_string() };
            workspace.change_buffer("a.rs", vec![change], 1, Encoding::Utf8);
        };
        let failed = (vec!["fails"], vec!["names"; 3]);
        assert_eq!(after(&workspace, true), failed);
        // In another function, where it has not failed.
        types(text.find("x()").expect("a call"), 0, "x");
        assert_eq!(after(&workspace, false), failed);
        assert_eq!(after(&workspace, true), failed);
        types(text.find("boom").expect("a call") + 1, 1, "");
        let all = ["names", "fails"].repeat(3);
        assert_eq!(after(&workspace, false), (vec![], all));
    }
}
