//! What is reported, what is not, and what becomes of it.

use super::RULE;
use crate::rules::fixture::{check, check_fix, no_fix, silent};

#[test]
fn operators_on_secrets_are_reported() {
    check(
        &RULE,
        r#"
fn tail(a: Token, b: &str) -> Result<bool, E> { Ok(a.api_token == b) }
                                                 //^^^^^^^^^^^^^^^^ non-constant-time-comparison: `api_token` is compared with `==`, which is not constant-time
fn signed(token: &str) -> bool { sign(x) == token }
                               //^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn login(password: &str, user: User) -> bool { user.password.as_str() != password }
                                             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn decrypt(data: &[u8], tag: [u8; 4]) { if data[12..16] != tag {} }
                                         //^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn mac(a: &[u8], expected_mac: Vec<u8>) -> bool { a.as_slice() != expected_mac.as_slice() }
                                                //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn verify_webhook(sig: &str) -> bool { computed.as_bytes().eq(&sig) }
                                     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn token(token: &str, config: Config) -> bool { token == config.expected_token }
                                              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn constant(key: &str) -> bool { key == ADMIN_API_KEY }
                               //^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
"#,
    );
}

#[test]
fn guards_tuples_and_options_are_reported() {
    check(
        &RULE,
        r#"
fn guard(given: Option<String>, api_key: &str) {
    match given { Some(s) if s == api_key => {} _ => {} }
                           //^^^^^^^^^^^^ non-constant-time-comparison
    if matches!(given, Some(s) if s == api_key) {}
                                //^^^^^^^^^^^^ non-constant-time-comparison
}
fn tuple(u: &str, p: &str, c: &Config) -> bool { (u, p) == (c.user, c.password) }
                                               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn tuple_guard(a: (A, B)) {
    match a { (u, p) if u == user && p == self.password => {} _ => {} }
                                   //^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn options(x: &str, guard: Option<String>) -> bool {
    if Some(x) == auth_token.as_deref() { return true; }
     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    header.ok() != Some(mac)
  //^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn header(headers: &HeaderMap, expected: &str) -> bool {
    if headers[AUTHORIZATION] == expected { return true; }
     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    let given = headers.get("x-api-key").and_then(|it| it.to_str().ok()).unwrap_or("");
    if given != expected { return false; }
     //^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    format!("Bearer {}", self.access_token) == given
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
"#,
    );
}

#[test]
fn elements_and_lookups_are_reported() {
    check(
        &RULE,
        r#"
fn authorize(token: &str, valid: &[String]) -> bool {
    self.valid_tokens.iter().any(|t| t == token)
                                   //^^^^^^^^^^ non-constant-time-comparison
        || self.tokens.contains(token)
         //^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison: `token` is compared with `contains`, which is not constant-time
}
fn session(&self, session_token: &str) { self.sessions.get(session_token); }
                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn affix(auth_header: &str) -> bool { check_auth(); auth_header.len() == 2 }
fn check_token(auth_header: &str, api_token: &str) -> bool { auth_header.ends_with(api_token) }
                                                           //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
/// Compares in constant time.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.iter().zip(b.iter()).all(|(a, b)| a == b)
                                      //^^^^^^ non-constant-time-comparison
}
fn hmacs(hmac: &[u8], b: &[u8]) -> bool { hmac.iter().zip(b).all(|(x, y)| x == y) }
                                                                        //^^^^^^ non-constant-time-comparison
fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
     //^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
        return false;
    }
    a.iter().zip(b).fold(0, |acc, (x, y)| acc | x ^ y) == 0
}
"#,
    );
}

