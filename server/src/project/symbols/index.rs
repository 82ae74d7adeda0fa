//! What can be asked about the declarations of a whole workspace.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::constants::ConstantValue;
use super::declarations::{Alias, FileSymbols, Function, Impl, ItemSymbols, TypeDef};
use super::doubles::{NamedDouble, is_named_as_double};
use super::exports::Exports;
use super::facts::{InstalledVerifier, SecretCall};
use super::modules::{ModuleInfo, Modules};
use super::undocumented::{Owner, UndocumentedItem};
use super::used_values::Refused;
use super::uses::{FileUses, Uses};
use crate::project::package::{Package, Packages, Role};
use crate::project::package_graph::PackageGraph;

/// What the sources of a workspace declare, by name.
#[derive(Debug, Clone, Default)]
pub struct SymbolIndex {
    files: BTreeMap<String, Arc<FileSymbols>>,
    index: Index,
    modules: Modules,
    exports: Exports,
    packages: Packages,
    /// The folders of the packages that each package can name, by its folder.
    views: FxHashMap<String, FxHashSet<String>>,
    pub(super) uses: Arc<Uses>,
}

/// What is declared by name, each with the file it stands in.
#[derive(Debug, Clone, Default)]
struct Index {
    functions: ByName,
    types: ByName,
    /// By the name of the type.
    impls: ByName,
    /// By the name of the field.
    fields: ByName,
    aliases: ByName,
    /// Functions by the names that they take for paths of files.
    paths: ByName,
    /// By the value that is refused.
    refused: ByName,
    /// By the constant that is listened on.
    listened: ByName,
    constants: ByName,
    /// By the name of the called function.
    secret_calls: ByName,
    /// By the name of the verifier's type.
    verifiers: ByName,
    /// Functions by the fields and statics from which they may remove entries.
    emptied: ByName,
    /// By the name of a type that may be a double of tests.
    doubles: ByName,
}

type ByName = FxHashMap<String, Vec<Entry>>;

/// One of the declarations of an item.
#[derive(Debug, Clone)]
struct Entry {
    path: Arc<str>,
    item: Arc<ItemSymbols>,
    /// Which of the item's functions, types, impls or aliases it is.
    at: usize,
    /// Which of a type's fields, or of what a function does.
    field: usize,
}

