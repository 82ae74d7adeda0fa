//! A library that decodes bytes from outside, and nothing throws random bytes at it.
//!
//! Decoders fail on input that nobody thought of, which is what a fuzzer thinks of: lengths past
//! the end, nesting without end, numbers that overflow.
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
//! A target of cargo-fuzz, honggfuzz, AFL or bolero will do, and so will tests with arbitrary
//! bytes by proptest or quickcheck:
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

use super::AREA;
use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::package_contents;
use crate::project::{Package, Role};

pub static RULE: Rule = Rule {
    id: "missing-fuzz-target",
    severity: Severity::Low,
    source: include_str!("missing_fuzz_target.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

/// Crates that make input up.
const FUZZERS: &[&str] = &[
    "libfuzzer_sys", "honggfuzz", "afl", "bolero", "arbitrary", "arbtest", "proptest",
    "quickcheck", "cargo_fuzz",
];

fn review(cx: &mut ProjectContext<'_>) {
    // What a registry gives out is often without its fuzzers.
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
    // One at a time: the package with the most to fuzz is where to begin.
    let exposed = exposed.map(|package| (package, decoders(cx, package)));
    let Some((package, decoders)) = exposed.max_by_key(|(_, decoders)| decoders.len()) else {
        return;
    };
    let Some(first) = decoders.first() else { return };
    let Some((manifest, range)) = package_contents::header(cx, package) else { return };
    let all = match decoders.len() {
        1 => format!("`{first}` decodes"),
        count => format!("`{first}` and {} more of its functions decode", count - 1),
    };
    let message = format!("{all} bytes from outside, and no fuzz target runs them");
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

/// What the names of functions begin with that make something of bytes.
const DECODERS: &[&str] =
    &["decode", "deserialize", "from_bytes", "from_wire", "parse", "unmarshal"];

fn is_decoder(name: &str) -> bool {
    let mut rests = DECODERS.iter().filter_map(|it| name.strip_prefix(it));
    rests.any(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The functions of a package that others can call to make something of bytes.
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

    const MANIFEST: &str = "//- Cargo.toml\n[package]\nname = \"p\"\n";

    fn reported(message: &str) -> String {
        MANIFEST.replace("[package]\n", &format!("[package]\n#~ missing-fuzz-target{message}\n"))
    }

    #[test]
    fn what_decodes_bytes_from_outside_is_reported() {
        let message = ": `Frame::decode` decodes bytes from outside, and no fuzz target runs them";
        check(
            &RULE,
            &format!(
                "{}//- src/lib.rs\npub struct Frame;\nimpl Frame {{ pub fn decode(bytes: &[u8]) -> Self {{ Self }} }}\n",
                reported(message)
            ),
        );
        for function in [
            "pub fn parse(input: &[u8]) -> u8 { 0 }",
            "pub fn from_bytes<'a>(input: &'a [u8]) -> u8 { 0 }",
            "pub fn decode_header(input: Bytes) -> u8 { 0 }",
            "pub fn deserialize(kind: u8, input: &mut &[u8]) -> u8 { 0 }",
        ] {
            check(&RULE, &format!("{}//- src/lib.rs\n{function}\n", reported("")));
        }
    }

    #[test]
    fn the_package_with_the_most_to_fuzz_comes_first() {
        let member = |name: &str, mark: &str, source: &str| {
            format!(
                "//- {name}/Cargo.toml\n[package]\n{mark}name = \"{name}\"\n//- {name}/src/lib.rs\n{source}\n"
            )
        };
        let mark = "#~ missing-fuzz-target: `parse` and 1 more of its functions decode bytes from outside, and no fuzz target runs them\n";
        let one = member("a", "", "pub fn parse(input: &[u8]) {}");
        let two =
            member("b", mark, "pub fn parse(input: &[u8]) {}\npub fn decode(input: &[u8]) {}");
        check(&RULE, &format!("{one}{two}"));
    }

    #[test]
    fn what_nobody_outside_can_reach_is_silent() {
        for source in [
            "fn parse(input: &[u8]) {}",
            "pub(crate) fn parse(input: &[u8]) {}",
            "mod inner { pub struct S; impl S { pub fn parse(input: &[u8]) {} } }",
            "pub fn parse(input: &str) {}",
            "pub fn from_bytes(key: &[u8; 32]) {}",
            "pub fn digest(input: &[u8]) {}",
        ] {
            silent(&RULE, &format!("{MANIFEST}//- src/lib.rs\n{source}\n"));
        }
        silent(&RULE, &format!("{MANIFEST}//- src/main.rs\npub fn parse(input: &[u8]) {{}}\n"));
    }

    #[test]
    fn what_is_fuzzed_is_silent() {
        let source = "//- src/lib.rs\npub fn parse(input: &[u8]) {}\n";
        for fuzzed in [
            "//- fuzz/fuzz_targets/parse.rs\nfn main() {}\n",
            "//- checks/Cargo.toml\n[package]\nname = \"checks\"\n[dependencies]\np = { path = \"..\" }\nhonggfuzz = \"0.5\"\n",
        ] {
            silent(&RULE, &format!("{MANIFEST}{source}{fuzzed}"));
        }
        silent(&RULE, &format!("{MANIFEST}[dev-dependencies]\nbolero = \"0.13\"\n{source}"));
    }
}
