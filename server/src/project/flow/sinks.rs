//! Functions and methods where a value of an attacker does harm.

use super::value::{Kind, Kinds, Value};

/// Functions of modules of files that open, write or remove what a path names; sorted.
const FILE_FUNCTIONS: &[&str] = &[
    "copy", "create_dir", "create_dir_all", "hard_link", "read", "read_dir", "read_to_string",
    "remove_dir", "remove_dir_all", "remove_file", "rename", "symlink", "write",
];

/// Types and functions that open a file, by the last two segments of their paths.
const OPENERS: &[(&str, &str)] = &[
    ("File", "open"),
    ("File", "create"),
    ("File", "create_new"),
    ("NamedFile", "open"),
    ("NamedFile", "open_async"),
    ("ServeFile", "new"),
    ("AsyncFile", "open"),
    ("image", "open"),
    ("Connection", "open"),
];

/// Crates whose functions send a request to the URL that they are given.
const CLIENT_CRATES: &[&str] =
    &["attohttpc", "blocking", "isahc", "minreq", "reqwest", "surf", "ureq"];

/// Names of functions and methods that send a request; sorted.
pub(super) const REQUESTS: &[&str] =
    &["delete", "get", "head", "options", "patch", "post", "put", "request"];

/// Functions that run SQL or prepare it, by the last two segments of their paths.
const SQL_FUNCTIONS: &[(&str, &str)] = &[
    ("sqlx", "query"),
    ("sqlx", "query_as"),
    ("sqlx", "query_as_with"),
    ("sqlx", "query_scalar"),
    ("sqlx", "query_with"),
    ("sqlx", "query_scalar_with"),
    ("sqlx", "raw_sql"),
    ("diesel", "sql_query"),
    ("dsl", "sql"),
    ("QueryBuilder", "new"),
    ("Statement", "from_string"),
    ("Statement", "from_sql_and_values"),
    ("Expr", "cust"),
    ("Query", "new"),
];

/// Methods that run SQL or prepare it; sorted.
pub(super) const SQL_METHODS: &[&str] = &[
    "batch_execute", "exec", "exec_drop", "exec_first", "exec_iter", "exec_map", "execute",
    "execute_batch", "execute_raw", "execute_unprepared", "fetch", "fetch_all", "fetch_many",
    "fetch_one", "fetch_optional", "fetch_scalar", "from_raw_sql", "prepare", "prepare_cached",
    "query", "query_all", "query_arrow", "query_drop", "query_first", "query_iter", "query_map",
    "query_one", "query_opt", "query_raw", "query_row", "query_scalar", "simple_query", "sql",
    "sql_query", "where_raw",
];

/// Functions that decompress all of what they are given; sorted.
const DECOMPRESSORS: &[&str] = &[
    "decode_all",
    "decompress",
    "decompress_size_prepended",
    "decompress_to_vec",
    "decompress_to_vec_zlib",
    "decompress_vec",
    "inflate_bytes",
    "inflate_bytes_zlib",
    "uncompress",
];

/// Crates of such functions.
const COMPRESSION: &[&str] = &[
    "brotli", "flate2", "inflate", "libdeflater", "lz4", "lz4_flex", "lzma_rs", "lzma",
    "miniz_oxide", "snap", "xz2", "zstd", "bzip2", "lzzzz", "async_compression", "zip",
];

/// Programs that run what they are given as a command.
const SHELLS: &[&str] = &[
    "sh", "bash", "zsh", "dash", "ksh", "fish", "cmd", "cmd.exe", "powershell", "powershell.exe",
    "pwsh", "/bin/sh", "/bin/bash", "/usr/bin/bash", "/usr/bin/env bash", "/bin/zsh", "su", "ssh",
    "nsenter",
];

/// Whether a program runs what it is given as a command.
pub(super) fn is_shell(program: &str) -> bool {
    SHELLS.contains(&program)
}

/// Whether an argument makes a shell run the next one.
pub(super) fn runs_next(argument: &str) -> bool {
    let combined =
        argument.starts_with('-') && !argument.starts_with("--") && argument.ends_with('c');
    combined
        || matches!(argument, "/c" | "/C" | "/k" | "/K" | "-Command" | "-command" | "--command")
}

