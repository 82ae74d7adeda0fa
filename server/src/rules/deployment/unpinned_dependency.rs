//! Dependency without a fixed version or commit.
//!
//! With `*`, or a Git repository without `rev` or `tag`, two builds of the same commit can differ,
//! and a push to the dependency changes the program without a review.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! serde = "*"
//! ```
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! wire = { git = "https://example.org/wire", branch = "main" }
//! ```
//!
//! State the version that the code was written for, and the commit of a dependency without
//! releases:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! serde = "1"
//! wire = { git = "https://example.org/wire", tag = "v0.3.1" }
//! ```
//!
//! A `Cargo.lock` beside the workspace pins the commit of a Git dependency until the next `cargo
//! update`: such a finding has the severity low, and so has one of a dev-dependency. In a
//! `package.json` the same is reported for `*`, `latest`, and repositories without a commit.

use super::AREA;
use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::dependencies::{self, Dependency, Table};
use crate::project::lockfile::Lockfile;
use crate::project::package_contents;
use crate::project::values::Entry;
use crate::project::{FileKind, ProjectFile};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "unpinned-dependency",
    opportunity: Opportunity::Dependencies,
    effort: 15,
    severity: Severity::Medium,
    cwe: &[829],
    seeds: &["C.phase1"],
    source: include_str!("unpinned_dependency.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    for manifest in cx.files(FileKind::Manifest) {
        for dependency in dependencies::of_manifest(manifest) {
            if let Some(report) = of_cargo(cx, manifest, &dependency) {
                cx.report(&manifest.path, report);
            }
        }
    }
    let manifests: Vec<_> = cx.files(FileKind::PackageJson).collect();
    for manifest in &manifests {
        let Some(root) = manifest.root() else { continue };
        for table in ["dependencies", "devDependencies", "optionalDependencies"] {
            for entry in root.get(table).into_iter().flat_map(|it| it.entries()) {
                // Packages of one repository refer to each other by `*`.
                let is_own = manifests.iter().any(|it| {
                    let name = it.root().and_then(|it| it.get("name")?.as_str());
                    name == Some(&entry.key)
                });
                if is_own {
                    continue;
                }
                if let Some(message) = of_npm(entry) {
                    let report = Report::new(entry.value.range, message);
                    let report = match table {
                        "devDependencies" => report.severity(Severity::Low),
                        _ => report,
                    };
                    cx.report(&manifest.path, report);
                }
            }
        }
    }
}

fn of_cargo(
    cx: &ProjectContext<'_>,
    manifest: &ProjectFile,
    dependency: &Dependency<'_>,
) -> Option<Report<'static>> {
    let is_pinned = ["rev", "tag", "path"].iter().any(|key| dependency.text(key).is_some());
    if is_pinned || dependency.is_set("workspace") || is_for_tests(cx, manifest) {
        return None;
    }
    let name = dependency.package();
    let is_dev = dependency.table == Table::Dev;
    let any = dependency.version().filter(|it| it.as_str().is_some_and(|it| it.trim() == "*"));
    let git = dependency.entry.value.entry("git");
    if git.is_none() && any.is_none() {
        return None;
    }
    let locked = locked(cx, manifest, dependency);
    if let Some(git) = git {
        let what = match dependency.text("branch") {
            Some(branch) => format!("the branch `{branch}`"),
            None => "the default branch".to_string(),
        };
        let message = format!("`{name}` is not pinned: it follows {what}, without `rev` or `tag`");
        let mut report = Report::new(git.value.range, message);
        if locked.is_some() {
            report = report.note("only `Cargo.lock` pins its commit");
        }
        return Some(match locked.is_some() || is_dev {
            true => report.severity(Severity::Low),
            false => report,
        });
    }
    let version = any?;
    let message = format!("`{name}` accepts any version, including breaking releases");
    let mut report = Report::new(version.range, message);
    if is_dev {
        report = report.severity(Severity::Low);
    }
    if let Some(locked) = locked {
        let (path, range) = (manifest.path.clone(), version.range);
        report = report.project_fix(move |_| {
            vec![Fix {
                title: format!("Require version {locked} from `Cargo.lock`"),
                applicability: Applicability::Suggested,
                edits: vec![FileEdit {
                    path: path.clone(),
                    edits: vec![TextEdit::replace(range, format!("\"{locked}\""))],
                }],
            }]
        });
    }
    Some(report)
}

/// The version of a dependency in `Cargo.lock`; none if there are several.
fn locked(
    cx: &ProjectContext<'_>,
    manifest: &ProjectFile,
    dependency: &Dependency<'_>,
) -> Option<String> {
    let lock = Lockfile::read(dependencies::lockfile_of(cx, manifest)?);
    let git = dependency.text("git");
    let mut found = lock.named(dependency.package()).filter(|(_, package)| match git {
        Some(_) => package.source.is_some_and(|it| it.starts_with("git+")),
        None => package.source.is_some_and(|it| it.starts_with("registry+")),
    });
    let (_, first) = found.next()?;
    found.next().is_none().then(|| first.version.to_string())
}

/// Whether a package is a fuzzer, an example or a development tool.
fn is_for_tests(cx: &ProjectContext<'_>, manifest: &ProjectFile) -> bool {
    package_contents::is_aside(&manifest.path)
        || cx.packages().owner(&manifest.path).is_some_and(|package| {
            package.manifest() == manifest.path && !package_contents::ships(package)
        })
}

