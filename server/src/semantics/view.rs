//! The whole workspace as seen from one file: its index, and the trees of other files on demand.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rowan::GreenNode;
use rustc_hash::FxHashMap;

use super::FileContext;
use crate::project::SymbolIndex;
use crate::syntax::{Edition, SyntaxNode, parse_root};

/// What can be asked of the workspace from one of its files.
pub struct WorkspaceView<'a> {
    /// The file that asks.
    pub file: &'a FileContext,
    /// The root of the file's tree.
    pub root: &'a SyntaxNode,
    /// What the rest of the workspace declares.
    pub symbols: &'a SymbolIndex,
    /// All files of the workspace.
    pub files: &'a SourceFiles<'a>,
    /// The trees of other files, each with one root.
    pub roots: Rc<ParsedRoots>,
}

/// The roots of the trees of other files that were looked at.
#[derive(Debug, Default)]
pub struct ParsedRoots(RefCell<FxHashMap<String, Option<SyntaxNode>>>);

/// Gives the text of a file, unless there is none.
type Read<'a> = dyn Fn(&str) -> Option<String> + Send + Sync + 'a;

/// Trees of this many bytes of text are kept for the next fix that looks at them.
const KEPT_BYTES: usize = 32 * 1024 * 1024;

/// Files that are each read and parsed once, however often they are asked for and from however many
/// threads. None of them is to change meanwhile but by [`SourceFiles::replace`].
pub struct SourceFiles<'a> {
    read: Box<Read<'a>>,
    known: Mutex<FxHashMap<String, Arc<KnownFile>>>,
    kept: AtomicUsize,
}

#[derive(Debug, Default)]
struct KnownFile {
    text: OnceLock<Option<Arc<str>>>,
    tree: OnceLock<Option<GreenNode>>,
    table: OnceLock<Option<Arc<toml::Table>>>,
}

impl<'a> SourceFiles<'a> {
    /// `read` gives the text of a file of the workspace: that of an open buffer, or the disk's.
    pub fn new(read: impl Fn(&str) -> Option<String> + Send + Sync + 'a) -> Self {
        Self { read: Box::new(read), known: Mutex::default(), kept: AtomicUsize::new(0) }
    }

    fn known(&self, path: &str) -> Arc<KnownFile> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(path) {
            Some(file) => Arc::clone(file),
            None => Arc::clone(known.entry(path.to_string()).or_default()),
        }
    }

    /// Takes in a file that was read and parsed for another reason.
    pub fn keep(&self, path: &str, text: String, tree: GreenNode) {
        if self.kept.fetch_add(text.len(), Ordering::Relaxed) <= KEPT_BYTES {
            let file = self.known(path);
            file.text.get_or_init(|| Some(Arc::from(text)));
            file.tree.get_or_init(|| Some(tree));
        }
    }

    /// Gives a file another text.
    pub fn replace(&self, path: &str, text: &str) {
        let new = KnownFile { text: OnceLock::from(Some(Arc::from(text))), ..KnownFile::default() };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_string(), Arc::new(new));
    }

    /// The text of a file.
    pub fn text_of(&self, path: &str) -> Option<Arc<str>> {
        let known = self.known(path);
        known.text.get_or_init(|| (self.read)(path).map(Arc::from)).clone()
    }

    /// The content of a TOML file; nothing for one that is malformed.
    pub fn toml_of(&self, path: &str) -> Option<Arc<toml::Table>> {
        let text = self.text_of(path)?;
        let known = self.known(path);
        known.table.get_or_init(|| text.parse().ok().map(Arc::new)).clone()
    }

    /// The root of a Rust file's tree, a new one each time; nothing for a file that is not to be
    /// parsed.
    pub fn root_of(&self, path: &str, edition: Edition) -> Option<SyntaxNode> {
        let text = self.text_of(path)?;
        let parse = || parse_root(&text, edition).ok().map(|root| root.green().to_owned());
        let known = self.known(path);
        let tree = match known.tree.get() {
            Some(tree) => tree.clone(),
            None if self.kept.fetch_add(text.len(), Ordering::Relaxed) > KEPT_BYTES => parse(),
            None => known.tree.get_or_init(parse).clone(),
        };
        tree.map(SyntaxNode::new_root)
    }
}

impl WorkspaceView<'_> {
    /// The text of a file of the workspace.
    pub fn text_of(&self, path: &str) -> Option<Arc<str>> {
        self.files.text_of(path)
    }

    /// The text of the file that asks.
    pub fn text(&self) -> Arc<str> {
        let len = usize::from(self.root.text_range().len());
        let known = self.text_of(&self.file.path).filter(|text| text.len() == len);
        known.unwrap_or_else(|| self.root.text().to_string().into())
    }

    /// The content of a TOML file of the workspace; nothing for one that is malformed.
    pub fn toml_of(&self, path: &str) -> Option<Arc<toml::Table>> {
        self.files.toml_of(path)
    }

    /// The root of the tree of a Rust file of the workspace, the same each time; nothing for one
    /// that is not to be parsed.
    pub fn root_of(&self, path: &str, edition: Edition) -> Option<SyntaxNode> {
        if path == self.file.path {
            return Some(self.root.clone());
        }
        let mut roots = self.roots.0.borrow_mut();
        match roots.get(path) {
            Some(root) => root.clone(),
            None => roots
                .entry(path.to_string())
                .or_insert_with(|| self.files.root_of(path, edition))
                .clone(),
        }
    }

    /// Whether code of the file's package can name a crate in every build: it is a normal
    /// dependency, neither optional nor only for some targets.
    pub fn has_required_dependency(&self, name: &str) -> bool {
        let Some(package) = self.file.package.as_ref().filter(|it| it.depends_on(name)) else {
            return false;
        };
        let Some(manifest) = self.toml_of(&package.manifest()) else { return false };
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let entry =
            dependencies.and_then(|it| it.get(name).or_else(|| it.get(&name.replace('_', "-"))));
        let is_optional = |entry: &toml::Value| entry.get("optional")?.as_bool();
        entry.is_some_and(|entry| is_optional(entry) != Some(true))
    }
}
