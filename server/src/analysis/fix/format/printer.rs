//! Expressions as rustfmt prints them. What is not known here is told apart from what does not
//! fit: the former leaves everything as it is, the latter makes a choice between forms.

use std::cell::Cell;

use super::style::Style;
use crate::syntax::ast::{self, HasArgList, HasAttrs};
use crate::syntax::lines::text_in;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::TextRange;

/// In a text that would be laid out otherwise if it came to it.
pub const UNKNOWN: &str = "\0";

const MAX_STEPS: usize = 10_000;

/// The room that a text has: columns count characters from 0.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Of the line that the text begins on.
    pub indent: usize,
    /// Where the text begins.
    pub column: usize,
    /// Where its lines have to end.
    pub end: usize,
}

impl Shape {
    pub fn width(self) -> usize {
        self.end.saturating_sub(self.column)
    }

    /// The room behind some characters.
    pub fn after(self, count: usize) -> Option<Self> {
        let column = self.column + count;
        (column <= self.end).then_some(Self { column, ..self })
    }

    /// The room before some characters that follow.
    pub fn before(self, count: usize) -> Option<Self> {
        let end = self.end.checked_sub(count)?;
        (self.column <= end).then_some(Self { end, ..self })
    }
}

/// How a list is printed.
pub struct Listing {
    pub open: char,
    pub close: char,
    /// How wide its items may be together on one line.
    pub width: usize,
    /// Whether items on lines of their own end in a comma.
    pub trailing_comma: bool,
    /// Of a macro that rustfmt knows to format text: how many items come before its values.
    pub leading: Option<usize>,
}

pub struct Printer<'a> {
    pub style: &'a Style,
    /// Set when something is met whose layout is not known.
    pub is_lost: Cell<bool>,
    /// The number of times that something may still be printed: each form of a part is tried with
    /// each form of what is in it.
    steps: Cell<usize>,
    /// Chains may not break over lines.
    pub one_line_chains: Cell<bool>,
    pub in_macro: Cell<bool>,
}

impl<'a> Printer<'a> {
    pub fn new(style: &'a Style) -> Self {
        Self {
            style,
            is_lost: Cell::new(false),
            steps: Cell::new(MAX_STEPS),
            one_line_chains: Cell::new(false),
            in_macro: Cell::new(false),
        }
    }

    fn lost(&self) -> Option<String> {
        self.is_lost.set(true);
        None
    }

    /// How lists in parentheses are printed.
    pub fn parentheses(&self, trailing_comma: bool) -> Listing {
        Listing { open: '(', close: ')', width: self.style.call, trailing_comma, leading: None }
    }

    /// How lists in square brackets are printed.
    pub fn brackets(&self) -> Listing {
        Listing {
            open: '[',
            close: ']',
            width: self.style.array,
            trailing_comma: true,
            leading: None,
        }
    }

    /// A line of its own below one of the given indent.
    pub fn nested(&self, indent: usize) -> Shape {
        let indent = indent + self.style.tab;
        Shape { indent, column: indent, end: self.style.line }
    }

    pub fn break_to(&self, indent: usize) -> String {
        format!("\n{}", " ".repeat(indent))
    }

    pub fn fits(&self, text: &str, shape: Shape) -> bool {
        let mut lines = text.lines();
        let first = lines.next().map_or(0, width);
        let last = text.lines().last().map_or(0, width);
        first <= shape.width()
            && lines.all(|line| width(line) <= self.style.line)
            && (!text.contains('\n') || last <= shape.end)
    }

    pub fn expr(&self, expr: &ast::Expr, shape: Shape) -> Option<String> {
        match self.steps.get().checked_sub(1) {
            Some(left) => self.steps.set(left),
            None => return self.lost(),
        }
        let text = self.unchecked(expr, shape)?;
        self.fits(&text, shape).then_some(text)
    }

