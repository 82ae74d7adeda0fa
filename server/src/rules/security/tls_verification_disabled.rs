//! TLS verification disabled.
//!
//! Without verification of the certificate the peer may be anyone: a machine on the path can read
//! and change the traffic. Settings such as `danger_accept_invalid_certs`, and verifiers that accept
//! every certificate, are often added for a test and left in.
//!
//! ```rust,bad
//! fn client() -> reqwest::Result<reqwest::Client> {
//!     reqwest::Client::builder().danger_accept_invalid_certs(true).build()
//! }
//! ```
//!
//! Trust the certificate authority that signs the server's certificate:
//!
//! ```rust
//! fn client(authority: reqwest::Certificate) -> reqwest::Result<reqwest::Client> {
//!     reqwest::Client::builder().add_root_certificate(authority).build()
//! }
//! ```
//!
//! A value that a variable decides is not reported, and one behind a setting is low. A verifier of the
//! workspace is reported once, where it is implemented; how it is installed decides the severity.

use super::AREA;
use crate::analysis::{Applicability, Context, Opportunity, Query, Report, Rule, Severity};
use crate::project::{SymbolIndex, UNVERIFIED_WORDS, base_name};
use crate::semantics::calls::method_range;
use crate::semantics::shape::self_type;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::condition::Decision;
use crate::syntax::green::any_token;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{TextEdit, TextRange};

pub static RULE: Rule = Rule {
    id: "tls-verification-disabled",
    opportunity: Opportunity::Project,
    effort: 60,
    severity: Severity::High,
    cwe: &[295],
    seeds: &["C.transport"],
    source: include_str!("tls_verification_disabled.rs"),
    queries: &[
        Query::Call(&["assertion"], check_verifier),
        Query::Method(
            &[
                "danger_accept_invalid_certs",
                "danger_accept_invalid_hostnames",
                "dangerous_accept_invalid_certs",
                "dangerous_accept_invalid_hostnames",
                "tls_danger_accept_invalid_certs",
                "tls_danger_accept_invalid_hostnames",
                "disable_verification",
                "set_verify_hostname",
                "verify_hostname",
                "set_verify",
                "set_no_tls_verify",
                "ssl_verify_peer",
                "ssl_verify_host",
                "set_certificate_verifier",
                "with_custom_certificate_verifier",
            ],
            check,
        ),
    ],
    ..Rule::source(AREA)
};

/// Words of verifiers that verify nothing.
const BLIND_WORDS: &[&str] = &[
    "accept", "blind", "danger", "dangerous", "disabled", "dummy", "insecure", "no", "noop",
    "null", "skip", "trusting", "unsafe",
];

/// Methods that switch verification off when they are given `false`.
const VERIFYING: &[&str] =
    &["set_verify_hostname", "ssl_verify_host", "ssl_verify_peer", "verify_hostname"];

fn check(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let node = call.syntax();
    let range = method_range(call);
    let Some(argument) = call.arg_list().and_then(|list| list.args().next()) else { return };
    let argument = argument.syntax().text().to_string();
    let method = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    match method.as_str() {
        "set_verify" => {
            if argument.ends_with("SslVerifyMode::NONE") && !is_acceptor(node, cx) {
                let message = "`SslVerifyMode::NONE` accepts any certificate";
                let report = conditional(Report::new(range, message), node, cx);
                cx.report(node, report);
            }
        }
        "set_certificate_verifier" | "with_custom_certificate_verifier" => {
            let Some(verifier) = blind_verifier(&argument) else { return };
            let message = format!("`{verifier}` accepts any certificate");
            let report = conditional(Report::new(range, message), node, cx);
            cx.report(
                node,
                report.when(move |symbols| {
                    !symbols.impls(&verifier).any(|it| it.of_trait.ends_with("CertVerifier"))
                }),
            );
        }
        _ => {
            let off = VERIFYING.contains(&method.as_str());
            if argument != if off { "false" } else { "true" } {
                return;
            }
            if off && names_are_set_otherwise(node, cx) {
                return;
            }
            let what = match method.contains("host") {
                true => "certificates of other hosts",
                false => "any certificate",
            };
            let message = format!("`{method}({argument})` accepts {what}");
            let report = conditional(Report::new(range, message), node, cx);
            // Without the call a setting would do nothing.
            let decided = cx.decision(node).is_some() || opts_in(node, cx);
            let removal = removal(call).filter(|_| !decided).map(|range| cx.file_range(range));
            let report = report.fix(move |fix| {
                let title = format!("Remove `{method}`");
                removal
                    .map(|range| {
                        let edits = vec![TextEdit::delete(range)];
                        fix.here(title, Applicability::Suggested, edits)
                    })
                    .into_iter()
                    .collect()
            });
            cx.report(node, report);
        }
    }
}

