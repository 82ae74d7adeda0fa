//! What the packages of a workspace hold: programs, tests, fuzzers.

use super::TrackedProject;
use crate::project::paths::folder_of;
use crate::project::{Package, ProjectFile, Role};
use crate::text::{FileRange, TextSize};

/// Folders whose packages are no part of what ships.
const ASIDE: &[&str] = &[
    "benches", "docs", "example", "examples", "fixtures", "fuzz", "node_modules", "scripts",
    "templates", "test", "testdata", "testing", "tests", "third_party", "tools", "vendor",
    "website", "xtask",
];

/// Whether a file lies in a folder of tests, examples, or code of others.
pub fn is_aside(path: &str) -> bool {
    let folder = folder_of(path);
    folder.split('/').any(|part| ASIDE.contains(&part))
}

/// Whether a package ships: it is no test, example, fuzzer or helper of the developers.
pub fn ships(package: &Package) -> bool {
    let root = match package.folder.as_str() {
        "" => "src/lib.rs".to_string(),
        folder => format!("{folder}/src/lib.rs"),
    };
    let is_for_tests = package.name.split(['-', '_']).any(|word| {
        matches!(word, "test" | "testing" | "testutil" | "testutils" | "mock" | "mocks")
    });
    !is_for_tests
        && !is_aside(&package.manifest())
        && matches!(package.role(&root), Role::Lib | Role::Bin)
}

/// The manifest of a package, and its `[package]` header there.
pub fn header<'a>(
    cx: &TrackedProject<'a>,
    package: &Package,
) -> Option<(&'a ProjectFile, FileRange)> {
    let manifest = package.manifest();
    let file = cx.file(&manifest)?;
    let header = "[package]";
    let range = match file.text.find(header) {
        Some(at) => FileRange::at(TextSize::new(at as u32), TextSize::of(header)),
        None => file.root()?.entry("package")?.key_range,
    };
    Some((file, range))
}

/// Whether a package makes a program.
pub fn is_program(cx: &TrackedProject<'_>, package: &Package) -> bool {
    sources(cx, package).any(|path| package.role(path) == Role::Bin && package.is_crate_root(path))
}

/// The Rust files of a package, by their paths.
pub fn sources<'a>(
    cx: &TrackedProject<'a>,
    package: &Package,
) -> impl Iterator<Item = &'a str> + use<'a> {
    cx.symbols().files_beside(&package.manifest())
}
