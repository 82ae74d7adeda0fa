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
//! The rule reports once for a folder. A file that is committed stays in the repository until
//! `git rm --cached` removes it, and a key in it has to be replaced.

use super::AREA;
use crate::project::paths::{file_name, folder_of};
use std::collections::BTreeMap;

use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::values::Node;
use crate::project::{Ignores, Indexed, Kind, Project, ProjectFile, ReferenceKind, Role};
use crate::semantics::secrets::{SecretNames, is_pem_private_key};
use crate::syntax::names::words;
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "secret-not-ignored",
    severity: Severity::Critical,
    source: include_str!("secret_not_ignored.rs"),
    indexed: &[Indexed::FileNames { extensions: PRIVATE_FILES, schemes: &["sqlite:"] }],
    project: Some(review),
    ..Rule::project(AREA)
};

/// Extensions of files that no repository should have: keys, certificates and databases.
const PRIVATE_FILES: &[&str] =
    &["cer", "crt", "db", "der", "jks", "key", "p12", "pem", "pfx", "redb", "sqlite", "sqlite3"];

/// Calls that only name a path, or put it behind a folder.
const NAMING_CALLS: &[&str] = &[
    "assert", "assert_eq", "child", "contains", "context", "debug", "default_value_if", "doc",
    "ends_with", "eprintln", "eq", "error", "expect", "format", "help", "info", "matches", "panic",
    "println", "push", "serde", "set_file_name", "starts_with", "strip_suffix", "trace",
    "trim_end_matches", "value_name", "vec", "warn", "with_extension", "with_file_name",
];

/// Calls that open a path, or make it the default of a setting.
const OPENING_CALLS: &[&str] = &[
    "arg", "clap", "connect", "connect_lazy", "create", "create_new", "establish", "file",
    "filename", "open", "read", "read_to_string", "unwrap_or", "unwrap_or_else", "write",
];

/// Something private that Git does not ignore.
struct Exposed {
    /// What it is, as the subject of the message.
    what: String,
    /// Where it is written or configured; nothing for a file that is there.
    place: Option<(String, FileRange)>,
}

