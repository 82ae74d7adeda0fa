//! What is reported as a secret in code, and what is not.

use super::RULE;
use crate::analysis::Severity;
use crate::rules::fixture::{Fixture, check, check_fix, no_fix, silent};

#[test]
fn literals_bound_to_secrets_are_reported() {
    check(
        &RULE,
        r#"
const API_KEY: &str = "a8f5f167f44f4964e6c998dee827110c";
                    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: secret `API_KEY` is hardcoded
static DB_PASSWORD: &str = "hunter2";
                         //^^^^^^^^^ hardcoded-secret
fn f(mut cfg: Config) {
    let c = Config { auth_token: "devtoken".into(), port: 1 };
                               //^^^^^^^^^^ hardcoded-secret: secret `auth_token` is hardcoded
    client.with_password("hunter2").connect();
                       //^^^^^^^^^ hardcoded-secret
    request.basic_auth("user", Some("hunter2"));
                                  //^^^^^^^^^ hardcoded-secret
    request.bearer_auth("my-dev-token");
                      //^^^^^^^^^^^^^^ hardcoded-secret
    let password = String::from("changeme");
                              //^^^^^^^^^^ hardcoded-secret
    cfg.client_secret = Some("s3cr3t".to_string());
                           //^^^^^^^^ hardcoded-secret
    let key: [u8; 32] = [0x42; 32];
                      //^^^^^^^^^^ hardcoded-secret
    let signing_key = SigningKey::from_bytes(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
                                            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    let jwt_secret = env::var("JWT_SECRET").unwrap_or_else(|_| "secret".into());
                                                             //^^^^^^^^ hardcoded-secret: secret `jwt_secret` has a hardcoded default
    start(env::var("ADMIN_TOKEN").unwrap_or("letmein".to_string()));
                                          //^^^^^^^^^ hardcoded-secret
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret("secret".as_ref()));
                                                                   //^^^^^^^^ hardcoded-secret: `from_secret` is called with a hardcoded key
    let mac = HmacSha256::new_from_slice(b"my secret and secure key");
                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    println!("{}", login(Login { password: "hunter2" }));
                                         //^^^^^^^^^ hardcoded-secret
}
fn default_auth_token() -> String { "devtoken".to_string() }
                                  //^^^^^^^^^^ hardcoded-secret
struct Args {
    #[arg(long, env = "AUTH_TOKEN", default_value = "devtoken")]
                                                  //^^^^^^^^^^ hardcoded-secret
    auth_token: String,
}
"#,
    );
}

