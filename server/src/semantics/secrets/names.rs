//! What a name says: whether it is that of a secret, or of something about one.

use std::sync::Arc;

use rowan::{GreenNodeData, NodeOrToken};

use crate::syntax::SyntaxKind;
use crate::syntax::green::token_kind;
use crate::syntax::names::{has_any_word, words};

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

/// Words that turn the name of a secret into that of something about it, wherever they stand. Among
/// them are places in a listing (`next_page_token`), parts of a program's text
/// (`unexpected_token`) and ciphertexts, which may be shown.
const ABOUT_ANYWHERE: &[&str] = &[
    "cancel", "cancellation", "continuation", "cursor", "enabled", "encrypted", "has", "is", "max",
    "min", "needs", "no", "num", "page", "pagination", "placeholder", "pub", "public", "required",
    "requires", "sealed", "stop", "unexpected", "verifying", "wrapped",
];

/// Words that do so as the last one, which says what the thing is: `token_count`, `secret_words`.
const ABOUT_LAST: &[&str] = &[
    "age", "agreement", "alg", "algorithm", "bits", "bucket", "buckets", "builder", "bytes_len",
    "callback", "cancel", "cancellation", "client", "column", "count", "counter", "counts",
    "derivation", "description", "dir", "doc", "docs", "enabled", "end", "endpoint", "env", "err",
    "error", "errors", "event", "exchange", "expiration", "expires", "expiry", "factory", "field",
    "file", "files", "fn", "format", "generator", "handler", "has", "header", "hint", "id", "ids",
    "idx", "index", "interval", "invalid", "is", "issuer", "kind", "kinds", "label", "len",
    "length", "lifetime", "limit", "list", "log", "manager", "map", "max", "method", "min",
    "missing", "mode", "name", "names", "needs", "nonce", "num", "number", "offset", "param",
    "parser", "path", "paths", "pattern", "phase", "policy", "pos", "position", "prefix",
    "present", "prompt", "provider", "pub", "public", "range", "regex", "required", "requires",
    "reset", "ring", "rotation", "rule", "rules", "schedule", "scheme", "schemes", "server",
    "service", "set", "share", "size", "sizes", "source", "span", "start", "state", "status",
    "stop", "store", "stream", "strength", "suffix", "table", "time", "timeout", "timestamp",
    "tree", "ttl", "type", "types", "update", "uri", "url", "usage", "used", "valid", "validator",
    "var", "verifier", "version", "words",
];

/// Words that make a `key` key material.
const KEY_QUALIFIERS: &[&str] = &[
    "admin", "aes", "auth", "chain", "cipher", "crypto", "database", "db", "decryption",
    "encryption", "hmac", "master", "private", "root", "secret", "session", "shared", "signing",
    "sk", "symmetric", "wrapping",
];

