//! Buffers that are open in an editor.

use std::sync::{Arc, Mutex};

use super::{Settings, Workspace, is_rust, lock};
use crate::analysis::{Cache, FileAnalysis, Finding, analyze};
use crate::config;
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
        Self { content, version, cache: Cache::default(), stable: Vec::new(), touched: None }
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
        let shift = |range: TextRange| {
            let start = shift_offset(range.start(), edit);
            TextRange::new(start, shift_offset(range.end(), edit).max(start))
        };
        for finding in &mut self.stable {
            finding.range = shift(finding.range);
            for related in &mut finding.related {
                related.range = shift(related.range);
            }
        }
        let inserted =
            TextRange::at(edit.range.start(), crate::text::TextSize::of(edit.insert.as_str()));
        self.touched = Some(self.touched.map_or(inserted, |it| shift(it).cover(inserted)));
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
}

impl Workspace {
    /// Takes a buffer that was opened.
    pub fn open_buffer(&self, path: &str, text: &str, version: i32) {
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
            let text = file.text().clone();
            let findings = match path {
                config::FILE_NAME => {
                    self.settings_findings(&Settings::new(&text.to_string(), &self.rules, 0))
                }
                _ => Vec::new(),
            };
            return Some(BufferFindings {
                version,
                findings,
                text,
                facts_changed: false,
                panicked: Vec::new(),
            });
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
            });
        }
        if settle {
            document.settle();
        }
        let context = self.context(path);
        let settings = self.settings();
        let analysis = match document.root() {
            Ok(root) => {
                let cache = Some((&mut file.cache, settings.epoch));
                Ok(analyze(&root, &context, &settings.rule_set, cache))
            }
            Err(error) => Err(error.to_string()),
        };
        let text = document.text().clone();
        let panicked = analysis.as_ref().map(|it| it.panicked.clone()).unwrap_or_default();
        let broken = analysis.as_ref().is_ok_and(|it| it.broken);
        let around = analysis.as_ref().ok().and_then(|it| item_around(it, file.touched));
        // Declarations are passed on once typing settles: half a name is of no use to other files.
        // While braces do not match, items have swallowed each other, and the file does not
        // declare what it seems to.
        let keep_facts = !settle || broken;
        let facts_changed = match analysis {
            Ok(analysis) if keep_facts && self.analyses.contains_key(path) => {
                self.refused.remove(path);
                self.analyses.insert(path.to_string(), Arc::new(analysis));
                false
            }
            analysis => self.store(path, analysis),
        };
        let fresh = self.findings(path);
        let findings = match (broken, around) {
            (true, Some(around)) if !file.stable.is_empty() => merge(&file.stable, fresh, around),
            _ => {
                file.stable = fresh.clone();
                file.touched = None;
                fresh
            }
        };
        Some(BufferFindings { version, findings, text, facts_changed, panicked })
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