#[test]
fn well_known_formats_are_reported_anywhere() {
    check(
        &RULE,
        r#"
fn f() {
    g("AKIAQ3EGRTN5KPLM7XYZ");
    //^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: AWS access key is hardcoded
    g("ghp_16C7e42F292c6912E7710c838347Ae178B4a");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    println!("{}", "xoxb-123456789012-abcdefGHIJKL");
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    g("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    g(b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    g("postgres://postgres:hunter2@localhost/db");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: password in a URL is hardcoded (of a service on this machine)
}
"#,
    );
}

#[test]
fn names_of_secrets_and_placeholders_are_left_alone() {
    silent(
        &RULE,
        r#"
const TOKEN_HEADER: &str = "x-token";
const INSECURE_CLIENT_TOKEN: &str = "dangerously_insecure_client";
fn rename(options: &mut Map) { copy_option(options, "aws_secret_access_key", "s3.secret-access-key"); }
fn own(token: &str) {
    validation.insecure_disable_signature_validation();
    decode(token, &DecodingKey::from_secret(b"key that is not looked at"), &validation);
}
const AUTH_TOKEN: &str = "auth_token";
const PASSWORD_ENV: &str = "APP_PASSWORD";
const API_KEY: &str = "MY_API_KEY";
const API_KEY_HEADER: &str = "X-Api-Key";
const ACCESS_TOKEN: &str = "https://example.org/token";
const BEARER: &str = "Bearer ";
const RETRY_INTEGRITY_KEY: [u8; 16] = [0x55; 16];
/// The key of RFC 9001.
const SHARED_KEY: [u8; 16] = [0x55; 16];
const AUTH_PASSWORD: &str = "password_hash_and_salt.txt";
fn f() {
    let token = env::var("AUTH_TOKEN")?;
    let password = map.get("password");
    let p = Config { password: "".into(), auth_token: "<token>", api_key: "${API_KEY}" };
    headers.insert("authorization", "Basic");
    let token = "if";
    let key = "name";
    let mut key = [0u8; 32];
    let password = prompt("Password: ");
    let secret_key = args.get("secret-key").unwrap_or("");
    let label = form.password("Enter a password");
    error!("invalid password");
    let private_key = "-----BEGIN PRIVATE KEY-----";
    text.contains("-----BEGIN RSA PRIVATE KEY-----");
    validate_token("abc");
    store.get_secret("database-main");
    let jwt: String = request.get("jwt").unwrap_or("none").parse()?;
    if password == "hunter2" {}
    g("AKIAIOSFODNN7EXAMPLE");
    g("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    g("postgres://user:password@host/db", "https://{user}:{password}@host");
    let access_token = "access-token";
}
#[derive(Deserialize)]
struct S {
    #[serde(rename = "password", default = "default_password")]
    password: String,
    #[arg(long, env = "AUTH_TOKEN")]
    auth_token: String,
}
#[cfg(test)]
mod tests { const PASSWORD: &str = "hunter2"; }
"#,
    );
}

#[test]
fn it_is_read_from_the_environment_where_the_body_returns_any_error() {
    check_fix(
        &RULE,
        "Read the value from the environment",
        r#"
fn f() -> anyhow::Result<()> {
    let auth_token = "devtoken".to_string();
    g(auth_token)
}
"#,
        r#"
fn f() -> anyhow::Result<()> {
    let auth_token = std::env::var("AUTH_TOKEN")?;
    g(auth_token)
}
"#,
    );
    for source in [
        r#"fn f() { let auth_token = "devtoken".to_string(); }"#,
        r#"fn f() -> anyhow::Result<()> { let auth_token = "devtoken"; }"#,
        r#"fn f() -> anyhow::Result<()> { C { auth_token: "devtoken".into() } }"#,
        r#"fn f() -> anyhow::Result<()> { g(|| { let auth_token = "devtoken".to_string(); }) }"#,
        r#"fn f() -> io::Result<()> { let auth_token = "devtoken".to_string(); }"#,
    ] {
        no_fix(&RULE, source);
    }
}

#[test]
fn what_stands_beside_its_name_is_reported() {
    check(
        &RULE,
        r#"
fn f(mut map: Map, source: Source) {
    map.insert("api_key", "engine-1843-prod");
                        //^^^^^^^^^^^^^^^^^^ hardcoded-secret: secret `api_key` is hardcoded
    map.insert("client_secret".to_string(), Value::String("kq9x-2fjs-88ab".to_string()));
                                                        //^^^^^^^^^^^^^^^^ hardcoded-secret
    let body = json!({ "user": "svc", "login": { "password": "hunter2-prod" } });
                                                           //^^^^^^^^^^^^^^ hardcoded-secret
    let all = hashmap! { "auth_token" => "engine-1843-prod" };
                                       //^^^^^^^^^^^^^^^^^^ hardcoded-secret
    client.post(URL).form(&[("grant_type", "password"), ("client_secret", "some-plain-words")]);
                                                                        //^^^^^^^^^^^^^^^^^^ hardcoded-secret
    request.header("X-Api-Key", "engine-1843-prod");
                              //^^^^^^^^^^^^^^^^^^ hardcoded-secret: secret `X-Api-Key` is hardcoded
    Command::new("psql").args(["--password", "engine-1843"]);
                                           //^^^^^^^^^^^^^ hardcoded-secret
    config.set_default("jwt.secret", "acme-jwt-value");
                                   //^^^^^^^^^^^^^^^^ hardcoded-secret: secret `jwt.secret` has a hardcoded default
    source.with_value("secret_key", json!("kq9x-2fjs-88ab"));
                                        //^^^^^^^^^^^^^^^^ hardcoded-secret
    request.header(AUTHORIZATION, "Bearer engine-1843-prod");
                                //^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: bearer token is hardcoded
    get("https://api.acme.dev/repos?id=1&client_secret=7e6422a0a2e24f0d0ecb7521a63990b5");
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: secret in a query is hardcoded
}
"#,
    );
    silent(
        &RULE,
        r#"
fn f() {
    text.replace("password", "hunter2-prod");
    let schema = json!({ "password": { "type": "string" }, "token": "required" });
    let labels = [("password", "Passwort"), ("token", "Zugriff")];
    let body = json!({ "password": "Choose a password", "api_key": "your-api-key" });
    match kind { "password" => "grant1", _ => "other" };
    map.get("api_key");
    Regex::new(r"postgres(ql)?://[^:]+:[^@]+@[^\s]+");
    row.get::<_, String>("password", 12);
}
"#,
    );
}

#[test]
fn what_stands_in_for_a_variable_is_reported() {
    check(
        &RULE,
        r#"
fn key() -> String {
    std::env::var("JWT_SECRET").unwrap_or_else(|_| "acme-jwt-secret".to_string())
                                                 //^^^^^^^^^^^^^^^^^ hardcoded-secret: secret `JWT_SECRET` has a hardcoded default
}
fn chosen() -> String {
    match std::env::var("SESSION_SECRET") {
        Ok(value) => value,
        Err(_) => "acme-session".into(),
                //^^^^^^^^^^^^^^ hardcoded-secret
    }
}
fn other() -> String {
    if let Ok(value) = env::var("ADMIN_PASSWORD") { value } else { "acme-admin".into() }
                                                                 //^^^^^^^^^^^^ hardcoded-secret
}
const TOKEN: &str = option_env_or(option_env!("API_TOKEN"));
fn built_in() -> &'static str {
    option_env!("API_TOKEN").unwrap_or("acme-1843-token")
                                     //^^^^^^^^^^^^^^^^^ hardcoded-secret
}
fn helped() -> String { env_or("API_KEY", "acme-key-1") }
                                        //^^^^^^^^^^^^ hardcoded-secret: secret `API_KEY` has a hardcoded default
static PASSWORD: LazyLock<String> = LazyLock::new(|| "engine1843".to_string());
                                                   //^^^^^^^^^^^^ hardcoded-secret
"#,
    );
}

#[test]
fn arguments_are_secrets_by_the_name_of_the_parameter() {
    check(
        &RULE,
        r#"
struct Auth { secret: Vec<u8> }
impl Auth {
    pub fn new(name: &str, secret: Vec<u8>) -> Self { Auth { secret } }
    pub fn label(&self, text: &str) {}
    pub fn login(&self, user: &str, password: &str) {}
}
fn connect(password: &str) {}
fn f(auth: Auth) {
    Auth::new("name-1843", b"secret-of-1843".to_vec());
                         //^^^^^^^^^^^^^^^^^ hardcoded-secret: `Auth::new` is called with a hardcoded secret
    auth.label("text-1843");
    auth.login("user-1843", "engine1843");
                          //^^^^^^^^^^^^ hardcoded-secret
    connect(&"engine1843".to_string());
           //^^^^^^^^^^^^ hardcoded-secret
    elsewhere("engine1843");
    ApiKey::new("engine-1843-prod");
              //^^^^^^^^^^^^^^^^^^ hardcoded-secret: secret `ApiKey` is hardcoded
}
"#,
    );
}

#[test]
fn compiled_in_keys_are_reported() {
    check(
        &RULE,
        r#"
static SIGNING_KEY: &[u8] = include_bytes!("../secret.key");
                                         //^^^^^^^^^^^^^^^ hardcoded-secret: secret file `secret.key` is compiled into the program
fn f() { serve(include_str!("../keys/private.pem")); }
                          //^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
"#,
    );
    silent(
        &RULE,
        r#"
static PUBLIC_KEY: &[u8] = include_bytes!("../jwt.key");
static ROOT: &[u8] = include_bytes!("../ca-key.pem");
static PAGE: &str = include_str!("password.html");
"#,
    );
}

#[test]
fn refused_and_development_values_count_less() {
    silent(
        &RULE,
        r#"
const DEFAULT_SECRET: &str = "acme-1843-secret";
fn load() -> String { env::var("JWT_SECRET").unwrap_or("change-1843-me".into()) }
fn check(secret: &str) -> Result<(), Error> {
    if secret == DEFAULT_SECRET || secret == "change-1843-me" { return Err(Error::Default); }
    Ok(())
}
"#,
    );
    let severity = |source: &str| Fixture::new(source, [&RULE]).findings()[0].1.severity;
    assert_eq!(severity(r#"const API_KEY: &str = "engine-1843";"#), Severity::Critical);
    assert_eq!(severity(r#"const AUTH_TOKEN: &str = "my-dev-token";"#), Severity::High);
    assert_eq!(severity(r#"const DB_PASSWORD: &str = "changeme";"#), Severity::Medium);
    let in_debug = r#"fn f() { if cfg!(debug_assertions) { let api_key = "engine-1843"; } }"#;
    assert_eq!(severity(in_debug), Severity::Low);
    let started = r#"fn f() -> Engine {
    Engine { password: "postgres".into(), env: vec!["POSTGRES_PASSWORD=postgres".into()] }
}"#;
    assert_eq!(severity(started), Severity::Low);
    let other = r#"fn f() -> Engine {
    Engine { password: "engine-1843".into(), env: vec!["POSTGRES_PASSWORD=postgres".into()] }
}"#;
    assert_eq!(severity(other), Severity::Critical);
    // One word may be the name of something that all know.
    assert_eq!(severity(r#"const TUNNEL_PASSWORD: &str = "acme";"#), Severity::High);
}
