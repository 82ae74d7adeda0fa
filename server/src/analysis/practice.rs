//! Good practices that code shows by what it calls. A review that lists only defects is half a
//! review.

use super::Area;
use crate::project::Indexed;

/// A good practice, and the calls that show it.
pub struct Practice {
    /// The part of production readiness that it serves.
    pub area: Area,
    /// What is good, as a noun phrase.
    pub title: &'static str,
    /// The calls that show it.
    pub shown_by: Indexed,
}

impl Practice {
    /// Whether a call of a name in a line of source shows it.
    pub fn is_shown(&self, name: &str, line: &str) -> bool {
        match self.shown_by {
            Indexed::Calls(names) => names.contains(&name),
            Indexed::AssociatedCalls(calls) => calls
                .iter()
                .any(|(of, callee)| *callee == name && line.contains(&format!("{of}::{name}"))),
            Indexed::Handlers(handlers) => handlers
                .iter()
                .any(|(attribute, it)| *it == name && line.contains(&format!("{attribute}("))),
            _ => false,
        }
    }
}

const fn calls(area: Area, title: &'static str, names: &'static [&'static str]) -> Practice {
    Practice { area, title, shown_by: Indexed::Calls(names) }
}

const fn made(
    area: Area,
    title: &'static str,
    names: &'static [(&'static str, &'static str)],
) -> Practice {
    Practice { area, title, shown_by: Indexed::AssociatedCalls(names) }
}

/// The practices that are looked for, by area.
pub const PRACTICES: &[Practice] = &[
    calls(
        Area::Security,
        "secrets are compared in constant time",
        &["ct_eq", "constant_time_eq", "fixed_time_eq", "verify_slice", "verify_slices_are_equal"],
    ),
    made(
        Area::Security,
        "secrets are wiped from memory",
        &[("Zeroizing", "new"), ("Zeroizing", "from")],
    ),
    Practice {
        area: Area::Security,
        title: "types that hold secrets wipe them when dropped",
        shown_by: Indexed::Handlers(&[("derive", "ZeroizeOnDrop"), ("derive", "Zeroize")]),
    },
    made(
        Area::Security,
        "secrets are kept in types that do not print them",
        &[
            ("SecretString", "new"),
            ("SecretString", "from"),
            ("SecretBox", "new"),
            ("SecretVec", "new"),
            ("Secret", "new"),
        ],
    ),
    calls(
        Area::Security,
        "passwords are hashed with a slow function",
        &["hash_password", "verify_password"],
    ),
    made(
        Area::Security,
        "the size of request bodies is limited",
        &[
            ("DefaultBodyLimit", "max"),
            ("RequestBodyLimitLayer", "new"),
            ("Limited", "new"),
            ("PayloadConfig", "new"),
        ],
    ),
    made(
        Area::Security,
        "requests are rate-limited",
        &[
            ("GovernorLayer", "new"),
            ("GovernorConfigBuilder", "default"),
            ("RateLimitLayer", "new"),
            ("RateLimiter", "direct"),
            ("RateLimiter", "keyed"),
        ],
    ),
    calls(
        Area::Reliability,
        "requests in flight are finished at shutdown",
        &["with_graceful_shutdown", "graceful_shutdown", "shutdown_timeout"],
    ),
    calls(
        Area::Reliability,
        "calls have a timeout",
        &["timeout", "connect_timeout", "acquire_timeout", "read_timeout", "timeout_at"],
    ),
    made(
        Area::Reliability,
        "concurrency is limited",
        &[("Semaphore", "new"), ("ConcurrencyLimitLayer", "new")],
    ),
    made(
        Area::Reliability,
        "failed calls are retried with a growing delay",
        &[
            ("ExponentialBackoff", "default"),
            ("ExponentialBackoff", "from_millis"),
            ("ExponentialBackoffBuilder", "new"),
            ("ExponentialBuilder", "default"),
        ],
    ),
    calls(
        Area::Reliability,
        "several changes of the database are one transaction",
        &["transaction", "begin_transaction"],
    ),
    calls(
        Area::Performance,
        "blocking work is moved off the async threads",
        &["spawn_blocking", "block_in_place"],
    ),
    made(
        Area::Performance,
        "database connections are pooled",
        &[
            ("PgPoolOptions", "new"),
            ("SqlitePoolOptions", "new"),
            ("MySqlPoolOptions", "new"),
            ("ConnectionManager", "new"),
        ],
    ),
    made(
        Area::Observability,
        "requests are traced",
        &[("TraceLayer", "new_for_http"), ("TraceLayer", "new_for_grpc")],
    ),
    calls(Area::Observability, "functions are instrumented with spans", &["instrument"]),
    made(
        Area::Observability,
        "the log level can be set without a new build",
        &[("EnvFilter", "from_default_env"), ("EnvFilter", "try_from_default_env")],
    ),
    calls(
        Area::Observability,
        "metrics are exported",
        &[
            "install_recorder",
            "register_int_counter",
            "register_int_counter_vec",
            "register_histogram",
            "register_histogram_vec",
            "register_counter_vec",
            "counter",
            "histogram",
        ],
    ),
];
