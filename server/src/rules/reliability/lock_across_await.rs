//! A lock of `std` or `parking_lot` held across an `.await`: whoever else wants the lock blocks a
//! thread of the runtime for as long as the awaited work takes.
//!
//! The task may be suspended with the lock held. Other tasks that take it then block their worker
//! threads, and when the one that would wake the holder is among them, nothing moves any more.
//!
//! ```rust,bad
//! async fn refresh(cache: &std::sync::Mutex<Vec<u8>>) {
//!     let mut cache = cache.lock().unwrap();
//!     *cache = fetch().await;
//! }
//! ```
//!
//! Await first, or let the guard go before:
//!
//! ```rust
//! async fn refresh(cache: &std::sync::Mutex<Vec<u8>>) {
//!     let fresh = fetch().await;
//!     *cache.lock().unwrap() = fresh;
//! }
//! ```
//!
//! A guard without a name lives to the end of its statement, and one in the head of an `if let`,
//! a `match` or a `for` through the whole body. Where the lock has to be held across the `.await`,
//! use the `Mutex` of `tokio::sync`.

use super::AREA;
use rowan::GreenNodeData;

use crate::analysis::{Context, On, Query, Report, Rule, Severity};
use crate::project::Function;
use crate::rules::support::argument_count;
use crate::rules::support::bodies::{
    call_range, chain_root, identifier, is_async_block, is_item, last_name, path_text, resolve_at,
};
use crate::syntax::ast::{self, HasLoopBody, HasName};
use crate::syntax::fragment::{Fragment, macro_name};
use crate::syntax::green::{child_nodes, has_token, node_kind};
use crate::syntax::{AstNode, Edition, SyntaxKind, SyntaxNode, T, TextRange};

pub static RULE: Rule = Rule {
    id: "lock-across-await",
    severity: Severity::High,
    lints: &["clippy::await_holding_lock"],
    source: include_str!("lock_across_await.rs"),
    queries: &[
        Query::Method(
            &["lock", "read", "write", "try_lock", "try_read", "try_write", "upgradable_read"],
            check_lock,
        ),
        Query::Node(&On(check_helpers)),
    ],
    ..Rule::source(AREA)
};

/// A call of a lock's own method.
fn check_lock(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if argument_count(call) != 0 || !may_await(call.syntax(), cx) {
        return;
    }
    let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
    let held = Held::by(call.syntax(), cx.file().edition);
    let Some(held) = held else { return };
    if !is_blocking_lock(call, &name, &held, cx) {
        return;
    }
    let report = report(&ast::Expr::MethodCallExpr(call.clone()), &name, held.at);
    cx.report(call.syntax(), report);
}

/// Whether the body around a node may have an `.await` in it. What a macro makes of its arguments
/// is not known.
fn may_await(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let body =
        cx.ancestors(node).find(|it| is_other_body(it) || it.kind() == SyntaxKind::MACRO_CALL);
    body.is_some_and(|body| match body.kind() {
        SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => has_token(body.green(), T![async]),
        kind => matches!(kind, SyntaxKind::BLOCK_EXPR | SyntaxKind::MACRO_CALL),
    })
}

/// Calls of the workspace's own functions that return a guard.
fn check_helpers(wait: &ast::AwaitExpr, cx: &mut Context<'_>) {
    for call in candidates(wait) {
        let Some(name) = last_name(&call) else { continue };
        let Some(held) = Held::by(call.syntax(), cx.file().edition) else { continue };
        // The guard is reported once, by the first `.await` that it is held across.
        if Some(held.at) != wait.await_token().map(|token| token.text_range()) {
            continue;
        }
        let report = report(&call, &name, held.at).when(move |symbols| {
            let mut functions = symbols.functions(&name).peekable();
            functions.peek().is_some() && functions.all(returns_guard)
        });
        cx.report(call.syntax(), report);
    }
}

fn report(call: &ast::Expr, name: &str, at: TextRange) -> Report<'static> {
    let message = format!("the guard of `{name}` is held across an `.await`, which can deadlock");
    Report::new(call_range(call), message).related(at, "the lock is still held here")
}

