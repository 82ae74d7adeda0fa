//! What claims are held against: the files of the project, what they declare, and what rules found.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rustc_hash::{FxHashMap, FxHashSet};

use super::counts::FileCounts;
use super::snippet::Squeezed;
use crate::analysis::{FileAnalysis, Finding};
use crate::project::paths::file_name;
use crate::project::{History, Role, TrackedProject, Versions};
use crate::semantics::SourceFiles;
use crate::syntax::ast::{self, HasName};
use crate::syntax::{AstNode, Edition, SyntaxNode};

/// The findings of a file.
type Findings<'a> = Box<dyn Fn(&str) -> Vec<Finding> + Sync + 'a>;

/// The last analysis of a Rust file, by which it is known whether the file changed.
type Analysis<'a> = Box<dyn Fn(&str) -> Option<Arc<FileAnalysis>> + Sync + 'a>;

/// The project that documents are held against.
pub struct Code<'a> {
    /// Its files other than sources, and what it declares.
    pub cx: TrackedProject<'a>,
    files: SourceFiles<'a>,
    findings: Findings<'a>,
    analysis: Analysis<'a>,
    counts: &'a CountCache,
    looked: RefCell<Looked>,
    history: Option<Arc<History>>,
    versions: RefCell<FxHashMap<String, Rc<Versions>>>,
    names: OnceCell<FxHashMap<&'a str, Vec<&'a str>>>,
    words: OnceCell<FxHashSet<String>>,
    squeezed: RefCell<FxHashMap<String, Rc<Squeezed>>>,
    items: RefCell<FxHashMap<String, Rc<[Item]>>>,
}

/// Which sources a judgement rests on.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// Those that were read.
    pub files: BTreeSet<String>,
    /// Whether all of them were.
    pub at_all: bool,
}

/// What was counted in files, for as long as they do not change.
#[derive(Debug, Default)]
pub struct CountCache(Mutex<BTreeMap<String, (Weak<FileAnalysis>, FileCounts)>>);

/// An item of a Rust file, with its lines from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    /// The first line, of its documentation or attributes if it has any.
    pub start: u32,
    /// The line of its name.
    pub line: u32,
    pub end: u32,
    /// Whether it is an item of its own: no variant and no field.
    pub is_item: bool,
}

impl<'a> Code<'a> {
    /// `findings` gives what rules found in a file, `analysis` the last analysis of one.
    pub fn new(
        cx: TrackedProject<'a>,
        files: SourceFiles<'a>,
        counts: &'a CountCache,
        history: Option<Arc<History>>,
        findings: impl Fn(&str) -> Vec<Finding> + Sync + 'a,
        analysis: impl Fn(&str) -> Option<Arc<FileAnalysis>> + Sync + 'a,
    ) -> Self {
        Self {
            cx,
            files,
            findings: Box::new(findings),
            analysis: Box::new(analysis),
            counts,
            looked: RefCell::default(),
            history,
            versions: RefCell::default(),
            names: OnceCell::new(),
            words: OnceCell::new(),
            squeezed: RefCell::default(),
            items: RefCell::default(),
        }
    }

    /// What was looked at since this was asked last.
    pub fn take_looked(&self) -> Looked {
        self.looked.take()
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        self.looked.borrow_mut().files.insert(path.to_string());
        // That the files of its kind were looked at is noted.
        self.cx.file(path);
        self.files.text_of(path)
    }

    /// The lines of a file from one to another, counted from one.
    pub fn lines(&self, path: &str, first: u32, last: u32) -> Vec<String> {
        let Some(text) = self.text(path) else { return Vec::new() };
        let skipped = first.saturating_sub(1) as usize;
        let count = (last.max(first) - first) as usize + 1;
        text.lines().skip(skipped).take(count).map(str::to_string).collect()
    }

    /// The number of lines of a file.
    pub fn line_count(&self, path: &str) -> u32 {
        self.text(path).map_or(0, |text| text.lines().count() as u32)
    }

    /// A file without its white space.
    pub fn squeezed(&self, path: &str) -> Rc<Squeezed> {
        if let Some(known) = self.squeezed.borrow().get(path) {
            return Rc::clone(known);
        }
        let squeezed = Rc::new(Squeezed::new(&self.text(path).unwrap_or_default()));
        self.squeezed.borrow_mut().insert(path.to_string(), Rc::clone(&squeezed));
        squeezed
    }

    /// What rules found in a file.
    pub fn findings(&self, path: &str) -> Vec<Finding> {
        self.looked.borrow_mut().files.insert(path.to_string());
        (self.findings)(path)
    }

    /// The Rust files of the project.
    pub fn rust_files(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let listing = self.cx.listing();
        listing.iter().map(String::as_str).filter(|it| it.ends_with(".rs"))
    }

