//! The values of expressions.

use std::sync::Arc;

use super::bind::typed;
use super::value::{Kind, Kinds, Nature, Number, Type, Value, nature};
use super::{MAX_DEPTH, Walk};
use crate::syntax::ast::{self, HasArgList, HasLoopBody, RangeItem};
use crate::syntax::cfg::is_for_debugging;
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

impl Walk<'_> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, expr: &ast::Expr) -> Value {
        if self.depth > MAX_DEPTH {
            return Value::default();
        }
        self.depth += 1;
        let value = self.eval_unlimited(expr);
        self.depth -= 1;
        value
    }

    fn eval_unlimited(&mut self, expr: &ast::Expr) -> Value {
        match expr {
            ast::Expr::Literal(it) => literal(it),
            ast::Expr::PathExpr(it) => self.path(it),
            ast::Expr::RefExpr(it) => self.eval_opt(it.expr()),
            ast::Expr::ParenExpr(it) => self.eval_opt(it.expr()),
            ast::Expr::PrefixExpr(it) => self.eval_opt(it.expr()),
            ast::Expr::TryExpr(it) => self.eval_opt(it.expr()),
            ast::Expr::AwaitExpr(it) => self.eval_opt(it.expr()),
            ast::Expr::FieldExpr(it) => {
                let value = self.eval_opt(it.expr());
                let Some(name) = it.field_access() else { return Value::default() };
                let name = match name {
                    ast::FieldKind::Name(name) => name.text().to_string(),
                    ast::FieldKind::Index(token) => token.text().to_string(),
                };
                self.field(&value, &name)
            }
            ast::Expr::IndexExpr(it) => self.index(it),
            ast::Expr::MethodCallExpr(it) => self.method_call(it),
            ast::Expr::CallExpr(it) => self.call(it),
            ast::Expr::MacroExpr(it) => {
                it.macro_call().map(|call| self.macro_call(&call)).unwrap_or_default()
            }
            ast::Expr::BinExpr(it) => self.binary(it),
            ast::Expr::CastExpr(it) => self.cast(it),
            ast::Expr::BlockExpr(it) => self.block(it),
            ast::Expr::IfExpr(it) => self.if_expr(it),
            ast::Expr::MatchExpr(it) => self.match_expr(it),
            ast::Expr::LetExpr(it) => {
                let value = self.eval_opt(it.expr());
                if let Some(pattern) = it.pat() {
                    self.bind(&pattern, value);
                }
                Value::default()
            }
            ast::Expr::ClosureExpr(it) => self.closure(it, &[]),
            ast::Expr::RecordExpr(it) => self.record(it),
            ast::Expr::TupleExpr(it) => {
                let values: Vec<Value> = it.fields().map(|it| self.eval(&it)).collect();
                let named = values.into_iter().enumerate();
                composed(named.map(|(at, value)| (at.to_string(), value)).collect())
            }
            ast::Expr::ArrayExpr(it) => {
                let values = it.syntax().children().filter_map(ast::Expr::cast);
                let values: Vec<Value> = values.map(|it| self.eval(&it)).collect();
                values
                    .into_iter()
                    .fold(Value::constant(), |all, it| Value { text: None, ..it.or(all) })
            }
            ast::Expr::ReturnExpr(it) => {
                let value = self.eval_opt(it.expr());
                self.add_return(value);
                Value::constant()
            }
            ast::Expr::ForExpr(_) | ast::Expr::WhileExpr(_) | ast::Expr::LoopExpr(_) => {
                self.repeated(expr)
            }
            other => self.parts(other.syntax()),
        }
    }

    pub(super) fn eval_opt(&mut self, expr: Option<ast::Expr>) -> Value {
        expr.map(|it| self.eval(&it)).unwrap_or_default()
    }

    /// The value of something that is made of the expressions below a node.
    pub(super) fn parts(&mut self, node: &SyntaxNode) -> Value {
        let mut all = Value::constant();
        for child in node.children() {
            let value = match ast::Expr::cast(child.clone()) {
                Some(expr) => self.eval(&expr),
                None if is_item(child.kind()) => continue,
                None => match ast::LetStmt::cast(child.clone()) {
                    Some(statement) => {
                        self.let_statement(&statement);
                        continue;
                    }
                    None => self.parts(&child),
                },
            };
            all = Value { text: None, ..value.or(all) };
        }
        all
    }

    pub(super) fn block(&mut self, block: &ast::BlockExpr) -> Value {
        // No release has it.
        if is_for_debugging(block.syntax()) {
            return Value::default();
        }
        let scope = self.names.len();
        let mut value = Value::constant();
        for statement in block.stmt_list().into_iter().flat_map(|it| it.statements()) {
            match statement {
                ast::Stmt::LetStmt(it) => self.let_statement(&it),
                ast::Stmt::ExprStmt(it) => {
                    self.eval_opt(it.expr());
                }
                ast::Stmt::Item(ast::Item::MacroCall(it)) => {
                    self.macro_call(&it);
                }
                ast::Stmt::Item(_) => {}
            }
        }
        if let Some(tail) = block.stmt_list().and_then(|it| it.tail_expr()) {
            value = self.eval(&tail);
        }
        self.names.truncate(scope.max(self.outer_names(scope)));
        value
    }

    /// Names live to the end of the block that binds them; those of a condition live as long.
    fn outer_names(&self, scope: usize) -> usize {
        scope.min(self.names.len())
    }

    fn path(&mut self, path: &ast::PathExpr) -> Value {
        let text = compact(path.syntax());
        if let Some(value) = self.lookup(&text) {
            return value.clone();
        }
        let name = text.rsplit("::").next().unwrap_or(&text);
        let is_constant = name.chars().any(char::is_alphabetic)
            && (!name.chars().any(char::is_lowercase) || name.starts_with(char::is_uppercase));
        Value { constant: is_constant || text.contains("::"), ..Value::default() }
    }

    fn index(&mut self, index: &ast::IndexExpr) -> Value {
        let base = self.eval_opt(index.base());
        self.eval_opt(index.index());
        // What was searched for is within the length; so a number is looked for.
        let is_fixed =
            matches!(index.index(), Some(ast::Expr::RangeExpr(it)) if has_fixed_bounds(&it));
        if is_fixed && !self.decodes {
            self.hit(Kind::Panic, "the index", index.syntax(), &base);
        }
        base.converted()
    }

    fn binary(&mut self, expr: &ast::BinExpr) -> Value {
        use ast::{ArithOp, BinaryOp, CmpOp};
        let left = self.eval_opt(expr.lhs());
        let right = self.eval_opt(expr.rhs());
        match expr.op_kind() {
            Some(BinaryOp::CmpOp(CmpOp::Ord { .. })) => {
                self.check(&left, Kinds::NUMBERS);
                self.check(&right, Kinds::NUMBERS);
                Value::default()
            }
            Some(BinaryOp::CmpOp(_)) => {
                self.compared(&left, &right);
                self.compared(&right, &left);
                Value::default()
            }
            Some(BinaryOp::LogicOp(_)) => Value::default(),
            Some(BinaryOp::ArithOp(op)) => {
                let bounds =
                    matches!(op, ArithOp::Rem | ArithOp::BitAnd | ArithOp::Shr | ArithOp::Div);
                if op == ArithOp::Add && left.number.is_none() {
                    return left.with(right);
                }
                let value = left.or(right);
                if bounds { value.checked_for(Kinds::NUMBERS) } else { value }
            }
            Some(BinaryOp::Assignment { op }) => {
                self.assign(expr.lhs(), right, op == Some(ArithOp::Add));
                Value::constant()
            }
            None => left.or(right),
        }
    }

    /// A comparison with a value that is known or the program's own lets through what is expected.
    fn compared(&mut self, value: &Value, other: &Value) {
        let is_empty = other.known_text().is_some_and(|it| it.is_empty());
        if value.is_from_source() && !is_empty {
            self.check(value, Kinds::ALL);
        }
    }

    /// Gives a name another value, or adds a part to its value.
    pub(super) fn assign(&mut self, target: Option<ast::Expr>, value: Value, adds: bool) {
        let Some(target) = target else { return };
        let Some(name) = root_name(&target) else { return };
        let is_name = matches!(target, ast::Expr::PathExpr(_));
        let Some(place) = self.names.get_mut(&name) else { return };
        let before = place.clone();
        *place = if adds {
            before.with(value)
        } else if is_name && before.is_from_source() && !value.is_from_source() {
            // On this branch only.
            before
        } else if is_name {
            Value { ty: value.ty.clone().or(before.ty.clone()), ..value.or(before) }
        } else if value.is_from_source() {
            value.or(Value { text: None, ..before })
        } else {
            before
        };
    }

    fn cast(&mut self, cast: &ast::CastExpr) -> Value {
        let value = self.eval_opt(cast.expr());
        let ty = cast.ty().map(|it| compact(it.syntax())).unwrap_or_default();
        let Some(to) = Number::of(&ty) else { return typed(value, &ty) };
        let from = value.number.or_else(|| match value.written_type().and_then(nature) {
            Some(Nature::Number(number)) => Some(number),
            _ => None,
        });
        let is_field = matches!(value.ty, Some(Type::Field(..)));
        // No memory holds as much as 64 bits count.
        let is_length = to.bits >= 64 && cast.expr().is_some_and(|it| is_length(&it));
        let is_field = is_field && !is_length;
        let from = from.filter(|_| !is_length);
        if is_field || from.is_some_and(|from| loses(from, to)) {
            self.hit(Kind::Cast, &ty, cast.syntax(), &Value { number: from, ..value.clone() });
        }
        // What was a byte stays one.
        let number = from.filter(|from| from.bits < to.bits).unwrap_or(to);
        Value { number: Some(number), ..value }
    }

    fn if_expr(&mut self, expr: &ast::IfExpr) -> Value {
        let scope = self.names.len();
        self.condition(expr.condition());
        let then = expr.then_branch().map(|it| self.block(&it)).unwrap_or_default();
        self.names.truncate(scope);
        let otherwise = match expr.else_branch() {
            Some(ast::ElseBranch::Block(it)) => self.block(&it),
            Some(ast::ElseBranch::IfExpr(it)) => self.if_expr(&it),
            None => Value::constant(),
        };
        then.or(otherwise)
    }

    fn match_expr(&mut self, expr: &ast::MatchExpr) -> Value {
        let matched = self.eval_opt(expr.expr());
        let arms: Vec<ast::MatchArm> =
            expr.match_arm_list().into_iter().flat_map(|it| it.arms()).collect();
        let mut all: Option<Value> = None;
        let mut lists = false;
        for arm in &arms {
            let scope = self.names.len();
            let is_literal = arm.pat().is_some_and(|it| names_literal(it.syntax()));
            lists = lists || is_literal;
            if let Some(pattern) = arm.pat() {
                let value = if is_literal { Value::constant() } else { matched.clone() };
                self.bind(&pattern, value);
            }
            if let Some(guard) = arm.guard() {
                self.condition(guard.condition());
            }
            let value = self.eval_opt(arm.expr());
            self.names.truncate(scope);
            all = Some(match all {
                Some(all) => all.or(value),
                None => value,
            });
        }
        let value = all.unwrap_or_default();
        // An allow-list, whatever the last arm does: it was walked before.
        if lists && !value.is_from_source() {
            self.check(&matched, Kinds::ALL);
        }
        value
    }

    fn repeated(&mut self, expr: &ast::Expr) -> Value {
        let scope = self.names.len();
        let body = match expr {
            ast::Expr::ForExpr(it) => {
                let items = self.eval_opt(it.iterable());
                if let (Some(iterable), true) = (it.iterable(), spawns_freely(it)) {
                    self.hit(Kind::Concurrency, "spawn", iterable.syntax(), &items);
                }
                if let Some(pattern) = it.pat() {
                    self.bind(&pattern, items.converted_element());
                }
                it.loop_body()
            }
            ast::Expr::WhileExpr(it) => {
                self.condition(it.condition());
                it.loop_body()
            }
            ast::Expr::LoopExpr(it) => it.loop_body(),
            _ => None,
        };
        if let Some(body) = body {
            self.block(&body);
        }
        self.names.truncate(scope);
        Value::constant()
    }

    /// The value of a closure whose parameters are given some values.
    pub(super) fn closure(&mut self, closure: &ast::ClosureExpr, given: &[Value]) -> Value {
        let scope = self.names.len();
        let returns = std::mem::take(&mut self.returns);
        for (at, param) in closure.param_list().into_iter().flat_map(|it| it.params()).enumerate() {
            let value = given.get(at).cloned().unwrap_or_default();
            self.closure_parameter(&param, value);
        }
        let value = self.eval_opt(closure.body());
        let returned = std::mem::replace(&mut self.returns, returns);
        self.names.truncate(scope);
        if returned.is_from_source() { returned.or(value) } else { value }
    }

    fn record(&mut self, record: &ast::RecordExpr) -> Value {
        let mut fields = Vec::new();
        let list = record.record_expr_field_list();
        for field in list.iter().flat_map(|it| it.fields()) {
            let Some(name) = field.field_name() else { continue };
            let value = match field.expr() {
                Some(expr) => self.eval(&expr),
                None => self.lookup(name.text()).cloned().unwrap_or_default(),
            };
            fields.push((name.text().to_string(), value));
        }
        let spread = list.and_then(|it| it.spread());
        let value = composed(fields);
        match spread {
            Some(spread) => {
                let rest = self.eval(&spread);
                Value { fields: None, ..value.or(rest) }
            }
            None => value,
        }
    }

    pub(super) fn arguments(&mut self, call: &impl HasArgList) -> Vec<Value> {
        let list = call.arg_list();
        list.into_iter().flat_map(|it| it.args()).map(|it| self.eval(&it)).collect()
    }
}

