//! Development value as a default in production code.
//!
//! A deployment that forgets the setting does not fail at start-up: it uses a loopback or private
//! address, an example domain, or a token that is known to everyone who can read the source.
//!
//! ```rust,bad
//! impl Default for Config {
//!     fn default() -> Self {
//!         Self { bootstrap_nodes: vec!["127.0.0.1:9000".parse().unwrap()] }
//!     }
//! }
//! ```
//!
//! Have no default, and report the missing setting:
//!
//! ```rust
//! impl Config {
//!     fn from_env() -> Result<Self, Error> {
//!         let nodes = std::env::var("BOOTSTRAP_NODES").map_err(|_| Error::Missing("BOOTSTRAP_NODES"))?;
//!         Ok(Self { bootstrap_nodes: parse(&nodes)? })
//!     }
//! }
//! ```
//!
//! Listening on a loopback address by default is safe and not reported.

use super::AREA;
use std::net::Ipv4Addr;

use crate::analysis::{Context, Query, Report, Rule, Severity};
use crate::semantics::literals::text_of;
use crate::semantics::secrets::is_development_value;
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};

pub static RULE: Rule = Rule {
    id: "dev-default",
    severity: Severity::High,
    source: include_str!("dev_default.rs"),
    queries: &[Query::Literal(may_be_dev_value, check)],
    ..Rule::source(AREA)
};

/// Words of names that speak of addresses without being the default of a setting.
const NOT_DEFAULTS: &[&str] = &[
    "allow", "allowed", "allowlist", "blacklist", "blocked", "blocklist", "denied", "deny", "doc",
    "docs", "example", "examples", "exclude", "excluded", "help", "internal", "local", "localhost",
    "loopback", "mock", "mocks", "namespace", "noproxy", "ns", "placeholder", "private", "proxy",
    "reserved", "schema", "test", "tests", "trusted", "usage", "whitelist", "xmlns",
];

/// Words of addresses to listen on.
const LISTENING_WORDS: &[&str] = &[
    "admin", "bind", "binding", "debug", "health", "interface", "listen", "listener", "listening",
    "metrics", "prometheus",
];

/// Words of a server's own address.
const OWN_ADDRESS_WORDS: &[&str] = &[
    "addr", "address", "api", "grpc", "host", "http", "https", "ip", "local", "server", "socket",
    "web",
];

/// Functions that listen on an address, compare it, or put it in a text.
const USING_FUNCTIONS: &[&str] = &[
    "Err", "about", "bail", "bind", "bind_addr", "contains", "context", "ends_with", "eq",
    "eq_ignore_ascii_case", "expect", "help", "long_help", "ne", "split_once", "starts_with",
    "strip_prefix", "strip_suffix", "with_context",
];

/// Words of constants that settings fall back to.
const SETTING_WORDS: &[&str] = &[
    "addr", "address", "addresses", "bootstrap", "broker", "brokers", "default", "dsn", "endpoint",
    "endpoints", "gateway", "host", "hosts", "node", "nodes", "origin", "origins", "peer", "peers",
    "relay", "rpc", "seed", "seeds", "server", "servers", "token", "uri", "url",
];

/// A cheap test of a literal as it is written.
fn may_be_dev_value(literal: &str) -> bool {
    let short = literal.len() < 16;
    let address =
        || literal.contains('.') || literal.contains("::1") || literal.contains("ocalhost");
    literal.len() < 200
        && (short || address())
        && dev_value(literal.trim_start_matches(['b', 'r', '#']).trim_matches(['#', '"'])).is_some()
}