/// Identifiers of sinks: a function without any needs not be walked.
pub(super) fn is_sink_word(text: &str) -> bool {
    FILE_FUNCTIONS.contains(&text)
        || SQL_METHODS.contains(&text)
        || REQUESTS.contains(&text)
        || DECOMPRESSORS.contains(&text)
        || matches!(
            text,
            "Command"
                | "open"
                | "open_async"
                | "create"
                | "create_new"
                | "ServeFile"
                | "shell"
                | "Redirect"
                | "LOCATION"
                | "with_capacity"
                | "reserve"
                | "resize"
                | "vec"
                | "zeroed"
                | "sql_query"
                | "QueryBuilder"
                | "Statement"
                | "raw_sql"
                | "query_as"
                | "query_scalar"
                | "cust"
                | "unwrap"
                | "expect"
                | "join_all"
                | "try_join_all"
                | "read_to_end"
                | "read_line"
                | "read_until"
                | "collect"
                | "to_bytes"
                | "insert"
                | "entry"
                | "connect"
                | "connect_async"
                | "uri"
                | "info"
                | "warn"
                | "error"
                | "debug"
                | "spawn"
                | "sql"
        )
}

/// A place where arguments do harm.
pub(super) struct Sink {
    pub kind: Kind,
    /// The arguments that do.
    pub arguments: &'static [usize],
}

const FIRST: &[usize] = &[0];

/// The sink that a function is, by its resolved path without generic arguments.
pub(super) fn function_sink(path: &str) -> Option<Sink> {
    let mut segments = path.rsplit("::");
    let name = segments.next()?;
    let owner = segments.next()?;
    let root = path.split("::").next().unwrap_or(path);
    let found = |kind| Some(Sink { kind, arguments: FIRST });
    let is_fs = matches!(owner, "fs" | "fs_err" | "async_fs" | "asyncify");
    if is_fs && FILE_FUNCTIONS.binary_search(&name).is_ok() {
        let both = matches!(name, "copy" | "rename" | "hard_link" | "symlink");
        return Some(Sink { kind: Kind::File, arguments: if both { &[0, 1] } else { FIRST } });
    }
    if owner == "fs" && root == "warp" && matches!(name, "file" | "dir") {
        return found(Kind::File);
    }
    if OPENERS.contains(&(owner, name)) && root != "cap_std" {
        return found(Kind::File);
    }
    match (owner, name) {
        ("Command", "new") if !matches!(root, "clap" | "crate" | "structopt") => {
            return found(Kind::Program);
        }
        ("Exec", "cmd") => return found(Kind::Program),
        ("Exec", "shell") | ("run_script" | "run_script_rs", "run") => return found(Kind::Shell),
        ("TcpStream", "connect")
        | ("Endpoint" | "Channel", "from_shared")
        | ("net", "lookup_host")
        | ("tokio_tungstenite", "connect_async") => return found(Kind::Host),
        (
            "Redirect",
            "to" | "temporary" | "permanent" | "found" | "see_other" | "moved" | "new"
            | "moved_permanent",
        ) => {
            return found(Kind::Redirect);
        }
        ("redirect", "redirect" | "temporary" | "permanent" | "found" | "see_other")
            if root == "warp" =>
        {
            return found(Kind::Redirect);
        }
        ("warp", "redirect") => return found(Kind::Redirect),
        (_, "with_capacity" | "zeroed") => return found(Kind::Capacity),
        (_, "join_all" | "try_join_all") => return found(Kind::Concurrency),
        _ => {}
    }
    if REQUESTS.binary_search(&name).is_ok() && CLIENT_CRATES.contains(&owner) {
        return match name {
            "request" => Some(Sink { kind: Kind::Host, arguments: &[1] }),
            _ => found(Kind::Host),
        };
    }
    let is_sqlx = root == "sqlx" || owner == "sqlx";
    let sql_owner = if is_sqlx && owner != "QueryBuilder" { "sqlx" } else { owner };
    if SQL_FUNCTIONS.contains(&(sql_owner, name))
        && !(sql_owner == "Query" && root != "Query" && root != "clickhouse")
    {
        let second = matches!(sql_owner, "Statement");
        return Some(Sink { kind: Kind::Sql, arguments: if second { &[1] } else { FIRST } });
    }
    let decompresses =
        DECOMPRESSORS.contains(&name) && COMPRESSION.contains(&root) && !path.contains("bulk");
    if decompresses {
        return found(Kind::Decompression);
    }
    None
}

