//! What a text bound to the name of a secret is: the secret, a placeholder, or a reference to the
//! place where the secret is kept.

use super::names::{SecretKind, is_bare_token};
use crate::syntax::names::{has_any_word, words};

/// Ends of the names of files.
const FILE_EXTENSIONS: &[&str] = &[
    ".cer", ".crt", ".der", ".env", ".json", ".key", ".p12", ".pem", ".pfx", ".rs", ".toml",
    ".txt", ".yaml", ".yml",
];

/// Parts of values that were made up for development.
const DEVELOPMENT_MARKS: &[&str] =
    &["change-me", "change_me", "changeit", "changeme", "dev", "hunter2", "insecure", "letmein"];

/// Values that are used in development alone.
const DEVELOPMENT_VALUES: &[&str] = &[
    "admin", "change-me", "change_me", "changeit", "changeme", "dev-secret", "dev-token",
    "dev_secret", "dev_token", "devsecret", "devtoken", "letmein", "password",
];

/// Words of values that people make up.
const MADE_UP_WORDS: &[&str] = &[
    "change", "default", "demo", "dev", "example", "foo", "insecure", "local", "me", "my", "not",
    "some", "super", "test", "the", "this", "very", "your",
];

/// Words of the names of secrets.
const SECRET_NOUNS: &[&str] = &[
    "auth", "authorization", "bearer", "credential", "credentials", "id", "jwt", "key", "name",
    "passphrase", "passwd", "password", "secret", "session", "token",
];

/// Words that settings and schemas have beside the names of secrets.
const SCHEMA_WORDS: &[&str] = &[
    "anonymous", "auth", "base64", "basic", "body", "bytes", "cookie", "default", "digest",
    "ed25519", "empty", "env", "false", "file", "hash", "header", "hidden", "invalid", "masked",
    "missing", "n/a", "nil", "none", "null", "optional", "password_hash", "placeholder", "plain",
    "private", "prompt", "public", "pwd", "query", "redacted", "required", "rsa", "session", "sid",
    "stdin", "string", "text", "tok", "true", "unknown",
];

/// Parts of a text that asks to be replaced.
const REPLACE_MARKS: &[&str] = &[
    "123", "abc", "change", "enter", "example", "fixme", "foo", "generate", "insert",
    "placeholder", "replace", "secret-here", "some", "todo", "xxx", "your",
];

/// What a reference to a secret store, a variable or an encrypted value starts with, and what a
/// hash and a public key do.
const REFERENCE_PREFIXES: &[&str] = &[
    "!", "%", "@", "age1", "argon2", "arn:", "aws:", "bcrypt", "enc[", "env.", "env:", "file:",
    "gcp:", "keyring:", "kv/", "op://", "os.environ", "pbkdf2", "process.env", "projects/", "ref+",
    "scrypt", "secret/", "secret:", "secretsmanager:", "sha256", "sha512", "sops:", "ssh-", "ssm:",
    "vault:", "{{",
];

/// Whether a text bound to the `name` of a secret is one. A fallback, which is used where a value
/// is needed, is one even when it is no more than the name.
pub fn is_secret_value(text: &str, name: &str, kind: SecretKind, is_fallback: bool) -> bool {
    if is_placeholder(text) || is_reference(text) || reads_like_name(text, name, is_fallback) {
        return false;
    }
    // What only says `token` or `key` may be any short word.
    if kind == SecretKind::Token && is_bare_token(name) {
        return has_development_mark(text) || looks_random(text);
    }
    text.len() >= 3 && !SCHEMA_WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether a text stands for a value to be filled in: `<token>`, `${TOKEN}`, `xxxx`.
pub fn is_placeholder(text: &str) -> bool {
    let all_same = text.chars().next().is_none_or(|first| text.chars().all(|c| c == first));
    all_same
        || text.contains(['<', '>', '{', '}', '$', '\u{2026}'])
        || text.contains("...")
        || text.contains("***")
        || text.contains("%s")
        || !text.is_ascii()
}

/// Whether a text says that it is to be replaced: `your-api-key`, `changeme`.
pub fn asks_to_be_replaced(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    REPLACE_MARKS.iter().any(|mark| lower.contains(mark))
}

/// Whether a text is a sentence, a path, an address or a header.
fn is_reference(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.contains(char::is_whitespace)
        || text.contains("://")
        || text.starts_with(['/', '.', '-', '[', '(', '@', '#', '~', ':'])
        || text.contains("::")
        || text.ends_with([':', '/', '_', '-', '=', '.'])
        || lower.starts_with("x-")
        || FILE_EXTENSIONS.iter().any(|end| lower.ends_with(end))
}

/// Whether the text of a setting names the place of a secret, or can be published: ciphertexts,
/// password hashes and public keys.
pub fn is_reference_or_public(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    REFERENCE_PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
        || text.contains('/') && !looks_random(text)
}

/// Whether a text has the form of a digest in hexadecimal digits.
pub fn is_hex_digest(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128)
        && text.bytes().all(|it| it.is_ascii_hexdigit())
}

/// Whether a text has a part that says that it was made up for development.
pub fn has_development_mark(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    DEVELOPMENT_MARKS.iter().any(|mark| lower.contains(mark))
}

/// Whether a text in lower case is a value that is used in development alone: `devtoken`, `admin`.
pub fn is_development_value(lower: &str) -> bool {
    DEVELOPMENT_VALUES.contains(&lower)
}

/// Whether a text looks generated: long, and of digits and letters.
pub fn looks_random(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    text.len() >= 16 && digits >= 3 && letters >= 3
}

/// Whether a text is the name of what it is bound to, or of another setting.
fn reads_like_name(text: &str, name: &str, is_fallback: bool) -> bool {
    let flat = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let (value, own) = (flat(text), flat(name));
    if value == own && !is_fallback {
        return true;
    }
    let screaming = text.contains('_')
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if screaming {
        return true;
    }
    // A sole noun is the lazy choice of a value where one is needed, and else a label.
    if matches!(value.as_str(), "secret" | "password" | "passwd" | "changeme") {
        return !is_fallback && value == own;
    }
    if matches!(value.as_str(), "token" | "key" | "apikey" | "jwt" | "bearer" | "credentials") {
        return true;
    }
    let plain = text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.'));
    let is_compound = words(text).count() > 1;
    plain && is_compound && !has_any_word(text, MADE_UP_WORDS) && has_any_word(text, SECRET_NOUNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_secret(text: &str) -> bool {
        is_secret_value(text, "auth_token", SecretKind::Token, false)
    }

    #[test]
    fn secrets_are_told_from_what_stands_for_them() {
        for text in ["hunter2", "devtoken", "my-dev-token", "a8f5f167f44f4964e6c998dee827110c"] {
            assert!(is_secret(text), "{text}");
        }
        for text in [
            "<token>", "${TOKEN}", "xxxx", "auth_token", "AUTH_TOKEN", "x-auth-token",
            "access-token", "token.txt", "/run/secrets/token", "required",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }

    #[test]
    fn a_fallback_may_be_no_more_than_its_name() {
        let is_secret = |fallback| is_secret_value("secret", "secret", SecretKind::Other, fallback);
        assert!(is_secret(true) && !is_secret(false));
    }
}
