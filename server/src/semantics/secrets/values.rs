//! What a text bound to the name of a secret is: the secret, a placeholder, or a reference to the
//! place where the secret is kept.

use super::names::{SecretKind, is_bare_token};
use super::shapes::{
    has_address_shape, is_alphabet, is_file_name, is_filler, is_generated, is_quantity, is_repeated,
};
use crate::syntax::names::{has_any_word, words};

/// Where a text stands that may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValuePlace {
    /// Bound to a name in code, where many texts are labels.
    Bound,
    /// Used when another value is absent: what stands there is a value, whatever it reads like.
    Fallback,
    /// The value of a setting in a file.
    Setting,
    /// As `Setting`, in quotes: white space belongs to it.
    QuotedSetting,
}

/// How a text became the value of a secret, the less certain first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretValue {
    /// It works, and asks to be replaced: `changeme`.
    ToReplace,
    /// Words, which may be a name of something after all: `super-secret`.
    Words,
    /// Made up by a person: `hunter2`.
    MadeUp,
    /// Generated: long, and without words.
    Generated,
}

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
    "change", "default", "demo", "dev", "foo", "insecure", "local", "me", "my", "not", "some",
    "super", "test", "the", "this", "very",
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
    "stdin", "string", "text", "tok", "true", "unknown", "unset",
];

/// Parts of a text that asks to be replaced, in examples.
const REPLACE_MARKS: &[&str] = &[
    "123", "abc", "change", "enter", "example", "fixme", "foo", "generate", "insert",
    "placeholder", "replace", "secret-here", "some", "todo", "xxx", "your",
];

/// Words with which a text speaks to the person who has to fill it in.
const FILL_IN_WORDS: &[&str] = &[
    "dummy", "example", "fake", "fillme", "fixme", "here", "placeholder", "redacted", "replace",
    "replaced", "replaceme", "sample", "tbd", "todo", "xxx", "your", "yours",
];

/// Verbs that such a text begins with.
const FILL_IN_VERBS: &[&str] = &[
    "add", "choose", "create", "define", "enter", "fill", "generate", "get", "insert", "obtain",
    "paste", "pick", "provide", "put", "run", "see", "set", "specify", "use",
];

/// Words that follow `change` where a value asks to be changed.
const CHANGE_OBJECTS: &[&str] =
    &["before", "in", "it", "later", "me", "must", "please", "prod", "production", "that", "this"];

/// What a reference to a secret store, a variable or an encrypted value starts with, and what a
/// hash and a public key do.
const REFERENCE_PREFIXES: &[&str] = &[
    "!", "%", "@", "age1", "argon2", "arn:", "aws:", "bcrypt", "enc[", "env.", "env:", "file:",
    "gcp:", "keyring:", "kv/", "op://", "os.environ", "pbkdf2", "process.env", "projects/", "ref+",
    "scrypt", "secret/", "secret:", "secretsmanager:", "sha256", "sha512", "sops:", "ssh-", "ssm:",
    "vault:", "{{",
];

/// What kind of value a text is that is bound to the `name` of a secret; nothing when it is a
/// placeholder, a reference to the secret, or a name.
pub fn secret_value(
    text: &str,
    name: &str,
    kind: SecretKind,
    place: ValuePlace,
) -> Option<SecretValue> {
    if is_placeholder(text) {
        return None;
    }
    if is_generated(text) {
        return Some(SecretValue::Generated);
    }
    if is_reference(text, kind, place) || reads_like_name(text, name, place) || is_header(text) {
        return None;
    }
    // What only says `token` or `key` may be any short word.
    let is_bare = kind == SecretKind::Token && is_bare_token(name);
    if is_bare && !has_development_mark(text) && !looks_random(text) {
        return None;
    }
    if text.len() < 3 || SCHEMA_WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return None;
    }
    let has = |test: fn(&char) -> bool| text.chars().any(|it| test(&it));
    Some(match () {
        () if asks_to_be_changed(text) => SecretValue::ToReplace,
        () if has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) => SecretValue::MadeUp,
        () => SecretValue::Words,
    })
}

/// Whether a text stands for a value to be filled in: `<token>`, `${TOKEN}`, `xxxx`,
/// `your-api-key`.
pub fn is_placeholder(text: &str) -> bool {
    is_repeated(text)
        || text.contains(['<', '>', '{', '}', '$', '\u{2026}'])
        || text.contains("...")
        || text.contains("***")
        || text.contains("%s")
        || !text.is_ascii()
        || is_filler(text)
        || asks_to_be_filled_in(text)
}

