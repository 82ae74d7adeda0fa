//! Calls whose names say that they are about secrets: what a helper is used for.

use rowan::GreenNodeData;

use super::called_method;
use crate::syntax::SyntaxKind;
use crate::syntax::green::{
    child_nodes, child_of_kind, compact_text, declared_name, first_token_text, node_kind, own_name,
    path_name,
};
use crate::syntax::names::Parts;

/// A call that is about a secret by the names around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretCall {
    /// The name of the function or method.
    pub function: String,
    /// The path before the name, as it is written: `util` of `util::random`.
    pub qualifier: String,
    /// The function that calls it, the variable or field that is set to the result, and what is
    /// given to it, as far as these names are those of secrets.
    pub names: Vec<String>,
}

/// Parts of names that secrets and what is made of them have.
const PARTS: Parts = Parts::new(&[
    "auth", "code", "cred", "csrf", "id", "key", "login", "nonce", "otp", "pass", "pwd", "salt",
    "secret", "session", "sign", "token", "verif",
]);

/// Methods that ask a connection for the certificate of its peer.
const ASKING_FOR_PEER: &[&str] =
    &["peer_certificate", "peer_certificates", "peer_identity", "ssl_peer_certificate"];

/// The calls in the body of a function that are about secrets.
pub(super) fn secret_calls(function: &GreenNodeData, body: &GreenNodeData) -> Vec<SecretCall> {
    let mut calls = Vec::new();
    let caller = declared_name(function).filter(|it| may_be_secret(it));
    collect(body, caller, None, &mut calls);
    calls
}

fn collect(
    node: &GreenNodeData,
    caller: Option<&str>,
    target: Option<&str>,
    out: &mut Vec<SecretCall>,
) {
    for child in child_nodes(node) {
        let mut target = target;
        match node_kind(child) {
            SyntaxKind::FN => continue,
            SyntaxKind::LET_STMT | SyntaxKind::RECORD_EXPR_FIELD => target = own_name(child),
            SyntaxKind::CALL_EXPR => {
                let callee = child_of_kind(child, SyntaxKind::PATH_EXPR);
                let given = child_of_kind(child, SyntaxKind::ARG_LIST);
                let mut names: Vec<&str> = caller.into_iter().chain(target).collect();
                given.into_iter().for_each(|list| names_in(list, &mut names));
                names.retain(|it| may_be_secret(it));
                if !names.is_empty()
                    && let Some((qualifier, function)) = callee.and_then(function_path)
                {
                    let names = names.into_iter().map(str::to_string).collect();
                    out.push(SecretCall { function, qualifier, names });
                }
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                let method = called_method(child).filter(|it| ASKING_FOR_PEER.contains(it));
                out.extend(method.map(|it| SecretCall {
                    function: it.to_string(),
                    qualifier: String::new(),
                    names: Vec::new(),
                }));
            }
            _ => {}
        }
        collect(child, caller, target, out);
    }
}

/// The path of a function of the program, before its name and the name itself: `random`,
/// `Self::random`, `util::random`.
fn function_path(path: &GreenNodeData) -> Option<(String, String)> {
    let text = compact_text(path);
    let text = text.split("::<").next().unwrap_or(&text);
    let (qualifier, name) = text.rsplit_once("::").unwrap_or(("", text));
    let is_lower = |it: &str| it.starts_with(|c: char| c.is_ascii_lowercase());
    let is_module = qualifier.split("::").all(|it| is_lower(it) || matches!(it, "Self" | ""));
    (is_lower(name) && is_module).then(|| (qualifier.to_string(), name.to_string()))
}

/// The names of the variables and fields among the arguments of a call.
fn names_in<'a>(node: &'a GreenNodeData, out: &mut Vec<&'a str>) {
    for child in child_nodes(node) {
        match node_kind(child) {
            SyntaxKind::PATH_EXPR => out.extend(path_name(child)),
            SyntaxKind::FIELD_EXPR => {
                let name = child_of_kind(child, SyntaxKind::NAME_REF);
                out.extend(name.and_then(first_token_text));
            }
            SyntaxKind::REF_EXPR | SyntaxKind::METHOD_CALL_EXPR => names_in(child, out),
            _ => {}
        }
    }
}

fn may_be_secret(name: &str) -> bool {
    PARTS.occur_in(name)
}
