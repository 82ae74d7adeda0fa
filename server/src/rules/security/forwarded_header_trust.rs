//! `X-Forwarded-For` or its like taken for the address of the client.
//!
//! Any client can send the header. Where a limit or an access rule goes by it, a new value for each
//! request gets around the limit, and the address of the administrator gets in.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/limit.rs
//! fn limit_key(headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
//!     let forwarded = headers.get("x-forwarded-for").and_then(|it| it.to_str().ok());
//!     forwarded.and_then(|it| it.parse().ok()).unwrap_or(peer.ip())
//! }
//! ```
//!
//! Read it only where the connection comes from a proxy of one's own:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/limit.rs
//! fn limit_key(headers: &HeaderMap, peer: SocketAddr, trusted: &[IpNet]) -> IpAddr {
//!     if !trusted.iter().any(|it| it.contains(&peer.ip())) {
//!         return peer.ip();
//!     }
//!     let forwarded = headers.get("x-forwarded-for").and_then(|it| it.to_str().ok());
//!     forwarded.and_then(last_address).unwrap_or(peer.ip())
//! }
//! ```
//!
//! Reading it for a log line is not reported.
//!
//! Known problems: a service that can only be reached by its proxy may trust the header; suppress it with
//! that reason.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::project::SymbolIndex;
use crate::semantics::calls::method_range;
use crate::semantics::shape::self_type;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::green::any_token;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "forwarded-header-trust",
    severity: Severity::Medium,
    cwe: &[348],
    source: include_str!("forwarded_header_trust.rs"),
    queries: &[
        Query::Method(&["get", "get_all", "get_one", "header", "get_header"], check_header),
        Query::Method(&["realip_remote_addr"], check_real_ip),
        Query::Method(&["key_extractor"], check_extractor),
    ],
    raised_when_critical: false,
    ..Rule::source(AREA)
};

/// The headers, in lower case and with hyphens.
const HEADERS: &[&str] = &[
    "client-ip", "forwarded", "forwarded-for", "true-client-ip", "x-client-ip", "x-forwarded-for",
    "x-originating-ip", "x-real-ip",
];

/// Words of functions and types that limit, let in or shut out.
const DECIDING: &[&str] = &[
    "access", "acl", "allow", "allowed", "allowlist", "auth", "authorize", "ban", "banned", "bans",
    "block", "blocked", "blocklist", "bucket", "deny", "guard", "internal", "key", "limit",
    "limiter", "limits", "local", "localhost", "loopback", "permit", "quota", "rate", "ratelimit",
    "throttle", "whitelist",
];

/// Words of functions that tell the address of a client.
const ADDRESSING: &[&str] = &["addr", "address", "client", "forwarded", "ip", "peer", "remote"];

/// Words in code that knows its proxies.
const TRUSTING: &[&str] =
    &["hops", "proxies", "proxied", "proxy", "trust", "trusted", "trusts", "cidr", "cidrs"];

fn check_header(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let arguments: Vec<ast::Expr> = call.arg_list().into_iter().flat_map(|it| it.args()).collect();
    let [argument] = arguments.as_slice() else { return };
    let text = argument.syntax().text().to_string().to_ascii_lowercase().replace('_', "-");
    let name = text.trim_start_matches('&').rsplit("::").next().unwrap_or_default();
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if HEADERS.binary_search(&name).is_ok() && cx.file().in_server() {
        report(&format!("`{}`", heading(name)), call, cx);
    }
}

/// `x-forwarded-for` as headers are written.
fn heading(name: &str) -> String {
    let parts = name.split('-').map(|part| match part {
        "ip" => "IP".to_string(),
        _ => {
            part.get(..1).unwrap_or_default().to_ascii_uppercase()
                + part.get(1..).unwrap_or_default()
        }
    });
    parts.collect::<Vec<_>>().join("-")
}

/// `ConnectionInfo::realip_remote_addr` of actix reads the headers.
fn check_real_ip(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if cx.file().depends_on("actix_web") {
        report("`realip_remote_addr`", call, cx);
    }
}

fn check_extractor(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|it| it.args().next());
    if argument.is_some_and(|it| it.syntax().text().to_string().contains("SmartIpKeyExtractor")) {
        let message =
            "`SmartIpKeyExtractor` takes the key of the limit from a header that clients send";
        let report = Report::new(method_range(call), message).severity(Severity::Medium);
        cx.report(call.syntax(), report.confidence(Confidence::Likely));
    }
}

