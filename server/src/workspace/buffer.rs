//! Buffers that are open in an editor.

use super::Settings;
use super::is_rust;
use crate::analysis::{Cache, Evicted, FileAnalysis, FileIndex, Finding, analyze_edited};
use crate::semantics::FileContext;
use crate::syntax::{Document, Edition, SyntaxNode, TooComplex};
use crate::text::{Encoding, FileRange, Position, Text, TextEdit, TextSize, shift_range};

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
pub(super) struct Buffer {
    content: Content,
    /// The version that the editor gave the text.
    version: i32,
    cache: Cache,
    /// The findings shown last while braces matched, kept in step with the text.
    balanced: Vec<Finding>,
    /// Where the text changed since `balanced` was taken.
    changed: Option<FileRange>,
    /// The edits since rules about the project saw the text, so that their findings can be kept in
    /// step; nothing when it was replaced as a whole.
    unchecked: Option<Vec<TextEdit>>,
}

#[derive(Debug)]
enum Content {
    Rust(Box<Document>),
    Plain(Text),
}

impl Buffer {
    pub(super) fn new(path: &str, text: &str, version: i32, edition: Edition) -> Self {
        let content = if is_rust(path) {
            Content::Rust(Box::new(Document::new(text, edition)))
        } else {
            Content::Plain(Text::new(text))
        };
        Self {
            content,
            version,
            cache: Cache::default(),
            balanced: Vec::new(),
            changed: None,
            unchecked: None,
        }
    }

    /// The text as it is now.
    pub fn text(&self) -> &Text {
        match &self.content {
            Content::Rust(document) => document.text(),
            Content::Plain(text) => text,
        }
    }

    /// The version that the editor gave the text.
    pub fn version(&self) -> i32 {
        self.version
    }

    pub(super) fn is_rust(&self) -> bool {
        matches!(self.content, Content::Rust(_))
    }

    /// The root of the tree of the text as it is now; nothing when it is not Rust, or refused.
    pub(super) fn root(&mut self) -> Option<SyntaxNode> {
        self.parse()?.ok()
    }

    fn parse(&mut self) -> Option<Result<SyntaxNode, TooComplex>> {
        match &mut self.content {
            Content::Rust(document) => Some(document.root()),
            Content::Plain(_) => None,
        }
    }

    /// Parses Rust in full when it was not since the last change.
    pub(super) fn settle(&mut self) {
        if let Content::Rust(document) = &mut self.content {
            document.settle();
        }
    }

    /// Analyses Rust; only the items that changed since the last time are walked.
    ///
    /// # Errors
    ///
    /// Why the text is refused.
    pub(super) fn analyze(
        &mut self,
        context: &FileContext,
        settings: &Settings,
    ) -> Result<FileAnalysis, String> {
        let root = self.parse().ok_or("not Rust")?.map_err(|error| error.to_string())?;
        let (rules, epoch) = (&settings.rule_set, settings.epoch);
        Ok(analyze_edited(&root, context, rules, &mut self.cache, epoch))
    }

    /// What Rust declared when it was last analysed, provided that it did not change since.
    pub(super) fn index(&mut self) -> FileIndex {
        self.root().map(|root| self.cache.index(&root)).unwrap_or_default()
    }

    /// What is no longer used of the caches, for the caller to drop.
    pub(super) fn take_evicted(&mut self) -> Evicted {
        self.cache.take_evicted()
    }

    /// Applies changes in order. Costs the same in a large text as in a small one: the tree follows
    /// when someone asks for it.
    pub(super) fn apply(&mut self, changes: Vec<Change>, version: i32, encoding: Encoding) {
        self.version = version;
        // What came before a full replacement speaks of a text that is gone.
        let from = changes.iter().rposition(|change| matches!(change, Change::Full(_)));
        for change in changes.into_iter().skip(from.unwrap_or(0)) {
            match change {
                Change::Full(new) => {
                    match &mut self.content {
                        Content::Rust(document) => document.replace(&new),
                        Content::Plain(text) => *text = Text::new(&new),
                    }
                    self.balanced.clear();
                    self.changed = None;
                    self.unchecked = None;
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
        self.balanced.iter_mut().for_each(|finding| shift_finding(finding, edit));
        let inserted = FileRange::at(edit.range.start(), TextSize::of(edit.insert.as_str()));
        let changed =
            self.changed.map(|it| shift_range(it, std::slice::from_ref(edit)).cover(inserted));
        self.changed = Some(changed.unwrap_or(inserted));
        if let Some(unchecked) = &mut self.unchecked {
            unchecked.push(edit.clone());
        }
    }

    /// Notes that rules about the project are about to see the text as it is now.
    pub(super) fn begin_project_check(&mut self) {
        self.unchecked = Some(Vec::new());
    }

    /// Findings of the text that rules about the project saw last, at their places in the text as
    /// it is now.
    pub(super) fn catch_up(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let Some(unchecked) = &self.unchecked else { return Vec::new() };
        for edit in unchecked {
            findings.iter_mut().for_each(|finding| shift_finding(finding, edit));
        }
        findings
    }

    /// Notes findings of a text in which typing settled: they hold, whether or not braces match.
    pub(super) fn settle_findings(&mut self, new: Vec<Finding>) -> Vec<Finding> {
        self.balanced.clone_from(&new);
        self.changed = None;
        new
    }

    /// What to show of new findings. While braces do not match, items have swallowed each other:
    /// new findings count where something was typed, and the ones from before everywhere else.
    pub(super) fn bridge_imbalance(
        &mut self,
        analysis: Option<&FileAnalysis>,
        new: Vec<Finding>,
    ) -> Vec<Finding> {
        let broken = analysis.filter(|it| it.broken && !self.balanced.is_empty());
        match broken.zip(self.changed) {
            Some((analysis, changed)) => {
                merge(&self.balanced, new, changed_item(analysis, changed))
            }
            None => self.settle_findings(new),
        }
    }
}

fn shift_finding(finding: &mut Finding, edit: &TextEdit) {
    let edits = std::slice::from_ref(edit);
    finding.range = shift_range(finding.range, edits);
    for related in finding.related.iter_mut().filter(|related| related.path.is_none()) {
        related.range = shift_range(related.range, edits);
    }
}

/// Where a broken item has changed: from its start to the end of what was typed.
fn changed_item(analysis: &FileAnalysis, changed: FileRange) -> FileRange {
    let item = analysis.items.iter().find(|item| item.contains_inclusive(changed.start()));
    let start = item.map_or(changed.start(), |item| item.start().min(changed.start()));
    FileRange::new(start, changed.end())
}

/// The findings of `new` that begin in `changed`, and those of `old` that do not, in text order.
fn merge(old: &[Finding], new: Vec<Finding>, changed: FileRange) -> Vec<Finding> {
    let inside = |finding: &Finding| changed.contains_inclusive(finding.range.start());
    let kept = old.iter().filter(|finding| !inside(finding)).cloned();
    let mut findings: Vec<Finding> = kept.chain(new.into_iter().filter(inside)).collect();
    findings.sort_by_key(|it| (it.range.start(), it.range.end(), it.rule.id));
    findings
}
