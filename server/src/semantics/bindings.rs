//! What the function around a name says of it: its type and its value.

use super::NodeContext;
use super::execution::is_item;
use crate::syntax::ast::{self, HasName};
use crate::syntax::green::{children, node_kind, own_name};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange};

/// The type of a local variable or parameter, as it is written where the name is bound nearest to
/// `node`. White space is left in.
pub fn type_of(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<String> {
    let ancestors: Vec<SyntaxNode> = cx.ancestors(node).collect();
    if name == "self" {
        let item = ancestors.into_iter().find_map(ast::Impl::cast)?;
        return Some(item.self_ty()?.syntax().text().to_string());
    }
    for ancestor in ancestors {
        let params = match ancestor.kind() {
            SyntaxKind::STMT_LIST => match last_let(&ancestor, name) {
                Some(statement) => return of_let(&statement),
                None => continue,
            },
            SyntaxKind::FN => ast::Fn::cast(ancestor.clone())?.param_list(),
            SyntaxKind::CLOSURE_EXPR => ast::ClosureExpr::cast(ancestor.clone())?.param_list(),
            // A pattern binds the name anew, and does not say its type.
            SyntaxKind::MATCH_ARM => {
                let pattern = ast::MatchArm::cast(ancestor.clone())?.pat()?;
                match binds_within(pattern.syntax(), name) {
                    true => return None,
                    false => continue,
                }
            }
            _ => continue,
        };
        let param = params
            .into_iter()
            .flat_map(|list| list.params())
            .find(|param| param.pat().is_some_and(|pat| binds(&pat, name)));
        if let Some(param) = param {
            return Some(param.ty()?.syntax().text().to_string());
        }
        if ancestor.kind() == SyntaxKind::FN {
            return None;
        }
    }
    None
}

/// The value that the nearest `let` above `node` in its function gives to a variable.
pub fn local_value(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<ast::Expr> {
    let mut below: Option<SyntaxNode> = None;
    for node in cx.ancestors(node) {
        if is_item(node.kind()) {
            return None;
        }
        if node.kind() == SyntaxKind::STMT_LIST {
            let end = below.as_ref().map_or(node.text_range().end(), |it| it.text_range().start());
            let lets = node.children().filter_map(ast::LetStmt::cast);
            let before = lets.filter(|it| it.syntax().text_range().end() <= end);
            let binding = before.filter(|it| it.pat().is_some_and(|pat| binds(&pat, name))).last();
            if let Some(binding) = binding {
                return binding.initializer();
            }
        }
        below = Some(node);
    }
    None
}

/// The last of a block's own `let` statements that binds `name`.
fn last_let(list: &SyntaxNode, name: &str) -> Option<ast::LetStmt> {
    let green = list.green();
    // Nodes are made only of what binds the name.
    let named: Vec<TextRange> = children(green, list.text_range().start())
        .filter_map(|(at, child)| {
            let child = child.into_node().filter(|it| node_kind(it) == SyntaxKind::LET_STMT)?;
            let bound = own_name(child) == Some(name);
            bound.then(|| TextRange::at(at, child.text_len()))
        })
        .collect();
    named.into_iter().rev().find_map(|range| {
        let statement = list.child_or_token_at_range(range)?.into_node();
        let statement = statement.and_then(ast::LetStmt::cast)?;
        statement.pat().is_some_and(|pat| binds(&pat, name)).then_some(statement)
    })
}

fn binds(pat: &ast::Pat, name: &str) -> bool {
    match pat {
        ast::Pat::IdentPat(pat) => pat.name().is_some_and(|it| it.text() == name),
        _ => false,
    }
}

fn binds_within(pattern: &SyntaxNode, name: &str) -> bool {
    pattern
        .descendants()
        .filter_map(ast::IdentPat::cast)
        .any(|pat| pat.name().is_some_and(|it| it.text() == name))
}

fn of_let(statement: &ast::LetStmt) -> Option<String> {
    if let Some(ty) = statement.ty() {
        return Some(ty.syntax().text().to_string());
    }
    constructed(&statement.initializer()?)
}

/// The type that an expression builds: `Settings` for `Settings::load()?` and `Settings { … }`.
fn constructed(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::TryExpr(it) => constructed(&it.expr()?),
        ast::Expr::AwaitExpr(it) => constructed(&it.expr()?),
        ast::Expr::RefExpr(it) => constructed(&it.expr()?),
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref()?.text().to_string();
            let keeps = matches!(
                name.as_str(),
                "unwrap" | "expect" | "context" | "with_context" | "unwrap_or_default" | "clone"
            );
            constructed(&it.receiver().filter(|_| keeps)?)
        }
        ast::Expr::RecordExpr(it) => Some(compact(it.path()?.syntax())),
        ast::Expr::CallExpr(it) => {
            let ast::Expr::PathExpr(path) = it.expr()? else { return None };
            let path = path.path()?;
            let ty = path.qualifier()?;
            let name = ty.segment()?.name_ref()?.text().to_string();
            let function = path.segment()?.name_ref()?.text().to_string();
            let is_type = name.starts_with(char::is_uppercase);
            let builds = function.starts_with(char::is_lowercase) && function != "builder";
            (is_type && builds).then_some(name)
        }
        _ => None,
    }
}
