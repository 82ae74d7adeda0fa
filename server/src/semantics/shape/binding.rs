//! What binds a local name.

use rowan::GreenNodeData;

use crate::syntax::ast;
use crate::syntax::green::{child_nodes, children, declared_name, node_kind};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange};

/// What binds a name.
#[derive(Debug, Clone)]
pub enum Binding {
    Typed(ast::Type),
    /// `let name = expr`.
    Value(ast::Expr),
    /// The inside of a pattern such as `Some(name)` matched with an expression.
    Inner(ast::Expr),
    /// `for name in expr`, `expr.any(|name| …)`.
    Element(ast::Expr),
    /// A part of such an element: `for (name, other) in expr`.
    Part(ast::Expr),
    /// Bound, and nothing is known of it.
    Opaque,
}

/// The binding of a local name. `around` is the place of its use and what surrounds it, innermost
/// first.
pub fn binding(name: &str, around: &[SyntaxNode]) -> Option<Binding> {
    around.windows(2).find_map(|pair| {
        let [child, parent] = pair else { return None };
        match parent.kind() {
            SyntaxKind::STMT_LIST => let_binding(name, child, parent),
            SyntaxKind::CLOSURE_EXPR => closure_binding(name, parent),
            SyntaxKind::FN => param_binding(name, parent),
            SyntaxKind::FOR_EXPR => {
                let item = ast::ForExpr::cast(parent.clone())?;
                let pat = item.pat()?;
                binds(&pat, name).then_some(())?;
                Some(
                    item.iterable()
                        .map_or(Binding::Opaque, |it| element_or_part(it, is_whole(&pat))),
                )
            }
            SyntaxKind::MATCH_ARM => {
                let pat = ast::MatchArm::cast(parent.clone())?.pat()?;
                let matched = parent.ancestors().find_map(ast::MatchExpr::cast)?.expr()?;
                matched_binding(name, &pat, matched)
            }
            SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR | SyntaxKind::BIN_EXPR => parent
                .children()
                .take_while(|it| it != child || it.kind() == SyntaxKind::BIN_EXPR)
                .take(1)
                .flat_map(|condition| condition.descendants())
                .filter_map(ast::LetExpr::cast)
                .find_map(|it| matched_binding(name, &it.pat()?, it.expr()?)),
            _ => None,
        }
    })
}

fn let_binding(name: &str, child: &SyntaxNode, list: &SyntaxNode) -> Option<Binding> {
    let end = child.text_range().start();
    let before = children(list.green(), list.text_range().start()).take_while(|(at, _)| *at < end);
    // A node is made only of the last statement that binds the name.
    let range = before
        .filter_map(|(at, child)| {
            let statement = child.into_node().filter(|it| node_kind(it) == SyntaxKind::LET_STMT)?;
            let pat = child_nodes(statement).find(|it| ast::Pat::can_cast(node_kind(it)))?;
            binds_within(pat, name).then(|| TextRange::at(at, statement.text_len()))
        })
        .last()?;
    let statement =
        list.child_or_token_at_range(range)?.into_node().and_then(ast::LetStmt::cast)?;
    let pat = statement.pat()?;
    let simple = matches!(&pat, ast::Pat::IdentPat(it) if it.pat().is_none());
    match (statement.ty(), statement.initializer()) {
        (Some(ty), _) if simple => Some(Binding::Typed(ty)),
        (None, Some(value)) => matched_binding(name, &pat, value),
        _ => Some(Binding::Opaque),
    }
}

fn closure_binding(name: &str, closure: &SyntaxNode) -> Option<Binding> {
    let params = ast::ClosureExpr::cast(closure.clone())?.param_list()?;
    let param = params.params().find(|it| it.pat().is_some_and(|pat| binds(&pat, name)))?;
    if let Some(ty) = param.ty() {
        return Some(Binding::Typed(ty));
    }
    let call = closure.parent().and_then(|it| it.parent()).and_then(ast::MethodCallExpr::cast);
    let is_whole = params.params().count() == 1 && param.pat().is_some_and(|pat| is_whole(&pat));
    Some(
        call.and_then(|it| it.receiver())
            .map_or(Binding::Opaque, |it| element_or_part(it, is_whole)),
    )
}

fn param_binding(name: &str, function: &SyntaxNode) -> Option<Binding> {
    let params = ast::Fn::cast(function.clone())?.param_list()?;
    let param = params.params().find(|it| it.pat().is_some_and(|pat| binds(&pat, name)))?;
    let simple = matches!(param.pat(), Some(ast::Pat::IdentPat(_)));
    Some(match param.ty() {
        Some(ty) if simple => Binding::Typed(ty),
        _ => Binding::Opaque,
    })
}

fn matched_binding(name: &str, pat: &ast::Pat, matched: ast::Expr) -> Option<Binding> {
    if !binds(pat, name) {
        return None;
    }
    Some(match pat {
        ast::Pat::IdentPat(it) if it.pat().is_none() => Binding::Value(matched),
        ast::Pat::RefPat(it) => return matched_binding(name, &it.pat()?, matched),
        ast::Pat::TupleStructPat(it) => {
            let path = it.path().map(|path| path.syntax().text().to_string());
            let simple = matches!(it.fields().next(), Some(ast::Pat::IdentPat(_)));
            match path.as_deref() {
                Some("Some" | "Ok") if simple => Binding::Inner(matched),
                _ => Binding::Opaque,
            }
        }
        _ => Binding::Opaque,
    })
}

fn element_or_part(of: ast::Expr, is_whole: bool) -> Binding {
    if is_whole { Binding::Element(of) } else { Binding::Part(of) }
}

/// Whether a pattern binds the whole of what it is matched with, and not a part.
fn is_whole(pat: &ast::Pat) -> bool {
    match pat {
        ast::Pat::IdentPat(it) => it.pat().is_none(),
        ast::Pat::RefPat(it) => it.pat().is_some_and(|it| is_whole(&it)),
        _ => false,
    }
}

fn binds(pat: &ast::Pat, name: &str) -> bool {
    binds_within(pat.syntax().green(), name)
}

fn binds_within(node: &GreenNodeData, name: &str) -> bool {
    node_kind(node) == SyntaxKind::IDENT_PAT && declared_name(node) == Some(name)
        || child_nodes(node).any(|child| binds_within(child, name))
}

/// `node` and what surrounds it, out of macro arguments as well when `around`, the surroundings of
/// some other place, leads there.
pub fn surroundings(node: &SyntaxNode, around: &[SyntaxNode]) -> Vec<SyntaxNode> {
    let mut own: Vec<SyntaxNode> = node.ancestors().collect();
    let common = own.iter().find_map(|it| around.iter().position(|other| other == it));
    if let Some(common) = common {
        own.retain(|it| !around.get(common..).is_some_and(|outer| outer.contains(it)));
        own.extend(around.iter().skip(common).cloned());
    }
    own
}
