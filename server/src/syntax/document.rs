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
    /// Edits that `text` has and `tree` has not, oldest first.
    pending: Vec<TextEdit>,
    settled: bool,
}

impl Document {
    pub fn new(text: &str, edition: Edition) -> Self {
        Self {
            text: Text::new(text),
            edition,
            tree: parse(text, edition),
            pending: Vec::new(),
            settled: true,
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
        if self.pending.len() <= MAX_INCREMENTAL_EDITS {
            self.pending.push(applied.clone());
        }
        self.settled = false;
        applied
    }

    /// Replaces the whole text.
    pub fn replace(&mut self, text: &str) {
        self.text = Text::new(text);
        self.pending.clear();
        self.tree = parse(text, self.edition);
        self.settled = true;
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
        if self.pending.len() > MAX_INCREMENTAL_EDITS || self.tree.is_err() {
            if !self.settled {
                self.parse_in_full();
            }
        } else {
            for edit in std::mem::take(&mut self.pending) {
                self.reparse(&edit);
            }
            if self.tree_len() != Some(self.text.len()) {
                self.parse_in_full();
            }
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

    /// Reparses around one edit. A reparse that panics or grows brackets beyond the limits is
    /// noticed by the length of the tree, which no longer fits the text.
    fn reparse(&mut self, edit: &TextEdit) {
        let Ok(tree) = &self.tree else { return };
        if check_limits(&edit.insert).is_err() {
            self.parse_in_full();
            return;
        }
        let root_len = tree.tree().syntax().text_range().len();
        if edit.range.end() > root_len {
            return;
        }
        let reparsed =
            catch_unwind(AssertUnwindSafe(|| tree.reparse(edit.range, &edit.insert, self.edition)));
        if let Ok(reparsed) = reparsed {
            self.tree = Ok(reparsed);
        }
    }

    fn parse_in_full(&mut self) {
        self.pending.clear();
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