fn returns_guard(function: &Function) -> bool {
    const GUARDS: &[&str] =
        &["MutexGuard<", "RwLockReadGuard<", "RwLockWriteGuard<", "RwLockUpgradableReadGuard<"];
    function.returns.as_deref().is_some_and(|returns| {
        !function.is_async
            && !returns.contains("tokio::")
            && !returns.contains("Owned")
            && !returns.contains("Future")
            && GUARDS.iter().any(|guard| returns.contains(guard))
    })
}

/// Calls above an `.await` in its function, or in what it waits for, that may return a guard: of
/// functions that are no method of a lock, with no argument or a lock as the only one.
fn candidates(wait: &ast::AwaitExpr) -> Vec<ast::Expr> {
    let mut calls = Vec::new();
    let mut operand = wait.expr();
    while let Some(expr) = operand {
        operand = match &expr {
            ast::Expr::MethodCallExpr(call) => call.receiver(),
            ast::Expr::TryExpr(it) => it.expr(),
            ast::Expr::ParenExpr(it) => it.expr(),
            _ => None,
        };
        calls.push(expr);
    }
    let mut below = wait.syntax().clone();
    for node in wait.syntax().ancestors().skip(1) {
        if is_item(node.kind()) || node.kind() == SyntaxKind::CLOSURE_EXPR {
            break;
        }
        if node.kind() == SyntaxKind::STMT_LIST {
            // What stands above another `.await` is held across that one, if at all.
            let mut above = below.prev_sibling();
            while let Some(statement) = above {
                if has_await(statement.green()) {
                    break;
                }
                let binding = ast::LetStmt::cast(statement.clone());
                let value = binding.and_then(|binding| binding.initializer());
                calls.extend(value.and_then(called_for_value));
                above = statement.prev_sibling();
            }
        }
        if is_async_block(&node) {
            break;
        }
        below = node;
    }
    calls.retain(may_return_guard);
    calls
}

fn has_await(node: &GreenNodeData) -> bool {
    let is_async_block =
        || node_kind(node) == SyntaxKind::BLOCK_EXPR && has_token(node, SyntaxKind::ASYNC_KW);
    match node_kind(node) {
        SyntaxKind::AWAIT_EXPR => true,
        SyntaxKind::CLOSURE_EXPR => false,
        kind => !is_item(kind) && !is_async_block() && child_nodes(node).any(has_await),
    }
}

/// The call whose result an expression unwraps.
fn called_for_value(expr: ast::Expr) -> Option<ast::Expr> {
    match &expr {
        ast::Expr::MethodCallExpr(call)
            if call.name_ref().is_some_and(|name| is_unwrapping(name.text())) =>
        {
            called_for_value(call.receiver()?)
        }
        ast::Expr::TryExpr(it) => called_for_value(it.expr()?),
        _ => Some(expr),
    }
}

fn may_return_guard(expr: &ast::Expr) -> bool {
    let arguments = match expr {
        ast::Expr::MethodCallExpr(call) => argument_count(call),
        ast::Expr::CallExpr(call) => argument_count(call),
        _ => return false,
    };
    let is_function = last_name(expr).is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && !is_lock_method(&name)
            && !matches!(
                name.as_str(),
                "clone" | "new" | "iter" | "len" | "into" | "to_string" | "default" | "now"
            )
    });
    let allowed = if matches!(expr, ast::Expr::CallExpr(_)) { 1 } else { 0 };
    is_function && arguments <= allowed
}

fn is_lock_method(name: &str) -> bool {
    matches!(
        name,
        "lock" | "read" | "write" | "try_lock" | "try_read" | "try_write" | "upgradable_read"
    )
}

/// Methods of `Result` and `Option` that hand the guard on.
fn is_unwrapping(method: &str) -> bool {
    matches!(
        method,
        "unwrap" | "expect" | "unwrap_or_else" | "map_err" | "ok" | "ok_or" | "ok_or_else"
    )
}

