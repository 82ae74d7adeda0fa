//! Which ways of printing a secret are reported.

use super::RULE;
use crate::analysis::Severity;
use crate::rules::fixture::{Fixture, check, silent};

#[test]
fn every_way_of_logging_is_seen() {
    check(
        &RULE,
        r#"
fn f(password: &str, auth_token: String, cfg: Config) {
    info!("password {password}");
                   //^^^^^^^^ secret-in-log: secret `password` is written to the log
    tracing::info!(token = %auth_token, "login");
                          //^^^^^^^^^^ secret-in-log
    debug!(?password, user, "login");
          //^^^^^^^^ secret-in-log
    warn!("{} and {:?}", user, cfg.api_key);
                             //^^^^^^^^^^^ secret-in-log
    log::error!(target: "auth", "bad password: {}", &password.to_string());
                                                  //^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    eprintln!("{0}", self.db.password.clone());
                   //^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log: secret `password` is written to the terminal
    dbg!(&auth_token);
       //^^^^^^^^^^^ secret-in-log
    panic!("no session for {auth_token}");
                          //^^^^^^^^^^ secret-in-log: secret `auth_token` is written to a panic message
    bail!("cannot use {}", hex::encode(private_key));
                         //^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log: secret `private_key` is written to an error message
    return Err(AppError::Login(format!("{user} has no {password}")));
                                                     //^^^^^^^^ secret-in-log
    x.map_err(|e| format!("{e}: {password}"))?;
                               //^^^^^^^^ secret-in-log
    debug!("* private key: {:x?}", keypair.private_key());
                                 //^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!("{}", settings.db.expose_secret());
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!(password = %p, "login");
                    //^ secret-in-log
    info_span!("login", password);
                      //^^^^^^^^ secret-in-log
}
"#,
    );
}

#[test]
fn what_is_about_a_secret_is_left_alone() {
    silent(
        &RULE,
        r#"
fn f(password: SecretString, shutdown_token: CancellationToken, secret: u64) {
    info!("{} {}", password.len(), auth_token.is_some());
    info!("{}", mask(&password));
    info!(api_key = %redact(&api_key), key_id = %key_id, public_key = %public_key, "x");
    info!("invalid password or token {{password}}");
    info!("{password:?} {shutdown_token:?} {secret}");
    info!(password = true, has_token = token.is_some(), "password {}", user);
    info!(target: "password", "x");
    info!("set {}", PASSWORD_ENV);
    debug!("{} {}", token_count, password_file.display());
    let bearer = format!("Bearer {auth_token}");
    let header = client.header(format!("Bearer {auth_token}"));
    trace!("{:p}", auth_token);
    info!("{}", &auth_token[..4]);
    info!(token = %token_id, auth_token = %auth_token.hash(), "x");
    write!(f, "{password}");
    info!("private key '{}' created", CONFIG.private_rsa_key());
    #[cfg(test)]
    println!("{auth_token}");
}
"#,
    );
}

#[test]
fn a_bare_token_counts_where_tokens_are_rights() {
    check(
        &RULE,
        r#"
//- src/auth.rs
fn f() { info!("issued {token}"); }
                      //^^^^^ secret-in-log
fn g(token: u64) { info!("issued {token}"); }
fn h() { info!("unexpected token {token}"); }
//- src/session/parser.rs
fn f() { info!("{token}"); }
//- src/connection.rs
fn f() {
    trace!("PATH_RESPONSE {:08x}", token);
    debug!(token, "ignoring invalid PATH_RESPONSE");
    bail!("bad token {token}");
}
fn login() { debug!(token, "login"); }
                  //^^^^^ secret-in-log
"#,
    );
}

#[test]
fn a_struct_is_printed_with_its_secrets() {
    check(
        &RULE,
        r#"
#[derive(Debug)]
struct Settings { port: u16, db: Database }
#[derive(Debug)]
struct Database { url: String, password: String }
struct App { settings: Settings, plain: Plain, safe: Safe }
#[derive(Debug)]
struct Plain { port: u16 }
#[derive(Debug)]
struct Safe { password: SecretString, hand: Hand }
struct Hand { password: String }
fn f(settings: &Settings, plain: Plain, safe: Safe, unknown: Other) {
    info!("{settings:?}");
          //^^^^^^^^ secret-in-log: debug output of `settings` includes the secrets in its fields
    info!("{plain:?} {safe:?} {unknown:?} {settings}");
    info!(?plain, ?safe.password, "x");
}
fn g(app: App) -> Result<()> {
    let loaded = Settings::load()?;
    debug!(config = ?loaded, "started");
                   //^^^^^^ secret-in-log
    debug!("{:#?} {:?}", app.settings, app.plain);
                       //^^^^^^^^^^^^ secret-in-log
    Ok(())
}
"#,
    );
}

#[test]
fn a_command_may_print_what_it_was_asked_for() {
    silent(
        &RULE,
        r#"
//- src/main.rs
fn main() { println!("{password}"); }
"#,
    );
}

