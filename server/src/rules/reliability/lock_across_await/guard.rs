//! How long the guard that a call returns lives, and the first `.await` in that time.

use super::is_unwrapping;
use super::search::Search;
use crate::semantics::execution::{is_async_block, is_item};
use crate::semantics::expressions::identifier;
use crate::semantics::paths::path_text;
use crate::syntax::ast::{self, HasLoopBody, HasName};
use crate::syntax::{AstNode, Edition, SyntaxKind, SyntaxNode, T, TextRange};

/// A guard that is alive at an `.await`.
pub struct HeldGuard {
    /// The `.await`, or the macro that awaits.
    pub at: TextRange,
    /// The guard was unwrapped from a result or an option.
    pub was_result: bool,
    /// It was taken out of an `Ok`.
    pub was_ok: bool,
}

impl HeldGuard {
    /// Follows the guard that `call` returns to the first `.await` it is alive at.
    pub fn by(call: &SyntaxNode, edition: Edition) -> Option<Self> {
        let (value, parent, was_result) = unwrapped(call)?;
        let mut was_ok = false;
        let search = |name: Option<String>| Search { name, released: false, edition };
        let at = match parent.kind() {
            SyntaxKind::TUPLE_EXPR => {
                let (name, is_ok, scope) = bound_in_tuple(&value, &parent)?;
                was_ok |= is_ok;
                match scope.kind() {
                    SyntaxKind::LET_STMT => search(Some(name)).after(&scope),
                    SyntaxKind::LET_EXPR => search(Some(name)).in_body_of(&scope, false),
                    _ => search(Some(name)).walk(&scope),
                }
            }
            SyntaxKind::LET_STMT => {
                let (name, is_ok) = bound_name(ast::LetStmt::cast(parent.clone())?.pat()?)?;
                was_ok |= is_ok;
                search(Some(name)).after(&parent)
            }
            SyntaxKind::LET_EXPR => {
                let pattern = ast::LetExpr::cast(parent.clone())?.pat()?;
                was_ok |= is_ok_pattern(&pattern);
                let name = bound_name(pattern).map(|(name, _)| name);
                search(name).in_body_of(&parent, false)
            }
            SyntaxKind::MATCH_EXPR => {
                let matching = ast::MatchExpr::cast(parent.clone())?;
                let arms = matching.match_arm_list()?;
                was_ok |= arms.arms().filter_map(|arm| arm.pat()).any(|it| is_ok_pattern(&it));
                arms.arms().find_map(|arm| {
                    let name = bound_name(arm.pat()?).map(|(name, _)| name);
                    search(name).walk(arm.expr()?.syntax())
                })
            }
            SyntaxKind::BIN_EXPR => {
                let assignment = ast::BinExpr::cast(parent.clone())?;
                let name = identifier(&assignment.lhs()?)?;
                let statement = parent.parent()?;
                if assignment.op_kind() != Some(ast::BinaryOp::Assignment { op: None })
                    || statement.kind() != SyntaxKind::EXPR_STMT
                {
                    return None;
                }
                search(Some(name)).after(&statement)
            }
            // Passed on: its new owner decides how long it lives.
            SyntaxKind::ARG_LIST
            | SyntaxKind::RECORD_EXPR_FIELD
            | SyntaxKind::ARRAY_EXPR
            | SyntaxKind::RETURN_EXPR
            | SyntaxKind::BREAK_EXPR
            | SyntaxKind::EXPR_STMT
            | SyntaxKind::MATCH_ARM
            | SyntaxKind::CLOSURE_EXPR => None,
            _ => match extended_by(&value) {
                Some(binding) => search(None).after(&binding),
                None => temporary(&value, edition, &search),
            },
        };
        Some(Self { at: at?, was_result: was_result || was_ok, was_ok })
    }
}

/// The expression that a call's value is after unwrapping, its parent, and whether something was
/// unwrapped.
fn unwrapped(call: &SyntaxNode) -> Option<(SyntaxNode, SyntaxNode, bool)> {
    let mut value = call.clone();
    let mut was_result = false;
    loop {
        let parent = value.parent()?;
        let on = match parent.kind() {
            SyntaxKind::PAREN_EXPR | SyntaxKind::TRY_EXPR => true,
            SyntaxKind::METHOD_CALL_EXPR => {
                let method = ast::MethodCallExpr::cast(parent.clone())?;
                let name = method.name_ref()?.text().to_string();
                let on = is_receiver(&method, &value) && is_unwrapping(&name);
                was_result |= on;
                on
            }
            SyntaxKind::MATCH_EXPR => {
                let unwraps = unwraps_by_match(&ast::MatchExpr::cast(parent.clone())?, &value);
                was_result |= unwraps;
                unwraps
            }
            // The value of a block: `let guard = { …; lock };`
            SyntaxKind::STMT_LIST => {
                let block = parent.parent().filter(|block| !is_async_block(block));
                let bound = block.as_ref().and_then(|block| block.parent());
                if bound.is_some_and(|it| it.kind() == SyntaxKind::LET_STMT) {
                    value = block?;
                    continue;
                }
                return None;
            }
            SyntaxKind::AWAIT_EXPR => return None,
            _ => false,
        };
        if !on {
            return Some((value, parent, was_result));
        }
        value = parent;
    }
}

fn is_receiver(call: &ast::MethodCallExpr, value: &SyntaxNode) -> bool {
    call.receiver().is_some_and(|receiver| receiver.syntax() == value)
}

