//! Secret in the output of a derived `Debug`, `Display` or `Serialize`.
//!
//! Values are printed in places where their fields are easily forgotten: `{settings:?}` at
//! start-up, a request in an error message, a failed assertion. The secret is then in the logs, and
//! in every system that collects them.
//!
//! ```rust,bad
//! #[derive(Debug, Clone)]
//! struct Login {
//!     user: String,
//!     password: String,
//! }
//! ```
//!
//! Write `Debug` by hand, or keep the secret in a type that does not show it:
//!
//! ```rust
//! #[derive(Debug, Clone)]
//! struct Login {
//!     user: String,
//!     password: SecretString,
//! }
//! ```
//!
//! Bytes that are only called token, names, ids, policies, hashes and encrypted values are no
//! secrets. The address of a database is one: it has the password in it.
//!
//! `Serialize` is left alone where the value is meant to travel: in requests, responses, tokens and
//! what is read back with `Deserialize`. A type that is only serialized is reported when a function
//! returns it to a client.

mod redacting_impl;
#[cfg(test)]
mod tests;

use self::redacting_impl::redacting_impl;
use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::project::{
    SymbolIndex, derived_by, derives_debug, hides_from_debug, hides_from_serialize,
};
use crate::semantics::secrets::{
    SecretField, SecretKind, SecretNames, TypeContent, is_about_parsing, is_bare_token,
    is_settings, is_transferred, secret_fields,
};
use crate::syntax::ast;
use crate::syntax::attrs::green_attrs;
use crate::syntax::format_string::inline_captures;
use crate::syntax::green::{compact_text, declared_name};
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange, TextSize};

pub static RULE: Rule = Rule {
    id: "secret-debug",
    opportunity: Opportunity::Types,
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[532],
    seeds: &["C.secrets", "C.logging"],
    source: include_str!("mod.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// A trait that an attribute of the item derives.
#[derive(Debug, Clone)]
struct ItemDerive {
    path: String,
    range: TextRange,
    attr: SyntaxNode,
    /// Whether the attribute derives nothing else.
    alone: bool,
}

impl ItemDerive {
    fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or(&self.path)
    }
}

/// What a derived trait does with the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    Debug,
    Display,
    Serialize,
}

impl Shows {
    fn of(derive: &ItemDerive) -> Option<Self> {
        match derive.name() {
            "Display" => Some(Self::Display),
            "Serialize" => Some(Self::Serialize),
            name => derives_debug(name).then_some(Self::Debug),
        }
    }
}

fn check(item: &ast::Adt, cx: &mut Context<'_>) {
    let item = item.syntax();
    let names = cx.file().secret_names.clone();
    if !names.may_occur_in(item.green()) {
        return;
    }
    let derives = derives(item);
    if derives.iter().all(|it| Shows::of(it).is_none()) {
        return;
    }
    let Some(name) = declared_name(item.green()).map(str::to_string) else { return };
    let fields = printable_fields(item, &names, cx);
    for derive in &derives {
        let Some(shows) = Shows::of(derive) else { continue };
        let shown: Vec<SecretField> =
            fields.iter().filter(|field| is_shown(item, field, shows)).cloned().collect();
        if shown.is_empty()
            || shows == Shows::Serialize && carries_on(item, &name, &derives, &shown)
        {
            continue;
        }
        report(item, &name, derive, shows, &shown, cx);
    }
}

/// The secret fields whose values print as they are, the surest first.
fn printable_fields(item: &SyntaxNode, names: &SecretNames, cx: &Context<'_>) -> Vec<SecretField> {
    let parses = is_about_parsing(&cx.file().path);
    let critical = cx.file().critical;
    let is_row = is_row(item) || is_model(item, &cx.file().path);
    let mut fields = secret_fields(item, names);
    fields.retain(|field| {
        // A column has the hash of a password, and mostly that of a token.
        let is_kept = matches!(field.secret.kind, SecretKind::Password | SecretKind::Token);
        if is_row && is_kept {
            return false;
        }
        let bare = is_bare_token(&field.name);
        let of_tokens = field.is_numbered() && field.secret.kind == SecretKind::Token;
        // Bytes that are only called token are mostly something of a protocol.
        let is_bytes = field.secret.content == TypeContent::Bytes && !critical;
        field.secret.content.is_plain() && !(bare && parses || (bare || of_tokens) && is_bytes)
    });
    fields.sort_by_key(|field| {
        // Half of an access key is its id.
        (field.secret.is_address, is_bare_token(&field.name), !names_secret_part(&field.name))
    });
    fields
}