/// Whether a text tells a person what to put in its place: `your_password`,
/// `generate-with-openssl`.
fn asks_to_be_filled_in(text: &str) -> bool {
    let list: Vec<String> = words(text).collect();
    let has = |word: &str, among: &[&str]| among.contains(&word);
    if list.iter().any(|word| has(word, FILL_IN_WORDS)) && !is_generated(text) {
        return true;
    }
    let begins = list.first().is_some_and(|first| has(first, FILL_IN_VERBS));
    let speaks_of_secret = list.iter().skip(1).any(|word| has(word, SECRET_NOUNS) || word == "me");
    if begins && (list.len() > 2 || speaks_of_secret) {
        return true;
    }
    // Run together: `yourpassword`.
    let lower = text.to_ascii_lowercase();
    lower.split_once("your").is_some_and(|(_, rest)| {
        let rest = rest.trim_start_matches(['_', '-']);
        SECRET_NOUNS.iter().chain(&["api", "own"]).any(|noun| rest.starts_with(noun))
    })
}

/// Whether a value that works asks to be changed: `changeme`, `please-change-in-production`.
fn asks_to_be_changed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let follows = |word: &String| CHANGE_OBJECTS.contains(&word.as_str());
    ["changeme", "changeit", "changethis"].iter().any(|mark| lower.contains(mark))
        || has_any_word(&lower, &["change", "changed"]) && words(&lower).any(|it| follows(&it))
}

/// Whether a text in an example says that it is to be replaced: `your-api-key`, `changeme`.
pub fn asks_to_be_replaced(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    REPLACE_MARKS.iter().any(|mark| lower.contains(mark))
}

/// Whether a text is a sentence, a path, an address, a header, or the letters that others are made
/// of.
fn is_reference(text: &str, kind: SecretKind, place: ValuePlace) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_sentence = text.contains(char::is_whitespace)
        && !(place == ValuePlace::QuotedSetting && is_phrase(text, kind));
    is_sentence
        || text.contains("://")
        || text.starts_with(['/', '.', '-', '[', '(', '@', '#', '~', ':'])
        || text.contains("::")
        || text.contains('\\')
        || text.ends_with([':', '/', '_', '-', '=', '.'])
        || lower.starts_with("x-")
        || is_file_name(text)
        || is_alphabet(text)
        || is_quantity(text)
}

/// Whether a text is the name of a header that carries secrets, or of a scheme of authentication.
fn is_header(text: &str) -> bool {
    ["authorization", "basic", "bearer", "cookie", "proxy-authorization", "set-cookie"]
        .iter()
        .any(|it| text.eq_ignore_ascii_case(it))
}

/// Whether several words may be a passphrase, and do not speak to a person.
fn is_phrase(text: &str, kind: SecretKind) -> bool {
    kind != SecretKind::Token
        && !has_any_word(text, SECRET_NOUNS)
        && !text.ends_with(['.', ':', '!', '?'])
        && text.split_whitespace().count() <= 12
}

/// Whether the text of a setting names the place of a secret, or can be published: ciphertexts,
/// password hashes and public keys.
pub fn is_reference_or_public(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    REFERENCE_PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
        || text.contains('/') && !looks_random(text)
        || has_address_shape(text)
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

/// Whether a text is no more than words that name things, without anything that only a value has:
/// `root-ca-bundle`, `tls.key`.
pub fn is_plain_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let numbers = words(text).filter(|word| word.chars().any(|it| it.is_ascii_digit()));
    text.chars().all(is_part)
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && numbers.filter(|word| !is_version(word)).count() == 0
        && !has_any_word(text, MADE_UP_WORDS)
        && !has_development_mark(text)
        && !is_generated(text)
}

/// A number that counts versions or instances: `v1`, `2`.
fn is_version(word: &str) -> bool {
    let number = word.strip_prefix('v').unwrap_or(word);
    (1..=2).contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit())
}

/// Whether a text is the name of what it is bound to, or of another setting.
fn reads_like_name(text: &str, name: &str, place: ValuePlace) -> bool {
    let flat = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let (value, own) = (flat(text), flat(name));
    if value == own && place == ValuePlace::Bound {
        return true;
    }
    let screaming = text.contains('_')
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if screaming {
        return true;
    }
    if place == ValuePlace::Bound && repeats_name(text, name) {
        return true;
    }
    // A sole noun is the lazy choice of a value where one is needed, and else a label.
    if matches!(value.as_str(), "secret" | "password" | "passwd" | "changeme") {
        return false;
    }
    if matches!(value.as_str(), "token" | "key" | "apikey" | "jwt" | "bearer" | "credentials") {
        return true;
    }
    let is_compound = words(text).filter(|word| !is_version(word)).count() > 1;
    place != ValuePlace::Fallback
        && is_compound
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
        && is_plain_name(&text.replace(':', "."))
        && has_any_word(text, SECRET_NOUNS)
}

