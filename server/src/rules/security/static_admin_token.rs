//! Privileged route that one static token opens.
//!
//! Everyone who administers the service shares the token. It does not expire, to change it means to
//! restart the service and to tell everyone, and the log cannot say who did what. Once leaked it is full
//! control.
//!
//! ```rust,bad
//! fn authorize(headers: &HeaderMap, config: &Config) -> bool {
//!     let given = headers.get("x-admin-token").map(|it| it.as_bytes()).unwrap_or_default();
//!     given.ct_eq(config.admin_token.as_bytes()).into()
//! }
//! ```
//!
//! Issue tokens to people, with an expiry, and verify them:
//!
//! ```rust
//! fn authorize(headers: &HeaderMap, keys: &DecodingKey) -> Result<Administrator, Error> {
//!     let token = bearer(headers)?;
//!     Ok(decode::<Administrator>(token, keys, &Validation::new(Algorithm::EdDSA))?.claims)
//! }
//! ```
//!
//! Not reported: tokens that are looked up for a user, and comparisons beside an expiry or a list of
//! tokens that can be rotated. A token in the source is reported by `hardcoded-secret` as well.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::bindings::initializer;
use crate::semantics::body_words::{function_name, has_words};
use crate::semantics::expressions::{chain_root, identifier};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "static-admin-token",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[613, 798],
    seeds: &["E.5"],
    source: include_str!("static_admin_token.rs"),
    queries: &[
        Query::Equality(check_operator),
        Query::Method(&["ct_eq", "eq", "ne"], check_method),
        Query::Call(
            &[
                "constant_time_eq",
                "constant_time_compare",
                "fixed_time_eq",
                "secure_compare",
                "secure_eq",
                "verify_slices_are_equal",
                "ct_eq",
                "constant_time_equals",
            ],
            check_call,
        ),
    ],
    ..Rule::source(AREA)
};

/// Words of those whose rights a token gives.
const ADMIN_WORDS: &[&str] =
    &["admin", "admins", "administration", "administrator", "management", "mgmt", "superuser"];

/// Words of what is shown to get them.
const TOKEN_WORDS: &[&str] =
    &["bearer", "credential", "key", "passwd", "password", "secret", "token"];

/// Words of a function that takes tokens which end or are replaced.
const ROTATING_WORDS: &[&str] = &[
    "claims", "decode", "exp", "expired", "expires", "expiry", "jwt", "previous", "revoked",
    "rotated", "rotation", "session", "sessions",
];

/// Words of what belongs to a person.
const PERSONAL_WORDS: &[&str] =
    &["account", "hash", "member", "row", "session", "user", "users", "username"];

/// Words of what a request is read from.
const REQUEST_WORDS: &[&str] = &[
    "authorization", "bearer", "cookie", "header", "headers", "metadata", "query", "req", "request",
];

fn check_operator(comparison: &ast::BinExpr, cx: &mut Context<'_>) {
    if let (Some(left), Some(right)) = (comparison.lhs(), comparison.rhs()) {
        check(comparison.syntax(), &[left, right], cx);
    }
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|it| it.args().next());
    if let (Some(left), Some(right)) = (call.receiver(), argument) {
        check(call.syntax(), &[left, right], cx);
    }
}

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let arguments: Vec<ast::Expr> = call.arg_list().into_iter().flat_map(|it| it.args()).collect();
    if let [left, right] = arguments.as_slice() {
        check(call.syntax(), &[left.clone(), right.clone()], cx);
    }
}

fn check(node: &SyntaxNode, operands: &[ast::Expr; 2], cx: &mut Context<'_>) {
    let Some(function) = cx.function(node) else { return };
    let is_cheap = operands.iter().any(|it| may_be_token(it.syntax()));
    if !is_cheap {
        return;
    }
    let named = operands.iter().find_map(|it| configured_token(it, cx));
    let Some(token) = named else { return };
    let names = cx.names_in(function.syntax());
    let reads_request = cx.file().in_server() || names.has_words(REQUEST_WORDS);
    if !reads_request || names.has_words(ROTATING_WORDS) {
        return;
    }
    let message = format!("`{token}` is one static token: it neither expires nor is rotated");
    let report = Report::new(node.text_range(), message).confidence(Confidence::Likely);
    cx.report(node, report);
}

fn may_be_token(node: &SyntaxNode) -> bool {
    has_words(node.green(), TOKEN_WORDS) || has_words(node.green(), &["expected", "required"])
}