#[test]
fn redacting_fields_are_known_from_other_files() {
    silent(
        &RULE,
        r#"
//- src/lib.rs
mod config;
fn f(cfg: Config) { info!("{:?}", cfg.api_key); }
//- src/config.rs
pub struct Config { pub api_key: ApiKey }
pub struct ApiKey(String);
impl std::fmt::Debug for ApiKey { fn fmt(&self, f: &mut Formatter) -> Result { f.write_str("-") } }
//- src/keys.rs
#[derive(Debug)]
pub struct KeyPair { key: hpke::PrivateKey }
impl KeyPair { fn private_key(&self) -> &hpke::PrivateKey { &self.key } }
fn f(pair: &KeyPair) { debug!("{:?}", pair.private_key()); }
"#,
    );
}

#[test]
fn a_value_is_followed_to_where_it_comes_from() {
    check(
        &RULE,
        r#"
use axum::http::{HeaderMap, header::AUTHORIZATION};
async fn f(user: &str, password: &str, cfg: Config, headers: HeaderMap) {
    let url = format!("postgres://{user}:{password}@db/app");
    info!("connecting to {url}");
                        //^^^ secret-in-log: secret `password` is written to the log
    let key = cfg.api_key.clone();
    info!("{}", key);
              //^^^ secret-in-log: secret `api_key` is written to the log
    let Some(auth) = headers.get(AUTHORIZATION) else { return };
    debug!(?auth, "login");
          //^^^^ secret-in-log: secret `authorization` is written to the log
    if let Some(value) = std::env::var("ADMIN_PASSWORD").ok() {
        warn!("{value}");
              //^^^^^ secret-in-log: secret `ADMIN_PASSWORD` is written to the log
    }
    let url = Url::parse(&format!("redis://:{}@db", cfg.password))?;
    info!("{url}");
          //^^^ secret-in-log
    debug!("{:?}", headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()));
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!("{:?}", headers["x-api-key"]);
                //^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!("{}", &cfg.access_token[..32]);
              //^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!("{}", cfg.access_token.chars().take(20).collect::<String>());
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log
    info!("{}", cfg.redis_url);
              //^^^^^^^^^^^^^ secret-in-log: address with a password `redis_url` is written to the log
}
"#,
    );
}

#[test]
fn what_a_value_was_made_to_is_no_secret() {
    silent(
        &RULE,
        r#"
struct Login { user: String, password: String }
impl Login { fn safe_description(&self) -> String { self.user.clone() } }
struct Message { session_key: String }
fn f(login: &Login, token: &str, message: &Message, config: &Config) {
    let credentials = login.safe_description();
    let password = mask(&login.password);
    let api_key = api_key.len();
    let token_fingerprint = sha256_hex(token).chars().take(12).collect::<String>();
    info!("{credentials} {password} {api_key} {token_fingerprint}");
    info!("{}", message.session_key);
    info!("{} {auth_token:.6}", &auth_token[..8]);
    info!("{}", auth_token.chars().take(6).collect::<String>());
    if let Some(tls_private_key) = &config.tls_private_key {
        info!("key: {tls_private_key}");
        let pem = std::fs::read(tls_private_key)?;
    }
    info!("{:?} {:?}", headers.get("content-type"), response.headers());
    let flushed_token_entries = entries.drain(..).count();
    info!(flushed_token_entries, "flushed");
}
"#,
    );
}

