//! Reads what a Rust source refers to that other files of the project have to provide: environment
//! variables, SQL, files, and a few calls by name.

use std::borrow::Cow;
use std::sync::LazyLock;

use rowan::{GreenNodeData, NodeOrToken};
use rustc_hash::FxHashSet;

use super::defaults::{Defaults, default_of};
use super::reference::{Reference, ReferenceKind, Rows, WhenUnset};
use crate::project::sql::SqlText;
use crate::syntax::attrs::marks_test_code;
use crate::syntax::green::{children, token_kind};
use crate::syntax::{SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextSize};

/// Calls that rules about the whole project ask for.
const CALLS: &[&str] = &[
    "install_default", "default_provider", "builder_with_provider", "with_provider",
    "register_counter", "register_histogram", "register_gauge", "install_recorder",
    "with_http_listener",
];

/// Calls that rules ask for only when they are functions of a type.
const CALLS_OF: &[(&str, &str)] = &[("ClientConfig", "builder"), ("ServerConfig", "builder")];

/// Macros that compile a file in.
const INCLUDES: &[&str] = &["include_str", "include_bytes", "include"];

/// Macros that compile in what lies below the folder of the manifest.
const EMBEDS: &[&str] =
    &["migrate", "embed_migrations", "query_file", "query_file_scalar", "include_dir"];

/// Methods behind which a variable that is not set is no failure.
const DEFAULTS: &[&str] = &[
    "unwrap_or", "unwrap_or_else", "unwrap_or_default", "or", "or_else", "ok", "is_ok", "is_err",
    "is_some", "is_none", "map_or", "map_or_else",
];

/// What the results of these calls come from: every variable of the environment may be read.
const READ_ALL: &[(&str, &str)] = &[
    ("Environment", "default"),
    ("Environment", "new"),
    ("Env", "raw"),
    ("env", "vars"),
    ("env", "vars_os"),
    ("envy", "from_env"),
];

/// Methods that turn a variable that is not set into an error.
const ERRORS: &[&str] =
    &["context", "with_context", "ok_or", "ok_or_else", "ok_or_eyre", "wrap_err", "wrap_err_with"];

/// Names under which files are kept that no repository should have.
const PRIVATE_FILES: &[&str] =
    &["pem", "key", "crt", "cer", "der", "p12", "pfx", "jks", "db", "sqlite", "sqlite3", "redb"];

/// Literals that may be the default of a setting.
const LITERALS: &[SyntaxKind] = &[
    SyntaxKind::STRING,
    SyntaxKind::INT_NUMBER,
    SyntaxKind::FLOAT_NUMBER,
    SyntaxKind::TRUE_KW,
    SyntaxKind::FALSE_KW,
];

/// What an item of Rust refers to, in text order; ranges count from the item's start. Nothing where
/// no token [may refer](may_refer) to something.
pub fn references_of_item(item: &SyntaxNode) -> Vec<Reference> {
    let mut reader = Reader::default();
    reader.node(item.green(), TextSize::new(0));
    reader.end_of_statement();
    let mut references = reader.references;
    if !references.is_empty() && item.ancestors().any(|it| marks_test_code(&it)) {
        references.iter_mut().for_each(|it| it.in_test = true);
    }
    references
}

/// The names without which nothing is referred to but what a string tells by itself: most items have
/// neither.
static NAMES: LazyLock<Names> = LazyLock::new(|| {
    // The last two make a name in a macro.
    const READS: &[&str] = &[
        "var", "var_os", "env", "option_env", "event", "with_prefix", "prefixed", "stringify",
        "concat",
    ];
    let calls = [READS, CALLS, INCLUDES, EMBEDS].into_iter().flatten().copied();
    Names::new(calls.chain(CALLS_OF.iter().chain(READ_ALL).map(|(of, _)| *of)))
});

/// A set of names that tells quickly of most others that they are not in it.
struct Names {
    names: FxHashSet<&'static str>,
    /// A bit for each length that names have, by the last five bits of their first letter.
    lengths: [u32; 32],
}

