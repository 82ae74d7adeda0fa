//! Repository without a `CODEOWNERS` file.
//!
//! `CODEOWNERS` assigns reviewers to changes by path. Without it a change of critical code, such as
//! that which handles keys, can be approved by any reviewer.
//!
//! ```project,bad
//! //- Cargo.toml
//! [workspace]
//! members = ["server", "client"]
//! //- server/Cargo.toml
//! [package]
//! name = "server"
//! //- client/Cargo.toml
//! [package]
//! name = "client"
//! ```
//!
//! The fix creates `.github/CODEOWNERS` with a line for each member; replace the owners:
//!
//! ```project
//! //- Cargo.toml
//! [workspace]
//! members = ["server", "client"]
//! //- server/Cargo.toml
//! [package]
//! name = "server"
//! //- .github/CODEOWNERS
//! * @team
//! /server/ @server-team
//! ```

use super::AREA;
use crate::analysis::{Fix, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::{FileKind, Project, ProjectFile};
use crate::text::{FileRange, TextSize};

pub static RULE: Rule = Rule {
    id: "missing-codeowners",
    opportunity: Opportunity::Repository,
    effort: 15,
    severity: Severity::Low,
    seeds: &["B.11", "C.governance"],
    source: include_str!("missing_codeowners.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() {
        return;
    }
    if let Some(file) = cx.files(FileKind::CodeOwners).next() {
        // A file that the fix wrote assigns nobody until the owners are named.
        if let Some(range) = stub(file) {
            let path = file.path.clone();
            cx.report(&path, Report::new(range, "`CODEOWNERS` names `@OWNER`, who is nobody yet"));
        }
        return;
    }
    let Some((file, range)) = cx.anchor() else { return };
    let message = "no `CODEOWNERS` file assigns reviewers to changes";
    cx.report(&file.path, Report::new(range, message).project_fix(create));
}

/// Who the fix names, for a person to replace.
const STUB: &str = "@OWNER";

/// Where a file still has them.
fn stub(file: &ProjectFile) -> Option<FileRange> {
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        if let Some(at) = line.find(STUB).filter(|_| !line.starts_with('#')) {
            return Some(FileRange::at(TextSize::new((start + at) as u32), TextSize::of(STUB)));
        }
        start += line.len();
    }
    None
}

fn create(project: &Project) -> Vec<Fix> {
    let path = match project.is_listed(".gitlab-ci.yml") {
        true => ".gitlab/CODEOWNERS",
        false => ".github/CODEOWNERS",
    };
    let mut text = "\
# Reviewers of changes, by path; the last matching pattern decides.
# Replace @OWNER by the users or teams who own the code.
*\t@OWNER
"
    .to_string();
    let folders = project.files(FileKind::Manifest).map(|file| file.folder());
    for folder in folders.filter(|folder| !folder.is_empty()) {
        text += &format!("/{folder}/\t@OWNER\n");
    }
    vec![Fix::create(path, text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, first_fixes, silent};

    #[test]
    fn a_repository_without_owners_is_reported_at_its_root() {
        check(
            &RULE,
            r#"
//- Cargo.toml
[workspace]
#~ missing-codeowners: no `CODEOWNERS` file assigns reviewers to changes
members = ["a"]
//- a/Cargo.toml
[package]
name = "a"
"#,
        );
        check(
            &RULE,
            r#"//- package.json
{ "name": "x" }
//~ missing-codeowners
"#,
        );
        check(
            &RULE,
            r#"//- a/Cargo.toml
[package]
#~ missing-codeowners
"#,
        );
    }

    #[test]
    fn wherever_the_file_is_it_counts() {
        for path in ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"] {
            silent(
                &RULE,
                &format!(
                    r#"//- Cargo.toml
[package]
//- {path}
* @a
"#
                ),
            );
        }
        // A package from a registry is no repository.
        silent(
            &RULE,
            r#"//- Cargo.toml
[package]
//- Cargo.toml.orig
[package]
"#,
        );
        silent(
            &RULE,
            r#"//- notes.md
nothing to own
"#,
        );
    }

    #[test]
    fn what_the_fix_wrote_is_reported_until_owners_are_named() {
        check(
            &RULE,
            r#"//- Cargo.toml
[package]
//- .github/CODEOWNERS
# Replace @OWNER by the users or teams who own the code.
*	@OWNER
#~ missing-codeowners: `CODEOWNERS` names `@OWNER`, who is nobody yet
"#,
        );
    }

    #[test]
    fn the_members_are_listed() {
        let manifests = r#"//- Cargo.toml
[workspace]
//- a/Cargo.toml
[package]
name = "a"
"#;
        let (fixture, fixes) = first_fixes(&RULE, manifests);
        let files = fixture.apply(&fixes[0]);
        let owners: Vec<&str> =
            files[".github/CODEOWNERS"].lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(owners, ["*\t@OWNER", "/a/\t@OWNER"]);
    }
}