/// The declarations by a name, each with the file that it stands in.
fn at<'a, T: 'a>(
    index: &'a ByName,
    name: &str,
    get: impl Fn(&'a Entry) -> Option<&'a T>,
) -> impl Iterator<Item = (&'a str, &'a T)> {
    let entries = index.get(name).into_iter().flatten();
    entries.filter_map(move |entry| Some((&*entry.path, get(entry)?)))
}

impl SymbolIndex {
    /// Merges the symbols of files, by their paths relative to the workspace root.
    pub fn new(packages: Packages, files: BTreeMap<String, Arc<FileSymbols>>) -> Self {
        let index = || {
            let mut index = Index::default();
            files.iter().for_each(|(path, file)| index.add(path, file));
            index
        };
        let relate = || {
            let modules = Modules::of(&packages, &files);
            let exports = Exports::of(&packages, &modules, &files);
            (modules, exports)
        };
        let (index, (modules, exports)) = rayon::join(index, relate);
        let views = views(&packages);
        Self { files, index, modules, exports, packages, views, uses: Arc::default() }
    }

    /// Takes in what a file names. Returns whether findings may change by it.
    pub fn set_uses(&self, path: &str, uses: Arc<FileUses>) -> bool {
        self.uses.set(path, uses)
    }

    /// Replaces the symbols of one file. Returns whether anything changed.
    pub fn replace(&mut self, path: &str, file: Arc<FileSymbols>) -> bool {
        if self.files.get(path).is_some_and(|old| **old == *file) {
            return false;
        }
        self.uses.forget_answers();
        self.index.forget(path);
        self.index.add(path, &file);
        let old = self.files.insert(path.to_string(), Arc::clone(&file));
        if old.is_none_or(|old| !old.relates_as(&file)) {
            self.relate();
        }
        true
    }

    /// Removes a file that is gone. Returns whether it was known.
    pub fn remove(&mut self, path: &str) -> bool {
        if self.files.remove(path).is_none() {
            return false;
        }
        self.uses.remove(path);
        self.index.forget(path);
        self.relate();
        true
    }

    /// Replaces the packages. Returns whether anything changed.
    pub fn set_packages(&mut self, packages: Packages) -> bool {
        if self.packages == packages {
            return false;
        }
        self.views = views(&packages);
        self.packages = packages;
        self.uses.forget_answers();
        self.relate();
        true
    }

    /// The packages of the workspace.
    pub fn packages(&self) -> &Packages {
        &self.packages
    }

    /// The paths of all files, relative to the workspace root.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files in a folder and the folders below it.
    pub fn files_below(&self, folder: &str) -> impl Iterator<Item = &str> + use<'_> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = self.files.range(prefix.clone()..).map(|(path, _)| path.as_str());
        from.take_while(move |path| path.starts_with(&prefix))
    }

    /// The files of the package that a file belongs to; those of none, where none owns it.
    pub fn files_beside<'a>(&'a self, path: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let folder = |path: &str| self.packages.owner(path).map(|it| it.folder.as_str());
        let own = folder(path);
        self.files_below(own.unwrap_or_default()).filter(move |it| folder(it) == own)
    }

    /// What one file declares, by its path relative to the workspace root.
    pub fn file(&self, path: &str) -> Option<&Arc<FileSymbols>> {
        self.files.get(path)
    }

    /// How a file is reached from the roots of its package; nothing for a file that no module
    /// declaration leads to.
    pub fn module(&self, path: &str) -> Option<&ModuleInfo> {
        self.modules.get(path)
    }

    /// The functions and methods of a name, each with the file that it stands in.
    pub fn functions_at(&self, name: &str) -> impl Iterator<Item = (&str, &Function)> {
        at(&self.index.functions, name, |entry| entry.item.functions.get(entry.at))
    }

    /// The types of a name, each with the file that it stands in.
    pub fn types_at(&self, name: &str) -> impl Iterator<Item = (&str, &TypeDef)> {
        at(&self.index.types, name, |entry| entry.item.types.get(entry.at))
    }

    /// The trait implementations for the types of a name, each with the file it stands in.
    pub fn impls_at(&self, for_type: &str) -> impl Iterator<Item = (&str, &Impl)> {
        at(&self.index.impls, for_type, |entry| entry.item.impls.get(entry.at))
    }

    /// The full path that a file imports `name` by, for names as [`ItemSymbols::outcomes`] has them.
    pub fn outcome_import(&self, path: &str, name: &str) -> Option<&str> {
        let items = self.files.get(path)?.items.iter();
        let mut imports = items.flat_map(|item| &item.outcomes);
        imports.find(|(it, _)| it == name).map(|(_, full)| full.as_str())
    }

    /// The functions and methods of a name.
    pub fn functions(&self, name: &str) -> impl Iterator<Item = &Function> {
        self.functions_at(name).map(|(_, function)| function)
    }

    /// The types of a name that the file `from` can mean, each with the file that it stands in: those of
    /// its own package, and of packages that this depends on.
    pub fn types_in_view(&self, from: &str, name: &str) -> impl Iterator<Item = (&str, &TypeDef)> {
        let view = self.view(from);
        self.types_at(name).filter(move |(path, _)| view.contains(path))
    }

    /// The functions and methods of a name that the file `from` can mean.
    pub fn functions_in_view(&self, from: &str, name: &str) -> impl Iterator<Item = &Function> {
        let view = self.view(from);
        self.functions_at(name).filter(move |(path, _)| view.contains(path)).map(|(_, it)| it)
    }

    /// The types as written that the fields of a name have, of the types that the file `from` can
    /// mean.
    pub fn fields_in_view(&self, from: &str, name: &str) -> impl Iterator<Item = &str> {
        let view = self.view(from);
        let fields = at(&self.index.fields, name, |entry| {
            entry.item.types.get(entry.at)?.fields.get(entry.field)
        });
        fields.filter(move |(path, _)| view.contains(path)).map(|(_, (_, ty))| ty.as_str())
    }

    fn view(&self, from: &str) -> View<'_> {
        let own = self.packages.owner(from);
        let named = own.and_then(|it| self.views.get(&it.folder));
        View { packages: &self.packages, own, named }
    }

    /// Whether a function in the package that owns `path` takes what is called `name` for the path
    /// of a file. Asked of names that may be those of keys and secrets.
    pub fn is_used_as_path(&self, path: &str, name: &str) -> bool {
        let package = |path: &str| self.packages.owner(path).map(|it| &it.folder);
        let own = package(path);
        self.index.paths.get(name).into_iter().flatten().any(|it| package(&it.path) == own)
    }

    /// The functions that a file declares.
    pub fn functions_in(&self, path: &str) -> impl Iterator<Item = &Function> {
        self.file(path).into_iter().flat_map(|file| &file.items).flat_map(|it| &it.functions)
    }

    /// The types of a name.
    pub fn types(&self, name: &str) -> impl Iterator<Item = &TypeDef> {
        self.types_at(name).map(|(_, def)| def)
    }

    /// Whether some function refuses a text, be it by the name of a constant, and returns an error
    /// or ends.
    pub fn refuses(&self, value: &Refused) -> bool {
        let (Refused::Empty(key) | Refused::Text(key) | Refused::Constant(key)) = value;
        let mut found = at(&self.index.refused, key, |entry| entry.item.refusals.get(entry.at));
        found.any(|(_, it)| it == value)
    }

    /// Whether some function listens on what a constant of this name says.
    pub fn listens_on(&self, constant: &str) -> bool {
        self.index.listened.contains_key(constant)
    }

    /// The types as written that the fields of a name have.
    pub fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        at(&self.index.fields, name, |entry| {
            entry.item.types.get(entry.at)?.fields.get(entry.field)
        })
        .map(|(_, (_, ty))| ty.as_str())
    }

    /// The trait implementations for the types of a name.
    pub fn impls(&self, for_type: &str) -> impl Iterator<Item = &Impl> {
        self.impls_at(for_type).map(|(_, it)| it)
    }

    /// What a type alias of this name stands for.
    pub fn alias(&self, name: &str) -> Option<&str> {
        let mut aliases = self.aliases(name);
        aliases.find(|(_, it)| it.owner.is_none()).map(|(_, it)| it.target.as_str())
    }

    /// The type aliases and associated types of a name, each with the file that it stands in.
    pub fn aliases(&self, name: &str) -> impl Iterator<Item = (&str, &Alias)> {
        at(&self.index.aliases, name, |entry| entry.item.aliases.get(entry.at))
    }

    /// What the constants and statics of a name hold.
    pub fn constants(&self, name: &str) -> impl Iterator<Item = &ConstantValue> {
        at(&self.index.constants, name, |entry| entry.item.constants.get(entry.at))
            .map(|(_, it)| &it.value)
    }

    /// The calls of a function that are about secrets, each with the file that it stands in.
    pub fn secret_calls(&self, function: &str) -> impl Iterator<Item = (&str, &SecretCall)> {
        at(&self.index.secret_calls, function, |entry| {
            entry.item.functions.get(entry.at)?.facts.secret_calls.get(entry.field)
        })
    }

    /// The places where verifiers of a type are installed.
    pub fn verifiers(&self, name: &str) -> impl Iterator<Item = &InstalledVerifier> {
        at(&self.index.verifiers, name, |entry| {
            entry.item.functions.get(entry.at)?.facts.verifiers.get(entry.field)
        })
        .map(|(_, it)| it)
    }

    /// Whether some function may remove entries from a field or static of a name.
    pub fn is_emptied(&self, name: &str) -> bool {
        self.index.emptied.contains_key(name)
    }

    /// Whether a type stands in for another one in tests: it is named so, and no code but that of
    /// tests and of other doubles names it.
    pub fn is_test_double(&self, name: &str) -> bool {
        is_named_as_double(name) && !self.is_named_in_production(name, 3)
    }

    fn is_named_in_production(&self, double: &str, depth: usize) -> bool {
        let named = at(&self.index.doubles, double, |entry| entry.item.doubles.get(entry.at));
        let mut named = named.filter(|(path, _)| !self.is_test_file(path));
        named.any(|(_, NamedDouble { owner, .. })| match (owner, depth.checked_sub(1)) {
            (Some(owner), Some(below)) if is_named_as_double(owner) => {
                self.is_named_in_production(owner, below)
            }
            _ => true,
        })
    }

    /// Whether all of a file is code of tests.
    pub fn is_test_file(&self, path: &str) -> bool {
        self.packages.role(path) == Role::Test || self.module(path).is_some_and(|it| it.test_only)
    }

    /// Whether the package that owns `path` exports `name` by a `pub use`.
    pub fn is_reexported(&self, path: &str, name: &str) -> bool {
        let package = self.packages.owner(path).map(|package| package.folder.as_str());
        self.exports.is_reexported(package, name)
    }

    /// Whether a `pub` item of `name` can be named from outside its crate, by its own path or by
    /// that of a `pub use`. It stands in the file `path`, in the inline modules `within`.
    pub fn is_exported(&self, path: &str, within: &[String], name: &str) -> bool {
        self.exports.contains(path, within, name)
    }

    /// Whether an `impl` in the file `path` is for a documented part of its crate's interface: a
    /// `pub` type of that name, preferably of the same file, that can be named from outside.
    pub fn is_exported_type(&self, path: &str, name: &str) -> bool {
        let package = self.packages.owner(path).map(|package| &package.folder);
        let here = self.types_at(name).any(|(file, _)| *file == *path);
        self.types_at(name)
            .filter(|(file, _)| match here {
                true => **file == *path,
                false => self.packages.owner(file).map(|it| &it.folder) == package,
            })
            .any(|(file, def)| {
                def.public && !def.hidden && self.is_exported(file, &def.within, name)
            })
    }

    /// Whether users of the crate see an item of the file `path`, and find no documentation of it
    /// elsewhere.
    pub fn shows_undocumented(&self, path: &str, item: &UndocumentedItem) -> bool {
        let documented = item.declared_elsewhere && {
            let file = self.module_file(path, &item.within, &item.name);
            file.and_then(|file| self.file(file)).is_none_or(|file| file.documented)
        };
        !documented
            && self.module(path).is_some_and(|module| !module.hidden)
            && match &item.owner {
                Owner::Name(name) => self.is_exported(path, &item.within, name),
                Owner::Type(name) => self.is_exported_type(path, name),
                Owner::Nothing => true,
            }
    }

    /// The file of the module `name` that is declared in the file `path`, in the inline modules
    /// `within`.
    pub fn module_file(&self, path: &str, within: &[String], name: &str) -> Option<&str> {
        self.modules.child(path, within, name)
    }

    /// Brings up to date what follows from all files together.
    fn relate(&mut self) {
        self.modules = Modules::of(&self.packages, &self.files);
        self.exports = Exports::of(&self.packages, &self.modules, &self.files);
    }
}

