use memchr::memchr_iter;

use super::{FileRange, TextEdit, TextSize};

/// The byte order mark that a text may begin with.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a text is laid out in bytes: where its first line begins, and how lines end. Who writes into
/// it goes by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    has_mark: bool,
    is_crlf: bool,
    has_lone_cr: bool,
}

impl Layout {
    /// The layout of a text; that of its first line for the ends of lines.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let is_lone = |at: usize| bytes.get(at + 1) != Some(&b'\n');
        let first = memchr::memchr(b'\n', bytes);
        Self {
            has_mark: text.starts_with(BYTE_ORDER_MARK),
            is_crlf: first.and_then(|at| bytes.get(at.checked_sub(1)?)) == Some(&b'\r'),
            has_lone_cr: memchr_iter(b'\r', bytes).any(is_lone),
        }
    }

    /// Edits as they fit into the text: nothing stands before a byte order mark, and lines end as
    /// the others do. Nothing where a carriage return stands by itself: editors begin a line there,
    /// and compilers do not.
    pub fn fit(&self, edits: &[TextEdit]) -> Option<Vec<TextEdit>> {
        if self.has_lone_cr && edits.iter().any(|edit| edit.insert.contains('\n')) {
            return None;
        }
        Some(edits.iter().map(|edit| self.fit_one(edit)).collect())
    }

    fn fit_one(&self, edit: &TextEdit) -> TextEdit {
        let mut fitted = edit.clone();
        let first = TextSize::of(BYTE_ORDER_MARK);
        if self.has_mark && edit.range.start() < first {
            fitted.range = FileRange::new(first, edit.range.end().max(first));
            fitted.insert = edit.insert.trim_start_matches(BYTE_ORDER_MARK).to_string();
        }
        if self.is_crlf && fitted.insert.contains('\n') {
            fitted.insert = fitted.insert.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        fitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply_edits;

    fn inserted(text: &str, at: u32, insert: &str) -> Option<String> {
        let edits = Layout::of(text).fit(&[TextEdit::insert(at.into(), insert)])?;
        Some(apply_edits(text, &edits))
    }

    #[test]
    fn lines_begin_behind_the_mark_and_end_as_the_others() {
        assert_eq!(inserted("\u{feff}a\n", 0, "b\n").as_deref(), Some("\u{feff}b\na\n"));
        assert_eq!(inserted("a\r\n", 0, "b\nc\r\n").as_deref(), Some("b\r\nc\r\na\r\n"));
        assert_eq!(inserted("a\n", 2, "b\n").as_deref(), Some("a\nb\n"));
        assert_eq!(inserted("a", 1, "\nb").as_deref(), Some("a\nb"));
        assert_eq!(inserted("a\rb\n", 0, "c\n"), None);
        assert_eq!(inserted("a\rb\n", 0, "c").as_deref(), Some("ca\rb\n"));
    }
}
