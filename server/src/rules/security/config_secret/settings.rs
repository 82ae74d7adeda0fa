//! The settings of a document that may hold secrets, each under the name that says so.

use crate::project::ProjectFile;
use crate::project::config_purpose::describes_cluster;
use crate::project::values::{Entry, Node, Value};
use crate::semantics::secrets::{
    SecretKind, SecretNames, decoded_base64, has_address_shape, is_plain_name, looks_random,
};
use crate::syntax::names::{has_any_word, words};
use crate::text::FileRange;

/// A setting and its value.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// Its own name, or that of the map or list it is in.
    pub name: String,
    /// What the secret is called that it holds, for a name that does not say so.
    pub subject: String,
    pub text: String,
    pub range: FileRange,
    /// Whether it is the name of the user as well, as in files that show what there is to set, or
    /// it is for a peer beside the program, as those of a developer's machine: `host = "rabbit"`.
    pub for_development: bool,
    /// Whether words without a digit are a value: they may be names of secrets elsewhere.
    pub takes_words: bool,
}

impl Setting {
    pub(super) fn new(name: &str, text: &str, range: FileRange) -> Self {
        let (subject, text) = (name.to_string(), text.to_string());
        Self {
            name: subject.clone(),
            subject,
            text,
            range,
            for_development: false,
            takes_words: true,
        }
    }

    /// The setting, and the defaults of variables in its value.
    pub(super) fn with_defaults(self) -> Vec<Self> {
        let defaults = defaults_of(&self.text).into_iter().map(|(variable, default)| Self {
            name: variable.to_string(),
            subject: variable.to_string(),
            text: default.to_string(),
            ..self.clone()
        });
        let mut all: Vec<Self> = defaults.collect();
        all.push(self);
        all
    }
}

/// Keys above values that describe settings, and are none.
const DESCRIPTION_KEYS: &[&str] = &[
    "annotations", "columns", "components", "definitions", "encryptedData", "example", "examples",
    "fields", "i18n", "inputs", "keywords", "labels", "mappings", "matchers", "messages", "on",
    "outputs", "parameters", "paths", "properties", "responses", "routes", "schema", "schemas",
    "transforms", "translations",
];

/// Words of entries that are no secrets, beside some that are.
const PLAIN_ENTRY_WORDS: &[&str] = &[
    "account", "bucket", "channel", "client", "database", "db", "domain", "email", "endpoint",
    "env", "environment", "expiry", "host", "hostname", "id", "kind", "level", "mail", "mode",
    "name", "namespace", "port", "region", "role", "scope", "timeout", "type", "uri", "url",
    "user", "username", "version", "zone",
];

/// Words of entries of a Kubernetes `Secret` that are keys by whatever name.
const KEY_ENTRY_WORDS: &[&str] =
    &["cipher", "cookie", "encryption", "hmac", "jwt", "master", "salt", "session", "signing"];

/// The settings in a document.
pub(super) fn settings_of(tree: &Node, file: &ProjectFile, names: &SecretNames) -> Vec<Setting> {
    let is_secret = tree.get("kind").and_then(Node::as_str) == Some("Secret");
    let is_chart = describes_cluster(file, tree);
    let mut reader = Reader { names, is_secret, is_chart, found: Vec::new() };
    reader.map(tree, &mut Vec::new());
    reader.found
}

/// Keys of the peer that a secret beside them is for.
const PEER_KEYS: &[&str] = &["address", "broker", "endpoint", "host", "hostname", "server"];

/// Whether an address is that of the machine itself or of another container of the same network,
/// whose name has no dot.
fn is_own_network(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    !host.is_empty()
        && !host.contains(['$', '{', '<', '%'])
        && (!host.contains('.') || matches!(host, "127.0.0.1" | "0.0.0.0"))
}

struct Reader<'n> {
    names: &'n SecretNames,
    /// Whether the document is a `Secret` of Kubernetes.
    is_secret: bool,
    /// Whether it is one of Kubernetes, or gives the values of a chart: it names secrets that the
    /// cluster has.
    is_chart: bool,
    found: Vec<Setting>,
}

