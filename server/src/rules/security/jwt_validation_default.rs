//! Token accepted without its signature, its expiry or its audience being checked.
//!
//! A JSON Web Token proves something only after its signature was verified. With validation switched
//! off anyone can write a token for any user, a stolen token is good for ever, and a token that was
//! issued for one service opens another.
//!
//! ```rust,bad
//! fn claims(token: &str, key: &DecodingKey) -> jsonwebtoken::errors::Result<Claims> {
//!     let mut validation = Validation::new(Algorithm::HS256);
//!     validation.insecure_disable_signature_validation();
//!     Ok(decode::<Claims>(token, key, &validation)?.claims)
//! }
//! ```
//!
//! Verify the signature, the expiry and the audience:
//!
//! ```rust
//! fn claims(token: &str, key: &DecodingKey) -> jsonwebtoken::errors::Result<Claims> {
//!     let mut validation = Validation::new(Algorithm::EdDSA);
//!     validation.set_audience(&["delivery"]);
//!     Ok(decode::<Claims>(token, key, &validation)?.claims)
//! }
//! ```
//!
//! A token that is only decoded may be verified by the caller: what does not decide by its name is
//! shown with `--confidence possible` alone. Where the same function verifies it as well nothing is
//! reported. Tokens without an expiry are of low severity, as their issuer may mean them so.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::bindings;
use crate::semantics::body_words::{function_name, names_any};
use crate::semantics::calls::method_range;
use crate::semantics::development::is_for_development;
use crate::semantics::expressions::last_name;
use crate::semantics::paths::callee;
use crate::semantics::secrets::decides_access;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::condition::Decision;
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "jwt-validation-default",
    severity: Severity::High,
    raised_when_critical: false,
    cwe: &[347, 613],
    source: include_str!("jwt_validation_default.rs"),
    queries: &[
        Query::Method(DISABLING_METHODS, check_method),
        Query::Call(UNVERIFIED_CALLS, check_call),
        Query::Call(&["new"], check_algorithm),
        Query::Method(&["split", "splitn", "rsplitn"], check_split),
        Query::Node(&On(check_assignment)),
        Query::Node(&On(check_field)),
    ],
    ..Rule::source(AREA)
};

/// Methods that switch a check off, or read what was not checked.
const DISABLING_METHODS: &[&str] = &[
    "insecure_disable_signature_validation",
    "insecure_disable_signature_check",
    "require_audience_match",
    "require_issuer_match",
    "required_spec_claims",
    "set_required_spec_claims",
    "clear",
    "remove",
    "deserialize_claims_unchecked",
    "dangerous_claims_without_verification",
    "dangerous_unsafe_verify",
];

/// Functions that read a token and verify nothing.
const UNVERIFIED_CALLS: &[&str] = &[
    "insecure_decode",
    "dangerous_insecure_decode",
    "dangerous_insecure_decode_with_validation",
    "dangerous_unsafe_decode",
    "decode_unsecured",
    "new_insecure_without_verification",
];

/// Names of functions that verify a token: what was read before that decides which key to use.
const VERIFYING: &[&str] = &[
    "decode", "decode_with_verifier", "jwt_verify", "verify", "verify_signature", "verify_token",
    "verify_with_key",
];

/// Words of functions whose callers want the content of a token that they do not trust.
const PEEKING_WORDS: &[&str] =
    &["dangerous", "header", "insecure", "inspect", "kid", "peek", "unsafe", "unverified"];

/// Words of functions for which the expiry of a token does not matter, as its owner renews or ends
/// it.
const RENEWING_WORDS: &[&str] =
    &["expired", "logout", "refresh", "renew", "revoke", "rotate", "signout"];

