//! Incremental parsing, block by block and item by item.
//!
//! `Parse::reparse` of ra_ap_syntax looks for the character after an edited token from the start
//! of the file, which costs milliseconds in a large one, and can lose text. Here the block that an
//! edit stands in is parsed anew, or else the items that it touches, as a file of their own, and
//! spliced into the tree. Every other item keeps its node.

use ra_ap_syntax::{Edition, NodeOrToken, SyntaxKind, SyntaxNode, TextRange, TextSize};
use rowan::{GreenNode, GreenNodeData};

use super::green::{child_kind, child_len, child_of_kind, children, ends_in_brace, has_token};
use super::parse::parse;
use crate::text::{FileRange, Text, TextEdit};

/// The difference between two texts: bytes of the old one and what they became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// In the old text.
    pub old: TextRange,
    /// How long the part is in the new text.
    pub new_len: TextSize,
}

impl Change {
    /// The change made by `earlier` and then by an edit of the text after it.
    pub fn after(earlier: Option<Self>, edit: &TextEdit) -> Self {
        let inserted = TextSize::of(edit.insert.as_str());
        let Some(earlier) = earlier else {
            return Self { old: edit.range.to_file_tree(), new_len: inserted };
        };
        let start = earlier.old.start().min(edit.range.start());
        let new_end = earlier.old.start() + earlier.new_len;
        let reach = new_end.max(edit.range.end());
        Self {
            old: TextRange::new(start, earlier.old.end() + (reach - new_end)),
            new_len: reach - edit.range.len() + inserted - start,
        }
    }
}

/// The tree of `text`, made from the tree of the text before `change`; nothing when only a full
/// parse can tell.
pub fn reparse(
    root: &SyntaxNode,
    change: &Change,
    text: &Text,
    edition: Edition,
) -> Option<GreenNode> {
    if change.old.end() > root.text_range().end() {
        return None;
    }
    let touched = match root.covering_element(change.old) {
        NodeOrToken::Node(node) => node,
        NodeOrToken::Token(token) => token.parent()?,
    };
    let block = touched.ancestors().find(|node| node.kind() == SyntaxKind::STMT_LIST);
    // An edit that does not fit one list of items may fit the list around it.
    let mut lists = touched.ancestors().filter(|node| is_list(node.kind()));
    block
        .and_then(|block| reparse_block(&block, change, text, edition))
        .or_else(|| lists.find_map(|list| reparse_in(&list, change, text, edition)))
}

/// Blocks deeper than this are parsed with the item around them, which limits the depth of the
/// tree: many small edits could else nest what is refused as a whole.
const MAX_BLOCK_DEPTH: usize = 200;

/// Parses a block with the braces around it. What stands outside of them has no say in how the
/// parser reads what is between them.
fn reparse_block(
    block: &SyntaxNode,
    change: &Change,
    text: &Text,
    edition: Edition,
) -> Option<GreenNode> {
    if !between_braces(block)?.contains_range(change.old)
        || block.ancestors().nth(MAX_BLOCK_DEPTH).is_some()
    {
        return None;
    }
    let range = block.text_range();
    let end = range.end() - change.old.len() + change.new_len;
    let source = text.slice(FileRange::new(range.start(), end));
    let file = parse(&format!("fn f(){source}"), edition).ok()?;
    let function = child_of_kind(&file, SyntaxKind::FN)?;
    let body = child_of_kind(function, SyntaxKind::BLOCK_EXPR)?;
    let parsed = child_of_kind(body, SyntaxKind::STMT_LIST)?;
    // It has to end where the text put its end, and not at a brace within.
    let whole = parsed.text_len() == TextSize::of(source.as_str()) && ends_in_brace(parsed);
    whole.then(|| block.replace_with(parsed.to_owned()))
}

/// What is inside a list with both its braces.
fn between_braces(list: &SyntaxNode) -> Option<TextRange> {
    let brace = TextSize::new(1);
    let range = list.text_range();
    let inside = range.len() >= brace + brace && ends_in_brace(list.green());
    inside.then(|| TextRange::new(range.start() + brace, range.end() - brace))
}

