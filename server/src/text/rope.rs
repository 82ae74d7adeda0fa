use ropey::Rope;
use str_indices::lines_crlf;
use text_size::TextSize;

use super::FileRange;

use super::{Encoding, Position, TextEdit};

/// A text that is cheap to edit and to ask for positions.
///
/// Lines end at `\n`, `\r\n` and `\r`, as in LSP. No operation panics: offsets and positions that
/// lie outside the text or inside a character are clamped.
#[derive(Debug, Clone, Default)]
pub struct Text {
    rope: Rope,
}

/// One of the pieces that the rope has its text in.
struct Piece<'a> {
    text: &'a str,
    /// The byte of the whole text that it starts at.
    start: usize,
    /// The line that its start is in.
    line: usize,
}

impl Piece<'_> {
    /// The position of a byte of the whole text; nothing when another piece has the start of its
    /// line, or the byte.
    fn position(&self, offset: usize, encoding: Encoding) -> Option<Position> {
        let offset = offset.checked_sub(self.start)?;
        self.text.get(offset..)?;
        let line = lines_crlf::from_byte_idx(self.text, offset);
        if line == 0 {
            return None;
        }
        let before = self.text.get(lines_crlf::to_byte_idx(self.text, line)..offset)?;
        Some(Position { line: (self.line + line) as u32, character: encoding.len(before) as u32 })
    }
}

impl Text {
    /// A rope of the text, whose line ends are kept as they are.
    pub fn new(text: &str) -> Self {
        Self { rope: Rope::from_str(text) }
    }

    /// The length in bytes.
    pub fn len(&self) -> TextSize {
        size(self.rope.len_bytes())
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.rope.len_bytes() == 0
    }

    /// The number of lines; a text that ends in a line break has an empty last line.
    pub fn line_count(&self) -> usize {
        self.rope.len_lines()
    }

    /// The text of a line without its line break; empty past the last line.
    pub fn line(&self, line: u32) -> String {
        let Some(slice) = self.rope.get_line(line as usize) else { return String::new() };
        let text = slice.to_string();
        text.trim_end_matches(['\n', '\r']).to_string()
    }

    /// The text of `range`.
    pub fn slice(&self, range: FileRange) -> String {
        let (start, end) = (self.char_at(range.start()), self.char_at(range.end()));
        self.rope.slice(start..end).to_string()
    }

    /// The byte offset of a position; a column past the end of its line means the line's end, a
    /// line past the end of the text means the text's end.
    pub fn offset(&self, position: Position, encoding: Encoding) -> TextSize {
        let line = position.line as usize;
        if line >= self.rope.len_lines() {
            return self.len();
        }
        let start = self.rope.line_to_char(line);
        let slice = self.rope.line(line);
        let mut end = slice.len_chars();
        while end > 0 && matches!(slice.char(end - 1), '\n' | '\r') {
            end -= 1;
        }
        let column = position.character as usize;
        let char_in_line = match encoding {
            Encoding::Utf8 => slice.byte_to_char(column.min(slice.len_bytes())),
            Encoding::Utf16 => slice.utf16_cu_to_char(column.min(slice.len_utf16_cu())),
            Encoding::Utf32 => column,
        };
        size(self.rope.char_to_byte(start + char_in_line.min(end)))
    }

    /// The position of a byte offset.
    pub fn position(&self, offset: TextSize, encoding: Encoding) -> Position {
        let offset = usize::from(offset).min(self.rope.len_bytes());
        let near = self.piece(offset).and_then(|piece| piece.position(offset, encoding));
        near.unwrap_or_else(|| {
            let line = self.rope.byte_to_line(offset);
            let start = self.rope.line_to_char(line);
            let here = self.rope.byte_to_char(offset);
            let character = match encoding {
                Encoding::Utf8 => offset - self.rope.char_to_byte(start),
                Encoding::Utf16 => {
                    self.rope.char_to_utf16_cu(here) - self.rope.char_to_utf16_cu(start)
                }
                Encoding::Utf32 => here - start,
            };
            Position { line: line as u32, character: character as u32 }
        })
    }

    /// The positions of a range's ends.
    pub fn positions(&self, range: FileRange, encoding: Encoding) -> (Position, Position) {
        // Most ranges are words of one line.
        let piece = self.piece(range.start().into());
        let position = |offset: TextSize| {
            let near = piece.as_ref().and_then(|it| it.position(offset.into(), encoding));
            near.unwrap_or_else(|| self.position(offset, encoding))
        };
        (position(range.start()), position(range.end()))
    }