/// `Validation::new(header.alg)`: who made the token says how it is verified.
fn check_algorithm(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let is_validation =
        callee(call).is_some_and(|it| it == "Validation::new" || it.ends_with("::Validation::new"));
    let argument = call.arg_list().and_then(|list| list.args().next()).filter(|_| is_validation);
    let Some(ast::Expr::FieldExpr(field)) = argument else { return };
    let base = field.expr().map(|it| compact(it.syntax())).unwrap_or_default();
    let header = bindings::initializer(cx, call.syntax(), &base);
    let is_of_token = header.is_some_and(|it| compact(it.syntax()).contains("decode_header("));
    if field.name_ref().is_none_or(|it| it.text() != "alg") || !is_of_token {
        return;
    }
    let message = "the header of the token decides by which algorithm it is verified";
    let report = Report::new(field.syntax().text_range(), message).severity(Severity::Medium);
    cx.report(call.syntax(), report);
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(name) = call.name_ref().map(|it| it.text().to_string()) else { return };
    let argument = call.arg_list().and_then(|list| list.args().next());
    let first = argument.map(|it| it.syntax().text().to_string()).unwrap_or_default();
    let of_claims = || {
        let receiver = call.receiver().as_ref().and_then(last_name);
        receiver.is_some_and(|it| it == "required_spec_claims")
    };
    let (what, impact) = match name.as_str() {
        "insecure_disable_signature_validation"
        | "insecure_disable_signature_check"
        | "dangerous_claims_without_verification"
        | "dangerous_unsafe_verify"
        | "deserialize_claims_unchecked" => ("accepts a token with any signature", Severity::High),
        "require_audience_match" if first == "false" => {
            ("accepts tokens of other audiences", Severity::Medium)
        }
        "require_issuer_match" if first == "false" => {
            ("accepts tokens of any issuer", Severity::Medium)
        }
        "set_required_spec_claims" if is_without_expiry(&first) => {
            ("accepts tokens that never expire", Severity::Medium)
        }
        "clear" if of_claims() => ("accepts tokens that never expire", Severity::Medium),
        "remove" if of_claims() && first.contains("\"exp\"") => {
            ("accepts tokens that never expire", Severity::Medium)
        }
        _ => return,
    };
    let subject = if of_claims() { format!("required_spec_claims.{name}") } else { name };
    let message = format!("`{subject}` {what}");
    let range = method_range(call);
    let is_signature = what.contains("signature");
    report(call.syntax(), Report::new(range, message).severity(impact), is_signature, cx);
}

/// Whether a list of claims that a token must have is empty, or leaves its expiry out.
fn is_without_expiry(list: &str) -> bool {
    let list = list.trim_start_matches('&').trim_start();
    (list.starts_with('[') || list.starts_with("vec!")) && !list.contains("exp")
        || list.ends_with("::new()")
}

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(path) = callee(call) else { return };
    let name = path.rsplit("::").next().unwrap_or(&path).to_string();
    let message = format!("`{name}` reads a token without verifying its signature");
    let range = call.syntax().text_range();
    report(call.syntax(), Report::new(range, message), true, cx);
}

/// `token.split('.')` whose second part is decoded, and nothing is verified.
fn check_split(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let by_dot = call
        .arg_list()
        .into_iter()
        .flat_map(|it| it.args())
        .any(|it| matches!(it.syntax().text().to_string().as_str(), "'.'" | "\".\""));
    let name = call.receiver().as_ref().and_then(last_name).unwrap_or_default();
    if !by_dot || !has_any_word(&name, &["bearer", "jwt", "token"]) {
        return;
    }
    let Some(function) = cx.function(call.syntax()) else { return };
    let names = cx.names_in(function.syntax());
    let decodes = names.has_words(&["base64", "base64url"]) || names.has_any(&["URL_SAFE_NO_PAD"]);
    let verifying =
        ["hmac", "mac", "public", "rsa", "sign", "signature", "validation", "verify", "verifying"];
    if !decodes
        || !names.has_any(&["serde_json", "from_slice", "from_str"])
        || names.has_words(&verifying)
    {
        return;
    }
    // The header says which key to verify with.
    if reads_first_part(call) {
        return;
    }
    let message = format!("claims of `{name}` are read without verifying its signature");
    let found = Report::new(method_range(call), message);
    // Who only decodes leaves the check to its caller.
    let around = function_name(cx, call.syntax()).unwrap_or_default();
    let decides = decides_access(&around) || has_any_word(&around, DECIDING_WORDS);
    match decides {
        true => report(call.syntax(), found, false, cx),
        false => cx.report(call.syntax(), found.confidence(Confidence::Possible)),
    }
}

/// Words of functions that decide with what they read.
const DECIDING_WORDS: &[&str] = &["auth", "authenticated", "guard", "login", "require", "validate"];

