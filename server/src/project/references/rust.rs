//! Reads what a Rust source refers to that other files of the project have to provide: environment
//! variables, SQL, files, and the calls that rules declare.

use std::borrow::Cow;

use rowan::{GreenNodeData, NodeOrToken};

use super::defaults::{Defaults, default_of, is_flag};
use super::indexed::{EMBEDS, INCLUDES, IndexSpec, READ_ALL};
use super::literals::{
    content, is_about_environment, is_sql, is_variable, is_word, prefix_of, unescaped,
    variable_prefix,
};
use super::reference::{Reference, ReferenceKind, Rows, WhenUnset};
use crate::project::sql::SqlText;
use crate::syntax::attrs::marks_test_code;
use crate::syntax::green::{children, token_kind};
use crate::syntax::{SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextSize};

/// Methods behind which a variable that is not set is no failure.
const DEFAULTS: &[&str] = &[
    "is_err", "is_none", "is_ok", "is_some", "map_or", "map_or_else", "ok", "or", "or_else",
    "unwrap_or", "unwrap_or_default", "unwrap_or_else",
];

/// Methods that turn a variable that is not set into an error.
const ERRORS: &[&str] =
    &["context", "with_context", "ok_or", "ok_or_else", "ok_or_eyre", "wrap_err", "wrap_err_with"];

/// Literals that may be the default of a setting.
const LITERALS: &[SyntaxKind] = &[
    SyntaxKind::STRING,
    SyntaxKind::INT_NUMBER,
    SyntaxKind::FLOAT_NUMBER,
    SyntaxKind::TRUE_KW,
    SyntaxKind::FALSE_KW,
];

/// What an item of Rust refers to of what `spec` asks for, in text order; ranges count from the
/// item's start. Nothing where no token [may refer](IndexSpec::may_refer) to something.
pub fn references_of_item(item: &SyntaxNode, spec: &IndexSpec) -> Vec<Reference> {
    let mut reader = Reader::new(spec);
    reader.node(item.green(), TextSize::new(0));
    reader.end_of_statement();
    let mut references = reader.references;
    references.retain(|it| spec.wants(&it.kind));
    if !references.is_empty() && item.ancestors().any(|it| marks_test_code(&it)) {
        references.iter_mut().for_each(|it| it.in_test = true);
    }
    references
}

