//! The repairs of panicking calls, read as the code before and after.

mod errors;
mod receivers;

use crate::rules::fixture::{first_fixes, no_fix, no_safe_fix};
use crate::rules::reliability::expect_used::RULE as EXPECT;
use crate::rules::reliability::unwrap_used::RULE as UNWRAP;

/// The first fix of the first finding of a rule, applied to the library's root.
#[track_caller]
fn fixed(rule: &'static crate::analysis::Rule, source: &str) -> String {
    let (fixture, fixes) = first_fixes(rule, source);
    let Some(fix) = fixes.first() else { panic!("no fix") };
    fixture.apply(fix).remove("src/lib.rs").expect("the root")
}

/// Whether the first fix is one that is applied without looking.
#[track_caller]
fn is_safe(rule: &'static crate::analysis::Rule, source: &str) -> bool {
    let (_, fixes) = first_fixes(rule, source);
    let Some(fix) = fixes.first() else { panic!("no fix") };
    fix.applicability == crate::analysis::Applicability::Safe
}

#[test]
fn anyhow_gets_a_context_and_the_import() {
    assert_eq!(
        fixed(
            &UNWRAP,
            "use anyhow::Result;\nfn f() -> Result<()> { let bind: SocketAddr = text.parse().unwrap(); }\n"
        ),
        "use anyhow::{Context, Result};\nfn f() -> Result<()> { let bind: SocketAddr = text.parse().context(\"parse bind\")?; }\n"
    );
    assert_eq!(
        fixed(
            &EXPECT,
            "use std::fs;\n\nuse tokio::net;\n\nasync fn f() -> anyhow::Result<()> { println!(\"{}\", fs::read(\"a\").expect(\"a {file}\")); }\n"
        ),
        "use std::fs;\n\nuse anyhow::Context;\nuse tokio::net;\n\nasync fn f() -> anyhow::Result<()> { println!(\"{}\", fs::read(\"a\").context(\"a {file}\")?); }\n"
    );
    assert_eq!(
        fixed(
            &EXPECT,
            "use std::task::Context;\nuse anyhow::{anyhow, Result};\nfn f(x: Option<u8>) -> Result<u8> { Ok(x.expect(&format!(\"{}\", 1))) }\n"
        ),
        "use std::task::Context;\nuse anyhow::{anyhow, Context as _, Result};\nfn f(x: Option<u8>) -> Result<u8> { Ok(x.with_context(|| format!(\"{}\", 1))?) }\n"
    );
    assert_eq!(
        fixed(
            &UNWRAP,
            "mod a {\n    fn f(x: Option<u8>) -> anyhow::Result<u8> { Ok(x.unwrap()) }\n}\n"
        ),
        "mod a {\n    use anyhow::Context;\n\n    fn f(x: Option<u8>) -> anyhow::Result<u8> { Ok(x.context(\"x is missing\")?) }\n}\n"
    );
}

#[test]
fn eyre_boxed_text_and_io_errors_are_returned_in_their_way() {
    let body = |ty: &str, code: &str| format!("fn f(x: Option<u8>) -> {ty} {{ {code} }}\n");
    let boxed = "Result<u8, Box<dyn std::error::Error + Send + Sync>>";
    for (ty, before, after) in [
        (boxed, "x.unwrap();", "x.ok_or(\"x is missing\")?;"),
        (boxed, "std::fs::read(\"a\")\n    .unwrap();", "std::fs::read(\"a\")?;"),
        ("Option<u8>", "x.unwrap();", "x?;"),
        ("Option<u8>", "text.parse::<u8>().unwrap();", "text.parse::<u8>().ok()?;"),
        (
            "Result<u8, String>",
            "std::fs::read(path).unwrap();",
            "std::fs::read(path).map_err(|error| format!(\"read path: {error}\"))?;",
        ),
        ("std::io::Result<u8>", "std::fs::read(path).unwrap();", "std::fs::read(path)?;"),
        (
            "std::io::Result<u8>",
            "std::env::var(\"HOME\").unwrap();",
            "std::env::var(\"HOME\").map_err(std::io::Error::other)?;",
        ),
        (
            "std::io::Result<u8>",
            "x.unwrap();",
            "x.ok_or_else(|| std::io::Error::other(\"x is missing\"))?;",
        ),
        ("eyre::Result<u8>", "x.unwrap();", "x.ok_or_else(|| eyre::eyre!(\"x is missing\"))?;"),
    ] {
        assert_eq!(fixed(&UNWRAP, &body(ty, before)), body(ty, after));
    }
}

