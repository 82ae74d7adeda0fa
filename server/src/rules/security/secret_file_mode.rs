//! Secret written to a file that other users can read.
//!
//! A new file gets the mode that the process's umask leaves, which is mostly `0644`: every account and
//! every container that shares the folder can read the private key. To narrow the mode afterwards
//! leaves a moment in which it is open.
//!
//! ```rust,bad
//! fn save(path: &Path, private_key: &[u8]) -> std::io::Result<()> {
//!     std::fs::write(path, private_key)
//! }
//! ```
//!
//! Create the file with its mode:
//!
//! ```rust
//! use std::os::unix::fs::OpenOptionsExt;
//!
//! fn save(path: &Path, private_key: &[u8]) -> std::io::Result<()> {
//!     let mut options = std::fs::OpenOptions::new();
//!     let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
//!     file.write_all(private_key)?;
//!     file.sync_all()
//! }
//! ```
//!
//! Reported are writes of values that are keys, passwords or tokens by their names or by how they are
//! made, and files that are named as such. Known problems: a helper that sets the mode is not followed.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::bindings::initializer;
use crate::semantics::body_words::function_name;
use crate::semantics::calls::{call_range, method_range};
use crate::semantics::expressions::{chain_root, identifier, last_name};
use crate::semantics::paths::callee;
use crate::semantics::secrets::{SecretKind, SecretNames};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "secret-file-mode",
    severity: Severity::High,
    raised_when_critical: false,
    cwe: &[732, 276],
    source: include_str!("secret_file_mode.rs"),
    queries: &[
        Query::Call(&["write"], check_write),
        Query::Call(&["create", "create_new"], check_create),
        Query::Method(&["open"], check_open),
        Query::Method(&["mode"], check_mode),
    ],
    ..Rule::source(AREA)
};

/// What narrows the mode of a file, or the mask of all new files.
const NARROWING: &[&str] = &[
    "mode", "set_permissions", "set_mode", "from_mode", "umask", "Permissions", "PermissionsExt",
    "OpenOptionsExt", "chmod", "fchmod", "set_readonly",
];

/// Words of helpers that do.
const NARROWING_WORDS: &[&str] = &["chmod", "owner", "perm", "permissions", "perms", "restrict"];

/// Methods and functions that give the private part of a key in a form for files.
const EXPORTING: &[&str] = &[
    "private_key_to_der",
    "private_key_to_pem",
    "private_key_to_pem_pkcs8",
    "secret_der",
    "serialize_private_key_der",
    "serialize_private_key_pem",
    "to_pkcs8_der",
    "to_pkcs8_pem",
    "to_pkcs1_pem",
    "private_key_pem",
    "secret_bytes",
    "to_keypair_bytes",
    "expose_secret",
    "private_key_to_pem_pkcs8_passphrase",
];

/// Words of what may be read by all, though a key is made into it.
const PUBLIC_WORDS: &[&str] = &[
    "cert", "certificate", "ciphertext", "crt", "csr", "encrypted", "fingerprint", "hash", "pub",
    "public", "sealed", "wrapped",
];

/// `fs::write(path, private_key)`
fn check_write(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    if !path.ends_with("fs::write") {
        return;
    }
    let mut arguments = call.arg_list().into_iter().flat_map(|it| it.args());
    let (Some(file), Some(content)) = (arguments.next(), arguments.next()) else { return };
    let named = secret_content(&content, cx).map(|name| (name, Confidence::Likely));
    let named = named.or_else(|| {
        let name = secret_path(&file, cx)?;
        Some((name, Confidence::Likely))
    });
    let Some((name, confidence)) = named else { return };
    report(&ast::Expr::CallExpr(call.clone()), &name, confidence, cx);
}

/// `File::create(key_path)`
fn check_create(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    if !path.ends_with("File::create") && !path.ends_with("File::create_new") {
        return;
    }
    let Some(file) = call.arg_list().and_then(|it| it.args().next()) else { return };
    let expr = ast::Expr::CallExpr(call.clone());
    let name = secret_path(&file, cx).or_else(|| written_into(&expr, cx));
    if let Some(name) = name {
        report(&expr, &name, Confidence::Likely, cx);
    }
}

