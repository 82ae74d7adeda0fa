//! Outdated TLS version allowed.
//!
//! TLS 1.0 and 1.1 are deprecated (RFC 8996): they depend on SHA-1 and on ciphers with known attacks.
//! A peer, or an attacker on the path, can pick the oldest version that both sides allow. TLS 1.2 is
//! still acceptable, but lacks the forward secrecy and the encrypted handshake of TLS 1.3; where
//! both ends belong to the same project nothing needs it.
//!
//! ```rust,bad
//! fn client() -> reqwest::Result<reqwest::Client> {
//!     reqwest::Client::builder().min_tls_version(reqwest::tls::Version::TLS_1_0).build()
//! }
//! ```
//!
//! Leave the floor to the library, or raise it:
//!
//! ```rust
//! fn client() -> reqwest::Result<reqwest::Client> {
//!     reqwest::Client::builder().min_tls_version(reqwest::tls::Version::TLS_1_3).build()
//! }
//! ```
//!
//! A list of versions for rustls that has TLS 1.2 in it is low, one without TLS 1.3 medium, as is one for
//! QUIC, which is defined for TLS 1.3 only. A floor of TLS 1.2 is not reported.

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::bindings::initializer;
use crate::semantics::calls::method_range;
use crate::semantics::expressions::identifier;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::condition::Decision;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::{TextEdit, TextRange};

pub static RULE: Rule = Rule {
    id: "tls-legacy-version",
    severity: Severity::High,
    raised_when_critical: false,
    cwe: &[326, 327],
    seeds: &["C.transport"],
    source: include_str!("tls_legacy_version.rs"),
    queries: &[
        Query::Method(
            &["with_protocol_versions", "builder_with_protocol_versions"],
            check_versions_of_method,
        ),
        Query::Call(&["builder_with_protocol_versions"], check_versions_of_call),
        Query::Method(FLOORS, check_floor),
        Query::Method(&["clear_options"], check_options),
        Query::Call(&["mozilla_intermediate", "mozilla_intermediate_v4"], check_profile),
        Query::Node(&On(check_static::<ast::Static>)),
        Query::Node(&On(check_static::<ast::Const>)),
    ],
    ..Rule::source(AREA)
};

/// Methods that set the lowest version, or the highest one.
const FLOORS: &[&str] = &[
    "max_protocol_version", "max_tls_version", "min_protocol_version", "min_tls_version",
    "set_max_proto_version", "set_min_proto_version", "ssl_version", "ssl_min_max_version",
    "set_min_tls_version", "tls_version_min",
];

/// Names of versions that are deprecated.
const DEPRECATED: &[&str] = &[
    "SSL2", "SSL3", "Sslv2", "Sslv3", "TLS1", "TLS10", "TLS11", "TLS1_0", "TLS1_1", "TLS_1_0",
    "TLS_1_1", "TLSv1", "TLSv1_0", "TLSv1_1", "Tls10", "Tls11", "Tlsv1", "Tlsv10", "Tlsv11",
    "Tls1_0", "Tls1_1", "TlsV1_0", "TlsV1_1",
];

/// Names of TLS 1.2.
const TLS_1_2: &[&str] =
    &["TLS12", "TLS1_2", "TLS_1_2", "TLSv1_2", "Tls12", "Tlsv12", "Tls1_2", "TlsV1_2"];

/// The version that an expression is, without its path.
fn version(expr: &ast::Expr) -> Option<String> {
    let text = compact(expr.syntax());
    let text = text.trim_start_matches('&');
    let inner = text.strip_prefix("Some(").and_then(|it| it.strip_suffix(')')).unwrap_or(text);
    let name = inner.rsplit("::").next()?;
    let is_name = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    is_name.then(|| name.to_string())
}

fn check_floor(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(method) = call.name_ref().map(|it| it.text().to_string()) else { return };
    let Some(argument) = call.arg_list().and_then(|list| list.args().next()) else { return };
    let Some(version) = version(&argument) else { return };
    let is_ceiling = method.contains("max_") && !method.contains("min_max");
    let range = method_range(call);
    let report = match () {
        () if is_ceiling && TLS_1_2.contains(&version.as_str()) => {
            let message = format!("`{method}({version})` rules TLS 1.3 out");
            Report::new(range, message).severity(Severity::Low)
        }
        () if DEPRECATED.contains(&version.as_str()) => {
            Report::new(range, format!("`{method}` allows `{version}`, which is deprecated"))
        }
        () if version == "None" && method.contains("min_") => {
            let message = format!("`{method}(None)` allows deprecated versions of TLS");
            Report::new(range, message).severity(Severity::Medium)
        }
        () => return,
    };
    let fix = raised(&argument, &version);
    let fix = fix.map(|(range, text)| (cx.file_range(range), text));
    let report = conditional(report, call.syntax(), cx).fix(move |context| {
        let fix = fix.map(|(range, text)| {
            let edit = TextEdit::replace(range, text.clone());
            context.here(format!("Require `{text}`"), Applicability::Suggested, vec![edit])
        });
        fix.into_iter().collect()
    });
    cx.report(call.syntax(), report);
}

