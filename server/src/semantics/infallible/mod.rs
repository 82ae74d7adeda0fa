//! Options and results that always hold a value, told from what makes them.

mod checked;
mod claim;
mod constant;
mod lengths;
mod makers;
#[cfg(test)]
mod tests;

use constant::{arguments, is_constant, is_written, local};
use makers::{built, called};

use super::NodeContext;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::{Fragment, macro_name};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};

/// Bindings lead to expressions that lead to bindings.
const MAX_DEPTH: usize = 6;

/// Why an option or result always holds a value, as a clause; nothing where it may not.
///
/// What is written in the source counts as well: a literal pattern that does not compile fails at
/// the first run, which no test overlooks.
pub fn always_holds(value: &ast::Expr, cx: &mut NodeContext<'_>) -> Option<&'static str> {
    let around: Vec<SyntaxNode> = cx.ancestors(value.syntax()).collect();
    let place = Place { around: &around, edition: cx.file().edition };
    checked::is_checked(value, &around)
        .then_some("it was checked before")
        .or_else(|| reason(value, place, MAX_DEPTH))
}

/// Whether such a reason leaves a way to fail, however rare: a clock that is set back, a name that is
/// registered twice.
pub fn may_fail_after_all(reason: &str) -> bool {
    reason.starts_with("only ") || reason == REGISTERED_ONCE
}

/// The same for a result that always holds an error.
pub fn always_fails(value: &ast::Expr, cx: &NodeContext<'_>) -> Option<&'static str> {
    let around: Vec<SyntaxNode> = cx.ancestors(value.syntax()).collect();
    checked::has_failed(value, &around).then_some("it was checked before")
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The value and what surrounds it, innermost first.
    around: &'a [SyntaxNode],
    edition: crate::syntax::Edition,
}

fn reason(value: &ast::Expr, place: Place<'_>, depth: usize) -> Option<&'static str> {
    let depth = depth.checked_sub(1)?;
    match value {
        ast::Expr::ParenExpr(it) => reason(&it.expr()?, place, depth),
        ast::Expr::PathExpr(_) => reason(&local(value, place.around)?, place, depth),
        ast::Expr::CallExpr(call) => called(call, place),
        ast::Expr::MacroExpr(it) => of_macro(&it.macro_call()?, place),
        ast::Expr::AwaitExpr(it) => {
            let awaited = it.expr()?;
            if makers::extracts_without_fail(&awaited, place) {
                return Some("this extractor takes every request");
            }
            let ast::Expr::MethodCallExpr(call) = awaited else { return None };
            let acquires = matches!(
                call.name_ref()?.text(),
                "acquire" | "acquire_owned" | "acquire_many" | "acquire_many_owned"
            );
            acquires.then_some("only a closed semaphore gives an error")
        }
        ast::Expr::MethodCallExpr(call) => of_method(call, place, depth),
        _ => None,
    }
}

fn of_method(call: &ast::MethodCallExpr, place: Place<'_>, depth: usize) -> Option<&'static str> {
    let name = call.name_ref()?;
    let receiver = call.receiver()?;
    let given = arguments(call);
    let around = place.around;
    match name.text() {
        "ok" | "map_err" | "inspect_err" | "context" | "with_context" | "copied" | "cloned"
        | "as_ref" | "as_mut" | "map" | "ok_or" | "ok_or_else" => reason(&receiver, place, depth),
        "parse" if is_written(&receiver, around) => Some(LITERAL),
        "try_into" => lengths::has_fixed_length(&receiver, around).then_some(FIXED_LENGTH),
        "next" | "next_back" | "last" | "first" if given.is_empty() => {
            lengths::is_first_of_split(&receiver, around).then_some("`split` gives at least one")
        }
        "duration_since" => {
            let epoch =
                given.first().is_some_and(|it| compact(it.syntax()).ends_with("UNIX_EPOCH"));
            epoch.then_some("only a clock before 1970 gives an error")
        }
        "body" => {
            built(&receiver, around, false).then_some("all parts of the message are constant")
        }
        "build" | "finish" => built(&receiver, around, true).then_some(LITERAL),
        "expand" => makers::expands_to_short_key(call, around).then_some(KEY_LENGTH),
        "register" => makers::registers_metric(call).then_some(REGISTERED_ONCE),
        of_date => {
            let takes_literals = of_date.ends_with("_opt")
                || matches!(of_date, "with_ymd_and_hms" | "with_hour" | "with_minute")
                || matches!(of_date, "with_second" | "with_nanosecond" | "with_day");
            let fixed = !given.is_empty() && given.iter().all(|it| is_written(it, around));
            (takes_literals && fixed).then_some("the arguments are literals")
        }
    }
}

fn of_macro(call: &ast::MacroCall, place: Place<'_>) -> Option<&'static str> {
    let name = macro_name(call.syntax())?;
    if name.starts_with("register_") || name == "opts" || name == "histogram_opts" {
        return makers::names_metric(&name).then_some(REGISTERED_ONCE);
    }
    if !matches!(name.as_str(), "write" | "writeln") {
        return None;
    }
    let arguments = Fragment::of_macro_call(call.syntax(), place.edition)?;
    // They were parsed as those of a function.
    let call = arguments.root.descendants().find_map(ast::CallExpr::cast)?;
    let target = call.arg_list()?.args().next()?;
    lengths::is_string(&target, place.around).then_some("writing to a `String` never fails")
}

const REGISTERED_ONCE: &str = "the metric is registered once";
const LITERAL: &str = "the input is a literal";
const FIXED_LENGTH: &str = "the slice has a fixed length";
const KEY_LENGTH: &str = "the length of the key is fixed";

/// Whether an argument is known when it is written, be it by name.
fn is_known(expr: &ast::Expr, around: &[SyntaxNode]) -> bool {
    is_written(expr, around) || is_constant(expr)
}
