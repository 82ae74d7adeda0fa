//! What the function around a name says of it: its type and its value.

use super::NodeContext;
use super::execution::is_item;
use super::lets::lets_before;
use super::type_text::{arguments, split_list};
use crate::project::base_name;
use crate::syntax::ast::{self, HasName};
use crate::syntax::green::binds;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextSize};

/// The type of a local variable or parameter, as it is written where the name is bound nearest to
/// `node`, or that of the constructor it is bound to. White space is left in.
pub fn type_of(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<String> {
    match binding_of(cx, node, name)? {
        Binding::Typed(ty) => ty,
        Binding::Let(statement) => constructed(&statement.initializer()?),
        Binding::Pattern(_) => None,
    }
}

/// The type that is written where a local variable or parameter is bound nearest to `node`.
pub fn bound_type(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<String> {
    match binding_of(cx, node, name)? {
        Binding::Typed(ty) => ty,
        Binding::Let(_) | Binding::Pattern(_) => None,
    }
}

/// The value that a `let`, an `if let` or a `match` nearest to `node` gives to a variable, or of
/// which it gives it a part.
pub fn initializer(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<ast::Expr> {
    match binding_of(cx, node, name)? {
        Binding::Typed(_) => None,
        Binding::Let(statement) => statement.initializer(),
        Binding::Pattern(value) => value,
    }
}

/// What binds a name.
enum Binding {
    /// A parameter, `self` or a `let` with a type; nothing when the name is bound to an unknown part
    /// of a value of the type.
    Typed(Option<String>),
    /// A `let` without a type.
    Let(ast::LetStmt),
    /// A pattern: of a `let` without a type, of an `if let`, of an arm of a `match`. With the value
    /// that the name is bound to, or to the content of.
    Pattern(Option<ast::Expr>),
}

fn binding_of(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<Binding> {
    let ancestors: Vec<SyntaxNode> = cx.ancestors(node).collect();
    if name == "self" {
        let item = ancestors.into_iter().find_map(ast::Impl::cast)?;
        return Some(Binding::Typed(Some(item.self_ty()?.syntax().text().to_string())));
    }
    let mut below: Option<SyntaxNode> = None;
    for ancestor in ancestors {
        let list =
            match ancestor.kind() {
                SyntaxKind::STMT_LIST => {
                    let end = end_before(below.as_ref(), &ancestor);
                    if let Some(statement) = lets_before(&ancestor, name, end).next() {
                        return Some(match statement.ty() {
                            Some(ty) => {
                                let ty = ty.syntax().text().to_string();
                                Binding::Typed(part_type(&statement.pat()?, &ty, name))
                            }
                            None if is_name(&statement.pat()?, name) => Binding::Let(statement),
                            None => Binding::Pattern(statement.initializer().filter(|_| {
                                statement.pat().is_some_and(|it| is_sole_content(&it))
                            })),
                        });
                    }
                    None
                }
                SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR => {
                    if let Some(value) = let_condition(&ancestor, name) {
                        return Some(Binding::Pattern(value));
                    }
                    None
                }
                SyntaxKind::MATCH_ARM => {
                    let pattern = ast::MatchArm::cast(ancestor.clone())?.pat()?;
                    if binds(&pattern, name) {
                        let value = ancestor.ancestors().find_map(ast::MatchExpr::cast)?.expr();
                        return Some(Binding::Pattern(value.filter(|_| is_sole_content(&pattern))));
                    }
                    None
                }
                SyntaxKind::FOR_EXPR => {
                    let pattern = ast::ForExpr::cast(ancestor.clone())?.pat()?;
                    if binds(&pattern, name) {
                        return Some(Binding::Pattern(None));
                    }
                    None
                }
                SyntaxKind::FN => ast::Fn::cast(ancestor.clone())?.param_list(),
                SyntaxKind::CLOSURE_EXPR => ast::ClosureExpr::cast(ancestor.clone())?.param_list(),
                _ => None,
            };
        let mut params = list.into_iter().flat_map(|list| list.params());
        let param = params.find(|it| it.pat().is_some_and(|pat| binds(&pat, name)));
        if let Some(param) = param {
            let ty = param.ty().map(|ty| ty.syntax().text().to_string());
            let pattern = param.pat()?;
            return Some(Binding::Typed(ty.and_then(|ty| part_type(&pattern, &ty, name))));
        }
        if ancestor.kind() == SyntaxKind::FN {
            return None;
        }
        below = Some(ancestor);
    }
    None
}

/// The value that the condition of an `if` or a `while` takes apart to bind a name; nothing inside
/// when the name is but a part of it.
fn let_condition(node: &SyntaxNode, name: &str) -> Option<Option<ast::Expr>> {
    let condition = node.children().find_map(ast::Expr::cast)?;
    let mut lets = condition.syntax().descendants().filter_map(ast::LetExpr::cast);
    let found = lets.find(|it| it.pat().is_some_and(|pat| binds(&pat, name)))?;
    Some(found.expr().filter(|_| found.pat().is_some_and(|it| is_sole_content(&it))))
}

/// Whether a pattern binds one name to all that is in a value: `x`, `&x`, `Some(x)`, `Ok(x)`.
fn is_sole_content(pattern: &ast::Pat) -> bool {
    match pattern {
        ast::Pat::IdentPat(it) => it.pat().is_none(),
        ast::Pat::ParenPat(it) => it.pat().is_some_and(|it| is_sole_content(&it)),
        ast::Pat::RefPat(it) => it.pat().is_some_and(|it| is_sole_content(&it)),
        ast::Pat::TupleStructPat(it) => {
            let name = it.path().and_then(|it| it.segment()?.name_ref());
            let mut fields = it.fields();
            name.is_some_and(|it| matches!(it.text(), "Some" | "Ok"))
                && fields.next().is_some_and(|it| is_sole_content(&it))
                && fields.next().is_none()
        }
        _ => false,
    }
}

/// The type of what a pattern binds to `name` in a value of the type `ty`: `T` in
/// `Form(form): Form<T>`.
fn part_type(pattern: &ast::Pat, ty: &str, name: &str) -> Option<String> {
    let ty = ty.trim();
    match pattern {
        ast::Pat::IdentPat(it) if it.name()?.text() == name => Some(ty.to_string()),
        ast::Pat::ParenPat(it) => part_type(&it.pat()?, ty, name),
        ast::Pat::RefPat(it) => part_type(&it.pat()?, ty.trim_start_matches('&'), name),
        ast::Pat::TupleStructPat(it) => {
            let mut fields = it.fields();
            let only = fields.next().filter(|_| fields.next().is_none())?;
            let wrapper = it.path()?.segment()?.name_ref()?.text().to_string();
            let [inner] = arguments(ty).try_into().ok()?;
            (base_name(ty) == wrapper).then(|| part_type(&only, inner, name)).flatten()
        }
        ast::Pat::TuplePat(it) => {
            let inner = ty.strip_prefix('(')?.strip_suffix(')')?;
            let types = split_list(inner);
            let mut parts = it.fields().zip(types);
            parts.find_map(|(pattern, ty)| part_type(&pattern, ty, name))
        }
        _ => None,
    }
}

/// The value that the nearest `let` above `node` in its function gives to a variable.
pub fn local_value(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<ast::Expr> {
    let mut below: Option<SyntaxNode> = None;
    for node in cx.ancestors(node) {
        if is_item(node.kind()) {
            return None;
        }
        if node.kind() == SyntaxKind::STMT_LIST {
            let end = end_before(below.as_ref(), &node);
            let mut lets = lets_before(&node, name, end);
            let binding = lets.find(|it| it.pat().is_some_and(|pat| is_name(&pat, name)));
            if let Some(binding) = binding {
                return binding.initializer();
            }
        }
        below = Some(node);
    }
    None
}

/// Up to where a block is read before what is `below` in it; the whole block without it.
fn end_before(below: Option<&SyntaxNode>, list: &SyntaxNode) -> TextSize {
    below.map_or(list.text_range().end(), |it| it.text_range().start())
}

/// Whether a pattern is a name, and nothing else.
fn is_name(pat: &ast::Pat, name: &str) -> bool {
    match pat {
        ast::Pat::IdentPat(pat) => pat.name().is_some_and(|it| it.text() == name),
        _ => false,
    }
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
