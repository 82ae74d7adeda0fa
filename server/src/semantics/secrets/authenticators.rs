//! What names say about values that are compared or looked up to prove something: secrets, MACs,
//! digests, signatures, one-time codes.

use super::names::{SecretKind, SecretNames, is_about_something};
use crate::syntax::names::{has_any_word, words};

/// What proves that a request, a message or a person is genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticatorKind {
    /// A password, a key, or another value that is named as a secret.
    Secret,
    /// What may be a key or a password: data is looked up by keys as well.
    Key,
    /// What grants access to its bearer.
    Token,
    /// A message authentication code, or the tag of an AEAD cipher.
    Mac,
    /// The digest of a secret, or of a message.
    Digest,
    /// The digest of a key or of a certificate.
    Fingerprint,
    /// A signature of a message.
    Signature,
    /// A one-time code or a PIN.
    Code,
}

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticator {
    /// What the value proves with.
    pub kind: AuthenticatorKind,
    /// Whether the name is enough; `token` and `signature` mean other things as well.
    pub strong: bool,
}

/// Last words of names that are not those of the secret itself, beyond those of
/// [`SecretNames::kind`]: what is called a token in other trades, and records about one.
const ABOUT_WORDS: &[&str] = &[
    "account", "address", "agent", "amount", "balance", "budget", "category", "cell", "chain",
    "changed", "claims", "class", "config", "context", "contract", "cost", "data", "decimals",
    "domain", "entry", "exists", "flag", "found", "group", "holder", "ident", "info", "iter",
    "level", "manager", "match", "matches", "mint", "needed", "network", "nonzero", "ok", "option",
    "options", "owner", "pool", "price", "program", "record", "request", "response", "result",
    "row", "scope", "scopes", "settings", "signal", "spacing", "stage", "standard", "stream",
    "supply", "symbol", "text", "total", "tt", "wakeup", "width", "window",
];

/// Words that make a token one that grants something.
const GRANTING_WORDS: &[&str] = &[
    "access", "activation", "admin", "api", "app", "auth", "authentication", "authorization",
    "bearer", "bot", "client", "csrf", "deploy", "device", "hook", "id", "invitation", "invite",
    "join", "jwt", "login", "master", "oauth", "refresh", "registration", "remember", "reset",
    "root", "secret", "security", "service", "session", "shared", "signup", "unsubscribe", "user",
    "verification", "webhook", "xsrf",
];

/// Last words of constants that are authenticators, and not their names.
const CONSTANT_NOUNS: &[&str] = &[
    "authorization", "credentials", "fingerprint", "hash", "hmac", "jwt", "key", "mac", "pass",
    "passphrase", "password", "secret", "signature", "token",
];

/// First words of functions that compute a MAC or a signature.
const COMPUTING_VERBS: &[&str] = &[
    "build", "calc", "calculate", "compute", "create", "derive", "expected", "generate", "get",
    "hmac", "mac", "make", "sign",
];

/// Words that make a code one that proves something.
const CODE_WORDS: &[&str] =
    &["auth", "backup", "login", "mfa", "otp", "pairing", "recovery", "totp", "verification"];

/// Words of what somebody presents to prove who it is.
const PRESENTED_WORDS: &[&str] = &[
    "auth", "authorization", "bearer", "cookie", "form", "given", "header", "headers", "input",
    "param", "presented", "provided", "query", "received", "request", "sent", "submitted",
    "supplied",
];

/// Functions and methods whose result depends on a key that they are given.
const KEYED_WORDS: &[&str] = &[
    "calc", "calculate", "compute", "crypt", "derive", "digest", "encrypt", "expand", "expected",
    "export", "finalize", "generate", "hash", "hkdf", "hmac", "issue", "kdf", "mac", "make",
    "pbkdf2", "prf", "scrypt", "seal", "sign", "tag",
];

/// Words of functions that hash what they are given.
const HASHING_WORDS: &[&str] = &[
    "argon2", "bcrypt", "blake2b", "blake2s", "blake3", "crypt", "digest", "hash", "hashed", "md5",
    "pbkdf2", "scrypt", "sha1", "sha224", "sha256", "sha3", "sha384", "sha512",
];

