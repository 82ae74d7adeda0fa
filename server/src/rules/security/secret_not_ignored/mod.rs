//! Private key, database or `.env` file not ignored by Git.
//!
//! Files that a program writes beside its sources are committed with the next `git add .`: the key
//! of its certificate, the database with its users. They are then in the history of every clone.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .gitignore
//! /target
//! //- src/main.rs
//! fn main() {
//!     let key = std::fs::read("data/server.key");
//!     let db = Connection::open("data/server.db");
//! }
//! ```
//!
//! Ignore the folder:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .gitignore
//! /target
//! /data/
//! //- src/main.rs
//! fn main() {
//!     let key = std::fs::read("data/server.key");
//!     let db = Connection::open("data/server.db");
//! }
//! ```
//!
//! The rule reports once for a folder: what is there, what the program reads or writes there, and
//! `.env` where it is loaded. Paths in a container or a cluster are no files of the repository. A
//! file that is committed stays in the repository until `git rm --cached` removes it, and a key in
//! it has to be replaced. The severity is high where a Dockerfile copies a committed file into an
//! image: who has the repository or the image can act as the server.

mod present;
#[cfg(test)]
mod tests;
mod written;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use self::present::{copying_image, is_used, present};
use self::written::{is_ignored, written};
use super::AREA;
use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::{Indexed, Project, ProjectFile};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "secret-not-ignored",
    opportunity: Opportunity::Repository,
    effort: 10,
    severity: Severity::Medium,
    cwe: &[538],
    seeds: &["B.3"],
    source: include_str!("mod.rs"),
    indexed: &[
        Indexed::FileNames { extensions: PRIVATE_FILES, schemes: &["sqlite:"] },
        Indexed::Calls(written::DOTENV_CALLS),
    ],
    project: Some(review),
    ..Rule::project(AREA)
};

/// Extensions of files that no repository should have: keys, certificates, databases and `.env`.
const PRIVATE_FILES: &[&str] = &[
    "cer", "crt", "db", "der", "env", "jks", "key", "p12", "pem", "pfx", "redb", "sqlite",
    "sqlite3",
];

/// Something private that Git does not ignore.
struct Exposed {
    /// What it is, as the subject of the message.
    what: String,
    /// Where it is written or configured; nothing for a file that is there.
    place: Option<(String, FileRange)>,
    /// Whether Git has it already.
    tracked: bool,
    /// Whether something that ships refers to it; another one is mostly a sample.
    is_used: bool,
    /// The Dockerfile that copies it into an image.
    image: Option<String>,
}

fn review(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() {
        return;
    }
    let ignores = cx.ignores();
    // By the line of `.gitignore` that would keep it out.
    let mut exposed: BTreeMap<String, Exposed> = BTreeMap::new();
    for (path, what) in present(cx) {
        let tracked = cx.is_tracked(&path);
        if tracked || !ignores.is_ignored(&path) {
            let is_used = is_used(cx, &path);
            let image = copying_image(cx, &path).filter(|_| tracked).map(str::to_string);
            let found = Exposed { what, place: None, tracked, is_used, image };
            match exposed.entry(entry_for(&path)) {
                Entry::Vacant(entry) => {
                    entry.insert(found);
                }
                // The worst of them is named.
                Entry::Occupied(mut entry) => {
                    let weight = |it: &Exposed| (it.image.is_some(), it.tracked, it.is_used);
                    if weight(&found) > weight(entry.get()) {
                        entry.insert(found);
                    }
                }
            }
        }
    }
    for (written, what, place) in written(cx) {
        if !is_ignored(cx, &ignores, &written, &place.0) {
            let entry = exposed.entry(entry_for(&written));
            let place = Some(place);
            let found = Exposed { what, place, tracked: false, is_used: true, image: None };
            entry.or_insert(found);
        }
    }
    let gitignore = cx.file(".gitignore").cloned();
    let anchor = cx.anchor().map(|(file, range)| (file.path.clone(), range));
    for (entry, Exposed { what, place, tracked, is_used, image }) in exposed {
        let end = gitignore.as_ref().map(|file| last_line(file));
        let (path, range) = match (place, &end, &anchor) {
            (Some(place), ..) => place,
            (None, Some(end), _) => (".gitignore".to_string(), *end),
            (None, None, Some(anchor)) => anchor.clone(),
            (None, None, None) => continue,
        };
        let message = match (tracked, &image) {
            (true, Some(file)) => {
                format!("{what} is tracked by Git, and `{file}` copies it into an image")
            }
            (true, None) => format!("{what} is tracked by Git"),
            (false, _) => format!("{what} is not ignored by Git"),
        };
        let report = Report::new(range, message);
        let mut report = match (tracked, is_used) {
            (true, _) if image.is_some() => report.severity(Severity::High),
            (true, true) => report.severity(Severity::Medium),
            (true, false) => report.lowered(Severity::Low, "nothing that ships refers to it"),
            (false, _) => report.severity(Severity::Medium),
        };
        if let Some(end) = end.filter(|_| path != ".gitignore") {
            report = report.related_in(".gitignore", end, "`.gitignore` ends here");
        }
        cx.report(&path, report.project_fix(move |project| ignore(project, &entry)));
    }
}

/// The last line with text: what is there is read from it.
fn last_line(file: &ProjectFile) -> FileRange {
    let text = file.text.trim_end();
    let start = text.rfind('\n').map_or(0, |at| at + 1);
    FileRange::new(TextSize::new(start as u32), TextSize::of(text))
}

/// The line that keeps a path out: its first folder when nothing else is in it, else the path.
fn entry_for(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("/{folder}/"),
        None => format!("/{path}"),
    }
}

fn ignore(project: &Project, entry: &str) -> Vec<Fix> {
    // A folder that holds more than what is private cannot be kept out as a whole.
    let folder = entry.trim_matches('/');
    let is_shared = entry.ends_with('/') && project.is_listed(folder);
    let entries: Vec<String> = match is_shared {
        true => ["*.key", "*.pem", "*.db", "*.db-*", "*.sqlite*"]
            .map(|it| format!("{entry}{it}"))
            .into(),
        false => vec![entry.to_string()],
    };
    let text = project.file(".gitignore").map(|file| file.text.to_string()).unwrap_or_default();
    let missing = |entry: &&String| !text.lines().any(|line| line.trim() == *entry);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: String =
        entries.iter().filter(missing).map(|entry| format!("{entry}{newline}")).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let title = match is_shared {
        true => format!("Ignore keys and databases in `{entry}`"),
        false => format!("Add `{entry}` to `.gitignore`"),
    };
    let end = FileRange::empty(TextSize::of(text.as_str()));
    vec![Fix {
        title,
        applicability: Applicability::Suggested,
        edits: vec![FileEdit {
            path: ".gitignore".to_string(),
            edits: vec![TextEdit::replace(end, format!("{gap}{lines}"))],
        }],
    }]
}
