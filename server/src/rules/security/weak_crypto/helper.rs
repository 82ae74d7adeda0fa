//! What the callers of a helper use it for.

use crate::analysis::Context;
use crate::project::{SecretCall, SymbolIndex};
use crate::syntax::AstNode;
use crate::syntax::SyntaxNode;
use crate::syntax::ast::{self, HasName};
use crate::syntax::names::words;

/// A function that makes something for others, who know what it is for.
pub struct Helper {
    name: String,
    /// The file that it stands in.
    file: String,
    /// What may stand before its name where it is called.
    qualifiers: Vec<String>,
}

impl Helper {
    /// The function around a node.
    pub fn around(node: &SyntaxNode, cx: &Context<'_>) -> Option<Self> {
        let name = cx.function(node)?.name()?.text().to_string();
        let file = cx.file().path.clone();
        let modules = cx.ancestors(node).filter_map(|it| ast::Module::cast(it)?.name());
        let mut qualifiers: Vec<String> = modules.map(|it| it.text().to_string()).collect();
        let path = file.strip_suffix(".rs").unwrap_or(&file);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        qualifiers.extend(path.rsplit('/').next().map(str::to_string));
        Some(Self { name, file, qualifiers })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the names around one of its calls pass a test, which gets the words of each name and
    /// the words of the caller's file.
    pub fn is_called_for(
        &self,
        symbols: &SymbolIndex,
        test: impl Fn(&[String], &[String]) -> bool,
    ) -> bool {
        symbols.secret_calls(&self.name).any(|(file, call)| {
            let place: Vec<String> = words(file).collect();
            let split = |name: &String| words(name).collect::<Vec<_>>();
            self.is_meant(file, call, symbols)
                && call.names.iter().any(|name| test(&split(name), &place))
        })
    }

    fn is_meant(&self, file: &str, call: &SecretCall, symbols: &SymbolIndex) -> bool {
        let folder = |path: &str| symbols.packages().owner(path).map(|it| it.folder.clone());
        if folder(file) != folder(&self.file) {
            return false;
        }
        let last = call.qualifier.rsplit("::").next().unwrap_or_default();
        match last {
            // A short name may be imported from elsewhere.
            "" => file == self.file || words(&self.name).count() > 1,
            "Self" | "self" => file == self.file,
            "crate" | "super" => true,
            module => self.qualifiers.iter().any(|it| it == module),
        }
    }
}