/// Where the name of a deprecated version stands, and that of TLS 1.2 in the same spelling.
fn raised(argument: &ast::Expr, version: &str) -> Option<(TextRange, String)> {
    let newer = match version {
        "Sslv3" | "Tlsv10" | "Tlsv11" => "Tlsv12",
        "TLS_1_0" | "TLS_1_1" => "TLS_1_2",
        "SSL3" | "TLS1" | "TLS1_1" => "TLS1_2",
        "Tls10" | "Tls11" => "Tls12",
        _ => return None,
    };
    let mut names = argument.syntax().descendants().filter_map(ast::NameRef::cast);
    let name = names.find(|it| it.text() == version)?;
    // A bare name was imported by itself.
    let segment = name.syntax().parent().and_then(ast::PathSegment::cast)?;
    segment.parent_path().qualifier()?;
    Some((name.syntax().text_range(), newer.to_string()))
}

fn check_options(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(argument) = call.arg_list().and_then(|list| list.args().next()) else { return };
    let text = compact(argument.syntax());
    let Some(option) = ["NO_SSLV3", "NO_TLSV1", "NO_TLSV1_1"]
        .iter()
        .find(|it| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == **it))
    else {
        return;
    };
    let message = format!("clearing `{option}` allows a deprecated version of TLS");
    let report = conditional(Report::new(method_range(call), message), call.syntax(), cx);
    cx.report(call.syntax(), report);
}

fn check_profile(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
    let mut parts = path.rsplit("::");
    let (name, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let function = cx.function(call.syntax());
    let sets_floor = function.is_some_and(|it| cx.names_in(it.syntax()).has_words(&["proto"]));
    if owner != "SslAcceptor" || sets_floor {
        return;
    }
    let message = format!("`{name}` allows TLS 1.0 and 1.1, which are deprecated");
    let report = Report::new(call.syntax().text_range(), message);
    let report = report.severity(Severity::Medium).confidence(Confidence::Likely);
    cx.report(call.syntax(), report);
}

fn check_versions_of_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|list| list.args().next());
    check_versions(call.syntax(), argument, cx);
}

fn check_versions_of_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|list| list.args().next());
    check_versions(call.syntax(), argument, cx);
}

/// The list of versions that a configuration of rustls is built with.
fn check_versions(call: &SyntaxNode, argument: Option<ast::Expr>, cx: &mut Context<'_>) {
    let Some(mut list) = argument else { return };
    let name = match &list {
        ast::Expr::RefExpr(it) => it.expr().as_ref().and_then(identifier),
        it => identifier(it),
    };
    if let Some(value) = name.and_then(|name| initializer(cx, call, &name)) {
        list = value;
    }
    report_list(call, list.syntax(), cx);
}

/// `static VERSIONS: &[&SupportedProtocolVersion] = &[&TLS12, &TLS13];`
fn check_static<N: AstNode>(item: &N, cx: &mut Context<'_>) {
    let node = item.syntax();
    let is_list = crate::syntax::green::any_token(node.green(), &|_, text| {
        text == "SupportedProtocolVersion"
    });
    let Some(value) = node.children().find_map(ast::Expr::cast).filter(|_| is_list) else { return };
    report_list(node, value.syntax(), cx);
}

fn report_list(place: &SyntaxNode, list: &SyntaxNode, cx: &mut Context<'_>) {
    let text = compact(list);
    let parts = || text.split(|c: char| !c.is_alphanumeric() && c != '_');
    if !parts().any(|it| it == "TLS12") {
        return;
    }
    let mut paths = list.descendants().filter_map(ast::PathExpr::cast);
    let found = paths.find(|it| compact(it.syntax()).rsplit("::").next() == Some("TLS12"));
    let range = found.as_ref().map_or(list.text_range(), |it| it.syntax().text_range());
    let is_quic =
        cx.function(place).is_some_and(|it| cx.names_in(it.syntax()).has_words(&["quinn", "quic"]));
    let has_newer = parts().any(|it| it == "TLS13");
    let (message, severity) = match (is_quic, has_newer) {
        (true, _) => ("`TLS12` is allowed, though QUIC needs TLS 1.3", Severity::Medium),
        (false, false) => ("only `TLS12` is allowed, which rules TLS 1.3 out", Severity::Medium),
        (false, true) => ("`TLS12` is allowed beside TLS 1.3", Severity::Low),
    };
    let removal = found.filter(|_| has_newer).and_then(|it| removal(&it));
    let removal = removal.map(|range| cx.file_range(range));
    let report = conditional(Report::new(range, message).severity(severity), place, cx);
    let report = report.fix(move |context| {
        let fix = removal.map(|range| {
            let edits = vec![TextEdit::delete(range)];
            context.here("Remove `TLS12`", Applicability::Suggested, edits)
        });
        fix.into_iter().collect()
    });
    cx.report(place, report);
}

