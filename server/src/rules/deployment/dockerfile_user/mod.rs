//! Container that runs as root, or whose user cannot write its data.
//!
//! An attacker who takes over a process that runs as root controls the container and its volumes,
//! and with one more vulnerability the host.
//!
//! ```project,bad
//! //- Dockerfile
//! FROM debian:bookworm-slim
//! COPY server /usr/local/bin/
//! CMD ["server"]
//! ```
//!
//! A user other than root has to own the folders that the program writes to; a `VOLUME` takes over
//! the owner from the image:
//!
//! ```project,bad
//! //- Dockerfile
//! FROM debian:bookworm-slim
//! COPY server /usr/local/bin/
//! RUN mkdir -p /var/lib/server
//! VOLUME /var/lib/server
//! USER nobody
//! CMD ["server"]
//! ```
//!
//! ```project
//! //- Dockerfile
//! FROM debian:bookworm-slim
//! COPY server /usr/local/bin/
//! RUN useradd --system server && install -d -o server -g server /var/lib/server
//! VOLUME /var/lib/server
//! USER server
//! CMD ["server"]
//! ```
//!
//! Not reported: images whose base image sets another user, that start no program, or that a
//! compose file or a Kubernetes manifest of the project runs as another user.

use super::AREA;
use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity};
use crate::project::docker::dockerfile::{Action, Dockerfile, Spanned};
use crate::project::docker::{Shipped, may_deploy_ours};
use crate::project::paths::file_name;
use crate::project::shell::programs;
use crate::project::{Kind, ProjectFile};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "dockerfile-user",
    severity: Severity::High,
    source: include_str!("mod.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Images that start as root, by the last segments of their names; sorted.
const ROOT_IMAGES: &[&str] = &[
    "almalinux", "alpine", "alpine-glibc", "amazonlinux", "archlinux", "base", "base-debian11",
    "base-debian12", "buildpack-deps", "bun", "busybox", "cc", "cc-debian11", "cc-debian12",
    "centos", "cuda", "debian", "debian-slim", "deno", "eclipse-temurin", "fedora", "golang",
    "leap", "muslrust", "node", "openjdk", "php", "python", "rockylinux", "ruby", "rust",
    "rust-musl-cross", "scratch", "static", "static-debian11", "static-debian12", "tumbleweed",
    "ubi", "ubi-micro", "ubi-minimal", "ubuntu",
];

/// Programs that switch to another user.
const DROPS: &[&str] =
    &["chpst", "gosu", "runuser", "s6-setuidgid", "setpriv", "su", "su-exec", "sudo"];

/// Programs that need root: a script that calls them has to start as root.
const NEED_ROOT: &[&str] = &["iptables", "ip6tables", "nft", "sysctl"];

/// The user that the fix sets: the one of distroless images.
const NONROOT: &str = "65532:65532";

fn check(cx: &mut ProjectContext<'_>) {
    let runs_as_other = cx.files(Kind::Yaml).any(|it| {
        (it.text.contains("runAsNonRoot: true") || it.text.contains("runAsUser:"))
            && may_deploy_ours(it)
    });
    for file in cx.files(Kind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        let Some(shipped) = Shipped::of(cx, file, dockerfile) else { continue };
        let report = match user(&shipped) {
            Some(user) if is_root(&user.text) => {
                if runs_as_other || has_reason(cx, file, &shipped) {
                    continue;
                }
                let message = format!("the image runs as `{}`", user.text);
                root_report(file, dockerfile, &shipped, user.range, message)
            }
            Some(user) => match unwritable(cx, file, &shipped, user) {
                Some(report) => report,
                None => continue,
            },
            None => {
                let base = shipped.base.as_deref();
                if !base.is_some_and(starts_as_root)
                    || runs_as_other
                    || has_reason(cx, file, &shipped)
                {
                    continue;
                }
                let range = shipped.start().map_or(shipped.stage.image.range, |it| it.range);
                let message = "the image runs as root: no `USER` is set".to_string();
                root_report(file, dockerfile, &shipped, range, message)
            }
        };
        cx.report(&file.path, report);
    }
}

/// The user that the image starts with.
fn user<'d>(shipped: &Shipped<'d>) -> Option<&'d Spanned> {
    shipped.instructions.iter().rev().find_map(|it| match &it.action {
        Action::User(user) => Some(user),
        _ => None,
    })
}

fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0"))
}

fn starts_as_root(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or(image);
    let (path, tag) = match image.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag),
        _ => (image, ""),
    };
    let name = file_name(path);
    let is_official = !path.contains('/')
        || ["library/", "docker.io/", "gcr.io/distroless/", "distroless/", "nvidia/", "clux/"]
            .iter()
            .any(|it| path.contains(it))
        || path.contains("redhat.com/");
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_known =
        |it: &str| it == name || it.trim_end_matches(|c: char| c.is_ascii_digit()) == name;
    is_official && !tag.contains("nonroot") && ROOT_IMAGES.iter().any(|it| is_known(it))
}

/// Whether the image has a reason to start as root: it switches to another user, or configures the
/// network.
fn has_reason(cx: &ProjectContext<'_>, file: &ProjectFile, shipped: &Shipped<'_>) -> bool {
    let has_word = |text: &str, list: &[&str]| {
        let mut words = text.split(|c: char| c.is_whitespace() || "\"';&|/$()".contains(c));
        words.any(|word| list.contains(&word))
    };
    let drops = |text: &str| has_word(text, DROPS);
    shipped.commands().any(|it| drops(&it.text))
        || shipped.scripts().any(|it| it.contains("gosu") || it.contains("su-exec"))
        || shipped
            .entry_scripts(cx)
            .iter()
            .any(|it| drops(&it.text) || has_word(&it.text, NEED_ROOT))
        || Shipped::services(cx, file).iter().any(|it| it.get("user").is_some())
}

fn root_report(
    file: &ProjectFile,
    dockerfile: &Dockerfile,
    shipped: &Shipped<'_>,
    range: FileRange,
    message: String,
) -> Report<'static> {
    let report = Report::new(range, message);
    let (title, edit) = match user(shipped) {
        Some(user) => {
            // A user that an earlier stage sets may be needed there.
            let is_own =
                shipped.stage.instructions.iter().any(|it| it.range.contains_range(user.range));
            if !is_own {
                return report;
            }
            (format!("Set `USER {NONROOT}`"), TextEdit::replace(user.range, NONROOT))
        }
        None => {
            let own = shipped.stage.instructions.iter();
            let Some(start) = own.clone().find(|it| matches!(it.action, Action::Start { .. }))
            else {
                return report;
            };
            let has_shell = dockerfile
                .image(shipped.stage)
                .is_some_and(|it| it != "scratch" && !it.contains("distroless"));
            let folders: Vec<&str> = declared(shipped).into_iter().map(|(path, _)| path).collect();
            if !folders.is_empty() && !has_shell {
                return report;
            }
            let mut insert = String::new();
            if !folders.is_empty() {
                let folders = folders.join(" ");
                insert = format!("RUN mkdir -p {folders} && chown -R {NONROOT} {folders}\n");
            }
            insert += &format!("USER {NONROOT}\n");
            (format!("Set `USER {NONROOT}`"), TextEdit::insert(start.range.start(), insert))
        }
    };
    let path = file.path.clone();
    report.project_fix(move |_| {
        let edits = vec![FileEdit { path: path.clone(), edits: vec![edit.clone()] }];
        vec![Fix { title: title.clone(), applicability: Applicability::Suggested, edits }]
    })
}

