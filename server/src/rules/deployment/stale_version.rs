//! Deployment file with an older version than the package.
//!
//! Operators identify the running release by the version that the program reports, the label of its
//! image and the chart that installs it. A version that was not raised with the last release is
//! misleading.
//!
//! ```project,bad
//! //- package.json
//! { "name": "worker", "version": "0.5.4" }
//! //- wrangler.toml
//! name = "worker"
//! [vars]
//! VERSION = "0.5.2"
//! ```
//!
//! Raise it together with the version of the package, or read it from there at build time:
//!
//! ```project
//! //- package.json
//! { "name": "worker", "version": "0.5.4" }
//! //- wrangler.toml
//! name = "worker"
//! [vars]
//! VERSION = "0.5.4"
//! ```
//!
//! Checked are variables called `VERSION` of Workers and images, the version label of an image, the
//! tag of an image that a compose file builds, `appVersion` of a chart, and a `package.json` beside
//! a `Cargo.toml`.

use super::AREA;
use crate::project::paths::{file_name, folder_of};
use std::cmp::Ordering;

use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::docker::dockerfile::Action;
use crate::project::environment::settings;
use crate::project::values::Node;
use crate::project::{FileKind, ProjectFile};
use crate::syntax::names::words;
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "stale-version",
    opportunity: Opportunity::Project,
    effort: 10,
    severity: Severity::Medium,
    seeds: &["D.5"],
    source: include_str!("stale_version.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// The version of a package, and its place in the manifest.
struct Version {
    path: String,
    range: FileRange,
    package: String,
    text: String,
}

/// A copy of a version in a deployment file, which has to be updated by hand.
struct Copy {
    path: String,
    range: FileRange,
    text: String,
}

fn check(cx: &mut ProjectContext<'_>) {
    let mut copies = variables(cx);
    copies.extend(labels(cx));
    copies.extend(tags(cx));
    copies.extend(charts(cx));
    let versions = versions(cx);
    for copy in copies {
        report_stale(cx, &copy, &versions);
    }
    for file in cx.files(FileKind::PackageJson) {
        if let Some(copy) = beside_manifest(cx, file) {
            let folder = file.folder();
            let same: Vec<Version> = manifest_in(cx, folder).into_iter().collect();
            report_stale(cx, &copy, &same);
        }
    }
}

fn report_stale(cx: &mut ProjectContext<'_>, copy: &Copy, versions: &[Version]) {
    let Some(package) = owner(versions, &copy.path) else { return };
    // A newer version may be that of something else.
    if order(&copy.text, &package.text) != Some(Ordering::Less) {
        return;
    }
    let Version { text, package: name, path: manifest, .. } = package;
    let message = format!("stale version: `{name}` is {text}, this says {}", copy.text);
    let (path, range, new) = (copy.path.clone(), copy.range, text.clone());
    let report = Report::new(range, message)
        .related_in(manifest, package.range, "the version of the package")
        .project_fix(move |_| {
            vec![Fix {
                title: format!("Set the version to {new}"),
                applicability: Applicability::Suggested,
                edits: vec![FileEdit {
                    path: path.clone(),
                    edits: vec![TextEdit::replace(range, new.clone())],
                }],
            }]
        });
    cx.report(&copy.path, report);
}

/// The package whose version a file copies: that of the nearest folder above with a package. None
/// if packages there have different versions.
fn owner<'v>(versions: &'v [Version], path: &str) -> Option<&'v Version> {
    let mut folder = path;
    while !folder.is_empty() {
        folder = folder_of(folder);
        let mut here = versions.iter().filter(|it| folder_of(&it.path) == folder);
        if let Some(first) = here.next() {
            return here.all(|it| it.text == first.text).then_some(first);
        }
    }
    None
}

/// The versions of all packages.
fn versions(cx: &ProjectContext<'_>) -> Vec<Version> {
    let folders: Vec<&str> = cx.files(FileKind::Manifest).map(|file| file.folder()).collect();
    let manifests = folders.into_iter().filter_map(|folder| manifest_in(cx, folder));
    let packages = cx.files(FileKind::PackageJson).filter_map(|file| {
        let root = file.root()?;
        version(file, root.get("version")?, root.get("name")?.as_str()?)
    });
    manifests.chain(packages).collect()
}

