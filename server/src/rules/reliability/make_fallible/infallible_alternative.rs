//! Failures that have an answer of their own, which needs no body that could return them.

use super::panicking_call::PanickingCall;
use crate::analysis::{Applicability, Fix, FixContext};
use crate::project::base_name;
use crate::semantics::calls::argument_count;
use crate::semantics::rust_version::supports_rust;
use crate::semantics::types::inference::{type_of, writes_to_string};
use crate::syntax::ast::{self, HasArgList, HasAttrs};
use crate::syntax::{AstNode, SyntaxKind};
use crate::text::{FileRange, TextEdit};

/// The repair of a call that need not return its failure. What it does instead is for a person to
/// agree with.
pub fn infallible_alternative(panicking: &PanickingCall, fix: &FixContext<'_>) -> Option<Fix> {
    let (title, edits) = match &panicking.expr {
        ast::Expr::MacroExpr(_) => of_text(panicking, fix)?,
        ast::Expr::CallExpr(call) => of_number(call, panicking, fix)?,
        ast::Expr::MethodCallExpr(call) => {
            let (title, replaced) = of_method(call, panicking, fix)?;
            (title, vec![TextEdit::replace(panicking.name_to_end, replaced)])
        }
        _ => return None,
    };
    Some(fix.here(title, Applicability::Suggested, edits))
}

/// `write!(text, …)` into a `String` does not fail.
fn of_text(
    panicking: &PanickingCall,
    fix: &FixContext<'_>,
) -> Option<(&'static str, Vec<TextEdit>)> {
    let statement = panicking.around.get(1).filter(|it| it.kind() == SyntaxKind::EXPR_STMT)?;
    let start = panicking.expr.syntax().text_range().start();
    let is_whole = statement.text_range().start() == start
        && panicking.expr.attrs().next().is_none()
        && statement.ancestors().last().as_ref() == Some(fix.root);
    if !is_whole || !writes_to_string(panicking, fix) {
        return None;
    }
    let unwrap = FileRange::new(panicking.receiver_end, panicking.suffix.end());
    let edits = vec![TextEdit::insert(start, "let _ = "), TextEdit::replace(unwrap, "")];
    Some(("Discard the result: writing to a `String` cannot fail", edits))
}

/// `NonZeroU8::new(64)` is known when it is compiled.
fn of_number(
    call: &ast::CallExpr,
    panicking: &PanickingCall,
    fix: &FixContext<'_>,
) -> Option<(&'static str, Vec<TextEdit>)> {
    let function = call.expr()?.syntax().text().to_string();
    let (ty, _) = function.split_once("::new").filter(|(_, rest)| rest.is_empty())?;
    let mut arguments = call.arg_list()?.args();
    let ast::Expr::Literal(number) = arguments.next()? else { return None };
    let ast::LiteralKind::IntNumber(number) = number.kind() else { return None };
    let is_number = base_name(ty).starts_with("NonZero") && number.value().is_ok_and(|it| it != 0);
    let here = call.syntax().ancestors().last().as_ref() == Some(fix.root);
    // The first Rust whose compiler calls `Option::unwrap`.
    let known = is_number
        && here
        && fix.symbols.types(base_name(ty)).next().is_none()
        && supports_rust(fix, 83);
    let start = call.syntax().text_range().start();
    let edits =
        vec![TextEdit::insert(start, "const { "), TextEdit::insert(panicking.suffix.end(), " }")];
    known.then_some(("Unwrap at compile time in a `const` block", edits))
}

fn of_method(
    call: &ast::MethodCallExpr,
    panicking: &PanickingCall,
    fix: &FixContext<'_>,
) -> Option<(&'static str, String)> {
    let name = call.name_ref()?;
    let mut own = fix.symbols.functions(name.text()).filter(|it| it.has_self);
    match (name.text(), argument_count(call)) {
        // That of a trait returns an `Option` always.
        ("partial_cmp", 1) => {
            let is_imported = panicking.imports.path_of("Ordering") == Some("std::cmp::Ordering");
            let ordering = if is_imported { "Ordering" } else { "std::cmp::Ordering" };
            let replaced = format!("unwrap_or({ordering}::Equal)");
            Some(("Treat incomparable values as equal (`Ordering::Equal`)", replaced))
        }
        ("join", 0) => {
            let ty = type_of(&call.receiver()?, panicking, fix);
            let is_thread = match &ty {
                Some(ty) => matches!(base_name(ty), "JoinHandle" | "ScopedJoinHandle" | "_"),
                None => true,
            };
            let replaced = "unwrap_or_else(|panic| std::panic::resume_unwind(panic))".to_string();
            let is_free = is_thread && own.next().is_none();
            is_free.then_some(("Propagate the panic of the thread (`resume_unwind`)", replaced))
        }
        _ => None,
    }
}
