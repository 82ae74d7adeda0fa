//! Code that carries out one command of a program, and ends: what it prints is its output.

use super::NodeContext;
use crate::project::{Role, SymbolIndex, names_command, serves};
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Functions that look at the command which a program was called with.
const DISPATCHERS: &[&str] = &[
    "main", "run", "dispatch", "execute", "exec", "handle", "handle_command", "run_command",
    "run_cli", "cli", "real_main", "try_main", "inner_main", "process_command", "start",
];

/// Words in the names of modules that are the command line of a program.
const MODULE_WORDS: &[&str] =
    &["cli", "cmd", "cmds", "command", "commands", "repl", "subcommand", "subcommands", "tui"];

/// Words in the names of functions whose purpose is to print.
const PRINTING: &[&str] = &["display", "dump", "help", "print", "prompt", "show", "usage"];

/// Whether the code of a node is that of a command as far as its own function and file tell.
pub fn is_command_here(cx: &NodeContext<'_>, node: &SyntaxNode) -> bool {
    let path = cx.file().path.rsplit('/').take(2).any(|part| {
        words(part.trim_end_matches(".rs")).any(|word| MODULE_WORDS.contains(&word.as_str()))
    });
    let function = cx.function(node).and_then(|it| it.name());
    let prints = function.is_some_and(|it| {
        words(it.text()).next().is_some_and(|word| PRINTING.contains(&word.as_str()))
            || words(it.text())
                .last()
                .is_some_and(|word| matches!(word.as_str(), "keygen" | "usage" | "help"))
    });
    path || prints || is_in_arm(cx, node)
}

/// Whether a node stands in the arm of a `match` over commands that does not serve, or in an `if`
/// over arguments that ends the program.
pub fn is_in_arm(cx: &NodeContext<'_>, node: &SyntaxNode) -> bool {
    let body = cx.ancestors(node).take_while(|it| it.kind() != SyntaxKind::FN);
    let mut arm: Option<SyntaxNode> = None;
    for node in body {
        match node.kind() {
            SyntaxKind::MATCH_ARM => arm = Some(node),
            SyntaxKind::MATCH_EXPR => {
                let scrutinee = ast::MatchExpr::cast(node).and_then(|it| it.expr());
                let chooses = scrutinee.is_some_and(|it| names_command(&compact(it.syntax())));
                if chooses && arm.as_ref().is_some_and(|it| !serves(it.green())) {
                    return true;
                }
            }
            SyntaxKind::IF_EXPR => {
                let Some(branching) = ast::IfExpr::cast(node) else { continue };
                let chooses = branching.condition().is_some_and(|it| {
                    let text = compact(it.syntax());
                    // `args.contains("--version")`
                    names_command(&text) || text.contains("\"--") || text.contains("\"-h\"")
                });
                let then = branching.then_branch().and_then(|it| it.stmt_list());
                let last = then.and_then(|it| it.syntax().children().last());
                let ends = last.is_some_and(|it| {
                    let text = compact(&it);
                    text.starts_with("return")
                        || text.starts_with("exit(")
                        || text.contains("process::exit(")
                });
                if chooses && ends {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// A function, kept for the question to the symbol index whether commands call it.
#[derive(Debug, Clone)]
pub struct CommandCode {
    file: String,
    function: Option<String>,
    /// The package has no crate of servers, so that its programs are commands unless they serve.
    of_client: bool,
    /// The file is the root of a program that is not the package's main one.
    is_other_program: bool,
}

impl CommandCode {
    /// The function around a node.
    pub fn around(cx: &NodeContext<'_>, node: &SyntaxNode) -> Self {
        let file = cx.file();
        let function = cx.function(node).and_then(|it| it.name());
        let is_root = file.package.as_ref().is_some_and(|it| it.is_crate_root(&file.path));
        Self {
            file: file.path.clone(),
            function: function.map(|it| it.text().to_string()),
            of_client: !file.in_server(),
            is_other_program: is_root
                && file.role == Role::Bin
                && !file.path.ends_with("src/main.rs"),
        }
    }

    /// Whether a command of the program calls the function, or the module that it is in.
    pub fn is_called_by_command(&self, symbols: &SymbolIndex) -> bool {
        if self.serves(symbols) {
            return false;
        }
        self.is_program_of_its_own(symbols)
            || DISPATCHERS.iter().any(|name| {
                symbols.functions_at(name).any(|(file, dispatcher)| {
                    let facts = &dispatcher.facts;
                    let all = self.of_client && !facts.serves && !leads_to_server(facts, symbols);
                    let others = facts.main_calls.iter().filter(|_| all);
                    facts.commands.iter().chain(others).any(|path| self.is_called(path, file))
                })
            })
    }

    /// Whether a function of the file accepts connections or starts a server.
    pub fn serves(&self, symbols: &SymbolIndex) -> bool {
        let mut functions = symbols.functions_in(&self.file);
        // That of a program's `main` is of its other commands as well.
        functions.any(|it| it.facts.serves && it.name != "main")
    }

    /// Whether a function of the file writes to a log.
    pub fn uses_logger(&self, symbols: &SymbolIndex) -> bool {
        symbols.functions_in(&self.file).any(|it| it.facts.uses_logger)
    }

    fn is_program_of_its_own(&self, symbols: &SymbolIndex) -> bool {
        self.is_other_program
            && symbols
                .functions_in(&self.file)
                .all(|it| !it.facts.serves && !leads_to_server(&it.facts, symbols))
    }

    /// Whether a path that is called in `from` leads to the function or to its module.
    fn is_called(&self, path: &str, from: &str) -> bool {
        let mut segments = path.rsplit("::");
        let name = segments.next();
        let module = segments.find(|it| it.starts_with(char::is_lowercase));
        match module.filter(|it| !matches!(*it, "crate" | "self" | "super")) {
            Some(module) => is_module(&self.file, module) && from != self.file,
            None => name == self.function.as_deref() && from == self.file,
        }
    }
}

/// Whether something that `main` calls starts a server.
fn leads_to_server(facts: &crate::project::FunctionFacts, symbols: &SymbolIndex) -> bool {
    facts.main_calls.iter().any(|path| {
        let name = path.rsplit("::").next().unwrap_or(path);
        symbols.functions(name).any(|it| it.facts.serves)
    })
}

/// Whether a file is that of a module, or of one inside it.
fn is_module(file: &str, module: &str) -> bool {
    let path = file.trim_end_matches(".rs");
    path.rsplit('/').take(3).any(|part| part == module)
}
