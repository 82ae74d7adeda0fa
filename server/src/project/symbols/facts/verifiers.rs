//! Which verifiers of certificates a function installs.

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::condition::{Decision, decision};
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// A verifier that a function may install.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstalledVerifier {
    /// The name of its type.
    pub name: String,
    /// Whether a setting decides about it, or callers ask for it by name.
    pub is_optional: bool,
}

/// Words of functions that callers know to verify nothing by their names.
pub const UNVERIFIED_WORDS: &[&str] = &[
    "danger", "dangerous", "dangerously", "insecure", "insecurely", "invalid", "skip", "unsafe",
    "unverified",
];

/// Whether a function says by its name that it verifies nothing: `insecure_skip_verify`,
/// `do_not_verify_server`.
fn tells_by_name(function: &SyntaxNode) -> bool {
    let name = ast::Fn::cast(function.clone()).and_then(|it| ast::HasName::name(&it));
    name.is_some_and(|it| {
        has_any_word(it.text(), UNVERIFIED_WORDS)
            || has_any_word(it.text(), &["disable", "no", "not", "without"])
                && has_any_word(it.text(), &["check", "tls", "verification", "verify"])
    })
}

/// Methods that install a verifier of certificates.
pub(super) const INSTALLING: &[&str] = &[
    "dangerous",
    "set_certificate_verifier",
    "with_client_cert_verifier",
    "with_custom_certificate_verifier",
];

/// The types that a function which installs a verifier makes values of.
pub(super) fn installed_verifiers(function: &SyntaxNode) -> Vec<InstalledVerifier> {
    let is_asked_for = tells_by_name(function);
    let made = function.descendants().filter_map(|node| {
        let path = match node.kind() {
            SyntaxKind::PATH_EXPR => ast::PathExpr::cast(node.clone())?.path()?,
            SyntaxKind::RECORD_EXPR => ast::RecordExpr::cast(node.clone())?.path()?,
            _ => return None,
        };
        let names = path.segments().filter_map(|it| Some(it.name_ref()?.text().to_string()));
        let name = names.filter(|it| it.starts_with(char::is_uppercase)).last()?;
        let is_optional = is_asked_for
            || decision(&node) == Some(Decision::Switch)
            || installer(&node).is_some_and(|it| decision(&it) == Some(Decision::Switch));
        Some(InstalledVerifier { name, is_optional })
    });
    made.collect()
}

/// The call that is given the variable which a value is bound to.
fn installer(node: &SyntaxNode) -> Option<SyntaxNode> {
    let statement = node.ancestors().find_map(ast::LetStmt::cast)?;
    let ast::Pat::IdentPat(pat) = statement.pat()? else { return None };
    let name = ast::HasName::name(&pat)?.text().to_string();
    let list = statement.syntax().parent()?;
    let calls = list.descendants().filter_map(ast::MethodCallExpr::cast);
    let mut given = calls.filter(|call| {
        call.name_ref().is_some_and(|it| INSTALLING.contains(&it.text()))
            && call.arg_list().is_some_and(|it| it.syntax().text().to_string().contains(&name))
    });
    given.next().map(|it| it.syntax().clone())
}
