//! Broken or predictable cryptographic algorithm.
//!
//! MD5 and SHA-1 are not collision-resistant, keys of DES and RC4 can be recovered, and ECB mode
//! reveals patterns of the plaintext. `DefaultHasher`, seeded generators and the clock give values
//! that an attacker can compute as well.
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
//! and the generator of the operating system for values that must be unpredictable:
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
//! prescribe an old algorithm are not reported, and neither is HMAC-SHA1, which is not broken. What a
//! helper is used for is told by its callers.

mod helper;
mod purpose;
#[cfg(test)]
mod tests;

use self::helper::Helper;
use self::purpose::{HashUse, SurroundingNames, is_secret, named_value};
use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::semantics::paths::callee;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind};

pub static RULE: Rule = Rule {
    id: "weak-crypto",
    opportunity: Opportunity::Project,
    effort: 120,
    severity: Severity::High,
    cwe: &[327, 328, 338],
    seeds: &["C.policy"],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Call(
            &[
                "new", "default", "digest", "compute", "from_seed", "seed_from_u64",
                "from_entropy", "from_os_rng", "new_from_slice", "md5", "sha1", "rc4", "des_cbc",
                "des_ecb", "des_cfb", "des_ede3", "des_ede3_cbc", "aes_128_ecb", "aes_192_ecb",
                "aes_256_ecb", "u32", "u64", "u128", "alphanumeric", "new_from_slices",
                "ecb_encryptor", "ecb_decryptor", "from_rng", "usize", "u8", "char", "choice",
                "fill", "alphabetic", "lowercase",
            ],
            check_call,
        ),
        Query::Method(&["as_nanos", "as_micros", "as_millis"], check_clock),
        Query::Node(&On(check_alias)),
    ],
    ..Rule::source(AREA)
};

