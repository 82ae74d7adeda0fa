//! Values that were looked at before they are unwrapped.

use crate::syntax::ast;
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Whether the code around says that a value is there: `if x.is_some() { x… }`,
/// `x.is_none() || x…`, `if x.is_none() { return; } x…`.
pub fn is_checked(value: &ast::Expr, around: &[SyntaxNode]) -> bool {
    let Some(name) = plain(value) else { return false };
    let (there, missing) = (
        [format!("{name}.is_some()"), format!("{name}.is_ok()")],
        [format!("{name}.is_none()"), format!("{name}.is_err()")],
    );
    around.windows(2).any(|pair| {
        let [child, parent] = pair else { return false };
        match parent.kind() {
            SyntaxKind::IF_EXPR => {
                let Some(branching) = ast::IfExpr::cast(parent.clone()) else { return false };
                let then = branching.then_branch().is_some_and(|it| it.syntax() == child);
                let other = branching.condition().is_none_or(|it| it.syntax() != child) && !then;
                let condition = branching.condition();
                then && condition.as_ref().is_some_and(|it| has_part(it, &there, ast::LogicOp::And))
                    || other
                        && condition
                            .as_ref()
                            .is_some_and(|it| has_part(it, &missing, ast::LogicOp::Or))
            }
            SyntaxKind::BIN_EXPR => {
                let Some(binary) = ast::BinExpr::cast(parent.clone()) else { return false };
                let right = binary.rhs().is_some_and(|it| it.syntax() == child);
                let Some(left) = binary.lhs().filter(|_| right) else { return false };
                match binary.op_kind() {
                    Some(ast::BinaryOp::LogicOp(ast::LogicOp::And)) => {
                        has_part(&left, &there, ast::LogicOp::And)
                    }
                    Some(ast::BinaryOp::LogicOp(ast::LogicOp::Or)) => {
                        has_part(&left, &missing, ast::LogicOp::Or)
                    }
                    _ => false,
                }
            }
            SyntaxKind::STMT_LIST => {
                let before = parent.children().take_while(|it| it != child);
                let mut checked = false;
                for statement in before {
                    checked = (checked || leaves_unless(&statement, &missing))
                        && !assigns(&statement, &name);
                }
                checked
            }
            _ => false,
        }
    })
}

/// The text of a variable or field, which has the same value when it is read again.
fn plain(value: &ast::Expr) -> Option<String> {
    match value {
        ast::Expr::PathExpr(path) => Some(compact(path.syntax())),
        ast::Expr::FieldExpr(field) => {
            plain(&field.expr()?)?;
            Some(compact(field.syntax()))
        }
        ast::Expr::MethodCallExpr(call) => {
            let keeps = matches!(call.name_ref()?.text(), "as_ref" | "as_mut" | "clone" | "take");
            plain(&call.receiver().filter(|_| keeps)?)
        }
        ast::Expr::ParenExpr(it) => plain(&it.expr()?),
        _ => None,
    }
}

/// Whether a condition is one of some texts, or has it among the parts that an operator joins.
fn has_part(condition: &ast::Expr, texts: &[String], operator: ast::LogicOp) -> bool {
    let within = |it: Option<ast::Expr>| it.is_some_and(|it| has_part(&it, texts, operator));
    match condition {
        ast::Expr::ParenExpr(it) => within(it.expr()),
        ast::Expr::BinExpr(it) if it.op_kind() == Some(ast::BinaryOp::LogicOp(operator)) => {
            within(it.lhs()) || within(it.rhs())
        }
        _ => texts.contains(&compact(condition.syntax())),
    }
}

/// `if x.is_none() { return … }`
fn leaves_unless(statement: &SyntaxNode, missing: &[String]) -> bool {
    let branching = match statement.kind() {
        SyntaxKind::IF_EXPR => ast::IfExpr::cast(statement.clone()),
        SyntaxKind::EXPR_STMT => statement.children().find_map(ast::IfExpr::cast),
        _ => None,
    };
    let Some(branching) = branching else { return false };
    let checks = branching.condition().is_some_and(|it| has_part(&it, missing, ast::LogicOp::Or));
    let last = branching
        .then_branch()
        .and_then(|it| it.stmt_list())
        .and_then(|it| it.syntax().children().last());
    checks && last.is_some_and(|last| leaves(&last))
}

fn leaves(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::RETURN_EXPR | SyntaxKind::BREAK_EXPR | SyntaxKind::CONTINUE_EXPR => true,
        SyntaxKind::MACRO_CALL => macro_name(node)
            .is_some_and(|name| matches!(name.as_str(), "bail" | "panic" | "unreachable")),
        SyntaxKind::EXPR_STMT | SyntaxKind::MACRO_EXPR => {
            node.children().last().is_some_and(|it| leaves(&it))
        }
        _ => false,
    }
}

/// Whether a statement gives a variable another value, or takes it away.
fn assigns(statement: &SyntaxNode, name: &str) -> bool {
    let text = compact(statement);
    text.starts_with(&format!("{name}=")) || text.contains(&format!("{name}.take()"))
}