/// The name of the configured token for administrators that an operand is.
fn configured_token(operand: &ast::Expr, cx: &Context<'_>) -> Option<String> {
    let root = chain_root(operand);
    let mut text = compact(root.syntax());
    // `Some(token) == config.admin_token.as_deref()`
    if let ast::Expr::CallExpr(_) = &root {
        let variable = text.split('"').nth(1).filter(|_| text.contains("env::var("))?;
        let is_token = has_any_word(variable, TOKEN_WORDS) && has_any_word(variable, ADMIN_WORDS);
        return is_token.then(|| variable.to_string());
    }
    let mut shown = text.rsplit('.').next().unwrap_or(&text).to_string();
    let mut is_configured = text.contains('.') || !text.contains(|c: char| c.is_ascii_lowercase());
    if let Some(name) = identifier(&root)
        && let Some(value) = initializer(cx, operand.syntax(), &name)
    {
        let value = compact(value.syntax());
        let of_request = has_any_word(&value, REQUEST_WORDS);
        if of_request {
            return None;
        }
        is_configured |= value.contains("env::var") || value.contains('.');
        shown = name;
        text = format!("{text}.{value}");
    }
    // What a request presents is called alike.
    let of_request = ["req.", "request.", "body.", "form.", "query.", "params.", "payload."];
    if of_request.iter().any(|it| text.starts_with(it)) || has_any_word(&text, PERSONAL_WORDS) {
        return None;
    }
    let is_token = has_any_word(&text, TOKEN_WORDS);
    let is_admin = has_any_word(&text, ADMIN_WORDS) || is_admin_code(operand.syntax(), cx);
    (is_configured && is_token && is_admin).then_some(shown)
}

/// Whether the function, its type or its file is named for administrators.
fn is_admin_code(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let name = function_name(cx, node).unwrap_or_default();
    let path = &cx.file().path;
    let file = path.rsplit("src/").next().unwrap_or(path);
    has_any_word(&name, ADMIN_WORDS) || has_any_word(file, ADMIN_WORDS)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn static_tokens_of_administrators_are_reported() {
        check(
            &RULE,
            r#"
//- src/lib.rs
fn authorize(headers: &HeaderMap) -> Result<(), StatusCode> {
    let token = headers.get("x-admin-token").ok_or(StatusCode::UNAUTHORIZED)?;
    match token.as_bytes().ct_eq(ADMIN_TOKEN.as_bytes()).into() {
        //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ static-admin-token: `ADMIN_TOKEN` is one static token: it neither expires nor is rotated
        true => Ok(()),
        false => Err(StatusCode::FORBIDDEN),
    }
}
async fn guard(State(state): State<App>, req: Request, next: Next) -> Response {
    let given = req.headers().get(AUTHORIZATION);
    if given.and_then(|it| it.to_str().ok()) != Some(state.config.admin_token.as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if given == state.config.admin_key {
     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ static-admin-token
    }
    next.run(req).await
}
fn by_variable(headers: &HeaderMap) -> bool {
    let expected = std::env::var("ADMIN_TOKEN").unwrap();
    let given = headers.get("authorization");
    constant_time_eq(given.as_bytes(), expected.as_bytes())
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ static-admin-token
}
//- src/admin.rs
fn check(headers: &HeaderMap, state: &App) -> bool {
    bearer(headers) == state.token
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ static-admin-token
}
"#,
        );
    }

    #[test]
    fn tokens_that_end_or_belong_to_a_person_are_left_alone() {
        silent(
            &RULE,
            r#"
fn user(headers: &HeaderMap, state: &App) -> bool { bearer(headers) == state.api_token }
fn personal(headers: &HeaderMap, user: &User) -> bool { bearer(headers) == user.admin_token }
fn expiring(headers: &HeaderMap, state: &App) -> bool {
    state.admin_token_expires > now() && bearer(headers) == state.admin_token
}
fn role(headers: &HeaderMap, claims: &Claims) -> bool { claims.role == Role::Admin }
fn presented(headers: &HeaderMap) -> bool {
    let admin_token = headers.get("x-admin-token");
    admin_token == other
}
fn changed(old: &Settings, new: &Settings) -> bool { old.admin_token != new.admin_token }
#[test]
fn t() { assert!(headers == ADMIN_TOKEN); }
"#,
        );
    }
}
