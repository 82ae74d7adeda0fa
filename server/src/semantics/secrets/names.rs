//! What a name says: whether it is that of a secret, or of something about one.

use std::sync::Arc;

use rowan::{GreenNodeData, NodeOrToken};

use super::head_noun::HeadNoun;
use crate::syntax::SyntaxKind;
use crate::syntax::green::token_kind;
use crate::syntax::names::{Parts, has_any_word, words};

/// What kind of secret a name speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// What a person types in, PINs and passphrases among them.
    Password,
    /// What grants access to its bearer: access tokens, session ids, API keys.
    Token,
    /// Cryptographic key material.
    Key,
    /// A name with `secret` or `credentials` in it, or with a word of the settings.
    Other,
}

/// Tells which names are those of secrets, by the built-in words and those of the settings.
#[derive(Debug, Clone, Default)]
pub struct SecretNames {
    extra: Arc<[String]>,
}

/// First words of names that answer yes or no, or count: `has_password`, `max_token`.
const QUESTION_WORDS: &[&str] = &[
    "allow", "allows", "can", "count", "disable", "enable", "has", "ignore", "is", "max", "min",
    "missing", "must", "needs", "no", "num", "requires", "should", "show", "skip", "use", "uses",
    "wants", "without",
];

/// Words that say that a value can be shown, or that it opens nothing.
const HARMLESS_QUALIFIERS: &[&str] = &[
    "banned", "breached", "common", "dummy", "encrypted", "fake", "forbidden", "masked",
    "placeholder", "pub", "public", "redacted", "sealed", "verifying", "wrapped",
];

/// Words of tokens that are places in a listing, versions, or signals: `next_page_token`,
/// `sync_token`, `stop_token`.
const POSITION_QUALIFIERS: &[&str] = &[
    "cancel", "cancellation", "change", "checkpoint", "continuation", "continue", "cursor",
    "delta", "fencing", "idempotency", "lease", "next", "page", "pagination", "paging", "resume",
    "scroll", "seek", "shutdown", "skip", "stop", "sync", "watermark",
];

/// Words of tokens that are pieces of a text.
const TEXT_QUALIFIERS: &[&str] = &[
    "begin", "bos", "cls", "end", "eof", "eos", "first", "mask", "pad", "sep", "special", "start",
    "unexpected", "unk",
];

/// Last words of names that are about something, such as its length, its path or its id.
const ABOUT_NOUNS: &[&str] = &[
    "age", "alg", "algorithm", "algs", "bits", "builder", "callback", "client", "column", "count",
    "counter", "description", "digest", "dir", "endpoint", "env", "err", "error", "event",
    "expiration", "expiry", "field", "file", "fingerprint", "format", "hash", "header", "id",
    "ids", "idx", "index", "issuer", "kind", "label", "len", "length", "lifetime", "limit", "list",
    "location", "method", "mode", "name", "names", "number", "offset", "param", "path", "paths",
    "pattern", "place", "policies", "policy", "position", "prefix", "provider", "range", "scheme",
    "size", "source", "span", "state", "status", "store", "suffix", "table", "timeout",
    "timestamp", "ttl", "type", "uri", "url", "usage", "version",
];

/// Words that make a `key` key material.
const KEY_QUALIFIERS: &[&str] = &[
    "admin", "aes", "auth", "cipher", "database", "db", "decryption", "encryption", "hmac", "jwt",
    "master", "material", "priv", "private", "sec", "secret", "shared", "signing", "sk",
    "symmetric", "wrapping",
];

/// Words that do so when the key is no text: a text is the key of a map, the id of a conversation,
/// or what a header publishes.
const BYTE_KEY_QUALIFIERS: &[&str] =
    &["chain", "cookie", "crypto", "password", "root", "session", "token"];

/// Words that make a `token` one that grants access.
const TOKEN_QUALIFIERS: &[&str] = &[
    "access", "account", "activation", "admin", "api", "app", "auth", "authentication",
    "authorization", "bearer", "bot", "client", "confirmation", "cookie", "csrf", "deploy", "dev",
    "device", "discord", "github", "gitlab", "id", "invitation", "invite", "jwt", "login", "magic",
    "master", "mfa", "npm", "oauth", "oauth2", "oidc", "otp", "pairing", "password", "pat",
    "personal", "private", "push", "refresh", "registration", "remember", "reset", "root",
    "secret", "security", "service", "session", "signed", "signup", "slack", "sso", "telegram",
    "tenant", "totp", "unsubscribe", "user", "vault", "verification", "web", "webhook", "xsrf",
];

