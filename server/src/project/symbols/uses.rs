//! Where the production code of a workspace names things: who may call a function.
//!
//! Names are kept as numbers, so that they take four bytes each. Two names with the same number are
//! taken for one, and a function is then called that is not.

use std::hash::Hasher;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rowan::{GreenNodeData, NodeOrToken};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::syntax::attrs::{green_attrs, marks_test_code};
use crate::syntax::green::{declared_name, each_token, node_kind, token_kind};
use crate::syntax::{SyntaxKind, SyntaxNode};

/// What an item of production code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemUses {
    /// The name of the item, if it is a function.
    pub function: Option<String>,
    /// Sorted.
    names: Box<[NameId]>,
}

/// A name, by its hash.
type NameId = u32;

fn id_of(name: &str) -> NameId {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    // The upper bits are the better half of this hash.
    (hasher.finish() >> 32) as NameId
}

impl ItemUses {
    /// What an item names that is not a module, impl or trait with a body; nothing for test code.
    pub fn of_leaf(node: &SyntaxNode) -> Option<Self> {
        let green = node.green();
        let mut names = Vec::new();
        match node.kind() {
            SyntaxKind::USE | SyntaxKind::EXTERN_CRATE => return None,
            // `#[serde(default = "some_function")]`.
            SyntaxKind::STRUCT | SyntaxKind::ENUM | SyntaxKind::UNION => {
                read_attributes(green, &mut names);
            }
            _ => read(green, &mut names),
        }
        if names.is_empty() || node.ancestors().any(|it| marks_test_code(&it)) {
            return None;
        }
        names.sort_unstable();
        names.dedup();
        let function = declared_name(green).filter(|_| node.kind() == SyntaxKind::FN);
        Some(Self { function: function.map(str::to_string), names: names.into() })
    }

    fn names(&self, name: NameId) -> bool {
        self.names.binary_search(&name).is_ok()
    }
}

/// The names in an item, but for the one that it declares.
fn read(node: &GreenNodeData, names: &mut Vec<NameId>) {
    for child in node.children() {
        match child {
            NodeOrToken::Node(child) if node_kind(child) == SyntaxKind::NAME => {}
            NodeOrToken::Node(child) => read(child, names),
            NodeOrToken::Token(token) if token_kind(token) == SyntaxKind::IDENT => {
                names.push(id_of(token.text()));
            }
            NodeOrToken::Token(_) => {}
        }
    }
}

/// The names in the attributes of an item and its fields, texts included: they may hold paths.
fn read_attributes(node: &GreenNodeData, names: &mut Vec<NameId>) {
    for attr in green_attrs(node) {
        each_token(attr, &mut |kind, text| match kind {
            SyntaxKind::IDENT => names.push(id_of(text)),
            SyntaxKind::STRING => {
                let last = text.trim_matches('"').rsplit("::").next().unwrap_or_default();
                names.push(id_of(last));
            }
            _ => {}
        });
    }
    for child in node.children().filter_map(NodeOrToken::into_node) {
        read_attributes(child, names);
    }
}

/// What the items of a file name.
pub type FileUses = [Arc<ItemUses>];

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Code that may serve, or code that is not in view.
    Any,
    /// Commands that run to their end.
    Commands,
    /// No production code.
    Nothing,
}

/// What all files name. Snapshots of a workspace share it: it changes while someone types, and what
/// follows from it seldom does.
#[derive(Debug, Default)]
pub(super) struct Uses {
    files: RwLock<FxHashMap<String, Arc<FileUses>>>,
    answers: RwLock<Answers>,
}

/// What was answered since the code last changed.
#[derive(Debug, Default)]
struct Answers {
    callers: FxHashMap<(String, String), Callers>,
    /// The names that answers rest on.
    asked: FxHashSet<NameId>,
}

impl Uses {
    /// Takes in what a file names. Returns whether an answer may be another one now.
    pub fn set(&self, path: &str, uses: Arc<FileUses>) -> bool {
        let old = write(&self.files).insert(path.to_string(), Arc::clone(&uses));
        let names = |file: &FileUses| -> FxHashSet<NameId> {
            file.iter().flat_map(|it| it.names.iter().copied()).collect()
        };
        let (old, new) = (names(old.as_deref().unwrap_or_default()), names(&uses));
        let matters = {
            let answers = read_lock(&self.answers);
            old.symmetric_difference(&new).any(|it| answers.asked.contains(it))
        };
        if matters {
            self.forget_answers();
        }
        matters
    }

    pub fn is_empty(&self) -> bool {
        read_lock(&self.files).is_empty()
    }

    pub fn remove(&self, path: &str) {
        write(&self.files).remove(path);
        self.forget_answers();
    }

    pub fn forget_answers(&self) {
        *write(&self.answers) = Answers::default();
    }

    pub fn answer(
        &self,
        path: &str,
        function: &str,
        find: impl FnOnce(&mut dyn FnMut(&str)) -> Callers,
    ) -> Callers {
        let key = (path.to_string(), function.to_string());
        if let Some(known) = read_lock(&self.answers).callers.get(&key) {
            return *known;
        }
        let mut asked = Vec::new();
        let found = find(&mut |name| asked.push(id_of(name)));
        let mut answers = write(&self.answers);
        answers.asked.extend(asked);
        answers.callers.insert(key, found);
        found
    }

    /// The items that name something, each with the path of its file, in no order.
    pub fn of(&self, name: &str) -> Vec<(String, Arc<ItemUses>)> {
        let name = id_of(name);
        let files = read_lock(&self.files);
        let items = files.iter().flat_map(|(path, items)| items.iter().map(move |it| (path, it)));
        items
            .filter(|(_, item)| item.names(name))
            .map(|(path, item)| (path.clone(), Arc::clone(item)))
            .collect()
    }
}

// A panic while a lock was held leaves nothing behind that is half done.
fn read_lock<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
