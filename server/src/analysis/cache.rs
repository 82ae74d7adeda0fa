use std::collections::VecDeque;
use std::sync::Arc;
use std::vec;

use rowan::GreenNode;
use rustc_hash::{FxHashMap, FxHashSet};

use super::finding::Finding;
use super::opportunity::Census;
use super::suppression::Suppression;
use crate::project::{ItemSymbols, ItemUses, Reference};
use crate::syntax::Imports;
use crate::syntax::fragment::Fragments;
use crate::syntax::green::{address, is_equal};
use crate::syntax::items::Item;
use crate::text::TextSize;

/// What the analysis of one item gave. Ranges count from the item's start.
#[derive(Debug)]
pub(super) struct ItemAnalysis {
    pub findings: Vec<Finding>,
    pub suppressions: Vec<Suppression>,
    /// What rules about production code are held against.
    pub census: Census,
    /// What it declares, when it declares something.
    pub symbols: Option<Arc<ItemSymbols>>,
    /// What it names, unless it is test code.
    pub uses: Option<Arc<ItemUses>>,
    pub references: Arc<[Reference]>,
    /// See [`Item::is_unclosed`].
    pub unclosed: bool,
}

/// An item of a file, analysed.
///
/// A keystroke goes over all items of its file, and most have nothing to show: that is told here,
/// as the analyses themselves lie scattered in memory and take long to fetch.
#[derive(Debug)]
pub(super) struct Analyzed {
    /// Keeps the node alive: the address of a freed node may be given to another one.
    green: GreenNode,
    surroundings: u64,
    /// Where the item starts in the file.
    start: TextSize,
    analysis: Arc<ItemAnalysis>,
    /// Whether it has findings or suppressions, or is not closed.
    pub shows: bool,
}

impl Analyzed {
    pub fn new(item: &Item<'_>, analysis: Arc<ItemAnalysis>) -> Self {
        Self {
            green: item.green.to_owned(),
            surroundings: item.surroundings,
            start: item.range.start(),
            shows: !analysis.findings.is_empty()
                || !analysis.suppressions.is_empty()
                || analysis.unclosed,
            analysis,
        }
    }

    /// The item's start, and what was found in it.
    pub fn found(&self) -> (TextSize, &ItemAnalysis) {
        (self.start, &self.analysis)
    }

    fn key(&self) -> Key {
        (address(&self.green), self.surroundings)
    }
}

/// A leaf that was analysed at some time.
#[derive(Debug)]
struct Entry {
    /// Keeps the node alive, see [`Analyzed::green`].
    green: GreenNode,
    analysis: Arc<ItemAnalysis>,
}

/// Items that an edit replaced. To let go of them takes a part of the time that a keystroke does,
/// and nobody needs to wait for it.
#[derive(Debug, Default)]
pub struct Evicted(Vec<(Analyzed, Option<Entry>)>);

/// An item by its green node, and by what surrounds it.
type Key = (usize, u64);

/// So many items of the last run are looked at for an item: an edit changes few side by side.
const REACH: usize = 8;

/// So many leaves that edits replaced are kept.
const MAX_REPLACED: usize = 32;

/// More imports than this are forgotten together: they change while someone types in a `use`.
const MAX_IMPORTS: usize = 256;

/// The analyses of a document's items, for as long as the items stay the same.
///
/// An item is the same when its green node is; after a full parse, which makes new nodes, when
/// the new node equals the old one.
#[derive(Debug, Default)]
pub struct Cache {
    /// The items of the last run. The next one mostly finds them all, in the same order.
    pub(super) items: Vec<Analyzed>,
    /// Whether a rule failed in the last run: its items are to be walked again, so that the rule is
    /// known to fail.
    failed: bool,
    /// Those of the last run that the run under way has not come to.
    ahead: vec::IntoIter<Analyzed>,
    /// The leaves that edits replaced, the latest last: someone who takes back what they typed
    /// comes upon them again.
    replaced: VecDeque<Analyzed>,
    /// What nobody is expected to come upon again.
    evicted: Evicted,
    /// The leaves of runs before. A container is not kept: it changes with everything in it.
    entries: FxHashMap<Key, Entry>,
    /// The entries by length and surroundings, for finding an equal node.
    by_len: FxHashMap<(TextSize, u64), Vec<Key>>,
    /// The arguments of macro calls: an item that changed has most of them as they were.
    pub(super) fragments: Fragments,
    /// The imports in view of items, by their surroundings.
    pub(super) imports: FxHashMap<u64, Arc<Imports>>,
    /// What else the entries depend on; see [`Cache::begin`].
    epoch: u64,
}

