use super::RULE;
use crate::rules::fixture::{check, silent};

#[test]
fn guards_without_a_secret_are_reported() {
    check(
        &RULE,
        r#"
async fn guard(State(state): State<App>, req: Request, next: Next) -> Response {
    if let Some(token) = &state.api_token {
                       //^^^^^^^^^^^^^^^^ fail-open-default: requests are not authenticated unless `api_token` is set
        if bearer(&req) != Some(token) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
    }
    next.run(req).await
}
fn authorize(&self, given: &str) -> bool {
    match &self.auth_token {
        //^^^^^^^^^^^^^^^^ fail-open-default
        Some(expected) => expected == given,
        None => true,
    }
}
fn check_auth(config: &Config, given: &str) -> Result<(), Error> {
    let Some(expected) = config.admin_token.as_deref() else { return Ok(()) };
                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ fail-open-default
    ensure(expected == given)
}
fn by_variable(headers: &HeaderMap) -> Result<(), StatusCode> {
    if let Ok(expected) = std::env::var("API_TOKEN") {
                        //^^^^^^^^^^^^^^^^^^^^^^^^^^ fail-open-default
        if bearer(headers) != expected { return Err(StatusCode::UNAUTHORIZED); }
    }
    Ok(())
}
async fn verdict(token: &str) -> bool {
    verify_token(token).await.unwrap_or(true)
                            //^^^^^^^^^^^^^^^ fail-open-default: an error of `verify_token` counts as success
}
"#,
    );
}

#[test]
fn switches_that_are_off_are_reported() {
    check(
        &RULE,
        r#"
impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            require_auth: false,
          //^^^^^^^^^^^^^^^^^^^ fail-open-default: authentication is off unless `require_auth` is set
            tls_enabled: false,
          //^^^^^^^^^^^^^^^^^^ fail-open-default: TLS is off unless `tls_enabled` is set
            disable_auth: true,
          //^^^^^^^^^^^^^^^^^^ fail-open-default: authentication is off by default: `disable_auth`
        }
    }
}
#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    rate_limit_enabled: bool,
  //^^^^^^^^^^^^^^^^^^ fail-open-default
}
fn load() {
    let auth = env::var("AUTH_ENABLED").map(|it| it == "true").unwrap_or(false);
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ fail-open-default
    let required = config.auth.required.unwrap_or(false);
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ fail-open-default
    let verify = std::env::var("VERIFY_SIGNATURES").is_ok();
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ fail-open-default
}
"#,
    );
}

#[test]
fn protections_that_are_on_and_other_settings_are_left_alone() {
    silent(
        &RULE,
        r#"
fn may_only_read(token: &str) -> bool { is_session_token_read_only(token).unwrap_or(true) }
impl Default for ServerConfig {
    fn default() -> Self {
        Self { require_auth: true, tls_enabled: true, disable_auth: false, verbose: false, token: None }
    }
}
impl Default for ClientConfig { fn default() -> Self { Self { tls_enabled: false } } }
fn load() {
    let auth = env::var("AUTH_ENABLED").map(|it| it != "false").unwrap_or(true);
    let skip = env::var("SKIP_AUTH").is_ok();
    let debug = env::var("DEBUG_ENABLED").is_ok();
}
fn request(&self, req: RequestBuilder) -> RequestBuilder {
    if let Some(token) = &self.api_token { req.bearer_auth(token) } else { req }
}
fn authorize(&self, given: &str) -> bool {
    match &self.auth_token { Some(expected) => expected == given, None => false }
}
fn present(req: &Request) -> Result<(), StatusCode> {
    if let Some(token) = &req.token {
        if token != expected { return Err(StatusCode::UNAUTHORIZED); }
    }
    Err(StatusCode::UNAUTHORIZED)
}
async fn verdict(token: &str) -> bool { verify_token(token).await.unwrap_or(false) }
"#,
    );
}