    /// The piece of the rope that a byte is in.
    fn piece(&self, offset: usize) -> Option<Piece<'_>> {
        let (text, start, _, line) = self.rope.get_chunk_at_byte(offset)?;
        Some(Piece { text, start, line })
    }

    /// The byte range between two positions; an end before the start is taken as the start.
    pub fn range(&self, start: Position, end: Position, encoding: Encoding) -> FileRange {
        let start = self.offset(start, encoding);
        FileRange::new(start, self.offset(end, encoding).max(start))
    }

    /// Applies an edit and returns it as it was applied: clamped to the text and to the
    /// boundaries of characters.
    pub fn apply(&mut self, edit: &TextEdit) -> TextEdit {
        let start = self.char_at(edit.range.start());
        let end = self.char_at(edit.range.end()).max(start);
        let range =
            FileRange::new(size(self.rope.char_to_byte(start)), size(self.rope.char_to_byte(end)));
        self.rope.remove(start..end);
        self.rope.insert(start, &edit.insert);
        TextEdit::replace(range, edit.insert.clone())
    }

    fn char_at(&self, offset: TextSize) -> usize {
        self.rope.byte_to_char(usize::from(offset).min(self.rope.len_bytes()))
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rope.fmt(f)
    }
}

/// Texts are refused long before they reach 4 GiB; a longer one would be cut here.
fn size(bytes: usize) -> TextSize {
    TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_in_the_encoding_asked_for() {
        let text = Text::new("a\n𝄞é = x");
        let offset = TextSize::new(2 + 4 + 2);
        assert_eq!(text.position(offset, Encoding::Utf8), at(1, 6));
        assert_eq!(text.position(offset, Encoding::Utf16), at(1, 3));
        assert_eq!(text.position(offset, Encoding::Utf32), at(1, 2));
        for (encoding, column) in [(Encoding::Utf8, 6), (Encoding::Utf16, 3), (Encoding::Utf32, 2)]
        {
            assert_eq!(text.offset(at(1, column), encoding), offset);
        }
    }

    #[test]
    fn the_ends_of_a_range_are_where_each_of_them_is_by_itself() {
        let line = "let 𝄞é = \"漢字\";\r\n";
        // Longer than any piece of the rope.
        let text = Text::new(&format!("{}{}{line}", line.repeat(99), "é𝄞".repeat(999)));
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for start in (0..text.len().into()).step_by(7) {
                for len in [0, 1, 5, 40, 2_000] {
                    let range = FileRange::at(TextSize::new(start), TextSize::new(len));
                    let each = [range.start(), range.end()].map(|it| text.position(it, encoding));
                    assert_eq!(text.positions(range, encoding), each.into(), "{range:?}");
                }
            }
        }
        let end = text.position(text.len(), Encoding::Utf16);
        assert_eq!(end, at(100, 0));
    }

    #[test]
    fn positions_are_those_of_a_count_from_the_start() {
        let some = "let 𝄞é = \"漢字\";\r\n\rlet b;\n";
        let all = format!("{}{}\r\n{}", some.repeat(99), "é𝄞".repeat(999), some.repeat(9));
        let text = Text::new(&all);
        let (mut line, mut start) = (0, 0);
        for (at, char) in all.char_indices() {
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let expected = Position { line, character: encoding.len(&all[start..at]) as u32 };
                assert_eq!(text.position(TextSize::new(at as u32), encoding), expected, "{at}");
            }
            if char == '\n' || char == '\r' && !all[at + 1..].starts_with('\n') {
                (line, start) = (line + 1, at + 1);
            }
        }
    }

    #[test]
    fn columns_past_the_end_clamp_before_the_line_break() {
        let text = Text::new("ab\r\ncd\re\n");
        assert_eq!(text.offset(at(0, 99), Encoding::Utf16), TextSize::new(2));
        assert_eq!(text.offset(at(1, 99), Encoding::Utf8), TextSize::new(6));
        assert_eq!(text.offset(at(2, 0), Encoding::Utf8), TextSize::new(7));
        assert_eq!(text.offset(at(99, 0), Encoding::Utf8), TextSize::new(9));
    }

    #[test]
    fn a_column_inside_a_surrogate_pair_means_its_character() {
        let text = Text::new("𝄞x");
        assert_eq!(text.offset(at(0, 1), Encoding::Utf16), TextSize::new(0));
        assert_eq!(text.offset(at(0, 2), Encoding::Utf8), TextSize::new(0));
    }

    #[test]
    fn unicode_line_separators_break_no_line() {
        let text = Text::new("a\u{2028}b\u{85}c\u{b}d\ne");
        assert_eq!(text.line_count(), 2);
    }

    #[test]
    fn an_edit_outside_the_text_is_clamped() {
        let mut text = Text::new("aé");
        let applied = text.apply(&TextEdit::replace(FileRange::new(2.into(), 900.into()), "b"));
        assert_eq!(text.to_string(), "ab");
        assert_eq!(applied.range, FileRange::new(1.into(), 3.into()));
    }
}
