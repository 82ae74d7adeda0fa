//! Dockerfile that does not copy all files that the build needs.
//!
//! Cargo reads the manifests of all workspace members and path dependencies before it builds any of
//! them. A Dockerfile that copies the manifests one by one, to cache the dependencies, fails when a
//! new member is not added to it:
//!
//! ```project,bad
//! //- Cargo.toml
//! [workspace]
//! members = ["crates/server", "crates/p2p"]
//! //- crates/server/Cargo.toml
//! [package]
//! name = "server"
//! //- crates/p2p/Cargo.toml
//! [package]
//! name = "p2p"
//! //- Dockerfile
//! FROM rust:1.88
//! WORKDIR /src
//! COPY Cargo.toml Cargo.lock* ./
//! COPY crates/server/Cargo.toml crates/server/
//! RUN mkdir crates/server/src && echo 'fn main() {}' > crates/server/src/main.rs \
//!     && cargo build --release -p server
//! COPY crates crates
//! RUN cargo build --release -p server
//! ```
//!
//! Copy the manifests of all members, or the folder that has them. The build fails even if only one
//! package is built. The same is reported for files that are compiled in (`include_str!`,
//! `sqlx::migrate!`), and for a `COPY` of a file that does not exist or that `.dockerignore`
//! excludes.
//!
//! ```project
//! //- Cargo.toml
//! [workspace]
//! members = ["crates/server", "crates/p2p"]
//! //- crates/server/Cargo.toml
//! [package]
//! name = "server"
//! //- crates/p2p/Cargo.toml
//! [package]
//! name = "p2p"
//! //- Dockerfile
//! FROM rust:1.88
//! WORKDIR /src
//! COPY . .
//! RUN cargo build --release -p server
//! ```

mod sources;

use self::sources::missing_sources;
use super::AREA;
use std::collections::BTreeSet;

use crate::analysis::{
    Applicability, Confidence, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::docker::dockerfile::{Action, Dockerfile, Instruction};
use crate::project::docker::{Build, BuildContext, CompiledIn, CopiedWorkspace, Presence, builds};
use crate::project::paths::{inside, join};
use crate::project::{FileKind, Indexed, Manifests, Member, Project, ProjectFile};
use crate::text::{TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "dockerfile-missing-member",
    opportunity: Opportunity::Dockerfiles,
    effort: 20,
    severity: Severity::Critical,
    seeds: &["B.4"],
    source: include_str!("mod.rs"),
    indexed: &[Indexed::IncludedFiles],
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    let manifests: Manifests<'_> =
        cx.files(FileKind::Manifest).map(|file| (file.folder(), &**file)).collect();
    for file in cx.files(FileKind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        for report in reports(cx, file, dockerfile, &manifests) {
            // An image for tests or developers keeps no release from being built.
            let is_released = purpose(&file.path) == Purpose::Deployment;
            let severity = if is_released { Severity::Critical } else { Severity::High };
            cx.report(&file.path, report.severity(severity));
        }
    }
}

fn reports(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    dockerfile: &Dockerfile,
    manifests: &Manifests<'_>,
) -> Vec<Report<'static>> {
    let contexts = BuildContext::likely(cx, file, dockerfile);
    let Some(context) = contexts.first() else { return Vec::new() };
    let builds = builds(dockerfile, context);
    let is_known = BuildContext::is_known(&contexts, dockerfile);
    let certain = if is_known { Confidence::Certain } else { Confidence::Likely };
    let missing = missing_sources(cx, file, dockerfile, &contexts, &builds);
    let mut reports: Vec<Report<'static>> = Vec::new();
    for (range, message, is_ignored) in missing {
        // What is not there may be made before the image is built.
        let confidence = if is_ignored { certain } else { Confidence::Likely };
        reports.push(Report::new(range, message).confidence(confidence));
    }
    let mut known = BTreeSet::new();
    for stage in 0..dockerfile.stages.len() {
        let mut of_stage = builds.iter().filter(|it| it.stage == stage);
        // A file that the first build lacks breaks it, even if it is copied afterwards.
        let Some(first) = of_stage.clone().next() else { continue };
        if let Some(workspace) = CopiedWorkspace::of(first, context, manifests) {
            let mut missing = workspace.missing(first, context, manifests);
            missing.retain(|member| known.insert(member.folder.clone()));
            let place = FailingBuild { file, context, build: first, workspace: &workspace };
            let missing = missing_members(&place, missing).into_iter();
            reports.extend(missing.map(|it| it.confidence(certain)));
        }
        // Earlier builds may use empty sources, to build only the dependencies.
        let Some(last) = of_stage.rfind(|it| it.call.compiles()) else { continue };
        let Some(workspace) = CopiedWorkspace::of(last, context, manifests) else { continue };
        for include in workspace.missing_includes(cx, last, context, manifests) {
            if known.insert(include.path.clone()) {
                let place = FailingBuild { file, context, build: last, workspace: &workspace };
                // What is compiled in may depend on a feature.
                let report = missing_include(&place, include);
                reports.extend(report.map(|it| it.confidence(Confidence::Likely)));
            }
        }
    }
    reports
}

