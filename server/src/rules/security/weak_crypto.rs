//! Broken or non-cryptographic algorithms where security rests on them: MD5, SHA-1, DES, RC4,
//! ECB, and identifiers or keys from hashers and generators that anyone can predict.
//!
//! Collisions of MD5 and SHA-1 are made at will, DES and RC4 keys are found, and ECB shows the
//! patterns of what it encrypts. `DefaultHasher`, seeded generators and the clock give values that
//! an attacker computes as well.
//!
//! ```rust,bad
//! use md5::{Digest, Md5};
//!
//! fn hash_password(password: &str) -> Vec<u8> {
//!     Md5::digest(password).to_vec()
//! }
//! ```
//!
//! ```rust,bad
//! fn generate_session_token() -> u64 {
//!     let mut hasher = DefaultHasher::new();
//!     SystemTime::now().hash(&mut hasher);
//!     hasher.finish()
//! }
//! ```
//!
//! Use SHA-256 or BLAKE3 to hash, argon2 for passwords, AES-GCM or ChaCha20-Poly1305 to encrypt,
//! and the generator of the operating system for what must not be guessed:
//!
//! ```rust
//! fn generate_session_token() -> [u8; 32] {
//!     let mut token = [0; 32];
//!     OsRng.fill_bytes(&mut token);
//!     token
//! }
//! ```
//!
//! Checksums, cache keys, ETags, Git objects, the handshake of WebSockets and other protocols that
//! prescribe an old algorithm are not reported, and neither is HMAC-SHA1, which still holds.

use super::AREA;
use crate::analysis::{Context, Query, Report, Rule, Severity};
use crate::semantics::secrets::is_about_parsing;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "weak-crypto",
    severity: Severity::High,
    source: include_str!("weak_crypto.rs"),
    queries: &[
        Query::Call(
            &[
                "new", "default", "digest", "compute", "from_seed", "seed_from_u64",
                "from_entropy", "from_os_rng", "new_from_slice", "md5", "sha1", "rc4", "des_cbc",
                "des_ecb", "des_cfb", "des_ede3", "des_ede3_cbc", "aes_128_ecb", "aes_192_ecb",
                "aes_256_ecb", "u32", "u64", "u128", "alphanumeric",
            ],
            check_call,
        ),
        Query::Method(&["as_nanos", "as_micros", "as_millis"], check_clock),
    ],
    ..Rule::source(AREA)
};

