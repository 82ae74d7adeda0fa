use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::declarations::{FileSymbols, ModuleDecl};
use crate::project::package::{Packages, Role};
use crate::project::paths::join;

/// How a file is reached from the root of its crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleInfo {
    /// Every way to the file leads through test code.
    pub test_only: bool,
    /// Every module on the way is `pub`.
    pub public: bool,
    /// `#[doc(hidden)]` stands on the way.
    pub hidden: bool,
    /// The name of the module; empty for a crate root.
    pub name: String,
    /// The lints that attributes on the way allow, those of the crate root among them.
    pub allows: Vec<String>,
}

/// The module trees of all crates of a workspace, by file.
#[derive(Debug, Clone, Default)]
pub struct Modules {
    files: BTreeMap<String, ModuleInfo>,
    /// The roots of libraries.
    libraries: Vec<String>,
    /// The files of modules, by the file and the inline modules that declare them and their name.
    children: FxHashMap<(String, Vec<String>, String), String>,
}

impl Modules {
    pub fn of(packages: &Packages, files: &BTreeMap<String, Arc<FileSymbols>>) -> Self {
        let mut modules = Self::default();
        for path in files.keys() {
            let Some(package) = packages.owner(path) else { continue };
            if package.is_crate_root(path) {
                let info = ModuleInfo {
                    test_only: package.role(path) == Role::Test,
                    public: package.role(path) == Role::Lib,
                    hidden: false,
                    name: String::new(),
                    allows: package.allowed_lints.clone(),
                };
                if info.public {
                    modules.libraries.push(path.clone());
                }
                modules.visit(path, info, true, files);
            }
        }
        modules
    }

    pub fn get(&self, path: &str) -> Option<&ModuleInfo> {
        self.files.get(path)
    }

    pub fn libraries(&self) -> impl Iterator<Item = &str> {
        self.libraries.iter().map(String::as_str)
    }

    /// The file of the module `name` that `path` declares in its inline modules `within`.
    pub fn child(&self, path: &str, within: &[String], name: &str) -> Option<&str> {
        let key = (path.to_string(), within.to_vec(), name.to_string());
        self.children.get(&key).map(String::as_str)
    }

    fn visit(
        &mut self,
        path: &str,
        mut info: ModuleInfo,
        is_root: bool,
        files: &BTreeMap<String, Arc<FileSymbols>>,
    ) {
        let Some(symbols) = files.get(path) else { return };
        info.test_only |= symbols.test_only;
        info.allows.extend(symbols.allows.iter().cloned());
        match self.files.get_mut(path) {
            Some(known) => {
                // A second way to the file matters only when it makes more of it count.
                let more = (known.test_only && !info.test_only) || (!known.public && info.public);
                if !more {
                    return;
                }
                known.test_only &= info.test_only;
                known.public |= info.public;
                known.allows.retain(|lint| info.allows.contains(lint));
            }
            None => {
                self.files.insert(path.to_string(), info.clone());
            }
        }
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let own_folder = if is_root || file == "mod.rs" {
            folder.to_string()
        } else {
            join(folder, file.trim_end_matches(".rs"))
        };
        for decl in symbols.modules().filter(|decl| !decl.inline) {
            let target =
                candidates(decl, folder, &own_folder).into_iter().find(|it| files.contains_key(it));
            let Some(target) = target else { continue };
            self.children
                .insert((path.to_string(), decl.within.clone(), decl.name.clone()), target.clone());
            let mut allows = info.allows.clone();
            allows.extend(decl.allows.iter().cloned());
            let below = ModuleInfo {
                test_only: info.test_only || decl.test_only,
                public: info.public && decl.public && inline_parents_public(decl, symbols),
                hidden: info.hidden || decl.hidden || inline_parents_hidden(decl, symbols),
                name: decl.name.clone(),
                allows,
            };
            self.visit(&target, below, false, files);
        }
    }
}

fn candidates(decl: &ModuleDecl, folder: &str, own_folder: &str) -> Vec<String> {
    let base = join(own_folder, &decl.within.join("/"));
    match &decl.path {
        // Below inline modules the attribute counts from the modules' folder.
        Some(path) if decl.within.is_empty() => vec![join(folder, path)],
        Some(path) => vec![join(&base, path)],
        None => {
            let name = decl.name.trim_start_matches("r#");
            vec![join(&base, &format!("{name}.rs")), join(&base, &format!("{name}/mod.rs"))]
        }
    }
}

/// Whether the inline modules around a declaration are all `pub`.
fn inline_parents_public(decl: &ModuleDecl, symbols: &FileSymbols) -> bool {
    (0..decl.within.len()).all(|depth| {
        symbols.modules().any(|it| {
            it.inline
                && it.public
                && it.name == decl.within[depth]
                && it.within == decl.within[..depth]
        })
    })
}

/// Whether one of the inline modules around a declaration is `#[doc(hidden)]`.
fn inline_parents_hidden(decl: &ModuleDecl, symbols: &FileSymbols) -> bool {
    (0..decl.within.len()).any(|depth| {
        symbols.modules().any(|it| {
            it.inline
                && it.hidden
                && it.name == decl.within[depth]
                && it.within == decl.within[..depth]
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::ItemSymbols;

    fn decl(name: &str, public: bool, test_only: bool) -> ModuleDecl {
        ModuleDecl {
            within: Vec::new(),
            name: name.to_string(),
            path: None,
            public,
            test_only,
            inline: false,
            hidden: false,
            allows: Vec::new(),
        }
    }

    fn file(modules: Vec<ModuleDecl>) -> Arc<FileSymbols> {
        let items = vec![Arc::new(ItemSymbols { modules, ..ItemSymbols::default() })];
        Arc::new(FileSymbols { items, ..FileSymbols::default() })
    }

    #[test]
    fn what_only_test_modules_reach_is_test_code() {
        let manifest = ("Cargo.toml".to_string(), "[package]\nname = \"p\"".to_string());
        let packages = Packages::read(&[manifest], |path| path == "src/lib.rs");
        let files = BTreeMap::from([
            ("src/lib.rs".to_string(), file(vec![decl("a", true, false), decl("t", false, true)])),
            ("src/a.rs".to_string(), file(vec![decl("b", false, false)])),
            ("src/a/b.rs".to_string(), file(vec![])),
            ("src/t/mod.rs".to_string(), file(vec![decl("u", true, false)])),
            ("src/t/u.rs".to_string(), file(vec![])),
            ("src/loose.rs".to_string(), file(vec![])),
        ]);
        let modules = Modules::of(&packages, &files);
        let of = |path| modules.get(path).map(|it| (it.test_only, it.public));
        assert_eq!(of("src/a.rs"), Some((false, true)));
        assert_eq!(of("src/a/b.rs"), Some((false, false)));
        assert_eq!(of("src/t/u.rs"), Some((true, false)));
        assert_eq!(of("src/loose.rs"), None);
    }
}
