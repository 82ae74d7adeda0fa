//! Chains of calls and fields.

use super::printer::{Printer, Shape, width};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{Direction, SyntaxKind};

impl Printer<'_> {
    pub fn chain(&self, expr: &ast::Expr, shape: Shape) -> Option<String> {
        let (root, tries, links) = links(expr)?;
        let marks = "?".repeat(tries);
        let mut start = self.expr(&root, shape.before(tries)?)? + &marks;
        let Some(count) = Some(links.len()).filter(|it| *it > 0) else { return Some(start) };
        let mut ends_block = is_call_like(&root) && start.contains('\n');
        let offset = shape.column.saturating_sub(shape.indent);
        let short = self.style.tab.saturating_sub(offset);
        let mut rest = links.as_slice();
        while width(&start) <= short
            && !start.contains('\n')
            && let Some((link, more)) = rest.split_first()
        {
            let Some(text) = shape.after(width(&start)).and_then(|room| self.link(link, room))
            else {
                break;
            };
            start.push_str(&text);
            ends_block = is_extendable(&start);
            rest = more;
        }
        let Some((last, inner)) = rest.split_last() else { return Some(start) };
        let indent = if ends_block { shape.indent } else { shape.indent + self.style.tab };
        let child = Shape { indent, column: indent, end: self.style.line };
        let mut texts = vec![start];
        for link in inner {
            texts.push(self.link(link, child)?);
        }
        let extends = ends_block && is_extendable(&texts[0]);
        let before: usize = match extends {
            true => texts[0].lines().last().map_or(0, width),
            false => texts.iter().map(|it| width(it)).sum(),
        };
        let before = before + last.tries;
        let limit = if count == 1 { shape.width() } else { shape.width().min(self.style.chain) };
        let budget = limit.saturating_sub(before);
        let one_line = budget > 0 && texts.iter().all(|it| !it.contains('\n'));
        let trailing = self.style.line.saturating_sub(shape.end);
        let below = || self.link(last, child.before(trailing + last.tries)?);
        let mut fits_one_line = false;
        let mut end = None;
        if (one_line || extends)
            && let Some(room) = shape.before(last.tries).and_then(|it| it.after(before))
            && let Some(text) = self.link(last, room)
        {
            let lines = text.lines().count();
            let fits = text.lines().next().map_or(0, width) <= budget;
            if fits && lines >= 5 {
                fits_one_line = one_line;
                end = Some(text);
            } else {
                end = Some(match below() {
                    Some(other) if !fits => other,
                    Some(other) if other.lines().count() < lines => other,
                    _ => {
                        fits_one_line = fits && one_line;
                        text
                    }
                });
            }
        }
        texts.push(match end {
            Some(end) => end,
            None => below()?,
        });
        if fits_one_line {
            return Some(texts.concat());
        }
        if self.one_line_chains.get() {
            return None;
        }
        Some(texts.join(&self.break_to(indent)))
    }

    fn link(&self, link: &Link, shape: Shape) -> Option<String> {
        let shape = shape.before(link.tries)?;
        let text = match &link.call {
            Some(call) => self.arguments(&link.head, &call.arg_list()?, shape)?,
            None => link.head.clone(),
        };
        Some(text + &"?".repeat(link.tries))
    }
}

/// One part of a chain, from its dot.
struct Link {
    head: String,
    call: Option<ast::MethodCallExpr>,
    tries: usize,
}

/// What a chain starts with, the number of `?` behind it, and what follows.
fn links(expr: &ast::Expr) -> Option<(ast::Expr, usize, Vec<Link>)> {
    let (inner, link) = match expr {
        ast::Expr::MethodCallExpr(it) => {
            let dot = it.dot_token()?;
            let parts = dot
                .siblings_with_tokens(Direction::Next)
                .take_while(|it| it.kind() != SyntaxKind::ARG_LIST);
            let head = parts.filter(|it| it.kind() != SyntaxKind::WHITESPACE);
            let head = head.map(|it| it.to_string()).collect::<String>();
            (it.receiver()?, Link { head, call: Some(it.clone()), tries: 0 })
        }
        ast::Expr::FieldExpr(it) => {
            let head = format!(".{}", it.name_ref()?.text());
            (it.expr()?, Link { head, call: None, tries: 0 })
        }
        ast::Expr::AwaitExpr(it) => {
            (it.expr()?, Link { head: ".await".to_string(), call: None, tries: 0 })
        }
        ast::Expr::TryExpr(it) => {
            let (root, tries, mut links) = links(&it.expr()?)?;
            match links.last_mut() {
                Some(last) => last.tries += 1,
                None => return Some((root, tries + 1, links)),
            }
            return Some((root, tries, links));
        }
        _ => return Some((expr.clone(), 0, Vec::new())),
    };
    let (root, tries, mut links) = links(&inner)?;
    links.push(link);
    Some((root, tries, links))
}

fn is_call_like(expr: &ast::Expr) -> bool {
    matches!(
        expr,
        ast::Expr::CallExpr(_)
            | ast::Expr::MacroExpr(_)
            | ast::Expr::RecordExpr(_)
            | ast::Expr::BlockExpr(_)
            | ast::Expr::ParenExpr(_)
            | ast::Expr::IndexExpr(_)
            | ast::Expr::TryExpr(_)
            | ast::Expr::IfExpr(_)
            | ast::Expr::MatchExpr(_)
            | ast::Expr::LoopExpr(_)
            | ast::Expr::ClosureExpr(_)
    )
}

/// Whether the last line of a text closes what others opened, so that more may follow on it.
pub fn is_extendable(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or(text);
    text.ends_with("\"#")
        || last.chars().all(|c| c.is_whitespace() || matches!(c, '(' | ')' | ']' | '}' | '?' | '>'))
}
