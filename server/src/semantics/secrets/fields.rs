//! The fields of a type that hold secrets.

use super::names::{SecretKind, SecretNames, is_about_parsing, is_bare_token, is_position_token};
use super::types::{TypeContent, is_list, is_settings};
use crate::syntax::ast::{self, HasName, HasVisibility};
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::compact_text;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, TextRange};

/// What a field holds by its name and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSecret {
    /// What kind of secret it is.
    pub kind: SecretKind,
    /// What its type is made of.
    pub content: TypeContent,
    /// It is the address of a database or a broker, which has a password in it.
    pub is_address: bool,
}

impl SecretNames {
    /// The secret that a field or a variable of this name and type holds.
    pub fn secret_in(&self, name: &str, ty: &str) -> Option<FieldSecret> {
        let content = TypeContent::of(ty);
        let is_address = self.is_address_with_password(name);
        if is_address && (content == TypeContent::Text || content.is_url()) {
            let content = TypeContent::Text;
            return Some(FieldSecret { kind: SecretKind::Other, content, is_address });
        }
        let kind = match content {
            TypeContent::Text if is_list(ty) => self.list_kind(name),
            TypeContent::Text => self.kind(name),
            _ => self.bytes_kind(name),
        }?;
        Some(FieldSecret { kind, content, is_address: false })
    }
}

/// A field that holds a secret by its name, or by that of the type it is in.
#[derive(Debug, Clone)]
pub struct SecretField {
    /// A `RECORD_FIELD` or `TUPLE_FIELD`.
    pub node: SyntaxNode,
    /// The name, or the number of a tuple's field.
    pub name: String,
    /// Of the name; of the type in a tuple.
    pub range: TextRange,
    /// What it holds.
    pub secret: FieldSecret,
    /// Nothing but `pub` before it.
    pub public: bool,
}

impl SecretField {
    /// What to call the field in a message: its name, or `Owner.0` in a tuple.
    pub fn label(&self, owner: &str) -> String {
        match self.is_numbered() {
            true => format!("{owner}.{}", self.name),
            false => self.name.clone(),
        }
    }

