//! Calls and their arguments.

use super::printer::{Listing, Printer, Shape, UNKNOWN, ends_in_comma, unwrapped, width};
use crate::syntax::AstNode;
use crate::syntax::ast;

impl Printer<'_> {
    pub fn arguments(&self, head: &str, list: &ast::ArgList, shape: Shape) -> Option<String> {
        let items: Vec<ast::Expr> = list.args().collect();
        let comma = !self.in_macro.get() || ends_in_comma(list.syntax());
        self.list(head, &items, shape, &self.parentheses(comma))
    }

    /// `head` with a list.
    pub fn list(
        &self,
        head: &str,
        items: &[ast::Expr],
        shape: Shape,
        listing: &Listing,
    ) -> Option<String> {
        let Listing { open, close, .. } = listing;
        if items.is_empty() {
            return Some(format!("{head}{open}{close}"));
        }
        let used = width(head);
        let here = shape.after(used + 1)?.before(1)?;
        let nested = self.nested(shape.indent).before(1)?;
        let (last, rest) = items.split_last()?;
        let rest: Vec<Option<String>> = rest.iter().map(|it| self.below(it, nested)).collect();
        let count = items.len();
        let is_combined = count == 1 && used < self.style.tab;
        let before_last: usize = rest.iter().flatten().map(|it| width(it) + 2).sum();
        let plain_rest = rest.iter().all(|it| it.as_ref().is_some_and(|it| !it.contains('\n')));
        let limit = listing.width.min(here.width());
        let horizontal = |last: &str| {
            let items = rest.iter().flatten().map(String::as_str).chain([last]);
            let line = items.collect::<Vec<_>>().join(", ");
            let first = line.lines().next().map_or(0, width);
            let fits = first < shape.width().saturating_sub(used);
            (plain_rest && fits).then(|| format!("{head}{open}{line}{close}"))
        };
        let mut lines_of_last = None;
        let may_overflow = plain_rest && (is_combined || may_overflow(last, count));
        let room = (here, before_last);
        if let Some(text) =
            may_overflow.then(|| self.overflowed(head, items, room, listing)).flatten()
        {
            let first = text.lines().next().map_or(0, width);
            if before_last + first <= limit {
                let one = self.below(last, nested).filter(|it| !it.contains('\n'));
                let chosen = match (count, text.matches('\n').count(), one) {
                    (1, 1, Some(one)) => one,
                    _ => text,
                };
                match horizontal(&chosen) {
                    Some(text) => return Some(text),
                    None => lines_of_last = Some(chosen),
                }
            }
        }
        // What was to stay on the line of its head does not end in a comma below it.
        let comma = if listing.trailing_comma && lines_of_last.is_none() { "," } else { "" };
        let last = match lines_of_last {
            Some(last) => last,
            None => self.below(last, nested)?,
        };
        let is_plain = plain_rest && !last.contains('\n');
        let total = before_last + width(&last);
        let fits = total <= limit || count == 1 && total <= here.width();
        if is_plain
            && fits
            && let Some(text) = horizontal(&last)
        {
            return Some(text);
        }
        let mut lines = rest.into_iter().collect::<Option<Vec<String>>>()?;
        lines.push(last + comma);
        Some(self.over_lines(head, items, &lines, (shape, nested), listing))
    }

    /// A list over several lines. `lines` are the items as they are printed, the last with its
    /// comma; `shapes` are those of the list and of its items.
    fn over_lines(
        &self,
        head: &str,
        items: &[ast::Expr],
        lines: &[String],
        (shape, nested): (Shape, Shape),
        listing: &Listing,
    ) -> String {
        let Listing { open, close, .. } = listing;
        let (inner, outer) = (self.break_to(nested.indent), self.break_to(shape.indent));
        let is_plain = lines.iter().all(|line| !line.contains('\n'));
        if let Some(leading) = listing.leading.filter(|leading| lines.len() > *leading)
            && is_plain
            && items.iter().all(is_simple)
        {
            let (head_items, values) = lines.split_at(leading);
            let [first, second] = [head_items.join(", ") + ",", values.join(", ")];
            if [&first, &second].iter().all(|it| width(it) <= nested.width()) {
                return format!("{head}{open}{inner}{first}{inner}{second}{outer}{close}");
            }
        }
        // Items that say little share lines.
        let may_share = *open == '[' || all_short(items);
        let share = items.iter().all(is_simple) && may_share;
        let mark = if lines.len() > 1 && share { UNKNOWN } else { "" };
        let separator = format!(",{inner}");
        format!("{head}{open}{mark}{inner}{}{outer}{close}", lines.join(&separator))
    }

    /// The last item of a list where it begins on the line of the head. `room` is what the list has
    /// on that line, with the width of the items before the last.
    fn overflowed(
        &self,
        head: &str,
        items: &[ast::Expr],
        room: (Shape, usize),
        listing: &Listing,
    ) -> Option<String> {
        let ((here, before_last), last) = (room, items.last()?);
        let closures = items.iter().filter(|it| matches!(it, ast::Expr::ClosureExpr(_))).count();
        if matches!(last, ast::Expr::ClosureExpr(_)) && closures > 1 {
            return None;
        }
        let room = match items.len() == 1 && !is_nested_call(last) {
            true => here,
            false => {
                let end = here.end.min(here.column + listing.width);
                Shape { end, ..here }.after(before_last)?
            }
        };
        let is_combined = items.len() == 1 && width(head) < self.style.tab;
        let breaks = self.style.is_before_2024 && head.ends_with('!');
        let force = !is_combined && is_method_call(last) && !breaks;
        let outer = self.one_line_chains.replace(force || self.one_line_chains.get());
        let text = self.expr(last, room);
        self.one_line_chains.set(outer);
        text
    }

    /// An item of a list on a line of its own.
    fn below(&self, item: &ast::Expr, nested: Shape) -> Option<String> {
        let outer = self.one_line_chains.replace(false);
        let text = self.expr(item, nested);
        self.one_line_chains.set(outer);
        text
    }
}

