//! Self-signed certificate generated without a gate and without a log line.
//!
//! A server that makes its own certificate when it finds none starts anywhere, also where the real
//! certificate was lost or its path mistyped. Clients then refuse it, or were taught to accept any
//! certificate; operators do not notice which one is served.
//!
//! ```rust,bad
//! fn certificate(path: &Path) -> anyhow::Result<Vec<u8>> {
//!     if path.exists() {
//!         return Ok(std::fs::read(path)?);
//!     }
//!     let generated = rcgen::generate_simple_self_signed(vec!["localhost".to_string()])?;
//!     Ok(generated.cert.der().to_vec())
//! }
//! ```
//!
//! Generate one only where a setting asks for it, and say so:
//!
//! ```rust
//! fn certificate(path: &Path, development: bool) -> anyhow::Result<Vec<u8>> {
//!     if !development {
//!         return Ok(std::fs::read(path)?);
//!     }
//!     tracing::warn!("serving a self-signed certificate");
//!     let generated = rcgen::generate_simple_self_signed(vec!["localhost".to_string()])?;
//!     Ok(generated.cert.der().to_vec())
//! }
//! ```
//!
//! Not reported: certificates of an authority of one's own, commands that generate a certificate, and
//! protocols whose peers are known by the certificate itself, such as WebRTC and libp2p.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::Reach;
use crate::semantics::body_words::function_name;
use crate::semantics::calls::method_range;
use crate::semantics::development::is_for_development;
use crate::semantics::paths::{callee, last_segment};
use crate::semantics::presence::Presence;
use crate::syntax::ast;
use crate::syntax::condition::Decision;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "self-signed-cert",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[295],
    seeds: &["B.9", "C.transport"],
    source: include_str!("self_signed_cert.rs"),
    queries: &[
        Query::Call(
            &["generate_simple_self_signed", "generate_self_signed", "from_params"],
            check_call,
        ),
        Query::Method(&["self_signed"], check_method),
    ],
    ..Rule::source(AREA)
};

/// Words of protocols whose peers are known by their certificate, of challenges that prescribe one,
/// and of intercepting proxies.
const PINNING_WORDS: &[&str] = &[
    "acme", "dtls", "fingerprint", "libp2p", "mitm", "p2p", "peer", "peerid", "pin", "pinned",
    "spki", "webrtc", "webtransport",
];

/// Tests whether there is a certificate already, which are no gate.
const PRESENCE_TESTS: &[&str] =
    &["exists", "is_err", "is_file", "is_none", "is_ok", "is_some", "try_exists"];

/// Words of settings that ask for a generated certificate.
const GATE_WORDS: &[&str] =
    &["allow", "auto", "debug", "dev", "development", "enabled", "insecure"];

/// A function of fewer bytes does nothing but the call in it.
const SMALL_HELPER: u32 = 300;

/// What makes a certificate that of an authority.
const AUTHORITY: &[&str] = &["Ca", "IsCa", "is_ca", "BasicConstraints", "KeyCertSign"];

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(path) = callee(call) else { return };
    let name = last_segment(&path).to_string();
    // The way that older versions of `rcgen` have.
    if name == "from_params" && !path.ends_with("Certificate::from_params") {
        return;
    }
    let function = cx.function(call.syntax());
    let serializes = || {
        function
            .is_some_and(|it| cx.names_in(it.syntax()).has_any(&["serialize_der", "serialize_pem"]))
    };
    if name == "from_params" && !serializes() {
        return;
    }
    check(call.syntax(), call.syntax().text_range(), &name, cx);
}

/// `params.self_signed(&key)` of `rcgen`.
fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    check(call.syntax(), method_range(call), "self_signed", cx);
}

