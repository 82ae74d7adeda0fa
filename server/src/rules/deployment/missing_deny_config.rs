//! Project without a dependency policy (`deny.toml`).
//!
//! `deny.toml` states which licences, sources and crates are accepted, and `cargo deny check`
//! checks every change against it. Without it a dependency with an incompatible licence, or from an
//! unknown fork, is added unnoticed.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! hyper = "1"
//! ```
//!
//! The fix creates a policy to start with:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! hyper = "1"
//! //- deny.toml
//! [licenses]
//! allow = ["MIT", "Apache-2.0"]
//! [sources]
//! unknown-registry = "deny"
//! unknown-git = "deny"
//! ```
//!
//! Not reported: projects that use another tool, such as `cargo audit` or a scanner in CI, an
//! `audit.toml`, or the `supply-chain` folder of `cargo vet`.

use super::AREA;
use std::collections::BTreeSet;

use crate::analysis::{FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::ci::{Task, does};
use crate::project::values::Node;
use crate::project::{FileKind, Project};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "missing-deny-config",
    opportunity: Opportunity::Repository,
    effort: 30,
    severity: Severity::Low,
    seeds: &["B.13"],
    source: include_str!("missing_deny_config.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Configuration files of similar tools.
const OTHER_POLICIES: &[&str] = &["audit.toml", ".cargo/audit.toml", "supply-chain/config.toml"];

/// The arguments of cargo-deny in a project without a policy.
const ADVISORIES_ALONE: &str = "check advisories";

/// Permissive licences that only require attribution; sorted.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

fn check(cx: &mut ProjectContext<'_>) {
    let has_dependencies = cx.packages().iter().any(|package| !package.dependencies.is_empty());
    if !cx.is_repository()
        || !has_dependencies
        || cx.files(FileKind::DenyConfig).next().is_some()
        || OTHER_POLICIES.iter().any(|path| cx.is_listed(path))
    {
        return;
    }
    let is_deny = |words: &[String]| words.iter().any(|word| word.contains("deny"));
    let pipeline = cx.pipeline();
    let mut audits = pipeline.commands.iter().filter(|(_, words)| does(words, Task::Audit));
    if audits.any(|(_, words)| !is_deny(words)) {
        return;
    }
    let Some((file, range)) = cx.anchor().filter(|(file, _)| file.kind == FileKind::Manifest)
    else {
        return;
    };
    let message = "no dependency policy: no `deny.toml`";
    cx.report(&file.path, Report::new(range, message).project_fix(create));
}

fn create(project: &Project) -> Vec<Fix> {
    let Some((anchor, _)) = project.anchor() else { return Vec::new() };
    let path = match anchor.folder() {
        "" => "deny.toml".to_string(),
        folder => format!("{folder}/deny.toml"),
    };
    let mut fix = Fix::create(path, policy(project));
    // Without a policy only advisories were checked.
    for file in project.files(FileKind::Ci) {
        let found = file.text.match_indices(ADVISORIES_ALONE);
        let edits: Vec<TextEdit> = found
            .filter_map(|(at, command)| {
                let rest = file.text.get(at + command.len()..)?;
                // Another check may follow.
                let is_alone = rest.lines().next().is_none_or(|it| it.trim().is_empty());
                let start = TextSize::try_from(at + "check".len()).ok()?;
                let range = FileRange::at(start, TextSize::of(" advisories"));
                is_alone.then(|| TextEdit::replace(range, String::new()))
            })
            .collect();
        if file.text.contains("deny") && !edits.is_empty() {
            fix.edits.push(FileEdit { path: file.path.clone(), edits });
        }
    }
    vec![fix]
}

fn policy(project: &Project) -> String {
    let mut licences: BTreeSet<String> = LICENCES.iter().map(|it| it.to_string()).collect();
    let mut sources = BTreeSet::new();
    for root in project.files(FileKind::Manifest).filter_map(|file| file.root()) {
        for package in [root.get("package"), root.at(&["workspace", "package"])].iter().flatten() {
            licences.extend(package.get("license").and_then(Node::as_str).and_then(own_licence));
        }
        root.walk(&mut |above, entry| {
            let in_dependencies = above.iter().any(|it| it.ends_with("dependencies"));
            if entry.key == "git"
                && in_dependencies
                && let Some(url) = entry.value.as_str()
            {
                sources.insert(url.to_string());
            }
        });
    }
    let lines = |values: &BTreeSet<String>| -> String {
        values.iter().map(|it| format!("    {},\n", quoted(it))).collect()
    };
    let sources = match sources.is_empty() {
        true => "[]".to_string(),
        false => format!("[\n{}]", lines(&sources)),
    };
    format!(
        "\
# The policy that `cargo deny check` enforces.
# All settings: https://embarkstudios.github.io/cargo-deny/checks/cfg.html

[graph]
all-features = true

[advisories]
# Known vulnerabilities fail the check. An exception needs a reason:
# {{ id = \"RUSTSEC-0000-0000\", reason = \"why it does not concern us\" }}
ignore = []
yanked = \"deny\"

[licenses]
# Licences that the product may be shipped with.
allow = [
{licences}]
unused-allowed-license = \"allow\"

[licenses.private]
# Packages of this workspace that are not published need no licence.
ignore = true

[bans]
multiple-versions = \"warn\"

[sources]
unknown-registry = \"deny\"
unknown-git = \"deny\"
allow-git = {sources}
",
        licences = lines(&licences)
    )
}

/// The licence of a package if it is a single one; for alternatives a common one is in the list.
fn own_licence(expression: &str) -> Option<String> {
    let is_single = !expression.is_empty()
        && expression.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-'));
    is_single.then(|| expression.to_string())
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Format;
    use crate::project::values;
    use crate::rules::fixture::{check, fixed, silent};

    const PACKAGE: &str = r#"//- Cargo.toml
[package]
name = "a"
[dependencies]
hyper = "1"
"#;

    #[test]
    fn a_project_without_a_policy_is_reported_at_its_root() {
        check(
            &RULE,
            r#"//- Cargo.toml
[package]
#~ missing-deny-config: no dependency policy: no `deny.toml`
name = "a"
[dependencies]
hyper = "1"
"#,
        );
        check(
            &RULE,
            r#"//- Cargo.toml
[workspace]
#~ missing-deny-config
//- a/Cargo.toml
[package]
name = "a"
[dependencies]
hyper = "1"
"#,
        );
        let ci = r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
      - uses: EmbarkStudios/cargo-deny-action@v2
"#;
        check(
            &RULE,
            &format!(
                "{}{ci}",
                PACKAGE.replace(
                    "[package]\n",
                    r#"[package]
#~ missing-deny-config
"#
                )
            ),
        );
    }

    #[test]
    fn a_policy_of_any_kind_counts() {
        for path in ["deny.toml", ".deny.toml", ".cargo/deny.toml", "a/deny.toml", "audit.toml"] {
            silent(
                &RULE,
                &format!(
                    r#"{PACKAGE}//- {path}
a = 1
"#
                ),
            );
        }
        silent(
            &RULE,
            &format!(
                r#"{PACKAGE}//- supply-chain/config.toml
a = 1
"#
            ),
        );
        let ci = r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
      - run: cargo audit
"#;
        silent(&RULE, &format!("{PACKAGE}{ci}"));
    }

    #[test]
    fn a_workflow_that_checks_advisories_alone_checks_the_policy_from_then_on() {
        let ci = r#"//- .github/workflows/ci.yml
jobs:
  a:
    steps:
      - uses: EmbarkStudios/cargo-deny-action@v2
        with:
          command: check advisories
      - run: cargo deny check advisories bans
"#;
        let files = fixed(&RULE, &format!("{PACKAGE}{ci}"));
        let text = &files[".github/workflows/ci.yml"];
        assert!(
            text.contains("command: check\n") && text.contains("check advisories bans"),
            "{text}"
        );
    }

    #[test]
    fn what_has_no_dependencies_needs_no_policy() {
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
"#,
        );
        silent(
            &RULE,
            &format!(
                r#"{PACKAGE}//- .cargo_vcs_info.json
{{}}
"#
            ),
        );
        silent(
            &RULE,
            r#"//- package.json
{ "dependencies": { "a": "1" } }
"#,
        );
    }

    #[test]
    fn the_policy_is_toml_and_allows_what_the_project_has() {
        let files = fixed(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
license = "AGPL-3.0-only"
[dependencies]
b = { git = "https://github.com/a/b" }
"#,
        );
        let text = &files["deny.toml"];
        let root = &values::parse(text, Format::Toml).expect("it parses")[0];
        let strings = |path: &[&str]| -> Vec<String> {
            let items = root.at(path).expect("it is there").items();
            items.iter().filter_map(|it| it.as_str().map(str::to_string)).collect()
        };
        assert!(strings(&["licenses", "allow"]).contains(&"AGPL-3.0-only".to_string()));
        assert_eq!(strings(&["sources", "allow-git"]), ["https://github.com/a/b"]);
        // The keys that cargo-deny knows, by its documentation; it refuses others.
        let known = [
            "graph", "all-features", "advisories", "ignore", "yanked", "licenses", "allow",
            "unused-allowed-license", "private", "bans", "multiple-versions", "sources",
            "unknown-registry", "unknown-git", "allow-git",
        ];
        root.walk(&mut |_, entry| assert!(known.contains(&entry.key.as_str()), "{}", entry.key));
    }
}