impl Value {
    /// What an element of it is.
    pub(super) fn converted_element(self) -> Self {
        Self { text: None, ..self }
    }
}

/// A struct, tuple or list that is made of values.
fn composed(fields: Vec<(String, Value)>) -> Value {
    let all = fields.iter().fold(Value::constant(), |all, (_, value)| value.clone().or(all));
    Value { fields: Some(Arc::from(fields)), text: None, ty: None, number: None, ..all }
}

fn literal(literal: &ast::Literal) -> Value {
    match literal.kind() {
        ast::LiteralKind::String(it) => match it.value() {
            Ok(text) => Value::literal(&text),
            Err(_) => Value::constant(),
        },
        _ => Value::constant(),
    }
}

/// Whether a loop spawns a task for each item, and waits for nothing that limits them.
fn spawns_freely(item: &ast::ForExpr) -> bool {
    let has = |test: &dyn Fn(&str) -> bool| any_token(item.syntax().green(), &|_, text| test(text));
    has(&|text| matches!(text, "spawn" | "spawn_local" | "spawn_blocking"))
        && !has(&|text| text.contains("acquire") || text.contains("permit") || text == "join_next")
}

/// Whether the bounds of a range are literal numbers.
fn has_fixed_bounds(range: &ast::RangeExpr) -> bool {
    let is_number = |it: &ast::Expr| matches!(it, ast::Expr::Literal(_));
    let (start, end) = (range.start(), range.end());
    (start.is_some() || end.is_some())
        && start.as_ref().is_none_or(is_number)
        && end.as_ref().is_none_or(is_number)
}

