//! Sign-in, token or permission that changes without a trace in the log.
//!
//! After an incident the first questions are who signed in, from where, and which tokens were issued or
//! revoked. A function that decides about access and logs nothing leaves them without an answer, and
//! guessed passwords unnoticed.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! async fn main() {
//!     axum::serve(listener, Router::new().route("/login", post(login))).await;
//! }
//!
//! async fn login(State(app): State<App>, Json(form): Json<Login>) -> Result<Session, StatusCode> {
//!     app.check(&form).ok_or(StatusCode::UNAUTHORIZED)
//! }
//! ```
//!
//! Log each outcome, with the account and without the secret:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! async fn main() {
//!     axum::serve(listener, Router::new().route("/login", post(login))).await;
//! }
//!
//! async fn login(State(app): State<App>, Json(form): Json<Login>) -> Result<Session, StatusCode> {
//!     let session = app.check(&form);
//!     tracing::info!(account = form.account, signed_in = session.is_some(), "login");
//!     session.ok_or(StatusCode::UNAUTHORIZED)
//! }
//! ```
//!
//! A function is not reported when it, a function that it calls or one that calls it logs, when it bears
//! `#[instrument]`, or when the service has functions or types for auditing.
//!
//! Known problems: a log line two calls away is not seen.

use super::AREA;
use std::collections::BTreeSet;

use crate::analysis::{Confidence, ProjectContext, Report, Rule, Severity};
use crate::project::served::{SERVING_NAMES, SERVING_PATHS, SERVING_TEXTS, Service, services};
use crate::project::{Indexed, Reference, ReferenceKind, SymbolIndex};
use crate::syntax::names::has_any_word;
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "missing-audit-log",
    severity: Severity::Low,
    cwe: &[778],
    seeds: &["A.H4", "C.logging", "E.14"],
    source: include_str!("missing_audit_log.rs"),
    indexed: &[
        SERVING_PATHS,
        SERVING_NAMES,
        SERVING_TEXTS,
        Indexed::Names(DECISIONS),
        Indexed::Names(RECORDING),
        Indexed::Prefixes(RECORDING_PREFIXES),
    ],
    project: Some(check),
    ..Rule::project(AREA)
};

/// Functions that let someone in, or change who may do what; sorted.
const DECISIONS: &[&str] = &[
    "authenticate", "authenticate_user", "change_password", "create_api_key", "create_session",
    "delete_api_key", "delete_session", "grant_role", "issue_access_token", "issue_session",
    "issue_token", "issue_tokens", "log_in", "log_out", "login", "login_handler", "login_user",
    "logout", "post_login", "reset_password", "revoke_access", "revoke_api_key", "revoke_role",
    "revoke_session", "revoke_token", "sign_in", "sign_out", "signin", "signout",
    "verify_credentials", "verify_login", "verify_otp", "verify_token", "verify_totp",
];

/// What records an event, in one form or another.
const RECORDING: &[&str] = &[
    "audit", "audit_event", "emit", "emit_event", "event", "log_event", "publish", "record",
    "track",
];

const RECORDING_PREFIXES: &[&str] = &["audit_", "emit_", "log_", "record_", "track_"];

/// A function that decides and leaves no trace by itself.
struct Silent<'a> {
    name: &'a str,
    path: &'a str,
    range: FileRange,
}

fn check(cx: &mut ProjectContext<'_>) {
    for service in services(cx) {
        if service.declares(cx, |it| has_any_word(it, &["audit", "auditor", "audited"])) {
            continue;
        }
        let symbols = cx.symbols();
        let silent: Vec<Silent<'_>> = silent_in(&service, symbols).collect();
        let names: BTreeSet<&str> = silent.iter().map(|it| it.name).collect();
        let mut reported: BTreeSet<&str> = BTreeSet::new();
        for it in &silent {
            // The caller is where to log, when it decides as well.
            let is_part =
                callers(&service, it.name).any(|(_, by)| by != it.name && names.contains(by));
            if is_part || !reported.insert(it.name) {
                continue;
            }
            let message =
                format!("`{}` leaves no trace in the log: neither success nor failure", it.name);
            cx.report(it.path, Report::new(it.range, message).confidence(Confidence::Likely));
        }
    }
}