/// Whether a type is a row of a table, by what it derives or its attributes.
fn is_row(item: &SyntaxNode) -> bool {
    const ROWS: &[&str] = &[
        "DeriveEntityModel", "FromQueryResult", "FromRow", "Identifiable", "Insertable",
        "Queryable", "QueryableByName", "Selectable",
    ];
    derives(item).iter().any(|it| ROWS.contains(&it.name()))
}

/// Whether a type is one of the models of a database, which are declared together.
fn is_model(item: &SyntaxNode, path: &str) -> bool {
    let stem = path.trim_end_matches(".rs").trim_end_matches("/mod").rsplit('/').next();
    let is_message = declared_name(item.green()).is_some_and(is_transferred);
    stem.is_some_and(|it| matches!(it, "models" | "model" | "entities" | "entity")) && !is_message
}

/// Whether a field is called a signing key and holds a text: mostly the public half, as documents
/// of identities have it.
fn may_be_public(field: &SecretField) -> bool {
    field.secret.content == TypeContent::Text
        && field.name.ends_with("signing_key")
        && !has_any_word(&field.name, &["private", "secret", "hmac", "jwt"])
}

fn is_shown(item: &SyntaxNode, field: &SecretField, shows: Shows) -> bool {
    match shows {
        Shows::Debug => !has_attr(&field.node, hides_from_debug),
        Shows::Display => is_displayed(item, field),
        Shows::Serialize => !has_attr(&field.node, hides_from_serialize),
    }
}

fn report(
    item: &SyntaxNode,
    name: &str,
    derive: &ItemDerive,
    shows: Shows,
    shown: &[SecretField],
    cx: &mut Context<'_>,
) {
    let Some(first) = shown.first() else { return };
    let verb = if shows == Shows::Serialize { "serializes" } else { "prints" };
    let secret = match (first.is_numbered(), first.secret.is_address) {
        (true, _) => format!("the secret in `{name}`"),
        (false, true) => format!("the password in `{}`", first.name),
        (false, false) => format!("the secret `{}`", first.name),
    };
    let message = format!("derived `{}` {verb} {secret}", derive.name());
    let mut report = Report::new(derive.range, message);
    for field in shown {
        report = report.related(field.range, "secret field");
    }
    let is_certain = shows != Shows::Serialize
        && shown.iter().any(|it| !is_bare_token(&it.name) && !it.secret.is_address);
    if shown.iter().all(may_be_public) {
        report = report.confidence(Confidence::Possible);
    } else if !is_certain {
        report = report.confidence(Confidence::Likely);
    }
    let (path, texts) = (cx.file().path.clone(), text_names(shown));
    if shows == Shows::Serialize && !derives_trait(item, "Deserialize") {
        let name = name.to_string();
        report = report.when(move |symbols| is_returned(symbols, &name));
    } else if !texts.is_empty() && texts.len() == shown.len() {
        report = report
            .when(move |symbols| !texts.iter().all(|name| symbols.is_used_as_path(&path, name)));
    }
    if shows == Shows::Debug && !cx.in_macro() {
        let foreign = cx.imports().path_of("Debug").is_some_and(|path| !is_std(path));
        let is_plain = compact_text(derive.attr.green()).starts_with("#[derive(");
        let replaceable = is_plain && (derive.path == "Debug" && !foreign || is_std(&derive.path));
        let edited = replaceable.then(|| (item.clone(), derive.clone()));
        let secrets: Vec<String> = shown.iter().map(|it| it.name.clone()).collect();
        report = report.fix(move |context| {
            let fix =
                edited.and_then(|(item, derive)| redacting_impl(context, &item, &derive, &secrets));
            fix.into_iter().collect()
        });
    }
    cx.report(item, report);
}

/// The names of fields that hold a text, which could be the path of a file.
fn text_names(fields: &[SecretField]) -> Vec<String> {
    let texts = fields.iter().filter(|it| {
        it.secret.content == TypeContent::Text
            && !it.is_numbered()
            && !it.secret.is_address
            && matches!(it.secret.kind, SecretKind::Key | SecretKind::Other)
    });
    texts.map(|it| it.name.clone()).collect()
}