impl Names {
    fn new(names: impl Iterator<Item = &'static str>) -> Self {
        let names: FxHashSet<&str> = names.collect();
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

/// Whether an item with the token may refer to something.
pub fn may_refer(kind: SyntaxKind, text: &str) -> bool {
    match kind {
        SyntaxKind::IDENT => NAMES.contains(text),
        SyntaxKind::STRING => content(text).is_some_and(|content| {
            is_variable(content) || is_private_file(content) || is_sql(&unescaped(text, content))
        }),
        _ => false,
    }
}

/// Reads tokens in order. Calls, macro calls and attributes look alike as tokens, so that what
/// stands in the arguments of a macro is seen like everything else.
#[derive(Default)]
struct Reader<'t> {
    references: Vec<Reference>,
    /// The brackets around the current token.
    frames: Vec<Frame<'t>>,
    /// The last tokens before the current one, white space and comments left out, in a ring.
    before: [(Option<SyntaxKind>, &'t str); 8],
    /// Where in the ring the next token goes.
    next: usize,
    /// The read of a variable whose call was closed, and how many brackets were around it.
    waiting: Option<(usize, usize)>,
    /// Whether `#[arg(env)]` was seen, which takes its name from the field below.
    field_env: Option<FileRange>,
    /// The function that was opened last.
    function: &'t str,
    /// The SQL whose rows nothing has read yet.
    unread: Option<usize>,
    /// What stands before the last `::<`.
    generic: &'t str,
    defaults: Defaults<'t>,
}

#[derive(Default)]
struct Frame<'t> {
    /// What stands before the bracket.
    callee: &'t str,
    /// What the callee is a function of: `env` in `std::env::var`.
    of: &'t str,
    is_macro: bool,
    /// How many commas were passed.
    argument: usize,
    /// The reference of a variable's read in this call.
    env: Option<usize>,
    /// The last name in its arguments.
    named: Option<FileRange>,
    /// The reference of `env = "…"` among its arguments, and the literal of `default_value`.
    stated: (Option<usize>, Option<(FileRange, &'t str)>),
}

impl Frame<'_> {
    /// Whether it is a call of `std::env::var` or its like.
    fn is_env_read(&self) -> bool {
        matches!(self.callee, "var" | "var_os") && matches!(self.of, "env" | "dotenvy" | "dotenv")
    }
}

impl<'t> Reader<'t> {
    fn node(&mut self, node: &'t GreenNodeData, offset: TextSize) {
        for (at, child) in children(node, offset) {
            match child {
                NodeOrToken::Node(child) => self.node(child, at),
                NodeOrToken::Token(token) => self.token(token_kind(token), token.text(), at),
            }
        }
    }

    fn token(&mut self, kind: SyntaxKind, text: &'t str, offset: TextSize) {
        if matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT) {
            return;
        }
        self.fallback(kind, text, offset);
        match kind {
            SyntaxKind::L_PAREN | SyntaxKind::L_BRACK | SyntaxKind::L_CURLY => {
                if kind == SyntaxKind::L_CURLY {
                    self.end_of_statement();
                }
                let frame = self.frame(kind);
                if CALLS.contains(&frame.callee) || CALLS_OF.contains(&(frame.of, frame.callee)) {
                    let len = TextSize::of(frame.callee);
                    let range = FileRange::at(offset.checked_sub(len).unwrap_or(offset), len);
                    self.add(range, ReferenceKind::Call(frame.callee.to_string()));
                }
                let is_built = matches!(frame.callee, "format" | "stringify" | "concat")
                    && self.frames.iter().any(|it| it.is_env_read() || it.callee.contains("env"));
                if is_built || READ_ALL.contains(&(frame.of, frame.callee)) {
                    let range = FileRange::at(offset, TextSize::new(1));
                    self.add(range, ReferenceKind::env_prefix(""));
                }
                self.frames.push(frame);
            }
            SyntaxKind::R_PAREN | SyntaxKind::R_BRACK | SyntaxKind::R_CURLY => {
                if self.waiting.is_some_and(|(_, depth)| depth == self.frames.len()) {
                    self.waiting = None;
                }
                let Some(frame) = self.frames.pop() else { return };
                if let (Some(env), Some((range, literal))) = frame.stated {
                    self.defaults.stated(env, range, literal);
                    self.end_of_literal(kind);
                }
                if matches!(frame.callee, "with_prefix" | "prefixed")
                    && let Some(range) = frame.named
                {
                    // The prefix is a constant, which may be anywhere.
                    self.add(range, ReferenceKind::env_prefix(""));
                }
                let mut env = frame.env;
                if let (None, true, Some(range)) = (env, frame.is_env_read(), frame.named)
                    && !self.function.is_empty()
                {
                    env = Some(self.references.len());
                    let function = self.function.to_string();
                    let missing = WhenUnset::Defaulted;
                    self.add(range, ReferenceKind::EnvReader { function, missing });
                }
                if let Some(env) = env {
                    self.waiting = Some((env, self.frames.len()));
                    self.defaults.read(env, self.frames.len());
                }
            }
            SyntaxKind::COMMA => {
                self.end_of_statement();
                if let Some(frame) = self.frames.last_mut() {
                    frame.argument += 1;
                }
            }
            SyntaxKind::SEMICOLON => self.end_of_statement(),
            SyntaxKind::L_ANGLE if self.is_before(0, SyntaxKind::COLON2) => {
                self.generic = self.text_before(1);
            }
            SyntaxKind::QUESTION => self.settle(WhenUnset::Fails),
            SyntaxKind::STRING => self.string(text, offset),
            SyntaxKind::IDENT => {
                let is_method = self.is_before(0, SyntaxKind::DOT);
                if is_method && matches!(text, "unwrap" | "expect") {
                    self.settle(WhenUnset::Panics);
                } else if is_method && text == "ok" && self.waits_for_function() {
                    self.settle(WhenUnset::Passed);
                } else if is_method && DEFAULTS.contains(&text) {
                    self.settle(WhenUnset::Defaulted);
                } else if is_method && ERRORS.contains(&text) && self.waits_for_function() {
                    self.settle(match self.waits_for_reader() {
                        true => WhenUnset::Fails,
                        false => WhenUnset::Panics,
                    });
                } else if self.is_before(0, SyntaxKind::FN_KW) {
                    self.function = text;
                }
                if let Some(frame) = self.frames.last_mut() {
                    frame.named = Some(FileRange::at(offset, TextSize::of(text)));
                }
                if text == "scheduled" && self.frames.last().is_some_and(|it| it.callee == "event")
                {
                    let range = FileRange::at(offset, TextSize::of(text));
                    self.add(range, ReferenceKind::Call(text.to_string()));
                }
                if is_method {
                    self.read_rows(text);
                    self.defaults.method(text, self.frames.len());
                }
                let in_arg =
                    self.frames.last().is_some_and(|it| matches!(it.callee, "arg" | "clap"));
                if text == "env" && in_arg {
                    self.field_env = Some(FileRange::at(offset, TextSize::of(text)));
                }
            }
            SyntaxKind::EQ
                if self.is_before(0, SyntaxKind::IDENT) && self.text_before(0) == "env" =>
            {
                self.field_env = None;
            }
            SyntaxKind::COLON => {
                // `name: Type` below the attribute.
                if let Some(range) = self.field_env.take() {
                    let name = self.text_before(0).to_ascii_uppercase();
                    self.add(range, ReferenceKind::env(&name));
                }
            }
            _ => {}
        }
        self.before[self.next % self.before.len()] = (Some(kind), text);
        self.next += 1;
    }

    /// Looks for what stands in for a variable that is not set.
    fn fallback(&mut self, kind: SyntaxKind, text: &'t str, offset: TextSize) {
        self.end_of_literal(kind);
        let before = self.token_before(0).0;
        if !LITERALS.contains(&kind) {
            // `default_value_t = 60 * 60`
            let ends = matches!(kind, SyntaxKind::COMMA | SyntaxKind::R_PAREN);
            let is_behind_literal = before.is_some_and(|it| LITERALS.contains(&it));
            if let Some(frame) = self.frames.last_mut().filter(|_| is_behind_literal && !ends) {
                frame.stated.1 = None;
            }
            return;
        }
        let range = FileRange::at(offset, TextSize::of(text));
        let key = self.is_before(0, SyntaxKind::EQ).then(|| self.text_before(1));
        let callees = self.frames.iter().rev().map(|frame| frame.callee);
        self.defaults.literal(text, range, before, self.frames.len(), callees);
        let Some(frame) = self.frames.last_mut() else { return };
        if matches!(key, Some("default_value" | "default_value_t")) {
            frame.stated.1 = Some((range, text));
        } else if let (Some(env), 1, Some(SyntaxKind::COMMA)) = (frame.env, frame.argument, before)
        {
            // `env_or("NAME", "default")`
            self.defaults.stated(env, range, text);
        }
    }

    fn end_of_literal(&mut self, kind: SyntaxKind) {
        let found = self.defaults.token(kind, self.frames.len());
        let Some((read, range, literal)) = found else { return };
        let default = self.references.get(read).and_then(|it| default_of(&it.kind, literal));
        if let Some(default) = default {
            self.add(range, default);
        }
    }

    /// The bracket that opens now.
    fn frame(&mut self, kind: SyntaxKind) -> Frame<'t> {
        let generic = std::mem::take(&mut self.generic);
        if kind == SyntaxKind::L_PAREN && self.is_before(0, SyntaxKind::R_ANGLE) {
            return Frame { callee: generic, ..Frame::default() };
        }
        if kind != SyntaxKind::L_PAREN && !self.is_before(0, SyntaxKind::BANG) {
            return Frame::default();
        }
        let bang = usize::from(self.is_before(0, SyntaxKind::BANG));
        let is_name = |kind| self.is_before(bang, kind);
        if !is_name(SyntaxKind::IDENT) && !is_name(SyntaxKind::CFG_ATTR_KW) {
            return Frame::default();
        }
        // A path's `::` is one token in a tree, and two among the loose tokens of a macro.
        let of = if self.is_before(bang + 1, SyntaxKind::COLON2) {
            self.text_before(bang + 2)
        } else if self.is_before(bang + 1, SyntaxKind::COLON) {
            self.text_before(bang + 3)
        } else {
            ""
        };
        Frame { callee: self.text_before(bang), of, is_macro: bang == 1, ..Frame::default() }
    }

    /// Whether the token `back` places before the current one is of a kind.
    fn is_before(&self, back: usize, kind: SyntaxKind) -> bool {
        self.token_before(back).0 == Some(kind)
    }

    fn text_before(&self, back: usize) -> &'t str {
        self.token_before(back).1
    }