/// `OpenOptions::new().write(true).create(true).open(key_path)`
fn check_open(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(receiver) = call.receiver() else { return };
    let options = compact(receiver.syntax());
    if !options.contains("OpenOptions") || !options.contains(".create") {
        return;
    }
    let Some(file) = call.arg_list().and_then(|it| it.args().next()) else { return };
    let expr = ast::Expr::MethodCallExpr(call.clone());
    let name = secret_path(&file, cx).or_else(|| written_into(&expr, cx));
    if let Some(name) = name {
        report(&expr, &name, Confidence::Likely, cx);
    }
}

/// `.mode(0o644)` of a file for a secret.
fn check_mode(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(mode) = call.arg_list().and_then(|it| it.args().next()) else { return };
    let mode = mode.syntax().text().to_string();
    let is_open = mode.strip_prefix("0o").is_some_and(|digits| {
        let digits = digits.trim_start_matches('0');
        digits.len() == 3 && !digits.ends_with("00")
    });
    let chain = call.syntax().ancestors().filter_map(ast::MethodCallExpr::cast);
    let open = chain.take(6).find(|it| it.name_ref().is_some_and(|name| name.text() == "open"));
    let Some(open) = open.filter(|_| is_open) else { return };
    let Some(file) = open.arg_list().and_then(|it| it.args().next()) else { return };
    let expr = ast::Expr::MethodCallExpr(open);
    let name = secret_path(&file, cx).or_else(|| written_into(&expr, cx));
    if let Some(name) = name {
        let message = format!("`{name}` is written to a file with the mode `{mode}`");
        let report = Report::new(method_range(call), message).confidence(Confidence::Likely);
        cx.report(call.syntax(), report);
    }
}

fn report(call: &ast::Expr, name: &str, confidence: Confidence, cx: &mut Context<'_>) {
    let Some(function) = cx.function(call.syntax()) else { return };
    let names = cx.names_in(function.syntax());
    let is_for_others = function_name(cx, call.syntax())
        .is_some_and(|it| has_any_word(&it, &["encrypted", "encrypt", "public", "pub"]));
    if names.has_any(NARROWING) || names.has_words(NARROWING_WORDS) || is_for_others {
        return;
    }
    let message = format!("`{name}` is written to a file without an owner-only mode");
    cx.report(call.syntax(), Report::new(call_range(call), message).confidence(confidence));
}

/// The name of the secret that an expression is, or is made of.
fn secret_content(content: &ast::Expr, cx: &Context<'_>) -> Option<String> {
    let text = compact(content.syntax());
    if has_any_word(&text, PUBLIC_WORDS) {
        return None;
    }
    let exported = EXPORTING.iter().find(|it| text.contains(&format!("{it}(")));
    if let Some(name) = exported {
        return Some((*name).to_string());
    }
    let root = chain_root(content);
    // `serde_json::to_string(&self.credentials)?`
    if let ast::Expr::CallExpr(call) = &root {
        let of_serde = callee(call).is_some_and(|it| it.contains("::to_"));
        let value = call.arg_list().and_then(|it| it.args().next()).filter(|_| of_serde)?;
        let name = last_name(&value)?;
        let kept = has_any_word(&name, &["credentials", "keypair", "keystore", "secrets"]);
        return (kept || is_secret(&name, &cx.file().secret_names)).then_some(name);
    }
    let name = last_name(&root)?;
    if is_secret(&name, &cx.file().secret_names) {
        return Some(name);
    }
    // `let pem = key.serialize_private_key_pem();`
    let value = initializer(cx, content.syntax(), &identifier(&root)?)?;
    let text = compact(value.syntax());
    let exported = EXPORTING.iter().find(|it| text.contains(&format!("{it}(")));
    exported.filter(|_| !has_any_word(&text, &["encrypted", "public"])).map(|_| name)
}

fn is_secret(name: &str, names: &SecretNames) -> bool {
    let kind = names.bytes_kind(name);
    matches!(kind, Some(SecretKind::Key | SecretKind::Password))
        || matches!(kind, Some(SecretKind::Token | SecretKind::Other))
            && has_any_word(name, &["secret", "token", "seed", "mnemonic", "credentials"])
            && words(name).count() > 1
}

