//! Who calls a function, as far as names tell.

use super::SymbolIndex;
use super::declarations::Function;
use super::uses::Callers;
use crate::project::package::{Package, Role};
use crate::syntax::names::has_any_word;

/// So many calls lead from a function up to what decides.
const MAX_DEPTH: usize = 4;

/// Words of the files of commands that start something that goes on.
const LASTING_WORDS: &[&str] = &[
    "agent", "api", "app", "daemon", "listen", "main", "mod", "root", "run", "serve", "server",
    "service", "start", "up", "watch", "worker",
];

impl SymbolIndex {
    /// Who calls a function of the file `path`, by its name. What is not sure is taken for a call.
    pub fn callers(&self, path: &str, function: &str) -> Callers {
        // Where it was not told what the code names nothing is known.
        if self.uses.is_empty() {
            return Callers::Any;
        }
        self.uses.answer(path, function, |asks| {
            // Of libraries alone somebody else may use all.
            if !self.packages().iter().any(|it| it.has_program) {
                return Callers::Any;
            }
            let mut search = Search { symbols: self, seen: Vec::new(), asks };
            search.callers(path, function, MAX_DEPTH)
        })
    }
}

struct Search<'a> {
    symbols: &'a SymbolIndex,
    seen: Vec<(String, String)>,
    asks: &'a mut dyn FnMut(&str),
}

impl Search<'_> {
    fn callers(&mut self, path: &str, name: &str, depth: usize) -> Callers {
        let symbols = self.symbols;
        let Some(package) = symbols.packages().owner(path) else { return Callers::Any };
        let mut declared = symbols.functions_in(path).filter(|it| it.name == name).peekable();
        let Some(depth) = depth.checked_sub(1).filter(|_| declared.peek().is_some()) else {
            return Callers::Any;
        };
        if declared.any(|it| it.is_entry || self.may_be_called_outside(path, package, it)) {
            return Callers::Any;
        }
        self.seen.push((path.to_string(), name.to_string()));
        (self.asks)(name);
        let mut found = Callers::Nothing;
        for (file, item) in symbols.uses.of(name) {
            let Some(caller) = &item.function else {
                if symbols.is_test_file(&file) {
                    continue;
                }
                return Callers::Any;
            };
            let is_known = self.seen.iter().any(|(path, name)| *path == file && name == caller);
            if is_known || symbols.is_test_file(&file) {
                continue;
            }
            let by = match self.is_command(&file, caller) {
                true => Callers::Commands,
                false => self.callers(&file, caller, depth),
            };
            match by {
                Callers::Any => return Callers::Any,
                Callers::Commands => found = Callers::Commands,
                Callers::Nothing => {}
            }
        }
        found
    }

    /// Whether code that is not in view may call a function: users of a library.
    fn may_be_called_outside(&self, path: &str, package: &Package, function: &Function) -> bool {
        let symbols = self.symbols;
        let is_exported = match &function.owner {
            Some(owner) => symbols.is_exported_type(path, owner),
            None => symbols.is_exported(path, &[], &function.name),
        };
        let own = package.name.replace('-', "_");
        let is_used_here =
            || package.has_program || symbols.packages().iter().any(|other| other.depends_on(&own));
        function.public
            && package.has_lib
            && symbols.packages().role(path) == Role::Lib
            && is_exported
            && (package.published || !is_used_here())
    }

    /// Whether a function carries out a command that runs to its end.
    fn is_command(&self, path: &str, function: &str) -> bool {
        let Some(package) = self.symbols.packages().owner(path) else { return false };
        let inside = package.inside(path).trim_end_matches(".rs");
        let stem = inside.rsplit('/').next().unwrap_or(inside);
        package.has_program
            && package.is_module_of_commands(path)
            && !has_any_word(stem, LASTING_WORDS)
            && function != "main"
            && !self.symbols.functions_in(path).any(|it| it.facts.serves)
    }
}
