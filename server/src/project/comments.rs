//! Where a comment on a line of its own is none: in values of several lines, in the code blocks of
//! Markdown, and in strings and block comments of Rust.

use super::markdown::code_blocks;
use super::values::{self, Node, Value};
use super::{FileKind, Format};
use crate::syntax::{Edition, SyntaxKind, parse_root};
use crate::text::{FileRange, TextSize};

/// The parts of a text that are commented as a whole, by a line above them, each from the start of
/// the line that it opens on: block scalars and other values that go on over lines, and fenced code
/// blocks with their fences.
pub fn commented_as_whole(path: &str, text: &str) -> Vec<FileRange> {
    let Some(kind) = FileKind::of(path) else { return Vec::new() };
    let mut parts = Vec::new();
    let mut add = |start: usize, end: usize| {
        let line = text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
        let content = text.get(line..end).unwrap_or_default().trim_end();
        if content.contains('\n') {
            let start = TextSize::new(line as u32);
            parts.push(FileRange::at(start, TextSize::of(content)));
        }
    };
    if kind == FileKind::Rust {
        // The edition decides which words are keywords, and not where strings end.
        let root = parse_root(text, Edition::CURRENT).ok();
        let tokens = root.iter().flat_map(|it| it.descendants_with_tokens());
        for token in tokens.filter_map(|it| it.into_token()).filter(|it| it.text().contains('\n')) {
            if token.kind() != SyntaxKind::WHITESPACE {
                let range = token.text_range();
                add(usize::from(range.start()), usize::from(range.end()));
            }
        }
    } else if kind == FileKind::Markdown {
        code_blocks(text).into_iter().for_each(|block| add(block.range.start, block.range.end));
    } else if let Some(format) = Format::of(path, kind) {
        for document in values::parse(text, format).iter().flatten() {
            strings(document, usize::from(document.range.start()), &mut add);
        }
    }
    parts
}

/// Calls `add` with the place of each string below `node`; one under a key begins with the key.
fn strings(node: &Node, start: usize, add: &mut impl FnMut(usize, usize)) {
    match &node.value {
        Value::String(_) => add(start, usize::from(node.range.end())),
        Value::Map(entries) => {
            for entry in entries {
                strings(&entry.value, usize::from(entry.key_range.start()), add);
            }
        }
        Value::List(items) => {
            for item in items {
                strings(item, usize::from(item.range.start()), add);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts<'t>(path: &str, text: &'t str) -> Vec<&'t str> {
        commented_as_whole(path, text).into_iter().map(|it| &text[it]).collect()
    }

    #[test]
    fn values_of_several_lines_and_code_blocks_are_found() {
        let yaml = "a: 1\nb:\n  key: |\n    one\n    two\n  c: d\n";
        assert_eq!(parts("a.yml", yaml), ["  key: |\n    one\n    two"]);
        let toml = "a = 1\nb = '''\none\n'''\nc = 2\n";
        assert_eq!(parts("a.toml", toml), ["b = '''\none\n'''"]);
        assert_eq!(parts(".env", "A=1\nB=\"x\ny\"\nC=2\n"), ["B=\"x\ny\""]);
        let markdown = "a\n\n```toml\nb = 1\n```\n\nc\n";
        assert_eq!(parts("a.md", markdown), ["```toml\nb = 1\n```"]);
    }
}
