use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::project::Facts;
use crate::syntax::{Edition, SyntaxNode, parse_root};
use crate::text::TextEdit;

use super::FileContext;

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
    /// The file of the finding.
    pub file: &'a FileContext,
    /// The root of the file's tree.
    pub root: &'a SyntaxNode,
    /// What the rest of the workspace declares.
    pub facts: &'a Facts,
    /// Gives the text of a file of the workspace: that of an open buffer, or the disk's.
    pub read: &'a dyn Fn(&str) -> Option<String>,
    /// What fixes of the same request read before.
    pub others: Rc<OtherFiles>,
    /// Set by a rule that offers nothing: why not, in a few words that can be counted.
    pub declined: Cell<Option<&'static str>>,
}

/// The other files that the fixes of a request look at, each read and parsed once.
#[derive(Debug, Default)]
pub struct OtherFiles {
    texts: RefCell<FxHashMap<String, Option<Rc<str>>>>,
    roots: RefCell<FxHashMap<String, Option<SyntaxNode>>>,
}

impl FixContext<'_> {
    /// The text of a file of the workspace.
    pub fn text_of(&self, path: &str) -> Option<Rc<str>> {
        let mut texts = self.others.texts.borrow_mut();
        let text = texts.entry(path.to_string()).or_insert_with(|| (self.read)(path).map(Rc::from));
        text.clone()
    }

    /// The root of the tree of a Rust file of the workspace; nothing for one that is not to be
    /// parsed.
    pub fn root_of(&self, path: &str, edition: Edition) -> Option<SyntaxNode> {
        if path == self.file.path {
            return Some(self.root.clone());
        }
        let text = self.text_of(path)?;
        let mut roots = self.others.roots.borrow_mut();
        let root = roots.entry(path.to_string()).or_insert_with(|| parse_root(&text, edition).ok());
        root.clone()
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
