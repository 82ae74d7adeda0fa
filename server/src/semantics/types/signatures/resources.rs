//! Methods and fields of the standard library's files, sockets, processes, clocks and cells.

use crate::project::base_name;
use crate::semantics::type_text::arguments;

/// What a method gives, by the type it is called on.
pub fn method(ty: &str, name: &str, count: usize) -> Option<String> {
    let held = || arguments(ty).into_iter().find(|it| !it.starts_with('\'')).unwrap_or("_");
    let of_held = match (base_name(ty), name, count) {
        ("RefCell" | "Cell", "borrow" | "borrow_mut" | "take" | "get" | "into_inner", 0)
        | ("RefCell" | "Cell", "replace", 1) => held().to_string(),
        ("Mutex" | "RwLock", "lock" | "read" | "write" | "into_inner" | "get_mut", 0)
        | ("Mutex" | "RwLock", "try_lock" | "try_read" | "try_write", 0) => {
            format!("Result<{},std::sync::PoisonError>", held())
        }
        ("Weak", "upgrade", 0) => format!("Option<Arc<{}>>", held()),
        ("OnceLock" | "OnceCell", "get", 0) => format!("Option<&{}>", held()),
        ("OnceLock" | "OnceCell", "get_mut", 0) => format!("Option<&mut{}>", held()),
        ("OnceLock" | "OnceCell", "take" | "into_inner", 0) => format!("Option<{}>", held()),
        ("OnceLock" | "OnceCell", "set", 1) => "Result<(),_>".to_string(),
        // What a thread panicked with.
        ("JoinHandle" | "ScopedJoinHandle", "join", 0) => format!("Result<{},_>", held()),
        ("Sender" | "SyncSender" | "UnboundedSender", "send" | "try_send", 1) => {
            "Result<(),_>".to_string()
        }
        ("Receiver", "recv" | "try_recv", 0) | ("Receiver", "recv_timeout", 1) => {
            format!("Result<{},{}>", held(), super::SOME_ERROR)
        }
        ("Receiver", "iter" | "try_iter" | "into_iter", 0) => format!("Iterator<{}>", held()),
        _ => return of_handle(base_name(ty), name, count).map(str::to_string),
    };
    Some(of_held)
}

fn of_handle(ty: &str, name: &str, count: usize) -> Option<&'static str> {
    match ty {
        "File" => file(name, count),
        "OpenOptions" => match (name, count) {
            ("open", 1) => Some("Result<File,std::io::Error>"),
            (_, 1) => Some("OpenOptions"),
            _ => None,
        },
        "DirBuilder" => match (name, count) {
            ("create", 1) => Some("Result<(),std::io::Error>"),
            (_, 1) => Some("DirBuilder"),
            _ => None,
        },
        "Metadata" => match (name, count) {
            ("modified" | "created" | "accessed", 0) => Some("Result<SystemTime,std::io::Error>"),
            ("len", 0) => Some("u64"),
            _ => None,
        },
        // That of `walkdir` and `ignore` has the name as well.
        "DirEntry" => match (name, count) {
            ("metadata", 0) => Some("Result<Metadata,std::error::Error>"),
            ("path", 0) => Some("PathBuf"),
            ("file_name", 0) => Some("OsString"),
            _ => None,
        },
        "Command" => match (name, count) {
            ("spawn", 0) => Some("Result<Child,std::io::Error>"),
            ("output", 0) => Some("Result<Output,std::io::Error>"),
            ("status", 0) => Some("Result<ExitStatus,std::io::Error>"),
            ("arg" | "args" | "env_remove" | "envs" | "current_dir", 1)
            | ("stdin" | "stdout" | "stderr", 1)
            | ("env", 2)
            | ("env_clear", 0) => Some("Command"),
            _ => None,
        },
        "Child" => match (name, count) {
            ("wait", 0) => Some("Result<ExitStatus,std::io::Error>"),
            ("wait_with_output", 0) => Some("Result<Output,std::io::Error>"),
            ("try_wait", 0) => Some("Result<Option<ExitStatus>,std::io::Error>"),
            ("kill", 0) => Some("Result<(),std::io::Error>"),
            _ => None,
        },
        "ExitStatus" if matches!((name, count), ("code" | "signal", 0)) => Some("Option<i32>"),
        "Stdin" | "StdinLock" | "BufReader" => match (name, count) {
            ("lines", 0) => Some("Iterator<Result<String,std::io::Error>>"),
            ("lock", 0) => Some("StdinLock"),
            ("read_line" | "read_to_string" | "read_to_end", 1) => {
                Some("Result<usize,std::io::Error>")
            }
            _ => None,
        },
        "TcpListener" | "TcpStream" | "UdpSocket" | "UnixStream" | "UnixListener" => {
            socket(name, count)
        }
        "SystemTime" => match (name, count) {
            ("duration_since", 1) | ("elapsed", 0) => {
                Some("Result<Duration,std::time::SystemTimeError>")
            }
            ("checked_add" | "checked_sub", 1) => Some("Option<SystemTime>"),
            _ => None,
        },
        "Instant" => match (name, count) {
            ("duration_since", 1) | ("elapsed", 0) => Some("Duration"),
            ("checked_add" | "checked_sub", 1) => Some("Option<Instant>"),
            ("checked_duration_since", 1) => Some("Option<Duration>"),
            _ => None,
        },
        "char" if (name, count) == ("to_digit", 1) => Some("Option<u32>"),
        _ => None,
    }
}

fn file(name: &str, count: usize) -> Option<&'static str> {
    let ty = match (name, count) {
        ("metadata", 0) => "Result<Metadata,std::io::Error>",
        ("try_clone", 0) => "Result<File,std::io::Error>",
        ("set_len" | "set_permissions", 1) | ("sync_all" | "sync_data" | "flush", 0) => {
            "Result<(),std::io::Error>"
        }
        ("seek", 1) => "Result<u64,std::io::Error>",
        ("read" | "write" | "read_to_end" | "read_to_string", 1) => "Result<usize,std::io::Error>",
        ("write_all" | "read_exact", 1) => "Result<(),std::io::Error>",
        _ => return None,
    };
    Some(ty)
}

fn socket(name: &str, count: usize) -> Option<&'static str> {
    let ty = match (name, count) {
        ("local_addr" | "peer_addr", 0) => "Result<SocketAddr,std::io::Error>",
        ("incoming", 0) => "Iterator<Result<_,std::io::Error>>",
        ("try_clone", 0) | ("accept", 0) => "Result<_,std::io::Error>",
        ("set_nonblocking" | "set_nodelay" | "set_read_timeout" | "set_write_timeout", 1)
        | ("set_ttl" | "set_broadcast" | "shutdown", 1) => "Result<(),std::io::Error>",
        _ => return None,
    };
    Some(ty)
}

/// The type of a field.
pub fn field(ty: &str, name: &str) -> Option<&'static str> {
    match (base_name(ty), name) {
        ("Child", "stdin") => Some("Option<ChildStdin>"),
        ("Child", "stdout") => Some("Option<ChildStdout>"),
        ("Child", "stderr") => Some("Option<ChildStderr>"),
        ("Output", "status") => Some("ExitStatus"),
        ("Output", "stdout" | "stderr") => Some("Vec<u8>"),
        _ => None,
    }
}
