//! What the names of things tell: their words, and whether they name a secret.

/// The lower-case words of an identifier or a kebab-case name: `auth`, `token` in `authToken`,
/// `AUTH_TOKEN` and `auth-token`.
pub fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let (word, after) = rest.split_at(word_len(rest));
        rest = after;
        (!word.is_empty()).then(|| word.to_lowercase())
    })
}

/// The length in bytes of the word that `text` starts with.
fn word_len(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut before: Option<char> = None;
    while let Some((at, c)) = chars.next() {
        let starts_word = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase()
                        && chars.peek().is_some_and(|(_, after)| after.is_lowercase())
            });
        if !c.is_alphanumeric() || starts_word {
            return at;
        }
        before = Some(c);
    }
    text.len()
}

/// Whether a name is worth a look by [`secret`]: a cheap test that is true for every name of a
/// secret, and for some others.
pub fn may_be_secret(name: &str, extra: &[String]) -> bool {
    let bytes = name.as_bytes();
    let holds = |part: &str| {
        !part.is_empty()
            && bytes.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
    };
    let pairs = bytes.iter().zip(bytes.iter().skip(1)).enumerate();
    pairs.into_iter().any(|(at, (first, second))| {
        // Every name of a file comes here, and few have such a pair of letters in them.
        let seconds = SECOND_LETTERS[usize::from(first & 31)];
        seconds >> (second & 31) & 1 == 1 && opens_with_part(bytes.get(at..).unwrap_or_default())
    }) || extra.iter().any(|word| word.split('_').next().is_some_and(holds))
}

/// Of the parts in [`opens_with_part`], which letters come second, by the first. A letter counts by
/// its last five bits, which capitals share with the others.
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
fn opens_with_part(rest: &[u8]) -> bool {
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

/// What kind of secret a name speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// What a person types in, PINs and passphrases among them.
    Password,
    /// A bearer of rights: access tokens, session ids, API keys.
    Token,
    /// Cryptographic key material.
    Key,
    /// Named secret, without more.
    Other,
}

/// Words that turn the name of a secret into that of something about it, wherever they stand.
const ABOUT_ANYWHERE: &[&str] = &[
    "public", "pub", "max", "min", "num", "is", "has", "needs", "no", "requires", "required",
    "verifying", "enabled", "cancellation", "cancel", "stop",
    // Places in a listing: `next_page_token`.
    "page", "continuation", "pagination", "cursor",
    // Names of parts of a program's text: `unexpected_token`.
    "unexpected", // What is encrypted may be shown.
    "encrypted", "wrapped", "sealed", "placeholder",
];

/// Words that do so as the last one, which says what the thing is.
const ABOUT_LAST: &[&str] = &[
    "count", "counter", "counts", "len", "length", "size", "sizes", "type", "types", "kind",
    "kinds", "name", "names", "id", "ids", "url", "uri", "endpoint", "path", "paths", "file",
    "files", "dir", "ttl", "expiry", "expires", "expiration", "lifetime", "age", "timeout", "time",
    "timestamp", "index", "idx", "offset", "pos", "position", "start", "end", "span", "range",
    "public", "pub", "max", "min", "limit", "num", "number", "policy", "mode", "format", "prefix",
    "suffix", "header", "field", "column", "label", "env", "var", "param", "error", "err",
    "errors", "status", "state", "version", "algorithm", "alg", "usage", "stream", "tree",
    "bucket", "buckets", "stop", "cancel", "cancellation", "is", "has", "needs", "requires",
    "required", "enabled", "valid", "list", "set", "map", "store", "manager", "provider",
    "factory", "builder", "generator", "verifier", "validator", "parser", "source", "handler",
    "service", "client", "server", "event", "exchange", "schedule", "log", "rotation", "update",
    "phase", "interval", "strength", "rule", "rules", "hint", "prompt", "reset", "scheme",
    "schemes", "doc", "docs", "description", "share", "bits", "bytes_len", "table", "ring",
    "agreement", "derivation", "pattern", "regex", "nonce", "used", "present", "missing",
    "invalid", "callback", "fn", "method", "issuer", // Vocabulary: `secret_words`.
    "words",
];

fn is_about(words: &[String]) -> bool {
    words.iter().any(|word| ABOUT_ANYWHERE.contains(&word.as_str()))
        || words.last().is_some_and(|word| ABOUT_LAST.contains(&word.as_str()))
}

/// Whether a name is that of something about a thing, such as its length, its path or its id.
pub fn is_about_something(name: &str) -> bool {
    is_about(&words(name).collect::<Vec<_>>())
}

