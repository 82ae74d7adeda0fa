//! Password, token or key in a configuration file.
//!
//! A secret in the repository is known to everyone who can read the repository, and stays in its
//! history after it is deleted. A default such as `devtoken` is a working credential of every
//! deployment that does not override it, and an empty key leaves data unencrypted.
//!
//! ```project,bad
//! //- config/server.toml
//! listen = "0.0.0.0:7000"
//! auth_token = "devtoken"
//! ```
//!
//! ```project,bad
//! //- config/users.yml
//! users:
//!   - address: ada@example.com
//!     password: engine1843
//! ```
//!
//! Read the value from the environment or from a secret store, and store hashes of passwords:
//!
//! ```project
//! //- config/server.toml
//! listen = "0.0.0.0:7000"
//! auth_token = "${AUTH_TOKEN}"
//! //- config/users.yml
//! users:
//!   - address: ada@example.com
//!     password: $argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$Zm9v
//! ```
//!
//! The rule reads TOML, YAML, JSON, `.env` and compose files, `wrangler.toml`, `ENV` of
//! Dockerfiles, and fenced blocks of these formats in Markdown. In examples only values that work
//! as they are count, and in files for development the severity is lower.

mod files;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::files::{format_of, is_configuration, is_description, line_of};
use super::AREA;
use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::docker::dockerfile::Action;
use crate::project::markdown::code_blocks;
use crate::project::values::{self, Node, Value};
use crate::project::{Kind, ProjectFile};
use crate::semantics::secrets::{
    SecretKind, SecretNames, asks_to_be_replaced, has_development_mark, is_bare_token,
    is_hex_digest, is_placeholder, is_published_setting, is_reference_or_public, is_secret_value,
    known_format, looks_random,
};
use crate::syntax::names::has_any_word;
use crate::text::{FileRange, TextSize};

