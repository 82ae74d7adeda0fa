//! Paths as they are written, and what they resolve to by the imports in view.

use super::NodeContext;
use crate::syntax::green::child_of_kind;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode, ast};

/// The last segment of a path: `channel` in `mpsc::channel`.
pub fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The path of a call as written, without generic arguments: `mpsc::channel`.
pub fn callee(call: &ast::CallExpr) -> Option<String> {
    let ast::Expr::PathExpr(path) = call.expr()? else { return None };
    path_text(&path.path()?)
}

/// A path as written, without generic arguments.
pub fn path_text(path: &ast::Path) -> Option<String> {
    let mut names = Vec::new();
    let mut next = Some(path.clone());
    while let Some(path) = next {
        names.push(path.segment()?.name_ref()?.text().to_string());
        next = path.qualifier();
    }
    names.reverse();
    Some(names.join("::"))
}

/// A path of the code with its first segment resolved by the imports in view, those at the head
/// of the blocks around `node` included.
pub fn resolve_at(cx: &mut NodeContext<'_>, node: &SyntaxNode, path: &str) -> String {
    let first = path.split("::").next().unwrap_or(path);
    let lists = cx.ancestors(node).filter(|it| it.kind() == SyntaxKind::STMT_LIST);
    let inner = lists.map(|list| cx.once("imports", &list, || imports_of(&list)));
    let resolved = inner.into_iter().find(|it| it.path_of(first).is_some());
    let resolved = resolved.map(|it| it.resolve(path)).filter(|it| it != path);
    resolved.unwrap_or_else(|| cx.resolve(path))
}

/// The imports of a block itself.
fn imports_of(list: &SyntaxNode) -> Imports {
    match child_of_kind(list.green(), SyntaxKind::USE) {
        Some(_) => Imports::of_uses(list.children().filter_map(ast::Use::cast)),
        None => Imports::default(),
    }
}

/// The path that a call resolves to.
pub fn resolved_callee(cx: &mut NodeContext<'_>, call: &ast::CallExpr) -> Option<String> {
    let path = callee(call)?;
    Some(resolve_at(cx, call.syntax(), &path))
}
