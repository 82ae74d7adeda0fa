//! What the names around a call say about the purpose of its value.

use crate::analysis::Context;
use crate::semantics::secrets::is_about_parsing;
use crate::syntax::ast::{self, HasName};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Words of code where an old hash is prescribed, or guards against accidents only.
const PRESCRIBING_WORDS: &[&str] = &[
    "accept", "archive", "artifact", "asset", "assets", "avatar", "backup", "blob", "bucket",
    "cache", "cached", "caching", "checksum", "checksums", "chunk", "content", "crc", "dedup",
    "dedupe", "diff", "digest_auth", "download", "duplicate", "etag", "etags", "file", "files",
    "git", "gix", "gravatar", "hmac", "hotp", "image", "index", "integrity", "kerberos",
    "manifest", "mysql", "npm", "ntlm", "object", "oid", "otp", "partition", "pg", "pgwire",
    "postgres", "postgresql", "radius", "revision", "rfc", "ring", "rtmp", "s3", "sasl", "scram",
    "scramble", "shard", "sri", "sync", "thumbnail", "torrent", "totp", "uuid", "v3", "v5",
    "version", "websocket", "websockets", "ws",
];

/// Words of protocols that prescribe an old hash even for passwords and tokens.
const PRESCRIBING_PROTOCOLS: &[&str] =
    &["hotp", "mysql", "pg", "postgres", "sasl", "scram", "scramble", "totp"];

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
    "age", "benchmark", "bloom", "bucket", "cache", "cached", "created", "dedup", "expires",
    "expiry", "group", "hash", "index", "issued", "jitter", "lookup", "map", "mock", "partition",
    "route", "row", "sample", "sampling", "shard", "shuffle", "simulate", "simulation", "sort",
    "test", "timestamp", "ttl", "type",
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

/// The names around a call.
pub struct SurroundingNames {
    /// Words of the function's name.
    function: Vec<String>,
    /// Words of the variable that is being set.
    variable: Vec<String>,
    /// Words of the function, variable, type, modules and path.
    all: Vec<String>,
    reads_clock: bool,
    /// The function uses a generator of the operating system as well.
    pub has_randomness: bool,
    /// Tokens are words of a text here.
    parses: bool,
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
        let mut all: Vec<String> = words(&cx.file().path).collect();
        let mut body = String::new();
        for node in cx.ancestors(node) {
            if let Some(item) = ast::Fn::cast(node.clone()) {
                let name = item.name().map(|it| it.text().to_string()).unwrap_or_default();
                all.extend(words(&name));
                if function.is_none() {
                    body = node.text().to_string();
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
        Self {
            function: function.unwrap_or_default(),
            variable,
            all,
            reads_clock: body.contains("SystemTime::now") || body.contains("Instant::now"),
            has_randomness: RANDOM_SOURCES.iter().any(|it| body.contains(it)),
            parses: is_about_parsing(&cx.file().path),
        }
    }

    /// Whether an old hash is prescribed here, or guards against accidents only.
    pub fn prescribe(&self, node: &SyntaxNode, cx: &Context<'_>) -> bool {
        // What hashes secrets is no checksum, whatever the file is called.
        if has_any(&self.function, SECRET_WORDS) || has_any(&self.variable, SECRET_WORDS) {
            return has_any(&self.all, PRESCRIBING_PROTOCOLS);
        }
        let function = cx.ancestors(node).find(|it| it.kind() == SyntaxKind::FN);
        let text = function.map(|it| it.text().to_string()).unwrap_or_default();
        has_any(&self.all, PRESCRIBING_WORDS)
            || text.contains("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
            || text.contains("Hmac<")
    }

    /// Whether security rests on what is computed here.
    pub fn concern_security(&self) -> bool {
        has_any(&self.all, SECURITY_WORDS)
    }

    /// The unpredictable value that the function or the variable is named for, if any.
    pub fn unpredictable_value(&self) -> Option<&'static str> {
        if has_any(&self.function, HARMLESS_WORDS) || has_any(&self.variable, HARMLESS_WORDS) {
            return None;
        }
        [&self.variable, &self.function].into_iter().find_map(|list| self.value_named_by(list))
    }

    fn value_named_by(&self, list: &[String]) -> Option<&'static str> {
        let has = |word: &str| list.iter().any(|it| it == word);
        let ends_with = |word: &str| list.last().is_some_and(|it| it == word);
        let makes = has_any(list, MAKING_WORDS);
        if self.parses && matches!(list, [name] if name == "token") {
            return None;
        }
        let is_made =
            |word: &str| makes && has(word) && !has_any(list, &["parse", "stream", "tree"]);
        if let Some(found) = UNPREDICTABLE.iter().find(|it| ends_with(it) || is_made(it)) {
            return Some(found);
        }
        let of_party = has_any(list, PARTY_WORDS);
        if makes && has("id") && (of_party || self.reads_clock) {
            return Some("id");
        }
        // A hash of the clock is made anew by each call, whatever the function is called.
        if self.reads_clock && of_party && ends_with("id") {
            return Some("id");
        }
        (makes && has("key") && has_any(list, KEY_WORDS)).then_some("key")
    }
}
