use std::sync::Arc;

use rowan::GreenNode;
use rustc_hash::FxHashMap;

use super::finding::Finding;
use super::suppression::Suppression;
use crate::project::ItemFacts;
use crate::syntax::green::address;
use crate::syntax::items::Leaf;
use crate::text::TextSize;

/// What the analysis of one item gave. Ranges count from the item's start.
#[derive(Debug)]
pub(super) struct ItemAnalysis {
    pub findings: Vec<Finding>,
    pub suppressions: Vec<Suppression>,
    pub facts: Arc<ItemFacts>,
}

#[derive(Debug)]
struct Entry {
    /// Keeps the node alive: the address of a freed node may be given to another one.
    green: GreenNode,
    surroundings: u64,
    analysis: Arc<ItemAnalysis>,
}

/// The analyses of a document's items, for as long as the items stay the same.
///
/// An item is the same when its green node is; after a full parse, which makes new nodes, when
/// the new node equals the old one.
#[derive(Debug, Default)]
pub struct Cache {
    by_node: FxHashMap<(usize, u64), Arc<Entry>>,
    /// By length, to find equal nodes.
    by_len: FxHashMap<(TextSize, u64), Vec<Arc<Entry>>>,
    /// What else the entries depend on; see [`Cache::begin`].
    epoch: u64,
}

impl Cache {
    /// Starts an analysis. `epoch` identifies everything outside the file that findings in items
    /// depend on, such as the settings; when it changed the cache is emptied. What is not asked
    /// for until the next call of `begin` is dropped.
    pub(super) fn begin(&mut self, epoch: u64) -> Previous {
        let mut previous = Previous(Self::default());
        if self.epoch == epoch {
            previous.0.by_node = std::mem::take(&mut self.by_node);
            previous.0.by_len = std::mem::take(&mut self.by_len);
        }
        *self = Self { epoch, ..Self::default() };
        previous
    }

    pub(super) fn insert(&mut self, leaf: &Leaf, analysis: Arc<ItemAnalysis>) {
        let green = leaf.green.clone();
        self.keep(Arc::new(Entry { green, surroundings: leaf.surroundings, analysis }));
    }

    fn keep(&mut self, entry: Arc<Entry>) {
        let len = (entry.green.text_len(), entry.surroundings);
        self.by_len.entry(len).or_default().push(Arc::clone(&entry));
        self.by_node.insert((address(&entry.green), entry.surroundings), entry);
    }

    /// The analysis of an equal item in `previous`; it is kept.
    pub(super) fn take(&mut self, previous: &Previous, leaf: &Leaf) -> Option<Arc<ItemAnalysis>> {
        let key = (address(&leaf.green), leaf.surroundings);
        if let Some(entry) = self.by_node.get(&key).or_else(|| previous.0.by_node.get(&key)) {
            let entry = Arc::clone(entry);
            let analysis = Arc::clone(&entry.analysis);
            self.by_node.entry(key).or_insert_with(|| Arc::clone(&entry));
            let same_len =
                self.by_len.entry((leaf.green.text_len(), leaf.surroundings)).or_default();
            if !same_len.iter().any(|it| Arc::ptr_eq(it, &entry)) {
                same_len.push(entry);
            }
            return Some(analysis);
        }
        let candidates = previous.0.by_len.get(&(leaf.green.text_len(), leaf.surroundings))?;
        let equal = candidates.iter().find(|entry| entry.green == leaf.green)?;
        let analysis = Arc::clone(&equal.analysis);
        self.insert(leaf, Arc::clone(&analysis));
        Some(analysis)
    }
}

/// What the cache held before the running analysis.
pub(super) struct Previous(Cache);
