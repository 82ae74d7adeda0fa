use std::ops::Deref;

use crate::analysis::Context;
use crate::semantics::types::LocatedExpr;
use crate::syntax::{AstNode, SyntaxKind, TextRange, TextSize, ast};
use crate::text::FileRange;

/// A panicking call, gathered when a fix is wanted. It dereferences to its receiver, whose
/// surroundings begin with the call.
#[derive(Debug)]
pub struct PanickingCall {
    receiver: LocatedExpr,
    /// In the file: the end of the receiver, with no white space after it.
    pub(super) receiver_end: TextSize,
    /// In the file: from the dot to the end of the call.
    pub(super) suffix: FileRange,
    /// In the file: from the method's name to the end of the call.
    pub(super) name_to_end: FileRange,
}

impl PanickingCall {
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
            receiver: LocatedExpr::new(
                receiver,
                cx.ancestors(call.syntax()).collect(),
                cx.imports(),
            ),
            receiver_end,
            suffix,
            name_to_end: cx.file_range(TextRange::new(name, end)),
        })
    }
}

impl Deref for PanickingCall {
    type Target = LocatedExpr;

    fn deref(&self) -> &Self::Target {
        &self.receiver
    }
}
