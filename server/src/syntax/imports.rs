use ra_ap_syntax::{
    AstNode, SyntaxKind, SyntaxNode,
    ast::{self, HasName},
};
use rustc_hash::FxHashMap;

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
            imports.add_list(&list);
        }
        imports
    }

    /// The imports of some declarations alone, earlier ones before later ones.
    pub fn of_uses(uses: impl Iterator<Item = ast::Use>) -> Self {
        let mut imports = Self::default();
        for tree in uses.filter_map(|item| item.use_tree()) {
            imports.add(&tree, "");
        }
        imports
    }

    fn add_list(&mut self, list: &SyntaxNode) {
        for item in list.children().filter_map(ast::Use::cast) {
            if let Some(tree) = item.use_tree() {
                self.add(&tree, "");
            }
        }
    }

    fn add(&mut self, tree: &ast::UseTree, prefix: &str) {
        let path = tree.path().map(|path| compact(path.syntax())).unwrap_or_default();
        let full = match (prefix.is_empty(), path.is_empty()) {
            (true, _) => path,
            (_, true) => prefix.to_string(),
            _ => format!("{prefix}::{path}"),
        };
        if let Some(list) = tree.use_tree_list() {
            for tree in list.use_trees() {
                self.add(&tree, &full);
            }
        } else if tree.star_token().is_some() {
            self.globs.push(full);
        } else {
            let full = full.strip_suffix("::self").unwrap_or(&full).to_string();
            let renamed = tree.rename().map(|rename| {
                rename.name().map(|name| name.text().to_string()).unwrap_or_default()
            });
            let name = renamed.unwrap_or_else(|| last_segment(&full).to_string());
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
            (Some(full), Some(rest)) => format!("{full}::{rest}"),
            (Some(full), None) => full.clone(),
            (None, _) => path.to_string(),
        }
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
    let mut text = node.text().to_string();
    text.retain(|c| !c.is_whitespace());
    text
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
