//! Package without tests.
//!
//! Without tests a change can break the package unnoticed. Unit tests, integration tests, examples
//! in the documentation and tests in other languages below `tests/` all count, and so does a
//! package of tests in the workspace that depends on this one.
//!
//! ```project,bad
//! //- package.json
//! {
//!   "name": "worker",
//!   "scripts": { "test": "echo \"Error: no test specified\" && exit 1" }
//! }
//! //- src/worker.ts
//! export default {}
//! ```
//!
//! ```project
//! //- package.json
//! {
//!   "name": "worker",
//!   "scripts": { "test": "vitest run" }
//! }
//! //- src/worker.ts
//! export default {}
//! ```
//!
//! The severity is high for a server, and low for database entities, migrations and bindings to other
//! languages. Not reported: packages with few functions, procedural macros, bindings to C (`-sys`),
//! examples and development tools.

use std::collections::BTreeSet;

use super::AREA;
use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::package_contents;
use crate::project::paths::file_name;
use crate::project::served::is_for_testing;
use crate::project::service::servers;
use crate::project::values::Node;
use crate::project::{FileKind, Package, ProjectFile, Role};

pub static RULE: Rule = Rule {
    id: "missing-tests",
    opportunity: Opportunity::TestedPackages,
    effort: 960,
    severity: Severity::Medium,
    seeds: &["D.1", "E.16"],
    source: include_str!("missing_tests.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Packages with fewer functions are not reported.
const MIN_FUNCTIONS: usize = 6;

/// The same in a workspace with tests, which may cover this package as well.
const MIN_FUNCTIONS_AMONG_TESTED: usize = 12;

/// An npm package with fewer sources is a script or a configuration.
const MIN_SOURCES: usize = 3;

/// Words in the names of packages that are tested where they are used.
const GLUE: &[&str] = &["macros", "macro", "derive", "codegen", "bindings"];

/// The same as last words.
const GLUE_LAST: &[&str] = &["sys", "ffi", "proto", "py", "python", "napi", "wasm"];

/// Words in the names of packages that declare what others work with.
const DECLARATIONS: &[&str] = &[
    "bindings", "entities", "entity", "ffi", "migration", "migrations", "models", "schema",
    "schemas",
];

/// Crates that pass the functions of a package on to another language, or migrate a database.
const BRIDGES: &[&str] = &[
    "cxx", "jni", "magnus", "napi", "neon", "pyo3", "rustler", "sea_orm_migration", "uniffi",
    "wasm_bindgen",
];

/// Files that hold tests when they lie below `tests/`.
const TESTS: &[&str] =
    &["rs", "py", "js", "mjs", "ts", "tsx", "sh", "bats", "robot", "hurl", "feature", "go", "rb"];

fn check(cx: &mut ProjectContext<'_>) {
    // Published packages are often without their tests.
    if cx.is_published_package() {
        return;
    }
    let packages: Vec<_> = cx.packages().iter().cloned().collect();
    let tested: Vec<bool> = packages.iter().map(|package| has_tests(cx, package)).collect();
    let testing = packages.iter().zip(&tested);
    let testing = testing.filter(|(it, tested)| **tested && !package_contents::ships(it));
    let tested_elsewhere: BTreeSet<&String> =
        testing.flat_map(|(it, _)| it.dependencies.iter().chain(&it.dev_dependencies)).collect();
    for (package, _) in packages.iter().zip(&tested).filter(|(_, tested)| !**tested) {
        let is_tested_elsewhere = tested_elsewhere.contains(&package.name.replace('-', "_"));
        if !package_contents::ships(package) || is_tested_elsewhere {
            continue;
        }
        let functions = functions(cx, package);
        let Some((manifest, range)) = package_contents::header(cx, package) else { continue };
        let least = match tested.contains(&true) {
            true => MIN_FUNCTIONS_AMONG_TESTED,
            false => MIN_FUNCTIONS,
        };
        if functions < least || is_glue(package, manifest) || is_for_testing(cx, package) {
            continue;
        }
        let message = format!("`{}` has {functions} functions and no tests", package.name);
        let severity = severity(cx, package);
        cx.report(&manifest.path, Report::new(range, message).severity(severity));
    }
    for file in cx.files(FileKind::PackageJson) {
        if let Some(report) = of_npm(cx, file) {
            cx.report(&file.path, report);
        }
    }
}

/// How much it matters that a package has no tests.
fn severity(cx: &ProjectContext<'_>, package: &Package) -> Severity {
    let words = package.name.split(['-', '_']).chain(package.folder.split('/'));
    let is_declared = || { words }.any(|word| DECLARATIONS.contains(&word));
    if servers(cx).any(|server| server.name == package.name) {
        Severity::High
    } else if is_declared() || BRIDGES.iter().any(|it| package.depends_on(it)) {
        Severity::Low
    } else {
        Severity::Medium
    }
}

fn has_tests(cx: &ProjectContext<'_>, package: &Package) -> bool {
    let symbols = cx.symbols();
    package_contents::sources(cx, package)
        .any(|path| symbols.file(path).is_some_and(|it| it.has_tests()))
        || has_test_folder(cx, &package.folder)
}

/// Whether there are sources below the `tests` folder of a package.
fn has_test_folder(cx: &ProjectContext<'_>, folder: &str) -> bool {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    ["tests/", "test/", "e2e/", "integration-tests/"].iter().any(|name| {
        let below = format!("{prefix}{name}");
        let files = cx.listing().range(below.clone()..).take_while(|it| it.starts_with(&below));
        files.into_iter().any(|path| {
            path.rsplit_once('.').is_some_and(|(_, extension)| TESTS.contains(&extension))
        })
    })
}

