//! What the body of a function says of its indexes, gathered once for all accesses in it.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{has_word, needed_length};
use crate::analysis::Context;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{TextRange, TextSize};

/// Macros that end the function, or panic on purpose, when a condition does not hold; sorted.
const CHECKING_MACROS: &[&str] =
    &["anyhow::ensure", "assert", "assert_eq", "assert_ne", "debug_assert", "ensure"];

/// Methods whose result lies within what they were called on.
const SEARCHES: &[&str] = &[
    ".find(", ".rfind(", ".position(", ".rposition(", ".char_indices(", ".match_indices(",
    ".partition_point(", ".binary_search", "memchr(", ".enumerate(", ".len()", ".read(",
    ".read_at(", ".recv(", ".recv_from(", ".peek(",
];

/// The accesses, bindings and conditions of a function's body.
#[derive(Default)]
pub struct IndexedBody {
    /// What `let` binds in it: the names, and the value without white space.
    bindings: Vec<(Vec<String>, String)>,
    /// By name, the first value that a `let` gives it.
    values: FxHashMap<String, ast::Expr>,
    /// By name, the values with a search that it is bound to.
    searched: FxHashMap<String, FxHashSet<String>>,
    /// Conditions without white space, and where each stands first.
    conditions: Vec<(TextSize, String)>,
    /// By what is accessed, in text order.
    accesses: FxHashMap<String, Vec<Accessed>>,
    /// By base, the variables that were made of its length.
    lengths: RefCell<FxHashMap<String, Rc<Vec<String>>>>,
}

/// An access that would have panicked first.
struct Accessed {
    end: TextSize,
    /// The length it needs, and the most that it and those before it need.
    most: u128,
    has_length: bool,
    statement: Option<TextRange>,
}

/// So many accesses before another one may be in the same statement.
const NEAR_ACCESSES: usize = 16;

impl IndexedBody {
    /// What is known of the body of a function.
    pub fn of(function: &ast::Fn, cx: &Context<'_>) -> Rc<Self> {
        cx.once("indexed body", function.syntax(), || Self::gather(function))
    }

    fn gather(function: &ast::Fn) -> Self {
        let mut found = Self::default();
        let Some(body) = function.body() else { return found };
        let mut known = FxHashSet::default();
        for node in body.syntax().descendants() {
            let start = node.text_range().start();
            found.bind(&node);
            if let Some(access) = ast::IndexExpr::cast(node.clone()) {
                found.access(&access);
            }
            if let Some(condition) = condition_of(node)
                && known.insert(condition.clone())
            {
                found.conditions.push((start, condition));
            }
        }
        found
    }

    fn bind(&mut self, node: &SyntaxNode) {
        let bound = match ast::LetStmt::cast(node.clone()) {
            Some(statement) => statement.pat().zip(statement.initializer()),
            None => ast::LetExpr::cast(node.clone()).and_then(|it| it.pat().zip(it.expr())),
        };
        let Some((pattern, value)) = bound else { return };
        let names = pattern.syntax().descendants().filter_map(ast::Name::cast);
        let names: Vec<String> = names.map(|it| it.text().to_string()).collect();
        let text = compact(value.syntax());
        let searches = SEARCHES.iter().any(|it| text.contains(it));
        for name in &names {
            self.values.entry(name.clone()).or_insert_with(|| value.clone());
            if searches {
                self.searched.entry(name.clone()).or_default().insert(text.clone());
            }
        }
        self.bindings.push((names, text));
    }

    fn access(&mut self, access: &ast::IndexExpr) {
        let Some(base) = access.base().map(|it| compact(it.syntax())) else { return };
        let length = access.index().and_then(|it| needed_length(&it));
        let of_base = self.accesses.entry(base).or_default();
        let before = of_base.last().map_or(0, |it| it.most);
        of_base.push(Accessed {
            end: access.syntax().text_range().end(),
            most: before.max(length.unwrap_or_default()),
            has_length: length.is_some(),
            statement: statement_around(access.syntax()),
        });
    }

    /// The first value that a `let` of the body gives to a name.
    pub fn value(&self, name: &str) -> Option<&ast::Expr> {
        self.values.get(name)
    }