/// Words of a value that another one must equal.
const EXPECTATION_WORDS: &[&str] = &[
    "calculated", "computed", "configured", "correct", "expected", "given", "presented",
    "provided", "received", "should", "stored", "supplied", "valid", "wanted",
];

/// Words of two states of one setting, or of something typed twice.
const RESTATEMENT_WORDS: &[&str] = &[
    "after", "again", "before", "cache", "cached", "confirm", "confirmation", "confirmed",
    "default", "last", "new", "next", "old", "original", "prev", "previous", "repeat", "repeated",
    "retype", "retyped", "second", "twice", "updated",
];

/// Words of how a value is written, and of what carries it: `token` in `token_header`,
/// `password_bytes`.
const CARRIER_WORDS: &[&str] = &[
    "arg", "argument", "b64", "base64", "buf", "bytes", "cookie", "field", "form", "header", "hex",
    "input", "param", "parameter", "query", "raw", "ref", "slice", "str", "string", "value", "vec",
];

/// Words of names that say nothing of what a value is.
const GENERIC_WORDS: &[&str] = &[
    "actual", "auth", "candidate", "code", "content", "creds", "data", "decoded", "decrypted",
    "derived", "digest", "element", "encoded", "entry", "fresh", "generated", "guess", "hash",
    "hashed", "inner", "it", "item", "key", "left", "msg", "other", "out", "output", "proof",
    "reference", "result", "right", "self", "sent", "text", "that", "theirs", "this", "val",
];

/// Last words of names of what may be known to all, beyond those of names about something.
const PUBLIC_WORDS: &[&str] = &[
    "account", "alias", "aliases", "aud", "audience", "challenge", "domain", "email", "group",
    "groups", "host", "id", "ids", "iss", "issuer", "jti", "kid", "kind", "label", "login",
    "method", "name", "prefix", "realm", "role", "roles", "scheme", "scope", "scopes", "sub",
    "subject", "type", "user", "username", "version", "word",
];

/// Words of constants that stand for a secret, or for its absence.
const LABEL_WORDS: &[&str] = &[
    "anonymous", "disabled", "dummy", "empty", "example", "invalid", "mask", "masked", "missing",
    "no", "none", "placeholder", "redacted", "unknown", "unset",
];

/// What a name says about the authenticity of its value, or nothing when it is that of another
/// thing.
pub fn authenticator(name: &str, names: &SecretNames) -> Option<Authenticator> {
    let mut list: Vec<String> = words(name).collect();
    let has = |list: &[String], word: &str| list.iter().any(|it| it == word);
    let is_const = name.chars().all(|c| !c.is_lowercase()) && list.len() > 1;
    let last = list.last()?.as_str();
    if is_const && (!CONSTANT_NOUNS.contains(&last) || has_any_word(name, LABEL_WORDS)) {
        return None;
    }
    // What is required, expected or held in a header is the same value.
    while list.len() > 1 && list.last().is_some_and(|it| CARRIER_WORDS.contains(&it.as_str())) {
        list.pop();
    }
    if list.len() > 1 {
        list.retain(|it| it != "required" && !EXPECTATION_WORDS.contains(&it.as_str()));
    }
    let last = list.last()?.as_str();
    let is_about = ["public", "pub", "unchecked"].iter().any(|it| has(&list, it));
    // A push token is the address of a device, and a lock token names a lock.
    let is_about = is_about || has(&list, "push") || has(&list, "lock");
    if ABOUT_WORDS.contains(&last) || PUBLIC_WORDS.contains(&last) || is_about {
        return None;
    }
    if last == "authorization" && list.len() <= 2 {
        return strong(AuthenticatorKind::Token);
    }
    if has(&list, "hmac") && !matches!(last, "key" | "id" | "len" | "algorithm" | "type") {
        return strong(AuthenticatorKind::Mac);
    }
    // A digest of a secret is none: it is compared where the secret itself is not.
    let is_digest = matches!(last, "hash" | "digest" | "hashed" | "fingerprint" | "checksum")
        || has(&list, "hashed");
    match names.kind(&list.join("_")).filter(|_| !is_digest) {
        Some(kind) => of_secret(kind, &list),
        None => of_proof(&list),
    }
}

