//! The finding of a call that panics where there is no value.

use super::declined::Declined;
use super::lock_calls::lock_call;
use super::panicking_call::PanickingCall;
use super::repair::{propagate, without_failure};
use crate::analysis::{Confidence, Context, Report, Severity};
use crate::project::SymbolIndex;
use crate::semantics::calls::{argument_count, call_range, method_range};
use crate::semantics::execution::is_evaluated_at_compile_time;
use crate::semantics::infallible::{always_fails, always_holds, may_fail_after_all};
use crate::semantics::outside::is_chosen_outside;
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::resolve_at;
use crate::semantics::{Reach, settled};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};

/// Methods that call a function which they are given, such as `Result::unwrap`.
pub const PASSED_TO: &[&str] = &[
    "and_then", "filter_map", "flat_map", "for_each", "map", "map_or", "map_or_else", "map_while",
    "then", "unwrap_or_else",
];

/// Reports a call of `unwrap`, `expect` or one of their inversions, unless it is
/// another rule's or runs when it is compiled. `message` is the text that `expect` is given.
pub fn report_panic(call: &ast::MethodCallExpr, message: Option<ast::Expr>, cx: &mut Context<'_>) {
    let (Some(receiver), Some(name)) = (call.receiver(), call.name_ref()) else { return };
    if lock_call(&receiver, cx).is_some() || is_evaluated_at_compile_time(cx, call.syntax()) {
        return;
    }
    let range = method_range(call);
    let method = name.text();
    let reason = reason_not_to_panic(method, &receiver, cx);
    let called = MethodCall::new(&receiver, method, cx);
    let clippy = cx.file().clippy();
    let ruled_out = ["Option", "Result"]
        .iter()
        .find_map(|ty| clippy.disallowed_method(&format!("{ty}::{method}"))?.reason.clone());
    // A method of the workspace is another one, and some types the project lets be unwrapped.
    let panics = move |symbols: &SymbolIndex| {
        let is_allowed = |ty: String| clippy.allows_unwrap_of(&ty);
        !called.is_own(symbols) && !called.receiver_type(symbols).is_some_and(is_allowed)
    };
    let mut report = judged(Report::new(range, text(method)), &receiver, reason, cx);
    if let Some(reason) = ruled_out {
        report = report.note(format!("disallowed in `clippy.toml`: {reason}"));
    }
    let keyed = reason.is_none().then(|| key_of_any_length(&receiver)).flatten();
    if let Some(is_hmac) = keyed {
        let of_any = is_hmac.clone();
        let own = panics.clone();
        let lowered = Report::new(range, text(method))
            .lowered(Severity::Low, "HMAC takes a key of any length")
            .confidence(Confidence::Possible)
            .when(move |symbols| of_any(symbols) && own(symbols));
        cx.report(call.syntax(), lowered);
        let report = report.when(move |symbols| !is_hmac(symbols) && panics(symbols));
        return cx.report(call.syntax(), report);
    }
    report = report.when(panics);
    if cx.wants_fix(range) && method.ends_with("_err") {
        report = report.fix(|fix| {
            Declined::Inverted.decline(fix);
            Vec::new()
        });
    } else if cx.wants_fix(range) {
        let panicking = PanickingCall::new(call, cx);
        report = match reason {
            // To the caller a failure that cannot occur would look like one that does.
            Some(_) => report.fix(move |fix| without_failure(&panicking, fix)),
            None => report.fix(move |fix| propagate(&panicking, message.as_ref(), fix)),
        };
    }
    cx.report(call.syntax(), report);
}

/// Why a method of `Option` or `Result` does not panic, if that is known.
fn reason_not_to_panic(
    method: &str,
    value: &ast::Expr,
    cx: &mut Context<'_>,
) -> Option<&'static str> {
    match method.ends_with("_err") {
        true => always_fails(value, cx),
        false => always_holds(value, cx),
    }
}

/// Reports `Option::unwrap(x)` and `Result::expect(x, "why")`. `names` are those of the rule.
pub fn report_call(call: &ast::CallExpr, names: &[&str], cx: &mut Context<'_>) {
    let Some(callee) = call.expr() else { return };
    let Some(method) = method_of_std(&callee, names, cx) else { return };
    let wanted = 1 + usize::from(method.starts_with("expect"));
    let given = call.arg_list().and_then(|list| list.args().next());
    let Some(value) = given.filter(|_| argument_count(call) == wanted) else { return };
    if lock_call(&value, cx).is_some() || is_evaluated_at_compile_time(cx, call.syntax()) {
        return;
    }
    let reason = reason_not_to_panic(&method, &value, cx);
    let report = Report::new(call_range(&call.clone().into()), text(&method));
    let report = judged(report, &value, reason, cx);
    cx.report(call.syntax(), report);
}

