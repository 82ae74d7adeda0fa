//! Dependency with a published security advisory.
//!
//! What is published about a vulnerability is known to attackers as well: which versions have it,
//! how it is reached, and often how it is used.
//!
//! The versions in `Cargo.lock` are looked up in a checkout of the RustSec advisory database: the
//! folder that `advisory-db` in `readiness.toml` names, or the one that cargo-audit or cargo-deny
//! keeps below `CARGO_HOME`. Nothing is fetched: `cargo audit` or `git pull` brings the database
//! up to date, and the server reads it again when it is started. A missing database is reported once,
//! at the lock file, unless the repository is audited by other means.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! quinn-proto = "0.11"
//! //- Cargo.lock
//! version = 4
//! [[package]]
//! name = "quinn-proto"
//! version = "0.11.6"
//! source = "registry+https://github.com/rust-lang/crates.io-index"
//! [[package]]
//! name = "server"
//! version = "0.1.0"
//! dependencies = ["quinn-proto"]
//! ```
//!
//! Run `cargo update`, and in CI `cargo audit` or `cargo deny check`. Vulnerabilities in dependencies
//! of tests have the severity medium, as have unsound packages; unmaintained packages have the
//! severity low. Advisories that `deny.toml` or `.cargo/audit.toml` ignore are not reported.
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- Cargo.lock
//! version = 4
//! [[package]]
//! name = "server"
//! version = "0.1.0"
//! //- .github/workflows/ci.yml
//! jobs:
//!   audit:
//!     steps:
//!       - run: cargo audit
//! ```

use super::AREA;
use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use crate::analysis::{Confidence, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::dependencies::{self, Table};
use crate::project::lockfile::{LockedPackage, Lockfile};
use crate::project::package_contents;
use crate::project::values::Node;
use crate::project::{Advisories, Advisory, AdvisoryKind, FileKind, ProjectFile};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "vulnerable-dependency",
    opportunity: Opportunity::Advisories,
    severity: Severity::Critical,
    cwe: &[1395],
    seeds: &["A.H5", "B.12"],
    source: include_str!("vulnerable_dependency.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    let locks: Vec<_> =
        cx.files(FileKind::Lockfile).filter(|it| !package_contents::is_aside(&it.path)).collect();
    let Some(first) = locks.iter().min_by_key(|it| it.path.matches('/').count()) else { return };
    let Some(database) = cx.advisories() else {
        if !is_audited(cx) {
            let range = first.root().and_then(|it| it.entries().first()).map(|it| it.key_range);
            let message =
                "no advisory database was found; run `cargo audit` once or set `advisory-db`";
            // It tells of the machine, not of the project.
            let report = Report::new(range.unwrap_or_default(), message)
                .severity(Severity::Low)
                .confidence(Confidence::Possible);
            cx.report(&first.path, report);
        }
        return;
    };
    let ignored = ignored(cx);
    for file in locks {
        let lock = Lockfile::read(file);
        let affected = affected(&lock, &database, &ignored);
        if affected.is_empty() {
            continue;
        }
        let uses = Uses::of(cx, file, &lock);
        for (index, package, advisories) in affected {
            let (path, report) = report(file, &lock, &uses, index, package, &advisories);
            cx.report(&path, report);
        }
    }
}

/// Whether the repository holds its dependencies against advisories by other means.
fn is_audited(cx: &ProjectContext<'_>) -> bool {
    const AUDITS: &[&str] = &[
        "cargo audit", "cargo-audit", "cargo deny", "cargo-deny", "audit-check", "osv-scanner",
        "cargo vet",
    ];
    cx.files(FileKind::DenyConfig).next().is_some()
        || [FileKind::Ci, FileKind::Script]
            .into_iter()
            .any(|kind| cx.files(kind).any(|file| AUDITS.iter().any(|it| file.text.contains(it))))
}

/// The advisories that the settings of cargo-deny and cargo-audit ignore.
fn ignored<'a>(cx: &ProjectContext<'a>) -> BTreeSet<&'a str> {
    let of_audit = cx.files(FileKind::Toml).filter(|it| it.path.ends_with("audit.toml"));
    let files = cx.files(FileKind::DenyConfig).chain(of_audit);
    let lists = files.filter_map(|it| it.root()?.at(&["advisories", "ignore"]));
    lists
        .flat_map(Node::items)
        .filter_map(|item| item.as_str().or_else(|| item.get("id")?.as_str()))
        .collect()
}

