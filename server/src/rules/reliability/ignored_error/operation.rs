//! Which calls are operations whose error matters: I/O, network and database calls, and functions of
//! the workspace.

use super::workspace_call::WorkspaceCall;
use crate::analysis::Context;
use crate::project::base_name;
use crate::semantics::bindings::{local_value, type_of};
use crate::semantics::calls::argument_count;
use crate::semantics::expressions::{chain_root, identifier, last_name};
use crate::semantics::literals::string_literal;
use crate::semantics::own_method::MethodCall;
use crate::semantics::paths::{callee, path_text, resolve_at};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Types and expressions of readers and writers in memory, as they are written.
const MEMORY_TYPES: &[&str] = &[
    "Vec", "vec!", "String", "BytesMut", "Cursor", "writer()", "stdout", "stderr", "Formatter",
    "Hasher", "Sha", "Hmac", "Buffer", "from_utf8", "as_bytes", "&[u8]", "&mut[u8]",
];

/// Words in the names of readers and writers in memory; sorted.
const MEMORY_WORDS: &[&str] = &[
    "buf", "buffer", "bytes", "cursor", "digest", "hasher", "logger", "mac", "out", "pager",
    "stderr", "stdout", "string", "term", "terminal", "tty", "vec",
];

/// Words in the names of channels.
const CHANNEL_WORDS: &[&str] =
    &["channel", "events", "handle", "sender", "shutdown", "signal", "tx"];

/// Words in the names of network connections.
const CONNECTION_WORDS: &[&str] = &[
    "conn", "connection", "framed", "mailer", "sink", "smtp", "sock", "socket", "stream", "tcp",
    "transport", "udp", "websocket", "ws",
];

/// Words in the names of functions that fail in normal operation; sorted.
const ROUTINE_WORDS: &[&str] =
    &["abort", "buf", "buffer", "cancel", "close", "fmt", "init", "install", "kill", "set", "wake"];

/// Methods that many types of `std` and of libraries have; sorted.
const COMMON_METHODS: &[&str] = &[
    "add", "append", "build", "call", "clear", "clone", "compare_exchange", "connect", "create",
    "decode", "delete", "disconnect", "emit", "encode", "end", "execute", "expect", "extend",
    "fetch_update", "finish", "get", "get_mut", "handle", "insert", "join", "load", "lock", "next",
    "notify", "open", "parse", "poll", "pop", "process", "publish", "push", "read", "recv",
    "register", "remove", "replace", "reset", "resolve", "run", "send", "shutdown", "spawn",
    "start", "stop", "store", "subscribe", "swap", "take", "unregister", "unwrap", "update",
    "wait", "write", "write_char", "write_fmt", "write_str",
];

/// Words in the names of clients of databases, stores and clusters.
const CLIENT_WORDS: &[&str] = &[
    "api", "bucket", "cache", "client", "con", "conn", "connection", "database", "db", "etcd",
    "kube", "pool", "redis", "repo", "repository", "s3", "store",
];

/// First words in the names of methods by which such a client changes something.
const CHANGING_WORDS: &[&str] = &[
    "create", "del", "delete", "insert", "patch", "publish", "put", "remove", "replace", "save",
    "store", "update", "upload", "upsert",
];

/// A call whose error matters.
pub struct Operation {
    /// The name of the function or method.
    pub name: String,
    pub kind: Kind,
    /// The call of a method, whose receiver may turn out to be a channel or of another type.
    pub method: Option<MethodCall>,
}

pub enum Kind {
    /// A function of the file system; its error is a `std::io::Error`.
    File,
    /// I/O, network or database; `std` if its error is certainly a `std::io::Error`.
    Io { std: bool },
    /// Something that the client of a database, a store or a cluster changes.
    Client,
    /// Possibly a function of the workspace.
    Workspace(WorkspaceCall),
}

