//! The finding of a call that panics where there is no value.

use super::declined::Declined;
use super::exemptions::{initialises_static_regex, is_user_method, runs_at_compile_time};
use super::lock_calls::lock_call;
use super::panicking_call::PanickingCall;
use super::repair::propagate;
use crate::analysis::{Context, Report, Severity};
use crate::semantics::calls::method_range;
use crate::syntax::{AstNode, ast};

/// Reports a call of `unwrap`, `expect` or one of their inversions, unless it is
/// another rule's or runs when it is compiled. `message` is the text that `expect` is given.
pub fn report_panic(call: &ast::MethodCallExpr, message: Option<ast::Expr>, cx: &mut Context<'_>) {
    let (Some(receiver), Some(name)) = (call.receiver(), call.name_ref()) else { return };
    if lock_call(&receiver, cx).is_some() || runs_at_compile_time(call.syntax(), cx) {
        return;
    }
    let range = method_range(call);
    let method = name.text();
    let inverted = method.ends_with("_err");
    let when = if inverted { "when the call succeeds" } else { "when there is no value" };
    let user_method = is_user_method(&receiver, method, cx);
    let mut report = Report::new(range, format!("`{method}` panics {when}"))
        .when(move |symbols| !user_method(symbols));
    if initialises_static_regex(&receiver, cx) {
        report = report.severity(Severity::Low);
    }
    if cx.wants_fix(range) && inverted {
        report = report.fix(|fix| {
            Declined::Inverted.decline(fix);
            Vec::new()
        });
    } else if cx.wants_fix(range) {
        let panicking = PanickingCall::new(call, cx);
        report = report.fix(move |fix| propagate(&panicking, message.as_ref(), fix));
    }
    cx.report(call.syntax(), report);
}
