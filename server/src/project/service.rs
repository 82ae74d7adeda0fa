//! Whether the project is a service that somebody operates.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::TrackedProject;
use super::package_contents::ships;
use super::paths::join;
use crate::project::{FileKind, Package, ProjectFile, Role};

/// Folders of packages that show how a library is used.
const SHOWN: &[&str] = &["example", "examples", "demo", "demos", "tests", "benches", "fixtures"];

/// The packages that are servers with a program of their own. Servers of editors are started by
/// them, and nobody operates those.
pub fn servers<'a>(cx: &TrackedProject<'a>) -> impl Iterator<Item = &'a Arc<Package>> {
    let listing = cx.listing();
    cx.packages().iter().filter(move |package| {
        package.is_server()
            && !package.depends_on("tower_lsp")
            && !is_shown(package)
            && makes_program(listing, package)
    })
}

/// Whether a package of the project makes a program that is meant for others, which a library does
/// not.
pub fn has_programs(cx: &TrackedProject<'_>) -> bool {
    let listing = cx.listing();
    cx.packages().iter().any(|package| ships(package) && makes_program(listing, package))
}

/// Whether a package shows how a library is used.
pub(super) fn is_shown(package: &Package) -> bool {
    package.folder.split('/').any(|folder| SHOWN.contains(&folder))
}

/// Whether a package has a program.
pub(super) fn makes_program(listing: &BTreeSet<String>, package: &Package) -> bool {
    let main = join(&package.folder, "src/main.rs");
    let bins = format!("{}/", join(&package.folder, "src/bin"));
    listing.contains(&main) && package.role(&main) == Role::Bin
        || listing.range(bins.clone()..).next().is_some_and(|it| it.starts_with(&bins))
        || package.targets.values().any(|role| *role == Role::Bin)
}

/// Whether there is a service in the project: a server, a worker, or an image with open ports.
pub fn is_service(cx: &TrackedProject<'_>) -> bool {
    let exposes = |file: &ProjectFile| {
        file.lines().any(|it| it.trim_start().to_ascii_uppercase().starts_with("EXPOSE "))
    };
    !cx.is_published_package()
        && (servers(cx).next().is_some()
            || cx.files(FileKind::Wrangler).next().is_some()
            || cx.files(FileKind::Dockerfile).any(|file| exposes(file)))
}
