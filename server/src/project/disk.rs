use std::fs;
use std::path::{Component, Path, PathBuf};

use super::read::{self, ReadError};
use super::write;
use crate::syntax::MAX_FILE_BYTES;

/// A folder that is read, and never left: not through `..`, and not through a symbolic link.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// # Errors
    ///
    /// When `root` does not exist.
    pub fn open(root: &Path) -> std::io::Result<Self> {
        Ok(Self { root: root.canonicalize()? })
    }

    /// A folder by its canonical path.
    pub(super) fn of_canonical(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// The canonical path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of `path` below the root, with `/` between its parts, or nothing when it lies
    /// elsewhere.
    pub fn relative(&self, path: &Path) -> Option<String> {
        let below = match path.strip_prefix(&self.root) {
            Ok(below) => below.to_path_buf(),
            // The root was opened through a link: compare what both resolve to. The file itself
            // need not exist, as its folder does.
            Err(_) => {
                let parent = path.parent()?.canonicalize().ok()?;
                parent.strip_prefix(&self.root).ok()?.join(path.file_name()?)
            }
        };
        let mut parts = Vec::new();
        for component in below.components() {
            match component {
                Component::Normal(part) => parts.push(part.to_str()?),
                Component::CurDir => {}
                Component::ParentDir => drop(parts.pop()?),
                _ => return None,
            }
        }
        Some(parts.join("/"))
    }

    /// The path on disk of a path relative to the root. It is not checked: it may lead out of the
    /// root.
    pub fn absolute(&self, relative: &str) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(relative.split('/'));
        path
    }

    /// The text of a file below the root.
    ///
    /// # Errors
    ///
    /// When the file is missing, too large, not UTF-8, not a regular file, or outside the root.
    pub fn read(&self, relative: &str) -> Result<String, ReadError> {
        self.read_at_most(relative, MAX_FILE_BYTES)
    }

    /// The same for a file that has another limit.
    pub(super) fn read_at_most(&self, relative: &str, limit: u64) -> Result<String, ReadError> {
        read::text(&self.checked(relative)?, limit)
    }

    /// The text of a file below the root, in which U+FFFD stands for what is no UTF-8, and whether
    /// there is any.
    ///
    /// # Errors
    ///
    /// When the file is missing, too large, not a regular file, or outside the root.
    pub fn read_lossy(&self, relative: &str) -> Result<(String, Option<ReadError>), ReadError> {
        let bytes = read::bytes(&self.checked(relative)?, MAX_FILE_BYTES)?;
        Ok(match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let invalid = ReadError::NotUtf8(error.utf8_error().valid_up_to());
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(invalid))
            }
        })
    }

    /// Writes a file below the root: whoever reads it sees the old text or the new one, whatever
    /// happens in between. `before` is the text that the new one was made from, nothing for a file
    /// that is not to be there. Permissions and the owner are kept. Folders on the way that are not
    /// there are made.
    ///
    /// A file of several names, or of an owner who cannot be kept, is written where it is, so that
    /// its reader may see half of it. Extended attributes are not kept.
    ///
    /// # Errors
    ///
    /// When the file lies outside the root, has another text by now or cannot be written.
    pub fn write(&self, relative: &str, before: Option<&str>, text: &str) -> Result<(), ReadError> {
        if let Some((folder, _)) = relative.rsplit_once('/') {
            self.make_folder(folder)?;
        }
        let path = self.checked(relative)?;
        write::replace(&path, before, text)
    }

    /// Makes a folder and those above it, one by one: a link on the way must not lead elsewhere.
    fn make_folder(&self, relative: &str) -> Result<(), ReadError> {
        for (end, _) in relative.match_indices('/').chain([(relative.len(), "")]) {
            let Some(folder) = relative.get(..end) else { continue };
            let path = self.checked(folder)?;
            if !path.is_dir() {
                fs::create_dir(&path)?;
            }
        }
        Ok(())
    }

    /// Whether a regular file is there, inside the root after every link is followed.
    pub fn exists(&self, relative: &str) -> bool {
        self.checked(relative).is_ok_and(|path| path.is_file())
    }

    /// Whether there is a folder at `relative`, inside the root.
    pub fn is_folder(&self, relative: &str) -> bool {
        self.checked(relative).is_ok_and(|path| path.is_dir())
    }

    /// The path to open: inside the root after every link on the way is followed.
    pub(super) fn checked(&self, relative: &str) -> Result<PathBuf, ReadError> {
        let inside = Path::new(relative).components().all(|it| matches!(it, Component::Normal(_)));
        if !inside {
            return Err(ReadError::Outside);
        }
        let path = self.absolute(relative);
        let resolved = match path.canonicalize() {
            Ok(resolved) => resolved,
            // Not there yet: its folder decides.
            Err(_) => {
                let folder = path.parent().ok_or(ReadError::Outside)?.canonicalize()?;
                folder.join(path.file_name().ok_or(ReadError::Outside)?)
            }
        };
        if resolved.starts_with(&self.root) { Ok(resolved) } else { Err(ReadError::Outside) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::folder_fixture::folder;

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_workspace_is_not_followed() {
        let (outside, _) = folder(&[("secret.rs", "fn f() {}")]);
        let (inside, disk) = folder(&[("src/lib.rs", "")]);
        std::os::unix::fs::symlink(outside.path().join("secret.rs"), inside.path().join("a.rs"))
            .expect("linked");
        std::os::unix::fs::symlink(outside.path(), inside.path().join("dir")).expect("linked");
        for path in ["a.rs", "dir/secret.rs", "../x", "/etc/passwd", "src/../../x"] {
            assert!(matches!(disk.read(path), Err(ReadError::Outside)), "{path}");
            assert!(disk.write(path, None, "x").is_err(), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_gets_its_folders_and_may_be_read() {
        use std::os::unix::fs::PermissionsExt;
        let (outside, _) = folder(&[]);
        let (inside, disk) = folder(&[("src/lib.rs", "")]);
        disk.write(".github/workflows/ci.yml", None, "on: push\n").expect("written");
        assert_eq!(disk.read(".github/workflows/ci.yml").expect("read"), "on: push\n");
        let path = inside.path().join(".github/workflows/ci.yml");
        let mode = fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o600, 0o600);
        let plain = inside.path().join("plain");
        fs::write(&plain, "").expect("written");
        assert_eq!(mode, fs::metadata(plain).expect("there").permissions().mode());
        std::os::unix::fs::symlink(outside.path(), inside.path().join("dir")).expect("linked");
        assert!(disk.write("dir/sub/a.txt", None, "x").is_err());
        assert!(disk.write("../a.txt", None, "x").is_err());
    }

    #[test]
    fn unreadable_text_is_refused_with_a_reason() {
        let (folder, disk) = folder(&[("src/lib.rs", "")]);
        fs::write(folder.path().join("b.rs"), b"ab\xff").expect("written");
        let error = disk.read("b.rs").expect_err("refused").to_string();
        assert_eq!(error, "not UTF-8 text (byte 2)");
        let huge = vec![b' '; MAX_FILE_BYTES as usize + 1];
        fs::write(folder.path().join("c.rs"), huge).expect("written");
        assert!(matches!(disk.read("c.rs"), Err(ReadError::TooLarge)));
    }
}