/// Whether a name says nothing of what its value is: `expected`, `a`, `bytes`.
pub fn is_generic(name: &str) -> bool {
    words(name).all(|word| {
        word.len() <= 2
            || GENERIC_WORDS.contains(&word.as_str())
            || EXPECTATION_WORDS.contains(&word.as_str())
            || CARRIER_WORDS.contains(&word.as_str())
    })
}

/// Whether a name is that of something which may be known to all, such as the id, the name or the
/// issuer of a thing. A name that only says what carries the value is none: `token_param`.
pub fn is_of_public_part(name: &str) -> bool {
    let list: Vec<String> = words(name).collect();
    let Some(last) = list.last() else { return false };
    // A hash of a secret is compared in its place.
    !matches!(last.as_str(), "hash" | "digest")
        && !CARRIER_WORDS.contains(&last.as_str())
        && !EXPECTATION_WORDS.contains(&last.as_str())
        && (PUBLIC_WORDS.contains(&last.as_str()) || list.len() > 1 && is_about_something(last))
}

/// Whether a name says that the value is what somebody presents: `token_header`, `form_password`.
pub fn is_presented(name: &str) -> bool {
    has_any_word(name, PRESENTED_WORDS)
}

/// Whether a name is that of a value which stands for a secret, or for its absence.
pub fn is_label(name: &str) -> bool {
    has_any_word(name, LABEL_WORDS)
}

fn strong(kind: AuthenticatorKind) -> Option<Authenticator> {
    Some(Authenticator { kind, strong: true })
}

fn weak(kind: AuthenticatorKind) -> Option<Authenticator> {
    Some(Authenticator { kind, strong: false })
}

/// What the words of a secret's name say of it.
fn of_secret(kind: SecretKind, list: &[String]) -> Option<Authenticator> {
    let has = |word: &str| list.iter().any(|it| it == word);
    match kind {
        SecretKind::Password => strong(AuthenticatorKind::Secret),
        // A credential is often what is shown in public: a name and a key.
        SecretKind::Other if matches!(list.last()?.as_str(), "credential" | "credentials") => {
            weak(AuthenticatorKind::Secret)
        }
        SecretKind::Other => strong(AuthenticatorKind::Secret),
        SecretKind::Token => {
            let grants = list.iter().any(|it| GRANTING_WORDS.contains(&it.as_str()))
                || has("apikey")
                || list.windows(2).any(|pair| pair[0] == "access" && pair[1] == "key");
            Some(Authenticator { kind: AuthenticatorKind::Token, strong: grants })
        }
        // Data is looked up by keys as well.
        SecretKind::Key => {
            let private = ["encryption", "master", "private", "secret", "shared"];
            // Nobody proves anything by presenting the key that signs: what is compared is the
            // public half.
            if has("signing") && !list.iter().any(|it| private.contains(&it.as_str())) {
                return None;
            }
            let known = has("privkey") || list.iter().any(|it| private.contains(&it.as_str()));
            let kind = if known { AuthenticatorKind::Secret } else { AuthenticatorKind::Key };
            Some(Authenticator { kind, strong: known })
        }
    }
}

