//! What a function calls to carry out one command of a program.

use rowan::GreenNodeData;

use super::{SERVER_WORDS, starts_serving};
use crate::syntax::green::{child_nodes, child_of_kind, compact_text, declared_name, node_kind};
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, ast};

/// Words in what a `match` over the commands of a program looks at.
const COMMAND_WORDS: &[&str] = &[
    "action", "arg", "args", "cli", "cmd", "command", "commands", "matches", "mode", "subcommand",
];

/// Whether an expression, by its text, holds the command that a program was called with.
pub fn names_command(text: &str) -> bool {
    has_any_word(text, COMMAND_WORDS)
}

/// The paths that a function calls to carry out one command, and of `main` all others.
pub(super) fn commands_in(
    function: &GreenNodeData,
    body: &GreenNodeData,
) -> (Vec<String>, Vec<String>) {
    let mut calls = Calls { is_main: declared_name(function) == Some("main"), ..Calls::default() };
    calls.collect(body, false);
    (calls.of_commands, calls.others)
}

#[derive(Default)]
struct Calls {
    is_main: bool,
    of_commands: Vec<String>,
    others: Vec<String>,
}

impl Calls {
    fn collect(&mut self, node: &GreenNodeData, in_command: bool) {
        for child in child_nodes(node) {
            match node_kind(child) {
                SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => continue,
                SyntaxKind::MATCH_EXPR if is_dispatch(child) => {
                    let arms = child_of_kind(child, SyntaxKind::MATCH_ARM_LIST);
                    for arm in arms.into_iter().flat_map(child_nodes) {
                        self.collect(arm, !serves(arm));
                    }
                    continue;
                }
                SyntaxKind::CALL_EXPR if in_command || self.is_main => {
                    let callee = child_of_kind(child, SyntaxKind::PATH_EXPR).map(compact_text);
                    let out = if in_command { &mut self.of_commands } else { &mut self.others };
                    out.extend(callee.filter(|it| is_function(it)));
                }
                _ => {}
            }
            self.collect(child, in_command);
        }
    }
}

/// Whether a `match` chooses between the commands of a program.
fn is_dispatch(node: &GreenNodeData) -> bool {
    let scrutinee = child_nodes(node).find(|it| ast::Expr::can_cast(node_kind(it)));
    scrutinee.is_some_and(|it| names_command(&compact_text(it)))
}

/// Whether the arm of a `match`, or another piece of code, accepts connections or starts a server:
/// by what it calls, or by the name of the command.
pub fn serves(node: &GreenNodeData) -> bool {
    let names_server = node_kind(node) == SyntaxKind::MATCH_ARM
        && child_nodes(node)
            .find(|it| ast::Pat::can_cast(node_kind(it)))
            .is_some_and(|it| has_any_word(&compact_text(it), SERVER_WORDS));
    names_server || child_nodes(node).any(|child| starts_serving(child) || serves(child))
}

/// Whether a path is that of a function: its last segment begins in lower case.
fn is_function(path: &str) -> bool {
    let name = path.rsplit("::").next().unwrap_or(path);
    name.starts_with(|c: char| c.is_ascii_lowercase())
}