/// Words of code that parses, where a token is a piece of text.
const PARSER_WORDS: &[&str] = &[
    "analyzer", "ast", "bpe", "derive", "grammar", "lex", "lexeme", "lexer", "lexers", "lexing",
    "llm", "macro", "macros", "nlp", "parse", "parser", "parsers", "parsing", "prompt", "scanner",
    "span", "stemmer", "syntax", "tokeniser", "tokenization", "tokenize", "tokenizer", "tokens",
    "vocab",
];

impl SecretNames {
    /// The built-in words and `extra` ones: single words, or whole names in snake case.
    pub fn new(extra: &[String]) -> Self {
        Self { extra: extra.into() }
    }

    /// The kind of secret that an identifier names, if any.
    ///
    /// The head noun decides, which is the last one but for words of form and state: `auth_token`,
    /// `private_key_pem` and `old_password` name secrets, `token_policies`, `password_file` and
    /// `api_key_id_hash` something about one. The vocabulary of parsers and of listings is none
    /// either: a bare `tokens`, `next_page_token`, a type such as `Token`.
    pub fn kind(&self, name: &str) -> Option<SecretKind> {
        self.kind_by_form(name, false)
    }

    /// As [`kind`](Self::kind), for a value that is known to be no text: then `session_key` and
    /// `root_key` name key material as well, which are labels else.
    pub fn bytes_kind(&self, name: &str) -> Option<SecretKind> {
        self.kind_by_form(name, true)
    }

    /// As [`kind`](Self::kind), for a list of texts. Secrets and their keys without a qualifier are
    /// named in it, as those of a cluster are.
    pub fn list_kind(&self, name: &str) -> Option<SecretKind> {
        let kind = self.kind(name)?;
        let noun = HeadNoun::of(name, is_qualifier)?;
        let are_names = noun.is_plural
            && match noun.head() {
                "secret" => !noun.is_qualified_by(TOKEN_QUALIFIERS),
                "key" => noun.qualifier() == Some("secret"),
                _ => false,
            };
        (!are_names).then_some(kind)
    }

    fn kind_by_form(&self, name: &str, is_bytes: bool) -> Option<SecretKind> {
        if !self.may_match(name) {
            return None;
        }
        let noun = HeadNoun::of(name, is_qualifier)?;
        let first = noun.words().first()?.as_str();
        if noun.words().len() > 1 && QUESTION_WORDS.contains(&first)
            || noun.is_qualified_by(HARMLESS_QUALIFIERS)
        {
            return None;
        }
        if self.is_extra(&noun) {
            return Some(SecretKind::Other);
        }
        // A hash of a password is kept on purpose; it is compared as a digest.
        let is_hash = || noun.is_qualified_by(&["hash", "hashed", "hasher"]);
        match noun.head() {
            "password" | "passwd" | "passphrase" | "passcode" | "pwd" => {
                (!is_hash()).then_some(SecretKind::Password)
            }
            "phrase" => (noun.qualifier() == Some("pass")).then_some(SecretKind::Password),
            "secret" => Some(if noun.has("key") { SecretKind::Key } else { SecretKind::Other }),
            "credential" | "creds" => Some(SecretKind::Other),
            // What a Vault AppRole logs in with, beside its `role_id`.
            "id" => (noun.qualifier() == Some("secret")).then_some(SecretKind::Other),
            "token" => (!is_hash() && is_granting(&noun)).then_some(SecretKind::Token),
            "jwt" | "bearer" => Some(SecretKind::Token),
            "psk" => Some(SecretKind::Key),
            "key" => key_kind(&noun, is_bytes),
            _ => None,
        }
    }

    /// Whether a name has a word of the settings in it, or is one.
    fn is_extra(&self, noun: &HeadNoun) -> bool {
        self.extra.iter().any(|extra| noun.has(extra) || noun.words().join("_") == *extra)
            && !is_about(noun.words())
    }

