//! A name in the code, out of macro arguments.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::syntax::fragment::{Fragment, macro_name, quotes_code};
use crate::syntax::tokens::token_after;
use crate::syntax::{AstNode, Edition, Imports, SyntaxKind, SyntaxNode, SyntaxToken, ast};
use crate::text::TextSize;

/// A name in the code and what surrounds it, innermost first and out of macro arguments.
pub struct Occurrence {
    pub token: SyntaxToken,
    pub around: Vec<SyntaxNode>,
    /// The macro arguments that it stands in, outermost first.
    fragments: Vec<Fragment>,
    imports: OnceCell<Arc<Imports>>,
}

impl Occurrence {
    /// Nothing for a name among tokens that cannot be read as code.
    pub fn new(token: &SyntaxToken, edition: Edition) -> Option<Self> {
        let mut occurrence = Self {
            token: token.clone(),
            around: Vec::new(),
            fragments: Vec::new(),
            imports: OnceCell::new(),
        };
        let mut outer: Vec<SyntaxNode> = Vec::new();
        while occurrence.token.parent()?.kind() == SyntaxKind::TOKEN_TREE {
            let call = occurrence
                .token
                .parent_ancestors()
                .find(|it| !matches!(it.kind(), SyntaxKind::TOKEN_TREE));
            let call = call.filter(|it| it.kind() == SyntaxKind::MACRO_CALL)?;
            if macro_name(&call).is_none_or(|name| quotes_code(&name)) {
                return None;
            }
            let fragment = Fragment::of_macro_call(&call, edition)?;
            let start = occurrence.token.text_range().start().checked_sub(fragment.start)?;
            let inner = token_after(&fragment.root, fragment.content.start() + start);
            let inner = inner.filter(|it| it.text() == token.text())?;
            let mut around = within(call.ancestors(), occurrence.fragments.last());
            around.append(&mut outer);
            outer = around;
            occurrence.fragments.push(fragment);
            occurrence.token = inner;
        }
        let own = occurrence.token.parent_ancestors();
        occurrence.around = within(own, occurrence.fragments.last());
        occurrence.around.append(&mut outer);
        Some(occurrence)
    }

    /// In the file: where a node around the name ends.
    pub fn end(&self, node: &SyntaxNode) -> TextSize {
        let range = node.text_range();
        self.fragments.iter().rev().fold(range, |range, it| it.to_outer(range)).end()
    }

    /// The imports in view, the nearest first.
    pub fn imports(&self) -> Arc<Imports> {
        let read = || {
            let lists = self.around.iter().filter(|it| {
                let kinds = [SyntaxKind::STMT_LIST, SyntaxKind::ITEM_LIST, SyntaxKind::SOURCE_FILE];
                kinds.contains(&it.kind())
            });
            let uses = lists.flat_map(|list| list.children()).filter_map(ast::Use::cast);
            Arc::new(Imports::of_uses(uses))
        };
        Arc::clone(self.imports.get_or_init(read))
    }
}

/// What surrounds the arguments in their own tree was put there to parse them.
fn within(
    ancestors: impl Iterator<Item = SyntaxNode>,
    fragment: Option<&Fragment>,
) -> Vec<SyntaxNode> {
    ancestors
        .take_while(|it| {
            fragment.is_none_or(|fragment| fragment.content.contains_range(it.text_range()))
        })
        .collect()
}