/// What makes a value one for development.
fn dev_value(text: &str) -> Option<&'static str> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if is_development_value(&lower) {
        return Some("a development value");
    }
    let host = host_of(&lower);
    if host == "localhost" || host == "::1" {
        return Some("a loopback address");
    }
    for domain in ["example.com", "example.org", "example.net"] {
        if host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) {
            return Some("an example domain");
        }
    }
    let address: Ipv4Addr = host.parse().ok()?;
    // A prefix length makes it a network, which lists of allowed or blocked peers name.
    let network = lower.split_once(&host).is_some_and(|(_, rest)| rest.starts_with('/'))
        && !lower.contains("://");
    match (network, address.is_loopback(), address.is_private()) {
        (false, true, _) => Some("a loopback address"),
        (false, _, true) => Some("a private address"),
        _ => None,
    }
}

/// The host of an address: without scheme, user, port and path.
fn host_of(text: &str) -> String {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = text.split(['/', '?']).next().unwrap_or(text);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest).to_string();
    }
    if authority == "::1" {
        return authority.to_string();
    }
    authority.split(':').next().unwrap_or(authority).to_string()
}

fn check(token: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(text) = text_of(token) else { return };
    let Some(what) = dev_value(&text) else { return };
    let Some(parent) = token.parent() else { return };
    let Some(default) = default_of(token, &parent, cx) else { return };
    let words_of = |list: &[&str]| {
        default.names.iter().any(|name| words(name).any(|word| list.contains(&word.as_str())))
    };
    if what == "a development value" {
        // What is bound to the name of a secret is `hardcoded-secret`'s to report.
        let is_secret =
            default.names.first().is_some_and(|name| cx.file().secret_kind(name).is_some());
        let user = words_of(&["user", "username", "login", "account"]);
        let made_up = !matches!(text.as_str(), "admin" | "password");
        if is_secret || !(user || made_up) {
            return;
        }
    } else if listens(&default, &text) || words_of(NOT_DEFAULTS) {
        return;
    }
    let message = format!("default is {what}");
    cx.report(&parent, Report::new(token.text_range(), message));
}

/// Whether an address is one to listen on.
fn listens(default: &DefaultValue, text: &str) -> bool {
    let is_url = text.contains("://");
    default.names.iter().any(|name| has_any_word(name, LISTENING_WORDS))
        || (!is_url
            && default.names.first().is_some_and(|name| {
                let plain: Vec<String> = words(name).filter(|word| word != "default").collect();
                // A server's own address, when nothing says that it is another one's.
                plain.iter().all(|word| OWN_ADDRESS_WORDS.contains(&word.as_str()))
            }))
}

/// A literal that is a default, with the names around it, the nearest first.
struct DefaultValue {
    names: Vec<String>,
}

