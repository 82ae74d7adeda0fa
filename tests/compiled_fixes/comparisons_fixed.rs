//! Checks of secrets as services write them, on the types that they have.

use std::collections::HashMap;

use hmac::{Hmac, Mac};
use http::HeaderMap;
use sha2::digest::generic_array::GenericArray;
use sha2::digest::typenum::U32;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub struct Config {
    pub api_token: String,
    pub admin_token: Option<String>,
    pub webhook_secret: Vec<u8>,
    pub signing_key: [u8; 32],
}

pub struct User {
    pub password_hash: String,
    pub reset_token: Option<String>,
}

pub struct AuthToken(pub String);

pub struct SharedSecret(pub [u8; 32]);

/// What each check says of a secret where `expected` is the right one.
pub fn answers(given: &str, expected: &str) -> Vec<(&'static str, bool)> {
    let key = |secret: &str| <[u8; 32]>::from(Sha256::digest(secret));
    let hash = |secret: &str| hex::encode(key(secret));
    let config = &Config {
        api_token: expected.to_string(),
        admin_token: Some(expected.to_string()),
        webhook_secret: expected.as_bytes().to_vec(),
        signing_key: key(expected),
    };
    let user = &User { password_hash: hash(expected), reset_token: Some(expected.to_string()) };
    let mut headers = HeaderMap::new();
    headers.insert("x-api-key", given.parse().expect("a header"));
    let bearer_value = format!("Bearer {given}");
    headers.insert("authorization", bearer_value.parse().expect("a header"));
    let parameters = HashMap::from([("token".to_string(), given.to_string())]);
    let mac = |key: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
        mac.update(b"body");
        mac.finalize().into_bytes()
    };
    let (bytes, expected_bytes) = (given.as_bytes(), expected.as_bytes());
    let padded = |text: &str| {
        let mut packet = [0; 16];
        packet[..text.len()].copy_from_slice(text.as_bytes());
        packet
    };
    vec![
        ("strs", strs(given, expected)),
        ("str_and_string", str_and_string(given, config)),
        ("string_and_str", string_and_str(given.to_string(), expected)),
        ("strings", strings(given.to_string(), config)),
        ("borrowed_strings", borrowed_strings(&given.to_string(), config)),
        ("as_str", !as_str(given, config)),
        ("denied", denied(given, config).is_ok()),
        ("trimmed", trimmed(&format!(" {given} "), config)),
        ("stripped", stripped(&bearer_value, config)),
        ("by_method", by_method(given, config)),
        ("not_by_method", !not_by_method(given, config)),
        ("hex_of_a_hash", hex_of_a_hash(given, user)),
        ("formatted_hash", formatted_hash(given, user)),
        ("formatted_in_place", formatted_in_place(given, user)),
        ("field_of_self", AuthToken(expected.to_string()).verify(given)),
        ("tokens", AuthToken(expected.to_string()) == AuthToken(given.to_string())),
        ("slices", slices(bytes, expected_bytes)),
        ("slice_and_vec", slice_and_vec(bytes, expected_bytes.to_vec())),
        ("vecs", vecs(bytes.to_vec(), config)),
        ("vec_and_slice", !vec_and_slice(bytes, config)),
        ("as_slices", as_slices(bytes.to_vec(), config)),
        ("arrays", arrays(key(given), config)),
        ("array_by_reference", array_by_reference(&key(given), config)),
        ("array_and_slice", array_and_slice(&key(given), config)),
        (
            "part_of_a_slice",
            part_of_a_slice(&[padded(given), padded("rest")].concat(), &padded(expected)),
        ),
        ("bytes_of_texts", bytes_of_texts(given, config)),
        ("decoded", decoded(&hash(given), &key(expected)) == Ok(true)),
        ("secrets", SharedSecret(key(given)) == SharedSecret(key(expected))),
        ("mac_slice", mac_slice(expected_bytes, b"body", &mac(given))),
        ("mac_part", mac_part(expected_bytes, b"body", &mac(given))),
        ("mac_text", mac_text(expected_bytes, b"body", &hex::encode(mac(given)))),
        ("generic_arrays", generic_arrays(mac(given), mac(expected))),
        ("digest_of_a_secret", digest_of_a_secret(bytes, &key(expected))),
        ("header", header(&headers, config)),
        ("header_in_place", header_in_place(&headers, expected)),
        ("bearer", !bearer(&headers, config)),
        ("options", options(Some(given), config)),
        ("owned_options", owned_options(Some(given.to_string()), user)),
        ("some_owned", some_owned(user, given)),
        ("query", query(&parameters, config)),
        ("guard", guard(Some(given), config) == "admin"),
        ("is_valid", is_valid(&["other".to_string(), expected.to_string()], given)),
    ]
}

