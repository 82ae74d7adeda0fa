//! Macro calls.

use std::sync::Arc;

use super::sinks::harmful_part;
use super::value::{Kind, Kinds, Piece, Value};
use super::{EDITION, Walk};
use crate::syntax::ast;
use crate::syntax::format_string::{Argument, placeholders};
use crate::syntax::fragment::{Fragment, macro_name, quotes_code};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, AstToken, SyntaxKind, SyntaxNode};

/// Macros that make a text, or write one.
const FORMATTING: &[&str] =
    &["concat", "format", "format_args", "formatdoc", "formatx", "write", "writeln", "indoc"];

/// Macros that check a condition.
const CHECKING: &[&str] =
    &["assert", "ensure", "debug_assert", "matches", "assert_eq", "ensure_eq", "require"];

/// Macros that write to a log.
const LOGGING: &[&str] = &["debug", "error", "info", "trace", "warn"];

/// How deep macro calls are followed.
const MAX_NESTING: usize = 4;

impl Walk<'_> {
    pub(super) fn macro_call(&mut self, call: &ast::MacroCall) -> Value {
        let Some(name) = macro_name(call.syntax()) else { return Value::default() };
        if quotes_code(&name) || self.fragments.len() > MAX_NESTING {
            return Value::constant();
        }
        let Some(fragment) = Fragment::of_macro_call(call.syntax(), EDITION) else {
            return Value::default();
        };
        let root = fragment.root.clone();
        self.fragments.push((call.syntax().clone(), fragment));
        let value = self.macro_arguments(&name, &root);
        self.fragments.pop();
        if name == "path" {
            return Value::of_type(super::sources::FILTER);
        }
        value
    }

    fn macro_arguments(&mut self, name: &str, root: &SyntaxNode) -> Value {
        let arguments = arguments(root);
        let node = arguments.first().map(|it| it.syntax().clone());
        match name {
            _ if FORMATTING.contains(&name) => {
                let value = self.formatted(&arguments);
                if name.starts_with("write") {
                    let target = arguments.first().cloned();
                    let text = value.clone();
                    self.assign(target, text, true);
                }
                value
            }
            _ if CHECKING.contains(&name) => {
                let first = arguments.first().cloned();
                if name == "matches" {
                    let value = self.eval_opt(first);
                    self.check(&value, Kinds::ALL);
                } else if name.ends_with("eq") {
                    arguments.iter().take(2).for_each(|it| {
                        let value = self.eval(it);
                        self.check(&value, Kinds::ALL);
                    });
                } else {
                    self.condition(first);
                }
                Value::default()
            }
            _ if LOGGING.contains(&name) => {
                let value = self.formatted(&arguments);
                let value = Value { text: None, ..value };
                if let Some(node) = node {
                    self.hit(Kind::Log, name, &node, &value);
                }
                Value::default()
            }
            "vec" => self.vec(root, &arguments),
            "query" | "query_as" | "query_scalar" | "query_file" | "query_file_as" => {
                self.parts(root);
                Value::default()
            }
            _ => {
                let value = self.parts(root);
                Value { text: None, ..value }
            }
        }
    }

    /// `vec![value; length]`
    fn vec(&mut self, root: &SyntaxNode, arguments: &[ast::Expr]) -> Value {
        let array = root.descendants().find_map(ast::ArrayExpr::cast);
        if let Some(ast::ArrayExprKind::Repeat { repeat: Some(length), .. }) =
            array.map(|it| it.kind())
        {
            let value = self.eval(&length);
            if let Some(value) = harmful_part(Kind::Capacity, &value) {
                self.hit(Kind::Capacity, "vec!", length.syntax(), &value);
            }
            return Value::default();
        }
        let values: Vec<Value> = arguments.iter().map(|it| self.eval(it)).collect();
        values.into_iter().fold(Value::constant(), |all, it| Value { text: None, ..it.or(all) })
    }

    /// The text that a format string and its arguments make.
    fn formatted(&mut self, arguments: &[ast::Expr]) -> Value {
        let mut named = Vec::new();
        let mut positional = Vec::new();
        let mut literal = None;
        for argument in arguments {
            match argument {
                ast::Expr::Literal(it) if literal.is_none() => {
                    if let ast::LiteralKind::String(it) = it.kind() {
                        literal = Some(it.syntax().text().to_string());
                    }
                }
                ast::Expr::BinExpr(it)
                    if matches!(it.op_kind(), Some(ast::BinaryOp::Assignment { op: None })) =>
                {
                    let name = it.lhs().map(|it| compact(it.syntax())).unwrap_or_default();
                    let value = self.eval_opt(it.rhs());
                    named.push((name, value));
                }
                other => {
                    let value = self.eval(other);
                    if literal.is_some() {
                        positional.push(value);
                    }
                }
            }
        }
        let Some(literal) = literal else {
            let all = named.into_iter().map(|(_, value)| value);
            return all.fold(Value::default(), |all, it| it.or(all));
        };
        self.text(&literal, &named, &positional)
    }

    fn text(&mut self, literal: &str, named: &[(String, Value)], positional: &[Value]) -> Value {
        let mut pieces = Vec::new();
        let mut all = Value::constant();
        let mut at = literal.find('"').map_or(0, |at| at + 1);
        for placeholder in placeholders(literal) {
            let start = usize::from(placeholder.range.start());
            let open = literal.get(..start).and_then(|it| it.rfind('{')).unwrap_or(start);
            let close =
                literal.get(start..).and_then(|it| it.find('}')).map_or(start, |it| start + it + 1);
            if let Some(text) = literal.get(at..open).filter(|it| !it.is_empty()) {
                pieces.push(Piece::Literal(Arc::from(text)));
            }
            at = close;
            let value = match &placeholder.argument {
                Argument::Position(at) => positional.get(*at).cloned(),
                Argument::Name(name) => {
                    let given = named.iter().find(|(it, _)| it == name);
                    let given = given.map(|(_, value)| value.clone());
                    let is_constant = !name.contains(char::is_lowercase);
                    given
                        .or_else(|| self.lookup(name).cloned())
                        .or_else(|| is_constant.then(Value::constant))
                }
            };
            let value = value.unwrap_or_default();
            let value = match placeholder.spec.contains('?') {
                // Control characters are escaped.
                true => value.checked_for(Kinds::of(Kind::Log)),
                false => value,
            };
            if let Some(text) = &value.text {
                pieces.extend(text.iter().cloned());
            } else {
                let ty = value.ty.clone();
                pieces.push(Piece::Hole(Value { ty, ..value.clone() }));
            }
            // Digits do no harm in a text.
            if value.number.is_none() {
                all = value.converted().or(all);
            }
        }
        let end = literal.rfind('"').unwrap_or(literal.len());
        if let Some(text) = literal.get(at..end).filter(|it| !it.is_empty()) {
            pieces.push(Piece::Literal(Arc::from(text)));
        }
        let value =
            Value { text: Some(Arc::from(pieces)), number: None, ty: None, fields: None, ..all };
        // Another text may stand in its place in another branch.
        match names_host(&value.prefix()) {
            true => value.checked_for(Kinds::of(Kind::Host).and(Kinds::of(Kind::Redirect))),
            false => value,
        }
    }
}

/// Whether an address that begins so leads to a host that is named in it.
fn names_host(prefix: &str) -> bool {
    prefix.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?', '#']))
}

/// The arguments of a macro call that was parsed as a call or an array.
fn arguments(root: &SyntaxNode) -> Vec<ast::Expr> {
    let list = root
        .descendants()
        .find(|it| matches!(it.kind(), SyntaxKind::ARG_LIST | SyntaxKind::ARRAY_EXPR));
    match list {
        Some(list) => list.children().filter_map(ast::Expr::cast).collect(),
        None => Vec::new(),
    }
}