fn is_list(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::SOURCE_FILE | SyntaxKind::ITEM_LIST | SyntaxKind::ASSOC_ITEM_LIST)
}

fn reparse_in(
    list: &SyntaxNode,
    change: &Change,
    text: &Text,
    edition: Edition,
) -> Option<GreenNode> {
    let green = list.green();
    let is_file = list.kind() == SyntaxKind::SOURCE_FILE;
    if !is_file && !between_braces(list)?.contains_range(change.old) {
        return None;
    }
    // The children that the edit touches: white space next to it would else come in two tokens.
    let mut region: Option<(usize, usize, TextRange)> = None;
    for (index, (at, child)) in children(green, list.text_range().start()).enumerate() {
        let range = TextRange::at(at, child_len(child));
        let brace = matches!(child_kind(child), SyntaxKind::L_CURLY | SyntaxKind::R_CURLY);
        if (is_file || !brace) && range.intersect(change.old).is_some() {
            let (first, _, covered) = region.unwrap_or((index, index, range));
            region = Some((first, index, covered.cover(range)));
        }
        if at > change.old.end() {
            break;
        }
    }
    let (first, last, old) = region.or_else(|| {
        // An empty file or list.
        let empty = green.children().len() <= if is_file { 0 } else { 2 };
        let at = usize::from(!is_file);
        empty.then_some((at, at.wrapping_sub(1), change.old))
    })?;
    let new_end = old.end() - change.old.len() + change.new_len;
    let source = text.slice(FileRange::new(old.start(), new_end));
    let items = parse_items(list, &source, edition)?;
    let spliced = green.splice_children(first..last.wrapping_add(1), items);
    Some(list.replace_with(spliced))
}

type GreenElement = NodeOrToken<GreenNode, rowan::GreenToken>;

/// Parses a part of a list's text as the list would hold it.
fn parse_items(list: &SyntaxNode, source: &str, edition: Edition) -> Option<Vec<GreenElement>> {
    let before = match list.parent().map(|parent| parent.kind()) {
        None => "",
        Some(SyntaxKind::TRAIT) => "trait T {",
        Some(SyntaxKind::IMPL) => "impl T {",
        Some(_) => "mod m {",
    };
    let after = if before.is_empty() { "" } else { "}" };
    let file = parse(&format!("{before}{source}{after}"), edition).ok()?;
    if before.is_empty() {
        return Some(own(file.children()));
    }
    // The list has to end where the text put its end, and not at a brace within.
    let mut outer = file.children();
    let container = outer.next()?.into_node()?;
    if outer.next().is_some() || container.text_len() != file.text_len() {
        return None;
    }
    let inner = child_of_kind(container, list.kind())?;
    let count = inner.children().len();
    let is_closed = has_token(inner, SyntaxKind::R_CURLY);
    let starts_right =
        TextSize::of(before) - TextSize::new(1) + inner.text_len() == file.text_len();
    if !is_closed || !starts_right || count < 2 {
        return None;
    }
    Some(own(inner.children().skip(1).take(count - 2)))
}

