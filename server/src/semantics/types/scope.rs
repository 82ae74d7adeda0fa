//! Which item of the workspace a name in a signature means, and what an alias stands for.

use crate::project::{SymbolIndex, TypeDef, base_name};
use crate::semantics::type_text::arguments;
use crate::syntax::ast::{self, HasName};
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode};

/// Aliases of aliases are followed this far.
const MAX_ALIASES: usize = 6;

/// The file that a type is written in, with what is known of its imports.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub symbols: &'a SymbolIndex,
    /// Relative to the workspace root.
    pub file: &'a str,
    /// All imports in view; for other files than that of a finding only those that
    /// [`SymbolIndex::outcome_import`] knows.
    pub imports: Option<&'a Imports>,
}

impl<'a> Scope<'a> {
    /// The same workspace as seen from another file.
    pub fn of(self, file: &'a str) -> Self {
        Self { file, imports: None, ..self }
    }

    /// A path as it is written, by its full path as far as the imports tell.
    pub fn resolve(&self, path: &str) -> String {
        let path = path.trim_start_matches("::");
        // `use thiserror::Error` imports a derive beside which the type of that name is declared.
        if self.symbols.types_at(path).any(|(file, _)| file == self.file) {
            return path.to_string();
        }
        let full = match self.imports {
            Some(imports) => imports.resolve(path),
            None => match self.symbols.outcome_import(self.file, path) {
                Some(full) => full.to_string(),
                None => path.to_string(),
            },
        };
        // `use ::failure;`
        let full = full.trim_start_matches("::").to_string();
        let full = self.reexported(&full).unwrap_or(full);
        let module = full.split("::").next().unwrap_or_default();
        if full.contains("::") && matches!(module, "io" | "fmt" | "num" | "net" | "env") {
            return format!("std::{full}");
        }
        match full.strip_prefix("core::").or_else(|| full.strip_prefix("alloc::")) {
            Some(rest) => format!("std::{rest}"),
            None => full,
        }
    }

    /// What the package exports under a name that it took from elsewhere: `anyhow::Result` for
    /// `crate::errors::Result`, and for the `Result` of `use crate::errors::*`.
    fn reexported(&self, full: &str) -> Option<String> {
        let name = base_name(full);
        let first = full.split("::").next().unwrap_or(full);
        let own = matches!(first, "crate" | "super" | "self");
        let globbed = || {
            let globs = self.imports.map(|it| {
                it.globs().any(|it| ["crate", "super"].iter().any(|own| it.starts_with(own)))
            });
            full == name && globs.unwrap_or(true)
        };
        if !matches!(name, "Result" | "Error") || !(own || globbed()) {
            return None;
        }
        // What the package declares itself comes first.
        let packages = self.symbols.packages();
        let package = packages.owner(self.file)?;
        let here = |file: &str| packages.owner(file).is_some_and(|it| it.folder == package.folder);
        let declared =
            self.symbols.aliases(name).any(|(file, it)| it.owner.is_none() && here(file))
                || self.symbols.types_at(name).any(|(file, _)| here(file));
        if declared {
            return None;
        }
        let files =
            self.symbols.files().filter(|it| here(it)).filter_map(|it| self.symbols.file(it));
        let mut exported = files.flat_map(|file| file.items.iter()).flat_map(|it| &it.reexports);
        let found = exported.find(|it| it.name.as_deref() == Some(name))?;
        let is_report = matches!(found.path.first()?.as_str(), "anyhow" | "eyre" | "color_eyre");
        is_report.then(|| found.path.join("::"))
    }

    /// The type of the workspace that a path means, with the file it stands in.
    pub fn type_def(&self, path: &str) -> Option<(&'a str, &'a TypeDef)> {
        let full = self.resolve(path);
        self.pick(&full, self.symbols.types_at(base_name(&full)).collect())
    }

    /// A type with the aliases at its head followed, and the file that its error is written in.
    pub fn expanded(self, ty: &str) -> (String, Self) {
        let (mut ty, mut scope) = (ty.to_string(), self);
        for _ in 0..MAX_ALIASES {
            let head = ty.split('<').next().unwrap_or(&ty);
            if head.starts_with(['&', '(', '[']) {
                break;
            }
            let full = scope.resolve(head);
            let aliases =
                scope.symbols.aliases(base_name(&full)).filter(|(_, it)| it.owner.is_none());
            let Some((file, alias)) = scope.pick(&full, aliases.collect()) else { break };
            if of_types(&arguments(&ty)).count() > of_types(&alias.parameters).count() {
                break;
            }
            ty = substituted(&alias.target, &alias.parameters, &arguments(&ty));
            scope = scope.of(file);
        }
        (ty, scope)
    }

