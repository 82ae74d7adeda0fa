//! Key material in a public field.
//!
//! Every crate that has the value can read, copy and replace its key. The key can get out of step
//! with what was derived from it, and no single place can zeroize it or audit its use.
//!
//! ```rust,bad
//! pub struct HybridSecretKey {
//!     pub classical: Box<[u8]>,
//! }
//! ```
//!
//! Keep the field private and offer the operations that need the key, or a borrowed view of it:
//!
//! ```rust
//! pub struct HybridSecretKey {
//!     classical: Box<[u8]>,
//! }
//! impl HybridSecretKey {
//!     pub fn sign(&self, message: &[u8]) -> Signature { sign(&self.classical, message) }
//! }
//! ```
//!
//! Settings, rows of a database, and types named as requests or responses have to be filled in by
//! others and are not reported. Where the library is part of a program the severity is low.

use super::AREA;
use crate::analysis::{
    Applicability, Confidence, Context, Fix, FixContext, On, Opportunity, Query, Report, Rule,
    Severity,
};
use crate::project::{Role, SymbolIndex, derives};
use crate::semantics::secrets::{
    SecretField, SecretKind, SecretNames, TypeContent, is_message, is_settings, secret_fields,
};
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::{compact_text, is_fully_public};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "exposed-secret",
    opportunity: Opportunity::Fields,
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[200],
    seeds: &["A.H3"],
    source: include_str!("exposed_secret.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// Derives of types that a parser of the command line or a database fills in.
const FILLING_DERIVES: &[&str] = &[
    "Args", "AsChangeset", "DeriveEntityModel", "DeriveModel", "FromRow", "Identifiable",
    "Insertable", "Message", "Parser", "Queryable", "QueryableByName", "Row", "Selectable",
];

fn check(item: &ast::Struct, cx: &mut Context<'_>) {
    let node = item.syntax();
    if !is_fully_public(node.green()) || !in_public_modules(node) {
        return;
    }
    let names = cx.file().secret_names.clone();
    if !names.may_occur_in(node.green()) {
        return;
    }
    let Some(name) = item.name().map(|name| name.text().to_string()) else { return };
    let derives = derives(node);
    let is_derived = |list: &[&str]| derives.iter().any(|it| list.contains(&it.as_str()));
    let is_row = is_derived(FILLING_DERIVES)
        || green_attrs(node.green()).any(|attr| compact_text(attr).contains("table_name"));
    if is_settings(&name) || is_message(&name) || is_row {
        return;
    }
    let is_read = is_derived(&["Deserialize"]);
    for field in secret_fields(node, &names) {
        // What is read from a file as a text is a setting.
        let is_setting = is_read && field.secret.content == TypeContent::Text;
        if field.public && !is_setting && is_key_material(&field, &names) {
            report(node, &name, field, cx);
        }
    }
}

fn report(item: &SyntaxNode, owner: &str, field: SecretField, cx: &mut Context<'_>) {
    let Some(visibility) = field.node.children().find_map(ast::Visibility::cast) else { return };
    let range = cx.file_range(visibility.syntax().text_range());
    let message = format!("`{}` is key material in a public field", field.label(owner));
    let mut report = Report::new(field.range, message);
    if cx.file().package.as_ref().is_some_and(|it| it.has_program && !it.published) {
        report = report.lowered(Severity::Low, "the library is part of a program");
    }
    if field.secret.content == TypeContent::Text {
        report = report.confidence(Confidence::Likely);
    }
    let path = cx.file().path.clone();
    let (name, content, owner) =
        (field.name.clone(), field.secret.content.clone(), owner.to_string());
    let type_name = owner.clone();
    let report = report
        .when(move |symbols| {
            is_reachable(symbols, &path, &type_name)
                && match &content {
                    TypeContent::Text => !symbols.is_used_as_path(&path, &name),
                    TypeContent::Named(ty) => may_hold_key(symbols, ty, MAX_DEPTH),
                    _ => true,
                }
        })
        .fix(move |context| fixes(context, &owner, &field, range));
    cx.report(item, report);
}

fn is_key_material(field: &SecretField, names: &SecretNames) -> bool {
    let secret_word = || words(&field.name).any(|word| word == "secret");
    match (&field.secret.content, field.secret.kind) {
        (TypeContent::Text | TypeContent::Bytes, SecretKind::Key) => true,
        (TypeContent::Bytes, SecretKind::Other) => secret_word() || field.is_numbered(),
        (TypeContent::Named(ty), SecretKind::Key) => names.type_kind(ty) == Some(SecretKind::Key),
        _ => false,
    }
}

/// How many types are entered on the way to a key.
const MAX_DEPTH: usize = 3;

/// Whether a type may hold a key: one of another crate, or one with texts or bytes in it. An enum of
/// places where a key lies has none.
fn may_hold_key(symbols: &SymbolIndex, ty: &str, depth: usize) -> bool {
    let mut defs = symbols.types(ty).peekable();
    let Some(below) = depth.checked_sub(1) else { return false };
    defs.peek().is_none()
        || defs.any(|def| {
            let of_variants = def.variants.iter().flat_map(|variant| &variant.fields);
            def.fields.iter().chain(of_variants).any(|(_, ty)| match TypeContent::of(ty) {
                TypeContent::Named(inner) => may_hold_key(symbols, &inner, below),
                content => content.is_plain() || content == TypeContent::Redacted,
            })
        })
}

fn in_public_modules(item: &SyntaxNode) -> bool {
    item.ancestors()
        .filter(|node| node.kind() == SyntaxKind::MODULE)
        .all(|module| is_fully_public(module.green()))
}

fn is_reachable(symbols: &SymbolIndex, path: &str, name: &str) -> bool {
    let Some(module) = symbols.module(path) else { return false };
    let is_lib = symbols.packages().owner(path).is_some_and(|it| it.role(path) == Role::Lib);
    is_lib
        && (module.public
            || symbols.is_reexported(path, name)
            || symbols.is_reexported(path, &format!("*{}", module.name)))
}

/// A narrower visibility, when every place that names the field is in view. A tuple's field is
/// used by its number, which tells nothing.
fn fixes(
    context: &FixContext<'_>,
    owner: &str,
    field: &SecretField,
    visibility: FileRange,
) -> Vec<Fix> {
    if field.is_numbered() {
        return Vec::new();
    }
    let own = context.file.path.as_str();
    let own_package = context.symbols.packages().owner(own);
    let mut in_crate = false;
    for path in context.symbols.files().filter(|path| *path != own) {
        let Some(text) = context.text_of(path) else { return Vec::new() };
        if !has_word(&text, &field.name) && !builds(&text, owner) {
            continue;
        }
        let package = context.symbols.packages().owner(path);
        let inside = package == own_package
            && package.is_some_and(|package| package.role(path) == Role::Lib);
        if !inside {
            return Vec::new();
        }
        in_crate = true;
    }
    // A private field can be used below the module that declares it, not above.
    let module = context
        .root
        .covering_element(visibility.to_file_tree())
        .ancestors()
        .find(|node| matches!(node.kind(), SyntaxKind::MODULE | SyntaxKind::SOURCE_FILE));
    let in_module = module.is_some_and(|module| module.kind() == SyntaxKind::SOURCE_FILE);
    let (title, edit) = if in_crate || !in_module {
        let edit = TextEdit::replace(visibility, "pub(crate)".to_string());
        (format!("Restrict `{}` to `pub(crate)`", field.name), edit)
    } else {
        // With the white space after it.
        let end = context.text();
        let rest = end.get(usize::from(visibility.end())..).unwrap_or_default();
        let space = rest.len() - rest.trim_start().len();
        let range = FileRange::new(
            visibility.start(),
            visibility.end() + crate::text::TextSize::new(space as u32),
        );
        (format!("Make `{}` private", field.name), TextEdit::delete(range))
    };
    vec![context.here(title, Applicability::Suggested, vec![edit])]
}

/// Whether a text names the field anywhere, in code, comments and strings alike.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether a text may build or take apart a value of the type with braces, which needs all fields.
fn builds(text: &str, owner: &str) -> bool {
    text.match_indices(owner).any(|(at, _)| {
        let after = text.get(at + owner.len()..).unwrap_or_default().trim_start();
        after.starts_with(['{', '<']) || after.starts_with("as ") || after.starts_with("::<")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn key_fields_are_reported_by_their_name_or_by_that_of_their_type() {
        check(
            &RULE,
            r#"
pub struct Identity {
    pub name: String,
    pub private_key: Vec<u8>,
      //^^^^^^^^^^^ exposed-secret: `private_key` is key material in a public field
    pub public_key: Vec<u8>,
    pub signing_key: ed25519_dalek::SigningKey,
      //^^^^^^^^^^^ exposed-secret
    pub session_key: Zeroizing<[u8; 32]>,
      //^^^^^^^^^^^ exposed-secret
}
pub struct HybridKemSecretKey {
    pub classical: Box<[u8]>,
      //^^^^^^^^^ exposed-secret
    pub ml_kem: MlKemSecretKey,
      //^^^^^^ exposed-secret
    pub public: Box<[u8]>,
    pub created: u64,
}
pub struct SecretKey(pub [u8; 32]);
                       //^^^^^^^^ exposed-secret: `SecretKey.0` is key material in a public field
pub mod inner {
    pub struct SharedSecret(pub Vec<u8>);
                              //^^^^^^^ exposed-secret
}
"#,
        );
    }

    #[test]
    fn what_others_cannot_reach_or_must_fill_in_is_left_alone() {
        silent(
            &RULE,
            r#"
//- src/lib.rs
mod hidden;
pub struct Identity {
    private_key: Vec<u8>,
    pub(crate) signing_key: SigningKey,
    pub(super) session_key: [u8; 32],
    pub secret_key: SecretBox<[u8]>,
    pub token_key: Arc<dyn TokenKey>,
    pub signing_key_id: String,
    pub session_key_count: usize,
    pub api_key: String,
    pub client_secret: String,
    /// The member's public HPKE key.
    pub encryption_key: Vec<u8>,
}
pub struct PublicKey(pub [u8; 32]);
pub struct HybridPublicKey { pub classical: Box<[u8]> }
pub struct TlsConfig { pub private_key: Vec<u8> }
pub struct PrivateKeyDigest(pub [u8; 32]);
pub enum PrivateKeyPlace { File(PathBuf), Environment }
pub struct Info {
    pub private_key_digest: PrivateKeyDigest,
    pub private_key_enc: Vec<u8>,
    pub signing_key: SigningKey,
    /// Path of the key.
    pub tls_private_key: String,
    pub session_key: String,
}
pub enum SigningKey { File(PathBuf), Environment }
#[derive(Deserialize)]
pub struct S3 { pub secret_key: Option<String> }
#[derive(sqlx::FromRow)]
pub struct Device { pub private_key: Vec<u8> }
pub struct GenerateKeyResponse { pub private_key: Vec<u8> }
pub(crate) struct SecretKey(pub [u8; 32]);
struct PrivateKey { pub bytes: Vec<u8> }
mod inner { pub struct SecretKey(pub [u8; 32]); }
#[cfg(test)]
mod tests { pub struct SecretKey(pub [u8; 32]); }
//- src/hidden.rs
pub struct SecretKey(pub [u8; 32]);
"#,
        );
    }

    #[test]
    fn a_reexported_type_is_reachable() {
        check(
            &RULE,
            r#"
//- src/lib.rs
mod keys;
pub use keys::SecretKey;
//- src/keys.rs
pub struct SecretKey(pub [u8; 32]);
                       //^^^^^^^^ exposed-secret
pub struct PrivateKey(pub [u8; 32]);
"#,
        );
    }

    #[test]
    fn a_program_exposes_nothing() {
        silent(
            &RULE,
            r#"//- src/main.rs
pub struct SecretKey(pub [u8; 32]);
"#,
        );
    }

    #[test]
    fn the_visibility_is_narrowed_to_where_the_field_is_used() {
        check_fix(
            &RULE,
            "Make `private_key` private",
            r#"
//- src/lib.rs
pub struct Identity { pub private_key: Vec<u8> }
fn f(it: Identity) { g(it.private_key) }
//- src/other.rs
fn f() { private_keys() }
"#,
            r#"
//- src/lib.rs
pub struct Identity { private_key: Vec<u8> }
fn f(it: Identity) { g(it.private_key) }
"#,
        );
        check_fix(
            &RULE,
            "Restrict `private_key` to `pub(crate)`",
            r#"
//- src/lib.rs
mod other;
pub struct Identity { pub private_key: Vec<u8> }
//- src/other.rs
fn f(it: Identity) { g(it.private_key) }
"#,
            r#"
//- src/lib.rs
mod other;
pub struct Identity { pub(crate) private_key: Vec<u8> }
"#,
        );
        no_fix(
            &RULE,
            r#"
//- src/lib.rs
pub struct Identity { pub private_key: Vec<u8> }
//- tests/it.rs
fn f(it: Identity) { g(it.private_key) }
"#,
        );
        no_fix(&RULE, "pub struct SecretKey(pub [u8; 32]);\n");
    }
}