/// What a path says of the secret in its file: `key_path`, `dir.join("id_ed25519")`.
fn secret_path(path: &ast::Expr, cx: &Context<'_>) -> Option<String> {
    let literal = path.syntax().descendants_with_tokens().filter_map(|it| it.into_token());
    let literal = literal.filter_map(|it| crate::semantics::literals::text_of(&it)).last();
    if let Some(text) = literal {
        return is_secret_file(&text).then_some(text);
    }
    let name = last_name(path)?;
    if let Some(value) = identifier(path).and_then(|it| initializer(cx, path.syntax(), &it)) {
        let tokens = value.syntax().descendants_with_tokens().filter_map(|it| it.into_token());
        let text = tokens.filter_map(|it| crate::semantics::literals::text_of(&it)).last();
        if text.as_deref().is_some_and(is_secret_file) {
            return text;
        }
    }
    let base =
        ["_path", "_file", "_filename", "_location"].iter().find_map(|it| name.strip_suffix(it));
    let base = base?;
    let is_key = matches!(base, "key" | "tls_key" | "ssl_key" | "server_key" | "keyfile")
        || is_secret(base, &cx.file().secret_names);
    (is_key && !has_any_word(base, PUBLIC_WORDS)).then_some(name)
}

/// Whether the name of a file says that a secret is in it.
fn is_secret_file(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    let lower = name.to_ascii_lowercase();
    if has_any_word(&lower, PUBLIC_WORDS) || lower.contains('{') {
        return false;
    }
    let is_private =
        has_any_word(&lower, &["private", "secret", "secrets", "credentials", "privkey"]);
    let is_key = lower.ends_with(".key")
        || has_any_word(&lower, &["key"]) && (lower.ends_with(".pem") || lower.ends_with(".der"))
        || matches!(lower.as_str(), "id_rsa" | "id_ed25519" | "id_ecdsa");
    let is_code = [".rs", ".md", ".html", ".txt.j2"].iter().any(|it| lower.ends_with(it));
    (is_key || is_private) && !is_code
}

/// The secret that is written into the file that a call opens: `file.write_all(&private_key)`.
fn written_into(open: &ast::Expr, cx: &Context<'_>) -> Option<String> {
    let statement = open.syntax().ancestors().find_map(ast::LetStmt::cast)?;
    let ast::Pat::IdentPat(pat) = statement.pat()? else { return None };
    let file = pat.name()?.text().to_string();
    let list: SyntaxNode = statement.syntax().parent()?;
    let mut calls = list.descendants().filter_map(ast::MethodCallExpr::cast);
    calls.find_map(|call| {
        let writes = call.name_ref()?.text() == "write_all";
        let receiver = call.receiver().as_ref().and_then(identifier)?;
        let content = call.arg_list()?.args().next()?;
        (writes && receiver == file).then(|| secret_content(&content, cx)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn secrets_in_files_with_the_mode_of_the_umask_are_reported() {
        check(
            &RULE,
            r#"
fn save(&self, path: &Path) -> Result<()> {
    std::fs::write(path, &self.private_key)?;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-file-mode: `private_key` is written to a file without an owner-only mode
    fs::write(dir.join("server.key"), pem)?;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-file-mode
    tokio::fs::write(&self.key_path, made.key_pair.serialize_pem()).await?;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-file-mode
    let pem = key.to_pkcs8_pem(LineEnding::LF)?;
    fs::write(path, pem.as_bytes())?;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-file-mode
}
fn create(path: &Path, signing_key: &SigningKey) -> Result<()> {
    let mut file = File::create(path)?;
                 //^^^^^^^^^^^^^^^^^^ secret-file-mode
    file.write_all(&signing_key.to_bytes())?;
}
fn open(dir: &Path) -> Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).open(dir.join("id_ed25519"))?;
                                                             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-file-mode
}
fn wide(key_file: &Path) -> Result<()> {
    let file = OpenOptions::new().write(true).create(true).mode(0o644).open(key_file)?;
                                                         //^^^^^^^^^^^ secret-file-mode: `key_file` is written to a file with the mode `0o644`
}
"#,
        );
    }

    #[test]
    fn narrow_modes_and_public_files_are_left_alone() {
        silent(
            &RULE,
            r#"
fn save(&self, path: &Path) -> Result<()> {
    fs::write(path, &self.private_key)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
}
fn opened(key_path: &Path) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(key_path)?;
}
fn public(dir: &Path, public_key: &[u8]) -> Result<()> {
    fs::write(dir.join("server.crt"), cert.pem())?;
    fs::write(dir.join("id_ed25519.pub"), public_key)?;
    fs::write(path, encrypted_key)?;
    fs::write(path, config)?;
    fs::read("server.key")?;
    File::open("server.key")?;
}
fn token_count(path: &Path, token_count: usize) { fs::write(path, token_count.to_string()); }
#[test]
fn t() { fs::write("server.key", key); }
"#,
        );
    }
}