    fn unchecked(&self, expr: &ast::Expr, shape: Shape) -> Option<String> {
        if expr.attrs().next().is_some() {
            return self.lost();
        }
        match expr {
            ast::Expr::MethodCallExpr(_)
            | ast::Expr::FieldExpr(_)
            | ast::Expr::AwaitExpr(_)
            | ast::Expr::TryExpr(_) => self.chain(expr, shape),
            ast::Expr::CallExpr(it) => {
                let head = self.expr(&it.expr()?, shape)?;
                if head.contains('\n') {
                    return self.lost();
                }
                self.arguments(&head, &it.arg_list()?, shape)
            }
            ast::Expr::MacroExpr(it) => self.macro_call(&it.macro_call()?, shape),
            ast::Expr::RefExpr(it) => {
                let inner = it.expr()?;
                self.prefixed(&before(it.syntax(), inner.syntax()), &inner, shape)
            }
            ast::Expr::PrefixExpr(it) => {
                let inner = it.expr()?;
                self.prefixed(&before(it.syntax(), inner.syntax()), &inner, shape)
            }
            ast::Expr::ReturnExpr(it) if it.expr().is_some() => {
                let inner = it.expr()?;
                self.prefixed("return ", &inner, shape)
            }
            ast::Expr::ParenExpr(it) => {
                let inner = self.expr(&it.expr()?, shape.after(1)?.before(1)?)?;
                Some(format!("({inner})"))
            }
            ast::Expr::TupleExpr(it) if it.fields().count() > 1 => {
                let fields: Vec<ast::Expr> = it.fields().collect();
                let comma = !self.in_macro.get() || ends_in_comma(it.syntax());
                self.list("", &fields, shape, &self.parentheses(comma))
            }
            ast::Expr::CastExpr(it) => {
                let suffix = format!(" as {}", it.ty()?.syntax().text());
                let inner = self.expr(&it.expr()?, Shape { end: self.style.line, ..shape })?;
                let last = inner.lines().last().map_or(0, width);
                let fits = last + width(&suffix) <= shape.width();
                fits.then(|| format!("{inner}{suffix}"))
            }
            ast::Expr::BinExpr(it) if !is_assignment(it) => self.operands(expr, shape),
            ast::Expr::BinExpr(it) => {
                let left = self.expr(&it.lhs()?, shape)?;
                let operator = it.op_token()?.text().to_string();
                let value = self.value(&format!("{left} {operator}"), &it.rhs()?, shape)?;
                Some(format!("{left} {operator}{value}"))
            }
            ast::Expr::ClosureExpr(it) => self.closure(it, shape),
            ast::Expr::RecordExpr(it) => self.record(it, shape),
            ast::Expr::ArrayExpr(it) => {
                let text = it.syntax().text().to_string();
                match text.contains('\n') || width(&text) > self.style.array + 2 {
                    true => self.lost(),
                    false => Some(text),
                }
            }
            ast::Expr::LetExpr(it) => {
                let head = format!("let {} =", one_line(it.pat()?.syntax())?);
                let value = self.value(&head, &it.expr()?, shape)?;
                Some(format!("{head}{value}"))
            }
            ast::Expr::IfExpr(it) => {
                let text = it.syntax().text().to_string();
                if !text.contains('\n') && width(&text) > self.style.single_line_if {
                    return self.lost();
                }
                self.as_it_is(it.syntax(), shape)
            }
            _ => self.as_it_is(expr.syntax(), shape),
        }
    }

    /// A text that is one line, or whose lines stay where they are.
    fn as_it_is(&self, node: &SyntaxNode, shape: Shape) -> Option<String> {
        let text = node.text().to_string();
        if let Some((_, last)) = text.rsplit_once('\n') {
            let indent = last.chars().take_while(|c| *c == ' ').count();
            if indent != shape.indent {
                return Some(text + UNKNOWN);
            }
        }
        Some(text)
    }

    fn prefixed(&self, prefix: &str, inner: &ast::Expr, shape: Shape) -> Option<String> {
        let inner = self.expr(inner, shape.after(width(prefix))?)?;
        Some(format!("{prefix}{inner}"))
    }

