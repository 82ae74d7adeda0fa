//! Code that encrypts, signs or checks only when the secret for it is not empty.

use crate::analysis::{Confidence, Context, Report, Severity};
use crate::semantics::body_words::{has_words, writes_log};
use crate::semantics::expressions::last_name;
use crate::semantics::presence::{Presence, Test, refuses};
use crate::semantics::secrets::{decides_access, is_authenticating};
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Words of calls that use a secret to protect something.
const PROTECTING_WORDS: &[&str] = &[
    "authenticate", "authorize", "cipher", "ct", "encrypt", "encrypted", "encryption", "hmac",
    "mac", "pragma", "seal", "sign", "verify",
];

/// Answers that let a request pass.
const PASSING: &[&str] = &["true", "Ok(true)", "Ok(())", "return true", "return Ok("];

pub(super) fn check(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(secret) = call.receiver().as_ref().and_then(last_name) else { return };
    let names = &cx.file().secret_names;
    if names.setting_kind(&secret).is_none() && names.bytes_kind(&secret).is_none() {
        return;
    }
    let what = match condition_around(call.syntax()) {
        Some(Place::Branch(branch)) => skipped_by(&branch, call, cx),
        Some(Place::Or(rest)) => accepts_instead(&rest, call, cx).then_some(Skipped::Check),
        None => None,
    };
    let Some(what) = what else { return };
    let message = match what {
        Skipped::Encryption => format!("nothing is encrypted when secret `{secret}` is empty"),
        Skipped::Check => format!("nothing is checked when secret `{secret}` is empty"),
    };
    let range = call.syntax().text_range();
    let mut report = Report::new(range, message).confidence(Confidence::Likely);
    if let Some(Place::Branch(branch)) = condition_around(call.syntax())
        && (matches!(what, Skipped::Encryption)
            || absent_branch(&branch).is_some_and(|it| writes_log(&it)))
    {
        report = report.severity(Severity::Medium);
    }
    cx.report(call.syntax(), report);
}

enum Place {
    /// The `if` whose condition it is in.
    Branch(SyntaxNode),
    /// What stands on the other side of an `||`, outside of a condition.
    Or(ast::Expr),
}

/// What is done only when the secret is there.
#[derive(Debug, Clone, Copy)]
enum Skipped {
    Encryption,
    Check,
}

fn condition_around(node: &SyntaxNode) -> Option<Place> {
    let mut below = node.clone();
    let mut other = None;
    loop {
        let parent = below.parent()?;
        match parent.kind() {
            SyntaxKind::IF_EXPR => {
                let is_condition = ast::IfExpr::cast(parent.clone())?
                    .condition()
                    .is_some_and(|it| it.syntax() == &below);
                return is_condition.then_some(Place::Branch(parent));
            }
            SyntaxKind::PREFIX_EXPR | SyntaxKind::PAREN_EXPR => {}
            SyntaxKind::BIN_EXPR => {
                let binary = ast::BinExpr::cast(parent.clone())?;
                let is_or =
                    matches!(binary.op_kind(), Some(ast::BinaryOp::LogicOp(ast::LogicOp::Or)));
                let is_left = binary.lhs().is_some_and(|it| it.syntax() == &below);
                if is_or && is_left {
                    other = binary.rhs();
                }
            }
            _ => return other.map(Place::Or),
        }
        below = parent;
    }
}

fn absent_branch(branch: &SyntaxNode) -> Option<SyntaxNode> {
    Presence::of(branch)?.absent
}

/// What an `if` by an empty secret leaves out.
fn skipped_by(
    branch: &SyntaxNode,
    call: &ast::MethodCallExpr,
    cx: &Context<'_>,
) -> Option<Skipped> {
    let presence = Presence::of(branch)?;
    if presence.test != Test::NonEmpty || presence.absent.as_ref().is_some_and(refuses) {
        return None;
    }
    if let Some(present) = &presence.present {
        let text = compact(present).to_ascii_lowercase();
        let encrypts = text.contains("pragma") && text.contains("key")
            || has_words(
                present.green(),
                &["cipher", "encrypt", "encrypted", "encryption", "seal"],
            );
        if encrypts {
            return Some(Skipped::Encryption);
        }
        let compares = present
            .descendants()
            .filter_map(ast::BinExpr::cast)
            .any(|it| matches!(it.op_kind(), Some(ast::BinaryOp::CmpOp(ast::CmpOp::Eq { .. }))));
        let protects = compares || has_words(present.green(), PROTECTING_WORDS);
        if protects && refuses(present) && is_configured(call, cx) {
            return Some(Skipped::Check);
        }
    }
    let absent = presence.absent?;
    let name = cx.function(call.syntax())?.name()?.text().to_string();
    let text = compact(&absent);
    let passes = PASSING.iter().any(|it| text.contains(&it.replace(' ', "")))
        || text.contains("next.run(")
        || text.contains("inner.call(");
    let of_access = decides_access(&name) || is_authenticating(&name) || text.contains("next.run(");
    if passes && of_access && is_configured(call, cx) {
        return Some(Skipped::Check);
    }
    let encrypts = has_any_word(&name, &["encrypt", "seal"]);
    (encrypts && text.contains("return")).then_some(Skipped::Encryption)
}

/// `self.token.is_empty() || given == self.token`
fn accepts_instead(rest: &ast::Expr, call: &ast::MethodCallExpr, cx: &Context<'_>) -> bool {
    let secret = call.receiver().as_ref().and_then(last_name).unwrap_or_default();
    let text = compact(rest.syntax());
    let compares = text.contains("==")
        || ["ct_eq(", "constant_time_eq(", "verify", ".eq("].iter().any(|it| text.contains(it));
    compares && text.contains(&secret) && is_configured(call, cx)
}

/// Whether the secret is one that the program is configured with: a field, a constant, or what is
/// called expected. A parameter may be what a caller presents.
fn is_configured(call: &ast::MethodCallExpr, cx: &Context<'_>) -> bool {
    let Some(receiver) = call.receiver() else { return false };
    let text = compact(receiver.syntax());
    let root = text.split(['.', '(']).next().unwrap_or_default();
    let is_field = text.contains('.')
        && !matches!(
            root,
            "req" | "request" | "body" | "form" | "input" | "payload" | "params" | "query"
        );
    let is_constant = !text.contains(|c: char| c.is_ascii_lowercase());
    let expected = has_any_word(&text, &["configured", "expected", "required", "server", "stored"]);
    let typed = crate::semantics::bindings::bound_type(cx, call.syntax(), root);
    let of_request = typed.is_some_and(|it| it.contains("Request") || it.contains("Json<"));
    (is_field || is_constant || expected) && !of_request
}
