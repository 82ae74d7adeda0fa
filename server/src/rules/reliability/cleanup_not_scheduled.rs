//! Clean-up that nothing calls.
//!
//! A function that deletes what has expired is written, and nothing runs it: sessions, nonces and
//! counters stay, the database grows, and what should have ended may be used again.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! tokio = "1"
//! //- src/main.rs
//! async fn main() {
//!     serve(Store::open()).await;
//! }
//!
//! impl Store {
//!     async fn delete_expired_sessions(&self) -> Result<u64> {
//!         self.execute("DELETE FROM sessions WHERE expires_at < now()").await
//!     }
//! }
//! ```
//!
//! Run it at intervals, or from the handler of a cron trigger:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! tokio = "1"
//! //- src/main.rs
//! async fn main() {
//!     let store = Store::open();
//!     tokio::spawn(clean(store.clone()));
//!     serve(store).await;
//! }
//!
//! async fn clean(store: Store) {
//!     let mut hours = tokio::time::interval(HOUR);
//!     loop {
//!         hours.tick().await;
//!         if let Err(error) = store.delete_expired_sessions().await {
//!             tracing::error!(%error, "sessions are not deleted");
//!         }
//!     }
//! }
//!
//! impl Store {
//!     async fn delete_expired_sessions(&self) -> Result<u64> {
//!         self.execute("DELETE FROM sessions WHERE expires_at < now()").await
//!     }
//! }
//! ```
//!
//! In a Worker the `scheduled` handler is compared with the functions of the same kind that it calls.
//! Calls in tests do not count. Libraries that others build on are not reported.
//!
//! Known problems: two functions of one name are taken for one.

use super::AREA;
use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Confidence, ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::{Indexed, Package, Packages, Reference, ReferenceKind, Role};
use crate::syntax::names::words;
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "cleanup-not-scheduled",
    severity: Severity::High,
    seeds: &["D.3", "C.phase4"],
    cwe: &[459],
    source: include_str!("cleanup_not_scheduled.rs"),
    indexed: &[
        Indexed::Prefixes(PREFIXES),
        Indexed::Scripts(SCRIPTS),
        Indexed::Handlers(&[("event", "scheduled")]),
    ],
    project: Some(check),
    ..Rule::project(AREA)
};

/// How names of functions begin that delete what is not needed any longer.
const PREFIXES: &[&str] = &[
    "clean_expired", "clean_old", "clean_stale", "clean_up_", "cleanup_", "delete_expired",
    "delete_old", "delete_outdated", "delete_stale", "evict_", "garbage_collect_", "gc_", "prune_",
    "purge_", "reap_", "remove_expired", "remove_old", "remove_stale", "sweep_",
];

const DECLARED: &str = "cleanup-declared";
const CALLED: &str = "cleanup-called";

/// The same in scripts: where a function is declared, and where it is called.
const SCRIPTS: &[(&str, &str)] = &[
    (
        DECLARED,
        r"(?m)^\s*(?:export\s+)?(?:public\s+)?(?:async\s+)?(?:function\s+)?((?:deleteExpired|deleteOld|deleteStale|removeExpired|purge|cleanup|cleanUp|evict|prune)[A-Z]\w*)\s*\([^)]*\)\s*(?::\s*[^{};=]+)?\{",
    ),
    (
        CALLED,
        r"(?:\.|\bawait\s+|\breturn\s+|=>?\s*|[(,\[]\s*)((?:deleteExpired|deleteOld|deleteStale|removeExpired|purge|cleanup|cleanUp|evict|prune)[A-Z]\w*)\b",
    ),
];

/// Words of what expires.
const EXPIRING: &[&str] = &[
    "challenges", "codes", "expired", "idle", "invites", "keys", "messages", "nonces", "offers",
    "old", "outdated", "sessions", "stale", "tokens",
];

/// A place in a file.
type Place<'a> = (&'a str, FileRange);

fn check(cx: &mut ProjectContext<'_>) {
    let references: Vec<(&str, &Reference)> =
        cx.references().filter(|(_, it)| !it.in_test).collect();
    in_rust(&references, cx);
    in_scripts(&references, cx);
}