/// Tells whether an identifier names a secret, and of which kind.
///
/// `extra` are further secret words from the configuration. Names about a secret
/// (`token_count`, `public_key`, `password_file`) are none, and neither is the vocabulary of
/// parsers: a bare `tokens` or a type such as `Token`.
pub fn secret(name: &str, extra: &[String]) -> Option<Secret> {
    if !may_be_secret(name, extra) {
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
    if extra.iter().any(|extra| has(extra) || words.join("_") == *extra) {
        return Some(Secret::Other);
    }
    if has("password") || has("passwd") || has("passphrase") || has("pwd") || pair("pass", "phrase")
    {
        // A hash of a password is kept on purpose; it is compared as a digest.
        return if has("hash") || has("hashed") || has("hasher") {
            None
        } else {
            Some(Secret::Password)
        };
    }
    if has("secret") || has("secrets") {
        return Some(if has("key") { Secret::Key } else { Secret::Other });
    }
    if has("apikey") || pair("api", "key") || pair("access", "key") || has("jwt") || has("bearer") {
        return Some(Secret::Token);
    }
    if has("token") {
        return Some(Secret::Token);
    }
    if has("credential") || has("credentials") {
        return Some(Secret::Other);
    }
    const KEY_KINDS: &[&str] = &[
        "private", "signing", "encryption", "decryption", "master", "session", "hmac", "aes",
        "symmetric", "db", "database", "cipher", "shared", "wrapping", "root", "chain", "sk",
        "secret", "crypto", "auth", "admin",
    ];
    if (has("key") || has("keys") || has("seckey"))
        && words.iter().any(|word| KEY_KINDS.contains(&word.as_str()))
    {
        return Some(Secret::Key);
    }
    if has("privkey") || has("privatekey") || has("seckey") || pair("priv", "key") {
        return Some(Secret::Key);
    }
    None
}

/// Whether a name says only `token`, which is a secret to a server and a word to a parser:
/// `token` and `next_token` do, `auth_token` and `jwt` do not.
pub fn is_bare_token(name: &str) -> bool {
    const BEARERS: &[&str] = &[
        "auth", "authentication", "authorization", "access", "refresh", "bearer", "session", "api",
        "id", "csrf", "xsrf", "jwt", "admin", "service", "bot", "device", "login", "oauth",
        "oauth2", "oidc", "sso", "security", "private", "secret", "github", "gitlab", "slack",
        "discord", "telegram", "vault", "npm", "deploy", "personal", "master", "user", "magic",
        "verification", "otp", "mfa", "totp", "registration", "pairing", "invite", "invitation",
        "password", "pat", "cookie", "root", "client", "app", "web", "dev", "tenant", "account",
        "push", "webhook", "signed",
    ];
    let words: Vec<String> = words(name).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(&["token", "tokens"]) && !has(BEARERS) && !has(&["key", "keys"])
}

/// Whether a name is from the vocabulary of parsers, where a token is a word.
pub fn is_about_parsing(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "parse"
                | "parser"
                | "parsers"
                | "parsing"
                | "lex"
                | "lexer"
                | "lexers"
                | "lexeme"
                | "tokenize"
                | "tokenizer"
                | "tokens"
                | "syntax"
                | "grammar"
                | "ast"
                | "macro"
                | "macros"
                | "scanner"
                | "span"
                | "bpe"
                | "vocab"
                | "llm"
                | "prompt"
                | "nlp"
                | "analyzer"
                | "stemmer"
                | "derive"
        )
    })
}

/// Tells whether an identifier names a value that only its owner can compute, and that must
/// therefore be compared in constant time: a MAC, a digest used as proof, a signature.
pub fn authenticator(name: &str) -> bool {
    let words: Vec<String> = words(name).collect();
    let has = |word: &str| words.iter().any(|it| it == word);
    if is_about(&words) {
        return false;
    }
    has("hmac")
        || has("mac") && !has("address") && !has("addr") && !has("os")
        || has("digest")
        || has("fingerprint")
        || has("signature") && !has("method")
        || (has("hash") && (has("password") || has("passwd") || has("token") || has("secret")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_words() {
        let split = |name| words(name).collect::<Vec<_>>().join(" ");
        assert_eq!(split("authToken"), "auth token");
        assert_eq!(split("AUTH_TOKEN"), "auth token");
        assert_eq!(split("HTTPServer2Key"), "http server2 key");
        assert_eq!(split("db-key"), "db key");
    }

    #[test]
    fn secrets_are_told_from_what_is_about_them() {
        for name in ["password", "AUTH_TOKEN", "apiKey", "private_key", "client_secret", "db_key"] {
            assert!(secret(name, &[]).is_some(), "{name}");
        }
        for name in [
            "token_count", "public_key", "key", "tokens", "password_file", "tokenizer", "monkey",
            "stop_token", "max_tokens", "secret_name", "keyboard", "token_type", "password_hash",
            "encrypted_private_key", "next_page_token",
        ] {
            assert!(secret(name, &[]).is_none(), "{name}");
        }
        assert!(secret("pin_code", &["pin_code".to_string()]).is_some());
    }

    #[test]
    fn a_bare_token_is_told_from_one_that_bears_rights() {
        for name in ["token", "next_token", "tokens", "Token"] {
            assert!(is_bare_token(name), "{name}");
        }
        for name in ["auth_token", "accessToken", "jwt", "password", "API_TOKEN", "token_key"] {
            assert!(!is_bare_token(name), "{name}");
        }
    }

    #[test]
    fn every_secret_passes_the_cheap_test() {
        for name in [
            "password", "passwd", "pwd", "passphrase", "AUTH_TOKEN", "apiKey", "private_key",
            "clientSecret", "credentials", "jwt", "bearer", "seckey",
        ] {
            assert!(may_be_secret(name, &[]), "{name}");
        }
        assert!(!may_be_secret("user_name", &[]) && !may_be_secret("port", &[]));
        assert!(may_be_secret("pin_code", &["pin_code".to_string()]));
    }

    #[test]
    fn authenticators_are_told_from_addresses() {
        assert!(authenticator("expected_mac") && authenticator("body_digest"));
        assert!(!authenticator("mac_address") && !authenticator("hash") && !authenticator("macro"));
    }
}
