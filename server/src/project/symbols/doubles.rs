//! Doubles of tests: types that stand in for another one, such as a store that keeps in memory
//! what the product keeps in a database. They lie beside production code so that the tests of other
//! packages can use them, and which they are only shows by who names them.

use super::type_names::owner;
use crate::syntax::attrs::marks_test_code;
use crate::syntax::green::{any_token, declared_name};
use crate::syntax::names::{Parts, has_any_word};
use crate::syntax::{NodeOrToken, SyntaxKind, SyntaxNode};

/// Words in the names of types that stand in for another one.
const DOUBLE_WORDS: &[&str] =
    &["dummy", "fake", "inmem", "inmemory", "mem", "memory", "mock", "mocked", "stub"];

/// What the names of doubles have in them.
pub(super) const DOUBLE_PARTS: Parts = Parts::new(&["dummy", "fake", "mem", "mock", "stub"]);

/// The name of a type that may be a double, in code that is no test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamedDouble {
    /// The name.
    pub name: String,
    /// The type whose `impl` holds the code, if one does.
    pub owner: Option<String>,
}

/// Whether a type is named as one that stands in for another.
pub fn is_named_as_double(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && has_any_word(name, DOUBLE_WORDS)
}

/// The types that may be doubles and that an item names, itself and `use` left out: who only
/// imports one does not make one.
pub(super) fn named_doubles(item: &SyntaxNode) -> Vec<NamedDouble> {
    let may_name = |kind, text: &str| kind == SyntaxKind::IDENT && DOUBLE_PARTS.occur_in(text);
    if item.kind() == SyntaxKind::USE || !any_token(item.green(), &may_name) {
        return Vec::new();
    }
    let own = declared_name(item.green());
    let tokens = item.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let mut names: Vec<String> = tokens
        .filter(|it| it.kind() == SyntaxKind::IDENT && is_named_as_double(it.text()))
        .map(|it| it.text().to_string())
        .collect();
    names.sort();
    names.dedup();
    let owner = owner(item);
    names.retain(|name| Some(name.as_str()) != own && Some(name) != owner.as_ref());
    if names.is_empty() || item.ancestors().any(|it| marks_test_code(&it)) {
        return Vec::new();
    }
    names.into_iter().map(|name| NamedDouble { name, owner: owner.clone() }).collect()
}
