//! Rate limit whose counters are in the memory of one process.
//!
//! A restart forgets the counters, and each further instance counts for itself: with three instances
//! a client has three times the limit.
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
//! struct RateLimiter {
//!     hits: Mutex<HashMap<IpAddr, Window>>,
//! }
//! ```
//!
//! Keep them where all instances see them, such as in Redis:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! redis = "1"
//! //- src/limit.rs
//! struct RateLimiter {
//!     redis: redis::aio::ConnectionManager,
//!     per_minute: u32,
//! }
//! ```
//!
//! For a service of one instance that may forget, this is good enough: suppress it with the reason.
//!
//! Known problems: limits of crates such as `tower_governor`, which are in memory too, are not reported.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "in-memory-rate-limit",
    severity: Severity::Low,
    seeds: &["E.11"],
    source: include_str!("in_memory_rate_limit.rs"),
    queries: &[Query::Node(&On(check_struct)), Query::Node(&On(check_static))],
    raised_when_critical: false,
    lowered_by_reach: false,
    ..Rule::source(AREA)
};

/// Types that hold a counter for each client.
const MAPS: &[&str] = &[
    "HashMap<", "BTreeMap<", "DashMap<", "LruCache<", "Cache<", "FxHashMap<", "AHashMap<",
    "SccHashMap<",
];

/// Whether a name is that of something that limits how often a client may call.
fn is_limiter(name: &str) -> bool {
    let words: Vec<String> = words(name).collect();
    let is_pair = |it: &[String]| it[0] == "rate" && it[1].starts_with("limit");
    words.windows(2).any(is_pair)
        || words.iter().any(|it| {
            matches!(
                it.as_str(),
                "limiter" | "ratelimit" | "ratelimiter" | "ratelimits" | "throttle" | "throttler"
            )
        })
}

fn check_struct(item: &ast::Struct, cx: &mut Context<'_>) {
    let Some(name) = item.name() else { return };
    let fields: Vec<(TextRange, String, String)> = match item.field_list() {
        Some(ast::FieldList::RecordFieldList(list)) => list
            .fields()
            .filter_map(|it| {
                let ty = compact(it.ty()?.syntax());
                Some((it.name()?.syntax().text_range(), it.name()?.text().to_string(), ty))
            })
            .collect(),
        Some(ast::FieldList::TupleFieldList(list)) => list
            .fields()
            .filter_map(|it| {
                let ty = it.ty()?;
                Some((ty.syntax().text_range(), String::new(), compact(ty.syntax())))
            })
            .collect(),
        None => return,
    };
    let owner = is_limiter(name.text());
    let counter = fields.iter().find(|(_, field, ty)| {
        (owner || is_limiter(field)) && MAPS.iter().any(|it| ty.contains(it))
    });
    if let Some((range, ..)) = counter {
        report(item.syntax(), *range, cx);
    }
}

/// `static LIMITS: LazyLock<DashMap<IpAddr, Window>>`
fn check_static(item: &ast::Static, cx: &mut Context<'_>) {
    let (Some(name), Some(ty)) = (item.name(), item.ty()) else { return };
    let ty = compact(ty.syntax());
    if is_limiter(name.text()) && MAPS.iter().any(|it| ty.contains(it)) {
        report(item.syntax(), name.syntax().text_range(), cx);
    }
}

fn report(node: &SyntaxNode, range: TextRange, cx: &mut Context<'_>) {
    let shared = ["redis", "fred", "deadpool_redis", "bb8_redis", "memcache"];
    if !cx.file().in_server() || shared.iter().any(|it| cx.file().depends_on(it)) {
        return;
    }
    let message = "the counters of this rate limit are in memory: each instance counts for itself";
    cx.report(node, Report::new(range, message).confidence(Confidence::Likely));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, program, silent};

    fn server(code: &str) -> String {
        program("axum = \"0.8\"", code)
    }

    #[test]
    fn counters_in_memory_are_reported() {
        check(
            &RULE,
            &server(
                r#"
pub struct RateLimiter {
    calls: Mutex<HashMap<IpAddr, (Instant, u32)>>,
  //^^^^^ in-memory-rate-limit: the counters of this rate limit are in memory: each instance counts for itself
    limit: u32,
}
struct App { rate_limits: Arc<DashMap<String, u32>>, pool: PgPool }
           //^^^^^^^^^^^ in-memory-rate-limit
struct LoginThrottle(Mutex<HashMap<String, Window>>);
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in-memory-rate-limit
static RATE_LIMIT: LazyLock<DashMap<IpAddr, u32>> = LazyLock::new(DashMap::new);
     //^^^^^^^^^^ in-memory-rate-limit
"#,
            ),
        );
    }

    #[test]
    fn other_maps_and_shared_counters_are_left_alone() {
        silent(
            &RULE,
            &server(
                r#"
struct RateLimiter { redis: ConnectionManager, per_minute: u32 }
struct Sessions { open: Mutex<HashMap<Uuid, Session>> }
struct RateLimitConfig { per_minute: u32, burst: u32 }
#[cfg(test)]
mod tests { struct RateLimiter { hits: HashMap<u8, u8> } }
"#,
            ),
        );
        let limiter = "struct RateLimiter { hits: HashMap<IpAddr, u32> }";
        silent(&RULE, &server(limiter).replace("axum = \"0.8\"", "axum = \"0.8\"\nredis = \"1\""));
        silent(&RULE, limiter);
    }
}
