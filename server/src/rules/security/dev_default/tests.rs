//! Which values are defaults for development, and which are meant to be local.

use super::RULE;
use crate::rules::fixture::{check, silent};

#[test]
fn development_values_are_reported_where_they_are_defaults() {
    check(
        &RULE,
        r#"
const DEFAULT_API_URL: &str = "http://localhost:8080/api";
                            //^^^^^^^^^^^^^^^^^^^^^^^^^^^ dev-default: default is a loopback address
static BOOTSTRAP_NODES: &[&str] = &["127.0.0.1:9000", "192.168.1.10:9000"];
                                  //^^^^^^^^^^^^^^^^ dev-default
                                                    //^^^^^^^^^^^^^^^^^^^ dev-default: default is a private address
impl Default for Config {
    fn default() -> Self {
        Self {
            peers: vec!["10.0.0.5:9000".parse().unwrap()],
                      //^^^^^^^^^^^^^^^ dev-default
            relay_host: "localhost".to_string(),
                      //^^^^^^^^^^^ dev-default
            tenant: "devtoken".into(),
                  //^^^^^^^^^^ dev-default: default is a development value
            issuer: "https://auth.example.com".into(),
                  //^^^^^^^^^^^^^^^^^^^^^^^^^^ dev-default: default is an example domain
            listen: "127.0.0.1:8080".parse().unwrap(),
            host: "127.0.0.1".into(),
        }
    }
}
fn default_endpoint() -> String { "http://[::1]:9000".into() }
                                //^^^^^^^^^^^^^^^^^^^ dev-default
#[derive(Parser)]
struct Args {
    #[arg(long, env = "X", default_value = "http://localhost:3000")]
                                         //^^^^^^^^^^^^^^^^^^^^^^^ dev-default
    upstream: String,
    #[arg(long, default_value_t = String::from("192.168.0.1"))]
                                             //^^^^^^^^^^^^^ dev-default
    peer: String,
    #[arg(long, default_value = "127.0.0.1:4433")]
    listen: SocketAddr,
}
fn f() {
    let db = env::var("DATABASE_URL").unwrap_or_else(|_| "postgres://localhost/app".into());
                                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^ dev-default
    let turn = turn_url.as_deref().unwrap_or("http://localhost:3478");
                                           //^^^^^^^^^^^^^^^^^^^^^^^ dev-default
    let url = args.url.unwrap_or("http://127.0.0.1:80");
                               //^^^^^^^^^^^^^^^^^^^^^ dev-default
}
"#,
    );
}

#[test]
fn listening_comparing_and_naming_are_left_alone() {
    silent(
        &RULE,
        r#"
const LOCALHOST: &str = "localhost";
const LOOPBACK_HOSTS: &[&str] = &["localhost", "127.0.0.1"];
const PRIVATE_NETWORK: &str = "10.0.0.0/8";
const DEFAULT_BIND_ADDRESS: &str = "127.0.0.1:8080";
const DEFAULT_HOST: &str = "0.0.0.0";
const DEFAULT_VERSION: &str = "1.2.3.4";
const ROLE: &str = "admin";
impl Default for Socket {
    fn default() -> Self {
        if host == "localhost" { return x; }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        tracing::info!("localhost");
        match host { "localhost" => 1, _ => 2 };
        if ip.starts_with("192.168.0.1") {}
        Self {
            role: "admin".into(),
            username: "admin".into(),
            subject_alt_names: vec!["localhost".to_string()],
            port: 1,
        }
    }
}
fn f() {
    let uri: Uri = "http://localhost/".parse().unwrap();
    let host = uri.host().unwrap_or("localhost");
    if addr == Ipv4Addr::LOCALHOST || addr.is_loopback() {}
    /// http://localhost
    connect("127.0.0.1:80");
}
#[doc = "http://localhost"]
struct S {
    #[schema(example = "http://localhost")]
    #[serde(rename = "localhost")]
    url: String,
}
#[cfg(test)]
mod tests { const DEFAULT_URL: &str = "http://localhost"; }
"#,
    );
}

#[test]
fn what_is_left_without_a_value_is_a_default() {
    check(
        &RULE,
        r#"
fn page(configured: Option<String>) -> String {
    if let Some(url) = configured { url } else { "http://localhost:3000/app".to_string() }
                                               //^^^^^^^^^^^^^^^^^^^^^^^^^^^ dev-default
}
fn broker(configured: Result<String, Error>) -> String {
    match configured {
        Ok(url) => url,
        Err(_) => "amqp://127.0.0.1:5672".into(),
                //^^^^^^^^^^^^^^^^^^^^^^^ dev-default
    }
}
fn link(configured: Option<String>, id: &str) -> String {
    configured.unwrap_or_else(|| format!("http://localhost:8123/invite/{id}"))
                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ dev-default
}
fn callback(session: &str) -> String {
    format!("http://localhost:8123/oauth/callback?session={session}")
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ dev-default: link that is given out has a loopback address
}
"#,
    );
}

#[test]
fn what_is_local_by_design_is_left_alone() {
    silent(
        &RULE,
        r#"
const RPC_HOST: (&str, u16) = ("127.0.0.1", 8080);
const FORWARD_HOST: &str = "127.0.0.1";
const DEFAULT_ID_DOMAIN: &str = "localhost";
const OAUTH_REDIRECT_URI: &str = "http://localhost:8976/callback";
/// The cluster that the script for tests makes.
fn default_cluster() -> Vec<Server> { vec![Server::new("127.0.0.1", 30001)] }
fn serve() {
    server.bind(RPC_HOST);
    let address = format!("{FORWARD_HOST}:{port}");
    TcpListener::bind(address);
}
fn frontend() -> String {
    if env::var("ENVIRONMENT").as_deref() == Ok("development") {
        return env::var("FRONTEND_URL").unwrap_or_else(|_| "http://localhost:3000".into());
    }
    match mode { Mode::Dev => env::var("A").unwrap_or("http://localhost:3000".into()), _ => b }
}
fn listen() {
    let address = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".into());
    TcpListener::bind(address);
}
fn probe(port: u16) -> String { format!("http://127.0.0.1:{port}/health") }
fn send(client: &Client, id: u8) { client.get(format!("http://localhost:1/oauth/{id}")).send(); }
"#,
    );
}