/// What is wrong with an algorithm.
enum Weakness {
    /// A hash that is fine where nobody attacks it.
    Hash(&'static str),
    /// A cipher or a mode that is never fine.
    Cipher(&'static str),
    /// A hasher or generator whose output can be predicted.
    Predictable(String),
}

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(ast::Expr::PathExpr(callee)) = call.expr() else { return };
    let path = compact(callee.syntax());
    let Some(weakness) = weakness(&path, call, cx) else { return };
    let names = Surroundings::of(call.syntax(), cx);
    let range = call.syntax().text_range();
    match weakness {
        Weakness::Cipher(name) => {
            cx.report(call.syntax(), Report::new(range, format!("{name} is broken")));
        }
        Weakness::Hash(name) => {
            if names.prescribes(call.syntax(), cx) {
                return;
            }
            let message = format!("{name} is broken where somebody chooses what is hashed");
            let report = Report::new(range, message);
            let report = if names.protects() { report } else { report.severity(Severity::Medium) };
            cx.report(call.syntax(), report);
        }
        Weakness::Predictable(name) => {
            let Some(what) = names.makes() else { return };
            let article = if what == "id" { "an" } else { "a" };
            let message = format!("{article} {what} from `{name}` can be predicted");
            cx.report(call.syntax(), Report::new(range, message));
        }
    }
}

fn weakness(path: &str, call: &ast::CallExpr, cx: &mut Context<'_>) -> Option<Weakness> {
    let without_generics = path.split("::<").next().unwrap_or(path);
    let mut segments = path.rsplit("::");
    let function = segments.next()?;
    let owner = segments.next().unwrap_or_default();
    match (owner, function) {
        ("MessageDigest" | "Hash", "md5") => return Some(Weakness::Hash("MD5")),
        ("MessageDigest" | "Hash", "sha1") => return Some(Weakness::Hash("SHA-1")),
        ("Cipher", "rc4") => return Some(Weakness::Cipher("RC4")),
        ("Cipher", _) if function.ends_with("_ecb") => {
            return Some(Weakness::Cipher("the ECB mode"));
        }
        ("Cipher", _) if function.starts_with("des_") => return Some(Weakness::Cipher("DES")),
        ("DefaultHasher" | "FxHasher" | "SipHasher" | "AHasher" | "FnvHasher", _) => {
            return Some(Weakness::Predictable(owner.to_string()));
        }
        (
            "SmallRng" | "Pcg32" | "Pcg64" | "XorShiftRng" | "Xoshiro256PlusPlus"
            | "Xoshiro256StarStar",
            _,
        ) => {
            return Some(Weakness::Predictable(owner.to_string()));
        }
        (_, "seed_from_u64") => return Some(Weakness::Predictable(path.to_string())),
        (_, "from_seed") => {
            let seed = call.arg_list()?.args().next()?;
            let constant = !seed.syntax().descendants().any(|it| {
                matches!(it.kind(), SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR)
            }) && matches!(seed, ast::Expr::ArrayExpr(_) | ast::Expr::Literal(_));
            return constant.then(|| Weakness::Predictable(path.to_string()));
        }
        ("fastrand" | "oorandom", "u32" | "u64" | "u128" | "alphanumeric") => {
            return Some(Weakness::Predictable(path.to_string()));
        }
        _ => {}
    }
    if let Some(argument) = call.arg_list().and_then(|list| list.args().next())
        && any_token(argument.syntax().green(), &|_, text| {
            text.contains("SHA1_FOR_LEGACY_USE_ONLY")
        })
    {
        return Some(Weakness::Hash("SHA-1"));
    }
    let known = match owner {
        "Md5" | "Md4" | "Sha1" | "Rc4" | "Des" | "TdesEde2" | "TdesEde3" => {
            matches!(function, "new" | "default" | "digest" | "compute" | "new_from_slice")
        }
        _ => function == "compute",
    };
    if !known {
        return None;
    }
    let full = cx.resolve(without_generics);
    let krate = full.split("::").next().unwrap_or_default();
    match (krate, owner) {
        ("md5", _) if function == "compute" => Some(Weakness::Hash("MD5")),
        ("md5" | "md_5" | "crypto", "Md5") => Some(Weakness::Hash("MD5")),
        ("md4", "Md4") => Some(Weakness::Hash("MD4")),
        ("sha1" | "sha_1" | "crypto", "Sha1") => Some(Weakness::Hash("SHA-1")),
        ("sha1_smol", "Sha1") => Some(Weakness::Hash("SHA-1")),
        ("rc4", "Rc4") => Some(Weakness::Cipher("RC4")),
        ("des", "Des" | "TdesEde2" | "TdesEde3") => Some(Weakness::Cipher("DES")),
        _ => None,
    }
}

/// `let token = SystemTime::now()…as_nanos()`.
fn check_clock(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let node = call.syntax();
    if !node.text().to_string().contains("SystemTime::now") {
        return;
    }
    let names = Surroundings::of(node, cx);
    let Some(what) = names.makes() else { return };
    // Exchanges ask for clocks as nonces, and ids that sort by time have other parts as well.
    if matches!(what, "token" | "secret" | "password" | "salt") && !names.has_randomness {
        let message = format!("a {what} from the clock can be predicted");
        cx.report(node, Report::new(node.text_range(), message));
    }
}

/// Whether a function's name says that it makes something, and not what.
fn is_generation(function: &[String]) -> bool {
    let [name] = function else { return false };
    matches!(name.as_str(), "generate" | "gen" | "random")
}

/// The names round a place, which tell what a value is for.
struct Surroundings {
    /// Words of the function's name.
    function: Vec<String>,
    /// Words of the variable that is being set.
    variable: Vec<String>,
    /// Words of the function, variable, type, modules and path.
    all: Vec<String>,
    reads_clock: bool,
    has_randomness: bool,
    /// Tokens are words of a text here.
    parses: bool,
}

impl Surroundings {
    fn of(node: &SyntaxNode, cx: &Context<'_>) -> Self {
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
        let random = ["OsRng", "thread_rng", "getrandom", "Uuid", "SystemRandom", "rand::rng()"];
        Self {
            function: function.unwrap_or_default(),
            variable,
            all,
            reads_clock: body.contains("SystemTime::now") || body.contains("Instant::now"),
            has_randomness: random.iter().any(|it| body.contains(it)),
            parses: is_about_parsing(&cx.file().path),
        }
    }

