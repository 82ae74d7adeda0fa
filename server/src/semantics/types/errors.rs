//! The errors of results: what is known of their types, and which convert into which.

use super::scope::Scope;
use crate::project::{SymbolIndex, TypeDef, Variant, base_name};

/// What a call gives that may hold no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Option,
    Result(ErrorType),
    /// An `Option`, or a `Result` whose error is [`ErrorType::Some`].
    Either,
    /// An `Option` or a `Result`, of which nothing is known.
    Unknown,
}

/// What is known of the error of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorType {
    /// Implements `std::error::Error + Send + Sync + 'static`.
    Some,
    /// As [`ErrorType::Some`], and this is its path.
    Path(String),
    /// A type of the workspace.
    Named(Named),
    /// `anyhow::Error`, `eyre::Report` or `miette::Report`: takes a context, and is no
    /// `std::error::Error` itself.
    Report,
    /// `String` or `&'static str`.
    Text,
    /// Can be displayed, and holds what was borrowed: of a poisoned lock.
    Held,
    /// `()`, which says nothing.
    Empty,
    /// Nothing but that it implements `Debug`, as every error that can be unwrapped does.
    Unknown,
}

/// A type of the workspace, by its name and the file that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub file: String,
}

/// The error type of a body's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// `anyhow::Error`.
    Anyhow,
    /// `eyre::Report`, by the path of the crate: `eyre` or `color_eyre::eyre`.
    Eyre(&'static str),
    Miette,
    /// `Box<dyn Error>`, with or without `Send + Sync`.
    Boxed,
    Text,
    Io,
    /// `std::fmt::Error`, which says nothing but that.
    Fmt,
    /// `()`
    Unit,
    /// Another error of another crate, by its path.
    Foreign(String),
    /// A type of the workspace and, where it can be named, how it is written there.
    Named {
        of: Named,
        written: Option<String>,
    },
}

/// What is known of an error type, by its text and where that is written.
pub fn error_type(error: &str, scope: Scope<'_>) -> ErrorType {
    match error {
        "String" | "&'staticstr" => return ErrorType::Text,
        "()" => return ErrorType::Empty,
        "_" | "&str" => return ErrorType::Unknown,
        _ => {}
    }
    let head = error.split('<').next().unwrap_or(error);
    let full = scope.resolve(head);
    match full.as_str() {
        "anyhow::Error"
        | "eyre::Report"
        | "eyre::Error"
        | "color_eyre::Report"
        | "color_eyre::eyre::Report"
        | "color_eyre::eyre::Error"
        | "miette::Report"
        | "miette::Error" => return ErrorType::Report,
        "std::sync::PoisonError" | "std::sync::TryLockError" => return ErrorType::Held,
        _ => {}
    }
    if !error.contains('<')
        && let Some((file, def)) = scope.type_def(error)
    {
        let named = Named { name: def.name.clone(), file: file.to_string() };
        return ErrorType::Named(named);
    }
    if is_known_error(&full) && !error.contains('<') {
        return ErrorType::Path(full);
    }
    ErrorType::Unknown
}

/// Errors of the standard library and of well-known crates, by their full paths.
pub fn is_known_error(path: &str) -> bool {
    let (root, name) = path.split_once("::").unwrap_or(("", path));
    let last = base_name(name);
    let std = ["Error", "Err"].iter().any(|it| last.ends_with(it))
        || matches!(last, "RecvTimeoutError" | "Elapsed" | "VarError" | "Infallible");
    match root {
        "std" => {
            std && !matches!(last, "PoisonError" | "TryLockError" | "SendError" | "IntoInnerError")
        }
        "http" if last.starts_with("Invalid") => true,
        "serde_json" | "reqwest" | "hyper" | "http" | "url" | "uuid" | "toml" | "serde_yaml"
        | "serde_yml" | "regex" | "hex" | "base64" | "chrono" | "csv" | "sqlx" | "rusqlite"
        | "redis" | "rustls" | "rcgen" | "clap" | "semver" | "ron" | "bincode" | "walkdir"
        | "ignore" | "zip" | "image" | "git2" | "notify" | "config" | "jsonwebtoken" | "time"
        | "quinn" | "tonic" | "prost" | "native_tls" | "openssl" | "lettre" | "handlebars"
        | "tera" | "askama" | "minijinja" | "globset" | "nix" | "mio" | "rmp_serde"
        | "ciborium" | "serde_urlencoded" | "serde_qs" | "strum" | "tungstenite"
        | "tokio_tungstenite" | "sea_orm" | "deadpool" | "r2d2" | "bb8" | "diesel" | "sled"
        | "heed" | "ctrlc" | "glob" | "redb" => last == "Error" || last.ends_with("Error"),
        "tokio" => matches!(
            last,
            "JoinError"
                | "Elapsed"
                | "RecvError"
                | "TryRecvError"
                | "AcquireError"
                | "TryAcquireError"
        ),
        _ => false,
    }
}

/// The declaration of a type of the workspace.
pub fn definition<'a>(of: &Named, symbols: &'a SymbolIndex) -> Option<&'a TypeDef> {
    let mut types = symbols.types_at(&of.name).filter(|(file, _)| *file == of.file);
    let found = types.next()?.1;
    types.next().is_none().then_some(found)
}

/// The traits that a type of the workspace implements, each with the file that says so.
fn traits<'a>(of: &'a Named, symbols: &'a SymbolIndex) -> impl Iterator<Item = (&'a str, &'a str)> {
    let packages = symbols.packages();
    let package = |file: &str| packages.owner(file).map(|it| it.folder.clone());
    let own = package(&of.file);
    symbols
        .impls_at(&of.name)
        .filter(move |(file, _)| package(file) == own)
        .map(|(file, it)| (file, it.of_trait.as_str()))
}

