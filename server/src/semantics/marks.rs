//! What attributes and conditions around a node say of the code in it.

use std::rc::Rc;

use super::NodeContext;
use crate::syntax::attrs::{allowed_lints, green_attrs, marks_test_code};
use crate::syntax::cfg::{conditions, is_for_other_platform};
use crate::syntax::condition::{Decision, decision_by, first_exit};
use crate::syntax::{SyntaxKind, SyntaxNode};

/// What the attributes of a node say of the code in it.
#[derive(Debug, Default)]
pub struct Marks {
    /// It is test code.
    pub test: bool,
    /// The lints that are allowed.
    pub lints: Vec<String>,
    /// When it is compiled.
    pub conditions: Vec<String>,
    /// It is for platforms alone that servers are not operated on.
    pub other_platform: bool,
}

impl Marks {
    fn of(node: &SyntaxNode) -> Self {
        Self {
            test: marks_test_code(node),
            lints: allowed_lints(node),
            conditions: conditions(node),
            other_platform: is_for_other_platform(node),
        }
    }
}

impl NodeContext<'_> {
    /// What the attributes of a node say. A body is asked for each finding in it, and any number of
    /// comments may stand where its attributes would.
    pub fn marks(&self, node: &SyntaxNode) -> Rc<Marks> {
        match node.kind() {
            kind if has_body(kind) => self.once("marks", node, || Marks::of(node)),
            SyntaxKind::MACRO_CALL => Rc::new(Marks::of(node)),
            _ if green_attrs(node.green()).next().is_none() => self.unmarked(),
            _ => Rc::new(Marks::of(node)),
        }
    }

    /// What decides within its function whether a node is evaluated: see
    /// [`decision`](crate::syntax::condition::decision).
    pub fn decision(&self, node: &SyntaxNode) -> Option<Decision> {
        decision_by(node, |list| *self.once("first exit", list, || first_exit(list)))
    }
}

fn has_body(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::SOURCE_FILE
            | SyntaxKind::MODULE
            | SyntaxKind::ITEM_LIST
            | SyntaxKind::IMPL
            | SyntaxKind::TRAIT
            | SyntaxKind::ASSOC_ITEM_LIST
            | SyntaxKind::FN
            | SyntaxKind::BLOCK_EXPR
            | SyntaxKind::STMT_LIST
            | SyntaxKind::MATCH_ARM_LIST
    )
}
