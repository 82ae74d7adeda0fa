//! Key material that stays in memory after its use.
//!
//! A plain `Vec<u8>` or array is freed with its bytes in place. They are found again in core dumps, in
//! swapped pages, and by the next bug that reads memory it should not.
//!
//! ```rust,bad
//! pub struct SessionKeys {
//!     private_key: [u8; 32],
//! }
//! ```
//!
//! Overwrite them as the value is dropped, by `Zeroizing` or by a derive:
//!
//! ```rust
//! use zeroize::Zeroizing;
//!
//! pub struct SessionKeys {
//!     private_key: Zeroizing<[u8; 32]>,
//! }
//! ```
//!
//! Reported are fields that are keys by their names and hold plain bytes, in types that neither derive
//! `ZeroizeOnDrop` nor implement `Drop`. Text, settings, messages and rows are likely to be copied
//! anyway, and hidden by default (`--confidence possible`).

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::project::derives;
use crate::semantics::secrets::{
    SecretField, SecretKind, TypeContent, is_message, is_settings, secret_fields,
};
use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::compact_text;
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;

pub static RULE: Rule = Rule {
    id: "secret-not-zeroized",
    severity: Severity::Low,
    raised_when_critical: false,
    cwe: &[226, 316],
    seeds: &["C.secrets"],
    source: include_str!("secret_not_zeroized.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// Traits whose implementation overwrites a value, or may.
const OVERWRITING: &[&str] = &["Drop", "PinnedDrop", "Zeroize", "ZeroizeOnDrop"];

/// Words of keys that others know as well, or that were made unreadable.
const PUBLIC_WORDS: &[&str] = &[
    "encapsulation", "encrypted", "hash", "hashed", "pub", "public", "sealed", "verifying",
    "wrapped",
];

/// Words of types that only carry keys from one place to another.
const CARRYING_WORDS: &[&str] =
    &["args", "backup", "export", "params", "record", "request", "response", "row", "stored"];

fn check(item: &ast::Struct, cx: &mut Context<'_>) {
    let node = item.syntax();
    let names = cx.file().secret_names.clone();
    if !names.may_occur_in(node.green()) {
        return;
    }
    let Some(owner) = item.name().map(|it| it.text().to_string()) else { return };
    let is_overwritten = derives(node).iter().any(|it| OVERWRITING.contains(&it.as_str()))
        || green_attrs(node.green()).any(|attr| compact_text(attr).contains("eroize"));
    if is_overwritten || has_any_word(&owner, PUBLIC_WORDS) {
        return;
    }
    let is_carrier =
        is_settings(&owner) || is_message(&owner) || has_any_word(&owner, CARRYING_WORDS);
    for field in secret_fields(node, &names) {
        let Some(ty) = plain_type(&field) else { continue };
        let Some(confidence) = confidence(&field, &owner, is_carrier) else { continue };
        let message =
            format!("`{}` is key material that is not zeroized on drop", field.label(&owner));
        let report = Report::new(field.range, message)
            .note(format!("`{ty}` is freed with its bytes in place"))
            .confidence(confidence);
        let owner = owner.clone();
        cx.report(
            node,
            report.when(move |symbols| {
                !symbols.impls(&owner).any(|it| {
                    let name = it.of_trait.split('<').next().unwrap_or(&it.of_trait);
                    OVERWRITING.contains(&name)
                })
            }),
        );
    }
}

/// The type of a field that owns plain bytes or text: `Vec<u8>`, `[u8; 32]`, `String`, `Box<[u8]>`.
fn plain_type(field: &SecretField) -> Option<String> {
    let ty = field.node.children().find_map(ast::Type::cast)?;
    let attributes = field.node.children().filter_map(ast::Attr::cast);
    let is_handled = attributes.map(|it| compact(it.syntax())).any(|it| it.contains("zeroize"));
    let text = ty.syntax().text().to_string();
    let flat = compact(ty.syntax());
    let inner = flat.strip_prefix("Option<").and_then(|it| it.strip_suffix('>')).unwrap_or(&flat);
    let is_array = inner.starts_with("[u8;");
    let is_plain = is_array || matches!(inner, "Vec<u8>" | "Box<[u8]>" | "String");
    (is_plain && !is_handled).then_some(text)
}

/// How sure it is that a field holds a key of the program's own.
fn confidence(field: &SecretField, owner: &str, is_carrier: bool) -> Option<Confidence> {
    let name = &field.name;
    if has_any_word(name, PUBLIC_WORDS) || field.secret.is_address || name == "identity" {
        return None;
    }
    let is_key = match field.secret.kind {
        SecretKind::Key => true,
        SecretKind::Other => has_any_word(name, &["secret", "seed"]) || field.is_numbered(),
        SecretKind::Password | SecretKind::Token => false,
    };
    if !is_key {
        return None;
    }
    let is_sure = has_any_word(name, SURE_WORDS) || has_any_word(owner, SURE_WORDS);
    let sure = field.secret.content == TypeContent::Bytes && !is_carrier && is_sure;
    Some(if sure { Confidence::Likely } else { Confidence::Possible })
}

/// Words of keys that can be nothing else.
const SURE_WORDS: &[&str] = &[
    "decryption", "derived", "dk", "encryption", "ephemeral", "identity", "master", "private",
    "privkey", "scalar", "secret", "seed", "session", "shared", "signing", "symmetric", "wrapping",
];

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn plain_key_material_is_reported() {
        check(
            &RULE,
            r#"
pub struct HybridSecretKey {
    ml_kem_secret_key: Vec<u8>,
  //^^^^^^^^^^^^^^^^^ secret-not-zeroized: `ml_kem_secret_key` is key material that is not zeroized on drop
    x25519_secret_key: [u8; 32],
  //^^^^^^^^^^^^^^^^^ secret-not-zeroized
    generation: u32,
}
struct SigningKey([u8; 32]);
                //^^^^^^^^ secret-not-zeroized: `SigningKey.0` is key material that is not zeroized on drop
struct Session {
    session_key: Option<Box<[u8]>>,
  //^^^^^^^^^^^ secret-not-zeroized
    peer: SocketAddr,
}
#[derive(Clone)]
struct Vault { master_key: [u8; KEY_LEN] }
             //^^^^^^^^^^ secret-not-zeroized
"#,
        );
    }

    #[test]
    fn zeroized_and_other_fields_are_left_alone() {
        silent(
            &RULE,
            r#"
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct IdentityKeyPair { public_key: [u8; 32], private_key: [u8; 32] }
struct Wrapped { private_key: Zeroizing<[u8; 32]>, secret_key: SecretBox<[u8]> }
struct Own { private_key: [u8; 32] }
impl Drop for Own { fn drop(&mut self) { self.private_key.fill(0); } }
#[zeroize(drop)]
struct Older { private_key: [u8; 32] }
struct Borrowed<'a> { private_key: &'a [u8] }
struct Public { public_key: [u8; 32], encrypted_private_key: Vec<u8>, key_id: String }
struct Typed { signing_key: ed25519_dalek::SigningKey }
struct Map { key: String, cache_key: Vec<u8>, token: String }
#[cfg(test)]
mod tests { struct Key { private_key: [u8; 32] } }
"#,
        );
    }
}