type Affected<'l, 'a> = (usize, &'l LockedPackage<'a>, Vec<Advisory>);

fn affected<'l, 'a>(
    lock: &'l Lockfile<'a>,
    database: &Advisories,
    ignored: &BTreeSet<&str>,
) -> Vec<Affected<'l, 'a>> {
    let packages = lock.packages.iter().enumerate().filter(|(_, it)| it.is_from_crates_io());
    packages
        .filter_map(|(index, package)| {
            let known = database.of(package.name);
            if known.is_empty() {
                return None;
            }
            let version = Version::parse(package.version).ok()?;
            let known = known.iter().filter(|it| it.affects(&version));
            let advisories: Vec<Advisory> =
                known.filter(|it| !ignored.contains(it.id.as_str())).cloned().collect();
            (!advisories.is_empty()).then_some((index, package, advisories))
        })
        .collect()
}

/// What the members of a workspace use of their lock file.
struct Uses {
    /// Where direct dependencies are declared, by their indices.
    declared: BTreeMap<usize, (String, FileRange)>,
    /// What programs are built of: all but what only tests need.
    built: BTreeSet<usize>,
}

impl Uses {
    fn of(cx: &ProjectContext<'_>, file: &ProjectFile, lock: &Lockfile<'_>) -> Self {
        let mut declared_at = BTreeMap::new();
        let mut roots = BTreeSet::new();
        for manifest in cx.files(FileKind::Manifest) {
            if dependencies::lockfile_of(cx, manifest).is_none_or(|it| it.path != file.path) {
                continue;
            }
            let name = manifest.root().and_then(|it| it.at(&["package", "name"])?.as_str());
            let member = name.and_then(|name| lock.named(name).find(|(_, it)| it.source.is_none()));
            let Some((member, _)) = member else { continue };
            let shared = dependencies::workspace_of(cx, manifest);
            for dependency in dependencies::of_manifest(manifest) {
                // The version stands in the table of the workspace when it is inherited.
                let inherited = shared.filter(|_| dependency.is_set("workspace")).and_then(|it| {
                    let mut entries = dependencies::of_manifest(it).into_iter();
                    let entry = entries.find(|entry| {
                        entry.table == Table::Workspace && entry.entry.key == dependency.entry.key
                    });
                    Some((it.path.clone(), entry?))
                });
                let (path, entry) = inherited.unwrap_or((manifest.path.clone(), dependency));
                for (index, package) in lock.dependencies(member) {
                    if package.name != entry.package() || package.source.is_none() {
                        continue;
                    }
                    declared_at.entry(index).or_insert((path.clone(), entry.range()));
                    if dependency.table != Table::Dev {
                        roots.insert(index);
                    }
                }
            }
        }
        Self { declared: declared_at, built: lock.reachable(roots) }
    }
}