/// Whether a method call takes a lock that blocks, and not one that is awaited.
fn is_blocking_lock(
    call: &ast::MethodCallExpr,
    method: &str,
    held: &Held,
    cx: &mut Context<'_>,
) -> bool {
    let receiver = call.receiver();
    let root = receiver.as_ref().map(chain_root);
    let standard_stream = root.and_then(|root| last_name(&root));
    if standard_stream.is_some_and(|name| matches!(name.as_str(), "stdin" | "stdout" | "stderr")) {
        return false;
    }
    let is_try = method.starts_with("try_");
    if held.was_result && !is_try {
        // What has to be unwrapped at once is no future: it is the lock of `std`.
        return true;
    }
    let types: &[&str] = if method.ends_with("lock") {
        &["Mutex", "FairMutex", "ReentrantMutex"]
    } else {
        &["RwLock"]
    };
    let mut other = false;
    for name in types {
        let path = resolve_at(cx, call.syntax(), name);
        // There `try_lock` returns an `Option`; one that returns a `Result` may be tokio's.
        if path.starts_with("parking_lot::") || path.starts_with("spin::") {
            return !held.was_ok;
        }
        if path.starts_with("std::sync::") && held.was_result {
            return true;
        }
        other |= path.contains("::");
    }
    !is_try && !other && cx.file().depends_on("parking_lot")
}

/// A guard that is alive at an `.await`.
struct Held {
    /// The `.await`, or the macro that awaits.
    at: TextRange,
    /// The guard was unwrapped from a result or an option.
    was_result: bool,
    /// It was taken out of an `Ok`.
    was_ok: bool,
}

