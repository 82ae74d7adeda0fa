//! Map that grows with every value a client sends.
//!
//! A map of the server that gets an entry for each new name, address or token of a request, and from
//! which nothing is removed, grows until the process runs out of memory. A client that makes up
//! keys fills it on purpose.
//!
//! ```rust,bad
//! struct Limiter {
//!     attempts: Mutex<HashMap<String, u32>>,
//! }
//!
//! async fn login(State(limiter): State<Arc<Limiter>>, Json(body): Json<Login>) -> StatusCode {
//!     *limiter.attempts.lock().await.entry(body.user).or_insert(0) += 1;
//!     StatusCode::OK
//! }
//! ```
//!
//! Use a cache with a capacity or a lifetime, or remove old entries:
//!
//! ```rust
//! struct Limiter {
//!     attempts: moka::future::Cache<String, u32>,
//! }
//!
//! async fn login(State(limiter): State<Arc<Limiter>>, Json(body): Json<Login>) -> StatusCode {
//!     let count = limiter.attempts.get(&body.user).await.unwrap_or(0);
//!     limiter.attempts.insert(body.user, count + 1).await;
//!     StatusCode::OK
//! }
//! ```
//!
//! Known problems: only entries that a handler adds itself are seen.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Rule};
use crate::project::SymbolIndex;
use crate::project::flow::Kind;
use crate::rules::reached::{report, shown};
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "unbounded-map",
    raised_when_critical: false,
    cwe: &[770],
    source: include_str!("unbounded_map.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::MapKey]) {
        let message = format!(
            "`{}` grows with each new {}, and nothing is removed from it",
            it.sink,
            shown(&it.name)
        );
        let report = report(&it, message).confidence(Confidence::Likely);
        let condition = it.condition.clone();
        let field = it.sink.clone();
        let holds = move |symbols: &SymbolIndex| condition.holds(symbols) && grows(&field, symbols);
        cx.report(&it.node, report.when(holds));
    }
}

/// Whether a field or static is a map from which no function of the workspace removes anything.
fn grows(field: &str, symbols: &SymbolIndex) -> bool {
    let is_map = |ty: &str| {
        ["HashMap<", "BTreeMap<", "DashMap<", "HashSet<", "BTreeSet<", "DashSet<"]
            .iter()
            .any(|it| ty.contains(it))
    };
    let mut types = symbols.fields(field).peekable();
    types.peek().is_some() && types.all(is_map) && !symbols.is_emptied(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn maps_that_clients_fill_are_found() {
        check(
            &RULE,
            r#"
struct App { attempts: Mutex<HashMap<String, u32>>, seen: DashMap<String, Instant>, names: RwLock<HashSet<String>> }

async fn login(State(app): State<Arc<App>>, Json(body): Json<Login>) -> StatusCode {
    let mut attempts = app.attempts.lock().await;
    app.attempts.lock().await.entry(body.user.clone()).or_insert(0);
                            //^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-map: `attempts` grows with each new `body.user`, and nothing is removed from it
    app.seen.insert(body.token, Instant::now());
    //~ unbounded-map
    app.names.write().unwrap().insert(body.name);
    //~ unbounded-map
    StatusCode::OK
}
"#,
        );
    }

    #[test]
    fn maps_that_are_emptied_and_caches_are_left_alone() {
        silent(
            &RULE,
            r#"
struct App { attempts: Mutex<HashMap<String, u32>>, cache: Cache<String, u32>, lru: Mutex<LruCache<String, u32>> }

async fn login(State(app): State<Arc<App>>, Json(body): Json<Login>) -> StatusCode {
    app.attempts.lock().await.insert(body.user.clone(), 0);
    app.cache.insert(body.user.clone(), 1).await;
    app.lru.lock().await.put(body.user.clone(), 1);
    let mut local = HashMap::new();
    local.insert(body.user, 1);
    StatusCode::OK
}
async fn sweep(app: Arc<App>) {
    app.attempts.lock().await.retain(|_, count| *count > 0);
}
"#,
        );
    }
}
