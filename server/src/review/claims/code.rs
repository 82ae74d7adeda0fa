//! What claims are held against: the files of the project, what they declare, and what rules found.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::counts::{self, Number, Words};
use super::snippet::Squeezed;
use crate::analysis::{FileAnalysis, Finding};
use crate::project::paths::file_name;
use crate::project::{History, Role, SymbolIndex, TrackedProject, Versions};
use crate::semantics::SourceFiles;
use crate::syntax::ast::{self, HasName};
use crate::syntax::{AstNode, Edition, SyntaxNode};

/// The findings of a file.
type Findings<'a> = Box<dyn Fn(&str) -> Vec<Finding> + Sync + 'a>;

/// The last analysis of a Rust file, by which it is known whether the file changed.
type Analysis<'a> = Box<dyn Fn(&str) -> Option<Arc<FileAnalysis>> + Sync + 'a>;

/// How the history is opened.
type OpenHistory<'a> = Box<dyn Fn() -> Option<Arc<History>> + Sync + 'a>;

/// The project that a document is held against: notes what was looked at for it.
pub struct Code<'a> {
    /// Its files other than sources, and what it declares.
    pub cx: TrackedProject<'a>,
    sources: &'a Sources<'a>,
    findings: Findings<'a>,
    looked: RefCell<Looked>,
}

/// What is read of a project that stays as it is meanwhile, once for all documents that are held
/// against it.
pub struct Sources<'a> {
    listing: &'a BTreeSet<String>,
    symbols: &'a SymbolIndex,
    files: SourceFiles<'a>,
    analysis: Analysis<'a>,
    counts: &'a CountCache,
    open_history: OpenHistory<'a>,
    history: OnceLock<Option<Arc<History>>>,
    versions: Mutex<FxHashMap<String, Arc<Versions>>>,
    names: OnceLock<FxHashMap<String, Vec<String>>>,
    words: OnceLock<AllWords>,
    squeezed: Mutex<FxHashMap<String, Arc<Squeezed>>>,
    items: Mutex<FxHashMap<String, Arc<[Item]>>>,
}

/// The words of all sources.
#[derive(Debug, Default)]
struct AllWords {
    as_written: FxHashSet<Box<str>>,
    /// In lower case, a line each.
    lower: String,
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
pub struct CountCache(Mutex<FxHashMap<(String, Words), Counted>>);

/// A count, and the analysis of the file that it holds for.
type Counted = (Weak<FileAnalysis>, Number);

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

impl<'a> Sources<'a> {
    /// `analysis` gives the last analysis of a file; the history is opened when a claim asks for it.
    pub fn new(
        listing: &'a BTreeSet<String>,
        symbols: &'a SymbolIndex,
        files: SourceFiles<'a>,
        counts: &'a CountCache,
        analysis: impl Fn(&str) -> Option<Arc<FileAnalysis>> + Sync + 'a,
        open_history: impl Fn() -> Option<Arc<History>> + Sync + 'a,
    ) -> Self {
        Self {
            listing,
            symbols,
            files,
            analysis: Box::new(analysis),
            counts,
            open_history: Box::new(open_history),
            history: OnceLock::new(),
            versions: Mutex::default(),
            names: OnceLock::new(),
            words: OnceLock::new(),
            squeezed: Mutex::default(),
            items: Mutex::default(),
        }
    }

    /// How many there are in a Rust file of what words stand for.
    pub fn count(&self, path: &str, words: Words) -> Number {
        let analysis = (self.analysis)(path);
        let current = analysis.as_ref().map(Arc::downgrade);
        let key = (path.to_string(), words);
        if let (Some(current), Some((of, number))) = (&current, lock(&self.counts.0).get(&key))
            && of.ptr_eq(current)
        {
            return *number;
        }
        let text = self.files.text_of(path).unwrap_or_default();
        let is_test = self.symbols.packages().role(path) == Role::Test
            || self.symbols.module(path).is_some_and(|it| it.test_only);
        let number = counts::in_file(&text, words, is_test, || self.root_of(path));
        if let Some(current) = current {
            lock(&self.counts.0).insert(key, (current, number));
        }
        number
    }

    /// Whether attributes or macros of a Rust file may make tests whose number no source shows.
    pub fn may_make_tests(&self, path: &str) -> bool {
        let text = self.files.text_of(path).unwrap_or_default();
        counts::may_make_tests(&text, || self.root_of(path))
    }

    /// The number of lines of a file.
    pub fn line_count(&self, path: &str) -> u64 {
        self.files.text_of(path).map_or(0, |text| text.lines().count() as u64)
    }

    /// The number of lines of a file that have one of these texts.
    pub fn lines_with(&self, path: &str, searched: Words) -> u64 {
        let text = self.files.text_of(path).unwrap_or_default();
        if !searched.iter().any(|it| text.contains(it)) {
            return 0;
        }
        text.lines().filter(|line| searched.iter().any(|it| line.contains(it))).count() as u64
    }

    fn root_of(&self, path: &str) -> Option<SyntaxNode> {
        let owner = self.symbols.packages().owner(path);
        let edition = owner.map_or(Edition::CURRENT, |package| package.edition);
        self.files.root_of(path, edition)
    }

    fn words(&self) -> &AllWords {
        self.words.get_or_init(|| {
            let mut words = AllWords::default();
            for path in self.listing.iter().filter(|it| is_text(it)) {
                let Some(text) = self.files.text_of(path) else { continue };
                words.add(&text);
            }
            words
        })
    }