/// Whether a type of the workspace is an error that any thread may own.
pub fn is_error(of: &Named, symbols: &SymbolIndex) -> bool {
    let Some(def) = definition(of, symbols) else { return false };
    let implements =
        traits(of, symbols).any(|(_, it)| matches!(base_name(it), "Error" | "StdError"));
    let derives = def.derives.iter().any(|it| it == "Error" || it == "Snafu");
    let variant_fields = def.variants.iter().flat_map(|variant| &variant.fields);
    let mut fields = def.fields.iter().chain(variant_fields);
    (implements || derives)
        && !fields.any(|(_, ty)| {
            let single = ["Rc<", "RefCell<", "Cell<", "*const", "*mut", "&"];
            single.iter().any(|it| ty.replace("&'static", "").contains(it))
                || (ty.contains("dyn") && !(ty.contains("Send") && ty.contains("Sync")))
        })
}

/// Whether a type of the workspace implements a trait by an `impl`.
pub fn implements(of: &Named, name: &str, symbols: &SymbolIndex) -> bool {
    traits(of, symbols).any(|(_, it)| base_name(it) == name)
}

/// Whether an error can be written with `{}`.
pub fn is_displayed(error: &ErrorType, symbols: &SymbolIndex) -> bool {
    match error {
        ErrorType::Some | ErrorType::Path(_) | ErrorType::Text | ErrorType::Report => true,
        ErrorType::Held => true,
        ErrorType::Named(of) => {
            is_error(of, symbols) || traits(of, symbols).any(|(_, it)| base_name(it) == "Display")
        }
        ErrorType::Empty | ErrorType::Unknown => false,
    }
}

/// Whether a `From` conversion that the workspace declares takes `error` into a type of its own.
pub fn converts(error: &ErrorType, into: &Named, symbols: &SymbolIndex) -> bool {
    if matches!(error, ErrorType::Named(of) if of == into) {
        return true;
    }
    converts_by(into, symbols, |ty, scope| match error {
        ErrorType::Path(path) => same_path(ty, path, scope),
        ErrorType::Named(of) => {
            let found = scope.type_def(ty);
            found.is_some_and(|(file, def)| file == of.file && def.name == of.name)
        }
        ErrorType::Text => ty == "String",
        ErrorType::Report => same_path(ty, "anyhow::Error", scope),
        _ => false,
    })
}

/// Whether a `From` conversion into a type of the workspace takes a type that `wanted` accepts, as
/// it is written and where that is.
pub fn converts_by(
    into: &Named,
    symbols: &SymbolIndex,
    wanted: impl Fn(&str, Scope<'_>) -> bool,
) -> bool {
    let scope = |file| Scope { symbols, file, imports: None };
    let mut from_impl = traits(into, symbols).filter_map(|(file, it)| {
        Some((file, it.strip_prefix("From<").and_then(|it| it.strip_suffix('>'))?))
    });
    if from_impl.any(|(file, argument)| wanted(argument, scope(file))) {
        return true;
    }
    let Some(def) = definition(into, symbols) else { return false };
    let derives_from = def.derives.iter().any(|it| it == "From");
    let mut variants = def.variants.iter().filter(|it| it.from || derives_from && sole(def, it));
    variants.any(|variant| {
        let field = variant.fields.first();
        field.is_some_and(|(_, ty)| wanted(ty, scope(&into.file)))
    })
}

/// The one variant of an error of the workspace that holds an error and nothing else.
pub fn holder<'a>(error: &ErrorType, of: &Named, symbols: &'a SymbolIndex) -> Option<&'a Variant> {
    let ErrorType::Path(path) = error else { return None };
    let def = definition(of, symbols)?;
    let scope = Scope { symbols, file: &of.file, imports: None };
    let mut holders = def.variants.iter().filter(|it| {
        matches!(it.fields.as_slice(), [(name, ty)] if name == "0" && same_path(ty, path, scope))
    });
    holders.next().filter(|it| !it.conditional && holders.next().is_none())
}

/// Whether no other variant of the same one field makes a derived `From` ambiguous.
fn sole(def: &TypeDef, variant: &Variant) -> bool {
    variant.fields.len() == 1
        && def.variants.iter().filter(|it| it.fields == variant.fields).count() == 1
}

/// Whether a type as it is written somewhere is the one of a full path: `io::Error` is
/// `std::io::Error`.
fn same_path(ty: &str, path: &str, scope: Scope<'_>) -> bool {
    let resolved = scope.resolve(ty);
    if ty == path || resolved == path {
        return true;
    }
    // `chrono::ParseError` is not `url::ParseError`, though some crates export what is another's.
    let root = |path: &str| {
        let first = path.split("::").next().unwrap_or_default().to_string();
        let is_web = matches!(first.as_str(), "hyper" | "axum" | "reqwest" | "actix_web" | "warp");
        if is_web { "http".to_string() } else { first }
    };
    let is_module =
        |path: &str| matches!(path.split("::").next(), Some("crate" | "self" | "super"));
    if scope.type_def(ty).is_some()
        || resolved.contains("::") && !is_module(&resolved) && root(&resolved) != root(path)
    {
        return false;
    }
    let last = base_name(path);
    if last == "Error" {
        path.ends_with(&format!("::{ty}")) && ty.contains("::")
    } else {
        path.ends_with(&format!("::{ty}"))
    }
}
