//! How the words of documents are looked for.

use std::sync::LazyLock;

use regex::Regex;

/// A pattern that is compiled when it is first needed.
pub type Pattern = LazyLock<Option<Regex>>;

/// Compiles a pattern. Its `\b` are those of ASCII: the automata that are fast know no others in a
/// text with umlauts or arrows.
pub fn pattern(text: &str) -> Option<Regex> {
    Regex::new(&text.replace(r"\b", r"(?-u:\b)")).ok()
}
