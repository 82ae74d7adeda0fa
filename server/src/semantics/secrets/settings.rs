//! Names of settings, which have spellings and neighbours of their own.

use super::names::{SecretKind, SecretNames};
use crate::syntax::names::{has_any_word, words};

/// Words of settings that lead to a secret or say something about one.
const ABOUT_WORDS: &[&str] = &[
    "addr", "address", "alias", "allow", "anon", "argument", "arn", "audience", "backend",
    "beacon", "bridge", "button", "change", "claim", "claims", "class", "cmd", "color", "command",
    "confirm", "digest", "driver", "dummy", "encrypted", "engine", "existing", "expire", "expired",
    "fake", "flow", "forgot", "form", "grant", "group", "hash", "host", "icon", "impl", "input",
    "length", "link", "location", "login", "maxage", "message", "minimum", "module", "page",
    "parameter", "permission", "plugin", "port", "property", "publishable", "random", "realm",
    "ref", "reference", "regexp", "role", "scope", "scopes", "script", "selector", "show", "site",
    "sitekey", "strategy", "test", "text", "title", "variable",
];

impl SecretNames {
    /// The kind of secret that a setting is by its name, if any.
    pub fn setting_kind(&self, name: &str) -> Option<SecretKind> {
        let list: Vec<String> = words(name).collect();
        if list.iter().any(|word| ABOUT_WORDS.contains(&word.as_str())) {
            return None;
        }
        // The key under which something is kept, as opposed to a key that is a secret.
        if let [.., of, last] = list.as_slice()
            && last == "key"
            && matches!(of.as_str(), "passphrase" | "passwd" | "password" | "username")
        {
            return None;
        }
        // Spellings that only settings have: `DB_PASS`.
        match list.last().map(String::as_str) {
            Some("pass" | "passwd" | "pw") if list.len() > 1 => Some(SecretKind::Password),
            _ => self.kind(name),
        }
    }
}

/// Whether a setting is named as a token or key that is given to everyone.
pub fn is_published_setting(name: &str) -> bool {
    has_any_word(name, &["anon", "pub", "public", "publishable"])
}
