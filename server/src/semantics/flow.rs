//! Values of requests and peers that reach a place where they do harm, in a function itself or in
//! one that it calls.

use std::rc::Rc;

use super::NodeContext;
use super::callee_in_workspace::CalledFunction;
use super::own_method::MethodCall;
use super::paths::{callee, resolve_at};
use crate::project::flow::{
    Flow, Hit, Kind, Nature, Need, Number, Outside, Passed, Piece, Source, Type, Value, held,
    mentions_source, nature,
};
use crate::project::{Function, SymbolIndex, base_name};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::green::any_token;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange};

/// A value of a request or a peer that reaches a place where it does harm.
#[derive(Debug, Clone)]
pub struct Reached {
    /// What it reaches.
    pub kind: Kind,
    /// What it is given to: `fs::read`; of a function that passes it on, its name.
    pub sink: String,
    /// Whether a function that is called passes it on.
    pub through_helper: bool,
    /// The name by which the value came in: `body.name`.
    pub name: String,
    /// Who chooses it.
    pub outside: Outside,
    /// Whether it is a part of a request that is handed over as a whole, or all of it.
    pub of_request: bool,
    /// Where it comes in.
    pub source: TextRange,
    /// Where it was bound to names on its way.
    pub way: Vec<(TextRange, String)>,
    /// The call that is given the value.
    pub range: TextRange,
    /// The call, or the macro call around it.
    pub node: SyntaxNode,
    /// What has to hold.
    pub condition: Condition,
}

/// What the workspace must declare for a value to reach the place.
#[derive(Debug, Clone)]
pub struct Condition {
    file: String,
    kind: Kind,
    needs: Vec<Need>,
    number: Option<Number>,
    ty: Option<Type>,
    returning: Vec<(Callee, usize)>,
    passing: Option<(Callee, usize)>,
    target: Option<Number>,
}

/// A function that is called.
#[derive(Debug, Clone)]
enum Callee {
    Function(CalledFunction),
    Method(MethodCall),
}

impl Callee {
    fn candidates<'s>(&self, symbols: &'s SymbolIndex) -> Vec<&'s Function> {
        match self {
            Self::Function(it) => it.candidates(symbols),
            Self::Method(it) => it.own(symbols),
        }
    }
}

impl NodeContext<'_> {
    /// What flows through a function; nothing where no value comes from outside.
    pub fn flow(&mut self, function: &ast::Fn) -> Rc<Flow> {
        let imports = self.imports();
        self.once("flow", function.syntax(), || {
            let green = function.syntax().green();
            match mentions_source(green) || mentions_sql(green) {
                true => Flow::of(function, &imports),
                false => Flow::default(),
            }
        })
    }

    /// Whether the package may answer requests.
    pub fn may_answer(&self) -> bool {
        const FURTHER: &[&str] = &[
            "astra", "dropshot", "http", "hyper", "lambda_http", "lambda_runtime", "rouille",
            "thruster", "tiny_http", "trillium", "viz", "worker",
        ];
        let Some(package) = &self.file().package else { return true };
        package.is_server()
            || package.dependencies.is_empty()
            || FURTHER.iter().any(|it| package.depends_on(it))
    }
}

fn mentions_sql(function: &rowan::GreenNodeData) -> bool {
    any_token(function, &|kind, text| {
        kind == SyntaxKind::STRING
            && text.contains('{')
            && ["select ", "insert ", "update ", "delete ", "where ", "create ", "alter ", "drop "]
                .iter()
                .any(|it| {
                    text.get(..text.len().min(400))
                        .is_some_and(|text| text.to_lowercase().contains(it))
                })
    })
}

/// The values from outside that reach a place of some kinds in a function, or in one that it calls.
pub fn reached(function: &ast::Fn, cx: &mut NodeContext<'_>, kinds: &[Kind]) -> Vec<Reached> {
    let flow = cx.flow(function);
    if !flow.sources.iter().any(|it| it.outside.is_some()) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for hit in flow.hits.iter().filter(|it| kinds.contains(&it.kind)) {
        all.extend(direct(hit, &flow, cx));
    }

    for passed in &flow.passed {
        for kind in kinds.iter().filter(|kind| !passed.checked.has(**kind)) {
            all.extend(through(passed, *kind, &flow, cx));
        }
    }
    all
}

/// The source of a value that somebody outside chooses.
fn outside<'f>(
    flow: &'f Flow,
    value: &Value,
    kind: Kind,
    cx: &NodeContext<'_>,
) -> Option<(&'f Source, Outside)> {
    flow.sources_of(value).find_map(|source| {
        let outside = source.outside?;
        let matters = match outside {
            Outside::Request => cx.may_answer() && !is_routed(source, kind),
            Outside::Peer => true,
            // Whoever calls a decoder knows what it decodes.
            Outside::Author => {
                matches!(kind, Kind::Capacity | Kind::Cast | Kind::Decompression)
            }
        };
        matters.then_some((source, outside))
    })
}

