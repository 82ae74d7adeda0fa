//! Which verifiers of certificates a function installs.

use crate::syntax::ast::{self, HasArgList};
use crate::syntax::condition::{Decision, decision};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// A verifier that a function may install.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstalledVerifier {
    /// The name of its type.
    pub name: String,
    /// Whether a setting decides about it.
    pub is_optional: bool,
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
    let made = function.descendants().filter_map(|node| {
        let path = match node.kind() {
            SyntaxKind::PATH_EXPR => ast::PathExpr::cast(node.clone())?.path()?,
            SyntaxKind::RECORD_EXPR => ast::RecordExpr::cast(node.clone())?.path()?,
            _ => return None,
        };
        let names = path.segments().filter_map(|it| Some(it.name_ref()?.text().to_string()));
        let name = names.filter(|it| it.starts_with(char::is_uppercase)).last()?;
        let is_optional = decision(&node) == Some(Decision::Switch)
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