fn in_rust(references: &[(&str, &Reference)], cx: &mut ProjectContext<'_>) {
    let packages = cx.packages();
    let mut declared: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (path, reference) in references {
        let ReferenceKind::Name { name, function, declared: is_declared, .. } = &reference.kind
        else {
            continue;
        };
        let is_wanted = PREFIXES.iter().any(|it| name.len() > it.len() && name.starts_with(it));
        let is_beside_tests = path.split('/').any(|it| matches!(it, "test" | "tests"));
        if !is_wanted || is_beside_tests || !matches!(packages.role(path), Role::Bin | Role::Lib) {
            continue;
        }
        match is_declared {
            true => declared.entry(name).or_default().push((path, reference.range)),
            // One that is called by another of its name is passed on.
            false if function != name => drop(used.insert(name)),
            false => {}
        }
    }
    for (name, places) in declared.iter().filter(|(name, _)| !used.contains(*name)) {
        let in_service =
            |(path, _): &&Place<'_>| packages.owner(path).is_some_and(|it| goes_on(packages, it));
        let Some((path, range)) = places.iter().find(in_service) else { continue };
        // The framework calls what a trait of its own asks for.
        let mut functions = cx.symbols().functions_in(path).filter(|it| it.name == **name);
        if functions.any(|it| it.parameters.split(',').any(|it| it == "request")) {
            continue;
        }
        let message = format!("`{name}` is never called: what it deletes stays");
        let severity = match words(name).any(|word| EXPIRING.contains(&word.as_str())) {
            true => Severity::High,
            false => Severity::Medium,
        };
        let report = Report::new(*range, message).severity(severity);
        cx.report(path, report.confidence(Confidence::Likely));
    }
}

/// Whether a program that goes on runs the code of a package.
fn goes_on(packages: &Packages, package: &Package) -> bool {
    let runs = |it: &Package| it.has_program && !it.is_command() && !it.is_command_line();
    let name = package.name.replace('-', "_");
    runs(package)
        || !package.published && packages.iter().any(|it| it.depends_on(&name) && runs(it))
}

