//! What to watch once a project runs, by what it is made of and by what was found in it.

use super::model::{Issue, Kind};
use crate::project::TrackedProject;

/// Metrics, each with the reason.
pub(super) fn of<'a>(
    cx: &'a TrackedProject<'_>,
    issues: &'a [Issue],
    kind: Kind,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let has_issue = |rules: &[&str]| issues.iter().any(|it| rules.contains(&it.rule.as_str()));
    let depends = |crates: &[&str]| {
        cx.packages().iter().any(|it| crates.iter().any(|name| it.depends_on(name)))
    };
    let is_service = kind == Kind::Service;
    let metrics = [
        (
            is_service,
            "requests, errors and latency (p50, p95, p99) by endpoint",
            "they are what users notice, and what service levels are stated in",
        ),
        (
            has_issue(&["unwrap-used", "expect-used", "panic-used", "panicking-index"]),
            "panics, and restarts of the process",
            "code that may panic was found on paths that serve",
        ),
        (
            has_issue(&["lock-unwrap", "lock-across-await", "blocking-in-async"]),
            "latency of the runtime: how long tasks wait to be polled",
            "locks or blocking calls were found in async code",
        ),
        (
            has_issue(&["unbounded-queue", "unbounded-query"]),
            "memory of the process, and the length of its queues",
            "queues or queries without a limit were found",
        ),
        (
            has_issue(&["ignored-error"]),
            "failed writes and deletions",
            "errors that are ignored are seen nowhere else",
        ),
        (
            depends(&["sqlx", "diesel", "sea_orm", "tokio_postgres", "deadpool_postgres"]),
            "connections of the pool in use, waits for one, and slow queries",
            "a pool that runs dry stops every request",
        ),
        (
            depends(&["rusqlite", "sled", "rocksdb", "redb"]),
            "free disk space, and the size of the database",
            "an embedded database stops when the disk is full",
        ),
        (
            depends(&["rustls", "native_tls", "openssl"]),
            "days until certificates expire",
            "it speaks TLS",
        ),
        (
            is_service && depends(&["argon2", "bcrypt", "jsonwebtoken", "oauth2", "openidconnect"]),
            "failed logins and rejected tokens",
            "attacks on accounts show there first",
        ),
    ];
    metrics.into_iter().filter(|(holds, _, _)| *holds).map(|(_, metric, why)| (metric, why))
}
