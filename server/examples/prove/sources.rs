//! Where a crate's source comes from, and the copies that are fixed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cargo::Cargo;
use crate::registry::unpacked;

/// A crate whose fixes are proved.
#[derive(Debug)]
pub struct Source {
    /// As the developer named it.
    pub name: String,
    /// The unpacked crate; never changed.
    pub original: PathBuf,
    /// The name of its copy's folder.
    pub folder: String,
}

impl Source {
    /// `spec` is a folder or `name@version`.
    pub fn find(spec: &str, cargo: &Cargo) -> anyhow::Result<Self> {
        let original = match spec.split_once('@') {
            Some((name, version)) if !Path::new(spec).is_dir() => {
                unpacked(name, version, || cargo.info(spec))?
            }
            _ => PathBuf::from(spec).canonicalize()?,
        };
        if !original.join("Cargo.toml").is_file() {
            bail!("{} has no Cargo.toml", original.display());
        }
        let folder = original.file_name().context("it has no name")?;
        let folder = folder.to_string_lossy().into_owned();
        Ok(Self { name: spec.to_string(), original, folder })
    }
}

/// The copies of some crates, as the members of one workspace: what they depend on is built once.
#[derive(Debug)]
pub struct Copies {
    /// The root of the workspace, always the same, so that cargo knows the copies again.
    pub root: PathBuf,
    pub sources: Vec<Source>,
}

impl Copies {
    /// Makes all copies anew.
    pub fn reset(&self) -> anyhow::Result<()> {
        remove(&self.root)?;
        let members: Vec<&str> = self.sources.iter().map(|it| it.folder.as_str()).collect();
        for source in &self.sources {
            copy_folder(&source.original, &self.root.join(&source.folder))
                .with_context(|| format!("cannot copy {}", source.original.display()))?;
        }
        let manifest = format!("[workspace]\nresolver = \"2\"\nmembers = {members:?}\n");
        fs::write(self.root.join("Cargo.toml"), manifest)?;
        Ok(())
    }

    /// Resets with the lockfile that a crate on its own was published with.
    pub fn lock(&self) -> anyhow::Result<()> {
        if let [only] = self.sources.as_slice() {
            let lock = self.root.join(&only.folder).join("Cargo.lock");
            if lock.exists() {
                fs::copy(lock, self.root.join("Cargo.lock"))?;
            }
        }
        Ok(())
    }

    /// Removes the copies.
    pub fn remove(&self) -> anyhow::Result<()> {
        remove(&self.root)
    }

    /// The member that a path of the workspace lies in, and the path in it.
    pub fn member<'a>(&self, path: &'a str) -> Option<(usize, &'a str)> {
        let (folder, inside) = path.split_once('/')?;
        let member = self.sources.iter().position(|source| source.folder == folder)?;
        Some((member, inside))
    }
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() && entry.file_name() != "target" {
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
