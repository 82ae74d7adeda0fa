//! Dockerfile that copies the whole build context, without a `.dockerignore`.
//!
//! `COPY . .` copies everything: `.git` with the whole history, `target` with the build output, and
//! files that Git ignores on purpose, such as `.env`. All of it ends up in an image layer, and a
//! change to any of these files invalidates the cache of the following layers.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() {}
//! //- Dockerfile
//! FROM rust:1.88
//! WORKDIR /app
//! COPY . .
//! RUN cargo build --release
//! ```
//!
//! The fix creates one from what Git ignores:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() {}
//! //- Dockerfile
//! FROM rust:1.88
//! WORKDIR /app
//! COPY . .
//! RUN cargo build --release
//! //- .dockerignore
//! .git
//! target
//! ```

use super::AREA;
use std::collections::BTreeMap;

use crate::analysis::{Fix, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::docker::BuildContext;
use crate::project::docker::dockerfile::{Action, Instruction};
use crate::project::paths::join;
use crate::project::{FileKind, Project, ProjectFile};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "missing-dockerignore",
    opportunity: Opportunity::Dockerfiles,
    effort: 10,
    severity: Severity::Low,
    source: include_str!("missing_dockerignore.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Crates that query Git during the build.
const GIT_CRATES: &[&str] = &[
    "build-info", "built", "git-version", "git2", "gix", "rustc-tools-util", "shadow-rs", "vergen",
];

fn check(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() {
        return;
    }
    // The Dockerfiles that copy a whole folder, by the folder.
    let mut copying: BTreeMap<String, Vec<(&ProjectFile, FileRange)>> = BTreeMap::new();
    for file in cx.files(FileKind::Dockerfile) {
        if matches!(purpose(&file.path), Purpose::Test | Purpose::Example) {
            continue;
        }
        let Some(dockerfile) = file.dockerfile() else { continue };
        let mut instructions = dockerfile.stages.iter().flat_map(|it| &it.instructions);
        let Some(copy) = instructions.find(|it| copies_everything(it)) else { continue };
        let contexts = BuildContext::likely(cx, file, dockerfile);
        // The repository does not state in which of them the image is built.
        let is_there = |it: &BuildContext<'_, '_>| cx.exists(&join(&it.folder, ".dockerignore"));
        if cx.exists(&format!("{}.dockerignore", file.path)) || contexts.iter().any(is_there) {
            continue;
        }
        let Some(context) = contexts.first() else { continue };
        copying.entry(context.folder.clone()).or_default().push((file, copy.range));
    }
    for (folder, mut files) in copying {
        files.sort_by_key(|(file, _)| (file.path.matches('/').count(), file.path.len()));
        let Some(((file, range), others)) = files.split_first() else { continue };
        let ignores = join(&folder, ".dockerignore");
        let message = format!(
            "the whole build context is copied, with `.git` and build output: no `{ignores}`"
        );
        let mut report = Report::new(*range, message);
        for (other, range) in others.iter().take(3) {
            report = report.related_in(&other.path, *range, "copied here as well");
        }
        report = report.project_fix(move |project| create(project, &folder));
        cx.report(&file.path, report);
    }
}

/// Whether an instruction copies the context as a whole.
fn copies_everything(instruction: &Instruction) -> bool {
    let Action::Copy { from: None, sources, flags, .. } = &instruction.action else { return false };
    // `--exclude` serves the same purpose.
    let excludes = flags.iter().any(|(name, _)| name == "exclude");
    !excludes && sources.iter().any(|it| matches!(it.text.as_str(), "." | "./"))
}

fn create(project: &Project, folder: &str) -> Vec<Fix> {
    vec![Fix::create(join(folder, ".dockerignore"), ignored(project, folder))]
}

/// The files that the build of an image does not need.
fn ignored(project: &Project, folder: &str) -> String {
    let dockerfiles: Vec<_> = project.files(FileKind::Dockerfile).collect();
    let queries_git = project
        .files(FileKind::Manifest)
        .filter_map(|file| {
            file.root()?.get("build-dependencies").or_else(|| file.root()?.get("dependencies"))
        })
        .any(|it| it.entries().iter().any(|entry| GIT_CRATES.contains(&entry.key.as_str())))
        || project.listing().iter().any(|it| it == "build.rs" || it.ends_with("/build.rs"))
        || dockerfiles.iter().any(|it| it.text.contains("git ") || it.text.contains(".git"));
    let mut text = "# Files that the build of an image does not need.\n".to_string();
    text += match queries_git {
        false => ".git\n",
        true => "# .git is not excluded: a build script may read the version from it.\n",
    };
    let mut lines = Vec::new();
    if project.files(FileKind::Manifest).next().is_some() {
        lines.push("**/target".to_string());
    }
    if project.files(FileKind::PackageJson).next().is_some() {
        lines.push("**/node_modules".to_string());
    }
    let is_listed = |end: &str| project.listing().iter().any(|path| path.ends_with(end));
    for (pattern, end) in [(".env", ".env"), ("**/*.pem", ".pem"), ("**/*.key", ".key")] {
        if !is_listed(end) {
            lines.push(pattern.to_string());
        }
    }
    if let Some(ignores) = project.file(&join(folder, ".gitignore")) {
        lines.extend(ignores.text.lines().filter_map(of_gitignore));
    }
    let mut written: Vec<String> = Vec::new();
    for line in lines {
        let name = line.trim_start_matches("**/");
        let is_known = written.iter().any(|it| it.trim_start_matches("**/") == name);
        // Files that Git ignores but that are copied by name or needed.
        let is_needed = name.contains(".lock")
            || line.starts_with('!')
            || dockerfiles.iter().any(|it| copies(it, name));
        if !is_known && !is_needed {
            text += &format!("{line}\n");
            written.push(line);
        }
    }
    text
}

/// A line of `.gitignore` as one of `.dockerignore`, whose patterns begin at the root.
fn of_gitignore(line: &str) -> Option<String> {
    let pattern = line.trim().trim_end_matches('/');
    if pattern.is_empty() || pattern.starts_with('#') {
        return None;
    }
    Some(match pattern.strip_prefix('/') {
        Some(rooted) => rooted.to_string(),
        None if pattern.contains('/') || pattern.starts_with('!') => pattern.to_string(),
        None => format!("**/{pattern}"),
    })
}

/// Whether a Dockerfile copies a path by its name from the context.
fn copies(file: &ProjectFile, name: &str) -> bool {
    let stages = file.dockerfile().into_iter().flat_map(|it| &it.stages);
    stages.flat_map(|it| &it.instructions).any(|instruction| match &instruction.action {
        Action::Copy { from: None, sources, .. } => {
            sources.iter().any(|it| join("", &it.text).split('/').any(|part| part == name))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const PACKAGE: &str = r#"//- Cargo.toml
[package]
name = "a"
//- src/main.rs
fn main() {}
"#;

    #[test]
    fn copying_everything_is_reported_once_for_a_folder() {
        let message = "missing-dockerignore: the whole build context is copied, with `.git` and build output: no `.dockerignore`";
        for copy in ["COPY . .", "COPY ./ /app", "ADD --chown=app . /app"] {
            check(
                &RULE,
                &format!(
                    r#"{PACKAGE}//- Dockerfile
FROM rust
{copy}
#~ {message}
"#
                ),
            );
        }
        check(
            &RULE,
            &format!(
                r#"{PACKAGE}//- deploy/Dockerfile
FROM rust
COPY . .
#~ {message}
//- deploy/Dockerfile.arm
FROM rust
COPY . .
"#
            ),
        );
        check(
            &RULE,
            r#"//- package.json
{}
//- Containerfile
FROM node
COPY . .
#~ missing-dockerignore
"#,
        );
    }

    #[test]
    fn dockerfiles_that_exclude_files_are_silent() {
        for rest in [
            r#"//- Dockerfile
FROM rust
COPY . .
//- .dockerignore
target
"#,
            r#"//- docker/Dockerfile
FROM rust
COPY . .
//- docker/Dockerfile.dockerignore
target
"#,
            r#"//- docker/Dockerfile
FROM rust
COPY . .
//- .dockerignore
target
"#,
            r#"//- Dockerfile
FROM rust
COPY Cargo.toml src ./
"#,
            r#"//- Dockerfile
FROM rust AS build
FROM debian
COPY --from=build . .
"#,
            r#"//- Dockerfile
FROM rust
COPY --exclude=.git --exclude=target . .
"#,
            r#"//- examples/hello/Dockerfile
FROM rust
COPY . .
"#,
        ] {
            silent(&RULE, &format!("{PACKAGE}{rest}"));
        }
    }

    #[test]
    fn the_file_is_created_from_what_git_ignores() {
        let files = fixed(
            &RULE,
            &format!(
                r#"{PACKAGE}//- .gitignore
/target
# local
*.log
/data/
Cargo.lock
dist
//- Dockerfile
FROM rust
COPY . .
COPY web/dist /srv
"#
            ),
        );
        assert_eq!(
            files[".dockerignore"],
            r#"# Files that the build of an image does not need.
.git
**/target
.env
**/*.pem
**/*.key
**/*.log
data
"#
        );
        let files = fixed(
            &RULE,
            &format!(
                r#"{PACKAGE}//- build.rs
fn main() {{}}
//- Dockerfile
FROM rust
COPY . .
"#
            ),
        );
        assert!(!files[".dockerignore"].lines().any(|line| line == ".git"));
    }
}
