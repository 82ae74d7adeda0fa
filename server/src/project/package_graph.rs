//! Which packages of a project depend on which.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::package::{Package, Packages};

/// Which packages of the project depend on which.
pub(super) struct PackageGraph<'a> {
    pub packages: Vec<&'a Arc<Package>>,
    /// What each depends on, by places in `packages`.
    pub uses: Vec<Vec<usize>>,
    /// What depends on each.
    pub used_by: Vec<Vec<usize>>,
}

impl<'a> PackageGraph<'a> {
    /// The graph of all packages.
    pub fn of(packages: &'a Packages) -> Self {
        let packages: Vec<_> = packages.iter().collect();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, package) in packages.iter().enumerate() {
            by_name.entry(package.name.replace('-', "_")).or_default().push(at);
        }
        let mut uses = vec![Vec::new(); packages.len()];
        let mut used_by = vec![Vec::new(); packages.len()];
        for (user, package) in packages.iter().enumerate() {
            let used = package.dependencies.iter().filter_map(|it| by_name.get(it)).flatten();
            for used in used.copied() {
                uses.get_mut(user).into_iter().for_each(|it| it.push(used));
                used_by.get_mut(used).into_iter().for_each(|it| it.push(user));
            }
        }
        Self { packages, uses, used_by }
    }

    /// Where edges lead from a package.
    pub fn neighbours<'g>(&self, at: usize, edges: &'g [Vec<usize>]) -> &'g [usize] {
        edges.get(at).map(Vec::as_slice).unwrap_or_default()
    }

    /// The folders of the packages whose code is a part of what a package serves: it, what it
    /// depends on, and what depends on it.
    pub fn related(&self, at: usize) -> BTreeSet<&'a str> {
        let mut found = self.reached(at, &self.uses);
        found.extend(self.reached(at, &self.used_by));
        found
    }

    /// The folders of a package and of those that edges lead to.
    pub fn reached(&self, at: usize, edges: &[Vec<usize>]) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            let Some(package) = self.packages.get(at) else { continue };
            if found.insert(package.folder.as_str()) {
                open.extend(self.neighbours(at, edges));
            }
        }
        found
    }
}