/// What the words of a name say that is not that of a secret.
fn of_proof(list: &[String]) -> Option<Authenticator> {
    let has = |word: &str| list.iter().any(|it| it == word);
    let last = list.last()?.as_str();
    if has("hash") || has("hashed") || has("digest") {
        let secrets = ["key", "passwd", "password", "pwd", "secret", "token"];
        let of_secret = list.iter().any(|it| secrets.contains(&it.as_str()));
        return match last {
            _ if has("hashed") && of_secret && !has("key") => strong(AuthenticatorKind::Digest),
            "hash" | "digest" | "hashed" if of_secret && !has("key") => {
                strong(AuthenticatorKind::Digest)
            }
            "hash" | "digest" | "hashed" if of_secret => weak(AuthenticatorKind::Digest),
            "digest" => weak(AuthenticatorKind::Digest),
            _ => None,
        };
    }
    let is_address = has("addr") || has("address") || has("os") || has("eth") || has("device");
    let is_mac_tag = ["auth", "confirmation", "gcm", "mac", "membership", "poly1305"];
    match last {
        // Network cards have a MAC as well.
        "mac" if !is_address => weak(AuthenticatorKind::Mac),
        "tag" if is_mac_tag.iter().any(|word| has(word)) => strong(AuthenticatorKind::Mac),
        "tag" => weak(AuthenticatorKind::Mac),
        "signature" | "sig" if !has("method") && !has("fn") => weak(AuthenticatorKind::Signature),
        "fingerprint" => weak(AuthenticatorKind::Fingerprint),
        "otp" | "totp" | "hotp" | "pin" | "passcode" => weak(AuthenticatorKind::Code),
        "code" if CODE_WORDS.iter().any(|word| has(word)) => weak(AuthenticatorKind::Code),
        "key" if list.len() > 1 => weak(AuthenticatorKind::Key),
        // As short for a password.
        "pass" => weak(AuthenticatorKind::Key),
        _ => None,
    }
}

/// What a function computes that is named for the MAC or the signature it returns.
pub fn computed_authenticator(function: &str) -> Option<Authenticator> {
    let list: Vec<String> = words(function).collect();
    let first = list.first()?.as_str();
    let has = |word: &str| list.iter().any(|it| it == word);
    let kind = if has("hmac") || has("mac") {
        AuthenticatorKind::Mac
    } else if first == "sign" || has("signature") {
        AuthenticatorKind::Signature
    } else {
        return None;
    };
    let strong = kind == AuthenticatorKind::Mac || first != "get";
    COMPUTING_VERBS.contains(&first).then_some(Authenticator { kind, strong })
}

/// Whether a function is named for hashing what it is given: `hash_password`, `crypt`.
pub fn is_hashing(function: &str) -> bool {
    has_any_word(function, HASHING_WORDS)
}

/// Whether a function is named for making something of what it is given, and not for finding it.
pub fn is_making(function: &str) -> bool {
    // A name may be written as one word: `dosign`.
    has_any_word(function, KEYED_WORDS) || function.ends_with("sign")
}

/// Whether a function makes a secret out of the state of a connection.
pub fn exports_secret(function: &str) -> bool {
    let list: Vec<String> = words(function).collect();
    let has = |word: &str| list.iter().any(|it| it == word);
    has("keying") || has("exporter") || has("export") && (has("key") || has("secret"))
}

/// Whether a name is that of a value that another one must equal: `expected`, `stored_digest`.
pub fn is_expectation(name: &str) -> bool {
    has_any_word(name, EXPECTATION_WORDS)
}

/// Whether a name tells of a comparison of two states of one setting, or of something typed twice.
pub fn is_restatement(name: &str) -> bool {
    has_any_word(name, RESTATEMENT_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_strong(name: &str) -> Option<bool> {
        authenticator(name, &SecretNames::default()).map(|it| it.strong)
    }

    #[test]
    fn names_tell_authenticators_from_what_is_about_them() {
        for name in [
            "payload_hmac", "hashed_secret", "api_token", "password_hash", "gcm_tag",
            "ADMIN_API_KEY", "required_password", "webhook_secret_header", "password_bytes",
        ] {
            assert_eq!(is_strong(name), Some(true), "{name}");
        }
        for name in
            ["token", "signature", "body_digest", "otp", "tag", "expected_data_key", "key_hash"]
        {
            assert_eq!(is_strong(name), Some(false), "{name}");
        }
        for name in
            ["mac_address", "hash", "macro", "token_balance", "TOKEN_HEADER", "MASKED_SECRET"]
        {
            assert_eq!(is_strong(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_nothing_and_of_public_parts_are_told_apart() {
        for name in ["expected", "a", "computed_bytes", "hash", "it"] {
            assert!(is_generic(name) && !is_of_public_part(name), "{name}");
        }
        for name in ["expected_issuer", "username", "stored_jti", "id_token_groups", "token_type"] {
            assert!(is_of_public_part(name) && !is_generic(name), "{name}");
        }
        for name in ["token_param", "api_key_header", "guess_word_sent"] {
            assert!(!is_of_public_part(name), "{name}");
        }
    }
}
