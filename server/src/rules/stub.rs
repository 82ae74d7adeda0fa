use rowan::GreenNodeData;

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::green::{any_token, child_nodes, child_of_kind, node_kind};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxToken};

/// The comment by which a function admits that it does nothing yet: its body only gives a default,
/// an empty or a literal value.
pub fn stub_comment(function: &ast::Fn) -> Option<SyntaxToken> {
    if !may_be_stub(function.syntax().green()) {
        return None;
    }
    let list = function.body()?.stmt_list()?;
    let mut statements: Vec<ast::Stmt> = list.statements().collect();
    let value = match list.tail_expr() {
        Some(tail) => Some(tail),
        None => match statements.last() {
            Some(ast::Stmt::ExprStmt(last)) => match last.expr() {
                Some(ast::Expr::ReturnExpr(it)) => {
                    statements.pop();
                    it.expr()
                }
                _ => None,
            },
            _ => None,
        },
    };
    let fixed = value.as_ref().is_none_or(|value| is_fixed(value) || is_log(value));
    if !fixed || !statements.iter().all(does_nothing) {
        return None;
    }
    let tokens = list.syntax().descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let mut comments = tokens.filter(|token| token.kind() == SyntaxKind::COMMENT);
    let first = comments.find(|comment| admits(comment.text()))?;
    // A marker says more than the prose before it.
    let marked =
        if is_marked(first.text()) { None } else { comments.find(|it| is_marked(it.text())) };
    Some(marked.unwrap_or(first))
}

/// Whether a function is worth a look, told cheaply: it has a comment, and no statement that is
/// plainly one that does something.
fn may_be_stub(function: &GreenNodeData) -> bool {
    let body = child_of_kind(function, SyntaxKind::BLOCK_EXPR);
    let Some(list) = body.and_then(|body| child_of_kind(body, SyntaxKind::STMT_LIST)) else {
        return false;
    };
    let may_do_nothing = |statement: &GreenNodeData| match node_kind(statement) {
        SyntaxKind::LET_STMT => child_of_kind(statement, SyntaxKind::WILDCARD_PAT).is_some(),
        SyntaxKind::EXPR_STMT => child_nodes(statement)
            .any(|it| matches!(node_kind(it), SyntaxKind::MACRO_EXPR | SyntaxKind::RETURN_EXPR)),
        SyntaxKind::METHOD_CALL_EXPR => child_of_kind(statement, SyntaxKind::LITERAL).is_some(),
        kind => !matches!(
            kind,
            SyntaxKind::AWAIT_EXPR
                | SyntaxKind::BIN_EXPR
                | SyntaxKind::BLOCK_EXPR
                | SyntaxKind::FIELD_EXPR
                | SyntaxKind::IF_EXPR
                | SyntaxKind::MATCH_EXPR
                | SyntaxKind::RECORD_EXPR
                | SyntaxKind::TRY_EXPR
        ),
    };
    child_nodes(list).all(may_do_nothing)
        && any_token(list, &|kind, text| kind == SyntaxKind::COMMENT && admits(text))
}

fn is_marked(comment: &str) -> bool {
    ["TODO", "FIXME", "XXX"].iter().any(|marker| comment.contains(marker))
}

/// Whether a comment says that code is missing.
fn admits(comment: &str) -> bool {
    if is_marked(comment) {
        return true;
    }
    let text = comment.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '\'');
    words.any(|word| matches!(word, "placeholder" | "stub" | "stubbed" | "unimplemented"))
        || ["for now", "not implemented", "not yet implemented", "isn't implemented"]
            .iter()
            .any(|phrase| text.contains(phrase))
}

/// `let _ = argument;`, or a line in the log.
fn does_nothing(statement: &ast::Stmt) -> bool {
    match statement {
        ast::Stmt::LetStmt(it) => {
            matches!(it.pat(), Some(ast::Pat::WildcardPat(_)))
                && it.initializer().is_some_and(|value| is_name(&value))
        }
        ast::Stmt::ExprStmt(it) => it.expr().is_some_and(|expr| is_log(&expr)),
        ast::Stmt::Item(_) => false,
    }
}

/// A path of one segment or some of them in a tuple.
fn is_name(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::PathExpr(_) => true,
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_name(&it)),
        ast::Expr::TupleExpr(it) => it.fields().all(|it| is_name(&it)),
        _ => false,
    }
}

fn is_log(expr: &ast::Expr) -> bool {
    let ast::Expr::MacroExpr(it) = expr else { return false };
    let name = it.macro_call().and_then(|call| crate::syntax::fragment::macro_name(call.syntax()));
    matches!(
        name.as_deref(),
        Some(
            "trace"
                | "debug"
                | "info"
                | "warn"
                | "error"
                | "log"
                | "println"
                | "eprintln"
                | "event"
        )
    )
}

/// Whether an expression has the same value whatever the arguments of the function are.
fn is_fixed(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Literal(_) => true,
        ast::Expr::PrefixExpr(it) => it.expr().is_some_and(|it| is_fixed(&it)),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_fixed(&it)),
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_fixed(&it)),
        ast::Expr::TupleExpr(it) => it.fields().all(|it| is_fixed(&it)),
        ast::Expr::ArrayExpr(it) => it.exprs().all(|it| is_fixed(&it)),
        ast::Expr::PathExpr(it) => it.syntax().text() == "None",
        ast::Expr::CallExpr(it) => {
            let Some(ast::Expr::PathExpr(callee)) = it.expr() else { return false };
            let path = callee.syntax().text().to_string();
            let name = path.rsplit("::").next().unwrap_or_default().trim();
            let mut arguments = it.arg_list().into_iter().flat_map(|list| list.args());
            match name {
                "new" | "default" => path.contains("::") && arguments.next().is_none(),
                "Ok" | "Some" | "from" => arguments.all(|it| is_fixed(&it)),
                _ => false,
            }
        }
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref().map(|name| name.text().to_string());
            matches!(name.as_deref(), Some("to_string" | "to_owned" | "into"))
                && it.receiver().is_some_and(|it| matches!(it, ast::Expr::Literal(_)))
        }
        ast::Expr::MacroExpr(it) => {
            let text = it.syntax().text().to_string();
            let arguments = text.trim_start().strip_prefix("vec!").map(str::trim);
            arguments.is_some_and(|it| !it.contains(char::is_alphabetic))
        }
        _ => false,
    }
}
