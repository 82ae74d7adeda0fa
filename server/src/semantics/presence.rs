//! Code that does one thing when a value is there and another when it is not: `if let Some(key)`,
//! `if key.is_empty()`, `match key { Some(key) => …, None => … }`, `let Some(key) = … else { … }`.

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// How the presence of a value is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// It is `Some`.
    Set,
    /// It is `Ok`: reading it did not fail.
    Read,
    /// It is not empty.
    NonEmpty,
}

/// A decision by the presence of a value.
#[derive(Debug, Clone)]
pub struct Presence {
    /// The value that is tested.
    pub subject: ast::Expr,
    /// How it is tested.
    pub test: Test,
    /// What is done when it is there; nothing where the code simply goes on.
    pub present: Option<SyntaxNode>,
    /// What is done when it is not.
    pub absent: Option<SyntaxNode>,
}

impl Presence {
    /// The decision that an `if`, a `match` or a `let … else` makes by the presence of a value.
    pub fn of(node: &SyntaxNode) -> Option<Self> {
        match node.kind() {
            SyntaxKind::IF_EXPR => of_if(&ast::IfExpr::cast(node.clone())?),
            SyntaxKind::MATCH_EXPR => of_match(&ast::MatchExpr::cast(node.clone())?),
            SyntaxKind::LET_STMT => {
                let statement = ast::LetStmt::cast(node.clone())?;
                let absent = statement.let_else()?.block_expr()?.syntax().clone();
                let test = test_of_pattern(&statement.pat()?)?;
                let subject = statement.initializer()?;
                Some(Self { subject, test, present: None, absent: Some(absent) })
            }
            _ => None,
        }
    }
}

fn of_if(branch: &ast::IfExpr) -> Option<Presence> {
    let (subject, test, is_present) = of_condition(&branch.condition()?)?;
    let then = branch.then_branch().map(|it| it.syntax().clone());
    let otherwise = branch.else_branch().map(|it| match it {
        ast::ElseBranch::Block(it) => it.syntax().clone(),
        ast::ElseBranch::IfExpr(it) => it.syntax().clone(),
    });
    let (present, absent) = if is_present { (then, otherwise) } else { (otherwise, then) };
    Some(Presence { subject, test, present, absent })
}

/// The value that a condition tests, how, and whether it holds when the value is there.
fn of_condition(condition: &ast::Expr) -> Option<(ast::Expr, Test, bool)> {
    match condition {
        ast::Expr::ParenExpr(it) => of_condition(&it.expr()?),
        ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Not) => {
            let (subject, test, is_present) = of_condition(&it.expr()?)?;
            Some((subject, test, !is_present))
        }
        ast::Expr::LetExpr(it) => Some((it.expr()?, test_of_pattern(&it.pat()?)?, true)),
        ast::Expr::BinExpr(it) if matches!(it.op_kind(), Some(ast::BinaryOp::LogicOp(_))) => {
            let sides = [it.lhs(), it.rhs()];
            sides.into_iter().flatten().find_map(|side| of_condition(&side))
        }
        ast::Expr::MethodCallExpr(it) => {
            let (test, is_present) = match it.name_ref()?.text() {
                "is_some" | "is_some_and" => (Test::Set, true),
                "is_none" => (Test::Set, false),
                "is_ok" => (Test::Read, true),
                "is_err" => (Test::Read, false),
                "is_empty" => (Test::NonEmpty, false),
                _ => return None,
            };
            let takes = it.arg_list().is_some_and(|list| list.args().next().is_some());
            (!takes || test == Test::Set).then_some((it.receiver()?, test, is_present))
        }
        _ => None,
    }
}

fn test_of_pattern(pattern: &ast::Pat) -> Option<Test> {
    let text = compact(pattern.syntax());
    match () {
        () if text.starts_with("Some(") || text.starts_with("Ok(Some(") => Some(Test::Set),
        () if text.starts_with("Ok(") => Some(Test::Read),
        () => None,
    }
}

fn of_match(matching: &ast::MatchExpr) -> Option<Presence> {
    let arms: Vec<ast::MatchArm> = matching.match_arm_list()?.arms().collect();
    let body = |arm: &ast::MatchArm| arm.expr().map(|it| it.syntax().clone());
    let present = arms.iter().find_map(|arm| Some((arm, test_of_pattern(&arm.pat()?)?)))?;
    let absent = arms.iter().find(|arm| {
        let pattern = arm.pat().map(|it| compact(it.syntax())).unwrap_or_default();
        pattern == "_" || pattern.contains("None") || pattern.starts_with("Err(")
    });
    Some(Presence {
        subject: matching.expr()?,
        test: present.1,
        present: body(present.0),
        absent: absent.and_then(body),
    })
}

/// What a branch that goes no further has in it, beside the answers that refuse a request.
const REFUSALS: &[&str] = &[
    "Err(", "abort(", "anyhow!", "bail!", "ensure!", "exit(", "expect(", "panic!", "todo!",
    "unauthorized", "Unauthorized", "UNAUTHORIZED", "Forbidden", "FORBIDDEN", "forbidden",
    "reject", "Denied", "denied", "deny", "NotConfigured", "NOT_FOUND", "NotFound", "UNAVAILABLE",
    "INTERNAL_SERVER_ERROR", "unimplemented!", "unreachable!",
];

/// Whether a branch ends in an error, or refuses what was asked for.
pub fn refuses(branch: &SyntaxNode) -> bool {
    let text = branch.text().to_string();
    REFUSALS.iter().any(|it| text.contains(it))
}
