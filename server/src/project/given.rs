//! Documents that the command line is given, which may lie outside of the project.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Disk;
use super::checkout::checkout_root;

/// A document is read up to here.
const MAX_BYTES: u64 = 1 << 20;

/// The first bytes of a document.
///
/// # Errors
///
/// When it is no regular file, or cannot be read.
pub fn read_document(path: &Path) -> io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "a directory"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The nearest file by a name in the folders above, up to the root of the checkout: its folder, and
/// the path from there to `root`, with a `/` at its end. Without a checkout nothing says how far up
/// the project goes.
pub fn file_above(root: &Path, name: &str) -> Option<(Disk, String)> {
    let checkout = checkout_root(root)?;
    let above = root.ancestors().skip(1).take_while(|it| it.starts_with(checkout));
    let folder = above.into_iter().find(|it| it.join(name).is_file())?;
    let below = root.strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
    Some((Disk::open(folder).ok()?, format!("{below}/")))
}

/// The folders that a file given by itself may be a part of, the outermost first: those up to the
/// root of the checkout that have a manifest, settings or the checkout. Its own folder is the last
/// resort.
pub fn projects_around(file: &Path) -> Vec<PathBuf> {
    let checkout = checkout_root(file);
    let above =
        file.ancestors().skip(1).take_while(|it| checkout.is_none_or(|root| it.starts_with(root)));
    let is_project = |it: &&Path| {
        ["Cargo.toml", "readiness.toml", ".git"].iter().any(|name| it.join(name).exists())
    };
    let mut found: Vec<PathBuf> = above.filter(is_project).map(Path::to_path_buf).collect();
    found.reverse();
    if found.is_empty() {
        found.extend(file.parent().map(Path::to_path_buf));
    }
    found
}

/// The folder of the project that a file lies in: the checkout around it, or else the outermost
/// package.
pub fn nearest_project(file: &Path) -> PathBuf {
    let absolute = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let above: Vec<&Path> = absolute.ancestors().skip(1).collect();
    let has = |name: &str| above.iter().find(|it| it.join(name).exists());
    let package = || above.iter().rev().find(|it| it.join("Cargo.toml").exists());
    let found = has(".git").or_else(package).or(above.first());
    found.map_or_else(|| PathBuf::from("."), |it| it.to_path_buf())
}
