//! Documents that the command line is given, which may lie outside of the project.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

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