    /// The files of a name.
    pub fn named(&self, name: &str) -> &[&'a str] {
        let names = self.names.get_or_init(|| {
            let mut names: FxHashMap<&'a str, Vec<&'a str>> = FxHashMap::default();
            for path in self.cx.listing() {
                names.entry(file_name(path)).or_default().push(path);
            }
            names
        });
        names.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether any source has a word.
    pub fn has_word(&self, word: &str) -> bool {
        self.looked.borrow_mut().at_all = true;
        let words = self.words.get_or_init(|| {
            let mut words = FxHashSet::default();
            for path in self.cx.listing().iter().filter(|it| is_text(it)) {
                let Some(text) = self.files.text_of(path) else { continue };
                let parts = text.split(|it: char| !it.is_alphanumeric() && it != '_');
                for part in parts.filter(|it| it.len() > 2) {
                    if !words.contains(part) {
                        words.insert(part.to_string());
                    }
                }
            }
            words
        });
        words.contains(word)
    }

    /// Whether the sources have a name with these letters in it, whatever their case.
    pub fn has_word_like(&self, word: &str) -> bool {
        // The words are gathered with the first question.
        self.has_word(word)
            || self
                .words
                .get()
                .is_some_and(|words| words.iter().any(|it| it.to_ascii_lowercase().contains(word)))
    }

    /// What Git has of the project.
    pub fn history(&self) -> Option<&History> {
        self.history.as_deref()
    }

    /// The texts that a file has had; nothing without Git.
    pub fn versions(&self, path: &str) -> Option<Rc<Versions>> {
        let history = self.history()?;
        if let Some(known) = self.versions.borrow().get(path) {
            return Some(Rc::clone(known));
        }
        let versions = Rc::new(history.versions(path));
        self.versions.borrow_mut().insert(path.to_string(), Rc::clone(&versions));
        Some(versions)
    }

    /// The text of a file that is looked at among many.
    pub fn peek(&self, path: &str) -> Option<Arc<str>> {
        self.files.text_of(path)
    }

    /// The items of a Rust file, with their variants and fields.
    pub fn items(&self, path: &str) -> Rc<[Item]> {
        if let Some(known) = self.items.borrow().get(path) {
            return Rc::clone(known);
        }
        let text = self.text(path).unwrap_or_default();
        let root = self.files.root_of(path, self.edition(path));
        let items: Rc<[Item]> = root.map(|it| items_of(&it, &text)).unwrap_or_default().into();
        self.items.borrow_mut().insert(path.to_string(), Rc::clone(&items));
        items
    }

    /// What there is in a Rust file that is counted.
    pub fn counts(&self, path: &str) -> FileCounts {
        let analysis = (self.analysis)(path);
        let current = analysis.as_ref().map(Arc::downgrade);
        let known = || self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(current), Some((of, counts))) = (&current, known().get(path))
            && of.ptr_eq(current)
        {
            return *counts;
        }
        let text = self.files.text_of(path).unwrap_or_default();
        let is_test = self.cx.packages().role(path) == Role::Test;
        let root = || self.files.root_of(path, self.edition(path));
        let counts = FileCounts::of(&text, is_test, root);
        if let Some(current) = current {
            known().insert(path.to_string(), (current, counts));
        }
        counts
    }

    /// Notes that all sources were looked at.
    pub fn look_at_all(&self) {
        self.looked.borrow_mut().at_all = true;
    }

    fn edition(&self, path: &str) -> Edition {
        self.cx.packages().owner(path).map_or(Edition::CURRENT, |package| package.edition)
    }
}

/// Whether a file is one that names of the project stand in; documents repeat what they claim.
fn is_text(path: &str) -> bool {
    const EXTENSIONS: &[&str] = &[
        "rs", "toml", "yml", "yaml", "json", "ts", "js", "tsx", "py", "go", "c", "h", "cpp",
        "proto", "sql", "sh", "capnp", "java", "kt", "swift", "pest", "lalrpop", "udl",
    ];
    path.rsplit_once('.').is_some_and(|(_, it)| EXTENSIONS.contains(&it))
}

fn items_of(root: &SyntaxNode, text: &str) -> Vec<Item> {
    let mut starts = vec![0usize];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let line = |offset: usize| starts.partition_point(|start| *start <= offset) as u32;
    let mut items = Vec::new();
    for node in root.descendants() {
        let (name, is_item) = match ast::Item::cast(node.clone()) {
            Some(item) => (name_of_item(&item), true),
            None => {
                let variant = ast::Variant::cast(node.clone()).and_then(|it| it.name());
                let field = || ast::RecordField::cast(node.clone()).and_then(|it| it.name());
                (variant.or_else(field), false)
            }
        };
        let Some(name) = name else { continue };
        let range = node.text_range();
        items.push(Item {
            name: name.text().to_string(),
            start: line(range.start().into()),
            line: line(name.syntax().text_range().start().into()),
            end: line(usize::from(range.end()).saturating_sub(1)),
            is_item,
        });
    }
    items
}

fn name_of_item(item: &ast::Item) -> Option<ast::Name> {
    match item {
        ast::Item::Fn(it) => it.name(),
        ast::Item::Struct(it) => it.name(),
        ast::Item::Enum(it) => it.name(),
        ast::Item::Union(it) => it.name(),
        ast::Item::Trait(it) => it.name(),
        ast::Item::Const(it) => it.name(),
        ast::Item::Static(it) => it.name(),
        ast::Item::TypeAlias(it) => it.name(),
        ast::Item::Module(it) => it.name(),
        ast::Item::MacroRules(it) => it.name(),
        ast::Item::MacroDef(it) => it.name(),
        _ => None,
    }
}
