//! What a finding is recognised by after the code around it was moved, renamed or laid out anew.

use rustc_hash::FxHashMap;
use sha1_smol::Sha1;

use super::finding::Finding;
use crate::syntax::ast::{self, HasName};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken};
use crate::text::TextRange;

/// The identity of a finding. No line is part of it, and no name of a function that the code calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The file and the items that the finding is in, such as `src/api.rs::Api::load`.
    pub place: String,
    /// The id of the rule.
    pub rule: String,
    /// The hash of the expression or declaration, without layout and names of what it calls.
    pub code: String,
    /// The hash of the innermost item, without any name.
    pub item: String,
}

impl Identity {
    /// The name of the innermost item, or of the file.
    pub fn name(&self) -> &str {
        self.place.rsplit(['/', ':']).next().unwrap_or_default()
    }

    /// What stays the same when code is moved to another item, and the item renamed.
    pub fn fingerprint(&self) -> String {
        hash([self.rule.as_str(), &self.code])
    }

    /// The identities of findings in a Rust source, whose tree has this root.
    pub fn in_source(path: &str, root: &SyntaxNode, findings: &[Finding]) -> Vec<Self> {
        let mut items = FxHashMap::default();
        let of = |finding: &Finding| {
            let range = finding.range.to_file_tree();
            let range = range.intersect(root.text_range()).unwrap_or_default();
            let element = root.covering_element(range);
            let node = match &element {
                NodeOrToken::Node(node) => Some(node.clone()),
                NodeOrToken::Token(token) => token.parent(),
            };
            let node = node.unwrap_or_else(|| root.clone());
            let item = node.ancestors().find(|it| is_item(it.kind()));
            let item_hash = item.map_or_else(hash_of_nothing, |item| {
                items.entry(item.text_range()).or_insert_with(|| hash_of_item(&item)).clone()
            });
            let code = match element.as_token().filter(|it| it.kind() == SyntaxKind::COMMENT) {
                Some(comment) => hash(comment.text().split_whitespace()),
                None => hash_of_code(&node, range),
            };
            let rule = finding.rule.id.to_string();
            Self { place: place_of(path, &node), rule, code, item: item_hash }
        };
        findings.iter().map(of).collect()
    }

    /// The identities of findings in a file that is not Rust.
    pub fn in_document(path: &str, text: &str, findings: &[Finding]) -> Vec<Self> {
        let of = |finding: &Finding| {
            let start = usize::from(finding.range.start()).min(text.len());
            let before = text.get(..start).unwrap_or_default();
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let line = text.get(line_start..).and_then(|it| it.lines().next()).unwrap_or_default();
            let line: Vec<&str> = line.trim_end_matches(',').split_whitespace().collect();
            // Several findings may stand at one line of a manifest, and a count changes.
            let message = finding.message.replace(|c: char| c.is_ascii_digit(), "");
            Self {
                place: path.to_string(),
                rule: finding.rule.id.to_string(),
                code: hash(line.iter().copied().chain([message.as_str()])),
                item: hash(line),
            }
        };
        findings.iter().map(of).collect()
    }
}

/// The length of a hash in hexadecimal digits.
const DIGITS: usize = 12;

fn hash<'t>(parts: impl IntoIterator<Item = &'t str>) -> String {
    // readiness: allow(weak-crypto) nobody gains by two pieces of code that look alike
    let mut sha1 = Sha1::new();
    for part in parts {
        sha1.update(part.as_bytes());
        sha1.update(b"\n");
    }
    let mut digest = sha1.digest().to_string();
    digest.truncate(DIGITS);
    digest
}

fn hash_of_nothing() -> String {
    "-".to_string()
}

/// The file and the names of the items around a node.
fn place_of(path: &str, node: &SyntaxNode) -> String {
    let mut names: Vec<String> = node.ancestors().filter_map(|it| name_of(&it)).collect();
    names.reverse();
    [path.to_string()].into_iter().chain(names).collect::<Vec<_>>().join("::")
}

fn name_of(node: &SyntaxNode) -> Option<String> {
    let item = ast::Item::cast(node.clone())?;
    if let ast::Item::Impl(it) = &item {
        let name = it.self_ty()?.syntax().text().to_string();
        return Some(name.split_whitespace().collect());
    }
    // A method is an item of its own.
    let name = item.syntax().children().find_map(ast::Name::cast);
    let name = name.or_else(|| ast::Fn::cast(node.clone())?.name());
    name.map(|it| it.text().to_string())
}

