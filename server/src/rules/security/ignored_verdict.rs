//! Verification whose verdict is not looked at.
//!
//! A function that returns `Result<bool>` has two answers: whether it could verify, and whether the
//! signature or password is right. `verify(…)?;` looks at the first one only, and accepts every
//! forged signature that has the right form.
//!
//! ```rust,bad
//! fn login(password: &str, hash: &str) -> Result<Session, Error> {
//!     bcrypt::verify(password, hash)?;
//!     Ok(Session::new())
//! }
//! ```
//!
//! Decide by the `bool`:
//!
//! ```rust
//! fn login(password: &str, hash: &str) -> Result<Session, Error> {
//!     if !bcrypt::verify(password, hash)? {
//!         return Err(Error::Denied);
//!     }
//!     Ok(Session::new())
//! }
//! ```
//!
//! `is_ok()`, `if let Ok(_)` and `let _ =` look at the verdict as little.

use super::AREA;
use crate::analysis::{Context, On, Query, Report, Rule, Severity};
use crate::project::{Function, SymbolIndex};
use crate::semantics::callee_in_workspace::CalledFunction;
use crate::semantics::calls::call_range;
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::resolved_callee;
use crate::semantics::value_type::type_of_variable;
use crate::syntax::AstNode;
use crate::syntax::ast;
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};

pub static RULE: Rule = Rule {
    id: "ignored-verdict",
    severity: Severity::Critical,
    raised_when_critical: false,
    cwe: &[347],
    source: include_str!("ignored_verdict.rs"),
    queries: &[
        Query::Node(&On(check_statement)),
        Query::Node(&On(check_let)),
        Query::Node(&On(check_pattern)),
        Query::Method(&["is_ok"], check_is_ok),
    ],
    ..Rule::source(AREA)
};

/// Functions of crates that return `Result<bool>`, by their paths.
const VERIFIERS: &[&str] = &[
    "argon2::verify_encoded",
    "argon2::verify_encoded_ext",
    "argon2::verify_raw",
    "bcrypt::verify",
    "jsonwebtoken::crypto::verify",
    "scrypt::scrypt_check",
    "djangohashers::check_password",
];

/// Functions of crates that return a `bool`, by their paths.
const COMPARERS: &[&str] =
    &["openssl::memcmp::eq", "pwhash::bcrypt::verify", "pwhash::unix::verify"];

/// Words in the names of functions that verify something; sorted.
const VERIFYING: &[&str] = &[
    "authenticate", "authenticated", "authorize", "authorized", "compare", "matches", "verified",
    "verifies", "verify",
];

/// Words of what is a proof, in the names of functions that validate it or check it.
const PROOFS: &[&str] = &[
    "code", "hash", "hmac", "jwt", "key", "license", "mac", "nonce", "otp", "password", "pin",
    "secret", "session", "signature", "token",
];

/// `verify(…)?;`
fn check_statement(statement: &ast::ExprStmt, cx: &mut Context<'_>) {
    let Some(expr) = statement.expr() else { return };
    let (call, is_opened) = opened(&expr);
    report(&call, is_opened, cx);
}

/// `let _ = verify(…)?;`
fn check_let(statement: &ast::LetStmt, cx: &mut Context<'_>) {
    let ignored = match statement.pat() {
        Some(ast::Pat::WildcardPat(_)) => true,
        Some(ast::Pat::IdentPat(it)) => compact(it.syntax()).starts_with('_'),
        _ => false,
    };
    let Some(value) = statement.initializer().filter(|_| ignored) else { return };
    let (call, is_opened) = opened(&value);
    report(&call, is_opened, cx);
}

/// `if let Ok(_) = verify(…)`
fn check_pattern(condition: &ast::LetExpr, cx: &mut Context<'_>) {
    let pattern = condition.pat().map(|it| compact(it.syntax())).unwrap_or_default();
    let Some(value) = condition.expr().filter(|_| pattern == "Ok(_)") else { return };
    let (call, is_opened) = opened(&value);
    if !is_opened {
        report(&call, true, cx);
    }
}

