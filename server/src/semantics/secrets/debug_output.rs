//! Which secrets a derived `Debug` prints, and which types keep them back.

use super::names::{SecretNames, is_bare_token};
use super::types::TypeContent;
use crate::project::{SymbolIndex, TypeDef};

/// How many types are entered on the way to a secret.
const MAX_DEPTH: usize = 3;

/// The path to a secret that the derived `Debug` of a type prints: `db.password`. Nothing when
/// types of the name differ in this.
pub fn printed_secret(symbols: &SymbolIndex, ty: &str, names: &SecretNames) -> Option<String> {
    printed_by_type(symbols, ty, names, MAX_DEPTH)
}

fn printed_by_type(
    symbols: &SymbolIndex,
    ty: &str,
    names: &SecretNames,
    depth: usize,
) -> Option<String> {
    let below = depth.checked_sub(1)?;
    let mut printed = None;
    for def in symbols.types(ty) {
        printed = Some(printed_by_field(symbols, def, names, below)?);
    }
    printed
}

fn printed_by_field(
    symbols: &SymbolIndex,
    def: &TypeDef,
    names: &SecretNames,
    depth: usize,
) -> Option<String> {
    if !def.derives.iter().any(|derive| derive == "Debug") {
        return None;
    }
    let is_secret_type = names.type_kind(&def.name).is_some();
    def.fields.iter().find_map(|(field, ty)| {
        let is_secret = names.kind(field).is_some() && !is_bare_token(field)
            || is_secret_type && field.starts_with(|c: char| c.is_ascii_digit());
        match TypeContent::of(ty) {
            content if content.is_plain() && is_secret => Some(field.clone()),
            TypeContent::Named(inner) if inner != def.name => {
                printed_by_type(symbols, &inner, names, depth).map(|rest| format!("{field}.{rest}"))
            }
            _ => None,
        }
    })
}

/// Whether a field is of a type whose derived `Debug` prints a secret. Without its owner, every
/// field of the name that the workspace declares must be.
pub fn field_prints_secret(
    symbols: &SymbolIndex,
    owner: Option<&str>,
    field: &str,
    names: &SecretNames,
) -> bool {
    every_field(symbols, owner, field, |ty| match TypeContent::of(ty) {
        TypeContent::Named(ty) => printed_secret(symbols, &ty, names).is_some(),
        _ => false,
    })
}

/// Whether a field is of a type that does not print its value. Without its owner, every field of
/// the name that the workspace declares must be.
pub fn is_redacted_field(symbols: &SymbolIndex, owner: Option<&str>, field: &str) -> bool {
    every_field(symbols, owner, field, |ty| is_redacted_type(symbols, ty))
}

/// Whether the workspace declares a field, and a test holds of its type wherever it does.
fn every_field(
    symbols: &SymbolIndex,
    owner: Option<&str>,
    field: &str,
    test: impl Fn(&str) -> bool,
) -> bool {
    let all = |types: &mut dyn Iterator<Item = &str>| {
        let mut types = types.peekable();
        types.peek().is_some() && types.all(&test)
    };
    match owner {
        Some(owner) if symbols.types(owner).next().is_some() => {
            let fields = symbols.types(owner).flat_map(|def| &def.fields);
            all(&mut fields.filter(|(name, _)| name == field).map(|(_, ty)| ty.as_str()))
        }
        _ => all(&mut symbols.fields(field)),
    }
}

/// Whether a type does not print its value, as far as the workspace knows the type.
pub fn is_redacted_type(symbols: &SymbolIndex, ty: &str) -> bool {
    !prints_plain(symbols, ty, MAX_DEPTH)
}

/// Whether a derived `Debug` leads from a type to text or bytes.
fn prints_plain(symbols: &SymbolIndex, ty: &str, depth: usize) -> bool {
    let name = match TypeContent::of(ty) {
        TypeContent::Text | TypeContent::Bytes => return true,
        TypeContent::Redacted | TypeContent::Other => return false,
        TypeContent::Named(name) => name,
    };
    let Some(below) = depth.checked_sub(1) else { return false };
    let mut defs = symbols.types(&name).peekable();
    defs.peek().is_some()
        && defs.all(|def| {
            def.derives.iter().any(|derive| derive == "Debug")
                && def.fields.iter().any(|(_, ty)| prints_plain(symbols, ty, below))
        })
}

/// Whether every method of this name in the workspace returns a type that does not print its value.
pub fn returns_redacted(symbols: &SymbolIndex, method: &str) -> bool {
    let mut known = symbols
        .functions(method)
        .filter(|function| function.has_self)
        .filter_map(|function| function.returns.as_deref())
        .peekable();
    known.peek().is_some() && known.all(|ty| is_redacted_type(symbols, ty))
}
