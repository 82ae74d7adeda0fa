//! Findings in code that runs once, at the end, or elsewhere matter less, and say so.

use super::fixture::Fixture;
use crate::analysis::{Area, Query, Report, Rule, Severity};
use crate::syntax::AstNode;

static RULE: Rule = Rule { id: "reach", queries: QUERIES, ..Rule::source(Area::Reliability) };

static SERIOUS: Rule = Rule {
    id: "reach",
    severity: Severity::High,
    queries: QUERIES,
    ..Rule::source(Area::Security)
};

const QUERIES: &[Query] = &[Query::Method(&["unwrap"], |call, cx| {
    cx.report(call.syntax(), Report::new(call.syntax().text_range(), "found"));
})];

/// The messages about `unwrap` in a project.
fn messages(source: &str) -> Vec<String> {
    let fixture = Fixture::new(source, [&RULE]);
    fixture.findings().into_iter().map(|(_, finding)| finding.message.to_string()).collect()
}

fn reasons(source: &str) -> Vec<Option<String>> {
    let reason = |it: String| Some(it.rsplit_once(" (")?.1.trim_end_matches(')').to_string());
    messages(source).into_iter().map(reason).collect()
}

#[test]
fn what_runs_once_says_so() {
    let server = "//- Cargo.toml\n[package]\nname = \"a\"\nedition = \"2024\"\n[dependencies]\naxum = \"1\"\n";
    let of = |source: &str| reasons(&format!("{server}//- src/main.rs\n{source}"));
    let start = Some("at start-up".to_string());
    for source in [
        "fn main() { load(x()).unwrap(); }",
        "async fn main() { for a in list() { a.get().unwrap(); } }",
        "fn init_tracing() { load(x()).unwrap(); }",
        "impl Settings { fn from_env() -> Self { load(x()).unwrap() } }",
        "static A: LazyLock<Key> = LazyLock::new(|| load(x()).unwrap());",
        "fn key() -> &'static Key { KEY.get_or_init(|| load(x()).unwrap()) }",
    ] {
        assert_eq!(of(source), std::slice::from_ref(&start), "{source}");
    }
    assert_eq!(
        of("impl Drop for A { fn drop(&mut self) { f(x()).unwrap(); } }"),
        [Some("in `Drop`".into())]
    );
    for source in [
        "fn main() { loop { accept(x()).unwrap(); } }",
        "fn main() { tokio::spawn(async move { accept(x()).unwrap(); }); }",
        "async fn get(State(a): State<A>) -> String { a.load(x()).unwrap() }",
        "impl A { fn init(&self) { self.load(x()).unwrap(); } }",
    ] {
        assert_eq!(of(source), [None], "{source}");
    }
}

#[test]
fn commands_end_and_other_platforms_do_not_serve() {
    let command = "//- Cargo.toml\n[package]\nname = \"a\"\nedition = \"2024\"\n//- src/main.rs\nfn f() { g(x()).unwrap(); }";
    assert_eq!(reasons(command), [Some("in a one-shot command".into())]);
    let windows = "#[cfg(windows)] mod a { pub fn f() { g(x()).unwrap(); } }";
    assert_eq!(reasons(windows), [Some("on another platform".into())]);
    let unix = "#[cfg(any(unix, windows))] mod a { pub fn f() { g(x()).unwrap(); } }";
    assert_eq!(reasons(unix), [None]);
}

#[test]
fn doubles_that_only_tests_name_are_no_production_code() {
    let store = r#"
//- src/lib.rs
mod store;
//- src/store.rs
pub struct MemoryStore { rows: Mutex<Vec<Row>> }
impl MemoryStore {
    pub fn new() -> Self { Self { rows: Mutex::default() } }
}
impl Store for MemoryStore {
    fn get(&self) -> Row { self.rows.first().unwrap() }
}
pub struct MockClock;
impl Clock for MockClock {
    fn now(&self) -> Time { read(x()).unwrap() }
}
"#;
    let of = |more: &str| messages(&format!("{store}{more}")).len();
    assert_eq!(of(""), 0);
    assert_eq!(of("//- tests/it.rs\nfn t() { MemoryStore::new(); MockClock; }"), 0);
    assert_eq!(of("//- src/a.rs\nuse crate::store::MemoryStore;"), 0);
    let built = "//- src/main.rs\nmod a;\nfn main() { serve(MemoryStore::new()) }";
    assert_eq!(of(built), 1);
    assert_eq!(of("//- src/main.rs\nstruct App { store: MemoryStore, clock: MockClock }"), 2);
    // By another double that production code builds.
    let factory = "impl MemoryFactory {\n    fn store(&self) -> MemoryStore { todo() }\n}\n";
    assert_eq!(of(&format!("//- src/f.rs\n{factory}")), 0);
    let used = format!("//- src/f.rs\n{factory}fn main() {{ MemoryFactory }}\n");
    assert_eq!(of(&used), 1);
}

#[test]
fn what_is_serious_is_not_where_nothing_calls_it() {
    let server = "//- Cargo.toml\n[package]\nname = \"a\"\nedition = \"2024\"\n[dependencies]\naxum = \"1\"\n";
    let of = |source: &str| {
        let fixture = Fixture::new(&format!("{server}{source}"), [&SERIOUS]);
        let found = fixture.findings().into_iter().map(|(_, it)| it);
        found.map(|it| (it.severity, it.message.to_string())).collect::<Vec<_>>()
    };
    let high = [(Severity::High, "found".to_string())];
    let uncalled = [(Severity::Low, "found (nothing calls it)".to_string())];
    let by_command = [(Severity::Medium, "found (only commands call it)".to_string())];
    let login = "//- src/login.rs\npub fn check(a: A) { a.b(x()).unwrap(); }\n";
    // By its name, in the attribute of a field, as an argument, in a macro.
    for user in [
        "fn main() { login::check(a()); }",
        "fn main() { run::<S>(); }\nstruct S { #[serde(deserialize_with = \"login::check\")] a: A }",
        "fn main() { route(get(login::check)); }",
        "fn main() { routes![login::check]; }",
        "fn main() { one(); }\nfn one() { two(); }\nfn two() { login::check(a()); }",
    ] {
        assert_eq!(of(&format!("//- src/main.rs\nmod login;\n{user}\n{login}")), high, "{user}");
    }
    for user in [
        "fn main() {}",
        "fn main() {}\n#[cfg(test)]\nmod tests { #[test] fn a() { login::check(a()); } }",
        "fn main() {}\nfn unused() { login::check(a()); }",
        "use login::check;\nfn main() {}",
    ] {
        assert_eq!(
            of(&format!("//- src/main.rs\nmod login;\n{user}\n{login}")),
            uncalled,
            "{user}"
        );
    }
    let command = "//- src/main.rs\nmod cmd;\nmod login;\nfn main() { cmd::reset::go(); }\n//- src/cmd/mod.rs\npub mod reset;\n//- src/cmd/reset.rs\npub fn go() { crate::login::check(a()); }\n";
    assert_eq!(of(&format!("{command}{login}")), by_command);
    // A trait, or an attribute, has it called.
    for code in [
        "impl Handler for A { fn check(&self) { a.b(x()).unwrap(); } }",
        "#[get(\"/\")]\nasync fn check() { a.b(x()).unwrap(); }",
    ] {
        assert_eq!(of(&format!("//- src/main.rs\nfn main() {{}}\n{code}")), high, "{code}");
    }
}