/// Words of keys that sign or decrypt everything, in the names of fields.
const GRAVE_WORDS: &[&str] =
    &["master", "mnemonic", "priv", "private", "root", "seed", "signing", "sk"];

/// Whether a name says that this is the part of a credential that has to be kept.
fn names_secret_part(name: &str) -> bool {
    has_any_word(name, GRAVE_WORDS) || has_any_word(name, &["password", "secret"])
}

fn is_std(path: &str) -> bool {
    matches!(path, "std::fmt::Debug" | "core::fmt::Debug" | "fmt::Debug")
}

/// What the attributes of an item derive, in builds that are no tests.
fn derives(item: &SyntaxNode) -> Vec<ItemDerive> {
    let mut derives = Vec::new();
    for attr in item.children().map_while(ast::Attr::cast) {
        let text = attr.syntax().text().to_string();
        let predicate = text.split("derive").next().unwrap_or_default();
        if text.starts_with("#[cfg_attr")
            && words(predicate).any(|word| matches!(word.as_str(), "test" | "assertions"))
        {
            continue;
        }
        let found = derived_by(&text);
        let alone = found.len() == 1;
        derives.extend(found.into_iter().map(|it| {
            let size = |at: usize| TextSize::new(at as u32);
            let range = TextRange::new(size(it.range.start), size(it.range.end));
            let range = range + attr.syntax().text_range().start();
            ItemDerive { path: it.path, range, attr: attr.syntax().clone(), alone }
        }));
    }
    derives
}

fn derives_trait(item: &SyntaxNode, name: &str) -> bool {
    derives(item).iter().any(|derive| derive.name() == name)
}

/// Whether an attribute of a node, as text without white space, passes a test.
fn has_attr(node: &SyntaxNode, test: impl Fn(&str) -> bool) -> bool {
    green_attrs(node.green()).any(|attr| test(&compact_text(attr)))
}

/// Whether a derived `Display` shows a field: its format names it, or it is all there is.
fn is_displayed(item: &SyntaxNode, field: &SecretField) -> bool {
    let formats: Vec<String> = green_attrs(item.green())
        .map(compact_text)
        .filter(|attr| attr.starts_with("#[display("))
        .collect();
    if formats.is_empty() {
        let fields = item.descendants().filter(|node| {
            matches!(node.kind(), SyntaxKind::RECORD_FIELD | SyntaxKind::TUPLE_FIELD)
        });
        return item.kind() == SyntaxKind::STRUCT && fields.count() == 1;
    }
    let captured =
        if field.is_numbered() { format!("_{}", field.name) } else { field.name.clone() };
    formats.iter().any(|format| inline_captures(format).iter().any(|(name, _)| *name == captured))
}

/// Whether serializing a type does no more than carry its secrets to where they are meant to go.
fn carries_on(
    item: &SyntaxNode,
    name: &str,
    derives: &[ItemDerive],
    shown: &[SecretField],
) -> bool {
    if item.kind() != SyntaxKind::STRUCT || is_transferred(name) || is_settings(name) {
        return true;
    }
    let is_converted = has_attr(item, |attr| {
        attr.starts_with("#[serde(") && (attr.contains("into=") || attr.contains("transparent"))
    });
    // What is read back is stored, and keys and tokens are stored on purpose.
    let read_back = derives.iter().any(|derive| derive.name() == "Deserialize");
    is_converted
        || shown.iter().all(|it| it.secret.is_address)
        || read_back && shown.iter().all(|it| it.secret.kind != SecretKind::Password)
}

/// Whether a function of the workspace answers with a value of the type: `Json<Account>`.
fn is_returned(symbols: &SymbolIndex, name: &str) -> bool {
    let answers = |returned: &String| {
        ["Json<", "Response", "Responder", "Payload"].iter().any(|it| returned.contains(it))
            && words_of_type(returned).any(|it| it == name)
    };
    symbols.files().filter_map(|path| symbols.file(path)).any(|file| {
        let mut functions = file.items.iter().flat_map(|item| &item.functions);
        functions.any(|function| function.returns.as_ref().is_some_and(answers))
    })
}

/// The names in a type as it is written.
fn words_of_type(ty: &str) -> impl Iterator<Item = &str> {
    ty.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}
