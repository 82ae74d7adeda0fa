use std::sync::Arc;

use crate::analysis::Context;
use crate::semantics::type_text::base;
use crate::syntax::ast;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode, TextRange, TextSize};
use crate::text::FileRange;

/// A panicking call and what surrounds it, gathered when a fix is wanted.
#[derive(Debug)]
pub struct Site {
    pub(super) receiver: ast::Expr,
    /// The call and the nodes around it, innermost first and out of macro arguments.
    pub(super) around: Vec<SyntaxNode>,
    pub(super) imports: Arc<Imports>,
    /// In the file: the end of the receiver, with no white space after it.
    pub(super) receiver_end: TextSize,
    /// In the file: from the dot to the end of the call.
    pub(super) suffix: FileRange,
    /// In the file: from the method's name to the end of the call.
    pub(super) name_to_end: FileRange,
}

impl Site {
    /// Nothing for a call that is not whole.
    pub fn new(call: &ast::MethodCallExpr, cx: &mut Context<'_>) -> Option<Self> {
        let receiver = call.receiver()?;
        let end = call.syntax().text_range().end();
        let dot = call.dot_token()?.text_range().start();
        let name = call.name_ref()?.syntax().text_range().start();
        let between = TextRange::new(receiver.syntax().text_range().end(), dot);
        let suffix = cx.file_range(TextRange::new(dot, end));
        // A comment between the receiver and the dot stays.
        let elements = call.syntax().children_with_tokens();
        let only_space = !elements
            .filter(|it| between.contains_range(it.text_range()))
            .any(|it| it.kind() == SyntaxKind::COMMENT);
        let receiver_end = if only_space { cx.file_range(between).start() } else { suffix.start() };
        Some(Self {
            receiver,
            around: cx.ancestors(call.syntax()).collect(),
            imports: cx.imports(),
            receiver_end,
            suffix,
            name_to_end: cx.file_range(TextRange::new(name, end)),
        })
    }

    /// The place of an expression that no panicking call is made on. `around` is what surrounds it,
    /// innermost first.
    pub(super) fn of(receiver: ast::Expr, around: Vec<SyntaxNode>, imports: Arc<Imports>) -> Self {
        let range = FileRange::in_file_tree(receiver.syntax().text_range());
        let receiver_end = range.end();
        Self { receiver, around, imports, receiver_end, suffix: range, name_to_end: range }
    }

    /// The list of items, of a module or the file, whose imports the call sees.
    pub(super) fn items(&self) -> Option<&SyntaxNode> {
        self.around
            .iter()
            .find(|it| matches!(it.kind(), SyntaxKind::ITEM_LIST | SyntaxKind::SOURCE_FILE))
    }

    /// The name of the type whose `impl` holds the call.
    pub(super) fn self_type(&self) -> Option<String> {
        let item = self.around.iter().cloned().find_map(ast::Impl::cast)?;
        Some(base(&compact(item.self_ty()?.syntax())).to_string())
    }

    /// Whether the imports show that locks here are those of the standard library.
    pub(super) fn imports_std_lock(&self) -> bool {
        let of_std =
            |name| self.imports.path_of(name).is_some_and(|it| it.starts_with("std::sync"));
        of_std("Mutex") || of_std("RwLock")
    }

    /// Whether an item of this name is declared where the call stands.
    pub(super) fn declares(&self, name: &str) -> bool {
        let Some(items) = self.items() else { return false };
        items.children().any(|item| {
            item.children().find_map(ast::Name::cast).is_some_and(|it| it.text() == name)
        })
    }
}
