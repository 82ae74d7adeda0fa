//! Decoder of untrusted bytes without a fuzz target.
//!
//! Decoders often fail on unexpected input, which a fuzzer generates: lengths beyond the end, deep
//! nesting, numbers that overflow.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "frames"
//! //- src/lib.rs
//! pub struct Frame;
//! impl Frame {
//!     pub fn decode(bytes: &[u8]) -> Option<Self> {
//!         bytes.first().map(|_| Self)
//!     }
//! }
//! ```
//!
//! A target of cargo-fuzz, honggfuzz, AFL or bolero counts, and so do tests with arbitrary bytes by
//! proptest or quickcheck:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "frames"
//! [dev-dependencies]
//! proptest = "1"
//! //- src/lib.rs
//! pub struct Frame;
//! impl Frame {
//!     pub fn decode(bytes: &[u8]) -> Option<Self> {
//!         bytes.first().map(|_| Self)
//!     }
//! }
//! ```
//!
//! Only the package with the most decoding functions is reported.

use super::AREA;
use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::package_contents;
use crate::project::{Package, Role};

pub static RULE: Rule = Rule {
    id: "missing-fuzz-target",
    opportunity: Opportunity::Packages,
    effort: 480,
    severity: Severity::Low,
    seeds: &["C.testing"],
    source: include_str!("missing_fuzz_target.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Crates that generate input.
const FUZZERS: &[&str] = &[
    "libfuzzer_sys", "honggfuzz", "afl", "bolero", "arbitrary", "arbtest", "proptest",
    "quickcheck", "cargo_fuzz",
];

fn check(cx: &mut ProjectContext<'_>) {
    // Published packages are often without their fuzz targets.
    if cx.is_published_package() {
        return;
    }
    let packages = cx.packages();
    let has_targets = packages.iter().any(|package| {
        ["libfuzzer_sys", "honggfuzz", "afl"].iter().any(|it| package.depends_on(it))
    });
    if has_targets || is_listed_below(cx, "", "fuzz") {
        return;
    }
    let exposed = packages.iter().filter(|package| {
        let name = package.name.replace('-', "_");
        package.has_lib
            && package_contents::ships(package)
            && !is_fuzzer(package)
            && !is_listed_below(cx, &package.folder, "fuzz")
            && !packages.iter().any(|other| {
                (other.depends_on(&name) || other.dev_dependencies.contains(&name))
                    && is_fuzzer(other)
            })
    });
    // Only the package with the most decoders is reported.
    let exposed = exposed.map(|package| (package, decoders(cx, package)));
    let Some((package, decoders)) = exposed.max_by_key(|(_, decoders)| decoders.len()) else {
        return;
    };
    let Some(first) = decoders.first() else { return };
    let Some((manifest, range)) = package_contents::header(cx, package) else { return };
    let all = match decoders.len() {
        1 => format!("`{first}` decodes"),
        2 => format!("`{first}` and 1 more function decode"),
        count => format!("`{first}` and {} more functions decode", count - 1),
    };
    let message = format!("{all} untrusted bytes without a fuzz target");
    cx.report(&manifest.path, Report::new(range, message));
}

fn is_fuzzer(package: &Package) -> bool {
    FUZZERS.iter().any(|it| package.depends_on(it) || package.dev_dependencies.contains(*it))
}

fn is_listed_below(cx: &ProjectContext<'_>, folder: &str, name: &str) -> bool {
    match folder {
        "" => cx.is_listed(name),
        folder => cx.is_listed(&format!("{folder}/{name}")),
    }
}

/// Prefixes of the names of functions that decode bytes.
const DECODERS: &[&str] =
    &["decode", "deserialize", "from_bytes", "from_wire", "parse", "unmarshal"];

fn is_decoder(name: &str) -> bool {
    let mut rests = DECODERS.iter().filter_map(|it| name.strip_prefix(it));
    rests.any(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The exported functions of a package that decode bytes.
fn decoders(cx: &ProjectContext<'_>, package: &Package) -> Vec<String> {
    let symbols = cx.symbols();
    let mut found = Vec::new();
    for path in
        package_contents::sources(cx, package).filter(|path| package.role(path) == Role::Lib)
    {
        let Some(file) = symbols.file(path).filter(|it| !it.test_only) else { continue };
        let functions = file.items.iter().flat_map(|item| &item.functions);
        for function in functions.filter(|it| it.takes_bytes && is_decoder(&it.name)) {
            let name = &function.name;
            match &function.owner {
                Some(owner) if symbols.is_exported_type(path, owner) => {
                    found.push(format!("{owner}::{name}"));
                }
                None if symbols.is_exported(path, &[], name) => found.push(name.clone()),
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "p"
"#;

    fn reported(message: &str) -> String {
        MANIFEST.replace(
            "[package]\n",
            &format!(
                r#"[package]
#~ missing-fuzz-target{message}
"#
            ),
        )
    }

    #[test]
    fn exported_decoders_are_reported() {
        let message = ": `Frame::decode` decodes untrusted bytes without a fuzz target";
        check(
            &RULE,
            &format!(
                r#"{}//- src/lib.rs
pub struct Frame;
impl Frame {{ pub fn decode(bytes: &[u8]) -> Self {{ Self }} }}
"#,
                reported(message)
            ),
        );
        for function in [
            "pub fn parse(input: &[u8]) -> u8 { 0 }",
            "pub fn from_bytes<'a>(input: &'a [u8]) -> u8 { 0 }",
            "pub fn decode_header(input: Bytes) -> u8 { 0 }",
            "pub fn deserialize(kind: u8, input: &mut &[u8]) -> u8 { 0 }",
        ] {
            check(
                &RULE,
                &format!(
                    r#"{}//- src/lib.rs
{function}
"#,
                    reported("")
                ),
            );
        }
    }

    #[test]
    fn the_package_with_the_most_to_fuzz_comes_first() {
        let member = |name: &str, mark: &str, source: &str| {
            format!(
                r#"//- {name}/Cargo.toml
[package]
{mark}name = "{name}"
//- {name}/src/lib.rs
{source}
"#
            )
        };
        let mark = "#~ missing-fuzz-target: `parse` and 1 more function decode untrusted bytes without a fuzz target\n";
        let one = member("a", "", "pub fn parse(input: &[u8]) {}");
        let two = member(
            "b",
            mark,
            r#"pub fn parse(input: &[u8]) {}
pub fn decode(input: &[u8]) {}"#,
        );
        check(&RULE, &format!("{one}{two}"));
    }

    #[test]
    fn functions_that_are_not_exported_are_silent() {
        for source in [
            "fn parse(input: &[u8]) {}",
            "pub(crate) fn parse(input: &[u8]) {}",
            "mod inner { pub struct S; impl S { pub fn parse(input: &[u8]) {} } }",
            "pub fn parse(input: &str) {}",
            "pub fn from_bytes(key: &[u8; 32]) {}",
            "pub fn digest(input: &[u8]) {}",
        ] {
            silent(
                &RULE,
                &format!(
                    r#"{MANIFEST}//- src/lib.rs
{source}
"#
                ),
            );
        }
        silent(
            &RULE,
            &format!(
                r#"{MANIFEST}//- src/main.rs
pub fn parse(input: &[u8]) {{}}
"#
            ),
        );
    }

    #[test]
    fn what_is_fuzzed_is_silent() {
        let source = r#"//- src/lib.rs
pub fn parse(input: &[u8]) {}
"#;
        for fuzzed in [
            r#"//- fuzz/fuzz_targets/parse.rs
fn main() {}
"#,
            r#"//- checks/Cargo.toml
[package]
name = "checks"
[dependencies]
p = { path = ".." }
honggfuzz = "0.5"
"#,
        ] {
            silent(&RULE, &format!("{MANIFEST}{source}{fuzzed}"));
        }
        silent(
            &RULE,
            &format!(
                r#"{MANIFEST}[dev-dependencies]
bolero = "0.13"
{source}"#
            ),
        );
    }
}
