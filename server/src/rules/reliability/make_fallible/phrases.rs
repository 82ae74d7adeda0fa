//! Names of code as the words that a person would use for them.

use crate::syntax::names::words;

/// The words of a name: `home directory` for `home_dir`.
pub fn spoken(name: &str) -> String {
    let all: Vec<String> = words(name).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    joined(&all)
}

fn joined(words: &[&str]) -> String {
    words.iter().map(|it| spelled_out(it)).collect::<Vec<_>>().join(" ")
}

/// A word without its abbreviation, or in capitals where it is one that has them.
fn spelled_out(word: &str) -> String {
    let full = match word {
        "addr" => "address",
        "buf" => "buffer",
        "cfg" | "conf" => "config",
        "cmd" => "command",
        "conn" => "connection",
        "cwd" => "current directory",
        "dir" => "directory",
        "dirs" => "directories",
        "dst" | "dest" => "destination",
        "env" => "environment",
        "hdr" => "header",
        "idx" => "index",
        "len" => "length",
        "msg" => "message",
        "num" => "number",
        "pos" => "position",
        "prev" => "previous",
        "recv" => "receive",
        "req" => "request",
        "resp" => "response",
        "src" => "source",
        "csv" | "dns" | "html" | "http" | "https" | "ip" | "json" | "jwt" | "pid" | "sarif"
        | "sql" | "ssl" | "tcp" | "tls" | "toml" | "udp" | "uri" | "url" | "uuid" | "xml"
        | "yaml" => return word.to_uppercase(),
        other => other,
    };
    full.to_string()
}

/// What the name of a function says.
#[derive(Debug, PartialEq, Eq)]
pub enum Named {
    /// `open`: it takes something to do it to.
    Verb(String),
    /// `read key` for `read_key`: nothing is left to say.
    Action(String),
    /// `from bytes`: what something is made of.
    From(String),
    /// `sarif message` for `type_to_sarif_message`, `container type`: what it gives.
    Thing(String),
    /// `i64` for `as_i64`: what something is taken for.
    As(String),
}

/// Reads the name of a function.
pub fn named(name: &str) -> Named {
    let all: Vec<String> = words(name).collect();
    let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
    while all.len() > 1 && all.last().is_some_and(|it| matches!(*it, "mut" | "ref" | "async")) {
        all.pop();
    }
    if all.len() > 1 && matches!(all[..], ["try" | "do" | "maybe", ..]) {
        all.remove(0);
    }
    match all.as_slice() {
        [] => Named::Thing("value".to_string()),
        ["from", rest @ ..] if !rest.is_empty() => Named::From(joined(rest)),
        ["get" | "take", rest @ ..] if !rest.is_empty() => Named::Thing(joined(rest)),
        ["as" | "to" | "into", rest @ ..] if !rest.is_empty() => Named::As(joined(rest)),
        [verb] if is_verb(verb) => Named::Verb(spelled_out(verb)),
        [verb, rest @ ..] if is_verb(verb) => {
            let open = rest.last().is_some_and(|it| is_open(it));
            let rest: Vec<&str> = rest
                .iter()
                .copied()
                .filter(|it| !matches!(*it, "with" | "all" | "one" | "exact"))
                .collect();
            match (open, rest.is_empty()) {
                (_, true) => Named::Verb(spelled_out(verb)),
                (true, _) => Named::Verb(joined(&all)),
                (false, _) => Named::Action(format!("{} {}", spelled_out(verb), joined(&rest))),
            }
        }
        all => {
            let to = all.iter().position(|it| *it == "to").filter(|at| *at > 0);
            let thing = to.and_then(|at| all.get(at + 1..)).filter(|it| !it.is_empty());
            Named::Thing(joined(thing.unwrap_or(all)))
        }
    }
}

/// Whether a word wants another one behind it.
fn is_open(word: &str) -> bool {
    matches!(word, "to" | "from" | "into" | "on" | "at" | "in" | "for" | "of" | "by" | "as")
}

const VERBS: &[&str] = &[
    "abort", "accept", "acquire", "add", "advance", "allocate", "append", "apply", "attach",
    "authenticate", "begin", "bind", "borrow", "build", "call", "canonicalize", "cast", "check",
    "clear", "clone", "close", "collect", "commit", "compile", "compute", "configure", "connect",
    "consume", "convert", "copy", "create", "decode", "decrypt", "delete", "derive", "deserialize",
    "detect", "determine", "disable", "draw", "drop", "enable", "encode", "encrypt", "enter",
    "eval", "evaluate", "exec", "execute", "expand", "export", "extract", "fetch", "fill", "find",
    "finish", "flush", "format", "generate", "get", "handle", "import", "init", "initialize",
    "insert", "install", "invoke", "join", "kill", "launch", "listen", "load", "lock", "lookup",
    "make", "match", "merge", "migrate", "mount", "move", "open", "parse", "perform", "pick",
    "poll", "prepare", "print", "process", "produce", "pull", "push", "put", "query", "read",
    "receive", "recv", "register", "release", "reload", "remove", "rename", "render", "replace",
    "request", "reserve", "reset", "resize", "resolve", "restart", "restore", "retrieve", "run",
    "save", "scan", "schedule", "search", "seek", "select", "send", "serialize", "serve", "set",
    "setup", "show", "shutdown", "sign", "spawn", "split", "start", "stop", "store", "submit",
    "subscribe", "sync", "transform", "truncate", "unlock", "unpack", "update", "upload",
    "validate", "verify", "visit", "wait", "walk", "watch", "write", "yield",
];

fn is_verb(word: &str) -> bool {
    VERBS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Named, named, spoken};

    #[test]
    fn names_become_words() {
        for (name, expected) in [
            ("home_dir", "home directory"),
            ("serverAddr", "server address"),
            ("BASE_URL", "base URL"),
            ("msg", "message"),
        ] {
            assert_eq!(spoken(name), expected);
        }
    }

    #[test]
    fn functions_do_give_or_make_something() {
        let verb = |it: &str| Named::Verb(it.to_string());
        let action = |it: &str| Named::Action(it.to_string());
        let thing = |it: &str| Named::Thing(it.to_string());
        for (name, expected) in [
            ("open", verb("open")),
            ("recv", verb("receive")),
            ("try_clone", verb("clone")),
            ("write_all", verb("write")),
            ("write_to", verb("write to")),
            ("borrow_mut", verb("borrow")),
            ("set_handler", action("set handler")),
            ("read_key", action("read key")),
            ("try_parse_url", action("parse URL")),
            ("home_dir", thing("home directory")),
            ("get_current_dir", thing("current directory")),
            ("type_to_sarif_message", thing("SARIF message")),
            ("container_type", thing("container type")),
            ("from_bytes", Named::From("bytes".to_string())),
            ("as_i64", Named::As("i64".to_string())),
        ] {
            assert_eq!(named(name), expected, "{name}");
        }
    }
}
