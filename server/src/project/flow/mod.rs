//! How values flow through a function: from what a request or a peer sends, and from parameters, to
//! the places where a value of an attacker does harm, and which checks are on the way.
//!
//! A function is walked once, in the order of its text. A check counts from where it stands on, on
//! all branches: what is reported is a value that nothing before looked at.

mod bind;
mod calls;
mod checks;
mod expressions;
mod macros;
mod methods;
mod names;
mod sinks;
mod sources;
mod value;

use names::Names;
pub use sources::{decodes, decodes_by_name, is_extractor, mentions_sink, mentions_source};
pub use value::{Kind, Kinds, Nature, Need, Number, Piece, Type, Value, held, nature};

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::syntax::ast;
use crate::syntax::fragment::Fragment;
use crate::syntax::{AstNode, Edition, Imports, SyntaxNode, TextRange};

/// Who chooses a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outside {
    /// The client of a request that a framework hands to the function.
    Request,
    /// A peer at the other end of a connection.
    Peer,
    /// The author of what a function decodes: a peer, or somebody who wrote a file.
    Author,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is named first.
    pub range: TextRange,
    /// The name by which it is known: `body.name`.
    pub name: String,
    pub outside: Option<Outside>,
    /// The parameter that it is, or is a part of; `self` is not counted.
    pub parameter: Option<usize>,
    /// Whether it is a request as a whole, of which some parts are the framework's to check.
    pub is_request: bool,
    /// What it is a part of.
    parent: Option<usize>,
    /// What was checked so far.
    checked: Kinds,
}

/// A value that reaches a place where it does harm.
#[derive(Debug, Clone)]
pub struct Hit {
    pub kind: Kind,
    /// What it is given to: `fs::read`.
    pub sink: String,
    /// The call, in the tree of the function.
    pub range: TextRange,
    /// The call, or the macro call around it.
    pub node: SyntaxNode,
    pub value: Value,
}

/// A value that is given to a function which may be one of the workspace.
#[derive(Debug, Clone)]
pub struct Passed {
    /// The call of a function or method, in the tree of the function.
    pub call: ast::Expr,
    /// Whether it stands in the tree of the function itself, and not among arguments of a macro.
    pub in_tree: bool,
    pub range: TextRange,
    /// The parameter that is given the value; `self` is not counted.
    pub parameter: usize,
    pub value: Value,
    /// What the sources of the value were checked for.
    pub checked: Kinds,
}

/// What flows through a function.
#[derive(Debug, Default)]
pub struct Flow {
    pub sources: Vec<Source>,
    pub hits: Vec<Hit>,
    pub passed: Vec<Passed>,
    /// What it returns.
    pub returns: Value,
}

impl Flow {
    /// Walks a function.
    pub fn of(function: &ast::Fn, imports: &Imports) -> Self {
        let mut walk = Walk::new(function, imports);
        walk.function(function);
        let returns = std::mem::take(&mut walk.returns);
        Self { sources: walk.sources, hits: walk.hits, passed: walk.passed, returns }
    }

    /// The sources of a value.
    pub fn sources_of(&self, value: &Value) -> impl Iterator<Item = &Source> {
        bits(value.sources).filter_map(|at| self.sources.get(at))
    }
}

/// The places of the bits that are set.
fn bits(set: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |at| set & (1 << at) != 0)
}

/// The most sources that are told apart in a function.
const MAX_SOURCES: usize = 64;

/// How deep expressions are followed.
const MAX_DEPTH: usize = 120;

struct Walk<'a> {
    imports: &'a Imports,
    /// The imports at the head of blocks.
    inner_imports: Imports,
    names: Names,
    sources: Vec<Source>,
    parts: FxHashMap<(usize, String), usize>,
    hits: Vec<Hit>,
    known_hits: FxHashSet<(Kind, TextRange)>,
    passed: Vec<Passed>,
    known_passed: FxHashSet<(TextRange, usize)>,
    returns: Value,
    fragments: Vec<(SyntaxNode, Fragment)>,
    depth: usize,
    /// Whether the function decodes what it is given.
    decodes: bool,
    /// Whether a framework calls the function, so that a plain `String` is the body of a request.
    handles: bool,
}

