//! Changes of signatures, read as the code before and after.

use crate::rules::fixture::{first_fixes, no_fix};
use crate::rules::reliability::unwrap_used::RULE as UNWRAP;

/// A program whose files follow its manifest.
const ANYHOW: &str = "//- Cargo.toml\n[package]\nname = \"fixture\"\nedition = \"2024\"\n[dependencies]\nanyhow = \"1\"\n";

/// The title of the first fix of the first finding, and a file after it.
#[track_caller]
fn fixed(source: &str, path: &str) -> (String, String) {
    let (fixture, fixes) = first_fixes(&UNWRAP, source);
    let Some(fix) = fixes.first() else { panic!("no fix") };
    assert_eq!(fix.applicability, crate::analysis::Applicability::Suggested);
    (fix.title.clone(), fixture.apply(fix).remove(path).expect("the file"))
}

/// Checks the root of a library before and after the fix of its first finding.
#[track_caller]
fn changed(before: &str, after: &str) {
    assert_eq!(fixed(before, "src/lib.rs").1, after);
}

#[test]
fn main_and_private_functions_return_the_failure_where_all_callers_are_in_view() {
    let before = r#"
//- src/main.rs
fn main() {
    let port = parse_port("80");
    if port == 0 {
        return;
    }
    serve(port);
}

fn parse_port(text: &str) -> u16 {
    text.parse::<u16>().unwrap()
}

fn serve(port: u16) {}

#[cfg(test)]
mod tests {
    #[test]
    fn ports() {
        assert_eq!(super::other(), 1);
    }
}
"#;
    let (fixture, fixes) = first_fixes(&UNWRAP, before);
    let fix = fixes.first().expect("a fix");
    assert_eq!(fix.title, "Make `parse_port` and its caller `main` return `Result`");
    assert_eq!(fix.applicability, crate::analysis::Applicability::Suggested);
    assert_eq!(
        fixture.apply(fix).remove("src/main.rs").expect("the program"),
        r#"fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = parse_port("80")?;
    if port == 0 {
        return Ok(());
    }
    serve(port);
    Ok(())
}

fn parse_port(text: &str) -> Result<u16, Box<dyn std::error::Error>> {
    Ok(text.parse::<u16>()?)
}

fn serve(port: u16) {}

#[cfg(test)]
mod tests {
    #[test]
    fn ports() {
        assert_eq!(super::other(), 1);
    }
}
"#
    );
}

