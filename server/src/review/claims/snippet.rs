//! Quoted code, looked for without regard to white space.

use std::ops::Range;

/// Quotations that are shorter match too much.
pub const MIN_QUOTE: usize = 8;

/// A text without its white space, with the lines that it had.
#[derive(Debug, Default)]
pub struct Squeezed {
    text: String,
    /// Where each line begins, and its number from one; blank lines are left out.
    lines: Vec<(usize, u32)>,
}

impl Squeezed {
    pub fn new(text: &str) -> Self {
        Self::of_lines(text, |_| true)
    }

    /// The same without the lines that are comments.
    pub fn of_code(text: &str) -> Self {
        Self::of_lines(text, |line| !line.trim_start().starts_with("//"))
    }

    fn of_lines(text: &str, is_kept: impl Fn(&str) -> bool) -> Self {
        let mut squeezed = Self { text: String::with_capacity(text.len()), lines: Vec::new() };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| is_kept(line)) {
            let start = squeezed.text.len();
            squeeze_into(&mut squeezed.text, line);
            if squeezed.text.len() > start {
                squeezed.lines.push((start, number as u32 + 1));
            }
        }
        squeezed
    }

    /// The line that has a byte.
    fn line_at(&self, offset: usize) -> u32 {
        let after = self.lines.partition_point(|(start, _)| *start <= offset);
        after.checked_sub(1).and_then(|at| self.lines.get(at)).map_or(1, |(_, line)| *line)
    }

    /// The lines in which a quotation is found, the first and the last of each.
    pub fn find(&self, quote: &str) -> Vec<(u32, u32)> {
        let quote = squeeze(quote);
        if quote.len() < MIN_QUOTE {
            return Vec::new();
        }
        let found = self.text.match_indices(&quote);
        found.map(|(at, _)| (self.line_at(at), self.line_at(at + quote.len() - 1))).collect()
    }

    /// The lines from the first to the last of a quotation that leaves lines out: all of its lines
    /// are there, in order. The shortest run of lines is taken.
    pub fn find_lines(&self, quote: &[String]) -> Option<(u32, u32)> {
        let quote: Vec<String> = quote.iter().map(|it| squeeze(it)).collect();
        let first = quote.first()?;
        let mut best: Option<(u32, u32)> = None;
        for (start, _) in self.text.match_indices(first.as_str()) {
            let mut at = start;
            let mut end = start;
            let is_found = quote.iter().all(|line| {
                let rest = self.text.get(at..).unwrap_or_default();
                let found = rest.find(line.as_str());
                if let Some(found) = found {
                    end = at + found + line.len();
                    at = end;
                }
                found.is_some()
            });
            if is_found {
                let lines = (self.line_at(start), self.line_at(end.saturating_sub(1)));
                if best.is_none_or(|(a, b)| lines.1 - lines.0 < b - a) {
                    best = Some(lines);
                }
            }
        }
        best
    }

    /// Whether a line of a quotation is anywhere.
    pub fn has(&self, line: &str) -> bool {
        self.text.contains(&squeeze(line))
    }
}

/// A text without white space, and without the comma that rustfmt writes behind the last part of
/// what it breaks into lines.
pub fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    squeeze_into(&mut squeezed, text);
    squeezed
}

fn squeeze_into(squeezed: &mut String, text: &str) {
    for letter in text.chars().filter(|it| !it.is_whitespace()) {
        if matches!(letter, ')' | ']' | '}') && squeezed.ends_with(',') {
            squeezed.pop();
        }
        squeezed.push(letter);
    }
}

/// The lines of a quoted block that say something of their own: no comment, brace or ellipsis. The
/// comment at the end of a line is the reviewer's.
pub fn distinctive(lines: &[String]) -> Vec<String> {
    let own = lines.iter().map(|it| {
        let end = it.find(" // ").or_else(|| it.find(" # ")).unwrap_or(it.len());
        it.get(..end).unwrap_or_default().trim().to_string()
    });
    let is_own = |it: &String| {
        let squeezed = squeeze(it);
        squeezed.len() >= MIN_QUOTE
            && squeezed.contains(|it: char| it.is_alphanumeric())
            && !it.starts_with("//")
            && !it.starts_with('#')
            && !it.starts_with("/*")
            && !it.starts_with('*')
            && !it.contains("...")
            && !it.contains('…')
    };
    own.filter(is_own).collect()
}

/// Whether two pieces of code are the same but for a small change.
pub fn is_alike(a: &str, b: &str) -> bool {
    const ALIKE: f64 = 0.75;
    let (a, b) = (squeeze(a), squeeze(b));
    let most = a.len().max(b.len());
    // Neither a long line nor one of another length needs be compared letter by letter.
    most <= 400
        && a.len().abs_diff(b.len()) * 3 <= most
        && strsim::normalized_levenshtein(&a, &b) >= ALIKE
}

/// Whether a text has a word: no letter, digit or underscore stands beside it.
pub fn has_word(text: &str, word: &str) -> bool {
    occurrences(text, word).next().is_some()
}

/// Where a text has a word.
pub fn occurrences(text: &str, word: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word).filter_map(move |(at, found)| {
        let end = at + found.len();
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(end..)?.chars().next();
        let is_whole = !before.is_some_and(is_part) && !after.is_some_and(is_part);
        is_whole.then_some(at..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "fn f() {\n    let a = g(\n        1,\n    );\n\n    h(a);\n    i(a);\n}\n";

    #[test]
    fn quotations_are_found_however_they_are_laid_out() {
        let text = Squeezed::new(TEXT);
        assert_eq!(text.find("let a = g(1, );"), [(2, 4)]);
        assert_eq!(text.find("let a = g(2);"), []);
        let lines = ["let a = g(".to_string(), "i(a);".to_string()];
        assert_eq!(text.find_lines(&lines), Some((2, 7)));
        assert!(text.has("h( a );") && !text.has("j(a);"));
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("a.unwrap()", "unwrap") && !has_word("unwrap_or", "unwrap"));
    }
}
