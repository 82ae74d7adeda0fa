//! `unwrap` in production code: the first `None` or `Err` ends the thread, and often the process.
//!
//! Network input, files and other processes fail sooner or later. A panic in their path turns one
//! bad request into an outage, and says nothing of what was being done.
//!
//! ```rust,bad
//! fn port(args: &[String]) -> Result<u16, Box<dyn std::error::Error>> {
//!     Ok(args.first().unwrap().parse().unwrap())
//! }
//! ```
//!
//! Return the failure to the caller, who knows what it means:
//!
//! ```rust
//! fn port(args: &[String]) -> Result<u16, Box<dyn std::error::Error>> {
//!     Ok(args.first().ok_or("no port given")?.parse()?)
//! }
//! ```
//!
//! The `unwrap` of a lock is reported by `lock-unwrap`.

use crate::analysis::{Context, Interest, Report, Rule, Tier};
use crate::rules::support::{argument_count, method_call};
use crate::syntax::{AstNode, SyntaxElement};

pub static RULE: Rule = Rule {
    id: "unwrap-used",
    tier: Tier::High,
    lints: &["clippy::unwrap_used"],
    source: include_str!("unwrap_used.rs"),
    interests: &[Interest::Method("unwrap"), Interest::Method("unwrap_err")],
    check,
    ..Rule::SOURCE
};

fn check(element: &SyntaxElement, cx: &mut Context<'_>) {
    let Some((call, range)) = method_call(element) else { return };
    if argument_count(&call) != 0 {
        return;
    }
    let method = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
    let message = if method == "unwrap_err" {
        "`unwrap_err` panics when the call succeeds".to_string()
    } else {
        "`unwrap` panics when there is no value".to_string()
    };
    cx.report(call.syntax(), Report::new(range, message));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{check, silent};

    #[test]
    fn calls_are_reported_where_they_stand() {
        check(
            &RULE,
            r#"
fn f(x: Option<u8>) -> u8 {
    println!("{}", x.unwrap());
                   //^^^^^^^^ unwrap-used: `unwrap` panics when there is no value
    x
        .unwrap()
       //^^^^^^^^ unwrap-used
}
"#,
        );
    }

    #[test]
    fn test_code_is_left_alone() {
        silent(
            &RULE,
            r#"
#[cfg(test)]
mod tests {
    fn helper() { x.unwrap(); }
}
#[tokio::test]
async fn works() { x.unwrap(); }
/// x.unwrap()
fn f() { #[cfg(test)] { x.unwrap(); } }
#[allow(clippy::unwrap_used)]
fn g() { x.unwrap(); }
macro_rules! m { () => { x.unwrap() } }
fn h() { quote!(x.unwrap()); x.unwrap(1); }
"#,
        );
    }

    #[test]
    fn a_file_that_only_tests_reach_is_test_code() {
        silent(
            &RULE,
            r#"
//- src/lib.rs
#[cfg(test)]
mod helpers;
//- src/helpers.rs
pub fn f() { x.unwrap(); }
//- tests/it.rs
fn f() { x.unwrap(); }
//- build.rs
fn main() { x.unwrap(); }
"#,
        );
    }

    #[test]
    fn a_suppression_needs_a_reason_and_a_use() {
        check(
            &RULE,
            r#"
fn f() {
    // readiness: allow(unwrap-used) it was checked above
    x.y().
        unwrap();
    x.unwrap(); // readiness: allow(unwrap-used) checked
    // readiness: allow(unwrap-used)
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ invalid-suppression: this suppression of `unwrap-used` gives no reason
    x.unwrap();
    // readiness: allow(unwrap-used) nothing
                      //^^^^^^^^^^^ unused-suppression
    x.len();
}
"#,
        );
    }
}