fn own<'a>(
    children: impl Iterator<Item = NodeOrToken<&'a GreenNodeData, &'a rowan::GreenTokenData>>,
) -> Vec<GreenElement> {
    children
        .map(|child| match child {
            NodeOrToken::Node(node) => NodeOrToken::Node(node.to_owned()),
            NodeOrToken::Token(token) => NodeOrToken::Token(token.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse_root;
    use crate::text::apply_edits;

    /// Edits `source` where `|` stands, and checks the tree against a full parse. Returns whether
    /// the last item kept its node.
    fn types(source: &str, insert: &str) -> bool {
        let at = source.find('|').expect("a cursor");
        let source = source.replace('|', "");
        let edit = TextEdit::insert(TextSize::new(at as u32), insert);
        let root = parse_root(&source, Edition::CURRENT).expect("it parses");
        let after = apply_edits(&source, std::slice::from_ref(&edit));
        let change = Change::after(None, &edit);
        let tree = reparse(&root, &change, &Text::new(&after), Edition::CURRENT).expect("a tree");
        let full = parse_root(&after, Edition::CURRENT).expect("it parses");
        assert_eq!(format!("{:#?}", SyntaxNode::new_root(tree.clone())), format!("{full:#?}"));
        let last = |green: &GreenNodeData| {
            green
                .children()
                .filter_map(|it| it.into_node())
                .next_back()
                .map(|it| it as *const _ as usize)
        };
        last(&tree) == last(root.green())
    }

    #[test]
    fn only_what_an_edit_touches_is_parsed() {
        assert!(types("fn f() { a| }\nfn g() {}\n", "b"));
        assert!(types("fn f() { a| }\nfn g() {}\n", ".b(\"x\")"));
        assert!(types("impl S { fn f() { a| } fn h() {} }\nfn g() {}\n", ";"));
        assert!(types("mod m { trait T { fn f(&self|); } }\nfn g() {}\n", ", a: u8"));
        assert!(types("fn f() {}\n|\nfn g() {}\n", "struct S;"));
        assert!(types("impl S {|}\nfn g() {}\n", " fn f() {} "));
        assert!(!types("|", "fn f() {}"));
    }

    #[test]
    fn only_the_block_that_an_edit_stands_in_is_parsed() {
        let kept = |before: &str, insert: &str| {
            let at = before.find('|').expect("a cursor");
            let source = before.replace('|', "");
            let edit = TextEdit::insert(TextSize::new(at as u32), insert);
            let root = parse_root(&source, Edition::CURRENT).expect("it parses");
            let text = Text::new(&apply_edits(&source, std::slice::from_ref(&edit)));
            let change = Change::after(None, &edit);
            types(before, insert);
            let tree = reparse(&root, &change, &text, Edition::CURRENT).expect("a tree");
            let tree = SyntaxNode::new_root(tree);
            let first = |root: &SyntaxNode| {
                let statement = root.descendants().find(|it| it.kind() == SyntaxKind::LET_STMT)?;
                Some(std::ptr::from_ref(statement.green()) as usize)
            };
            first(&root) == first(&tree)
        };
        assert!(kept("fn f() { let a = 1; if b { c| } }", ".d()"));
        assert!(kept("fn f() { let a = 1; for b in { |c } { d } }", "match e { _ => {} } "));
        assert!(kept("fn f() { let a = 1; g(async move { loop {|} }) }", "break"));
        // What is typed opens or closes a block, or hides the end of one.
        assert!(!kept("fn f() { let a = 1; if b { c| } }", "{"));
        assert!(!kept("fn f() { let a = 1; if b { c| } }", "}"));
        assert!(!kept("fn f() { let a = 1; if b { c| } }", "} else {"));
        assert!(!kept("fn f() { let a = 1; if b { c| } }", "/*"));
        assert!(!kept("fn f() { let a = 1; if b { c| } }\n", "// "));
        assert!(!kept("fn f() { let a = 1; if b |{ c } }", "== "));
    }

    #[test]
    fn a_brace_that_closes_the_list_goes_to_the_list_around() {
        types("impl S { fn f() { a|b } fn h() {} }\nfn g() {}\n", "} }");
        types("fn f() { a|b }\nfn g() {}\n", "} fn h() {");
    }

    #[test]
    fn changes_add_up() {
        let text = "0123456789";
        let edits = [(2, 4, "ab"), (8, 9, ""), (1, 3, "xyz"), (0, 0, "-")];
        let mut now = text.to_string();
        let mut change = None;
        for (start, end, insert) in edits {
            let edit = TextEdit::replace(FileRange::new(start.into(), end.into()), insert);
            now = apply_edits(&now, std::slice::from_ref(&edit));
            let sum = Change::after(change, &edit);
            change = Some(sum);
            let new_end = usize::from(sum.old.start() + sum.new_len);
            assert_eq!(now[..usize::from(sum.old.start())], text[..usize::from(sum.old.start())]);
            assert_eq!(now[new_end..], text[usize::from(sum.old.end())..]);
        }
    }
}