/// Reports a data folder that the user cannot write to, if that is certain.
fn unwritable(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    shipped: &Shipped<'_>,
    user: &Spanned,
) -> Option<Report<'static>> {
    let is_known = shipped.base.as_deref().is_some_and(starts_as_root);
    let is_helped = shipped.entry_scripts(cx).iter().any(|it| it.text.contains("chown"));
    if !is_known || is_helped || user.text.contains('$') {
        return None;
    }
    let name = user.text.split(':').next().unwrap_or_default();
    let (folder, declared) =
        declared(shipped).into_iter().find(|(folder, _)| !may_be_writable(shipped, folder))?;
    let message = format!("`{name}` cannot write to `{folder}`, which is owned by root");
    Some(Report::new(user.range, message).related_in(
        &file.path,
        declared,
        "the folder is declared here",
    ))
}

/// The data folders that the image declares, with their places: volumes, and variables whose names
/// say so.
fn declared<'d>(shipped: &Shipped<'d>) -> Vec<(&'d str, FileRange)> {
    let mut folders: Vec<(&str, FileRange)> = Vec::new();
    let mut add = |path: &'d Spanned| {
        let text = path.text.trim_end_matches('/');
        let is_plain = text.len() > 1 && text.starts_with('/') && !text.contains(['$', ' ', '"']);
        let is_open = ["/tmp", "/dev", "/proc", "/home", "/run/", "/var/tmp", "/root"]
            .iter()
            .any(|it| text.starts_with(it));
        if is_plain && !is_open && folders.iter().all(|(known, _)| *known != text) {
            folders.push((text, path.range));
        }
    };
    for instruction in &shipped.instructions {
        match &instruction.action {
            Action::Volume(paths) => paths.iter().for_each(&mut add),
            Action::Env(pairs) => {
                for (name, value) in pairs {
                    let is_data =
                        ["DATA_DIR", "DATA_PATH", "STORAGE_DIR", "STATE_DIR", "DATA_FOLDER"]
                            .iter()
                            .any(|it| name.text.ends_with(it));
                    if is_data {
                        add(value);
                    }
                }
            }
            _ => {}
        }
    }
    folders
}

/// Whether an instruction may make a folder writable for the user. Unknown commands may.
fn may_be_writable(shipped: &Shipped<'_>, folder: &str) -> bool {
    let covers = |path: &str| {
        let path = path.trim_matches(['"', '\'']).trim_end_matches('/');
        path.is_empty()
            || path.contains(['$', '*', '{'])
            || !path.starts_with('/')
            || folder == path
            || folder.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut is_user = false;
    for instruction in &shipped.instructions {
        match &instruction.action {
            Action::User(it) => is_user = !is_root(&it.text),
            Action::Copy { dest, flags, .. } => {
                let is_given = flags.iter().any(|(name, _)| name == "chown" || name == "chmod");
                if (is_given || is_user) && covers(&dest.text) {
                    return true;
                }
            }
            // Some builders create the folder with the current user as its owner.
            Action::Workdir(path) if is_user && covers(&path.text) => return true,
            Action::Run { script, .. } => {
                for command in programs(&script.text) {
                    let mut words = command.words.iter().map(String::as_str);
                    let program = words.next().unwrap_or_default();
                    let program = file_name(program);
                    let mut paths = words.clone().skip(1).filter(|it| !it.starts_with('-'));
                    let is_given = match program {
                        "chown" | "chmod" | "chgrp" | "setfacl" => paths.any(covers),
                        "install" => words.clone().any(covers_absolute(folder)),
                        // A new user owns its home folder.
                        "useradd" | "adduser" => words.clone().any(covers_absolute(folder)),
                        "mkdir" => is_user && words.clone().any(covers_absolute(folder)),
                        "sh" | "bash" | "make" | "python" | "python3" => true,
                        _ => program.starts_with('/') || program.starts_with('.'),
                    };
                    if is_given {
                        return true;
                    }
                }
            }
            _ => {}
        }
    }
    false
}

/// Whether a word is the folder or one that it lies in, or is put together from variables.
fn covers_absolute(folder: &str) -> impl Fn(&str) -> bool {
    move |word| {
        let path = word.rsplit_once('=').map_or(word, |(_, value)| value).trim_end_matches('/');
        let is_above =
            folder.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        path.contains('$') || path.len() > 1 && path.starts_with('/') && is_above
    }
}

#[cfg(test)]
mod tests;