impl Held {
    /// Follows the guard that `call` returns to the first `.await` it is alive at.
    fn by(call: &SyntaxNode, edition: Edition) -> Option<Self> {
        let mut value = call.clone();
        let mut was_result = false;
        let mut was_ok = false;
        let parent = loop {
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
                break parent;
            }
            value = parent;
        };
        let search = |name: Option<String>| Search { name, released: false, edition };
        let at = match parent.kind() {
            SyntaxKind::LET_STMT => {
                let (name, is_ok) = bound_name(ast::LetStmt::cast(parent.clone())?.pat()?)?;
                was_ok |= is_ok;
                search(Some(name)).after(&parent)
            }
            SyntaxKind::LET_EXPR => {
                let pattern = ast::LetExpr::cast(parent.clone())?.pat()?;
                was_ok |= is_ok_pattern(&pattern);
                let name = bound_name(pattern).map(|(name, _)| name);
                search(name).in_body_of(&parent)
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
            // Passed on: whoever takes it decides how long it lives.
            SyntaxKind::ARG_LIST
            | SyntaxKind::RECORD_EXPR_FIELD
            | SyntaxKind::TUPLE_EXPR
            | SyntaxKind::ARRAY_EXPR
            | SyntaxKind::RETURN_EXPR
            | SyntaxKind::BREAK_EXPR
            | SyntaxKind::EXPR_STMT
            | SyntaxKind::MATCH_ARM
            | SyntaxKind::CLOSURE_EXPR => None,
            _ => match extended_by(&value) {
                Some(binding) => search(None).after(&binding),
                None => temporary(&value, &search),
            },
        };
        Some(Self { at: at?, was_result: was_result || was_ok, was_ok })
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
fn temporary(value: &SyntaxNode, search: &dyn Fn(Option<String>) -> Search) -> Option<TextRange> {
    let mut node = value.clone();
    let in_search = |scope: &SyntaxNode| {
        let awaits = search(None).all(scope);
        awaits.into_iter().find(|at| at.start() >= value.text_range().end())
    };
    loop {
        let parent = node.parent()?;
        match parent.kind() {
            SyntaxKind::ERROR => return None,
            SyntaxKind::EXPR_STMT | SyntaxKind::LET_STMT => return in_search(&parent),
            SyntaxKind::STMT_LIST | SyntaxKind::MATCH_GUARD | SyntaxKind::CLOSURE_EXPR => {
                return in_search(&node);
            }
            SyntaxKind::MATCH_ARM => return in_search(&node),
            SyntaxKind::LET_EXPR => return search(None).in_body_of(&parent),
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

/// Looks for an `.await` in the order of evaluation, while the guard is there.
struct Search {
    /// The guard's variable; nothing for one that cannot be dropped early.
    name: Option<String>,
    /// The guard was dropped or moved.
    released: bool,
    edition: Edition,
}

impl Search {
    /// In the statements after `statement` to the end of its block.
    fn after(mut self, statement: &SyntaxNode) -> Option<TextRange> {
        let mut next = statement.next_sibling();
        while let Some(node) = next {
            if let Some(at) = self.walk(&node) {
                return Some(at);
            }
            next = node.next_sibling();
        }
        None
    }

    /// In what runs while the scrutinee of a `let` in a condition lives.
    fn in_body_of(mut self, condition: &SyntaxNode) -> Option<TextRange> {
        let mut node = condition.clone();
        loop {
            let parent = node.parent()?;
            match parent.kind() {
                SyntaxKind::BIN_EXPR => {
                    let right = ast::BinExpr::cast(parent.clone())?.rhs()?;
                    if right.syntax() != &node
                        && let Some(at) = self.walk(right.syntax())
                    {
                        return Some(at);
                    }
                }
                SyntaxKind::PAREN_EXPR => {}
                SyntaxKind::IF_EXPR => {
                    let branch = ast::IfExpr::cast(parent)?.then_branch()?;
                    return self.walk(branch.syntax());
                }
                SyntaxKind::WHILE_EXPR => {
                    let body = ast::WhileExpr::cast(parent)?.loop_body()?;
                    return self.walk(body.syntax());
                }
                _ => return None,
            }
            node = parent;
        }
    }

    /// Every `.await` in `scope`.
    fn all(&self, scope: &SyntaxNode) -> Vec<TextRange> {
        if is_other_body(scope) {
            return Vec::new();
        }
        let mut found: Vec<TextRange> =
            scope.children().flat_map(|child| self.all(&child)).collect();
        if let Some(wait) = ast::AwaitExpr::cast(scope.clone()) {
            found.extend(wait.await_token().map(|token| token.text_range()));
        } else if scope.kind() == SyntaxKind::MACRO_CALL {
            found.extend(self.in_macro(scope));
        }
        found
    }

    /// The first `.await` in `node` before which the guard is not released.
    fn walk(&mut self, node: &SyntaxNode) -> Option<TextRange> {
        if self.released {
            return None;
        }
        if is_other_body(node) {
            let mentions = self.name.as_deref().is_some_and(|name| mentions(node, name));
            let moves = node.children_with_tokens().any(|it| it.kind() == T![move]);
            self.released = mentions && moves && !is_item(node.kind());
            return None;
        }
        match node.kind() {
            SyntaxKind::IF_EXPR => {
                let branching = ast::IfExpr::cast(node.clone())?;
                if let Some(at) = self.walk(branching.condition()?.syntax()) {
                    return Some(at);
                }
                let is_complete = branching.else_branch().is_some();
                self.branches(node.children().skip(1), is_complete)
            }
            SyntaxKind::MATCH_EXPR => {
                let matching = ast::MatchExpr::cast(node.clone())?;
                if let Some(at) = self.walk(matching.expr()?.syntax()) {
                    return Some(at);
                }
                let arms = matching.match_arm_list()?.arms();
                self.branches(arms.map(|arm| arm.syntax().clone()), true)
            }
            SyntaxKind::BLOCK_EXPR => {
                let name = self.name.clone();
                let found = self.children(node);
                self.name = name;
                found
            }
            SyntaxKind::LET_STMT => {
                let statement = ast::LetStmt::cast(node.clone())?;
                if let Some(value) = statement.initializer()
                    && let Some(at) = self.walk(value.syntax())
                {
                    return Some(at);
                }
                if let Some(otherwise) = statement.let_else() {
                    let before = self.released;
                    let found = self.walk(otherwise.syntax());
                    self.released = before;
                    if found.is_some() {
                        return found;
                    }
                }
                // A second variable of the name does not end the first one's life.
                let shadows = statement.pat().is_some_and(|pattern| {
                    self.name.as_deref().is_some_and(|name| mentions(pattern.syntax(), name))
                });
                if shadows && !self.released {
                    self.name = None;
                }
                None
            }
            SyntaxKind::MACRO_CALL => self.in_macro(node),
            SyntaxKind::PATH_EXPR => {
                self.released = self.is_moved(node);
                None
            }
            SyntaxKind::AWAIT_EXPR => {
                let wait = ast::AwaitExpr::cast(node.clone())?;
                let found = self.children(node);
                if found.is_some() || self.released {
                    return found;
                }
                let awaited = wait.expr().as_ref().and_then(identifier);
                if awaited.is_some() && awaited == self.name {
                    // It was no guard but a future.
                    self.released = true;
                    return None;
                }
                wait.await_token().map(|token| token.text_range())
            }
            _ => self.children(node),
        }
    }

    fn children(&mut self, node: &SyntaxNode) -> Option<TextRange> {
        let mut children = node.children();
        children.find_map(|child| self.walk(&child))
    }

    /// Alternatives: the guard is gone after them when each either releases it or leaves.
    /// `is_complete` tells that one of them is taken in any case.
    fn branches(
        &mut self,
        branches: impl Iterator<Item = SyntaxNode>,
        is_complete: bool,
    ) -> Option<TextRange> {
        if self.released {
            return None;
        }
        let mut released = is_complete;
        for branch in branches {
            self.released = false;
            let name = self.name.clone();
            let pattern = ast::MatchArm::cast(branch.clone()).and_then(|arm| arm.pat());
            if let (Some(pattern), Some(shadowed)) = (pattern, &name)
                && mentions(pattern.syntax(), shadowed)
            {
                self.name = None;
            }
            let found = self.walk(&branch);
            self.name = name;
            if found.is_some() {
                return found;
            }
            released &= self.released || leaves(&branch);
        }
        self.released = released;
        None
    }

    fn in_macro(&self, call: &SyntaxNode) -> Option<TextRange> {
        let name = macro_name(call)?;
        if matches!(name.as_str(), "select" | "select_biased" | "join" | "try_join") {
            return call.children().next().map(|path| path.text_range());
        }
        let tokens = call.children().find(|child| child.kind() == SyntaxKind::TOKEN_TREE)?;
        if !mentions(&tokens, "await") {
            return None;
        }
        let fragment = Fragment::of_macro_call(call, self.edition)?;
        let body = fragment.root.descendants().find(|it| it.kind() == SyntaxKind::STMT_LIST)?;
        self.all(&body).into_iter().next().map(|at| fragment.to_outer(at))
    }

    /// Whether a path is the guard, given away.
    fn is_moved(&self, path: &SyntaxNode) -> bool {
        let Some(name) = &self.name else { return false };
        if path.text() != name.as_str() {
            return false;
        }
        path.parent().is_some_and(|parent| match parent.kind() {
            SyntaxKind::ARG_LIST
            | SyntaxKind::LET_STMT
            | SyntaxKind::RETURN_EXPR
            | SyntaxKind::BREAK_EXPR
            | SyntaxKind::TUPLE_EXPR
            | SyntaxKind::ARRAY_EXPR
            | SyntaxKind::RECORD_EXPR_FIELD
            | SyntaxKind::STMT_LIST
            | SyntaxKind::MATCH_ARM => true,
            SyntaxKind::BIN_EXPR => {
                let assignment = ast::BinExpr::cast(parent);
                assignment.is_some_and(|it| {
                    matches!(it.op_kind(), Some(ast::BinaryOp::Assignment { op: None }))
                })
            }
            _ => false,
        })
    }
}

/// Bodies that run at another time than the code around them.
fn is_other_body(node: &SyntaxNode) -> bool {
    node.kind() == SyntaxKind::CLOSURE_EXPR || is_async_block(node) || is_item(node.kind())
}

fn mentions(node: &SyntaxNode, name: &str) -> bool {
    let mut tokens = node.descendants_with_tokens().filter_map(|it| it.into_token());
    tokens.any(|token| token.text() == name)
}

/// Whether a branch ends by leaving the code around it.
fn leaves(branch: &SyntaxNode) -> bool {
    let last = branch.children().last();
    match branch.kind() {
        SyntaxKind::RETURN_EXPR | SyntaxKind::BREAK_EXPR | SyntaxKind::CONTINUE_EXPR => true,
        SyntaxKind::MACRO_CALL => macro_name(branch).is_some_and(|name| {
            matches!(name.as_str(), "panic" | "bail" | "unreachable" | "todo" | "unimplemented")
        }),
        SyntaxKind::BLOCK_EXPR
        | SyntaxKind::STMT_LIST
        | SyntaxKind::EXPR_STMT
        | SyntaxKind::MACRO_EXPR
        | SyntaxKind::MATCH_ARM => last.is_some_and(|last| leaves(&last)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn a_function_that_is_not_async_waits_for_nothing() {
        silent(
            &RULE,
            r#"
fn f(m: &Mutex<u8>, r: Receiver<u8>) {
    let guard = m.lock().unwrap();
    crossbeam_channel::select! { recv(r) -> _ => {} }
}
"#,
        );
    }

    #[test]
    fn a_guard_with_a_name_lives_to_the_end_of_its_block() {
        check(
            &RULE,
            r#"
async fn f(m: &Mutex<u8>) {
    let guard = m.lock().unwrap();
                //^^^^^^ lock-across-await: the guard of `lock` is held across an `.await`, which can deadlock
    work().await;
}
async fn g(m: &RwLock<u8>) {
    let mut guard = m.write().unwrap_or_else(PoisonError::into_inner);
                    //^^^^^^^ lock-across-await
    if guard.is_empty() {
        *guard = work().await?;
    }
}
fn h(m: Arc<Mutex<u8>>) {
    tokio::spawn(async move {
        let _guard = m.lock().expect("poisoned");
                     //^^^^^^ lock-across-await
        for x in y { work(x).await; }
    });
}
async fn i(m: &Mutex<u8>) {
    let Ok(guard) = m.lock() else { return };
                    //^^^^^^ lock-across-await
    let guard = match n.lock() { Ok(guard) => guard, Err(poisoned) => poisoned.into_inner() };
                      //^^^^^^ lock-across-await
    if done { drop(guard); return }
    tokio::select! { _ = a() => {} _ = b() => {} }
}
async fn k(m: &Mutex<u8>) {
    let guard = { m.lock().unwrap() };
                  //^^^^^^ lock-across-await
    if done { drop(guard); }
    work().await;
}
async fn j(m: &Mutex<u8>) {
    let guard = m.lock().unwrap();
                //^^^^^^ lock-across-await
    let guard = guard.clone();
    let x = &mut *n.lock().unwrap();
                  //^^^^^^ lock-across-await
    println!("{}", work(guard).await);
}
"#,
        );
    }

    #[test]
    fn a_guard_without_a_name_lives_to_the_end_of_its_statement() {
        check(
            &RULE,
            r#"
async fn f(m: &Mutex<Db>) {
    m.lock().unwrap().execute().await;
    //^^^^^^ lock-across-await
    send(m.lock().unwrap().len()).await;
         //^^^^^^ lock-across-await
    if let Some(x) = m.lock().unwrap().pop() {
                     //^^^^^^ lock-across-await
        work(x).await;
    }
    while let Ok(mut guard) = m.lock() {
                              //^^^^^^ lock-across-await
        guard.run().await;
    }
    match m.lock().unwrap().kind() {
          //^^^^^^ lock-across-await
        Kind::A => work().await,
        _ => {}
    }
    for x in m.lock().unwrap().iter() { work(x).await; }
             //^^^^^^ lock-across-await
}
"#,
        );
    }

    #[test]
    fn a_guard_that_is_gone_is_not_held() {
        silent(
            &RULE,
            r#"
async fn f(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    drop(guard);
    work().await;
    let len = m.lock().unwrap().len();
    let copy = *m.lock().unwrap();
    let first = m.lock().unwrap().first().cloned();
    { let guard = m.lock().unwrap(); guard.push(len); }
    let x = { let guard = m.lock().unwrap(); guard.len() };
    work().await;
    if m.lock().unwrap().is_empty() { work().await; }
    *m.lock().unwrap() = work().await;
    work().await.push(m.lock().unwrap().len());
    let _ = m.lock().unwrap();
    m.lock().unwrap().push(1);
    if let Ok(mut guard) = m.lock() { guard.push(1); drop(guard); work().await; }
    work().await;
}
async fn g(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    consume(guard).await;
    work().await;
}
async fn h(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    if guard.done() { drop(guard); work().await; return; }
    let mut state = m.lock().unwrap();
    tokio::spawn(async { work().await });
    let job = || async { work().await };
}
async fn k(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    if guard.done() { drop(guard); } else { keep(guard); }
    work().await;
    let guard = m.lock().unwrap();
    match guard.kind() { 1 => drop(guard), 2 => return, _ => { drop(guard); } }
    work().await;
}
async fn i(m: &Mutex<Db>) {
    loop {
        let guard = m.lock().unwrap();
        let Some(x) = guard.next() else { std::mem::drop(guard); work().await; continue };
        drop(guard);
        work(x).await;
    }
}
"#,
        );
    }

    #[test]
    fn locks_that_are_awaited_may_be_held() {
        silent(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
parking_lot = "0.12"
//- src/lib.rs
use tokio::sync::{Mutex, RwLock};
async fn f(m: &Mutex<Db>) {
    let guard = m.lock().await;
    work().await;
    let future = m.lock();
    let guard = future.await;
    let guard = m.try_lock().unwrap();
    work().await;
    let n = stream.read(&mut buf).unwrap();
    let (a, b) = join!(m.lock(), n.lock());
    work().await;
}
//- src/a.rs
async fn f() {
    let mut out = std::io::stdout().lock();
    let future = m.lock();
    future.await;
    work().await;
}
"#,
        );
    }

    #[test]
    fn the_lock_of_parking_lot_is_known_by_its_import_or_dependency() {
        check(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
parking_lot = "0.12"
//- src/lib.rs
use parking_lot::{Mutex, RwLock};
async fn g(t: &tokio::sync::Mutex<Db>) { if let Ok(guard) = t.try_lock() { work().await; } }
async fn f(m: &Mutex<Db>, n: &RwLock<u8>) {
    let guard = m.lock();
                //^^^^^^ lock-across-await
    let other = n.try_read().unwrap();
                //^^^^^^^^^^ lock-across-await
    work().await;
}
//- src/a.rs
async fn f(state: &State) {
    state.inner.lock().update().await;
              //^^^^^^ lock-across-await
}
"#,
        );
    }

    #[test]
    fn helpers_are_known_by_their_signature() {
        check(
            &RULE,
            r#"
impl State {
    fn lock_unpoisoned(&self) -> MutexGuard<'_, Db> { self.db.lock().unwrap() }
    fn db(&self) -> Result<std::sync::MutexGuard<'_, Db>, Error> { self.db.lock().map_err(Error::new) }
    async fn later(&self) -> tokio::sync::MutexGuard<'_, Db> { self.other.lock().await }
    fn name(&self) -> String { String::new() }
}
async fn f(state: &State) {
    let db = state.lock_unpoisoned();
                 //^^^^^^^^^^^^^^^^^ lock-across-await: the guard of `lock_unpoisoned` is held across an `.await`, which can deadlock
    let name = state.name();
    let later = state.later();
    work().await;
    work().await;
}
async fn g(state: &State) {
    state.db()?.execute().await;
        //^^^^ lock-across-await
    let db = state.db().unwrap();
    drop(db);
    let later = state.later().await;
    work().await;
}
"#,
        );
    }
}