#[test]
fn an_error_of_the_workspace_is_converted_into_where_the_symbols_show_how() {
    let source = |call: &str| {
        format!(
            "#[derive(Debug, thiserror::Error)]\npub enum Failure {{\n    #[error(\"io\")]\n    Io(#[from] std::io::Error),\n    Other(String),\n}}\nfn f(x: Option<u8>) -> Result<(), Failure> {{ {call}; }}\n"
        )
    };
    assert_eq!(fixed(&UNWRAP, &source("std::fs::read(p).unwrap()")), source("std::fs::read(p)?"));
    assert_eq!(
        fixed(&UNWRAP, &source("x.unwrap()")),
        source("x.ok_or_else(|| Failure::Other(\"x is missing\".to_string()))?")
    );
    no_fix(&UNWRAP, "struct E;\nfn f() -> Result<(), E> { std::fs::read(p).unwrap(); }\n");
    // What no colour is known for is no place for everything else; what comes nearest is.
    let about_colors = |call: &str| source(call).replace("Other(", "UnknownColor(");
    assert_eq!(
        fixed(&UNWRAP, &about_colors("x.unwrap()")),
        about_colors("x.ok_or_else(|| std::io::Error::other(\"x is missing\"))?")
    );
    no_safe_fix(&UNWRAP, &about_colors("x.unwrap()"));
    no_fix(&UNWRAP, &about_colors("x.unwrap()").replace("#[from] ", "#[source] "));
}

#[test]
fn signatures_fields_and_bindings_tell_what_a_receiver_is() {
    let with = |code: &str| {
        format!(
            "struct S {{ map: HashMap<u8, u8>, name: Option<String> }}\nimpl S {{\n    fn load(&self) -> Option<u8> {{ None }}\n    fn f(&self, key: &u8) -> Option<u8> {{ {code} }}\n}}\n"
        )
    };
    for (before, after) in [
        ("self.map.get(key).unwrap();", "self.map.get(key)?;"),
        ("self.name.as_ref().unwrap();", "self.name.as_ref()?;"),
        ("self.load().unwrap();", "self.load()?;"),
        (
            "let x = self.load(); x.map(|it| it + 1).unwrap();",
            "let x = self.load(); x.map(|it| it + 1)?;",
        ),
        ("text.lines().next().unwrap();", "text.lines().next()?;"),
    ] {
        assert_eq!(fixed(&UNWRAP, &with(before)), with(after));
    }
}

#[test]
fn where_the_body_or_the_receiver_cannot_be_told_nothing_is_offered() {
    for source in [
        "pub fn f(x: Option<u8>) { x.unwrap(); }",
        "pub fn f(x: Option<u8>) -> u8 { x.unwrap() }",
        "fn f(x: Option<u8>) -> Option<u8> { g(|| x.unwrap()) }",
        "fn f(x: Option<u8>) -> Option<u8> { g(async { x.unwrap() }) }",
        "const fn f(x: Option<u8>) -> Option<u8> { Some(x.unwrap()) }",
        "fn f() -> Option<u8> { Some(unknown.thing().unwrap()) }",
        "fn f(x: Option<u8>) -> Option<u8> { #[cfg(windows)] x.take().unwrap(); None }",
        "fn f(x: Option<u8>) -> Option<u8> { define!(x.unwrap()); None }",
        "fn f<E: From<String>>(x: Option<u8>) -> Result<u8, E> { x.unwrap(); }",
        "impl Drop for S { fn drop(&mut self) { self.x.take().unwrap(); } }",
        "fn f(x: Option<u8>) -> Option<u8> { if let Some(x) = g() { x.unwrap(); } None }",
        "struct D;\nimpl D { fn get(&self, x: u8) -> Result<u8, ()> { Ok(x) } }\nfn f(d: D) -> Option<u8> { d.get(1).unwrap(); None }\nfn g(e: T) -> Option<u8> { e.get(1).unwrap(); None }",
    ] {
        let source = format!("{source}\n");
        let is_result_of_method = source.contains("struct D");
        if is_result_of_method {
            assert!(fixed(&UNWRAP, &source).contains("d.get(1).ok()?"));
        } else {
            no_fix(&UNWRAP, &source);
        }
    }
}

