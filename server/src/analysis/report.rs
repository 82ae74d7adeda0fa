use std::sync::Arc;

use super::finding::{Condition, Confidence, Finding, Related, Tag};
use super::fix::{Fix, FixContext};
use super::rule::Rule;
use crate::config::Severity;
use crate::project::{Project, SymbolIndex};
use crate::text::{FileRange, TextRange};

/// Where a rule reports: in the tree of the node that it was given, or in a file.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// Of a node in the tree of the node that the rule was given.
    Tree(TextRange),
    /// Bytes of a file.
    File(FileRange),
}

impl From<TextRange> for Place {
    fn from(range: TextRange) -> Self {
        Self::Tree(range)
    }
}

impl From<FileRange> for Place {
    fn from(range: FileRange) -> Self {
        Self::File(range)
    }
}

/// Makes the fixes of a finding in a source file, when someone asks for them.
pub(super) type SourceFixes<'r> = Box<dyn FnOnce(&FixContext<'_>) -> Vec<Fix> + 'r>;

/// Makes the fixes of a finding about the project, when someone asks for them.
pub(super) type ProjectFixes = Arc<dyn Fn(&Project) -> Vec<Fix> + Send + Sync>;

/// A finding as a rule makes it, about a source file or about the project.
pub struct Report<'r> {
    pub(super) place: Place,
    pub(super) message: String,
    notes: Vec<String>,
    related: Vec<(Option<Arc<str>>, Place, String)>,
    tag: Option<Tag>,
    pub(super) severity: Option<Severity>,
    pub(super) confidence: Confidence,
    condition: Option<Condition>,
    pub(super) source_fixes: Option<SourceFixes<'r>>,
    pub(super) project_fixes: Option<ProjectFixes>,
}

impl<'r> Report<'r> {
    /// The message says in one clause what is wrong: it starts in lower case, has no full stop and
    /// has code in backticks.
    pub fn new(place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
            notes: Vec::new(),
            related: Vec::new(),
            tag: None,
            severity: None,
            confidence: Confidence::Certain,
            condition: None,
            source_fixes: None,
            project_fixes: None,
        }
    }

    /// Moves the finding to another place.
    pub fn at(mut self, place: impl Into<Place>) -> Self {
        self.place = place.into();
        self
    }

    /// Adds a cause or a consequence, in the form of the message.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a place of the same file that explains the finding.
    pub fn related(mut self, place: impl Into<Place>, message: impl Into<String>) -> Self {
        self.related.push((None, place.into(), message.into()));
        self
    }

    /// Adds a place in any file of the project that explains the finding.
    pub fn related_in(mut self, path: &str, range: FileRange, message: impl Into<String>) -> Self {
        self.related.push((Some(path.into()), range.into(), message.into()));
        self
    }

    /// Sets how an editor renders the finding.
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// A severity other than the rule's own.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// A severity below the rule's own, and why: the message ends with the reason, which is a
    /// clause in the form of the message.
    pub fn lowered(mut self, severity: Severity, reason: &str) -> Self {
        self.message = format!("{} ({reason})", self.message);
        self.severity(severity)
    }

    /// How sure the rule is; without it, certain. What is not certain is never critical.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// The finding holds only when the symbol index of the workspace say so.
    pub fn when(mut self, holds: impl Fn(&SymbolIndex) -> bool + Send + Sync + 'static) -> Self {
        self.condition = Some(Condition::new(holds));
        self
    }

    /// The finding holds only when another condition does as well.
    pub(super) fn and_when(
        mut self,
        holds: impl Fn(&SymbolIndex) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.condition = Some(Condition::and(self.condition.take(), holds));
        self
    }

    /// How to repair it in a source file; called only when someone asks. The ranges of the edits
    /// are in the file: see [`NodeContext::file_range`](crate::semantics::NodeContext::file_range).
    pub fn fix(mut self, fixes: impl FnOnce(&FixContext<'_>) -> Vec<Fix> + 'r) -> Self {
        self.source_fixes = Some(Box::new(fixes));
        self
    }

    /// How to repair it in the project; called only when someone asks. An edit of a file that is
    /// not there creates it.
    pub fn project_fix(
        mut self,
        fixes: impl Fn(&Project) -> Vec<Fix> + Send + Sync + 'static,
    ) -> Self {
        self.project_fixes = Some(Arc::new(fixes));
        self
    }

    /// The finding, with places brought into the file by `in_file`.
    pub(super) fn finding(
        self,
        rule: &'static Rule,
        severity: Severity,
        in_file: impl Fn(Place) -> FileRange,
    ) -> Finding {
        let related = self.related.into_iter().map(|(path, place, message)| Related {
            path,
            range: in_file(place),
            message,
        });
        Finding {
            related: related.collect(),
            notes: self.notes,
            tag: self.tag,
            confidence: self.confidence,
            condition: self.condition,
            ..Finding::new(rule, severity, in_file(self.place), self.message)
        }
    }
}
