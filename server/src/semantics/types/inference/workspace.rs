//! What the functions, methods and types of the workspace are.

use super::Inference;
use crate::project::{Function, base_name};
use crate::semantics::type_text::arguments;
use crate::semantics::types::errors::Outcome;
use crate::semantics::types::signatures::method_names;
use crate::semantics::types::signatures::methods::pointee;

impl Inference<'_> {
    /// The type of the workspace that a text means, wherever it was written.
    pub(super) fn type_def(&self, ty: &str) -> Option<(&str, &crate::project::TypeDef)> {
        let path = ty.split('<').next().unwrap_or(ty);
        let path = if path == "Self" { self.located.self_type()? } else { path.to_string() };
        self.scope.type_def(&path).or_else(|| {
            // It may have been written in another file.
            let mut types = self.scope.symbols.types_at(base_name(&path));
            let (only, None) = (types.next()?, types.next()) else { return None };
            Some(only)
        })
    }

    /// What a method of a type of the workspace gives. The inner `None` says that it is such a
    /// method and that its outcome is not clear.
    pub(super) fn of_own_method(&self, ty: &str, name: &str) -> Option<Option<String>> {
        let (of, _) = self.type_def(pointee(ty))?;
        let owner = base_name(pointee(ty));
        let owner = if owner == "Self" { self.located.self_type()? } else { owner.to_string() };
        let methods: Vec<(&str, &Function)> = self
            .scope
            .symbols
            .functions_at(name)
            .filter(|(file, it)| {
                it.has_self && it.owner.as_deref() == Some(&owner) && self.same_package(file, of)
            })
            .collect();
        (!methods.is_empty()).then(|| self.agreed(&methods))
    }

    /// What the methods of a name give that only the workspace uses: two words or more.
    pub(super) fn of_shared_name(&self, name: &str) -> Option<String> {
        if !name.contains('_') || method_names::is_known(name) {
            return None;
        }
        let methods: Vec<(&str, &Function)> =
            self.scope.symbols.functions_at(name).filter(|(_, it)| it.has_self).collect();
        if methods.is_empty() {
            return None;
        }
        self.agreed(&methods)
    }

    /// The inner `None` says that it is a function of the workspace whose outcome is not clear.
    pub(super) fn of_workspace_function(&self, path: &str) -> Option<Option<String>> {
        let (owner, name) = match path.rsplit_once("::") {
            Some((owner, name)) => (Some(owner), name),
            None => (None, path),
        };
        let packages = self.scope.symbols.packages();
        let first = owner.map(|owner| owner.split("::").next().unwrap_or(owner));
        let named = packages.iter().find(|it| Some(it.name.replace('-', "_").as_str()) == first);
        let file = self.scope.symbols.file(self.scope.file);
        let is_module =
            file.is_some_and(|file| file.modules().any(|it| Some(it.name.as_str()) == first));
        let foreign = first.is_some_and(|first| {
            let lower = first.starts_with(char::is_lowercase);
            lower && !matches!(first, "crate" | "self" | "super") && !is_module && named.is_none()
        });
        if foreign {
            return None;
        }
        let package = match named {
            Some(package) => Some(&package.folder),
            None => packages.owner(self.scope.file).map(|it| &it.folder),
        };
        let owner = owner.map(base_name).filter(|it| it.starts_with(char::is_uppercase));
        let owner = match owner {
            Some("Self") => Some(self.located.self_type()?),
            other => other.map(str::to_string),
        };
        let functions: Vec<(&str, &Function)> = self
            .scope
            .symbols
            .functions_at(name)
            .filter(|(file, it)| {
                it.owner == owner && packages.owner(file).map(|it| &it.folder) == package
            })
            .collect();
        if functions.is_empty() {
            return None;
        }
        Some(self.agreed(&functions))
    }

    /// What all of some functions give, each with its file.
    fn agreed(&self, functions: &[(&str, &Function)]) -> Option<String> {
        let mut agreed: Option<String> = None;
        for (file, function) in functions {
            let returns = function.returns.as_deref().unwrap_or("()");
            let mut ty = self.canonical(returns, file);
            if let Some(owner) = &function.owner
                && !ty.contains("Self::")
            {
                ty = ty.replace("Self", owner);
            }
            if function.is_async {
                ty = format!("Future<{ty}>");
            }
            match &agreed {
                None => agreed = Some(ty),
                Some(known) if *known == ty => {}
                // Of functions that differ only in what they hold, the outcome is the same.
                Some(known) => {
                    let (a, b) = (self.classified(known)?, self.classified(&ty)?);
                    let same = a == b && base_name(known) == base_name(&ty);
                    agreed = Some(if !same {
                        return None;
                    } else if base_name(known) == "Option" {
                        "Option<_>".to_string()
                    } else {
                        format!("Result<_,{}>", arguments(known).get(1)?)
                    });
                }
            }
        }
        agreed
    }

    /// Whether a method of the workspace has this name and gives something else. What gives a
    /// tuple or a reference is not what is unwrapped.
    pub(super) fn disagrees(&self, name: &str, known: &str, is_unwrapped: bool) -> bool {
        self.scope.symbols.functions_at(name).filter(|(_, it)| it.has_self).any(
            |(file, function)| {
                let Some(returns) = function.returns.as_deref() else { return false };
                if is_unwrapped && returns.starts_with(['(', '&', '[']) {
                    return false;
                }
                let ty = self.canonical(returns, file);
                match self.classified(known) {
                    Some(Outcome::Option) => base_name(&ty) != "Option",
                    other => other != self.classified(&ty),
                }
            },
        )
    }

    pub(super) fn defines_method(&self, name: &str) -> bool {
        self.scope.symbols.functions(name).any(|it| it.has_self)
    }

    /// Whether two files are of one package.
    pub(super) fn same_package(&self, a: &str, b: &str) -> bool {
        let packages = self.scope.symbols.packages();
        let folder = |file| packages.owner(file).map(|it| &it.folder);
        folder(a) == folder(b)
    }
}
