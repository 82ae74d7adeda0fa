use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{WalkBuilder, WalkState};

use super::Checkout;
use crate::syntax::MAX_FILE_BYTES;

/// A folder that is read, and never left: not through `..`, and not through a symbolic link.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The path leads out of the workspace, by `..` or through a link.
    #[error("outside the workspace")]
    Outside,
    /// A folder, a pipe or a device.
    #[error("not a regular file")]
    NotAFile,
    /// Over [`MAX_FILE_BYTES`].
    #[error("larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024)]
    TooLarge,
    /// The offset of the first byte that is no UTF-8.
    #[error("not UTF-8 text (byte {0})")]
    NotUtf8(usize),
    /// The system refused to read it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Disk {
    /// # Errors
    ///
    /// When `root` does not exist.
    pub fn open(root: &Path) -> std::io::Result<Self> {
        Ok(Self { root: root.canonicalize()? })
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
        let path = self.checked(relative)?;
        let file = fs::File::open(&path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(ReadError::NotAFile);
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge);
        }
        // The size may be a lie, as it is for files of /proc: the limit holds for what is read.
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge);
        }
        String::from_utf8(bytes)
            .map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))
    }

    /// Writes a file below the root in one step: whoever reads it sees the old text or the new
    /// one, whatever happens in between. Permissions are kept. Folders on the way that are not
    /// there are made.
    ///
    /// # Errors
    ///
    /// When the file lies outside the root or cannot be written.
    pub fn write(&self, relative: &str, text: &str) -> Result<(), ReadError> {
        if let Some((folder, _)) = relative.rsplit_once('/') {
            self.make_folder(folder)?;
        }
        let path = self.checked(relative)?;
        let folder = path.parent().ok_or(ReadError::Outside)?;
        let mut file = new_file_in(folder)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        if let Ok(metadata) = fs::metadata(&path) {
            file.as_file().set_permissions(metadata.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
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
    fn checked(&self, relative: &str) -> Result<PathBuf, ReadError> {
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

    /// Every file below the root that git tracks or would not ignore, as relative paths in order.
    /// Links are not followed, and `target` folders of cargo are left out even without a
    /// `.gitignore`.
    pub fn files(&self) -> Vec<String> {
        let mut files = self.files_not_ignored();
        let tracked = self.tracked_though_ignored(&files);
        files.extend(tracked);
        files.sort();
        files
    }

    /// The files that git tracks and that are not among the `known` ones, which are in order.
    fn tracked_though_ignored(&self, known: &[String]) -> Vec<String> {
        let Some(checkout) = Checkout::around(&self.root) else { return Vec::new() };
        let is_new = |path: &&str| {
            let is_left_out = path.split('/').any(|it| it == "node_modules" || it == ".git");
            !is_left_out && known.binary_search_by(|it| it.as_str().cmp(path)).is_err()
        };
        let is_plain = |path: &&str| {
            let at = self.absolute(path);
            // A link on the way leads elsewhere.
            at.symlink_metadata().is_ok_and(|it| it.is_file())
                && self.checked(path).is_ok_and(|resolved| resolved == at)
        };
        checkout.tracked(&self.root).filter(is_new).filter(is_plain).map(str::to_string).collect()
    }

    fn files_not_ignored(&self) -> Vec<String> {
        let files = Mutex::new(Vec::new());
        let walk = WalkBuilder::new(&self.root)
            .hidden(false)
            .require_git(false)
            .follow_links(false)
            .filter_entry(|entry| {
                let name = entry.file_name();
                let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
                let is_target = name == "target" && entry.path().join("CACHEDIR.TAG").exists();
                !(is_dir && (name == ".git" || name == "node_modules" || is_target))
            })
            .build_parallel();
        walk.run(|| {
            Box::new(|entry| {
                if let Ok(entry) = entry
                    && entry.file_type().is_some_and(|kind| kind.is_file())
                    && let Some(path) = self.relative(entry.path())
                {
                    files.lock().unwrap_or_else(PoisonError::into_inner).push(path);
                }
                WalkState::Continue
            })
        });
        let mut files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.sort();
        files
    }
}

/// A file to be renamed into place. Others may read it as far as the process lets new files be
/// read, which temporary files mostly are not.
fn new_file_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Disk) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(path, text).expect("written");
        }
        let disk = Disk::open(folder.path()).expect("opened");
        (folder, disk)
    }

    #[test]
    fn ignored_files_are_not_listed() {
        let (_folder, disk) = folder(&[
            (".gitignore", "gen/\n"),
            ("src/lib.rs", ""),
            ("gen/a.rs", ""),
            ("target/CACHEDIR.TAG", ""),
            ("target/b.rs", ""),
            ("src/target/c.rs", ""),
            (".github/workflows/ci.yml", ""),
        ]);
        assert_eq!(
            disk.files(),
            [".github/workflows/ci.yml", ".gitignore", "src/lib.rs", "src/target/c.rs"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_workspace_is_not_followed() {
        let (outside, _) = folder(&[("secret.rs", "fn f() {}")]);
        let (inside, disk) = folder(&[("src/lib.rs", "")]);
        std::os::unix::fs::symlink(outside.path().join("secret.rs"), inside.path().join("a.rs"))
            .expect("linked");
        std::os::unix::fs::symlink(outside.path(), inside.path().join("dir")).expect("linked");
        assert_eq!(disk.files(), ["src/lib.rs"]);
        for path in ["a.rs", "dir/secret.rs", "../x", "/etc/passwd", "src/../../x"] {
            assert!(matches!(disk.read(path), Err(ReadError::Outside)), "{path}");
            assert!(disk.write(path, "x").is_err(), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_gets_its_folders_and_may_be_read() {
        use std::os::unix::fs::PermissionsExt;
        let (outside, _) = folder(&[]);
        let (inside, disk) = folder(&[("src/lib.rs", "")]);
        disk.write(".github/workflows/ci.yml", "on: push\n").expect("written");
        assert_eq!(disk.read(".github/workflows/ci.yml").expect("read"), "on: push\n");
        let path = inside.path().join(".github/workflows/ci.yml");
        let mode = fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o600, 0o600);
        let plain = inside.path().join("plain");
        fs::write(&plain, "").expect("written");
        assert_eq!(mode, fs::metadata(plain).expect("there").permissions().mode());
        std::os::unix::fs::symlink(outside.path(), inside.path().join("dir")).expect("linked");
        assert!(disk.write("dir/sub/a.txt", "x").is_err());
        assert!(disk.write("../a.txt", "x").is_err());
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