/// `verify(…).is_ok()`
fn check_is_ok(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(receiver) = call.receiver() else { return };
    let (call, is_opened) = opened(&receiver);
    if !is_opened {
        report(&call, true, cx);
    }
}

/// The call whose result is opened by `?` or `unwrap`, and whether it is.
fn opened(expr: &ast::Expr) -> (ast::Expr, bool) {
    match expr {
        ast::Expr::TryExpr(it) => (it.expr().map_or(expr.clone(), |it| opened(&it).0), true),
        ast::Expr::AwaitExpr(it) => it.expr().map_or((expr.clone(), false), |it| opened(&it)),
        ast::Expr::ParenExpr(it) => it.expr().map_or((expr.clone(), false), |it| opened(&it)),
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
            let (opens, keeps) = (
                matches!(name.as_str(), "unwrap" | "expect"),
                matches!(name.as_str(), "map_err" | "context" | "with_context" | "ok_or"),
            );
            match it.receiver().filter(|_| opens || keeps) {
                Some(receiver) => {
                    let (call, is_opened) = opened(&receiver);
                    (call, opens || is_opened)
                }
                None => (expr.clone(), false),
            }
        }
        _ => (expr.clone(), false),
    }
}

/// Whether the workspace declares a function that gives a verdict.
type Holds = Box<dyn Fn(&SymbolIndex) -> bool + Send + Sync>;

/// Reports a call whose verdict is not looked at. `is_opened` says that what is left of it is the
/// `bool` of a `Result`.
fn report(call: &ast::Expr, is_opened: bool, cx: &mut Context<'_>) {
    let (name, holds): (String, Holds) = match call {
        ast::Expr::CallExpr(it) => {
            let Some(path) = resolved_callee(cx, it) else { return };
            let name = path.rsplit("::").next().unwrap_or(&path).to_string();
            let known = if is_opened { VERIFIERS } else { COMPARERS };
            if known.contains(&path.as_str()) || !is_opened && VERIFIERS.contains(&path.as_str()) {
                (name, Box::new(|_: &SymbolIndex| true))
            } else if verifies(&name, cx) {
                let Some(called) = CalledFunction::new(&path, call.syntax(), cx) else { return };
                (
                    name,
                    Box::new(move |symbols| gives_verdict(&called.candidates(symbols), is_opened)),
                )
            } else {
                return;
            }
        }
        ast::Expr::MethodCallExpr(it) => {
            let (Some(receiver), Some(name)) = (it.receiver(), it.name_ref()) else { return };
            let name = name.text().to_string();
            if !verifies(&name, cx) {
                return;
            }
            let called = MethodCall::new(&receiver, &name, cx);
            let of_openssl = is_opened && name == "verify" && is_openssl_verifier(&receiver, cx);
            let holds = move |symbols: &SymbolIndex| {
                let own = called.own(symbols);
                if own.is_empty() { of_openssl } else { gives_verdict(&own, is_opened) }
            };
            (name, Box::new(holds))
        }
        _ => return,
    };
    let message = format!("the verdict of `{name}` is ignored: `false` counts as success");
    cx.report(call.syntax(), Report::new(call_range(call), message).when(holds));
}

/// Whether a function verifies something, by its name.
fn verifies(name: &str, cx: &Context<'_>) -> bool {
    let checks = words(name)
        .next()
        .is_some_and(|it| matches!(it.as_str(), "can" | "check" | "has" | "is" | "validate"));
    let of_proof = cx.file().critical
        || crate::semantics::is_critical_name(name)
        || name.starts_with("validate") && has_any_word(name, PROOFS);
    has_any_word(name, VERIFYING) || checks && of_proof
}

