//! The fields of a type that hold secrets.

use super::names::{SecretKind, SecretNames, is_about_parsing, is_bare_token};
use super::types::TypeContent;
use crate::syntax::ast::{self, HasName, HasVisibility};
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, TextRange};

/// A field that holds a secret by its name, or by that of the type it is in.
#[derive(Debug, Clone)]
pub struct SecretField {
    /// A `RECORD_FIELD` or `TUPLE_FIELD`.
    pub node: SyntaxNode,
    /// The name, or the number of a tuple's field.
    pub name: String,
    /// Of the name; of the type in a tuple.
    pub range: TextRange,
    /// What kind of secret it is.
    pub kind: SecretKind,
    /// What its type is made of.
    pub content: TypeContent,
    /// Nothing but `pub` before it.
    pub public: bool,
}

/// Fields of a piece of text: what has them calls a word a token.
const TEXT_POSITION_FIELDS: &[&str] =
    &["col", "column", "kind", "lemma", "line", "offset", "pos", "span", "start"];

/// Words of fields in a type of keys that are not the key.
const PUBLIC_PARTS: &[&str] =
    &["checksum", "hash", "id", "iv", "nonce", "pub", "public", "salt", "verifying"];

/// The fields of a struct, enum or union that hold secrets.
pub fn secret_fields(item: &SyntaxNode, names: &SecretNames) -> Vec<SecretField> {
    if !names.may_occur_in(item.green()) {
        return Vec::new();
    }
    let Some(owner) = item.children().find_map(ast::Name::cast) else { return Vec::new() };
    let owner = owner.text().to_string();
    let owner_kind = names.type_kind(&owner);
    let mut fields = Vec::new();
    for node in item.descendants() {
        let found = if let Some(field) = ast::RecordField::cast(node.clone()) {
            record_field(&field, owner_kind, names)
        } else if let Some(field) = ast::TupleField::cast(node.clone()) {
            tuple_field(&field, owner_kind, names)
        } else {
            None
        };
        fields.extend(found);
    }
    let parses = is_about_parsing(&owner);
    fields.retain(|field| !(is_bare_token(&field.name) && (parses || has_text_position(item))));
    fields
}

/// Whether a type has a field such as `span` or `line`: then its token is a word of a text.
fn has_text_position(item: &SyntaxNode) -> bool {
    item.descendants().filter_map(ast::RecordField::cast).any(|field| {
        field
            .name()
            .is_some_and(|name| TEXT_POSITION_FIELDS.contains(&name.text().to_string().as_str()))
    })
}

fn record_field(
    field: &ast::RecordField,
    owner_kind: Option<SecretKind>,
    names: &SecretNames,
) -> Option<SecretField> {
    let name = field.name()?;
    let text = name.text().to_string();
    if is_documented_as_public(field.syntax()) {
        return None;
    }
    let content = TypeContent::of(&field.ty()?.syntax().text().to_string());
    let is_key = match &content {
        TypeContent::Bytes => true,
        TypeContent::Named(ty) => names.type_kind(ty).is_some(),
        _ => false,
    };
    let by_owner = owner_kind
        .filter(|kind| *kind == SecretKind::Key && is_key && !has_any_word(&text, PUBLIC_PARTS));
    Some(SecretField {
        node: field.syntax().clone(),
        range: name.syntax().text_range(),
        kind: match content {
            TypeContent::Text => names.kind(&text),
            _ => names.bytes_kind(&text).or(by_owner),
        }?,
        name: text,
        content,
        public: is_public(field.visibility()),
    })
}

/// Whether the documentation says that a key is the public one of its pair.
fn is_documented_as_public(field: &SyntaxNode) -> bool {
    let comments = field.children_with_tokens().filter_map(NodeOrToken::into_token);
    comments.filter(|token| token.kind() == SyntaxKind::COMMENT).any(|comment| {
        let text = comment.text().to_lowercase();
        text.contains("public") && !text.contains("private") && !text.contains("secret")
    })
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
    // A variant is named for what it holds more often than the enum is.
    let variant = list.parent().and_then(ast::Variant::cast);
    let kind = match variant {
        Some(variant) => {
            let name = variant.name()?.text().to_string();
            names.kind(&name).filter(|_| !is_bare_token(&name))
        }
        None => owner_kind,
    };
    let ty = field.ty()?;
    Some(SecretField {
        node: field.syntax().clone(),
        name: number.to_string(),
        range: ty.syntax().text_range(),
        kind: kind?,
        content: TypeContent::of(&ty.syntax().text().to_string()),
        public: is_public(field.visibility()),
    })
}

fn is_public(visibility: Option<ast::Visibility>) -> bool {
    visibility.is_some_and(|it| it.visibility_inner().is_none())
}
