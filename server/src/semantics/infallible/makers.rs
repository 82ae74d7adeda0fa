//! Functions and builders that do not fail for what they are given.

use super::constant::{arguments, is_written};
use super::lengths::{has_fixed_length, is_array};
use super::{FIXED_LENGTH, LITERAL, Place, is_known};
use crate::project::without_generics;
use crate::semantics::expressions::chain_root;
use crate::syntax::ast::{self, HasGenericArgs};
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxNode};

/// Types whose constructor `new` only reads the text or number that it is given, sorted.
const MADE_BY_NEW: &[&str] = &[
    "AhoCorasick", "CString", "Glob", "Ipv4Net", "Ipv4Network", "Ipv6Net", "Ipv6Network",
    "Matcher", "ObjectIdentifier", "Opts", "Params", "Pattern", "Regex", "RegexSet",
];

/// Functions that only read a text, whatever type they are of, sorted.
const READ_TEXT: &[&str] = &[
    "compile", "decode", "from_bytes", "from_hex", "from_slice", "from_str", "from_string",
    "from_utf8", "parse", "parse_bytes", "parse_from_rfc2822", "parse_from_rfc3339",
    "parse_from_str", "parse_str", "try_from", "try_parse",
];

/// Builders whose product fails for the text only that they are made of, sorted.
const BUILDERS: &[&str] = &["AhoCorasickBuilder", "GlobBuilder", "RegexBuilder", "RegexSetBuilder"];

/// Extractors of axum and axum-extra whose `Rejection` is `Infallible`, sorted.
const EXTRACTORS: &[&str] = &[
    "CookieJar", "Extensions", "HeaderMap", "Method", "OriginalUri", "PrivateCookieJar",
    "RawQuery", "SignedCookieJar", "Uri", "Version",
];

/// Whether an extractor that takes every request is applied to one: `parts.extract::<Uri>()`, or a
/// type that the `let` around names.
pub(super) fn extracts_without_fail(awaited: &ast::Expr, place: Place<'_>) -> bool {
    let named = match awaited {
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref();
            let Some(name) = name.filter(|it| it.text().starts_with("extract")) else {
                return false;
            };
            match call.generic_arg_list() {
                Some(list) => compact(list.syntax()),
                None if name.text().starts_with("extract_parts") => return false,
                None => annotated_type(place.around).unwrap_or_default(),
            }
        }
        ast::Expr::CallExpr(call) => {
            let path = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
            match path.rsplit_once("::") {
                Some((owner, "from_request_parts" | "from_request")) => owner.to_string(),
                _ => return false,
            }
        }
        _ => return false,
    };
    let ty = named.trim_start_matches("::").trim_start_matches('<');
    let ty = ty.split(['<', ',', '>']).next().unwrap_or(ty);
    EXTRACTORS.binary_search(&crate::project::base_name(ty)).is_ok()
}

/// The type that the `let` around a value names.
fn annotated_type(around: &[SyntaxNode]) -> Option<String> {
    let statement = around.iter().take(5).cloned().find_map(ast::LetStmt::cast)?;
    Some(compact(statement.ty()?.syntax()))
}

