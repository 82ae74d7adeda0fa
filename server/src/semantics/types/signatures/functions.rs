//! Functions, by their full paths.

use super::crates;

/// What a function gives.
pub fn function(path: &str) -> Option<String> {
    let (module, name) = path.rsplit_once("::")?;
    let module =
        module.strip_prefix("core::").map_or(module.to_string(), |it| format!("std::{it}"));
    let ty = module.rsplit("::").next().unwrap_or(&module);
    fs_function(&module, name)
        .or_else(|| std_function(&module, name))
        .map(str::to_string)
        .or_else(|| of_numbers(ty, name))
        .or_else(|| crates::function(&module, name).map(str::to_string))
}

/// The type of a constant or static of another crate, by its full path.
pub fn constant(path: &str) -> Option<&'static str> {
    match path {
        "std::time::UNIX_EPOCH" | "std::time::SystemTime::UNIX_EPOCH" => Some("SystemTime"),
        _ => None,
    }
}

fn fs_function(module: &str, name: &str) -> Option<&'static str> {
    let ty = match (module, name) {
        ("std::fs", "read") => "Result<Vec<u8>,std::io::Error>",
        ("std::fs" | "std::io", "read_to_string") => "Result<String,std::io::Error>",
        ("std::fs", "canonicalize" | "read_link") => "Result<PathBuf,std::io::Error>",
        ("std::fs", "metadata" | "symlink_metadata") => "Result<Metadata,std::io::Error>",
        ("std::fs", "read_dir") => "Result<ReadDir,std::io::Error>",
        ("std::fs", "exists") => "Result<bool,std::io::Error>",
        ("std::fs", "copy") => "Result<u64,std::io::Error>",
        (
            "std::fs",
            "write" | "rename" | "remove_file" | "remove_dir" | "remove_dir_all" | "create_dir"
            | "create_dir_all" | "set_permissions" | "hard_link" | "soft_link",
        ) => "Result<(),std::io::Error>",
        ("std::fs::File", "open" | "create" | "create_new") => "Result<File,std::io::Error>",
        ("std::fs::File", "options") | ("std::fs::OpenOptions", "new") => "OpenOptions",
        _ => return None,
    };
    Some(ty)
}

