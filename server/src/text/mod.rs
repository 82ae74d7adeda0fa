//! Text as an editor sees it: a rope, positions in the encodings of LSP, and edits.
//!
//! This module knows no Rust syntax.

mod encoding;
mod rope;

pub use encoding::{Encoding, Position};
pub use rope::Text;
pub use text_size::{TextRange, TextSize};

/// Replaces the bytes of `range` by `insert`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextEdit {
    /// Byte offsets into the text before the edit.
    pub range: TextRange,
    /// The text that takes the place of the range.
    pub insert: String,
}

impl TextEdit {
    /// Replaces what stands in a range.
    pub fn replace(range: TextRange, insert: impl Into<String>) -> Self {
        Self { range, insert: insert.into() }
    }

    /// Puts text in front of what stands at an offset.
    pub fn insert(at: TextSize, insert: impl Into<String>) -> Self {
        Self::replace(TextRange::empty(at), insert)
    }

    /// Removes what stands in a range.
    pub fn delete(range: TextRange) -> Self {
        Self::replace(range, "")
    }
}

/// Applies edits whose ranges all refer to `text` as it is, and returns the new text.
///
/// Edits are taken in order of their ranges. One that overlaps an edit before it, or that does not
/// fall on character boundaries of `text`, is left out.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> String {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for edit in sorted {
        let (start, end) = (usize::from(edit.range.start()), usize::from(edit.range.end()));
        let Some(before) = text.get(done..start) else { continue };
        if text.get(start..end).is_none() {
            continue;
        }
        result.push_str(before);
        result.push_str(&edit.insert);
        done = end;
    }
    result.push_str(&text[done..]);
    result
}

/// The offset where `offset` lies after `edit`: offsets before the edit stay, offsets after it
/// shift, offsets inside it move to its start.
pub fn shift_offset(offset: TextSize, edit: &TextEdit) -> TextSize {
    if offset <= edit.range.start() {
        offset
    } else if offset >= edit.range.end() {
        offset - edit.range.len() + TextSize::of(edit.insert.as_str())
    } else {
        edit.range.start()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, insert: &str) -> TextEdit {
        TextEdit::replace(TextRange::new(start.into(), end.into()), insert)
    }

    #[test]
    fn edits_refer_to_the_text_before_them() {
        assert_eq!(apply_edits("abcdef", &[edit(4, 5, "E"), edit(1, 2, "BB")]), "aBBcdEf");
    }

    #[test]
    fn an_edit_that_overlaps_or_splits_a_character_is_left_out() {
        assert_eq!(apply_edits("abcdef", &[edit(0, 3, "x"), edit(2, 4, "y")]), "xdef");
        assert_eq!(apply_edits("aéb", &[edit(2, 3, "y")]), "aéb");
    }

    #[test]
    fn offsets_shift_with_an_edit_before_them() {
        let edit = edit(2, 4, "xyz");
        let shifted: Vec<u32> =
            [1, 2, 3, 4, 6].map(|o| shift_offset(o.into(), &edit).into()).into();
        assert_eq!(shifted, [1, 2, 2, 5, 7]);
    }
}
