//! Unfinished code: `todo!`, `unimplemented!`, or a stub that returns a fixed value.
//!
//! The macros panic when they are reached. A stub is worse: it returns `Ok(())`, and the caller
//! assumes that something was stored, verified or sent.
//!
//! ```rust,bad
//! fn verify(signature: &[u8]) -> Result<(), Error> {
//!     // TODO: check against the issuer's key
//!     Ok(())
//! }
//! ```
//!
//! Write the code, or return an error that names what is missing:
//!
//! ```rust
//! fn verify(signature: &[u8]) -> Result<(), Error> {
//!     Err(Error::Unsupported("signatures cannot be verified yet"))
//! }
//! ```
//!
//! A stub is a function body that only returns a default, empty or literal value and has a comment
//! that says that the code is missing.
//!
//! The severity is critical in the handler of a request, and low in methods of traits, on platforms
//! other than Linux and where the message says that the code is not reached. Not
//! reported: code whose `cfg` a `compile_error!` refuses, and what `mock!` is given.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::rules::stub::stub_comment;
use crate::semantics::Reach;
use crate::semantics::calls::std_macro_call;
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::attrs;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind};

pub static RULE: Rule = Rule {
    id: "unfinished-code",
    opportunity: Opportunity::Functions,
    effort: 480,
    severity: Severity::Medium,
    raised_when_critical: false,
    lints: &["clippy::todo", "clippy::unimplemented"],
    seeds: &["A.C2", "A.C5", "A.H1"],
    source: include_str!("unfinished_code.rs"),
    queries: &[Query::Macro(&["todo", "unimplemented"], check_macro), Query::Node(&On(check_stub))],
    ..Rule::source(AREA)
};

fn check_macro(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let Some((name, range)) = std_macro_call(call) else { return };
    let message = format!("`{name}!` panics: this code is not implemented");
    let report = Report::new(range, message);
    let report = match (reason_not_to_reach(call, cx), cx.reach(call.syntax())) {
        (Some(reason), _) => report.lowered(Severity::Low, reason),
        // A request is all that it takes.
        (None, Reach::Handling) => report.severity(Severity::Critical),
        // The methods of a trait are not all called.
        (None, Reach::Serving) if is_of_trait(call, cx) => report.severity(Severity::Low),
        // An arm or a half of a trait that nobody is meant to use is mostly left unimplemented.
        (None, _) if name == "unimplemented" => report.severity(Severity::Low),
        (None, _) => report,
    };
    cx.report(call.syntax(), report);
}

/// Whether a macro call stands in a method of the implementation of a trait.
fn is_of_trait(call: &ast::MacroCall, cx: &Context<'_>) -> bool {
    cx.ancestors(call.syntax()).find_map(ast::Impl::cast).is_some_and(|it| it.trait_().is_some())
}

/// Whether a function is there for the documentation of a route alone: `#[utoipa::path(…)]` on one
/// that does nothing with what it is given.
fn documents_route(function: &ast::Fn) -> bool {
    let is_documented = attrs(function.syntax())
        .any(|attr| attr.path().is_some_and(|it| compact(it.syntax()).starts_with("utoipa::")));
    let statements = function.body().and_then(|it| it.stmt_list());
    let parameters = function.param_list().into_iter().flat_map(|it| it.params());
    is_documented
        && statements
            .is_some_and(|it| it.statements().count() + usize::from(it.tail_expr().is_some()) == 1)
        && parameters.filter_map(|it| it.pat()).all(|it| compact(it.syntax()).starts_with('_'))
}

