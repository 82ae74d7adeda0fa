//! What attributes say about code: that it is test code, and which lints it allows.

use ra_ap_syntax::{
    AstNode, NodeOrToken, SyntaxKind, SyntaxNode, T,
    ast::{self, CfgPredicate, Meta},
};

use rowan::GreenNodeData;

use super::green::{any_token, child_nodes, node_kind};
use super::names::words;

/// The attributes of `node`, its inner ones (`#![…]`) included.
pub fn attrs(node: &SyntaxNode) -> impl Iterator<Item = ast::Attr> + use<> {
    // Most nodes have no attributes, which the green tree tells without making nodes.
    let green = node.green();
    let body = match node.kind() {
        _ if !body_of(green, node.kind()).is_some_and(opens_with_attr) => None,
        SyntaxKind::FN => node.last_child().and_then(|block| block.last_child()),
        _ => node.last_child(),
    };
    let outer = opens_with_attr(green).then(|| leading_attrs(node));
    let inner = body.into_iter().flat_map(|body| leading_attrs(&body));
    outer.into_iter().flatten().chain(inner)
}

/// The attributes of the same nodes as those of [`attrs`], on green trees.
pub fn green_attrs(node: &GreenNodeData) -> impl Iterator<Item = &GreenNodeData> {
    let body = body_of(node, node_kind(node));
    [Some(node), body]
        .into_iter()
        .flatten()
        .flat_map(|node| child_nodes(node).take_while(|child| node_kind(child) == SyntaxKind::ATTR))
}

/// The child of a node that opens with its inner attributes.
fn body_of(node: &GreenNodeData, kind: SyntaxKind) -> Option<&GreenNodeData> {
    match kind {
        SyntaxKind::MODULE
        | SyntaxKind::IMPL
        | SyntaxKind::TRAIT
        | SyntaxKind::EXTERN_BLOCK
        | SyntaxKind::BLOCK_EXPR => last_child(node),
        SyntaxKind::FN => last_child(last_child(node)?),
        _ => None,
    }
}

fn last_child(node: &GreenNodeData) -> Option<&GreenNodeData> {
    node.children().rev().find_map(NodeOrToken::into_node)
}

fn opens_with_attr(node: &GreenNodeData) -> bool {
    let first = node.children().find_map(NodeOrToken::into_node);
    first.is_some_and(|first| node_kind(first) == SyntaxKind::ATTR)
}

/// Attributes stand before every other child node.
pub fn leading_attrs(node: &SyntaxNode) -> impl Iterator<Item = ast::Attr> + use<> {
    node.children().map_while(ast::Attr::cast)
}

/// Whether the attributes of `node` say that it is compiled for tests only, or is a test; or
/// whether it is the call of a macro that makes tests, by its name.
pub fn marks_test_code(node: &SyntaxNode) -> bool {
    calls_test_macro(node)
        || test_metas(node).any(|meta| match &meta {
            Meta::CfgMeta(cfg) => cfg.cfg_predicate().is_some_and(|it| requires_test(&it)),
            _ => is_test(&meta),
        })
}

/// Whether `node` is a test by its attributes, or the call of a macro that makes tests.
pub fn makes_tests(node: &SyntaxNode) -> bool {
    calls_test_macro(node) || test_metas(node).any(|meta| is_test(&meta))
}

fn calls_test_macro(node: &SyntaxNode) -> bool {
    let name = || super::fragment::macro_name(node);
    node.kind() == SyntaxKind::MACRO_CALL
        && name().is_some_and(|name| {
            name.ends_with("_test") || name.ends_with("_tests") || name == "proptest"
        })
}

/// The attributes of a node, unless none of them is about tests.
fn test_metas(node: &SyntaxNode) -> impl Iterator<Item = Meta> + use<> {
    let some = green_attrs(node.green()).any(may_mark_test).then(|| attrs(node));
    some.into_iter().flatten().filter_map(|attr| attr.meta())
}

fn is_test(meta: &Meta) -> bool {
    match meta {
        Meta::PathMeta(it) => it.path().is_some_and(|path| names_test(&path)),
        Meta::TokenTreeMeta(it) => it.path().is_some_and(|path| names_test(&path)),
        _ => false,
    }
}

/// Whether an attribute is worth a look, told cheaply.
fn may_mark_test(attr: &GreenNodeData) -> bool {
    any_token(attr, &|_, text| {
        text.contains("test") || matches!(text, "cfg" | "bench" | "quickcheck" | "divan")
    })
}

/// The lints that the attributes of `node` allow or expect, as they are written.
pub fn allowed_lints(node: &SyntaxNode) -> Vec<String> {
    let allows = |attr| any_token(attr, &|_, text| matches!(text, "allow" | "expect"));
    if !green_attrs(node.green()).any(allows) {
        return Vec::new();
    }
    attrs(node).filter_map(|attr| attr.meta()).flat_map(|meta| lints_of(&meta)).collect()
}

