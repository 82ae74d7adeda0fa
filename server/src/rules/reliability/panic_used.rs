//! `panic!` or `unreachable!` in production code.
//!
//! Both macros end the thread. A state that was impossible when the code was written becomes
//! possible after a later change, or when a peer sends something new, and then a single message
//! stops the service.
//!
//! ```rust,bad
//! fn decode(kind: u8) -> Frame {
//!     match kind {
//!         0 => Frame::Ping,
//!         1 => Frame::Data,
//!         other => panic!("unknown frame {other}"),
//!     }
//! }
//! ```
//!
//! Return an error, so that the caller can close the one connection that is affected:
//!
//! ```rust
//! fn decode(kind: u8) -> Result<Frame, UnknownFrame> {
//!     match kind {
//!         0 => Ok(Frame::Ping),
//!         1 => Ok(Frame::Data),
//!         other => Err(UnknownFrame(other)),
//!     }
//! }
//! ```
//!
//! Not reported: assertions, which state an invariant, and `panic!` in a constant, which fails the
//! compilation. The severity is medium in the handler of a request, and in a `match` over what a peer, a request or a row of a
//! database chooses. `todo!` and `unimplemented!` are reported by `unfinished-code`.

use super::AREA;
use crate::analysis::{Context, Opportunity, Query, Report, Rule, Severity};
use crate::rules::reliability::make_fallible::chosen_outside;
use crate::semantics::calls::std_macro_call;
use crate::semantics::execution::{is_evaluated_at_compile_time, is_item};
use crate::semantics::outside::is_chosen_outside;
use crate::syntax::{AstNode, SyntaxNode, ast};

pub static RULE: Rule = Rule {
    id: "panic-used",
    safe_fix: true,
    opportunity: Opportunity::Functions,
    effort: 30,
    severity: Severity::Low,
    handling_severity: Some(Severity::Medium),
    raised_when_critical: false,
    lints: &["clippy::panic", "clippy::unreachable"],
    cwe: &[248],
    seeds: &["A.C3"],
    source: include_str!("panic_used.rs"),
    queries: &[Query::Macro(&["panic", "unreachable"], check)],
    ..Rule::source(AREA)
};

fn check(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let Some((name, range)) = std_macro_call(call) else { return };
    if name == "panic" && is_evaluated_at_compile_time(cx, call.syntax()) {
        return;
    }
    let message = match name.as_str() {
        "panic" => "`panic!` ends the thread instead of returning an error",
        _ => "`unreachable!` panics if its assumption is wrong",
    };
    let mut report = Report::new(range, message);
    if is_chosen(call.syntax(), cx) {
        report = chosen_outside(report, call.syntax(), cx);
    }
    cx.report(call.syntax(), report);
}

/// Whether a macro stands in the arm of a `match` over what somebody outside chooses.
fn is_chosen(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let body = cx.ancestors(node).take_while(|it| !is_item(it.kind()));
    let matched = body.filter_map(ast::MatchExpr::cast).filter_map(|it| it.expr());
    matched.take(1).any(|it| is_chosen_outside(&it, cx))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn panics_are_reported_whatever_path_names_them() {
        check(
            &RULE,
            r#"
fn f(x: Option<u8>) -> u8 {
    if x.is_none() {
        panic!("no x");
      //^^^^^^^^^^^^^^ panic-used: `panic!` ends the thread instead of returning an error
    }
    let y = x.unwrap_or_else(|| core::panic!("no x"));
                              //^^^^^^^^^^^^^^^^^^^^ panic-used
    match y {
        0 => std::unreachable!(),
           //^^^^^^^^^^^^^^^^^^^ panic-used: `unreachable!` panics if its assumption is wrong
        1 => ::std::panic!(),
           //^^^^^^^^^^^^^^^ panic-used
        _ => y,
    }
}
const fn half(x: u32) -> u32 { if x % 2 != 0 { panic!("odd") } x / 2 }
                                             //^^^^^^^^^^^^^ panic-used
"#,
        );
    }

    #[test]
    fn a_panic_among_the_arguments_of_a_macro_is_seen() {
        check(
            &RULE,
            r#"
async fn f() {
    tokio::select! {
        r = a() => panic!("done"),
                 //^^^^^^^^^^^^^^ panic-used
        _ = b() => {}
    }
}
"#,
        );
    }

    #[test]
    fn assertions_constants_and_other_macros_are_left_alone() {
        silent(
            &RULE,
            r#"
const LEN: usize = if SIZE < 4 { panic!("too small") } else { SIZE };
static S: u8 = { const { panic!("no") } };
fn f(x: u8) { assert!(x > 0, "x"); debug_assert_eq!(x, 1); other::panic!("mine"); }
macro_rules! fail { () => { panic!("fail") } }
/// panic!("in a comment")
fn g() { let _ = "panic!()"; quote! { panic!("generated") }; }
#[cfg(test)]
mod tests { fn h() { panic!("test") } }
#[test]
fn t() { unreachable!() }
#[allow(clippy::panic)]
fn a() { panic!("allowed") }
"#,
        );
    }
}
