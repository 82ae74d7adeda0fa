//! Files that a Dockerfile copies from the build context and that are not in it.

use crate::analysis::ProjectContext;
use crate::project::docker::dockerfile::{Action, Dockerfile, Spanned};
use crate::project::docker::{Build, BuildContext, Presence, is_fetched};
use crate::project::paths::{file_name, join};
use crate::project::{FileKind, ProjectFile};
use crate::text::FileRange;

/// Folders of build output, which is not committed.
const ARTEFACTS: &[&str] = &[
    "amd64", "arm64", "artefacts", "artifacts", "bin", "binaries", "build", "cache", "certs",
    "data", "dist", "generated", "linux", "node_modules", "out", "output", "pkg", "public",
    "release", "releases", "result", "secrets", "target", "tmp", "vendor",
];

/// Extensions of files that are usually committed.
const SOURCES: &[&str] =
    &["conf", "js", "json", "lock", "proto", "py", "rs", "sh", "sql", "toml", "ts", "yaml", "yml"];

/// The sources of `COPY` that are not in the build context, with the messages about them and whether
/// `.dockerignore` is why.
pub fn missing_sources(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    dockerfile: &Dockerfile,
    contexts: &[BuildContext<'_, '_>],
    builds: &[Build<'_>],
) -> Vec<(FileRange, String, bool)> {
    let Some(likeliest) = contexts.first() else { return Vec::new() };
    let mut missing = Vec::new();
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let compiles = builds.iter().any(|it| it.stage == index);
        for instruction in &stage.instructions {
            let Action::Copy { from: None, sources, is_add, .. } = &instruction.action else {
                continue;
            };
            for source in sources {
                // A pattern may match no file.
                let is_plain = !source.text.contains(['*', '?', '[', '$', '\\']);
                if !is_plain || *is_add && is_fetched(&source.text) {
                    continue;
                }
                let path = join("", &source.text);
                let presence = |it: &BuildContext<'_, '_>| it.presence(&path);
                if contexts.iter().any(|it| presence(it) == Presence::Present) {
                    continue;
                }
                if presence(likeliest) == Presence::Ignored {
                    let by = likeliest.ignore_file().map_or(".dockerignore", |it| &it.path);
                    let message = format!("`{by}` excludes `{path}`");
                    missing.push((source.range, message, true));
                } else if is_committed(cx, source, &path, compiles)
                    && !contexts.iter().any(|it| cx.ignores().is_ignored(&join(&it.folder, &path)))
                    && !is_elsewhere(cx, file, dockerfile, likeliest, &path)
                {
                    missing.push((
                        source.range,
                        format!("`{path}` does not exist and cannot be copied"),
                        false,
                    ));
                }
            }
        }
    }
    missing
}

/// Whether a path is one that people write and commit, and that nothing in the project makes.
fn is_committed(cx: &ProjectContext<'_>, source: &Spanned, path: &str, compiles: bool) -> bool {
    let name = file_name(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is_source = match extension {
        Some(extension) => SOURCES.contains(&extension),
        // A folder; a submodule is one that the listing does not have.
        None => compiles && !cx.is_listed(".gitmodules"),
    };
    // A package as a registry gives it out lacks a good part of its repository.
    let is_packaged = !cx.is_published_package() || extension == Some("rs");
    // Rust and its manifests are written by people, however often a workflow speaks of them.
    let is_made = || {
        if matches!(extension, Some("rs" | "toml" | "lock")) {
            return false;
        }
        let makers = [FileKind::Ci, FileKind::Script, FileKind::Compose];
        makers.into_iter().flat_map(|kind| cx.files(kind)).any(|it| it.text.contains(name))
    };
    is_source
        && is_packaged
        && !source.text.starts_with("..")
        && !path.split('/').any(|part| ARTEFACTS.contains(&part))
        && !is_made()
}

/// Whether the path is in another folder that has as much of what is copied.
fn is_elsewhere(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    dockerfile: &Dockerfile,
    likeliest: &BuildContext<'_, '_>,
    path: &str,
) -> bool {
    let best = likeliest.copied(dockerfile);
    let (end, middle) = (format!("/{path}"), format!("/{path}/"));
    let mut folders: Vec<&str> = cx
        .listing()
        .iter()
        .filter_map(|it| {
            it.strip_suffix(&end).or_else(|| it.split_once(&middle).map(|(folder, _)| folder))
        })
        .collect();
    folders.dedup();
    folders.iter().any(|it| BuildContext::new(cx, file, it.to_string()).copied(dockerfile) >= best)
}
