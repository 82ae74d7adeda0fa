//! What rules want to have found in sources across files.

use regex::Regex;
use rustc_hash::FxHashSet;

use super::literals::{
    content, is_about_environment, is_sql, is_variable, unescaped, variable_prefix,
};
use super::reference::ReferenceKind;
use crate::syntax::SyntaxKind;

/// Something that a rule wants to have found in all sources, as references. A rule finds nothing
/// but what a rule declares.
#[derive(Debug, Clone, Copy)]
pub enum Indexed {
    /// Reads of environment variables, with their defaults.
    Variables,
    /// Statements of SQL.
    Queries,
    /// Files that sources are compiled with.
    IncludedFiles,
    /// Strings that name files with these extensions, or that begin with these schemes.
    FileNames {
        /// Without the dot.
        extensions: &'static [&'static str],
        /// With the colon: `sqlite:`.
        schemes: &'static [&'static str],
    },
    /// Calls of functions, methods and macros by these names.
    Calls(&'static [&'static str]),
    /// Calls of functions that belong to a type or module: `("ServerConfig", "builder")`.
    AssociatedCalls(&'static [(&'static str, &'static str)]),
    /// Handlers of events by name: `("event", "scheduled")` for `#[event(scheduled)]` in Rust, and
    /// for a method or property of the name in the sources of Workers in JavaScript.
    Handlers(&'static [(&'static str, &'static str)]),
    /// Names of types, functions, methods, macros and modules, wherever code has them.
    Names(&'static [&'static str]),
    /// Names of functions that begin with one of these and have more words: `purge_` for
    /// `purge_expired_tokens`.
    Prefixes(&'static [&'static str]),
    /// Paths of two segments, wherever code has them: `("axum", "serve")`.
    Paths(&'static [(&'static str, &'static str)]),
    /// Strings that pass the test.
    Texts(fn(&str) -> bool),
    /// What a pattern finds in the sources of JavaScript and TypeScript, with a name for it. Its
    /// first group is what is referred to.
    Scripts(&'static [(&'static str, &'static str)]),
}

/// Everything that rules want to have found in sources.
#[derive(Debug, Default)]
pub struct IndexSpec {
    pub(super) variables: bool,
    pub(super) queries: bool,
    pub(super) included_files: bool,
    extensions: FxHashSet<&'static str>,
    schemes: Vec<&'static str>,
    calls: FxHashSet<&'static str>,
    associated_calls: FxHashSet<(&'static str, &'static str)>,
    handlers: Vec<Handler>,
    /// Those that are wanted wherever they stand, unlike those that call or own something wanted.
    plain_names: FxHashSet<&'static str>,
    prefixes: Vec<&'static str>,
    paths: FxHashSet<(&'static str, &'static str)>,
    texts: Vec<fn(&str) -> bool>,
    scripts: Vec<(&'static str, Regex)>,
    names: Names,
}

/// A handler of events that is looked for.
#[derive(Debug)]
pub(super) struct Handler {
    attribute: &'static str,
    pub(super) name: &'static str,
    /// Finds it in JavaScript; the group is the name.
    pub(super) pattern: Option<Regex>,
}

impl Handler {
    fn new(attribute: &'static str, name: &'static str) -> Self {
        let pattern = format!(
            r"(?m)^\s*(?:export\s+)?(?:async\s+)?(?:function\s+)?({name})\s*(?:\(|:\s*(?:async|\(|function|[a-z]\w*\s*[,}}\n]))"
        );
        Self { attribute, name, pattern: Regex::new(&pattern).ok() }
    }
}

/// Macros that compile a file in.
pub(super) const INCLUDES: &[&str] = &["include_str", "include_bytes", "include"];

/// Macros that compile in what lies below the folder of the manifest.
pub(super) const EMBEDS: &[&str] =
    &["migrate", "embed_migrations", "query_file", "query_file_scalar", "include_dir"];

/// What the results of these calls come from: every variable of the environment may be read.
pub(super) const READ_ALL: &[(&str, &str)] = &[
    ("Environment", "default"),
    ("Environment", "new"),
    ("Env", "raw"),
    ("env", "vars"),
    ("env", "vars_os"),
    ("envy", "from_env"),
];

/// Names without which no variable is read by anything but its own name. `concat` and `stringify`
/// make one in a macro.
const READS: &[&str] =
    &["concat", "env", "option_env", "prefixed", "stringify", "var", "var_os", "with_prefix"];

impl IndexSpec {
    /// What all of `declared` asks for together.
    pub fn new(declared: impl IntoIterator<Item = Indexed>) -> Self {
        let mut spec = Self::default();
        let mut names: Vec<&'static str> = Vec::new();
        for indexed in declared {
            match indexed {
                Indexed::Variables => {
                    spec.variables = true;
                    names.extend(READS);
                    names.extend(READ_ALL.iter().map(|(of, _)| *of));
                }
                Indexed::Queries => spec.queries = true,
                Indexed::IncludedFiles => {
                    spec.included_files = true;
                    names.extend(INCLUDES.iter().chain(EMBEDS));
                }
                Indexed::FileNames { extensions, schemes } => {
                    spec.extensions.extend(extensions);
                    spec.schemes.extend(schemes);
                }
                Indexed::Calls(calls) => {
                    spec.calls.extend(calls);
                    names.extend(calls);
                }
                Indexed::AssociatedCalls(calls) => {
                    spec.associated_calls.extend(calls);
                    names.extend(calls.iter().map(|(of, _)| *of));
                }
                Indexed::Handlers(handlers) => {
                    let new = handlers.iter().map(|it| Handler::new(it.0, it.1));
                    spec.handlers.extend(new);
                    names.extend(handlers.iter().map(|(attribute, _)| *attribute));
                }
                Indexed::Names(wanted) => {
                    spec.plain_names.extend(wanted);
                    names.extend(wanted);
                }
                Indexed::Prefixes(prefixes) => spec.prefixes.extend(prefixes),
                Indexed::Paths(paths) => {
                    spec.paths.extend(paths);
                    names.extend(paths.iter().map(|(of, _)| *of));
                }
                Indexed::Texts(test) => spec.texts.push(test),
                Indexed::Scripts(patterns) => {
                    let compiled = |it: &(&'static str, &str)| Some((it.0, Regex::new(it.1).ok()?));
                    spec.scripts.extend(patterns.iter().filter_map(compiled));
                }
            }
        }
        spec.names = Names::new(names);
        spec
    }

    /// Whether an item with the token may refer to something that is wanted.
    pub fn may_refer(&self, kind: SyntaxKind, text: &str) -> bool {
        match kind {
            SyntaxKind::IDENT => {
                self.names.contains(text)
                    || self.has_prefix(text)
                    || self.variables && is_about_environment(text)
            }
            SyntaxKind::STRING => content(text).is_some_and(|content| {
                self.variables && (is_variable(content) || variable_prefix(content).is_some())
                    || self.is_file_name(content)
                    || self.wants_text(content)
                    || self.queries && is_sql(&unescaped(text, content))
            }),
            _ => false,
        }
    }

    /// Whether calls of a function are wanted, with what it is a function of.
    pub(super) fn wants_call(&self, of: &str, callee: &str) -> bool {
        self.calls.contains(callee) || self.associated_calls.contains(&(of, callee))
    }

    /// Whether a name is wanted, with what it is a part of.
    pub(super) fn wants_name(&self, of: &str, name: &str) -> bool {
        self.plain_names.contains(name) || self.has_prefix(name) || self.paths.contains(&(of, name))
    }

    fn has_prefix(&self, name: &str) -> bool {
        self.prefixes.iter().any(|it| name.len() > it.len() && name.starts_with(it))
    }

    /// Whether a string passes one of the tests for those that are wanted.
    pub(super) fn wants_text(&self, text: &str) -> bool {
        self.texts.iter().any(|test| test(text))
    }

    /// The patterns for scripts, with their names.
    pub(super) fn scripts(&self) -> &[(&'static str, Regex)] {
        &self.scripts
    }

    /// The handlers that are looked for.
    pub(super) fn handlers(&self) -> &[Handler] {
        &self.handlers
    }

    /// Whether an argument of an attribute says that its function is a handler that is wanted.
    pub(super) fn wants_handler(&self, attribute: &str, name: &str) -> bool {
        self.handlers.iter().any(|it| it.name == name && it.attribute == attribute)
    }

    /// Whether a string names a file that is wanted.
    pub(super) fn is_file_name(&self, text: &str) -> bool {
        if let Some(rest) = self.schemes.iter().find_map(|it| text.strip_prefix(it)) {
            return !rest.contains(|c: char| c.is_whitespace() || matches!(c, '{' | ':' | '<'));
        }
        let Some((stem, extension)) = text.rsplit_once('.') else { return false };
        self.extensions.contains(extension)
            && (!stem.is_empty() || text == ".env")
            && !text.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '*' | ':' | '<'))
    }

    /// Whether a reference is one that was asked for.
    pub(super) fn wants(&self, reference: &ReferenceKind) -> bool {
        match reference {
            ReferenceKind::Env { .. }
            | ReferenceKind::EnvReader { .. }
            | ReferenceKind::EnvDefault { .. } => self.variables,
            ReferenceKind::Sql { .. } => self.queries,
            ReferenceKind::Include(_) | ReferenceKind::Embed(_) => self.included_files,
            ReferenceKind::Path { .. }
            | ReferenceKind::Call(_)
            | ReferenceKind::Name { .. }
            | ReferenceKind::Text { .. }
            | ReferenceKind::Script { .. } => true,
        }
    }
}

/// A set of names that tells quickly of most others that they are not in it.
#[derive(Debug, Default)]
struct Names {
    names: FxHashSet<&'static str>,
    /// A bit for each length that names have, by the last five bits of their first letter.
    lengths: [u32; 32],
}

impl Names {
    fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        let names: FxHashSet<&str> = names.into_iter().collect();
        let mut lengths = [0; 32];
        for name in &names {
            if let Some(first) = name.bytes().next() {
                lengths[usize::from(first & 31)] |= Self::bit(name);
            }
        }
        Self { names, lengths }
    }

    fn bit(name: &str) -> u32 {
        1 << name.len().min(31)
    }

    fn contains(&self, name: &str) -> bool {
        let lengths = name.bytes().next().map_or(0, |first| self.lengths[usize::from(first & 31)]);
        lengths & Self::bit(name) != 0 && self.names.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_declared_makes_an_item_worth_reading() {
        let ident = |spec: &IndexSpec, name: &str| spec.may_refer(SyntaxKind::IDENT, name);
        let string = |spec: &IndexSpec, text: &str| spec.may_refer(SyntaxKind::STRING, text);
        let nothing = IndexSpec::new([]);
        assert!(!ident(&nothing, "var") && !ident(&nothing, "serve"));
        assert!(!string(&nothing, "\"API_KEY\"") && !string(&nothing, "\"a.pem\""));
        let calls = IndexSpec::new([Indexed::Calls(&["serve"]), Indexed::Variables]);
        assert!(ident(&calls, "serve") && ident(&calls, "var") && !ident(&calls, "swerve"));
        assert!(string(&calls, "\"API_KEY\"") && !string(&calls, "\"a.pem\""));
        let files = Indexed::FileNames { extensions: &["pem"], schemes: &["sqlite:"] };
        let files = IndexSpec::new([files, Indexed::Queries]);
        assert!(string(&files, "\"a.pem\"") && string(&files, "\"sqlite:a\""));
        assert!(string(&files, "\"select a from b\"") && !string(&files, "\"API_KEY\""));
    }
}
