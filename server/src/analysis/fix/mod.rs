//! Fixes, and what rules make them with.

pub(crate) mod dependency;
pub(crate) mod format;
pub(crate) mod imports;

use std::cell::Cell;
use std::ops::Deref;

use crate::semantics::{Answers, WorkspaceView};
use crate::text::TextEdit;

/// Who may apply a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Anyone, unseen: it compiles and leaves the success path as it was.
    Safe,
    /// A person who looked at it: it compiles, and it decides something.
    Suggested,
}

impl Applicability {
    /// The name in output and settings, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Suggested => "suggested",
        }
    }
}

/// A repair of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// In the imperative, as shown in a menu.
    pub title: String,
    /// Who may apply it.
    pub applicability: Applicability,
    /// The edits by file, to be applied all or not at all.
    pub edits: Vec<FileEdit>,
}

impl Fix {
    /// Writes a file that is not there, whose text a person has to read.
    pub fn create(path: impl Into<String>, text: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            title: format!("Create {path}"),
            applicability: Applicability::Suggested,
            edits: vec![FileEdit { path, edits: vec![TextEdit::insert(0.into(), text)] }],
        }
    }
}

/// The edits to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// Relative to the workspace root.
    pub path: String,
    /// All ranges refer to the text before the fix.
    pub edits: Vec<TextEdit>,
}

/// What a fix may look at beyond the item it is in.
pub struct FixContext<'a> {
    /// The workspace, seen from the file of the finding.
    pub view: WorkspaceView<'a>,
    /// Set by a rule that offers nothing: why not, in a few words that can be counted.
    pub declined: Cell<Option<&'static str>>,
    /// What was told about nodes of the file, for the fixes of all findings in it.
    pub answers: Answers,
}

impl<'a> FixContext<'a> {
    /// A context in which no fix was declined yet.
    pub fn new(view: WorkspaceView<'a>) -> Self {
        Self { view, declined: Cell::default(), answers: Answers::default() }
    }

    /// A fix that edits only the file of the finding.
    pub fn here(
        &self,
        title: impl Into<String>,
        applicability: Applicability,
        edits: Vec<TextEdit>,
    ) -> Fix {
        let edits = vec![FileEdit { path: self.file.path.clone(), edits }];
        Fix { title: title.into(), applicability, edits }
    }
}

impl<'a> Deref for FixContext<'a> {
    type Target = WorkspaceView<'a>;

    fn deref(&self) -> &Self::Target {
        &self.view
    }
}
