//! What names all but always mean where nothing else is known: the call that is unwrapped gives an
//! `Option` or a `Result`, and its name says which.

const RESULT: Option<&str> = Some("Result<_,_>");
const OPTION: Option<&str> = Some("Option<_>");

/// A function of another crate, by its full path.
pub fn function(path: &str) -> Option<&'static str> {
    let (owner, name) = path.rsplit_once("::")?;
    let ty = owner.rsplit("::").next().unwrap_or(owner);
    // Durations and dates that may be out of range.
    if matches!(ty, "TimeDelta" | "Duration") && name.starts_with("try_") {
        return OPTION;
    }
    if name.ends_with("_opt") || name == "from_timestamp" || name == "from_timestamp_millis" {
        return OPTION;
    }
    if name.starts_with("try_") && name != "try_get" || is_result(name) {
        return RESULT;
    }
    matches!(name, "from_bytes" | "from_slice" | "from_reader" | "from_std" | "parse")
        .then_some("Result<_,_>")
}

/// A method of a type that is not known.
pub fn method(name: &str, count: usize) -> Option<&'static str> {
    match (name, count) {
        ("as_ref" | "as_mut" | "as_deref" | "as_deref_mut", 0) => OPTION,
        ("remove" | "pop" | "get_as" | "find_map" | "iter_next", _) => OPTION,
        _ if is_result(name) => RESULT,
        ("join" | "wait" | "spawn" | "output" | "status", 0) => RESULT,
        (
            "write" | "read" | "seek" | "write_str" | "write_fmt" | "send" | "wait_with_output",
            1,
        ) => RESULT,
        _ => None,
    }
}

/// A method of a type that is not known, awaited.
pub fn awaited_method(name: &str) -> Option<&'static str> {
    let fetches = matches!(
        name,
        "fetch_one"
            | "fetch_all"
            | "fetch_optional"
            | "execute"
            | "begin"
            | "commit"
            | "rollback"
            | "acquire"
            | "shutdown"
            | "send"
            | "write"
            | "read"
            | "wait"
            | "spawn"
            | "get_connection"
    );
    (fetches || is_result(name)).then_some("Result<_,_>")
}

fn is_result(name: &str) -> bool {
    matches!(
        name,
        "build"
            | "connect"
            | "bind"
            | "listen"
            | "accept"
            | "decode"
            | "encode_to_vec"
            | "serialize"
            | "deserialize"
            | "from_str"
            | "parse_str"
            | "from_utf8"
            | "from_hex"
            | "from_pem"
            | "from_der"
            | "from_base64"
            | "open"
            | "create"
            | "create_dir_all"
            | "execute"
            | "query_row"
            | "load"
            | "save"
            | "render"
            | "compile"
            | "try_clone"
            | "to_string_pretty"
            | "canonicalize"
            | "install"
            | "set_global_default"
            | "local_addr"
            | "peer_addr"
            | "run_until"
            | "block_on_all"
            | "read_to_string"
            | "write_all"
            | "read_exact"
    )
}