/// Why what a function gives is always there.
pub(super) fn called(call: &ast::CallExpr, place: Place<'_>) -> Option<&'static str> {
    let path = without_arguments(&compact(call.expr()?.syntax()));
    let around = place.around;
    let (owner, name) = path.rsplit_once("::").unwrap_or(("", &path));
    let ty = owner.rsplit("::").next().unwrap_or(owner);
    let given = arguments(call);
    if name == "new_from_slice" && words(owner).any(|word| word == "hmac") {
        return Some("HMAC takes a key of any length");
    }
    let sole = match given.as_slice() {
        [sole] => Some(sole),
        _ => None,
    };
    if name == "try_from" && sole.is_some_and(|it| has_fixed_length(it, around)) {
        return Some(FIXED_LENGTH);
    }
    let all_written = !given.is_empty() && given.iter().all(|it| is_written(it, around));
    if ty.starts_with("NonZero") && name == "new" {
        let is_zero = sole.is_some_and(|it| compact(it.syntax()).trim_start_matches('-') == "0");
        return (all_written && !is_zero).then_some("the number is a literal");
    }
    if name == "Some" || name == "Ok" {
        return Some("it is made with a value");
    }
    if names_metric(ty) && matches!(name, "new" | "with_opts" | "from_opts") {
        let named = given.first().is_some_and(|it| {
            is_written(it, around)
                || compact(it.syntax()).contains("::new(\"")
                || compact(it.syntax()).contains("opts!(\"")
        });
        return named.then_some("the name of the metric is a literal");
    }
    let reads = MADE_BY_NEW.binary_search(&ty).is_ok() && matches!(name, "new" | "try_new")
        || READ_TEXT.binary_search(&name).is_ok()
        || (matches!(ty, "TimeDelta" | "Duration") && name.starts_with("try_"))
        || (name.ends_with("_opt") || name == "from_size_align" || name == "from_digit");
    (reads && all_written).then_some(LITERAL)
}

/// Whether all that a builder was given is known: the value of `X::builder().header("a", "b")`, or
/// of `RegexBuilder::new("a")` where `of_text`.
pub(super) fn built(builder: &ast::Expr, around: &[SyntaxNode], of_text: bool) -> bool {
    let ast::Expr::CallExpr(root) = chain_root(builder) else { return false };
    let path = compact(root.syntax());
    let function = path.split('(').next().unwrap_or(&path);
    let (owner, name) = function.rsplit_once("::").unwrap_or(("", function));
    let ty = owner.rsplit("::").next().unwrap_or(owner);
    let known_root = if of_text {
        BUILDERS.binary_search(&ty).is_ok() && name == "new"
    } else {
        let builds = matches!((ty, name), ("Response" | "Request", "builder" | "get" | "post"));
        builds || matches!(function, "Builder::new" | "http::response::Builder::new")
    };
    if !known_root || !arguments(&root).iter().all(|it| is_known(it, around)) {
        return false;
    }
    let mut next = Some(builder.clone());
    while let Some(ast::Expr::MethodCallExpr(call)) = next {
        if !arguments(&call).iter().all(|it| is_known(it, around)) {
            return false;
        }
        next = call.receiver();
    }
    true
}

/// Whether a name is that of a kind of metric, or of the macro that registers one.
pub(super) fn names_metric(name: &str) -> bool {
    words(name).any(|word| matches!(word.as_str(), "counter" | "gauge" | "histogram" | "summary"))
}

/// `registry.register(Box::new(metric))`
pub(super) fn registers_metric(call: &ast::MethodCallExpr) -> bool {
    let receiver = call.receiver().map(|it| compact(it.syntax())).unwrap_or_default();
    let boxed = arguments(call).first().map(|it| compact(it.syntax())).unwrap_or_default();
    words(&receiver).any(|word| word == "registry" || word == "prometheus")
        && boxed.starts_with("Box::new(")
}

/// `Hkdf::<Sha256>::new(…).expand(info, &mut key)`, where the key is an array.
pub(super) fn expands_to_short_key(call: &ast::MethodCallExpr, around: &[SyntaxNode]) -> bool {
    let given = arguments(call);
    let [_, key] = given.as_slice() else { return false };
    is_array(key, around)
}

/// A path without the generic arguments of its segments: `<[u8;8]>::try_from` keeps its first.
fn without_arguments(path: &str) -> String {
    if let Some((ty, rest)) = path.strip_prefix('<').and_then(|it| it.split_once(">::")) {
        let ty = ty.split_once("as").map_or(ty, |(ty, _)| ty);
        let rest = rest.rsplit("::").next().unwrap_or(rest);
        return format!("{}::{rest}", ty.split('<').next().unwrap_or(ty));
    }
    without_generics(path)
}