    /// What stands behind `head`, which ends in an operator: the value on the same line, or on the
    /// next where that is better. With the white space before it.
    pub fn value(&self, head: &str, value: &ast::Expr, shape: Shape) -> Option<String> {
        let used = head.rsplit_once('\n').map(|(_, last)| width(last));
        let here = match used {
            Some(used) => Shape { column: used, ..shape }.after(1)?,
            None => shape.after(width(head) + 1).unwrap_or(Shape { column: shape.end, ..shape }),
        };
        let same = self.expr(value, here);
        if let Some(same) = same.as_ref().filter(|it| !it.contains('\n')) {
            return Some(format!(" {same}"));
        }
        let trailing = self.style.line.saturating_sub(shape.end);
        let below = self.nested(shape.indent).before(trailing)?;
        let next = self.expr(value, below);
        match (same, next) {
            (None, None) => None,
            (Some(same), Some(next)) if !prefers_next_line(&same, &next) => {
                Some(format!(" {same}"))
            }
            (_, Some(next)) => Some(format!("{}{next}", self.break_to(below.indent))),
            (Some(same), None) => Some(format!(" {same}")),
        }
    }

    fn macro_call(&self, call: &ast::MacroCall, shape: Shape) -> Option<String> {
        let name = format!("{}!", one_line(call.path()?.syntax())?);
        let tree = call.token_tree()?;
        let text = tree.syntax().text().to_string();
        let is_vec = name == "vec!" && text.starts_with('[');
        if !text.starts_with('(') && !is_vec {
            return self.as_it_is(call.syntax(), shape);
        }
        let inner = text.get(1..text.len().checked_sub(1)?)?;
        let parsed = super::parsed(&format!("fn f() {{ f({inner}) }}"));
        let Some(parsed) = parsed else { return self.as_it_is(call.syntax(), shape) };
        let list = parsed.descendants().find_map(ast::ArgList::cast)?;
        let arguments: Vec<ast::Expr> = list.args().collect();
        if is_vec && !self.in_macro.get() {
            return self.list(&name, &arguments, shape, &self.brackets());
        }
        let trailing = inner.trim_end().ends_with(',');
        let outer = self.in_macro.replace(true);
        let listing = if is_vec { self.brackets() } else { self.parentheses(trailing) };
        let listing =
            Listing { trailing_comma: trailing, leading: before_values(&name), ..listing };
        let result = self.list(&name, &arguments, shape, &listing);
        self.in_macro.set(outer);
        match result {
            // The comma stays where it is.
            Some(text) if trailing && !text.contains('\n') => self.lost(),
            result => result,
        }
    }

    /// Operands that the same operator joins, on one line or each on its own.
    fn operands(&self, expr: &ast::Expr, shape: Shape) -> Option<String> {
        let mut operands = Vec::new();
        let mut operators = Vec::new();
        flatten(expr, None, &mut operands, &mut operators)?;
        let lets = operands.iter().filter(|it| matches!(it, ast::Expr::LetExpr(_))).count();
        let is_short = match operands.as_slice() {
            [first, ast::Expr::LetExpr(_)] => is_name(first),
            _ => lets == 0,
        };
        if is_short && let Some(text) = self.on_one_line(&operands, &operators, shape) {
            return Some(text);
        }
        let trailing = self.style.line.saturating_sub(shape.end);
        let nested = self.nested(shape.indent).before(trailing)?;
        let (first, rest) = operands.split_first()?;
        let mut text = self.expr(first, shape)?;
        for (operand, operator) in rest.iter().zip(&operators) {
            let (last, offset) = match text.rsplit_once('\n') {
                Some((_, last)) => (width(last), 0),
                None => (width(&text), shape.column),
            };
            if last + offset <= nested.column {
                let line = shape.after(width(operator) + 2 + last)?;
                if let Some(operand) = self.expr(operand, line) {
                    text.push_str(&format!(" {operator} {operand}"));
                    continue;
                }
            }
            let operand = self.expr(operand, nested.after(width(operator) + 1)?)?;
            text.push_str(&format!("{}{operator} {operand}", self.break_to(nested.indent)));
        }
        Some(text)
    }

