//! Published crates where cargo unpacked them, for the examples that read those.

use std::path::PathBuf;

use anyhow::Context;

/// Where cargo unpacked a published crate, after `download` where it did not yet: cargo does so when
/// it is asked about a crate.
///
/// # Errors
///
/// Those of `download`, and when the crate is not there after it.
pub fn unpacked(
    name: &str,
    version: &str,
    download: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let folder = format!("{name}-{version}");
    let find = || -> Option<PathBuf> {
        let sources = std::fs::read_dir(cargo_home()?.join("registry/src")).ok()?;
        let mut folders = sources.flatten().map(|registry| registry.path().join(&folder));
        folders.find(|path| path.join("Cargo.toml").is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    download()?;
    find().with_context(|| format!("cargo did not unpack {folder}"))
}

fn cargo_home() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}
