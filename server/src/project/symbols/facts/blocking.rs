//! Calls that block the thread.

use rowan::GreenNodeData;

use super::called_method;
use crate::project::symbols::type_names::without_generics;
use crate::syntax::green::{
    any_token, child_nodes, child_of_kind, compact_text, has_token, node_kind, path_name,
};
use crate::syntax::{Imports, SyntaxKind, SyntaxNode};

/// What a call does while it blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// Reads or writes files.
    Disk,
    /// Waits for a peer.
    Network,
    /// Waits for time to pass, for a lock of the disk or for a person.
    Waiting,
    /// Waits for another process to end.
    Process,
    /// Hashes a password or derives a key from one, which is made to take long.
    Hashing,
}

/// A call that blocks the thread.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlockingCall {
    /// What it calls, in at most two segments: `fs::read`.
    pub name: String,
    /// What it does meanwhile.
    pub work: Work,
}

/// Functions of `std::fs` and of its types, which all read or write the disk.
const DISK: &[&str] = &[
    "canonicalize", "copy", "create_dir", "create_dir_all", "exists", "hard_link", "metadata",
    "read", "read_dir", "read_link", "read_to_string", "remove_dir", "remove_dir_all",
    "remove_file", "rename", "set_permissions", "symlink_metadata", "write",
];

/// The names of all functions that may block.
pub const BLOCKING_NAMES: &[&str] = &[
    "bcrypt", "bcrypt_pbkdf", "canonicalize", "connect", "connect_timeout", "copy", "create",
    "create_dir", "create_dir_all", "create_new", "crypt", "delete", "derive", "derive_key",
    "exists", "generate_hash", "get", "hard_link", "hash", "hash_encoded", "hash_raw", "hash_with",
    "hash_with_result", "hash_with_salt", "metadata", "open", "pbkdf2", "pbkdf2_hmac",
    "pbkdf2_hmac_array", "post", "put", "pwhash", "pwhash_verify", "read", "read_dir", "read_link",
    "read_to_string", "remove_dir", "remove_dir_all", "remove_file", "rename", "scrypt",
    "scrypt_check", "scrypt_simple", "set_permissions", "sleep", "symlink_metadata", "verify",
    "verify_encoded", "verify_password", "verify_raw", "write",
];

/// Crates and modules of functions that are slow on purpose, each with their names.
const HASHING: &[(&str, &[&str])] = &[
    ("argon2", &["hash_encoded", "hash_raw", "verify_encoded", "verify_raw"]),
    ("bcrypt", &["hash", "hash_with_result", "hash_with_salt", "verify", "bcrypt"]),
    ("scrypt", &["scrypt", "scrypt_simple", "scrypt_check"]),
    ("pbkdf2", &["pbkdf2", "pbkdf2_hmac", "pbkdf2_hmac_array", "derive", "verify"]),
    ("pwhash", &["hash", "verify", "hash_with", "pwhash", "pwhash_verify", "derive_key"]),
    ("bcrypt_pbkdf", &["bcrypt_pbkdf"]),
    ("password_auth", &["generate_hash", "verify_password"]),
    ("argonautica", &["hash", "verify"]),
    ("argon2id13", &["derive_key", "pwhash", "pwhash_verify"]),
    ("pkcs5", &["pbkdf2_hmac", "scrypt"]),
];

/// Crates whose hashers have the methods `hash_password` and `verify_password`.
const HASHERS: &[&str] = &["Argon2", "Scrypt", "Pbkdf2", "Bcrypt", "argon2", "scrypt", "pbkdf2"];

/// The blocking call that a path names whose first segment is resolved: `std::fs::read`.
pub fn blocking_call(path: &str) -> Option<Work> {
    let (module, name) = path.rsplit_once("::")?;
    let owner = module.rsplit("::").next().unwrap_or(module);
    let root = path.split("::").next().unwrap_or(path);
    match (root, owner, name) {
        ("std" | "fs_err", "fs" | "fs_err", _) if DISK.binary_search(&name).is_ok() => {
            Some(Work::Disk)
        }
        ("std" | "fs_err", "File", "open" | "create" | "create_new") => Some(Work::Disk),
        ("std", "thread", "sleep") => Some(Work::Waiting),
        ("std", "TcpStream", "connect" | "connect_timeout") | ("std", "UnixStream", "connect") => {
            Some(Work::Network)
        }
        ("reqwest", "blocking", "get") | ("ureq", "ureq", "get" | "post" | "put" | "delete") => {
            Some(Work::Network)
        }
        _ => {
            let own = matches!(root, "crate" | "self" | "super" | "Self");
            let known = |(of, names): &(&str, &[&str])| *of == owner && names.contains(&name);
            (!own && HASHING.iter().any(known)).then_some(Work::Hashing)
        }
    }
}

/// Methods that hash a password or derive a key from one, as those of the crates `argon2`, `scrypt`,
/// `pbkdf2` and of their traits do.
pub(super) const HASHING_METHODS: &[&str] = &[
    "hash_password",
    "hash_password_customized",
    "hash_password_into",
    "hash_password_with_salt",
    "verify_password",
];

/// Whether a method of this name hashes a password or derives a key from one.
pub fn hashes_passwords(method: &str) -> bool {
    HASHING_METHODS.binary_search(&method).is_ok()
}

/// Further methods that may block.
pub(super) const BLOCKING_METHODS: &[&str] = &["open", "output", "status"];