    fn token_before(&self, back: usize) -> (Option<SyntaxKind>, &'t str) {
        let size = self.before.len();
        self.before[(self.next + size - 1 - back) % size]
    }

    fn string(&mut self, literal: &str, offset: TextSize) {
        let Some(text) = content(literal) else { return };
        let range = FileRange::at(offset, TextSize::of(literal));
        let keyed = self.is_before(0, SyntaxKind::EQ).then(|| self.text_before(1));
        let Some(frame) = self.frames.last() else {
            return self.loose(literal, "", range);
        };
        let first = frame.argument == 0;
        let is_name = is_variable(text);
        match frame.callee {
            "env" | "option_env" if frame.is_macro && first && is_name => {
                self.add(range, ReferenceKind::env(text));
            }
            "arg" | "clap" | "structopt" if keyed == Some("env") => {
                let index = self.references.len();
                self.add(range, ReferenceKind::env(text));
                if let Some(frame) = self.frames.last_mut() {
                    frame.stated.0 = Some(index);
                }
            }
            _ if frame.is_env_read() && first && is_name => self.read(range, text, None),
            "with_prefix" | "prefixed" if first => {
                let separator = if text.ends_with('_') { "" } else { "_" };
                let name = format!("{text}{separator}").to_ascii_uppercase();
                self.add(range, ReferenceKind::env_prefix(&name));
            }
            // What is included on a condition, for the documentation most of the time, is not
            // needed to build.
            callee if INCLUDES.contains(&callee) && frame.is_macro && first => {
                if self.frames.iter().all(|it| it.callee != "cfg_attr") {
                    self.add(range, ReferenceKind::Include(text.to_string()));
                }
            }
            callee if EMBEDS.contains(&callee) && frame.is_macro && first => {
                let text = text.strip_prefix("$CARGO_MANIFEST_DIR/").unwrap_or(text);
                self.add(range, ReferenceKind::Embed(text.to_string()));
            }
            callee => self.loose(literal, callee, range),
        }
    }

