use crate::project::base_name;
use std::sync::Arc;

use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode, ast};

/// An expression and what surrounds it.
#[derive(Debug)]
pub struct LocatedExpr {
    pub expr: ast::Expr,
    /// The nodes around it, innermost first and out of macro arguments.
    pub around: Vec<SyntaxNode>,
    pub imports: Arc<Imports>,
}

impl LocatedExpr {
    pub fn new(expr: ast::Expr, around: Vec<SyntaxNode>, imports: Arc<Imports>) -> Self {
        Self { expr, around, imports }
    }

    /// The list of items, of a module or the file, whose imports the expression sees.
    pub fn items(&self) -> Option<&SyntaxNode> {
        self.around
            .iter()
            .find(|it| matches!(it.kind(), SyntaxKind::ITEM_LIST | SyntaxKind::SOURCE_FILE))
    }

    /// The name of the type whose `impl` holds the expression.
    pub fn self_type(&self) -> Option<String> {
        let item = self.around.iter().cloned().find_map(ast::Impl::cast)?;
        Some(base_name(&compact(item.self_ty()?.syntax())).to_string())
    }

    /// Whether the imports show that locks here are those of the standard library.
    pub fn imports_std_lock(&self) -> bool {
        let of_std =
            |name| self.imports.path_of(name).is_some_and(|it| it.starts_with("std::sync"));
        of_std("Mutex") || of_std("RwLock")
    }

    /// Whether an item of this name is declared in that list.
    pub fn declares(&self, name: &str) -> bool {
        let Some(items) = self.items() else { return false };
        items.children().any(|item| {
            item.children().find_map(ast::Name::cast).is_some_and(|it| it.text() == name)
        })
    }
}
