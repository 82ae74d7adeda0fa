//! The ways to throw a result away.

use rustc_hash::FxHashMap;

use crate::analysis::Context;
use crate::semantics::calls::argument_count;
use crate::semantics::paths::callee;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::green::{children, each_token};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode};
use crate::text::TextSize;

/// Code that drops a result.
pub struct Discarded {
    /// The statement, or the expression that looks at the result and does nothing.
    pub statement: SyntaxNode,
    /// What is dropped, without a final `.ok()`.
    pub value: ast::Expr,
    pub by: Form,
}

/// How a result is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `let _ = value;`, `_ = value;`, `value.ok();`
    Statement,
    /// `let _name = value;`, which keeps a guard alive as well.
    Named,
    /// `drop(value);`
    Dropped,
    /// `match value { … Err(_) => {} }`, `if let Err(_) = value {}`
    Branches,
    /// `value.unwrap_or_default()`: the default stands for the failure.
    Default,
}

impl Discarded {
    /// What a node drops that a query led to.
    pub fn of(node: &SyntaxNode, cx: &Context<'_>) -> Option<Self> {
        match node.kind() {
            SyntaxKind::LET_STMT => of_let(node, cx),
            SyntaxKind::UNDERSCORE_EXPR => of_assignment(node),
            SyntaxKind::MATCH_EXPR => of_match(node),
            SyntaxKind::IF_EXPR => of_if(node),
            SyntaxKind::CALL_EXPR => of_drop(node),
            _ => of_method(node),
        }
    }
}

fn of_let(node: &SyntaxNode, cx: &Context<'_>) -> Option<Discarded> {
    let statement = ast::LetStmt::cast(node.clone())?;
    let by = match statement.pat()? {
        ast::Pat::WildcardPat(_) => Form::Statement,
        ast::Pat::IdentPat(pat) => {
            let name = pat.name()?.text().to_string();
            let unused = name.starts_with('_') && !is_used_after(node, &name, cx);
            unused.then_some(Form::Named)?
        }
        _ => return None,
    };
    Some(Discarded { statement: node.clone(), value: statement.initializer()?, by })
}

/// Whether a name that begins with `_` stands again below the statement that binds it.
fn is_used_after(statement: &SyntaxNode, name: &str, cx: &Context<'_>) -> bool {
    let Some(list) = statement.parent() else { return false };
    let last = cx.once("last uses", &list, || last_uses(&list));
    last.get(name).is_some_and(|at| *at >= statement.text_range().end())
}

/// Where the last statement of a block begins that has a name in it, for names that begin with `_`.
fn last_uses(list: &SyntaxNode) -> FxHashMap<String, TextSize> {
    let mut last = FxHashMap::default();
    for (at, child) in children(list.green(), list.text_range().start()) {
        let mut see = |text: &str| {
            if text.starts_with('_') {
                last.insert(text.to_string(), at);
            }
        };
        match child {
            NodeOrToken::Node(node) => each_token(node, &mut |_, text| see(text)),
            NodeOrToken::Token(token) => see(token.text()),
        }
    }
    last
}

fn of_assignment(node: &SyntaxNode) -> Option<Discarded> {
    let assignment = ast::BinExpr::cast(node.parent()?)?;
    // In `select!`, `_ = future => …` stands for an arm.
    let statement = ast::ExprStmt::cast(assignment.syntax().parent()?)?;
    statement.semicolon_token()?;
    let statement = statement.syntax().clone();
    Some(Discarded { statement, value: assignment.rhs()?, by: Form::Statement })
}

fn of_drop(node: &SyntaxNode) -> Option<Discarded> {
    let call = ast::CallExpr::cast(node.clone())?;
    let path = callee(&call)?;
    if !matches!(path.as_str(), "drop" | "mem::drop" | "std::mem::drop" | "core::mem::drop") {
        return None;
    }
    let statement = node.parent().filter(|it| it.kind() == SyntaxKind::EXPR_STMT)?;
    let value = call.arg_list()?.args().next()?;
    Some(Discarded { statement, value, by: Form::Dropped })
}

fn of_method(node: &SyntaxNode) -> Option<Discarded> {
    let call = ast::MethodCallExpr::cast(node.clone())?;
    if argument_count(&call) != 0 {
        return None;
    }
    let value = call.receiver()?;
    let parent = node.parent()?;
    let is_statement = ast::ExprStmt::can_cast(parent.kind());
    match call.name_ref()?.text() {
        "unwrap_or_default" => {
            let around = node.ancestors().take_while(|it| it.kind() != SyntaxKind::STMT_LIST);
            let mut statements = around
                .filter(|it| matches!(it.kind(), SyntaxKind::LET_STMT | SyntaxKind::EXPR_STMT));
            let statement = statements.next().unwrap_or_else(|| node.clone());
            let by = if is_statement { Form::Statement } else { Form::Default };
            Some(Discarded { statement, value, by })
        }
        _ => is_statement.then_some(Discarded { statement: parent, value, by: Form::Statement }),
    }
}