    /// A variable whose name a function is given.
    fn read(&mut self, range: FileRange, name: &str, via: Option<&str>) {
        let index = self.references.len();
        self.add(range, ReferenceKind::given(name, via));
        if let Some(frame) = self.frames.last_mut() {
            frame.env = Some(index);
        }
    }

    /// A string that tells by itself what it is.
    fn loose(&mut self, literal: &str, callee: &str, range: FileRange) {
        let Some(text) = content(literal) else { return };
        let meant = unescaped(literal, text);
        if is_sql(&meant) {
            let start = literal.find('"').map(|quote| TextSize::new(quote as u32 + 1));
            let start = start.filter(|_| matches!(meant, Cow::Borrowed(_)));
            let sql = SqlText::new(&meant, start);
            let rows = Rows::read_by(callee).unwrap_or(Rows::Unknown);
            self.unread = (rows == Rows::Unknown).then_some(self.references.len());
            self.add(range, ReferenceKind::Sql { sql, callee: callee.to_string(), rows });
        } else if is_variable(text) && self.may_be_read(text) {
            // The name may be read where it is passed to.
            match self.frames.last() {
                Some(frame) if frame.argument == 0 && !callee.is_empty() && !frame.is_macro => {
                    self.read(range, text, Some(callee));
                }
                _ => self.add(range, ReferenceKind::env(text)),
            }
        } else if is_private_file(text) {
            let (path, callee) = (text.to_string(), callee.to_string());
            self.add(range, ReferenceKind::Path { path, callee });
        }
    }