pub static RULE: Rule = Rule {
    id: "config-secret",
    severity: Severity::Critical,
    source: include_str!("mod.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

/// Keys above values that describe settings, and are none.
const DESCRIPTION_KEYS: &[&str] = &[
    "annotations", "columns", "components", "definitions", "encryptedData", "example", "examples",
    "fields", "i18n", "inputs", "keywords", "labels", "mappings", "matchers", "messages", "on",
    "outputs", "parameters", "paths", "properties", "responses", "routes", "schema", "schemas",
    "transforms", "translations",
];

/// Words of the entries of a Kubernetes `Secret` that are no secrets.
const PLAIN_ENTRY_WORDS: &[&str] =
    &["database", "endpoint", "host", "name", "port", "url", "user", "username"];

fn review(cx: &mut ProjectContext<'_>) {
    let names = SecretNames::new(&cx.config().secret_words);
    let kinds = [Kind::Toml, Kind::Yaml, Kind::Json, Kind::Env, Kind::Compose, Kind::Wrangler];
    let files: Vec<&Arc<ProjectFile>> = kinds.iter().flat_map(|kind| cx.files(*kind)).collect();
    for file in files {
        let source = Source { file, purpose: purpose(&file.path), names: &names };
        if is_configuration(file) && !is_description(file) {
            for document in file.documents() {
                check_tree(cx, &source, document, TextSize::new(0));
            }
        }
    }
    for file in cx.files(Kind::Dockerfile) {
        let source = Source { file, purpose: purpose(&file.path), names: &names };
        // What earlier stages set is not in the image that is shipped.
        let shipped = file.dockerfile().and_then(|it| it.last_stage());
        for instruction in shipped.into_iter().flat_map(|it| &it.instructions) {
            let Action::Env(pairs) = &instruction.action else { continue };
            for (name, value) in pairs {
                check(cx, &source, &Setting::new(&name.text, &value.text, value.range));
            }
        }
    }
    for file in cx.files(Kind::Markdown) {
        let source = Source { file, purpose: purpose(&file.path), names: &names };
        for block in code_blocks(&file.text) {
            let content = file.text.get(block.content.clone());
            let (Some(format), Some(text)) = (format_of(&block.info), content) else { continue };
            let start = TextSize::new(block.content.start as u32);
            for document in values::parse(text, format).iter().flatten() {
                check_tree(cx, &source, document, start);
            }
        }
    }
}

/// The file that settings are read from.
struct Source<'s> {
    file: &'s ProjectFile,
    purpose: Purpose,
    names: &'s SecretNames,
}

/// A setting and its value.
struct Setting {
    name: String,
    text: String,
    range: FileRange,
    /// Whether it is an entry of a Kubernetes `Secret`, which is a secret whatever its name.
    in_secret: bool,
}

impl Setting {
    fn new(name: &str, text: &str, range: FileRange) -> Self {
        Self { name: name.to_string(), text: text.to_string(), range, in_secret: false }
    }
}

/// Checks the settings in a document that starts at `start` of its file.
fn check_tree(cx: &mut ProjectContext<'_>, source: &Source<'_>, tree: &Node, start: TextSize) {
    let is_secret = tree.get("kind").and_then(Node::as_str) == Some("Secret");
    let mut all: Vec<Setting> = Vec::new();
    tree.walk(&mut |above, entry| {
        if above.iter().any(|it| DESCRIPTION_KEYS.contains(it)) {
            return;
        }
        let in_secret = is_secret
            && matches!(above, ["data" | "stringData"])
            && !has_any_word(&entry.key, PLAIN_ENTRY_WORDS);
        let range = entry.value.range;
        match &entry.value.value {
            Value::String(text) => {
                all.push(Setting { in_secret, ..Setting::new(&entry.key, text, range) });
            }
            // A number may be a password, and nothing else that is secret.
            Value::Plain(text)
                if source.names.setting_kind(&entry.key) == Some(SecretKind::Password) =>
            {
                all.push(Setting { in_secret, ..Setting::new(&entry.key, text, range) });
            }
            Value::List(items) => {
                // `- NAME=value` of compose files.
                for item in items.iter().filter(|_| entry.key == "environment") {
                    let pair = item.as_str().and_then(|it| it.split_once('='));
                    all.extend(pair.map(|(name, value)| Setting::new(name, value, item.range)));
                }
            }
            _ => {}
        }
    });
    for setting in all {
        let range = setting.range + start;
        // A tag says how the text is to be read: `!vault`, `!Ref`, `!Sub`.
        if !source.file.slice(range).starts_with('!') {
            check(cx, source, &Setting { range, ..setting });
        }
    }
}

fn check(cx: &mut ProjectContext<'_>, source: &Source<'_>, setting: &Setting) {
    let &Source { file, purpose, names } = source;
    if purpose == Purpose::Test {
        return;
    }
    let Setting { name, text, range, in_secret } = setting;
    let is_named = !in_secret || names.setting_kind(name).is_some();
    let subject = if is_named { name.clone() } else { format!("{name} secret") };
    let kind = names.setting_kind(&subject);
    let is_example = purpose == Purpose::Example;
    let message = match kind {
        Some(kind) if text.is_empty() => {
            if !is_empty_reported(file, &subject, kind, purpose) {
                return;
            }
            format!("secret `{name}` is empty")
        }
        Some(kind) if is_usable(text, &subject, kind, is_example) => match is_example {
            true => format!("secret `{name}` has a usable value in an example"),
            false => format!("secret `{name}` is committed to the repository"),
        },
        _ => match known_format(text) {
            Some(what) if !is_example && !is_published_setting(&subject) => {
                format!("{what} is committed to the repository")
            }
            _ => return,
        },
    };
    let is_local = ["localhost", "127.0.0.1"].iter().any(|host| text.contains(host));
    let severity = match (purpose, file.kind) {
        (Purpose::Development, _) => Severity::Medium,
        _ if is_local => Severity::Medium,
        (Purpose::Example, _) | (_, Kind::Compose) => Severity::High,
        _ if text.is_empty() => Severity::High,
        _ => Severity::Critical,
    };
    if file.text.len() >= usize::from(range.end()) {
        // An empty value of a `.env` file has no place of its own.
        let range = if range.is_empty() { line_of(&file.text, *range) } else { *range };
        cx.report(&file.path, Report::new(range, message).severity(severity));
    }
}

/// Whether a text is a secret that works as it is.
fn is_usable(text: &str, name: &str, kind: SecretKind, is_example: bool) -> bool {
    let is_switch = ["yes", "no", "on", "off", "1", "0"].contains(&text.to_lowercase().as_str());
    let is_hash = kind == SecretKind::Password && is_hex_digest(text);
    if is_switch || is_hash || is_reference_or_public(text) {
        return false;
    }
    if is_example {
        return !is_placeholder(text)
            && !asks_to_be_replaced(text)
            && kind != SecretKind::Password
            && !is_bare_token(name)
            && is_secret_value(text, name, kind, true)
            && has_development_mark(text);
    }
    // A key that is base64 ends with `=`, as prefixes of something do.
    let trimmed = if looks_random(text) { text.trim_end_matches('=') } else { text };
    is_secret_value(trimmed, name, kind, true)
}

/// Whether an empty value of a secret is reported: where a program reads it as it is, and only of
/// keys and tokens, as many services have no password.
fn is_empty_reported(file: &ProjectFile, name: &str, kind: SecretKind, purpose: Purpose) -> bool {
    let is_settings = match file.kind {
        Kind::Toml | Kind::Yaml | Kind::Json | Kind::Wrangler => purpose > Purpose::Example,
        Kind::Markdown => kind == SecretKind::Key,
        _ => false,
    };
    let is_chart = file.name().starts_with("values") || file.path.contains("chart");
    let is_own = match kind {
        SecretKind::Key => true,
        SecretKind::Token => has_any_word(name, &["admin", "auth", "jwt"]),
        SecretKind::Other => has_any_word(name, &["jwt", "session", "token"]),
        SecretKind::Password => false,
    };
    is_settings && !is_chart && is_own && !is_bare_token(name)
}
