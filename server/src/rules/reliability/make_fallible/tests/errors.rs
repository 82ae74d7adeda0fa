//! What failures become in bodies with errors of all kinds.

use super::{EXPECT, UNWRAP, fixed, is_safe};
use crate::rules::fixture::{first_fixes, no_fix, no_safe_fix};
use crate::rules::reliability::lock_unwrap::RULE as LOCK;

#[test]
fn an_error_is_made_of_the_text_by_a_function_of_its_own() {
    let source = |function: &str, call: &str| {
        format!(
            "pub struct Failure {{ text: Box<str>, code: u8 }}\nimpl Failure {{\n    {function} {{ todo() }}\n}}\nfn f(x: Option<u8>) -> Result<u8, Failure> {{ {call}; }}\n"
        )
    };
    for (function, after) in [
        (
            "fn internal(message: impl Into<String>) -> Self",
            "x.ok_or_else(|| Failure::internal(\"x is missing\"))?",
        ),
        (
            "fn other<T: Display>(what: T) -> Self",
            "x.ok_or_else(|| Failure::other(\"x is missing\"))?",
        ),
        ("fn new(message: &str) -> Self", "x.ok_or_else(|| Failure::new(\"x is missing\"))?"),
        (
            "fn msg(text: String) -> Failure",
            "x.ok_or_else(|| Failure::msg(\"x is missing\".to_string()))?",
        ),
        (
            "fn custom(text: Cow<'static, str>) -> Self",
            "x.ok_or_else(|| Failure::custom(\"x is missing\".into()))?",
        ),
    ] {
        let before = source(function, "x.unwrap()");
        assert_eq!(fixed(&UNWRAP, &before), source(function, after));
        assert!(is_safe(&UNWRAP, &before), "{function}");
    }
    let borrowed = "fn new(msg: &str) -> Self";
    assert_eq!(
        fixed(&UNWRAP, &source(borrowed, "std::fs::read(p).unwrap()")),
        source(
            borrowed,
            "std::fs::read(p).map_err(|error| Failure::new(&format!(\"read p: {error}\")))?"
        )
    );
    // Only the text is kept: what failed is lost.
    let fixed_text = "fn new(msg: &'static str) -> Self";
    assert_eq!(
        fixed(&UNWRAP, &source(fixed_text, "std::fs::read(p).unwrap()")),
        source(fixed_text, "std::fs::read(p).map_err(|_| Failure::new(\"read p\"))?")
    );
    no_safe_fix(&UNWRAP, &source(fixed_text, "std::fs::read(p).unwrap()"));
    for function in [
        // About something.
        "fn missing(field: impl Into<String>) -> Self",
        "fn new(name: &str) -> Self",
        // More than a text, or none that any text is.
        "fn internal(message: String, code: u8) -> Self",
        "fn internal(error: impl Error) -> Self",
        "async fn internal(message: String) -> Self",
        "#[cfg(unix)] fn internal(message: String) -> Self",
    ] {
        no_fix(&UNWRAP, &source(function, "x.unwrap()"));
    }
    // Its trait may not be in view.
    let of_trait = source("fn custom<T: Display>(message: T) -> Self", "x.unwrap()");
    no_fix(&UNWRAP, &of_trait.replace("impl Failure", "impl serde::de::Error for Failure"));
}

#[test]
fn variants_that_hold_any_text_are_safe_and_others_are_not() {
    let source = |variants: &str, call: &str| {
        format!(
            "pub enum Failure {{ {variants} }}\nfn f(x: Option<u8>) -> Result<u8, Failure> {{ {call}; }}\n"
        )
    };
    for (variants, made, safe) in [
        (
            "Unknown, ReportableBug(String)",
            "ok_or_else(|| Failure::ReportableBug(\"x is missing\".to_string()))",
            true,
        ),
        (
            "Internal { message: String }",
            "ok_or_else(|| Failure::Internal { message: \"x is missing\".to_string() })",
            true,
        ),
        ("Other(Box<str>)", "ok_or_else(|| Failure::Other(\"x is missing\".into()))", true),
        (
            "Other(#[from] Box<dyn std::error::Error + Send + Sync>)",
            "ok_or_else(|| Failure::Other(\"x is missing\".into()))",
            true,
        ),
        ("Other", "ok_or(Failure::Other)", false),
        // May be about what was not known.
        ("Unknown(String)", "ok_or_else(|| Failure::Unknown(\"x is missing\".to_string()))", false),
    ] {
        let before = source(variants, "x.unwrap()");
        assert_eq!(fixed(&UNWRAP, &before), source(variants, &format!("x.{made}?")));
        assert_eq!(is_safe(&UNWRAP, &before), safe, "{variants}");
    }
    for variants in [
        "UnknownColor(String)",
        "Internal { path: String }",
        "#[cfg(unix)] Other(String)",
        "Other(String, u8)",
    ] {
        no_fix(&UNWRAP, &source(variants, "x.unwrap()"));
    }
    // The variant that holds just this error.
    let variants = "Io(std::io::Error), Number(ParseIntError)";
    assert_eq!(
        fixed(&UNWRAP, &source(variants, "std::fs::read(p).unwrap()")),
        source(variants, "std::fs::read(p).map_err(Failure::Io)?")
    );
    assert_eq!(
        fixed(&UNWRAP, &source(variants, "text.parse::<u8>().unwrap()")),
        source(variants, "text.parse::<u8>().map_err(Failure::Number)?")
    );
    // An error of another crate has the name.
    let others = source("Number(ParseIntError)", "text.parse::<u8>().unwrap()");
    no_fix(&UNWRAP, &format!("use other::ParseIntError;\n{others}"));
    no_fix(
        &UNWRAP,
        &source("Read(std::io::Error), Write(std::io::Error)", "std::fs::read(p).unwrap()"),
    );
}