    /// Whether the name of a variable may be meant: one word is, where a constant or an argument
    /// is expected.
    fn may_be_read(&self, text: &str) -> bool {
        let is_argument =
            self.frames.last().is_some_and(|it| !it.callee.is_empty() && !it.is_macro);
        text.contains('_') || is_argument || self.is_before(0, SyntaxKind::EQ)
    }

    fn add(&mut self, range: FileRange, kind: ReferenceKind) {
        self.references.push(Reference { range, kind, in_test: false });
    }

    /// The call that follows a query decides how many of its rows are read.
    fn read_rows(&mut self, name: &str) {
        let Some(read) = Rows::read_by(name).filter(|_| name != "get") else { return };
        let unread = self.unread.take().and_then(|index| self.references.get_mut(index));
        if let Some(Reference { kind: ReferenceKind::Sql { rows, .. }, .. }) = unread {
            *rows = read;
        }
    }

    /// What follows the read of a variable decides whether it must be set.
    fn settle(&mut self, how: WhenUnset) {
        let Some((index, depth)) = self.waiting else { return };
        if depth != self.frames.len() {
            return;
        }
        let is_last = match self.references.get_mut(index).map(|it| &mut it.kind) {
            Some(ReferenceKind::Env { required, via: None, .. }) => {
                *required = how != WhenUnset::Defaulted;
                true
            }
            Some(ReferenceKind::Env { required, tried, .. }) => {
                // `get("A")?.unwrap_or(1)`: what is behind the `?` may still be a default.
                *tried = how == WhenUnset::Fails;
                *required = how == WhenUnset::Panics;
                !*tried
            }
            Some(ReferenceKind::EnvReader { missing, .. }) => {
                *missing = how;
                true
            }
            _ => true,
        };
        if is_last {
            self.waiting = None;
        }
    }

    /// Whether the read that was closed is a function's of what its argument names, or goes
    /// via such a function: the two decide together.
    fn waits_for_function(&self) -> bool {
        let waiting = self.waiting.and_then(|(index, _)| self.references.get(index));
        waiting.is_some_and(|it| match &it.kind {
            ReferenceKind::EnvReader { .. } => true,
            ReferenceKind::Env { via, .. } => via.is_some(),
            _ => false,
        })
    }

    fn waits_for_reader(&self) -> bool {
        let waiting = self.waiting.and_then(|(index, _)| self.references.get(index));
        waiting.is_some_and(|it| matches!(it.kind, ReferenceKind::EnvReader { .. }))
    }

    fn end_of_statement(&mut self) {
        if self.waiting.is_some_and(|(_, depth)| depth >= self.frames.len()) {
            self.waiting = None;
        }
    }
}

/// What a string literal holds, its escapes left as they are; nothing for one that is not closed.
fn content(literal: &str) -> Option<&str> {
    let start = literal.find('"')?;
    let end = literal.rfind('"')?;
    literal.get(start + 1..end)
}

/// What a string literal means, given what it holds.
fn unescaped<'t>(literal: &str, content: &'t str) -> Cow<'t, str> {
    if literal.starts_with('r') || !content.contains('\\') {
        return Cow::Borrowed(content);
    }
    let mut meant = String::with_capacity(content.len());
    rustc_literal_escaper::unescape_str(content, |_, c| meant.extend(c.ok()));
    Cow::Owned(meant)
}