/// Whether a constructor makes a reader that decompresses another one.
pub(super) fn makes_decoder(path: &str) -> bool {
    let mut segments = path.rsplit("::");
    let (name, owner) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let is_decoder =
        owner.ends_with("Decoder") || owner == "Decompressor" || owner.ends_with("DecoderReader");
    let compresses = ["Gz", "Zlib", "Deflate", "Bz", "Zstd", "Xz", "Brotli", "Lz", "Frame", "Lzma"];
    let root = path.split("::").next().unwrap_or(path);
    is_decoder
        && matches!(name, "new" | "with_buffer" | "new_multi_decoder")
        && (COMPRESSION.contains(&root) || compresses.iter().any(|it| owner.contains(it)))
}

/// Whether the text of a value can be SQL: how it begins, or a clause of it.
pub(super) fn looks_like_sql(value: &Value) -> bool {
    const BEGINNINGS: &[&str] = &[
        "select ", "insert ", "update ", "delete from", "replace into", "with ", "create ",
        "drop ", "alter ", "truncate ", "pragma ", "grant ", "copy ", "merge ", "call ", "exec ",
        "explain ", "attach ", "set ", "use ", "vacuum ", "lock ", "notify ", "listen ",
        "refresh ", "show ",
    ];
    const CLAUSES: &[&str] = &[
        " where ", " from ", " order by ", " like '", " values", " and ", " limit ", "where ",
        " set ", " in (",
    ];
    let Some(text) = &value.text else { return false };
    let literals = text.iter().filter_map(|piece| match piece {
        super::Piece::Literal(text) => Some(text.to_lowercase()),
        super::Piece::Hole(_) => None,
    });
    let joined = literals.collect::<Vec<_>>().join(" ");
    let spaced = joined.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
    BEGINNINGS.iter().any(|it| spaced.starts_with(it)) || {
        let is_clause = CLAUSES.iter().filter(|it| spaced.contains(**it)).count();
        is_clause >= 1 && joined.contains(['=', '(', '\''])
    }
}

/// The part of a value that decides to which host a URL leads: the whole of it, or what stands before
/// the end of the host.
fn deciding_part(value: &Value) -> Option<Value> {
    let Some(_) = &value.text else { return Some(value.clone()) };
    let prefix = value.prefix();
    match prefix.split_once("://") {
        // `https://api.example.com:{port}`
        Some((_, rest)) if rest.contains(['/', '?', '#']) || rest.ends_with(':') => None,
        Some(_) => first_behind(value),
        None if prefix.is_empty() => value.first_hole().cloned(),
        None => None,
    }
}

/// The first part of a text that is not known.
fn first_behind(value: &Value) -> Option<Value> {
    value.text.iter().flat_map(|it| it.iter()).find_map(|piece| match piece {
        super::Piece::Hole(value) => Some(value.clone()),
        super::Piece::Literal(_) => None,
    })
}

/// The part of a value that does harm at a sink of a kind.
pub(super) fn harmful_part(kind: Kind, value: &Value) -> Option<Value> {
    match kind {
        Kind::Host | Kind::Redirect => deciding_part(value),
        Kind::Capacity => {
            let is_large = value.ty.is_some() || value.number.is_some_and(|it| it.bits > 16);
            is_large.then(|| value.clone())
        }
        _ => Some(value.clone()),
    }
}

/// Kinds that all text is cleared of when it is parsed into something else.
pub(super) const PARSED: Kinds = Kinds::ALL.but(Kinds::of(Kind::Panic));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(FILE_FUNCTIONS.is_sorted() && REQUESTS.is_sorted() && SQL_METHODS.is_sorted());
    }

    #[test]
    fn functions_are_known_by_their_paths() {
        let kind = |path| function_sink(path).map(|it| it.kind);
        assert_eq!(kind("std::fs::read"), Some(Kind::File));
        assert_eq!(kind("sqlx::query"), Some(Kind::Sql));
        assert_eq!(kind("std::process::Command::new"), Some(Kind::Program));
        assert_eq!(kind("reqwest::get"), Some(Kind::Host));
        assert_eq!(kind("axum::response::Redirect::to"), Some(Kind::Redirect));
        assert_eq!(kind("zstd::stream::decode_all"), Some(Kind::Decompression));
        assert_eq!(kind("clap::Command::new"), None);
        assert_eq!(kind("crate::store::read"), None);
    }
}
