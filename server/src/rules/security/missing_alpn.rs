//! QUIC endpoint without ALPN.
//!
//! QUIC requires that both ends agree on an application protocol during the handshake (RFC 9001,
//! section 8.1). Without `alpn_protocols` any protocol is accepted: a client of another service gets a
//! connection, and its messages are read as if they were this protocol's (a cross-protocol attack).
//!
//! ```rust,bad
//! use quinn::crypto::rustls::QuicServerConfig;
//!
//! fn server(certs: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<quinn::ServerConfig> {
//!     let tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(certs, key)?;
//!     Ok(quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?)))
//! }
//! ```
//!
//! Name the protocol, with its version:
//!
//! ```rust
//! use quinn::crypto::rustls::QuicServerConfig;
//!
//! fn server(certs: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<quinn::ServerConfig> {
//!     let mut tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(certs, key)?;
//!     tls.alpn_protocols = vec![b"delivery/1".to_vec()];
//!     Ok(quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?)))
//! }
//! ```
//!
//! Known problems: a configuration that is a parameter or a field is not followed to where it is made.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::project::SymbolIndex;
use crate::semantics::bindings::initializer;
use crate::semantics::body_words::{function_names, names_any};
use crate::semantics::callee_in_workspace::CalledFunction;
use crate::semantics::expressions::{chain_root, identifier};
use crate::semantics::paths::{callee, resolve_at, resolved_callee};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "missing-alpn",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[757],
    seeds: &["C.transport"],
    source: include_str!("missing_alpn.rs"),
    queries: &[
        Query::Call(&["try_from", "with_initial", "with_crypto", "new"], check_conversion),
        Query::Call(
            &["with_single_cert", "with_root_certificates", "with_platform_verifier"],
            check_shortcut,
        ),
        Query::Method(&["try_into"], check_try_into),
    ],
    ..Rule::source(AREA)
};

/// What sets ALPN in some way.
const SETTING: &[&str] = &["alpn_protocols", "set_alpn_protos", "with_alpn", "alpn"];

/// Where a TLS configuration comes from.
enum Origin {
    /// It is built in the function.
    Built,
    /// A function of the workspace makes it.
    Called(CalledFunction),
}