/// Whether a string may be the name of an environment variable.
pub(super) fn is_variable(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() > 2
        && bytes.next().is_some_and(|first| first.is_ascii_uppercase() || first == b'_')
        && bytes.all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
}

/// Whether a string is a statement of SQL, by the words that it opens with.
pub(super) fn is_sql(text: &str) -> bool {
    const STATEMENTS: &[(&str, &[&str])] = &[
        ("select", &[]),
        ("insert", &["into", "or"]),
        ("update", &[]),
        ("delete", &["from"]),
        ("create", &["table", "index", "unique", "virtual", "view", "trigger"]),
        ("alter", &["table"]),
        ("with", &[]),
        ("replace", &["into"]),
    ];
    let mut words = text.split_whitespace();
    let (Some(first), Some(second)) = (words.next(), words.next()) else { return false };
    let statement = STATEMENTS.iter().find(|(name, _)| first.eq_ignore_ascii_case(name));
    let Some((name, follows)) = statement else { return false };
    if !follows.is_empty() {
        return follows.iter().any(|it| second.eq_ignore_ascii_case(it));
    }
    // These begin sentences as well.
    let has = |word: &str| text.split_whitespace().any(|it| it.eq_ignore_ascii_case(word));
    match *name {
        "select" => has("from"),
        "update" => has("set"),
        _ => has("as") && has("select"),
    }
}

