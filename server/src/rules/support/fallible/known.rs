//! What well-known functions and methods give: those of the standard library, and of crates that
//! services are made of.

use super::errors::{ErrorType, Outcome};

const IO: &str = "std::io::Error";

/// Stands for the path of an error that is not known and that any thread may own.
pub const SOME_ERROR: &str = "std::error::Error";

fn result(path: &str) -> Option<Outcome> {
    Some(Outcome::Result(ErrorType::Path(path.to_string())))
}

/// The type of an outcome, as [`super::types`] writes it; none for one that may be either.
pub fn text(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Option => Some("Option<_>".to_string()),
        Outcome::Result(ErrorType::Some) => Some(format!("Result<_,{SOME_ERROR}>")),
        Outcome::Result(ErrorType::Path(path)) => Some(format!("Result<_,{path}>")),
        Outcome::Result(_) => Some("Result<_,_>".to_string()),
        Outcome::Either | Outcome::Unknown => None,
    }
}

const SOME: Option<Outcome> = Some(Outcome::Result(ErrorType::Some));
const OPTION: Option<Outcome> = Some(Outcome::Option);

/// What a function gives, by its full path.
pub fn function(path: &str) -> Option<Outcome> {
    let (module, name) = path.rsplit_once("::")?;
    match (module, name) {
        ("std::fs" | "std::fs::File", _) if name != "options" && name != "builder" => result(IO),
        ("std::net::TcpListener" | "std::net::UdpSocket", "bind") => result(IO),
        ("std::os::unix::net::UnixListener", "bind") => result(IO),
        ("std::net::TcpStream" | "std::os::unix::net::UnixStream", "connect") => result(IO),
        ("std::net::TcpStream", "connect_timeout") => result(IO),
        ("std::env", "current_dir" | "current_exe" | "set_current_dir") => result(IO),
        ("std::io", "copy" | "read_to_string") => result(IO),
        ("std::env", "var") => result("std::env::VarError"),
        ("String" | "std::string::String", "from_utf8") => result("std::string::FromUtf8Error"),
        ("String" | "std::string::String", "from_utf16") => result("std::string::FromUtf16Error"),
        ("std::str" | "str" | "core::str", "from_utf8") => result("std::str::Utf8Error"),
        ("std::ffi::CString" | "std::ffi::c_str::CString", "new") => result("std::ffi::NulError"),
        ("std::ffi::CStr", "from_bytes_with_nul") => SOME,
        ("std::alloc::Layout", "from_size_align" | "array") => result("std::alloc::LayoutError"),
        ("std::char" | "char", "from_u32" | "from_digit") => OPTION,
        ("std::sync::Arc" | "std::rc::Rc" | "Arc" | "Rc", "get_mut") => OPTION,
        ("serde_json", "from_str" | "from_slice" | "from_reader" | "from_value") => {
            result("serde_json::Error")
        }
        ("serde_json", "to_string" | "to_string_pretty" | "to_vec" | "to_vec_pretty") => {
            result("serde_json::Error")
        }
        ("serde_json", "to_value" | "to_writer" | "to_writer_pretty") => {
            result("serde_json::Error")
        }
        ("toml", "from_str") => result("toml::de::Error"),
        ("toml", "to_string" | "to_string_pretty") => result("toml::ser::Error"),
        ("serde_yaml", "from_str" | "to_string" | "from_reader") => result("serde_yaml::Error"),
        ("regex::Regex" | "regex::RegexSet" | "regex::bytes::Regex", "new") => {
            result("regex::Error")
        }
        ("url::Url", "parse") => result("url::ParseError"),
        ("uuid::Uuid", "parse_str") => result("uuid::Error"),
        ("hex", "decode") => result("hex::FromHexError"),
        ("tokio::runtime::Runtime", "new") => result(IO),
        (_, "from_str_radix") if is_integer(module) => result("std::num::ParseIntError"),
        (_, "from_str") if parse_error(module).is_some() => result(parse_error(module)?),
        // Which error it is depends on the argument; all of them are errors.
        (_, "try_from") if is_integer(module) => SOME,
        (_, "new") if is_non_zero(module) => OPTION,
        _ => None,
    }
}

/// What awaiting the call of a function gives, by its full path.
pub fn awaited_function(path: &str) -> Option<Outcome> {
    let (module, name) = path.rsplit_once("::")?;
    match (module, name) {
        ("tokio::fs" | "tokio::fs::File", _) => result(IO),
        ("tokio::net::TcpListener" | "tokio::net::UdpSocket", "bind") => result(IO),
        ("tokio::net::TcpStream" | "tokio::net::UnixStream", "connect") => result(IO),
        ("tokio::signal", "ctrl_c") => result(IO),
        ("tokio::net", "lookup_host") => result(IO),
        ("reqwest", "get") => result("reqwest::Error"),
        ("tokio::task", "spawn_blocking") | ("tokio" | "tokio::task", "spawn") => {
            result("tokio::task::JoinError")
        }
        ("tokio::time", "timeout") => result("tokio::time::error::Elapsed"),
        _ => None,
    }
}

