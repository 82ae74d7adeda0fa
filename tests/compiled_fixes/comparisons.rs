//! Checks of secrets as services write them, on the types that they have.

use std::collections::HashMap;

use hmac::{Hmac, Mac};
use http::HeaderMap;
use sha2::digest::generic_array::GenericArray;
use sha2::digest::typenum::U32;
use sha2::{Digest, Sha256};

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
    provided_token == expected_token
}

fn str_and_string(provided_token: &str, config: &Config) -> bool {
    provided_token == config.api_token
}

fn string_and_str(token: String, expected_token: &str) -> bool {
    token == expected_token
}

fn strings(api_token: String, config: &Config) -> bool {
    api_token == config.api_token
}

fn borrowed_strings(api_token: &String, config: &Config) -> bool {
    *api_token == config.api_token
}

fn as_str(api_token: &str, config: &Config) -> bool {
    config.api_token.as_str() != api_token
}

fn denied(api_token: &str, config: &Config) -> Result<(), String> {
    if api_token != config.api_token {
        return Err("the token is wrong".to_string());
    }
    Ok(())
}

fn trimmed(header: &str, config: &Config) -> bool {
    let api_token = header.trim();
    api_token == config.api_token
}

fn stripped(authorization: &str, config: &Config) -> bool {
    let Some(token) = authorization.strip_prefix("Bearer ") else {
        return false;
    };
    token == config.api_token
}

fn by_method(api_token: &str, config: &Config) -> bool {
    config.api_token.eq(api_token)
}

fn not_by_method(api_token: &str, config: &Config) -> bool {
    config.api_token.as_str().ne(api_token)
}

// Hashes in hexadecimal digits.

fn hex_of_a_hash(password: &str, user: &User) -> bool {
    let password_hash = hex::encode(Sha256::digest(password.as_bytes()));
    password_hash == user.password_hash
}

fn formatted_hash(password: &str, user: &User) -> bool {
    let password_hash = format!("{:x}", Sha256::digest(password.as_bytes()));
    user.password_hash == password_hash
}

fn formatted_in_place(password: &str, user: &User) -> bool {
    user.password_hash == format!("{:x}", Sha256::digest(password.as_bytes()))
}

// Types of their own.

impl AuthToken {
    fn verify(&self, token: &str) -> bool {
        self.0 == token
    }
}

impl PartialEq for AuthToken {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl PartialEq for SharedSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

// Bytes.

fn slices(mac: &[u8], expected_mac: &[u8]) -> bool {
    mac == expected_mac
}

fn slice_and_vec(mac: &[u8], expected_mac: Vec<u8>) -> bool {
    mac == expected_mac
}

fn vecs(secret: Vec<u8>, config: &Config) -> bool {
    secret == config.webhook_secret
}

fn vec_and_slice(secret: &[u8], config: &Config) -> bool {
    config.webhook_secret != secret
}

fn as_slices(secret: Vec<u8>, config: &Config) -> bool {
    secret.as_slice() == config.webhook_secret.as_slice()
}

fn arrays(signing_key: [u8; 32], config: &Config) -> bool {
    signing_key == config.signing_key
}

fn array_by_reference(signing_key: &[u8; 32], config: &Config) -> bool {
    *signing_key == config.signing_key
}

fn array_and_slice(signing_key: &[u8], config: &Config) -> bool {
    signing_key == config.signing_key
}

fn part_of_a_slice(packet: &[u8], expected_mac: &[u8; 16]) -> bool {
    packet[..16] == expected_mac[..]
}

fn bytes_of_texts(api_token: &str, config: &Config) -> bool {
    api_token.as_bytes() == config.api_token.as_bytes()
}

fn decoded(signature: &str, expected_signature: &[u8]) -> Result<bool, hex::FromHexError> {
    let signature = hex::decode(signature)?;
    Ok(verify_signature(&signature, expected_signature))
}

fn verify_signature(signature: &[u8], expected_signature: &[u8]) -> bool {
    signature == expected_signature
}

// What cryptographic crates return.

fn mac_slice(key: &[u8], body: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return false;
    };
    mac.update(body);
    let expected_signature = mac.finalize().into_bytes();
    expected_signature.as_slice() == signature
}

fn mac_part(key: &[u8], body: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return false;
    };
    mac.update(body);
    mac.finalize().into_bytes()[..] == *signature
}

fn mac_text(key: &[u8], body: &[u8], signature: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return false;
    };
    mac.update(body);
    let expected_signature = hex::encode(mac.finalize().into_bytes());
    signature == expected_signature
}

fn generic_arrays(mac: GenericArray<u8, U32>, expected_mac: GenericArray<u8, U32>) -> bool {
    mac == expected_mac
}

fn digest_of_a_secret(secret: &[u8], expected_mac: &[u8]) -> bool {
    let mac = Sha256::digest(secret);
    mac[..] == *expected_mac
}

// Headers and other options.

fn header(headers: &HeaderMap, config: &Config) -> bool {
    let api_key = headers.get("x-api-key").and_then(|value| value.to_str().ok());
    api_key == Some(config.api_token.as_str())
}

fn header_in_place(headers: &HeaderMap, expected_key: &str) -> bool {
    headers.get("x-api-key").and_then(|value| value.to_str().ok()) == Some(expected_key)
}

fn bearer(headers: &HeaderMap, config: &Config) -> bool {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer "));
    token != Some(&config.api_token)
}

fn options(given_token: Option<&str>, config: &Config) -> bool {
    given_token == config.admin_token.as_deref()
}

fn owned_options(reset_token: Option<String>, user: &User) -> bool {
    reset_token == user.reset_token
}

fn some_owned(user: &User, token: &str) -> bool {
    user.reset_token == Some(token.to_string())
}

fn query(parameters: &HashMap<String, String>, config: &Config) -> bool {
    parameters.get("token") == Some(&config.api_token)
}

fn guard(admin_token: Option<&str>, config: &Config) -> &'static str {
    match admin_token {
        Some(token) if token == config.api_token => "admin",
        _ => "nobody",
    }
}

fn is_valid(tokens: &[String], token: &str) -> bool {
    tokens.iter().any(|valid_token| valid_token == token)
}