/// The version of the Rust package in a folder, or of the workspace there.
fn manifest_in(cx: &ProjectContext<'_>, folder: &str) -> Option<Version> {
    let at = |folder: &str| match folder {
        "" => "Cargo.toml".to_string(),
        folder => format!("{folder}/Cargo.toml"),
    };
    let file = cx.file(&at(folder))?;
    let root = file.root()?;
    let Some(package) = root.get("package") else {
        let stated = root.at(&["workspace", "package", "version"])?;
        return version(file, stated, "the workspace");
    };
    let name = package.get("name")?.as_str()?;
    let stated = package.get("version")?;
    if stated.is_string() {
        return version(file, stated, name);
    }
    let mut above = folder;
    loop {
        let file = cx.file(&at(above));
        let inherited = file.and_then(|it| it.root()?.at(&["workspace", "package", "version"]));
        if let (Some(file), Some(stated)) = (file, inherited) {
            return version(file, stated, name);
        }
        if above.is_empty() {
            return None;
        }
        above = folder_of(above);
    }
}

fn version(file: &ProjectFile, stated: &Node, package: &str) -> Option<Version> {
    let text = stated.as_str()?;
    let is_maintained = parts(text).is_some_and(|(numbers, _)| numbers != [0, 0, 0]);
    is_maintained.then(|| Version {
        path: file.path.clone(),
        range: stated.range,
        package: package.to_string(),
        text: text.to_string(),
    })
}

/// `VERSION` and similar variables of images and Workers.
fn variables(cx: &ProjectContext<'_>) -> Vec<Copy> {
    let own: Vec<String> = cx.packages().iter().map(|it| it.name.replace('-', "_")).collect();
    let is_own = |name: &str| {
        let name = name.to_ascii_lowercase();
        let of = name.strip_suffix("_version").unwrap_or_default();
        name == "version"
            || matches!(of, "app" | "application" | "service" | "server" | "release" | "package")
            || own.iter().any(|it| it == of)
    };
    let found =
        settings(cx).into_iter().filter(|it| it.file.kind != FileKind::Env && is_own(&it.name));
    found.filter_map(|it| copy(it.file, it.value_range)).collect()
}

fn labels(cx: &ProjectContext<'_>) -> Vec<Copy> {
    let mut found = Vec::new();
    for file in cx.files(FileKind::Dockerfile) {
        let last = file.dockerfile().and_then(|it| it.last_stage());
        for instruction in last.into_iter().flat_map(|it| &it.instructions) {
            let Action::Label(pairs) = &instruction.action else { continue };
            let is_version =
                |key: &str| matches!(key, "version" | "org.opencontainers.image.version");
            let pairs = pairs.iter().filter(|(key, _)| is_version(key.text.trim_matches('"')));
            found.extend(pairs.filter_map(|(_, value)| copy(file, value.range)));
        }
    }
    found
}

/// Tags of the images that a compose file both names and builds.
fn tags(cx: &ProjectContext<'_>) -> Vec<Copy> {
    let mut found = Vec::new();
    for file in cx.files(FileKind::Compose) {
        let services = file.root().and_then(|it| it.get("services"));
        for service in services.into_iter().flat_map(Node::entries) {
            let (Some(_), Some(image)) = (service.value.get("build"), service.value.get("image"))
            else {
                continue;
            };
            let Some(at) = file.slice(image.range).rfind(':') else { continue };
            let start = image.range.start() + TextSize::new(at as u32 + 1);
            found.extend(copy(file, FileRange::new(start, image.range.end())));
        }
    }
    found
}

/// `appVersion` of charts with the name of a package.
fn charts(cx: &ProjectContext<'_>) -> Vec<Copy> {
    let mut found = Vec::new();
    for file in cx.files(FileKind::Yaml).filter(|it| it.name() == "Chart.yaml") {
        let Some(root) = file.root() else { continue };
        let name = root.get("name").and_then(Node::as_str).unwrap_or_default();
        let first = words(name).next();
        let is_own = cx.packages().iter().any(|it| words(&it.name).next() == first);
        if is_own && let Some(version) = root.get("appVersion") {
            found.extend(copy(file, version.range));
        }
    }
    found
}

/// The version of a `package.json` in the folder of a Rust package.
fn beside_manifest(cx: &ProjectContext<'_>, file: &ProjectFile) -> Option<Copy> {
    let root = file.root()?;
    let manifest = cx.file(&match file.folder() {
        "" => "Cargo.toml".to_string(),
        folder => format!("{folder}/Cargo.toml"),
    })?;
    let is_private = root.get("private").and_then(Node::as_bool) == Some(true);
    if is_private || purpose(&file.path) < Purpose::Development {
        return None;
    }
    let name = manifest.root()?.at(&["package", "name"])?.as_str()?;
    let own = root.get("name")?.as_str()?;
    let own = file_name(own);
    (words(own).eq(words(name))).then(|| copy(file, root.get("version")?.range))?
}

