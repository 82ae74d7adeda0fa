//! The checkout of Git that a folder belongs to: which files it tracks, and whether what is in one
//! can be had back.
//!
//! Git is not run, as its configuration may start any program: the index is read, and what it has
//! for a file is compared with the file on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha1_smol::Sha1;

use super::read::{self, ReadError};

/// Larger indexes than this are not read.
const MAX_INDEX_BYTES: u64 = 1 << 28;

/// Of larger files the length is compared, and not the content.
const MAX_COMPARED_BYTES: u64 = 1 << 26;

/// The upper bits of the mode of an entry that is a submodule.
const GITLINK: u32 = 0o16;

/// The same of an entry that is a regular file.
const REGULAR: u32 = 0o10;

/// A checkout of Git.
#[derive(Debug)]
pub struct Checkout {
    /// The folder that has `.git`.
    root: PathBuf,
    /// What the index has for each path; nothing when it cannot be read.
    index: Option<BTreeMap<Vec<u8>, Entry>>,
}

/// What the index has for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// The SHA-1 of its content.
    hash: [u8; 20],
    /// When the file was last changed, in seconds since 1970, and its length in bytes, as they
    /// were when Git last looked; both cut to 32 bits.
    changed: u32,
    len: u32,
    /// Whether it is a checkout of its own: a submodule.
    is_checkout: bool,
    /// Whether it is a regular file, and no link.
    is_file: bool,
}

/// The root of the checkout around a folder.
pub fn checkout_root(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|it| it.join(".git").exists())
}

impl Checkout {
    /// The checkout around a folder; nothing when there is none.
    pub fn around(folder: &Path) -> Option<Self> {
        let root = checkout_root(folder)?;
        let index = git_folder(&root.join(".git")).and_then(|it| index(&it.join("index")));
        Some(Self { root: root.to_path_buf(), index })
    }

    /// Whether the index has a file.
    pub fn has(&self, path: &Path) -> bool {
        let inside = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy();
        let inside = inside.replace('\\', "/");
        self.index.as_ref().is_some_and(|index| index.contains_key(inside.as_bytes()))
    }

    /// The files below a folder that Git tracks, relative to it.
    pub fn tracked(&self, folder: &Path) -> impl Iterator<Item = &str> {
        let above = folder.strip_prefix(&self.root).map(|it| it.to_string_lossy().into_owned());
        let above = above.ok().map(|it| match it.as_str() {
            "" => String::new(),
            it => format!("{}/", it.replace('\\', "/")),
        });
        let entries = self.index.iter().flatten().filter(|(_, entry)| entry.is_file);
        let paths = entries.filter_map(|(path, _)| std::str::from_utf8(path).ok());
        paths.filter_map(move |path| path.strip_prefix(above.as_deref()?))
    }

    /// Whether a file is there with a text that Git does not have. Files of submodules are those of
    /// another checkout.
    pub fn differs(&self, path: &Path) -> bool {
        let inside = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy();
        let inside = inside.replace('\\', "/");
        let entry = |path: &str| self.index.as_ref()?.get(path.as_bytes());
        let folders = inside.match_indices('/').filter_map(|(end, _)| inside.get(..end));
        if folders.filter_map(entry).any(|it| it.is_checkout) {
            return false;
        }
        let Ok(metadata) = fs::metadata(path) else { return false };
        let Some(known) = entry(&inside) else { return true };
        let changed = metadata.modified().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        if metadata.len() as u32 == known.len
            && changed.is_some_and(|it| it.as_secs() as u32 == known.changed)
        {
            return false;
        }
        let text = match read::bytes(path, MAX_COMPARED_BYTES) {
            Ok(text) => text,
            Err(ReadError::TooLarge) => return metadata.len() as u32 != known.len,
            Err(_) => return false,
        };
        // Git may keep text with other line ends than it checks out.
        let plain = || String::from_utf8_lossy(&text).replace("\r\n", "\n").into_bytes();
        known.hash != blob(&text) && known.hash != blob(&plain())
    }
}

/// The folder that `.git` is, or that a file of that name names.
pub(super) fn git_folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_path_buf());
    }
    let text = read::text(git, 4096).ok()?;
    let target = text.strip_prefix("gitdir:")?.trim();
    Some(git.parent()?.join(target)).filter(|it| it.is_dir())
}

/// The entries of an index: <https://git-scm.com/docs/index-format>.
fn index(path: &Path) -> Option<BTreeMap<Vec<u8>, Entry>> {
    entries(&read::bytes(path, MAX_INDEX_BYTES).ok()?)
}

