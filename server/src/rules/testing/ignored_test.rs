//! Test that does not run, or that checks nothing.
//!
//! An `#[ignore]` without a reason stays for years: it cannot be told whether the test is slow, broken, or
//! in need of a database. A test without an assertion passes whatever the code does.
//!
//! ```rust,bad
//! #[tokio::test]
//! #[ignore]
//! async fn delivers_in_order() {
//!     assert_eq!(deliver().await, [1, 2, 3]);
//! }
//! ```
//!
//! Give the reason, which `cargo test` prints:
//!
//! ```rust
//! #[tokio::test]
//! #[ignore = "needs a broker on port 5672"]
//! async fn delivers_in_order() {
//!     assert_eq!(deliver().await, [1, 2, 3]);
//! }
//! ```
//!
//! A comment beside the attribute is a reason as well. A test that calls something and ends is not
//! reported: what it calls may check the outcome, and it shows at least that nothing panics.

use super::AREA;
use crate::analysis::{Code, Context, On, Query, Report, Rule, Severity};
use crate::semantics::body_words::has_words;
use crate::syntax::ast::{self, HasAttrs, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::green::{any_token, has_token};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "ignored-test",
    severity: Severity::Low,
    raised_when_critical: false,
    code: Code::Any,
    lints: &["clippy::ignore_without_reason"],
    seeds: &["C.testing"],
    source: include_str!("ignored_test.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// Words of functions and macros that check something, or run what does.
const CHECKING_WORDS: &[&str] = &[
    "assert", "asserts", "bail", "check", "compare", "ensure", "equal", "expect", "expected",
    "fail", "insta", "matches", "panic", "prop", "proptest", "prove", "roundtrip", "run", "should",
    "silent", "snapshot", "success", "test", "tests", "unwrap", "validate", "verify",
];

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    if !function.syntax().children().any(|it| ast::Attr::can_cast(it.kind())) {
        return;
    }
    let attributes: Vec<(ast::Attr, String)> =
        function.attrs().map(|it| (it.clone(), compact(it.syntax()))).collect();
    let is_test = attributes.iter().any(|(_, text)| {
        let path = text.trim_start_matches("#[").split(['(', ']', '=']).next().unwrap_or_default();
        matches!(path.rsplit("::").next(), Some("test" | "rstest" | "wasm_bindgen_test"))
    });
    if !is_test {
        return;
    }
    let name = function.name().map(|it| it.text().to_string()).unwrap_or_default();
    for (attribute, _) in attributes.iter().filter(|(_, text)| text == "#[ignore]") {
        if has_comment(attribute, function) {
            continue;
        }
        let range = attribute.syntax().text_range();
        let message = format!("`{name}` is ignored without a reason");
        // Many in one file are a group that is run on its own: one remark is enough.
        let message = match others_ignored(function, cx) {
            Group::First(count) => {
                format!("`{name}` and {count} more are ignored without a reason")
            }
            Group::Alone => message,
            Group::Later => continue,
        };
        cx.report(function.syntax(), Report::new(range, message));
    }
    let Some(body) = function.body().filter(|_| {
        function.ret_type().is_none()
            && !attributes
                .iter()
                .any(|(_, text)| text.contains("should_panic") || text == "#[ignore]")
    }) else {
        return;
    };
    let checks = has_words(body.syntax().green(), CHECKING_WORDS)
        || any_token(body.syntax().green(), &|kind, _| kind == SyntaxKind::QUESTION);
    let Some(range) = function.name().map(|it| it.syntax().text_range()).filter(|_| !checks) else {
        return;
    };
    let calls = body.syntax().descendants().any(|it| {
        matches!(it.kind(), SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR)
            || it.kind() == SyntaxKind::MACRO_CALL
                && macro_name(&it).is_some_and(|name| !crate::project::is_log_macro(&name))
    });
    if calls || has_token(body.syntax().green(), SyntaxKind::UNSAFE_KW) {
        return;
    }
    let message = format!("`{name}` has no assertion");
    cx.report(function.syntax(), Report::new(range, message));
}

/// Where an ignored test stands among those of its file.
enum Group {
    Alone,
    /// The first one, with the number of the others.
    First(usize),
    Later,
}

fn others_ignored(function: &ast::Fn, cx: &Context<'_>) -> Group {
    let Some(file) = cx.ancestors(function.syntax()).last() else { return Group::Alone };
    let is_ignored = |it: &SyntaxNode| it.kind() == SyntaxKind::ATTR && compact(it) == "#[ignore]";
    let ignored = cx.once("ignored tests", &file, || {
        let ignored = file.descendants().filter(is_ignored).map(|it| it.text_range());
        ignored.collect::<Vec<TextRange>>()
    });
    let is_first =
        ignored.first().is_some_and(|it| function.syntax().text_range().contains_range(*it));
    match (ignored.len(), is_first) {
        (0..=2, _) => Group::Alone,
        (count, true) => Group::First(count - 1),
        _ => Group::Later,
    }
}

/// Words of comments that say why a test does not run, or how to run it.
const REASON_WORDS: &[&str] =
    &["broken", "expensive", "flaky", "manual", "manually", "needs", "requires", "slow"];

/// Whether a comment stands on the line of an attribute, or right above it.
fn has_comment(attribute: &ast::Attr, function: &ast::Fn) -> bool {
    let elements: Vec<_> = function.syntax().children_with_tokens().collect();
    let at = elements.iter().position(|it| it.as_node() == Some(attribute.syntax()));
    let Some(at) = at else { return false };
    let comments = elements.iter().filter(|it| it.kind() == SyntaxKind::COMMENT);
    let mut comments = comments.map(ToString::to_string);
    if comments.any(|it| it.contains("--ignored") || has_any_word(&it, REASON_WORDS)) {
        return true;
    }
    let is_comment = |it: Option<&NodeOrToken<_, crate::syntax::SyntaxToken>>| {
        it.is_some_and(|it| it.kind() == SyntaxKind::COMMENT)
    };
    let before = at.checked_sub(2).and_then(|it| elements.get(it));
    let after = elements.get(at + 2);
    let same_line = elements
        .get(at + 1)
        .is_some_and(|it| it.as_token().is_some_and(|it| !it.text().contains('\n')));
    is_comment(before) || is_comment(after) && same_line || is_comment(elements.get(at + 1))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn ignored_and_empty_tests_are_reported() {
        check(
            &RULE,
            r#"
#[test]
#[ignore]
//~ ignored-test: `delivers` is ignored without a reason
fn delivers() { assert!(f()); }
#[ignore]
//~ ignored-test
#[tokio::test]
async fn waits() { assert!(f().await); }
mod tests {
    #[test]
    fn nothing() {}
     //^^^^^^^ ignored-test: `nothing` has no assertion
    #[test]
    fn prints() {
     //^^^^^^ ignored-test
        println!("works");
    }
}
"#,
        );
    }

    #[test]
    fn a_group_of_ignored_tests_is_one_finding() {
        check(
            &RULE,
            r#"
#[test]
#[ignore]
//~ ignored-test: `a` and 2 more are ignored without a reason
fn a() { assert!(f()); }
mod more {
    #[test]
    #[ignore]
    fn b() { assert!(f()); }
    #[test]
    #[ignore]
    fn c() { assert!(f()); }
}
"#,
        );
    }

    #[test]
    fn tests_with_a_reason_or_a_check_are_left_alone() {
        silent(
            &RULE,
            r#"
#[test]
#[ignore = "needs a database"]
fn slow() { assert!(f()); }
#[test]
// Takes an hour.
#[ignore]
fn long() { assert!(f()); }
#[test]
#[ignore] // flaky on CI, see #12
fn flaky() { assert!(f()); }
#[test]
fn unwraps() { f().unwrap(); }
#[test]
fn returns() -> Result<(), Error> { f() }
#[test]
#[should_panic]
fn panics() { f(); }
#[test]
fn helper() { check_all("a"); }
#[test]
fn calls() { let x = f(); }
fn no_test() {}
#[cfg(test)]
fn helper_of_tests() {}
"#,
        );
    }
}
