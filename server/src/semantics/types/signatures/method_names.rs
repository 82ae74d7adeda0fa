//! Methods by their names alone, and what names all but always mean where nothing else is known:
//! the call that is unwrapped gives an `Option` or a `Result`, and its name says which.

use super::EITHER;
use crate::syntax::names::words;

const OPTION: Option<&str> = Some("Option<_>");
/// With any error.
const RESULT: Option<&str> = Some("Result<_,_>");
/// With an error that any thread may own: that of [`super::SOME_ERROR`].
const FALLIBLE: Option<&str> = Some("Result<_,std::error::Error>");
const IO: Option<&str> = Some("Result<_,std::io::Error>");

/// Whether a method of the name is one of the table's, whatever it is called on.
pub fn is_known(name: &str) -> bool {
    method(name, 0).or(method(name, 1)).is_some()
}

/// What a method gives, by its name alone: only names that mean one thing wherever they are.
pub fn method(name: &str, arguments: usize) -> Option<&'static str> {
    match (name, arguments) {
        (
            "split_once" | "rsplit_once" | "nth" | "min_by" | "max_by" | "min_by_key"
            | "max_by_key" | "position" | "rposition" | "find_map" | "get" | "reduce"
            | "get_key_value" | "get_mut" | "get_one" | "get_many" | "remove_one" | "remove_many"
            | "to_digit" | "find",
            1,
        ) => OPTION,
        (
            "as_u64" | "as_i64" | "as_f64" | "as_bool" | "as_array" | "as_object" | "as_array_mut"
            | "as_object_mut" | "as_integer" | "as_table" | "as_str" | "file_name" | "file_stem"
            | "extension" | "parent" | "next" | "next_back" | "peek" | "min" | "max" | "last_mut"
            | "first_mut" | "split_first" | "split_last" | "pop_front" | "pop_back" | "front"
            | "back" | "front_mut" | "back_mut" | "first_key_value" | "last_key_value"
            | "pop_first" | "pop_last" | "upgrade" | "downcast_ref" | "downcast_mut" | "last"
            | "first" | "pop" | "ok" | "err" | "take",
            0,
        ) => OPTION,
        // Of addresses on the web, which have a `Result` under none of these names.
        ("host_str" | "port_u16" | "port_or_known_default" | "path_and_query", 0) => OPTION,
        ("path_segments" | "subcommand_name", 0) => OPTION,
        ("choose" | "partial_cmp" | "value_of" | "subcommand_matches", 1) => OPTION,
        ("from_ymd_opt" | "and_hms_opt" | "from_hms_opt", 3) => OPTION,
        (name, _) if name.starts_with("checked_") => OPTION,
        // Their errors hold what was given, or what a thread panicked with.
        ("send" | "try_send" | "blocking_send", 1) | ("join" | "into_string", 0) => RESULT,
        ("read_dir" | "wait_with_output", 0) => FALLIBLE,
        // Of files, and of requests and objects in a store.
        ("try_clone" | "metadata" | "symlink_metadata", 0) => Some(EITHER),
        ("write_all" | "read_exact" | "read_to_end" | "read_to_string" | "read_line", 1) => IO,
        ("sync_all" | "sync_data" | "canonicalize" | "to_socket_addrs", 0) => IO,
        ("set_nonblocking" | "set_broadcast" | "set_nodelay", 1) => IO,
        ("duration_since", 1) | ("elapsed", 0) => {
            Some("Result<Duration,std::time::SystemTimeError>")
        }
        ("try_recv" | "local_addr" | "peer_addr" | "modified" | "created" | "flush", 0) => FALLIBLE,
        ("recv", 0) => FALLIBLE,
        ("recv_timeout", 1) => FALLIBLE,
        // Of `str` and of `Path`; of `OsStr` and of header values.
        ("strip_prefix", 1) | ("to_str", 0) => Some(EITHER),
        ("strip_suffix", 1) => OPTION,
        _ => None,
    }
}

/// What awaiting a method's call gives, by its name alone.
pub fn awaited_method(name: &str, arguments: usize) -> Option<&'static str> {
    match (name, arguments) {
        ("next", 0) => OPTION,
        ("recv", 0) => Some(EITHER),
        ("write_all" | "read_exact" | "read_to_end" | "read_to_string" | "read_line", 1) => IO,
        ("flush" | "accept" | "bytes" | "json" | "text" | "next_line" | "sync_all", 0) => FALLIBLE,
        _ => None,
    }
}

/// Crates whose types have methods of the table's names that give something else.
pub fn redefines(name: &str, depends_on: impl Fn(&str) -> bool) -> bool {
    let any = |crates: &[&str]| crates.iter().any(|it| depends_on(it));
    match name {
        "next" | "find" | "position" | "nth" | "last" | "max" | "min" => any(&[
            "rusqlite",
            "fallible_iterator",
            "fallible_streaming_iterator",
            "heed",
            "object",
            "gimli",
            "postgres",
            "mongodb",
        ]),
        "first" | "pop" | "get" | "get_mut" | "pop_first" | "pop_last" => any(&[
            "sled", "rocksdb", "redis", "rusqlite", "sqlx", "diesel", "postgres", "tokio_postgres",
            "mongodb", "heed", "lmdb", "redb", "fred", "reqwest", "ureq",
        ]),
        "parent" | "file_name" => any(&["object_store", "vfs"]),
        _ => false,
    }
}

/// First words of what can fail for a reason.
const FAILING: &[&str] = &[
    "accept", "acquire", "add", "authenticate", "begin", "bind", "build", "canonicalize", "commit",
    "compile", "configure", "connect", "copy", "create", "decode", "decrypt", "delete",
    "deserialize", "encode", "encrypt", "ensure", "execute", "fetch", "flush", "generate", "init",
    "initialize", "insert", "install", "join", "list", "listen", "load", "lookup", "open", "parse",
    "prepare", "publish", "query", "read", "recv", "refresh", "register", "render", "request",
    "resolve", "rollback", "run", "save", "seek", "send", "serialize", "serve", "shutdown", "sign",
    "spawn", "start", "stop", "store", "subscribe", "sync", "try", "update", "upload", "validate",
    "verify", "wait", "write",
];

/// First words of what may be absent.
const ABSENT: &[&str] = &["as", "checked", "find", "first", "last", "next", "peek", "pop", "take"];

/// A function of another crate, by its full path.
pub fn guessed_function(path: &str) -> Option<&'static str> {
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
pub fn guessed_method(name: &str, count: usize) -> Option<&'static str> {
    match (name, count) {
        ("remove" | "name", 1) | ("try_cast" | "port" | "fragment", 0) => OPTION,
        ("as_bytes" | "as_path" | "as_slice" | "as_os_str" | "as_ptr", 0) => None,
        ("template" | "style", 1) | ("output" | "status" | "load_native_certs", 0) => RESULT,
        // Of maps and caches.
        ("insert", 2) => OPTION,
        ("insert" | "list" | "read" | "store" | "sync" | "take", _) => None,
        _ => by_word(&first_word(name)),
    }
}

/// A method of a type that is not known, awaited.
pub fn guessed_awaited_method(name: &str) -> Option<&'static str> {
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
            assert_eq!(guessed_function(path), expected, "{path}");
        }
        assert_eq!(guessed_method("as_string", 0), OPTION);
        assert_eq!(guessed_method("render_template", 2), RESULT);
        assert_eq!(guessed_method("thing", 0), None);
    }
}