/// Whether only what stands before the first dot is read: `token.split('.').next()`.
fn reads_first_part(call: &ast::MethodCallExpr) -> bool {
    let next = call.syntax().parent().and_then(ast::MethodCallExpr::cast);
    next.and_then(|it| it.name_ref()).is_some_and(|it| it.text() == "next")
}

/// `validation.validate_exp = false`
fn check_assignment(assignment: &ast::BinExpr, cx: &mut Context<'_>) {
    if assignment.op_kind() != Some(ast::BinaryOp::Assignment { op: None }) {
        return;
    }
    let (Some(ast::Expr::FieldExpr(field)), Some(value)) = (assignment.lhs(), assignment.rhs())
    else {
        return;
    };
    let Some(name) = field.name_ref().map(|it| it.text().to_string()) else { return };
    let value = value.syntax().text().to_string();
    let Some(found) = switched_off(&name, &value) else { return };
    let range = assignment.syntax().text_range();
    report(assignment.syntax(), Report::new(range, found.0).severity(found.1), false, cx);
}

/// `Validation { validate_exp: false, .. }`
fn check_field(field: &ast::RecordExprField, cx: &mut Context<'_>) {
    let (Some(name), Some(value)) = (field.field_name(), field.expr()) else { return };
    let value = value.syntax().text().to_string();
    let Some(found) = switched_off(name.text(), &value) else { return };
    let range = field.syntax().text_range();
    report(field.syntax(), Report::new(range, found.0).severity(found.1), false, cx);
}

/// What a check that a value switches off would have refused.
fn switched_off(name: &str, value: &str) -> Option<(String, Severity)> {
    let (what, impact) = match (name, value) {
        // Many programs issue tokens that do not expire, and compare what they grant.
        ("validate_exp" | "validate_expiration", "false") => {
            ("accepts expired tokens", Severity::Low)
        }
        ("validate_aud" | "validate_audience", "false") => {
            ("accepts tokens of other audiences", Severity::Medium)
        }
        ("validate_signature" | "verify_signature", "false") => {
            ("accepts a token with any signature", Severity::High)
        }
        ("required_spec_claims", list) if is_without_expiry(list) => {
            ("accepts tokens that never expire", Severity::Medium)
        }
        _ => return None,
    };
    Some((format!("`{name}` set to `{value}` {what}"), impact))
}

fn report(node: &SyntaxNode, report: Report<'_>, of_signature: bool, cx: &mut Context<'_>) {
    let function = cx.function(node);
    let name = function_name(cx, node).unwrap_or_default();
    let verifies =
        |it: ast::Fn| *cx.once("verifies as well", it.syntax(), || verifies_as_well(&it));
    if of_signature && function.is_some_and(verifies) {
        return;
    }
    let function = cx.function(node);
    let checks_itself = function.is_some_and(|it| {
        cx.names_in(it.syntax()).has_any(&["is_expired", "expired", "expires_at"])
    });
    if !of_signature && (checks_itself || is_checked_later(node)) {
        return;
    }
    let report = match () {
        () if cx.decision(node) == Some(Decision::Switch) || is_for_development(cx, node) => {
            report.lowered(Severity::Low, "behind a setting")
        }
        () if of_signature && has_any_word(&name, PEEKING_WORDS) => {
            let report = report.lowered(Severity::Low, "callers ask for it by name");
            return cx.report(node, report.confidence(Confidence::Possible));
        }
        () if !of_signature && has_any_word(&name, RENEWING_WORDS) => {
            report.lowered(Severity::Low, "for a token that is renewed or ended")
        }
        () => report,
    };
    cx.report(node, report.confidence(Confidence::Likely));
}