    fn named(&self, name: &str) -> &[String] {
        let names = self.names.get_or_init(|| {
            let mut names: FxHashMap<String, Vec<String>> = FxHashMap::default();
            for path in self.listing {
                names.entry(file_name(path).to_string()).or_default().push(path.clone());
            }
            names
        });
        names.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

impl AllWords {
    fn add(&mut self, text: &str) {
        let parts = text.split(|it: char| !it.is_alphanumeric() && it != '_');
        for part in parts.filter(|it| it.len() > 2) {
            if !self.as_written.contains(part) {
                self.as_written.insert(Box::from(part));
                self.lower.push_str(&part.to_ascii_lowercase());
                self.lower.push('\n');
            }
        }
    }
}

impl<'a> Code<'a> {
    /// `findings` gives what rules found in a file.
    pub fn new(
        cx: TrackedProject<'a>,
        sources: &'a Sources<'a>,
        findings: impl Fn(&str) -> Vec<Finding> + Sync + 'a,
    ) -> Self {
        Self { cx, sources, findings: Box::new(findings), looked: RefCell::default() }
    }

    /// What was looked at.
    pub fn take_looked(&self) -> Looked {
        self.looked.take()
    }

    /// Notes that a file is looked at.
    fn look_at(&self, path: &str) {
        let mut looked = self.looked.borrow_mut();
        if !looked.files.contains(path) {
            looked.files.insert(path.to_string());
            // That the files of its kind were looked at is noted.
            self.cx.file(path);
        }
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        self.look_at(path);
        self.sources.files.text_of(path)
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
    pub fn squeezed(&self, path: &str) -> Arc<Squeezed> {
        self.look_at(path);
        known(&self.sources.squeezed, path, || {
            Arc::new(Squeezed::new(&self.text(path).unwrap_or_default()))
        })
    }

    /// What rules found in a file.
    pub fn findings(&self, path: &str) -> Vec<Finding> {
        self.look_at(path);
        (self.findings)(path)
    }

    /// The Rust files of the project.
    pub fn rust_files(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let listing = self.cx.listing();
        listing.iter().map(String::as_str).filter(|it| it.ends_with(".rs"))
    }

    /// The files of a name.
    pub fn named(&self, name: &str) -> &[String] {
        self.cx.listing();
        self.sources.named(name)
    }

    /// Whether any file of the project has the extension of a path, or that has none.
    pub fn has_extension_of(&self, path: &str) -> bool {
        let extension = |path: &str| file_name(path).rsplit_once('.').map(|(_, it)| it.to_string());
        let Some(wanted) = extension(path) else { return true };
        self.cx.listing().iter().any(|it| extension(it).as_ref() == Some(&wanted))
    }

    /// Whether any source has a word.
    pub fn has_word(&self, word: &str) -> bool {
        // What the index has need not be looked for.
        let symbols = self.cx.symbols();
        if symbols.functions_at(word).next().is_some() || symbols.types_at(word).next().is_some() {
            return true;
        }
        self.look_at_all();
        self.sources.words().as_written.contains(word)
    }

    /// Whether the sources have a name with these letters in it, whatever their case.
    pub fn has_word_like(&self, word: &str) -> bool {
        self.look_at_all();
        self.sources.words().lower.contains(word)
    }

    /// What Git has of the project.
    pub fn history(&self) -> Option<&History> {
        self.sources.history.get_or_init(|| (self.sources.open_history)()).as_deref()
    }

    /// The texts that a file has had; nothing without Git.
    pub fn versions(&self, path: &str) -> Option<Arc<Versions>> {
        let history = self.history()?;
        Some(known(&self.sources.versions, path, || Arc::new(history.versions(path))))
    }

    /// The text of a file that is looked at among many.
    pub fn peek(&self, path: &str) -> Option<Arc<str>> {
        self.sources.files.text_of(path)
    }

    /// The items of a Rust file, with their variants and fields.
    pub fn items(&self, path: &str) -> Arc<[Item]> {
        self.look_at(path);
        known(&self.sources.items, path, || {
            let text = self.text(path).unwrap_or_default();
            let root = self.sources.root_of(path);
            root.map(|it| items_of(&it, &text)).unwrap_or_default().into()
        })
    }

    /// What is asked of each of many sources.
    pub fn each<T: Send>(
        &self,
        paths: &[&str],
        ask: impl Fn(&Sources<'a>, &str) -> T + Sync,
    ) -> Vec<T> {
        self.look_at_all();
        let sources = self.sources;
        // The threads of the pool that a scan runs in have the stack for deep trees; others may not.
        match rayon::current_thread_index() {
            Some(_) => paths.par_iter().map(|path| ask(sources, path)).collect(),
            None => paths.iter().map(|path| ask(sources, path)).collect(),
        }
    }

    /// Notes that all sources were looked at.
    pub fn look_at_all(&self) {
        self.cx.listing();
        self.looked.borrow_mut().at_all = true;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of a file, or is made of it now.
fn known<T: Clone>(all: &Mutex<FxHashMap<String, T>>, path: &str, make: impl FnOnce() -> T) -> T {
    if let Some(known) = lock(all).get(path) {
        return known.clone();
    }
    let made = make();
    lock(all).insert(path.to_string(), made.clone());
    made
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
