//! How documents call what can be counted, and what can be missing.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::pattern;
use super::{CiTask, Subject, Thing};

type Words = &'static [&'static str];

/// What is counted, by how it is called, each with words one of which every name has.
const SUBJECTS: &[(&str, Words, Subject)] = &[
    (r"TODOs?(?:\s*/\s*FIXMEs?)*(?:/XXX|/HACK)*", &["TODO"], Subject::Todo),
    (r"FIXMEs?", &["FIXME"], Subject::Todo),
    (
        r"\.?unwraps?(?:\(\))?\s*(?:/|and|or)\s*\.?expects?(?:\(\))?",
        &["unwrap"],
        Subject::UnwrapOrExpect,
    ),
    (r"\.?unwrap(?:\(\))?s?", &["unwrap"], Subject::Unwrap),
    (r"\.?expect(?:\(\))?s?\s+(?:calls?|uses?|usages?|instances?)", &["expect"], Subject::Expect),
    (r"\.expect\(\)", &["expect"], Subject::Expect),
    (r"panic!(?:\(\))?s?", &["panic!"], Subject::Panic),
    (r"unsafe\s+(?:code\s+)?blocks?", &["unsafe"], Subject::Unsafe),
    (r"(?:unit\s+|integration\s+|automated\s+)?tests?(?:\s+functions)?", &["test"], Subject::Test),
    (r"dependencies", &["dependencies"], Subject::Dependency),
    (
        r"(?:workspace\s+members|workspace\s+crates|member\s+crates|members)",
        &["members", "crates"],
        Subject::Member,
    ),
    (r"(?:Rust\s+(?:source\s+)?files|\.rs\s+files)", &["files"], Subject::RustFile),
    (r"(?:lines\s+of\s+(?:Rust(?:\s+code)?|code)|LOC)", &["lines", "LOC"], Subject::Line),
];

/// The patterns of numbers, each with what it counts.
static COUNTS: LazyLock<Vec<(Regex, Words, Subject)>> = LazyLock::new(|| {
    let compile = |(name, words, subject): &(&str, Words, Subject)| {
        let text = format!(
            r"(?x)(?P<before>(?i:about|around|approximately|approx\.?|roughly|some|over|more\s+than|
              at\s+least|up\s+to|fewer\s+than|less\s+than|under|only|nearly|almost)\s+|[~≈>≥<≤]\s?)?
              (?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+)(?P<plus>\s?\+)?\s+
              (?:(?i:unsafe|direct|total|unresolved|remaining|open|outstanding|raw|potential|Rust|
              production|transitive|locked|crate|passing)\s+)?
              `?(?P<subject>{name})`?(?P<after>\b|\s|$|[.,;:)])"
        );
        Some((pattern(&text)?, *words, *subject))
    };
    SUBJECTS.iter().filter_map(compile).collect()
});

/// The patterns of numbers that may be in a text.
pub fn counts_in(text: &str) -> impl Iterator<Item = (&'static Regex, Subject)> {
    let has_number = text.bytes().any(|it| it.is_ascii_digit());
    let may_have = move |words: Words| has_number && words.iter().any(|it| text.contains(it));
    let counts = COUNTS.iter().filter(move |(_, words, _)| may_have(words));
    counts.map(|(pattern, _, subject)| (pattern, *subject))
}

