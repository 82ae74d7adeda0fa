use ra_ap_syntax::{Edition, SyntaxNode};
use rowan::GreenNode;

use super::limits::TooComplex;
use super::parse::parse;
use super::reparse::{Change, reparse};
use crate::text::{Text, TextEdit};

/// An open Rust file: its text, and the syntax tree of that text.
///
/// The text is exact after every edit. The tree follows when it is asked for: incrementally while
/// someone types, and in full by [`Document::settle`], because an incremental reparse may build a
/// tree that differs from the one a full parse builds.
#[derive(Debug, Clone)]
pub struct Document {
    text: Text,
    edition: Edition,
    tree: Result<GreenNode, TooComplex>,
    /// What `text` has and `tree` has not.
    pending: Option<Change>,
    /// Whether `tree` is of this text at all, and not still to be made.
    parsed: bool,
    settled: bool,
}

impl Document {
    /// Parses nothing yet: that is for whoever asks for the tree.
    pub fn new(text: &str, edition: Edition) -> Self {
        Self {
            text: Text::new(text),
            edition,
            tree: parse("", edition),
            pending: None,
            parsed: false,
            settled: false,
        }
    }

    /// The text as it is now, edits not yet parsed included.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The edition that the text is parsed with.
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// Changes the text; costs the same in a large file as in a small one. Returns the edit as it
    /// was applied, clamped to the text.
    pub fn apply(&mut self, edit: &TextEdit) -> TextEdit {
        let applied = self.text.apply(edit);
        self.pending = Some(Change::after(self.pending, &applied));
        self.settled = false;
        applied
    }

    /// Replaces the whole text; the tree follows when it is asked for.
    pub fn replace(&mut self, text: &str) {
        *self = Self::new(text, self.edition);
    }

    /// Whether the tree is what a full parse of the text gives.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// The root of the tree, brought up to date with the text.
    ///
    /// # Errors
    ///
    /// When the text is too deeply nested or too large to be parsed.
    pub fn root(&mut self) -> Result<SyntaxNode, TooComplex> {
        if !self.parsed {
            self.parse_in_full();
        } else if let Some(change) = self.pending.take() {
            let known = self.tree.as_ref().ok().cloned().map(SyntaxNode::new_root);
            let tree = known.and_then(|root| reparse(&root, &change, &self.text, self.edition));
            match tree {
                // Whatever went wrong in between, a tree of another length is of another text.
                Some(tree) if tree.text_len() == self.text.len() => self.tree = Ok(tree),
                _ => self.parse_in_full(),
            }
        }
        self.tree.clone().map(SyntaxNode::new_root)
    }

    /// Parses in full when edits came since the last full parse. An equal tree is kept as it is,
    /// so that whatever is cached for its nodes stays valid. Returns whether the tree changed.
    pub fn settle(&mut self) -> bool {
        if self.settled {
            return false;
        }
        self.pending = None;
        let full = parse(&self.text.to_string(), self.edition);
        self.parsed = true;
        self.settled = true;
        let same = self.tree == full;
        if !same {
            self.tree = full;
        }
        !same
    }

    fn parse_in_full(&mut self) {
        self.pending = None;
        self.parsed = true;
        self.tree = parse(&self.text.to_string(), self.edition);
        self.settled = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FileRange, TextSize};

    fn range(start: usize, end: usize) -> FileRange {
        FileRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
    }

    #[test]
    fn a_dot_typed_in_a_use_list_loses_no_text() {
        let source = "use a::{b, c};\nfn f() {}\n";
        let mut document = Document::new(source, Edition::CURRENT);
        let at = source.find("b,").map_or(0, |at| at + 1);
        document.apply(&TextEdit::replace(range(at, at), "."));
        let root = document.root().map(|root| root.text().to_string());
        assert_eq!(root, Ok(document.text().to_string()));
    }

    #[test]
    fn settling_keeps_an_equal_tree() {
        let mut document = Document::new("fn f() { a }\nfn g() { b }\n", Edition::CURRENT);
        assert!(document.settle());
        document.apply(&TextEdit::replace(range(10, 10), "x"));
        let typed = document.root().map(|root| root.green().to_owned());
        assert!(!document.is_settled());
        assert!(!document.settle());
        let settled = document.root().map(|root| root.green().to_owned());
        let address = |green: &GreenNode| &**green as *const rowan::GreenNodeData;
        assert_eq!(typed.as_ref().map(address).ok(), settled.as_ref().map(address).ok());
    }

    #[test]
    fn a_refused_text_recovers_when_it_becomes_simple() {
        let mut document = Document::new("fn f() {}", Edition::CURRENT);
        document.apply(&TextEdit::replace(range(8, 8), "(".repeat(5_000)));
        assert_eq!(document.root().err(), Some(TooComplex::Nesting));
        document.apply(&TextEdit::delete(range(8, 5_008)));
        assert_eq!(document.root().map(|root| root.text().to_string()), Ok("fn f() {}".into()));
    }
}