impl Reader<'_> {
    fn map<'t>(&mut self, node: &'t Node, above: &mut Vec<&'t str>) {
        let entries = node.entries();
        for entry in entries {
            if DESCRIPTION_KEYS.contains(&entry.key.as_str()) {
                continue;
            }
            self.entry(entry, entries, above);
            above.push(&entry.key);
            self.map(&entry.value, above);
            for item in entry.value.items() {
                self.list_item(entry, item);
                // What an item has is not one of what the list is named for.
                above.push("");
                self.map(item, above);
                above.pop();
            }
            above.pop();
        }
        if let (Some(name), Some(value)) = (node.get("name"), node.get("value")) {
            // `env: [{ name: NAME, value: … }]`
            if let (Some(name), Some(text)) = (name.as_str(), value.as_str()) {
                self.found.extend(Setting::new(name, text, value.range).with_defaults());
            }
        }
    }

    fn entry(&mut self, entry: &Entry, siblings: &[Entry], above: &[&str]) {
        let Entry { key, value, .. } = entry;
        let text = match &value.value {
            Value::String(text) => text,
            // A number may be a password, and nothing else that is secret.
            Value::Plain(text) if self.kind(key) == Some(SecretKind::Password) => text,
            Value::Plain(text)
                if self.plural(above).is_some_and(|it| it.1 == SecretKind::Password) =>
            {
                text
            }
            _ => return,
        };
        let is_user = |it: &Entry| {
            matches!(it.key.as_str(), "access_key_id" | "user" | "username")
                && it.value.as_str() == Some(text)
        };
        let is_beside = |it: &Entry| {
            PEER_KEYS.contains(&it.key.as_str()) && it.value.as_str().is_some_and(is_own_network)
        };
        let setting = Setting {
            for_development: siblings.iter().any(|it| is_user(it) || is_beside(it)),
            ..Setting::new(key, text, value.range)
        };
        if self.is_secret && matches!(above, ["data" | "stringData"]) {
            self.found.extend(self.entry_of_secret(setting, above == ["data"]));
            return;
        }
        if self.names_place_of_secret(key, text, siblings) {
            return;
        }
        match self.plural(above).filter(|_| self.kind(key).is_none()) {
            Some((subject, kind)) if !is_plain_entry(key) => {
                let takes_words = kind == SecretKind::Password;
                let name = format!("{}.{key}", above.last().unwrap_or(&""));
                self.found.push(Setting { name, subject, takes_words, ..setting });
            }
            _ => self.found.extend(setting.with_defaults()),
        }
    }

    /// `- NAME=value` of compose files, and the items of `api_keys`.
    fn list_item(&mut self, list: &Entry, item: &Node) {
        let Some(text) = item.as_str() else {
            if let Some((subject, _)) = self.plural(&[&list.key]) {
                // `api_keys: [{ name: …, key: … }]`
                let found = item
                    .entries()
                    .iter()
                    .filter(|it| matches!(it.key.as_str(), "key" | "token" | "value"));
                self.found.extend(found.filter_map(|it| {
                    let setting = Setting::new(&it.key, it.value.as_str()?, it.value.range);
                    Some(Setting { subject: subject.clone(), takes_words: false, ..setting })
                }));
            }
            return;
        };
        if matches!(list.key.as_str(), "environment" | "env") {
            if let Some((name, value)) = text.split_once('=') {
                self.found.extend(Setting::new(name, value, item.range).with_defaults());
            }
        } else if let Some((subject, kind)) = self.plural(&[&list.key]) {
            let takes_words = kind == SecretKind::Password;
            let setting = Setting::new(&list.key, text, item.range);
            self.found.push(Setting { subject, takes_words, ..setting });
        }
    }

    fn kind(&self, name: &str) -> Option<SecretKind> {
        self.names.setting_kind(name)
    }

    /// The name of one of the secrets that the innermost key above is the plural of.
    fn plural(&self, above: &[&str]) -> Option<(String, SecretKind)> {
        let one = above.last()?.strip_suffix('s')?;
        // `credentials` are of many kinds, their names among them.
        let kind = self.kind(one).filter(|_| !has_any_word(one, &["credential"]))?;
        Some((one.to_string(), kind))
    }

    /// An entry of a `Secret`, unless it is plainly public: whatever belongs to a program's
    /// configuration is put there.
    fn entry_of_secret(&self, setting: Setting, is_encoded: bool) -> Option<Setting> {
        let text = match is_encoded {
            true => decoded_base64(&setting.text).unwrap_or_else(|| setting.text.clone()),
            false => setting.text.clone(),
        };
        if self.kind(&setting.name).is_some() {
            return Some(Setting { text, ..setting });
        }
        let is_plain =
            has_address_shape(&text) || is_plain_entry(&setting.name) || setting.name.contains('.');
        let is_key = looks_random(&text) || has_any_word(&setting.name, KEY_ENTRY_WORDS);
        let subject = match is_key && !is_plain {
            true => format!("{} secret", setting.name),
            // A format that is known is told all the same.
            false => setting.name.clone(),
        };
        Some(Setting { subject, text, ..setting })
    }

    /// Whether a setting of a chart says where a secret is kept: its value is the name of a secret
    /// of the cluster, or of an entry in one.
    fn names_place_of_secret(&self, key: &str, text: &str, siblings: &[Entry]) -> bool {
        let refers = |it: &Entry| {
            let last = words(&it.key).last().unwrap_or_default();
            let first = words(&it.key).next().unwrap_or_default();
            it.key != key
                && (first == "existing"
                    || has_any_word(&it.key, &["secret"])
                        && matches!(last.as_str(), "name" | "ref"))
        };
        let last = words(key).last().unwrap_or_default();
        (self.is_chart || siblings.iter().any(refers))
            && matches!(last.as_str(), "key" | "keys" | "secret" | "secrets")
            && is_plain_name(text)
    }
}

/// Whether an entry is none of the secrets around it, by its head noun.
fn is_plain_entry(key: &str) -> bool {
    words(key).last().is_some_and(|last| PLAIN_ENTRY_WORDS.contains(&last.as_str()))
}

/// The variables in a text that have a default, `${NAME:-default}` and `${NAME-default}`, with it.
fn defaults_of(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        rest = rest.get(start + 2..).unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, after) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
        let Some(default) = after.strip_prefix(":-").or_else(|| after.strip_prefix('-')) else {
            continue;
        };
        let mut depth = 0;
        let end = default.find(|c| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            depth < 0
        });
        found.extend(end.and_then(|end| Some((name, default.get(..end)?))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_read_from_variables() {
        assert_eq!(defaults_of("${A:-b}"), [("A", "b")]);
        assert_eq!(
            defaults_of("x://${A-b}:${C:-${D:-e}}@f"),
            [("A", "b"), ("C", "${D:-e}"), ("D", "e")]
        );
        assert!(defaults_of("${A} ${B:?missing} ${C:+x} $D").is_empty());
    }
}