/// The finding about a package, and the file it is shown in: where the package is asked for, or
/// the lock file when it came with others.
fn report(
    file: &ProjectFile,
    lock: &Lockfile<'_>,
    uses: &Uses,
    index: usize,
    package: &LockedPackage<'_>,
    advisories: &[Advisory],
) -> (String, Report<'static>) {
    let LockedPackage { name, version, .. } = package;
    let worst = advisories.iter().map(|it| it.kind).max().unwrap_or(AdvisoryKind::Notice);
    let what = match worst {
        AdvisoryKind::Vulnerability => "is vulnerable",
        AdvisoryKind::Unsound => "is unsound",
        AdvisoryKind::Unmaintained => "is not maintained",
        AdvisoryKind::Notice => "has an advisory",
    };
    let (first, others) = match advisories {
        [first, others @ ..] => (first, others),
        [] => return (file.path.clone(), Report::new(package.range, what)),
    };
    let mut message = format!("`{name}` {version} {what}: {}, {}", first.id, first.title);
    match first.patched().as_slice() {
        [] if worst >= AdvisoryKind::Unsound => message += "; no fixed release",
        [] => {}
        patched => message += &format!("; fixed in {}", patched.join(" or ")),
    }
    if !others.is_empty() {
        let ids: Vec<&str> = others.iter().map(|it| it.id.as_str()).collect();
        message += &format!("; also {}", ids.join(", "));
    }
    let is_built = uses.built.contains(&index) || uses.declared.is_empty();
    if !is_built {
        message += " (used by tests only)";
    }
    let severity = match worst {
        AdvisoryKind::Vulnerability if is_built => Severity::Critical,
        AdvisoryKind::Vulnerability => Severity::Medium,
        AdvisoryKind::Unsound if is_built => Severity::Medium,
        _ => Severity::Low,
    };
    if let Some((path, range)) = uses.declared.get(&index) {
        let report = Report::new(*range, message);
        let report =
            report.related_in(&file.path, package.range, "locked version").severity(severity);
        return (path.clone(), report);
    }
    let above = lock.dependants([index]);
    let through: Vec<_> = uses.declared.iter().filter(|(it, _)| above.contains(it)).collect();
    let names: BTreeSet<&str> =
        through.iter().filter_map(|(it, _)| Some(lock.packages.get(**it)?.name)).collect();
    let names: Vec<String> = names.into_iter().take(3).map(|it| format!("`{it}`")).collect();
    if !names.is_empty() {
        message += &format!("; required by {}", names.join(", "));
    }
    let mut report = Report::new(package.range, message).severity(severity);
    for (_, (path, range)) in through.into_iter().take(3) {
        report = report.related_in(path, *range, "required here");
    }
    (file.path.clone(), report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{Fixture, check, silent};

    /// A database with one advisory about `wire` and an informational one about `old`.
    fn database() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let text = |package: &str, id: &str, more: &str| {
            format!(
                r#"```toml
[advisory]
id = "{id}"
package = "{package}"
date = "2024-01-02"
{more}
[versions]
patched = [">= 1.2.3"]
```

# Frames without a length panic
"#
            )
        };
        for (package, id, more) in [
            ("wire", "RUSTSEC-2024-0001", ""),
            ("wire", "RUSTSEC-2023-0009", "withdrawn = \"2024-01-02\""),
            ("old", "RUSTSEC-2024-0002", "informational = \"unmaintained\""),
        ] {
            let crates = folder.path().join("crates").join(package);
            std::fs::create_dir_all(&crates).expect("created");
            std::fs::write(crates.join(format!("{id}.md")), text(package, id, more))
                .expect("written");
        }
        let setting = format!(
            r#"//- readiness.toml
advisory-db = '{}'
"#,
            folder.path().display()
        );
        (folder, setting)
    }

    fn lock(packages: &[(&str, &str, &str)]) -> String {
        let mut text = "//- Cargo.lock\nversion = 4\n".to_string();
        for (name, version, dependencies) in packages {
            text += &format!(
                r#"[[package]]
name = "{name}"
"#
            );
            if *name == "wire" {
                text += "#~ vulnerable-dependency\n";
            }
            text += &format!("version = \"{version}\"\n");
            if *name != "server" {
                text += "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
            }
            text += &format!("dependencies = [{dependencies}]\n");
        }
        text
    }

    fn unmarked(text: &str) -> String {
        text.lines().filter(|line| !line.starts_with("#~")).map(|it| format!("{it}\n")).collect()
    }

    #[test]
    fn a_direct_dependency_is_shown_where_it_is_asked_for() {
        let (_folder, setting) = database();
        let lock = unmarked(&lock(&[("server", "0.1.0", "\"wire\""), ("wire", "1.2.2", "")]));
        let message = "vulnerable-dependency: `wire` 1.2.2 is vulnerable: RUSTSEC-2024-0001, Frames without a length panic; fixed in >=1.2.3";
        let manifest = format!(
            r#"//- Cargo.toml
[package]
name = "server"
[dependencies]
wire = "1"
#~ {message}
"#
        );
        check(&RULE, &format!("{setting}{manifest}{lock}"));
        let inherited = r#"//- Cargo.toml
[workspace]
members = ["s"]
[workspace.dependencies]
wire = "1"
#~ vulnerable-dependency
//- s/Cargo.toml
[package]
name = "server"
[dependencies]
wire.workspace = true
"#;
        check(&RULE, &format!("{setting}{inherited}{lock}"));
        let renamed = r#"//- Cargo.toml
[package]
name = "server"
[dependencies]
w = { package = "wire", version = "1" }
#~ vulnerable-dependency
"#;
        check(&RULE, &format!("{setting}{renamed}{lock}"));
    }

    #[test]
    fn what_others_bring_in_is_shown_in_the_lock_file() {
        let (_folder, setting) = database();
        let lock = lock(&[
            ("server", "0.1.0", "\"http\""),
            ("http", "1.0.0", "\"wire\""),
            ("wire", "1.0.0", ""),
        ]);
        let manifest = r#"//- Cargo.toml
[package]
name = "server"
[dependencies]
http = "1"
"#;
        let source = format!("{setting}{manifest}{lock}");
        check(&RULE, &source);
        let found = Fixture::new(&source, [&RULE]).findings();
        let (path, finding) = &found[0];
        assert_eq!(path, "Cargo.lock");
        assert!(finding.message.ends_with("; required by `http`"), "{}", finding.message);
        assert_eq!(finding.related[0].path.as_deref(), Some("Cargo.toml"));
        assert_eq!(finding.severity, Severity::Critical);
    }

    #[test]
    fn tests_and_the_unmaintained_weigh_less() {
        let (_folder, setting) = database();
        let severity = |source: &str| Fixture::new(source, [&RULE]).findings()[0].1.severity;
        let wire = unmarked(&lock(&[("server", "0.1.0", "\"wire\""), ("wire", "1.0.0", "")]));
        let manifest = r#"//- Cargo.toml
[package]
name = "server"
[dev-dependencies]
wire = "1"
"#;
        assert_eq!(severity(&format!("{setting}{manifest}{wire}")), Severity::Medium);
        let old = lock(&[("server", "0.1.0", "\"old\""), ("old", "1.0.0", "")]);
        let manifest = r#"//- Cargo.toml
[package]
name = "server"
[dependencies]
old = "1"
"#;
        assert_eq!(severity(&format!("{setting}{manifest}{old}")), Severity::Low);
    }

    #[test]
    fn what_is_repaired_or_ignored_is_silent() {
        let (_folder, setting) = database();
        let manifest = r#"//- Cargo.toml
[package]
name = "server"
[dependencies]
wire = "1"
"#;
        let locked = |version: &str| {
            unmarked(&lock(&[("server", "0.1.0", "\"wire\""), ("wire", version, "")]))
        };
        silent(&RULE, &format!("{setting}{manifest}{}", locked("1.2.3")));
        let vulnerable = locked("1.0.0");
        for settings in [
            r#"//- deny.toml
[advisories]
ignore = [{ id = "RUSTSEC-2024-0001", reason = "x" }]
"#,
            r#"//- .cargo/audit.toml
[advisories]
ignore = ["RUSTSEC-2024-0001"]
"#,
        ] {
            silent(&RULE, &format!("{setting}{manifest}{vulnerable}{settings}"));
        }
        // Another package of that name, not from crates.io.
        let git = vulnerable.replace(
            "registry+https://github.com/rust-lang/crates.io-index",
            "git+https://example.org/wire#1",
        );
        silent(&RULE, &format!("{setting}{manifest}{git}"));
        silent(
            &RULE,
            &format!(
                "{setting}//- fuzz/Cargo.lock\n{}",
                vulnerable.replace("//- Cargo.lock\n", "")
            ),
        );
    }

    #[test]
    fn without_a_database_that_is_said_once() {
        let nowhere = r#"//- readiness.toml
advisory-db = 'no/such/folder'
"#;
        let locks = r#"//- Cargo.lock
version = 4
#~ vulnerable-dependency
//- web/Cargo.lock
version = 4
"#;
        let manifest = r#"//- Cargo.toml
[package]
name = "server"
"#;
        check(&RULE, &format!("{nowhere}{manifest}{locks}"));
        let audit = r#"//- .github/workflows/audit.yml
jobs:
  audit:
    steps:
      - uses: rustsec/audit-check@v2
"#;
        silent(&RULE, &format!("{nowhere}{manifest}{}{audit}", unmarked(locks)));
        silent(&RULE, &format!("{nowhere}{manifest}"));
    }
}
