//! What is reported, what is not, and what becomes of it.

use super::RULE;
use crate::rules::fixture::{check, silent};

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
fn a_word_about_one_side_does_not_dismiss_a_secret() {
    check(
        &RULE,
        r#"
struct Config { admin_token: String, api_key: Option<String> }
fn header(config: &Config, token_header: &str) -> bool { token_header == config.admin_token }
                                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison: `admin_token` is compared with `==`, which is not constant-time
fn encrypted(config: &Config, encrypted_cookie: &str) -> bool { config.admin_token != encrypted_cookie }
                                                              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn required(required_password: &str, sent: &str) -> bool { sent == required_password }
                                                         //^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn decoded(signature: &str, key: &[u8], body: &[u8]) -> bool {
    let Ok(raw) = STANDARD.decode(signature) else { return false };
    raw == dosign(key, body)
  //^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn metadata(request: &Request<()>, configured: &MetadataValue<Ascii>) -> bool {
    match request.metadata().get("authorization") { Some(t) if t == configured => true, _ => false }
                                                             //^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn query(config: &Config, should_key: &str, query_field: Option<&str>) -> bool {
    config.api_key.as_deref() == query_field
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
"#,
    );
}

#[test]
fn patterns_and_calls_tell_what_a_name_is_bound_to() {
    check(
        &RULE,
        r#"
enum Credential { Basic { pass: String }, Plain(String) }
fn tuple(api_secret: &str, sent: &str) -> bool {
    let (k, v) = (sent, api_secret);
    k == v
  //^^^^^^ non-constant-time-comparison
}
fn options(expected_secret: Option<&str>, got: Option<&str>) -> bool {
    if let (Some(a), Some(b)) = (expected_secret, got) { a == b } else { false }
                                                       //^^^^^^ non-constant-time-comparison
}
fn zipped(session_token: Option<String>, cookie: Option<String>) -> bool {
    session_token.zip(cookie).is_some_and(|(a, b)| a == b)
                                                 //^^^^^^ non-constant-time-comparison
}
fn payload(password: &Credential, given: &str) -> bool {
    match password { Credential::Plain(p) => p == given, _ => false }
                                           //^^^^^^^^^^ non-constant-time-comparison
}
fn field(login: Login, given: &str) -> bool {
    let Login { password: p } = login;
    p == given
  //^^^^^^^^^^ non-constant-time-comparison
}
fn derived(master_secret: &[u8], user: u64, sent: &str) -> bool {
    let wanted = derive_code(master_secret, user);
    wanted == sent
  //^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn hashed(password: &str, hash: &[u8]) -> bool {
    let mut hasher = Sha512::new();
    hasher.update(password);
    hash == &hasher.finalize()[..]
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn exported(connection: &Connection, given: &[u8]) -> bool {
    let mut out = [0; 32];
    connection.export_keying_material(&mut out, b"label", b"");
    given == out
  //^^^^^^^^^^^^ non-constant-time-comparison
}
"#,
    );
}

#[test]
fn the_owner_of_a_function_says_what_it_checks() {
    check(
        &RULE,
        r#"
//- src/codes.rs
impl Totp {
    fn check(&self, token: &str) -> bool { self.generate(1) == token }
                                         //^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    fn is_valid(&self, candidate: &str, at: u64) -> bool { self.at(at) == candidate }
                                                         //^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
impl Lexer { fn check(&self, token: &str) -> bool { self.generate(1) == token } }
struct HeaderMac { value: [u8; 16] }
impl HeaderMac { fn fits(&self, other: &HeaderMac) -> bool { self.value == other.value } }
                                                           //^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
//- src/auth.rs
struct Plugin { valid_tokens: HashSet<String>, revoked_tokens: HashSet<String> }
impl Plugin {
    fn on_request(&self, token: &str) -> bool {
        !self.revoked_tokens.contains(token) && self.valid_tokens.contains(token)
                                              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    }
}
"#,
    );
}

#[test]
fn queries_and_constants_are_left_alone() {
    silent(
        &RULE,
        r#"
const MASKED_SECRET: &str = "********";
const DEFAULT_PASSWORD: &str = "changeme";
use http::header::AUTHORIZATION;
fn diesel(t: &str) -> Q { users::table.filter(users::access_token.eq(t).and(users::active.eq(true))) }
fn update(t: &str) -> Q { diesel::update(users::table).set((access_token.eq(t), users::password.eq(t))) }
fn sea(t: &str) -> Q { Query::select().and_where(Expr::col(Users::ApiKey).eq(api_key)) }
fn labels(password: &str, api_key: &str, name: &str) -> bool {
    password == MASKED_SECRET || password == DEFAULT_PASSWORD || name == AUTHORIZATION
        || api_key == ANONYMOUS_KEY
}
fn scheme(authorization: &str) -> bool {
    let prefix = "Basic ";
    authorization[..prefix.len()].eq_ignore_ascii_case(prefix)
}
"#,
    );
    check(
        &RULE,
        r#"
const SERVICE_SECRET: &str = "q8Zk2LmN0pRt5VwX";
static ADMIN_TOKEN: LazyLock<String> = LazyLock::new(read);
fn service(t: &str) -> bool { t == SERVICE_SECRET }
                            //^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn admin(t: &str) -> bool { *ADMIN_TOKEN == t }
                          //^^^^^^^^^^^^^^^^^ non-constant-time-comparison
"#,
    );
}

#[test]
fn what_nobody_outside_chooses_is_left_alone() {
    silent(
        &RULE,
        r#"
struct Settings { password: String, api_token: String }
struct Client { settings: Settings }
static CACHED: Mutex<Option<Client>> = Mutex::new(None);
fn differ(a: &Settings, b: &Settings) -> bool { a.password != b.password }
fn needs_reload(client: &Client, password: &str) -> bool { client.settings.password != password }
fn of_cache(password: &str) -> bool { CACHED.lock().is_some_and(|it| it.settings.password == password) }
fn update(client: &mut Client, api_token: &str) {
    if client.settings.api_token != api_token { client.settings.api_token = api_token.to_string(); }
}
fn remove(secrets: &mut Vec<String>, secret: &str) { secrets.retain(|it| it != secret); }
fn add(tokens: &mut Vec<String>, api_token: String) {
    if !tokens.contains(&api_token) { tokens.push(api_token); }
}
fn encrypt(row: &Row) -> bool { let secret_key = encrypted(&row.secret_key); secret_key != row.secret_key }
fn form(form: &Form) -> bool { form.password == form.repetition && form.password == form.password2 }
fn prompt() -> bool {
    let password = rpassword::prompt_password("Password: ");
    let again = rpassword::prompt_password("Again: ");
    password == again
}
fn policy(password: &str, username: &str) -> bool { password == username || COMMON_PASSWORDS.contains(password) }
fn claims(claims: &Claims, expected_issuer: &str, session: &Session) -> bool {
    let stored_jti = refresh_token_of(session);
    claims.iss == expected_issuer && stored_jti == claims.jti
}
fn card(local_mac: &str, peer: &Peer) -> bool { local_mac == peer.mac }
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

#[test]
fn what_cannot_be_timed_is_left_alone() {
    silent(
        &RULE,
        r#"
async fn accept(stream: &mut Stream, secret: &[u8]) -> Result<()> {
    let given = receive(stream).await?;
    if given != *secret {
        sleep_until(start + Duration::from_secs(1)).await;
        bail!("wrong secret");
    }
    Ok(())
}
async fn refresh(&self, refresh_token: &str) -> Result<Session> {
    let Some(session) = self.store.find_by_token(refresh_token).await? else { return Err(E) };
    if session.refresh_token.as_deref() != Some(refresh_token) { return Err(E); }
    Ok(session)
}
fn is_current(document: &Document, signing_key: &str) -> bool {
    document.signing_key == signing_key
}
"#,
    );
}

#[test]
fn a_server_of_its_own_machine_is_low() {
    check(
        &RULE,
        r#"
async fn entry(State(state): State<App>, Query(query): Query<Tokens>) -> StatusCode {
    if query.token.as_deref() != Some(state.auth_token.as_str()) { return StatusCode::UNAUTHORIZED; }
     //~ non-constant-time-comparison: `auth_token` is compared with `!=`, which is not constant-time (the server listens for its own machine)
    StatusCode::OK
}
async fn serve() { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await; }
"#,
    );
}
