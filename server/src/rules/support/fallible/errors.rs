//! The errors of results: what is known of their types, and which convert into which.

use crate::analysis::FixContext;
use crate::project::Facts;

/// What a call gives that may hold no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Option,
    Result(ErrorType),
    /// An `Option`, or a `Result` whose error is [`ErrorType::Some`].
    Either,
}

/// What is known of the error of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorType {
    /// Implements `std::error::Error + Send + Sync + 'static`, or is `anyhow::Error`.
    Some,
    /// As [`ErrorType::Some`], and this is its path.
    Path(&'static str),
    /// A type of the workspace, by name.
    Named(String),
    /// `String` or `&'static str`.
    Text,
    Unknown,
}

/// The error type of a body's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// `anyhow::Error`.
    Anyhow,
    /// `eyre::Report`, by the path of the crate: `eyre` or `color_eyre::eyre`.
    Eyre(&'static str),
    /// `Box<dyn Error>`, with or without `Send + Sync`.
    Boxed,
    Text,
    Io,
    /// A type of the workspace, by its name and, where it can be named, as it is written there.
    Named {
        name: String,
        written: Option<String>,
    },
}

/// The last name of a type's path, without references and generics.
pub fn base(ty: &str) -> &str {
    let ty = ty.trim_start_matches('&').trim_start_matches("mut ");
    let end = ty.find(['<', '(', '[']).unwrap_or(ty.len());
    let path = ty.get(..end).unwrap_or(ty);
    path.rsplit("::").next().unwrap_or(path)
}

/// The generic arguments of a type without white space, at the outer level.
pub fn arguments(ty: &str) -> Vec<&str> {
    let Some(open) = ty.find('<') else { return Vec::new() };
    let Some(inner) = ty.get(open + 1..ty.len().saturating_sub(1)) else { return Vec::new() };
    let mut arguments = Vec::new();
    let (mut depth, mut start) = (0i32, 0);
    let mut before = ' ';
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if before == '-' => {}
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                arguments.extend(inner.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    arguments.extend(inner.get(start..).filter(|it| !it.is_empty()));
    arguments
}

/// Whether the one type of this name in the workspace is an error that any thread may own.
pub fn is_error(name: &str, facts: &Facts) -> bool {
    let mut types = facts.types(name);
    let (Some(def), None) = (types.next(), types.next()) else { return false };
    let implements = facts.impls(name).any(|it| matches!(base(&it.of_trait), "Error" | "StdError"));
    let derives = def.derives.iter().any(|it| it == "Error");
    let variant_fields = def.variants.iter().flat_map(|variant| &variant.fields);
    let mut fields = def.fields.iter().chain(variant_fields);
    (implements || derives)
        && !fields.any(|(_, ty)| {
            let single = ["Rc<", "RefCell<", "Cell<", "*const", "*mut", "&"];
            single.iter().any(|it| ty.contains(it)) || (ty.contains("dyn") && !ty.contains("Send"))
        })
}

/// Whether a `From` conversion that the workspace declares takes `error` into `into`, the name of
/// a type.
pub fn converts(error: &ErrorType, into: &str, fix: &FixContext<'_>) -> bool {
    let mut types = fix.facts.types(into);
    let (Some(def), None) = (types.next(), types.next()) else { return false };
    let same = |ty: &str| match error {
        ErrorType::Path(path) => same_path(ty, path),
        ErrorType::Named(name) => base(ty) == name && fix.facts.types(name).count() == 1,
        _ => false,
    };
    if matches!(error, ErrorType::Named(name) if name == into) {
        return true;
    }
    let from_impl = fix.facts.impls(into).any(|it| {
        let argument = it.of_trait.strip_prefix("From<").and_then(|it| it.strip_suffix('>'));
        argument.is_some_and(same)
    });
    let from_variant = def.variants.iter().any(|variant| {
        let field = variant.fields.first().filter(|_| variant.from);
        field.is_some_and(|(_, ty)| same(ty))
    });
    from_impl || from_variant
}

/// Whether a type as it is written somewhere is the one of a full path: `io::Error` is
/// `std::io::Error`.
fn same_path(ty: &str, path: &str) -> bool {
    if ty == path {
        return true;
    }
    let last = base(path);
    if last == "Error" {
        path.ends_with(&format!("::{ty}")) && ty.contains("::")
    } else {
        path.ends_with(&format!("::{ty}"))
    }
}
