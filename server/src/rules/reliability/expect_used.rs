//! `expect` in production code.
//!
//! `expect` panics on `None` and `Err`, as `unwrap` does. Its message appears in the crash log, but
//! the caller still cannot handle the error, retry or continue.
//!
//! ```rust,bad
//! fn port(text: &str) -> Result<u16, Box<dyn std::error::Error>> {
//!     Ok(text.parse().expect("the port is a number"))
//! }
//! ```
//!
//! Return the error to the caller, with the message as its context:
//!
//! ```rust
//! fn port(text: &str) -> Result<u16, Box<dyn std::error::Error>> {
//!     Ok(text.parse().map_err(|error| format!("the port is a number: {error}"))?)
//! }
//! ```
//!
//! Not reported: methods called `expect` of other types, such as parsers that expect a token. They
//! are told apart by their argument, which is no text, or by their definition in the workspace.
//!
//! Known problems: `expect` with a variable as its message is reported only if the variable's name
//! says that it is a message.

use super::AREA;
use crate::analysis::{Context, Opportunity, Query, Rule, Severity};
use crate::rules::reliability::make_fallible::{
    PASSED_TO, report_argument, report_call, report_panic,
};
use crate::semantics::literals::string_literal;
use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::macro_name;
use crate::syntax::names::words;

pub static RULE: Rule = Rule {
    id: "expect-used",
    safe_fix: true,
    opportunity: Opportunity::FallibleCalls,
    effort: 10,
    severity: Severity::Low,
    handling_severity: Some(Severity::Medium),
    raised_when_critical: false,
    lints: &["clippy::expect_used"],
    cwe: &[248],
    seeds: &["A.C3", "B.6"],
    source: include_str!("expect_used.rs"),
    queries: &[
        Query::Method(NAMES, check),
        Query::Call(NAMES, |call, cx| report_call(call, NAMES, cx)),
        Query::Method(PASSED_TO, |call, cx| report_argument(call, NAMES, cx)),
    ],
    ..Rule::source(AREA)
};

const NAMES: &[&str] = &["expect", "expect_err"];

/// Words in the names of variables that hold a message; sorted.
const MESSAGE_WORDS: &[&str] = &[
    "bug", "context", "description", "err", "errmsg", "error", "invariant", "message", "messages",
    "msg", "panic", "poisoned", "proof", "qed", "reason", "str", "text", "why",
];

fn check(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if let Some(text) = sole_argument(call).filter(is_message) {
        report_panic(call, Some(text), cx);
    }
}

fn sole_argument(call: &ast::MethodCallExpr) -> Option<ast::Expr> {
    let mut arguments = call.arg_list()?.args();
    let first = arguments.next()?;
    arguments.next().is_none().then_some(first)
}

/// Whether an argument is a message, as `Option::expect` takes it, by its form: the `expect` of a
/// parser takes a token.
fn is_message(argument: &ast::Expr) -> bool {
    match argument {
        ast::Expr::Literal(_) => string_literal(argument).is_some() || is_raw_string(argument),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|inner| match inner {
            ast::Expr::RefExpr(_) | ast::Expr::PathExpr(_) => is_message(&inner),
            ast::Expr::MacroExpr(_) | ast::Expr::MethodCallExpr(_) => is_message(&inner),
            ast::Expr::IndexExpr(_) => true,
            _ => false,
        }),
        ast::Expr::MacroExpr(it) => {
            let name = it.macro_call().and_then(|call| macro_name(call.syntax()));
            let texts = ["format", "concat", "stringify", "include_str", "formatcp", "env"];
            name.is_some_and(|name| texts.contains(&name.as_str()))
        }
        ast::Expr::MethodCallExpr(it) => it.name_ref().is_some_and(|name| {
            matches!(name.text(), "as_str" | "as_ref" | "to_string" | "message" | "msg")
        }),
        ast::Expr::PathExpr(it) => {
            let text = it.syntax().text().to_string();
            let name = text.rsplit("::").next().unwrap_or(&text);
            words(name).any(|word| MESSAGE_WORDS.binary_search(&word.as_str()).is_ok())
        }
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|inner| is_message(&inner)),
        ast::Expr::CallExpr(_) => false,
        _ => false,
    }
}

fn is_raw_string(literal: &ast::Expr) -> bool {
    let text = literal.syntax().text().to_string();
    text.starts_with("r\"") || text.starts_with("r#")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn calls_are_reported_where_they_stand() {
        check(
            &RULE,
            r##"
const PANIC_MSG: &str = "";
fn f(x: Option<u8>) {
    x.expect("a value");
    //^^^^^^^^^^^^^^^^^ expect-used: `expect` panics when there is no value
    x
        .map(|it| it + 1)
        .expect(
       //^^^^^^^ expect-used
            "a value",
        );
    x.expect(&format!("{name}"));
    //^^^^^^^^^^^^^^^^^^^^^^^^^^ expect-used
    x.expect(PANIC_MSG);
    //^^^^^^^^^^^^^^^^^ expect-used
    x.expect(r#"raw"#);
    //^^^^^^^^^^^^^^^^ expect-used
    x.expect(concat!("a", "b"));
    //^^^^^^^^^^^^^^^^^^^^^^^^^ expect-used
    x.ok_or(1).expect_err("none");
             //^^^^^^^^^^^^^^^^^^ expect-used: `expect_err` panics when the call succeeds
}
"##,
        );
    }

    #[test]
    fn calls_in_macro_arguments_are_seen() {
        check(
            &RULE,
            r#"
async fn f(x: Option<u8>) {
    println!("é {}", x.expect("é"));
                     //^^^^^^^^^^^ expect-used
    let all = vec![format!("{}", x.expect("a"))];
                                 //^^^^^^^^^^^ expect-used
    tokio::select! {
        next = stream.next() => { next.expect("a"); }
                                     //^^^^^^^^^^^ expect-used
    }
}
"#,
        );
    }

    #[test]
    fn what_parsers_expect_is_something_else() {
        silent(
            &RULE,
            r#"
fn f(parser: &mut Parser) {
    parser.expect(Token::Comma);
    parser.expect(b'x');
    parser.expect(',');
    parser.expect(token);
    parser.expect(&[A, B]);
    parser.expect(kind("x"));
    parser.expect("a", "b");
    parser.expect();
    mock.expect_send().times(1);
}
"#,
        );
    }

    #[test]
    fn a_method_of_the_workspace_is_not_that_of_option() {
        silent(
            &RULE,
            r#"
//- src/parser.rs
pub struct Parser;
impl Parser {
    pub fn expect(&mut self, text: &str) -> Result<(), Error> { Ok(()) }
    fn list(&mut self) -> Result<(), Error> { self.expect("[") }
}
//- src/lib.rs
mod parser;
struct Reader { parser: Parser }
impl Reader {
    fn read(&mut self) { self.parser.expect("{"); }
}
fn read(p: &mut Parser) { p.expect("{"); }
"#,
        );
        check(
            &RULE,
            r#"
impl Parser {
    fn expect(&mut self, text: &str) {}
    fn first(&mut self) { self.tokens.next().expect("a token"); }
                                           //^^^^^^^^^^^^^^^^^ expect-used
}
"#,
        );
    }

    #[test]
    fn a_lock_is_reported_by_its_own_rule() {
        silent(&RULE, "fn f(x: &std::sync::Mutex<u8>) -> u8 { *x.lock().expect(\"poisoned\") }");
    }
}
