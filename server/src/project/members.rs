//! Which packages a workspace is made of, and whose manifests cargo reads to load it.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;

use super::paths::{file_name, is_below, join};
use super::values::Node;
use super::{FileKind, ProjectFile};
use crate::text::FileRange;

/// Manifests by their folders.
pub type Manifests<'a> = BTreeMap<&'a str, &'a ProjectFile>;

/// A package whose manifest cargo reads to load a workspace, and the entry that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The folder of its manifest, relative to the root of the project.
    pub folder: String,
    /// What makes it one.
    pub membership: Membership,
    /// The manifest that the entry stands in.
    pub asked_by: String,
    /// The entry, in bytes of that manifest.
    pub range: FileRange,
}

/// What makes a package a part of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is listed by its path: without it cargo does not load the workspace.
    Path,
    /// A pattern of the list covers it: without it the pattern covers less.
    Pattern,
    /// It is a dependency by path of another one, or a patch: without it cargo does not load the
    /// workspace. One that is excluded, or that lies outside, is needed just as much.
    Dependency,
}

/// The packages that cargo reads to load the workspace, or the single package, of `root`; `root`
/// itself is none of them. Of those that only a pattern covers the ones that `keep` refuses are
/// left out, together with what they depend on.
pub fn members(
    root: &ProjectFile,
    manifests: &Manifests<'_>,
    keep: impl Fn(&str) -> bool,
) -> Vec<Member> {
    let mut members: Vec<Member> = listed(root, manifests)
        .into_iter()
        .filter(|it| it.membership != Membership::Pattern || keep(&it.folder))
        .collect();
    let mut known: BTreeSet<String> = members.iter().map(|it| it.folder.clone()).collect();
    known.insert(root.folder().to_string());
    let mut next: Vec<Member> = dependencies_by_path(root, root);
    let mut read = 0;
    loop {
        for dependency in next.drain(..) {
            if manifests.contains_key(dependency.folder.as_str())
                && known.insert(dependency.folder.clone())
            {
                members.push(dependency);
            }
        }
        let Some(member) = members.get(read) else { return members };
        read += 1;
        if let Some(manifest) = manifests.get(member.folder.as_str()) {
            next = dependencies_by_path(manifest, root);
        }
    }
}

/// The folders of packages that cargo refuses to build: they lie below the root of a workspace that
/// neither lists nor excludes them, and nothing in it depends on them. Manifests are given as path
/// and text.
pub fn unlisted(manifests: &[(String, String)]) -> BTreeSet<String> {
    let is_manifest = |path: &str| file_name(path) == "Cargo.toml";
    let files = manifests.iter().filter(|(path, _)| is_manifest(path));
    let files: Vec<ProjectFile> = files
        .map(|(path, text)| ProjectFile::new(path, FileKind::Manifest, text.as_str().into()))
        .collect();
    let by_folder: Manifests<'_> = files.iter().map(|file| (file.folder(), file)).collect();
    // Most manifests need not be parsed for it.
    let is_root = |file: &&ProjectFile| {
        file.text.contains("workspace") && file.root().and_then(|it| it.get("workspace")).is_some()
    };
    let roots: Vec<&ProjectFile> = files.iter().filter(is_root).collect();
    let mut found = BTreeSet::new();
    for root in &roots {
        let excluded = entries(root, "exclude");
        let members: BTreeSet<String> =
            members(root, &by_folder, |_| true).into_iter().map(|it| it.folder).collect();
        let nearer = |folder: &str| {
            roots
                .iter()
                .any(|it| it.folder().len() > root.folder().len() && is_below(folder, it.folder()))
        };
        let below = by_folder.keys().filter(|it| {
            **it != root.folder()
                && is_below(it, root.folder())
                && !members.contains(**it)
                && !excluded.iter().any(|(path, _)| is_below(it, path))
                && !nearer(it)
        });
        found.extend(below.map(|it| it.to_string()));
    }
    found
}

/// The paths in `members` or `exclude` of a workspace, from the root of the project, and where they
/// stand in the manifest.
fn entries(root: &ProjectFile, key: &str) -> Vec<(String, FileRange)> {
    let list = root.root().and_then(|it| it.at(&["workspace", key]));
    let items = list.into_iter().flat_map(Node::items);
    items.filter_map(|it| Some((join(root.folder(), it.as_str()?), it.range))).collect()
}

/// The `members` of a workspace, patterns expanded, what is excluded left out.
fn listed(root: &ProjectFile, manifests: &Manifests<'_>) -> Vec<Member> {
    let excluded = entries(root, "exclude");
    let is_excluded = |folder: &str| excluded.iter().any(|(path, _)| is_below(folder, path));
    let mut members: Vec<Member> = Vec::new();
    let mut known = BTreeSet::from([root.folder().to_string()]);
    for (path, range) in entries(root, "members") {
        let mut add = |folder: &str, membership| {
            if known.insert(folder.to_string()) {
                let (folder, asked_by) = (folder.to_string(), root.path.clone());
                members.push(Member { folder, membership, asked_by, range });
            }
        };
        if !path.contains(['*', '?', '[']) {
            if manifests.contains_key(path.as_str()) {
                add(&path, Membership::Path);
            }
            continue;
        }
        let glob = GlobBuilder::new(&path).literal_separator(true).build();
        let Ok(glob) = glob.map(|glob| glob.compile_matcher()) else { continue };
        for folder in manifests.keys().filter(|it| glob.is_match(it) && !is_excluded(it)) {
            add(folder, Membership::Pattern);
        }
    }
    members
}

