//! The packages that a `Cargo.lock` holds, and which of them depends on which.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::project::ProjectFile;
use crate::project::values::Node;
use crate::text::FileRange;

/// A package of a lock file.
#[derive(Debug)]
pub struct LockedPackage<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Where it comes from; nothing for a member of the workspace or a path.
    pub source: Option<&'a str>,
    /// Where the entry names it.
    pub range: FileRange,
    /// Indices of the packages it depends on, for all targets and with all features of the
    /// workspace, development included for members.
    pub dependencies: Vec<usize>,
}

impl LockedPackage<'_> {
    /// Whether it comes from crates.io, whose packages advisories are about.
    pub fn is_from_crates_io(&self) -> bool {
        self.source.is_some_and(|source| {
            source == "registry+https://github.com/rust-lang/crates.io-index"
                || source == "sparse+https://index.crates.io/"
        })
    }
}

/// The packages of a lock file.
#[derive(Debug, Default)]
pub struct Lockfile<'a> {
    /// In the order of the file.
    pub packages: Vec<LockedPackage<'a>>,
}

impl<'a> Lockfile<'a> {
    /// Reads a lock file. Entries that are no packages are left out.
    pub fn read(file: &'a ProjectFile) -> Self {
        let nodes =
            file.root().and_then(|root| root.get("package")).into_iter().flat_map(Node::items);
        let text = |node: &'a Node, key: &str| node.get(key).and_then(Node::as_str);
        let nodes: Vec<(&Node, LockedPackage<'a>)> = nodes
            .filter_map(|node| {
                let name = node.get("name")?;
                let package = LockedPackage {
                    name: name.as_str()?,
                    version: text(node, "version")?,
                    source: text(node, "source"),
                    range: name.range,
                    dependencies: Vec::new(),
                };
                Some((node, package))
            })
            .collect();
        let mut by_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (index, (_, package)) in nodes.iter().enumerate() {
            by_name.entry(package.name).or_default().push(index);
        }
        // `name`, `name version` or `name version (source)`, as much as tells them apart.
        let find = |text: &str| {
            let mut words = text.split(' ');
            let candidates = by_name.get(words.next()?)?;
            let version = words.next();
            let source = words.next().map(|it| it.trim_matches(['(', ')']));
            candidates.iter().copied().find(|index| {
                nodes.get(*index).is_some_and(|(_, package)| {
                    version.is_none_or(|it| it == package.version)
                        && source.is_none_or(|it| package.source == Some(it))
                })
            })
        };
        let dependencies: Vec<Vec<usize>> = nodes
            .iter()
            .map(|(node, _)| {
                let list = node.get("dependencies").into_iter().flat_map(Node::items);
                list.filter_map(Node::as_str).filter_map(find).collect()
            })
            .collect();
        let packages = nodes.into_iter().zip(dependencies);
        let packages =
            packages.map(|((_, package), dependencies)| LockedPackage { dependencies, ..package });
        Self { packages: packages.collect() }
    }

    /// The packages of a name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (usize, &LockedPackage<'a>)> {
        self.packages.iter().enumerate().filter(move |(_, package)| package.name == name)
    }

    /// The packages that a package depends on, by their indices.
    pub fn dependencies(&self, index: usize) -> impl Iterator<Item = (usize, &LockedPackage<'a>)> {
        let indices = self.packages.get(index).map_or(&[][..], |it| &it.dependencies);
        indices.iter().filter_map(|index| Some((*index, self.packages.get(*index)?)))
    }

    /// Everything that `start` depends on, itself included.
    pub fn reachable(&self, start: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = start.into_iter().collect();
        while let Some(index) = open.pop() {
            if found.insert(index) {
                open.extend(self.dependencies(index).map(|(index, _)| index));
            }
        }
        found
    }

    /// Everything that depends on one of `targets`, these included.
    pub fn dependants(&self, targets: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); self.packages.len()];
        for (index, package) in self.packages.iter().enumerate() {
            for dependency in &package.dependencies {
                if let Some(list) = above.get_mut(*dependency) {
                    list.push(index);
                }
            }
        }
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = targets.into_iter().collect();
        while let Some(index) = open.pop() {
            if found.insert(index) {
                open.extend(above.get(index).into_iter().flatten());
            }
        }
        found
    }
}