    fn on_one_line(
        &self,
        operands: &[ast::Expr],
        operators: &[String],
        shape: Shape,
    ) -> Option<String> {
        let (last, rest) = operands.split_last()?;
        let trailing = self.style.line.saturating_sub(shape.end);
        let below = self.nested(shape.indent).before(trailing)?;
        let mut text = String::new();
        for (number, (operand, operator)) in rest.iter().zip(operators).enumerate() {
            let room = if number == 0 { shape } else { below };
            let operand = self.expr(operand, room).filter(|it| !it.contains('\n'))?;
            text.push_str(&format!("{operand} {operator} "));
        }
        let prefix = width(&text);
        let last = self.expr(last, Shape { end: self.style.line, ..shape }.after(prefix)?)?;
        text.push_str(&last);
        let is_ugly = text.contains('\n')
            && !last.starts_with('{')
            && (last.starts_with('(') || prefix > self.style.tab);
        (!is_ugly && self.fits(&text, shape)).then_some(text)
    }

    fn closure(&self, closure: &ast::ClosureExpr, shape: Shape) -> Option<String> {
        let body = closure.body()?;
        let prefix = before(closure.syntax(), body.syntax());
        if prefix.contains('\n') {
            return self.lost();
        }
        if matches!(body, ast::Expr::BlockExpr(_)) {
            return self.as_it_is(closure.syntax(), shape);
        }
        let outer = self.one_line_chains.replace(false);
        let room = shape.after(width(&prefix));
        let same = room.and_then(|room| self.expr(&body, room));
        let same =
            same.filter(|it| !it.contains('\n') || may_take_lines(&body) || self.in_macro.get());
        let result = match same {
            Some(body) => Some(format!("{prefix}{body}")),
            None => {
                let nested = self.nested(shape.indent);
                // rustfmt asks for more room than the line takes when it lays out parameters.
                let spare = match closure.param_list().map_or(0, |it| it.params().count()) {
                    0 => 2,
                    1 => 0,
                    _ => 1,
                };
                let has_room = shape.width() >= width(&prefix) + 1 + spare;
                self.expr(&body, nested).filter(|_| has_room).map(|body| {
                    let (inner, outer) =
                        (self.break_to(nested.indent), self.break_to(shape.indent));
                    format!("{prefix}{{{inner}{body}{outer}}}")
                })
            }
        };
        self.one_line_chains.set(outer);
        result
    }

    fn record(&self, record: &ast::RecordExpr, shape: Shape) -> Option<String> {
        let path = one_line(record.path()?.syntax())?;
        let list = record.record_expr_field_list()?;
        let attributed = list.fields().any(|it| it.attrs().next().is_some());
        let is_pattern = list.dotdot_token().is_some() && list.spread().is_none();
        if attributed || is_pattern {
            return self.lost();
        }
        let spread = list.spread();
        if list.fields().count() == 0 && spread.is_none() {
            return Some(format!("{path} {{}}"));
        }
        let field = |field: &ast::RecordExprField, room: Shape| {
            let value = field.expr()?;
            match field.colon_token().and(field.name_ref()) {
                Some(name) => self.prefixed(&format!("{}: ", name.text()), &value, room),
                None => self.expr(&value, room),
            }
        };
        let nested = self.nested(shape.indent).before(1)?;
        let mut fields = Vec::new();
        for it in list.fields() {
            fields.push(field(&it, nested)?);
        }
        let is_long = fields.iter().any(|it| it.contains('\n'));
        let spread = spread.map(|it| self.prefixed("..", &it, nested));
        let spread = match spread {
            Some(None) => return None,
            Some(Some(text)) => Some(text),
            None => None,
        };
        let line: Vec<&str> = fields.iter().chain(&spread).map(String::as_str).collect();
        let line = line.join(", ");
        let limit = self.style.record.min(shape.width().saturating_sub(width(&path) + 5));
        if !is_long && width(&line) <= limit && !line.contains('\n') {
            return Some(format!("{path} {{ {line} }}"));
        }
        let inner = self.break_to(nested.indent);
        let mut text = format!("{path} {{");
        for field in fields {
            text.push_str(&format!("{inner}{field},"));
        }
        if let Some(spread) = spread {
            text.push_str(&format!("{inner}{spread}"));
        }
        Some(format!("{text}{}}}", self.break_to(shape.indent)))
    }
}

