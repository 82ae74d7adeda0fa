//! Program whose `Cargo.lock` is ignored by Git.
//!
//! Without the lock file every build uses the newest compatible dependencies. The program that was
//! tested is not the one that is deployed, and an earlier build cannot be reproduced.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() {}
//! //- .gitignore
//! /target
//! Cargo.lock
//! ```
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() {}
//! //- .gitignore
//! /target
//! ```
//!
//! Libraries may ignore their lock file and are not reported.

use super::AREA;
use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::package_contents;
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "lockfile-ignored",
    opportunity: Opportunity::Repository,
    effort: 10,
    severity: Severity::Medium,
    source: include_str!("lockfile_ignored.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() || !cx.is_listed("Cargo.toml") || cx.is_listed("Cargo.lock") {
        return;
    }
    let mut programs = cx.packages().iter().filter(|package| {
        let is_more_than_library = !package.has_lib || package.is_server();
        is_more_than_library
            && package_contents::ships(package)
            && package_contents::is_program(cx, package)
    });
    let Some(program) = programs.next() else { return };
    if !cx.ignores().is_ignored("Cargo.lock") {
        return;
    }
    let Some(file) = cx.file(".gitignore") else { return };
    let mut start = 0;
    let mut found = None;
    for line in file.text.split_inclusive('\n') {
        let pattern = line.trim();
        if matches!(pattern, "Cargo.lock" | "/Cargo.lock" | "**/Cargo.lock" | "*.lock") {
            found = Some((start, line.len(), pattern));
        }
        start += line.len();
    }
    let Some((start, len, pattern)) = found else { return };
    let at = TextSize::new(start as u32);
    let message = format!(
        "`Cargo.lock` of the program `{}` is ignored by Git: builds are not reproducible",
        program.name
    );
    let mut report = Report::new(FileRange::at(at, TextSize::of(pattern)), message);
    // `*.lock` may be meant for other files as well.
    if pattern != "*.lock" {
        let line = FileRange::at(at, TextSize::new(len as u32));
        report = report.project_fix(move |_| {
            vec![Fix {
                title: "Remove `Cargo.lock` from `.gitignore`".to_string(),
                applicability: Applicability::Suggested,
                edits: vec![FileEdit {
                    path: ".gitignore".to_string(),
                    edits: vec![TextEdit::replace(line, String::new())],
                }],
            }]
        });
    }
    cx.report(&file.path, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const PROGRAM: &str = r#"//- Cargo.toml
[package]
name = "p"
//- src/main.rs
fn main() {}
"#;

    #[test]
    fn a_program_without_its_lock_file_is_reported_where_git_ignores_it() {
        for pattern in ["Cargo.lock", "/Cargo.lock", "**/Cargo.lock", "*.lock"] {
            check(
                &RULE,
                &format!(
                    r#"{PROGRAM}//- .gitignore
/target
{pattern}
#~ lockfile-ignored: `Cargo.lock` of the program `p` is ignored by Git: builds are not reproducible
*.bak
"#
                ),
            );
        }
        let member = r#"//- Cargo.toml
[workspace]
members = ["a"]
//- a/Cargo.toml
[package]
name = "a"
//- a/src/main.rs
fn main() {}
"#;
        check(
            &RULE,
            &format!(
                r#"{member}//- .gitignore
Cargo.lock
#~ lockfile-ignored
"#
            ),
        );
    }

    #[test]
    fn libraries_and_programs_with_their_lock_file_are_silent() {
        let ignored = r#"//- .gitignore
/target
Cargo.lock
"#;
        silent(
            &RULE,
            &format!(
                r#"{PROGRAM}//- .gitignore
/target
"#
            ),
        );
        silent(
            &RULE,
            &format!(
                r#"{PROGRAM}{ignored}//- Cargo.lock
version = 4
"#
            ),
        );
        silent(
            &RULE,
            &format!(
                r#"{PROGRAM}//- .gitignore
Cargo.lock
!Cargo.lock
"#
            ),
        );
        silent(
            &RULE,
            &format!(
                r#"//- Cargo.toml
[package]
name = "p"
//- src/lib.rs
pub fn f() {{}}
{ignored}"#
            ),
        );
        // A library with a tool beside it.
        silent(
            &RULE,
            &format!(
                r#"{PROGRAM}//- src/lib.rs
pub fn f() {{}}
{ignored}"#
            ),
        );
        silent(
            &RULE,
            &format!(
                r#"{PROGRAM}{ignored}//- Cargo.toml.orig
[package]
"#
            ),
        );
    }

    #[test]
    fn the_line_is_removed() {
        let files = fixed(
            &RULE,
            &format!(
                r#"{PROGRAM}//- .gitignore
/target
Cargo.lock
*.bak
"#
            ),
        );
        assert_eq!(
            files[".gitignore"],
            r#"/target
*.bak
"#
        );
    }
}
