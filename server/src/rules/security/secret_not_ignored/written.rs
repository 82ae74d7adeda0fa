//! Private files that sources and settings name.

use crate::analysis::ProjectContext;
use crate::project::config_purpose::{Purpose, describes_cluster, purpose};
use crate::project::paths::{file_name, folder_of};
use crate::project::values::{Entry, Node};
use crate::project::{FileKind, Ignores, ProjectFile, ReferenceKind, Role};
use crate::syntax::names::words;
use crate::text::FileRange;

/// Functions that load the variables in `.env`.
pub(super) const DOTENV_CALLS: &[&str] = &["dotenv", "dotenv_iter", "dotenv_override"];

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
    "filename", "from_filename", "from_filename_override", "from_path", "open", "read",
    "read_to_string", "unwrap_or", "unwrap_or_else", "write",
];

/// The private files that sources and settings name, as paths from the root, with what to say and
/// the place where they are named.
pub(super) fn written(cx: &ProjectContext<'_>) -> Vec<(String, String, (String, FileRange))> {
    let mut found = Vec::new();
    let mut names = false;
    for (path, reference) in cx.references() {
        if reference.in_test || !is_shipped(cx, path) {
            continue;
        }
        let place = (path.to_string(), reference.range);
        let (written, callee) = match &reference.kind {
            ReferenceKind::Path { path, callee } => (path, callee),
            ReferenceKind::Call(name) if DOTENV_CALLS.contains(&name.as_str()) => {
                // It loads the file of that name if there is one.
                found.push((".env".to_string(), "loaded file `.env`".to_string(), place));
                continue;
            }
            _ => continue,
        };
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
        found.push((written_path, what, place));
    }
    let mounted = mounted(cx);
    for kind in [
        FileKind::Toml,
        FileKind::Yaml,
        FileKind::Json,
        FileKind::Env,
        FileKind::Compose,
        FileKind::Wrangler,
    ] {
        let least = if kind == FileKind::Env { Purpose::Example } else { Purpose::Development };
        for file in cx.files(kind).filter(|it| purpose(&it.path) >= least) {
            let is_mounted = mounted.iter().any(|it| is_within(&file.path, it));
            let is_elsewhere = |it: &&Node| is_mounted || describes_cluster(file, it);
            for document in file.documents().iter().filter(|it| !is_elsewhere(it)) {
                document.walk(&mut |_, entry| {
                    found.extend(of_setting(file, entry, names));
                });
            }
        }
    }
    found
}

/// The private file or folder that a setting names.
fn of_setting(
    file: &ProjectFile,
    entry: &Entry,
    names_private_files: bool,
) -> Option<(String, String, (String, FileRange))> {
    let value = entry.value.as_str()?;
    // What else a compose file says is said of its containers.
    if file.kind == FileKind::Compose && !matches!(entry.key.as_str(), "file" | "env_file") {
        return None;
    }
    let kept = match is_data_folder(&entry.key) && names_private_files && is_folder(value) {
        true => format!("{}/", relative(value).unwrap_or_default()),
        false => private(value).filter(|_| is_place(&entry.key, value))?,
    };
    if kept.len() < 2 {
        return None;
    }
    let shown = kept.trim_end_matches('/');
    let what = match kept.ends_with('/') {
        true => format!("data folder `{shown}`"),
        false => format!("private file `{shown}`"),
    };
    Some((kept, what, (file.path.clone(), entry.value.range)))
}

/// The files and folders that compose files mount into containers: the paths in them are those of
/// the container.
fn mounted(cx: &ProjectContext<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for file in cx.files(FileKind::Compose) {
        let folder = folder_of(&file.path);
        let mut add = |source: &str| {
            let Some(source) = source.strip_prefix("./").filter(|it| !it.is_empty()) else {
                return;
            };
            let source = source.trim_end_matches('/');
            found.push(match folder {
                "" => source.to_string(),
                folder => format!("{folder}/{source}"),
            });
        };
        for document in file.documents() {
            document.walk(&mut |_, entry| {
                for item in entry.value.items().iter().filter(|_| entry.key == "volumes") {
                    match item.as_str() {
                        Some(mount) => add(mount.split(':').next().unwrap_or_default()),
                        None => {
                            if let Some(source) = item.get("source").and_then(Node::as_str) {
                                add(source);
                            }
                        }
                    }
                }
            });
        }
    }
    found
}

/// Whether a path is that of a file or folder, or below it.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn is_shipped(cx: &ProjectContext<'_>, path: &str) -> bool {
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
        None if file_name(written) == ".env" => {
            return relative(written.trim_end_matches(".env")).map(|folder| {
                match folder.as_str() {
                    "" => ".env".to_string(),
                    folder => format!("{folder}/.env"),
                }
            });
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
pub(super) fn is_ignored(
    cx: &ProjectContext<'_>,
    ignores: &Ignores<'_>,
    path: &str,
    from: &str,
) -> bool {
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
