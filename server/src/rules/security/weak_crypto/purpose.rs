//! What the names around a call say about the purpose of its value.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::analysis::Context;
use crate::semantics::secrets::{SecretKind, is_about_parsing};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::names::words;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken};

/// Words of code where an old hash is prescribed, or guards against accidents only.
const PRESCRIBING_WORDS: &[&str] = &[
    "accept", "apop", "archive", "artifact", "asset", "assets", "avatar", "backup", "blob",
    "bucket", "cache", "cached", "caching", "chap", "checksum", "checksums", "chunk", "content",
    "cram", "crc", "dedup", "dedupe", "diff", "digest_auth", "download", "duplicate", "etag",
    "etags", "evalsha", "exif", "file", "files", "git", "gix", "gravatar", "hmac", "hotp", "image",
    "index", "infohash", "integrity", "ja3", "kerberos", "manifest", "mschap", "mysql", "npm",
    "ntlm", "object", "oid", "otp", "partition", "pdf", "pg", "pgwire", "postgres", "postgresql",
    "ppk", "putty", "pwned", "radius", "revision", "rfc", "ring", "rtmp", "s3", "sasl", "scram",
    "scramble", "shard", "sri", "sync", "thumbnail", "torrent", "totp", "uuid", "v3", "v5",
    "version", "websocket", "websockets", "ws",
];

/// Words of protocols that prescribe an old hash even for passwords and tokens.
const PRESCRIBING_PROTOCOLS: &[&str] = &[
    "apop", "chap", "cram", "hotp", "kerberos", "mschap", "mysql", "ntlm", "pdf", "pg", "postgres",
    "ppk", "putty", "pwned", "radius", "rdp", "sasl", "scram", "scramble", "smb", "totp", "vnc",
];

/// Words of helpers that hash what they are given, whatever it is for.
const HELPER_WORDS: &[&str] = &[
    "bytes", "calc", "calculate", "compute", "data", "digest", "do", "from", "get", "hash",
    "hashed", "hasher", "hex", "make", "of", "str", "string", "sum", "text", "to",
];

/// Words of values that are hashed to be kept secret.
const SECRET_WORDS: &[&str] = &["passwd", "password", "secret", "token"];

/// Words of code whose security rests on what it computes.
const SECURITY_WORDS: &[&str] = &[
    "auth", "authenticate", "certificate", "credential", "credentials", "crypto", "decrypt",
    "encrypt", "fingerprint", "key", "login", "mac", "nonce", "passwd", "password", "salt",
    "secret", "security", "session", "sign", "signature", "token", "verify",
];

/// Words of values that may be predictable.
const HARMLESS_WORDS: &[&str] = &[
    "age", "backoff", "benchmark", "bloom", "bucket", "cache", "cached", "created", "dedup",
    "delay", "exp", "expires", "expiry", "iat", "group", "hash", "index", "issued", "jitter",
    "lookup", "map", "mock", "partition", "route", "row", "sample", "sampling", "shard", "shuffle",
    "simulate", "simulation", "sort", "test", "timestamp", "ttl", "type",
];

/// Words of functions that make something.
const MAKING_WORDS: &[&str] = &["create", "derive", "gen", "generate", "make", "new", "random"];

/// Values that must not be predictable.
const UNPREDICTABLE: &[&str] = &["token", "nonce", "secret", "salt", "password"];

/// Words of what an id is given to.
const PARTY_WORDS: &[&str] = &[
    "account", "challenge", "client", "connection", "device", "node", "peer", "request", "session",
    "user",
];

/// Words that make a `key` a secret one.
const KEY_WORDS: &[&str] = &["api", "encryption", "private", "secret", "session", "signing"];

/// Texts of functions that use a generator of the operating system.
const RANDOM_SOURCES: &[&str] =
    &["OsRng", "SystemRandom", "Uuid", "getrandom", "rand::rng()", "thread_rng"];

/// Parts of functions that take a hash and a key.
const KEYED: &[&str] = &["hkdf", "hmac", "hotp", "pbkdf2", "totp"];

/// What an old hash is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashUse {
    /// Another side prescribes it, or it guards against accidents only.
    Prescribed,
    /// Security rests on it.
    Security,
    /// The file is about security, and nothing more is known.
    SecurityFile,
    /// The function hashes what it is given; its callers know what for.
    Helper,
    Unknown,
}

/// Whether a text names an algorithm: `content-md5`, `SHA1`.
fn is_of(text: &str, algorithm: &str) -> bool {
    flat(text).contains(&flat(algorithm))
}