/// A build that lacks a file.
struct FailingBuild<'b> {
    file: &'b ProjectFile,
    context: &'b BuildContext<'b, 'b>,
    build: &'b Build<'b>,
    workspace: &'b CopiedWorkspace<'b>,
}

/// A `COPY` of one thing.
struct Sibling<'b> {
    instruction: &'b Instruction,
    /// What it copies, relative to the build context.
    source: String,
}

/// A member that is missing, and the lines that add it.
struct Addition {
    member: Member,
    /// Its folder, relative to the build context.
    inside_context: String,
    /// The `COPY`, if the existing ones show how it has to be written.
    line: Option<String>,
    /// The folder in which cargo expects the package.
    target: Option<String>,
}

/// One finding for all members that are not copied, and one for those that are excluded.
fn missing_members(place: &FailingBuild<'_>, members: Vec<Member>) -> Vec<Report<'static>> {
    // The copies of other manifests, or of whole folders of members.
    let siblings: Vec<Sibling<'_>> = siblings(place)
        .filter(|it| {
            let folder = it.source.strip_suffix("/Cargo.toml").unwrap_or(&it.source);
            let is_folder = folder.len() == it.source.len();
            let has_manifest = place.context.presence(&join(folder, "Cargo.toml"));
            folder.contains(|c| c != '.')
                && folder != "Cargo.toml"
                && has_manifest == Presence::Present
                && !(is_folder && folder.is_empty())
        })
        .collect();
    let first = siblings.first().map(|it| it.instruction);
    // Where nothing is copied the sources are mounted.
    let anchor = first.or_else(|| manifest_copy(place)).unwrap_or(place.build.instruction);
    let additions = members.into_iter().filter_map(|member| {
        let inside_context = inside(&member.folder, &place.context.folder)?.to_string();
        let line = match siblings.last() {
            Some(sibling) => {
                let folder = sibling.source.strip_suffix("/Cargo.toml").unwrap_or(&sibling.source);
                let line = place.file.slice(sibling.instruction.range);
                (!line.contains('\n')).then(|| line.replace(folder, &inside_context))
            }
            None => {
                let manifest = join(&member.folder, "Cargo.toml");
                copy_line(place, &join(&inside_context, "Cargo.toml"), &manifest)
            }
        };
        let target = place.workspace.place_of(&member.folder).map(|it| format!("/{it}"));
        Some(Addition { member, inside_context, line, target })
    });
    let (left_out, absent): (Vec<_>, Vec<_>) = additions.partition(|it| {
        place.context.presence(&join(&it.inside_context, "Cargo.toml")) == Presence::Ignored
    });
    let ignores = place.context.ignore_file().map_or(".dockerignore", |it| &it.path);
    let by_ignores = report_of(&left_out, anchor, Some(ignores));
    let mut by_copies = report_of(&absent, anchor, None);
    if absent.iter().all(|it| it.line.is_some()) {
        let path = place.file.path.clone();
        let at = siblings.last().map_or(anchor, |it| it.instruction).range.end();
        let needs_stubs = siblings.last().is_none_or(|it| it.source.ends_with("/Cargo.toml"));
        by_copies = by_copies.map(|report| {
            report.project_fix(move |project| {
                vec![add_copies(project, &absent, needs_stubs, &path, at)]
            })
        });
    }
    by_ignores.into_iter().chain(by_copies).collect()
}

/// One finding for several members: those that `ignores` excludes, or that are not copied.
fn report_of(
    additions: &[Addition],
    anchor: &Instruction,
    ignores: Option<&str>,
) -> Option<Report<'static>> {
    /// How many members are listed as related places.
    const MAX_RELATED: usize = 3;
    let manifest = |it: &Addition| format!("`{}`", join(&it.member.folder, "Cargo.toml"));
    let (first, others) = additions.split_first()?;
    let all = match others {
        [] => manifest(first),
        [_] => format!("{} and 1 more manifest", manifest(first)),
        others => format!("{} and {} more manifests", manifest(first), others.len()),
    };
    let message = match ignores {
        Some(ignores) => format!("`{ignores}` excludes {all}, which cargo needs"),
        None if others.is_empty() => format!("{all} is not copied, but cargo needs it"),
        None => format!("{all} are not copied, but cargo needs them"),
    };
    let mut report = Report::new(anchor.range, message)
        .note("cargo reads the manifests of all members when it loads the workspace");
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(manifest).collect();
        report = report.note(format!("also missing: {}", others.join(", ")));
    }
    for Addition { member, .. } in additions.iter().take(MAX_RELATED) {
        report = report.related_in(&member.asked_by, member.range, "required here");
    }
    Some(report)
}