fn lints_of(meta: &Meta) -> Vec<String> {
    match meta {
        Meta::CfgAttrMeta(it) => it.metas().flat_map(|meta| lints_of(&meta)).collect(),
        Meta::TokenTreeMeta(it) => {
            let name = it.path().map(|path| path.syntax().text().to_string());
            match (name.as_deref(), it.token_tree()) {
                (Some("allow" | "expect"), Some(tree)) => split_list(&tree),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The entries of `(a, b::c, reason = "…")` up to the first that is no path.
fn split_list(tree: &ast::TokenTree) -> Vec<String> {
    let mut entries = vec![String::new()];
    for element in tree.syntax().children_with_tokens() {
        let NodeOrToken::Token(token) = element else { continue };
        match token.kind() {
            T![,] => entries.push(String::new()),
            T!['('] | T![')'] | SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => {}
            _ => {
                if let Some(entry) = entries.last_mut() {
                    entry.push_str(token.text());
                }
            }
        }
    }
    entries.retain(|entry| !entry.is_empty() && !entry.contains('='));
    entries
}

/// Whether a `cfg` predicate holds only in builds for tests, fuzzers and model checkers.
fn requires_test(predicate: &CfgPredicate) -> bool {
    match predicate {
        CfgPredicate::CfgAtom(atom) => {
            let Some(name) = atom.ident_token() else { return false };
            match (name.text(), atom.string_token()) {
                ("feature", Some(value)) => words(value.text()).any(|word| is_test_word(&word)),
                (
                    "test" | "fuzzing" | "fuzz" | "kani" | "loom" | "miri" | "bench" | "doctest"
                    | "debug_assertions",
                    None,
                ) => true,
                _ => false,
            }
        }
        CfgPredicate::CfgComposite(composite) => {
            let keyword = composite.keyword().map(|it| it.text().to_string());
            let mut parts = composite.cfg_predicates().peekable();
            match keyword.as_deref() {
                Some("all") => parts.any(|part| requires_test(&part)),
                Some("any") => parts.peek().is_some() && parts.all(|part| requires_test(&part)),
                _ => false,
            }
        }
    }
}

fn is_test_word(word: &str) -> bool {
    matches!(
        word,
        "test"
            | "tests"
            | "testing"
            | "mock"
            | "mocks"
            | "bench"
            | "benches"
            | "benchmark"
            | "benchmarks"
            | "fuzz"
            | "fuzzing"
            | "testutil"
            | "testutils"
    )
}

/// Attributes such as `#[test]`, `#[tokio::test]`, `#[rstest]` and `#[wasm_bindgen_test]`.
fn names_test(path: &ast::Path) -> bool {
    let Some(name) = path.segment().and_then(|segment| segment.name_ref()) else { return false };
    let text = name.text().to_string();
    matches!(
        text.as_str(),
        "test" | "bench" | "rstest" | "gtest" | "quickcheck" | "proptest" | "test_case" | "divan"
    ) || text.ends_with("_test")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::{Edition, SourceFile};

    fn first_item(source: &str) -> SyntaxNode {
        let file = SourceFile::parse(source, Edition::CURRENT).tree();
        file.syntax().children().next().expect("an item")
    }

    #[test]
    fn test_code_is_known_by_its_attributes() {
        for attr in [
            "#[test]",
            "#[tokio::test]",
            "#[tokio::test(flavor = \"multi_thread\")]",
            "#[rstest]",
            "#[cfg(test)]",
            "#[cfg(all(test, feature = \"x\"))]",
            "#[cfg(any(test, feature = \"test-util\"))]",
            "#[cfg(any(test, fuzzing))]",
            "#[wasm_bindgen_test]",
            "#[gtest]",
        ] {
            assert!(marks_test_code(&first_item(&format!("{attr} fn f() {{}}"))), "{attr}");
        }
        for attr in [
            "#[cfg(not(test))]",
            "#[cfg(any(test, unix))]",
            "#[cfg(feature = \"latest\")]",
            "#[cfg(any())]",
            "#[inline]",
            "/// #[test]\n",
        ] {
            assert!(!marks_test_code(&first_item(&format!("{attr} fn f() {{}}"))), "{attr}");
        }
    }

    #[test]
    fn allowed_lints_are_read_from_every_form() {
        let lints = |source: &str| allowed_lints(&first_item(source));
        assert_eq!(lints("#[allow(a, clippy::b, reason = \"c\")] fn f() {}"), ["a", "clippy::b"]);
        assert_eq!(lints("#[expect(a)] fn f() {}"), ["a"]);
        assert_eq!(lints("#[cfg_attr(unix, allow(a))] fn f() {}"), ["a"]);
        assert_eq!(lints("mod m { #![allow(a)] }"), ["a"]);
        assert_eq!(lints("fn f() { #![allow(a)] }"), ["a"]);
        assert!(lints("#[deny(a)] fn f() {}").is_empty());
    }
}
