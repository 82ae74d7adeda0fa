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
//! reported. `rustup default`, `RUSTUP_TOOLCHAIN` and `cargo +1.85` are followed.

use super::AREA;
use crate::analysis::{
    Applicability, Confidence, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::docker::CargoCall;
use crate::project::docker::dockerfile::{Action, Dockerfile, Instruction, Stage};
use crate::project::paths::folder_of;
use crate::project::shell::programs;
use crate::project::values::Node;
use crate::project::{FileKind, ProjectFile};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "dockerfile-toolchain",
    opportunity: Opportunity::Dockerfiles,
    effort: 10,
    severity: Severity::High,
    seeds: &["B.4"],
    source: include_str!("dockerfile_toolchain.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// A release of Rust; the patch release does not matter here.
type Release = (u32, u32);

fn check(cx: &mut ProjectContext<'_>) {
    for file in cx.files(FileKind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        let Some(needed) = required_near(cx, file.folder()) else { continue };
        for stage in &dockerfile.stages {
            let written = dockerfile.image(stage);
            let Some((at, release)) = written.as_deref().and_then(release_of_image) else {
                continue;
            };
            let compilers = compilers(dockerfile, stage, release);
            let Some(old) = compilers.iter().find(|it| it.release < needed.release) else {
                continue;
            };
            let (major, minor) = needed.release;
            let has = if old.place.is_none() { "image has" } else { "stage builds with" };
            let message = format!(
                "this {has} Rust {}.{}, but `{}` requires {major}.{minor}",
                old.release.0, old.release.1, needed.manifest
            );
            let image = &stage.image;
            let mut report = Report::new(old.place.unwrap_or(image.range), message)
                .confidence(old.confidence)
                .related_in(&needed.manifest, needed.range, "required here");
            // An image put together from arguments has no version to edit in this place, and with
            // another version the digest is another one.
            let is_plain = written.as_deref() == Some(image.text.as_str());
            if is_plain && old.place.is_none() && !image.text.contains('@') {
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

/// The compiler that a build uses.
#[derive(Clone, Copy)]
struct Compiler {
    release: Release,
    /// The instruction that chooses it; nothing for that of the image.
    place: Option<FileRange>,
    confidence: Confidence,
}

/// The compilers of known releases that stages on top of an image build the project with.
fn compilers(dockerfile: &Dockerfile, image: &Stage, release: Release) -> Vec<Compiler> {
    let own = Compiler { release, place: None, confidence: Confidence::Certain };
    let mut used = Vec::new();
    let mut is_known = false;
    let mut runs_scripts = dockerfile.stages.len() == 1;
    for stage in &dockerfile.stages {
        let chain = dockerfile.chain(stage);
        if chain.last().is_none_or(|first| !std::ptr::eq(*first, image)) {
            continue;
        }
        let mut choice = Choice::default();
        for below in chain.into_iter().rev() {
            for instruction in &below.instructions {
                for call in choice.take_in(instruction) {
                    is_known = true;
                    // What a stage below builds is seen there.
                    if std::ptr::eq(below, stage) && call.loads_workspace() {
                        used.extend(choice.compiler(&call, own));
                    }
                }
            }
        }
        is_known |= choice.by_default.or(choice.by_variable).is_some();
        runs_scripts |= stage.instructions.iter().any(runs_script);
    }
    // The build stands in another file.
    if !is_known && runs_scripts {
        used.push(Compiler { confidence: Confidence::Likely, ..own });
    }
    used
}

/// Whether an instruction runs what may build the project and is not read.
fn runs_script(instruction: &Instruction) -> bool {
    let Action::Run { script, .. } = &instruction.action else { return false };
    programs(&script.text).iter().any(|command| {
        command.words.first().is_some_and(|it| {
            matches!(it.as_str(), "make" | "just" | "sh" | "bash") || it.starts_with("./")
        })
    })
}

/// The toolchain that a stage chooses instead of that of its image.
#[derive(Default)]
struct Choice {
    by_default: Option<(Option<Release>, FileRange)>,
    by_variable: Option<(Option<Release>, FileRange)>,
}

impl Choice {
    /// Notes what an instruction chooses, and returns the calls of cargo in it.
    fn take_in(&mut self, instruction: &Instruction) -> Vec<CargoCall> {
        let range = instruction.range;
        match &instruction.action {
            Action::Env(pairs) => {
                for (_, value) in pairs.iter().filter(|(name, _)| name.text == "RUSTUP_TOOLCHAIN") {
                    self.by_variable = Some((release_of_toolchain(&value.text), range));
                }
                Vec::new()
            }
            Action::Run { script, .. } => {
                let commands = programs(&script.text);
                for command in &commands {
                    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
                    let chosen = match words.as_slice() {
                        ["rustup", "default", rest @ ..]
                        | ["rustup", "override", "set", rest @ ..] => {
                            rest.iter().find(|it| !it.starts_with('-'))
                        }
                        _ => continue,
                    };
                    let release = chosen.and_then(|it| release_of_toolchain(it));
                    self.by_default = Some((release, range));
                }
                if script.text.contains("RUSTUP_TOOLCHAIN=") {
                    self.by_variable = Some((None, range));
                }
                if script.text.contains("--ignore-rust-version") {
                    return Vec::new();
                }
                commands.iter().filter_map(CargoCall::of).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The compiler of a call of cargo; nothing where it is not known.
    fn compiler(&self, call: &CargoCall, image: Compiler) -> Option<Compiler> {
        let toolchain = call.toolchain.as_deref();
        let (release, place) = match (toolchain, self.by_variable.or(self.by_default)) {
            (Some(toolchain), _) => (release_of_toolchain(toolchain)?, None),
            (None, Some((release, place))) => (release?, Some(place)),
            (None, None) => return Some(image),
        };
        Some(Compiler { release, place, ..image })
    }
}

/// The release that a toolchain names: `1.86`, `1.86.0-x86_64-unknown-linux-gnu`; nothing for
/// channels such as `stable`.
fn release_of_toolchain(name: &str) -> Option<Release> {
    release_of_version(name.split('-').next()?)
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
    let members = cx.files(FileKind::Manifest).filter(|it| it.path.starts_with(&below));
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
    let tagged = image.split('@').next()?;
    let (name, tag) = tagged.rsplit_once(':')?;
    let version = match name.rsplit('/').next()? {
        "rust" => tag.split('-').next()?,
        // `latest-rust-1.74-slim`, `0.1.67-rust-1.74`.
        "cargo-chef" => tag.split_once("rust-")?.1.split('-').next()?,
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
    use crate::rules::fixture::{check, fixed, no_fix, silent};

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
    fn what_replaces_the_toolchain_of_the_image_counts() {
        for lines in [
            "FROM rust:1.74\nRUN rustup default 1.86 && cargo build",
            "FROM rust:1.74\nENV RUSTUP_TOOLCHAIN=stable\nRUN cargo build",
            "FROM rust:1.74\nRUN rustup override set nightly\nRUN cargo build",
            "FROM rust:1.74\nRUN cargo +1.86 build",
            "FROM rust:1.74\nRUN cargo install cargo-audit",
            "FROM rust:1.74\nRUN RUSTUP_TOOLCHAIN=1.86 cargo build",
            "FROM rust:1.74 AS base\nRUN rustup default 1.86\nFROM base\nRUN cargo build",
            "FROM rust:1.74 AS a\nCOPY b /b\nFROM debian\nCOPY --from=a /b /b",
        ] {
            silent(&RULE, &format!("{MANIFEST}//- Dockerfile\n{lines}\n"));
        }
        check(
            &RULE,
            &format!(
                r#"{MANIFEST}//- Dockerfile
FROM rust:1.74
RUN rustup default 1.80
#~ dockerfile-toolchain: this stage builds with Rust 1.80, but `Cargo.toml` requires 1.85
RUN cargo build
//- docker/Dockerfile
FROM rust:1.90 AS a
RUN rustup default 1.90
FROM rust:1.74-bookworm@sha256:0123 AS b
#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ dockerfile-toolchain: this image has Rust 1.74, but `Cargo.toml` requires 1.85
FROM b
RUN cargo install cargo-chef && cargo build
"#
            ),
        );
        no_fix(&RULE, &format!("{MANIFEST}//- Dockerfile\nFROM rust:1.74@sha256:01\n"));
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
