//! What patterns and parameters bind names to.

use std::sync::Arc;

use super::value::{Type, Value, held, nature};
use super::{Nature, Walk};
use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;

/// How many bindings of a way are shown.
const MAX_WAY: usize = 4;

impl Walk<'_> {
    /// Binds the names of a pattern to a value and its parts.
    pub(super) fn bind(&mut self, pattern: &ast::Pat, value: Value) {
        match pattern {
            ast::Pat::IdentPat(it) => {
                if let Some(inner) = it.pat() {
                    self.bind(&inner, value.clone());
                }
                let Some(name) = it.name() else { return };
                let mut value = value;
                if value.is_from_source() && value.way.len() < MAX_WAY {
                    let step = (self.range(name.syntax()), Arc::from(name.text()));
                    value.way = value.way.iter().cloned().chain([step]).collect();
                }
                self.names.bind(name.text(), value);
            }
            ast::Pat::RefPat(it) => self.bind_inner(it.pat(), value),
            ast::Pat::ParenPat(it) => self.bind_inner(it.pat(), value),
            ast::Pat::BoxPat(it) => self.bind_inner(it.pat(), value),
            ast::Pat::TuplePat(it) => {
                for (at, pattern) in it.fields().enumerate() {
                    let part = self.field(&value, &at.to_string());
                    self.bind(&pattern, part);
                }
            }
            ast::Pat::TupleStructPat(it) => {
                let fields: Vec<ast::Pat> = it.fields().collect();
                if let [only] = fields.as_slice() {
                    return self.bind(only, inside(value));
                }
                for (at, pattern) in fields.iter().enumerate() {
                    let part = self.field(&Value { ty: None, ..value.clone() }, &at.to_string());
                    self.bind(pattern, part);
                }
            }
            ast::Pat::RecordPat(it) => {
                for field in it.record_pat_field_list().into_iter().flat_map(|it| it.fields()) {
                    let Some(name) = field.field_name() else { continue };
                    let part = self.field(&value, name.text());
                    self.bind_inner(field.pat(), part);
                }
            }
            ast::Pat::SlicePat(it) => {
                for pattern in it.pats() {
                    self.bind(&pattern, value.clone());
                }
            }
            ast::Pat::OrPat(it) => {
                for pattern in it.pats() {
                    self.bind(&pattern, value.clone());
                }
            }
            _ => {}
        }
    }

    fn bind_inner(&mut self, pattern: Option<ast::Pat>, value: Value) {
        if let Some(pattern) = pattern {
            self.bind(&pattern, value);
        }
    }

    /// `let pattern: Type = value;`
    pub(super) fn let_statement(&mut self, statement: &ast::LetStmt) {
        let mut value = statement.initializer().map(|it| self.eval(&it)).unwrap_or_default();
        if let Some(ty) = statement.ty() {
            value = typed(value, &compact(ty.syntax()));
        }
        if let Some(otherwise) = statement.let_else().and_then(|it| it.block_expr()) {
            self.block(&otherwise);
        }
        if let Some(pattern) = statement.pat() {
            self.bind(&pattern, value);
        }
    }
}

/// A value that is given a type by what it is bound to.
pub(super) fn typed(value: Value, ty: &str) -> Value {
    match nature(ty) {
        Some(Nature::Number(number)) => Value { number: Some(number), ty: None, ..value },
        Some(Nature::Plain) => Value::constant(),
        Some(Nature::Text) if value.parsed.is_some() => Value {
            checked: value.parsed.unwrap_or_default(),
            parsed: None,
            ty: Some(Type::Written(ty.into())),
            ..value
        },
        // The value of a numeric or checked type is what it was before.
        _ if value.ty.is_some() && nature(ty).is_some() => value,
        _ => Value { ty: Some(Type::Written(ty.into())), ..value },
    }
}

/// What is in `Some`, `Ok` or an extractor.
fn inside(value: Value) -> Value {
    let ty = match &value.ty {
        Some(Type::Written(ty)) => Some(Type::Written(held(ty).into())),
        other => other.clone(),
    };
    Value { ty, ..value }
}