fn review(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() {
        return;
    }
    // By the line of `.gitignore` that would keep it out.
    let mut exposed: BTreeMap<String, Exposed> = BTreeMap::new();
    for (path, what) in present(cx) {
        exposed.entry(entry_for(&path)).or_insert(Exposed { what, place: None });
    }
    let ignores = cx.ignores();
    for (written, what, place) in written(cx) {
        if !is_ignored(cx, &ignores, &written, &place.0) {
            let entry = exposed.entry(entry_for(&written));
            entry.or_insert(Exposed { what, place: Some(place) });
        }
    }
    let gitignore = cx.file(".gitignore").cloned();
    let anchor = cx.anchor().map(|(file, range)| (file.path.clone(), range));
    for (entry, Exposed { what, place }) in exposed {
        let end = gitignore.as_ref().map(|file| last_line(file));
        let (path, range, message) = match (place, &end, &anchor) {
            (Some((path, range)), ..) => (path, range, format!("{what} is not ignored by Git")),
            (None, Some(end), _) => {
                (".gitignore".to_string(), *end, format!("{what} is not ignored by Git"))
            }
            (None, None, Some((path, range))) => {
                (path.clone(), *range, format!("{what} is not ignored by Git"))
            }
            (None, None, None) => continue,
        };
        let mut report = Report::new(range, message);
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
    let text = project.file(".gitignore").map(|file| file.text.to_string()).unwrap_or_default();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    // A folder that holds more than what is private cannot be kept out as a whole.
    let folder = entry.trim_matches('/');
    let is_shared = entry.ends_with('/') && project.is_listed(folder);
    let lines = match is_shared {
        true => ["*.key", "*.pem", "*.db", "*.db-*", "*.sqlite*"]
            .map(|it| format!("{entry}{it}{newline}"))
            .concat(),
        false => format!("{entry}{newline}"),
    };
    let end = FileRange::empty(TextSize::of(text.as_str()));
    vec![Fix {
        title: format!("Add `{entry}` to `.gitignore`"),
        applicability: Applicability::Suggested,
        edits: vec![FileEdit {
            path: ".gitignore".to_string(),
            edits: vec![TextEdit::replace(end, format!("{gap}{lines}"))],
        }],
    }]
}

/// What is there, is private, and is not ignored.
fn present(cx: &ProjectContext<'_>) -> Vec<(String, String)> {
    let keys = cx.files(Kind::Pem).filter(|file| is_pem_private_key(&file.text));
    let mut found: Vec<(String, String)> = keys
        .filter(|file| is_real(&file.path))
        .map(|file| (file.path.clone(), format!("private key `{}`", file.path)))
        .collect();
    for path in cx.listing() {
        let what = match extension(path) {
            "p12" | "pfx" | "jks" => "key store",
            "db" | "sqlite" | "sqlite3" | "redb" => "database",
            _ => continue,
        };
        if is_real(path) && !path.ends_with("Thumbs.db") {
            found.push((path.clone(), format!("{what} `{path}`")));
        }
    }
    let names = SecretNames::default();
    for file in cx.files(Kind::Env) {
        let is_local =
            matches!(file.name(), ".env" | ".env.local" | ".env.production" | ".env.prod");
        let entries = file.root().into_iter().flat_map(Node::entries);
        let has_secret = entries
            .filter(|it| it.value.as_str().is_some_and(|it| !it.is_empty() && !it.contains('$')))
            .any(|it| names.kind(&it.key).is_some());
        if is_local && has_secret && is_real(&file.path) {
            let what = format!("file with secrets `{}`", file.path);
            found.push((file.path.clone(), what));
        }
    }
    found
}

fn extension(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether a path is not that of an example or of something tests and programs are shipped with.
fn is_real(path: &str) -> bool {
    const SHIPPED: &[&str] = &[
        "assets", "asset", "resources", "resource", "static", "public", "data", "dataset",
        "datasets", "src", "include", "corpus", "fuzz", "notebooks", "vendor", "packages",
    ];
    let mut folders = path.rsplit('/').skip(1);
    let is_database = matches!(extension(path), "db" | "sqlite" | "sqlite3" | "redb");
    let shipped = folders.any(|it| SHIPPED.contains(&it) && (is_database && it != "data"));
    purpose(path) >= Purpose::Development && !shipped
}

/// The private files that sources and settings name, as paths from the root, with what to say and
/// the place where they are named.
fn written(cx: &ProjectContext<'_>) -> Vec<(String, String, (String, FileRange))> {
    let mut found = Vec::new();
    let mut names = false;
    for (path, reference) in cx.references() {
        let ReferenceKind::Path { path: written, callee } = &reference.kind else { continue };
        if reference.in_test || !is_shipped(cx, path) {
            continue;
        }
        let Some(written_path) = private(written) else { continue };
        names = true;
        // A bare name is mostly put behind a folder that is not known here.
        let is_for_others = purpose(&written_path) < Purpose::Development;
        if is_for_others
            || written_path.starts_with("path/to/")
            || is_named_only(callee)
            || !written_path.contains('/') && !opens(callee)
        {
            continue;
        }
        let what = format!("private file `{written_path}`");
        found.push((written_path, what, (path.to_string(), reference.range)));
    }
    for kind in [Kind::Toml, Kind::Yaml, Kind::Json, Kind::Env, Kind::Compose, Kind::Wrangler] {
        let least = if kind == Kind::Env { Purpose::Example } else { Purpose::Development };
        for file in cx.files(kind).filter(|it| purpose(&it.path) >= least) {
            for document in file.documents() {
                document.walk(&mut |_, entry| {
                    let Some(value) = entry.value.as_str() else { return };
                    let kept = match is_data_folder(&entry.key) && names && is_folder(value) {
                        true => Some(format!("{}/", relative(value).unwrap_or_default())),
                        false => private(value).filter(|_| is_place(&entry.key, value)),
                    };
                    let Some(kept) = kept.filter(|it| it.len() > 1) else { return };
                    let place = (file.path.clone(), entry.value.range);
                    let shown = kept.trim_end_matches('/');
                    let what = match kept.ends_with('/') {
                        true => format!("data folder `{shown}`"),
                        false => format!("private file `{shown}`"),
                    };
                    found.push((kept, what, place));
                });
            }
        }
    }
    found
}

fn is_shipped(cx: &ProjectContext<'_>, path: &str) -> bool {
    let role = cx.packages().owner(path).map(|package| package.role(path));
    matches!(role, Some(Role::Lib | Role::Bin))
}

/// The path of a private file as it is written in code or settings, from the root; nothing for
/// files elsewhere, and for certificates, which are public.
fn private(written: &str) -> Option<String> {
    let path = match written.strip_prefix("sqlite:") {
        Some(rest) => {
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            return relative(rest.split('?').next()?)
                .filter(|it| !it.is_empty() && !it.starts_with(':'));
        }
        None => relative(written)?,
    };
    let (stem, extension) = path.rsplit_once('.')?;
    let name = file_name(stem);
    let is_key = words(name).any(|it| matches!(it.as_str(), "key" | "private" | "privkey"));
    let is_public = words(name).any(|it| matches!(it.as_str(), "public" | "pub" | "cert" | "ca"));
    match extension {
        "db" | "sqlite" | "sqlite3" | "redb" | "p12" | "pfx" | "jks" => {}
        "key" => {}
        "pem" | "der" if is_key && !is_public => {}
        _ => return None,
    }
    (!name.is_empty()).then_some(path)
}

/// A path below the root without `./`; nothing for one elsewhere, or put together from variables.
fn relative(path: &str) -> Option<String> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let is_inside = !path.starts_with(['/', '~', '.', '\\'])
        && !path.contains("..")
        && !path.contains(['$', '{', '%', ':', '<', ' ', '@', '*'])
        && !path.contains("//");
    is_inside.then(|| path.trim_end_matches('/').to_string())
}

/// Whether a setting is the folder that a program keeps its data in.
fn is_data_folder(key: &str) -> bool {
    let list: Vec<String> = words(key).collect();
    let last = list.last().map(String::as_str);
    let first = list
        .iter()
        .any(|it| matches!(it.as_str(), "data" | "storage" | "state" | "database" | "db"));
    first && matches!(last, Some("dir" | "directory" | "folder" | "datadir"))
}

fn is_folder(value: &str) -> bool {
    relative(value).is_some_and(|it| !it.is_empty() && !it.contains('.'))
}

/// Whether the value of a setting is the place of a file.
fn is_place(key: &str, value: &str) -> bool {
    value.contains('/')
        || value.starts_with("sqlite:")
        || words(key).any(|it| {
            matches!(it.as_str(), "path" | "file" | "key" | "database" | "db" | "url" | "store")
        })
}

/// Whether a function that is given a path does not open it: the folder is another one, or the
/// path is only looked at.
fn is_named_only(callee: &str) -> bool {
    callee.contains("join") || NAMING_CALLS.contains(&callee)
}

/// Whether a function opens the file that it is given, or has it as a default of a setting.
fn opens(callee: &str) -> bool {
    OPENING_CALLS.contains(&callee)
}

/// Whether git ignores a path that a program uses: from the root, or from the package that it is
/// run in.
fn is_ignored(cx: &ProjectContext<'_>, ignores: &Ignores<'_>, path: &str, from: &str) -> bool {
    let package = cx.packages().owner(from).map(|it| it.folder.clone()).unwrap_or_default();
    let folder = folder_of(from);
    let probe = if path.ends_with('/') { format!("{path}a.db") } else { path.to_string() };
    [package.as_str(), folder]
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(|base| format!("{base}/{probe}"))
        .chain([probe.clone()])
        .any(|it| ignores.is_ignored(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "a"
edition = "2024"
"#;
    const KEY: &str = r#"-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIA==
-----END PRIVATE KEY-----
"#;

    #[test]
    fn what_is_there_is_reported_at_the_ignore_file() {
        check(
            &RULE,
            &format!(
                "{MANIFEST}//- .gitignore
/target
*.log
#~ secret-not-ignored: private key `certs/a.key` is not ignored by Git
//- certs/a.key
{KEY}//- certs/b.key
{KEY}"
            ),
        );
        check(
            &RULE,
            r#"//- Cargo.toml
[package]
#~ secret-not-ignored
//- .env
DB_PASSWORD=engine1843
"#,
        );
        check(
            &RULE,
            r#"//- Cargo.toml
[package]
#~ secret-not-ignored
//- users.sqlite

"#,
        );
    }

    #[test]
    fn what_the_program_writes_is_reported_where_it_says_so() {
        check(
            &RULE,
            &format!(
                "{MANIFEST}//- .gitignore
/target
//- src/main.rs
fn main() {{
    let db = Connection::open(\"data/server.db\");
                            //^^^^^^^^^^^^^^^^ secret-not-ignored: private file `data/server.db` is not ignored by Git
    let key = fs::read(\"data/server-key.der\");
    let pool = connect(\"sqlite://app.db?mode=rwc\");
    //~ secret-not-ignored
}}
struct Args {{
    #[arg(long, default_value = \"certs/tls.key\")]
    //~ secret-not-ignored
    key: PathBuf,
}}
"
            ),
        );
        check(
            &RULE,
            &format!(
                "{MANIFEST}//- src/main.rs
fn main() {{ let db = open(dir.join(\"server.db\")); }}
//- config/server.toml
data_dir = \"data\"
#          ^^^^^^ secret-not-ignored: data folder `data` is not ignored by Git
//- .env.example
DATABASE_URL=sqlite:local.db
#~ secret-not-ignored
"
            ),
        );
    }

    #[test]
    fn what_is_ignored_public_or_elsewhere_is_left_alone() {
        let source = r#"//- src/main.rs
fn main() { open("data/server.db"); }
"#;
        for ignored in ["/data/", "data", "*.db", "data/*.db", "**/data/"] {
            silent(
                &RULE,
                &format!(
                    r#"{MANIFEST}{source}//- .gitignore
{ignored}
"#
                ),
            );
        }
        for source in [
            "fn main() { open(\"/var/lib/a/server.db\"); }",
            "fn main() { open(\"data/server.crt\"); }",
            "fn main() { open(\"certs/cert.pem\"); }",
            "fn main() { open(dir.join(\"server.db\")); }",
            "const NAME: &str = \"server.db\";",
            "const KEY: &str = \"tests/data/server.key\";",
            "fn main() { Certificate::open(\"path/to/server.pfx\"); }",
            "fn main() { open(&join_path(dir, \"server.db\")); }",
            "fn main() { if name.ends_with(\"x.db\") {} }",
            "fn main() { connect(\"sqlite::memory:\"); }",
            "#[cfg(test)]\nmod tests { fn a() { open(\"data/server.db\"); } }",
        ] {
            silent(
                &RULE,
                &format!(
                    r#"{MANIFEST}//- src/main.rs
{source}
"#
                ),
            );
        }
        for file in [
            r#"//- certs/ca.pem
-----BEGIN CERTIFICATE-----
AA
-----END CERTIFICATE-----
"#
            .to_string(),
            format!("//- tests/server.key\n{KEY}"),
            format!("//- examples/server.key\n{KEY}"),
            r#"//- .env.example
DB_PASSWORD=engine1843
"#
            .to_string(),
            r#"//- .env
PORT=80
SECRET_KEY=
"#
            .to_string(),
            "//- talk.key\nno text\n".to_string(),
            r#"//- config.toml
data_dir = "/var/lib/a"
"#
            .to_string(),
            r#"//- examples/a.toml
identity = "examples/a/identity.pfx"
"#
            .to_string(),
        ] {
            silent(&RULE, &format!("{MANIFEST}{file}"));
        }
    }

    #[test]
    fn the_line_is_added() {
        let source = format!(
            r#"{MANIFEST}//- src/main.rs
fn main() {{ open("data/server.db"); }}
"#
        );
        assert_eq!(fixed(&RULE, &source)[".gitignore"], "/data/\n");
        let after = |text: &str| {
            fixed(&RULE, &format!("{source}//- .gitignore\n{text}"))[".gitignore"].clone()
        };
        assert_eq!(after("/target\r\n"), "/target\r\n/data/\r\n");
        assert_eq!(after("/target\n"), "/target\n/data/\n");
        let files = fixed(
            &RULE,
            &format!(
                r#"{source}//- data/schema.txt
x
"#
            ),
        );
        assert!(files[".gitignore"].starts_with(
            r#"/data/*.key
/data/*.pem
/data/*.db
"#
        ));
    }
}
