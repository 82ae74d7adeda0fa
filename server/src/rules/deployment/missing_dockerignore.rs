//! A Dockerfile that copies the whole folder, without a `.dockerignore`.
//!
//! `COPY . .` takes what is there: `.git` with everything that was ever committed, `target` with
//! its gigabytes, and what git ignores for a reason, such as `.env`. All of it ends up in a layer,
//! and a change to any of it builds everything after that layer anew.
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
//! The fix writes one from what git ignores:
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

use crate::analysis::{Fix, ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::docker::BuildContext;
use crate::project::docker::dockerfile::{Action, Instruction};
use crate::project::paths::join;
use crate::project::{Kind, Project, ProjectFile};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "missing-dockerignore",
    severity: Severity::Low,
    source: include_str!("missing_dockerignore.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

/// Crates that ask git about the sources while they build.
const ASK_GIT: &[&str] = &[
    "build-info", "built", "git-version", "git2", "gix", "rustc-tools-util", "shadow-rs", "vergen",
];

fn review(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() {
        return;
    }
    // The Dockerfiles that copy a whole folder, by the folder.
    let mut copying: BTreeMap<String, Vec<(&ProjectFile, FileRange)>> = BTreeMap::new();
    for file in cx.files(Kind::Dockerfile) {
        if matches!(purpose(&file.path), Purpose::Test | Purpose::Example) {
            continue;
        }
        let Some(dockerfile) = file.dockerfile() else { continue };
        let mut instructions = dockerfile.stages.iter().flat_map(|it| &it.instructions);
        let Some(copy) = instructions.find(|it| copies_everything(it)) else { continue };
        let contexts = BuildContext::likely(cx, file, dockerfile);
        // In which of them it is built is not said in the repository.
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
        let place = if folder.is_empty() { "" } else { &format!(" in `{folder}`") };
        let message = format!(
            "everything is copied, `.git` and build output too: there is no .dockerignore{place}"
        );
        let mut report = Report::new(*range, message);
        for (other, range) in others.iter().take(3) {
            report = report.related_in(&other.path, *range, "here as well");
        }
        report = report.project_fix(move |project| create(project, &folder));
        cx.report(&file.path, report);
    }
}

/// Whether an instruction copies the context as a whole.
fn copies_everything(instruction: &Instruction) -> bool {
    let Action::Copy { from: None, sources, flags, .. } = &instruction.action else { return false };
    // Somebody thought of what is to be left out.
    let excludes = flags.iter().any(|(name, _)| name == "exclude");
    !excludes && sources.iter().any(|it| matches!(it.text.as_str(), "." | "./"))
}

fn create(project: &Project, folder: &str) -> Vec<Fix> {
    vec![Fix::create(join(folder, ".dockerignore"), ignored(project, folder))]
}

/// What no build of an image needs.
fn ignored(project: &Project, folder: &str) -> String {
    let dockerfiles: Vec<_> = project.files(Kind::Dockerfile).collect();
    let asks_git = project
        .files(Kind::Manifest)
        .filter_map(|file| {
            file.root()?.get("build-dependencies").or_else(|| file.root()?.get("dependencies"))
        })
        .any(|it| it.entries().iter().any(|entry| ASK_GIT.contains(&entry.key.as_str())))
        || project.listing().iter().any(|it| it == "build.rs" || it.ends_with("/build.rs"))
        || dockerfiles.iter().any(|it| it.text.contains("git ") || it.text.contains(".git"));
    let mut text = "# What the build of an image does not need.\n".to_string();
    text += match asks_git {
        false => ".git\n",
        true => "# .git is left in: a build script may ask it for the version.\n",
    };
    let mut lines = Vec::new();
    if project.files(Kind::Manifest).next().is_some() {
        lines.push("**/target".to_string());
    }
    if project.files(Kind::PackageJson).next().is_some() {
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
        // What is ignored by git, and yet copied or needed by name.
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

    const PACKAGE: &str =
        "//- Cargo.toml\n[package]\nname = \"a\"\n//- src/main.rs\nfn main() {}\n";

    #[test]
    fn copying_everything_is_reported_once_for_a_folder() {
        let message = "missing-dockerignore: everything is copied, `.git` and build output too: there is no .dockerignore";
        for copy in ["COPY . .", "COPY ./ /app", "ADD --chown=app . /app"] {
            check(&RULE, &format!("{PACKAGE}//- Dockerfile\nFROM rust\n{copy}\n#~ {message}\n"));
        }
        check(
            &RULE,
            &format!(
                "{PACKAGE}//- deploy/Dockerfile\nFROM rust\nCOPY . .\n#~ {message}\n//- deploy/Dockerfile.arm\nFROM rust\nCOPY . .\n"
            ),
        );
        check(
            &RULE,
            "//- package.json\n{}\n//- Containerfile\nFROM node\nCOPY . .\n#~ missing-dockerignore\n",
        );
    }

    #[test]
    fn what_leaves_out_something_is_left_alone() {
        for rest in [
            "//- Dockerfile\nFROM rust\nCOPY . .\n//- .dockerignore\ntarget\n",
            "//- docker/Dockerfile\nFROM rust\nCOPY . .\n//- docker/Dockerfile.dockerignore\ntarget\n",
            "//- docker/Dockerfile\nFROM rust\nCOPY . .\n//- .dockerignore\ntarget\n",
            "//- Dockerfile\nFROM rust\nCOPY Cargo.toml src ./\n",
            "//- Dockerfile\nFROM rust AS build\nFROM debian\nCOPY --from=build . .\n",
            "//- Dockerfile\nFROM rust\nCOPY --exclude=.git --exclude=target . .\n",
            "//- examples/hello/Dockerfile\nFROM rust\nCOPY . .\n",
        ] {
            silent(&RULE, &format!("{PACKAGE}{rest}"));
        }
    }

    #[test]
    fn the_file_is_written_from_what_git_ignores() {
        let files = fixed(
            &RULE,
            &format!(
                "{PACKAGE}//- .gitignore\n/target\n# local\n*.log\n/data/\nCargo.lock\ndist\n//- Dockerfile\nFROM rust\nCOPY . .\nCOPY web/dist /srv\n"
            ),
        );
        assert_eq!(
            files[".dockerignore"],
            "# What the build of an image does not need.\n.git\n**/target\n.env\n**/*.pem\n**/*.key\n**/*.log\ndata\n"
        );
        let files = fixed(
            &RULE,
            &format!(
                "{PACKAGE}//- build.rs\nfn main() {{}}\n//- Dockerfile\nFROM rust\nCOPY . .\n"
            ),
        );
        assert!(!files[".dockerignore"].lines().any(|line| line == ".git"));
    }
}
