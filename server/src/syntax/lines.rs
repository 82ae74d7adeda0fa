//! Lines of a tree's text, without the rest of the text.

use std::cell::Cell;

use ra_ap_syntax::{SyntaxKind, SyntaxNode, TextRange, TextSize};

use super::green::{any_token, push_slice};
use super::tokens::token_before;

/// The text of a range of a node's tree, as far as the range is in it.
/// [`ra_ap_syntax::SyntaxText`] goes through all tokens of the node for it, this only through
/// those in the range.
pub fn text_in(node: &SyntaxNode, range: TextRange) -> String {
    let mut text = String::new();
    push_slice(node.green(), node.text_range().start(), range, &mut text);
    text
}

/// The text before an offset, back to the start of its line.
pub fn line_before(root: &SyntaxNode, offset: TextSize) -> String {
    let mut line = String::new();
    let inside = root.text_range().contains_inclusive(offset);
    let mut token = inside.then(|| token_before(root, offset)).flatten();
    while let Some(it) = token {
        let end = usize::from(it.text_range().end().min(offset) - it.text_range().start());
        let text = it.text().get(..end).unwrap_or_default();
        match text.rsplit_once('\n') {
            Some((_, rest)) => {
                line.insert_str(0, rest);
                break;
            }
            None => line.insert_str(0, text),
        }
        token = it.prev_token();
    }
    line
}

/// The white space that the line of an offset begins with, up to the offset.
pub fn indent_before(root: &SyntaxNode, offset: TextSize) -> String {
    line_before(root, offset).chars().take_while(|c| c.is_whitespace()).collect()
}

/// How the first line of a file ends.
pub fn newline_of(root: &SyntaxNode) -> &'static str {
    let is_crlf = Cell::new(false);
    any_token(root.green(), &|kind, text| {
        let ends_so = kind == SyntaxKind::COMMENT && text.ends_with('\r');
        is_crlf.set(ends_so || text.contains("\r\n"));
        ends_so || text.contains('\n')
    });
    if is_crlf.get() { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use ra_ap_syntax::Edition;

    use super::*;
    use crate::syntax::parse_root;

    #[test]
    fn lines_and_ranges_are_those_of_the_text() {
        let text = "fn é() {\r\n\t  let a = \"x\r\n  y\";\n    b(1);\n}\n";
        let root = parse_root(text, Edition::CURRENT).expect("it parses");
        for end in (0..=text.len()).filter(|it| text.is_char_boundary(*it)) {
            let offset = TextSize::new(end as u32);
            let line = text[..end].rsplit('\n').next().unwrap_or_default();
            assert_eq!(line_before(&root, offset), line);
            assert_eq!(indent_before(&root, offset), line[..line.len() - line.trim_start().len()]);
            for start in (0..=end).filter(|it| text.is_char_boundary(*it)) {
                let range = TextRange::new(TextSize::new(start as u32), offset);
                assert_eq!(text_in(&root, range), text[start..end]);
            }
        }
        assert_eq!(line_before(&root, TextSize::new(999)), "");
    }

    #[test]
    fn a_file_ends_its_lines_as_it_did_before() {
        let newline =
            |text: &str| newline_of(&parse_root(text, Edition::CURRENT).expect("it parses"));
        assert_eq!(newline("fn f() {}\r\n"), "\r\n");
        assert_eq!(newline("// a\r\nfn f() {}"), "\r\n");
        assert_eq!(newline("// a\nfn f() {}"), "\n");
        assert_eq!(newline(""), "\n");
    }
}
