//! Whether the code around a statement explains why its error is ignored.

use super::operation::{Kind, Operation};
use crate::analysis::Context;
use crate::semantics::execution::is_item;
use crate::semantics::shape::{Binding, binding, surroundings};
use crate::syntax::ast::{self, HasArgList, HasDocComments, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, AstToken, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};
use crate::text::TextSize;

/// Parts of comments that explain why an error is ignored, in lower case.
const EXPLANATIONS: &[&str] = &[
    "already", "best effort", "best-effort", "discard", "do not care", "don't care", "don't need",
    "error", "exist", "fail", "fatal", "fine", "harmless", "ignor", "infallible", "matter",
    "may not", "might not", "not found", "nothing to do", "ok ", "okay", "optional", "result",
    "unneeded",
];

/// Whether the code around a statement explains why the error of an operation is ignored.
pub fn is_excused(
    statement: &SyntaxNode,
    call: &ast::Expr,
    operation: &Operation,
    cx: &Context<'_>,
) -> bool {
    is_explained(statement)
        || outer_condition(statement).is_some_and(|it| is_explained_above(&it))
        || is_in_drop_or_log(statement, cx)
        || (!restores(operation) && follows_failure(statement, cx))
        || operation.name.starts_with("remove_") && is_followed_by_creation(statement)
        || takes_equal_time(call, &operation.name, cx)
        || writes_to_terminal(call, cx)
}

/// Whether a call writes to a standard stream: there is nowhere left to report that it failed.
fn writes_to_terminal(call: &ast::Expr, cx: &Context<'_>) -> bool {
    let (receiver, arguments) = match call {
        ast::Expr::MethodCallExpr(it) => (it.receiver(), it.arg_list()),
        ast::Expr::CallExpr(it) => (None, it.arg_list()),
        _ => return false,
    };
    let around: Vec<SyntaxNode> = cx.ancestors(call.syntax()).collect();
    receiver.into_iter().chain(arguments.into_iter().flat_map(|it| it.args())).any(|given| {
        let given = match given {
            ast::Expr::RefExpr(it) => it.expr(),
            other => Some(other),
        };
        given.is_some_and(|it| is_standard_stream(&it, &around, MAX_STEPS))
    })
}

/// How many bindings are followed to a standard stream.
const MAX_STEPS: usize = 4;

