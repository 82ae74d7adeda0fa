//! What names say about values that are compared or looked up to prove something: secrets, MACs,
//! digests, signatures, one-time codes.

use super::names::{SecretKind, SecretNames, is_about_parsing};
use crate::syntax::names::{has_any_word, words};

/// What proves that a request, a message or a person is genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticatorKind {
    /// A password, a key, or another value that is named as a secret.
    Secret,
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
    "join", "jwt", "login", "master", "oauth", "push", "refresh", "registration", "remember",
    "reset", "root", "secret", "security", "service", "session", "shared", "signup", "unsubscribe",
    "user", "verification", "webhook", "xsrf",
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

/// Words of a value that another one must equal.
const EXPECTATION_WORDS: &[&str] = &[
    "calculated", "computed", "configured", "correct", "expected", "given", "presented",
    "provided", "received", "stored", "supplied", "valid",
];

/// Words of two states of one setting, or of something typed twice.
const RESTATEMENT_WORDS: &[&str] = &[
    "after", "again", "before", "cached", "confirm", "confirmation", "confirmed", "default",
    "last", "new", "next", "old", "original", "prev", "previous", "repeat", "repeated", "retype",
    "retyped", "updated",
];

/// Words of functions that decide about access.
const ACCESS_WORDS: &[&str] = &[
    "auth", "authenticate", "authenticated", "authorise", "authorised", "authorize", "authorized",
    "csrf", "hmac", "unauthorized", "webhook",
];

/// Words of functions that check something.
const CHECK_WORDS: &[&str] =
    &["check", "login", "matches", "require", "valid", "validate", "verified", "verify"];

/// What such functions check when they decide about access.
const CHECKED_WORDS: &[&str] = &[
    "access", "admin", "api", "bearer", "cert", "certificate", "code", "cookie", "credential",
    "credentials", "fingerprint", "hook", "key", "login", "mac", "otp", "passwd", "password",
    "pin", "request", "secret", "session", "sig", "signature", "tag", "token", "totp", "user",
    "webhook",
];

/// Words of code about formats and queries, beside those of parsers: what is compared there is part
/// of a text or of a request to a database, and no proof.
const TEXT_WORDS: &[&str] = &[
    "compiler", "css", "expr", "fmt", "html", "inference", "interpreter", "json", "markdown",
    "model", "models", "query", "sampler", "sampling", "search", "sql", "template", "text", "toml",
    "transformer", "xml", "yaml",
];

/// What a name says about the authenticity of its value, or nothing when it is that of another
/// thing.
pub fn authenticator(name: &str, names: &SecretNames) -> Option<Authenticator> {
    let list: Vec<String> = words(name).collect();
    let has = |word: &str| list.iter().any(|it| it == word);
    let last = list.last()?.as_str();
    let is_const = name.chars().all(|c| !c.is_lowercase()) && list.len() > 1;
    if ABOUT_WORDS.contains(&last) || has("public") || has("pub") || has("unchecked") {
        return None;
    }
    if is_const && !CONSTANT_NOUNS.contains(&last) {
        return None;
    }
    if last == "authorization" && list.len() <= 2 {
        return strong(AuthenticatorKind::Token);
    }
    if has("hmac") && !matches!(last, "key" | "id" | "len" | "algorithm" | "type") {
        return strong(AuthenticatorKind::Mac);
    }
    match names.kind(name) {
        Some(kind) => of_secret(kind, &list),
        None => of_proof(&list),
    }
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
        SecretKind::Key => {
            let private = ["encryption", "master", "private", "secret", "shared", "signing"];
            let known = has("privkey") || list.iter().any(|it| private.contains(&it.as_str()));
            Some(Authenticator { kind: AuthenticatorKind::Secret, strong: known })
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
            "hash" | "digest" | "hashed" if of_secret && !has("key") => {
                strong(AuthenticatorKind::Digest)
            }
            "digest" => weak(AuthenticatorKind::Digest),
            _ => None,
        };
    }
    let is_address = has("addr") || has("address") || has("os") || has("eth") || has("device");
    let is_mac_tag = ["auth", "confirmation", "gcm", "mac", "membership", "poly1305"];
    match last {
        "mac" if !is_address => strong(AuthenticatorKind::Mac),
        "tag" if is_mac_tag.iter().any(|word| has(word)) => strong(AuthenticatorKind::Mac),
        "tag" => weak(AuthenticatorKind::Mac),
        "signature" | "sig" if !has("method") && !has("fn") => weak(AuthenticatorKind::Signature),
        "fingerprint" => weak(AuthenticatorKind::Fingerprint),
        "otp" | "totp" | "pin" => weak(AuthenticatorKind::Code),
        "code" if has("verification") || has("recovery") || has("pairing") => {
            weak(AuthenticatorKind::Code)
        }
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

/// Whether a name is that of a value that another one must equal: `expected`, `stored_digest`.
pub fn is_expectation(name: &str) -> bool {
    has_any_word(name, EXPECTATION_WORDS)
}

/// Whether a name tells of a comparison of two states of one setting, or of something typed twice.
pub fn is_restatement(name: &str) -> bool {
    has_any_word(name, RESTATEMENT_WORDS)
}

/// Whether a function's name says that it decides about access.
pub fn decides_access(function: &str) -> bool {
    if has_any_word(function, &["decode", "encode", "lex", "parse", "parser", "tokenize"]) {
        return false;
    }
    has_any_word(function, ACCESS_WORDS)
        || has_any_word(function, CHECK_WORDS) && has_any_word(function, CHECKED_WORDS)
        || words(function).eq(["verify"])
}

/// Whether a path or a name is about parsing, formats or queries. Broader than
/// [`is_about_parsing`]: equal texts are compared in all of these.
pub fn is_about_text(name: &str) -> bool {
    is_about_parsing(name) || has_any_word(name, TEXT_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_strong(name: &str) -> Option<bool> {
        authenticator(name, &SecretNames::default()).map(|it| it.strong)
    }

    #[test]
    fn names_tell_authenticators_from_what_is_about_them() {
        for name in ["expected_mac", "api_token", "password_hash", "gcm_tag", "ADMIN_API_KEY"] {
            assert_eq!(is_strong(name), Some(true), "{name}");
        }
        for name in ["token", "signature", "body_digest", "otp", "tag"] {
            assert_eq!(is_strong(name), Some(false), "{name}");
        }
        for name in ["mac_address", "hash", "macro", "token_balance", "TOKEN_HEADER"] {
            assert_eq!(is_strong(name), None, "{name}");
        }
    }

    #[test]
    fn functions_that_decide_about_access_are_told_by_their_names() {
        for name in ["authorize", "verify", "check_token", "validate_session"] {
            assert!(decides_access(name), "{name}");
        }
        for name in ["parse_token", "check", "verify_length", "render"] {
            assert!(!decides_access(name), "{name}");
        }
    }
}