/// Reads tokens in order. Calls, macro calls and attributes look alike as tokens, so that what
/// stands in the arguments of a macro is seen like everything else.
struct Reader<'t> {
    spec: &'t IndexSpec,
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
    /// The functions around it, each with how many brackets are around its body.
    outer: Vec<(&'t str, usize)>,
    /// The SQL whose rows nothing has read yet.
    unread: Option<usize>,
    /// What stands before the last `::<`.
    generic: &'t str,
    defaults: Defaults<'t>,
    /// The flag that was found to be a default last, and how many brackets are around it: in them
    /// a comparison may follow, of which it is the result.
    flag: Option<(usize, usize)>,
    /// How many brackets are around what `#[cfg(…)]` stands in front of: on another system it has
    /// another default.
    conditional: Option<usize>,
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
    /// What may be what names of variables begin with: a string, or nothing for a constant.
    prefix: Option<(FileRange, &'t str)>,
    /// The reference of `env = "…"` among its arguments, and the literal of `default_value`.
    stated: (Option<usize>, Option<(FileRange, &'t str)>),
}

impl Frame<'_> {
    /// Whether it is a call of `std::env::var` or its like.
    fn is_env_read(&self) -> bool {
        matches!(self.callee, "var" | "var_os") && matches!(self.of, "env" | "dotenvy" | "dotenv")
    }

    /// Whether a crate may be given what the names of variables begin with: `add_env("APP")`,
    /// `EnvSource::new("APP")`. `command.env` and the functions of `std::env` take whole names.
    fn takes_prefix(&self) -> bool {
        let is_about = is_about_environment(self.callee) || is_about_environment(self.of);
        let takes_names = self.of == "env" || matches!(self.callee, "env" | "envs");
        let is_known = self.is_macro || matches!(self.callee, "with_prefix" | "prefixed");
        is_about
            && !takes_names
            && !is_known
            && (self.argument == 0 || self.callee.contains("prefix"))
    }
}

impl<'t> Reader<'t> {
    fn new(spec: &'t IndexSpec) -> Self {
        Self {
            spec,
            references: Vec::new(),
            frames: Vec::new(),
            before: [(None, ""); 8],
            next: 0,
            waiting: None,
            field_env: None,
            function: "",
            outer: Vec::new(),
            unread: None,
            generic: "",
            defaults: Defaults::default(),
            flag: None,
            conditional: None,
        }
    }

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
                self.open(kind, offset);
            }
            SyntaxKind::R_PAREN | SyntaxKind::R_BRACK | SyntaxKind::R_CURLY => self.close(kind),
            SyntaxKind::COMMA => {
                self.end_of_condition(true);
                self.end_of_statement();
                if let Some(frame) = self.frames.last_mut() {
                    frame.argument += 1;
                }
            }
            SyntaxKind::SEMICOLON => {
                self.end_of_condition(true);
                self.end_of_statement();
            }
            SyntaxKind::EQ2 => self.defaults.compare(false),
            SyntaxKind::NEQ => self.defaults.compare(true),
            // That of a macro negates nothing.
            SyntaxKind::BANG => self.defaults.compare(!self.is_before(0, SyntaxKind::IDENT)),
            SyntaxKind::L_ANGLE if self.is_before(0, SyntaxKind::COLON2) => {
                self.generic = self.text_before(1);
            }
            SyntaxKind::QUESTION => self.note_when_unset(WhenUnset::Fails),
            SyntaxKind::STRING => self.string(text, offset),
            SyntaxKind::IDENT => self.name(text, FileRange::at(offset, TextSize::of(text))),
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

    /// An opening bracket: that of a call, most of the time.
    fn open(&mut self, kind: SyntaxKind, offset: TextSize) {
        if kind == SyntaxKind::L_CURLY {
            self.end_of_statement();
        }
        let frame = self.frame(kind);
        if self.spec.wants_call(frame.of, frame.callee) {
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

    /// A closing bracket, after which it is known what its call was given.
    fn close(&mut self, kind: SyntaxKind) {
        if self.waiting.is_some_and(|(_, depth)| depth == self.frames.len()) {
            self.waiting = None;
        }
        let Some(frame) = self.frames.pop() else { return };
        if kind == SyntaxKind::R_CURLY
            && let Some((outer, _)) = self.outer.pop_if(|(_, depth)| *depth == self.frames.len())
            && !outer.is_empty()
        {
            self.function = outer;
        }
        if frame.callee == "cfg" && !frame.is_macro {
            self.conditional = self.frames.len().checked_sub(1);
        }
        self.end_of_condition(kind == SyntaxKind::R_CURLY);
        if let Some((index, _)) = self.flag.take_if(|(_, depth)| self.frames.len() < *depth)
            && self.defaults.take_other()
            && let Some(reference) = self.references.get_mut(index)
            && let ReferenceKind::EnvDefault { name, via, .. } = &reference.kind
        {
            reference.kind = ReferenceKind::given(name, via.as_deref());
        }
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
        if let Some((range, text)) = frame.prefix.filter(|_| frame.takes_prefix()) {
            let name = if text.is_empty() { String::new() } else { prefix_of(text) };
            self.add(range, ReferenceKind::env_prefix_via(&name, frame.callee));
        }
        let mut env = frame.env;
        if let (None, true, Some(range)) = (env, frame.is_env_read(), frame.named)
            && !self.function.is_empty()
        {
            env = Some(self.references.len());
            let function = self.function.to_string();
            let when_unset = WhenUnset::Defaulted;
            self.add(range, ReferenceKind::EnvReader { function, when_unset });
        }
        if let Some(env) = env {
            self.waiting = Some((env, self.frames.len()));
            self.defaults.read(env, self.frames.len());
        }
    }

    /// A name: of a method that is called on what was read, of a function that is declared, or of
    /// an argument.
    fn name(&mut self, name: &'t str, range: FileRange) {
        let is_method = self.is_before(0, SyntaxKind::DOT);
        self.wanted_name(name, range);
        if is_method && matches!(name, "unwrap" | "expect") {
            self.note_when_unset(WhenUnset::Panics);
        } else if is_method && name == "ok" && self.waits_for_function() {
            self.note_when_unset(WhenUnset::Passed);
        } else if is_method && DEFAULTS.contains(&name) {
            self.note_when_unset(WhenUnset::Defaulted);
        } else if is_method && ERRORS.contains(&name) && self.waits_for_function() {
            self.note_when_unset(match self.waits_for_reader() {
                true => WhenUnset::Fails,
                false => WhenUnset::Panics,
            });
        } else if self.is_before(0, SyntaxKind::FN_KW) {
            self.outer.push((self.function, self.frames.len()));
            self.function = name;
        }
        if matches!(name, "is_empty" | "eq_ignore_ascii_case") {
            self.defaults.compare(false);
        }
        if is_method {
            self.read_rows(name);
            self.defaults.method(name, self.frames.len());
        }
        let Some(frame) = self.frames.last_mut() else { return };
        frame.named = Some(range);
        if frame.argument == 0 && (is_variable(name) || name.contains("prefix")) {
            frame.prefix = Some((range, ""));
        }
        let callee = frame.callee;
        if self.spec.wants_handler(callee, name) {
            self.add(range, ReferenceKind::Call(name.to_string()));
        }
        if name == "env" && matches!(callee, "arg" | "clap") {
            self.field_env = Some(range);
        }
    }

    /// A name that rules ask for wherever it stands.
    fn wanted_name(&mut self, name: &str, range: FileRange) {
        let of = match self.token_before(0).0 {
            Some(SyntaxKind::DOT) => ".",
            _ => self.owner_before(0),
        };
        if self.spec.wants_name(of, name) {
            let (of, name) = (of.to_string(), name.to_string());
            let declared = self.is_before(0, SyntaxKind::FN_KW);
            let function = self.function.to_string();
            self.add(range, ReferenceKind::Name { of, name, function, declared });
        }
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
            if is_flag(literal) {
                self.flag = Some((self.references.len(), self.frames.len()));
            }
            if self.conditional.is_none() {
                self.add(range, default);
            }
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
        let names = [SyntaxKind::IDENT, SyntaxKind::CFG_KW, SyntaxKind::CFG_ATTR_KW];
        if !names.into_iter().any(is_name) {
            return Frame::default();
        }
        let of = self.owner_before(bang + 1);
        Frame { callee: self.text_before(bang), of, is_macro: bang == 1, ..Frame::default() }
    }

    /// What stands before a `::` that is `back` places before the current token; empty where there
    /// is none. It is one token in a tree, and two among the loose tokens of a macro.
    fn owner_before(&self, back: usize) -> &'t str {
        if self.is_before(back, SyntaxKind::COLON2) {
            self.text_before(back + 1)
        } else if self.is_before(back, SyntaxKind::COLON)
            && self.is_before(back + 1, SyntaxKind::COLON)
        {
            self.text_before(back + 2)
        } else {
            ""
        }
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

    fn string(&mut self, literal: &'t str, offset: TextSize) {
        let Some(text) = content(literal) else { return };
        self.defaults.compare_with(text);
        let range = FileRange::at(offset, TextSize::of(literal));
        let keyed = self.is_before(0, SyntaxKind::EQ).then(|| self.text_before(1));
        if self.spec.wants_text(text) {
            let callee = self.frames.last().map_or("", |it| it.callee).to_string();
            self.add(range, ReferenceKind::Text { text: text.to_string(), callee });
        }
        if is_word(text) && self.is_prefix_value() {
            return self.add(range, ReferenceKind::env_prefix(&prefix_of(text)));
        }
        let Some(frame) = self.frames.last_mut() else {
            return self.loose(literal, "", range);
        };
        if is_word(text) && frame.argument == 0 {
            frame.prefix = Some((range, text));
        }
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
                self.add(range, ReferenceKind::env_prefix(&prefix_of(text)));
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
        } else if let Some(prefix) = variable_prefix(text) {
            self.add(range, ReferenceKind::env_prefix(prefix));
        } else if is_variable(text) && self.may_be_read(text) {
            // The name may be read where it is passed to.
            match self.frames.last() {
                Some(frame) if frame.argument == 0 && !callee.is_empty() && !frame.is_macro => {
                    self.read(range, text, Some(callee));
                }
                _ => self.add(range, ReferenceKind::env(text)),
            }
        } else if self.spec.is_file_name(text) {
            let (path, callee) = (text.to_string(), callee.to_string());
            self.add(range, ReferenceKind::Path { path, callee });
        }
    }

    /// Whether the next token is the value of something that is called a prefix of variables:
    /// `env_prefix = "APP"`, `ENV_PREFIX: &str = "APP"`, `prefix = "APP"` of an attribute.
    fn is_prefix_value(&self) -> bool {
        let is_value = self.is_before(0, SyntaxKind::EQ) || self.is_before(0, SyntaxKind::COLON);
        // `NAME: &'static str =`
        let name = match self.text_before(1) {
            "str" => (2..6).find(|at| self.is_before(*at, SyntaxKind::COLON)).map(|at| at + 1),
            _ => Some(1),
        };
        let name = name.map_or(String::new(), |at| self.text_before(at).to_ascii_lowercase());
        let is_attribute = || {
            self.frames.last().is_some_and(|it| {
                ["config", "conf", "env", "envconfig", "settings"].contains(&it.callee)
            })
        };
        is_value
            && name.contains("prefix")
            && (is_about_environment(&name) || name == "prefix" && is_attribute())
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
    fn note_when_unset(&mut self, how: WhenUnset) {
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
            Some(ReferenceKind::EnvReader { when_unset, .. }) => {
                *when_unset = how;
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

    /// What a `#[cfg(…)]` is about is over, when that stands at the same depth.
    fn end_of_condition(&mut self, is_end: bool) {
        let is_over =
            |depth: &usize| self.frames.len() < *depth || is_end && self.frames.len() == *depth;
        self.conditional = self.conditional.filter(|depth| !is_over(depth));
    }

    fn end_of_statement(&mut self) {
        if self.waiting.is_some_and(|(_, depth)| depth >= self.frames.len()) {
            self.waiting = None;
        }
    }
}
