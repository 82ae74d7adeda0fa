//! Which file of the project a document means.

use super::code::Code;
use crate::project::paths::{file_name, folder_of, is_below, join};

/// What a path of a document leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// One file or folder.
    Found(String),
    /// Files that it may be, none of which is nearer than the others.
    Many(Vec<String>),
    /// Nothing, though it begins as paths of the project do.
    Missing,
    /// Nothing that can be told: it is no path of the project, or none that Git would keep.
    Foreign,
}

/// Folders of what is built.
const BUILT: &[&str] = &["target", "node_modules", "dist", "build", "out", "bin", "_site", "book"];

/// Resolves a path that a document names: from the root, from its own folder, or by its last parts.
pub fn resolve(code: &Code<'_>, document: &str, path: &str) -> Resolved {
    let path = path.trim_end_matches('/');
    let own = folder_of(document);
    if let Some(found) = relative(code, own, path) {
        return Resolved::Found(found);
    }
    let path = path.trim_start_matches("./");
    if path.starts_with("../") {
        return Resolved::Foreign;
    }
    let path = path.trim_start_matches('/');
    // Members are often written without the folder that they are in.
    let ending = format!("/{path}");
    let candidates = code.named(file_name(path)).iter();
    let mut found: Vec<String> =
        candidates.filter(|it| it.ends_with(&ending)).map(|it| it.to_string()).collect();
    if found.len() > 1 {
        let shared = |it: &String| shared_folders(own, it);
        let nearest = found.iter().map(shared).max().unwrap_or(0);
        found.retain(|it| shared(it) == nearest);
    }
    match found.as_slice() {
        [] if is_of_project(code, own, path) => Resolved::Missing,
        [] => Resolved::Foreign,
        [one] => Resolved::Found(one.clone()),
        _ => Resolved::Many(found),
    }
}

/// Resolves the destination of a link.
pub fn resolve_link(code: &Code<'_>, document: &str, path: &str) -> Resolved {
    match relative(code, folder_of(document), path.trim_end_matches('/')) {
        Some(found) => Resolved::Found(found),
        None if join(folder_of(document), path).starts_with("..") => Resolved::Foreign,
        None if code.cx.is_published_package() => Resolved::Foreign,
        None => Resolved::Missing,
    }
}

/// A path below the folder of a document or one above it.
fn relative(code: &Code<'_>, folder: &str, path: &str) -> Option<String> {
    let mut folder = folder;
    loop {
        let joined = join(folder, path);
        if !joined.is_empty() && !joined.starts_with("..") && code.cx.exists(&joined) {
            return Some(joined);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder_of(folder);
    }
}

fn shared_folders(a: &str, b: &str) -> usize {
    let folders = |it: &str| folder_of(it).split('/').map(str::to_string).collect::<Vec<_>>();
    let a: Vec<String> = a.split('/').map(str::to_string).collect();
    a.iter().zip(folders(b)).take_while(|(a, b)| **a == *b).count()
}

/// Whether a path that leads to nothing begins as those of the project do.
fn is_of_project(code: &Code<'_>, own: &str, path: &str) -> bool {
    let Some((first, rest)) = path.split_once('/') else { return false };
    // The sources of another program that the document speaks of, such as the one that is ported.
    if !code.has_extension_of(path) {
        return false;
    }
    if is_in_submodule(code, own, path) {
        return false;
    }
    let is_built =
        path.split('/').any(|it| BUILT.contains(&it)) || code.cx.ignores().is_ignored(path);
    let is_there = |folder: &str| {
        let joined = join(folder, first);
        code.cx.is_listed(&joined) && !code.cx.listing().contains(&joined)
    };
    let mut folder = own;
    let begins = loop {
        if is_there(folder) {
            break true;
        }
        if folder.is_empty() {
            break false;
        }
        folder = folder_of(folder);
    };
    // A package of a registry leaves files out.
    let may_be_left_out = code.cx.is_published_package() && !path.starts_with("src/");
    begins && !rest.is_empty() && !is_built && !may_be_left_out
}

/// Whether the folder of a file is there: where it is not, the document may speak of another project.
pub fn has_folder(code: &Code<'_>, document: &str, path: &str) -> bool {
    let folder = folder_of(path.trim_start_matches("./"));
    folder.is_empty() || relative(code, folder_of(document), folder).is_some()
}

/// Whether a path lies in a submodule, which a checkout may leave out.
fn is_in_submodule(code: &Code<'_>, own: &str, path: &str) -> bool {
    const LIST: &str = ".gitmodules";
    if !code.cx.is_listed(LIST) {
        return false;
    }
    let text = code.text(LIST).unwrap_or_default();
    let folders = text.lines().filter_map(|line| {
        let (key, folder) = line.split_once('=')?;
        (key.trim() == "path").then(|| folder.trim().to_string())
    });
    let mut folders = folders;
    folders.any(|it| is_below(path, &it) || is_below(&join(own, path), &it))
}