/// Whether a text says again what its name says: `login_state` of `LOGIN_STATE_KEY`, or
/// `mail:password_failed` of `PASSWORD_FAILED`.
fn repeats_name(text: &str, name: &str) -> bool {
    let singular = |word: String| match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 => stem.to_string(),
        _ => word,
    };
    let value: Vec<String> = words(text).map(singular).collect();
    let own: Vec<String> = words(name).map(singular).collect();
    if let [word] = value.as_slice() {
        // Constants are labels more often than variables and fields are.
        let is_constant = !name.contains(|c: char| c.is_ascii_lowercase());
        let ends = SECRET_NOUNS.iter().any(|noun| word.ends_with(noun));
        // `admin` of `ADMIN_STORAGE_KEY`: the key of an entry.
        let is_key = own.len() > 2
            && own.last().is_some_and(|it| it == "key")
            && own.first().is_some_and(|it| it == word);
        return is_constant && (ends && own.concat().ends_with(word.as_str()) || is_key);
    }
    let is_made_up =
        || has_any_word(text, MADE_UP_WORDS) || text.chars().any(|it| it.is_ascii_digit());
    let runs_on = || {
        let pairs = value.windows(2);
        pairs.into_iter().any(|pair| own.windows(2).any(|it| it == pair))
    };
    // Run together: `userpassword` of `ATTR_USERPASSWORD`.
    let flat = |list: &[String]| list.concat();
    let is_part = || {
        let value = flat(&value);
        flat(&own).ends_with(&value) && SECRET_NOUNS.iter().any(|noun| value.ends_with(noun))
    };
    value.iter().all(|word| own.contains(word)) || runs_on() && !is_made_up() || is_part()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<SecretValue> {
        secret_value(text, "auth_token", SecretKind::Token, ValuePlace::Bound)
    }

    #[test]
    fn secrets_are_told_from_what_stands_for_them() {
        for (text, expected) in [
            ("hunter2", SecretValue::MadeUp),
            ("devtoken", SecretValue::Words),
            ("my-dev-token", SecretValue::Words),
            ("changeme", SecretValue::ToReplace),
            ("please-change-in-production", SecretValue::ToReplace),
            ("a8f5f167f44f4964e6c998dee827110c", SecretValue::Generated),
            ("dGhpcyBpcyBhIHRlc3QgMTIzNDU2Nzg5MA==", SecretValue::Generated),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
        for text in [
            "<token>",
            "${TOKEN}",
            "xxxx",
            "auth_token",
            "AUTH_TOKEN",
            "x-auth-token",
            "access-token",
            "token.txt",
            "/run/secrets/token",
            "required",
            "your_token_1",
            "generate-with-openssl-rand-hex-32",
            "xxxxxxxx-xxxx.xxxxxxxxxx",
            "sk-xxxxxxxxxxxxxxxx",
            "put-your-token-here",
            "yourtoken",
            "replace-me",
            "insert_token",
            "abcdefghijkmnpqrstuvwxyz23456789",
            "auth:token_failed",
            "keep-secret-seal-v1",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn a_fallback_may_read_like_a_name() {
        let of = |place| secret_value("acme-jwt-secret", "JWT_SECRET", SecretKind::Other, place);
        assert_eq!(of(ValuePlace::Fallback), Some(SecretValue::Words));
        assert_eq!(of(ValuePlace::Bound), None);
        let of = |place| secret_value("secret", "secret", SecretKind::Other, place);
        assert!(of(ValuePlace::Fallback).is_some() && of(ValuePlace::Bound).is_none());
    }

    #[test]
    fn several_words_are_a_passphrase_where_they_are_quoted() {
        let of = |text, place| secret_value(text, "key_passphrase", SecretKind::Password, place);
        assert!(of("correct horse battery", ValuePlace::QuotedSetting).is_some());
        assert!(of("correct horse battery", ValuePlace::Setting).is_none());
        assert!(of("Enter a password", ValuePlace::QuotedSetting).is_none());
        assert!(of("The new password", ValuePlace::QuotedSetting).is_none());
    }
}
