//! What names all but always mean where nothing else is known: the call that is unwrapped gives an
//! `Option` or a `Result`, and its name says which.

use crate::syntax::names::words;

const RESULT: Option<&str> = Some("Result<_,_>");
const OPTION: Option<&str> = Some("Option<_>");

/// First words of what can fail for a reason.
const FAILING: &[&str] = &[
    "accept",
    "acquire",
    "add",
    "authenticate",
    "begin",
    "bind",
    "build",
    "canonicalize",
    "commit",
    "compile",
    "configure",
    "connect",
    "copy",
    "create",
    "decode",
    "decrypt",
    "delete",
    "deserialize",
    "encode",
    "encrypt",
    "ensure",
    "execute",
    "fetch",
    "flush",
    "generate",
    "init",
    "initialize",
    "insert",
    "install",
    "join",
    "list",
    "listen",
    "load",
    "lookup",
    "open",
    "parse",
    "prepare",
    "publish",
    "query",
    "read",
    "recv",
    "refresh",
    "register",
    "render",
    "request",
    "resolve",
    "rollback",
    "run",
    "save",
    "seek",
    "send",
    "serialize",
    "serve",
    "shutdown",
    "sign",
    "spawn",
    "start",
    "stop",
    "store",
    "subscribe",
    "sync",
    "try",
    "update",
    "upload",
    "validate",
    "verify",
    "wait",
    "write",
];

/// First words of what may be absent.
const ABSENT: &[&str] = &["as", "checked", "find", "first", "last", "next", "peek", "pop", "take"];

/// A function of another crate, by its full path.
pub fn function(path: &str) -> Option<&'static str> {
    let (owner, name) = path.rsplit_once("::")?;
    let ty = owner.rsplit("::").next().unwrap_or(owner);
    // Durations and dates that may be out of range, and numbers that may be zero.
    let ranged =
        matches!(ty, "TimeDelta" | "Duration" | "NaiveDate" | "NaiveTime" | "NaiveDateTime");
    if ranged && name != "from_std" && name != "parse_from_str" || ty.starts_with("NonZero") {
        return OPTION;
    }
    if name.ends_with("_opt") || name.starts_with("from_timestamp") || name == "get_default" {
        return OPTION;
    }
    let is_type = ty.starts_with(char::is_uppercase);
    match first_word(name).as_str() {
        "new" | "from" if is_type => RESULT,
        "from" | "to" => RESULT,
        word => by_word(word),
    }
}

/// A method of a type that is not known.
pub fn method(name: &str, count: usize) -> Option<&'static str> {
    match (name, count) {
        ("remove" | "name", 1) => OPTION,
        ("template" | "style", 1) | ("output" | "status" | "load_native_certs", 0) => RESULT,
        // Of maps and caches.
        ("insert", 2) => OPTION,
        ("insert" | "list" | "read" | "store" | "sync" | "take", _) => None,
        _ => by_word(&first_word(name)),
    }
}

/// A method of a type that is not known, awaited.
pub fn awaited_method(name: &str) -> Option<&'static str> {
    match name {
        "next" | "recv" => OPTION,
        "fetch_optional" | "get_connection" | "call" => RESULT,
        _ => by_word(&first_word(name)),
    }
}

fn by_word(word: &str) -> Option<&'static str> {
    if FAILING.contains(&word) {
        RESULT
    } else if ABSENT.contains(&word) {
        OPTION
    } else {
        None
    }
}

fn first_word(name: &str) -> String {
    words(name).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which() {
        for (path, expected) in [
            ("rustls::ServerConfig::from_parts", RESULT),
            ("url::Url::parse", RESULT),
            ("chrono::TimeDelta::try_days", OPTION),
            ("chrono::DateTime::from_timestamp", OPTION),
            ("bincode::serialize", RESULT),
            ("some::thing", None),
        ] {
            assert_eq!(function(path), expected, "{path}");
        }
        assert_eq!(method("as_string", 0), OPTION);
        assert_eq!(method("render_template", 2), RESULT);
        assert_eq!(method("thing", 0), None);
    }
}
