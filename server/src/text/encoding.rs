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

impl Encoding {
    /// How many units a text has.
    pub fn len(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 | Self::Utf32 if text.is_ascii() => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Utf32 => text.chars().count(),
        }
    }
}

/// A place in a text; both numbers count from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, by the line ends of [`Text`](super::Text).
    pub line: u32,
    /// In the units of an [`Encoding`].
    pub character: u32,
}