/// `match lock { Ok(guard) => guard, … }`
fn unwraps_by_match(matching: &ast::MatchExpr, value: &SyntaxNode) -> bool {
    if matching.expr().is_none_or(|scrutinee| scrutinee.syntax() != value) {
        return false;
    }
    let Some(arms) = matching.match_arm_list() else { return false };
    arms.arms().any(|arm| {
        let bound = arm.pat().and_then(bound_name).map(|(name, _)| name);
        bound.is_some() && arm.expr().as_ref().and_then(identifier) == bound
    })
}

/// The name that a pattern gives to the whole guard, and whether it takes it out of an `Ok`.
fn bound_name(pattern: ast::Pat) -> Option<(String, bool)> {
    match &pattern {
        ast::Pat::IdentPat(it) => Some((it.name()?.text().to_string(), false)),
        ast::Pat::TupleStructPat(it) => {
            let path = path_text(&it.path()?)?;
            let mut fields = it.fields();
            let field = fields.next().filter(|_| matches!(path.as_str(), "Ok" | "Some"))?;
            Some((bound_name(field)?.0, path == "Ok"))
        }
        _ => None,
    }
}

/// The name that a tuple pattern gives to one part of a tuple, whether it takes it out of an `Ok`,
/// and where the name is in view: behind a `let`, in a condition or in the arm of a `match`.
fn bound_in_tuple(value: &SyntaxNode, tuple: &SyntaxNode) -> Option<(String, bool, SyntaxNode)> {
    let at = ast::TupleExpr::cast(tuple.clone())?.fields().position(|it| it.syntax() == value)?;
    let part = |pattern: ast::Pat| match pattern {
        ast::Pat::TuplePat(it) => bound_name(it.fields().nth(at)?),
        _ => None,
    };
    let scope = tuple.parent()?;
    match scope.kind() {
        SyntaxKind::LET_STMT => {
            let (name, is_ok) = part(ast::LetStmt::cast(scope.clone())?.pat()?)?;
            Some((name, is_ok, scope))
        }
        SyntaxKind::LET_EXPR => {
            let (name, is_ok) = part(ast::LetExpr::cast(scope.clone())?.pat()?)?;
            Some((name, is_ok, scope))
        }
        SyntaxKind::MATCH_EXPR => {
            let arms = ast::MatchExpr::cast(scope)?.match_arm_list()?.arms();
            arms.filter_map(|arm| {
                let (name, is_ok) = part(arm.pat()?)?;
                Some((name, is_ok, arm.expr()?.syntax().clone()))
            })
            .next()
        }
        _ => None,
    }
}

fn is_ok_pattern(pattern: &ast::Pat) -> bool {
    let ast::Pat::TupleStructPat(pattern) = pattern else { return false };
    pattern.path().and_then(|path| path_text(&path)).is_some_and(|path| path == "Ok")
}

/// The `let` that keeps a guard alive as its value borrows from it: `let x = &mut *lock;`.
fn extended_by(value: &SyntaxNode) -> Option<SyntaxNode> {
    let mut node = value.clone();
    let mut borrowed = false;
    loop {
        let parent = node.parent()?;
        match parent.kind() {
            SyntaxKind::REF_EXPR => borrowed = true,
            SyntaxKind::FIELD_EXPR | SyntaxKind::PAREN_EXPR => {}
            SyntaxKind::PREFIX_EXPR if parent.first_token()?.kind() == T![*] => {}
            SyntaxKind::INDEX_EXPR if parent.first_child().as_ref() == Some(&node) => {}
            SyntaxKind::LET_STMT if borrowed => return Some(parent),
            _ => return None,
        }
        node = parent;
    }
}

/// The first `.await` in the life of a guard without a name.
fn temporary(
    value: &SyntaxNode,
    edition: Edition,
    search: &dyn Fn(Option<String>) -> Search,
) -> Option<TextRange> {
    let mut node = value.clone();
    let in_search = |scope: &SyntaxNode| {
        let awaits = search(None).all(scope);
        awaits.into_iter().find(|at| at.start() >= value.text_range().end())
    };
    loop {
        let parent = node.parent()?;
        match parent.kind() {
            SyntaxKind::ERROR => return None,
            SyntaxKind::EXPR_STMT => return in_search(&parent),
            // What stands behind the `else` of a `let` runs when the value is gone.
            SyntaxKind::LET_STMT => return in_search(&node),
            SyntaxKind::STMT_LIST | SyntaxKind::MATCH_GUARD | SyntaxKind::CLOSURE_EXPR => {
                return in_search(&node);
            }
            SyntaxKind::MATCH_ARM => return in_search(&node),
            SyntaxKind::LET_EXPR => {
                let to_the_end = edition < Edition::Edition2024;
                return search(None).in_body_of(&parent, to_the_end);
            }
            SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR => return in_search(&node),
            SyntaxKind::FOR_EXPR => {
                let body = ast::ForExpr::cast(parent)?.loop_body()?;
                return in_search(&node).or_else(|| search(None).walk(body.syntax()));
            }
            SyntaxKind::BIN_EXPR => {
                let binary = ast::BinExpr::cast(parent.clone())?;
                let on_left = binary.lhs()?.syntax() == &node;
                match binary.op_kind()? {
                    // The right side of an assignment is evaluated first.
                    ast::BinaryOp::Assignment { .. } if on_left => return None,
                    ast::BinaryOp::LogicOp(_) if !on_left => return in_search(&node),
                    _ => {}
                }
            }
            kind if is_item(kind) => return None,
            _ => {}
        }
        node = parent;
    }
}