fn std_function(module: &str, name: &str) -> Option<&'static str> {
    let ty = match (module, name) {
        ("std::fs::DirBuilder", "new") => "DirBuilder",
        ("std::io", "copy") => "Result<u64,std::io::Error>",
        ("std::io", "stdin") => "Stdin",
        ("std::io", "stdout") => "Stdout",
        ("std::io", "stderr") => "Stderr",
        ("std::io::Error", "other" | "new" | "last_os_error" | "from") => "std::io::Error",
        ("std::net::TcpListener", "bind") => "Result<TcpListener,std::io::Error>",
        ("std::net::UdpSocket", "bind") => "Result<UdpSocket,std::io::Error>",
        ("std::net::TcpStream", "connect" | "connect_timeout") => {
            "Result<TcpStream,std::io::Error>"
        }
        ("std::os::unix::net::UnixListener", "bind") => "Result<UnixListener,std::io::Error>",
        ("std::os::unix::net::UnixStream", "connect") => "Result<UnixStream,std::io::Error>",
        ("std::os::unix::net::UnixStream", "pair") => {
            "Result<(UnixStream,UnixStream),std::io::Error>"
        }
        ("std::os::unix::fs", "symlink" | "chown") => "Result<(),std::io::Error>",
        ("std::env", "current_dir" | "current_exe") => "Result<PathBuf,std::io::Error>",
        ("std::env", "set_current_dir") => "Result<(),std::io::Error>",
        ("std::env", "var") => "Result<String,std::env::VarError>",
        ("std::env", "var_os") => "Option<OsString>",
        ("std::env", "home_dir") => "Option<PathBuf>",
        ("std::env", "temp_dir") => "PathBuf",
        ("std::env", "args") => "Iterator<String>",
        ("std::env", "args_os") => "Iterator<OsString>",
        ("std::env", "vars") => "Iterator<(String,String)>",
        ("std::env", "join_paths") => "Result<OsString,std::env::JoinPathsError>",
        ("std::process::Command", "new") => "Command",
        ("std::path::Path" | "Path", "new") => "&Path",
        ("String" | "std::string::String", "from_utf8") => {
            "Result<String,std::string::FromUtf8Error>"
        }
        ("String" | "std::string::String", "from_utf16") => {
            "Result<String,std::string::FromUtf16Error>"
        }
        ("String" | "std::string::String", "from_utf8_lossy") => "Cow<'_,str>",
        ("std::str" | "str", "from_utf8") => "Result<&str,std::str::Utf8Error>",
        ("std::ffi::CString" | "std::ffi::c_str::CString", "new") => {
            "Result<CString,std::ffi::NulError>"
        }
        ("std::ffi::CStr", "from_bytes_with_nul") => {
            "Result<&CStr,std::ffi::FromBytesWithNulError>"
        }
        ("std::ffi::CStr", "from_bytes_until_nul") => {
            "Result<&CStr,std::ffi::FromBytesUntilNulError>"
        }
        ("std::alloc::Layout", "from_size_align" | "array") => {
            "Result<Layout,std::alloc::LayoutError>"
        }
        ("std::char" | "char", "from_u32" | "from_digit") => "Option<char>",
        ("std::sync::Arc" | "std::rc::Rc" | "Arc" | "Rc", "get_mut") => "Option<_>",
        // The error is the pointer itself.
        ("std::sync::Arc" | "std::rc::Rc" | "Arc" | "Rc", "try_unwrap") => "Result<_,_>",
        ("std::sync::Arc" | "std::rc::Rc" | "Arc" | "Rc", "into_inner") => "Option<_>",
        ("std::sync::mpsc", "channel") => "(Sender<_>,Receiver<_>)",
        ("std::sync::mpsc", "sync_channel") => "(SyncSender<_>,Receiver<_>)",
        ("std::thread", "spawn") => "std::thread::JoinHandle<_>",
        ("std::thread", "available_parallelism") => "Result<_,std::io::Error>",
        ("std::time::Duration" | "Duration", "try_from_secs_f32" | "try_from_secs_f64") => {
            "Result<Duration,std::time::TryFromFloatSecsError>"
        }
        ("std::time::SystemTime" | "SystemTime", "now") => "SystemTime",
        ("std::time::Instant" | "Instant", "now") => "Instant",
        _ => return None,
    };
    Some(ty)
}

fn of_numbers(ty: &str, name: &str) -> Option<String> {
    match name {
        "from_str_radix" if is_integer(ty) => Some(format!("Result<{ty},std::num::ParseIntError>")),
        "from_str" => parse_error(ty).map(|error| format!("Result<{ty},{error}>")),
        // `Infallible` where the argument's type fits.
        "try_from" if is_integer(ty) => Some(format!("Result<{ty},{}>", super::SOME_ERROR)),
        "new" if is_non_zero(ty) || ty == "NonZero" => Some(format!("Option<{ty}>")),
        _ => None,
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
        // Parsed by taking it over.
        "String" | "PathBuf" | "OsString" => Some("std::convert::Infallible"),
        _ => None,
    }
}

pub fn is_integer(ty: &str) -> bool {
    let width = ty.strip_prefix(['u', 'i']).unwrap_or_default();
    matches!(width, "8" | "16" | "32" | "64" | "128" | "size")
}

fn is_non_zero(ty: &str) -> bool {
    let width = ty.strip_prefix("NonZero").unwrap_or_default();
    width.starts_with(['U', 'I']) && is_integer(&width.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_known_by_their_path() {
        for (path, expected) in [
            ("std::fs::read", Some("Result<Vec<u8>,std::io::Error>")),
            ("core::str::from_utf8", Some("Result<&str,std::str::Utf8Error>")),
            ("u32::from_str_radix", Some("Result<u32,std::num::ParseIntError>")),
            ("std::num::NonZeroU8::new", Some("Option<NonZeroU8>")),
            ("tokio::net::TcpListener::bind", Some("Future<Result<_,std::io::Error>>")),
            ("bincode::serialize", Some("Result<Vec<u8>,bincode::Error>")),
            ("some::thing", None),
        ] {
            assert_eq!(function(path).as_deref(), expected, "{path}");
        }
    }
}