    /// What `let` binds, names with values without white space.
    pub fn bindings(&self) -> &[(Vec<String>, String)] {
        &self.bindings
    }

    /// The values with a search in them that a name is bound to, without white space.
    pub fn searches(&self, name: &str) -> impl Iterator<Item = &str> {
        self.searched.get(name).into_iter().flatten().map(String::as_str)
    }

    /// The conditions that stand before a place, without white space.
    pub fn conditions_before(&self, place: TextSize) -> impl Iterator<Item = &str> {
        let count = self.conditions.partition_point(|(start, _)| *start < place);
        self.conditions.iter().take(count).map(|(_, condition)| condition.as_str())
    }

    /// Whether an access before a node needs as much of the same value. One access of a statement
    /// stands for all.
    pub fn was_accessed(&self, base: &str, needed: u128, node: &SyntaxNode) -> bool {
        let Some(all) = self.accesses.get(base) else { return false };
        let start = node.text_range().start();
        let before = all.get(..all.partition_point(|it| it.end <= start)).unwrap_or_default();
        let needs_more = before.last().is_some_and(|it| needed > 0 && it.most >= needed);
        let own = statement_around(node);
        let mut near = before.iter().rev().take(NEAR_ACCESSES);
        needs_more || own.is_some() && near.any(|it| it.has_length && it.statement == own)
    }

    /// Variables whose values were made of the length of a base.
    pub fn length_names(&self, base: &str) -> Rc<Vec<String>> {
        if let Some(known) = self.lengths.borrow().get(base) {
            return Rc::clone(known);
        }
        let length = format!("{base}.len()");
        let mut found: Vec<String> = Vec::new();
        for (names, value) in &self.bindings {
            if value.contains(&length) || found.iter().any(|name| has_word(value, name)) {
                let new: Vec<String> =
                    names.iter().filter(|name| !found.contains(name)).cloned().collect();
                found.extend(new);
            }
        }
        let found = Rc::new(found);
        self.lengths.borrow_mut().insert(base.to_string(), Rc::clone(&found));
        found
    }
}

fn statement_around(node: &SyntaxNode) -> Option<TextRange> {
    node.ancestors().find(|it| ast::Stmt::can_cast(it.kind())).map(|it| it.text_range())
}

/// The condition that a node decides, without white space.
fn condition_of(node: SyntaxNode) -> Option<String> {
    if has_condition(node.kind()) {
        let condition = node.children().find_map(ast::Expr::cast)?;
        return Some(compact(condition.syntax()));
    }
    match node.kind() {
        SyntaxKind::MATCH_EXPR => {
            Some(compact(ast::MatchExpr::cast(node)?.expr()?.syntax()) + "==")
        }
        SyntaxKind::MACRO_CALL => {
            let call = ast::MacroCall::cast(node)?;
            let path = compact(call.path()?.syntax());
            let checks = CHECKING_MACROS.binary_search(&path.as_str()).is_ok();
            let arguments = call.token_tree().map(|tree| compact(tree.syntax()));
            arguments.filter(|_| checks).map(|it| it + "==")
        }
        SyntaxKind::METHOD_CALL_EXPR => {
            // `self.check_len(4)?` checks on behalf of the caller.
            let call = ast::MethodCallExpr::cast(node)?;
            let checks = is_check(call.name_ref()?.text());
            call.arg_list().filter(|_| checks).map(|list| compact(list.syntax()) + "len.<")
        }
        SyntaxKind::CALL_EXPR => {
            let call = ast::CallExpr::cast(node)?;
            let path = compact(call.expr()?.syntax());
            let checks = is_check(path.rsplit("::").next().unwrap_or_default());
            call.arg_list().filter(|_| checks).map(|list| compact(list.syntax()) + "<")
        }
        _ => None,
    }
}

/// Whether a function checks something, as its name says.
fn is_check(name: &str) -> bool {
    ["check", "ensure", "require", "need", "validate"].iter().any(|it| name.starts_with(it))
}

/// Whether a node is a loop or a branch with a condition.
fn has_condition(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR | SyntaxKind::MATCH_GUARD)
}