/// What a manifest names by path, dependencies that it inherits from `root` among them.
pub fn dependencies_by_path(manifest: &ProjectFile, root: &ProjectFile) -> Vec<Member> {
    let Some(tree) = manifest.root() else { return Vec::new() };
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = |node: &'_ Node| -> Vec<Node> {
        kinds.iter().filter_map(|kind| node.get(kind)).cloned().collect()
    };
    let targets = tree.get("target").into_iter().flat_map(Node::entries);
    let mut found = tables(tree);
    found.extend(targets.flat_map(|target| tables(&target.value)));
    let patches = tree.get("patch").into_iter().flat_map(Node::entries);
    found.extend(patches.map(|registry| registry.value.clone()));
    let inherited = root.root().and_then(|it| it.at(&["workspace", "dependencies"]));
    let entries = found.iter().flat_map(Node::entries).filter_map(|entry| {
        let (path, base) = match entry.value.get("path") {
            Some(path) => (path, manifest.folder()),
            None => {
                entry.value.get("workspace")?;
                (inherited?.get(&entry.key)?.get("path")?, root.folder())
            }
        };
        Some(Member {
            folder: join(base, path.as_str()?),
            membership: Membership::Dependency,
            asked_by: manifest.path.clone(),
            range: entry.key_range,
        })
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::FileKind;

    /// The members as `folder membership entry`.
    fn shown(files: &[(&str, &str)], keep: impl Fn(&str) -> bool) -> Vec<String> {
        let files: Vec<ProjectFile> = files
            .iter()
            .map(|(path, text)| ProjectFile::new(path, FileKind::Manifest, (*text).into()))
            .collect();
        let manifests: Manifests<'_> = files.iter().map(|file| (file.folder(), file)).collect();
        let shown = |it: &Member| {
            let entry = manifests.values().find(|file| file.path == it.asked_by);
            let entry = entry.map_or("", |file| file.slice(it.range));
            format!("{} {:?} {entry}", it.folder, it.membership)
        };
        members(&files[0], &manifests, keep).iter().map(shown).collect()
    }

    const PACKAGE: &str = "[package]\nname = \"a\"\n";

    #[test]
    fn patterns_are_expanded_and_what_is_excluded_is_left_out() {
        let root = "[workspace]\nmembers = [\"crates/*\", \"./tool\", \"gone\"]\nexclude = [\"crates/old\"]\n";
        let files = [
            ("Cargo.toml", root),
            ("crates/a/Cargo.toml", PACKAGE),
            ("crates/a/fuzz/Cargo.toml", PACKAGE),
            ("crates/b/Cargo.toml", PACKAGE),
            ("crates/old/Cargo.toml", PACKAGE),
            ("tool/Cargo.toml", PACKAGE),
        ];
        assert_eq!(
            shown(&files, |_| true),
            [
                "crates/a Pattern \"crates/*\"",
                "crates/b Pattern \"crates/*\"",
                "tool Path \"./tool\""
            ]
        );
        assert_eq!(shown(&files, |it| it == "crates/a").len(), 2);
    }

    #[test]
    fn dependencies_by_path_belong_to_the_workspace() {
        let root = "[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\nb = { path = \"lib/b\" }\nunused = { path = \"c\" }\n[patch.crates-io]\nd = { path = \"d\" }\n";
        let files = [
            ("Cargo.toml", root),
            ("a/Cargo.toml", "[dependencies]\nb.workspace = true\nserde.workspace = true\n"),
            (
                "lib/b/Cargo.toml",
                "[target.'cfg(unix)'.dev-dependencies]\ne = { path = \"../e\" }\n[dependencies]\na = { path = \"../../a\" }\n",
            ),
            ("lib/e/Cargo.toml", PACKAGE),
            ("c/Cargo.toml", PACKAGE),
            ("d/Cargo.toml", PACKAGE),
        ];
        assert_eq!(
            shown(&files, |_| true),
            ["a Path \"a\"", "d Dependency d", "lib/b Dependency b", "lib/e Dependency e"]
        );
    }

    #[test]
    fn what_no_workspace_lists_is_not_built() {
        let root = "[workspace]\nmembers = [\"a\", \"crates/*\"]\nexclude = [\"alone\"]\n";
        let manifests = [
            ("Cargo.toml", root),
            ("a/Cargo.toml", "[dependencies]\nb = { path = \"../b\" }\n"),
            ("b/Cargo.toml", PACKAGE),
            ("crates/c/Cargo.toml", PACKAGE),
            ("alone/Cargo.toml", PACKAGE),
            ("fuzz/Cargo.toml", "[workspace]\n"),
            ("fuzz/d/Cargo.toml", PACKAGE),
            ("old/server/Cargo.toml", PACKAGE),
        ];
        let manifests = manifests.map(|(path, text)| (path.to_string(), text.to_string()));
        let found: Vec<String> = unlisted(&manifests).into_iter().collect();
        assert_eq!(found, ["fuzz/d", "old/server"]);
        assert!(unlisted(&manifests[1..5]).is_empty());
    }

    #[test]
    fn a_package_of_its_own_needs_what_it_names() {
        let files = [
            (
                "app/Cargo.toml",
                "[package]\nname = \"a\"\n[build-dependencies]\nb = { path = \"../b\", version = \"1\" }\n",
            ),
            ("b/Cargo.toml", PACKAGE),
        ];
        assert_eq!(shown(&files, |_| true), ["b Dependency b"]);
    }
}