/// Whether the last item of a list may go on below the line that the list begins on.
pub fn may_overflow(item: &ast::Expr, count: usize) -> bool {
    match item {
        ast::Expr::ClosureExpr(_) | ast::Expr::BlockExpr(_) => true,
        ast::Expr::CallExpr(_)
        | ast::Expr::MethodCallExpr(_)
        | ast::Expr::MacroExpr(_)
        | ast::Expr::RecordExpr(_)
        | ast::Expr::ArrayExpr(_)
        | ast::Expr::MatchExpr(_)
        | ast::Expr::TupleExpr(_) => count == 1,
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| may_overflow(&it, count)),
        ast::Expr::PrefixExpr(it) => it.expr().is_some_and(|it| may_overflow(&it, count)),
        ast::Expr::TryExpr(it) => it.expr().is_some_and(|it| may_overflow(&it, count)),
        ast::Expr::CastExpr(it) => it.expr().is_some_and(|it| may_overflow(&it, count)),
        _ => false,
    }
}

fn is_simple(item: &ast::Expr) -> bool {
    match unwrapped(item) {
        ast::Expr::Literal(_) => true,
        ast::Expr::PathExpr(it) => !it.syntax().text().to_string().contains("::"),
        ast::Expr::FieldExpr(it) => it.expr().is_some_and(|it| is_simple(&it)),
        ast::Expr::IndexExpr(it) => {
            it.base().is_some_and(|it| is_simple(&it))
                && it.index().is_some_and(|it| is_simple(&it))
        }
        _ => false,
    }
}

fn all_short(items: &[ast::Expr]) -> bool {
    items.iter().all(|it| width(&it.syntax().text().to_string()) <= 10)
}

fn is_nested_call(expr: &ast::Expr) -> bool {
    matches!(unwrapped(expr), ast::Expr::CallExpr(_) | ast::Expr::MacroExpr(_))
}

fn is_method_call(expr: &ast::Expr) -> bool {
    matches!(unwrapped(expr), ast::Expr::MethodCallExpr(_))
}