#[test]
fn an_error_that_the_root_of_the_crate_imports_is_in_view_with_all_of_it() {
    let source = |imports: &str, call: &str| {
        format!(
            "//- src/lib.rs\n{imports}\nmod error;\nmod run;\nuse crate::error::Error;\ntype RunResult<'a, T = ()> = Result<T, Error<'a>>;\n//- src/error.rs\npub(crate) enum Error<'src> {{ Internal {{ message: String }}, Name(&'src str) }}\nimpl Error<'_> {{ pub(crate) fn internal(message: impl Into<String>) -> Self {{ todo() }} }}\n//- src/run.rs\nuse super::*;\nfn f(x: Option<u8>) -> RunResult<'static, u8> {{ {call}; }}\n"
        )
    };
    let (fixture, fixes) = first_fixes(&UNWRAP, &source("", "x.unwrap()"));
    let text = fixture.apply(fixes.first().expect("a fix")).remove("src/run.rs").expect("it");
    assert!(text.contains("x.ok_or_else(|| Error::internal(\"x is missing\"))?"), "{text}");
    let (fixture, fixes) = first_fixes(
        &UNWRAP,
        &source("", "x.unwrap()").replace("use super::*;", "use super::RunResult;"),
    );
    let text = fixture.apply(fixes.first().expect("a fix")).remove("src/run.rs").expect("it");
    assert!(text.contains("x.ok_or_else(|| crate::Error::internal(\"x is missing\"))?"), "{text}");
}

#[test]
fn older_compilers_have_no_other_io_error() {
    let source = |version: &str, call: &str| {
        format!(
            "//- Cargo.toml\n[package]\nname = \"a\"\nrust-version = \"{version}\"\n//- src/lib.rs\nuse std::io;\nfn f(x: Option<u8>) -> io::Result<u8> {{ {call}; }}\n"
        )
    };
    let fixed = |version: &str, call: &str| fixed(&UNWRAP, &source(version, call));
    let text = fixed("1.74", "x.unwrap()");
    assert!(text.contains("x.ok_or_else(|| io::Error::other(\"x is missing\"))?"), "{text}");
    let text = fixed("1.73.0", "x.unwrap()");
    let old = "x.ok_or_else(|| io::Error::new(io::ErrorKind::Other, \"x is missing\"))?";
    assert!(text.contains(old), "{text}");
    let text = fixed("1.70", "text.parse::<u8>().unwrap()");
    let old = "map_err(|error| io::Error::new(io::ErrorKind::Other, error))?";
    assert!(text.contains(old), "{text}");
}

#[test]
fn bodies_that_are_polled_and_closures_with_a_type_return_failures() {
    for (before, after) in [
        (
            "fn f(x: Option<u8>) -> std::task::Poll<std::io::Result<()>> { x.unwrap(); }\n",
            "fn f(x: Option<u8>) -> std::task::Poll<std::io::Result<()>> { x.ok_or_else(|| std::io::Error::other(\"x is missing\"))?; }\n",
        ),
        (
            "use std::task::Poll;\nfn f() -> Poll<Option<Result<u8, String>>> { std::fs::read(p).unwrap(); }\n",
            "use std::task::Poll;\nfn f() -> Poll<Option<Result<u8, String>>> { std::fs::read(p).map_err(|error| format!(\"read p: {error}\"))?; }\n",
        ),
        (
            "fn f() { g(|x: Option<u8>| -> Result<u8, String> { Ok(x.unwrap()) }) }\n",
            "fn f() { g(|x: Option<u8>| -> Result<u8, String> { Ok(x.ok_or(\"x is missing\")?) }) }\n",
        ),
    ] {
        assert_eq!(fixed(&UNWRAP, before), after);
    }
    for source in [
        "use std::task::Poll;\nfn f(x: Option<u8>) -> Poll<Option<u8>> { x.unwrap(); }\n",
        "fn f(x: Option<u8>) -> Poll<Result<u8, String>> { x.unwrap(); }\n",
    ] {
        no_fix(&UNWRAP, source);
    }
}