impl Cache {
    /// Starts an analysis of a file. `epoch` identifies everything outside the file that findings
    /// in items depend on, such as the settings; when it changed the cache is emptied.
    pub(super) fn begin(&mut self, epoch: u64) {
        if self.epoch != epoch {
            *self = Self { epoch, ..Self::default() };
        }
        // Entries of items that are gone are let go in bulk, not at every keystroke.
        if self.entries.len() > self.items.len() * 2 + 64 {
            let used: FxHashSet<Key> = self.items.iter().map(Analyzed::key).collect();
            self.entries.retain(|key, _| used.contains(key));
            self.by_len.retain(|_, keys| {
                keys.retain(|key| used.contains(key));
                !keys.is_empty()
            });
        }
        if self.imports.len() > MAX_IMPORTS {
            self.imports.clear();
        }
        let last = std::mem::take(&mut self.items);
        if !self.failed {
            self.ahead = last.into_iter();
        }
    }

    /// Keeps the items of the run that ends; `failed` when a rule panicked in one.
    pub(super) fn end(&mut self, items: Vec<Analyzed>, failed: bool) {
        self.failed = failed;
        // Where many are gone at once, a brace may have swallowed them that is about to be closed.
        if self.ahead.len() <= REACH {
            self.replace_next(self.ahead.len());
        }
        self.items = items;
        self.ahead = vec::IntoIter::default();
        while self.replaced.len() > MAX_REPLACED
            && let Some(oldest) = self.replaced.pop_front()
        {
            self.forget(oldest);
        }
    }

    /// Takes the next items of the last run for replaced.
    fn replace_next(&mut self, count: usize) {
        for item in self.ahead.by_ref().take(count) {
            match self.entries.contains_key(&item.key()) {
                true => self.replaced.push_back(item),
                false => self.evicted.0.push((item, None)),
            }
        }
    }

    fn forget(&mut self, item: Analyzed) {
        let entry = self.entries.remove(&item.key());
        let len = (item.green.text_len(), item.surroundings);
        if let Some(keys) = self.by_len.get_mut(&len) {
            keys.retain(|key| *key != item.key());
            if keys.is_empty() {
                self.by_len.remove(&len);
            }
        }
        self.evicted.0.push((item, entry));
    }

    /// What was evicted since the last time, for the caller to drop.
    pub fn take_evicted(&mut self) -> Evicted {
        std::mem::take(&mut self.evicted)
    }

    pub(super) fn insert(&mut self, item: &Item<'_>, analysis: Arc<ItemAnalysis>) {
        if item.is_container() {
            return;
        }
        let (green, len) = (item.green.to_owned(), item.green.text_len());
        self.by_len.entry((len, item.surroundings)).or_default().push(key(item));
        self.entries.insert(key(item), Entry { green, analysis });
    }

    /// The analysis of an equal item.
    pub(super) fn get(&mut self, item: &Item<'_>) -> Option<Analyzed> {
        let mut near = self.ahead.as_slice().iter().take(REACH);
        if let Some(skipped) = near.position(|it| it.key() == key(item)) {
            self.replace_next(skipped);
            let known = self.ahead.next()?;
            return Some(Analyzed { start: item.range.start(), ..known });
        }
        if let Some(entry) = self.entries.get(&key(item)) {
            return Some(Analyzed::new(item, Arc::clone(&entry.analysis)));
        }
        let candidates = self.by_len.get(&(item.green.text_len(), item.surroundings))?;
        let mut entries = candidates.iter().filter_map(|key| self.entries.get(key));
        let equal = entries.find(|entry| is_equal(&entry.green, item.green))?;
        let analysis = Arc::clone(&equal.analysis);
        self.insert(item, Arc::clone(&analysis));
        Some(Analyzed::new(item, analysis))
    }
}

fn key(item: &Item<'_>) -> Key {
    (address(item.green), item.surroundings)
}
