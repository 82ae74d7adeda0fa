//! Repository without a `README`, `SECURITY`, `CHANGELOG` or `LICENSE`.
//!
//! These documents state how to run the project, how to report a vulnerability, what a release
//! changes, and under which terms the code may be used.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! license = "MIT"
//! //- README.md
//! # server
//! //- LICENSE
//! MIT License
//! ```
//!
//! The fix creates a template of `SECURITY.md` or `CHANGELOG.md`:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! license = "MIT"
//! //- README.md
//! # server
//! //- LICENSE
//! MIT License
//! //- SECURITY.md
//! Report vulnerabilities to security@example.org.
//! //- CHANGELOG.md
//! ## 0.1.0
//! ```
//!
//! Other names and places count as well (`docs/`, `.github/`, `COPYING`, `HISTORY`, `RELEASES`,
//! `NEWS`), and so do a section of the README about reporting vulnerabilities and tools that keep
//! the changes elsewhere. A changelog is required of projects with releases, a licence of packages
//! without `publish = false`. No licence is created, as the owners have to choose it.

use super::AREA;
use crate::analysis::{Fix, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::values::Node;
use crate::project::{CiRun, CiStep, FileKind, Project, ProjectFile};
use crate::text::{FileRange, TextSize};

pub static RULE: Rule = Rule {
    id: "missing-document",
    opportunity: Opportunity::Documents,
    severity: Severity::Low,
    seeds: &["D.docs", "C.checklist"],
    source: include_str!("missing_document.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Folders in which documents are looked for; the last ones are those of services.
const FOLDERS: &[&str] =
    &["", "docs/", "doc/", ".github/", ".gitlab/", ".forgejo/", ".gitea/", "debian/"];

/// Configuration of tools that record the changes of each release.
const CHANGE_TOOLS: &[&str] = &[
    "cliff.toml",
    ".github/release.yml",
    ".github/release.yaml",
    ".github/release-drafter.yml",
    ".changeset",
    ".changes",
    ".chloggen",
    "changelog.d",
    "changes",
    "changelogs",
    "newsfragments",
    "release-plz.toml",
    ".release-plz.toml",
    "release-please-config.json",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Document {
    Readme,
    Security,
    Changelog,
    License,
}

impl Document {
    /// How the names of its files begin, in lower case.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Readme => &["readme"],
            Self::Security => &["security"],
            Self::Changelog => &[
                "changelog", "changes", "history", "releases", "release-notes", "release_notes",
                "news", "change_log", "change-log",
            ],
            Self::License => &["license", "licence", "copying", "unlicense", "eula"],
        }
    }

    /// Names that most repositories use.
    fn usual(self) -> &'static [&'static str] {
        match self {
            Self::Readme => &["README.md"],
            Self::Security => &["SECURITY.md", ".github/SECURITY.md"],
            Self::Changelog => &["CHANGELOG.md"],
            Self::License => &["LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "LICENSE.md"],
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Readme => "no `README`: purpose and setup are not documented",
            Self::Security => {
                "no `SECURITY.md`: the way to report a vulnerability is not documented"
            }
            Self::Changelog => "no `CHANGELOG`: changes between releases are not documented",
            Self::License => "no `LICENSE`: the terms of use are not stated",
        }
    }
}

fn check(cx: &mut ProjectContext<'_>) {
    if !cx.is_repository() {
        return;
    }
    let Some((anchor, range)) = cx.anchor() else { return };
    let folder = anchor.folder();
    for document in [Document::Readme, Document::Security, Document::Changelog, Document::License] {
        if let Some((path, range)) = (document == Document::Security).then(|| stub(cx)).flatten() {
            let message = "`SECURITY.md` names no contact yet: the way to report is not documented";
            cx.report(&path, Report::new(range, message));
            continue;
        }
        let mut paths = cx.listing().iter().map(String::as_str);
        // A link is not listed: it is asked for by its usual names.
        if paths.any(|path| is_document(path, folder, document))
            || document.usual().iter().any(|name| cx.exists(name))
        {
            continue;
        }
        let is_elsewhere = match document {
            Document::Readme => false,
            Document::Security => {
                let mut files = cx.files(FileKind::Markdown);
                cx.is_listed(".well-known/security.txt") || files.any(|it| has_security_section(it))
            }
            Document::Changelog => {
                CHANGE_TOOLS.iter().any(|path| cx.is_listed(path))
                    || !has_releases(cx)
                    || cx.pipeline().steps.iter().any(writes_notes)
            }
            Document::License => states_licence_elsewhere(cx, folder),
        };
        if is_elsewhere {
            continue;
        }
        let report = Report::new(range, document.message());
        cx.report(&anchor.path, report.project_fix(move |project| create(project, document)));
    }
}

/// The contact that the fix wrote, for a person to replace.
const STUB: &str = "SECURITY-CONTACT";

/// Where a security policy still has it.
fn stub(cx: &ProjectContext<'_>) -> Option<(String, FileRange)> {
    let mut policies = cx.files(FileKind::Markdown).filter(|it| it.name() == "SECURITY.md");
    policies.find_map(|file| {
        let start = TextSize::new(file.text.find(STUB)? as u32);
        Some((file.path.clone(), FileRange::at(start, TextSize::of(STUB))))
    })
}

/// Whether a file is the document, at the root, beside the manifest, or in a folder for such.
fn is_document(path: &str, folder: &str, document: Document) -> bool {
    let lower = path.to_ascii_lowercase();
    let below =
        lower.strip_prefix(&folder.to_ascii_lowercase()).map(|it| it.trim_start_matches('/'));
    [Some(lower.as_str()), below].into_iter().flatten().any(|path| {
        if document == Document::License && path.starts_with("licenses/") {
            return true;
        }
        let (place, name) = match path.rfind('/') {
            Some(at) => path.split_at(at + 1),
            None => ("", path),
        };
        FOLDERS.contains(&place)
            && document.names().iter().any(|start| {
                let rest = name.strip_prefix(start);
                rest.is_some_and(|it| it.is_empty() || it.starts_with(['.', '-', '_']))
            })
            && !name.ends_with(".rs")
    })
}

/// Whether a README or a guide has a heading about reporting vulnerabilities.
fn has_security_section(file: &ProjectFile) -> bool {
    let name = file.name().to_ascii_lowercase();
    let is_guide = name.starts_with("readme") || name.starts_with("contributing");
    is_guide
        && file.text.lines().filter(|line| line.starts_with('#')).any(|line| {
            let line = line.to_ascii_lowercase();
            line.contains("security") || line.contains("vulnerabilit")
        })
}

/// Whether the project has releases: it can be published, and its version is beyond 0.1.0.
fn has_releases(cx: &ProjectContext<'_>) -> bool {
    let packages = cx.files(FileKind::Manifest).chain(cx.files(FileKind::PackageJson));
    packages.filter_map(|file| file.root()).any(|root| {
        let package = root.get("package").unwrap_or(root);
        let workspace = root.at(&["workspace", "package"]);
        let is_private = package.get("publish").and_then(Node::as_bool) == Some(false)
            || root.get("private").and_then(Node::as_bool) == Some(true);
        let version = |it: &Node| it.get("version").and_then(Node::as_str).map(str::to_string);
        let version = version(package).or_else(|| workspace.and_then(version));
        version.is_some_and(|it| !is_private && !it.starts_with("0.1.0") && !it.starts_with("0.0."))
    })
}

/// Whether a step writes the notes of a release, which serve as the changelog.
fn writes_notes(step: &CiStep) -> bool {
    const INPUTS: &[&str] =
        &["generate_release_notes", "generateReleaseNotes", "body", "body_path", "bodyFile"];
    match &step.run {
        CiRun::Shell(script) => {
            script.contains("gh release create")
                && (script.contains("--notes") || script.contains("--generate-notes"))
        }
        CiRun::Action { name, inputs } => {
            name.contains("release-drafter")
                || name.contains("goreleaser")
                || name.contains("release")
                    && inputs.iter().any(|(key, _)| INPUTS.contains(&key.as_str()))
        }
    }
}

/// Whether the manifests name a licence file, or state that the packages are not published.
fn states_licence_elsewhere(cx: &ProjectContext<'_>, folder: &str) -> bool {
    let mut is_stated = false;
    let mut is_public = false;
    for file in cx.files(FileKind::Manifest).chain(cx.files(FileKind::PackageJson)) {
        let Some(root) = file.root() else { continue };
        for package in [root.get("package"), root.at(&["workspace", "package"]), Some(root)]
            .into_iter()
            .flatten()
        {
            is_stated |= package.get("license-file").is_some();
        }
        let package = root.get("package").unwrap_or(root);
        let is_private = package.get("publish").and_then(Node::as_bool) == Some(false)
            || root.get("private").and_then(Node::as_bool) == Some(true);
        let names_one = [package.get("license"), root.at(&["workspace", "package", "license"])]
            .into_iter()
            .flatten()
            .filter_map(Node::as_str)
            .any(|it| it != "UNLICENSED");
        let is_package = root.get("package").is_some() || root.get("name").is_some();
        is_public |= names_one || is_package && !is_private && file.folder() == folder;
    }
    is_stated || !is_public
}

fn create(project: &Project, document: Document) -> Vec<Fix> {
    let (path, text) = match document {
        Document::Security => ("SECURITY.md", security(project)),
        Document::Changelog => ("CHANGELOG.md", CHANGELOG.to_string()),
        Document::Readme | Document::License => return Vec::new(),
    };
    vec![Fix::create(path, text)]
}

const CHANGELOG: &str = "\
# Changelog

What users of this project notice, newest first. The format is that of
[Keep a Changelog](https://keepachangelog.com/en/1.1.0/), and versions follow
[Semantic Versioning](https://semver.org/).

## [Unreleased]

### Added

### Changed

### Fixed
";

fn security(project: &Project) -> String {
    let anchor = project.anchor();
    let root = anchor.and_then(|(file, _)| file.root());
    let version = root.and_then(|root| {
        let places: [&[&str]; 3] =
            [&["package", "version"], &["workspace", "package", "version"], &["version"]];
        places.iter().find_map(|path| root.at(path)?.as_str())
    });
    let supported = match version {
        Some(version) => format!("the latest release (currently {version})"),
        None => "the latest release".to_string(),
    };
    format!(
        "\
# Security policy

## Supported versions

Security fixes are made for {supported}.

## Reporting a vulnerability

Please do not open a public issue. Write to **{STUB}** (replace this by an address that
is read, or by a link to a private report) with

- what is affected, and in which version,
- how it can be reproduced,
- what an attacker gains by it.

You get an answer within five working days. We agree with you on a date for the disclosure, at most
90 days after the report, fix the problem in private, release the fix together with an advisory, and
name you in it unless you prefer otherwise.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, first_fixes, fixed, no_fix, silent};

    const OTHERS: &str = r#"//- README.md
# a
//- LICENSE
x
"#;

    #[test]
    fn each_missing_document_is_reported() {
        check(
            &RULE,
            r#"//- Cargo.toml
[package]
#~ missing-document: no `README`: purpose and setup are not documented
#~ missing-document: no `SECURITY.md`: the way to report a vulnerability is not documented
#~ missing-document: no `CHANGELOG`: changes between releases are not documented
#~ missing-document: no `LICENSE`: the terms of use are not stated
name = "a"
version = "0.2.0"
"#,
        );
        check(
            &RULE,
            &format!(
                r#"//- package.json
{{ "name": "a",
//~ missing-document: no `SECURITY.md`: the way to report a vulnerability is not documented
"version": "0.1.0" }}
{OTHERS}"#
            ),
        );
        check(
            &RULE,
            &format!(
                r#"//- Cargo.toml
[workspace]
#~ missing-document: no `CHANGELOG`: changes between releases are not documented
[workspace.package]
version = "1.2.0"
{OTHERS}//- .github/SECURITY.md
x
"#
            ),
        );
    }

    #[test]
    fn other_names_and_places_count() {
        for (security, changelog, licence) in [
            ("SECURITY.md", "CHANGELOG.md", "LICENSE-MIT"),
            (".github/SECURITY.md", "CHANGES.rst", "COPYING"),
            ("docs/security.md", "docs/History.md", "LICENSES/MIT.txt"),
            (".well-known/security.txt", "RELEASES.md", "UNLICENSE"),
            ("security.txt", "cliff.toml", "licence.txt"),
            ("SECURITY.adoc", ".changeset/config.json", "LICENSE.md"),
        ] {
            silent(
                &RULE,
                &format!(
                    r#"//- Cargo.toml
[package]
name = "a"
version = "1.0.0"
//- Readme.rst
a
//- {security}
a
//- {changelog}
a
//- {licence}
a
"#
                ),
            );
        }
    }

    #[test]
    fn documents_in_other_places_count() {
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
version = "0.1.0"
publish = false
//- README.md
# a
## Reporting a vulnerability
"#,
        );
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
license-file = "terms.txt"
//- README.md
# a
## Security
"#,
        );
        silent(
            &RULE,
            &format!(
                r#"//- Cargo.toml
[package]
name = "a"
version = "1.0.0"
{OTHERS}//- SECURITY.md
x
//- .github/workflows/a.yml
jobs:
  a:
    steps:
      - run: gh release create v1 --generate-notes
"#
            ),
        );
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
version.workspace = true
"#,
        );
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
//- .cargo_vcs_info.json
{}
"#,
        );
    }

    #[test]
    fn a_policy_without_a_contact_is_reported() {
        let policy = r#"//- Cargo.toml
[package]
name = "a"
//- SECURITY.md
Write to **SECURITY-CONTACT** with
         //^^^^^^^^^^^^^^^^ missing-document: `SECURITY.md` names no contact yet: the way to report is not documented
"#;
        check(&RULE, &format!("{policy}{OTHERS}"));
    }

    #[test]
    fn a_policy_and_a_changelog_are_created() {
        let package = r#"//- Cargo.toml
[package]
name = "a"
version = "0.2.0"
"#;
        let (fixture, fixes) = first_fixes(&RULE, &format!("{package}{OTHERS}"));
        let files = fixture.apply(&fixes[0]);
        let policy = &files["SECURITY.md"];
        assert!(policy.contains("currently 0.2.0") && policy.contains("SECURITY-CONTACT"));
        let files = fixed(
            &RULE,
            &format!(
                r#"{package}{OTHERS}//- SECURITY.md
x
"#
            ),
        );
        assert!(files["CHANGELOG.md"].contains("## [Unreleased]"));
    }

    #[test]
    fn no_licence_is_created() {
        no_fix(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
license = "MIT"
//- README.md
# a
## Security
"#,
        );
    }
}
