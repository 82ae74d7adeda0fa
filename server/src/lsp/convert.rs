//! Between LSP's types and our own.

use std::path::PathBuf;

use ls_types::{Position, Range, Uri};

use crate::text::{self, Encoding, FileRange, Text};

pub fn range(text: &Text, range: FileRange, encoding: Encoding) -> Range {
    let position = |it: text::Position| Position { line: it.line, character: it.character };
    let (start, end) = text.positions(range, encoding);
    Range { start: position(start), end: position(end) }
}

pub fn to_position(position: Position) -> text::Position {
    text::Position { line: position.line, character: position.character }
}

pub fn to_range(text: &Text, range: Range, encoding: Encoding) -> FileRange {
    text.range(to_position(range.start), to_position(range.end), encoding)
}

/// The file that a URI names; nothing for unsaved buffers and other schemes.
pub fn file_path(uri: &Uri) -> Option<PathBuf> {
    if !uri.as_str().starts_with("file:") {
        return None;
    }
    uri.to_file_path().map(std::borrow::Cow::into_owned)
}