/// The version in a range, without quotes and a leading `v`; none if the text is no plain version.
fn copy(file: &ProjectFile, range: FileRange) -> Option<Copy> {
    let written = file.slice(range);
    let inner = written.trim_matches(|c: char| matches!(c, '"' | '\'') || c.is_whitespace());
    let inner = inner.strip_prefix('v').unwrap_or(inner);
    // A version of zeros is a placeholder.
    parts(inner).filter(|(numbers, _)| *numbers != [0, 0, 0])?;
    let start = range.start() + TextSize::new(written.find(inner)? as u32);
    let range = FileRange::at(start, TextSize::of(inner));
    Some(Copy { path: file.path.clone(), range, text: inner.to_string() })
}

/// The three numbers of a version, and whether it is a release.
fn parts(version: &str) -> Option<([u64; 3], bool)> {
    let core = version.split(['-', '+']).next()?;
    let numbers: Vec<u64> = core.split('.').map(|it| it.parse().ok()).collect::<Option<_>>()?;
    Some((numbers.try_into().ok()?, !version.contains('-')))
}

fn order(a: &str, b: &str) -> Option<Ordering> {
    let ((a, _), (b, is_release)) = (parts(a)?, parts(b)?);
    // A pre-release of the package is not compared.
    is_release.then(|| a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "post-box"
version = "1.4.0"
"#;

    #[test]
    fn older_versions_are_reported() {
        check(
            &RULE,
            &format!(
                r#"{MANIFEST}//- wrangler.toml
[vars]
VERSION = "1.3.9"
#          ^^^^^ stale-version: stale version: `post-box` is 1.4.0, this says 1.3.9
//- Dockerfile
FROM debian
LABEL org.opencontainers.image.version="1.2.0"
#                                       ^^^^^ stale-version
ENV POST_BOX_VERSION=v1.3.0
#                     ^^^^^ stale-version
//- compose.yml
services:
  a:
    build: .
    image: ghcr.io/x/post-box:1.3.0
#                             ^^^^^ stale-version
//- charts/Chart.yaml
name: post-box
version: 0.1.0
appVersion: "1.3.0"
#            ^^^^^ stale-version
"#
            ),
        );
        check(
            &RULE,
            r#"//- Cargo.toml
[workspace.package]
version = "2.0.0"
//- a/Cargo.toml
[package]
name = "a"
version.workspace = true
//- a/package.json
{"name": "@x/a", "version": "1.9.0"}
//~ stale-version
"#,
        );
    }

    #[test]
    fn what_is_current_or_of_something_else_is_left_alone() {
        for file in [
            r#"//- wrangler.toml
[vars]
VERSION = "1.4.0"
"#,
            r#"//- wrangler.toml
[vars]
API_VERSION = "1.0.0"
"#,
            r#"//- Dockerfile
FROM debian
ARG VERSION=dev
ENV VERSION=$VERSION
"#,
            r#"//- Dockerfile
FROM debian
ENV NODE_VERSION=1.2.3
"#,
            r#"//- compose.yml
services:
  a:
    image: post-box:1.3.0
"#,
            r#"//- compose.yml
services:
  a:
    build: .
    image: post-box:latest
"#,
            r#"//- Chart.yaml
name: redis
appVersion: 1.0.0
"#,
            r#"//- package.json
{"name": "web", "version": "0.1.0"}
"#,
            r#"//- package.json
{"name": "post-box", "version": "0.1.0", "private": true}
"#,
            r#"//- package.json
{"name": "post-box", "version": "0.0.0"}
"#,
        ] {
            silent(&RULE, &format!("{MANIFEST}{file}"));
        }
        let unreleased = MANIFEST.replace("1.4.0", "1.5.0-dev");
        silent(
            &RULE,
            &format!(
                r#"{unreleased}//- wrangler.toml
[vars]
VERSION = "1.4.0"
"#
            ),
        );
        let none = MANIFEST.replace("1.4.0", "0.0.0");
        silent(
            &RULE,
            &format!(
                r#"{none}//- wrangler.toml
[vars]
VERSION = "0.0.0"
"#
            ),
        );
    }

    #[test]
    fn it_is_raised() {
        let source = format!(
            r#"{MANIFEST}//- wrangler.toml
[vars]
VERSION = "v1.3.9" # ours
"#
        );
        assert_eq!(
            fixed(&RULE, &source)["wrangler.toml"],
            r#"[vars]
VERSION = "v1.4.0" # ours
"#
        );
    }
}