/// What to delete so that an element and the comma behind it leave a list. A bare name may be all
/// that an import is there for.
fn removal(path: &ast::PathExpr) -> Option<TextRange> {
    path.path()?.qualifier()?;
    let element = path.syntax().parent().filter(|it| ast::RefExpr::can_cast(it.kind()))?;
    ast::ArrayExpr::cast(element.parent()?)?;
    let comma = element.next_sibling_or_token().filter(|it| it.kind() == crate::syntax::T![,])?;
    let space = comma.as_token()?.next_token();
    let space = space.filter(|it| it.kind() == crate::syntax::SyntaxKind::WHITESPACE);
    let end = space.map_or(comma.text_range().end(), |it| it.text_range().end());
    Some(TextRange::new(element.text_range().start(), end))
}

fn conditional<'r>(report: Report<'r>, node: &SyntaxNode, cx: &Context<'_>) -> Report<'r> {
    match cx.decision(node) {
        Some(Decision::Switch) => report.lowered(Severity::Low, "behind a setting"),
        _ => report,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn floors_below_tls_1_2_are_reported() {
        check(
            &RULE,
            r#"
fn f(builder: &mut SslContextBuilder) -> Result<()> {
    reqwest::Client::builder().min_tls_version(tls::Version::TLS_1_1).build()?;
                             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version: `min_tls_version` allows `TLS_1_1`, which is deprecated
    native_tls::TlsConnector::builder().min_protocol_version(Some(Protocol::Tlsv10)).build()?;
                                      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version
    builder.set_min_proto_version(Some(SslVersion::TLS1))?;
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version
    builder.set_min_proto_version(None)?;
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version
    builder.clear_options(SslOptions::NO_TLSV1 | SslOptions::NO_TLSV1_1);
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version
    builder.set_max_proto_version(Some(SslVersion::TLS1_2))?;
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version
}
fn g() {
    let acceptor = SslAcceptor::mozilla_intermediate(SslMethod::tls())?;
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version
}
"#,
        );
    }

    #[test]
    fn tls_1_2_in_a_list_is_reported() {
        check(
            &RULE,
            r#"
static VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
                                                         //^^^^^ tls-legacy-version: `TLS12` is allowed beside TLS 1.3
fn quic() -> quinn::ServerConfig {
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12, &rustls::version::TLS13]);
                                 //^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version: `TLS12` is allowed, though QUIC needs TLS 1.3
}
fn one() { ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS12]); }
                                                         //^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version: only `TLS12` is allowed, which rules TLS 1.3 out
fn bound() {
    let versions = vec![&rustls::version::TLS12];
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ tls-legacy-version
    ServerConfig::builder().with_protocol_versions(&versions);
}
"#,
        );
    }

    #[test]
    fn present_versions_are_left_alone() {
        silent(
            &RULE,
            r#"
static VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13];
fn f(builder: &mut SslContextBuilder, floor: Option<SslVersion>) -> Result<()> {
    reqwest::Client::builder().min_tls_version(tls::Version::TLS_1_2).build()?;
    native_tls::TlsConnector::builder().min_protocol_version(Some(Protocol::Tlsv12)).build()?;
    builder.set_min_proto_version(floor)?;
    builder.set_options(SslOptions::NO_TLSV1 | SslOptions::NO_TLSV1_1);
    ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13]);
    ClientConfig::builder_with_protocol_versions(rustls::DEFAULT_VERSIONS);
}
fn g() {
    let mut acceptor = SslAcceptor::mozilla_intermediate(SslMethod::tls())?;
    acceptor.set_min_proto_version(Some(SslVersion::TLS1_2))?;
}
#[test]
fn t() { b.min_tls_version(tls::Version::TLS_1_0); }
"#,
        );
    }

    #[test]
    fn the_floor_is_raised() {
        check_fix(
            &RULE,
            "Require `TLS_1_2`",
            "fn f() { b.min_tls_version(Version::TLS_1_0) }\n",
            "fn f() { b.min_tls_version(Version::TLS_1_2) }\n",
        );
        check_fix(
            &RULE,
            "Remove `TLS12`",
            "fn f() { b.with_protocol_versions(&[&version::TLS12, &version::TLS13]) }\n",
            "fn f() { b.with_protocol_versions(&[&version::TLS13]) }\n",
        );
        no_fix(&RULE, "fn f() { b.with_protocol_versions(&[&TLS12, &TLS13]) }\n");
        no_fix(&RULE, "fn f() { b.with_protocol_versions(&[&version::TLS12]) }\n");
    }
}
