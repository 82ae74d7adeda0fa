//! Manifests, which tell the packages: their editions, roles and dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Phase, Workspace};
use crate::project::Packages;
use crate::project::paths::{file_name, is_below, join};

impl Workspace {
    /// Reads the manifests among `files`, which are all files of the folder. Returns whether
    /// anything changed that findings depend on.
    pub fn reload_packages(&self, files: &[String]) -> bool {
        let snapshot = self.snapshot();
        let manifests: Vec<(String, String)> = files
            .iter()
            .filter(|path| is_manifest(path))
            .filter_map(|path| Some((path.clone(), snapshot.text_of(path)?)))
            .collect();
        drop(snapshot);
        let known: BTreeSet<&str> = files.iter().map(String::as_str).collect();
        let exists = |path: &str| {
            known.range(path..).next().is_some_and(|it| *it == path)
                || known.range(&*format!("{path}/")..).next().is_some_and(|it| is_below(it, path))
        };
        let packages = Packages::read(&manifests, exists);
        self.change(|state| {
            if matches!(state.known().phase, Phase::SettingsRead(_)) {
                state.enter(Phase::ManifestsRead);
            }
            state.set_packages(packages)
        })
    }

    /// Reads the manifests above a file, unless all of the folder were read. They are found without
    /// a walk through the folder, so that the first findings need not wait for one.
    pub(super) fn read_manifests_above(&self, path: &str) {
        let Some(disk) = &self.disk else { return };
        loop {
            let snapshot = self.snapshot();
            let Phase::SettingsRead(known) = &snapshot.phase else { return };
            let mut manifests = BTreeMap::clone(known);
            for manifest in manifests_above(path).filter(|it| !known.contains_key(it)) {
                if let Some(text) = snapshot.text_of(&manifest) {
                    manifests.insert(manifest, text);
                }
            }
            if manifests.len() == known.len() {
                return;
            }
            let list: Vec<(String, String)> = manifests.clone().into_iter().collect();
            let packages = Packages::read(&list, |path| disk.exists(path) || disk.is_folder(path));
            let phase = snapshot.phase.clone();
            drop(snapshot);
            let is_taken = self.change(|state| {
                // Another file may have been opened meanwhile, or a scan have read all of them.
                let is_current = state.known().phase == phase;
                if is_current {
                    state.enter(Phase::SettingsRead(Arc::new(manifests)));
                    state.set_packages(packages);
                }
                is_current
            });
            if is_taken {
                return;
            }
        }
    }
}

/// The paths of the manifests that may stand in the folders above a file.
fn manifests_above(path: &str) -> impl Iterator<Item = String> {
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(above, _)| above).to_string();
    let above = move |inner: &String| (!inner.is_empty()).then(|| folder(inner));
    let folders = std::iter::successors(above(&path.to_string()), above);
    folders.flat_map(|folder| FILES.iter().map(move |file| join(&folder, file)))
}

/// Whether changes of the file change what packages there are, or what is known of their files.
pub fn is_manifest(path: &str) -> bool {
    FILES.contains(&file_name(path))
}

/// Whether changes of the file change which files there are.
pub fn is_ignore_file(path: &str) -> bool {
    matches!(file_name(path), ".gitignore" | ".ignore") || path.ends_with(".git/info/exclude")
}

/// The files that tell of packages.
const FILES: &[&str] = &["Cargo.toml", "clippy.toml", ".clippy.toml", ".gitattributes"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_looked_for_in_every_folder_above() {
        let above: Vec<String> = manifests_above("a/b/c.rs").collect();
        let manifests: Vec<&String> =
            above.iter().filter(|it| it.ends_with("Cargo.toml")).collect();
        assert_eq!(manifests, ["a/b/Cargo.toml", "a/Cargo.toml", "Cargo.toml"]);
        let above: Vec<String> = manifests_above("c.rs").collect();
        assert_eq!(above, ["Cargo.toml", "clippy.toml", ".clippy.toml", ".gitattributes"]);
    }
}
