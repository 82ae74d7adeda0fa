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
//! `Serialize` is left alone where the value is meant to travel: in requests, responses, tokens and
//! what is read back with `Deserialize`.

use super::AREA;
use crate::analysis::fix::format::{laid_out_statement, style_of};
use crate::analysis::{Applicability, Context, Fix, FixContext, On, Query, Report, Rule, Severity};
use crate::semantics::secrets::{
    SecretField, SecretKind, TypeContent, is_about_parsing, is_bare_token, is_settings,
    is_transferred, secret_fields,
};
use crate::syntax::ast::{self, HasAttrs, HasGenericParams, HasName};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Edition, NodeOrToken, SyntaxKind, SyntaxNode, T, TextRange};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "secret-debug",
    severity: Severity::High,
    source: include_str!("secret_debug.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(item: &ast::Adt, cx: &mut Context<'_>) {
    let item = item.syntax();
    let names = cx.file().secret_names.clone();
    if !names.may_occur_in(item.green()) {
        return;
    }
    let derives = derives(item);
    if !derives.iter().any(|it| matches!(it.name(), "Debug" | "Display" | "Serialize")) {
        return;
    }
    let parses = is_about_parsing(&cx.file().path);
    let critical = cx.file().critical;
    let mut fields = secret_fields(item, &names);
    fields.retain(|field| {
        let bare = is_bare_token(&field.name);
        // Bytes that are only called token are mostly something of a protocol.
        field.content.is_plain()
            && !(bare && (parses || field.content == TypeContent::Bytes && !critical))
    });
    if fields.is_empty() {
        return;
    }
    let Some(name) = item.children().find_map(ast::Name::cast).map(|it| it.text().to_string())
    else {
        return;
    };
    for derive in &derives {
        let shown: Vec<&SecretField> = match derive.name() {
            "Debug" => fields.iter().filter(|field| !hides_debug(&field.node)).collect(),
            "Display" => fields.iter().filter(|field| is_displayed(item, field)).collect(),
            "Serialize" if is_serialized(item, &name, &derives, &fields) => {
                fields.iter().filter(|field| !skips_serialize(&field.node)).collect()
            }
            _ => continue,
        };
        let Some(first) = shown.first() else { continue };
        let verb = if derive.name() == "Serialize" { "serializes" } else { "prints" };
        let secret = match first.name.starts_with(|c: char| c.is_ascii_digit()) {
            true => format!("in `{name}`"),
            false => format!("`{}`", first.name),
        };
        let message = format!("derived `{}` {verb} the secret {secret}", derive.name());
        let mut report = Report::new(derive.range, message);
        for field in &shown {
            report = report.related(field.range, "secret field");
        }
        if derive.name() == "Debug" && !cx.in_macro() {
            let foreign = cx.imports().path_of("Debug").is_some_and(|path| !is_std(path));
            let edits =
                if foreign || !matches!(derive.path.as_str(), "Debug") && !is_std(&derive.path) {
                    None
                } else {
                    Some((
                        item.clone(),
                        derive.clone(),
                        shown.iter().map(|it| it.name.clone()).collect::<Vec<_>>(),
                    ))
                };
            report = report.fix(move |context| {
                edits
                    .and_then(|(item, derive, secrets)| {
                        redacting_impl(context, &item, &derive, &secrets)
                    })
                    .into_iter()
                    .collect()
            });
        }
        cx.report(item, report);
    }
}

fn is_std(path: &str) -> bool {
    matches!(path, "std::fmt::Debug" | "core::fmt::Debug" | "fmt::Debug")
}

#[derive(Debug, Clone)]
struct Derive {
    path: String,
    range: TextRange,
    attr: SyntaxNode,
    /// Whether the attribute derives nothing else.
    alone: bool,
}

impl Derive {
    fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or(&self.path)
    }
}

/// What the `derive` attributes of an item name. Those in a `cfg_attr` are left out: with them it
/// was decided to print the type in some builds only.
fn derives(item: &SyntaxNode) -> Vec<Derive> {
    let mut derives = Vec::new();
    for attr in item.children().map_while(ast::Attr::cast) {
        let Some(ast::Meta::TokenTreeMeta(meta)) = attr.meta() else { continue };
        let is_derive = meta.path().is_some_and(|path| path.syntax().text() == "derive");
        let Some(tree) = meta.token_tree().filter(|_| is_derive) else { continue };
        let first = derives.len();
        let mut current: Option<Derive> = None;
        for token in tree.syntax().children_with_tokens().filter_map(NodeOrToken::into_token) {
            match token.kind() {
                T![,] => derives.extend(current.take()),
                T!['('] | T![')'] | SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => {}
                _ => {
                    let derive = current.get_or_insert_with(|| Derive {
                        path: String::new(),
                        range: token.text_range(),
                        attr: attr.syntax().clone(),
                        alone: false,
                    });
                    derive.path.push_str(token.text());
                    derive.range = derive.range.cover(token.text_range());
                }
            }
        }
        derives.extend(current);
        if let [only] = derives.get_mut(first..).unwrap_or_default() {
            only.alone = true;
        }
    }
    derives
}

