use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::declarations::{FileSymbols, ModuleDecl, Reexport};
use super::modules::Modules;
use crate::project::package::Packages;

/// A module: its file, and the inline modules in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Scope {
    file: String,
    within: Vec<String>,
}

/// What of a module can be named from outside the crate.
#[derive(Debug, Clone, Default)]
struct Visible {
    /// All its `pub` items.
    all: bool,
    /// These besides.
    names: FxHashSet<String>,
}

/// What the libraries of a workspace export.
#[derive(Debug, Clone, Default)]
pub(super) struct Exports {
    scopes: FxHashMap<Scope, Visible>,
    /// The names of `pub use`, by the folder of the package.
    reexported: FxHashMap<Option<String>, FxHashSet<String>>,
}

impl Exports {
    pub fn of(
        packages: &Packages,
        modules: &Modules,
        files: &BTreeMap<String, Arc<FileSymbols>>,
    ) -> Self {
        let mut exports = Self::default();
        for (path, file) in files {
            let names = file.items.iter().flat_map(|item| &item.reexports);
            for name in names.filter_map(|it| it.path.last()) {
                let package = packages.owner(path).map(|package| package.folder.clone());
                exports.reexported.entry(package).or_default().insert(name.clone());
            }
        }
        for root in modules.libraries() {
            let root = Scope { file: root.to_string(), within: Vec::new() };
            let tree = Tree::of(&root, modules, files);
            exports.export_all(&root, &tree);
        }
        exports
    }

    pub fn contains(&self, file: &str, within: &[String], name: &str) -> bool {
        let scope = Scope { file: file.to_string(), within: within.to_vec() };
        self.scopes.get(&scope).is_some_and(|visible| visible.all || visible.names.contains(name))
    }

    pub fn is_reexported(&self, package: Option<&str>, name: &str) -> bool {
        self.reexported.get(&package.map(str::to_string)).is_some_and(|it| it.contains(name))
    }

    fn export_all(&mut self, scope: &Scope, tree: &Tree<'_>) {
        let visible = self.scopes.entry(scope.clone()).or_default();
        if std::mem::replace(&mut visible.all, true) {
            return;
        }
        for (decl, child) in tree.children(scope) {
            if decl.public && !decl.test_only {
                self.export_all(child, tree);
            }
        }
        for reexport in tree.reexports(scope) {
            self.follow(scope, reexport, tree);
        }
    }

    /// Exports what a `pub use` in `scope` names.
    fn follow(&mut self, scope: &Scope, reexport: &Reexport, tree: &Tree<'_>) {
        if reexport.name.is_none() {
            if let Some(target) = tree.resolve(scope, &reexport.path) {
                self.export_all(&target, tree);
            }
        } else if let Some((name, module)) = reexport.path.split_last()
            && let Some(target) = tree.resolve(scope, module)
        {
            self.export_name(&target, name, tree);
        }
    }

    fn export_name(&mut self, scope: &Scope, name: &str, tree: &Tree<'_>) {
        let visible = self.scopes.entry(scope.clone()).or_default();
        if visible.all || !visible.names.insert(name.to_string()) {
            // A private module may still be exported by its name.
            if let Some(child) = tree.child(scope, name) {
                self.export_all(&child, tree);
            }
            return;
        }
        if let Some(child) = tree.child(scope, name) {
            self.export_all(&child, tree);
        }
        for reexport in tree.reexports(scope) {
            match &reexport.name {
                Some(known) if known == name => self.follow(scope, reexport, tree),
                Some(_) => {}
                None => {
                    if let Some(target) = tree.resolve(scope, &reexport.path) {
                        self.export_name(&target, name, tree);
                    }
                }
            }
        }
    }
}

/// The modules of one crate.
struct Tree<'a> {
    root: Scope,
    children: FxHashMap<Scope, Vec<(&'a ModuleDecl, Scope)>>,
    parents: FxHashMap<Scope, Scope>,
    reexports: FxHashMap<Scope, Vec<&'a Reexport>>,
}