/// What a method gives, by its name alone: only names that mean one thing wherever they are.
pub fn method(name: &str, arguments: usize) -> Option<Outcome> {
    match (name, arguments) {
        (
            "split_once"
            | "rsplit_once"
            | "checked_add"
            | "checked_sub"
            | "checked_mul"
            | "checked_div"
            | "checked_rem"
            | "checked_pow"
            | "checked_shl"
            | "checked_shr"
            | "checked_duration_since"
            | "nth"
            | "min_by"
            | "max_by"
            | "min_by_key"
            | "max_by_key"
            | "position"
            | "rposition"
            | "find_map"
            | "get"
            | "reduce"
            | "get_key_value"
            | "get_mut"
            | "get_one"
            | "get_many"
            | "remove_one"
            | "remove_many"
            | "to_digit"
            | "find",
            1,
        ) => OPTION,
        (
            "as_u64"
            | "as_i64"
            | "as_f64"
            | "as_bool"
            | "as_array"
            | "as_object"
            | "as_array_mut"
            | "as_object_mut"
            | "as_integer"
            | "as_table"
            | "as_str"
            | "file_name"
            | "file_stem"
            | "extension"
            | "parent"
            | "next"
            | "next_back"
            | "peek"
            | "min"
            | "max"
            | "last_mut"
            | "first_mut"
            | "split_first"
            | "split_last"
            | "pop_front"
            | "pop_back"
            | "front"
            | "back"
            | "front_mut"
            | "back_mut"
            | "first_key_value"
            | "last_key_value"
            | "pop_first"
            | "pop_last"
            | "upgrade"
            | "downcast_ref"
            | "downcast_mut"
            | "last"
            | "first"
            | "pop"
            | "checked_neg"
            | "checked_next_power_of_two"
            | "ok"
            | "err"
            | "take",
            0,
        ) => OPTION,
        ("from_ymd_opt" | "and_hms_opt" | "from_hms_opt", 3) => OPTION,
        ("write_all" | "read_exact" | "read_to_end" | "read_to_string" | "read_line", 1) => {
            result(IO)
        }
        ("sync_all" | "sync_data" | "canonicalize" | "to_socket_addrs", 0) => result(IO),
        ("set_nonblocking" | "set_broadcast" | "set_nodelay", 1) => result(IO),
        ("duration_since", 1) | ("elapsed", 0) => result("std::time::SystemTimeError"),
        ("try_recv" | "local_addr" | "peer_addr" | "modified" | "created" | "flush", 0) => SOME,
        ("recv", 0) => SOME,
        ("recv_timeout", 1) => SOME,
        // Of `str` and of `Path`; of `OsStr` and of header values.
        ("strip_prefix", 1) | ("to_str", 0) => Some(Outcome::Either),
        ("strip_suffix", 1) => OPTION,
        _ => None,
    }
}

/// What awaiting a method's call gives, by its name alone.
pub fn awaited_method(name: &str, arguments: usize) -> Option<Outcome> {
    match (name, arguments) {
        ("next", 0) => OPTION,
        ("recv", 0) => Some(Outcome::Either),
        ("write_all" | "read_exact" | "read_to_end" | "read_to_string" | "read_line", 1) => {
            result(IO)
        }
        ("flush" | "accept" | "bytes" | "json" | "text" | "next_line" | "sync_all", 0) => SOME,
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
            "sled",
            "rocksdb",
            "redis",
            "rusqlite",
            "sqlx",
            "diesel",
            "postgres",
            "tokio_postgres",
            "mongodb",
            "heed",
            "lmdb",
            "redb",
            "fred",
            "reqwest",
            "ureq",
        ]),
        "parent" | "file_name" => any(&["object_store", "vfs"]),
        _ => false,
    }
}

/// The error of parsing a type of the standard library.
pub fn parse_error(ty: &str) -> Option<&'static str> {
    match ty.rsplit("::").next().unwrap_or(ty) {
        name if is_integer(name) || is_non_zero(name) => Some("std::num::ParseIntError"),
        "f32" | "f64" => Some("std::num::ParseFloatError"),
        "bool" => Some("std::str::ParseBoolError"),
        "char" => Some("std::char::ParseCharError"),
        "SocketAddr" | "SocketAddrV4" | "SocketAddrV6" | "IpAddr" | "Ipv4Addr" | "Ipv6Addr" => {
            Some("std::net::AddrParseError")
        }
        _ => None,
    }
}

fn is_integer(ty: &str) -> bool {
    matches!(
        ty,
        "u8" | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
    )
}

fn is_non_zero(ty: &str) -> bool {
    let name = ty.rsplit("::").next().unwrap_or(ty);
    let width = name.strip_prefix("NonZero").unwrap_or_default();
    width.starts_with(['U', 'I']) && is_integer(&width.to_lowercase())
}