/// Words that make a `token` one that grants access.
const TOKEN_QUALIFIERS: &[&str] = &[
    "access", "account", "admin", "api", "app", "auth", "authentication", "authorization",
    "bearer", "bot", "client", "cookie", "csrf", "deploy", "dev", "device", "discord", "github",
    "gitlab", "id", "invitation", "invite", "jwt", "login", "magic", "master", "mfa", "npm",
    "oauth", "oauth2", "oidc", "otp", "pairing", "password", "pat", "personal", "private", "push",
    "refresh", "registration", "root", "secret", "security", "service", "session", "signed",
    "slack", "sso", "telegram", "tenant", "totp", "user", "vault", "verification", "web",
    "webhook", "xsrf",
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
    /// Names about a secret (`token_count`, `public_key`, `password_file`) are none, and neither is
    /// the vocabulary of parsers: a bare `tokens` or a type such as `Token`.
    pub fn kind(&self, name: &str) -> Option<SecretKind> {
        if !self.may_match(name) {
            return None;
        }
        let words: Vec<String> = words(name).collect();
        let has = |word: &str| words.iter().any(|it| it == word);
        let pair = |first: &str, second: &str| {
            words.windows(2).any(|pair| pair[0] == first && pair[1] == second)
        };
        if is_about(&words) {
            return None;
        }
        if self.extra.iter().any(|extra| has(extra) || words.join("_") == *extra) {
            return Some(SecretKind::Other);
        }
        if has("password")
            || has("passwd")
            || has("passphrase")
            || has("pwd")
            || pair("pass", "phrase")
        {
            // A hash of a password is kept on purpose; it is compared as a digest.
            let is_hash = has("hash") || has("hashed") || has("hasher");
            return (!is_hash).then_some(SecretKind::Password);
        }
        if has("secret") || has("secrets") {
            return Some(if has("key") { SecretKind::Key } else { SecretKind::Other });
        }
        if has("apikey") || pair("api", "key") || pair("access", "key") {
            return Some(SecretKind::Token);
        }
        if has("jwt") || has("bearer") || has("token") {
            return Some(SecretKind::Token);
        }
        if has("credential") || has("credentials") {
            return Some(SecretKind::Other);
        }
        let is_qualified = || words.iter().any(|word| KEY_QUALIFIERS.contains(&word.as_str()));
        if (has("key") || has("keys")) && is_qualified() {
            return Some(SecretKind::Key);
        }
        if has("privkey") || has("privatekey") || has("seckey") || pair("priv", "key") {
            return Some(SecretKind::Key);
        }
        None
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
        let pairs = bytes.iter().zip(bytes.iter().skip(1)).enumerate();
        pairs.into_iter().any(|(at, (first, second))| {
            // Every name of a file comes here, and few have such a pair of letters in them.
            let seconds = SECOND_LETTERS[usize::from(first & 31)];
            seconds >> (second & 31) & 1 == 1
                && starts_like_secret(bytes.get(at..).unwrap_or_default())
        }) || self.extra.iter().any(|word| word.split('_').next().is_some_and(holds))
    }

    /// Whether an identifier or a string below `node` may name a secret, by the same cheap test.
    pub fn may_occur_in(&self, node: &GreenNodeData) -> bool {
        node.children().any(|child| match child {
            NodeOrToken::Node(child) => self.may_occur_in(child),
            NodeOrToken::Token(token) => {
                matches!(token_kind(token), SyntaxKind::IDENT | SyntaxKind::STRING)
                    && self.may_match(token.text())
            }
        })
    }
}

/// Of the parts in [`starts_like_secret`], which letters come second, by the first. A letter counts
/// by its last five bits, which capitals share with the others.
const SECOND_LETTERS: [u32; 32] = {
    let pairs = [b"pa", b"pw", b"ps", b"se", b"to", b"ke", b"cr", b"jw", b"be", b"au"];
    let mut seconds = [0; 32];
    let mut at = 0;
    while at < pairs.len() {
        seconds[(pairs[at][0] & 31) as usize] |= 1 << (pairs[at][1] & 31);
        at += 1;
    }
    seconds
};

/// Whether `rest` starts with something that most names of secrets have in them.
fn starts_like_secret(rest: &[u8]) -> bool {
    let parts: &[&str] = match rest.first().map(u8::to_ascii_lowercase) {
        Some(b'p') => &["pass", "pwd", "psk"],
        Some(b's') => &["secret"],
        Some(b't') => &["token"],
        Some(b'k') => &["key"],
        Some(b'c') => &["cred"],
        Some(b'j') => &["jwt"],
        Some(b'b') => &["bearer"],
        Some(b'a') => &["auth"],
        _ => return false,
    };
    parts.iter().any(|part| {
        rest.get(..part.len()).is_some_and(|it| it.eq_ignore_ascii_case(part.as_bytes()))
    })
}

fn is_about(words: &[String]) -> bool {
    words.iter().any(|word| ABOUT_ANYWHERE.contains(&word.as_str()))
        || words.last().is_some_and(|word| ABOUT_LAST.contains(&word.as_str()))
}

/// Whether a name is that of something about a thing, such as its length, its path or its id.
pub fn is_about_something(name: &str) -> bool {
    is_about(&words(name).collect::<Vec<_>>())
}

/// Whether a name says only `token`, which is a secret to a server and a word to a parser:
/// `token` and `next_token` do, `auth_token` and `jwt` do not.
pub fn is_bare_token(name: &str) -> bool {
    let words: Vec<String> = words(name).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(&["token", "tokens"]) && !has(TOKEN_QUALIFIERS) && !has(&["key", "keys"])
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
        for name in ["password", "AUTH_TOKEN", "apiKey", "private_key", "client_secret", "db_key"] {
            assert!(kind(name).is_some(), "{name}");
        }
        for name in [
            "token_count", "public_key", "key", "tokens", "password_file", "tokenizer", "monkey",
            "stop_token", "max_tokens", "secret_name", "keyboard", "token_type", "password_hash",
            "encrypted_private_key", "next_page_token",
        ] {
            assert!(kind(name).is_none(), "{name}");
        }
        assert!(SecretNames::new(&["pin_code".to_string()]).kind("pin_code").is_some());
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
