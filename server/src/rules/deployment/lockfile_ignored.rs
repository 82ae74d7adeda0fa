//! A program whose `Cargo.lock` git ignores.
//!
//! Without the lock file every build takes the newest releases of its dependencies: the program
//! that was tested is not the one that is deployed, and a build of last week cannot be made again.
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
//! Libraries may leave their lock file out, and nothing is reported about them.

use super::AREA;
use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity};
use crate::project::package_contents;
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "lockfile-ignored",
    severity: Severity::Medium,
    source: include_str!("lockfile_ignored.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
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
        "`{}` is a program, and without its Cargo.lock no two builds need be the same",
        program.name
    );
    let mut report = Report::new(FileRange::at(at, TextSize::of(pattern)), message);
    // Another pattern may be meant for other files too.
    if pattern != "*.lock" {
        let line = FileRange::at(at, TextSize::new(len as u32));
        report = report.project_fix(move |_| {
            vec![Fix {
                title: "Keep Cargo.lock in git".to_string(),
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

    const PROGRAM: &str =
        "//- Cargo.toml\n[package]\nname = \"p\"\n//- src/main.rs\nfn main() {}\n";

    #[test]
    fn a_program_without_its_lock_file_is_reported_where_git_ignores_it() {
        for pattern in ["Cargo.lock", "/Cargo.lock", "**/Cargo.lock", "*.lock"] {
            check(
                &RULE,
                &format!(
                    "{PROGRAM}//- .gitignore\n/target\n{pattern}\n#~ lockfile-ignored: `p` is a program, and without its Cargo.lock no two builds need be the same\n*.bak\n"
                ),
            );
        }
        let member = "//- Cargo.toml\n[workspace]\nmembers = [\"a\"]\n//- a/Cargo.toml\n[package]\nname = \"a\"\n//- a/src/main.rs\nfn main() {}\n";
        check(&RULE, &format!("{member}//- .gitignore\nCargo.lock\n#~ lockfile-ignored\n"));
    }

    #[test]
    fn libraries_and_programs_with_their_lock_file_are_silent() {
        let ignored = "//- .gitignore\n/target\nCargo.lock\n";
        silent(&RULE, &format!("{PROGRAM}//- .gitignore\n/target\n"));
        silent(&RULE, &format!("{PROGRAM}{ignored}//- Cargo.lock\nversion = 4\n"));
        silent(&RULE, &format!("{PROGRAM}//- .gitignore\nCargo.lock\n!Cargo.lock\n"));
        silent(
            &RULE,
            &format!(
                "//- Cargo.toml\n[package]\nname = \"p\"\n//- src/lib.rs\npub fn f() {{}}\n{ignored}"
            ),
        );
        // A library with a tool beside it.
        silent(&RULE, &format!("{PROGRAM}//- src/lib.rs\npub fn f() {{}}\n{ignored}"));
        silent(&RULE, &format!("{PROGRAM}{ignored}//- Cargo.toml.orig\n[package]\n"));
    }

    #[test]
    fn the_line_is_taken_out() {
        let files = fixed(&RULE, &format!("{PROGRAM}//- .gitignore\n/target\nCargo.lock\n*.bak\n"));
        assert_eq!(files[".gitignore"], "/target\n*.bak\n");
    }
}