/// Whether the function around gives OpenSSL the names of hosts itself: `param.add_host(name)`.
fn names_are_set_otherwise(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let function = cx.function(node);
    function.is_some_and(|it| {
        any_token(it.syntax().green(), &|_, text| {
            matches!(text, "add_host" | "set_host" | "X509_VERIFY_PARAM_add1_host")
        })
    })
}

/// A report about a call that a condition may decide about.
fn conditional<'r>(report: Report<'r>, node: &SyntaxNode, cx: &Context<'_>) -> Report<'r> {
    match cx.decision(node) {
        Some(Decision::Switch) => report.lowered(Severity::Low, "behind a setting"),
        _ if opts_in(node, cx) => report.lowered(Severity::Low, "callers ask for it by name"),
        Some(Decision::Data) => report.severity(Severity::High),
        None => report,
    }
}

/// Whether the function around is a method of a builder whose callers ask for what it does.
fn opts_in(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let Some(function) = cx.function(node) else { return false };
    let takes_self = function.param_list().is_some_and(|it| it.self_param().is_some());
    takes_self && function.name().is_some_and(|it| has_any_word(it.text(), UNVERIFIED_WORDS))
}

/// How a verifier that verifies nothing is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Always,
    /// Only when a setting says so.
    BehindSetting,
    /// The certificate of a client is looked at after the handshake.
    CheckedLater,
}

impl Use {
    fn of(verifier: &str, of_client: bool, symbols: &SymbolIndex) -> Self {
        let mut installed = symbols.verifiers(verifier).peekable();
        let asks = ["peer_certificate", "peer_certificates", "peer_identity"];
        if of_client && asks.iter().any(|it| symbols.secret_calls(it).next().is_some()) {
            Self::CheckedLater
        } else if installed.peek().is_some() && installed.all(|it| it.is_optional) {
            Self::BehindSetting
        } else {
            Self::Always
        }
    }
}

/// `Ok(ServerCertVerified::assertion())` as all that a verifier does.
fn check_verifier(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(path) = call.expr().map(|it| it.syntax().text().to_string()) else { return };
    let verified = ["ServerCertVerified", "ClientCertVerified"];
    if !path.rsplit("::").nth(1).is_some_and(|it| verified.contains(&it.trim())) {
        return;
    }
    let around: Vec<SyntaxNode> = cx.ancestors(call.syntax()).collect();
    let Some(function) = around.iter().cloned().find_map(ast::Fn::cast) else { return };
    let name = function.name().map(|it| it.text().to_string()).unwrap_or_default();
    if !matches!(name.as_str(), "verify_server_cert" | "verify_client_cert") {
        return;
    }
    let Some(body) = function.body() else { return };
    if body.syntax().descendants().any(|it| decides(&it)) {
        return;
    }
    let of_client = name == "verify_client_cert";
    let verifier = self_type(&around).map(|it| base_name(&it).to_string()).unwrap_or_default();
    let message = format!("`{name}` accepts any certificate");
    // A server that asks for no certificate lets everybody in as well.
    let severity = if of_client { Severity::High } else { RULE.severity };
    for usage in [Use::Always, Use::BehindSetting, Use::CheckedLater] {
        let report = Report::new(call.syntax().text_range(), message.clone());
        let report = match usage {
            Use::Always => report.severity(severity),
            Use::BehindSetting => report.lowered(Severity::Low, "behind a setting"),
            Use::CheckedLater => report.lowered(Severity::Low, "looked at after the handshake"),
        };
        let verifier = verifier.clone();
        let report = report.when(move |symbols| Use::of(&verifier, of_client, symbols) == usage);
        cx.report(call.syntax(), report);
    }
}