impl<'a> Walk<'a> {
    fn new(function: &ast::Fn, imports: &'a Imports) -> Self {
        let uses = function.body().into_iter().flat_map(|body| {
            body.syntax().descendants().filter_map(ast::Use::cast).collect::<Vec<_>>()
        });
        Self {
            imports,
            inner_imports: Imports::of_uses(uses),
            names: Names::default(),
            sources: Vec::new(),
            parts: FxHashMap::default(),
            hits: Vec::new(),
            known_hits: FxHashSet::default(),
            passed: Vec::new(),
            known_passed: FxHashSet::default(),
            returns: Value::default(),
            fragments: Vec::new(),
            depth: 0,
            decodes: decodes(function),
            handles: false,
        }
    }

    /// A path as it is written, with its first segment resolved.
    fn resolve(&self, path: &str) -> String {
        let resolved = self.inner_imports.resolve(path);
        if resolved == path { self.imports.resolve(path) } else { resolved }
    }

    /// The range of a node in the tree of the function.
    fn range(&self, node: &SyntaxNode) -> TextRange {
        let outer = self.fragments.iter().rev();
        outer.fold(node.text_range(), |range, (_, fragment)| fragment.to_outer(range))
    }

    /// The range of a call, that of a method from its name on: the receiver may be lines long.
    fn call_range(&self, node: &SyntaxNode) -> TextRange {
        let name = ast::MethodCallExpr::cast(node.clone()).and_then(|it| it.name_ref());
        let range = self.range(node);
        match name {
            Some(name) => TextRange::new(self.range(name.syntax()).start(), range.end()),
            None => range,
        }
    }

    /// The value that a name has.
    fn lookup(&self, name: &str) -> Option<&Value> {
        self.names.get(name)
    }

    /// A new source.
    fn source(
        &mut self,
        node: &SyntaxNode,
        name: &str,
        outside: Option<Outside>,
        parameter: Option<usize>,
    ) -> u64 {
        if self.sources.len() >= MAX_SOURCES {
            return 0;
        }
        let range = self.range(node);
        self.sources.push(Source {
            range,
            name: name.to_string(),
            outside,
            parameter,
            is_request: false,
            parent: None,
            checked: Kinds::default(),
        });
        1 << (self.sources.len() - 1)
    }

    /// The sources that the field of a value has, whose sources are known.
    fn parts_of(&mut self, sources: u64, field: &str) -> u64 {
        let mut parts = 0;
        for at in bits(sources) {
            let key = (at, field.to_string());
            let part = match self.parts.get(&key) {
                Some(part) => *part,
                None if self.sources.len() < MAX_SOURCES => {
                    let mut part = self.sources[at].clone();
                    if !field.starts_with(|c: char| c.is_ascii_digit()) {
                        part.name = format!("{}.{field}", part.name);
                    }
                    part.parent = Some(at);
                    part.checked = Kinds::default();
                    self.sources.push(part);
                    self.parts.insert(key, self.sources.len() - 1);
                    self.sources.len() - 1
                }
                None => at,
            };
            parts |= 1 << part;
        }
        parts
    }

