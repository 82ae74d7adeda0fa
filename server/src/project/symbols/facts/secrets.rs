//! How a function treats what may be a secret: whether it writes out the whole of its value, and
//! which names it takes for paths of files.

use rowan::{GreenNodeData, NodeOrToken};

use super::called_method;
use crate::syntax::SyntaxKind;
use crate::syntax::green::{
    any_token, child_nodes, child_of_kind, compact_text, node_kind, path_name, token_kind,
};
use crate::syntax::names::{has_any_word, words};

/// How a method makes a text of the whole value that it is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dump {
    /// As its `Debug` shows it.
    Debug,
    /// As its `Serialize` writes it.
    Serialize,
}

/// How a method without arguments makes a text of the whole of `self`, if it does.
pub(super) fn dump_in(function: &GreenNodeData, body: &GreenNodeData) -> Option<Dump> {
    let list = child_of_kind(function, SyntaxKind::PARAM_LIST)?;
    child_of_kind(list, SyntaxKind::SELF_PARAM)?;
    let returned = compact_text(child_of_kind(function, SyntaxKind::RET_TYPE)?);
    if !["String", "Value", "Vec<u8>"].iter().any(|it| returned.contains(it)) {
        return None;
    }
    let writes = |_, text: &str| text.starts_with("to_") || text.contains('?') || text == "json";
    if !any_token(body, &writes) {
        return None;
    }
    let text = compact_text(body);
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let serializers = ["to_string", "to_string_pretty", "to_value", "to_vec", "to_vec_pretty"];
    let serializes = |it: &&str| has(&[&format!("::{it}(self)"), &format!("::{it}(&self)")]);
    if serializers.iter().any(serializes) || has(&["json!(self)"]) {
        return Some(Dump::Serialize);
    }
    has(&["{self:?}", "{self:#?}", "{:?}\",self)", "{:#?}\",self)"]).then_some(Dump::Debug)
}

/// Words of names that may be those of keys and secrets.
const SECRET_WORDS: &[&str] =
    &["credential", "credentials", "key", "password", "passwd", "secret", "token"];

/// The names of variables and fields that a function opens as files or makes paths of, among those
/// that may name a key or a secret.
pub(super) fn paths_in(body: &GreenNodeData) -> Vec<String> {
    let mut names = Vec::new();
    collect(body, &mut names);
    names.sort_unstable();
    names.dedup();
    names
}

fn collect(node: &GreenNodeData, out: &mut Vec<String>) {
    for child in child_nodes(node) {
        let opens = match node_kind(child) {
            SyntaxKind::CALL_EXPR => {
                child_of_kind(child, SyntaxKind::PATH_EXPR).is_some_and(opens_path)
            }
            SyntaxKind::METHOD_CALL_EXPR => called_method(child).is_some_and(takes_file),
            _ => false,
        };
        if opens
            && let Some(first) =
                child_of_kind(child, SyntaxKind::ARG_LIST).and_then(|list| child_nodes(list).next())
        {
            secret_names(first, out);
        }
        collect(child, out);
    }
}

/// Whether a function makes a path of its first argument, or opens it.
fn opens_path(callee: &GreenNodeData) -> bool {
    let Some(name) = path_name(callee) else { return false };
    let text = || compact_text(callee);
    match name {
        "new" => text().ends_with("Path::new"),
        "from" => text().ends_with("PathBuf::from"),
        "open" | "create" => text().contains("File::"),
        "read" | "read_to_string" | "metadata" | "exists" | "canonicalize" => {
            text().contains("fs::") || name == "read_to_string"
        }
        _ => takes_file(name),
    }
}

/// Whether a function's name says that it takes a file: `from_pem_file`, `load_keys`.
fn takes_file(name: &str) -> bool {
    has_any_word(name, &["file", "path"])
        || words(name).next().is_some_and(|verb| verb == "load")
            && has_any_word(name, &["cert", "certs", "identity", "key", "keys", "pem"])
}

/// The names of secrets below a node that are no calls.
fn secret_names(node: &GreenNodeData, out: &mut Vec<String>) {
    for child in node.children() {
        match child {
            NodeOrToken::Node(child) if node_kind(child) != SyntaxKind::CLOSURE_EXPR => {
                secret_names(child, out);
            }
            NodeOrToken::Token(token)
                if token_kind(token) == SyntaxKind::IDENT
                    && has_any_word(token.text(), SECRET_WORDS) =>
            {
                out.push(token.text().to_string());
            }
            _ => {}
        }
    }
}