/// How many arguments the macros that rustfmt knows to format text have before the values: to the
/// end of the format.
fn before_values(name: &str) -> Option<usize> {
    match name {
        "eprint!" | "eprintln!" | "format!" | "format_args!" | "print!" | "println!" | "panic!"
        | "unreachable!" | "debug!" | "error!" | "info!" | "warn!" | "assert!"
        | "debug_assert!" => Some(1),
        "assert_eq!" | "assert_ne!" | "debug_assert_eq!" | "debug_assert_ne!" | "write!"
        | "writeln!" => Some(2),
        _ => None,
    }
}

fn flatten(
    expr: &ast::Expr,
    operator: Option<&str>,
    operands: &mut Vec<ast::Expr>,
    operators: &mut Vec<String>,
) -> Option<()> {
    if let ast::Expr::BinExpr(it) = expr {
        let own = it.op_token()?.text().to_string();
        if operator.is_none_or(|it| it == own) {
            flatten(&it.lhs()?, Some(&own), operands, operators)?;
            operators.push(own);
            operands.push(it.rhs()?);
            return Some(());
        }
    }
    operands.push(expr.clone());
    Some(())
}

/// The expression below `&`, `*`, `!`, `?` and `as`.
pub fn unwrapped(expr: &ast::Expr) -> ast::Expr {
    let inner = match expr {
        ast::Expr::RefExpr(it) => it.expr(),
        ast::Expr::PrefixExpr(it) => it.expr(),
        ast::Expr::TryExpr(it) => it.expr(),
        ast::Expr::CastExpr(it) => it.expr(),
        _ => None,
    };
    inner.map_or_else(|| expr.clone(), |it| unwrapped(&it))
}

/// A name or a literal, with `!` and `*` before it.
fn is_name(expr: &ast::Expr) -> bool {
    match unwrapped(expr) {
        ast::Expr::PathExpr(it) => !it.syntax().text().to_string().contains("::"),
        ast::Expr::Literal(_) => true,
        _ => false,
    }
}

/// Whether a closure's body may have several lines without a block around it.
fn may_take_lines(body: &ast::Expr) -> bool {
    matches!(
        unwrapped(body),
        ast::Expr::MatchExpr(_)
            | ast::Expr::BlockExpr(_)
            | ast::Expr::LoopExpr(_)
            | ast::Expr::RecordExpr(_)
    )
}

fn is_assignment(expr: &ast::BinExpr) -> bool {
    matches!(expr.op_kind(), Some(ast::BinaryOp::Assignment { .. }))
}

/// Whether a value is better on the line below its name.
pub fn prefers_next_line(same: &str, next: &str) -> bool {
    let lines = |text: &str| text.matches('\n').count();
    let opens = |text: &str, c: char| text.lines().next().is_some_and(|it| it.ends_with(c));
    !next.contains('\n')
        || lines(same) > lines(next) + 1
        || ['(', '{', '['].iter().any(|c| opens(same, *c) && !opens(next, *c))
}

/// Whether the text of a list in parentheses ends in a comma.
pub fn ends_in_comma(list: &SyntaxNode) -> bool {
    let text = list.text().to_string();
    text.trim_end_matches(')').trim_end().ends_with(',')
}

/// The text of a node before one of its children.
pub fn before(node: &SyntaxNode, child: &SyntaxNode) -> String {
    text_in(node, TextRange::new(node.text_range().start(), child.text_range().start()))
}

pub fn one_line(node: &SyntaxNode) -> Option<String> {
    let text = node.text().to_string();
    (!text.contains('\n')).then_some(text)
}

pub fn width(text: &str) -> usize {
    text.chars().count()
}
