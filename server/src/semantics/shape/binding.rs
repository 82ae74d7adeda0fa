//! What binds a local name.

use crate::semantics::lets::lets_before;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::green::{binds, binds_within};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

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
    /// The field `1` of a struct: `Config { field: name, .. } = expr`.
    Field(ast::Expr, String),
    /// A part of what an expression evaluates to: the payload of a variant, an entry of a tuple.
    Payload(ast::Expr),
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
    let statement = lets_before(list, name, child.text_range().start()).next()?;
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
    let pat = param.pat()?;
    let is_whole = params.params().count() == 1 && is_whole(&pat);
    let Some(receiver) = call.and_then(|it| it.receiver()) else { return Some(Binding::Opaque) };
    if let Some(of) = zipped(name, &pat, &receiver) {
        return Some(Binding::Payload(of));
    }
    Some(element_or_part(receiver, is_whole))
}

/// The one of two options or iterators whose element `|(a, b)|` gives a name.
fn zipped(name: &str, pat: &ast::Pat, receiver: &ast::Expr) -> Option<ast::Expr> {
    let ast::Pat::TuplePat(tuple) = pat else { return None };
    let ast::Expr::MethodCallExpr(call) = receiver else { return None };
    call.name_ref().filter(|it| it.text() == "zip")?;
    // Elements of iterators are looked at by their index, as they are parts of one value.
    call.receiver().filter(|it| !is_iterator(it))?;
    match tuple.fields().position(|it| is_whole(&it) && binds(&it, name))? {
        0 => call.receiver(),
        _ => call.arg_list()?.args().next(),
    }
}

fn is_iterator(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::MethodCallExpr(call) => call.name_ref().is_some_and(|it| {
            matches!(it.text(), "iter" | "bytes" | "chars" | "into_iter" | "enumerate" | "rev")
        }),
        _ => false,
    }
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
    let tuple = |expr: &ast::Expr| match unparenthesized(expr) {
        ast::Expr::TupleExpr(tuple) => Some(tuple),
        _ => None,
    };
    Some(match pat {
        ast::Pat::IdentPat(it) => match it.pat() {
            Some(inner) if binds(&inner, name) => return matched_binding(name, &inner, matched),
            _ => Binding::Value(matched),
        },
        ast::Pat::RefPat(it) => return matched_binding(name, &it.pat()?, matched),
        ast::Pat::ParenPat(it) => return matched_binding(name, &it.pat()?, matched),
        ast::Pat::OrPat(it) => {
            return it.pats().find_map(|pat| matched_binding(name, &pat, matched.clone()));
        }
        ast::Pat::TuplePat(it) => match tuple(&matched) {
            Some(values) => {
                let (pat, value) = counterpart(name, it.fields().collect(), values)?;
                return matched_binding(name, &pat, value);
            }
            None => Binding::Payload(matched),
        },
        ast::Pat::TupleStructPat(it) => {
            let path = it.path().map(|path| path.syntax().text().to_string());
            let wraps = matches!(path.as_deref(), Some("Some" | "Ok"));
            match (it.fields().next(), wrapped(&matched, path.as_deref())) {
                // `Some(a)` against `Some(b)` is `a` against `b`.
                (Some(pat), Some(value)) => return matched_binding(name, &pat, value),
                (Some(pat), None) if wraps && is_whole(&pat) => Binding::Inner(matched),
                _ => Binding::Payload(matched),
            }
        }
        ast::Pat::RecordPat(it) => {
            let fields = it.record_pat_field_list()?;
            let field = fields.fields().find(|it| binds_within(it.syntax().green(), name))?;
            match (field.field_name(), field.pat()) {
                (Some(field), pat) if pat.as_ref().is_none_or(is_whole) => {
                    Binding::Field(matched, field.text().to_string())
                }
                _ => Binding::Payload(matched),
            }
        }
        _ => Binding::Opaque,
    })
}

/// The field of a tuple pattern that binds a name, and what it is matched with.
fn counterpart(
    name: &str,
    fields: Vec<ast::Pat>,
    values: ast::TupleExpr,
) -> Option<(ast::Pat, ast::Expr)> {
    let rest = fields.iter().position(|it| matches!(it, ast::Pat::RestPat(_)));
    let at = fields.iter().position(|it| binds(it, name))?;
    let values: Vec<ast::Expr> = values.fields().collect();
    let index = match rest {
        Some(rest) if rest < at => (values.len() + at).checked_sub(fields.len())?,
        _ => at,
    };
    Some((fields.get(at)?.clone(), values.get(index)?.clone()))
}

fn unparenthesized(expr: &ast::Expr) -> ast::Expr {
    match expr {
        ast::Expr::ParenExpr(it) => {
            it.expr().map_or_else(|| expr.clone(), |it| unparenthesized(&it))
        }
        _ => expr.clone(),
    }
}

/// The argument of the constructor that a pattern of this path takes apart.
fn wrapped(matched: &ast::Expr, path: Option<&str>) -> Option<ast::Expr> {
    let ast::Expr::CallExpr(call) = unparenthesized(matched) else { return None };
    let is_same =
        call.expr().is_some_and(|it| Some(it.syntax().text().to_string().as_str()) == path);
    call.arg_list()?.args().next().filter(|_| is_same)
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