/// The operation that a call is; none if its error does not matter.
pub fn operation(call: &ast::Expr, awaited: bool, cx: &mut Context<'_>) -> Option<Operation> {
    match call {
        ast::Expr::CallExpr(call) => function_operation(call, cx),
        ast::Expr::MethodCallExpr(call) => method_operation(call, awaited, cx),
        _ => None,
    }
}

fn function_operation(call: &ast::CallExpr, cx: &mut Context<'_>) -> Option<Operation> {
    let path = callee(call)?;
    let resolved = resolve_at(cx, call.syntax(), &path);
    let (module, name) = resolved.rsplit_once("::").unwrap_or(("", &resolved));
    let name = name.to_string();
    if matches!(module, "std::fs" | "tokio::fs" | "async_std::fs" | "fs_err" | "fs_err::tokio") {
        return Some(Operation { name, kind: Kind::File, method: None });
    }
    let root = resolved.split("::").next().unwrap_or_default();
    let owner = module.rsplit("::").next().unwrap_or_default();
    if matches!(owner, "TcpListener" | "UdpSocket" | "UnixListener" | "UnixDatagram")
        && name == "bind"
    {
        let std = matches!(root, "std" | "tokio");
        return Some(Operation { name, kind: Kind::Io { std }, method: None });
    }
    if resolved == "axum::serve" {
        return Some(Operation { name, kind: Kind::Io { std: true }, method: None });
    }
    if matches!(root, "std" | "core" | "alloc") || fails_routinely(&name) {
        return None;
    }
    let owner = match owner {
        "Self" => Some(self_type(cx, call.syntax())?),
        _ if owner.starts_with(|c: char| c.is_ascii_uppercase()) => Some(owner.to_string()),
        _ => None,
    };
    let external = cx.file().depends_on(root).then(|| root.to_string());
    let call = WorkspaceCall { owner, method: None, is_common: false, external };
    let kind = Kind::Workspace(call);
    name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(Operation {
        name,
        kind,
        method: None,
    })
}

fn method_operation(
    call: &ast::MethodCallExpr,
    awaited: bool,
    cx: &mut Context<'_>,
) -> Option<Operation> {
    let name = call.name_ref()?.text().to_string();
    let receiver = call.receiver()?;
    let count = argument_count(call);
    let method = MethodCall::new(&receiver, &name, cx);
    let operation =
        |kind| Some(Operation { name: name.clone(), kind, method: Some(method.clone()) });
    let io = |std| operation(Kind::Io { std });
    match (name.as_str(), count) {
        ("sync_all" | "sync_data", 0) | ("set_len", 1) => return io(true),
        ("commit", 0) | ("execute_batch", 1) | ("pragma_update", 3) => return io(false),
        ("set_nonblocking", 1) | ("send_to", 2) => return io(false),
        ("flush", 0) | ("write_all" | "read_exact", 1) => {
            return if is_in_memory(&receiver, cx) { None } else { io(false) };
        }
        ("read_to_end" | "read_to_string" | "read_line", 1) => {
            return if is_in_memory(&receiver, cx) { None } else { io(false) };
        }
        ("shutdown", 0 | 1) if is_connection(&receiver) => return io(false),
        ("bind" | "listen", 1) if is_connection(&receiver) => return io(false),
        ("send", 1) if is_connection(&receiver) => return io(false),
        ("execute", 1..) if is_statement(call, &receiver) => return io(false),
        _ if awaited && count > 0 && changes_store(&receiver, &name, cx) => {
            return operation(Kind::Client);
        }
        _ => {}
    }
    let on_self = identifier(&receiver).is_some_and(|name| name == "self");
    if fails_routinely(&name) {
        return None;
    }
    let owner = if on_self { Some(self_type(cx, call.syntax())?) } else { None };
    let is_common = is_common_method(&name);
    let call = WorkspaceCall { owner, method: Some(method.clone()), is_common, external: None };
    operation(Kind::Workspace(call))
}