/// Whether a node may end in another answer, or asks another function.
fn decides(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::IF_EXPR
        | SyntaxKind::MATCH_EXPR
        | SyntaxKind::TRY_EXPR
        | SyntaxKind::METHOD_CALL_EXPR
        | SyntaxKind::WHILE_EXPR
        | SyntaxKind::FOR_EXPR => true,
        SyntaxKind::LET_STMT => {
            ast::LetStmt::cast(node.clone()).is_some_and(|it| it.let_else().is_some())
        }
        SyntaxKind::CALL_EXPR => {
            let callee = ast::CallExpr::cast(node.clone()).and_then(|it| it.expr());
            let callee = callee.map(|it| it.syntax().text().to_string()).unwrap_or_default();
            !matches!(callee.rsplit("::").next().map(str::trim), Some("Ok" | "assertion"))
        }
        _ => false,
    }
}

/// The verifier whose name says that it verifies nothing, in the argument of a setter.
fn blind_verifier(argument: &str) -> Option<String> {
    let names = argument.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut types = names.filter(|it| it.starts_with(char::is_uppercase));
    let verifier = types.find(|name| has_any_word(name, BLIND_WORDS))?;
    Some(verifier.to_string())
}

/// Whether the setting is that of a server, which asks for no certificate by default.
fn is_acceptor(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let function = cx.ancestors(node).find(|it| it.kind() == SyntaxKind::FN);
    function.is_some_and(|it| it.text().to_string().contains("SslAcceptor"))
}

