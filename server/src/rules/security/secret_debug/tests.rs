//! Which derives show secrets, and what replaces them.

use super::RULE;
use crate::analysis::Severity;
use crate::rules::fixture::{Fixture, check, check_fix, no_fix, silent};

fn severities(source: &str) -> Vec<Severity> {
    let findings = Fixture::new(source, [&RULE]).findings();
    findings.iter().map(|(_, finding)| finding.severity).collect()
}

#[test]
fn derives_that_show_secrets_are_reported() {
    check(
        &RULE,
        r#"
#[derive(Clone, Debug)]
              //^^^^^ secret-debug: derived `Debug` prints the secret `password`
struct User { name: String, password: String }
#[derive(derive_more::Debug)]
       //^^^^^^^^^^^^^^^^^^ secret-debug
struct Session { user: String, access_token: Option<String> }
#[derive(Debug)]
       //^^^^^ secret-debug: derived `Debug` prints the secret in `SigningKey`
pub struct SigningKey([u8; 32]);
#[derive(Debug)]
       //^^^^^ secret-debug
enum Auth { None, Basic { user: String, password: String } }
#[derive(Debug)]
       //^^^^^ secret-debug
struct Settings { db_key: Zeroizing<String>, #[serde(skip_serializing)] api_key: String }
#[derive(serde::Serialize)]
       //^^^^^^^^^^^^^^^^ secret-debug: derived `Serialize` serializes the secret `password`
struct Account { user: String, #[serde(skip_serializing_if = "x")] password: String }
async fn account() -> Json<Account> { Json(Account::load()) }
#[derive(derive_more::Display)]
       //^^^^^^^^^^^^^^^^^^^^ secret-debug
#[display("{user}:{password}")]
struct Pair { user: String, password: String }
#[derive(Debug)]
       //^^^^^ secret-debug
struct Api { token: String }
"#,
    );
}

#[test]
fn what_does_not_show_its_secret_is_left_alone() {
    silent(
        &RULE,
        r#"
#[derive(Clone)]
struct A { password: String }
#[derive(Debug, Queryable)]
struct Row { id: i64, password: String, token: String }
impl std::fmt::Debug for A { fn fmt(&self, f: &mut Formatter) -> Result { f.write_str("A") } }
#[derive(Debug)]
struct B { password: SecretString, token: Secret<String>, api_key: Redacted<String> }
#[derive(Debug)]
struct C { password_hash: String, token_count: usize, public_key: Vec<u8>, auth_token_ttl: u64 }
#[derive(derive_more::Debug)]
struct D { #[debug(skip)] password: String }
#[derive(Derivative)]
#[derivative(Debug)]
struct E { #[derivative(Debug = "ignore")] password: String }
#[derive(Serialize)]
struct LoginRequest { password: String }
#[derive(Serialize, Deserialize)]
struct StoredKeys { private_key: Vec<u8> }
#[derive(Serialize)]
struct F { #[serde(skip)] password: String, #[serde(with = "redact")] token: String }
#[derive(Deserialize, clap::Args)]
struct G { password: String }
#[cfg_attr(test, derive(Debug))]
struct H { private_key: Vec<u8> }
#[derive(Debug)]
struct I { password: Password, has_password: bool, token: u64 }
#[derive(Debug)]
struct Lexeme { token: String, line: u32 }
#[derive(derive_more::Display)]
#[display("{user}")]
struct J { user: String, password: String }
#[derive(Debug)]
enum Keyword { Password, Secret }
#[derive(Debug)]
struct Retry { token: Bytes }
"#,
    );
}

#[test]
fn other_attributes_derive_as_well() {
    check(
        &RULE,
        r#"
#[cfg_attr(feature = "crypto-debug", derive(Debug))]
                                          //^^^^^ secret-debug
struct A { private_key: Vec<u8> }
#[derive(Educe)]
#[educe(Clone, Debug(bound = "T: Debug"))]
             //^^^^^ secret-debug
struct B<T> { t: T, auth_token: String, #[educe(Debug(ignore))] password: String }
#[derive(DebugPretty)]
       //^^^^^^^^^^^ secret-debug
struct C { client_secret: String }
#[derive(Debug)]
       //^^^^^ secret-debug
struct D { #[validate(custom(function = "check_secret_key"))] secret_key: String }
"#,
    );
}

#[test]
fn the_head_noun_the_type_and_the_documentation_tell_what_a_field_holds() {
    silent(
        &RULE,
        r#"
#[derive(Debug)]
pub struct PrivateKeyDigest([u8; 32]);
#[derive(Debug)]
struct Role { token_policies: Vec<String>, token_bound_cidrs: Vec<String>, jwt_algs: Vec<String> }
#[derive(Debug)]
struct Account { credentials_enc: Vec<u8>, api_key_id_hash: String, session_key: String }
#[derive(Debug)]
struct Entry { name: String, passwd: String, uid: u32 }
#[derive(Debug, thiserror::Error)]
enum LoadError { #[error("{0}")] SigningKey(String), #[error("{0}")] Password(String) }
#[derive(Debug)]
struct Deployment { secret_keys: Vec<String>, image_pull_secrets: Vec<String> }
#[derive(Debug)]
struct Tls {
    /// Path of the PEM file.
    private_key: String,
    /// The hash of the password, as PHC string.
    password: String,
    signing_key: PathBuf,
    secret_id: String,
    sync_token: String,
    crypto_key: Option<String>,
}
#[derive(Serialize)]
struct Connect { user: String, pass: Option<String>, auth_token: String }
"#,
    );
}

#[test]
fn a_text_that_is_opened_is_a_path() {
    silent(
        &RULE,
        r#"
//- src/lib.rs
mod config;
fn open(config: &config::Config) -> io::Result<Vec<u8>> { fs::read(&config.tls_private_key) }
//- src/config.rs
#[derive(Debug)]
pub struct Config { pub tls_private_key: String }
"#,
    );
}

#[test]
fn whatever_is_shown_is_medium() {
    check(
        &RULE,
        r#"
#[derive(Debug)]
       //^^^^^ secret-debug: derived `Debug` prints the secret `secret_id`
struct AppRole { role_id: String, secret_id: String, token_bound_cidrs: Vec<String> }
#[derive(Debug)]
       //^^^^^ secret-debug: derived `Debug` prints the secret `oidc_client_secret`
struct Oidc { jwt_supported_algs: Vec<String>, oidc_client_secret: String }
#[derive(Debug)]
       //^^^^^ secret-debug: derived `Debug` prints the password in `database_url`
struct Config { database_url: Option<Url>, workers: usize }
#[derive(Debug)]
       //^^^^^ secret-debug
struct SyncSettings { url: String, sync_token: String }
#[derive(Debug)]
       //^^^^^ secret-debug
struct Smtp { user: String, pass: String }
"#,
    );
    // That something prints the value is a finding of another rule.
    for code in [
        "#[derive(Debug)] struct A { password: String }",
        "#[derive(Debug)] struct A { private_key: Vec<u8> }",
        "#[derive(Debug)] struct SharedSecret(Vec<u8>);",
        "#[derive(Debug)] struct A { api_token: String }",
        "#[derive(Debug)] struct A { redis_url: String }",
    ] {
        assert_eq!(severities(code), [Severity::Medium], "{code}");
    }
}

#[test]
fn debug_is_written_by_hand() {
    check_fix(
        &RULE,
        "Implement `Debug` with the secrets redacted",
        r#"
#[derive(Clone, Debug)]
pub struct User {
    name: String,
    password: String,
}

fn f() {}
"#,
        r#"
#[derive(Clone)]
pub struct User {
    name: String,
    password: String,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("password", &"[redacted]")
            .finish()
    }
}

fn f() {}
"#,
    );
    check_fix(
        &RULE,
        "Implement `Debug` with the secrets redacted",
        r#"
mod m {
    #[derive(Debug)]
    struct ApiKey<'a>(&'a str);
}
"#,
        r#"
mod m {
    struct ApiKey<'a>(&'a str);

    impl std::fmt::Debug for ApiKey<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_tuple("ApiKey").field(&"[redacted]").finish()
        }
    }
}
"#,
    );
}

#[test]
fn what_is_about_a_secret_is_not_redacted() {
    check_fix(
        &RULE,
        "Implement `Debug` with the secrets redacted",
        r#"
#[derive(Debug)]
struct AppRole { role_id: String, secret_id: String, token_bound_cidrs: Vec<String> }
"#,
        r#"
struct AppRole { role_id: String, secret_id: String, token_bound_cidrs: Vec<String> }

impl std::fmt::Debug for AppRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppRole")
            .field("role_id", &self.role_id)
            .field("secret_id", &"[redacted]")
            .field("token_bound_cidrs", &self.token_bound_cidrs)
            .finish()
    }
}
"#,
    );
}

#[test]
fn debug_is_written_by_hand_beside_other_derives() {
    check_fix(
        &RULE,
        "Implement `Debug` with the secrets redacted",
        r#"
#[derive(Debug, Clone)]
struct A { pwd: String }
"#,
        r#"
#[derive(Clone)]
struct A { pwd: String }

impl std::fmt::Debug for A {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("A").field("pwd", &"[redacted]").finish()
    }
}
"#,
    );
    check_fix(
        &RULE,
        "Implement `Debug` with the secrets redacted",
        r#"
#[derive(Debug, Clone)]
struct A {
    pwd: String,
    names_that_are_longer_than_most: u8,
}
"#,
        r#"
#[derive(Clone)]
struct A {
    pwd: String,
    names_that_are_longer_than_most: u8,
}

impl std::fmt::Debug for A {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("A")
            .field("pwd", &"[redacted]")
            .field(
                "names_that_are_longer_than_most",
                &self.names_that_are_longer_than_most,
            )
            .finish()
    }
}
"#,
    );
}

#[test]
fn no_fix_is_offered_where_it_might_not_compile() {
    no_fix(&RULE, "#[derive(Debug)] struct A<T> { password: String, t: T }");
    no_fix(&RULE, "#[derive(Debug)] enum A { B { password: String } }");
    no_fix(&RULE, "#[derive(Debug)] struct A { password: String, #[cfg(x)] b: u8 }");
    no_fix(&RULE, "#[derive(derive_more::Debug)] struct A { password: String }");
}
