use std::sync::Arc;

use rowan::GreenNode;
use rustc_hash::FxHashMap;

use super::finding::Finding;
use super::suppression::Suppression;
use crate::project::{ItemFacts, Mention};
use crate::syntax::fragment::Fragments;
use crate::syntax::green::{address, is_equal};
use crate::syntax::items::Item;
use crate::text::TextSize;

/// What the analysis of one item gave. Ranges count from the item's start.
#[derive(Debug)]
pub(super) struct ItemAnalysis {
    pub findings: Vec<Finding>,
    pub suppressions: Vec<Suppression>,
    /// What it declares, when it declares something.
    pub facts: Option<Arc<ItemFacts>>,
    pub mentions: Arc<[Mention]>,
    /// See [`Item::is_unclosed`].
    pub unclosed: bool,
}

#[derive(Debug)]
struct Entry {
    /// Keeps the node alive: the address of a freed node may be given to another one.
    green: GreenNode,
    analysis: Arc<ItemAnalysis>,
    /// The run that asked for it last.
    used: u64,
}

/// An item by its green node, and by what surrounds it.
type Key = (usize, u64);

/// The analyses of a document's items, for as long as the items stay the same.
///
/// An item is the same when its green node is; after a full parse, which makes new nodes, when
/// the new node equals the old one.
#[derive(Debug, Default)]
pub struct Cache {
    entries: FxHashMap<Key, Entry>,
    /// The entries by length and surroundings, for finding an equal node.
    by_len: FxHashMap<(TextSize, u64), Vec<Key>>,
    /// The arguments of macro calls: an item that changed has most of them as they were.
    pub(super) fragments: Fragments,
    /// What else the entries depend on; see [`Cache::begin`].
    epoch: u64,
    run: u64,
}

impl Cache {
    /// Starts an analysis of a file with so many items. `epoch` identifies everything outside the
    /// file that findings in items depend on, such as the settings; when it changed the cache is
    /// emptied.
    pub(super) fn begin(&mut self, epoch: u64, items: usize) {
        if self.epoch != epoch {
            self.entries.clear();
            self.by_len.clear();
            self.fragments = Fragments::default();
        }
        self.epoch = epoch;
        // Entries of items that are gone are let go in bulk, not at every keystroke.
        if self.entries.len() > items * 2 + 64 {
            let run = self.run;
            self.entries.retain(|_, entry| entry.used == run);
            self.by_len.retain(|_, keys| {
                keys.retain(|key| self.entries.contains_key(key));
                !keys.is_empty()
            });
        }
        self.run += 1;
    }

    pub(super) fn insert(&mut self, item: &Item, analysis: Arc<ItemAnalysis>) {
        let (green, len) = (item.green.clone(), item.green.text_len());
        self.by_len.entry((len, item.surroundings)).or_default().push(key(item));
        self.entries.insert(key(item), Entry { green, analysis, used: self.run });
    }

    /// The analysis of an equal item.
    pub(super) fn get(&mut self, item: &Item) -> Option<Arc<ItemAnalysis>> {
        if let Some(entry) = self.entries.get_mut(&key(item)) {
            entry.used = self.run;
            return Some(Arc::clone(&entry.analysis));
        }
        let candidates = self.by_len.get(&(item.green.text_len(), item.surroundings))?;
        let mut entries = candidates.iter().filter_map(|key| self.entries.get(key));
        let equal = entries.find(|entry| is_equal(&entry.green, &item.green))?;
        let analysis = Arc::clone(&equal.analysis);
        self.insert(item, Arc::clone(&analysis));
        Some(analysis)
    }
}

fn key(item: &Item) -> Key {
    (address(&item.green), item.surroundings)
}