// Texts.

fn strs(provided_token: &str, expected_token: &str) -> bool {
    bool::from(provided_token.as_bytes().ct_eq(expected_token.as_bytes()))
}

fn str_and_string(provided_token: &str, config: &Config) -> bool {
    bool::from(provided_token.as_bytes().ct_eq(config.api_token.as_bytes()))
}

fn string_and_str(token: String, expected_token: &str) -> bool {
    bool::from(token.as_bytes().ct_eq(expected_token.as_bytes()))
}

fn strings(api_token: String, config: &Config) -> bool {
    bool::from(api_token.as_bytes().ct_eq(config.api_token.as_bytes()))
}

fn borrowed_strings(api_token: &String, config: &Config) -> bool {
    bool::from(api_token.as_bytes().ct_eq(config.api_token.as_bytes()))
}

fn as_str(api_token: &str, config: &Config) -> bool {
    !bool::from(config.api_token.as_str().as_bytes().ct_eq(api_token.as_bytes()))
}

fn denied(api_token: &str, config: &Config) -> Result<(), String> {
    if !bool::from(api_token.as_bytes().ct_eq(config.api_token.as_bytes())) {
        return Err("the token is wrong".to_string());
    }
    Ok(())
}

fn trimmed(header: &str, config: &Config) -> bool {
    let api_token = header.trim();
    bool::from(api_token.as_bytes().ct_eq(config.api_token.as_bytes()))
}

fn stripped(authorization: &str, config: &Config) -> bool {
    let Some(token) = authorization.strip_prefix("Bearer ") else {
        return false;
    };
    bool::from(token.as_bytes().ct_eq(config.api_token.as_bytes()))
}

fn by_method(api_token: &str, config: &Config) -> bool {
    bool::from(config.api_token.as_bytes().ct_eq(api_token.as_bytes()))
}

fn not_by_method(api_token: &str, config: &Config) -> bool {
    !bool::from(config.api_token.as_str().as_bytes().ct_eq(api_token.as_bytes()))
}

// Hashes in hexadecimal digits.

fn hex_of_a_hash(password: &str, user: &User) -> bool {
    let password_hash = hex::encode(Sha256::digest(password.as_bytes()));
    bool::from(password_hash.as_bytes().ct_eq(user.password_hash.as_bytes()))
}

fn formatted_hash(password: &str, user: &User) -> bool {
    let password_hash = format!("{:x}", Sha256::digest(password.as_bytes()));
    bool::from(user.password_hash.as_bytes().ct_eq(password_hash.as_bytes()))
}

fn formatted_in_place(password: &str, user: &User) -> bool {
    bool::from(
        user.password_hash
            .as_bytes()
            .ct_eq(format!("{:x}", Sha256::digest(password.as_bytes())).as_bytes()),
    )
}

// Types of their own.

impl AuthToken {
    fn verify(&self, token: &str) -> bool {
        bool::from(self.0.as_bytes().ct_eq(token.as_bytes()))
    }
}

impl PartialEq for AuthToken {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0.as_bytes().ct_eq(other.0.as_bytes()))
    }
}

impl PartialEq for SharedSecret {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0[..].ct_eq(&other.0[..]))
    }
}

// Bytes.

fn slices(mac: &[u8], expected_mac: &[u8]) -> bool {
    bool::from(mac[..].ct_eq(&expected_mac[..]))
}

fn slice_and_vec(mac: &[u8], expected_mac: Vec<u8>) -> bool {
    bool::from(mac[..].ct_eq(&expected_mac[..]))
}

fn vecs(secret: Vec<u8>, config: &Config) -> bool {
    bool::from(secret[..].ct_eq(&config.webhook_secret[..]))
}

fn vec_and_slice(secret: &[u8], config: &Config) -> bool {
    !bool::from(config.webhook_secret[..].ct_eq(&secret[..]))
}

fn as_slices(secret: Vec<u8>, config: &Config) -> bool {
    bool::from(secret.as_slice().ct_eq(config.webhook_secret.as_slice()))
}

fn arrays(signing_key: [u8; 32], config: &Config) -> bool {
    bool::from(signing_key[..].ct_eq(&config.signing_key[..]))
}