/// Reports `Option::unwrap` and its like where they are handed to another function:
/// `results.map(Result::unwrap)`.
pub fn report_argument(call: &ast::MethodCallExpr, names: &[&str], cx: &mut Context<'_>) {
    for argument in call.arg_list().into_iter().flat_map(|list| list.args()) {
        if !matches!(argument, ast::Expr::PathExpr(_)) {
            continue;
        }
        let Some(method) = method_of_std(&argument, names, cx) else { continue };
        if is_evaluated_at_compile_time(cx, call.syntax()) {
            continue;
        }
        let report = Report::new(argument.syntax().text_range(), text(&method));
        cx.report(call.syntax(), report);
    }
}

/// The name of the method that the path of an expression names, if it is one of `names` and of
/// `Option` or `Result`.
fn method_of_std(path: &ast::Expr, names: &[&str], cx: &mut Context<'_>) -> Option<String> {
    let ast::Expr::PathExpr(_) = path else { return None };
    let text = compact(path.syntax());
    let (owner, name) = text.rsplit_once("::")?;
    let name = name.split('<').next().unwrap_or(name);
    if !names.contains(&name) {
        return None;
    }
    let owner = owner.trim_start_matches('<').split('<').next().unwrap_or(owner);
    let owner = owner.trim_end_matches("::").trim_end_matches('>').trim_start_matches("::");
    let resolved = resolve_at(cx, path.syntax(), owner);
    let (module, ty) = resolved.rsplit_once("::").unwrap_or(("", &resolved));
    let is_std = matches!(
        (module, ty),
        ("" | "std::option" | "core::option", "Option")
            | ("" | "std::result" | "core::result", "Result")
    );
    is_std.then(|| name.to_string())
}

/// What a finding of a method says.
fn text(method: &str) -> String {
    let when =
        if method.ends_with("_err") { "when the call succeeds" } else { "when there is no value" };
    format!("`{method}` panics {when}")
}

/// The report of a panic that somebody outside can bring about. Servers mostly lose one request or
/// one connection by it.
pub fn chosen_outside<'r>(report: Report<'r>, node: &SyntaxNode, cx: &Context<'_>) -> Report<'r> {
    let severity = match cx.reach(node) {
        Reach::Handling | Reach::Serving | Reach::Running => Severity::Medium,
        _ => Severity::Low,
    };
    report.severity(severity).confidence(Confidence::Likely)
}

/// The report at the severity that follows from the value that is unwrapped.
fn judged<'r>(
    report: Report<'r>,
    value: &ast::Expr,
    reason: Option<&str>,
    cx: &Context<'_>,
) -> Report<'r> {
    match reason {
        Some(reason) => {
            let report = report.lowered(Severity::Low, reason);
            match may_fail_after_all(reason) {
                true => report,
                false => report.confidence(Confidence::Possible),
            }
        }
        None => match settled::reason(value, cx) {
            // Elsewhere the severity is low as it is.
            Some(reason) if cx.reach(value.syntax()).serves() => {
                report.lowered(Severity::Low, reason)
            }
            None if is_chosen_outside(value, cx) => chosen_outside(report, value.syntax(), cx),
            _ => report,
        },
    }
}

/// Whether `Type::new_from_slice(…)` makes an HMAC of the key, when the type is an alias: a
/// question to the symbol index.
fn key_of_any_length(
    value: &ast::Expr,
) -> Option<impl Fn(&SymbolIndex) -> bool + Send + Sync + Clone + 'static> {
    let ast::Expr::CallExpr(call) = value else { return None };
    let path = compact(call.expr()?.syntax());
    let (owner, name) = path.rsplit_once("::")?;
    let owner = owner.trim_start_matches('<').split("as").next().unwrap_or(owner);
    let owner = owner.rsplit("::").next().unwrap_or(owner).to_string();
    (name == "new_from_slice").then_some(move |symbols: &SymbolIndex| {
        symbols.alias(&owner).is_some_and(|target| target.to_lowercase().contains("hmac"))
    })
}