/// The texts of a node's own attributes, without white space.
fn attributes(node: &SyntaxNode) -> Vec<String> {
    let attrs = node.children().filter_map(ast::Attr::cast);
    attrs.map(|attr| compact(attr.syntax())).collect()
}

/// Whether an attribute of a field decides how it is shown.
fn hides_debug(field: &SyntaxNode) -> bool {
    attributes(field).iter().any(|attr| {
        attr.starts_with("#[debug")
            || attr.contains("Debug(")
            || attr.contains("Debug=")
            || ["redact", "sensitive", "secret", "mask"].iter().any(|word| attr.contains(word))
                && !attr.starts_with("#[serde")
                && !attr.starts_with("#[doc")
                && !attr.starts_with("#[cfg")
                && !attr.starts_with("#[arg")
                && !attr.starts_with("#[clap")
    })
}

fn skips_serialize(field: &SyntaxNode) -> bool {
    attributes(field).iter().filter(|attr| attr.starts_with("#[serde(")).any(|attr| {
        let list = attr.trim_start_matches("#[serde(").trim_end_matches(")]");
        list.split(',').any(|entry| {
            matches!(entry, "skip" | "skip_serializing")
                || entry.starts_with("serialize_with=")
                || entry.starts_with("with=")
        })
    })
}

/// Whether a derived `Display` shows a field: its format names it, or it is all there is.
fn is_displayed(item: &SyntaxNode, field: &SecretField) -> bool {
    let formats: Vec<String> =
        attributes(item).into_iter().filter(|attr| attr.starts_with("#[display(")).collect();
    let number = field.name.starts_with(|c: char| c.is_ascii_digit());
    let capture = if number { format!("{{_{}", field.name) } else { format!("{{{}", field.name) };
    if formats.is_empty() {
        let fields = item.descendants().filter(|node| {
            matches!(node.kind(), SyntaxKind::RECORD_FIELD | SyntaxKind::TUPLE_FIELD)
        });
        return item.kind() == SyntaxKind::STRUCT && fields.count() == 1;
    }
    formats.iter().any(|format| format.contains(&capture))
}

/// Whether serializing a type is more than carrying its secrets to where they are meant to go.
fn is_serialized(
    item: &SyntaxNode,
    name: &str,
    derives: &[Derive],
    fields: &[SecretField],
) -> bool {
    if item.kind() != SyntaxKind::STRUCT || is_transferred(name) || is_settings(name) {
        return false;
    }
    let converted = attributes(item).iter().any(|attr| {
        attr.starts_with("#[serde(") && (attr.contains("into=") || attr.contains("transparent"))
    });
    if converted {
        return false;
    }
    // What is read back is stored, and keys and tokens are stored on purpose.
    let read_back = derives.iter().any(|derive| derive.name() == "Deserialize");
    !read_back || fields.iter().any(|field| field.kind == SecretKind::Password)
}

/// Replaces a derived `Debug` by one that does not show the fields of `secrets`.
fn redacting_impl(
    context: &FixContext<'_>,
    item: &SyntaxNode,
    derive: &Derive,
    secrets: &[String],
) -> Option<Fix> {
    let item = ast::Struct::cast(item.clone())?;
    let edition_2015 = context.file.edition == Edition::Edition2015;
    let special = item.attrs().any(|attr| {
        let text = attr.syntax().text().to_string();
        text.contains("cfg") || text.contains("packed")
    });
    if edition_2015 || special || item.where_clause().is_some() {
        return None;
    }
    let name = item.name()?.text().to_string();
    let generics = lifetimes_only(&item)?;
    let fields = fields(&item)?;
    let text = context.root.text().to_string();
    let start = item.syntax().text_range().start();
    // Ranges of the item's tree are those of the file: no fix is offered inside macros.
    let line = text.get(..usize::from(start))?.rsplit('\n').next().unwrap_or_default();
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    let std = if is_no_std(context) { "core" } else { "std" };
    let builder = if item_is_tuple(&item) { "debug_tuple" } else { "debug_struct" };
    let mut body = String::new();
    for (field, accessor) in &fields {
        let shown = if secrets.contains(field) {
            "&\"[redacted]\"".to_string()
        } else {
            format!("&self.{accessor}")
        };
        let label = field.trim_start_matches("r#");
        let entry = if item_is_tuple(&item) {
            format!(".field({shown})")
        } else {
            format!(".field(\"{label}\", {shown})")
        };
        body.push_str(&format!("\n{indent}            {entry}"));
    }
    let chain = format!("f.{builder}(\"{name}\"){body}\n{indent}            .finish()");
    let flat: String = chain.split('\n').map(str::trim).collect();
    let style = style_of(&context.file.path, context);
    let chain = laid_out_statement(&flat, indent.len() + 8, &style).unwrap_or(chain);
    let code = format!(
        "\n\n{indent}impl {std}::fmt::Debug for {name}{generics} {{\
         \n{indent}    fn fmt(&self, f: &mut {std}::fmt::Formatter<'_>) -> {std}::fmt::Result {{\
         \n{indent}        {chain}\
         \n{indent}    }}\
         \n{indent}}}"
    );
    let code = if text.contains("\r\n") { code.replace('\n', "\r\n") } else { code };
    let edits = vec![
        TextEdit::delete(without_derive(&text, derive)?),
        TextEdit::insert(item.syntax().text_range().end(), code),
    ];
    let title = "Implement `Debug` with the secrets redacted".to_string();
    Some(context.here(title, Applicability::Suggested, edits))
}

