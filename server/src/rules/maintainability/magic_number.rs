//! Limit or duration without a name.
//!
//! A bare number in a condition does not say what it limits or why it has this value, and the same limit in
//! another place is changed without it.
//!
//! ```rust,bad
//! fn accept(body: &[u8]) -> Result<(), Error> {
//!     if body.len() > 5_242_880 {
//!         return Err(Error::TooLarge);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Give it a name, and its unit:
//!
//! ```rust
//! /// The largest message, in bytes.
//! const MAX_BODY: usize = 5 * 1024 * 1024;
//!
//! fn accept(body: &[u8]) -> Result<(), Error> {
//!     if body.len() > MAX_BODY {
//!         return Err(Error::TooLarge);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Reported are lengths compared with a number of 256 or more, and waits of a minute or more.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::body_words::function_name;
use crate::semantics::paths::callee;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind};

pub static RULE: Rule = Rule {
    id: "magic-number",
    severity: Severity::Low,
    raised_when_critical: false,
    lowered_by_reach: false,
    seeds: &["D.code"],
    source: include_str!("magic_number.rs"),
    queries: &[
        Query::Node(&On(check_comparison)),
        Query::Call(&["from_secs", "from_millis", "from_mins", "from_hours"], check_duration),
    ],
    ..Rule::source(AREA)
};

/// A smaller number is a part of a format more often than a limit.
const MIN_LIMIT: u128 = 256;

/// `body.len() > 5_242_880`
fn check_comparison(comparison: &ast::BinExpr, cx: &mut Context<'_>) {
    let Some(ast::BinaryOp::CmpOp(ast::CmpOp::Ord { .. })) = comparison.op_kind() else { return };
    let (Some(left), Some(right)) = (comparison.lhs(), comparison.rhs()) else { return };
    let is_length = |it: &ast::Expr| match it {
        ast::Expr::MethodCallExpr(call) => call.name_ref().is_some_and(|it| it.text() == "len"),
        _ => false,
    };
    let number = match (is_length(&left), is_length(&right)) {
        (true, false) => right,
        (false, true) => left,
        _ => return,
    };
    if value(&number).is_none_or(|it| it < MIN_LIMIT) {
        return;
    }
    // What a length is cut to for a person to read.
    let shows = function_name(cx, comparison.syntax())
        .is_some_and(|it| has_any_word(&it, &["display", "fmt", "preview", "render", "truncate"]));
    if shows || cx.function(comparison.syntax()).is_none() {
        return;
    }
    let message = format!("limit `{}` has no name", compact(number.syntax()));
    let report = Report::new(number.syntax().text_range(), message);
    cx.report(comparison.syntax(), report.confidence(Confidence::Likely));
}

/// `sleep(Duration::from_secs(300))`
fn check_duration(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    let mut parts = path.rsplit("::");
    let (unit, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(number) = call.arg_list().and_then(|it| it.args().next()) else { return };
    let Some(value) = value(&number).filter(|_| owner == "Duration") else { return };
    let seconds = match unit {
        "from_millis" => value / 1000,
        "from_mins" => value * 60,
        "from_hours" => value * 3600,
        _ => value,
    };
    let list = call.syntax().parent().filter(|it| it.kind() == SyntaxKind::ARG_LIST);
    let name = list.and_then(|it| it.parent()).and_then(|outer| {
        match ast::CallExpr::cast(outer.clone()) {
            Some(outer) => callee(&outer),
            None => ast::MethodCallExpr::cast(outer)
                .and_then(|it| it.name_ref())
                .map(|it| it.text().to_string()),
        }
    });
    let name = name.unwrap_or_default();
    let waits = ["sleep", "timeout", "interval", "time_to_live", "idle_timeout", "max_lifetime"];
    let waits = waits.contains(&name.rsplit("::").next().unwrap_or(&name));
    let in_default =
        function_name(cx, call.syntax()).is_none_or(|it| has_any_word(&it, &["default", "new"]));
    if seconds < 60 || !waits || in_default {
        return;
    }
    let message = format!("duration `{}` has no name", compact(call.syntax()));
    let report = Report::new(call.syntax().text_range(), message).confidence(Confidence::Likely);
    cx.report(call.syntax(), report);
}

/// The value of a number, or of a product of numbers.
fn value(expr: &ast::Expr) -> Option<u128> {
    match expr {
        ast::Expr::Literal(it) => match it.kind() {
            ast::LiteralKind::IntNumber(it) => it.value().ok(),
            _ => None,
        },
        ast::Expr::ParenExpr(it) => value(&it.expr()?),
        ast::Expr::BinExpr(it)
            if it.op_kind() == Some(ast::BinaryOp::ArithOp(ast::ArithOp::Mul)) =>
        {
            value(&it.lhs()?)?.checked_mul(value(&it.rhs()?)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn limits_and_waits_without_a_name_are_reported() {
        check(
            &RULE,
            r#"
fn accept(body: &[u8], names: &[String]) -> Result<()> {
    if body.len() > 5_242_880 {
                  //^^^^^^^^^ magic-number: limit `5_242_880` has no name
        return Err(Error::TooLarge);
    }
    if 64 * 1024 < body.len() {}
     //^^^^^^^^^ magic-number
}
async fn poll() {
    tokio::time::sleep(Duration::from_secs(300)).await;
                     //^^^^^^^^^^^^^^^^^^^^^^^^ magic-number: duration `Duration::from_secs(300)` has no name
    let ticks = interval(std::time::Duration::from_millis(60_000));
                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ magic-number
}
"#,
        );
    }

    #[test]
    fn named_and_small_numbers_are_left_alone() {
        silent(
            &RULE,
            r#"
const WAIT: Duration = Duration::from_secs(300);
fn accept(body: &[u8]) -> Result<()> {
    if body.len() > MAX_BODY {}
    if body.len() < 4 {}
    if count > 5_242_880 {}
    if body.len() == 1024 {}
}
async fn poll() {
    sleep(Duration::from_secs(1)).await;
    let wait = Duration::from_secs(300);
}
impl Default for Settings { fn default() -> Self { Self { wait: Duration::from_secs(300) } } }
#[test]
fn t() { assert!(x.len() > 5000); }
"#,
        );
    }
}
