//! Whether the project is a service that somebody operates.

use std::sync::Arc;

use super::TrackedProject;
use crate::project::{Kind, Package, Role};

/// Folders of packages that show how a library is used.
const SHOWN: &[&str] = &["example", "examples", "demo", "demos", "tests", "benches", "fixtures"];

/// The packages that are servers with a program of their own. Servers of editors are started by
/// them, and nobody operates those.
pub fn servers<'a>(cx: &TrackedProject<'a>) -> impl Iterator<Item = &'a Arc<Package>> {
    let listing = cx.listing();
    let is_program = move |package: &Package| {
        let at = |path: &str| match package.folder.as_str() {
            "" => path.to_string(),
            folder => format!("{folder}/{path}"),
        };
        let main = at("src/main.rs");
        (listing.contains(&main) && package.role(&main) == Role::Bin)
            || listing
                .range(at("src/bin/")..)
                .next()
                .is_some_and(|it| it.starts_with(&at("src/bin/")))
            || package.targets.values().any(|role| *role == Role::Bin)
    };
    cx.packages().iter().filter(move |package| {
        package.is_server()
            && !package.depends_on("tower_lsp")
            && !package.folder.split('/').any(|folder| SHOWN.contains(&folder))
            && is_program(package)
    })
}

/// Whether there is a service in the project: a server, a worker, or an image with open ports.
pub fn is_service(cx: &TrackedProject<'_>) -> bool {
    let exposes = |text: &str| {
        text.lines().any(|it| it.trim_start().to_ascii_uppercase().starts_with("EXPOSE "))
    };
    !cx.is_published_package()
        && (servers(cx).next().is_some()
            || cx.files(Kind::Wrangler).next().is_some()
            || cx.files(Kind::Dockerfile).any(|file| exposes(&file.text)))
}
