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

mod fix;
mod writable;

use self::writable::unwritable;
use super::AREA;
use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::docker::dockerfile::{Action, Spanned};
use crate::project::docker::{Shipped, runs_as_other};
use crate::project::paths::file_name;
use crate::project::service::servers;
use crate::project::{FileKind, ProjectFile};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "dockerfile-user",
    opportunity: Opportunity::Dockerfiles,
    effort: 20,
    severity: Severity::Medium,
    cwe: &[250],
    seeds: &["B.15", "D.docker"],
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

fn check(cx: &mut ProjectContext<'_>) {
    let runs_as_other = cx.files(FileKind::Yaml).any(|it| runs_as_other(it));
    for file in cx.files(FileKind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        let Some(shipped) = Shipped::of(cx, file, dockerfile) else { continue };
        let reason = || runs_as_other || has_reason(cx, file, &shipped);
        let report = match user(&shipped) {
            Some(user) => match shipped.expand(user) {
                Some(name) if is_root(&name) && reason() => continue,
                Some(name) if is_root(&name) => {
                    let by_default = match name == user.text {
                        true => String::new(),
                        false => format!(", the default of `{}`", user.text),
                    };
                    let message = format!("the image runs as `{name}`{by_default}");
                    root_report(cx, file, &shipped, user.range, message)
                }
                Some(name) => match unwritable(cx, file, &shipped, user, &name) {
                    Some(report) => report,
                    None => continue,
                },
                None => continue,
            },
            None => {
                if !shipped.base.as_deref().is_some_and(starts_as_root) || reason() {
                    continue;
                }
                let range = shipped.start().map_or(shipped.stage.image.range, |it| it.range);
                let message = "the image runs as root: no `USER` is set".to_string();
                root_report(cx, file, &shipped, range, message)
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

/// The report of an image that runs as root. What it serves can be attacked from outside.
fn root_report(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    shipped: &Shipped<'_>,
    range: FileRange,
    message: String,
) -> Report<'static> {
    let serves = shipped.instructions.iter().any(|it| matches!(it.action, Action::Expose(_)))
        || servers(cx).next().is_some();
    let severity = if serves { Severity::Medium } else { Severity::Low };
    let report = Report::new(range, message).severity(severity);
    match fix::set_user(cx, file, shipped, user(shipped)) {
        Some(fix) => report.project_fix(move |_| vec![fix.clone()]),
        None => report,
    }
}

#[cfg(test)]
mod tests;