/// `QuicServerConfig::try_from(tls)`, and `quinn::ServerConfig::with_crypto(Arc::new(tls))` as it was
/// before.
fn check_conversion(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    let mut parts = path.rsplit("::");
    let (function, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let converts = match owner {
        "QuicServerConfig" | "QuicClientConfig" => matches!(function, "try_from" | "with_initial"),
        "ServerConfig" => function == "with_crypto" && is_of_quinn(call, cx),
        "ClientConfig" => function == "new" && is_of_quinn(call, cx),
        _ => false,
    };
    let Some(argument) = call.arg_list().and_then(|it| it.args().next()).filter(|_| converts)
    else {
        return;
    };
    check_value(call.syntax(), &argument, cx);
}

fn is_of_quinn(call: &ast::CallExpr, cx: &mut Context<'_>) -> bool {
    resolved_callee(cx, call).is_some_and(|path| path.starts_with("quinn::"))
}

/// `let crypto: QuicServerConfig = tls.try_into()?;`
fn check_try_into(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let node = call.syntax();
    let statement = node.ancestors().find_map(ast::LetStmt::cast);
    let ty = statement.and_then(|it| it.ty()).map(|it| it.syntax().text().to_string());
    let is_quic =
        ty.is_some_and(|it| it.contains("QuicServerConfig") || it.contains("QuicClientConfig"));
    if let Some(receiver) = call.receiver().filter(|_| is_quic) {
        check_value(node, &receiver, cx);
    }
}

fn check_value(node: &SyntaxNode, value: &ast::Expr, cx: &mut Context<'_>) {
    if function_names(cx, node, SETTING) {
        return;
    }
    let Some(origin) = origin(node, value, cx, 4) else { return };
    let message = "a TLS configuration for QUIC has no `alpn_protocols`";
    let report = Report::new(node.text_range(), message).confidence(Confidence::Likely);
    let report = match origin {
        Origin::Built => report,
        Origin::Called(called) => report.when(move |symbols| makes_without_alpn(&called, symbols)),
    };
    cx.report(node, report);
}

fn makes_without_alpn(called: &CalledFunction, symbols: &SymbolIndex) -> bool {
    let candidates = called.candidates(symbols);
    !candidates.is_empty()
        && candidates.iter().all(|it| {
            let returns = it.returns.as_deref().unwrap_or_default();
            !it.facts.sets_alpn
                && (returns.contains("ServerConfig") || returns.contains("ClientConfig"))
        })
}

/// Where the TLS configuration in an expression comes from; nothing when it cannot be told.
fn origin(
    node: &SyntaxNode,
    value: &ast::Expr,
    cx: &mut Context<'_>,
    depth: usize,
) -> Option<Origin> {
    let depth = depth.checked_sub(1)?;
    let root = chain_root(value);
    match &root {
        ast::Expr::PathExpr(_) => {
            let value = initializer(cx, node, &identifier(&root)?)?;
            let place = value.syntax().clone();
            origin(&place, &value, cx, depth)
        }
        ast::Expr::CallExpr(call) => {
            let path = callee(call)?;
            let name = path.rsplit("::").next().unwrap_or(&path);
            if path.ends_with("Arc::new") || name == "clone" || path == "Ok" || path == "Some" {
                let inner = call.arg_list()?.args().next()?;
                return origin(node, &inner, cx, depth);
            }
            let is_builder = name.starts_with("builder") || name.starts_with("with_");
            let is_tls =
                is_builder && names_any(call.syntax().green(), &["ServerConfig", "ClientConfig"]);
            if is_tls {
                return Some(Origin::Built);
            }
            let resolved = resolve_at(cx, call.syntax(), &path);
            CalledFunction::new(&resolved, call.syntax(), cx).map(Origin::Called)
        }
        _ => None,
    }
}

/// `quinn::ServerConfig::with_single_cert`, which builds a TLS configuration without ALPN itself.
fn check_shortcut(call: &ast::CallExpr, cx: &mut Context<'_>) {
    if function_names(cx, call.syntax(), SETTING) || !is_of_quinn(call, cx) {
        return;
    }
    let path = callee(call).unwrap_or_default();
    let name = path.rsplit("::").next().unwrap_or(&path).to_string();
    let message = format!("`{name}` of `quinn` builds a TLS configuration without ALPN");
    let report = Report::new(call.syntax().text_range(), message);
    cx.report(call.syntax(), report.confidence(Confidence::Likely));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn configurations_without_alpn_are_reported() {
        check(
            &RULE,
            r#"
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
fn server() -> Result<quinn::ServerConfig> {
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(certs, key)
        .context("use the certificate")?;
    let tls = QuicServerConfig::try_from(tls)?;
            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-alpn: a TLS configuration for QUIC has no `alpn_protocols`
    Ok(quinn::ServerConfig::with_crypto(Arc::new(tls)))
}
fn client(roots: RootCertStore) -> Result<quinn::ClientConfig> {
    let crypto = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(quinn::ClientConfig::new(Arc::new(crypto)))
     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-alpn
}
fn made() -> Result<quinn::ServerConfig> {
    let tls = tls_config()?;
    let crypto: QuicServerConfig = tls.try_into()?;
                                 //^^^^^^^^^^^^^^ missing-alpn
}
fn tls_config() -> Result<rustls::ServerConfig> { Ok(rustls::ServerConfig::builder().build()) }
"#,
        );
        check(
            &RULE,
            r#"
use quinn::ServerConfig;
fn server() -> Result<ServerConfig> {
    let config = ServerConfig::with_single_cert(vec![cert], key)?;
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-alpn: `with_single_cert` of `quinn` builds a TLS configuration without ALPN
}
"#,
        );
    }

    #[test]
    fn configurations_with_alpn_and_of_others_are_left_alone() {
        silent(
            &RULE,
            r#"
use quinn::crypto::rustls::QuicServerConfig;
fn server() -> Result<quinn::ServerConfig> {
    let mut tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(c, k)?;
    tls.alpn_protocols = vec![b"a".to_vec()];
    Ok(quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?)))
}
fn made() -> Result<quinn::ServerConfig> {
    Ok(quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls_config()?)?)))
}
fn tls_config() -> Result<rustls::ServerConfig> {
    let mut tls = rustls::ServerConfig::builder().build();
    tls.alpn_protocols.push(b"a".to_vec());
    Ok(tls)
}
fn given(tls: rustls::ServerConfig) -> R { Ok(QuicServerConfig::try_from(tls)?) }
fn http() -> Result<TlsAcceptor> {
    let tls = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(c, k)?;
    Ok(TlsAcceptor::from(Arc::new(tls)))
}
fn other() -> ClientConfig { ClientConfig::new(Arc::new(x)) }
"#,
        );
    }
}
