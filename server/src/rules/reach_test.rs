//! Findings in code that runs once, at the end, or elsewhere matter less, and say so.

use super::fixture::Fixture;
use crate::analysis::{Area, Query, Report, Rule};
use crate::syntax::AstNode;

static RULE: Rule = Rule {
    id: "reach",
    queries: &[Query::Method(&["unwrap"], |call, cx| {
        cx.report(call.syntax(), Report::new(call.syntax().text_range(), "found"));
    })],
    ..Rule::source(Area::Reliability)
};

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