fn is_standard_stream(value: &ast::Expr, around: &[SyntaxNode], steps: usize) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    match value {
        ast::Expr::CallExpr(call) => {
            let path = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
            matches!(path.rsplit("::").next(), Some("stdout" | "stderr"))
        }
        ast::Expr::MethodCallExpr(call) => {
            call.name_ref().is_some_and(|it| it.text() == "lock")
                && call.receiver().is_some_and(|it| is_standard_stream(&it, around, steps))
        }
        ast::Expr::PathExpr(path) => {
            // `let out = out.lock();`: the name in the value is bound before.
            let here = surroundings(value.syntax(), around);
            match binding(&compact(path.syntax()), &here) {
                Some(Binding::Value(made)) => is_standard_stream(&made, &here, steps),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether an operation puts back what was there before, or makes something: no cleanup.
fn restores(operation: &Operation) -> bool {
    let name = operation.name.as_str();
    match operation.kind {
        Kind::File => !name.starts_with("remove_"),
        _ => has_any_word(name, &["restore", "revert", "undo", "reinstate"]),
    }
}

/// Whether a password is checked for the sake of the time that it takes, and not of the answer:
/// against what the program made up, or in a function that says so.
fn takes_equal_time(call: &ast::Expr, name: &str, cx: &Context<'_>) -> bool {
    if !has_any_word(name, &["verify", "check", "compare", "hash", "validate"]) {
        return false;
    }
    let arguments = match call {
        ast::Expr::CallExpr(it) => it.arg_list(),
        ast::Expr::MethodCallExpr(it) => it.arg_list(),
        _ => None,
    };
    const MADE_UP: &[&str] =
        &["dummy", "fake", "placeholder", "decoy", "pretend", "timing", "equal"];
    let is_made_up = |it: ast::Expr| match &it {
        ast::Expr::Literal(_) => true,
        _ => {
            let text = compact(it.syntax());
            has_any_word(&text, MADE_UP)
                || text.trim_start_matches('&').chars().all(|c| c.is_ascii_uppercase() || c == '_')
        }
    };
    let function = cx.function(call.syntax());
    let says_so = function.is_some_and(|function| {
        let name = function.name().map(|it| it.text().to_string()).unwrap_or_default();
        let docs: String = function.doc_comments().map(|it| it.text().to_string()).collect();
        has_any_word(&name, MADE_UP)
            || ["constant time", "constant-time", "timing", "same time", "as long as"]
                .iter()
                .any(|it| docs.to_lowercase().contains(it))
    });
    says_so || arguments.into_iter().flat_map(|list| list.args()).any(is_made_up)
}

/// The `if` whose block begins with a statement.
fn outer_condition(statement: &SyntaxNode) -> Option<SyntaxNode> {
    let list = statement.parent().filter(|_| statement.prev_sibling().is_none())?;
    let condition = list.parent()?.parent().filter(|it| it.kind() == SyntaxKind::IF_EXPR)?;
    let outer = condition.parent().filter(|it| it.kind() == SyntaxKind::EXPR_STMT);
    Some(outer.unwrap_or(condition))
}

/// Whether a comment above, in or behind the statement mentions the error.
fn is_explained(statement: &SyntaxNode) -> bool {
    if is_explained_above(statement) {
        return true;
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

/// Whether a comment above a statement mentions the error.
fn is_explained_above(statement: &SyntaxNode) -> bool {
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
    false
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

/// Whether a statement is in an implementation of `Drop`, which cannot return an error, or in one
/// of what writes the log, which cannot log that it failed.
fn is_in_drop_or_log(statement: &SyntaxNode, cx: &Context<'_>) -> bool {
    let mut around = cx.ancestors(statement);
    around.any(|node| {
        let implemented = ast::Impl::cast(node).and_then(|it| it.trait_());
        implemented.is_some_and(|it| {
            let text = compact(it.syntax());
            let name = text.split('<').next().unwrap_or(&text);
            let name = name.rsplit("::").next().unwrap_or(name);
            name.ends_with("Drop") || matches!(name, "Log" | "Layer" | "MakeWriter" | "Subscriber")
        })
    })
}

/// Whether the statement cleans up after another error, which is the one to return.
fn follows_failure(statement: &SyntaxNode, cx: &Context<'_>) -> bool {
    let list = statement.parent();
    let failure = list.and_then(|list| *cx.once("returned failure", &list, || last_failure(&list)));
    if failure.is_some_and(|at| at >= statement.text_range().end()) {
        return true;
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

/// Where the last statement of a block begins that returns an error or ends the program.
fn last_failure(list: &SyntaxNode) -> Option<TextSize> {
    let last = list.last_child();
    let mut statements = std::iter::successors(last, SyntaxNode::prev_sibling);
    statements.find(returns_failure).map(|it| it.text_range().start())
}

/// Whether a statement returns an error, or ends the program.
fn returns_failure(statement: &SyntaxNode) -> bool {
    let text = statement.text().to_string();
    let text = text.trim_start();
    let starts = ["return Err", "Err(", "return Some(Err", "std::process::exit", "process::exit"];
    let call = statement.descendants().find(|it| it.kind() == SyntaxKind::MACRO_CALL);
    let gives_up = call.filter(|it| it.text_range().start() == statement.text_range().start());
    let gives_up = gives_up.and_then(|it| macro_name(&it));
    starts.iter().any(|start| text.starts_with(start))
        || (text.starts_with("return ") && text.contains("Err("))
        || gives_up.is_some_and(|name| matches!(name.as_str(), "bail" | "panic" | "whatever"))
}

/// Whether the next statement creates something, and so fails as well if the removal failed.
fn is_followed_by_creation(statement: &SyntaxNode) -> bool {
    let Some(next) = statement.next_sibling() else { return false };
    let text = next.text().to_string();
    ["bind(", "create", "symlink(", "hard_link(", "rename(", "write(", "copy(", "open("]
        .iter()
        .any(|call| text.contains(call))
}
