//! Guards that let a request pass when there is nothing to compare with, or when the check fails.

use super::switches::Protection;
use crate::analysis::{Confidence, Context, Report, Severity};
use crate::semantics::body_words::{function_name, has_words};
use crate::semantics::calls::method_range;
use crate::semantics::expressions::{chain_root, identifier, last_name};
use crate::semantics::presence::{Presence, Test, refuses};
use crate::semantics::secrets::{decides_access, is_authenticating};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxNode};

/// Words of what compares or verifies.
const CHECKING_WORDS: &[&str] = &[
    "authenticate", "authorized", "check", "compare", "constant", "ct", "matches", "valid",
    "validate", "verify",
];

/// `if let Some(token) = &state.token { … } next.run(req).await`
pub(super) fn check_presence<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let node = node.syntax();
    let Some(presence) = Presence::of(node) else { return };
    let function = function_name(cx, node).unwrap_or_default();
    let of_settings = has_any_word(&function, &["config", "configuration", "options", "settings"]);
    if of_settings
        || presence.test == Test::NonEmpty
        || presence.absent.as_ref().is_some_and(refuses)
    {
        return;
    }
    let Some(secret) = configured_secret(&presence.subject, cx) else { return };
    let checks = presence.present.as_ref().is_some_and(checks_request);
    let passes = presence.absent.as_ref().is_some_and(lets_pass);
    let is_guard = match (&presence.present, &presence.absent) {
        (Some(present), None) => checks && refuses_request(present),
        (Some(_), Some(_)) => checks && passes,
        (None, Some(_)) => passes && in_guard(node, cx),
        (None, None) => false,
    };
    if !is_guard {
        return;
    }
    let message = format!("requests are not authenticated unless `{secret}` is set");
    let range = presence.subject.syntax().text_range();
    cx.report(node, Report::new(range, message).confidence(Confidence::Likely));
}

/// The name of the secret that the program is configured with, and not one that a request presents.
fn configured_secret(subject: &ast::Expr, cx: &Context<'_>) -> Option<String> {
    let root = chain_root(subject);
    let names = &cx.file().secret_names;
    if let ast::Expr::CallExpr(_) = &root {
        let text = compact(subject.syntax());
        let variable = text.split('"').nth(1).filter(|_| text.contains("env::var("))?;
        return names.setting_kind(variable).map(|_| variable.to_string());
    }
    let name = last_name(&root)?;
    let is_secret = names.setting_kind(&name).is_some()
        || names.bytes_kind(&name).is_some()
        || has_any_word(&name, &["authenticator", "verifier", "auth"]);
    if !is_secret {
        return None;
    }
    match &root {
        ast::Expr::FieldExpr(field) => {
            let base = field.expr().map(|it| compact(it.syntax())).unwrap_or_default();
            let of_request = [
                "req", "request", "body", "form", "input", "params", "payload", "query", "claims",
                "headers", "parts", "user", "session",
            ];
            let holder = base.rsplit('.').next().unwrap_or(&base);
            (!of_request.contains(&holder)).then_some(name)
        }
        ast::Expr::PathExpr(_) => {
            let is_const = !name.contains(|c: char| c.is_ascii_lowercase());
            let expected = has_any_word(&name, &["configured", "expected", "required"]);
            let of_variable = identifier(&root)
                .and_then(|it| crate::semantics::bindings::initializer(cx, subject.syntax(), &it))
                .is_some_and(|it| compact(it.syntax()).contains("env::var"));
            (is_const || expected || of_variable).then_some(name)
        }
        _ => None,
    }
}

/// Whether code compares or verifies something.
fn checks_request(branch: &SyntaxNode) -> bool {
    let compares = branch
        .descendants()
        .filter_map(ast::BinExpr::cast)
        .any(|it| matches!(it.op_kind(), Some(ast::BinaryOp::CmpOp(ast::CmpOp::Eq { .. }))));
    compares || has_words(branch.green(), CHECKING_WORDS)
}

/// Whether a branch refuses requests: with the code for it, or an error of that name.
fn refuses_request(branch: &SyntaxNode) -> bool {
    let text = branch.text().to_string();
    let refusals = [
        "UNAUTHORIZED", "FORBIDDEN", "Unauthorized", "Forbidden", "unauthorized", "forbidden",
        "unauthenticated", "Unauthenticated", "permission_denied", "PermissionDenied",
        "AccessDenied", "return false", "401", "403",
    ];
    refusals.iter().any(|it| text.contains(it))
}

/// Whether a branch answers that all is well.
fn lets_pass(branch: &SyntaxNode) -> bool {
    let text = compact(branch);
    let inner = text.trim_start_matches('{').trim_end_matches('}').trim_end_matches(';');
    let inner = inner.strip_prefix("return").unwrap_or(inner);
    matches!(inner, "true" | "Ok(true)" | "Ok(())" | "Ok(req)" | "Ok(request)" | "")
        || inner.starts_with("next.run(")
        || inner.starts_with("Ok(next.run(")
        || inner.starts_with("next.call(")
        || inner.starts_with("self.inner.call(")
        || inner.starts_with("Ok(next.call(")
}

/// Whether the function around decides whether a request may pass.
fn in_guard(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let name = function_name(cx, node).unwrap_or_default();
    let words = ["guard", "middleware", "require", "allowed", "allow", "allows", "permitted"];
    decides_access(&name) || is_authenticating(&name) || has_any_word(&name, &words)
}

/// Words of what is not allowed, or ends.
const RESTRICTING_WORDS: &[&str] = &[
    "banned", "blocked", "denied", "disabled", "expired", "forbidden", "invalid", "locked", "only",
    "readonly", "required", "restricted", "revoked", "used",
];

/// `verify(&token).unwrap_or(true)`
pub(super) fn check_verdict(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|it| it.args().next());
    if argument.is_none_or(|it| it.syntax().text() != "true") {
        return;
    }
    let Some(receiver) = call.receiver() else { return };
    let root = match &receiver {
        ast::Expr::AwaitExpr(it) => it.expr(),
        it => Some(it.clone()),
    };
    let name = root.as_ref().and_then(last_name).unwrap_or_default();
    let Some(ast::Expr::MethodCallExpr(_) | ast::Expr::CallExpr(_)) = root else { return };
    let verdict = [
        "allow", "allowed", "allows", "authorized", "check", "is", "permitted", "valid",
        "validate", "verify",
    ];
    let Some(protection) = Protection::of(&name).filter(|_| has_any_word(&name, &verdict)) else {
        return;
    };
    // What is assumed keeps more out, and not less.
    if has_any_word(&name, RESTRICTING_WORDS) {
        return;
    }
    let message = format!("an error of `{name}` counts as success");
    let report = Report::new(method_range(call), message).confidence(Confidence::Likely);
    let report = match protection {
        Protection::Limit => report.severity(Severity::Medium),
        _ => report,
    };
    cx.report(call.syntax(), report);
}