/// The folders of the packages that each package can name: those that it depends on, be it through
/// one that exports them.
fn views(packages: &Packages) -> FxHashMap<String, FxHashSet<String>> {
    let graph = PackageGraph::of(packages);
    let used = |at: usize| graph.neighbours(at, &graph.uses).iter().copied();
    let view = |(at, package): (usize, &&Arc<Package>)| {
        let all = used(at).chain(used(at).flat_map(used));
        let folders = all.filter_map(|it| Some(graph.packages.get(it)?.folder.clone()));
        (package.folder.clone(), folders.collect())
    };
    graph.packages.iter().enumerate().map(view).collect()
}

/// What a package can name: its own items, and those of packages that it depends on.
struct View<'a> {
    packages: &'a Packages,
    own: Option<&'a Arc<Package>>,
    named: Option<&'a FxHashSet<String>>,
}

impl View<'_> {
    fn contains(&self, path: &str) -> bool {
        let (Some(own), Some(other)) = (self.own, self.packages.owner(path)) else { return true };
        own.folder == other.folder || self.named.is_some_and(|it| it.contains(&other.folder))
    }
}

impl Index {
    fn add(&mut self, path: &str, file: &FileSymbols) {
        fn insert(index: &mut ByName, name: &str, entry: Entry) {
            match index.get_mut(name) {
                Some(entries) => entries.push(entry),
                None => {
                    index.insert(name.to_string(), vec![entry]);
                }
            }
        }
        let path: Arc<str> = Arc::from(path);
        for item in &file.items {
            let entry = |at, field| {
                let (path, item) = (Arc::clone(&path), Arc::clone(item));
                Entry { path, item, at, field }
            };
            for (at, function) in item.functions.iter().enumerate() {
                insert(&mut self.functions, &function.name, entry(at, 0));
                for name in &function.facts.paths {
                    insert(&mut self.paths, name, entry(at, 0));
                }
                for (which, call) in function.facts.secret_calls.iter().enumerate() {
                    insert(&mut self.secret_calls, &call.function, entry(at, which));
                }
                for name in &function.facts.emptied {
                    insert(&mut self.emptied, name, entry(at, 0));
                }
                for (which, verifier) in function.facts.verifiers.iter().enumerate() {
                    insert(&mut self.verifiers, &verifier.name, entry(at, which));
                }
            }
            for (at, def) in item.types.iter().enumerate() {
                for (field, (name, _)) in def.fields.iter().enumerate() {
                    insert(&mut self.fields, name, entry(at, field));
                }
                insert(&mut self.types, &def.name, entry(at, 0));
            }
            for (at, it) in item.impls.iter().enumerate() {
                insert(&mut self.impls, &it.for_type, entry(at, 0));
            }
            for (at, it) in item.aliases.iter().enumerate() {
                insert(&mut self.aliases, &it.name, entry(at, 0));
            }
            for (at, it) in item.refusals.iter().enumerate() {
                let (Refused::Empty(key) | Refused::Text(key) | Refused::Constant(key)) = it;
                insert(&mut self.refused, key, entry(at, 0));
            }
            for (at, it) in item.listened.iter().enumerate() {
                insert(&mut self.listened, it, entry(at, 0));
            }
            for (at, it) in item.constants.iter().enumerate() {
                insert(&mut self.constants, &it.name, entry(at, 0));
            }
            for (at, it) in item.doubles.iter().enumerate() {
                insert(&mut self.doubles, &it.name, entry(at, 0));
            }
        }
    }

    fn forget(&mut self, path: &str) {
        let indexes = [
            &mut self.functions, &mut self.types, &mut self.fields, &mut self.impls,
            &mut self.aliases, &mut self.paths, &mut self.refused, &mut self.listened,
            &mut self.constants, &mut self.secret_calls, &mut self.verifiers, &mut self.emptied,
            &mut self.doubles,
        ];
        for index in indexes {
            index.retain(|_, entries| {
                entries.retain(|entry| *entry.path != *path);
                !entries.is_empty()
            });
        }
    }
}