#[test]
fn a_whole_value_is_known_by_what_functions_declare() {
    check(
        &RULE,
        r#"
#[derive(Debug, Serialize)]
struct Settings { name: String, secret_key: String }
impl Settings {
    fn path() -> PathBuf { PathBuf::from("a.toml") }
    fn to_json(&self) -> String { serde_json::to_string_pretty(self).unwrap_or_default() }
    fn dump(&self) -> String { format!("{self:#?}") }
    fn title(&self) -> String { self.name.clone() }
}
#[derive(Debug)]
enum Login { Password { password: String }, Anonymous }
#[derive(Debug)]
struct Form { #[debug(skip)] password: String }
fn get_settings() -> Result<Settings, Error> { todo!() }
fn get_path() -> PathBuf { todo!() }
fn f(app: &App, login: Login, form: Form) -> Result<(), Error> {
    let settings = get_settings()?;
    info!("{settings:?}");
          //^^^^^^^^ secret-in-log: debug output of `settings` includes the secrets in its fields
    let path = Settings::path();
    let other = get_path();
    info!("{path:?} {other:?} {form:?} {}", settings.title());
    info!("{}", settings.to_json());
              //^^^^^^^^^^^^^^^^^^ secret-in-log: output of `to_json` includes the secrets in the fields
    info!("{}", settings.dump());
              //^^^^^^^^^^^^^^^ secret-in-log
    info!("{}", serde_json::to_string(&settings).unwrap());
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret-in-log: `settings` is written out with the secrets in its fields
    let text = toml::to_string_pretty(&settings)?;
    debug!("{text}");
           //^^^^ secret-in-log
    let text = format!("{:#?}", settings);
    debug!("{text}");
           //^^^^ secret-in-log
    info!("{login:?}");
          //^^^^^ secret-in-log
    Ok(())
}
"#,
    );
}

#[test]
fn claims_are_no_secret() {
    silent(
        &RULE,
        r#"
#[derive(Debug)]
pub struct Claims { sub: String, role: String, exp: usize }
#[derive(Debug)]
pub struct AccessToken(pub Claims);
fn f(access_token: AccessToken, claims: Claims) { info!("{access_token:?} {claims:?}"); }
"#,
    );
}

#[test]
fn patterns_and_attributes_bind_arguments() {
    check(
        &RULE,
        r#"
#[derive(Debug)]
struct LoginForm { email: String, password: String }
async fn register(Form(form): Form<LoginForm>, (a, b): (u8, LoginForm)) {
    info!("{a}");
    info!("form {:?} {:?}", form, b);
                          //^^^^ secret-in-log
                                //^ secret-in-log
}
async fn submit(form: web::Form<LoginForm>, body: Json<LoginForm>) {
    info!("{form:?}");
          //^^^^ secret-in-log
    let body = body.0;
    info!("{body:?}");
          //^^^^ secret-in-log
}
#[tracing::instrument]
         //^^^^^^^^^^ secret-in-log: secret `password` is written to the log
async fn log_in(user: &str, password: &str, api_key: SecretString) {}
#[instrument(skip(password), level = "debug")]
async fn skipped(user: &str, password: &str) {}
#[instrument(skip_all, fields(user))]
async fn skipped_all(user: &str, password: &str) {}
#[instrument(skip_all, fields(user, key = %api_key))]
                                         //^^^^^^^ secret-in-log
async fn recorded(user: &str, api_key: &str) {}
#[instrument(skip_all, ret)]
//^^^^^^^^^^ secret-in-log: debug output of `load` includes the secrets in its fields
async fn load() -> Result<LoginForm> {}
#[instrument(err)]
//^^^^^^^^^^ secret-in-log: debug output of `form` includes the secrets in its fields
async fn handler(Json(form): Json<LoginForm>) {}
"#,
    );
}

#[test]
fn headers_of_requests_have_credentials() {
    check(
        &RULE,
        r#"
use axum::http::HeaderMap;
fn f(request: Request, headers: HeaderMap, response: Response, table: Reader) {
    debug!("{:?}", request.headers());
                 //^^^^^^^^^^^^^^^^^ secret-in-log: debug output of `headers` includes `Authorization` and cookies
    debug!("{headers:?}");
           //^^^^^^^ secret-in-log
    debug!("{:?} {:?} {:?}", response.headers(), table.headers(), request.headers().len());
}
"#,
    );
}

#[test]
fn the_severity_depends_on_the_secret_and_on_the_level() {
    for (code, severity) in [
        ("fn f(password: &str) { info!(\"{password}\") }", Severity::Critical),
        ("fn f(password: &str) { debug!(\"{password}\") }", Severity::High),
        ("fn f(password: &str) { trace!(\"{password}\") }", Severity::Medium),
        ("fn f(password: &str) { log!(Level::Trace, \"{password}\") }", Severity::Medium),
        ("fn f(api_token: &str) { info!(\"{api_token}\") }", Severity::High),
        ("fn f(reset_token: &str) { info!(\"{reset_token}\") }", Severity::Critical),
        ("fn f(private_key: &[u8]) { eprintln!(\"{private_key:?}\") }", Severity::Critical),
        ("fn f() { let password = ask(); info!(\"{password}\") }", Severity::High),
    ] {
        let findings = Fixture::new(code, [&RULE]).findings();
        let severities: Vec<_> = findings.iter().map(|(_, finding)| finding.severity).collect();
        assert_eq!(severities, [severity], "{code}");
    }
}

#[test]
fn a_command_of_a_server_may_print_what_it_makes() {
    check(
        &RULE,
        r#"
//- Cargo.toml
[package]
name = "demo"
edition = "2024"
[dependencies]
axum = "0.8"
//- src/main.rs
fn print_keypair() {
    let secret_key = make_key();
    println!("{secret_key}");
}
fn login(password: &str) { println!("{password}"); }
                                    //^^^^^^^^ secret-in-log
fn announce(db: &Db) { println!("{}", db.password); }
                                    //^^^^^^^^^^^ secret-in-log
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("keypair") => print_keypair(),
        Some("token") => println!("{}", auth_token()),
        _ => {
            announce(&db);
            serve()
        }
    }
}
"#,
    );
}

#[test]
fn a_server_expects_tokens_that_are_rights() {
    check(
        &RULE,
        r#"
//- src/auth.rs
fn verify(expected_token: &str, token: &str) -> bool {
    debug!("expected {:?}, got {:?}", expected_token, token);
                                    //^^^^^^^^^^^^^^ secret-in-log
                                                    //^^^^^ secret-in-log
    expected_token == token
}
fn parse_list(token: &str) { debug!("expected a comma, got {token}"); }
"#,
    );
}
