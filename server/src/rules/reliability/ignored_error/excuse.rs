//! Whether the code around a statement explains why its error is ignored.

use crate::analysis::Context;
use crate::semantics::execution::is_item;
use crate::syntax::ast;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};

/// Parts of comments that explain why an error is ignored, in lower case.
const EXPLANATIONS: &[&str] = &[
    "already", "best effort", "best-effort", "discard", "do not care", "don't care", "don't need",
    "error", "exist", "fail", "fatal", "fine", "harmless", "ignor", "infallible", "matter",
    "may not", "might not", "not found", "nothing to do", "ok ", "okay", "optional", "result",
    "unneeded",
];

/// Whether the code around a statement explains why the error of `name` is ignored.
pub fn is_excused(statement: &SyntaxNode, name: &str, cx: &Context<'_>) -> bool {
    is_explained(statement)
        || is_in_drop(statement, cx)
        || follows_failure(statement)
        || name.starts_with("remove_") && is_followed_by_creation(statement)
}

/// Whether a comment above, in or behind the statement mentions the error.
fn is_explained(statement: &SyntaxNode) -> bool {
    let mut above = statement.prev_sibling_or_token();
    while let Some(NodeOrToken::Token(token)) = above {
        match token.kind() {
            SyntaxKind::WHITESPACE if token.text().matches('\n').count() > 1 => break,
            SyntaxKind::COMMENT if is_behind_code(&token) => break,
            SyntaxKind::COMMENT if mentions_error(token.text()) => return true,
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => {}
            _ => break,
        }
        above = token.prev_sibling_or_token();
    }
    let mut behind = statement.next_sibling_or_token();
    while let Some(NodeOrToken::Token(token)) = behind {
        match token.kind() {
            SyntaxKind::COMMENT => return mentions_error(token.text()),
            SyntaxKind::WHITESPACE if !token.text().contains('\n') => {}
            _ => break,
        }
        behind = token.next_sibling_or_token();
    }
    let inside = statement.descendants_with_tokens().filter_map(|it| it.into_token());
    let mut comments = inside.filter(|token| token.kind() == SyntaxKind::COMMENT);
    comments.any(|token| mentions_error(token.text()))
}

/// Whether a comment ends a line of code, which it then belongs to.
fn is_behind_code(comment: &SyntaxToken) -> bool {
    let mut before = comment.prev_token();
    if let Some(space) = before.clone().filter(|it| it.kind() == SyntaxKind::WHITESPACE) {
        if space.text().contains('\n') {
            return false;
        }
        before = space.prev_token();
    }
    before.is_some_and(|it| it.kind() != T!['{'])
}

/// Whether a comment explains the error. A `TODO` does not explain it, and `//~` starts what tests
/// expect of a line.
fn mentions_error(comment: &str) -> bool {
    if comment.starts_with("//~") || ["TODO", "FIXME"].iter().any(|it| comment.contains(it)) {
        return false;
    }
    let comment = comment.to_lowercase();
    EXPLANATIONS.iter().any(|text| comment.contains(text))
}

/// Whether a statement is in an implementation of `Drop`, which cannot return an error.
fn is_in_drop(statement: &SyntaxNode, cx: &Context<'_>) -> bool {
    let mut around = cx.ancestors(statement);
    around.any(|node| {
        ast::Impl::cast(node)
            .and_then(|it| it.trait_())
            .is_some_and(|of_trait| of_trait.syntax().text().to_string().ends_with("Drop"))
    })
}

/// Whether the statement cleans up after another error, which is the one to return.
fn follows_failure(statement: &SyntaxNode) -> bool {
    let mut next = statement.next_sibling();
    while let Some(node) = next {
        let text = node.text().to_string();
        let text = text.trim_start();
        if ["return Err", "Err(", "bail!", "return Some(Err", "std::process::exit", "process::exit"]
            .iter()
            .any(|start| text.starts_with(start))
            || text.starts_with("return ") && text.contains("Err(")
        {
            return true;
        }
        next = node.next_sibling();
    }
    // In what handles an error: `map_err(|error| { … })`, `Err(error) => { … }`.
    for node in statement.ancestors() {
        if let Some(arm) = ast::MatchArm::cast(node.clone()) {
            let pattern = arm.pat().map(|pattern| pattern.syntax().text().to_string());
            return pattern.is_some_and(|pattern| pattern.starts_with("Err"));
        }
        if node.kind() == SyntaxKind::CLOSURE_EXPR {
            let call = node.ancestors().find_map(ast::MethodCallExpr::cast);
            return call
                .and_then(|call| call.name_ref())
                .is_some_and(|name| matches!(name.text(), "map_err" | "or_else" | "inspect_err"));
        }
        if let Some(branching) = ast::IfExpr::cast(node.clone()) {
            let condition = branching.condition().map(|it| it.syntax().text().to_string());
            let on_error =
                condition.is_some_and(|it| it.starts_with("let Err") || it.ends_with(".is_err()"));
            if on_error {
                return true;
            }
        }
        if is_item(node.kind()) {
            return false;
        }
    }
    false
}

/// Whether the next statement creates something, and so fails as well if the removal failed.
fn is_followed_by_creation(statement: &SyntaxNode) -> bool {
    let Some(next) = statement.next_sibling() else { return false };
    let text = next.text().to_string();
    ["bind(", "create", "symlink(", "hard_link(", "rename(", "write(", "copy(", "open("]
        .iter()
        .any(|call| text.contains(call))
}