    /// Whether a name is that of the address of a database or a broker, which has the password in
    /// it: `database_url`, `redis_uri`, `dsn`.
    pub fn is_address_with_password(&self, name: &str) -> bool {
        // Most names are none, which costs no words.
        if !ends_like_address(name) {
            return false;
        }
        let list: Vec<String> = words(name).collect();
        let has = |word: &str| list.iter().any(|it| it == word);
        match list.last().map(String::as_str) {
            Some("url" | "uri") => list.iter().any(|it| STORE_WORDS.contains(&it.as_str())),
            Some("dsn") => !has("sentry"),
            Some("string" | "str") => has("connection") || has("conn"),
            _ => false,
        }
    }

    /// Whether such a name only says that there is some database: `db_url`.
    pub fn is_address_of_some_database(&self, name: &str) -> bool {
        words(name).all(|word| word == "db" || !STORE_WORDS.contains(&word.as_str()))
            && words(name).any(|word| word == "db")
    }

    /// Whether a name is worth a call of [`kind`](Self::kind): a cheap test that is true for every
    /// name of a secret, and for some others.
    pub fn may_match(&self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let holds = |part: &str| {
            !part.is_empty()
                && bytes
                    .windows(part.len())
                    .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
        };
        PARTS.occur_in(name)
            || self.extra.iter().any(|word| word.split('_').next().is_some_and(holds))
    }

    /// Whether an identifier or a string below `node` may name a secret or the address of a
    /// database, by cheap tests.
    pub fn may_occur_in(&self, node: &GreenNodeData) -> bool {
        node.children().any(|child| match child {
            NodeOrToken::Node(child) => self.may_occur_in(child),
            NodeOrToken::Token(token) => match token_kind(token) {
                SyntaxKind::IDENT => {
                    self.may_match(token.text()) || ends_like_address(token.text())
                }
                SyntaxKind::STRING => {
                    self.may_match(token.text()) || may_capture_address(token.text())
                }
                _ => false,
            },
        })
    }
}

/// What most names of secrets have in them.
const PARTS: Parts =
    Parts::new(&["auth", "bearer", "cred", "jwt", "key", "pass", "psk", "pwd", "secret", "token"]);

/// Words of servers that take a user and a password in their addresses.
const STORE_WORDS: &[&str] = &[
    "amqp", "broker", "clickhouse", "cockroach", "database", "db", "mariadb", "mongo", "mongodb",
    "mssql", "mysql", "pg", "postgres", "postgresql", "rabbit", "rabbitmq", "redis", "sqlserver",
    "timescale",
];

/// Whether a name ends as those of addresses do, in capitals or not.
fn ends_like_address(name: &str) -> bool {
    let ends_with = |end: &str| {
        let start = name.len().checked_sub(end.len());
        start.and_then(|at| name.get(at..)).is_some_and(|it| it.eq_ignore_ascii_case(end))
    };
    ["url", "uri", "dsn", "string", "str"].into_iter().any(ends_with)
}

/// Whether a format string may capture the variable of an address.
fn may_capture_address(text: &str) -> bool {
    ["url", "uri", "dsn", "string", "str"].into_iter().any(|end| {
        text.match_indices(end).any(|(at, _)| {
            text.get(at + end.len()..).is_some_and(|rest| rest.starts_with(['}', ':']))
        })
    })
}

/// Whether a word may stand before `token`, `key` or `secret` in one word with it.
fn is_qualifier(word: &str) -> bool {
    KEY_QUALIFIERS.contains(&word) || TOKEN_QUALIFIERS.contains(&word)
}

/// Whether a name whose head is `token` may be that of one that grants something.
fn is_granting(noun: &HeadNoun) -> bool {
    if noun.is_plural {
        return noun.is_qualified_by(TOKEN_QUALIFIERS);
    }
    let others = [POSITION_QUALIFIERS, TEXT_QUALIFIERS, PARSER_WORDS];
    !others.iter().any(|list| noun.is_qualified_by(list))
}

/// What a name says whose head is `key`.
fn key_kind(noun: &HeadNoun, is_bytes: bool) -> Option<SecretKind> {
    if matches!(noun.qualifier(), Some("api" | "access")) {
        return Some(SecretKind::Token);
    }
    let is_material = noun.is_qualified_by(KEY_QUALIFIERS)
        || noun.has("material")
        || is_bytes && noun.is_qualified_by(BYTE_KEY_QUALIFIERS);
    is_material.then_some(SecretKind::Key)
}

