//! The items of a file: leaves, which are analysed and cached one by one, and the containers that
//! hold them.

use std::hash::{Hash, Hasher};

use ra_ap_syntax::{SyntaxKind, SyntaxNode, TextRange, TextSize};
use rowan::{GreenNodeData, NodeOrToken};
use rustc_hash::FxHasher;

use super::green::{child_of_kind, children, ends_in_brace, has_token, hash_text, node_kind};

/// A part of a file that is analysed as one.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The item's tree, which stays the same while edits do not touch the item.
    pub green: &'a GreenNodeData,
    /// In the file.
    pub range: TextRange,
    /// Identifies everything outside the item and inside the file that its findings may depend
    /// on: the headers and attributes of the containers around it, and the imports in view.
    pub surroundings: u64,
}

impl Item<'_> {
    /// The item in the tree with this root.
    pub fn node(&self, root: &SyntaxNode) -> Option<SyntaxNode> {
        match self.kind() {
            SyntaxKind::SOURCE_FILE => Some(root.clone()),
            kind => node_at(root, kind, self.range),
        }
    }

    /// What the item is.
    pub fn kind(&self) -> SyntaxKind {
        node_kind(self.green)
    }

    /// Whether other items stand in it: those of a container are analysed apart from it.
    pub fn is_container(&self) -> bool {
        is_container(self.kind())
    }

    /// Whether it is a function whose body lacks its closing brace.
    pub fn is_unclosed(&self) -> bool {
        self.kind() == SyntaxKind::FN
            && child_of_kind(self.green, SyntaxKind::BLOCK_EXPR)
                .and_then(|block| child_of_kind(block, SyntaxKind::STMT_LIST))
                .is_some_and(|statements| !ends_in_brace(statements))
    }
}

/// Whether a node of a kind holds items that are analysed apart from it.
pub fn is_container(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::SOURCE_FILE | SyntaxKind::MODULE | SyntaxKind::IMPL | SyntaxKind::TRAIT
    )
}

/// The outline of a file.
#[derive(Debug, Clone, Default)]
pub struct Outline<'a> {
    /// Items with no items of their own: functions, structs, `use`, and so on, in text order.
    pub leaves: Vec<Item<'a>>,
    /// The file itself, and modules, impls and traits with a body; outer ones before inner ones.
    pub containers: Vec<Item<'a>>,
    /// Whether braces do not match between items or in a container, as happens for a few
    /// keystrokes while someone types: items may then have swallowed the ones after them. A leaf
    /// answers for itself, see [`Item::is_unclosed`].
    pub broken: bool,
}

impl<'a> Outline<'a> {
    /// The outline of the file whose tree has this root.
    pub fn of(root: &'a SyntaxNode) -> Self {
        let green = root.green();
        let mut outline = Self::default();
        outline.containers.push(Item {
            green,
            range: TextRange::up_to(green.text_len()),
            surroundings: 0,
        });
        outline.visit_list(green, TextSize::new(0), 0);
        outline
    }

    /// All items, containers before leaves.
    pub fn items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.containers.iter().chain(&self.leaves)
    }

    fn visit_list(&mut self, list: &'a GreenNodeData, offset: TextSize, outer: u64) {
        let mut hasher = FxHasher::default();
        outer.hash(&mut hasher);
        for (_, child) in children(list, offset) {
            if let NodeOrToken::Node(node) = child
                && matches!(node_kind(node), SyntaxKind::USE | SyntaxKind::ATTR)
            {
                hash_text(node, &mut hasher);
            }
        }
        let surroundings = hasher.finish();
        for (at, child) in children(list, offset) {
            let NodeOrToken::Node(node) = child else { continue };
            match node_kind(node) {
                kind if is_container(kind) => self.visit_container(node, at, surroundings),
                SyntaxKind::ERROR => self.broken |= has_token(node, SyntaxKind::R_CURLY),
                SyntaxKind::ATTR => {}
                _ => {
                    let range = TextRange::at(at, node.text_len());
                    self.leaves.push(Item { green: node, range, surroundings });
                }
            }
        }
    }

    fn visit_container(&mut self, node: &'a GreenNodeData, offset: TextSize, outer: u64) {
        let range = TextRange::at(offset, node.text_len());
        self.containers.push(Item { green: node, range, surroundings: outer });
        let mut hasher = FxHasher::default();
        outer.hash(&mut hasher);
        let mut list = None;
        for (at, child) in children(node, offset) {
            match child {
                NodeOrToken::Node(child) if is_item_list(node_kind(child)) => {
                    list = Some((child, at));
                }
                NodeOrToken::Node(child) => hash_text(child, &mut hasher),
                NodeOrToken::Token(token) => hasher.write(token.text().as_bytes()),
            }
        }
        if let Some((list, at)) = list {
            self.broken |= !ends_in_brace(list);
            self.visit_list(list, at, hasher.finish());
        }
    }
}

fn is_item_list(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::ITEM_LIST | SyntaxKind::ASSOC_ITEM_LIST)
}

/// The node of a kind that covers exactly `range`, at or below `within`.
pub fn node_at(within: &SyntaxNode, kind: SyntaxKind, range: TextRange) -> Option<SyntaxNode> {
    if !within.text_range().contains_range(range) {
        return None;
    }
    let element = within.covering_element(range);
    let node = match element {
        NodeOrToken::Node(node) => node,
        NodeOrToken::Token(token) => token.parent()?,
    };
    node.ancestors()
        .take_while(|node| node.text_range() == range || node == within)
        .find(|node| node.kind() == kind && node.text_range() == range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::{AstNode, Edition, SourceFile};

    fn root(source: &str) -> SyntaxNode {
        SourceFile::parse(source, Edition::CURRENT).tree().syntax().clone()
    }

    #[test]
    fn members_of_modules_impls_and_traits_are_leaves() {
        let root = root(
            "use a::b; mod m { fn f() {} impl S { const C: u8 = 1; fn g() {} } } trait T { fn h(); }",
        );
        let outline = Outline::of(&root);
        let kinds: Vec<_> = outline.leaves.iter().map(Item::kind).collect();
        use SyntaxKind::*;
        assert_eq!(kinds, [USE, FN, CONST, FN, FN]);
        assert_eq!(outline.containers.len(), 4);
        assert!(!outline.broken);
    }

    #[test]
    fn an_import_or_an_attribute_changes_the_surroundings() {
        let of =
            |source: &str| Outline::of(&root(source)).leaves.last().map(|leaf| leaf.surroundings);
        assert_eq!(of("use a; mod m { fn f() {} }"), of("use a; mod m { fn f() { 1 } }"));
        assert_ne!(of("use a; mod m { fn f() {} }"), of("use b; mod m { fn f() {} }"));
        assert_ne!(of("mod m { fn f() {} }"), of("#[cfg(test)] mod m { fn f() {} }"));
        assert_ne!(of("mod m { fn f() {} }"), of("mod m { #![allow(x)] fn f() {} }"));
        assert_ne!(of("impl A { fn f() {} }"), of("impl B { fn f() {} }"));
    }

    #[test]
    fn unmatched_braces_are_noticed() {
        let is_broken = |source: &str| {
            let root = root(source);
            let outline = Outline::of(&root);
            outline.broken || outline.leaves.iter().any(Item::is_unclosed)
        };
        assert!(is_broken("fn f() { { }\nfn g() {}"));
        assert!(is_broken("impl S { fn f() { } }\n}\nfn g() {}"));
        assert!(is_broken("mod m { fn f() {}"));
        assert!(!is_broken("fn f() { a. }\nfn g();"));
    }
}