/// Whether a number is how much of something there is in memory.
fn is_length(expr: &ast::Expr) -> bool {
    let ast::Expr::MethodCallExpr(call) = expr else { return false };
    call.name_ref().is_some_and(|it| matches!(it.text(), "len" | "count" | "capacity"))
}

/// Whether a cast from one type to the other changes values that peers choose.
fn loses(from: Number, to: Number) -> bool {
    from.bits > to.bits
        || (from.signed && !to.signed)
        || from.bits == to.bits && from.signed != to.signed
}

/// Whether a pattern is that of a text.
fn names_literal(pattern: &SyntaxNode) -> bool {
    pattern.descendants().any(|it| it.kind() == SyntaxKind::LITERAL_PAT)
}

fn is_item(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::FN | SyntaxKind::IMPL | SyntaxKind::MODULE | SyntaxKind::USE)
}

/// The variable that a place belongs to: `a` in `a.b[0]` and `*a`.
pub(super) fn root_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::PathExpr(it) => {
            let text = compact(it.syntax());
            (!text.contains("::")).then_some(text)
        }
        ast::Expr::FieldExpr(it) => root_name(&it.expr()?),
        ast::Expr::IndexExpr(it) => root_name(&it.base()?),
        ast::Expr::PrefixExpr(it) => root_name(&it.expr()?),
        ast::Expr::RefExpr(it) => root_name(&it.expr()?),
        ast::Expr::ParenExpr(it) => root_name(&it.expr()?),
        ast::Expr::MethodCallExpr(it) => root_name(&it.receiver()?),
        _ => None,
    }
}
