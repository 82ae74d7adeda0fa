//! A dependency that is whatever its author published last.
//!
//! With `*`, or a git repository without `rev` or `tag`, two builds of the same commit need not be
//! the same program, and who can push there can change it unreviewed.
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
//! State the release that the code was written for, and the commit of what has none:
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
//! A `Cargo.lock` beside the workspace holds a git dependency at a commit until the next
//! `cargo update`: such a finding is of the severity low. One for tests alone is so too. In a
//! `package.json` the same is reported of `*`, `latest`, and repositories without a commit.

use super::AREA;
use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity};
use crate::project::dependencies::{self, Dependency, Table};
use crate::project::lockfile::Lockfile;
use crate::project::package_contents;
use crate::project::values::Entry;
use crate::project::{Kind, ProjectFile};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "unpinned-dependency",
    severity: Severity::Medium,
    source: include_str!("unpinned_dependency.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    for manifest in cx.files(Kind::Manifest) {
        for dependency in dependencies::of_manifest(manifest) {
            if let Some(report) = of_cargo(cx, manifest, &dependency) {
                cx.report(&manifest.path, report);
            }
        }
    }
    let manifests: Vec<_> = cx.files(Kind::PackageJson).collect();
    for manifest in &manifests {
        let Some(root) = manifest.root() else { continue };
        for table in ["dependencies", "devDependencies", "optionalDependencies"] {
            for entry in root.get(table).into_iter().flat_map(|it| it.entries()) {
                // Packages of one repository name each other so.
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
            None => "its default branch".to_string(),
        };
        let held = match locked {
            Some(_) => "; only Cargo.lock holds it at a commit",
            None => "",
        };
        let message = format!("`{name}` is whatever {what} holds: name a `rev` or `tag`{held}");
        let report = Report::new(git.value.range, message);
        return Some(match locked.is_some() || is_dev {
            true => report.severity(Severity::Low),
            false => report,
        });
    }
    let version = any?;
    let message = format!("`{name}` may be any version, breaking releases among them");
    let mut report = Report::new(version.range, message);
    if is_dev {
        report = report.severity(Severity::Low);
    }
    if let Some(locked) = locked {
        let (path, range) = (manifest.path.clone(), version.range);
        report = report.project_fix(move |_| {
            vec![Fix {
                title: format!("Require {locked}, which Cargo.lock holds"),
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

/// The version at which `Cargo.lock` holds a dependency; nothing when it holds several.
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

/// Whether a package is a fuzzer, an example or a helper of the developers.
fn is_for_tests(cx: &ProjectContext<'_>, manifest: &ProjectFile) -> bool {
    package_contents::is_aside(&manifest.path)
        || cx
            .packages()
            .iter()
            .any(|package| package.manifest() == manifest.path && !package_contents::ships(package))
}

/// What is wrong with what a `package.json` asks for.
fn of_npm(entry: &Entry) -> Option<String> {
    let text = entry.value.as_str()?.trim();
    let name = &entry.key;
    if matches!(text, "" | "*" | "x" | "latest" | "next") {
        return Some(format!("`{name}` may be any version, breaking releases among them"));
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
    branch.then(|| format!("`{name}` is whatever a branch holds: name a commit or a tag"))
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
            "
//- Cargo.toml
[package]
name = \"server\"
[dependencies]
serde = \"*\"
#       ^^^ unpinned-dependency: `serde` may be any version, breaking releases among them
log = { version = \"*\", features = [\"std\"] }
#                 ^^^ unpinned-dependency
wire = { git = \"https://example.org/wire\" }
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^ unpinned-dependency: `wire` is whatever its default branch holds: name a `rev` or `tag`
[dependencies.frames]
git = \"https://example.org/frames\"
#~ unpinned-dependency: `frames` is whatever the branch `next` holds: name a `rev` or `tag`
branch = \"next\"
[target.'cfg(unix)'.build-dependencies]
cc = \"*\"
#~ unpinned-dependency
[patch.crates-io]
h3 = { git = \"https://github.com/hyperium/h3\" }
#~ unpinned-dependency
",
        );
        check(
            &RULE,
            "
//- Cargo.toml
[workspace]
members = [\"a\"]
[workspace.dependencies]
rand = \"*\"
#~ unpinned-dependency
//- a/Cargo.toml
[package]
name = \"a\"
[dependencies]
rand.workspace = true
",
        );
    }

    #[test]
    fn what_is_pinned_is_silent() {
        silent(
            &RULE,
            "
//- Cargo.toml
[package]
name = \"server\"
[dependencies]
serde = \"1\"
anyhow = \"1.*\"
wire = { git = \"https://example.org/wire\", rev = \"4f3c2a1\" }
frames = { git = \"https://example.org/frames\", tag = \"v1.0.0\" }
core = { path = \"../core\", version = \"*\" }
both = { git = \"https://example.org/both\", version = \"*\", tag = \"v1\" }
",
        );
        // A fuzzer is built by nobody but the developers.
        silent(
            &RULE,
            "//- fuzz/Cargo.toml\n[package]\nname = \"x-fuzz\"\n[dependencies]\nlibfuzzer-sys = \"*\"\n",
        );
        silent(&RULE, "//- Cargo.toml\n[dependencies\nserde = \"*\"\n");
    }

    const LOCK: &str = "//- Cargo.lock
version = 4
[[package]]
name = \"serde\"
version = \"1.0.219\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
[[package]]
name = \"wire\"
version = \"0.3.0\"
source = \"git+https://example.org/wire#4f3c2a1\"
";

    #[test]
    fn the_lock_file_holds_what_git_does_not() {
        let manifest = "//- Cargo.toml\n[package]\nname = \"a\"\n[dependencies]\nwire = { git = \"https://example.org/wire\" }\n#~ unpinned-dependency: `wire` is whatever its default branch holds: name a `rev` or `tag`; only Cargo.lock holds it at a commit\n";
        check(&RULE, &format!("{manifest}{LOCK}"));
        let fixture = crate::rules::fixture::Fixture::new(&format!("{manifest}{LOCK}"), [&RULE]);
        assert_eq!(fixture.findings()[0].1.severity, Severity::Low);
        let star = "//- Cargo.toml\n[package]\nname = \"a\"\n[dependencies]\nserde = { version = \"*\", features = [] }\n";
        let files = fixed(&RULE, &format!("{star}{LOCK}"));
        assert!(files["Cargo.toml"].contains("serde = { version = \"1.0.219\", features = [] }"));
    }

    #[test]
    fn packages_of_npm_are_told_apart() {
        let package = |version: &str, mark: &str| {
            format!(
                "//- package.json\n{{\n  \"dependencies\": {{\n    \"a\": \"{version}\"\n{mark}  }}\n}}\n"
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
            "//- package.json\n{ \"name\": \"x\", \"dependencies\": { \"a\": \"*\" } }\n//- a/package.json\n{ \"name\": \"a\" }\n",
        );
        silent(
            &RULE,
            "//- package.json\n{ \"name\": \"x\", \"peerDependencies\": { \"react\": \"*\" } }\n",
        );
    }
}