fn functions(cx: &ProjectContext<'_>, package: &Package) -> usize {
    let symbols = cx.symbols();
    let sources = package_contents::sources(cx, package);
    let sources = sources.filter(|path| matches!(package.role(path), Role::Lib | Role::Bin));
    // What a program wrote is tested where that is.
    let files = sources.filter_map(|path| symbols.file(path)).filter(|it| !it.generated);
    let items = files.flat_map(|file| &file.items);
    items.map(|item| item.functions.len()).sum()
}

/// Whether a package is tested where it is used: procedural macros and bindings.
fn is_glue(package: &Package, manifest: &ProjectFile) -> bool {
    let lib = manifest.root().and_then(|root| root.get("lib"));
    let is_set = |key: &str| lib.and_then(|it| it.get(key)).and_then(Node::as_bool) == Some(true);
    let words: Vec<&str> = package.name.split(['-', '_']).collect();
    is_set("proc-macro")
        || is_set("proc_macro")
        || words.iter().any(|word| GLUE.contains(word))
        || words.last().is_some_and(|word| GLUE_LAST.contains(word))
}

fn of_npm(cx: &ProjectContext<'_>, file: &ProjectFile) -> Option<Report<'static>> {
    if package_contents::is_aside(&file.path) {
        return None;
    }
    let root = file.root()?;
    let sources = sources_of_npm(cx, file);
    let count = sources.iter().filter(|path| !package_contents::is_aside(path)).count();
    let scripts = root.entry("scripts");
    let test = scripts.and_then(|it| it.value.entry("test"));
    if let Some(test) = test {
        let command = test.value.as_str()?;
        let is_stub = command.contains("no test specified") || command.trim().is_empty();
        let message = "`npm test` is a placeholder that runs no tests";
        // Without a source it brings in tools alone.
        return (is_stub && count > 0).then(|| Report::new(test.key_range, message));
    }
    let scripts = scripts?;
    let runs_tests = |text: &str| {
        ["test", "vitest", "jest", "mocha", "playwright", "cypress", "ava"]
            .iter()
            .any(|it| text.contains(it))
    };
    let named = scripts.value.entries().iter();
    let runs = named.filter(|it| runs_tests(&it.key) || it.value.as_str().is_some_and(runs_tests));
    if runs.count() > 0 || root.get("workspaces").is_some() || is_tested_above(cx, file) {
        return None;
    }
    let has_tests = sources.iter().any(|path| {
        let name = file_name(path);
        name.contains(".test.") || name.contains(".spec.") || path.contains("__tests__/")
    });
    if has_tests || count < MIN_SOURCES {
        return None;
    }
    let message = format!("{count} source files and no script that runs tests");
    Some(Report::new(scripts.key_range, message))
}

/// The sources below a `package.json`.
fn sources_of_npm<'a>(cx: &ProjectContext<'a>, file: &ProjectFile) -> Vec<&'a String> {
    let prefix = match file.folder() {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let below = cx.listing().range(prefix.clone()..).take_while(|it| it.starts_with(&prefix));
    below.filter(|path| is_script(path)).collect()
}

