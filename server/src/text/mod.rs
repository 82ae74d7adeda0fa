//! Text as an editor sees it: a rope, positions in the encodings of LSP, and edits.
//!
//! This module knows no Rust syntax.

mod encoding;
mod file_range;
mod layout;
mod rope;

pub use encoding::{Encoding, Position};
pub use file_range::FileRange;
pub use layout::{BYTE_ORDER_MARK, Layout};
pub use rope::Text;
pub use text_size::{TextRange, TextSize};

/// Replaces the bytes of `range` by `insert`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextEdit {
    /// Byte offsets into the text before the edit.
    pub range: FileRange,
    /// The text that takes the place of the range.
    pub insert: String,
}

impl TextEdit {
    /// Replaces what stands in a range.
    pub fn replace(range: FileRange, insert: impl Into<String>) -> Self {
        Self { range, insert: insert.into() }
    }

    /// Puts text in front of what stands at an offset.
    pub fn insert(at: TextSize, insert: impl Into<String>) -> Self {
        Self::replace(FileRange::empty(at), insert)
    }

    /// Removes what stands in a range.
    pub fn delete(range: FileRange) -> Self {
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

/// Where a range of the text before some edits lies after all of them. What is inserted at either
/// end of it is no part of it.
pub fn shift_range(range: FileRange, edits: &[TextEdit]) -> FileRange {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    // From the last to the first, so that the ranges of those still to come stay true.
    sorted.sort_by_key(|edit| std::cmp::Reverse((edit.range.start(), edit.range.end())));
    let (mut start, mut end) = (range.start(), range.end());
    for edit in sorted {
        let inserts = edit.range.is_empty();
        if !(inserts && edit.range.end() == end && end != start) {
            end = shift_offset(end, edit);
        }
        start = match inserts && edit.range.start() == start {
            true => start + TextSize::of(edit.insert.as_str()),
            false => shift_offset(start, edit),
        };
    }
    FileRange::new(start, end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, insert: &str) -> TextEdit {
        TextEdit::replace(FileRange::new(start.into(), end.into()), insert)
    }

    #[test]
    fn a_range_is_found_again_after_edits_around_it() {
        let shifted = |edits: &[TextEdit]| {
            let range = shift_range(FileRange::new(4.into(), 6.into()), edits);
            (u32::from(range.start()), u32::from(range.end()))
        };
        assert_eq!(shifted(&[]), (4, 6));
        assert_eq!(shifted(&[edit(0, 1, "abc"), edit(2, 2, "d"), edit(7, 9, "")]), (7, 9));
        assert_eq!(shifted(&[edit(4, 4, "ab"), edit(6, 6, "cd")]), (6, 8));
        assert_eq!(shifted(&[edit(5, 5, "ab")]), (4, 8));
        assert_eq!(shifted(&[edit(3, 5, "abc"), edit(6, 7, "x")]), (3, 7));
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
