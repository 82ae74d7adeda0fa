//! What the body of a function does with values that others define: which it refuses, and on which
//! addresses it listens.

use crate::syntax::ast::{self, HasName};
use crate::syntax::format_string::inline_captures;
use crate::syntax::green::{any_token, own_name};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken};

/// A value with which a program does not go on: it returns an error, or ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Nothing in what has this name.
    Empty(String),
    /// This text.
    Text(String),
    /// What the constant of this name is.
    Constant(String),
}

/// Names without which nothing is refused.
pub(super) const FAILURES: &[&str] =
    &["Err", "abort", "assert", "assert_ne", "bail", "ensure", "exit", "panic"];

/// Names of tests that a value is refused by, beside `==`, `!=` and patterns.
pub(super) const TESTS: &[&str] = &["assert", "assert_ne", "contains", "ensure", "is_empty"];

/// Methods between a value and the test whether it is empty.
const CONVERSIONS: &[&str] =
    &["as_bytes", "as_deref", "as_ref", "as_str", "expose_secret", "trim", "unwrap_or_default"];

/// The values that a function compares something with to refuse it.
pub(super) fn refused(item: &SyntaxNode) -> Vec<Refused> {
    let mut found = Vec::new();
    for node in item.descendants() {
        match node.kind() {
            SyntaxKind::IF_EXPR => {
                let Some(branch) = ast::IfExpr::cast(node) else { continue };
                let then = branch.then_branch().map(|it| it.syntax().clone());
                let otherwise = branch.else_branch().map(|it| match it {
                    ast::ElseBranch::Block(it) => it.syntax().clone(),
                    ast::ElseBranch::IfExpr(it) => it.syntax().clone(),
                });
                let fails = then.iter().chain(&otherwise).any(ends_in_failure);
                if let Some(condition) = branch.condition().filter(|_| fails) {
                    collect(condition.syntax(), &mut found);
                }
            }
            SyntaxKind::MATCH_ARM => {
                let Some(arm) = ast::MatchArm::cast(node) else { continue };
                let fails = arm.expr().is_some_and(|it| ends_in_failure(it.syntax()));
                let guard = arm.guard().map(|it| it.syntax().clone());
                let pattern = arm.pat().map(|it| it.syntax().clone());
                for part in guard.iter().chain(&pattern).filter(|_| fails) {
                    collect(part, &mut found);
                }
            }
            SyntaxKind::MACRO_CALL => {
                let name = crate::syntax::fragment::macro_name(&node).unwrap_or_default();
                if matches!(name.as_str(), "ensure" | "assert" | "assert_ne") {
                    collect(&node, &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether the last statement of a block, or an expression, fails.
fn ends_in_failure(node: &SyntaxNode) -> bool {
    let block = ast::BlockExpr::cast(node.clone()).and_then(|it| it.stmt_list());
    let last = block.and_then(|it| it.syntax().last_child()).unwrap_or_else(|| node.clone());
    let text: String = tokens(&last)
        .filter(|it| !matches!(it.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        .take(8)
        .map(|it| it.text().to_string())
        .collect();
    let text = text.trim_start_matches("return").trim_start_matches("Some(");
    let text = ["std::", "process::", "anyhow::", "eyre::"]
        .iter()
        .fold(text, |text, path| text.trim_start_matches(path));
    FAILURES.iter().any(|it| text.starts_with(it))
}

/// The texts, constants and tests for emptiness in a condition.
fn collect(condition: &SyntaxNode, found: &mut Vec<Refused>) {
    let tokens: Vec<SyntaxToken> = tokens(condition).collect();
    for (at, token) in tokens.iter().enumerate() {
        let text = token.text();
        match token.kind() {
            SyntaxKind::STRING => {
                found.push(Refused::Text(text.trim_matches('"').to_ascii_lowercase()));
            }
            SyntaxKind::IDENT if is_constant(text) => {
                found.push(Refused::Constant(text.to_string()));
            }
            SyntaxKind::IDENT if text == "is_empty" => {
                let names = tokens.get(..at).unwrap_or_default().iter().rev();
                let mut names = names
                    .take_while(|it| {
                        matches!(
                            it.kind(),
                            SyntaxKind::IDENT
                                | SyntaxKind::DOT
                                | SyntaxKind::L_PAREN
                                | SyntaxKind::R_PAREN
                                | SyntaxKind::SELF_KW
                        )
                    })
                    .filter(|it| it.kind() == SyntaxKind::IDENT);
                let name = names.find(|it| !CONVERSIONS.contains(&it.text()));
                found.extend(name.map(|it| Refused::Empty(it.text().to_string())));
            }
            _ => {}
        }
    }
}

/// The constants whose values a function listens on, directly or through a variable.
pub(super) fn listened(item: &SyntaxNode) -> Vec<String> {
    let is_name = |kind, text: &str| match kind {
        SyntaxKind::IDENT => is_constant(text),
        SyntaxKind::STRING => text.contains('{'),
        _ => false,
    };
    if !any_token(item.green(), &is_name) {
        return Vec::new();
    }
    let mut names = listened_names(item);
    names.retain(|name| is_constant(name));
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a function listens on what it is given, by its name.
pub(super) fn listens(function: &str) -> bool {
    ["bind", "listen", "serve"].iter().any(|verb| function.starts_with(verb))
}

/// The names in what a function listens on, and in the values of variables that it does so through.
pub fn listened_names(item: &SyntaxNode) -> Vec<String> {
    let calls = item.descendants().filter(|node| {
        matches!(node.kind(), SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR)
            && own_name(node.green()).is_some_and(listens)
    });
    let arguments =
        calls.filter_map(|call| call.children().find(|child| child.kind() == SyntaxKind::ARG_LIST));
    let mut names: Vec<String> = arguments.flat_map(|it| names_in(&it)).collect();
    for statement in item.descendants().filter_map(ast::LetStmt::cast) {
        let Some(ast::Pat::IdentPat(pattern)) = statement.pat() else { continue };
        let Some(name) = pattern.name().map(|it| it.text().to_string()) else { continue };
        if let Some(value) = statement.initializer().filter(|_| names.contains(&name)) {
            names.extend(names_in(value.syntax()));
        }
    }
    names
}

/// The identifiers in a tree, those in format strings among them.
fn names_in(node: &SyntaxNode) -> Vec<String> {
    let mut names = Vec::new();
    for token in tokens(node) {
        match token.kind() {
            SyntaxKind::IDENT => names.push(token.text().to_string()),
            SyntaxKind::STRING => {
                names.extend(inline_captures(token.text()).into_iter().map(|(name, _)| name));
            }
            _ => {}
        }
    }
    names
}

fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.descendants_with_tokens().filter_map(NodeOrToken::into_token)
}

fn is_constant(name: &str) -> bool {
    name.len() > 1
        && name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
        && name.bytes().any(|it| it.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Edition, parse_root};

    fn item(source: &str) -> SyntaxNode {
        let root = parse_root(source, Edition::CURRENT).expect("it parses");
        root.children().find(|it| it.kind() == SyntaxKind::FN).expect("a function")
    }

    #[test]
    fn refused_values_are_those_of_conditions_that_fail() {
        let of = |body: &str| refused(&item(&format!("fn f() {{ {body} }}")));
        let text = |it: &str| Refused::Text(it.to_string());
        assert_eq!(of("if secret == \"changeme\" { bail!(\"no\") }"), [text("changeme")]);
        assert_eq!(
            of("if self.key.trim().is_empty() { return Err(E) }"),
            [Refused::Empty("key".to_string())]
        );
        assert_eq!(
            of("if s.token == DEFAULT_TOKEN { panic!() }"),
            [Refused::Constant("DEFAULT_TOKEN".to_string())]
        );
        assert_eq!(of("ensure!(!k.is_empty());"), [Refused::Empty("k".to_string())]);
        assert_eq!(of("match s { \"dev\" => Err(E), _ => Ok(1) }"), [text("dev")]);
        assert_eq!(of("if secret == \"changeme\" { warn!(\"no\") }"), []);
    }

    #[test]
    fn constants_are_followed_to_what_listens() {
        let of = |body: &str| listened(&item(&format!("fn f() {{ {body} }}")));
        assert_eq!(of("TcpListener::bind((HOST, 0))?;"), ["HOST"]);
        assert_eq!(of("let a = format!(\"{HOST}:{port}\"); server.bind(a);"), ["HOST"]);
        assert!(of("connect(HOST)").is_empty());
    }
}
