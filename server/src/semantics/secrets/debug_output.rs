//! Which secrets a type shows when it is written as a whole, and which types keep them back.

use super::names::{SecretKind, SecretNames, is_bare_token};
use super::types::TypeContent;
use crate::project::{SymbolIndex, TypeDef, derives_debug};

/// How many types are entered on the way to a secret.
const MAX_DEPTH: usize = 3;

/// How a value is written as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// By a derived `Debug`.
    Debug,
    /// By a derived `Serialize`.
    Serialize,
}

impl Output {
    fn is_derived_by(self, def: &TypeDef) -> bool {
        match self {
            Self::Debug => def.derives.iter().any(|it| derives_debug(it)),
            Self::Serialize => def.derives.iter().any(|it| it == "Serialize"),
        }
    }

    fn hidden_fields(self, def: &TypeDef) -> &[String] {
        match self {
            Self::Debug => &def.hidden_from_debug,
            Self::Serialize => &def.hidden_from_serialize,
        }
    }
}

/// The path to a secret that is written with a value of a type: `db.password`. Nothing when types of
/// the name differ in this, of those that the file `from` can mean.
pub fn secret_in_output(
    symbols: &SymbolIndex,
    from: &str,
    ty: &str,
    output: Output,
    names: &SecretNames,
) -> Option<String> {
    let TypeContent::Named(name) = TypeContent::of(ty) else { return None };
    Search { symbols, output, names }.in_type(from, &name, MAX_DEPTH)
}

struct Search<'a> {
    symbols: &'a SymbolIndex,
    output: Output,
    names: &'a SecretNames,
}

impl Search<'_> {
    fn in_type(&self, from: &str, ty: &str, depth: usize) -> Option<String> {
        let below = depth.checked_sub(1)?;
        let mut found = None;
        for (path, def) in self.symbols.types_in_view(from, ty) {
            found = Some(self.in_definition(path, def, below)?);
        }
        found
    }

    fn in_definition(&self, from: &str, def: &TypeDef, depth: usize) -> Option<String> {
        if !self.output.is_derived_by(def) {
            return None;
        }
        let own = def.fields.iter().map(|(field, ty)| (field.clone(), field, ty));
        let are_secrets = holds_mostly_secrets(def, self.names);
        let of_variants = def.variants.iter().flat_map(|variant| {
            let path = |field: &String| format!("{}.{field}", variant.name);
            variant.fields.iter().map(move |(field, ty)| (path(field), field, ty))
        });
        let hidden = self.output.hidden_fields(def);
        let mut shown = own.chain(of_variants).filter(|(path, ..)| !hidden.contains(path));
        shown.find_map(|(path, field, ty)| {
            // A variant of one value is named for that.
            let variant = path.split_once('.').filter(|_| are_secrets && !is_named_field(field));
            let name = variant.map_or(field.as_str(), |(variant, _)| variant);
            let secret = self.names.secret_in(name, ty).filter(|_| !is_bare_token(name));
            let is_named = || secret.is_some_and(|it| it.content.is_plain());
            match TypeContent::of(ty) {
                _ if is_named() => Some(path),
                content if content.is_plain() => {
                    is_value_of_secret_type(def, field, ty, self.names).then_some(path)
                }
                TypeContent::Named(inner) if inner != def.name => {
                    self.in_type(from, &inner, depth).map(|rest| format!("{path}.{rest}"))
                }
                _ => None,
            }
        })
    }
}

fn is_named_field(field: &str) -> bool {
    !field.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether at least a third of an enum's variants are named as secrets: of others, a value is
/// seldom one.
fn holds_mostly_secrets(def: &TypeDef, names: &SecretNames) -> bool {
    let secrets = def.variants.iter().filter(|it| names.kind(&it.name).is_some()).count();
    secrets * 3 >= def.variants.len()
}

/// Names of fields that hold what their type is named for.
const VALUE_FIELDS: &[&str] =
    &["bytes", "data", "inner", "key", "material", "raw", "secret", "token", "value"];

/// Whether a field is the value of a type that is named as a secret: `SigningKey(Vec<u8>)`.
fn is_value_of_secret_type(def: &TypeDef, field: &str, ty: &str, names: &SecretNames) -> bool {
    let is_value = def.fields.len() == 1 || VALUE_FIELDS.contains(&field);
    let Some(kind) = names.type_kind(&def.name).filter(|_| is_value) else { return false };
    // Bytes in a type of tokens are mostly part of a protocol.
    !(kind == SecretKind::Token && TypeContent::of(ty) == TypeContent::Bytes)
}

/// Whether a value of a type that is named as a secret shows nothing of it, as far as the workspace
/// knows the type.
pub fn is_redacted_type(symbols: &SymbolIndex, from: &str, ty: &str, names: &SecretNames) -> bool {
    match TypeContent::of(ty) {
        TypeContent::Text | TypeContent::Bytes | TypeContent::Url => false,
        TypeContent::Redacted | TypeContent::Other => true,
        TypeContent::Named(name) => {
            let search = Search { symbols, output: Output::Debug, names };
            search.in_type(from, &name, MAX_DEPTH).is_none()
                && !wraps_plain(symbols, from, &name, MAX_DEPTH)
        }
    }
}

/// Whether a type is a tuple of one field that a derived `Debug` shows as text or bytes.
fn wraps_plain(symbols: &SymbolIndex, from: &str, name: &str, depth: usize) -> bool {
    let Some(below) = depth.checked_sub(1) else { return false };
    let mut defs = symbols.types_in_view(from, name).peekable();
    defs.peek().is_some()
        && defs.all(|(path, def)| {
            let [(field, ty)] = def.fields.as_slice() else { return false };
            Output::Debug.is_derived_by(def)
                && field == "0"
                && match TypeContent::of(ty) {
                    TypeContent::Named(inner) => wraps_plain(symbols, path, &inner, below),
                    content => content.is_plain(),
                }
        })
}
