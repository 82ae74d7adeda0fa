//! `unwrap` in production code.
//!
//! `unwrap` panics on `None` and `Err`. The panic ends the thread, and with `panic = "abort"` the
//! whole process, so that one bad request, missing file or closed connection becomes an outage. The
//! panic message does not say what the program was doing.
//!
//! ```rust,bad
//! fn port(args: &[String]) -> Result<u16, Box<dyn std::error::Error>> {
//!     Ok(args.first().unwrap().parse().unwrap())
//! }
//! ```
//!
//! Return the error to the caller, who can handle it:
//!
//! ```rust
//! fn port(args: &[String]) -> Result<u16, Box<dyn std::error::Error>> {
//!     Ok(args.first().ok_or("no port given")?.parse()?)
//! }
//! ```
//!
//! Not reported: code that only tests reach, code that is evaluated at compile time, and methods
//! called `unwrap` of types in the workspace. `unwrap` of a lock is reported by `lock-unwrap`.
//!
//! The severity is medium where code serves, or where a peer, a request or a row of a
//! database decides whether there is a value, and low elsewhere and for what the program itself has
//! settled: a field of `self`, a text that it made or parsed before. Where there always is a value,
//! such as that of a literal that is parsed, the finding is only shown with `--confidence possible`.

use super::AREA;
use crate::analysis::{Context, Opportunity, Query, Rule, Severity};
use crate::rules::reliability::make_fallible::{
    PASSED_TO, report_argument, report_call, report_panic,
};
use crate::semantics::calls::argument_count;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "unwrap-used",
    safe_fix: true,
    opportunity: Opportunity::FallibleCalls,
    effort: 10,
    severity: Severity::Low,
    serving_severity: Some(Severity::Medium),
    raised_when_critical: false,
    lints: &["clippy::unwrap_used"],
    cwe: &[248],
    seeds: &["A.C3", "B.8", "C.secrets"],
    source: include_str!("unwrap_used.rs"),
    queries: &[
        Query::Method(NAMES, check),
        Query::Call(NAMES, |call, cx| report_call(call, NAMES, cx)),
        Query::Method(PASSED_TO, |call, cx| report_argument(call, NAMES, cx)),
    ],
    ..Rule::source(AREA)
};

const NAMES: &[&str] = &["unwrap", "unwrap_err"];

