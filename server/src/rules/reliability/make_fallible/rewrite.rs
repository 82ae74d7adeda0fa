//! A function made fallible: its return type, what it returns early and its end.

use super::shared_error::Wrapping;
use crate::analysis::FixContext;
use crate::analysis::fix::format::style_of;
use crate::syntax::ast::{self, HasGenericParams};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit};

/// The edits of a function's own return type, its returns and its end. Nothing where those cannot
/// be told.
pub fn rewritten(
    function: &ast::Fn,
    wrapping: &Wrapping,
    fix: &FixContext<'_>,
) -> Option<Vec<TextEdit>> {
    let list = function.body()?.stmt_list()?;
    let ty = function.ret_type().map(|it| it.ty());
    let value = match &ty {
        Some(ty) => Some(ty.clone()?).filter(|ty| compact(ty.syntax()) != "()"),
        None => None,
    };
    let mut edits = signature(function, wrapping, fix)?;
    // The same for each call in the function that may be the one which fails.
    let of_body = fix.answers.once("returns", list.syntax(), || {
        let mut edits = Vec::new();
        returns(list.syntax(), &mut edits)?;
        match value {
            Some(_) => value_end(&list, &mut edits)?,
            None => unit_end(function, &list, &mut edits)?,
        }
        Some(edits)
    });
    edits.extend(of_body.as_ref().as_ref()?.iter().cloned());
    Some(edits)
}

fn signature(
    function: &ast::Fn,
    wrapping: &Wrapping,
    fix: &FixContext<'_>,
) -> Option<Vec<TextEdit>> {
    let Wrapping { before, after } = wrapping;
    let parameters = function.param_list()?;
    let mut edits = Vec::new();
    let mut list = String::new();
    match function.ret_type() {
        Some(ty) => {
            let ty = ty.ty()?;
            if matches!(ty, ast::Type::NeverType(_)) {
                return None;
            }
            let range = ty.syntax().text_range();
            edits.push(TextEdit::insert(range.start(), before.clone()));
            edits.push(TextEdit::insert(range.end(), after.clone()));
        }
        None => {
            list = format!(" -> {before}(){after}");
            // After a type, `where` begins a line.
            let gap =
                function.where_clause().and_then(|it| it.syntax().first_token()?.prev_token());
            let gap = gap.filter(|it| it.kind() == SyntaxKind::WHITESPACE && it.text() == " ");
            if let Some(gap) = gap {
                let line = format!("\n{}", indent_of(function.syntax()));
                edits.push(TextEdit::replace(FileRange::in_file_tree(gap.text_range()), line));
            }
        }
    }
    let range = parameters.syntax().text_range();
    let inserted = edits.iter().filter(|it| it.range.is_empty());
    let added: usize = inserted.map(|it| it.insert.chars().count()).sum();
    match broken_list(function, &parameters, added + list.chars().count(), fix) {
        Some(broken) => {
            edits.push(TextEdit::replace(FileRange::in_file_tree(range), format!("{broken}{list}")))
        }
        None if list.is_empty() => {}
        None => edits.push(TextEdit::insert(range.end(), list)),
    }
    Some(edits)
}

/// The parameters on a line each, where a signature of one line would grow over the edge.
fn broken_list(
    function: &ast::Fn,
    parameters: &ast::ParamList,
    added: usize,
    fix: &FixContext<'_>,
) -> Option<String> {
    let header = function.syntax().children_with_tokens();
    let header = header
        .skip_while(|it| {
            matches!(it.kind(), SyntaxKind::ATTR | SyntaxKind::COMMENT | SyntaxKind::WHITESPACE)
        })
        .take_while(|it| !matches!(it.kind(), SyntaxKind::WHERE_CLAUSE | SyntaxKind::BLOCK_EXPR));
    let header: String = header.map(|it| it.to_string()).collect();
    let indent = indent_of(function.syntax());
    // ` {` follows, which a header without a `where` ends with.
    let width = indent.len() + header.trim_end().chars().count() + " {".len() + added;
    if header.trim_end().contains('\n') || width <= style_of(&fix.file.path, fix).line {
        return None;
    }
    let own = parameters.self_param().map(|it| it.syntax().text().to_string());
    let others = parameters.params().map(|it| it.syntax().text().to_string());
    let all: Vec<String> = own.into_iter().chain(others).collect();
    let lines = all.iter().map(|it| format!("\n{indent}    {it},"));
    (!all.is_empty()).then(|| format!("({}\n{indent})", lines.collect::<String>()))
}