/// A `match` that does nothing when there is an error.
fn of_match(node: &SyntaxNode) -> Option<Discarded> {
    let matching = ast::MatchExpr::cast(node.clone())?;
    let arms: Vec<ast::MatchArm> = matching.match_arm_list()?.arms().collect();
    let [first, second] = match arms.as_slice() {
        [all] => [all, all],
        [first, second] => [first, second],
        _ => return None,
    };
    let ignores = |arm: &ast::MatchArm| {
        let pattern = arm.pat().map(|it| it.syntax().text().to_string()).unwrap_or_default();
        let error =
            matches!(pattern.as_str(), "Err(_)" | "Err(..)" | "_") || pattern.starts_with("Err(_");
        error && arm.guard().is_none() && arm.expr().is_some_and(|it| is_empty(&it))
    };
    let takes_nothing = |arm: &ast::MatchArm| {
        let pattern = arm.pat().map(|it| it.syntax().text().to_string()).unwrap_or_default();
        matches!(pattern.as_str(), "Ok(())" | "Ok(_)" | "Ok(..)" | "_")
    };
    // What is read may be missing; what is only done has failed.
    let ignored =
        (ignores(second) && takes_nothing(first)) || (ignores(first) && takes_nothing(second));
    let value = matching.expr().filter(|_| ignored)?;
    Some(Discarded { statement: whole_statement(node), value, by: Form::Branches })
}

/// `if let Err(_) = value {}` and `if value.is_err() {}` with nothing in the block.
fn of_if(node: &SyntaxNode) -> Option<Discarded> {
    let branching = ast::IfExpr::cast(node.clone())?;
    if !is_empty(&branching.then_branch()?.into()) || branching.else_branch().is_some() {
        return None;
    }
    let value = match branching.condition()? {
        ast::Expr::LetExpr(it) => {
            let pattern = it.pat()?.syntax().text().to_string();
            it.expr().filter(|_| pattern.starts_with("Err(") || pattern.starts_with("Ok("))?
        }
        ast::Expr::MethodCallExpr(it) => {
            let looks = matches!(it.name_ref()?.text(), "is_err" | "is_ok");
            it.receiver().filter(|_| looks)?
        }
        _ => return None,
    };
    Some(Discarded { statement: whole_statement(node), value, by: Form::Branches })
}

fn whole_statement(node: &SyntaxNode) -> SyntaxNode {
    let statement = node.parent().filter(|it| it.kind() == SyntaxKind::EXPR_STMT);
    statement.unwrap_or_else(|| node.clone())
}

/// Whether an expression is `{}` or `()`.
fn is_empty(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::BlockExpr(it) => it.stmt_list().is_some_and(|list| {
            list.statements().next().is_none() && list.tail_expr().is_none_or(|it| is_empty(&it))
        }),
        ast::Expr::TupleExpr(it) => it.fields().next().is_none(),
        _ => false,
    }
}

/// The call whose error reaches the end of an expression.
pub fn fallible_call(value: &ast::Expr) -> Option<ast::Expr> {
    match value {
        ast::Expr::AwaitExpr(it) => fallible_call(&it.expr()?),
        ast::Expr::ParenExpr(it) => fallible_call(&it.expr()?),
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?;
            if is_adapter(name.text()) {
                fallible_call(&call.receiver()?)
            } else {
                Some(value.clone())
            }
        }
        ast::Expr::CallExpr(_) => Some(value.clone()),
        _ => None,
    }
}

/// Methods of results that hand the error on, be it another one.
pub fn is_adapter(name: &str) -> bool {
    matches!(
        name,
        "ok" | "err"
            | "map"
            | "map_err"
            | "context"
            | "with_context"
            | "wrap_err"
            | "inspect"
            | "inspect_err"
            | "or_else"
            | "and_then"
            | "change_context"
    )
}

/// Whether the value of an expression is awaited.
pub fn is_awaited_in(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::AwaitExpr(_) => true,
        ast::Expr::MethodCallExpr(call) => call.receiver().is_some_and(|it| is_awaited_in(&it)),
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_awaited_in(&it)),
        _ => false,
    }
}
