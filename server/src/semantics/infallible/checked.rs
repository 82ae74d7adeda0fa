//! Values that code on the way to them has looked at, or put there.

use super::claim::{Claim, Fact};
use super::constant::arguments;
use crate::syntax::ast;
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Direction, SyntaxKind, SyntaxNode};

/// Whether the code around says that a value is there: `if x.is_some() { x… }`,
/// `x.is_none() || x…`, `if x.is_none() { return; } x…`, `match x.len() { 1 => x.first()… }`,
/// `x.push(1); x.last()…`.
pub fn is_checked(value: &ast::Expr, around: &[SyntaxNode]) -> bool {
    Claim::of(value).is_some_and(|claim| is_told(&claim, around))
}

/// Whether the code around says that a result holds an error: `if x.is_err() { x… }`.
pub fn has_failed(value: &ast::Expr, around: &[SyntaxNode]) -> bool {
    Claim::of_error(value).is_some_and(|claim| is_told(&claim, around))
}

fn is_told(claim: &Claim, around: &[SyntaxNode]) -> bool {
    for pair in around.windows(2) {
        let [child, parent] = pair else { return false };
        let told = match parent.kind() {
            SyntaxKind::IF_EXPR => by_branch(claim, child, parent),
            SyntaxKind::WHILE_EXPR => by_loop(claim, child, parent),
            SyntaxKind::MATCH_ARM => by_arm(claim, child, parent),
            SyntaxKind::BIN_EXPR => by_operand(claim, child, parent),
            SyntaxKind::STMT_LIST => match by_statements(claim, child) {
                Told::Holds => true,
                Told::Changed => return false,
                Told::Nothing => false,
            },
            SyntaxKind::FN => return false,
            _ => false,
        };
        if told {
            return true;
        }
    }
    false
}

fn by_branch(claim: &Claim, child: &SyntaxNode, parent: &SyntaxNode) -> bool {
    let Some(branching) = ast::IfExpr::cast(parent.clone()) else { return false };
    let Some(condition) = branching.condition().filter(|it| it.syntax() != child) else {
        return false;
    };
    let is_then = branching.then_branch().is_some_and(|it| it.syntax() == child);
    claim.follows_from(&Fact::Condition(condition, is_then))
}

fn by_loop(claim: &Claim, child: &SyntaxNode, parent: &SyntaxNode) -> bool {
    let condition = ast::WhileExpr::cast(parent.clone()).and_then(|it| it.condition());
    condition
        .filter(|it| it.syntax() != child)
        .is_some_and(|it| claim.follows_from(&Fact::Condition(it, true)))
}

/// By the pattern of an arm, its guard, and what the arms before it have taken.
fn by_arm(claim: &Claim, child: &SyntaxNode, parent: &SyntaxNode) -> bool {
    let Some(arm) = ast::MatchArm::cast(parent.clone()) else { return false };
    if arm.expr().is_none_or(|it| it.syntax() != child) {
        return false;
    }
    let guard = arm.guard().and_then(|it| it.condition());
    if guard.is_some_and(|it| claim.follows_from(&Fact::Condition(it, true))) {
        return true;
    }
    let matched = parent.ancestors().find_map(ast::MatchExpr::cast);
    let Some((matched, arms)) = matched.and_then(|it| Some((it.expr()?, it.match_arm_list()?)))
    else {
        return false;
    };
    if arm.pat().is_some_and(|it| claim.follows_from(&Fact::Matches(matched.clone(), it))) {
        return true;
    }
    let before = arms.arms().take_while(|it| it.syntax() != parent);
    before
        .filter(|it| it.guard().is_none())
        .filter_map(|it| it.pat())
        .any(|it| claim.follows_from(&Fact::MatchesNot(matched.clone(), it)))
}

fn by_operand(claim: &Claim, child: &SyntaxNode, parent: &SyntaxNode) -> bool {
    let Some(binary) = ast::BinExpr::cast(parent.clone()) else { return false };
    let right = binary.rhs().is_some_and(|it| it.syntax() == child);
    let Some(left) = binary.lhs().filter(|_| right) else { return false };
    match binary.op_kind() {
        Some(ast::BinaryOp::LogicOp(operator)) => {
            claim.follows_from(&Fact::Condition(left, operator == ast::LogicOp::And))
        }
        _ => false,
    }
}

/// So many statements of a block are looked at for what they tell of a value after them.
const LOOK_BACK: usize = 48;