/// The letters and digits of a text, in lower case.
fn flat(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

/// Whether what is hashed is a password.
fn hashes_password(expr: &ast::Expr, cx: &Context<'_>) -> bool {
    let names = expr.syntax().descendants().filter_map(ast::NameRef::cast);
    names.into_iter().any(|it| cx.file().secret_kind(it.text()) == Some(SecretKind::Password))
}

/// Whether the words of a name are those of a value that is hashed to be kept secret.
pub fn is_secret(list: &[String], place: &[String]) -> bool {
    has_any(list, SECRET_WORDS) && !has_any(place, PRESCRIBING_PROTOCOLS)
}

/// The names around a call.
pub struct SurroundingNames {
    /// Words of the function's name.
    function: Vec<String>,
    /// Words of the variable that is being set.
    variable: Vec<String>,
    /// Words of the function, variable, type, modules and path.
    all: Vec<String>,
    /// The same without the path.
    inner: Vec<String>,
    body: Rc<BodyNames>,
    /// Tokens are words of a text here.
    parses: bool,
}

/// What is named in the body of a function.
#[derive(Default)]
struct BodyNames {
    reads_clock: bool,
    has_randomness: bool,
    makes_hmac: bool,
    /// The key of the handshake of WebSocket, which prescribes its hash.
    greets_websocket: bool,
    /// Texts without blanks, fields and methods, each once: they may be named for an algorithm.
    formats: BTreeSet<String>,
}

impl BodyNames {
    fn of(function: &SyntaxNode) -> Self {
        let text = function.text().to_string();
        let tokens = function.descendants_with_tokens().filter_map(NodeOrToken::into_token);
        let formats = tokens.filter(may_name_format).map(|token| flat(token.text()));
        Self {
            reads_clock: text.contains("SystemTime::now") || text.contains("Instant::now"),
            has_randomness: RANDOM_SOURCES.iter().any(|it| text.contains(it)),
            makes_hmac: text.contains("Hmac<") || text.contains("Hmac::"),
            greets_websocket: text.contains("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
            formats: formats.collect(),
        }
    }
}

fn may_name_format(token: &SyntaxToken) -> bool {
    match token.kind() {
        SyntaxKind::STRING | SyntaxKind::BYTE_STRING => !token.text().contains(char::is_whitespace),
        SyntaxKind::IDENT => {
            let outer = token.parent().and_then(|it| it.parent()).map(|it| it.kind());
            matches!(
                outer,
                Some(
                    SyntaxKind::RECORD_EXPR_FIELD
                        | SyntaxKind::METHOD_CALL_EXPR
                        | SyntaxKind::FIELD_EXPR
                )
            )
        }
        _ => false,
    }
}

/// Whether a function's name says that it makes something, and not what.
fn is_generation(function: &[String]) -> bool {
    matches!(function, [name] if ["gen", "generate", "random"].contains(&name.as_str()))
}

fn has_any(list: &[String], words: &[&str]) -> bool {
    list.iter().any(|it| words.contains(&it.as_str()))
}

impl SurroundingNames {
    /// The names around a node.
    pub fn of(node: &SyntaxNode, cx: &Context<'_>) -> Self {
        let mut function: Option<Vec<String>> = None;
        let mut variable = Vec::new();
        let mut all: Vec<String> = Vec::new();
        let mut body = Rc::<BodyNames>::default();
        for node in cx.ancestors(node) {
            if let Some(item) = ast::Fn::cast(node.clone()) {
                let name = item.name().map(|it| it.text().to_string()).unwrap_or_default();
                all.extend(words(&name));
                if function.is_none() {
                    body = cx.once("names in body", &node, || BodyNames::of(&node));
                    function = Some(words(&name).collect());
                }
            } else if let Some(item) = ast::LetStmt::cast(node.clone()) {
                let name = item.pat().map(|it| it.syntax().text().to_string()).unwrap_or_default();
                variable.extend(words(&name));
            } else if let Some(item) = ast::RecordExprField::cast(node.clone()) {
                let name = item.field_name().map(|it| it.text().to_string()).unwrap_or_default();
                variable.extend(words(&name));
            } else if let Some(item) = ast::Impl::cast(node.clone()) {
                let name = item.self_ty().map(|it| it.syntax().text().to_string());
                let name = name.unwrap_or_default();
                // What `PeerId::generate` makes is told by the type.
                if let Some(function) = &mut function
                    && is_generation(function)
                {
                    function.extend(words(&name));
                }
                all.extend(words(&name));
            } else if let Some(item) = ast::Module::cast(node.clone()) {
                let name = item.name().map(|it| it.text().to_string()).unwrap_or_default();
                all.extend(words(&name));
            }
        }
        all.extend(variable.iter().cloned());
        let inner = all.clone();
        all.extend(words(&cx.file().path));
        Self {
            function: function.unwrap_or_default(),
            variable,
            all,
            inner,
            parses: is_about_parsing(&cx.file().path),
            body,
        }
    }

    /// What an old hash is used for.
    pub fn hash_use(&self, call: &ast::CallExpr, algorithm: &str, cx: &Context<'_>) -> HashUse {
        let node = call.syntax();
        if self.is_keyed(node, cx) {
            return HashUse::Prescribed;
        }
        // What hashes secrets is no checksum, whatever the file is called.
        let is_given = |expr: ast::Expr| hashes_password(&expr, cx);
        if has_any(&self.function, SECRET_WORDS)
            || has_any(&self.variable, SECRET_WORDS)
            || call.arg_list().is_some_and(|list| list.args().any(is_given))
        {
            return match has_any(&self.all, PRESCRIBING_PROTOCOLS) {
                true => HashUse::Prescribed,
                false => HashUse::Security,
            };
        }
        if has_any(&self.all, PRESCRIBING_WORDS) || self.is_named_by_format(algorithm) {
            return HashUse::Prescribed;
        }
        let is_helper =
            |word: &String| HELPER_WORDS.contains(&word.as_str()) || is_of(word, algorithm);
        if self.function.iter().any(|it| is_of(it, algorithm))
            || self.function.iter().all(is_helper)
        {
            HashUse::Helper
        } else if has_any(&self.inner, SECURITY_WORDS) {
            HashUse::Security
        } else if has_any(&self.all, SECURITY_WORDS) {
            HashUse::SecurityFile
        } else {
            HashUse::Unknown
        }
    }

    /// Whether the hash is handed to an HMAC or a key derivation, whose security does not rest on
    /// its resistance to collisions.
    fn is_keyed(&self, node: &SyntaxNode, cx: &Context<'_>) -> bool {
        let is_keyed = |it: ast::CallExpr| {
            let callee = it.expr().map(|it| it.syntax().text().to_string().to_lowercase());
            callee.is_some_and(|it| KEYED.iter().any(|keyed| it.contains(keyed)))
        };
        self.body.makes_hmac || cx.ancestors(node).filter_map(ast::CallExpr::cast).any(is_keyed)
    }

    /// Whether a text, a field or a method that is known outside is named for the algorithm:
    /// `"content-md5"`, `md5: digest`.
    fn is_named_by_format(&self, algorithm: &str) -> bool {
        let algorithm = flat(algorithm);
        self.body.greets_websocket || self.body.formats.iter().any(|it| it.contains(&algorithm))
    }

    /// Whether the function uses a generator of the operating system as well.
    pub fn has_randomness(&self) -> bool {
        self.body.has_randomness
    }

    /// Whether a broken cipher is prescribed by a format or a protocol here.
    pub fn prescribe_cipher(&self) -> bool {
        has_any(&self.all, PRESCRIBING_PROTOCOLS)
    }

    /// Whether a value of the clock is used as a time: it is compared with another one, or the end
    /// of a period is computed of it.
    pub fn is_used_as_time(&self, call: &SyntaxNode, cx: &Context<'_>) -> bool {
        let mut ancestors = cx.ancestors(call);
        let Some(statement) = ancestors.find_map(ast::LetStmt::cast) else { return false };
        let Some(ast::Pat::IdentPat(pat)) = statement.pat() else { return false };
        let Some(name) = pat.name() else { return false };
        let list = statement.syntax().parent();
        let uses = list.into_iter().flat_map(|it| it.descendants()).filter_map(ast::PathExpr::cast);
        uses.filter(|it| it.syntax().text() == name.text()).any(|it| {
            let operation = it.syntax().parent().and_then(ast::BinExpr::cast);
            operation.and_then(|it| it.op_kind()).is_some_and(|it| {
                matches!(
                    it,
                    ast::BinaryOp::CmpOp(ast::CmpOp::Ord { .. })
                        | ast::BinaryOp::ArithOp(ast::ArithOp::Add | ast::ArithOp::Sub)
                )
            })
        })
    }

    /// Whether nothing says what is made here: the function is a helper of others.
    pub fn is_of_helper(&self) -> bool {
        !has_any(&self.inner, HARMLESS_WORDS)
    }

    /// The unpredictable value that the function or the variable is named for, if any.
    pub fn unpredictable_value(&self) -> Option<&'static str> {
        if has_any(&self.function, HARMLESS_WORDS) || has_any(&self.variable, HARMLESS_WORDS) {
            return None;
        }
        [&self.variable, &self.function].into_iter().find_map(|list| self.value_named_by(list))
    }

    fn value_named_by(&self, list: &[String]) -> Option<&'static str> {
        if self.parses && matches!(list, [name] if name == "token") {
            return None;
        }
        named_value(list, self.body.reads_clock)
    }
}

/// The unpredictable value that the words of a name are about, if any.
pub fn named_value(list: &[String], reads_clock: bool) -> Option<&'static str> {
    let has = |word: &str| list.iter().any(|it| it == word);
    let ends_with = |word: &str| list.last().is_some_and(|it| it == word);
    let makes = has_any(list, MAKING_WORDS);
    let is_made = |word: &str| makes && has(word) && !has_any(list, &["parse", "stream", "tree"]);
    if let Some(found) = UNPREDICTABLE.iter().find(|it| ends_with(it) || is_made(it)) {
        return Some(found);
    }
    let of_party = has_any(list, PARTY_WORDS);
    if makes && has("id") && (of_party || reads_clock) {
        return Some("id");
    }
    // A hash of the clock is made anew by each call, whatever the function is called.
    if reads_clock && of_party && ends_with("id") {
        return Some("id");
    }
    (makes && has("key") && has_any(list, KEY_WORDS)).then_some("key")
}