    /// Whether it is a field of a tuple, which has a number for a name.
    pub fn is_numbered(&self) -> bool {
        self.name.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Fields of a piece of text: what has them calls a word a token.
const TEXT_POSITION_FIELDS: &[&str] =
    &["col", "column", "kind", "lemma", "line", "offset", "pos", "span", "start"];

/// Words of fields in a type of keys that are not the key.
const PUBLIC_PARTS: &[&str] =
    &["checksum", "hash", "id", "iv", "nonce", "pub", "public", "salt", "verifying"];

/// Fields of an entry of `/etc/passwd` or `/etc/group`, whose password is an `x`.
const ACCOUNT_FIELDS: &[&str] = &["gecos", "gid", "last_change", "shell", "uid"];

/// Words that the documentation of a field opens with when it holds no secret: what the value is, or
/// what was done to it.
const DOCUMENTED_NOUNS: &[&str] = &[
    "digest", "encrypted", "file", "filename", "fingerprint", "hash", "hashed", "id", "identifier",
    "location", "name", "names", "number", "path", "paths", "place", "reference", "whether",
    "where",
];

/// Words that end the first noun phrase of a documentation.
const PHRASE_ENDS: &[&str] = &[
    "as", "at", "by", "containing", "for", "from", "holding", "in", "is", "of", "on", "that",
    "the", "to", "under", "used", "which", "with",
];

/// Words of enums whose variants are named for what went wrong.
const ERROR_WORDS: &[&str] = &["err", "error", "errors", "failure", "problem"];

/// The fields of a struct, enum or union that hold secrets.
pub fn secret_fields(item: &SyntaxNode, names: &SecretNames) -> Vec<SecretField> {
    if !names.may_occur_in(item.green()) {
        return Vec::new();
    }
    let Some(owner) = item.children().find_map(ast::Name::cast) else { return Vec::new() };
    let owner = owner.text().to_string();
    let owner_kind = names.type_kind(&owner);
    let is_error = || is_error_type(item, &owner);
    let are_settings = is_settings(&owner);
    let mut fields = Vec::new();
    for node in item.descendants() {
        let found = if let Some(field) = ast::RecordField::cast(node.clone()) {
            record_field(&field, owner_kind, are_settings, names)
        } else if let Some(field) = ast::TupleField::cast(node.clone()) {
            tuple_field(&field, owner_kind, names).filter(|_| !is_error())
        } else {
            None
        };
        fields.extend(found);
    }
    let has_field = |list: &[&str]| {
        let mut fields = item.descendants().filter_map(ast::RecordField::cast);
        fields.any(|it| it.name().is_some_and(|name| list.contains(&name.text())))
    };
    // What a type of keys has beside the field that is called a key is about the key.
    let is_named = |field: &SecretField| names.secret_in(&field.name, "[u8]").is_some();
    if fields.iter().any(is_named) {
        fields.retain(|it| it.secret.kind != SecretKind::Key || it.is_numbered() || is_named(it));
    }
    let parses = is_about_parsing(&owner) || has_field(TEXT_POSITION_FIELDS);
    fields.retain(|field| {
        let is_entry = has_any_word(&field.name, &["passwd"]) && has_field(ACCOUNT_FIELDS);
        !(is_bare_token(&field.name) && parses || is_entry || is_path_by_neighbour(field, item))
            // Elsewhere it is the id of a secret.
            && (!field.name.ends_with("secret_id")
                || has_field(&["role_id", "role_name", "secret_id_accessor"])
                || has_any_word(&owner, &["approle"]))
    });
    fields
}

/// Whether a text called `private_key` stands beside one called `certificate`: settings hold the
/// paths of both.
fn is_path_by_neighbour(field: &SecretField, item: &SyntaxNode) -> bool {
    let is_key = words(&field.name).last().is_some_and(|it| it == "key")
        && field.secret.content == TypeContent::Text;
    is_key
        && is_settings_of_certificates(&field.name)
        && item.descendants().filter_map(ast::RecordField::cast).any(|it| {
            let name = it.name().map(|it| it.text().to_string()).unwrap_or_default();
            let last = words(&name).last();
            last.is_some_and(|it| matches!(it.as_str(), "cert" | "certificate"))
                && it.ty().is_some_and(|ty| {
                    TypeContent::of(&ty.syntax().text().to_string()) == TypeContent::Text
                })
        })
}

/// Whether a key is one that a certificate belongs to.
fn is_settings_of_certificates(name: &str) -> bool {
    has_any_word(name, &["private", "ssl", "tls"])
}

/// Whether a type is an error, by its name or by what its attributes derive and say.
fn is_error_type(item: &SyntaxNode, owner: &str) -> bool {
    let says = |node: &SyntaxNode, marks: &[&str]| {
        green_attrs(node.green()).any(|attr| {
            let text = compact_text(attr);
            marks.iter().any(|mark| text.contains(mark))
        })
    };
    has_any_word(owner, ERROR_WORDS)
        || says(item, &["Error", "Snafu", "Fail)", "Fail,"])
        || item
            .descendants()
            .filter(|it| it.kind() == SyntaxKind::VARIANT)
            .any(|variant| says(&variant, &["#[error(", "#[snafu(", "#[fail(", "#[diagnostic("]))
}

fn record_field(
    field: &ast::RecordField,
    owner_kind: Option<SecretKind>,
    are_settings: bool,
    names: &SecretNames,
) -> Option<SecretField> {
    let name = field.name()?;
    let text = name.text().to_string();
    let ty = field.ty()?.syntax().text().to_string();
    let secret = match names.secret_in(&text, &ty) {
        Some(secret) => secret,
        None if is_password_by_neighbour(&text, field) => FieldSecret {
            kind: SecretKind::Password,
            content: TypeContent::of(&ty),
            is_address: false,
        },
        // Nobody configures a place in a listing.
        None if are_settings && is_position_token(&text) => FieldSecret {
            kind: SecretKind::Token,
            content: TypeContent::of(&ty),
            is_address: false,
        },
        None => {
            let content = TypeContent::of(&ty);
            let is_key = match &content {
                TypeContent::Bytes => true,
                TypeContent::Named(ty) => names.type_kind(ty).is_some(),
                _ => false,
            };
            let by_owner = owner_kind.filter(|kind| {
                *kind == SecretKind::Key && is_key && !has_any_word(&text, PUBLIC_PARTS)
            });
            FieldSecret { kind: by_owner?, content, is_address: false }
        }
    };
    if is_documented_as_other(field.syntax()) {
        return None;
    }
    Some(SecretField {
        node: field.syntax().clone(),
        range: name.syntax().text_range(),
        name: text,
        secret,
        public: is_public(field.visibility()),
    })
}

/// Whether a field called `pass` stands beside the name of a user.
fn is_password_by_neighbour(name: &str, field: &ast::RecordField) -> bool {
    let is_pass = words(name).last().is_some_and(|it| it == "pass");
    let Some(list) = field.syntax().parent().filter(|_| is_pass) else { return false };
    list.children().filter_map(ast::RecordField::cast).any(|it| {
        it.name().is_some_and(|name| {
            words(name.text()).last().is_some_and(|it| {
                matches!(it.as_str(), "user" | "username" | "login" | "email" | "host")
            })
        })
    })
}

/// Whether the documentation of a field says that it holds something about a secret, or the public
/// part of a pair: the first noun phrase tells what it is.
fn is_documented_as_other(field: &SyntaxNode) -> bool {
    let comments = field.children_with_tokens().filter_map(NodeOrToken::into_token);
    let comments = comments.filter(|token| token.kind() == SyntaxKind::COMMENT);
    let text = comments.map(|it| it.text().trim_start_matches(['/', ' ']).to_string());
    let text = text.collect::<Vec<_>>().join(" ").to_lowercase();
    let is_public =
        text.contains("public") && !text.contains("private") && !text.contains("secret");
    let phrase = text.split([',', '.', ';', ':', '(']).next().unwrap_or_default();
    let list: Vec<&str> = phrase.split_whitespace().collect();
    let articles = list.iter().take_while(|it| matches!(**it, "the" | "a" | "an")).count();
    let nouns = list.iter().skip(articles).take_while(|it| !PHRASE_ENDS.contains(*it));
    let nouns: Vec<&str> = nouns.copied().collect();
    let is_said = |word: Option<&&str>| word.is_some_and(|it| DOCUMENTED_NOUNS.contains(it));
    let was_done = nouns.first().is_some_and(|it| matches!(*it, "encrypted" | "hashed"));
    is_public || was_done || is_said(nouns.last())
}

fn tuple_field(
    field: &ast::TupleField,
    owner_kind: Option<SecretKind>,
    names: &SecretNames,
) -> Option<SecretField> {
    let list = field.syntax().parent()?;
    let number = list
        .children()
        .filter(|it| it.kind() == field.syntax().kind())
        .position(|it| it == *field.syntax())?;
    let ty = field.ty()?;
    let text = ty.syntax().text().to_string();
    // A variant is named for what it holds more often than the enum is.
    let secret = match list.parent().and_then(ast::Variant::cast) {
        Some(variant) => {
            let name = variant.name()?.text().to_string();
            names.secret_in(&name, &text).filter(|_| !is_bare_token(&name))?
        }
        None => {
            let content = TypeContent::of(&text);
            FieldSecret { kind: owner_kind?, content, is_address: false }
        }
    };
    Some(SecretField {
        node: field.syntax().clone(),
        name: number.to_string(),
        range: ty.syntax().text_range(),
        secret,
        public: is_public(field.visibility()),
    })
}

fn is_public(visibility: Option<ast::Visibility>) -> bool {
    visibility.is_some_and(|it| it.visibility_inner().is_none())
}
