use std::panic::{AssertUnwindSafe, catch_unwind};

use ra_ap_syntax::{AstNode, Edition, Parse, SourceFile, SyntaxNode};

use super::limits::{TooComplex, check_limits};
use crate::text::{Text, TextEdit};

/// More edits than this at once are cheaper to parse in full.
const MAX_INCREMENTAL_EDITS: usize = 8;

/// An open Rust file: its text, and the syntax tree of that text.
///
/// The text is exact after every edit. The tree follows when it is asked for: incrementally while
/// someone types, and in full by [`Document::settle`], because an incremental reparse may build a
/// tree that differs from the one a full parse builds.
#[derive(Debug, Clone)]
pub struct Document {
    text: Text,
    edition: Edition,
    tree: Result<Parse<SourceFile>, TooComplex>,
    pending: Pending,
    settled: bool,
}

/// What `text` has and `tree` has not.
#[derive(Debug, Clone)]
enum Pending {
    /// Few edits, oldest first.
    Edits(Vec<TextEdit>),
    /// A whole new text, or so many edits that it may as well be one.
    Everything,
}

impl Document {
    /// Parses nothing yet.
    pub fn new(text: &str, edition: Edition) -> Self {
        Self {
            text: Text::new(text),
            edition,
            tree: parse("", edition),
            pending: Pending::Everything,
            settled: false,
        }
    }

    pub fn text(&self) -> &Text {
        &self.text
    }

    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// Changes the text; costs the same in a large file as in a small one. Returns the edit as it
    /// was applied, clamped to the text.
    pub fn apply(&mut self, edit: &TextEdit) -> TextEdit {
        let applied = self.text.apply(edit);
        match &mut self.pending {
            Pending::Edits(edits) if edits.len() < MAX_INCREMENTAL_EDITS => {
                edits.push(applied.clone());
            }
            pending => *pending = Pending::Everything,
        }
        self.settled = false;
        applied
    }

    /// Replaces the whole text; the tree follows when it is asked for.
    pub fn replace(&mut self, text: &str) {
        self.text = Text::new(text);
        self.pending = Pending::Everything;
        self.settled = false;
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
        match std::mem::replace(&mut self.pending, Pending::Edits(Vec::new())) {
            Pending::Edits(edits) if self.tree.is_ok() => {
                let followed = edits.iter().all(|edit| self.reparse(edit));
                if !followed || self.tree_len() != Some(self.text.len()) {
                    self.parse_in_full();
                }
            }
            _ if self.settled => {}
            _ => self.parse_in_full(),
        }
        self.tree.as_ref().map(|tree| tree.tree().syntax().clone()).map_err(|error| *error)
    }

    /// Parses in full when edits came since the last full parse. An equal tree is kept as it is,
    /// so that whatever is cached for its nodes stays valid. Returns whether the tree changed.
    pub fn settle(&mut self) -> bool {
        if self.settled {
            return false;
        }
        let before = self.root().ok();
        if self.settled {
            return true;
        }
        let full = parse(&self.text.to_string(), self.edition);
        self.settled = true;
        let same = match (&before, &full) {
            (Some(before), Ok(full)) => *before.green() == *full.tree().syntax().green(),
            _ => false,
        };
        if !same {
            self.tree = full;
        }
        !same
    }

    /// Reparses around one edit. Returns whether the tree has it: it has not when the reparse
    /// panics, or when what was typed goes beyond the limits on its own.
    fn reparse(&mut self, edit: &TextEdit) -> bool {
        let Ok(tree) = &self.tree else { return false };
        let root_len = tree.tree().syntax().text_range().len();
        if edit.range.end() > root_len || check_limits(&edit.insert).is_err() {
            return false;
        }
        let reparsed =
            catch_unwind(AssertUnwindSafe(|| tree.reparse(edit.range, &edit.insert, self.edition)));
        let Ok(reparsed) = reparsed else { return false };
        self.tree = Ok(reparsed);
        true
    }

    fn parse_in_full(&mut self) {
        self.pending = Pending::Edits(Vec::new());
        self.tree = parse(&self.text.to_string(), self.edition);
        self.settled = true;
    }

    fn tree_len(&self) -> Option<ra_ap_syntax::TextSize> {
        self.tree.as_ref().ok().map(|tree| tree.tree().syntax().text_range().len())
    }
}

/// Parses a text that is not going to be edited.
///
/// # Errors
///
/// When the text is too deeply nested or too large to be parsed.
pub fn parse_root(text: &str, edition: Edition) -> Result<SyntaxNode, TooComplex> {
    parse(text, edition).map(|tree| tree.tree().syntax().clone())
}

fn parse(text: &str, edition: Edition) -> Result<Parse<SourceFile>, TooComplex> {
    check_limits(text)?;
    Ok(SourceFile::parse(text, edition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{TextRange, TextSize};

    fn range(start: usize, end: usize) -> TextRange {
        TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
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
        let address = |green: &rowan::GreenNode| &**green as *const rowan::GreenNodeData;
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