fn check(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    if argument_count(call) == 0 {
        report_panic(call, None, cx);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn calls_are_reported_where_they_stand() {
        check(
            &RULE,
            r#"
fn f(x: Option<u8>) -> u8 {
    println!("{}", x.unwrap());
                   //^^^^^^^^ unwrap-used: `unwrap` panics when there is no value
    x
        .unwrap()
       //^^^^^^^^ unwrap-used
}
"#,
        );
    }

    #[test]
    fn a_lock_is_reported_by_its_own_rule() {
        silent(&RULE, "fn f(x: &std::sync::Mutex<u8>) -> u8 { *x.lock().unwrap() }");
        check(
            &RULE,
            r#"
async fn f(x: &Tasks, stream: &mut TcpStream) {
    x.lock().await.unwrap();
                 //^^^^^^^^ unwrap-used
    stream.read(&mut buffer).unwrap();
                           //^^^^^^^^ unwrap-used
}
"#,
        );
    }

    #[test]
    fn a_method_of_the_workspace_is_not_that_of_option() {
        silent(
            &RULE,
            r#"
struct Envelope;
impl Envelope {
    fn unwrap(self) -> Letter { self.letter }
    fn open(self) -> Letter { self.unwrap() }
}
struct Post { envelope: Envelope }
impl Post {
    fn open(self) -> Letter { self.envelope.unwrap() }
}
fn open(envelope: Envelope) -> Letter { envelope.unwrap() }
"#,
        );
    }

    #[test]
    fn what_the_project_tells_clippy_counts() {
        check(
            &RULE,
            r#"
//- clippy.toml
allow-unwrap-types = ["demo::Infallible"]
disallowed-methods = [{ path = "std::option::Option::unwrap", reason = "use `expect`" }]
//- src/lib.rs
fn f() -> Infallible<u8> { todo!() }
fn g() { f().unwrap(); h().unwrap(); }
                         //^^^^^^^^ unwrap-used
"#,
        );
    }

    #[test]
    fn a_regular_expression_in_a_static_fails_at_the_first_run_or_never() {
        let severity = |source: &str| {
            let fixture = crate::rules::fixture::Fixture::new(source, [&RULE]);
            fixture.findings().first().map(|(_, finding)| finding.severity)
        };
        use crate::config::Severity;
        let fixed = r#"static A: LazyLock<Regex> = LazyLock::new(|| Regex::new("a").unwrap());"#;
        assert_eq!(severity(fixed), Some(Severity::Low));
        let cell = r#"fn a() -> &'static Regex { A.get_or_init(|| Regex::new(r"\\d").unwrap()) }"#;
        assert_eq!(severity(cell), Some(Severity::Low));
        let configured =
            "static A: LazyLock<Regex> = LazyLock::new(|| Regex::new(&PATTERN).unwrap());";
        // At start-up.
        assert_eq!(severity(configured), Some(Severity::Low));
        let called = "fn f(pattern: &str) { Regex::new(pattern).unwrap(); }";
        assert_eq!(severity(called), Some(Severity::Low));
        assert_eq!(severity("fn f() { Regex::new(\"a\").unwrap(); }"), Some(Severity::Low));
    }

    #[test]
    fn what_the_program_has_settled_is_low_where_it_serves() {
        let source = r#"
//- Cargo.toml
[package]
name = "server"
edition = "2024"
[dependencies]
axum = "1"
//- src/main.rs
impl Uplink {
    async fn handle(&self, req: Request) -> Result<()> {
        let device = self.device.as_ref().unwrap();
        self.log(device.id.to_string().parse().unwrap());
        let id = DeviceId::from_str(&req.device_id).map_err(invalid)?;
        self.log(req.device_id.parse().unwrap());
        self.log(req.gateway_id.parse().unwrap());
        self.devices.get(&id).unwrap();
        Ok(())
    }
}
"#;
        let fixture = crate::rules::fixture::Fixture::new(source, [&RULE]);
        let found = fixture.findings().into_iter().map(|(_, it)| {
            let reason =
                it.message.rsplit_once(" (").map(|(_, it)| it.trim_end_matches(')').to_string());
            (it.severity.name(), reason.unwrap_or_default())
        });
        let found: Vec<_> = found.collect();
        let found: Vec<_> =
            found.iter().map(|(severity, reason)| (*severity, reason.as_str())).collect();
        assert_eq!(
            found,
            [
                ("low", "a field that the type itself fills in"),
                ("low", "the text is made here"),
                ("low", "the text was parsed before"),
                ("medium", ""),
                ("medium", ""),
            ]
        );
    }

    #[test]
    fn what_the_compiler_evaluates_cannot_fail_in_production() {
        silent(
            &RULE,
            r#"
const PORT: NonZeroU16 = NonZeroU16::new(80).unwrap();
static LIMIT: NonZeroU16 = NonZeroU16::new(80).unwrap();
fn f() -> NonZeroU16 { const { NonZeroU16::new(80).unwrap() } }
"#,
        );
        check(
            &RULE,
            r#"
static URL: LazyLock<Url> = LazyLock::new(|| TEXT.parse().unwrap());
                                                        //^^^^^^^^ unwrap-used
"#,
        );
    }

    #[test]
    fn test_code_is_left_alone() {
        silent(
            &RULE,
            r#"
#[cfg(test)]
mod tests {
    fn helper() { x.unwrap(); }
}
#[tokio::test]
async fn works() { x.unwrap(); }
/// x.unwrap()
fn f() { #[cfg(test)] { x.unwrap(); } }
#[allow(clippy::unwrap_used)]
fn g() { x.unwrap(); }
macro_rules! m { () => { x.unwrap() } }
fn h() { quote!(x.unwrap()); x.unwrap(1); }
header! { tests { header_test!(first, x.unwrap()); } }
"#,
        );
    }

    #[test]
    fn a_file_that_only_tests_reach_is_test_code() {
        silent(
            &RULE,
            r#"
//- src/lib.rs
#[cfg(test)]
mod helpers;
//- src/helpers.rs
pub fn f() { x.unwrap(); }
//- tests/it.rs
fn f() { x.unwrap(); }
//- build.rs
fn main() { x.unwrap(); }
//- tests/fixture/Cargo.toml
[package]
name = "fixture-of-a-test"
//- tests/fixture/src/lib.rs
fn f() { x.unwrap(); }
//- Cargo.toml
[package]
name = "fixture"
"#,
        );
    }

    #[test]
    fn a_suppression_needs_a_reason_and_a_use() {
        check(
            &RULE,
            r#"
fn f() {
    // readiness: allow(unwrap-used) it was checked above
    x.y().
        unwrap();
    x.unwrap(); // readiness: allow(unwrap-used) checked
    // readiness: allow(unwrap-used)
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ invalid-suppression: suppression of `unwrap-used` without a reason
    x.unwrap();
    // readiness: allow(unwrap-used) nothing
                      //^^^^^^^^^^^ unused-suppression
    x.len();
}
"#,
        );
    }
}