    /// The field of a value.
    fn field(&mut self, value: &Value, field: &str) -> Value {
        let fields = value.fields.iter().flat_map(|it| it.iter());
        if let Some((_, value)) = fields.clone().find(|(name, _)| name == field) {
            return value.clone();
        }
        if value.fields.is_some() {
            return Value::default();
        }
        let ty = match &value.ty {
            Some(Type::Written(ty)) if field == "0" && held(ty) != &**ty => {
                Some(Type::Written(held(ty).into()))
            }
            Some(Type::Written(ty)) => match (held(ty).strip_prefix('('), field.parse::<usize>()) {
                (Some(parts), Ok(at)) => {
                    let parts = parts.strip_suffix(')').unwrap_or(parts);
                    value::split(parts).get(at).map(|it| Type::Written((*it).into()))
                }
                _ => Some(Type::Field(
                    std::sync::Arc::new(Type::Written(held(ty).into())),
                    field.into(),
                )),
            },
            Some(ty) => Some(Type::Field(std::sync::Arc::new(ty.clone()), field.into())),
            None => None,
        };
        let sources = match value.written_type().is_some_and(|ty| field == "0" && held(ty) != ty) {
            // What is in an extractor is the whole of it.
            true => value.sources,
            false => self.parts_of(value.sources, field),
        };
        Value {
            sources,
            ty,
            checked: value.checked,
            needs: value.needs.clone(),
            way: value.way.clone(),
            ..Value::default()
        }
    }

    /// Notes that the sources of a value were checked.
    fn check(&mut self, value: &Value, kinds: Kinds) {
        for at in bits(value.sources) {
            let source = &mut self.sources[at];
            source.checked = source.checked.and(kinds);
        }
    }

    /// Whether a source was checked for a kind, or what it is a part of.
    fn is_checked(&self, at: usize, kind: Kind) -> bool {
        let mut next = Some(at);
        while let Some(source) = next.and_then(|at| self.sources.get(at)) {
            if source.checked.has(kind) {
                return true;
            }
            next = source.parent;
        }
        false
    }

    /// The sources of a value that nothing was a check of for a kind.
    fn unchecked(&self, value: &Value, kind: Kind) -> u64 {
        if value.checked.has(kind) {
            return 0;
        }
        let unchecked = bits(value.sources).filter(|at| !self.is_checked(*at, kind));
        unchecked.fold(0, |set, at| set | 1 << at)
    }

    /// Notes that a value reaches a place where it does harm.
    fn hit(&mut self, kind: Kind, sink: &str, node: &SyntaxNode, value: &Value) {
        let made_of = match kind {
            Kind::Concurrency => value.sources | value.items,
            _ => value.sources,
        };
        let sources = self.unchecked(&Value { sources: made_of, ..value.clone() }, kind);
        let is_composed = kind == Kind::Sql && value.text.is_some();
        if sources == 0 && !is_composed {
            return;
        }
        let is_numeric = matches!(kind, Kind::Capacity | Kind::Cast);
        if !is_numeric && value.number.is_some() {
            return;
        }
        let range = self.call_range(node);
        if !self.known_hits.insert((kind, range)) {
            return;
        }
        let node = self.fragments.first().map_or(node, |(call, _)| call).clone();
        let mut value = Value { sources, ..value.clone() };
        if kind == Kind::Concurrency {
            // Whatever is made of the entries, there are as many of it.
            value = Value { needs: Arc::default(), ty: None, ..value };
        }
        if kind == Kind::Sql {
            value = self.without_checked_holes(value);
        }
        self.hits.push(Hit { kind, sink: sink.to_string(), range, node, value });
    }

    /// A text whose parts lose the sources that were checked.
    fn without_checked_holes(&self, value: Value) -> Value {
        let text = value.text.as_ref().map(|text| {
            let piece = |piece: &Piece| match piece {
                Piece::Hole(hole) => {
                    let sources = self.unchecked(hole, Kind::Sql);
                    let constant = hole.constant || hole.is_from_source() && sources == 0;
                    Piece::Hole(Value { sources, constant, ..hole.clone() })
                }
                literal => literal.clone(),
            };
            text.iter().map(piece).collect()
        });
        Value { text, ..value }
    }

    fn function(&mut self, function: &ast::Fn) {
        self.parameters(function);
        let Some(body) = function.body() else { return };
        let value = self.block(&body);
        self.add_return(value);
    }

    fn add_return(&mut self, value: Value) {
        let before = std::mem::take(&mut self.returns);
        self.returns = if before.is_from_source() { before.or(value) } else { value.or(before) };
    }
}

/// An expression's edition matters to macros only.
const EDITION: Edition = Edition::CURRENT;