impl<'a> Tree<'a> {
    fn of(root: &Scope, modules: &Modules, files: &'a BTreeMap<String, Arc<FileSymbols>>) -> Self {
        let mut tree = Self {
            root: root.clone(),
            children: FxHashMap::default(),
            parents: FxHashMap::default(),
            reexports: FxHashMap::default(),
        };
        let mut open = vec![root.file.clone()];
        let mut seen = FxHashSet::default();
        while let Some(path) = open.pop() {
            let Some(symbols) = files.get(&path) else { continue };
            if !seen.insert(path.clone()) {
                continue;
            }
            for decl in symbols.modules() {
                let scope = Scope { file: path.clone(), within: decl.within.clone() };
                let child = if decl.inline {
                    let mut within = decl.within.clone();
                    within.push(decl.name.clone());
                    Scope { file: path.clone(), within }
                } else {
                    let file = modules.child(&path, &decl.within, &decl.name);
                    let Some(file) = file.map(str::to_string) else { continue };
                    open.push(file.clone());
                    Scope { file, within: Vec::new() }
                };
                tree.parents.entry(child.clone()).or_insert_with(|| scope.clone());
                tree.children.entry(scope).or_default().push((decl, child));
            }
            for reexport in symbols.items.iter().flat_map(|item| &item.reexports) {
                let scope = Scope { file: path.clone(), within: reexport.within.clone() };
                tree.reexports.entry(scope).or_default().push(reexport);
            }
        }
        tree
    }

    fn children(&self, scope: &Scope) -> &[(&'a ModuleDecl, Scope)] {
        self.children.get(scope).map_or(&[], Vec::as_slice)
    }

    fn child(&self, scope: &Scope, name: &str) -> Option<Scope> {
        let found = self.children(scope).iter().find(|(decl, _)| decl.name == name)?;
        Some(found.1.clone())
    }

    fn reexports(&self, scope: &Scope) -> Vec<&'a Reexport> {
        self.reexports.get(scope).cloned().unwrap_or_default()
    }

    /// The module that a path in `scope` leads to; nothing outside the crate.
    fn resolve(&self, scope: &Scope, path: &[String]) -> Option<Scope> {
        let mut at = scope.clone();
        for segment in path {
            at = match segment.as_str() {
                "crate" => self.root.clone(),
                "self" => at,
                "super" => self.parents.get(&at)?.clone(),
                name => self.child(&at, name)?,
            };
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{ItemSymbols, SymbolIndex};
    use crate::syntax::items::Outline;
    use crate::syntax::{Document, Edition};

    fn symbols(sources: &[(&str, &str)]) -> SymbolIndex {
        let manifest = ("Cargo.toml".to_string(), "[package]\nname = \"p\"".to_string());
        let packages = Packages::read(&[manifest], |path| path == "src/lib.rs");
        let files = sources.iter().map(|(path, source)| {
            let root = Document::new(source, Edition::CURRENT).root().expect("it parses");
            let outline = Outline::of(&root);
            let mut file = FileSymbols::default();
            for container in outline.containers.iter().filter_map(|it| it.node(&root)) {
                file.items.push(Arc::new(ItemSymbols::of_container(&container)));
            }
            for leaf in outline.leaves.iter().filter_map(|it| it.node(&root)) {
                file.items.push(Arc::new(ItemSymbols::of_leaf(&leaf)));
            }
            (path.to_string(), Arc::new(file))
        });
        SymbolIndex::new(packages, files.collect())
    }

    #[test]
    fn public_modules_and_what_pub_use_names_are_exported() {
        let symbols = symbols(&[
            (
                "src/lib.rs",
                "pub mod open; mod closed; pub use closed::{One, deep::Two as Second, deep as d};
                 pub(crate) use closed::Three; mod inline { pub use super::closed::glob::*; }
                 pub use self::inline::Four; mod hidden { pub mod m {} }
                 #[cfg(fuzzing)] pub mod fuzzing { pub use super::closed::glob::Five; }
                 #[cfg(test)] pub use closed::glob::Five;",
            ),
            ("src/open.rs", "mod below; pub use below::*;"),
            ("src/open/below.rs", "pub struct Glob;"),
            ("src/closed.rs", "pub mod deep; mod glob; pub use deep::One;"),
            ("src/closed/deep.rs", ""),
            ("src/closed/glob.rs", "pub struct Four; pub struct Five;"),
        ]);
        let exported = |path, name| symbols.is_exported(path, &[], name);
        assert!(exported("src/lib.rs", "f") && exported("src/open.rs", "f"));
        assert!(exported("src/open/below.rs", "Glob"));
        assert!(exported("src/closed.rs", "One") && exported("src/closed/deep.rs", "One"));
        assert!(!exported("src/closed.rs", "Three"));
        assert!(exported("src/closed/deep.rs", "anything"));
        assert!(exported("src/closed/glob.rs", "Four") && !exported("src/closed/glob.rs", "Five"));
        assert!(!symbols.is_exported("src/lib.rs", &["hidden".to_string()], "x"));
        assert!(symbols.is_exported_type("src/lib.rs", "Four"));
        assert!(!symbols.is_exported_type("src/lib.rs", "Five"));
    }
}