#[test]
fn what_a_thread_panicked_with_is_no_error() {
    let body =
        |call: &str| format!("use anyhow::Result;\nfn f() -> Result<()> {{ {call}; Ok(()) }}\n");
    assert_eq!(
        fixed(&UNWRAP, &body("worker.join().unwrap()?")),
        body("worker.join().map_err(|error| anyhow::anyhow!(\"join worker: {error:?}\"))??")
    );
    assert_eq!(
        fixed(&UNWRAP, &body("sender.send(job).unwrap()")),
        body("sender.send(job).map_err(|error| anyhow::anyhow!(\"send on sender: {error:?}\"))?")
    );
}

#[test]
fn a_comment_before_the_dot_stays() {
    assert_eq!(
        fixed(
            &UNWRAP,
            "fn f(x: Option<u8>) -> Option<u8> {\n    x // why\n        .unwrap();\n}\n"
        ),
        "fn f(x: Option<u8>) -> Option<u8> {\n    x // why\n        ?;\n}\n"
    );
}

/// The repairs of the first finding in a body of each kind, for the same line.
fn in_every_body(rule: &'static crate::analysis::Rule, line: &str, expected: [&str; 4]) {
    let head = "use std::net::SocketAddr;\n\nuse anyhow::Context;\n\n#[derive(Debug, thiserror::Error)]\npub enum Failure {\n    #[error(transparent)]\n    Address(#[from] std::net::AddrParseError),\n    #[error(\"{0}\")]\n    Internal(String),\n}\n\n";
    let bodies = [
        "anyhow::Result<()>",
        "Result<(), Box<dyn std::error::Error>>",
        "Option<()>",
        "Result<(), Failure>",
    ];
    for (body, expected) in bodies.into_iter().zip(expected) {
        let source =
            |line: &str| format!("{head}fn f(matches: &ArgMatches) -> {body} {{\n    {line}\n}}\n");
        assert_eq!(fixed(rule, &source(line)), source(expected), "{body}");
    }
}

#[test]
fn an_argument_that_is_an_address() {
    in_every_body(
        &UNWRAP,
        "let listen: SocketAddr = matches\n        .get_one::<String>(\"listen\")\n        .unwrap()\n        .parse()\n        .expect(\"Invalid\");",
        [
            "let listen: SocketAddr = matches\n        .get_one::<String>(\"listen\")\n        .context(\"argument listen is missing\")?\n        .parse()\n        .expect(\"Invalid\");",
            "let listen: SocketAddr = matches\n        .get_one::<String>(\"listen\")\n        .ok_or(\"argument listen is missing\")?\n        .parse()\n        .expect(\"Invalid\");",
            "let listen: SocketAddr = matches\n        .get_one::<String>(\"listen\")?\n        .parse()\n        .expect(\"Invalid\");",
            "let listen: SocketAddr = matches\n        .get_one::<String>(\"listen\")\n        .ok_or_else(|| Failure::Internal(\"argument listen is missing\".to_string()))?\n        .parse()\n        .expect(\"Invalid\");",
        ],
    );
    in_every_body(
        &EXPECT,
        "let listen: SocketAddr = text.parse().expect(\"Invalid listen address format\");",
        [
            "let listen: SocketAddr = text.parse().context(\"Invalid listen address format\")?;",
            "let listen: SocketAddr = text.parse()?;",
            "let listen: SocketAddr = text.parse().ok()?;",
            "let listen: SocketAddr = text.parse()?;",
        ],
    );
    in_every_body(
        &UNWRAP,
        "let bind: SocketAddr = text.parse().unwrap();",
        [
            "let bind: SocketAddr = text.parse().context(\"parse bind\")?;",
            "let bind: SocketAddr = text.parse()?;",
            "let bind: SocketAddr = text.parse().ok()?;",
            "let bind: SocketAddr = text.parse()?;",
        ],
    );
}