fn is_item(kind: SyntaxKind) -> bool {
    ast::Item::can_cast(kind)
}

/// The tokens of an item without those in items of its own, and without names.
fn hash_of_item(item: &SyntaxNode) -> String {
    let mut tokens = Vec::new();
    collect(item, &mut tokens, &|kind| {
        matches!(kind, SyntaxKind::ATTR | SyntaxKind::ITEM_LIST | SyntaxKind::ASSOC_ITEM_LIST)
    });
    let nameless = tokens.iter().map(|it| match it.kind() {
        SyntaxKind::IDENT => "_",
        _ => it.text(),
    });
    hash(nameless)
}

/// The tokens of the largest expression around a range within its statement, or of the declaration
/// it is in, and where the range begins among them.
fn hash_of_code(node: &SyntaxNode, range: TextRange) -> String {
    let whole = node.ancestors().take_while(|it| !ends_code(it.kind())).last();
    let whole = whole.unwrap_or_else(|| node.clone());
    let mut tokens = Vec::new();
    if node.kind() == SyntaxKind::TOKEN_TREE {
        part_of_macro(node, range, &mut tokens);
    } else {
        collect(&whole, &mut tokens, &|kind| {
            matches!(
                kind,
                SyntaxKind::STMT_LIST
                    | SyntaxKind::MATCH_ARM_LIST
                    | SyntaxKind::CLOSURE_EXPR
                    | SyntaxKind::ITEM_LIST
                    | SyntaxKind::ASSOC_ITEM_LIST
            )
        });
    }
    let position = tokens.iter().position(|it| it.text_range().end() > range.start());
    let position = position.unwrap_or(tokens.len()).to_string();
    let is_called = |index: usize| {
        let next = tokens.get(index + 1).map(SyntaxToken::kind);
        next == Some(SyntaxKind::L_PAREN)
    };
    let own_name = name_token(&whole);
    let texts = tokens.iter().enumerate().map(|(index, token)| {
        let is_name = token.kind() == SyntaxKind::IDENT;
        match is_name && (is_called(index) || own_name.as_ref() == Some(token)) {
            true => "_",
            false => token.text(),
        }
    });
    hash(texts.chain([position.as_str()]))
}

/// The name that a declaration gives its item, which says no more than where it is.
fn name_token(node: &SyntaxNode) -> Option<SyntaxToken> {
    let item = ast::Item::cast(node.clone())?;
    item.syntax().children().find_map(ast::Name::cast)?.ident_token()
}

/// Where an expression ends, seen from inside of it. What formatting puts into braces, such as the
/// body of a closure or an arm, is cut from what it is put into.
fn ends_code(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::STMT_LIST
            | SyntaxKind::LET_STMT
            | SyntaxKind::EXPR_STMT
            | SyntaxKind::MATCH_ARM
            | SyntaxKind::CLOSURE_EXPR
            | SyntaxKind::SOURCE_FILE
            | SyntaxKind::ITEM_LIST
            | SyntaxKind::ASSOC_ITEM_LIST
            | SyntaxKind::RECORD_FIELD_LIST
            | SyntaxKind::TUPLE_FIELD_LIST
            | SyntaxKind::VARIANT_LIST
            | SyntaxKind::PARAM_LIST
    )
}

/// The tokens of a node that say something, without those in nodes that `is_left_out`.
fn collect(
    node: &SyntaxNode,
    tokens: &mut Vec<SyntaxToken>,
    is_left_out: &dyn Fn(SyntaxKind) -> bool,
) {
    for child in node.children_with_tokens() {
        match child {
            NodeOrToken::Node(child) if is_left_out(child.kind()) => {}
            NodeOrToken::Node(child) => collect(&child, tokens, is_left_out),
            NodeOrToken::Token(token) if is_layout(token.kind()) => {}
            NodeOrToken::Token(token) => tokens.push(token),
        }
    }
}