fn is_about(words: &[String]) -> bool {
    words.last().is_some_and(|word| ABOUT_NOUNS.contains(&word.as_str()))
        || words.iter().any(|word| HARMLESS_QUALIFIERS.contains(&word.as_str()))
        || words.first().is_some_and(|it| QUESTION_WORDS.contains(&it.as_str()) && words.len() > 1)
}

/// Whether a name is that of something about a thing, such as its length, its path or its id.
pub fn is_about_something(name: &str) -> bool {
    is_about(&words(name).collect::<Vec<_>>())
}

/// Whether a name says only `token`, which is a secret to a server and a word to a parser:
/// `token` and `next_token` do, `auth_token` and `jwt` do not.
pub fn is_bare_token(name: &str) -> bool {
    // `token0` and `token1` are two of a kind.
    let stem = |word: String| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_string();
    let words: Vec<String> = words(name).map(stem).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(&["token", "tokens"]) && !has(TOKEN_QUALIFIERS) && !has(&["key", "keys"])
}

/// Whether a name is that of a token that is a place in a listing, a version or a signal.
pub fn is_position_token(name: &str) -> bool {
    HeadNoun::of(name, is_qualifier)
        .is_some_and(|noun| noun.head() == "token" && noun.is_qualified_by(POSITION_QUALIFIERS))
}

/// Whether a path or a name is about parsing, where a token is a piece of text.
pub fn is_about_parsing(name: &str) -> bool {
    has_any_word(name, PARSER_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Option<SecretKind> {
        SecretNames::default().kind(name)
    }

    #[test]
    fn secrets_are_told_from_what_is_about_them() {
        for name in [
            "password", "AUTH_TOKEN", "apiKey", "private_key", "client_secret", "db_key",
            "private_key_pem", "passwordConfirmation", "secret_id", "api_tokens", "authtoken",
            "required_password", "sign_in_token", "token_for_user", "PASSWORD2", "reset_token",
        ] {
            assert!(kind(name).is_some(), "{name}");
        }
        for name in [
            "token_count", "public_key", "key", "tokens", "password_file", "tokenizer", "monkey",
            "stop_token", "max_tokens", "secret_name", "keyboard", "token_type", "password_hash",
            "encrypted_private_key", "next_page_token", "token_policies", "jwt_supported_algs",
            "token_bound_cidrs", "api_key_id_hash", "credentials_enc", "private_key_digest",
            "private_key_place", "sync_token", "eos_token", "password_required", "secret_key_ref",
            "token_data", "hashed_password", "use_token",
        ] {
            assert!(kind(name).is_none(), "{name}");
        }
        assert!(SecretNames::new(&["pin_code".to_string()]).kind("pin_code").is_some());
    }

    #[test]
    fn some_keys_are_material_only_as_bytes() {
        let names = SecretNames::default();
        for name in ["session_key", "root_key", "crypto_key"] {
            assert_eq!(names.kind(name), None, "{name}");
            assert_eq!(names.bytes_kind(name), Some(SecretKind::Key), "{name}");
        }
    }

    #[test]
    fn addresses_of_databases_have_passwords() {
        let names = SecretNames::default();
        for name in ["DATABASE_URL", "redis_url", "mongoUri", "dsn", "connection_string"] {
            assert!(names.is_address_with_password(name), "{name}");
        }
        for name in ["base_url", "sentry_dsn", "database", "string", "curl"] {
            assert!(!names.is_address_with_password(name), "{name}");
        }
    }

    #[test]
    fn a_bare_token_is_told_from_one_that_grants_access() {
        for name in ["token", "next_token", "tokens", "Token"] {
            assert!(is_bare_token(name), "{name}");
        }
        for name in ["auth_token", "accessToken", "jwt", "password", "API_TOKEN", "token_key"] {
            assert!(!is_bare_token(name), "{name}");
        }
    }

    #[test]
    fn every_secret_passes_the_cheap_test() {
        let names = SecretNames::default();
        for name in [
            "password", "passwd", "pwd", "passphrase", "AUTH_TOKEN", "apiKey", "private_key",
            "clientSecret", "credentials", "jwt", "bearer", "seckey",
        ] {
            assert!(names.may_match(name), "{name}");
        }
        assert!(!names.may_match("user_name") && !names.may_match("port"));
        assert!(SecretNames::new(&["pin_code".to_string()]).may_match("pin_code"));
    }
}