/// Wraps the value at the end of a body.
fn value_end(list: &ast::StmtList, edits: &mut Vec<TextEdit>) -> Option<()> {
    let Some(tail) = list.tail_expr() else { return Some(()) };
    // `#[cfg(unix)] { … } #[cfg(windows)] { … }`: each may be the end.
    let is_attributed = |node: &SyntaxNode| node.children().any(|it| it.kind() == SyntaxKind::ATTR);
    let statements = list.statements().filter_map(|it| match it {
        ast::Stmt::ExprStmt(it) => it.expr(),
        _ => None,
    });
    let mut ends = statements
        .filter(is_block_like)
        .chain([tail.clone()])
        .flat_map(|it| [Some(it.syntax().clone()), it.syntax().parent()])
        .flatten()
        .filter(|it| *it != *list.syntax());
    if ends.any(|it| is_attributed(&it)) {
        return None;
    }
    // What only loops or returns is of every type.
    if !diverges(&tail) {
        let range = tail.syntax().text_range();
        edits.push(TextEdit::insert(range.start(), "Ok("));
        edits.push(TextEdit::insert(range.end(), ")"));
    }
    Some(())
}

/// Adds `Ok(())` at the end of a body that has no value.
fn unit_end(function: &ast::Fn, list: &ast::StmtList, edits: &mut Vec<TextEdit>) -> Option<()> {
    let closing = list.r_curly_token()?;
    let indent = indent_of(function.syntax());
    let tail = list.tail_expr();
    let last = match &tail {
        Some(tail) => Some(tail.clone()),
        None => match list.statements().last() {
            Some(ast::Stmt::ExprStmt(it)) => it.expr(),
            _ => None,
        },
    };
    if last.is_some_and(|it| diverges(&it)) {
        return Some(());
    }
    if let Some(tail) = tail.filter(|it| !is_block_like(it)) {
        if tail.syntax().children().any(|it| it.kind() == SyntaxKind::ATTR) {
            return None;
        }
        edits.push(TextEdit::insert(tail.syntax().text_range().end(), ";"));
    }
    let gap = closing.prev_token().filter(|it| it.kind() == SyntaxKind::WHITESPACE);
    let own_line = gap.as_ref().is_some_and(|it| it.text().contains('\n'));
    let at = gap.map_or(closing.text_range().start(), |it| it.text_range().start());
    let end = match own_line {
        true => format!("\n{indent}    Ok(())"),
        false => " Ok(())".to_string(),
    };
    edits.push(TextEdit::insert(at, end));
    Some(())
}

/// Whether an expression stands as a statement without a semicolon.
fn is_block_like(expr: &ast::Expr) -> bool {
    matches!(
        expr,
        ast::Expr::IfExpr(_)
            | ast::Expr::MatchExpr(_)
            | ast::Expr::ForExpr(_)
            | ast::Expr::WhileExpr(_)
            | ast::Expr::LoopExpr(_)
            | ast::Expr::BlockExpr(_)
    )
}

/// Whether an expression never has a value.
fn diverges(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::ReturnExpr(_) => true,
        ast::Expr::LoopExpr(it) => {
            !it.syntax().descendants().any(|it| it.kind() == SyntaxKind::BREAK_EXPR)
        }
        ast::Expr::MacroExpr(it) => {
            let name = it.macro_call().and_then(|it| macro_name(it.syntax()));
            let names = ["panic", "unreachable", "todo", "unimplemented"];
            name.is_some_and(|name| names.contains(&name.as_str()))
        }
        ast::Expr::CallExpr(it) => {
            let path = it.expr().map(|it| compact(it.syntax())).unwrap_or_default();
            path.ends_with("process::exit") || path.ends_with("process::abort")
        }
        _ => false,
    }
}

/// Wraps what a body returns early. Nothing when a macro may return.
fn returns(node: &SyntaxNode, edits: &mut Vec<TextEdit>) -> Option<()> {
    for child in node.children() {
        match child.kind() {
            SyntaxKind::CLOSURE_EXPR | SyntaxKind::FN | SyntaxKind::IMPL => continue,
            SyntaxKind::BLOCK_EXPR
                if ast::BlockExpr::cast(child.clone())
                    .is_some_and(|it| it.async_token().is_some()) =>
            {
                continue;
            }
            SyntaxKind::TOKEN_TREE => {
                let mut tokens = child.descendants_with_tokens().filter_map(|it| it.into_token());
                if tokens.any(|it| it.text() == "return" || it.text() == "?") {
                    return None;
                }
            }
            SyntaxKind::RETURN_EXPR => {
                let item = ast::ReturnExpr::cast(child.clone())?;
                match item.expr() {
                    Some(value) => {
                        let range = value.syntax().text_range();
                        edits.push(TextEdit::insert(range.start(), "Ok("));
                        edits.push(TextEdit::insert(range.end(), ")"));
                    }
                    None => edits.push(TextEdit::insert(child.text_range().end(), " Ok(())")),
                }
            }
            _ => {}
        }
        returns(&child, edits)?;
    }
    Some(())
}

fn indent_of(node: &SyntaxNode) -> String {
    let before = node.first_token().and_then(|it| it.prev_token());
    let space = before.filter(|it| it.kind() == SyntaxKind::WHITESPACE);
    let text = space.map(|it| it.text().to_string()).unwrap_or_default();
    text.rsplit('\n').next().unwrap_or_default().to_string()
}
