//! Which ways of printing a secret are reported.

use super::RULE;
use crate::rules::fixture::{check, silent};

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
