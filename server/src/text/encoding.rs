/// The unit in which [`Position::character`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: what LSP means when nothing was negotiated.
    #[default]
    Utf16,
    /// Unicode scalar values, as the command line counts columns.
    Utf32,
}

/// A place in a text; both numbers count from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, by the line ends of [`Text`](super::Text).
    pub line: u32,
    /// In the units of an [`Encoding`].
    pub character: u32,
}