#[test]
fn a_value_that_is_set_before_it_is_used() {
    let source = |body: &str, call: &str| {
        format!(
            "static STATE: OnceLock<State> = OnceLock::new();\n\npub fn state() -> {body} {{\n    {call}\n}}\n"
        )
    };
    let message = "init_state must be called before the server starts";
    for (body, after) in [
        ("Option<&'static State>", "Some(STATE.get()?)".to_string()),
        (
            "Result<&'static State, Box<dyn std::error::Error>>",
            format!("Some(STATE.get().ok_or(\"{message}\")?)"),
        ),
    ] {
        let before = format!("Some(STATE.get().expect(\"{message}\"))");
        assert_eq!(fixed(&EXPECT, &source(body, &before)), source(body, &after));
    }
}

#[test]
fn a_failure_that_becomes_nothing_is_looked_at_by_a_person() {
    let source =
        |name: &str| format!("fn {name}(x: Option<u8>) -> Option<u8> {{ Some(x.unwrap() + 1) }}\n");
    assert_eq!(
        fixed(&UNWRAP, &source("next")),
        "fn next(x: Option<u8>) -> Option<u8> { Some(x? + 1) }\n"
    );
    no_safe_fix(&UNWRAP, &source("next"));
    // Nothing may mean that somebody gets in.
    for name in ["auth_filter", "is_allowed", "check_permission", "login"] {
        no_fix(&UNWRAP, &source(name));
    }
}

#[test]
fn some_failures_have_an_answer_that_needs_no_return() {
    for (before, after) in [
        (
            "let mut text = String::new(); write!(text, \"{}\", 1).unwrap();",
            "let mut text = String::new(); let _ = write!(text, \"{}\", 1);",
        ),
        (
            "let limit = std::num::NonZeroUsize::new(64).unwrap();",
            "let limit = const { std::num::NonZeroUsize::new(64).unwrap() };",
        ),
        (
            "list.sort_by(|a, b| a.partial_cmp(b).unwrap());",
            "list.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));",
        ),
        (
            "std::thread::spawn(work).join().unwrap();",
            "std::thread::spawn(work).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));",
        ),
    ] {
        let around = |body: &str| format!("pub fn f(mut list: Vec<f64>) {{ {body} }}\n");
        assert_eq!(fixed(&UNWRAP, &around(before)), around(after));
        assert!(!is_safe(&UNWRAP, &around(before)));
    }
}

#[test]
fn answers_are_for_what_is_certain() {
    for body in [
        "write!(out, \"{}\", 1).unwrap();",
        "if a { write!(String::new(), \"{}\", 1).unwrap() }",
        "let parts: Vec<String> = parts(); parts.join().unwrap();",
        "NonZeroU8::new(0).unwrap(); NonZeroU8::new(n).unwrap();",
    ] {
        no_fix(&UNWRAP, &format!("pub fn f(out: &mut dyn Write) {{ {body} }}\n"));
    }
    no_fix(
        &UNWRAP,
        "struct Path; impl Path { fn join(&self) -> Option<u8> { None } } pub fn f(x: Path) { x.join().unwrap(); }\n",
    );
}