/// Whether a source is the part of a request by which a framework routed it, or the whole of one:
/// a client that passes a request on, or a proxy, sends it where it is meant to go.
fn is_routed(source: &Source, kind: Kind) -> bool {
    if !source.is_request || !matches!(kind, Kind::Host | Kind::Panic | Kind::Redirect) {
        return false;
    }
    match source.name.split('.').nth(1) {
        None => true,
        Some(part) => match kind {
            Kind::Panic => matches!(part, "uri" | "url" | "path"),
            _ => matches!(part, "uri" | "url" | "path" | "headers" | "head" | "parts"),
        },
    }
}

fn direct(hit: &Hit, flow: &Flow, cx: &mut NodeContext<'_>) -> Option<Reached> {
    let value = harmful(hit);
    let (source, outside) = outside(flow, &value, hit.kind, cx)?;
    let condition = condition(hit.kind, &value, &hit.node, cx);
    let target = Number::of(&hit.sink).filter(|_| hit.kind == Kind::Cast);
    Some(Reached {
        kind: hit.kind,
        sink: hit.sink.clone(),
        through_helper: false,
        name: source.name.clone(),
        outside,
        of_request: source.is_request,
        source: source.range,
        way: way(&value),
        range: hit.range,
        node: hit.node.clone(),
        condition: Condition { target, ..condition },
    })
}

fn way(value: &Value) -> Vec<(TextRange, String)> {
    value.way.iter().map(|(range, name)| (*range, name.to_string())).collect()
}

/// The part of a value that does harm: of a statement of SQL a part that comes from outside.
fn harmful(hit: &Hit) -> Value {
    let Some(text) = hit.value.text.as_ref().filter(|_| hit.kind == Kind::Sql) else {
        return hit.value.clone();
    };
    let holes = text.iter().filter_map(|piece| match piece {
        Piece::Hole(value) => Some(value),
        Piece::Literal(_) => None,
    });
    let mut from_source = holes.filter(|it| it.is_from_source() && it.number.is_none());
    from_source.next().cloned().unwrap_or_default()
}

fn through(passed: &Passed, kind: Kind, flow: &Flow, cx: &mut NodeContext<'_>) -> Option<Reached> {
    let value = &passed.value;
    if matches!(
        kind,
        Kind::Cast | Kind::Log | Kind::MapKey | Kind::Panic | Kind::Capacity | Kind::Whole
    ) {
        return None;
    }
    if !passed.in_tree || value.number.is_some() {
        return None;
    }
    let (source, outside) = outside(flow, value, kind, cx)?;
    let (callee, name) = callee_of(&passed.call, cx)?;
    let condition = condition(kind, value, passed.call.syntax(), cx);
    Some(Reached {
        kind,
        sink: name,
        through_helper: true,
        name: source.name.clone(),
        outside,
        of_request: source.is_request,
        source: source.range,
        way: way(value),
        range: passed.range,
        node: passed.call.syntax().clone(),
        condition: Condition { passing: Some((callee, passed.parameter)), ..condition },
    })
}

fn callee_of(call: &ast::Expr, cx: &mut NodeContext<'_>) -> Option<(Callee, String)> {
    match call {
        ast::Expr::CallExpr(call) => {
            let path = resolve_at(cx, call.syntax(), &callee(call)?);
            let called = CalledFunction::new(&path, call.syntax(), cx)?;
            let name = called.name().to_string();
            Some((Callee::Function(called), name))
        }
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?.text().to_string();
            call.arg_list()?.args().next()?;
            let called = MethodCall::new(&call.receiver()?, &name, cx);
            Some((Callee::Method(called), name))
        }
        _ => None,
    }
}

fn condition(kind: Kind, value: &Value, node: &SyntaxNode, cx: &mut NodeContext<'_>) -> Condition {
    let mut returning = Vec::new();
    let mut needs = Vec::new();
    for need in value.needs.iter() {
        match need {
            Need::Returned { callee, parameter } => {
                // What is no function of the workspace returns something of its own.
                let called = CalledFunction::new(callee, node, cx);
                returning.push((called.map(Callee::Function), *parameter));
            }
            need => needs.push(need.clone()),
        }
    }
    let is_unknown = returning.iter().any(|(callee, _)| callee.is_none());
    let returning = returning.into_iter().filter_map(|(callee, at)| Some((callee?, at))).collect();
    Condition {
        file: cx.file().path.clone(),
        kind,
        needs,
        number: value.number,
        ty: value.ty.clone(),
        returning,
        passing: None,
        target: None,
    }
    .unless(is_unknown)
}

impl Condition {
    /// A condition that never holds, when `never`.
    fn unless(self, never: bool) -> Self {
        match never {
            true => Self { needs: vec![Need::Text(Type::Written("bool".into()))], ..self },
            false => self,
        }
    }