/// Whether all functions that are meant return a `bool`, or a `Result` of one.
fn gives_verdict(functions: &[&Function], in_result: bool) -> bool {
    let is_verdict = |it: &&Function| match it.returns.as_deref() {
        Some("bool") => !in_result,
        Some(ty) => {
            let is_result = ty.contains("Result<bool,") || ty.ends_with("Result<bool>");
            is_result && in_result
        }
        None => false,
    };
    !functions.is_empty() && functions.iter().all(is_verdict)
}

/// Whether a receiver is a `Verifier` of openssl, whose `verify` returns `Result<bool>`.
fn is_openssl_verifier(receiver: &ast::Expr, cx: &Context<'_>) -> bool {
    let name = compact(receiver.syntax());
    let ty = type_of_variable(cx, receiver.syntax(), &name);
    let is_verifier = matches!(&ty, Some(crate::semantics::value_type::ValueType::Returned { owner: Some(owner), .. })
        if matches!(&**owner, crate::semantics::value_type::ValueType::Written(ty) if ty == "Verifier" || ty == "X509"));
    is_verifier
        && (cx.file().depends_on("openssl")
            || cx.file().package.as_ref().is_none_or(|it| it.dependencies.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn verdicts_that_are_not_looked_at_are_found() {
        check(
            &RULE,
            r#"
use bcrypt::verify;

fn login(password: &str, hash: &str) -> Result<Session> {
    verify(password, hash)?;
  //^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict: the verdict of `verify` is ignored: `false` counts as success
    argon2::verify_encoded(hash, password.as_bytes()).map_err(|_| Error::Denied)?;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict
    let _ = bcrypt::verify(password, hash)?;
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict
    if bcrypt::verify(password, hash).is_ok() {
     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict
        return Ok(Session::new());
    }
    if let Ok(_) = bcrypt::verify(password, hash) {
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict
        return Ok(Session::new());
    }
    Err(Error::Denied)
}
fn signed(key: &PKey<Public>, data: &[u8], signature: &[u8]) -> Result<()> {
    let mut verifier = Verifier::new(MessageDigest::sha256(), key)?;
    verifier.update(data)?;
    verifier.verify(signature)?;
           //^^^^^^^^^^^^^^^^^ ignored-verdict
    Ok(())
}
async fn own(store: &Store, token: &str) -> Result<()> {
    verify_token(store, token).await?;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict
    store.verify_signature(token)?;
        //^^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict
    check_password(token, "x");
  //^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-verdict
    Ok(())
}
async fn verify_token(store: &Store, token: &str) -> Result<bool> { Ok(true) }
fn check_password(given: &str, stored: &str) -> bool { given == stored }
struct Store;
impl Store {
    fn verify_signature(&self, token: &str) -> Result<bool, Error> { Ok(true) }
}
"#,
        );
    }

    #[test]
    fn verdicts_that_decide_are_left_alone() {
        silent(
            &RULE,
            r#"
fn login(password: &str, hash: &str) -> Result<bool> {
    if !bcrypt::verify(password, hash)? {
        return Err(Error::Denied);
    }
    let ok = bcrypt::verify(password, hash)?;
    anyhow::ensure!(ok && bcrypt::verify(password, hash).unwrap_or(false));
    if let Ok(true) = bcrypt::verify(password, hash) {
        return Ok(true);
    }
    bcrypt::verify(password, hash)
}
fn signed(key: &ring::signature::UnparsedPublicKey<&[u8]>, data: &[u8], signature: &[u8]) -> Result<()> {
    key.verify(data, signature)?;
    mac.verify_slice(signature)?;
    verify_token(data)?;
    let _ = store.insert(data)?;
    Ok(())
}
fn verify_token(token: &[u8]) -> Result<(), Error> { Ok(()) }
struct Store;
impl Store {
    fn insert(&self, token: &[u8]) -> Result<bool> { Ok(true) }
}
"#,
        );
    }
}