fn array_by_reference(signing_key: &[u8; 32], config: &Config) -> bool {
    bool::from(signing_key[..].ct_eq(&config.signing_key[..]))
}

fn array_and_slice(signing_key: &[u8], config: &Config) -> bool {
    bool::from(signing_key[..].ct_eq(&config.signing_key[..]))
}

fn part_of_a_slice(packet: &[u8], expected_mac: &[u8; 16]) -> bool {
    bool::from(packet[..16].ct_eq(&expected_mac[..]))
}

fn bytes_of_texts(api_token: &str, config: &Config) -> bool {
    bool::from(api_token.as_bytes().ct_eq(config.api_token.as_bytes()))
}

fn decoded(signature: &str, expected_signature: &[u8]) -> Result<bool, hex::FromHexError> {
    let signature = hex::decode(signature)?;
    Ok(verify_signature(&signature, expected_signature))
}

fn verify_signature(signature: &[u8], expected_signature: &[u8]) -> bool {
    bool::from(signature[..].ct_eq(&expected_signature[..]))
}

// What cryptographic crates return.

fn mac_slice(key: &[u8], body: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return false;
    };
    mac.update(body);
    let expected_signature = mac.finalize().into_bytes();
    bool::from(expected_signature.as_slice().ct_eq(&signature[..]))
}

fn mac_part(key: &[u8], body: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return false;
    };
    mac.update(body);
    bool::from(mac.finalize().into_bytes()[..].ct_eq(&signature[..]))
}

fn mac_text(key: &[u8], body: &[u8], signature: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return false;
    };
    mac.update(body);
    let expected_signature = hex::encode(mac.finalize().into_bytes());
    bool::from(signature.as_bytes().ct_eq(expected_signature.as_bytes()))
}

fn generic_arrays(mac: GenericArray<u8, U32>, expected_mac: GenericArray<u8, U32>) -> bool {
    bool::from(mac[..].ct_eq(&expected_mac[..]))
}

fn digest_of_a_secret(secret: &[u8], expected_mac: &[u8]) -> bool {
    let mac = Sha256::digest(secret);
    bool::from(mac[..].ct_eq(&expected_mac[..]))
}

// Headers and other options.

fn header(headers: &HeaderMap, config: &Config) -> bool {
    let api_key = headers.get("x-api-key").and_then(|value| value.to_str().ok());
    api_key.is_some_and(|it| bool::from(it.as_bytes().ct_eq(config.api_token.as_str().as_bytes())))
}

fn header_in_place(headers: &HeaderMap, expected_key: &str) -> bool {
    headers
        .get("x-api-key")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|it| bool::from(it.as_bytes().ct_eq(expected_key.as_bytes())))
}

fn bearer(headers: &HeaderMap, config: &Config) -> bool {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer "));
    !token.is_some_and(|it| bool::from(it.as_bytes().ct_eq(config.api_token.as_bytes())))
}

fn options(given_token: Option<&str>, config: &Config) -> bool {
    given_token.map_or(config.admin_token.as_deref().is_none(), |it| {
        config
            .admin_token
            .as_deref()
            .is_some_and(|other| bool::from(it.as_bytes().ct_eq(other.as_bytes())))
    })
}

fn owned_options(reset_token: Option<String>, user: &User) -> bool {
    reset_token.as_ref().map_or(user.reset_token.is_none(), |it| {
        user.reset_token
            .as_ref()
            .is_some_and(|other| bool::from(it.as_bytes().ct_eq(other.as_bytes())))
    })
}

fn some_owned(user: &User, token: &str) -> bool {
    user.reset_token.as_ref().is_some_and(|it| bool::from(it.as_bytes().ct_eq(token.as_bytes())))
}

fn query(parameters: &HashMap<String, String>, config: &Config) -> bool {
    parameters
        .get("token")
        .is_some_and(|it| bool::from(it.as_bytes().ct_eq(config.api_token.as_bytes())))
}

fn guard(admin_token: Option<&str>, config: &Config) -> &'static str {
    match admin_token {
        Some(token) if bool::from(token.as_bytes().ct_eq(config.api_token.as_bytes())) => "admin",
        _ => "nobody",
    }
}

fn is_valid(tokens: &[String], token: &str) -> bool {
    tokens.iter().any(|valid_token| bool::from(valid_token.as_bytes().ct_eq(token.as_bytes())))
}
