//! Server without a rate limit.
//!
//! Without a limit on what one client may ask for, passwords and codes can be guessed at the speed
//! of the network, and one client can use up what all share.
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
//! async fn main() -> std::io::Result<()> {
//!     let app = Router::new().route("/login", post(login));
//!     let listener = TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, app).await
//! }
//! ```
//!
//! Add a layer that limits requests, above all to routes that authenticate:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! tower_governor = "0.7"
//! //- src/main.rs
//! async fn main() -> std::io::Result<()> {
//!     let limits = GovernorConfigBuilder::default().per_second(2).burst_size(5).finish();
//!     let app = Router::new().route("/login", post(login)).layer(GovernorLayer::new(limits));
//!     let listener = TcpListener::bind("0.0.0.0:8080").await?;
//!     axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
//! }
//! ```
//!
//! The severity is medium where a route authenticates or is for administrators, and low elsewhere.
//! Limits of a proxy count where its configuration is a part of the repository.
//!
//! Known problems: a limit that only the platform knows of is not seen.

use super::AREA;
use crate::analysis::{Confidence, ProjectContext, Report, Rule, Severity};
use crate::project::served::{SERVING_NAMES, SERVING_PATHS, SERVING_TEXTS, Service, services};
use crate::project::{FileKind, Indexed};
use crate::syntax::names::words;

pub static RULE: Rule = Rule {
    id: "missing-rate-limit",
    source: include_str!("missing_rate_limit.rs"),
    indexed: &[
        SERVING_PATHS,
        SERVING_NAMES,
        SERVING_TEXTS,
        Indexed::Names(LIMITING_NAMES),
        Indexed::Texts(is_guarded_path),
    ],
    project: Some(check),
    cwe: &[770, 307],
    seeds: &["C.abuse", "E.5"],
    ..Rule::project(AREA)
};

/// Names in code that limits requests.
const LIMITING_NAMES: &[&str] = &[
    "Governor", "GovernorConfigBuilder", "GovernorLayer", "RateLimitLayer", "RateLimiter",
    "TOO_MANY_REQUESTS", "TooManyRequests", "governor", "rate_limit", "rate_limiter",
    "resource_exhausted", "ResourceExhausted",
];

/// Words in the last part of paths of routes that authenticate, or that only few may use.
const GUARDED: &[&str] = &[
    "2fa", "admin", "auth", "authenticate", "authorize", "forgot", "invite", "login", "logon",
    "mfa", "otp", "passcode", "password", "pin", "recover", "register", "reset", "signin",
    "signup", "token", "totp", "verify",
];

/// What configurations of proxies call their limits.
const PROXY_LIMITS: &[&str] = &[
    "limit-connections", "limit-rpm", "limit-rps", "limit_req", "local_ratelimit", "rate-limit",
    "rate_limit", "ratelimit",
];

/// Whether a string may be the path of a route that authenticates.
fn is_guarded_path(text: &str) -> bool {
    text.starts_with('/')
        && text.len() < 80
        && !text.contains(|c: char| c.is_whitespace())
        && words(text).any(|word| GUARDED.contains(&word.as_str()))
}

fn check(cx: &mut ProjectContext<'_>) {
    let found = services(cx);
    if found.is_empty() || is_limited_by_proxy(cx) {
        return;
    }
    for service in found {
        if limits(&service, cx) {
            continue;
        }
        let guarded = service.texts().find(|it| is_guarded_path(it));
        let (message, severity) = match guarded {
            Some(path) => {
                (format!("no rate limit: `{path}` may be tried without end"), Severity::Medium)
            }
            None => {
                ("no rate limit: one client can use up what all share".to_string(), Severity::Low)
            }
        };
        let report = Report::new(service.range, message).severity(severity);
        cx.report(service.path, report.confidence(Confidence::Likely));
    }
}

/// Whether the code of a service limits requests, or depends on something that does.
fn limits(service: &Service<'_>, cx: &ProjectContext<'_>) -> bool {
    let is_limiter = |name: &str| {
        let words: Vec<String> = words(name).collect();
        let pair = |a: &str, b: &str| words.windows(2).any(|it| it[0] == a && it[1].starts_with(b));
        pair("rate", "limit")
            || words.iter().any(|it| {
                it.starts_with("ratelimit") || it.starts_with("throttl") || it == "governor"
            })
    };
    service.names(LIMITING_NAMES)
        || service
            .depends(cx, |it| is_limiter(it) || it == "leaky_bucket" || it == "actix_limitation")
        || service.declares(cx, is_limiter)
}

fn is_limited_by_proxy(cx: &ProjectContext<'_>) -> bool {
    [FileKind::Yaml, FileKind::Compose, FileKind::Toml, FileKind::Script].into_iter().any(|kind| {
        cx.files(kind).any(|file| {
            file.lines().any(|line| {
                let line = line.to_ascii_lowercase();
                PROXY_LIMITS.iter().any(|it| line.contains(it))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, program, silent};

    #[test]
    fn servers_without_a_limit_are_reported() {
        check(
            &RULE,
            &program(
                "axum = \"0.8\"",
                r#"
async fn main() {
    let app = Router::new().route("/api/login", post(login));
                    //^^^ missing-rate-limit: no rate limit: `/api/login` may be tried without end
    axum::serve(listener, app).await.unwrap();
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "actix-web = \"4\"",
                r#"
async fn main() -> std::io::Result<()> {
    HttpServer::new(move || App::new().configure(routes)).bind(addr)?.run().await
    //~ missing-rate-limit
}
#[post("/auth/token")]
async fn token() {}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "tonic = \"0.12\"",
                r#"
async fn main() -> Result<(), Error> {
    Server::builder().add_service(a).serve(addr).await?;
    //~ missing-rate-limit: no rate limit: one client can use up what all share
    Ok(())
}
"#,
            ),
        );
        check(
            &RULE,
            &program(
                "rocket = \"0.5\"",
                r#"
#[launch]
fn rocket() -> _ {
    rocket::build().mount("/", routes![index])
    //~ missing-rate-limit
}
"#,
            ),
        );
    }

    #[test]
    fn limits_in_code_dependencies_and_proxies_count() {
        let serve = "async fn main() { axum::serve(listener, app).await; }";
        for more in [
            "fn l() { let layer = GovernorLayer { config }; }",
            "struct RateLimit { hits: u32 }",
            "fn a() -> StatusCode { StatusCode::TOO_MANY_REQUESTS }",
            "async fn throttle_by_ip(r: Request) {}",
        ] {
            silent(&RULE, &program("axum = \"0.8\"", &format!("{serve}\n{more}")));
        }
        silent(&RULE, &program("axum = \"0.8\"\naxum_governor = \"1\"", serve));
        silent(
            &RULE,
            &format!(
                "{}\n//- deploy/ingress.yaml\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/limit-rps: \"5\"\n",
                program("axum = \"0.8\"", serve)
            ),
        );
    }

    #[test]
    fn libraries_and_clients_are_left_alone() {
        silent(&RULE, "pub async fn run() { axum::serve(listener, app).await; }");
        silent(&RULE, &program("reqwest = \"0.12\"", "fn main() { client.get(\"/login\"); }"));
    }
}