/// What may be missing, by how it is called behind `no`, `missing` or `lacks`.
fn things() -> Vec<(&'static str, Thing)> {
    let concept = |name, words| Thing::Concept(name, words);
    vec![
        (r"CI(?:/CD)?(?:\s+(?:pipeline|workflows?|configuration|setup))?", Thing::Ci),
        (r"continuous\s+integration", Thing::Ci),
        (r"CODEOWNERS(?:\s+file)?", Thing::CodeOwners),
        (r"Dockerfile", Thing::Dockerfile),
        (r"(?:automated\s+)?test\s+suite", Thing::Tests),
        (r"(?:unit\s+|automated\s+)?tests?(?:\s+files)?(?:\s+found)?", Thing::Tests),
        (r"unsafe\s+(?:code\s+)?blocks?", Thing::Unsafe),
        (r"deny\.toml", Thing::DenyConfig),
        // A security audit may be one by people.
        (
            r"(?:dependency\s+audit(?:ing)?|security\s+audit\s+in\s+CI)",
            Thing::CiTask(CiTask::Audit),
        ),
        (r"SBOM(?:\s+generation)?", Thing::CiTask(CiTask::Sbom)),
        (r"SECURITY\.md", Thing::Document("SECURITY")),
        (r"CHANGELOG(?:\.md)?", Thing::Document("CHANGELOG")),
        (r"LICENSE(?:\s+file)?", Thing::Document("LICENSE")),
        (r"README(?:\.md)?", Thing::Document("README")),
        (r"cron\s+triggers?(?:\s+configured)?", Thing::Cron),
        (
            r"rate[\s-]limit(?:s|ing|er)?",
            concept(
                "rate limiting",
                &["rate_limit", "ratelimit", "governor", "throttle", "rate_limiter", "limiter"],
            ),
        ),
        (
            r"health[\s-]?checks?(?:\s+endpoints?)?",
            concept(
                "a health check",
                &["health", "healthz", "liveness", "readiness", "healthcheck"],
            ),
        ),
        (r"structured\s+logging", concept("structured logging", &["tracing", "slog", "json"])),
        (
            r"(?:audit|security\s+event)\s+log(?:ging|s)?",
            concept("an audit log", &["audit", "audit_log", "security_event"]),
        ),
        (
            r"metrics",
            concept("metrics", &["metrics", "prometheus", "counter", "histogram", "gauge"]),
        ),
        (r"(?:distributed\s+)?tracing", concept("tracing", &["tracing", "opentelemetry", "span"])),
        (r"backups?(?:\s+strategy)?", concept("backups", &["backup", "snapshot", "restore"])),
        (
            r"graceful\s+shutdown",
            concept("a graceful shutdown", &["shutdown", "ctrl_c", "sigterm", "graceful"]),
        ),
        (
            r"key\s+rotation(?:\s+mechanism)?",
            concept("key rotation", &["rotate", "rotation", "rotate_key", "key_rotation"]),
        ),
        (
            r"circuit\s+breakers?",
            concept("a circuit breaker", &["circuit_breaker", "circuitbreaker", "breaker"]),
        ),
        (
            r"connection\s+pool(?:ing|s)?",
            concept("a connection pool", &["pool", "deadpool", "r2d2", "bb8"]),
        ),
        (r"alert(?:ing|s)", concept("alerting", &["alert", "alerts", "alertmanager", "pagerduty"])),
        (
            r"password\s+hashing",
            concept("password hashing", &["argon2", "bcrypt", "scrypt", "pbkdf2"]),
        ),
        (
            r"request\s+timeouts?(?:\s+configuration)?",
            concept("request timeouts", &["timeout", "timeoutlayer"]),
        ),
        (r"checksums?", concept("checksums", &["checksum", "crc32", "crc", "digest", "sha256"])),
    ]
}

/// The patterns of what may be missing, from the start of its name on.
pub static THINGS: LazyLock<Vec<(Regex, Thing)>> = LazyLock::new(|| {
    let compile = |(name, thing): (&str, Thing)| {
        // What is missing stands alone, or opens a clause that says where or why.
        let text = format!(
            r"^`?(?P<thing>(?i:{name}))`?\s*(?:$|[.,;:()|—–]|(?:was\s+|were\s+)?(?:found|exists?|configured|is|are|in|file|\(|or|and|with)\b)"
        );
        Some((pattern(&text)?, thing))
    };
    things().into_iter().filter_map(compile).collect()
});
