//! Projects in temporary folders.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Project {
    folder: tempfile::TempDir,
}

pub const MANIFEST: &str = r#"[package]
name = "sample"
version = "0.1.0"
edition = "2024"
"#;

impl Project {
    /// A package with these files besides its manifest.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        project.write("Cargo.toml", MANIFEST);
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.file(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).expect("a text")
    }

    pub fn root(&self) -> String {
        uri(self.path())
    }

    pub fn uri(&self, path: &str) -> String {
        uri(&self.file(path))
    }
}

/// Temporary folders have names that need no escaping.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().expect("UTF-8"))
}