/// The functions of a service that decide, and neither log nor are logged about one call away.
fn silent_in<'a>(
    service: &'a Service<'a>,
    symbols: &'a SymbolIndex,
) -> impl Iterator<Item = Silent<'a>> {
    let declared = service.references().filter_map(move |(path, it)| match &it.kind {
        ReferenceKind::Name { name, declared: true, .. } => {
            DECISIONS.binary_search(&name.as_str()).ok()?;
            Some(Silent { name, path, range: it.range })
        }
        _ => None,
    });
    declared.filter(move |it| {
        let own = symbols.functions_in(it.path).filter(|own| own.name == it.name);
        let own: Vec<_> = own.collect();
        let decides = own.iter().any(|own| own.returns.is_some());
        decides
            && !own.iter().any(|own| own.facts.logs || own.facts.traced)
            && !callers(service, it.name).any(|(path, by)| logs(symbols, path, by))
            && !calls_recorder(service, symbols, it)
    })
}

/// The functions that mention a function, with their files.
fn callers<'a>(
    service: &'a Service<'a>,
    name: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    service.references().filter_map(move |(path, it): (&str, &Reference)| match &it.kind {
        ReferenceKind::Name { name: called, function, declared: false, .. } => {
            (called == name && !function.is_empty()).then_some((path, function.as_str()))
        }
        _ => None,
    })
}

fn logs(symbols: &SymbolIndex, path: &str, function: &str) -> bool {
    // A router logs when it starts, which is not about its handlers.
    function != "main"
        && symbols
            .functions_in(path)
            .any(|it| it.name == function && (it.facts.logs || it.facts.traced) && !it.facts.serves)
}

/// Whether a function calls something that records events, or a function that logs.
fn calls_recorder(service: &Service<'_>, symbols: &SymbolIndex, silent: &Silent<'_>) -> bool {
    service.references().filter(|(path, _)| *path == silent.path).any(|(_, it)| match &it.kind {
        ReferenceKind::Name { name, function, declared: false, .. } if function == silent.name => {
            let records = RECORDING.contains(&name.as_str())
                || RECORDING_PREFIXES.iter().any(|it| name.starts_with(it));
            // `log_in` begins like `log_event`.
            let is_decision = DECISIONS.binary_search(&name.as_str()).is_ok();
            records && !is_decision
                || name != silent.name
                    && symbols.functions(name).any(|it| it.facts.logs || it.facts.traced)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{DECISIONS, RULE};
    use crate::rules::fixture::{check, silent};

    fn server(code: &str) -> String {
        format!(
            "//- Cargo.toml\n[package]\nname = \"api\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\n//- src/main.rs\nasync fn main() {{ axum::serve(listener, router()).await; }}\n{code}"
        )
    }

    #[test]
    fn decisions_without_a_trace_are_reported() {
        assert!(DECISIONS.is_sorted());
        check(
            &RULE,
            &server(
                r#"
async fn login(Json(form): Json<Login>) -> Result<Token, StatusCode> {
       //^^^^^ missing-audit-log: `login` leaves no trace in the log: neither success nor failure
    let user = find(&form.name).await?;
    verify_credentials(&user, &form.password)?;
    issue_token(&user)
}
fn verify_credentials(user: &User, password: &str) -> Result<(), StatusCode> { hash(password) }
fn issue_token(user: &User) -> Result<Token, StatusCode> { sign(user) }
impl Sessions {
    pub async fn revoke_session(&self, id: Uuid) -> Result<()> { self.delete(id).await }
               //^^^^^^^^^^^^^^ missing-audit-log
}
async fn reset_password(form: Form<Reset>) -> StatusCode { store(form).await }
       //^^^^^^^^^^^^^^ missing-audit-log
"#,
            ),
        );
    }

    #[test]
    fn a_trace_one_call_away_counts() {
        silent(
            &RULE,
            &server(
                r#"
async fn login(form: Form) -> Result<()> { let user = verify_credentials(&form)?; record_login(&user); Ok(()) }
fn verify_credentials(form: &Form) -> Result<User> { warn!("refused"); find(form) }
#[tracing::instrument(skip_all)]
async fn logout(jar: Jar) -> Jar { jar.remove() }
fn handler(id: Id) -> Result<()> { revoke_token(id)?; info!(%id, "revoked"); Ok(()) }
fn revoke_token(id: Id) -> Result<()> { delete(id) }
"#,
            ),
        );
        silent(
            &RULE,
            &server(
                "fn login(f: Form) -> Result<()> { check(f) }\nstruct AuditEvent { kind: Kind }",
            ),
        );
    }

    #[test]
    fn clients_and_functions_that_return_nothing_are_left_alone() {
        silent(
            &RULE,
            "pub async fn login(client: &Client) -> Result<Token> { client.post(URL).send().await }",
        );
        silent(&RULE, &server("fn login(form: &mut Form) { form.show(); }"));
        silent(&RULE, &server("#[cfg(test)]\nmod tests { fn login() -> Token { token() } }"));
    }
}