fn item_is_tuple(item: &ast::Struct) -> bool {
    item.syntax().children().any(|node| node.kind() == SyntaxKind::TUPLE_FIELD_LIST)
}

/// `<'_, '_>` for a type whose parameters are two lifetimes; nothing when there are others.
fn lifetimes_only(item: &ast::Struct) -> Option<String> {
    let Some(list) = item.generic_param_list() else { return Some(String::new()) };
    let params: Vec<ast::GenericParam> = list.generic_params().collect();
    let lifetimes = params.iter().all(|param| matches!(param, ast::GenericParam::LifetimeParam(_)));
    if params.is_empty() {
        return Some(String::new());
    }
    lifetimes.then(|| format!("<{}>", vec!["'_"; params.len()].join(", ")))
}

/// Names and accessors of the fields; nothing when some of them are not always there.
fn fields(item: &ast::Struct) -> Option<Vec<(String, String)>> {
    let mut fields = Vec::new();
    let nodes = item
        .syntax()
        .descendants()
        .filter(|node| matches!(node.kind(), SyntaxKind::RECORD_FIELD | SyntaxKind::TUPLE_FIELD));
    for (number, node) in nodes.enumerate() {
        if attributes(&node).iter().any(|attr| attr.starts_with("#[cfg")) {
            return None;
        }
        let name = match ast::RecordField::cast(node) {
            Some(field) => field.name()?.text().to_string(),
            None => number.to_string(),
        };
        fields.push((name.clone(), name));
    }
    Some(fields)
}

fn is_no_std(context: &FixContext<'_>) -> bool {
    let folder = context.file.package.as_ref().map(|it| it.folder.clone()).unwrap_or_default();
    let root = if folder.is_empty() { "src/lib.rs".into() } else { format!("{folder}/src/lib.rs") };
    context.text_of(&root).is_some_and(|text| text.contains("no_std"))
}

