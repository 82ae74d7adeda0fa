//! Where environment variables are given values.

use std::sync::Arc;

use crate::project::docker::dockerfile::{Action, Dockerfile, Stage};
use crate::project::docker::image_name;
use crate::project::values::{Entry, Node};
use crate::project::{FileKind, ProjectFile, TrackedProject};
use crate::text::{FileRange, TextSize};

/// A variable that a file gives a value.
pub struct Setting<'a> {
    /// The file that sets it.
    pub file: &'a Arc<ProjectFile>,
    /// The name of the variable.
    pub name: String,
    /// Of the name.
    pub range: FileRange,
    /// Of the value.
    pub value_range: FileRange,
    /// What to take out so that the variable is not set any more; nothing where that would leave
    /// a file that does not parse.
    pub removal: Option<FileRange>,
}

/// What is set for the programs of the project: by images that are built here, by services of
/// compose files that are built here, by Workers, and by `.env` files.
pub fn settings<'a>(cx: &TrackedProject<'a>) -> Vec<Setting<'a>> {
    let mut settings = Vec::new();
    for file in cx.files(FileKind::Dockerfile) {
        if let Some(dockerfile) = file.dockerfile() {
            of_dockerfile(file, dockerfile, &mut settings);
        }
    }
    for file in cx.files(FileKind::Compose) {
        let services = file.root().and_then(|it| it.get("services"));
        for service in services.into_iter().flat_map(Node::entries) {
            if service.value.get("build").is_some()
                && let Some(environment) = service.value.get("environment")
            {
                of_environment(file, environment, &mut settings);
            }
        }
    }
    for file in cx.files(FileKind::Wrangler) {
        let Some(root) = file.root() else { continue };
        let environments = root.get("env").into_iter().flat_map(Node::entries);
        let tables = std::iter::once(root).chain(environments.map(|it| &it.value));
        for vars in tables.filter_map(|it| it.get("vars")) {
            settings.extend(vars.entries().iter().filter_map(|it| of_entry(file, it)));
        }
    }
    for file in cx.files(FileKind::Env) {
        let entries = file.root().into_iter().flat_map(Node::entries);
        settings.extend(entries.filter_map(|it| of_entry(file, it)));
    }
    settings
}

/// What the shipped image sets, in its last stage and those that stage is built on.
fn of_dockerfile<'a>(
    file: &'a Arc<ProjectFile>,
    dockerfile: &'a Dockerfile,
    settings: &mut Vec<Setting<'a>>,
) {
    let Some(last) = dockerfile.last_stage() else { return };
    let mut shipped = vec![last];
    let mut base = last;
    while let Some(below) = named(dockerfile, base)
        && !shipped.contains(&below)
    {
        shipped.push(below);
        base = below;
    }
    if !is_plain_image(dockerfile.image(base).as_deref().unwrap_or(&base.image.text)) {
        return;
    }
    for instruction in shipped.iter().flat_map(|it| &it.instructions) {
        let Action::Env(pairs) = &instruction.action else { continue };
        for (at, (name, value)) in pairs.iter().enumerate() {
            let next = pairs.get(at + 1).map(|(name, _)| name.range.start());
            let before = at.checked_sub(1).and_then(|it| pairs.get(it));
            let removal = match (next, before) {
                (Some(next), _) => Some(FileRange::new(name.range.start(), next)),
                (None, Some((_, before))) => {
                    Some(FileRange::new(before.range.end(), value.range.end()))
                }
                (None, None) => whole_lines(&file.text, instruction.range),
            };
            settings.push(Setting {
                file,
                name: name.text.clone(),
                range: name.range,
                value_range: value.range,
                removal,
            });
        }
    }
}

/// The earlier stage that a stage is built on.
fn named<'d>(dockerfile: &'d Dockerfile, stage: &Stage) -> Option<&'d Stage> {
    dockerfile.stage(&stage.image.text).filter(|below| below.from.start() < stage.from.start())
}

/// Images that are an operating system or a runtime.
const PLAIN_IMAGES: &[&str] = &[
    "almalinux", "alpine", "alpine-glibc", "amazonlinux", "archlinux", "aspnet", "base",
    "base-debian11", "base-debian12", "buildpack-deps", "bun", "busybox", "cargo-chef", "cc",
    "cc-debian11", "cc-debian12", "debian", "debian-slim", "deno", "dotnet", "eclipse-temurin",
    "elixir", "fedora", "glibc-dynamic", "golang", "node", "nodejs", "openjdk", "php", "python",
    "rockylinux", "ruby", "runtime", "rust", "scratch", "sdk", "static", "static-debian11",
    "static-debian12", "ubi", "ubi-minimal", "ubi8", "ubi9", "ubuntu", "uv", "wolfi-base",
];

/// Whether an image is an operating system or a runtime, whose programs read no variables of the
/// kind that applications do.
fn is_plain_image(image: &str) -> bool {
    PLAIN_IMAGES.contains(&image_name(image))
}

/// `environment` of a compose service: a map, or a list of `NAME=value`.
fn of_environment<'a>(
    file: &'a Arc<ProjectFile>,
    environment: &'a Node,
    settings: &mut Vec<Setting<'a>>,
) {
    settings.extend(environment.entries().iter().filter_map(|it| of_entry(file, it)));
    for item in environment.items() {
        let Some(text) = item.as_str() else { continue };
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        let Some(at) = file.slice(item.range).find(name) else { continue };
        let start = item.range.start() + TextSize::new(at as u32);
        let range = FileRange::at(start, TextSize::of(name));
        settings.push(Setting {
            file,
            name: name.trim().to_string(),
            range,
            value_range: FileRange::new(range.end(), item.range.end().max(range.end())),
            removal: whole_lines(&file.text, item.range),
        });
    }
}

fn of_entry<'a>(file: &'a Arc<ProjectFile>, entry: &'a Entry) -> Option<Setting<'a>> {
    // YAML's way of taking in the entries of another map.
    if entry.key == "<<" {
        return None;
    }
    // In JSON a comma would be left, or be missing.
    let is_json = file.path.ends_with(".json") || file.path.ends_with(".jsonc");
    let whole = FileRange::new(entry.key_range.start(), entry.value.range.end());
    let is_scalar = entry.value.entries().is_empty() && entry.value.items().is_empty();
    is_scalar.then(|| Setting {
        file,
        name: entry.key.clone(),
        range: entry.key_range,
        value_range: entry.value.range,
        removal: if is_json { None } else { whole_lines(&file.text, whole) },
    })
}

/// The lines of a range, with the last line break; nothing when something else stands on them.
fn whole_lines(text: &str, range: FileRange) -> Option<FileRange> {
    let before = text.get(..range.start().into())?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let lead = text.get(start..range.start().into())?.trim();
    if !matches!(lead, "" | "-" | "export") {
        return None;
    }
    let rest = text.get(range.end().into()..)?;
    let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let trail = rest.get(..end)?.trim();
    if !trail.is_empty() && !trail.starts_with('#') {
        return None;
    }
    let end = usize::from(range.end()) + end;
    Some(FileRange::new((start as u32).into(), (end as u32).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_its_own_go_with_a_setting() {
        let text = "a:\n  - X=1 # one\n  b: {c: 1, d: 2}\n";
        let of = |part: &str| {
            let at = text.find(part).expect("it is there");
            let range = FileRange::at((at as u32).into(), TextSize::of(part));
            whole_lines(text, range).map(|range| &text[range])
        };
        assert_eq!(of("X=1"), Some("  - X=1 # one\n"));
        assert_eq!(of("d: 2"), None);
    }
}