/// The default that a literal is, or is a part of.
fn default_of(token: &SyntaxToken, parent: &SyntaxNode, cx: &Context<'_>) -> Option<DefaultValue> {
    if parent.ancestors().any(|node| node.kind() == SyntaxKind::ATTR) {
        return attribute_default(token, parent);
    }
    let mut names = Vec::new();
    let mut is_default = false;
    for node in cx.ancestors(parent) {
        match node.kind() {
            SyntaxKind::LITERAL_PAT | SyntaxKind::MATCH_GUARD => return None,
            SyntaxKind::BIN_EXPR => {
                let op = ast::BinExpr::cast(node).and_then(|it| it.op_kind());
                if matches!(op, Some(ast::BinaryOp::CmpOp(_) | ast::BinaryOp::LogicOp(_))) {
                    return None;
                }
            }
            // `vec!` and `format!` make values; the others log, fail or check.
            SyntaxKind::MACRO_CALL
                if !matches!(macro_name(&node).as_deref(), Some("vec" | "format" | "concat")) =>
            {
                return None;
            }
            SyntaxKind::CALL_EXPR => {
                let callee = node.first_child().map(|it| it.text().to_string()).unwrap_or_default();
                let function = callee.rsplit("::").next().unwrap_or_default().to_string();
                if is_use(&function) {
                    return None;
                }
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                let call = ast::MethodCallExpr::cast(node)?;
                let name = call.name_ref()?.text().to_string();
                let is_argument = call.syntax().last_child().is_some_and(|list| {
                    !cx.in_macro() && list.text_range().contains_range(token.text_range())
                });
                if is_argument && is_use(&name) {
                    return None;
                }
                if is_argument && matches!(name.as_str(), "unwrap_or" | "unwrap_or_else") {
                    // A whole URL is no host taken from a request.
                    if reads_setting(&call) || token.text().contains("://") {
                        is_default = true;
                        names.push(call.receiver()?.syntax().text().to_string());
                    }
                } else if is_argument {
                    names.push(name);
                }
            }
            SyntaxKind::RECORD_EXPR_FIELD => {
                let field = ast::RecordExprField::cast(node)?;
                names.push(field.field_name()?.text().to_string());
            }
            SyntaxKind::LET_STMT => {
                if let Some(ast::Pat::IdentPat(pat)) = ast::LetStmt::cast(node)?.pat() {
                    names.push(pat.name()?.text().to_string());
                }
            }
            SyntaxKind::CONST | SyntaxKind::STATIC => {
                let name = node.children().find_map(ast::Name::cast)?.text().to_string();
                let is_setting = has_any_word(&name, SETTING_WORDS);
                names.push(name);
                return (is_default || is_setting).then_some(DefaultValue { names });
            }
            SyntaxKind::FN => {
                let function = ast::Fn::cast(node)?.name()?.text().to_string();
                is_default |= function.starts_with("default_")
                    || function.ends_with("_default")
                    || function.ends_with("_defaults")
                    || function == "default" && in_default_impl(parent, cx);
                names.push(function);
                return is_default.then_some(DefaultValue { names });
            }
            _ => {}
        }
    }
    None
}

fn in_default_impl(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let item = cx.ancestors(node).find_map(ast::Impl::cast);
    let of_trait = item.and_then(|item| item.trait_());
    of_trait.is_some_and(|it| it.syntax().text().to_string().ends_with("Default"))
}

/// Whether a function uses an address in one of these ways.
fn is_use(function: &str) -> bool {
    USING_FUNCTIONS.contains(&function)
}

/// Whether a value comes from outside: then what stands in for it is a default.
fn reads_setting(call: &ast::MethodCallExpr) -> bool {
    let Some(receiver) = call.receiver() else { return false };
    let text = receiver.syntax().text().to_string();
    ["env::var", "env!(", "var(\"", "config", "settings", "opts", "args", "cfg", "matches.", "cli"]
        .iter()
        .any(|word| text.contains(word))
}

/// `default_value = "…"`, `default_value_t = f("…")` and their like.
fn attribute_default(token: &SyntaxToken, parent: &SyntaxNode) -> Option<DefaultValue> {
    let mut before = token.prev_sibling_or_token();
    let mut tree = parent.clone();
    loop {
        while let Some(element) = before {
            match &element {
                NodeOrToken::Token(it) if it.kind() == T![,] => return None,
                NodeOrToken::Token(it) if it.kind() == T![=] => {
                    let key = it.prev_token().filter(|key| key.kind() != SyntaxKind::WHITESPACE);
                    let key = key.or_else(|| it.prev_token().and_then(|key| key.prev_token()))?;
                    let is_default = key.text().starts_with("default");
                    let field = parent.ancestors().find_map(ast::RecordField::cast);
                    let name = field.and_then(|it| it.name()).map(|it| it.text().to_string());
                    let names = name.into_iter().collect();
                    return is_default.then_some(DefaultValue { names });
                }
                _ => {}
            }
            before = element.prev_sibling_or_token();
        }
        before = tree.prev_sibling_or_token();
        tree = tree.parent().filter(|it| it.kind() == SyntaxKind::TOKEN_TREE)?;
    }
}

#[cfg(test)]
mod tests {
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
            subject_alt_names: vec!["localhost".to_string()],
                                  //^^^^^^^^^^^ dev-default
            username: "admin".into(),
                    //^^^^^^^ dev-default: default is a development value
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
        Self { role: "admin".into(), port: 1 }
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
}