/// The text to take out so that an attribute derives one trait less.
fn without_derive(text: &str, derive: &Derive) -> Option<FileRange> {
    let size = |len: usize| TextSize::new(len as u32);
    if derive.alone {
        let range = derive.attr.text_range();
        let rest = text.get(usize::from(range.end())..)?;
        let space = rest.len() - rest.trim_start().len();
        return Some(FileRange::new(range.start(), range.end() + size(space)));
    }
    let rest = text.get(usize::from(derive.range.end())..)?;
    let trimmed = rest.trim_start();
    if let Some(after) = trimmed.strip_prefix(',') {
        let after = after.trim_start();
        if !after.starts_with(')') {
            let end = derive.range.end() + size(rest.len() - after.len());
            return Some(FileRange::new(derive.range.start(), end));
        }
    }
    let before = text.get(..usize::from(derive.range.start()))?;
    let comma = before.rfind(',')?;
    Some(FileRange::new(size(comma), derive.range.end()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn derives_that_show_secrets_are_reported() {
        check(
            &RULE,
            r#"
#[derive(Clone, Debug)]
              //^^^^^ secret-debug: derived `Debug` prints the secret `password`
struct User { name: String, password: String }
#[derive(derive_more::Debug)]
       //^^^^^^^^^^^^^^^^^^ secret-debug
struct Session { user: String, access_token: Option<String> }
#[derive(Debug)]
       //^^^^^ secret-debug: derived `Debug` prints the secret in `SigningKey`
pub struct SigningKey([u8; 32]);
#[derive(Debug)]
       //^^^^^ secret-debug
enum Auth { None, Basic { user: String, password: String } }
#[derive(Debug)]
       //^^^^^ secret-debug
struct Settings { db_key: Zeroizing<String>, #[serde(skip_serializing)] api_key: String }
#[derive(serde::Serialize)]
       //^^^^^^^^^^^^^^^^ secret-debug: derived `Serialize` serializes the secret `password`
struct Account { user: String, #[serde(skip_serializing_if = "x")] password: String }
#[derive(derive_more::Display)]
       //^^^^^^^^^^^^^^^^^^^^ secret-debug
#[display("{user}:{password}")]
struct Pair { user: String, password: String }
#[derive(Debug)]
       //^^^^^ secret-debug
struct Api { token: String }
"#,
        );
    }

    #[test]
    fn what_does_not_show_its_secret_is_left_alone() {
        silent(
            &RULE,
            r#"
#[derive(Clone)]
struct A { password: String }
impl std::fmt::Debug for A { fn fmt(&self, f: &mut Formatter) -> Result { f.write_str("A") } }
#[derive(Debug)]
struct B { password: SecretString, token: Secret<String>, api_key: Redacted<String> }
#[derive(Debug)]
struct C { password_hash: String, token_count: usize, public_key: Vec<u8>, auth_token_ttl: u64 }
#[derive(derive_more::Debug)]
struct D { #[debug(skip)] password: String }
#[derive(Derivative)]
#[derivative(Debug)]
struct E { #[derivative(Debug = "ignore")] password: String }
#[derive(Serialize)]
struct LoginRequest { password: String }
#[derive(Serialize, Deserialize)]
struct StoredKeys { private_key: Vec<u8> }
#[derive(Serialize)]
struct F { #[serde(skip)] password: String, #[serde(with = "redact")] token: String }
#[derive(Deserialize, clap::Args)]
struct G { password: String }
#[cfg_attr(feature = "crypto-debug", derive(Debug))]
struct H { private_key: Vec<u8> }
#[derive(Debug)]
struct I { password: Password, has_password: bool, token: u64 }
#[derive(Debug)]
struct Lexeme { token: String, line: u32 }
#[derive(derive_more::Display)]
#[display("{user}")]
struct J { user: String, password: String }
#[derive(Debug)]
enum Keyword { Password, Secret }
#[derive(Debug)]
struct Retry { token: Bytes }
"#,
        );
    }

    #[test]
    fn debug_is_written_by_hand() {
        check_fix(
            &RULE,
            "Implement `Debug` with the secrets redacted",
            r#"
#[derive(Clone, Debug)]
pub struct User {
    name: String,
    password: String,
}

fn f() {}
"#,
            r#"
#[derive(Clone)]
pub struct User {
    name: String,
    password: String,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("password", &"[redacted]")
            .finish()
    }
}

fn f() {}
"#,
        );
        check_fix(
            &RULE,
            "Implement `Debug` with the secrets redacted",
            r#"
mod m {
    #[derive(Debug)]
    struct ApiKey<'a>(&'a str);
}
"#,
            r#"
mod m {
    struct ApiKey<'a>(&'a str);

    impl std::fmt::Debug for ApiKey<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_tuple("ApiKey").field(&"[redacted]").finish()
        }
    }
}
"#,
        );
    }

    #[test]
    fn debug_is_written_by_hand_beside_other_derives() {
        check_fix(
            &RULE,
            "Implement `Debug` with the secrets redacted",
            r#"
#[derive(Debug, Clone)]
struct A { pwd: String }
"#,
            r#"
#[derive(Clone)]
struct A { pwd: String }

impl std::fmt::Debug for A {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("A").field("pwd", &"[redacted]").finish()
    }
}
"#,
        );
        check_fix(
            &RULE,
            "Implement `Debug` with the secrets redacted",
            r#"
#[derive(Debug, Clone)]
struct A {
    pwd: String,
    names_that_are_longer_than_most: u8,
}
"#,
            r#"
#[derive(Clone)]
struct A {
    pwd: String,
    names_that_are_longer_than_most: u8,
}

impl std::fmt::Debug for A {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("A")
            .field("pwd", &"[redacted]")
            .field(
                "names_that_are_longer_than_most",
                &self.names_that_are_longer_than_most,
            )
            .finish()
    }
}
"#,
        );
    }

    #[test]
    fn no_fix_is_offered_where_it_might_not_compile() {
        no_fix(&RULE, "#[derive(Debug)] struct A<T> { password: String, t: T }");
        no_fix(&RULE, "#[derive(Debug)] enum A { B { password: String } }");
        no_fix(&RULE, "#[derive(Debug)] struct A { password: String, #[cfg(x)] b: u8 }");
        no_fix(&RULE, "#[derive(derive_more::Debug)] struct A { password: String }");
    }
}
