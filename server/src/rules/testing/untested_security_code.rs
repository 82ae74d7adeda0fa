//! Security-critical module that no test reaches.
//!
//! Code for authentication, keys and TLS is wrong in ways that nobody notices in use: it accepts what it
//! should refuse. Only a test that tries to get past it shows that.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "vault"
//! edition = "2024"
//! //- src/lib.rs
//! mod auth;
//! mod names;
//! //- src/auth.rs
//! pub fn issue(user: &str) -> Token { Token::of(user) }
//! pub fn verify(token: &Token) -> bool { token.is_valid() }
//! //- src/names.rs
//! pub fn trim(name: &str) -> &str { name.trim() }
//! #[test]
//! fn names_are_trimmed() { assert_eq!(trim(" a"), "a"); }
//! ```
//!
//! Test that it refuses what is wrong, expired or of somebody else:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "vault"
//! edition = "2024"
//! //- src/lib.rs
//! mod auth;
//! //- src/auth.rs
//! pub fn issue(user: &str) -> Token { Token::of(user) }
//! pub fn verify(token: &Token) -> bool { token.is_valid() }
//! #[test]
//! fn a_token_expires() { assert!(!verify(&Token::expired())); }
//! ```
//!
//! A module is security-critical by the name of its file or folder. Tests in it, in its folder, in a file of
//! tests beside it, and integration tests of its package or of one that uses it count. Each package is
//! reported once, at the largest of these modules. A package without any
//! test is reported by `missing-tests`.

use std::collections::BTreeSet;

use super::AREA;
use crate::analysis::{Confidence, ProjectContext, Report, Rule, Severity};
use crate::project::package_contents;
use crate::project::paths::{file_name, folder_of};
use crate::project::{Package, Role};
use crate::semantics::is_critical_name;
use crate::syntax::names::has_any_word;
use crate::text::{FileRange, TextSize};

