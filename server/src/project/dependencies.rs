//! The dependencies that a `Cargo.toml` declares, with their places.

use super::TrackedProject;
use crate::project::values::{Entry, Node};
use crate::project::{FileKind, ProjectFile};
use crate::text::FileRange;

/// Which table a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// `[dependencies]`.
    Normal,
    /// `[dev-dependencies]`.
    Dev,
    /// `[build-dependencies]`.
    Build,
    /// `[workspace.dependencies]`: nothing depends on it before a member inherits it.
    Workspace,
    /// `[patch.…]` and `[replace]`.
    Patch,
}

/// A dependency as one table declares it.
#[derive(Debug, Clone, Copy)]
pub struct Dependency<'a> {
    /// The table.
    pub table: Table,
    /// Whether the table is that of some targets only.
    pub for_target: bool,
    /// The name in the table and what stands there.
    pub entry: &'a Entry,
}

impl<'a> Dependency<'a> {
    /// The name of the package, which may be another than that in the table.
    pub fn package(&self) -> &'a str {
        self.text("package").unwrap_or(&self.entry.key)
    }

    /// The requirement of a version.
    pub fn version(&self) -> Option<&'a Node> {
        match self.entry.value.is_string() {
            true => Some(&self.entry.value),
            false => self.entry.value.get("version"),
        }
    }

    /// The text of a key such as `git` or `path`.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.entry.value.get(key)?.as_str()
    }

    /// Whether a key such as `optional` is `true`.
    pub fn is_set(&self, key: &str) -> bool {
        self.entry.value.get(key).and_then(Node::as_bool) == Some(true)
    }

    /// The features that are asked for by name.
    pub fn features(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let features = self.entry.value.get("features");
        features.into_iter().flat_map(Node::items).filter_map(Node::as_str)
    }

    /// Whether the default features are left out.
    pub fn is_without_defaults(&self) -> bool {
        let written = ["default-features", "default_features"];
        written.iter().any(|key| self.entry.value.get(key).and_then(Node::as_bool) == Some(false))
    }

    /// Where the dependency is named.
    pub fn range(&self) -> FileRange {
        self.entry.key_range
    }
}

/// The dependencies that a manifest declares, in all its tables.
pub fn of_manifest(manifest: &ProjectFile) -> Vec<Dependency<'_>> {
    let Some(root) = manifest.root() else { return Vec::new() };
    let mut tables: Vec<(&Node, Table, bool)> = Vec::new();
    let kinds = [
        ("dependencies", Table::Normal),
        ("dev-dependencies", Table::Dev),
        ("dev_dependencies", Table::Dev),
        ("build-dependencies", Table::Build),
        ("build_dependencies", Table::Build),
    ];
    for (key, table) in kinds {
        tables.extend(root.get(key).map(|it| (it, table, false)));
        let targets = root.get("target").into_iter().flat_map(Node::entries);
        tables.extend(targets.filter_map(|it| it.value.get(key)).map(|it| (it, table, true)));
    }
    tables.extend(root.at(&["workspace", "dependencies"]).map(|it| (it, Table::Workspace, false)));
    tables.extend(root.get("replace").map(|it| (it, Table::Patch, false)));
    let sources = root.get("patch").into_iter().flat_map(Node::entries);
    tables.extend(sources.map(|it| (&it.value, Table::Patch, false)));
    tables
        .into_iter()
        .flat_map(|(node, table, for_target)| {
            node.entries().iter().map(move |entry| Dependency { table, for_target, entry })
        })
        .collect()
}

/// The manifest with the `[workspace]` that a manifest belongs to, which may be itself.
pub fn workspace_of<'a>(
    cx: &TrackedProject<'a>,
    manifest: &'a ProjectFile,
) -> Option<&'a ProjectFile> {
    let has_workspace =
        |file: &&ProjectFile| file.root().is_some_and(|it| it.get("workspace").is_some());
    if has_workspace(&manifest) {
        return Some(manifest);
    }
    let folder = manifest.folder();
    let above = |file: &&ProjectFile| {
        file.folder().is_empty() || folder.starts_with(&format!("{}/", file.folder()))
    };
    let files =
        cx.files(FileKind::Manifest).map(|file| &**file).filter(above).filter(has_workspace);
    files.max_by_key(|file| file.folder().len())
}

/// The lock file that decides for a manifest: that beside the manifest of its workspace.
pub fn lockfile_of<'a>(
    cx: &TrackedProject<'a>,
    manifest: &'a ProjectFile,
) -> Option<&'a ProjectFile> {
    let root = workspace_of(cx, manifest).unwrap_or(manifest);
    let path = match root.folder() {
        "" => "Cargo.lock".to_string(),
        folder => format!("{folder}/Cargo.lock"),
    };
    cx.file(&path).map(|file| &**file)
}