/// Adds the copies, and if only manifests are copied so far, empty sources for the packages.
fn add_copies(
    project: &Project,
    additions: &[Addition],
    needs_stubs: bool,
    path: &str,
    at: TextSize,
) -> Fix {
    let mut insert: String =
        additions.iter().flat_map(|it| &it.line).map(|line| format!("\n{line}")).collect();
    for Addition { member, target, .. } in additions.iter().filter(|_| needs_stubs) {
        let Some(target) = target else { continue };
        // Cargo rejects a package without sources as well.
        let has_lib = project.exists(&join(&member.folder, "src/lib.rs"));
        let stub = match has_lib || !project.exists(&join(&member.folder, "src/main.rs")) {
            true => format!("touch {target}/src/lib.rs"),
            false => format!("echo 'fn main() {{}}' > {target}/src/main.rs"),
        };
        insert += &format!("\nRUN mkdir -p {target}/src && {stub}");
    }
    let title = match additions {
        [one] => format!("Copy the manifest of `{}`", one.member.folder),
        _ => format!("Copy the manifests of {} members", additions.len()),
    };
    insertion(title, path, at, insert)
}

fn missing_include(place: &FailingBuild<'_>, include: CompiledIn) -> Option<Report<'static>> {
    let inside_context = inside(&include.path, &place.context.folder)?.to_string();
    let root = place.workspace.place_of(place.workspace.root.folder())?;
    let into_workspace = |it: &&&Instruction| match &it.action {
        Action::Copy { dest, .. } => {
            !dest.text.starts_with('/') || inside(&join("", &dest.text), &root).is_some()
        }
        _ => false,
    };
    let anchor = place.build.copies.iter().rfind(into_workspace)?;
    let is_left_out = place.context.presence(&inside_context) == Presence::Ignored;
    let message = match place.context.ignore_file().filter(|_| is_left_out) {
        Some(ignores) => {
            format!("`{}` excludes `{}`, which is compiled in", ignores.path, include.path)
        }
        None => format!("`{}` is compiled in but not copied", include.path),
    };
    let report = Report::new(anchor.range, message)
        .related_in(&include.source, include.range, "compiled in here");
    let line = copy_line(place, &inside_context, &include.path).filter(|_| !is_left_out);
    let Some(line) = line else { return Some(report) };
    let (path, at) = (place.file.path.clone(), anchor.range.end());
    Some(report.project_fix(move |_| {
        let title = format!("Copy `{}`", include.path);
        vec![insertion(title, &path, at, format!("\n{line}"))]
    }))
}

/// The copies of one thing each, in the last stage that has any.
fn siblings<'b>(place: &'b FailingBuild<'_>) -> impl Iterator<Item = Sibling<'b>> {
    place.build.copies.iter().filter_map(|instruction| {
        let Action::Copy { sources, .. } = &instruction.action else { return None };
        let [source] = sources.as_slice() else { return None };
        let is_plain = !source.text.contains(['*', '?', '[', '$']);
        is_plain.then(|| Sibling { instruction, source: join("", &source.text) })
    })
}

/// The copy of the workspace's own manifest.
fn manifest_copy<'b>(place: &'b FailingBuild<'_>) -> Option<&'b Instruction> {
    let root = &place.workspace.root.path;
    let brings = |instruction: &&&Instruction| match &instruction.action {
        Action::Copy { sources, .. } => sources
            .iter()
            .flat_map(|source| place.context.expand(&source.text))
            .any(|it| inside(root, &join(&place.context.folder, &it)).is_some()),
        _ => false,
    };
    place.build.copies.iter().find(brings).copied()
}

/// A `COPY` to the place in which cargo expects a path of the project.
fn copy_line(place: &FailingBuild<'_>, source: &str, path: &str) -> Option<String> {
    let to = place.workspace.place_of(path)?;
    let dest = match inside(&to, &place.build.folder) {
        Some(relative) if !place.build.folder.is_empty() => format!("./{relative}"),
        _ => format!("/{to}"),
    };
    let is_plain = |it: &str| !it.contains(|c: char| c.is_whitespace() || "\"'$".contains(c));
    (is_plain(source) && is_plain(&dest)).then(|| format!("COPY {source} {dest}"))
}

fn insertion(title: String, path: &str, at: TextSize, insert: String) -> Fix {
    let edits = vec![TextEdit::insert(at, insert)];
    let edits = vec![FileEdit { path: path.to_string(), edits }];
    Fix { title, applicability: Applicability::Suggested, edits }
}

#[cfg(test)]
mod tests;
