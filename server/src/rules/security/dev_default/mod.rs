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
//! What stands in an `else`, in the arm of a `match` for an absent value, or in `format!`, is a
//! default like any other. A link that is given to others, such as the redirect of a log-in, is
//! reported without being one. Listening on a loopback address by default is safe and not reported,
//! and neither are names of users, and what only development gets.

mod default_of;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

use self::default_of::{DefaultValue, default_of};
use super::AREA;
use crate::analysis::{Context, Opportunity, Query, Report, Rule, Severity};
use crate::semantics::development::is_for_development;
use crate::semantics::literals::text_of;
use crate::semantics::secrets::is_development_value;
use crate::syntax::SyntaxToken;
use crate::syntax::names::{has_any_word, words};

pub static RULE: Rule = Rule {
    id: "dev-default",
    opportunity: Opportunity::Project,
    effort: 30,
    severity: Severity::Low,
    raised_when_critical: false,
    cwe: &[1188],
    seeds: &["A.C4", "B.1"],
    source: include_str!("mod.rs"),
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

/// Words of links and senders that users see.
const PUBLIC_WORDS: &[&str] = &[
    "callback", "callbacks", "email", "external", "from", "frontend", "issuer", "mail", "oauth",
    "oidc", "public", "redirect", "redirects", "sender", "site", "webhook", "webhooks",
];

/// Words in the paths of links that are sent or given to others.
const LINK_WORDS: &[&str] = &[
    "activate", "callback", "callbacks", "confirm", "invite", "invitation", "login", "oauth",
    "redirect", "reset", "unsubscribe", "verify", "webhook", "webhooks",
];

/// Last words of names that hosts have without being contacted by them.
const IDENTITY_WORDS: &[&str] =
    &["cn", "domain", "id", "name", "names", "realm", "san", "sans", "sni", "subject"];

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
    if !is_default_of_setting(&default, &text, what, cx) || is_for_development(cx, &parent) {
        return;
    }
    let is_public = text.contains(['/', '@']) && is_given_out(&default, &text);
    let message = match default.is_fallback {
        true => format!("default is {what}"),
        false => format!("link that is given out has {what}"),
    };
    let severity = if is_public { Severity::Medium } else { Severity::Low };
    let report = Report::new(token.text_range(), message).severity(severity);
    let constant = default.constant;
    cx.report(
        &parent,
        report.when(move |symbols| !constant.as_ref().is_some_and(|name| symbols.listens_on(name))),
    );
}

/// Whether something with these names falls back to a value of development.
fn is_default_of_setting(default: &DefaultValue, text: &str, what: &str, cx: &Context<'_>) -> bool {
    let names = &default.names;
    let has = |list: &[&str]| names.iter().any(|name| has_any_word(name, list));
    if what == "a development value" {
        // What is bound to the name of a secret is `hardcoded-secret`'s to report, and names of
        // users are no secrets.
        let is_secret = names.first().is_some_and(|name| cx.file().secret_kind(name).is_some());
        let is_user = has(&["user", "username", "login", "account"]);
        return !is_secret && !is_user && !matches!(text, "admin" | "password");
    }
    // A program that is told its port has itself called back.
    let is_link = has_any_word(path_of(text), LINK_WORDS) && !text.contains(":{");
    if !default.is_fallback && !is_link {
        return false;
    }
    let last = |name: &String| words(name).last().unwrap_or_default();
    let is_bare_host = !text.contains([':', '/', '@']);
    let is_identity =
        names.first().map(last).is_some_and(|it| IDENTITY_WORDS.contains(&it.as_str()));
    !(listens(default, text) || has(NOT_DEFAULTS) || is_bare_host && is_identity)
}

/// The path of a URL, with its query.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or("", |(_, path)| path)
}

/// Whether users see a link or an address, by its path or by the names around it.
fn is_given_out(default: &DefaultValue, text: &str) -> bool {
    has_any_word(path_of(text), PUBLIC_WORDS)
        || has_any_word(path_of(text), LINK_WORDS)
        || default.names.iter().any(|name| has_any_word(name, PUBLIC_WORDS))
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
