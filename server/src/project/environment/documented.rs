//! Variables that documents say the programs read.

use std::sync::Arc;

use crate::project::{FileKind, ProjectFile, TrackedProject};
use crate::text::{FileRange, TextSize};

/// The variables that a table or a list describes together.
pub struct Documented<'a> {
    /// The document.
    pub file: &'a Arc<ProjectFile>,
    /// The names, with their places.
    pub names: Vec<(&'a str, FileRange)>,
}

/// The tables and lists of the documents that describe variables: lines below each other that begin
/// with a name in upper case, as code.
pub fn documented<'a>(cx: &TrackedProject<'a>) -> Vec<Documented<'a>> {
    let mut found = Vec::new();
    for file in cx.files(FileKind::Markdown) {
        let mut names: Vec<(&str, FileRange)> = Vec::new();
        let mut start = 0;
        let mut is_fenced = false;
        for line in file.text.split_inclusive('\n') {
            is_fenced ^= line.trim_start().starts_with("```");
            let name = described(line).filter(|_| !is_fenced);
            if let Some((at, name)) = name {
                let at = TextSize::new((start + at) as u32);
                names.push((name, FileRange::at(at, TextSize::of(name))));
            } else if !goes_on(line) && !names.is_empty() {
                found.push(Documented { file, names: std::mem::take(&mut names) });
            }
            start += line.len();
        }
        if !names.is_empty() {
            found.push(Documented { file, names });
        }
    }
    found
}

/// The variable that a row of a table or an item of a list begins with, and where.
fn described(line: &str) -> Option<(usize, &str)> {
    let inner = line.trim_start().strip_prefix(['|', '-', '*'])?;
    let inner = inner.trim_start_matches([' ', '*', '[']).strip_prefix('`')?;
    let name = inner.split(['`', '=']).next()?;
    let mut bytes = name.bytes();
    let is_variable = name.contains('_')
        && bytes.next().is_some_and(|it| it.is_ascii_uppercase())
        && bytes.all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
    is_variable.then(|| (line.len() - inner.len(), name))
}

/// Whether a table or list is not over with a line: it continues an item, or is a row without code.
fn goes_on(line: &str) -> bool {
    line.trim_start().starts_with('|') || line.starts_with("  ") && !line.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_items_begin_with_what_they_describe() {
        for (line, name) in [
            ("| `A_B` | 1 |", Some("A_B")),
            ("- `A_B=1`: the first", Some("A_B")),
            ("  * **`A_B`** the first", Some("A_B")),
            ("| A_B | 1 |", None),
            ("`A_B` is the first", None),
            ("- `a_b`", None),
            ("- `ERROR`", None),
        ] {
            assert_eq!(described(line).map(|(_, name)| name), name, "{line}");
            assert!(described(line).is_none_or(|(at, name)| line[at..].starts_with(name)));
        }
    }
}
