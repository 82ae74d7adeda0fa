//! Builds green trees.

use std::hash::{Hash, Hasher};

use ra_ap_syntax::SyntaxKind;
use rowan::{GreenNode, GreenToken, NodeOrToken};
use rustc_hash::FxHasher;

/// Nodes of more children are hardly ever equal to others.
const MAX_SHARED_CHILDREN: usize = 3;

/// What [`rowan::GreenNodeBuilder`] is, for one text of a known length. Of equal tokens and small
/// nodes that one keeps exactly one, in tables that grow; this one forgets those that stood where
/// others belong, in tables that neither grow nor leave the processor's cache. Trees are equal
/// whether or not their parts are the same.
pub struct TreeBuilder {
    /// The nodes that are not finished, with where their children begin.
    open: Vec<(SyntaxKind, usize)>,
    /// The hash is that of something kept to be shared, or zero.
    children: Vec<(u64, NodeOrToken<GreenNode, GreenToken>)>,
    tokens: Known<GreenToken>,
    nodes: Known<GreenNode>,
}

impl TreeBuilder {
    /// `length` is that of the text in bytes.
    pub fn new(length: usize) -> Self {
        let (tokens, nodes) = (Known::new(length), Known::new(length));
        Self { open: Vec::new(), children: Vec::new(), tokens, nodes }
    }

    pub fn start_node(&mut self, kind: SyntaxKind) {
        self.open.push((kind, self.children.len()));
    }

    pub fn token(&mut self, kind: SyntaxKind, text: &str) {
        let mut hasher = FxHasher::default();
        u16::from(kind).hash(&mut hasher);
        hasher.write(text.as_bytes());
        let hash = hasher.finish() | 1;
        let kind = raw(kind);
        let is_same = |it: &GreenToken| it.kind() == kind && it.text() == text;
        let token = self.tokens.get_or_insert(hash, is_same, || GreenToken::new(kind, text));
        self.children.push((hash, NodeOrToken::Token(token)));
    }

    /// Does nothing where no node is open.
    pub fn finish_node(&mut self) {
        let Some((kind, first)) = self.open.pop() else { return };
        let kind = raw(kind);
        let children = self.children.get(first..).unwrap_or_default();
        let is_shared =
            children.len() <= MAX_SHARED_CHILDREN && children.iter().all(|(hash, _)| *hash != 0);
        if !is_shared {
            let node = GreenNode::new(kind, self.children.drain(first..).map(|(_, it)| it));
            self.children.push((0, NodeOrToken::Node(node)));
            return;
        }
        let mut hasher = FxHasher::default();
        kind.hash(&mut hasher);
        children.iter().for_each(|(hash, _)| hasher.write_u64(*hash));
        let hash = hasher.finish() | 1;
        let known = self.nodes.slot(hash);
        let same = known.as_ref().filter(|(known, it)| {
            *known == hash
                && it.kind() == kind
                && it.children().len() == children.len()
                && it.children().zip(children).all(|(a, (_, b))| match (a, b) {
                    (NodeOrToken::Node(a), NodeOrToken::Node(b)) => std::ptr::eq(a, &**b),
                    (NodeOrToken::Token(a), NodeOrToken::Token(b)) => std::ptr::eq(a, &**b),
                    _ => false,
                })
        });
        let node = match same {
            Some((_, node)) => {
                let node = node.clone();
                self.children.truncate(first);
                node
            }
            None => {
                let node = GreenNode::new(kind, self.children.drain(first..).map(|(_, it)| it));
                *known = Some((hash, node.clone()));
                node
            }
        };
        self.children.push((hash, NodeOrToken::Node(node)));
    }

    /// The tree: that of an empty file where no node was finished.
    pub fn finish(mut self) -> GreenNode {
        let root = self.children.pop().and_then(|(_, it)| it.into_node());
        root.unwrap_or_else(|| GreenNode::new(raw(SyntaxKind::SOURCE_FILE), []))
    }
}

/// What was made, each at the place of its hash.
struct Known<T>(Vec<Option<(u64, T)>>);

impl<T: Clone> Known<T> {
    fn new(length: usize) -> Self {
        let places = (length / 16).next_power_of_two().clamp(64, 4096);
        Self((0..places).map(|_| None).collect())
    }

    fn slot(&mut self, hash: u64) -> &mut Option<(u64, T)> {
        let at = (hash >> 32) as usize & (self.0.len() - 1);
        &mut self.0[at]
    }

    fn get_or_insert(
        &mut self,
        hash: u64,
        is_same: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
    ) -> T {
        let slot = self.slot(hash);
        match slot {
            Some((known, it)) if *known == hash && is_same(it) => it.clone(),
            _ => {
                let made = make();
                *slot = Some((hash, made.clone()));
                made
            }
        }
    }
}

fn raw(kind: SyntaxKind) -> rowan::SyntaxKind {
    rowan::SyntaxKind(kind.into())
}