/// What is wrong with an algorithm.
enum Weakness {
    /// A hash without collision resistance, which is fine against accidents.
    Hash(&'static str),
    /// A cipher or a mode that is never fine, and the message that says so.
    Cipher(&'static str),
    /// A hasher or generator whose output can be predicted.
    Predictable(String),
}

const ECB: &str = "ECB mode reveals patterns of the plaintext";

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(ast::Expr::PathExpr(path)) = call.expr() else { return };
    let path = callee(call).unwrap_or_else(|| compact(path.syntax()));
    let Some(weakness) = weakness(&path, call, cx) else { return };
    let names = SurroundingNames::of(call.syntax(), cx);
    let range = call.syntax().text_range();
    match weakness {
        Weakness::Cipher(message) => {
            let report = Report::new(range, message);
            let report = match names.prescribe_cipher() {
                true => report.lowered(Severity::Low, "a protocol prescribes it"),
                false => report,
            };
            cx.report(call.syntax(), report);
        }
        Weakness::Hash(name) => report_hash(name, names.hash_use(call, name, cx), call, cx),
        Weakness::Predictable(name) => report_predictable(&name, &names, call, cx),
    }
}

fn report_hash(name: &str, usage: HashUse, call: &ast::CallExpr, cx: &mut Context<'_>) {
    let report = || {
        let message = format!("{name} is not collision-resistant");
        Report::new(call.syntax().text_range(), message).confidence(Confidence::Likely)
    };
    let helper = Helper::around(call.syntax(), cx);
    match (usage, helper) {
        (HashUse::Prescribed, _) => {}
        (HashUse::Security, _) => cx.report(call.syntax(), report()),
        (HashUse::SecurityFile, _) => cx.report(call.syntax(), report().severity(Severity::Medium)),
        (HashUse::Helper, Some(helper)) => {
            let helper = std::sync::Arc::new(helper);
            let other = std::sync::Arc::clone(&helper);
            let raised = report().when(move |symbols| helper.is_called_for(symbols, is_secret));
            cx.report(call.syntax(), raised);
            let lowered = report().lowered(Severity::Low, "no secret is known to be hashed");
            let lowered = lowered.when(move |symbols| !other.is_called_for(symbols, is_secret));
            cx.report(call.syntax(), lowered);
        }
        (HashUse::Helper | HashUse::Unknown, _) => {
            let report = report().lowered(Severity::Low, "no secret is known to be hashed");
            cx.report(call.syntax(), report);
        }
    }
}

fn report_predictable(
    name: &str,
    names: &SurroundingNames,
    call: &ast::CallExpr,
    cx: &mut Context<'_>,
) {
    let range = call.syntax().text_range();
    if let Some(what) = names.unpredictable_value() {
        let message = format!("{what} is generated from `{name}`, which is predictable");
        let report = Report::new(range, message).confidence(Confidence::Likely);
        return cx.report(call.syntax(), report);
    }
    let Some(helper) = Helper::around(call.syntax(), cx) else { return };
    if !is_generator(name) || !names.is_of_helper() {
        return;
    }
    let message = format!("`{}` makes secrets from `{name}`, which is predictable", helper.name());
    let report = Report::new(range, message).confidence(Confidence::Likely).when(move |symbols| {
        helper.is_called_for(symbols, |name, _| named_value(name, false).is_some())
    });
    cx.report(call.syntax(), report);
}

/// Whether a source of numbers is a generator, and no hasher.
fn is_generator(name: &str) -> bool {
    !name.ends_with("Hasher") && !name.ends_with("seed_from_u64") && !name.ends_with("from_seed")
}

/// `type Aes128Ecb = ecb::Encryptor<Aes128>;`
fn check_alias(alias: &ast::TypeAlias, cx: &mut Context<'_>) {
    let Some(ty) = alias.ty() else { return };
    let text = compact(ty.syntax());
    let path = text.split('<').next().unwrap_or(&text);
    if !is_ecb(path, cx) {
        return;
    }
    let names = SurroundingNames::of(alias.syntax(), cx);
    let report = Report::new(ty.syntax().text_range(), ECB);
    let report = match names.prescribe_cipher() {
        true => report.lowered(Severity::Low, "a protocol prescribes it"),
        false => report,
    };
    cx.report(alias.syntax(), report);
}

/// Whether a path is that of a mode of the crates `ecb` and `block_modes`.
fn is_ecb(path: &str, cx: &mut Context<'_>) -> bool {
    let full = cx.resolve(path);
    let name = full.rsplit("::").next().unwrap_or(&full);
    match full.split("::").next() {
        Some("ecb") => matches!(name, "Encryptor" | "Decryptor"),
        Some("block_modes") => name == "Ecb",
        _ => false,
    }
}

fn weakness(path: &str, call: &ast::CallExpr, cx: &mut Context<'_>) -> Option<Weakness> {
    let mut segments = path.rsplit("::");
    let function = segments.next()?;
    let owner = segments.next().unwrap_or_default();
    match (owner, function) {
        ("MessageDigest" | "Hash", "md5") => return Some(Weakness::Hash("MD5")),
        ("MessageDigest" | "Hash", "sha1") => return Some(Weakness::Hash("SHA-1")),
        ("Cipher", "rc4") => return Some(Weakness::Cipher("RC4 is a broken cipher")),
        ("Cipher", _) if function.ends_with("_ecb") => {
            return Some(Weakness::Cipher(ECB));
        }
        ("Encryptor" | "Decryptor" | "Ecb", _) if path.contains("::") => {
            let ty = path.rsplit_once("::").map_or(path, |(ty, _)| ty);
            return is_ecb(ty, cx).then_some(Weakness::Cipher(ECB));
        }
        (_, "ecb_encryptor" | "ecb_decryptor") => return Some(Weakness::Cipher(ECB)),
        ("Cipher", _) if function.starts_with("des_") => {
            return Some(Weakness::Cipher("DES is a broken cipher"));
        }
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
        ("fastrand" | "oorandom", _) => {
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
    let full = cx.resolve(path);
    let krate = full.split("::").next().unwrap_or_default();
    match (krate, owner) {
        ("md5", _) if function == "compute" => Some(Weakness::Hash("MD5")),
        ("md5" | "md_5" | "crypto", "Md5") => Some(Weakness::Hash("MD5")),
        ("md4", "Md4") => Some(Weakness::Hash("MD4")),
        ("sha1" | "sha_1" | "crypto", "Sha1") => Some(Weakness::Hash("SHA-1")),
        ("sha1_smol", "Sha1") => Some(Weakness::Hash("SHA-1")),
        ("rc4", "Rc4") => Some(Weakness::Cipher("RC4 is a broken cipher")),
        ("des", "Des" | "TdesEde2" | "TdesEde3") => {
            Some(Weakness::Cipher("DES is a broken cipher"))
        }
        _ => None,
    }
}

/// `let token = SystemTime::now()…as_nanos()`.
fn check_clock(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let node = call.syntax();
    if !node.text().to_string().contains("SystemTime::now") {
        return;
    }
    let names = SurroundingNames::of(node, cx);
    let Some(what) = names.unpredictable_value() else { return };
    // Exchanges ask for clocks as nonces, and ids that sort by time have other parts as well.
    if matches!(what, "token" | "secret" | "password" | "salt")
        && !names.has_randomness()
        && !names.is_used_as_time(node, cx)
    {
        let message = format!("{what} is generated from the clock, which is predictable");
        let report = Report::new(node.text_range(), message).confidence(Confidence::Likely);
        cx.report(node, report);
    }
}
