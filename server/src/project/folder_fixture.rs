//! Folders with files, for tests.

use std::fs;

use super::Disk;

/// A temporary folder with these files.
pub fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Disk) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }
    let disk = Disk::open(folder.path()).expect("opened");
    (folder, disk)
}
