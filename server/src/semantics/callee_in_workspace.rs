//! Functions of the workspace that a path calls.

use super::NodeContext;
use crate::project::{Function, SymbolIndex};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode, ast};

/// The call of a function by its path, kept for the question to the symbol index which function of
/// the workspace that is.
#[derive(Debug, Clone)]
pub struct CalledFunction {
    /// The file of the call.
    file: String,
    /// The type before the function's name.
    owner: Option<String>,
    /// The module before the function's name, or before its type.
    module: Option<String>,
    name: String,
}

impl CalledFunction {
    /// `path` is resolved by the imports in view. Nothing for what can only be a function of the
    /// standard library or of a dependency, or a value of an enum.
    pub fn new(path: &str, node: &SyntaxNode, cx: &NodeContext<'_>) -> Option<Self> {
        let mut segments: Vec<&str> = path.split("::").collect();
        let name = segments.pop()?;
        let root = segments.first().copied().unwrap_or_default();
        let foreign = matches!(root, "std" | "core" | "alloc") || cx.file().depends_on(root);
        if foreign || !name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
            return None;
        }
        let is_type = |it: &&str| it.starts_with(|c: char| c.is_ascii_uppercase());
        let owner = match segments.pop_if(|it| is_type(&&**it)) {
            Some("Self") => {
                let item = cx.ancestors(node).find_map(ast::Impl::cast)?;
                let ty = compact(item.self_ty()?.syntax());
                Some(crate::project::base_name(&ty).to_string())
            }
            other => other.map(str::to_string),
        };
        let module = segments.pop().filter(|it| !matches!(*it, "crate" | "self" | "super"));
        Some(Self {
            file: cx.file().path.clone(),
            owner,
            module: module.map(str::to_string),
            name: name.to_string(),
        })
    }

    /// The name of the function.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The functions that it may be, of the package of the call or of one that the path names.
    pub fn candidates<'s>(&self, symbols: &'s SymbolIndex) -> Vec<&'s Function> {
        let packages = symbols.packages();
        let package = packages.owner(&self.file).map(|it| it.folder.as_str());
        let all = symbols.functions_at(&self.name).filter(|(file, it)| {
            it.owner == self.owner
                && packages.owner(file).map(|it| it.folder.as_str()) == package
                && (!it.has_self || it.owner.is_some())
        });
        let all: Vec<(&str, &Function)> = all.collect();
        let here = |(file, _): &&(&str, &Function)| match &self.module {
            Some(module) => is_in_module(file, module),
            None => *file == self.file,
        };
        let near: Vec<&Function> = all.iter().filter(here).map(|(_, it)| *it).collect();
        match near.is_empty() {
            false => near,
            // An inline module, or a name that is exported from another one.
            true => all.into_iter().map(|(_, it)| it).collect(),
        }
    }
}

/// Whether a file is that of a module of this name.
fn is_in_module(file: &str, module: &str) -> bool {
    let path = file.strip_suffix("/mod.rs").or(file.strip_suffix(".rs")).unwrap_or(file);
    path.rsplit('/').next() == Some(module)
}