/// Why code that is not written is not reached where the program runs.
fn reason_not_to_reach(call: &ast::MacroCall, cx: &Context<'_>) -> Option<&'static str> {
    let mut default = false;
    for node in cx.ancestors(call.syntax()) {
        if cx.marks(&node).other_platform {
            return Some("only on another platform");
        }
        default |= node.kind() == SyntaxKind::TRAIT;
        if default {
            return Some("implementations of the trait replace it");
        }
    }
    if cx.function(call.syntax()).is_some_and(|it| documents_route(&it)) {
        return Some("only documents a route");
    }
    let text = call.token_tree().map(|it| it.syntax().text().to_string()).unwrap_or_default();
    let text = text.to_lowercase();
    let impossible = ["cannot happen", "can't happen", "never called", "never used", "unreachable"];
    let impossible = impossible
        .iter()
        .chain(&["should not be called", "should never", "not used", "must not", "not migrated"]);
    let mut impossible = impossible.filter(|it| text.contains(**it));
    impossible.next().map(|_| "the message says that it is not reached")
}

fn check_stub(function: &ast::Fn, cx: &mut Context<'_>) {
    let Some(comment) = stub_comment(function) else { return };
    let Some(body) = function.body() else { return };
    let name = function.name().map(|name| name.text().to_string()).unwrap_or_default();
    let message = format!("`{name}` is a stub: it only returns a fixed value");
    let report = Report::new(comment.text_range(), message).confidence(Confidence::Likely);
    cx.report(body.syntax(), report);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn macros_are_reported() {
        check(
            &RULE,
            r#"
fn f() -> u8 { todo!() }
             //^^^^^^^ unfinished-code: `todo!` panics: this code is not implemented
fn g(x: u8) {
    match x {
        0 => std::unimplemented!("zero"),
           //^^^^^^^^^^^^^^^^^^^^^^^^^^^ unfinished-code
        _ => {}
    }
    println!("{}", todo!("more"));
                 //^^^^^^^^^^^^^ unfinished-code
}
"#,
        );
    }

    #[test]
    fn stubs_are_reported_at_the_comment_that_admits_it() {
        check(
            &RULE,
            r#"
fn verify(sig: &[u8]) -> Result<bool, Error> {
    // TODO: verify the signature
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unfinished-code: `verify` is a stub: it only returns a fixed value
    Ok(true)
}
fn peers(&self) -> Vec<Peer> {
    // This is a placeholder
  //^^^^^^^^^^^^^^^^^^^^^^^^ unfinished-code
    // until discovery is in.
    Vec::new()
}
fn cpu(&self) -> f64 {
    0.0 // placeholder value
      //^^^^^^^^^^^^^^^^^^^^ unfinished-code
}
fn store(&self, key: Key) -> Result<()> {
    let _ = key;
    /* not implemented yet */
  //^^^^^^^^^^^^^^^^^^^^^^^^^ unfinished-code
    return Ok(());
}
fn flush(&mut self) {
    // FIXME write it out
  //^^^^^^^^^^^^^^^^^^^^^ unfinished-code
}
fn queue(&mut self, frame: Frame) -> bool {
    // For now, we'll just return true to indicate success.

    // TODO: queue it
  //^^^^^^^^^^^^^^^^^ unfinished-code
    true
}
impl Metrics {
    fn memory(&self) -> Option<u64> {
        tracing::debug!("asked for memory");
        // Stub for now
      //^^^^^^^^^^^^^^^ unfinished-code
        None
    }
}
"#,
        );
    }

    #[test]
    fn finished_code_is_left_alone() {
        silent(
            &RULE,
            r#"
fn a(&self) -> bool {
    // Nothing is ever closed here.
    false
}
fn b(&self) -> Result<()> {
    // TODO: batch the writes
    self.inner.write()?;
    Ok(())
}
/// TODO: document
fn c() -> u8 { 0 }
fn d(&self) -> Result<()> {
    // not implemented for this backend
    Err(Error::Unsupported)
}
fn e() -> usize {
    // placeholders are counted from one
    1
}
fn f() -> Vec<u8> {
    // The stubborn case.
    Vec::new()
}
fn g(&mut self, list: TodoList) { list.todo(); mine::todo!(); }
#[cfg(test)]
mod tests { fn h() { todo!() } }
trait T { fn default(&self) {} fn none(&self) -> Option<u8> { None } }
"#,
        );
    }
}
