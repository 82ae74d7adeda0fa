//! Dockerfile with an older Rust than the package requires.
//!
//! Cargo refuses to build a package whose `rust-version` or edition is newer than the compiler, so
//! the image cannot be built.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! rust-version = "1.85"
//! //- Dockerfile
//! FROM rust:1.74-slim
//! COPY . .
//! RUN cargo build --release
//! ```
//!
//! Raise the tag of the image:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! rust-version = "1.85"
//! //- Dockerfile
//! FROM rust:1.85-slim
//! COPY . .
//! RUN cargo build --release
//! ```
//!
//! A `rust-toolchain.toml` takes precedence over the compiler in the image, and then nothing is
//! reported.

use super::AREA;
use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity};
use crate::project::paths::folder_of;
use crate::project::values::Node;
use crate::project::{Kind, ProjectFile};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "dockerfile-toolchain",
    severity: Severity::High,
    source: include_str!("dockerfile_toolchain.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// A release of Rust; the patch release does not matter here.
type Release = (u32, u32);

fn check(cx: &mut ProjectContext<'_>) {
    for file in cx.files(Kind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        let Some(needed) = required_near(cx, file.folder()) else { continue };
        for stage in &dockerfile.stages {
            let written = dockerfile.image(stage);
            let Some((at, release)) = written.as_deref().and_then(release_of_image) else {
                continue;
            };
            if release >= needed.release {
                continue;
            }
            let (major, minor) = needed.release;
            let message = format!(
                "this image has Rust {}.{}, but `{}` requires {major}.{minor}",
                release.0, release.1, needed.manifest
            );
            let image = &stage.image;
            let mut report = Report::new(image.range, message)
                .related_in(&needed.manifest, needed.range, "required here");
            // An image put together from arguments has no version to edit in this place.
            if written.as_deref() == Some(image.text.as_str()) {
                let start = image.range.start() + TextSize::new(at.start as u32);
                let version = FileRange::at(start, TextSize::new(at.len() as u32));
                let path = file.path.clone();
                report = report.project_fix(move |_| {
                    let edit = TextEdit::replace(version, format!("{major}.{minor}"));
                    vec![Fix {
                        title: format!("Use Rust {major}.{minor}"),
                        applicability: Applicability::Suggested,
                        edits: vec![FileEdit { path: path.clone(), edits: vec![edit] }],
                    }]
                });
            }
            cx.report(&file.path, report);
        }
    }
}

/// The Rust release that a manifest requires.
struct Required {
    release: Release,
    manifest: String,
    range: FileRange,
}

/// The release that the manifest in the Dockerfile's folder requires, or the nearest one above it.
fn required_near(cx: &ProjectContext<'_>, folder: &str) -> Option<Required> {
    let mut folder = folder;
    loop {
        let at = |name: &str| match folder {
            "" => name.to_string(),
            folder => format!("{folder}/{name}"),
        };
        if cx.is_listed(&at("rust-toolchain.toml")) || cx.is_listed(&at("rust-toolchain")) {
            return None;
        }
        if let Some(manifest) = cx.file(&at("Cargo.toml")) {
            return required_by(cx, manifest);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder_of(folder);
    }
}

/// The release that a manifest requires. For a workspace without a version of its own it is the
/// lowest that a member requires, as it is not known which members the image builds.
fn required_by(cx: &ProjectContext<'_>, manifest: &ProjectFile) -> Option<Required> {
    let root = manifest.root()?;
    let own = [root.get("package"), root.at(&["workspace", "package"])];
    let own = own.into_iter().flatten().filter_map(|it| stated(manifest, it));
    if let Some(needed) = own.max_by_key(|it| it.release) {
        return Some(needed);
    }
    root.get("workspace")?;
    let below = match manifest.folder() {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let members = cx.files(Kind::Manifest).filter(|it| it.path.starts_with(&below));
    members.filter_map(|it| stated(it, it.root()?.get("package")?)).min_by_key(|it| it.release)
}

/// The release that a `[package]` table states by its version or its edition.
fn stated(manifest: &ProjectFile, package: &Node) -> Option<Required> {
    let entry = |key: &str, read: fn(&str) -> Option<Release>| {
        let value = package.get(key)?;
        let release = read(value.as_str()?)?;
        Some(Required { release, manifest: manifest.path.clone(), range: value.range })
    };
    let version = entry("rust-version", release_of_version);
    let edition = entry("edition", release_of_edition);
    edition.into_iter().chain(version).max_by_key(|it| it.release)
}

fn release_of_version(text: &str) -> Option<Release> {
    let mut parts = text.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().unwrap_or("0").parse().ok()?;
    Some((major, minor))
}

/// The first release that knows an edition.
fn release_of_edition(edition: &str) -> Option<Release> {
    match edition {
        "2018" => Some((1, 31)),
        "2021" => Some((1, 56)),
        "2024" => Some((1, 85)),
        _ => None,
    }
}

/// The release in the tag of an image of Rust, and where it stands in the image's name. Tags such
/// as `latest` or `1` move along with Rust.
fn release_of_image(image: &str) -> Option<(std::ops::Range<usize>, Release)> {
    let (name, tag) = image.rsplit_once(':')?;
    let version = match name.rsplit('/').next()? {
        "rust" => tag.split(['-', '@']).next()?,
        // `latest-rust-1.74-slim`, `0.1.67-rust-1.74`.
        "cargo-chef" => tag.split_once("rust-")?.1.split(['-', '@']).next()?,
        _ => return None,
    };
    if !version.contains('.') {
        return None;
    }
    let at = name.len() + 1 + tag.find(version)?;
    Some((at..at + version.len(), release_of_version(version)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "a"
rust-version = "1.85"
"#;

    #[test]
    fn an_older_image_is_reported() {
        for (image, marks) in [
            ("rust:1.74", "^^^^^^^^^"),
            ("rust:1.74.1-slim-bookworm AS build", "^^^^^^^^^^^^^^^^^^^^^^^^^"),
            ("docker.io/library/rust:1.84-alpine", "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"),
        ] {
            let source = format!(
                r#"{MANIFEST}//- Dockerfile
FROM {image}
#    {marks} dockerfile-toolchain
"#
            );
            check(&RULE, &source);
        }
    }

    #[test]
    fn an_edition_requires_a_release_as_well() {
        check(
            &RULE,
            r#"
//- Cargo.toml
[workspace]
members = ["a"]
//- a/Cargo.toml
[package]
name = "a"
edition = "2024"
//- docker/Dockerfile
ARG VERSION=1.80
FROM rust:$VERSION
#    ^^^^^^^^^^^^^ dockerfile-toolchain: this image has Rust 1.80, but `a/Cargo.toml` requires 1.85
"#,
        );
    }

    #[test]
    fn what_is_new_enough_or_not_known_is_left_alone() {
        for image in ["rust:1.85", "rust:latest", "rust:1", "rust", "rust:bookworm", "debian:12.1"]
        {
            silent(
                &RULE,
                &format!(
                    r#"{MANIFEST}//- Dockerfile
FROM {image}
"#
                ),
            );
        }
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
//- Dockerfile
FROM rust:1.60
"#,
        );
        let toolchain = r#"//- rust-toolchain.toml
[toolchain]
channel = "1.90"
"#;
        silent(
            &RULE,
            &format!(
                r#"{MANIFEST}{toolchain}//- Dockerfile
FROM rust:1.74
"#
            ),
        );
    }

    #[test]
    fn the_tag_is_raised() {
        let files = fixed(
            &RULE,
            &format!(
                r#"{MANIFEST}//- Dockerfile
FROM rust:1.74.1-slim AS a
"#
            ),
        );
        assert_eq!(files["Dockerfile"], "FROM rust:1.85-slim AS a\n");
    }
}