/// The tokens of the statement in the arguments of a macro that a range is in.
fn part_of_macro(tree: &SyntaxNode, range: TextRange, tokens: &mut Vec<SyntaxToken>) {
    let mut is_reached = false;
    for child in tree.children_with_tokens() {
        let is_braced = child.as_node().is_some_and(|it| {
            it.first_token().is_some_and(|token| token.kind() == SyntaxKind::L_CURLY)
        });
        if child.kind() == SyntaxKind::SEMICOLON || is_braced {
            if is_reached {
                break;
            }
            tokens.clear();
            continue;
        }
        is_reached |= child.text_range().contains_inclusive(range.start())
            && child.text_range().end() > range.start();
        match child {
            NodeOrToken::Node(child) => collect(&child, tokens, &|_| false),
            NodeOrToken::Token(token) if is_layout(token.kind()) => {}
            NodeOrToken::Token(token) => tokens.push(token),
        }
    }
}

/// What formatting adds and takes away.
fn is_layout(kind: SyntaxKind) -> bool {
    kind.is_trivia()
        || matches!(
            kind,
            SyntaxKind::COMMA | SyntaxKind::SEMICOLON | SyntaxKind::L_CURLY | SyntaxKind::R_CURLY
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::INVALID_CONFIG;
    use crate::config::Severity;
    use crate::syntax::{Edition, parse_root};
    use crate::text::{FileRange, TextSize};

    /// The identity of a finding at the first `at` of a source.
    fn identity(source: &str, at: &str) -> Identity {
        let start = TextSize::new(source.find(at).expect("it is there") as u32);
        let range = FileRange::at(start, TextSize::of(at));
        let finding = Finding::new(&INVALID_CONFIG, Severity::Low, range, "a");
        let root = parse_root(source, Edition::CURRENT).expect("it is parsed");
        Identity::in_source("src/a.rs", &root, &[finding]).remove(0)
    }

    #[test]
    fn layout_is_no_part_of_it() {
        let narrow = "
fn f(xs: &[u8]) {
    let all = match xs.first() {
        Some(x) => {
            convert(x).unwrap()
        }
        None => 0,
    };
}";
        let wide = "fn f(xs: &[u8]) { let all = match xs.first() { Some(x) => convert(x).unwrap(), None => 0 }; }";
        assert_eq!(identity(narrow, "unwrap"), identity(wide, "unwrap"));
        let closure = identity("fn f() { xs.map(|x| x.parse().unwrap()); }", "unwrap");
        let braced = "fn f() {\n    xs.map(|x| {\n        x\n            .parse()\n            .unwrap()\n    });\n}";
        assert_eq!(closure, identity(braced, "unwrap"));
    }

    #[test]
    fn a_renamed_function_is_recognised_by_its_body() {
        let before = identity("fn load() { let a = read(path).unwrap(); check(a); }", "unwrap");
        let after = identity("fn load_all() { let a = fetch(path).unwrap(); test(a); }", "unwrap");
        assert_ne!(before.place, after.place);
        assert_eq!((&before.code, &before.item), (&after.code, &after.item));
    }

    #[test]
    fn other_code_is_another_finding() {
        let one = identity("fn f() { a.b.unwrap(); }", "unwrap");
        assert_ne!(one.code, identity("fn f() { a.c.unwrap(); }", "unwrap").code);
        // The second of two in one expression.
        let two = "fn f() { x.unwrap() + x.unwrap(); }";
        let second = identity(&two.replacen("unwrap", "UNWRAP", 1), "unwrap");
        assert_ne!(identity(two, "unwrap").code, second.code);
    }

    #[test]
    fn the_place_names_the_items() {
        let source = "mod m { impl<T> Api<T> { fn load(&self) { self.x.unwrap(); } } }";
        assert_eq!(identity(source, "unwrap").place, "src/a.rs::m::Api<T>::load");
        assert_eq!(identity(source, "unwrap").name(), "load");
        assert_eq!(identity("// TODO: a", "TODO").place, "src/a.rs");
    }

    #[test]
    fn what_is_in_a_macro_is_told_by_its_statement() {
        let source = "fn f() { select! { a = b.unwrap() => { c(); } d = e() => { g(); } } }";
        let edited = source.replace("g();", "h(); i.j();");
        assert_eq!(identity(source, "unwrap").code, identity(&edited, "unwrap").code);
    }
}
