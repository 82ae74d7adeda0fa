use std::ops::{Add, AddAssign, Index, Sub, SubAssign};

use super::{TextRange, TextSize};

/// A range of bytes in a file.
///
/// A [`TextRange`] by itself is a range in some syntax tree, which may be that of a macro call's
/// arguments; only a range in a file can be shown or edited. In a tree that was parsed from the
/// whole file both count alike: [`FileRange::in_file_tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FileRange(TextRange);

impl FileRange {
    /// From byte `start` to byte `end`, which must not lie before it.
    pub fn new(start: TextSize, end: TextSize) -> Self {
        Self(TextRange::new(start, end.max(start)))
    }

    /// `len` bytes from byte `start` on.
    pub fn at(start: TextSize, len: TextSize) -> Self {
        Self(TextRange::at(start, len))
    }

    /// The empty range before byte `offset`.
    pub fn empty(offset: TextSize) -> Self {
        Self(TextRange::empty(offset))
    }

    /// The range of a node in a tree that was parsed from the whole file.
    pub fn in_file_tree(range: TextRange) -> Self {
        Self(range)
    }

    /// The range in a tree that was parsed from the whole file.
    pub fn to_file_tree(self) -> TextRange {
        self.0
    }

    /// The first byte.
    pub fn start(self) -> TextSize {
        self.0.start()
    }

    /// The byte after the last one.
    pub fn end(self) -> TextSize {
        self.0.end()
    }

    /// The number of bytes.
    pub fn len(self) -> TextSize {
        self.0.len()
    }

    /// Whether there is no byte in it.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Whether a byte is in it; the end is not.
    pub fn contains(self, offset: TextSize) -> bool {
        self.0.contains(offset)
    }

    /// Whether a byte is in it or is its end.
    pub fn contains_inclusive(self, offset: TextSize) -> bool {
        self.0.contains_inclusive(offset)
    }

    /// Whether all of `other` lies within.
    pub fn contains_range(self, other: Self) -> bool {
        self.0.contains_range(other.0)
    }

    /// The bytes of both; nothing when they do not touch.
    pub fn intersect(self, other: Self) -> Option<Self> {
        self.0.intersect(other.0).map(Self)
    }

    /// The smallest range that holds both.
    pub fn cover(self, other: Self) -> Self {
        Self(self.0.cover(other.0))
    }

    /// The range `offset` bytes further back; nothing when it would start before the file.
    pub fn checked_sub(self, offset: TextSize) -> Option<Self> {
        self.0.checked_sub(offset).map(Self)
    }
}

impl Add<TextSize> for FileRange {
    type Output = Self;

    fn add(self, offset: TextSize) -> Self {
        Self(self.0 + offset)
    }
}

impl AddAssign<TextSize> for FileRange {
    fn add_assign(&mut self, offset: TextSize) {
        self.0 += offset;
    }
}

impl Sub<TextSize> for FileRange {
    type Output = Self;

    fn sub(self, offset: TextSize) -> Self {
        Self(self.0 - offset)
    }
}

impl SubAssign<TextSize> for FileRange {
    fn sub_assign(&mut self, offset: TextSize) {
        self.0 -= offset;
    }
}

impl Index<FileRange> for str {
    type Output = str;

    fn index(&self, range: FileRange) -> &str {
        &self[range.0]
    }
}

impl Index<FileRange> for String {
    type Output = str;

    fn index(&self, range: FileRange) -> &str {
        &self[range.0]
    }
}

impl From<FileRange> for std::ops::Range<usize> {
    fn from(range: FileRange) -> Self {
        range.0.into()
    }
}
