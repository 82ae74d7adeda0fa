//! The search for an `.await` in the code that runs while a guard lives.

use crate::semantics::execution::{is_async_block, is_item};
use crate::semantics::expressions::identifier;
use crate::syntax::ast::{self, HasLoopBody};
use crate::syntax::fragment::{Fragment, macro_name};
use crate::syntax::{AstNode, Edition, SyntaxKind, SyntaxNode, T, TextRange};

/// Looks for an `.await` in the order of evaluation, while the guard is there.
pub struct Search {
    /// The guard's variable; nothing for one that cannot be dropped early.
    pub name: Option<String>,
    /// The guard was dropped or moved.
    pub released: bool,
    pub edition: Edition,
}

impl Search {
    /// In the statements after `statement` to the end of its block.
    pub fn after(mut self, statement: &SyntaxNode) -> Option<TextRange> {
        let mut next = statement.next_sibling();
        while let Some(node) = next {
            if let Some(at) = self.walk(&node) {
                return Some(at);
            }
            next = node.next_sibling();
        }
        None
    }

    /// In what runs while the scrutinee of a `let` in a condition lives; `to_the_end` tells that it
    /// lives through the `else` as well.
    pub fn in_body_of(mut self, condition: &SyntaxNode, to_the_end: bool) -> Option<TextRange> {
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
                    let branching = ast::IfExpr::cast(parent)?;
                    let then = branching.then_branch()?;
                    let other = branching.else_branch().filter(|_| to_the_end);
                    return self
                        .walk(then.syntax())
                        .or_else(|| self.walk(other.as_ref()?.syntax()));
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
    pub fn all(&self, scope: &SyntaxNode) -> Vec<TextRange> {
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
    pub fn walk(&mut self, node: &SyntaxNode) -> Option<TextRange> {
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
pub fn is_other_body(node: &SyntaxNode) -> bool {
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
