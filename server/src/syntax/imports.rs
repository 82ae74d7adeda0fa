use ra_ap_syntax::{AstNode, SyntaxKind, SyntaxNode, ast};
use rowan::GreenNodeData;
use rustc_hash::FxHashMap;

use super::green::{
    child_nodes, child_of_kind, compact_text, first_token_text, has_token, node_kind, push_compact,
};

/// The names that `use` declarations bring into view at some place.
#[derive(Debug, Clone, Default)]
pub struct Imports {
    /// From the name as it is used to the path as it is imported.
    paths: FxHashMap<String, String>,
    /// The modules imported from with `*`.
    globs: Vec<String>,
}

impl Imports {
    /// The imports of the lists of items around `node`, inner lists before outer ones.
    pub fn around(node: &SyntaxNode) -> Self {
        let mut imports = Self::default();
        for list in node.ancestors().skip(1) {
            if !matches!(list.kind(), SyntaxKind::ITEM_LIST | SyntaxKind::SOURCE_FILE) {
                continue;
            }
            imports.add_list(list.green());
        }
        imports
    }

    /// The imports of some declarations alone, earlier ones before later ones.
    pub fn of_uses(uses: impl Iterator<Item = ast::Use>) -> Self {
        let mut imports = Self::default();
        for item in uses {
            imports.add_use(item.syntax().green());
        }
        imports
    }

    fn add_list(&mut self, list: &GreenNodeData) {
        for item in child_nodes(list) {
            if node_kind(item) == SyntaxKind::USE {
                self.add_use(item);
            }
        }
    }

    fn add_use(&mut self, item: &GreenNodeData) {
        if let Some(tree) = child_of_kind(item, SyntaxKind::USE_TREE) {
            self.add(tree, "");
        }
    }

    fn add(&mut self, tree: &GreenNodeData, prefix: &str) {
        let mut full = prefix.to_string();
        if let Some(path) = child_of_kind(tree, SyntaxKind::PATH) {
            if !prefix.is_empty() {
                full.push_str("::");
            }
            push_compact(path, &mut full);
        }
        if let Some(list) = child_of_kind(tree, SyntaxKind::USE_TREE_LIST) {
            for tree in child_nodes(list) {
                if node_kind(tree) == SyntaxKind::USE_TREE {
                    self.add(tree, &full);
                }
            }
        } else if has_token(tree, SyntaxKind::STAR) {
            self.globs.push(full);
        } else {
            full.truncate(full.strip_suffix("::self").unwrap_or(&full).len());
            let name = match child_of_kind(tree, SyntaxKind::RENAME) {
                Some(rename) => child_of_kind(rename, SyntaxKind::NAME)
                    .and_then(first_token_text)
                    .unwrap_or_default(),
                None => last_segment(&full),
            };
            let name = name.to_string();
            self.paths.entry(name).or_insert(full);
        }
    }

    /// The path that `name` was imported by: `std::sync::Mutex` for `Mutex`.
    pub fn path_of(&self, name: &str) -> Option<&str> {
        self.paths.get(name).map(String::as_str)
    }

    /// The path written in the code with its first segment replaced by what it was imported by:
    /// `std::fs::write` for `fs::write` after `use std::fs;`.
    pub fn resolve(&self, path: &str) -> String {
        let (first, rest) = match path.split_once("::") {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        match (self.paths.get(first), rest) {
            // `use anyhow::anyhow` imports a macro, and not what a path can begin with.
            (Some(full), Some(_)) if *full == format!("{first}::{first}") => path.to_string(),
            (Some(full), Some(rest)) => format!("{full}::{rest}"),
            (Some(full), None) => full.clone(),
            (None, _) => path.to_string(),
        }
    }

    /// All names with the paths that they were imported by, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.paths.iter().map(|(name, path)| (name.as_str(), path.as_str()))
    }

    /// Whether some import names `path` itself.
    pub fn has(&self, path: &str) -> bool {
        self.paths.values().any(|it| it == path)
    }

    /// Whether anything is imported from the crate or module `root`.
    pub fn mentions(&self, root: &str) -> bool {
        let below = |path: &String| {
            path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        self.paths.values().any(below) || self.globs.iter().any(below)
    }

    /// The modules imported from with `*`.
    pub fn globs(&self) -> impl Iterator<Item = &str> {
        self.globs.iter().map(String::as_str)
    }
}

/// The last segment of a path.
pub fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The text of a node without white space.
pub fn compact(node: &SyntaxNode) -> String {
    compact_text(node.green())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::{Edition, SourceFile};

    #[test]
    fn names_resolve_through_the_lists_around_them() {
        let source =
            "use std::{fs, sync::{self, Mutex as Lock}}; use a::*; mod m { use b::fs; fn f() {} }";
        let file = SourceFile::parse(source, Edition::CURRENT).tree();
        let function = file.syntax().descendants().find_map(ast::Fn::cast);
        let imports = Imports::around(function.expect("a function").syntax());
        assert_eq!(imports.resolve("fs::write"), "b::fs::write");
        assert_eq!(imports.resolve("Lock"), "std::sync::Mutex");
        assert_eq!(imports.resolve("sync::Arc"), "std::sync::Arc");
        assert_eq!(imports.resolve("other::x"), "other::x");
        assert!(imports.mentions("a") && imports.mentions("std::sync") && !imports.mentions("st"));
    }
}