    /// Whether an old hash is prescribed here, or guards against accidents only.
    fn prescribes(&self, node: &SyntaxNode, cx: &Context<'_>) -> bool {
        const FINE: &[&str] = &[
            "checksum", "checksums", "etag", "etags", "cache", "cached", "caching", "websocket",
            "websockets", "ws", "git", "gix", "object", "oid", "dedup", "dedupe", "duplicate",
            "bucket", "shard", "gravatar", "avatar", "uuid", "v3", "v5", "torrent", "blob",
            "content", "file", "files", "crc", "mysql", "postgres", "postgresql", "pg", "pgwire",
            "ntlm", "kerberos", "sasl", "scram", "radius", "rtmp", "totp", "hotp", "otp", "npm",
            "integrity", "revision", "sri", "manifest", "artifact", "download", "accept", "index",
            "rfc", "scramble", "chunk", "partition", "ring", "hmac", "s3", "digest_auth", "image",
            "thumbnail", "asset", "assets", "version", "diff", "archive", "backup", "sync",
        ];
        // What hashes secrets is no checksum, whatever the file is called.
        let of_secret = |list: &[String]| {
            list.iter().any(|it| matches!(it.as_str(), "password" | "passwd" | "token" | "secret"))
        };
        if of_secret(&self.function) || of_secret(&self.variable) {
            return self.all.iter().any(|it| {
                matches!(
                    it.as_str(),
                    "mysql" | "postgres" | "pg" | "scramble" | "totp" | "hotp" | "sasl" | "scram"
                )
            });
        }
        let function = cx.ancestors(node).find(|it| it.kind() == SyntaxKind::FN);
        let text = function.map(|it| it.text().to_string()).unwrap_or_default();
        self.all.iter().any(|it| FINE.contains(&it.as_str()))
            || text.contains("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
            || text.contains("Hmac<")
    }

    /// Whether security rests on what is done here.
    fn protects(&self) -> bool {
        self.all.iter().any(|it| {
            matches!(
                it.as_str(),
                "password"
                    | "passwd"
                    | "token"
                    | "secret"
                    | "sign"
                    | "signature"
                    | "verify"
                    | "auth"
                    | "authenticate"
                    | "session"
                    | "key"
                    | "crypto"
                    | "encrypt"
                    | "decrypt"
                    | "credential"
                    | "credentials"
                    | "certificate"
                    | "fingerprint"
                    | "login"
                    | "security"
                    | "nonce"
                    | "salt"
                    | "mac"
            )
        })
    }

    /// What must not be guessed that the function or the variable makes.
    fn makes(&self) -> Option<&'static str> {
        const HARMLESS: &[&str] = &[
            "cache", "cached", "shard", "bucket", "partition", "index", "map", "dedup", "sort",
            "route", "row", "lookup", "hash", "group", "type", "test", "mock", "expiry", "expires",
            "ttl", "timestamp", "created", "issued", "age", "bloom", "benchmark", "shuffle",
            "jitter", "sampling", "sample", "simulate", "simulation",
        ];
        let harmless = |list: &[String]| list.iter().any(|it| HARMLESS.contains(&it.as_str()));
        if harmless(&self.function) || harmless(&self.variable) {
            return None;
        }
        for list in [&self.variable, &self.function] {
            let has = |word: &str| list.iter().any(|it| it == word);
            let any = |set: &[&str]| list.iter().any(|it| set.contains(&it.as_str()));
            let makes = any(&["generate", "gen", "derive", "create", "make", "new", "random"]);
            if self.parses && matches!(list.as_slice(), [name] if name == "token") {
                continue;
            }
            for secret in ["token", "nonce", "secret", "salt", "password"] {
                if list.last().is_some_and(|it| it == secret)
                    || makes && has(secret) && !any(&["parse", "stream", "tree"])
                {
                    return NAMES.iter().copied().find(|it| *it == secret);
                }
            }
            let of_party = any(&[
                "peer", "session", "user", "node", "client", "device", "connection", "request",
                "account", "challenge",
            ]);
            if makes && has("id") && (of_party || self.reads_clock) {
                return Some("id");
            }
            // A hash of the clock is made anew by each call, whatever the function is called.
            if self.reads_clock && of_party && list.last().is_some_and(|it| it == "id") {
                return Some("id");
            }
            if makes
                && has("key")
                && any(&["secret", "private", "signing", "encryption", "api", "session"])
            {
                return Some("key");
            }
        }
        None
    }
}

const NAMES: &[&str] = &["token", "nonce", "secret", "salt", "password"];

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn broken_algorithms_are_reported() {
        check(
            &RULE,
            r#"
use md5::Md5;
use sha1::{Digest, Sha1};
fn sign(x: &[u8]) {
    let a = Md5::new();
          //^^^^^^^^^^ weak-crypto: MD5 is broken where somebody chooses what is hashed
    let b = Sha1::digest(x);
          //^^^^^^^^^^^^^^^ weak-crypto
    let c = md5::compute(x);
          //^^^^^^^^^^^^^^^ weak-crypto
    let d = openssl::hash::MessageDigest::md5();
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
    let e = ring::digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, x);
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
    let f = Cipher::aes_128_ecb();
          //^^^^^^^^^^^^^^^^^^^^^ weak-crypto: the ECB mode is broken
    let g = Cipher::des_ede3_cbc();
          //^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: DES is broken
    let h = Cipher::rc4();
          //^^^^^^^^^^^^^ weak-crypto
}
"#,
        );
    }

    #[test]
    fn predictable_values_are_reported() {
        check(
            &RULE,
            r#"
fn generate_local_peer_id() -> PeerId {
    use std::collections::hash_map::DefaultHasher;
    let mut hasher = DefaultHasher::new();
                   //^^^^^^^^^^^^^^^^^^^^ weak-crypto: an id from `DefaultHasher` can be predicted
    SystemTime::now().hash(&mut hasher);
}
impl ClientId {
    fn generate() -> Self { let mut hasher = DefaultHasher::new(); }
                                           //^^^^^^^^^^^^^^^^^^^^ weak-crypto: an id from `DefaultHasher` can be predicted
}
fn peer_id(addr: SocketAddr) -> u64 { hash(SystemTime::now(), DefaultHasher::new()) }
                                                            //^^^^^^^^^^^^^^^^^^^^ weak-crypto
fn new_session_token() -> String { let mut rng = SmallRng::from_entropy(); }
                                               //^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: a token from `SmallRng` can be predicted
fn nonce() -> u64 { StdRng::seed_from_u64(7).gen() }
                  //^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
fn random_salt() { let rng = StdRng::from_seed([7; 32]); }
                           //^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
fn reset() { let reset_token = fastrand::u64(..); }
                             //^^^^^^^^^^^^^^^^^ weak-crypto
fn create_token() -> u128 { SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() }
                          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: a token from the clock can be predicted
"#,
        );
    }

    #[test]
    fn checksums_caches_and_protocols_are_left_alone() {
        silent(
            &RULE,
            r#"
use md5::Md5;
use sha1::{Digest, Sha1};
fn derive_accept_key(key: &[u8]) {
    let mut sha1 = Sha1::default();
    sha1.update(key);
    sha1.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
}
fn file_checksum(x: &[u8]) { Md5::digest(x); }
fn etag(x: &[u8]) { md5::compute(x); }
fn git_object_id(x: &[u8]) { Sha1::digest(x); }
fn totp(x: &[u8]) { Hmac::<Sha1>::new_from_slice(x); }
fn peer_id(addr: SocketAddr) -> u64 { hash(addr, DefaultHasher::new()) }
impl CacheKey { fn generate(x: &str) { let mut hasher = DefaultHasher::new(); } }
fn shard(x: &str) { let mut hasher = DefaultHasher::new(); }
fn cache_key(x: &str) { let mut hasher = DefaultHasher::new(); }
type Map = HashMap<u8, u8, BuildHasherDefault<DefaultHasher>>;
fn hash_of(x: &str) -> u64 { let mut s = DefaultHasher::new(); x.hash(&mut s); s.finish() }
fn rng(seed: u64) -> StdRng { StdRng::seed_from_u64(seed) }
fn seeded(seed: [u8; 32]) -> StdRng { let token_rng = StdRng::from_seed(seed); }
fn backoff() { let jitter = fastrand::u64(..); }
fn token_timestamp() -> u128 { SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() }
mod own { struct Md5; fn f() { own::Md5::new(); } }
#[test]
fn test() { Md5::new(); }
"#,
        );
    }

    #[test]
    fn the_tokens_of_a_parser_are_words() {
        check(
            &RULE,
            r#"
//- src/syntax/builder.rs
impl Builder { fn token(&mut self, text: &str) { let mut hasher = FxHasher::default(); } }
fn new_session_token() -> u64 { let mut hasher = FxHasher::default(); hasher.finish() }
                                               //^^^^^^^^^^^^^^^^^^^ weak-crypto: a token from `FxHasher` can be predicted
"#,
        );
    }
}
