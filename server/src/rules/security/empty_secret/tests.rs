use super::RULE;
use crate::rules::fixture::{check, silent};

#[test]
fn empty_defaults_of_own_secrets_are_reported() {
    check(
        &RULE,
        r#"
#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    jwt_secret: String,
  //^^^^^^^^^^ empty-secret: secret `jwt_secret` is empty unless it is set
    #[serde(default)]
    listen: String,
}
#[derive(Parser)]
struct Args {
    #[arg(long, env = "ADMIN_TOKEN", default_value = "")]
    admin_token: String,
  //^^^^^^^^^^^ empty-secret
}
impl Default for Config {
    fn default() -> Self {
        Self {
            listen: String::new(),
            db_key: String::new(),
                  //^^^^^^^^^^^^^ empty-secret: secret `db_key` is empty unless it is set
            session_secret: "".into(),
                          //^^^^^^^^^ empty-secret
        }
    }
}
impl Default for Api {
    fn default() -> Self {
        Api { bind: "0.0.0.0:8080".into(), secret: "".into() }
                                                 //^^^^^^^^^ empty-secret: secret `secret` is empty unless it is set
    }
}
fn default_signing_key() -> String { "".to_string() }
                                   //^^^^^^^^^^^^^^ empty-secret
fn load() -> App {
    let secret = std::env::var("JWT_SECRET").unwrap_or_default();
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ empty-secret
    let key = env::var("ENCRYPTION_KEY").unwrap_or_else(|_| String::new());
            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ empty-secret
    let jwt = config.jwt_secret.as_deref().unwrap_or("");
            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ empty-secret
    let key = EncodingKey::from_secret(b"");
                                     //^^^ empty-secret: `EncodingKey::from_secret` is given an empty key
    let hook = option_env!("WEBHOOK_SECRET").unwrap_or("");
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ empty-secret
}
"#,
    );
}

#[test]
fn what_an_empty_secret_skips_is_reported() {
    check(
        &RULE,
        r#"
fn open(path: &Path, db_key: &str) -> Result<Connection> {
    let conn = Connection::open(path)?;
    if !db_key.is_empty() {
      //^^^^^^^^^^^^^^^^^ empty-secret: nothing is encrypted when secret `db_key` is empty
        conn.pragma_update(None, "key", db_key)?;
    }
    Ok(conn)
}
impl Guard {
    fn authorize(&self, given: &str) -> bool {
        if self.auth_token.is_empty() {
         //^^^^^^^^^^^^^^^^^^^^^^^^^^ empty-secret: nothing is checked when secret `auth_token` is empty
            return true;
        }
        ct_eq(given, &self.auth_token)
    }
    fn allows(&self, given: &str) -> bool {
        self.auth_token.is_empty() || given == self.auth_token
      //^^^^^^^^^^^^^^^^^^^^^^^^^^ empty-secret
    }
}
async fn require_token(State(state): State<App>, req: Request, next: Next) -> Response {
    if !state.config.api_token.is_empty() {
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ empty-secret
        if bearer(&req) != Some(&state.config.api_token) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
    }
    next.run(req).await
}
"#,
    );
}

#[test]
fn refused_and_foreign_secrets_are_left_alone() {
    silent(
        &RULE,
        r#"
#[derive(Default, Deserialize)]
#[serde(default)]
struct CachedConfig { auth_tokens: HashMap<String, String> }
impl Default for Config {
    fn default() -> Self {
        Self { signing_key: String::new(), token_file: String::new() }
    }
}
fn check(config: &Config) -> Result<()> {
    if config.signing_key.is_empty() {
        bail!("signing_key is not set");
    }
}
fn load() -> App {
    let url = env::var("PUBLIC_URL").unwrap_or_default();
    let secret = env::var("JWT_SECRET").expect("JWT_SECRET");
}
fn login(password: &str) -> Result<bool> {
    if password.is_empty() {
        return Ok(false);
    }
}
fn open(path: &Path, key: &str) -> Result<Connection> {
    if key.is_empty() {
        return Err(Error::NoKey);
    }
    conn.pragma_update(None, "key", key)?;
}
#[test]
fn t() { Config { signing_key: String::new() }; }
"#,
    );
}