/// What to delete so that a call is gone from its chain, or a statement that is only the call.
fn removal(call: &ast::MethodCallExpr) -> Option<TextRange> {
    let node = call.syntax();
    let parent = node.parent()?;
    let has_comment = node.children_with_tokens().any(|child| child.kind() == SyntaxKind::COMMENT);
    if has_comment {
        return None;
    }
    if parent.kind() == SyntaxKind::EXPR_STMT {
        // A builder that is changed in place; the line goes with its statement.
        let before = parent.first_token()?.prev_token()?;
        let start = match before.kind() {
            SyntaxKind::WHITESPACE => before.text_range().start(),
            _ => parent.text_range().start(),
        };
        return Some(TextRange::new(start, parent.text_range().end()));
    }
    let in_chain = matches!(
        parent.kind(),
        SyntaxKind::METHOD_CALL_EXPR | SyntaxKind::LET_STMT | SyntaxKind::STMT_LIST
    );
    let receiver = call.receiver()?.syntax().text_range().end();
    in_chain.then(|| TextRange::new(receiver, node.text_range().end()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn switches_are_reported() {
        check(
            &RULE,
            r#"
fn f() {
    Client::builder().danger_accept_invalid_certs(true).build();
                    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `danger_accept_invalid_certs(true)` accepts any certificate
    builder.danger_accept_invalid_hostnames(true);
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `danger_accept_invalid_hostnames(true)` accepts certificates of other hosts
    connector.set_verify(SslVerifyMode::NONE);
            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled
    config.set_verify_hostname(false);
         //^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled
    config.dangerous().set_certificate_verifier(Arc::new(danger::NoCertificateVerification));
                     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `NoCertificateVerification` accepts any certificate
}
"#,
        );
    }

    #[test]
    fn a_verifier_that_verifies_nothing_is_reported_once() {
        check(
            &RULE,
            r#"
struct SkipVerification;
impl rustls::client::danger::ServerCertVerifier for SkipVerification {
    fn verify_server_cert(&self, _end_entity: &C) -> Result<ServerCertVerified, Error> {
        warn!("not verified: {}", self.name());
        Ok(rustls::client::danger::ServerCertVerified::assertion())
         //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `verify_server_cert` accepts any certificate
    }
    fn verify_tls13_signature(&self) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
}
impl ClientCertVerifier for Any {
    fn verify_client_cert(&self) -> Result<ClientCertVerified, Error> {
        return Ok(ClientCertVerified::assertion());
                //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled
    }
}
fn f() {
    builder.dangerous().with_custom_certificate_verifier(Arc::new(SkipVerification));
}
"#,
        );
    }

    #[test]
    fn verification_is_left_alone() {
        silent(
            &RULE,
            r#"
fn f(insecure: bool, verifier: Arc<dyn ServerCertVerifier>) {
    builder.danger_accept_invalid_certs(false).danger_accept_invalid_hostnames(insecure);
    connector.set_verify(SslVerifyMode::PEER);
    builder.dangerous().with_custom_certificate_verifier(verifier);
    builder.dangerous().with_custom_certificate_verifier(Arc::new(PinnedKeyVerifier::new(key)));
}
fn server() { let mut b = SslAcceptor::mozilla_modern(m)?; b.set_verify(SslVerifyMode::NONE); }
impl ServerCertVerifier for PinnedKeyVerifier {
    fn verify_server_cert(&self, end_entity: &C) -> Result<ServerCertVerified, Error> {
        if self.allow_any { return Ok(ServerCertVerified::assertion()); }
        self.inner.verify(end_entity)?;
        Ok(ServerCertVerified::assertion())
    }
}
#[cfg(test)]
fn test() { builder.danger_accept_invalid_certs(true); }
"#,
        );
    }

    #[test]
    fn the_call_is_removed_from_its_chain() {
        check_fix(
            &RULE,
            "Remove `danger_accept_invalid_certs`",
            r#"fn f() {
    Client::builder()
        .danger_accept_invalid_certs(true)
        .build()
}
"#,
            r#"fn f() {
    Client::builder()
        .build()
}
"#,
        );
        check_fix(
            &RULE,
            "Remove `danger_accept_invalid_certs`",
            r#"fn f() {
    let mut builder = b();
    builder.danger_accept_invalid_certs(true);
    builder.build()
}
"#,
            r#"fn f() {
    let mut builder = b();
    builder.build()
}
"#,
        );
        // rustfmt joins what is short enough now.
        check_fix(
            &RULE,
            "Remove `danger_accept_invalid_certs`",
            r#"fn f() {
    let client = reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .timeout(LIMIT)
        .build();
}
"#,
            r#"fn f() {
    let client = reqwest::Client::builder().timeout(LIMIT).build();
}
"#,
        );
        no_fix(&RULE, "fn f() { builder = builder.danger_accept_invalid_certs(true); }");
    }

    #[test]
    fn what_a_condition_decides_is_left_in_place() {
        for code in [
            "fn f() { if insecure { builder.danger_accept_invalid_certs(true); } }",
            "fn f() { if !verify { return b().danger_accept_invalid_certs(true).build(); } }",
            "fn f() { if verify { return b(); } b().danger_accept_invalid_certs(true).build() }",
            "fn f() { if a == x { b().danger_accept_invalid_certs(true).build() } else { b() } }",
        ] {
            no_fix(&RULE, code);
        }
    }

    #[test]
    fn what_a_setting_decides_is_low() {
        check(
            &RULE,
            r#"
fn f(options: &Options) {
    if options.insecure {
        builder.danger_accept_invalid_certs(true);
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `danger_accept_invalid_certs(true)` accepts any certificate (behind a setting)
    }
    if url.starts_with("https://10.") {
        builder.danger_accept_invalid_certs(true);
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `danger_accept_invalid_certs(true)` accepts any certificate
    }
    let verifier = Arc::new(AnyServer);
    if options.insecure { config.dangerous().set_certificate_verifier(verifier); }
}
impl Builder {
    fn insecure(self) -> Self { self.map(|it| it.danger_accept_invalid_certs(true)) }
                                               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `danger_accept_invalid_certs(true)` accepts any certificate (callers ask for it by name)
}
impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(&self) -> R { Ok(ServerCertVerified::assertion()) }
                                         //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `verify_server_cert` accepts any certificate (behind a setting)
}
"#,
        );
        check(
            &RULE,
            r#"
impl ClientCertVerifier for AnyClient {
    fn verify_client_cert(&self) -> R { Ok(ClientCertVerified::assertion()) }
                                         //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-verification-disabled: `verify_client_cert` accepts any certificate (looked at after the handshake)
}
fn known(connection: &Connection) -> bool { is_known(connection.peer_certificates()) }
"#,
        );
    }
}