#[test]
fn the_other_side_the_function_or_the_origin_tells() {
    check(
        &RULE,
        r#"
fn origin(body: &[u8], given: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(body);
    let result = mac.finalize().into_bytes();
    result[..] == *given
  //^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn function(expected: &str, actual: &str) -> bool {
    let computed = compute_signature(body);
    computed == actual
  //^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn signed(body: &[u8], signature: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    let expected_signature = hex::encode(mac.finalize().into_bytes());
    expected_signature == signature
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison: `expected_signature` is compared with `==`, which is not constant-time
}
fn header(headers: &HeaderMap, expected_key: &str) -> bool {
    headers.get("x-api-key").and_then(|it| it.to_str().ok()) == Some(expected_key)
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn verify_password(stored: &str, given: &str) -> bool { stored == given }
                                                      //^^^^^^^^^^^^^^^ non-constant-time-comparison
fn hashes(token: &str, known: &str) -> bool { sha256(access_token) == known }
                                            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
struct Tag([u8; 4]);
impl PartialEq for SessionSecret { fn eq(&self, other: &Self) -> bool { self.0 == other.0 } }
                                                                      //^^^^^^^^^^^^^^^^^ non-constant-time-comparison: `SessionSecret` is compared with `==`, which is not constant-time
#[derive(Debug, Clone, PartialEq, Eq)]
                     //^^^^^^^^^ non-constant-time-comparison: derived `PartialEq` of `AccessToken` is not constant-time
pub struct AccessToken(String);
fn by_type(a: PoolMac, b: PoolMac) -> bool { a == b }
                                           //^^^^^^ non-constant-time-comparison
#[derive(PartialEq)]
       //^^^^^^^^^ non-constant-time-comparison
struct PoolMac([u8; 16]);
"#,
    );
}

#[test]
fn keys_and_cryptographic_code_tell_what_is_compared() {
    check(
        &RULE,
        r#"
//- src/crypto/address_token.rs
impl AddressTokens {
    fn issue(&self, addr: SocketAddr) -> [u8; 32] { self.mac(addr) }
    fn verify(&self, addr: SocketAddr, token: &[u8; 32]) -> bool { self.issue(addr) == *token }
                                                                 //^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
//- src/packages.rs
impl KeyPackages {
    fn knows(&self, package: &KeyPackage) -> bool {
        self.packages.iter().any(|known| known.fingerprint == package.fingerprint)
                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    }
}
impl Files {
    fn knows(&self, file: &File) -> bool {
        self.files.iter().any(|known| known.fingerprint == file.fingerprint)
    }
}
"#,
    );
}

#[test]
fn constants_variants_and_lengths_are_no_secrets() {
    silent(
        &RULE,
        r#"
use subtle::ConstantTimeEq;
fn f(token: Token, password: &str, api_key: Option<String>, mac: &[u8]) -> bool {
    token == Token::Comma || password == "" || api_key == None || token == TOKEN_WAKEUP
        || password.len() == other_password.len() && password.as_bytes().ct_eq(x).into()
        || token.kind() == other_token.kind() || mac_address == other || mac[0] == 0
        || token_count == max_tokens || token.id == other_token.id || password.is_empty() == y
        || memcmp::eq(mac, expected_mac) || constant_time_eq(mac, expected_mac)
        || ring::constant_time::verify_slices_are_equal(mac, expected_mac).is_ok()
        || mac.verify_slice(tag).is_ok() == ok || api_key == Some("x".into())
        || public_key == other.public_key || self.mode == Mode::Password
}
fn names(list: &[String]) -> bool {
    for secret in ["token", "nonce"] { if list.iter().any(|it| it == secret) { return true; } }
    false
}
fn number(auth_token: u64, other: u64) -> bool { auth_token == other }
fn change(password: &str) -> bool { password == confirm_password || new_token != self.old_token }
fn ct(a: &[u8], b: &[u8]) -> bool { a.len() == b.len() && ct_eq(a, b) }
fn search(line: &str, password: &str) -> bool { line.contains(password) || names.contains(&token) }
fn header(headers: H) -> bool { headers.get("authorization").unwrap().starts_with("Bearer ") }
fn verify_checksum(digest: &[u8], expected: &[u8]) -> bool { digest == expected }
fn cached(fingerprint: &str) -> bool { self.fingerprint == fingerprint }
fn etag(&self, other: &Self) -> bool { self.tag == other.tag }
fn assert() { assert!(api_key == other_key); }
"#,
    );
}

#[test]
fn the_tokens_of_parsers_are_no_secrets() {
    silent(
        &RULE,
        r#"
//- src/parser.rs
impl Parser {
    fn expect(&mut self, token: TokenKind) -> bool { self.token == token }
    fn eat(&mut self, expected_token: &str) -> bool { self.next_token() == expected_token }
}
fn generate(token: u32, eos_token: u32) -> bool { token == eos_token }
//- src/lib.rs
#[cfg(test)]
mod tests { fn f() { password == other; } }
fn claim(claims: &HashMap<String, Value>, expected_token_id: &Value) -> bool {
    claims.get("jti") == Some(expected_token_id)
}
fn driver(token: mio::Token, other: mio::Token) -> bool { token == other }
fn vocabulary(token: &str) { vocab.get(token); tokens.get(token); }
"#,
    );
}

#[test]
fn types_that_compare_in_their_own_way_are_left_alone() {
    silent(
        &RULE,
        r#"
struct Secret(Vec<u8>);
impl PartialEq for Secret { fn eq(&self, other: &Self) -> bool { self.0.ct_eq(&other.0).into() } }
#[derive(PartialEq)]
struct ExporterSecret { secret: Secret }
#[derive(PartialEq)]
enum AuthToken { A, B }
struct Keys { exporter_secret: ExporterSecret, auth_token: AuthToken, reset_token: u64 }
fn f(keys: &Keys, other: &Keys) -> bool {
    keys.exporter_secret == other.exporter_secret && keys.auth_token == other.auth_token
        && keys.reset_token == other.reset_token
}
type AccessToken = u64;
fn g(a: AccessToken, access_token: AccessToken) -> bool { a == access_token }
fn h(a: CtOutput<H>, mac: CtOutput<H>) -> bool { a == mac }
"#,
    );
}

const TITLE: &str = "Compare in constant time";

#[test]
fn the_fix_brings_the_import_and_the_dependency() {
    check_fix(
        &RULE,
        TITLE,
        r#"
//- Cargo.toml
[package]
name = "fixture"

[dependencies]
# hashes
sha2 = "0.10"
tokio = "1"
//- src/lib.rs
use std::fmt;

use sha2::Sha256;

fn f(api_token: &str, given: String) -> bool {
    api_token != given
}
"#,
        r#"
//- Cargo.toml
[package]
name = "fixture"

[dependencies]
# hashes
sha2 = "0.10"
subtle = "2"
tokio = "1"
//- src/lib.rs
use std::fmt;

use sha2::Sha256;
use subtle::ConstantTimeEq;

fn f(api_token: &str, given: String) -> bool {
    !bool::from(api_token.as_bytes().ct_eq(given.as_bytes()))
}
"#,
    );
}

#[track_caller]
fn fixed(params: &str, before: &str, after: &str) {
    let file = |expr: &str| {
        format!(
            "use subtle::ConstantTimeEq;
struct Config {{ api_key: String }}
fn f({params}) -> bool {{ {expr} }}
"
        )
    };
    check_fix(&RULE, TITLE, &file(before), &file(after));
}

#[test]
fn operands_are_compared_by_their_types() {
    fixed("mac: &[u8], b: [u8; 4]", "mac == b", "bool::from(mac[..].ct_eq(&b[..]))");
    fixed("mac: &Vec<u8>, b: &[u8]", "*mac != *b", "!bool::from(mac[..].ct_eq(&b[..]))");
    fixed(
        "mac: &[u8], b: &str",
        "mac[2..] == b.as_bytes()[..4]",
        "bool::from(mac[2..].ct_eq(&b.as_bytes()[..4]))",
    );
    fixed(
        "config: &Config, given: &str",
        "config.api_key.eq(given)",
        "bool::from(config.api_key.as_bytes().ct_eq(given.as_bytes()))",
    );
    fixed(
        "given: Option<&str>, api_key: &str",
        "given != Some(api_key)",
        "!given.is_some_and(|it| bool::from(it.as_bytes().ct_eq(api_key.as_bytes())))",
    );
    fixed(
        "api_key: &Option<String>, given: &str",
        "Some(given) == api_key.as_deref()",
        "api_key.as_deref().is_some_and(|it| bool::from(it.as_bytes().ct_eq(given.as_bytes())))",
    );
    fixed(
        "mac: GenericArray<u8, U32>, given: &[u8; 32]",
        "mac.as_slice() == given",
        "bool::from(mac.as_slice().ct_eq(&given[..]))",
    );
    fixed("mac: Vec<u8>, given: Vec<u8>", "mac == given", "bool::from(mac[..].ct_eq(&given[..]))");
    fixed("mac: [u8; 4], given: [u8; 4]", "mac == given", "bool::from(mac[..].ct_eq(&given[..]))");
    fixed(
        "headers: &HeaderMap, api_key: &str",
        "headers.get(\"x-api-key\").and_then(|it| it.to_str().ok()) == Some(api_key)",
        "headers.get(\"x-api-key\").and_then(|it| it.to_str().ok()).is_some_and(|it| bool::from(it.as_bytes().ct_eq(api_key.as_bytes())))",
    );
    fixed(
        "mac: &[u8], given: &str",
        "hex::encode(mac) == given",
        "bool::from(hex::encode(mac).as_bytes().ct_eq(given.as_bytes()))",
    );
}

#[test]
fn options_are_compared_where_they_are() {
    fixed(
        "api_key: Option<String>, given: String",
        "api_key == Some(given)",
        "api_key.as_ref().is_some_and(|it| bool::from(it.as_bytes().ct_eq(given.as_bytes())))",
    );
    fixed(
        "api_key: &Option<String>, given: &str",
        "*api_key != Some(given.to_string())",
        "!api_key.as_ref().is_some_and(|it| bool::from(it.as_bytes().ct_eq(given.as_bytes())))",
    );
    fixed(
        "mac: Option<[u8; 32]>, given: [u8; 32]",
        "Some(given) == mac",
        "mac.as_ref().is_some_and(|it| bool::from(it[..].ct_eq(&given[..])))",
    );
    fixed(
        "api_key: Option<&str>, given: Option<&str>",
        "api_key == given",
        "api_key.map_or(given.is_none(), |it| given.is_some_and(|other| bool::from(it.as_bytes().ct_eq(other.as_bytes()))))",
    );
    fixed(
        "mac: &Option<Vec<u8>>, given: Option<Vec<u8>>",
        "*mac != given",
        "!mac.as_ref().map_or(given.is_none(), |it| given.as_ref().is_some_and(|other| bool::from(it[..].ct_eq(&other[..]))))",
    );
    fixed(
        "api_key: &Option<String>, given: &String",
        "api_key.as_ref() == Some(given)",
        "api_key.as_ref().is_some_and(|it| bool::from(it.as_bytes().ct_eq(given.as_bytes())))",
    );
    // What a name means around the closure it must mean inside.
    fixed(
        "api_key: Option<&str>, it: &str",
        "api_key == Some(it)",
        "api_key.is_some_and(|value| bool::from(value.as_bytes().ct_eq(it.as_bytes())))",
    );
}

#[test]
fn headers_and_indexed_macs_have_types() {
    fixed(
        "headers: &HeaderMap, api_key: &str",
        "headers[\"x-api-key\"] == api_key",
        "bool::from(headers[\"x-api-key\"].as_bytes().ct_eq(api_key.as_bytes()))",
    );
    fixed(
        "headers: &HeaderMap, api_key: &str",
        "headers.get(\"x-api-key\").and_then(|it| it.to_str().ok()).map(|it| it.trim()) == Some(api_key)",
        "headers.get(\"x-api-key\").and_then(|it| it.to_str().ok()).map(|it| it.trim()).is_some_and(|it| bool::from(it.as_bytes().ct_eq(api_key.as_bytes())))",
    );
    fixed(
        "macs: &[[u8; 16]], i: usize, expected_mac: [u8; 16]",
        "macs[i] == expected_mac",
        "bool::from(macs[i][..].ct_eq(&expected_mac[..]))",
    );
    fixed(
        "macs: Vec<Vec<u8>>, expected_mac: &[u8]",
        "macs[0] != expected_mac",
        "!bool::from(macs[0][..].ct_eq(&expected_mac[..]))",
    );
    fixed(
        "data: &[u8], mac: [u8; 4]",
        "data[12..16] != mac",
        "!bool::from(data[12..16].ct_eq(&mac[..]))",
    );
    fixed(
        "mut mac: Hmac<Sha256>, signature: [u8; 32]",
        "mac.finalize().into_bytes()[..] == signature",
        "bool::from(mac.finalize().into_bytes()[..].ct_eq(&signature[..]))",
    );
}

#[test]
fn unknown_types_get_no_fix() {
    no_fix(&RULE, "fn f(api_key: &str) -> bool { api_key == other() }");
    no_fix(
        &RULE,
        "async fn f(api_key: Option<&str>) -> bool { api_key == of().await.as_deref() } async fn of() -> Option<String> { None }",
    );
    no_fix(&RULE, "const fn f(api_key: &[u8], b: &[u8]) -> bool { api_key == b }");
    no_fix(&RULE, "fn f(api_key: &str, b: &str) { filter!(api_key == b) }");
}