fn entries(bytes: &[u8]) -> Option<BTreeMap<Vec<u8>, Entry>> {
    let number = |at: usize| {
        let field: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(u32::from_be_bytes(field))
    };
    if bytes.get(..4)? != b"DIRC" {
        return None;
    }
    let version = number(4)?;
    let mut entries = BTreeMap::new();
    let mut at = 12;
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..number(8)? {
        let start = at;
        let hash: [u8; 20] = bytes.get(start + 40..start + 60)?.try_into().ok()?;
        let mode = number(start + 24)? >> 12;
        let (is_checkout, is_file) = (mode == GITLINK, mode == REGULAR);
        let (changed, len) = (number(start + 8)?, number(start + 36)?);
        let flags = bytes.get(start + 60)?;
        let is_extended = version >= 3 && flags & 0x40 != 0;
        let stage = (flags >> 4) & 3;
        at = start + if is_extended { 64 } else { 62 };
        if version == 4 {
            // What to take off the end of the name before.
            let removed = offset(bytes, &mut at)?;
            name.truncate(name.len().checked_sub(removed)?);
        } else {
            name.clear();
        }
        let rest = bytes.get(at..)?;
        let end = rest.iter().position(|it| *it == 0)?;
        name.extend(rest.get(..end)?);
        at += end + 1;
        if version < 4 {
            // Entries are filled up with zeros to a multiple of eight bytes.
            at = start + (at - start).next_multiple_of(8);
        }
        // Other stages are those of a merge that is under way.
        if stage == 0 {
            entries.insert(name.clone(), Entry { hash, changed, len, is_checkout, is_file });
        }
    }
    Some(entries)
}

/// A number in the variable-width encoding of pack offsets.
fn offset(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut byte = *bytes.get(*at)?;
    *at += 1;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = *bytes.get(*at)?;
        *at += 1;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some(value)
}

/// The name that Git gives a text.
fn blob(text: &[u8]) -> [u8; 20] {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", text.len()).as_bytes());
    hash.update(text);
    hash.digest().bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of one file or of two, as Git writes it.
    fn written(version: u32, files: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend((files.len() as u32).to_be_bytes());
        let mut before = "";
        for (name, text) in files {
            let start = bytes.len();
            bytes.extend([0; 40]);
            bytes.extend(blob(text.as_bytes()));
            bytes.extend((name.len() as u16).to_be_bytes());
            if version == 4 {
                let common = before.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
                bytes.push((before.len() - common) as u8);
                bytes.extend(&name.as_bytes()[common..]);
                bytes.push(0);
            } else {
                bytes.extend(name.as_bytes());
                bytes.push(0);
                bytes.resize(start + (bytes.len() - start).next_multiple_of(8), 0);
            }
            before = name;
        }
        bytes
    }

    #[test]
    fn blobs_have_the_names_that_git_gives_them() {
        let hex: String = blob(b"hello\n").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ce013625030ba8dba906f756967f9e9ca394464a");
    }

    #[test]
    fn every_version_of_an_index_is_read() {
        for version in [2, 3, 4] {
            let bytes = written(version, &[("src/lib.rs", "a"), ("src/main.rs", "b")]);
            let found = entries(&bytes).expect("it is read");
            let hash = found.get(b"src/main.rs".as_slice()).map(|it| it.hash);
            assert_eq!(hash, Some(blob(b"b")), "{version}");
            // What is cut short is not read at all.
            for end in 0..bytes.len() - 8 {
                assert!(entries(&bytes[..end]).is_none(), "{version}");
            }
        }
    }

    #[test]
    fn changed_and_untracked_files_differ() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir_all(root.join(".git")).expect("made");
        fs::write(root.join("a.rs"), "a\r\n").expect("written");
        fs::write(root.join("b.rs"), "b").expect("written");
        fs::write(root.join("c.rs"), "c").expect("written");
        fs::create_dir_all(root.join("sub")).expect("made");
        fs::write(root.join("sub/d.rs"), "d").expect("written");
        let mut index = written(2, &[("a.rs", "a\n"), ("b.rs", "old"), ("sub", "")]);
        let sub = index.windows(4).rposition(|it| it == b"sub\0").expect("it is there");
        index[sub - 62 + 24..][..4].copy_from_slice(&0o160_000u32.to_be_bytes());
        fs::write(root.join(".git/index"), index).expect("written");
        let git = Checkout::around(root).expect("a checkout");
        let differs: Vec<bool> = ["a.rs", "b.rs", "c.rs", "none.rs", "sub/d.rs"]
            .map(|it| git.differs(&root.join(it)))
            .into();
        assert_eq!(differs, [false, true, true, false, false]);
    }

    #[test]
    fn tracked_files_are_named_from_a_folder_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir_all(root.join(".git")).expect("made");
        let mut index = written(2, &[("a.rs", ""), ("sub/b.rs", ""), ("subs/c.rs", "")]);
        let modes: Vec<usize> = ["a.rs\0", "sub/b.rs\0", "subs/c.rs\0"]
            .map(|name| {
                let at = index.windows(name.len()).position(|it| it == name.as_bytes());
                at.expect("it is there") - 62 + 24
            })
            .into();
        for at in modes {
            index[at..][..4].copy_from_slice(&0o100_644u32.to_be_bytes());
        }
        fs::write(root.join(".git/index"), index).expect("written");
        let git = Checkout::around(root).expect("a checkout");
        assert_eq!(git.tracked(root).collect::<Vec<_>>(), ["a.rs", "sub/b.rs", "subs/c.rs"]);
        assert_eq!(git.tracked(&root.join("sub")).collect::<Vec<_>>(), ["b.rs"]);
    }
}
