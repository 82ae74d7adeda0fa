//! Where a crate's source comes from, and the copies of it that are fixed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cargo::Cargo;

/// A crate whose fixes are proved.
#[derive(Debug)]
pub struct Source {
    /// The unpacked crate; never changed.
    original: PathBuf,
    /// Where the copy that is fixed lies: always the same place, so that cargo knows it again.
    pub copy: PathBuf,
    /// Further arguments of cargo, such as features.
    pub arguments: Vec<String>,
    /// Whether its dependencies are those of the lockfile it was published with.
    pub keeps_lock: bool,
}

impl Source {
    /// `line` is a folder or `name@version`, with further arguments of cargo behind it.
    pub fn parse(line: &str, scratch: &Path, cargo: &Cargo) -> anyhow::Result<Self> {
        let mut words = line.split_whitespace().map(str::to_string);
        let spec = words.next().context("no crate is named")?;
        let original = match spec.split_once('@') {
            Some((name, version)) if !Path::new(&spec).is_dir() => unpacked(name, version, cargo)?,
            _ => PathBuf::from(&spec),
        };
        if !original.join("Cargo.toml").is_file() {
            bail!("{} has no Cargo.toml", original.display());
        }
        let folder = original.canonicalize()?;
        let name = folder.file_name().context("it has no name")?;
        let copy = scratch.join(name);
        Ok(Self { original: folder, copy, arguments: words.collect(), keeps_lock: true })
    }

    /// Makes the copy anew.
    pub fn reset(&self) -> anyhow::Result<()> {
        if self.copy.exists() {
            fs::remove_dir_all(&self.copy)?;
        }
        copy_folder(&self.original, &self.copy)
            .with_context(|| format!("cannot copy {}", self.original.display()))?;
        let lock = self.copy.join("Cargo.lock");
        if !self.keeps_lock && lock.exists() {
            fs::remove_file(lock)?;
        }
        Ok(())
    }
}

/// Where cargo unpacked a published crate; it does so when it is asked about it.
fn unpacked(name: &str, version: &str, cargo: &Cargo) -> anyhow::Result<PathBuf> {
    let folder = format!("{name}-{version}");
    let find = || -> Option<PathBuf> {
        let sources = fs::read_dir(cargo_home()?.join("registry/src")).ok()?;
        let mut folders = sources.flatten().map(|registry| registry.path().join(&folder));
        folders.find(|path| path.join("Cargo.toml").is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    cargo.info(&format!("{name}@{version}"))?;
    find().with_context(|| format!("cargo did not unpack {folder}"))
}

fn cargo_home() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
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
