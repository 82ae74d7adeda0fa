//! SQL in the strings of sources, with values pasted in.

use std::sync::{Arc, LazyLock, OnceLock};

use regex::Regex;

use super::{Statement, parse};
use crate::text::{FileRange, TextSize};

/// What sources put into strings: `{name}`, `${name}`, `%s`, `%(name)s`.
static PASTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$?\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|%s|%\(\w+\)s").ok());

/// A string of a source that is SQL. Cheap to clone; it is parsed once, when someone asks.
#[derive(Clone)]
pub struct SqlText {
    inner: Arc<Inner>,
}

struct Inner {
    text: String,
    start: Option<TextSize>,
    is_dynamic: bool,
    statements: OnceLock<Vec<Statement>>,
}

impl SqlText {
    /// `start` is where the text begins, counted from the start of the reference's range; nothing
    /// when it is not written like that, because there are escapes in it.
    pub fn new(text: &str, start: Option<TextSize>) -> Self {
        let pasted = PASTED.iter().flat_map(|it| it.find_iter(text));
        let mut filled = text.to_string();
        let mut is_dynamic = false;
        for found in pasted {
            // As long as before, so that places stay as they are.
            let value = format!("?{}", " ".repeat(found.len() - 1));
            filled.replace_range(found.range(), &value);
            is_dynamic = true;
        }
        let statements = OnceLock::new();
        Self { inner: Arc::new(Inner { text: filled, start, is_dynamic, statements }) }
    }

    /// The text, with `?` for what is pasted into it.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// Whether something is pasted into it.
    pub fn is_dynamic(&self) -> bool {
        self.inner.is_dynamic
    }

    /// What it says about tables, with ranges in bytes of the text.
    pub fn statements(&self) -> &[Statement] {
        self.inner.statements.get_or_init(|| parse(&self.inner.text))
    }

    /// Where a range of the text stands in a file that has it at `reference`; all of that
    /// when that cannot be told.
    pub fn place(&self, reference: FileRange, range: FileRange) -> FileRange {
        let place = self.inner.start.map(|start| range + start + reference.start());
        place.filter(|it| reference.contains_range(*it)).unwrap_or(reference)
    }
}

impl PartialEq for SqlText {
    fn eq(&self, other: &Self) -> bool {
        self.inner.text == other.inner.text
            && self.inner.start == other.inner.start
            && self.inner.is_dynamic == other.inner.is_dynamic
    }
}

impl Eq for SqlText {}

impl std::fmt::Debug for SqlText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.inner.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_in_is_a_value() {
        for (written, expected) in [
            ("SELECT {} FROM a WHERE b = {id}", "SELECT ?  FROM a WHERE b = ?   "),
            ("IN (${ids.map(() => '?')})", "IN (?                    )"),
            ("WHERE a = %s AND b = %(b)s", "WHERE a = ?  AND b = ?    "),
        ] {
            let sql = SqlText::new(written, None);
            assert_eq!(sql.text(), expected);
            assert!(sql.is_dynamic());
        }
        assert!(!SqlText::new("SELECT $1, ?2, :c FROM d", None).is_dynamic());
    }

    #[test]
    fn places_are_those_of_the_file() {
        let reference = FileRange::new(10.into(), 60.into());
        let sql = SqlText::new("CREATE TABLE a (b)", Some(1.into()));
        let range = FileRange::new(13.into(), 14.into());
        assert_eq!(sql.place(reference, range), FileRange::new(24.into(), 25.into()));
        let escaped = SqlText::new("CREATE TABLE a (b)", None);
        assert_eq!(escaped.place(reference, range), reference);
    }
}