/// The last two segments of a path: `fs::read` for `std::fs::read`.
pub fn short_path(path: &str) -> &str {
    let start = path.rmatch_indices("::").nth(1).map_or(0, |(at, _)| at + 2);
    path.get(start..).unwrap_or(path)
}

/// The first blocking call in the body of a function that runs on the thread of its caller.
pub(super) fn blocking_in(body: &GreenNodeData, function: &SyntaxNode) -> Option<BlockingCall> {
    let mut search = Search { function, body, imports: None };
    search.first(body)
}

struct Search<'a> {
    function: &'a SyntaxNode,
    body: &'a GreenNodeData,
    /// The imports in view, read when they are first needed.
    imports: Option<Imports>,
}

impl Search<'_> {
    fn first(&mut self, node: &GreenNodeData) -> Option<BlockingCall> {
        let kind = node_kind(node);
        match kind {
            SyntaxKind::FN | SyntaxKind::IMPL => return None,
            SyntaxKind::BLOCK_EXPR if has_token(node, SyntaxKind::ASYNC_KW) => return None,
            // It may run on a thread of its own.
            SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR if moves_to_thread(node) => {
                return None;
            }
            SyntaxKind::CALL_EXPR => {
                if let Some(found) = self.function_call(node) {
                    return Some(found);
                }
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                if let Some(found) = self.method_call(node) {
                    return Some(found);
                }
            }
            _ => {}
        }
        child_nodes(node).find_map(|child| self.first(child))
    }

    fn function_call(&mut self, call: &GreenNodeData) -> Option<BlockingCall> {
        let callee = child_of_kind(call, SyntaxKind::PATH_EXPR)?;
        let name = path_name(callee)?;
        if BLOCKING_NAMES.binary_search(&name).is_err() || reads_kernel_file(call) {
            return None;
        }
        let path = without_generics(&compact_text(callee));
        let path = self.imports().resolve(&path);
        let work = blocking_call(&path)?;
        Some(BlockingCall { name: short_path(&path).to_string(), work })
    }

    fn method_call(&mut self, call: &GreenNodeData) -> Option<BlockingCall> {
        let name = called_method(call)?;
        let found = |work| Some(BlockingCall { name: name.to_string(), work });
        let arguments =
            child_of_kind(call, SyntaxKind::ARG_LIST).map_or(0, |list| child_nodes(list).count());
        match name {
            _ if hashes_passwords(name) => {
                let named = any_token(self.body, &|kind, text: &str| {
                    kind == SyntaxKind::IDENT && HASHERS.contains(&text)
                });
                if named { found(Work::Hashing) } else { None }
            }
            "output" | "status" if arguments == 0 => {
                if self.makes("Command", "std::process") {
                    found(Work::Process)
                } else {
                    None
                }
            }
            "open" if self.makes("OpenOptions", "std::fs") => found(Work::Disk),
            _ => None,
        }
    }

    /// Whether the body makes a value of a type of a module of the standard library.
    fn makes(&mut self, ty: &str, module: &str) -> bool {
        let mentioned =
            any_token(self.body, &|kind, text: &str| kind == SyntaxKind::IDENT && text == ty);
        if !mentioned {
            return false;
        }
        let full = format!("{module}::{ty}");
        let last = module.rsplit("::").next().unwrap_or(module);
        let body = compact_text(self.body);
        self.imports().path_of(ty) == Some(full.as_str())
            || body.contains(&full)
            || (self.imports().path_of(last) == Some(module)
                && body.contains(&format!("{last}::{ty}")))
    }

    fn imports(&mut self) -> &Imports {
        self.imports.get_or_insert_with(|| Imports::around(self.function))
    }
}

/// Whether a call hands its arguments to another thread or task.
fn moves_to_thread(call: &GreenNodeData) -> bool {
    let name = match node_kind(call) {
        SyntaxKind::CALL_EXPR => child_of_kind(call, SyntaxKind::PATH_EXPR).and_then(path_name),
        _ => called_method(call),
    };
    name.is_some_and(|name| name.contains("spawn") || name == "block_in_place")
}

/// Whether a call reads a file of `/proc` or `/sys`, which the kernel generates without disk access.
fn reads_kernel_file(call: &GreenNodeData) -> bool {
    child_of_kind(call, SyntaxKind::ARG_LIST).is_some_and(|list| {
        any_token(list, &|kind, text: &str| {
            kind == SyntaxKind::STRING
                && (text.starts_with("\"/proc/") || text.starts_with("\"/sys/"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_are_looked_for() {
        assert!(BLOCKING_NAMES.is_sorted() && DISK.is_sorted());
        let names = HASHING.iter().flat_map(|(_, names)| names.iter()).chain(DISK);
        for name in names {
            assert!(BLOCKING_NAMES.contains(name), "{name}");
        }
    }

    #[test]
    fn blocking_functions_are_known_by_their_paths() {
        assert_eq!(blocking_call("std::fs::read"), Some(Work::Disk));
        assert_eq!(blocking_call("std::fs::File::open"), Some(Work::Disk));
        assert_eq!(blocking_call("ring::pbkdf2::derive"), Some(Work::Hashing));
        assert_eq!(blocking_call("bcrypt::hash"), Some(Work::Hashing));
        assert_eq!(blocking_call("tokio::fs::read"), None);
        assert_eq!(blocking_call("crate::bcrypt::hash"), None);
    }
}