fn in_scripts(references: &[(&str, &Reference)], cx: &mut ProjectContext<'_>) {
    let found = |wanted: &str| -> Vec<(&str, &str, FileRange)> {
        let all = references.iter().filter_map(|(path, it)| match &it.kind {
            // Examples, and what a build made of scripts, are nobody's source.
            ReferenceKind::Script { pattern, text }
                if *pattern == wanted && purpose(path) >= Purpose::Development =>
            {
                Some((text.as_str(), *path, it.range))
            }
            _ => None,
        });
        all.collect()
    };
    let (declared, mentioned) = (found(DECLARED), found(CALLED));
    // A declaration without a body may look like a call.
    let is_call = |it: &&(&str, &str, FileRange)| {
        !declared.iter().any(|(_, path, range)| *path == it.1 && *range == it.2)
    };
    let called: Vec<_> = mentioned.iter().filter(is_call).collect();
    let mut forgotten: BTreeSet<&str> = BTreeSet::new();
    for (path, reference) in references {
        if !matches!(&reference.kind, ReferenceKind::Call(name) if name == "scheduled") {
            continue;
        }
        let here: BTreeSet<&str> =
            called.iter().filter(|(_, file, _)| file == path).map(|(name, ..)| *name).collect();
        let is_sibling = |name: &str| {
            name.starts_with("deleteExpired")
                && here.iter().any(|it| it.starts_with("deleteExpired"))
        };
        let left: BTreeSet<&str> = declared.iter().map(|(name, ..)| *name).collect();
        let left: Vec<&str> =
            left.into_iter().filter(|it| !here.contains(it) && is_sibling(it)).collect();
        let Some(first) = left.first() else { continue };
        let message = match left.len() {
            1 => format!("the scheduled handler does not call `{first}`"),
            count => {
                format!("the scheduled handler does not call `{first}` and {} more", count - 1)
            }
        };
        let mut report = Report::new(reference.range, message).confidence(Confidence::Likely);
        for (name, file, range) in declared.iter().filter(|it| left.contains(&it.0)) {
            report = report.related_in(file, *range, format!("`{name}` is declared here"));
        }
        cx.report(path, report);
        forgotten.extend(left);
    }
    for (name, path, range) in &declared {
        if !forgotten.contains(name) && called.iter().all(|(it, ..)| it != name) {
            let message = format!("`{name}` is never called: what it deletes stays");
            cx.report(path, Report::new(*range, message).confidence(Confidence::Likely));
            forgotten.insert(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    fn program(main: &str) -> String {
        format!(
            "//- Cargo.toml\n[package]\nname = \"api\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\ntokio = \"1\"\n//- src/main.rs\n{main}"
        )
    }

    #[test]
    fn functions_that_nothing_calls_are_reported() {
        check(
            &RULE,
            &program(
                r#"
fn main() {}
impl Store {
    pub async fn delete_expired_sessions(&self) -> Result<u64> { self.run().await }
               //^^^^^^^^^^^^^^^^^^^^^^^ cleanup-not-scheduled: `delete_expired_sessions` is never called: what it deletes stays
    fn evict_stale(&mut self) { self.peers.retain(|_, it| it.is_fresh()); }
     //^^^^^^^^^^^ cleanup-not-scheduled
}
pub fn purge_old_messages(store: &Store) {}
     //^^^^^^^^^^^^^^^^^^ cleanup-not-scheduled
impl Cleaner for Wrapper {
    fn cleanup_tokens(&self) { self.inner.cleanup_tokens() }
     //^^^^^^^^^^^^^^ cleanup-not-scheduled
}
#[test]
fn t() { purge_old_messages(&Store::new()); }
"#,
            ),
        );
    }

    #[test]
    fn calls_of_any_form_count() {
        silent(
            &RULE,
            &program(
                r#"
async fn main() {
    tokio::spawn(async move { loop { tick().await; store.delete_expired_sessions().await; } });
    scheduler.add(every_hour(purge_old_messages));
    jobs.push(Box::new(|| evict_stale(&cache)));
}
async fn delete_expired_sessions() {}
fn purge_old_messages() {}
fn evict_stale(cache: &Cache) {}
"#,
            ),
        );
    }

    #[test]
    fn libraries_commands_and_services_of_rpc_are_left_alone() {
        silent(&RULE, "pub fn purge_expired(cache: &mut Cache) {}");
        silent(
            &RULE,
            &program(
                "fn main() { prune(\"/tmp/a\") }\nfn prune(at: &str) {\n    fn prune_inner(at: &str) { remove(at); }\n    prune_inner(at);\n}",
            ),
        );
        silent(
            &RULE,
            &program("fn main() {}\nfn purge_cache() {}")
                .replace("axum", "clap")
                .replace("tokio = \"1\"\n", ""),
        );
        silent(
            &RULE,
            &program(
                "fn main() {}\nimpl Admin for Service { async fn purge_queue(&self, request: Request<A>) {} }",
            ),
        );
        silent(
            &RULE,
            &program("fn main() {}\n#[cfg(test)]\nmod tests { fn cleanup_database() {} }"),
        );
    }

    #[test]
    fn a_scheduled_handler_that_forgets_some_is_reported() {
        let storage = r#"//- src/storage.ts
export class Storage {
  async deleteExpiredOffers(now: number): Promise<number> { return 0 }
  async deleteExpiredNonces(now: number): Promise<number> { return 0 }
}
"#;
        check(
            &RULE,
            &format!(
                r#"{storage}//- src/worker.ts
export default {{
  async scheduled(event, env) {{
//~ cleanup-not-scheduled: the scheduled handler does not call `deleteExpiredNonces`
    await storage.deleteExpiredOffers(Date.now())
  }},
}}
"#
            ),
        );
        check(
            &RULE,
            r#"//- src/storage.ts
export class Storage {
  async deleteExpiredOffers(now: number): Promise<number> { return 0 }
//~ cleanup-not-scheduled
}
"#,
        );
        silent(
            &RULE,
            &format!(
                r#"{storage}//- src/worker.ts
export default {{
  async scheduled(event, env) {{
    await Promise.all([storage.deleteExpiredOffers(1), storage.deleteExpiredNonces(1)])
  }},
}}
"#
            ),
        );
    }
}