    /// Whether the value reaches the place.
    pub fn holds(&self, symbols: &SymbolIndex) -> bool {
        let types = Types { symbols, file: &self.file };
        self.returning.iter().all(|(callee, parameter)| {
            let candidates = callee.candidates(symbols);
            !candidates.is_empty()
                && candidates.iter().all(|it| it.facts.returns_parameter(*parameter))
        }) && self.passing.as_ref().is_none_or(|(callee, parameter)| {
            let candidates = callee.candidates(symbols);
            !candidates.is_empty()
                && candidates.iter().all(|it| it.facts.passes_on(*parameter, self.kind))
        }) && self.has_nature(&types)
    }

    fn has_nature(&self, types: &Types<'_>) -> bool {
        let needs_text = || {
            self.needs.iter().all(|need| match need {
                Need::Text(ty) => types.is_text(ty),
                Need::Returned { .. } => true,
            })
        };
        match self.kind {
            Kind::Capacity => self.number_of(types).is_some_and(|it| it.bits >= 32),
            Kind::Cast => match (self.number_of(types), self.target) {
                (Some(from), Some(to)) => from.bits > to.bits || from.signed != to.signed,
                _ => false,
            },
            Kind::Decompression | Kind::Concurrency | Kind::Panic | Kind::Whole => true,
            _ => needs_text() && self.ty.as_ref().is_none_or(|ty| types.is_text(ty)),
        }
    }

    fn number_of(&self, types: &Types<'_>) -> Option<Number> {
        self.number.or_else(|| {
            let found = types.resolve(self.ty.as_ref()?);
            found.iter().find_map(|ty| match nature(ty) {
                Some(Nature::Number(number)) => Some(number),
                _ => None,
            })
        })
    }
}

/// What types mean in a file.
struct Types<'a> {
    symbols: &'a SymbolIndex,
    file: &'a str,
}

/// How deep the fields of types are looked at.
const MAX_DEPTH: usize = 4;

impl Types<'_> {
    /// The types that a type may be, as they are written; none where nothing is known.
    fn resolve(&self, ty: &Type) -> Vec<String> {
        match ty {
            Type::Written(ty) => vec![held(ty).to_string()],
            Type::Field(owner, field) => {
                let owners = self.resolve(owner);
                let mut found = Vec::new();
                for owner in &owners {
                    for (_, def) in self.symbols.types_in_view(self.file, base_name(owner)) {
                        let fields = def.fields.iter().filter(|(name, _)| **name == **field);
                        found.extend(fields.map(|(_, ty)| held(ty).to_string()));
                    }
                }
                found
            }
        }
    }

    /// Whether a value of a type may be a text that its sender chose.
    fn is_text(&self, ty: &Type) -> bool {
        let types = self.resolve(ty);
        types.is_empty() || types.iter().any(|ty| self.holds_text(ty, MAX_DEPTH))
    }

    fn holds_text(&self, ty: &str, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        if let Some(nature) = nature(ty) {
            return nature == Nature::Text;
        }
        let ty = held(ty);
        if let Some(parts) = ty.strip_prefix('(') {
            let parts = super::type_text::split_list(parts.trim_end_matches(')'));
            return parts.iter().any(|it| self.holds_text(it, depth));
        }
        let name = base_name(ty);
        let defs: Vec<_> = self.symbols.types_in_view(self.file, name).map(|(_, it)| it).collect();
        if defs.is_empty() {
            let alias = self.symbols.alias(name);
            return alias.is_none_or(|target| self.holds_text(target, depth));
        }
        // A type that is made of a text by its own rules has checked it.
        let derives = defs.iter().any(|it| it.derives.iter().any(|it| it.ends_with("Deserialize")));
        let is_newtype = defs.iter().all(|it| it.fields.len() == 1);
        let parses = |it: &crate::project::Impl| {
            ["TryFrom<", "FromStr", "Deserialize<"].iter().any(|of| it.of_trait.starts_with(of))
        };
        if (is_newtype || !derives) && self.symbols.impls(name).any(parses) {
            return false;
        }
        defs.iter().any(|def| {
            let variants = def.variants.iter().flat_map(|it| &it.fields);
            def.fields.iter().chain(variants).any(|(_, ty)| self.holds_text(ty, depth))
        })
    }
}

/// A statement of SQL that a function composes, and none of whose parts is known to come from
/// outside: the expressions that are put in.
pub fn composed_sql(function: &ast::Fn, cx: &mut NodeContext<'_>) -> Vec<Hit> {
    let flow = cx.flow(function);
    let is_open = |value: &Value| {
        let known = value.ty.as_ref().and_then(|ty| match ty {
            Type::Written(ty) => nature(ty),
            Type::Field(..) => None,
        });
        !value.constant
            && value.number.is_none()
            && !matches!(known, Some(Nature::Plain | Nature::Number(_)))
    };
    let composed = flow.hits.iter().filter(|hit| hit.kind == Kind::Sql).filter(|hit| {
        outside(&flow, &harmful(hit), Kind::Sql, cx).is_none()
            && hit.value.text.iter().flat_map(|it| it.iter()).any(|piece| match piece {
                Piece::Hole(value) => is_open(value),
                Piece::Literal(_) => false,
            })
    });
    composed.cloned().collect()
}