/// The message about a version in a `package.json` that is not pinned.
fn of_npm(entry: &Entry) -> Option<String> {
    let text = entry.value.as_str()?.trim();
    let name = &entry.key;
    if matches!(text, "" | "*" | "x" | "latest" | "next") {
        return Some(format!("`{name}` accepts any version, including breaking releases"));
    }
    let is_git = ["git+", "git:", "git@", "github:", "gitlab:", "bitbucket:"]
        .iter()
        .any(|it| text.starts_with(it))
        || (text.starts_with("https://") && text.split('#').next()?.ends_with(".git"))
        || is_shorthand(text);
    if !is_git {
        return None;
    }
    let branch = match text.split_once('#') {
        Some((_, "" | "main" | "master" | "develop" | "dev" | "HEAD" | "next" | "trunk")) => true,
        Some(_) => false,
        None => true,
    };
    branch.then(|| format!("`{name}` is not pinned: it follows a branch, without a commit or tag"))
}

/// `owner/name` of GitHub.
fn is_shorthand(text: &str) -> bool {
    let text = text.split('#').next().unwrap_or(text);
    let is_word = |it: &str| {
        !it.is_empty()
            && it.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    text.split_once('/')
        .is_some_and(|(owner, name)| is_word(owner) && is_word(name) && !owner.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    #[test]
    fn stars_and_branches_are_reported_in_every_table() {
        check(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "server"
[dependencies]
serde = "*"
#       ^^^ unpinned-dependency: `serde` accepts any version, including breaking releases
log = { version = "*", features = ["std"] }
#                 ^^^ unpinned-dependency
wire = { git = "https://example.org/wire" }
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^ unpinned-dependency: `wire` is not pinned: it follows the default branch, without `rev` or `tag`
[dependencies.frames]
git = "https://example.org/frames"
#~ unpinned-dependency: `frames` is not pinned: it follows the branch `next`, without `rev` or `tag`
branch = "next"
[target.'cfg(unix)'.build-dependencies]
cc = "*"
#~ unpinned-dependency
[patch.crates-io]
h3 = { git = "https://github.com/hyperium/h3" }
#~ unpinned-dependency
"#,
        );
        check(
            &RULE,
            r#"
//- Cargo.toml
[workspace]
members = ["a"]
[workspace.dependencies]
rand = "*"
#~ unpinned-dependency
//- a/Cargo.toml
[package]
name = "a"
[dependencies]
rand.workspace = true
"#,
        );
    }

    #[test]
    fn what_is_pinned_is_silent() {
        silent(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "server"
[dependencies]
serde = "1"
anyhow = "1.*"
wire = { git = "https://example.org/wire", rev = "4f3c2a1" }
frames = { git = "https://example.org/frames", tag = "v1.0.0" }
core = { path = "../core", version = "*" }
both = { git = "https://example.org/both", version = "*", tag = "v1" }
"#,
        );
        // A fuzzer is only built by developers.
        silent(
            &RULE,
            r#"//- fuzz/Cargo.toml
[package]
name = "x-fuzz"
[dependencies]
libfuzzer-sys = "*"
"#,
        );
        silent(
            &RULE,
            r#"//- Cargo.toml
[dependencies
serde = "*"
"#,
        );
    }

    const LOCK: &str = r#"//- Cargo.lock
version = 4
[[package]]
name = "serde"
version = "1.0.219"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "wire"
version = "0.3.0"
source = "git+https://example.org/wire#4f3c2a1"
"#;

    #[test]
    fn the_lock_file_lowers_the_severity() {
        let manifest = r#"//- Cargo.toml
[package]
name = "a"
[dependencies]
wire = { git = "https://example.org/wire" }
#~ unpinned-dependency: `wire` is not pinned: it follows the default branch, without `rev` or `tag`
"#;
        check(&RULE, &format!("{manifest}{LOCK}"));
        let fixture = crate::rules::fixture::Fixture::new(&format!("{manifest}{LOCK}"), [&RULE]);
        assert_eq!(fixture.findings()[0].1.severity, Severity::Low);
        let star = r#"//- Cargo.toml
[package]
name = "a"
[dependencies]
serde = { version = "*", features = [] }
"#;
        let files = fixed(&RULE, &format!("{star}{LOCK}"));
        assert!(files["Cargo.toml"].contains("serde = { version = \"1.0.219\", features = [] }"));
    }

    #[test]
    fn packages_of_npm_are_told_apart() {
        let package = |version: &str, mark: &str| {
            format!(
                r#"//- package.json
{{
  "dependencies": {{
    "a": "{version}"
{mark}  }}
}}
"#
            )
        };
        for version in [
            "*",
            "latest",
            "git+https://example.org/a.git",
            "github:owner/a",
            "owner/a",
            "https://example.org/a.git#main",
        ] {
            check(&RULE, &package(version, "//~ unpinned-dependency\n"));
        }
        for version in [
            "^1.2.3",
            "1.x",
            "workspace:*",
            "catalog:",
            "file:../a",
            "npm:@scope/b@^1",
            "git+https://example.org/a.git#4f3c2a1",
            "owner/a#v1.2.0",
            "https://example.org/a-1.0.0.tgz",
        ] {
            silent(&RULE, &package(version, ""));
        }
        // Members of one npm workspace.
        silent(
            &RULE,
            r#"//- package.json
{ "name": "x", "dependencies": { "a": "*" } }
//- a/package.json
{ "name": "a" }
"#,
        );
        silent(
            &RULE,
            r#"//- package.json
{ "name": "x", "peerDependencies": { "react": "*" } }
"#,
        );
    }
}