/// Whether the comment above says that the check is made elsewhere.
fn is_checked_later(node: &SyntaxNode) -> bool {
    let before = node.first_token().and_then(|it| it.prev_token());
    let above = std::iter::successors(before, |it| it.prev_token());
    let comment = above
        .take_while(|it| matches!(it.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        .find(|it| it.kind() == SyntaxKind::COMMENT);
    comment
        .is_some_and(|it| has_any_word(it.text(), &["checked", "later", "ourselves", "manually"]))
}

/// Whether a function that reads a token unverified verifies one, too: with a second validation.
fn verifies_as_well(function: &ast::Fn) -> bool {
    let Some(body) = function.body() else { return false };
    let calls = body.syntax().descendants().filter(|it| {
        ast::CallExpr::can_cast(it.kind()) || ast::MethodCallExpr::can_cast(it.kind())
    });
    let disables = names_any(body.syntax().green(), &DISABLING_METHODS[..2]);
    let verifying = calls.filter(|call| {
        let name = crate::syntax::green::own_name(call.green());
        name.is_some_and(|it| VERIFYING.contains(&it))
    });
    // The call that is given the crippled validation verifies nothing.
    verifying.count() > usize::from(disables)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn switched_off_checks_are_reported() {
        check(
            &RULE,
            r#"
fn read(token: &str, key: &DecodingKey) -> Result<Claims> {
    let header = decode_header(token)?;
    let by_header = Validation::new(header.alg);
                                  //^^^^^^^^^^ jwt-validation-default: the header of the token decides by which algorithm it is verified
    let by_setting = Validation::new(settings.alg);
    let mut validation = Validation::default();
    validation.insecure_disable_signature_validation();
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default: `insecure_disable_signature_validation` accepts a token with any signature
    validation.validate_exp = false;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default: `validate_exp` set to `false` accepts expired tokens
    validation.validate_aud = false;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default
    validation.required_spec_claims.clear();
                                  //^^^^^^^ jwt-validation-default
    validation.set_required_spec_claims::<&str>(&[]);
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default
    Ok(decode::<Claims>(token, key, &validation)?.claims)
}
fn session(token: &str) -> Option<Claims> {
    let data = jsonwebtoken::dangerous::insecure_decode::<Claims>(token).ok()?;
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default
    Some(data.claims)
}
fn old(token: &str) -> Option<Claims> {
    dangerous_insecure_decode::<Claims>(token).ok().map(|it| it.claims)
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default
}
fn by_hand(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
                      //^^^^^^^^^^ jwt-validation-default: claims of `token` are read without verifying its signature
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
fn options() -> Validation {
    Validation { validate_exp: false, ..Validation::new(Algorithm::RS256) }
               //^^^^^^^^^^^^^^^^^^^ jwt-validation-default
}
fn openid(client: CoreClient) -> CoreIdTokenVerifier<'static> {
    client.id_token_verifier().insecure_disable_signature_check().require_audience_match(false)
                             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default
                                                                //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default
}
"#,
        );
    }

    #[test]
    fn validation_that_is_left_on_is_left_alone() {
        silent(
            &RULE,
            r#"
fn read(token: &str, key: &DecodingKey) -> Result<Claims> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = true;
    validation.validate_nbf = false;
    validation.validate_aud = settings.audience.is_some();
    validation.set_required_spec_claims(&["exp", "aud"]);
    Ok(decode::<Claims>(token, key, &validation)?.claims)
}
fn by_issuer(token: &str, keys: &Keys) -> Result<Claims> {
    let unverified = insecure_decode::<Issuer>(token)?;
    let key = keys.get(&unverified.claims.iss)?;
    Ok(decode::<Claims>(token, key, &Validation::new(Algorithm::RS256))?.claims)
}
fn token_type(token: &str) -> Option<String> {
    let header = token.split('.').next()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}
fn forget(list: &mut Vec<u8>, map: &mut Map) { list.clear(); map.remove("exp"); }
#[cfg(test)]
mod tests { fn t() { validation.insecure_disable_signature_validation(); } }
"#,
        );
    }

    #[test]
    fn what_callers_ask_for_is_low() {
        check(
            &RULE,
            r#"
fn peek_subject(token: &str) -> Option<String> {
    insecure_decode::<Claims>(token).ok().map(|it| it.claims.sub)
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default: `insecure_decode` reads a token without verifying its signature (callers ask for it by name)
}
fn refresh(token: &str) {
    validation.validate_exp = false;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default: `validate_exp` set to `false` accepts expired tokens (for a token that is renewed or ended)
}
fn load(options: &Options) {
    if options.skip_verification {
        validation.insecure_disable_signature_validation();
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ jwt-validation-default: `insecure_disable_signature_validation` accepts a token with any signature (behind a setting)
    }
}
"#,
        );
    }
}
