//! The kinds of types as they are written.

use crate::project::{SymbolIndex, base_name};
use crate::semantics::type_text::arguments;

/// The kinds of types that comparisons are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `str`, `String` and what has their `as_bytes`.
    Text,
    /// Slices, arrays and vectors of bytes, and what dereferences to them.
    Bytes,
    Number,
    Option(Box<Kind>),
    /// Any other type, by its name.
    Named(String),
}

/// `T` in `Option<T>` and `Result<T, E>`.
pub(super) fn inner(ty: &str) -> Option<String> {
    let start = ty.find('<')?;
    let outer = ty.get(..start)?.rsplit("::").next()?;
    if !matches!(outer, "Option" | "Result") {
        return None;
    }
    arguments(ty).first().filter(|_| ty.ends_with('>')).map(|it| it.to_string())
}

/// A type without the references in front of it.
pub fn bare(ty: &str) -> &str {
    let mut ty = ty;
    while let Some(rest) = ty.strip_prefix(['&', '*']) {
        ty = rest;
        if let Some(lifetime) = ty.strip_prefix('\'') {
            // White space is gone: `&'astr`, `&'srcToken`. Types begin as no lifetime goes on.
            let start = lifetime.find(|c: char| c.is_uppercase() || matches!(c, '[' | '('));
            let text = lifetime.strip_suffix("str").map(str::len).filter(|_| start.is_none());
            ty = start.or(text).and_then(|at| lifetime.get(at..)).unwrap_or(ty);
        }
        ty = ty.strip_prefix("mut").unwrap_or(ty);
    }
    ty
}

/// `T` in `Box<T>` and other types that dereference to what they hold.
pub fn pointee(ty: &str) -> &str {
    for outer in ["Box<", "Arc<", "Rc<", "Zeroizing<", "Ref<", "Data<", "State<"] {
        let name = ty.get(..ty.find('<').map_or(0, |at| at + 1)).unwrap_or_default();
        if name.rsplit("::").next() == Some(outer) {
            let inner = ty.get(name.len()..).and_then(|it| it.strip_suffix('>'));
            return inner.map_or(ty, |inner| pointee(bare(inner)));
        }
    }
    ty
}

/// The kind of a type as it is written, without white space.
pub fn kind(ty: &str, symbols: Option<&SymbolIndex>) -> Kind {
    kind_at_depth(ty, symbols, 0)
}

fn kind_at_depth(ty: &str, symbols: Option<&SymbolIndex>, depth: usize) -> Kind {
    let ty = pointee(bare(ty));
    if let Some(list) = ty.strip_prefix('[') {
        return match list.starts_with("u8;") || list == "u8]" {
            true => Kind::Bytes,
            false => Kind::Named(ty.to_string()),
        };
    }
    let name = base_name(ty);
    let arguments = ty.find('<').and_then(|at| ty.get(at + 1..)).unwrap_or_default();
    match name {
        "str" | "String" | "HeaderValue" | "ByteString" => Kind::Text,
        "Cow" if arguments.ends_with("str>") => Kind::Text,
        "Vec" | "GenericArray" | "Cow" if is_bytes(arguments) => Kind::Bytes,
        "Bytes" | "BytesMut" | "Output" | "SmallVec" => Kind::Bytes,
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128"
        | "isize" | "f32" | "f64" | "bool" | "char" | "Duration" | "Instant" | "SystemTime" => {
            Kind::Number
        }
        "Option" => match inner(ty) {
            Some(inner) => Kind::Option(Box::new(kind_at_depth(&inner, symbols, depth))),
            None => Kind::Named(name.to_string()),
        },
        _ => {
            let own = symbols.is_some_and(|symbols| symbols.types(name).next().is_some());
            match symbols.and_then(|symbols| symbols.alias(name)) {
                Some(target) if !own && depth < 4 => kind_at_depth(target, symbols, depth + 1),
                _ => Kind::Named(name.to_string()),
            }
        }
    }
}

fn is_bytes(arguments: &str) -> bool {
    let arguments = arguments.trim_start_matches("'_,").trim_start_matches("'a,");
    arguments.starts_with("u8") || arguments.starts_with("[u8]")
}