fn is_script(path: &str) -> bool {
    let name = file_name(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "tsx" | "vue" | "svelte")
        && !name.contains(".config.")
        && !name.contains(".min.")
        && !path
            .split('/')
            .any(|it| matches!(it, "dist" | "static" | "public" | "external" | "pkg"))
        && !name.ends_with(".d.ts")
}

/// Whether the `package.json` of a folder above runs tests.
fn is_tested_above(cx: &ProjectContext<'_>, file: &ProjectFile) -> bool {
    cx.files(FileKind::PackageJson).any(|other| {
        let folder = other.folder();
        let is_above = other.path != file.path
            && (folder.is_empty() || file.folder().starts_with(&format!("{folder}/")));
        let test = other.root().and_then(|it| it.at(&["scripts", "test"])?.as_str());
        is_above && test.is_some_and(|it| !it.contains("no test specified"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{Fixture, check, silent};

    const CODE: &str = "
pub fn a() {}
pub fn b() {}
pub fn c() {}
struct S;
impl S { fn d(&self) {} fn e(&self) {} fn f(&self) {} }
";
    const MANIFEST: &str = r#"//- Cargo.toml
[package]
#~ missing-tests: `p` has 6 functions and no tests
name = "p"
edition = "2024"
"#;

    fn unmarked() -> String {
        MANIFEST.lines().filter(|it| !it.starts_with("#~")).map(|it| format!("{it}\n")).collect()
    }

    #[test]
    fn a_package_without_tests_is_reported_at_its_header() {
        check(&RULE, &format!("{MANIFEST}//- src/lib.rs{CODE}"));
        check(&RULE, &format!("{MANIFEST}//- src/main.rs{CODE}"));
        let fences = CODE.replace(
            "pub fn a",
            r#"/// ```text
/// a
/// ```
pub fn a"#,
        );
        check(&RULE, &format!("{MANIFEST}//- src/lib.rs{fences}"));
        let members = format!(
            r#"//- Cargo.toml
[workspace]
members = ["a", "b"]
//- a/Cargo.toml
[package]
#~ missing-tests
name = "a"
//- a/src/lib.rs{CODE}//- a/src/more.rs{CODE}//- b/Cargo.toml
[package]
name = "b"
//- b/src/lib.rs
#[test] fn t() {{}}{CODE}"#
        );
        check(&RULE, &members);
        assert_eq!(Fixture::new(&members, [&RULE]).findings()[0].1.severity, Severity::Medium);
    }

    #[test]
    fn it_matters_most_for_servers() {
        for (name, dependency, severity) in [
            ("p", "axum", Severity::High),
            ("p", "serde", Severity::Medium),
            ("p-entities", "serde", Severity::Low),
            ("p", "sea-orm-migration", Severity::Low),
        ] {
            let source = format!(
                "//- Cargo.toml\n[package]\nname = \"{name}\"\n[dependencies]\n{dependency} = \"1\"\n//- src/main.rs{CODE}"
            );
            let found = Fixture::new(&source, [&RULE]).findings();
            assert_eq!(found[0].1.severity, severity, "{name} {dependency}");
        }
    }

    #[test]
    fn tests_of_every_form_count() {
        let with = |code: &str| format!("{}//- src/lib.rs{CODE}{code}", unmarked());
        for code in [
            "#[cfg(test)] mod tests { #[test] fn t() {} }",
            "#[cfg(test)] mod tests { #[tokio::test] async fn t() {} }",
            "#[cfg(test)] mod tests { proptest! { fn t(x: u8) {} } }",
            r#"/// ```
/// p::g();
/// ```
pub fn g() {}"#,
            r#"//- tests/all.rs
fn main() {}
"#,
            r#"//- tests/smoke.py
assert True
"#,
        ] {
            silent(&RULE, &with(code));
        }
        silent(
            &RULE,
            &format!(
                r#"{}//- src/lib.rs
//! ```rust
//! p::a();
//! ```
{CODE}"#,
                unmarked()
            ),
        );
        let tested = format!(
            r#"//- a/Cargo.toml
[package]
name = "a"
//- a/src/lib.rs{CODE}//- it/Cargo.toml
[package]
name = "a-tests"
[dependencies]
a = {{ path = "../a" }}
//- it/src/lib.rs
#[test] fn t() {{}}
"#
        );
        silent(&RULE, &tested);
    }

    #[test]
    fn small_packages_and_those_tested_by_their_use_are_silent() {
        silent(
            &RULE,
            &format!(
                r#"{}//- src/lib.rs
pub fn a() {{}}
"#,
                unmarked()
            ),
        );
        let beside_tested = format!(
            r#"//- a/Cargo.toml
[package]
name = "a"
//- a/src/lib.rs{CODE}//- b/Cargo.toml
[package]
name = "b"
//- b/src/lib.rs
#[test] fn t() {{}}
"#
        );
        silent(&RULE, &beside_tested);
        for manifest in [
            r#"[package]
name = "p"
[lib]
proc-macro = true
"#,
            r#"[package]
name = "lib-sys"
"#,
            r#"[package]
name = "xtask"
"#,
            r#"[package]
name = "api_test_utils"
"#,
        ] {
            silent(
                &RULE,
                &format!(
                    r#"//- Cargo.toml
{manifest}//- src/lib.rs{CODE}"#
                ),
            );
        }
        silent(
            &RULE,
            &format!(
                r#"{}//- Cargo.toml.orig
[package]
//- src/lib.rs{CODE}"#,
                unmarked()
            ),
        );
        silent(
            &RULE,
            &format!(
                r#"//- examples/p/Cargo.toml
[package]
name = "p"
//- examples/p/src/main.rs{CODE}"#
            ),
        );
    }

    #[test]
    fn the_placeholder_of_npm_is_reported() {
        let stub = r#"//- package.json
{
  "scripts": {
    "test": "echo \"Error: no test specified\" && exit 1"
//~ missing-tests
  }
}
"#;
        silent(&RULE, &stub.replace("//~ missing-tests\n", ""));
        check(&RULE, &format!("{stub}//- src/a.ts\nx\n"));
        check(
            &RULE,
            &format!("{}//- web/a.ts\nx\n", stub.replace("package.json", "web/package.json")),
        );
        let sources = r#"//- src/a.ts
//- src/b.ts
x
//- src/c.ts
y
//- src/d.ts
z
"#;
        check(
            &RULE,
            &format!(
                r#"//- package.json
{{
  "scripts": {{ "build": "tsc" }}
//~ missing-tests: 3 source files and no script that runs tests
}}
{sources}"#
            ),
        );
    }

    #[test]
    fn npm_packages_with_tests_are_silent() {
        for package in [
            "{ \"scripts\": { \"test\": \"vitest\" } }",
            "{ \"scripts\": { \"build\": \"tsc\", \"test:unit\": \"jest\" } }",
            "{ \"scripts\": { \"build\": \"tsc\" }, \"workspaces\": [\"a\"] }",
            "{ \"devDependencies\": { \"prettier\": \"^3\" } }",
        ] {
            let sources = r#"//- src/a.ts
x
//- src/b.ts
x
//- src/c.ts
y
//- src/d.ts
z
"#;
            silent(
                &RULE,
                &format!(
                    r#"//- package.json
{package}
{sources}"#
                ),
            );
        }
        silent(
            &RULE,
            r#"//- package.json
{ "scripts": { "build": "tsc" } }
//- src/a.ts
x
"#,
        );
        silent(
            &RULE,
            r#"//- package.json
{ "scripts": { "build": "tsc" } }
//- src/a.ts
x
//- src/b.ts
x
//- src/c.ts
x
//- src/a.test.ts
x
"#,
        );
    }
}
