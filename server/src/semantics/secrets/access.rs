//! What the names of functions and types say of the comparisons in them: whether access is decided
//! there, whether a person chooses a password, or whether two states of one setting are held
//! against each other.

use super::names::is_about_parsing;
use crate::syntax::names::{has_any_word, words};

/// Words of functions that decide about access.
const ACCESS_WORDS: &[&str] = &[
    "auth", "authenticate", "authenticated", "authorise", "authorised", "authorize", "authorized",
    "csrf", "hmac", "unauthorized", "webhook",
];

/// Words of functions that check something.
const CHECK_WORDS: &[&str] = &[
    "accept", "accepts", "check", "compare", "equals", "is", "login", "match", "matches",
    "require", "unsign", "valid", "validate", "verified", "verify",
];

/// What such functions check when they decide about access.
const CHECKED_WORDS: &[&str] = &[
    "access", "admin", "api", "bearer", "cert", "certificate", "code", "cookie", "credential",
    "credentials", "fingerprint", "hook", "key", "login", "mac", "otp", "passcode", "passwd",
    "password", "pin", "request", "secret", "session", "sig", "signature", "signed", "tag",
    "token", "totp", "user", "webhook",
];

/// Words of types and files whose checks decide about access, whatever their functions are called.
const AUTHENTICATING_WORDS: &[&str] = &[
    "auth", "authenticate", "authentication", "authenticator", "authorizer", "authorization",
    "credential", "credentials", "csrf", "guard", "hmac", "hotp", "login", "mac", "otp",
    "passcode", "passwd", "password", "signature", "totp", "webhook", "webhooks", "xsrf",
];

/// Words of code about formats and queries, beside those of parsers: what is compared there is part
/// of a text or of a request to a database, and no proof.
const TEXT_WORDS: &[&str] = &[
    "compiler", "css", "expr", "fmt", "html", "inference", "interpreter", "json", "markdown",
    "model", "models", "query", "sampler", "sampling", "search", "sql", "template", "text", "toml",
    "transformer", "xml", "yaml",
];

/// Words of code that judges a password which its owner chooses.
const POLICY_WORDS: &[&str] = &[
    "breached", "common", "complexity", "policies", "policy", "pwned", "requirements", "strength",
    "strong", "weak",
];

/// Words of functions that look for a change of a setting.
const CHANGE_WORDS: &[&str] = &[
    "changed", "changes", "diff", "differs", "dirty", "modified", "reload", "reusable", "reuse",
    "stale", "unchanged",
];

/// Whether a function's name says that it decides about access.
pub fn decides_access(function: &str) -> bool {
    if parses(function) {
        return false;
    }
    has_any_word(function, ACCESS_WORDS)
        || checks(function) && has_any_word(function, CHECKED_WORDS)
        || words(function).eq(["verify"])
}

/// Whether a function that only says that it checks something decides about access by its `owner`,
/// the type or the file that it stands in: `check` of `Totp`.
pub fn owner_decides_access(function: &str, owner: &str) -> bool {
    checks(function) && !parses(function) && is_authenticating(owner)
}

/// Whether a type or a file is named for the proof of who someone is.
pub fn is_authenticating(owner: &str) -> bool {
    has_any_word(owner, AUTHENTICATING_WORDS) && !is_about_parsing(owner)
}

fn checks(function: &str) -> bool {
    has_any_word(function, CHECK_WORDS)
}

fn parses(function: &str) -> bool {
    has_any_word(function, &["decode", "encode", "lex", "parse", "parser", "tokenize"])
}

/// Whether a path or a name is about parsing, formats or queries. Broader than
/// [`is_about_parsing`]: equal texts are compared in all of these.
pub fn is_about_text(name: &str) -> bool {
    is_about_parsing(name) || has_any_word(name, TEXT_WORDS)
}

/// Whether a function, a type or a list is about passwords that are too easy to guess.
pub fn is_password_policy(name: &str) -> bool {
    has_any_word(name, POLICY_WORDS)
}

/// Whether a function is named for finding out whether a setting has changed.
pub fn looks_for_change(function: &str) -> bool {
    has_any_word(function, CHANGE_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_decide_about_access_are_told_by_their_names() {
        for name in ["authorize", "verify", "check_token", "validate_session", "is_valid_password"]
        {
            assert!(decides_access(name), "{name}");
        }
        for name in ["parse_token", "check", "verify_length", "render"] {
            assert!(!decides_access(name), "{name}");
        }
    }

    #[test]
    fn the_owner_says_what_a_function_checks() {
        for (function, owner) in [("check", "Totp"), ("is_valid", "HmacVerifier")] {
            assert!(owner_decides_access(function, owner), "{owner}::{function}");
        }
        for (function, owner) in [("check", "Parser"), ("generate", "Totp"), ("is_valid", "Url")] {
            assert!(!owner_decides_access(function, owner), "{owner}::{function}");
        }
    }
}