fn check(node: &SyntaxNode, range: TextRange, name: &str, cx: &mut Context<'_>) {
    let Some(function) = cx.function(node) else { return };
    let names = cx.names_in(function.syntax());
    let is_gated = cx.decision(node) == Some(Decision::Switch)
        && (!is_fallback(node, cx) && !names.has_any(PRESENCE_TESTS)
            || names.has_words(GATE_WORDS));
    if is_gated || is_for_development(cx, node) {
        return;
    }
    if names.writes_log
        || names.has_any(AUTHORITY)
        || names.has_words(PINNING_WORDS)
        || has_any_word(&cx.file().path, PINNING_WORDS)
        || cx.reach(node) == Reach::OneShot
    {
        return;
    }
    // A helper that only wraps the call is asked for by its name.
    let asked_for = function_name(cx, node).is_some_and(|it| it.contains("self_signed"))
        && function.syntax().text_range().len() < SMALL_HELPER.into();
    let message = format!("`{name}` makes a self-signed certificate without a gate or a log line");
    let report = Report::new(range, message).confidence(Confidence::Likely);
    let report = match asked_for {
        true => report.severity(Severity::Low),
        false => report,
    };
    cx.report(node, report);
}

/// Whether a node is what is done when a setting or a file is absent.
fn is_fallback(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let range = node.text_range();
    cx.ancestors(node)
        .filter_map(|it| Presence::of(&it))
        .any(|it| it.absent.is_some_and(|absent| absent.text_range().contains_range(range)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn silent_generation_is_reported() {
        check(
            &RULE,
            r#"
fn load(cert: &Path, key: &Path) -> Result<Identity> {
    if !cert.exists() || !key.exists() {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()])?;
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ self-signed-cert: `generate_simple_self_signed` makes a self-signed certificate without a gate or a log line
        fs::write(cert, made.cert.pem())?;
    }
    read(cert, key)
}
fn by_match(tls: Option<TlsFiles>) -> Result<ServerConfig> {
    let (certs, key) = match tls {
        Some(files) => files.load()?,
        None => {
            let made = generate_simple_self_signed(["localhost".to_string()])?;
                     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ self-signed-cert
            (vec![made.cert.into()], made.key_pair.into())
        }
    };
}
fn by_params() -> Result<Certificate> {
    let mut params = CertificateParams::new(vec!["mail.example".to_string()])?;
    params.distinguished_name.push(DnType::CommonName, "mail");
    let key = KeyPair::generate()?;
    Ok(params.self_signed(&key)?)
            //^^^^^^^^^^^^^^^^^ self-signed-cert
}
fn older() -> Result<Vec<u8>> {
    let params = CertificateParams::new(vec!["localhost".into()]);
    let cert = rcgen::Certificate::from_params(params)?;
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ self-signed-cert
    Ok(cert.serialize_der()?)
}
"#,
        );
    }

    #[test]
    fn what_is_gated_logged_or_meant_is_left_alone() {
        silent(
            &RULE,
            r#"
fn challenge(domain: &str, digest: &[u8]) -> Result<Certificate> {
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    params.self_signed(&key)
}
fn load(cert: &Path) -> Result<Identity> {
    if !cert.exists() {
        tracing::warn!("no certificate at {}: using a self-signed one", cert.display());
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()])?;
    }
}
fn gated(settings: &Settings) -> Result<Identity> {
    if settings.tls.self_signed {
        return Ok(rcgen::generate_simple_self_signed(names)?.into());
    }
}
fn authority() -> Result<Certificate> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(params.self_signed(&KeyPair::generate()?)?)
}
fn dtls_identity() -> Result<Identity> {
    let made = rcgen::generate_simple_self_signed(vec!["webrtc".into()])?;
    let fingerprint = digest(made.cert.der());
}
#[cfg(debug_assertions)]
fn local() -> Result<Identity> { Ok(rcgen::generate_simple_self_signed(names)?.into()) }
#[cfg(test)]
mod tests { fn t() { rcgen::generate_simple_self_signed(names).unwrap(); } }
"#,
        );
        silent(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "tool"
edition = "2024"
//- src/main.rs
fn generate(out: &Path) -> Result<()> {
    let made = rcgen::generate_simple_self_signed(names)?;
    Ok(fs::write(out, made.cert.pem())?)
}
"#,
        );
    }
}