#[test]
fn errors_of_other_crates_are_made_of_texts() {
    let rhai = |call: &str| {
        format!(
            "use rhai::EvalAltResult;\nfn f(x: Option<u8>) -> Result<u8, Box<EvalAltResult>> {{ {call}; }}\n"
        )
    };
    assert_eq!(fixed(&UNWRAP, &rhai("x.unwrap()")), rhai("x.ok_or(\"x is missing\")?"));
    assert!(is_safe(&UNWRAP, &rhai("x.unwrap()")));
    // What is sent to whoever asked is for a person to say.
    let tonic = "fn f(x: Option<u8>) -> Result<u8, tonic::Status> { x.unwrap(); }\n";
    assert!(fixed(&UNWRAP, tonic).contains("ok_or_else(|| tonic::Status::internal("));
    no_safe_fix(&UNWRAP, tonic);
}

#[test]
fn an_error_that_says_nothing_is_not_written() {
    assert_eq!(
        fixed(
            &UNWRAP,
            "fn g() -> Result<u8, ()> { Ok(1) }\nfn f() -> anyhow::Result<u8> { g().unwrap(); }\n"
        ),
        "fn g() -> Result<u8, ()> { Ok(1) }\nfn f() -> anyhow::Result<u8> { g().map_err(|()| anyhow::anyhow!(\"get g\"))?; }\n"
    );
}

#[test]
fn a_poisoned_lock_is_returned_where_the_body_can() {
    let source = |ty: &str, call: &str| {
        format!(
            "use std::sync::Mutex;\nstruct S {{ state: Mutex<u8> }}\nimpl S {{\n    fn f(&self) -> {ty} {{ {call} }}\n}}\n"
        )
    };
    for (ty, after) in [
        (
            "anyhow::Result<u8>",
            "*self.state.lock().map_err(|error| anyhow::anyhow!(\"lock state: {error}\"))? += 1;",
        ),
        (
            "Result<u8, Box<dyn std::error::Error>>",
            "*self.state.lock().map_err(|error| format!(\"lock state: {error}\"))? += 1;",
        ),
        (
            "std::io::Result<u8>",
            "*self.state.lock().map_err(|error| std::io::Error::other(format!(\"lock state: {error}\")))? += 1;",
        ),
        ("Option<u8>", "*self.state.lock().ok()? += 1;"),
    ] {
        let before = source(ty, "*self.state.lock().unwrap() += 1;");
        assert_eq!(fixed(&LOCK, &before), source(ty, after));
        assert_eq!(is_safe(&LOCK, &before), !ty.starts_with("Option"));
        // What recovers the lock stays on offer.
        let (_, fixes) = first_fixes(&LOCK, &before);
        let titles: Vec<&str> = fixes.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles.last(), Some(&"Recover the poisoned lock (`PoisonError::into_inner`)"));
        assert_eq!(titles.len(), 2);
    }
    assert_eq!(
        fixed(
            &LOCK,
            &source("Result<u8, String>", "*self.state.lock().expect(\"no state\") += 1;")
        ),
        source(
            "Result<u8, String>",
            "*self.state.lock().map_err(|error| format!(\"no state: {error}\"))? += 1;"
        )
    );
    no_safe_fix(&LOCK, &source("u8", "*self.state.lock().unwrap() += 1;"));
}

#[test]
fn a_lock_is_told_from_a_method_of_the_workspace_by_its_type() {
    let source = |field: &str| {
        format!(
            "struct Queue;\nimpl Queue {{ fn lock(&self) -> Result<u8, ()> {{ Ok(1) }} }}\nstruct S {{ state: {field} }}\nimpl S {{ fn f(&self) -> Option<u8> {{ self.state.lock().unwrap(); None }} }}\n"
        )
    };
    let text = fixed(&LOCK, &source("std::sync::Arc<std::sync::Mutex<u8>>"));
    assert!(text.contains("self.state.lock().ok()?;"), "{text}");
    no_fix(&LOCK, &source("Queue"));
}

#[test]
fn the_text_of_an_expectation_goes_into_the_error() {
    assert_eq!(
        fixed(
            &EXPECT,
            "enum E { Other(String) }\nfn f(x: Option<u8>) -> Result<u8, E> { x.expect(\"set before\"); }\n"
        ),
        "enum E { Other(String) }\nfn f(x: Option<u8>) -> Result<u8, E> { x.ok_or_else(|| E::Other(\"set before\".to_string()))?; }\n"
    );
}