fn is_private_file(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("sqlite:") {
        return !rest.contains(|c: char| c.is_whitespace() || matches!(c, '{' | ':' | '<'));
    }
    let Some((stem, extension)) = text.rsplit_once('.') else { return false };
    PRIVATE_FILES.contains(&extension)
        && !stem.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '*' | ':' | '<'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Edition, parse_root};

    fn of(source: &str) -> Vec<String> {
        let root = parse_root(source, Edition::CURRENT).expect("it parses");
        let references = references_of_item(&root).into_iter();
        // Defaults are tested where they are looked for.
        let references =
            references.filter(|it| !matches!(it.kind, ReferenceKind::EnvDefault { .. }));
        references.map(|it| format!("{:?}", it.kind)).collect()
    }

    fn env(name: &str, required: bool) -> String {
        let name = name.to_string();
        let env = ReferenceKind::Env { name, required, prefix: false, via: None, tried: false };
        format!("{env:?}")
    }

    fn given(name: &str, required: bool, function: &str) -> String {
        let via = Some(function.to_string());
        let name = name.to_string();
        let env = ReferenceKind::Env { name, required, prefix: false, via, tried: false };
        format!("{env:?}")
    }

    #[test]
    fn variables_are_read_in_many_ways() {
        let source = r#"
            fn f() -> Result<()> {
                let a = std::env::var("ALPHA").unwrap_or_else(|_| "x".into());
                let b = env::var("BETA")?;
                let c = env::var("GAMMA").context("no gamma")?;
                let d = std::env::var("DELTA").map(|it| it.parse()).ok();
                println!("{}", std::env::var("EPSILON").unwrap());
                if std::env::var_os("ZETA").is_some() { g()?; }
                let e = option_env!("ETA");
                require_env("THE_TA");
            }
        "#;
        assert_eq!(
            of(source),
            [
                env("ALPHA", false),
                env("BETA", true),
                env("GAMMA", true),
                env("DELTA", false),
                env("EPSILON", true),
                env("ZETA", false),
                env("ETA", false),
                given("THE_TA", false, "require_env"),
            ]
        );
        let clap =
            "struct A { #[arg(long, env = \"PORT_A\")] a: u16, #[arg(long, env)] bind_to: String }";
        assert_eq!(of(clap), [env("PORT_A", false), env("BIND_TO", false)]);
        let prefix = format!("{:?}", ReferenceKind::env_prefix("APP_"));
        assert_eq!(of("fn f() { Environment::with_prefix(\"app\"); }"), [prefix]);
        let all = format!("{:?}", ReferenceKind::env_prefix(""));
        assert_eq!(of("fn f() { env::var(format!(\"{a}_B\")); }").first(), Some(&all));
        assert_eq!(of("fn f() { for (k, v) in std::env::vars() {} }"), [all]);
        assert_eq!(of("const NAME: &str = \"PORT\";"), [env("PORT", false)]);
    }

    #[test]
    fn a_function_that_reads_what_it_is_given_says_so() {
        let source = r#"
            fn optional(name: &str) -> Option<String> { env::var(name).ok().filter(|it| g(it)) }
            fn or(name: &str, value: &str) -> String { env::var(name).unwrap_or(value.into()) }
            fn get(name: &str) -> Result<String> { env::var(name).context("not set") }
            fn must(name: &'static str) -> String { env::var(name).expect("set") }
            fn f() -> Result<()> {
                let a = optional("ALPHA").context("ALPHA is not set")?;
                let b = optional("BETA").map_or(Ok(1), |it| it.parse())?;
                let c = must("GAMMA");
                let d = get("DELTA")?;
                let e = get("EPSILON")?.unwrap_or(1);
            }
        "#;
        let reader = |function: &str, missing| {
            format!("{:?}", ReferenceKind::EnvReader { function: function.into(), missing })
        };
        assert_eq!(
            of(source),
            [
                reader("optional", WhenUnset::Passed),
                reader("or", WhenUnset::Defaulted),
                reader("get", WhenUnset::Fails),
                reader("must", WhenUnset::Panics),
                given("ALPHA", true, "optional"),
                given("BETA", false, "optional"),
                given("GAMMA", false, "must"),
                given("DELTA", false, "get").replace("tried: false", "tried: true"),
                given("EPSILON", false, "get"),
            ]
        );
    }

    #[test]
    fn sql_files_and_calls_are_seen_also_in_macros() {
        let source = r##"
            fn f() {
                sqlx::query!(r#"select id from users where email = $1"#, x);
                let sentence = "update the index";
                let page = include_str!("../page.html");
                open("certs/server.key");
                rustls::crypto::ring::default_provider().install_default();
            }
        "##;
        assert_eq!(
            of(source),
            [
                "Sql { sql: \"select id from users where email = $1\", callee: \"query\", rows: Unknown }",
                "Include(\"../page.html\")",
                "Path { path: \"certs/server.key\", callee: \"open\" }",
                "Call(\"default_provider\")",
                "Call(\"install_default\")",
            ]
        );
    }

    #[test]
    fn what_is_compiled_in_is_seen() {
        let source = r#"
            #[cfg_attr(docsrs, doc = include_str!("../README.md"))]
            fn f() {
                sqlx::migrate!("./migrations").run(&pool);
                include_dir!("$CARGO_MANIFEST_DIR/static");
                migrate("elsewhere");
                g(include_bytes!("logo.png"));
            }
        "#;
        assert_eq!(
            of(source),
            ["Embed(\"./migrations\")", "Embed(\"static\")", "Include(\"logo.png\")"]
        );
    }

    #[test]
    fn sql_is_known_with_what_reads_its_rows() {
        for (source, text, callee, rows) in [
            (
                "fn f() { sqlx::query_as::<_, User>(\"SELECT \\
                    a FROM b\").bind(1).fetch_one(db).await? }",
                "SELECT a FROM b",
                "query_as",
                Rows::One,
            ),
            (
                "fn f() { let mut s = c.prepare(\"select \\\"a\\\" from b\")?; s.query_map([], g)?; s.first(); }",
                "select \"a\" from b",
                "prepare",
                Rows::All,
            ),
            (
                "fn f() { c.query_row(\"select a from b\", [], g) }",
                "select a from b",
                "query_row",
                Rows::One,
            ),
            ("const Q: &str = \"select a from b\";", "select a from b", "", Rows::Unknown),
        ] {
            let sql = SqlText::new(text, None);
            let expected = ReferenceKind::Sql { sql, callee: callee.into(), rows };
            assert_eq!(of(source), [format!("{expected:?}")]);
        }
    }

    #[test]
    fn what_tests_mention_is_marked() {
        let source = "#[cfg(test)] mod tests { fn f() { std::env::var(\"ALPHA\"); } }";
        let root = parse_root(source, Edition::CURRENT).expect("it parses");
        let function = root.descendants().find(|it| it.kind() == SyntaxKind::FN).expect("one");
        assert!(references_of_item(&function).iter().all(|it| it.in_test));
    }
}