/// What the statements before another one tell.
enum Told {
    Holds,
    /// The value may have become another one.
    Changed,
    Nothing,
}

fn by_statements(claim: &Claim, child: &SyntaxNode) -> Told {
    let mut before = child.siblings(Direction::Prev).skip(1);
    for statement in before.by_ref().take(LOOK_BACK) {
        if !claim.may_be_about(&statement) {
            continue;
        }
        if is_left_unless(claim, &statement) || puts(claim, &statement) {
            return Told::Holds;
        }
        if claim.is_changed_in(&statement) {
            return Told::Changed;
        }
    }
    // What is further up may change it.
    if before.next().is_some() { Told::Changed } else { Told::Nothing }
}

/// Whether a statement goes on only where the claim holds: `if x.is_none() { return … }`,
/// `assert!(!x.is_empty())`.
fn is_left_unless(claim: &Claim, statement: &SyntaxNode) -> bool {
    if let Some(branching) = branching(statement) {
        let leaves_then = branching.then_branch().is_some_and(|it| block_leaves(&it));
        return branching.else_branch().is_none()
            && leaves_then
            && branching
                .condition()
                .is_some_and(|it| claim.follows_from(&Fact::Condition(it, false)));
    }
    let call = statement.descendants().find_map(ast::MacroCall::cast);
    let Some(call) = call.filter(|it| is_whole(it.syntax(), statement)) else { return false };
    let Some(name) = macro_name(call.syntax()) else { return false };
    if !matches!(name.as_str(), "assert" | "debug_assert" | "ensure") {
        return false;
    }
    let asserted = call.token_tree().map(|it| compact(it.syntax())).unwrap_or_default();
    let inside = asserted.strip_prefix(['(', '{', '[']).unwrap_or_default();
    let inside = inside.strip_suffix([')', '}', ']']).unwrap_or_default();
    claim.is_written_as(inside.split(',').next().unwrap_or_default())
}

/// Whether a macro call is all that a statement has.
fn is_whole(call: &SyntaxNode, statement: &SyntaxNode) -> bool {
    call.text_range().start() == statement.text_range().start()
}

/// The `if` that a statement is.
fn branching(statement: &SyntaxNode) -> Option<ast::IfExpr> {
    match statement.kind() {
        SyntaxKind::IF_EXPR => ast::IfExpr::cast(statement.clone()),
        SyntaxKind::EXPR_STMT => statement.children().find_map(ast::IfExpr::cast),
        _ => None,
    }
}

/// Whether a statement puts there what the claim is about: `x = Some(…);`, `x.push(…);`, or both
/// in `if x.is_none() { x = Some(…); }`.
fn puts(claim: &Claim, statement: &SyntaxNode) -> bool {
    if let Some(branching) = branching(statement) {
        // Without an `else`, the condition not to be met has to tell it as well.
        let list = branching.then_branch().and_then(|it| it.stmt_list());
        let inside = list.is_some_and(|it| it.syntax().children().any(|it| puts(claim, &it)));
        return inside
            && branching.else_branch().is_none()
            && branching
                .condition()
                .is_some_and(|it| claim.follows_from(&Fact::Condition(it, false)));
    }
    let expr = match ast::Stmt::cast(statement.clone()) {
        Some(ast::Stmt::ExprStmt(it)) => it.expr(),
        Some(ast::Stmt::LetStmt(it)) => {
            let name = it.pat().map(|it| compact(it.syntax())).unwrap_or_default();
            let name = name.trim_start_matches("mut");
            return it.initializer().is_some_and(|value| claim.is_put(name, &value));
        }
        _ => None,
    };
    match expr {
        Some(ast::Expr::BinExpr(it))
            if matches!(it.op_kind(), Some(ast::BinaryOp::Assignment { op: None })) =>
        {
            let (Some(to), Some(value)) = (it.lhs(), it.rhs()) else { return false };
            claim.is_put(&compact(to.syntax()), &value)
        }
        Some(ast::Expr::MethodCallExpr(call)) => {
            let (Some(receiver), Some(name)) = (call.receiver(), call.name_ref()) else {
                return false;
            };
            claim.is_added(&compact(receiver.syntax()), name.text(), &arguments(&call))
        }
        _ => false,
    }
}

fn block_leaves(block: &ast::BlockExpr) -> bool {
    let last = block.stmt_list().and_then(|it| it.syntax().children().last());
    last.is_some_and(|last| leaves(&last))
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
