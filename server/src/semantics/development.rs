//! Code that runs on the machines of developers alone.

use super::NodeContext;
use super::body_words::names_any;
use crate::syntax::ast;
use crate::syntax::attrs::marks_test_code;
use crate::syntax::cfg::is_for_debugging;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Words of what is there for development.
const DEVELOPMENT_WORDS: &[&str] = &[
    "debug", "dev", "devel", "development", "dummy", "fake", "local", "mock", "mocks", "sandbox",
    "stub", "stubs", "test", "testing",
];

/// Words of what is there for the opposite.
const PRODUCTION_WORDS: &[&str] = &["live", "prod", "production", "release"];

/// Whether code runs for development only: behind a condition or in the arm of a `match` that says
/// so, or in a function or file of that name.
pub fn is_for_development(cx: &NodeContext<'_>, node: &SyntaxNode) -> bool {
    let mut below = node.clone();
    for ancestor in cx.ancestors(node) {
        let says_so = match ancestor.kind() {
            SyntaxKind::IF_EXPR => is_development_branch(&ancestor, &below),
            SyntaxKind::MATCH_ARM => ast::MatchArm::cast(ancestor.clone())
                .and_then(|arm| arm.pat())
                .is_some_and(|pat| speaks_of_development(pat.syntax())),
            SyntaxKind::FN => ancestor
                .children()
                .find_map(ast::Name::cast)
                .is_some_and(|name| has_any_word(name.text(), DEVELOPMENT_WORDS)),
            _ => false,
        };
        if says_so || is_for_debugging(&ancestor) {
            return true;
        }
        below = ancestor;
    }
    let path = &cx.file().path;
    let file = path.rsplit("src/").next().unwrap_or(path);
    file.trim_end_matches(".rs").split('/').any(|part| has_any_word(part, DEVELOPMENT_WORDS))
}

/// Whether the code of the file around a node serves its own machine alone: it listens on the
/// loopback interface.
pub fn serves_own_machine(cx: &NodeContext<'_>, node: &SyntaxNode) -> bool {
    let Some(file) = cx.ancestors(node).last() else { return false };
    *cx.once("serves its own machine", &file, || listens_on_loopback(&file))
}

fn listens_on_loopback(file: &SyntaxNode) -> bool {
    let names = |node: &SyntaxNode, list: &[&str]| names_any(node.green(), list);
    if !names(file, &["LOCALHOST"]) {
        return false;
    }
    let functions = file.descendants().filter(|it| it.kind() == SyntaxKind::FN);
    let mut listening =
        functions.filter(|it| names(it, &["LOCALHOST"]) && names(it, &["TcpListener", "bind"]));
    listening.any(|it| !it.ancestors().any(|around| marks_test_code(&around)))
}

/// Whether `branch` is what an `if` does in development.
fn is_development_branch(node: &SyntaxNode, branch: &SyntaxNode) -> bool {
    let Some(expr) = ast::IfExpr::cast(node.clone()) else { return false };
    let Some(condition) = expr.condition() else { return false };
    let text = condition.syntax().text().to_string();
    let negated = text.trim_start().starts_with('!') || text.contains("!=");
    let is_then = expr.then_branch().is_some_and(|it| it.syntax() == branch);
    let is_else = !is_then && condition.syntax() != branch;
    let about_production = has_any_word(&text, PRODUCTION_WORDS);
    let about_development = has_any_word(&text, DEVELOPMENT_WORDS);
    match (is_then, is_else) {
        (true, _) => about_development && !negated || about_production && negated,
        (_, true) => about_production && !negated || about_development && negated,
        _ => false,
    }
}

fn speaks_of_development(node: &SyntaxNode) -> bool {
    let text = node.text().to_string();
    has_any_word(&text, DEVELOPMENT_WORDS) && !has_any_word(&text, PRODUCTION_WORDS)
}
