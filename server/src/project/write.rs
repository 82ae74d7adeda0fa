//! Writing a file in the place of another, without losing what someone else wrote meanwhile.

use std::fs::{self, File, Metadata};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::read::{self, ReadError};
use crate::syntax::MAX_FILE_BYTES;

/// What the names of files begin with that are about to take the place of others. One is left when
/// the process is killed.
const TEMPORARY: &str = ".readiness-write-";

/// What is older was left by a process that is gone.
const LEFT_AFTER: Duration = Duration::from_secs(600);

/// Whether a file is one that only stands in for another for a moment.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// Replaces the text of a file, or makes it where nothing was `before`.
pub(super) fn replace(path: &Path, before: Option<&str>, text: &str) -> Result<(), ReadError> {
    let folder = path.parent().ok_or(ReadError::Outside)?;
    remove_left(folder);
    check_is_still(path, before)?;
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(has_other_names) {
        return overwrite(path, text);
    }
    let mut file = new_file_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Some(old) = &old {
        if !take_owner(file.as_file(), old) {
            return overwrite(path, text);
        }
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    check_is_still(path, before)?;
    put_in_place(file, path, before)
}

/// Whether the file has still the text that the new one was made from.
fn check_is_still(path: &Path, before: Option<&str>) -> Result<(), ReadError> {
    let now = match read::bytes(path, MAX_FILE_BYTES) {
        Ok(now) => Some(now),
        Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(ReadError::TooLarge) => return Err(ReadError::Changed),
        Err(error) => return Err(error),
    };
    if now.as_deref() == before.map(str::as_bytes) { Ok(()) } else { Err(ReadError::Changed) }
}

/// Exchanges both files in one step: what someone wrote between the last look and this is seen
/// then, and put back.
#[cfg(target_os = "linux")]
fn put_in_place(file: NamedTempFile, path: &Path, before: Option<&str>) -> Result<(), ReadError> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    let exchange = || renameat_with(CWD, file.path(), CWD, path, RenameFlags::EXCHANGE);
    // A new file has nothing to be exchanged with, and not every file system can.
    if before.is_none() || exchange().is_err() {
        return persist(file, path, before);
    }
    if let Err(error) = check_is_still(file.path(), before) {
        exchange().map_err(std::io::Error::from)?;
        return Err(error);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn put_in_place(file: NamedTempFile, path: &Path, before: Option<&str>) -> Result<(), ReadError> {
    persist(file, path, before)
}

fn persist(file: NamedTempFile, path: &Path, before: Option<&str>) -> Result<(), ReadError> {
    match before {
        Some(_) => file.persist(path),
        None => file.persist_noclobber(path),
    }
    .map_err(|error| error.error)?;
    Ok(())
}

fn overwrite(path: &Path, text: &str) -> Result<(), ReadError> {
    let mut file = fs::OpenOptions::new().write(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)?;
    file.sync_all()?;
    Ok(())
}

#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Gives a file the owner of another one. Returns whether it has that.
#[cfg(unix)]
fn take_owner(file: &File, of: &Metadata) -> bool {
    use std::os::unix::fs::{MetadataExt, fchown};

    let is_same = |own: &Metadata| (own.uid(), own.gid()) == (of.uid(), of.gid());
    file.metadata().is_ok_and(|own| is_same(&own))
        || fchown(file, Some(of.uid()), Some(of.gid())).is_ok()
}

#[cfg(not(unix))]
fn take_owner(_: &File, _: &Metadata) -> bool {
    true
}

/// A file to be put in the place of another. Others may read it as far as the process lets new files
/// be read, which temporary files mostly are not.
fn new_file_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Removes what processes left that were killed while they wrote.
fn remove_left(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_left = || {
            let changed = entry.metadata().ok()?.modified().ok()?;
            Some(changed.elapsed().ok()? > LEFT_AFTER)
        };
        if is_temporary(&entry.file_name().to_string_lossy())
            && is_left() == Some(true)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::debug!(%error, "a temporary file stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_process_wrote_is_not_lost() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.rs");
        fs::write(&path, "saved").expect("written");
        assert!(matches!(replace(&path, Some("old"), "new"), Err(ReadError::Changed)));
        assert!(matches!(replace(&path, None, "new"), Err(ReadError::Changed)));
        assert_eq!(fs::read_to_string(&path).expect("read"), "saved");
        replace(&path, Some("saved"), "new").expect("replaced");
        assert_eq!(fs::read_to_string(&path).expect("read"), "new");
        let gone = folder.path().join("b.rs");
        assert!(matches!(replace(&gone, Some("old"), "new"), Err(ReadError::Changed)));
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_further_names_are_kept() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, other) = (folder.path().join("a.rs"), folder.path().join("b.rs"));
        fs::write(&path, "a longer text").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).expect("set");
        replace(&path, Some("a longer text"), "new").expect("replaced");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o751);
        fs::hard_link(&path, &other).expect("linked");
        replace(&path, Some("new"), "n").expect("replaced");
        assert_eq!(fs::read_to_string(&other).expect("read"), "n");
        assert_eq!(fs::metadata(&path).expect("there").nlink(), 2);
    }
}
