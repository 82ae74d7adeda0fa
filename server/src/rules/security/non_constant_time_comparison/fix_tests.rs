//! What the fix writes.

use super::RULE;
use crate::rules::fixture::{check_fix, no_fix};

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
