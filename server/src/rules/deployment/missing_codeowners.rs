//! A repository that does not say who owns what.
//!
//! `CODEOWNERS` names the people who must look at a change, by path. Without it a change of the
//! code that handles keys is reviewed by whoever happens to be there.
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
//! The fix writes `.github/CODEOWNERS` with a line for each member; put your teams in:
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
use crate::analysis::{Fix, ProjectContext, Report, Rule, Severity};
use crate::project::{Kind, Project};

pub static RULE: Rule = Rule {
    id: "missing-codeowners",
    severity: Severity::Low,
    source: include_str!("missing_codeowners.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() || cx.files(Kind::CodeOwners).next().is_some() {
        return;
    }
    let Some((file, range)) = cx.anchor() else { return };
    let message = "no CODEOWNERS file says who must review a change";
    cx.report(&file.path, Report::new(range, message).project_fix(create));
}

fn create(project: &Project) -> Vec<Fix> {
    let path = match project.is_listed(".gitlab-ci.yml") {
        true => ".gitlab/CODEOWNERS",
        false => ".github/CODEOWNERS",
    };
    let mut text = "\
# Who must review a change, by path; the last pattern that matches decides.
# Replace @OWNER by the people or teams who own the code.
*\t@OWNER
"
    .to_string();
    let folders = project.files(Kind::Manifest).map(|file| file.folder());
    for folder in folders.filter(|folder| !folder.is_empty()) {
        text += &format!("/{folder}/\t@OWNER\n");
    }
    vec![Fix::create(path, text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    #[test]
    fn a_repository_without_owners_is_reported_at_its_root() {
        check(
            &RULE,
            "
//- Cargo.toml
[workspace]
#~ missing-codeowners: no CODEOWNERS file says who must review a change
members = [\"a\"]
//- a/Cargo.toml
[package]
name = \"a\"
",
        );
        check(&RULE, "//- package.json\n{ \"name\": \"x\" }\n//~ missing-codeowners\n");
        check(&RULE, "//- a/Cargo.toml\n[package]\n#~ missing-codeowners\n");
    }

    #[test]
    fn wherever_the_file_is_it_counts() {
        for path in ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"] {
            silent(&RULE, &format!("//- Cargo.toml\n[package]\n//- {path}\n* @a\n"));
        }
        // A package from a registry is no repository.
        silent(&RULE, "//- Cargo.toml\n[package]\n//- Cargo.toml.orig\n[package]\n");
        silent(&RULE, "//- notes.md\nnothing to own\n");
    }

    #[test]
    fn the_members_are_listed() {
        let manifests = "//- Cargo.toml\n[workspace]\n//- a/Cargo.toml\n[package]\nname = \"a\"\n";
        let files = fixed(&RULE, manifests);
        let owners: Vec<&str> =
            files[".github/CODEOWNERS"].lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(owners, ["*\t@OWNER", "/a/\t@OWNER"]);
    }
}