pub static RULE: Rule = Rule {
    id: "untested-security-code",
    severity: Severity::Medium,
    seeds: &["C.testing"],
    source: include_str!("untested_security_code.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Fewer functions than these are a declaration more than code.
const MIN_FUNCTIONS: usize = 2;

fn check(cx: &mut ProjectContext<'_>) {
    // Published packages are often without their tests.
    if cx.is_published_package() {
        return;
    }
    let packages: Vec<_> = cx.packages().iter().cloned().collect();
    let testing = packages.iter().filter(|it| has_integration_tests(cx, it));
    let reached: BTreeSet<&String> =
        testing.flat_map(|it| it.dependencies.iter().chain(&it.dev_dependencies)).collect();
    for package in packages.iter().filter(|it| package_contents::ships(it)) {
        let is_reached =
            reached.contains(&package.name.replace('-', "_")) || has_integration_tests(cx, package);
        if is_reached || !tested_files(cx, package).is_empty() && is_tested_from_above(cx, package)
        {
            continue;
        }
        let tested = tested_files(cx, package);
        if tested.is_empty() {
            continue;
        }
        let untested = untested(cx, package, &tested);
        // What a reviewer would say in one sentence is one finding, at the largest module.
        let Some((path, _)) = untested.iter().max_by_key(|(_, functions)| *functions) else {
            continue;
        };
        let shown = package.inside(path).trim_start_matches("src/").to_string();
        let message = match untested.len() {
            1 => format!("security-critical `{shown}` is reached by no test"),
            count => {
                format!("security-critical `{shown}` and {} more are reached by no test", count - 1)
            }
        };
        let range = FileRange::new(TextSize::new(0), TextSize::new(0));
        let report = Report::new(range, message).confidence(Confidence::Possible);
        cx.report(path, report);
    }
}

/// The sources of a package with tests in them.
fn tested_files(cx: &ProjectContext<'_>, package: &Package) -> Vec<String> {
    let symbols = cx.symbols();
    let sources = package_contents::sources(cx, package);
    let tested = sources.filter(|path| symbols.file(path).is_some_and(|it| it.has_tests()));
    tested.map(str::to_string).collect()
}

/// Whether a package has tests outside of its modules.
fn has_integration_tests(cx: &ProjectContext<'_>, package: &Package) -> bool {
    let prefix = match package.folder.as_str() {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    // Tests at the root may be those of any package.
    let folders = ["tests/", "test/", "e2e/", "integration-tests/"];
    folders.iter().flat_map(|it| [format!("{prefix}{it}"), it.to_string()]).any(|below| {
        cx.listing().range(below.clone()..).next().is_some_and(|path| path.starts_with(&below))
    })
}

/// Whether the root of a crate has tests, which may test anything below it.
fn is_tested_from_above(cx: &ProjectContext<'_>, package: &Package) -> bool {
    tested_files(cx, package).iter().any(|it| package.is_crate_root(it))
}

/// The security-critical sources of a package that no test in a module reaches.
fn untested(cx: &ProjectContext<'_>, package: &Package, tested: &[String]) -> Vec<(String, usize)> {
    let symbols = cx.symbols();
    let sources = package_contents::sources(cx, package);
    let critical = sources.filter(|path| {
        let inside = package.inside(path).trim_start_matches("src/").trim_end_matches(".rs");
        is_critical_name(inside) && matches!(package.role(path), Role::Lib | Role::Bin)
    });
    let found = critical.filter_map(|path| {
        let file = symbols.file(path)?;
        let functions: usize = file.items.iter().map(|it| it.functions.len()).sum();
        let is_code = !file.generated
            && !file.test_only
            && !has_any_word(file_name(path), DECLARING_WORDS)
            && functions >= MIN_FUNCTIONS;
        let is_reached = || tested.iter().any(|it| may_test(it, path, package));
        (is_code && !is_reached()).then(|| (path.to_string(), functions))
    });
    found.collect()
}

/// Words of modules that declare what others work with.
const DECLARING_WORDS: &[&str] = &["error", "errors", "mock", "models", "schema", "types"];

/// Whether tests in one file may be those of another one: of the file itself, of a module around it, of
/// one below, of a file beside it that is named for tests, or of any in its folder.
fn may_test(tests: &str, path: &str, package: &Package) -> bool {
    let module = |path: &str| {
        let stem = path.trim_end_matches(".rs");
        stem.strip_suffix("/mod").unwrap_or(stem).to_string()
    };
    let (of_tests, of_path) = (module(tests), module(path));
    of_tests == of_path
        || of_path.starts_with(&format!("{of_tests}/"))
        || of_tests.starts_with(&format!("{of_path}/"))
        || folder_of(tests) == folder_of(path) && file_name(tests).contains("test")
        || shares_folder(package.inside(tests), package.inside(path))
}

/// Whether two files are below one folder of modules.
fn shares_folder(a: &str, b: &str) -> bool {
    let first = |path: &str| {
        let inside = path.trim_start_matches("src/");
        inside.split_once('/').map(|(folder, _)| folder.to_string())
    };
    first(a).is_some() && first(a) == first(b)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    const TESTED: &str = "//- src/names.rs\npub fn a() {}\n#[test]\nfn t() { assert!(true); }\n";

    #[test]
    fn critical_modules_without_tests_are_reported() {
        let auth = "pub fn issue() {}\n//~ untested-security-code: security-critical `auth.rs` is reached by no test\npub fn verify() {}\n";
        check(
            &RULE,
            &format!("//- src/lib.rs\nmod auth;\nmod names;\n{TESTED}//- src/auth.rs\n{auth}"),
        );
        let nested = "pub fn derive() {}\n//~ untested-security-code: security-critical `crypto/keys.rs` is reached by no test\npub fn wrap() {}\n";
        check(
            &RULE,
            &format!(
                "//- src/lib.rs\nmod crypto;\nmod names;\n{TESTED}//- src/crypto/mod.rs\nmod keys;\n//- src/crypto/keys.rs\n{nested}"
            ),
        );
    }

    #[test]
    fn tested_and_small_modules_are_left_alone() {
        let auth = "pub fn issue() {}\npub fn verify() {}\n";
        let own = "#[cfg(test)]\nmod tests { #[test] fn t() { assert!(true); } }\n";
        for source in [
            format!("//- src/lib.rs\nmod auth;\n{TESTED}//- src/auth.rs\n{auth}{own}"),
            format!("//- src/lib.rs\nmod auth;\n{TESTED}//- src/auth.rs\npub fn issue() {{}}\n"),
            format!(
                "//- src/lib.rs\nmod auth;\n{TESTED}//- src/auth.rs\n{auth}//- tests/it.rs\n#[test]\nfn t() {{}}\n"
            ),
            format!(
                "//- src/lib.rs\nmod auth;\n{TESTED}//- src/auth/mod.rs\n{auth}//- src/auth/tests.rs\n#[test]\nfn t() {{ assert!(true); }}\n"
            ),
            format!("//- src/lib.rs\nmod auth;\n//- src/auth.rs\n{auth}"),
            format!("//- src/lib.rs\nmod list;\n{TESTED}//- src/list.rs\n{auth}"),
        ] {
            silent(&RULE, &source);
        }
    }
}
