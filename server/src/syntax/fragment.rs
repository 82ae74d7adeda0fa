//! Code inside macro arguments.
//!
//! The parser leaves what stands between the delimiters of a macro call as loose tokens:
//! `println!("{}", x.unwrap())` has no method call in its tree. A fragment is those tokens parsed
//! as the code they most often are, so that rules meet the same nodes inside and outside macros.

use std::collections::hash_map::Entry;
use std::hash::Hasher;

use ra_ap_syntax::{Edition, NodeOrToken, SyntaxKind, SyntaxNode, T, TextRange, TextSize};
use rowan::{GreenNode, GreenNodeData};
use rustc_hash::{FxHashMap, FxHasher};

use super::green::{child_kind, hash_text, is_equal, push_text};

/// The arguments of a macro call, parsed.
#[derive(Debug, Clone)]
pub struct Fragment {
    /// A tree of its own, with offsets of its own.
    pub root: SyntaxNode,
    /// The arguments within `root`.
    pub content: TextRange,
    /// Where `content` starts in the tree that holds the macro call.
    pub start: TextSize,
}

impl Fragment {
    /// Parses the arguments of `call`, a `MACRO_CALL`.
    ///
    /// Arguments in parentheses are read as those of a function, in brackets as an array, in
    /// braces as statements. Where they are something else the tree has errors in it, and still
    /// holds the calls that can be made out.
    pub fn of_macro_call(call: &SyntaxNode, edition: Edition) -> Option<Self> {
        let arguments = call.children().find(|child| child.kind() == SyntaxKind::TOKEN_TREE)?;
        Some(Self::of_parsed(&arguments, &parse(arguments.green(), edition)?))
    }

    fn of_parsed(arguments: &SyntaxNode, parsed: &Parsed) -> Self {
        Self {
            root: SyntaxNode::new_root(parsed.root.clone()),
            content: parsed.content,
            start: arguments.text_range().start() + TextSize::new(1),
        }
    }

    /// The range in the tree that holds the macro call of a range in this fragment's tree.
    pub fn to_outer(&self, range: TextRange) -> TextRange {
        let range = range.intersect(self.content).unwrap_or(TextRange::empty(self.content.start()));
        range - self.content.start() + self.start
    }
}

/// Arguments that were parsed, apart from where they stand.
#[derive(Debug)]
struct Parsed {
    root: GreenNode,
    content: TextRange,
}

fn parse(arguments: &GreenNodeData, edition: Edition) -> Option<Parsed> {
    let mut text = String::with_capacity(u32::from(arguments.text_len()) as usize);
    push_text(arguments, &mut text);
    let (before, after) = match text.chars().next()? {
        '(' => ("fn f(){f(", ");}"),
        '[' => ("fn f(){[", "];}"),
        _ => ("fn f(){", "}"),
    };
    let closed = arguments
        .children()
        .last()
        .is_some_and(|last| matches!(child_kind(last), T![')'] | T![']'] | T!['}']));
    let end = text.len() - usize::from(closed && text.len() > 1);
    let inner = text.get(1..end)?;
    Some(Parsed {
        root: super::parse::parse(&format!("{before}{inner}{after}"), edition).ok()?,
        content: TextRange::at(TextSize::of(before), TextSize::of(inner)),
    })
}

/// The parsed arguments of macro calls in a document: most are as they were when a block around
/// them is parsed anew.
#[derive(Debug, Default)]
pub struct Fragments {
    /// By the hash of their text.
    known: FxHashMap<u64, (GreenNode, Parsed)>,
}

/// More of them than this are forgotten together: most belong to texts that are gone.
const MAX_FRAGMENTS: usize = 4096;

impl Fragments {
    /// As [`Fragment::of_macro_call`]. The edition is that of the document.
    pub fn of_macro_call(&mut self, call: &SyntaxNode, edition: Edition) -> Option<Fragment> {
        let arguments = call.children().find(|child| child.kind() == SyntaxKind::TOKEN_TREE)?;
        let green = arguments.green();
        if self.known.len() > MAX_FRAGMENTS {
            self.known.clear();
        }
        let mut hasher = FxHasher::default();
        hash_text(green, &mut hasher);
        let (_, parsed) = match self.known.entry(hasher.finish()) {
            Entry::Occupied(known) if is_equal(&known.get().0, green) => known.into_mut(),
            other => other.insert_entry((green.to_owned(), parse(green, edition)?)).into_mut(),
        };
        Some(Fragment::of_parsed(&arguments, parsed))
    }
}

/// The name of a macro call: `println` in `std::println!(…)`.
pub fn macro_name(call: &SyntaxNode) -> Option<String> {
    super::green::path_name(call.green()).map(str::to_string)
}

/// Macros that quote their arguments instead of running them. `mock!` keeps the signatures of what
/// it is given and throws the bodies away.
pub fn quotes_code(name: &str) -> bool {
    matches!(
        name,
        "mock"
            | "quote"
            | "quote_spanned"
            | "parse_quote"
            | "parse_quote_spanned"
            | "stringify"
            | "macro_rules"
            | "concat"
            | "include_str"
            | "include_bytes"
            | "include"
    )
}

/// Whether a macro only checks something in builds for tests or debugging.
pub fn is_assertion(name: &str) -> bool {
    name.starts_with("assert")
        || name.starts_with("debug_assert")
        || name.starts_with("const_assert")
}

/// The literal format string among the arguments of a parsed macro call, if it has one.
pub fn first_string(root: &SyntaxNode) -> Option<ra_ap_syntax::SyntaxToken> {
    root.descendants_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .find(|token| token.kind() == SyntaxKind::STRING)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(source: &str) -> Vec<String> {
        let file = crate::syntax::parse_root(source, Edition::CURRENT).expect("it parses");
        let call = file.descendants().find(|it| it.kind() == SyntaxKind::MACRO_CALL);
        let fragment = call.and_then(|call| Fragment::of_macro_call(&call, Edition::CURRENT));
        let Some(fragment) = fragment else { return Vec::new() };
        fragment
            .root
            .descendants()
            .filter(|node| node.kind() == SyntaxKind::METHOD_CALL_EXPR)
            .map(|node| source[fragment.to_outer(node.text_range())].to_string())
            .collect()
    }

    #[test]
    fn calls_in_macro_arguments_are_found_where_they_stand() {
        assert_eq!(methods("fn f() { println!(\"é {}\", x.unwrap()) }"), ["x.unwrap()"]);
        assert_eq!(methods("fn f() { vec![a.unwrap(); 3]; }"), ["a.unwrap()"]);
        assert_eq!(methods("thread_local! { static A: B = c.unwrap(); }"), ["c.unwrap()"]);
        assert_eq!(methods("fn f() { json!({ \"a\": b.unwrap() }) }"), ["b.unwrap()"]);
        assert_eq!(
            methods("fn f() { tokio::select! { r = a.next() => { r.unwrap() } _ = b => {} } }"),
            ["a.next()", "r.unwrap()"]
        );
    }

    #[test]
    fn an_unclosed_macro_call_is_read_to_its_end() {
        assert_eq!(methods("fn f() { println!(x.unwrap()"), ["x.unwrap()"]);
        assert!(methods("fn f() { println!(").is_empty());
    }
}