    /// The one of some items of a name that a full path means.
    fn pick<T>(&self, full: &str, mut items: Vec<(&'a str, &'a T)>) -> Option<(&'a str, &'a T)> {
        if items.is_empty() {
            return None;
        }
        let packages = self.symbols.packages();
        let first = full.split("::").next().unwrap_or(full);
        let own = packages.owner(self.file).map(|it| it.folder.as_str());
        let is_path = full.contains("::");
        let relative = !is_path
            || matches!(first, "crate" | "self" | "super" | "Self")
            || first.starts_with(char::is_uppercase);
        let package = match packages.iter().find(|it| it.name.replace('-', "_") == first) {
            Some(package) if !relative => Some(package.folder.as_str()),
            _ if relative || self.is_module_here(first) => own,
            _ => return None,
        };
        items.retain(|(file, _)| {
            packages.owner(file).map(|it| it.folder.as_str()) == package
                && !self.symbols.module(file).is_some_and(|module| module.test_only)
        });
        let only = |items: &[(&'a str, &'a T)]| match items {
            [only] => Some(*only),
            _ => None,
        };
        if !is_path {
            let here: Vec<_> =
                items.iter().copied().filter(|(file, _)| *file == self.file).collect();
            if !here.is_empty() {
                return only(&here);
            }
            // A name that no import brings into view comes from a module imported as a whole.
            let globs = self.imports.is_none_or(|imports| {
                imports.globs().any(|it| {
                    let first = it.split("::").next().unwrap_or(it);
                    matches!(first, "crate" | "super" | "self")
                        || packages.iter().any(|it| it.name.replace('-', "_") == first)
                })
            });
            return if globs { only(&items) } else { None };
        }
        if items.len() > 1 {
            let module = full.rsplit("::").nth(1).unwrap_or_default();
            items.retain(|(file, _)| {
                let name = self.symbols.module(file).map_or("", |module| module.name.as_str());
                match module {
                    "crate" => name.is_empty(),
                    _ if Some(module) == Some(first) => name.is_empty(),
                    _ => name == module,
                }
            });
        }
        only(&items)
    }

    /// Whether a path that begins with `name` is one of a module of the same file's.
    fn is_module_here(&self, name: &str) -> bool {
        let file = self.symbols.file(self.file);
        file.is_some_and(|file| file.modules().any(|module| module.name == name))
    }
}

/// Generic arguments or parameters without the lifetimes among them.
fn of_types<T: AsRef<str>>(list: &[T]) -> impl Iterator<Item = &str> {
    list.iter().map(AsRef::as_ref).filter(|it| !it.starts_with('\''))
}

/// The target of an alias with its parameters replaced by the arguments it is used with.
fn substituted(target: &str, parameters: &[String], given: &[&str]) -> String {
    let mut given = of_types(given);
    let parameters: Vec<(&str, String)> = of_types(parameters)
        .map(|parameter| {
            let (name, default) = parameter.split_once('=').unwrap_or((parameter, "_"));
            let name = name.split(':').next().unwrap_or(name);
            (name, given.next().unwrap_or(default).to_string())
        })
        .collect();
    let mut text = String::new();
    let mut word = String::new();
    for c in target.chars().chain(['\0']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        match parameters.iter().find(|(name, _)| *name == word) {
            Some((_, argument)) => text.push_str(argument),
            None => text.push_str(&word),
        }
        word.clear();
        if c != '\0' {
            text.push(c);
        }
    }
    text
}

/// Whether a name is that of a generic parameter of the function or of its `impl`.
pub fn is_type_parameter(name: &str, around: &[SyntaxNode]) -> bool {
    around
        .iter()
        .filter(|node| matches!(node.kind(), SyntaxKind::FN | SyntaxKind::IMPL | SyntaxKind::TRAIT))
        .flat_map(|node| node.children().filter_map(ast::GenericParamList::cast))
        .flat_map(|list| list.generic_params())
        .any(|parameter| match parameter {
            ast::GenericParam::TypeParam(it) => it.name().is_some_and(|it| it.text() == name),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::substituted;

    #[test]
    fn aliases_take_arguments_and_defaults() {
        let parameters = ["'a".to_string(), "T=()".to_string(), "E=Error".to_string()];
        let target = "std::result::Result<T,E>";
        assert_eq!(substituted(target, &parameters, &[]), "std::result::Result<(),Error>");
        assert_eq!(
            substituted(target, &parameters, &["'_", "Vec<T>"]),
            "std::result::Result<Vec<T>,Error>"
        );
        assert_eq!(
            substituted(target, &parameters, &["u8", "String"]),
            "std::result::Result<u8,String>"
        );
    }
}