/// The type whose `impl` or `trait` block a node is in.
fn self_type(cx: &Context<'_>, node: &SyntaxNode) -> Option<String> {
    cx.ancestors(node).find_map(|node| match node.kind() {
        SyntaxKind::IMPL => {
            let ast::Type::PathType(ty) = ast::Impl::cast(node)?.self_ty()? else { return None };
            Some(ty.path()?.segment()?.name_ref()?.text().to_string())
        }
        SyntaxKind::TRAIT => Some(ast::Trait::cast(node)?.name()?.text().to_string()),
        _ => None,
    })
}

/// Whether a reader or writer is in memory, or is an output such as stderr whose failure cannot be
/// reported anywhere.
fn is_in_memory(receiver: &ast::Expr, cx: &mut Context<'_>) -> bool {
    let name = last_name(receiver).unwrap_or_default();
    let by_name = words(&name).any(|word| MEMORY_WORDS.binary_search(&word.as_str()).is_ok());
    if by_name {
        return true;
    }
    let Some(name) = identifier(&chain_root(receiver)) else { return false };
    let value =
        local_value(cx, receiver.syntax(), &name).map(|value| value.syntax().text().to_string());
    let parameter = || {
        let list = cx.function(receiver.syntax())?.param_list()?;
        let parameter = list.params().find(|it| {
            it.pat().is_some_and(|pattern| {
                pattern.syntax().text().to_string().trim_start_matches("mut ") == name
            })
        })?;
        Some(parameter.ty()?.syntax().text().to_string())
    };
    let text = value.or_else(parameter).unwrap_or_default();
    MEMORY_TYPES.iter().any(|ty| text.contains(ty))
}

/// Whether a receiver's name is that of a network connection, and not of a channel.
fn is_connection(receiver: &ast::Expr) -> bool {
    last_name(receiver).is_some_and(|name| {
        let words: Vec<String> = words(&name).collect();
        let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
        !has(CHANNEL_WORDS) && has(CONNECTION_WORDS)
    })
}

/// Whether a method of a client of a database, a store or a cluster changes something there.
fn changes_store(receiver: &ast::Expr, method: &str, cx: &Context<'_>) -> bool {
    let verb = words(method).next().unwrap_or_default();
    if !CHANGING_WORDS.contains(&verb.as_str()) {
        return false;
    }
    let declared = identifier(receiver).and_then(|name| type_of(cx, receiver.syntax(), &name));
    let of_type = declared.is_some_and(|ty| has_any_word(base_name(&ty), CLIENT_WORDS));
    of_type || last_name(receiver).is_some_and(|name| has_any_word(&name, CLIENT_WORDS))
}

/// Whether `execute` runs a statement of a database.
fn is_statement(call: &ast::MethodCallExpr, receiver: &ast::Expr) -> bool {
    let first = call.arg_list().and_then(|list| list.args().next());
    let sql = first.as_ref().and_then(string_literal).is_some_and(|text| {
        let verb = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        matches!(verb.as_str(), "INSERT" | "UPDATE" | "DELETE" | "CREATE" | "ALTER" | "REPLACE")
    });
    let root = chain_root(receiver);
    let query = match &root {
        ast::Expr::CallExpr(call) => callee(call),
        ast::Expr::MacroExpr(it) => {
            it.macro_call().and_then(|call| call.path()).and_then(|path| path_text(&path))
        }
        _ => None,
    };
    sql || query.is_some_and(|path| path.starts_with("sqlx::query"))
}

/// Whether a function, by its name, fails in normal operation or may be called twice.
fn fails_routinely(name: &str) -> bool {
    name.starts_with("try_")
        || words(name).any(|word| ROUTINE_WORDS.binary_search(&word.as_str()).is_ok())
}

/// Whether types of `std` and of libraries have methods of this name, so that a function of the
/// workspace with the same name need not be the one that is called.
fn is_common_method(name: &str) -> bool {
    COMMON_METHODS.binary_search(&name).is_ok()
}
