//! What a function calls to carry out one command of a program.

use rowan::GreenNodeData;

use super::starts_serving;
use crate::syntax::green::{child_nodes, child_of_kind, compact_text, declared_name, node_kind};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, ast};

/// Words in what a `match` over the commands of a program looks at.
const COMMAND_WORDS: &[&str] = &[
    "action", "arg", "args", "cli", "cmd", "command", "commands", "matches", "mode", "subcommand",
];

/// Whether an expression, by its text, holds the command that a program was called with.
pub fn names_command(text: &str) -> bool {
    words(text).any(|word| COMMAND_WORDS.contains(&word.as_str()))
}

/// The paths that a function calls to carry out one command.
pub(super) fn commands_in(function: &GreenNodeData, body: &GreenNodeData) -> Vec<String> {
    let mut commands = Vec::new();
    let is_main = declared_name(function) == Some("main");
    collect(body, is_main, &mut commands);
    commands
}

fn collect(node: &GreenNodeData, inside: bool, out: &mut Vec<String>) {
    for child in child_nodes(node) {
        match node_kind(child) {
            SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR => continue,
            SyntaxKind::MATCH_EXPR if is_dispatch(child) => {
                let arms = child_of_kind(child, SyntaxKind::MATCH_ARM_LIST);
                for arm in arms.into_iter().flat_map(child_nodes).filter(|it| !serves(it)) {
                    collect(arm, true, out);
                }
                continue;
            }
            SyntaxKind::CALL_EXPR if inside => {
                let callee = child_of_kind(child, SyntaxKind::PATH_EXPR);
                out.extend(callee.map(compact_text).filter(|it| is_function(it)));
            }
            _ => {}
        }
        collect(child, inside, out);
    }
}

/// Whether a `match` chooses between the commands of a program.
fn is_dispatch(node: &GreenNodeData) -> bool {
    let scrutinee = child_nodes(node).find(|it| ast::Expr::can_cast(node_kind(it)));
    scrutinee.is_some_and(|it| names_command(&compact_text(it)))
}

/// Whether something below a node accepts connections or starts a server.
fn serves(node: &GreenNodeData) -> bool {
    child_nodes(node).any(|child| starts_serving(child) || serves(child))
}

/// Whether a path is that of a function: its last segment begins in lower case.
fn is_function(path: &str) -> bool {
    let name = path.rsplit("::").next().unwrap_or(path);
    name.starts_with(|c: char| c.is_ascii_lowercase())
}