#[test]
fn callers_in_fallible_bodies_and_in_tests_are_updated() {
    let before = r#"
//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
anyhow = "1"
//- src/lib.rs
pub mod other;

use anyhow::Context;

struct Server;

impl Server {
    pub fn run(&self) -> anyhow::Result<u8> {
        Ok(self.leading(b"a") + 1)
    }

    fn leading(&self, bytes: &[u8]) -> u8 {
        *bytes.first().unwrap()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn firsts() {
        assert_eq!(super::Server.run().unwrap(), 1);
    }
}
"#;
    let (fixture, fixes) = first_fixes(&UNWRAP, before);
    let fix = fixes.first().expect("a fix");
    let text = fixture.apply(fix).remove("src/lib.rs").expect("the root");
    assert!(text.contains("Ok(self.leading(b\"a\")? + 1)"), "{text}");
    assert!(text.contains("fn leading(&self, bytes: &[u8]) -> anyhow::Result<u8> {"), "{text}");
    assert!(text.contains("Ok(*bytes.first().context(\"bytes is empty\")?)"), "{text}");
}

#[test]
fn a_signature_that_others_rely_on_stays() {
    for source in [
        // Handed on as a value.
        "fn f(x: Option<u8>) -> u8 { x.unwrap() }\npub fn g() { all().map(f); }\n",
        // Part of the interface.
        "pub fn f(x: Option<u8>) -> u8 { x.unwrap() }\n",
        "impl Display for S { fn fmt(&self) -> u8 { self.x.unwrap() } }\nstruct S { x: Option<u8> }\n",
        // The caller cannot return it.
        "fn f(x: Option<u8>) -> u8 { x.unwrap() }\npub fn g() -> u8 { f(None) }\n",
        "fn f(x: Option<u8>) -> u8 { x.unwrap() }\nfn g() { each(|| f(None)); }\n",
        // The attribute makes another function of it.
        "#[get(\"/\")]\nfn f(x: Option<u8>) -> u8 { x.unwrap() }\n",
        "extern \"C\" fn f(x: Option<u8>) -> u8 { x.unwrap() }\n",
        "fn f(x: Option<u8>) -> u8 { x.unwrap() }\nmacro_rules! m { () => { f(None) } }\n",
        "fn f(x: Option<u8>) -> u8 { x.unwrap() }\npub fn g() { define!(f(None)); }\n",
        // An attribute names it.
        "fn f() -> u8 { std::env::args().next().unwrap().len() as u8 }\nstruct S { #[serde(default = \"f\")] x: u8 }\n",
        "fn f() -> u8 { std::env::args().next().unwrap().len() as u8 }\nstruct S { #[arg(default_value_t = f())] x: u8 }\n",
        "struct S;\n#[wasm_bindgen]\nimpl S { fn f(&self, x: Option<u8>) -> u8 { x.unwrap() } }\n",
        // Each is compiled on another platform.
        "#[cfg(unix)]\nfn f(x: Option<u8>) -> u8 { x.unwrap() }\n#[cfg(windows)]\nfn f(x: Option<u8>) -> u8 { 1 }\npub fn g() -> Option<u8> { Some(f(None)) }\n",
        "fn f(x: Option<u8>) -> u8 { #[cfg(unix)] { x.unwrap() } #[cfg(windows)] { 1 } }\n",
        // The future of it is handed on.
        "async fn f(x: Option<u8>) -> u8 { x.unwrap() }\npub async fn g() -> Option<u8> { spawn(f(None)).await; None }\n",
        // What it returns is of no use in a result.
        "fn f(x: Option<u8>) -> ! { x.unwrap(); loop {} }\n",
        // Another method of the name may be called.
        "struct S { x: Option<u8> }\nimpl S { fn f(&self) -> u8 { self.x.unwrap() } }\npub fn g(s: &dyn Any) -> Option<u8> { Some(unknown(s).f()) }\n",
    ] {
        no_fix(&UNWRAP, source);
    }
}

#[test]
fn the_change_goes_up_through_files() {
    let source = [
        ANYHOW,
        "//- src/main.rs\nmod text;\n\nfn main() {\n    println!(\"{}\", text::first(\"a\"));\n}\n",
        "//- src/text.rs\nmod char;\n\npub fn first(text: &str) -> u32 {\n    char::of(text) + 1\n}\n",
        "//- src/text/char.rs\npub fn of(text: &str) -> u32 {\n    text.chars().next().unwrap() as u32\n}\n",
    ]
    .concat();
    let (fixture, fixes) = first_fixes(&UNWRAP, &source);
    let fix = fixes.first().expect("a fix");
    assert_eq!(fix.title, "Make `of` and the 2 functions above it return `Result`");
    let files = fixture.apply(fix);
    assert_eq!(
        files["src/main.rs"],
        "mod text;\n\nfn main() -> anyhow::Result<()> {\n    println!(\"{}\", text::first(\"a\")?);\n    Ok(())\n}\n"
    );
    assert_eq!(
        files["src/text.rs"],
        "mod char;\n\npub fn first(text: &str) -> anyhow::Result<u32> {\n    Ok(char::of(text)? + 1)\n}\n"
    );
    assert_eq!(
        files["src/text/char.rs"],
        "use anyhow::Context;\n\npub fn of(text: &str) -> anyhow::Result<u32> {\n    Ok(text.chars().next().context(\"text is empty\")? as u32)\n}\n"
    );
}

#[test]
fn too_many_functions_are_not_changed() {
    let callers = |count: usize| {
        let all = (0..count).map(|it| format!("fn f{}() {{ f{it}(); }}\n", it + 1));
        let all: String = all.collect();
        format!("fn f0() {{ std::fs::read(\"a\").unwrap(); }}\n{all}")
    };
    let (title, _) = fixed(&callers(11), "src/lib.rs");
    assert_eq!(title, "Make `f0` and the 11 functions above it return `Result`");
    no_fix(&UNWRAP, &callers(12));
}

#[test]
fn methods_of_one_name_are_told_apart_by_their_owners() {
    let source = |result: &str, value: &str, mark: &str| {
        format!(
            "struct A {{ x: Option<u8> }}\nimpl A {{ fn size(&self) -> {result} {{ {value} }} }}\nstruct B;\nimpl B {{ fn size(&self) -> u8 {{ 1 }} }}\nstruct S {{ a: Box<A>, b: B }}\nimpl S {{\n    pub fn f(&self, other: &A, b: B) -> std::io::Result<u8> {{\n        Ok(self.a.size(){mark} + self.b.size() + other.size(){mark} + A::size(other){mark} + b.size())\n    }}\n}}\n"
        )
    };
    changed(
        &source("u8", "self.x.unwrap()", ""),
        &source(
            "std::io::Result<u8>",
            "Ok(self.x.ok_or_else(|| std::io::Error::other(\"x is missing\"))?)",
            "?",
        ),
    );
    // Of what is not known to be another type it may be the method.
    no_fix(&UNWRAP, &source("u8", "self.x.unwrap()", "").replace("b: B) ->", "b: impl Deref) ->"));
}

#[test]
fn functions_of_one_name_are_told_apart_by_their_modules() {
    let source = [
        "//- src/lib.rs\nmod a;\nmod b;\n\nuse b::read as other;\n\npub fn f() -> std::io::Result<usize> {\n    Ok(a::read().len() + b::read() + other())\n}\n",
        "//- src/a.rs\npub fn read() -> Vec<u8> {\n    std::fs::read(\"a\").unwrap()\n}\n",
        "//- src/b.rs\npub fn read() -> usize {\n    1\n}\n",
    ]
    .concat();
    let (_, root) = fixed(&source, "src/lib.rs");
    assert!(root.contains("Ok(a::read()?.len() + b::read() + other())"), "{root}");
    // Under another name it is the same.
    let (_, root) = fixed(&source.replace("use b::read", "use a::read"), "src/lib.rs");
    assert!(root.contains("Ok(a::read()?.len() + b::read() + other()?)"), "{root}");
    // Either may be meant.
    no_fix(&UNWRAP, &source.replace("use b::read as other", "use crate::read as other"));
}

#[test]
fn what_can_be_named_from_outside_stays() {
    let library = |manifest: &str, module: &str| {
        format!(
            "//- Cargo.toml\n[package]\nname = \"fixture\"\nedition = \"2024\"\n{manifest}//- src/lib.rs\n{module} text;\n//- src/text.rs\npub fn f(x: Option<u8>) -> u8 {{ x.unwrap() }}\n"
        )
    };
    fixed(&library("", "mod"), "src/text.rs");
    no_fix(&UNWRAP, &library("", "pub mod"));
    fixed(&library("publish = false\n", "pub mod"), "src/text.rs");
}

#[test]
fn callers_decide_on_the_error() {
    let source = |result: &str, value: &str, mark: &str, callers: [&str; 2]| {
        let [a, b] = callers;
        format!(
            "use std::io;\n\n#[derive(Debug)]\npub enum E {{ Io(io::Error), Num(std::num::ParseIntError) }}\nimpl From<io::Error> for E {{}}\nimpl From<std::num::ParseIntError> for E {{}}\n\nfn f(x: &str) -> {result} {{ {value} }}\npub fn a() -> {a} {{ f(\"1\"){mark} }}\npub fn b() -> {b} {{ f(\"1\"){mark} }}\n"
        )
    };
    let boxed = "Result<(), Box<dyn std::error::Error>>";
    let (read, parse) = ("std::fs::read(x).unwrap()", "x.parse::<u8>().unwrap()");
    for (callers, call, ty, error, after) in [
        // What both return.
        (["io::Result<()>"; 2], read, "Vec<u8>", "io::Result<Vec<u8>>", "Ok(std::fs::read(x)?)"),
        // What converts into both.
        (
            ["io::Result<()>", boxed],
            read,
            "Vec<u8>",
            "io::Result<Vec<u8>>",
            "Ok(std::fs::read(x)?)",
        ),
        (
            [boxed, "Result<(), E>"],
            parse,
            "u8",
            "Result<u8, std::num::ParseIntError>",
            "Ok(x.parse::<u8>()?)",
        ),
    ] {
        changed(&source(ty, call, "", callers), &source(error, after, "?", callers));
    }
    // No error becomes both.
    let none = source("u8", parse, "", ["Result<(), String>", "std::fmt::Result"]);
    no_fix(&UNWRAP, &none);
}

#[test]
fn an_error_of_another_file_is_named_by_its_path() {
    let source = [
        "//- src/lib.rs\nmod error;\nmod text;\npub use error::Failure;\n\npub fn f() -> Result<u8, Failure> {\n    Ok(text::first(\"a\"))\n}\n",
        "//- src/error.rs\n#[derive(Debug)]\npub enum Failure {\n    Other(String),\n}\n",
        "//- src/text.rs\npub fn first(text: &str) -> u8 {\n    *text.as_bytes().first().unwrap()\n}\n",
    ]
    .concat();
    let (_, text) = fixed(&source, "src/text.rs");
    assert_eq!(
        text,
        "pub fn first(text: &str) -> Result<u8, crate::error::Failure> {\n    Ok(*text\n        .as_bytes()\n        .first()\n        .ok_or_else(|| crate::error::Failure::Other(\"text is empty\".to_string()))?)\n}\n"
    );
}

#[test]
fn callers_of_every_kind_take_the_failure_on() {
    changed(
        "async fn f(x: Option<u8>) -> u8 { x.unwrap() }\npub async fn g() -> Option<u8> { Some(f(None).await) }\n",
        "async fn f(x: Option<u8>) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> { Ok(x.ok_or(\"x is missing\")?) }\npub async fn g() -> Option<u8> { Some(f(None).await.ok()?) }\n",
    );
    // It calls itself.
    changed(
        "fn f(x: Option<u8>) { x.unwrap(); f(None) }\n",
        "fn f(x: Option<u8>) -> Result<(), Box<dyn std::error::Error>> { x.ok_or(\"x is missing\")?; f(None)?; Ok(()) }\n",
    );
    changed(
        "fn f(x: Option<u8>) -> u8 { x.unwrap() }\n#[test]\nfn t() { assert_eq!(f(None), 1); let f = |x| x; f(1); }\n",
        "fn f(x: Option<u8>) -> Result<u8, Box<dyn std::error::Error>> { Ok(x.ok_or(\"x is missing\")?) }\n#[test]\nfn t() { assert_eq!(f(None).unwrap(), 1); let f = |x| x; f(1); }\n",
    );
    changed(
        "fn f(x: Option<u8>) -> u8 { x.unwrap() }\npub fn g() -> std::io::Result<()> { println!(\"{}\", vec![f(None)][0]); let _ = f(None); Ok(()) }\n",
        "fn f(x: Option<u8>) -> std::io::Result<u8> { Ok(x.ok_or_else(|| std::io::Error::other(\"x is missing\"))?) }\npub fn g() -> std::io::Result<()> { println!(\"{}\", vec![f(None)?][0]); let _ = f(None)?; Ok(()) }\n",
    );
}

#[test]
fn the_ends_of_bodies_are_wrapped_once() {
    let boxed = |value: &str| format!("Result<{value}, Box<dyn std::error::Error>>");
    for (signature, body, value, after) in [
        ("", "x.unwrap(); loop { g(); }", "()", "x.ok_or(\"x is missing\")?; loop { g(); }"),
        (" -> u8", "x.unwrap(); panic!(\"a\")", "u8", "x.ok_or(\"x is missing\")?; panic!(\"a\")"),
        (
            "",
            "x.unwrap(); std::process::exit(1);",
            "()",
            "x.ok_or(\"x is missing\")?; std::process::exit(1);",
        ),
        (
            " -> u8",
            "if true { return x.unwrap(); } loop { break 1; }",
            "u8",
            "if true { return Ok(x.ok_or(\"x is missing\")?); } Ok(loop { break 1; })",
        ),
        (" -> ()", "x.unwrap();", "()", "x.ok_or(\"x is missing\")?; Ok(())"),
        (" -> impl Display", "x.unwrap()", "impl Display", "Ok(x.ok_or(\"x is missing\")?)"),
    ] {
        changed(
            &format!("fn f(x: Option<u8>){signature} {{ {body} }}\n"),
            &format!("fn f(x: Option<u8>) -> {} {{ {after} }}\n", boxed(value)),
        );
    }
}

#[test]
fn a_long_signature_is_laid_out() {
    changed(
        "fn first_of_all_names(names: &[String], fallback: Option<&str>, separator: char) -> String {\n    names.first().unwrap().clone()\n}\n",
        "fn first_of_all_names(\n    names: &[String],\n    fallback: Option<&str>,\n    separator: char,\n) -> Result<String, Box<dyn std::error::Error>> {\n    Ok(names.first().ok_or(\"names is empty\")?.clone())\n}\n",
    );
    changed(
        "impl S {\n    fn write_all_of_the_names_to_it(&self, names: &[String], separator: char) {\n        names.first().unwrap();\n    }\n}\n",
        "impl S {\n    fn write_all_of_the_names_to_it(\n        &self,\n        names: &[String],\n        separator: char,\n    ) -> Result<(), Box<dyn std::error::Error>> {\n        names.first().ok_or(\"names is empty\")?;\n        Ok(())\n    }\n}\n",
    );
}

#[test]
fn what_follows_a_long_call_or_a_type_begins_a_line() {
    changed(
        "fn f<T>(\n    x: Option<u8>,\n    t: T,\n) where\n    T: Copy,\n{\n    x.unwrap();\n}\n\n#[test]\nfn t() {\n    f(\n        None,\n        1,\n    );\n}\n",
        "fn f<T>(\n    x: Option<u8>,\n    t: T,\n) -> Result<(), Box<dyn std::error::Error>>\nwhere\n    T: Copy,\n{\n    x.ok_or(\"x is missing\")?;\n    Ok(())\n}\n\n#[test]\nfn t() {\n    f(\n        None,\n        1,\n    )\n    .unwrap();\n}\n",
    );
}

#[test]
fn a_result_of_another_name_is_not_taken_for_the_standard_one() {
    changed(
        "type Result<T> = std::io::Result<T>;\nfn f(x: Option<u8>) -> u8 { x.unwrap() }\n",
        "type Result<T> = std::io::Result<T>;\nfn f(x: Option<u8>) -> std::result::Result<u8, Box<dyn std::error::Error>> { Ok(x.ok_or(\"x is missing\")?) }\n",
    );
}

#[test]
fn an_error_with_a_lifetime_is_written_only_as_callers_near_by_write_it() {
    no_fix(
        &UNWRAP,
        r#"
enum Error<'a> { Internal { message: String }, At { name: &'a str } }
type RunResult<'a, T> = Result<T, Error<'a>>;
struct Recipe { path: Option<String> }
impl Recipe { fn path(&self) -> &str { self.path.as_deref().unwrap() } }
mod run { use super::*; fn all<'a>(recipe: &'a Recipe) -> RunResult<'a, ()> { print(recipe.path()); Ok(()) } }
"#,
    );
}
