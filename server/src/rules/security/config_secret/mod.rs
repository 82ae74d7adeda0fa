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
//! Dockerfiles, and fenced blocks of these formats in Markdown, with the defaults of variables such
//! as `${JWT_SECRET:-secret}`. In examples only values that work as they are count, and in files for
//! development the severity is lower. Placeholders, names of secrets that are kept elsewhere, and
//! values that the program refuses are not reported.

mod files;
mod settings;
mod shipped;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::files::{format_of, is_configuration, is_description, line_of};
use self::settings::{Setting, settings_of};
use self::shipped::Shipped;
use super::AREA;
use crate::analysis::{Confidence, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose_of};
use crate::project::docker::dockerfile::Action;
use crate::project::markdown::code_blocks;
use crate::project::values::{self, Node};
use crate::project::{FileKind, ProjectFile, Refused};
use crate::semantics::secrets::{
    SecretKind, SecretNames, SecretValue, ValuePlace, asks_to_be_replaced, has_development_mark,
    is_bare_token, is_development_value, is_hex_digest, is_placeholder, is_published_setting,
    is_reference_or_public, known_format, secret_value,
};
use crate::syntax::names::has_any_word;
use crate::text::TextSize;

pub static RULE: Rule = Rule {
    id: "config-secret",
    opportunity: Opportunity::Project,
    severity: Severity::High,
    cwe: &[798],
    seeds: &["B.1", "B.2", "E.1"],
    source: include_str!("mod.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

/// Words of secrets that open everything: keys that sign and encrypt, and administrators.
const MASTER_WORDS: &[&str] = &["admin", "encryption", "jwt", "master", "root", "signing"];

fn review(cx: &mut ProjectContext<'_>) {
    let names = SecretNames::new(&cx.config().secret_words);
    let kinds = [
        FileKind::Toml,
        FileKind::Yaml,
        FileKind::Json,
        FileKind::Env,
        FileKind::Compose,
        FileKind::Wrangler,
    ];
    let shipped = Shipped::of(cx);
    let files: Vec<&Arc<ProjectFile>> = kinds.iter().flat_map(|kind| cx.files(*kind)).collect();
    for file in files {
        let source =
            Source { file, purpose: purpose_of(file), ships: shipped.has(file), names: &names };
        if is_configuration(file) && !is_description(file) {
            for document in file.documents() {
                check_tree(cx, &source, document, TextSize::new(0));
            }
        }
    }
    for file in cx.files(FileKind::Dockerfile) {
        let source = Source { file, purpose: purpose_of(file), ships: true, names: &names };
        // What earlier stages set is not in the image that is shipped.
        let last = file.dockerfile().and_then(|it| it.last_stage());
        for instruction in last.into_iter().flat_map(|it| &it.instructions) {
            let Action::Env(pairs) = &instruction.action else { continue };
            for (name, value) in pairs {
                let setting = Setting::new(&name.text, &value.text, value.range);
                for setting in setting.with_defaults() {
                    check(cx, &source, &setting);
                }
            }
        }
    }
    for file in cx.files(FileKind::Markdown) {
        let source = Source { file, purpose: purpose_of(file), ships: false, names: &names };
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
    /// Whether it is part of what is deployed, as far as the repository tells.
    ships: bool,
    names: &'s SecretNames,
}

/// Checks the settings in a document that starts at `start` of its file.
fn check_tree(cx: &mut ProjectContext<'_>, source: &Source<'_>, tree: &Node, start: TextSize) {
    for setting in settings_of(tree, source.file, source.names) {
        let range = setting.range + start;
        // A tag says how the text is to be read: `!vault`, `!Ref`, `!Sub`.
        if !source.file.slice(range).starts_with('!') {
            check(cx, source, &Setting { range, ..setting });
        }
    }
}

fn check(cx: &mut ProjectContext<'_>, source: &Source<'_>, setting: &Setting) {
    let &Source { file, purpose, names, .. } = source;
    if purpose == Purpose::Test {
        return;
    }
    let Setting { name, subject, text, range, .. } = setting;
    let kind = names.setting_kind(subject);
    let value = kind.and_then(|kind| usable_value(source, setting, kind));
    let (message, severity) = match (kind, value) {
        (Some(kind), _) if text.is_empty() => {
            if !is_empty_reported(file, subject, kind, purpose) || is_refused(cx, name, text) {
                return;
            }
            (format!("secret `{name}` is empty"), severity_of_empty(kind, source.ships))
        }
        (Some(kind), Some(value)) if !is_refused(cx, name, text) => {
            let message = match purpose {
                Purpose::Example => format!("secret `{name}` has a usable value in an example"),
                _ => format!("secret `{name}` is committed to the repository"),
            };
            (message, severity_of(source, setting, kind, value))
        }
        _ => match known_format(text) {
            Some(what) if purpose != Purpose::Example && !is_published_setting(subject) => {
                let severity =
                    severity_of(source, setting, SecretKind::Token, SecretValue::Generated);
                let is_key = what == "private key" && severity == Severity::High;
                let message = format!("{what} is committed to the repository");
                (message, if is_key { Severity::Critical } else { severity })
            }
            _ => return,
        },
    };
    let confidence = match value {
        // Who installs the program fills it in.
        _ if text.is_empty() && !source.ships => Confidence::Possible,
        Some(SecretValue::ToReplace | SecretValue::Words) => Confidence::Likely,
        _ => Confidence::Certain,
    };
    if file.text.len() >= usize::from(range.end()) {
        // An empty value of a `.env` file has no place of its own.
        let range = if range.is_empty() { line_of(&file.text, *range) } else { *range };
        let report = Report::new(range, message).severity(severity).confidence(confidence);
        cx.report(&file.path, report);
    }
}

/// Whether the program refuses to work with a value.
fn is_refused(cx: &ProjectContext<'_>, name: &str, text: &str) -> bool {
    cx.symbols().refuses(&match text.is_empty() {
        true => Refused::Empty(name.to_ascii_lowercase()),
        false => Refused::Text(text.to_ascii_lowercase()),
    })
}

/// How severe a committed secret is: as what it opens, and as who runs the program with it.
fn severity_of(
    source: &Source<'_>,
    setting: &Setting,
    kind: SecretKind,
    value: SecretValue,
) -> Severity {
    let is_master = kind == SecretKind::Key || has_any_word(&setting.subject, MASTER_WORDS);
    let is_made = value >= SecretValue::MadeUp;
    let is_local = ["localhost", "127.0.0.1"].iter().any(|host| setting.text.contains(host));
    // What many services are installed with, until somebody sets it.
    let is_usual = setting.for_development && value < SecretValue::Generated
        || !is_master && is_development_value(&setting.text.to_ascii_lowercase());
    match (source.purpose, source.file.kind) {
        (Purpose::Development, _) => Severity::Low,
        (Purpose::Example, _) => Severity::Medium,
        _ if (value == SecretValue::ToReplace || is_local) && !source.ships => Severity::Low,
        _ if value == SecretValue::ToReplace || is_local || is_usual => Severity::Medium,
        // Mostly for development: what ships is set from outside.
        (_, FileKind::Compose) if value == SecretValue::Generated || is_master && is_made => {
            Severity::Medium
        }
        (_, FileKind::Compose) => Severity::Low,
        _ if !source.ships => Severity::Medium,
        _ if is_master && is_made => Severity::Critical,
        _ => Severity::High,
    }
}

/// An empty key mostly waits for somebody to set it; where it ships, nobody may.
fn severity_of_empty(kind: SecretKind, ships: bool) -> Severity {
    match (kind, ships) {
        (SecretKind::Key, true) => Severity::High,
        (SecretKind::Key, false) => Severity::Medium,
        _ => Severity::Low,
    }
}

/// What kind of value a setting has that works as it is; nothing when it has none.
fn usable_value(source: &Source<'_>, setting: &Setting, kind: SecretKind) -> Option<SecretValue> {
    let &Source { file, purpose, .. } = source;
    let Setting { subject, text, .. } = setting;
    let is_switch = ["yes", "no", "on", "off", "1", "0"].contains(&text.to_lowercase().as_str());
    let is_hash = kind == SecretKind::Password && is_hex_digest(text);
    if is_switch || is_hash || is_reference_or_public(text) {
        return None;
    }
    let is_example = purpose == Purpose::Example;
    if is_example
        && (is_placeholder(text)
            || asks_to_be_replaced(text)
            || kind == SecretKind::Password
            || is_bare_token(subject)
            || !has_development_mark(text))
    {
        return None;
    }
    let quoted = file.kind == FileKind::Env
        || file.slice(setting.range).starts_with(['"', '\''])
            && text.contains(|c: char| c.is_ascii_digit());
    let place = if quoted { ValuePlace::QuotedSetting } else { ValuePlace::Setting };
    let value = secret_value(text, subject, kind, place)?;
    (setting.takes_words || value >= SecretValue::MadeUp).then_some(value)
}

/// Whether an empty value of a secret is reported: where a program reads it as it is, and only of
/// keys and tokens, as many services have no password.
fn is_empty_reported(file: &ProjectFile, name: &str, kind: SecretKind, purpose: Purpose) -> bool {
    let is_settings = match file.kind {
        FileKind::Toml | FileKind::Yaml | FileKind::Json | FileKind::Wrangler => {
            purpose > Purpose::Example
        }
        FileKind::Markdown => kind == SecretKind::Key,
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