fn report(what: &str, call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let node = call.syntax();
    let Some(function) = cx.function(node) else { return };
    let name = function.name().map(|it| it.text().to_string()).unwrap_or_default();
    let around: Vec<SyntaxNode> = cx.ancestors(node).collect();
    let owner = self_type(&around).unwrap_or_default();
    let has = |list: &[&str]| {
        any_token(function.syntax().green(), &|kind, text: &str| {
            kind == SyntaxKind::IDENT && has_any_word(text, list)
        })
    };
    let trusts = *cx.once("trusts proxies", function.syntax(), || has(TRUSTING));
    if trusts || has_any_word(&owner, TRUSTING) {
        return;
    }
    // What is called beside the header decides what it is for.
    let decides = |text: &str| {
        words(text)
            .any(|word| DECIDING.contains(&word.as_str()) && word != "key" && word != "local")
    };
    let calls_decision = *cx.once("decides by an address", function.syntax(), || {
        let body = function.body();
        let calls = body.iter().flat_map(|it| it.syntax().descendants());
        calls.filter_map(ast::NameRef::cast).any(|it| decides(it.text()))
    });
    let message = format!("{what} is taken for the address of the client: any client can send it");
    let report = Report::new(method_range(call), message).confidence(Confidence::Likely);
    if has_any_word(&name, DECIDING) || has_any_word(&owner, DECIDING) || calls_decision {
        cx.report(node, report);
    } else if has_any_word(&name, ADDRESSING) {
        // It tells an address; whether something goes by it shows in the rest of the package.
        let path = cx.file().path.clone();
        cx.report(node, report.when(move |symbols| limits_by_address(&path, symbols)));
    }
}

/// Whether the package of a file has functions or types that limit or ban clients.
fn limits_by_address(path: &str, symbols: &SymbolIndex) -> bool {
    let limits = |name: &str| {
        let words: Vec<String> = words(name).collect();
        words.windows(2).any(|it| it[0] == "rate" && it[1].starts_with("limit"))
            || words.iter().any(|it| {
                matches!(
                    it.as_str(),
                    "ratelimit"
                        | "ratelimiter"
                        | "limiter"
                        | "throttle"
                        | "ban"
                        | "banned"
                        | "allowlist"
                        | "blocklist"
                        | "whitelist"
                )
            })
    };
    symbols.files_beside(path).any(|file| {
        symbols.file(file).into_iter().flat_map(|it| &it.items).any(|item| {
            item.functions.iter().any(|it| limits(&it.name))
                || item.types.iter().any(|it| limits(&it.name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{HEADERS, RULE};
    use crate::rules::fixture::{check, program, silent};

    fn server(code: &str) -> String {
        program("axum = \"0.8\"\nactix-web = \"4\"", code)
    }

    #[test]
    fn headers_that_decide_are_reported() {
        assert!(HEADERS.is_sorted());
        check(
            &RULE,
            &server(
                r#"
fn limit_key(headers: &HeaderMap) -> String {
    headers.get("X-Forwarded-For").map(to_text).unwrap_or_default()
          //^^^^^^^^^^^^^^^^^^^^^^ forwarded-header-trust: `X-Forwarded-For` is taken for the address of the client: any client can send it
}
async fn login(headers: HeaderMap, State(app): State<App>) -> StatusCode {
    let ip = headers.get(X_REAL_IP).map(to_text);
                   //^^^^^^^^^^^^^^ forwarded-header-trust
    if !app.limiter.check(ip) { return StatusCode::TOO_MANY_REQUESTS; }
}
fn is_allowed(req: &HttpRequest) -> bool {
    let ip = req.connection_info().realip_remote_addr().map(str::to_owned);
                                 //^^^^^^^^^^^^^^^^^^^^ forwarded-header-trust
    ALLOWED.contains(&ip)
}
fn client_ip(request: &Request) -> Option<IpAddr> {
    request.headers().get(&FORWARDED)?.to_str().ok()?.parse().ok()
                    //^^^^^^^^^^^^^^^ forwarded-header-trust
}
fn config() { GovernorConfigBuilder::default().key_extractor(SmartIpKeyExtractor).finish(); }
                                             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ forwarded-header-trust
struct RateLimiter;
"#,
            ),
        );
    }

    #[test]
    fn proxies_that_are_known_count() {
        silent(
            &RULE,
            &server(
                r#"
fn limit_key(headers: &HeaderMap, peer: IpAddr, trusted_proxies: &[IpNet]) -> IpAddr {
    if trusted_proxies.iter().any(|it| it.contains(&peer)) { return last(headers.get("x-forwarded-for")); }
    peer
}
fn client_ip(request: &Request, config: &Config) -> IpAddr {
    match config.trust_proxy { true => of(request.headers().get("x-real-ip")), false => peer(request) }
}
struct RateLimiter;
"#,
            ),
        );
    }

    #[test]
    fn log_lines_and_other_headers_are_left_alone() {
        silent(
            &RULE,
            &server(
                r#"
fn log_request(headers: &HeaderMap) { info!(from = ?headers.get("x-forwarded-for"), "request"); }
fn limit_key(headers: &HeaderMap) -> String { headers.get("x-api-key").map(to_text) }
fn forward(headers: &mut HeaderMap) { headers.insert("x-forwarded-for", peer()); }
fn client_ip(headers: &HeaderMap) -> Option<IpAddr> { headers.get("x-real-ip").and_then(parse) }
"#,
            ),
        );
    }
}
