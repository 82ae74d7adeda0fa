//! The parts of a file that are laid out on their own, and their text.

use super::chains::is_extendable;
use super::lists::may_overflow;
use super::printer::{Printer, Shape, UNKNOWN, before, one_line, prefers_next_line, width};
use super::style::Style;
use crate::syntax::ast::{self, HasAttrs, HasGenericParams, HasName};
use crate::syntax::tokens::token_after;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange};

/// What a part is, which says how its text can be read alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With its semicolon if it has one.
    Statement,
    /// `let … else {`
    LetElse,
    /// With the comma behind it if there is one.
    Arm,
    /// `if … {`, `match … {`, `while … {` and `for … {`
    Header,
    /// An item of a list, on lines of its own, without the comma.
    Item,
    /// A field of a record, on lines of its own, without the comma.
    Field,
    /// Of a function, up to its `{`.
    Signature,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub form: Form,
    pub range: TextRange,
}

impl Unit {
    /// The unit that a node is.
    pub fn of(node: &SyntaxNode) -> Option<Self> {
        let whole = node.text_range();
        let unit = |form, range| Some(Self { form, range });
        let until = |brace: Option<crate::syntax::SyntaxToken>| {
            Some(TextRange::new(whole.start(), brace?.text_range().end()))
        };
        let block = |block: Option<ast::BlockExpr>| until(block?.stmt_list()?.l_curly_token());
        // What stands on one line with its block is part of a larger unit.
        let header = |range: TextRange| {
            let root = node.ancestors().last()?;
            let next = token_after(&root, range.end())?;
            next.text().contains('\n').then_some(Self { form: Form::Header, range })
        };
        let parent = node.parent()?.kind();
        match node.kind() {
            SyntaxKind::IF_EXPR => header(block(ast::IfExpr::cast(node.clone())?.then_branch())?),
            SyntaxKind::MATCH_EXPR => {
                let list = ast::MatchExpr::cast(node.clone())?.match_arm_list()?;
                let open = list.syntax().first_token();
                header(until(open)?)
            }
            SyntaxKind::WHILE_EXPR | SyntaxKind::FOR_EXPR => {
                let body = node.children().filter_map(ast::BlockExpr::cast).last();
                header(block(body)?)
            }
            SyntaxKind::LET_STMT => {
                let statement = ast::LetStmt::cast(node.clone())?;
                // Behind its attributes, which stand on lines of their own.
                let start = statement.let_token()?.text_range().start();
                let behind = |range: TextRange| TextRange::new(start, range.end());
                match statement.let_else() {
                    Some(it) => unit(Form::LetElse, behind(block(it.block_expr())?)),
                    None => unit(Form::Statement, behind(whole)),
                }
            }
            SyntaxKind::MATCH_ARM => unit(Form::Arm, whole),
            SyntaxKind::RECORD_EXPR_FIELD => unit(Form::Field, whole),
            SyntaxKind::FN => {
                let function = ast::Fn::cast(node.clone())?;
                let first = function.syntax().children_with_tokens().find(|it| {
                    !matches!(
                        it.kind(),
                        SyntaxKind::ATTR | SyntaxKind::COMMENT | SyntaxKind::WHITESPACE
                    )
                })?;
                let end = function.body()?.stmt_list()?.l_curly_token()?.text_range().end();
                unit(Form::Signature, TextRange::new(first.text_range().start(), end))
            }
            SyntaxKind::EXPR_STMT => unit(Form::Statement, whole),
            _ if parent == SyntaxKind::STMT_LIST && ast::Expr::can_cast(node.kind()) => {
                unit(Form::Statement, whole)
            }
            _ if parent == SyntaxKind::ARG_LIST => unit(Form::Item, whole),
            _ => None,
        }
    }
}

/// A unit's text as rustfmt lays it out, which begins in `column` of a line with this indent.
/// Nothing where that is not known.
pub fn laid_out(
    form: Form,
    text: &str,
    (indent, column): (usize, usize),
    style: &Style,
) -> Option<String> {
    let (open, close) = match form {
        Form::Statement => ("fn f() {\n", "\n}"),
        Form::Arm => ("fn f() { match x {\n", "\n} }"),
        Form::Header => ("fn f() {\n", "} }"),
        Form::LetElse => ("fn f() {\n", "}; }"),
        Form::Item => ("fn f() { f(\n", "\n) }"),
        Form::Field => ("fn f() { X {\n", "\n} }"),
        Form::Signature => ("", "}"),
    };
    let root = super::parsed(&format!("{open}{text}{close}"))?;
    let printer = Printer::new(style);
    let shape = Shape { indent, column, end: style.line };
    let text = print(form, &root, &printer, shape)?;
    let is_known = !printer.is_lost.get() && !text.contains(UNKNOWN);
    is_known.then_some(text)
}

fn print(form: Form, root: &SyntaxNode, printer: &Printer<'_>, shape: Shape) -> Option<String> {
    let list = || root.descendants().find_map(ast::StmtList::cast);
    match form {
        Form::Statement => {
            let node = list()?.syntax().children().next().filter(is_plain)?;
            statement(&node, printer, shape)
        }
        Form::LetElse => {
            let node = list()?.statements().next()?.syntax().clone();
            let statement = ast::LetStmt::cast(node).filter(|it| is_plain(it.syntax()))?;
            let head = head_of(&statement)?;
            let value = statement.initializer()?;
            let text = format!("{head}{}", printer.value(&head, &value, shape.before(1)?)?);
            let one_line = Some(format!("{text} else {{"));
            if let Some(line) = one_line.filter(|it| printer.fits(it, shape) && !it.contains('\n'))
            {
                return Some(line);
            }
            let last = text.rsplit('\n').next()?;
            let at_start = last.chars().take_while(|c| *c == ' ').count() == shape.indent;
            match text.contains('\n') && at_start && text.ends_with([')', ']', '}']) {
                true => Some(format!("{text} else {{")),
                false => Some(format!("{text}{}else {{", printer.break_to(shape.indent))),
            }
        }
        Form::Arm => {
            let arm = root.descendants().find_map(ast::MatchArm::cast)?;
            is_plain(arm.syntax()).then_some(())?;
            self::arm(&arm, printer, shape)
        }
        Form::Header => {
            let node = list()?.syntax().descendants().find(|it| {
                matches!(
                    it.kind(),
                    SyntaxKind::IF_EXPR
                        | SyntaxKind::MATCH_EXPR
                        | SyntaxKind::WHILE_EXPR
                        | SyntaxKind::FOR_EXPR
                )
            })?;
            is_plain(&node).then_some(())?;
            header_text(&node, printer, shape)
        }
        Form::Item => {
            let list = root.descendants().find_map(ast::ArgList::cast)?;
            is_plain(list.syntax()).then_some(())?;
            printer.expr(&list.args().next()?, shape.before(1)?)
        }
        Form::Field => {
            let field = root.descendants().find_map(ast::RecordExprField::cast)?;
            is_plain(field.syntax()).then_some(())?;
            field.attrs().next().is_none().then_some(())?;
            let name = field.colon_token().and(field.name_ref())?;
            let head = format!("{}: ", name.text());
            let value = printer.expr(&field.expr()?, shape.before(1)?.after(width(&head))?)?;
            Some(format!("{head}{value}"))
        }
        Form::Signature => signature(&root.descendants().find_map(ast::Fn::cast)?, printer, shape),
    }
}

/// Whether nothing in a node has to keep its place: no comment and no attribute, outside of
/// blocks.
fn is_plain(node: &SyntaxNode) -> bool {
    node.children_with_tokens().all(|it| match it.kind() {
        SyntaxKind::COMMENT | SyntaxKind::ATTR => false,
        SyntaxKind::STMT_LIST | SyntaxKind::MATCH_ARM_LIST => true,
        _ => it.as_node().is_none_or(is_plain),
    })
}

fn statement(node: &SyntaxNode, printer: &Printer<'_>, shape: Shape) -> Option<String> {
    if let Some(statement) = ast::LetStmt::cast(node.clone()) {
        let head = head_of(&statement)?;
        let value = printer.value(&head, &statement.initializer()?, shape.before(1)?)?;
        return Some(format!("{head}{value};"));
    }
    let (expr, end) = match ast::ExprStmt::cast(node.clone()) {
        Some(it) => (it.expr()?, if it.semicolon_token().is_some() { ";" } else { "" }),
        None => (ast::Expr::cast(node.clone())?, ""),
    };
    let text = printer.expr(&expr, shape.before(end.len())?)?;
    Some(format!("{text}{end}"))
}

/// `let name: Type =`
fn head_of(statement: &ast::LetStmt) -> Option<String> {
    let value = statement.initializer()?;
    let head = before(statement.syntax(), value.syntax());
    let head = head.trim_end();
    (!head.contains('\n')).then(|| head.to_string())
}

fn arm(arm: &ast::MatchArm, printer: &Printer<'_>, shape: Shape) -> Option<String> {
    let body = arm.expr()?;
    let head = before(arm.syntax(), body.syntax());
    let head = head.trim_end();
    let comma = if arm.comma_token().is_some() { "," } else { "" };
    if head.contains('\n') || matches!(body, ast::Expr::BlockExpr(_)) {
        return None;
    }
    let here = shape.after(width(head) + 1)?.before(1)?;
    let same = printer.expr(&body, here);
    if let Some(same) = same.as_ref().filter(|it| !it.contains('\n')) {
        return Some(format!("{head} {same}{comma}"));
    }
    let nested = printer.nested(shape.indent);
    let next = printer.expr(&body, nested);
    let in_block = |body: &str| {
        let (inner, outer) = (printer.break_to(nested.indent), printer.break_to(shape.indent));
        Some(format!("{head} {{{inner}{body}{outer}}}"))
    };
    match (same, next) {
        (Some(same), Some(next)) if prefers_next_line(&same, &next) => in_block(&next),
        (Some(same), _) if may_overflow(&body, 1) => Some(format!("{head} {same}{comma}")),
        (_, Some(next)) => in_block(&next),
        (_, None) => None,
    }
}

fn header_text(node: &SyntaxNode, printer: &Printer<'_>, shape: Shape) -> Option<String> {
    let condition = match node.kind() {
        SyntaxKind::IF_EXPR => ast::IfExpr::cast(node.clone())?.condition()?,
        SyntaxKind::WHILE_EXPR => ast::WhileExpr::cast(node.clone())?.condition()?,
        SyntaxKind::MATCH_EXPR => ast::MatchExpr::cast(node.clone())?.expr()?,
        _ => {
            let mut parts = node.children().filter_map(ast::Expr::cast);
            parts.next()?
        }
    };
    let head = before(node, condition.syntax());
    if head.contains('\n') {
        return None;
    }
    let printed = |shape: Shape| match node.kind() {
        SyntaxKind::FOR_EXPR => {
            let head = head.trim_end();
            let value = printer.value(head, &condition, shape)?;
            Some(format!("{head}{value}"))
        }
        _ => Some(format!("{head}{}", printer.expr(&condition, shape.after(width(&head))?)?)),
    };
    let begins_line = shape.column == shape.indent;
    let below = printer.nested(shape.indent);
    let text = printed(shape).filter(|same| {
        // Behind `=` all of it may be better on the next line.
        begins_line
            || node.kind() == SyntaxKind::IF_EXPR
            || !same.contains('\n')
            || printed(below).is_some_and(|next| !prefers_next_line(same, &next))
    })?;
    let last = text.rsplit('\n').next()?;
    let offset = last.chars().take_while(|c| *c == ' ').count();
    let is_plain = !text.contains('\n') && width(&text) + 2 <= shape.width();
    match is_plain || is_extendable(&text) && offset <= shape.indent {
        true => Some(format!("{text} {{")),
        false => Some(format!("{text}{}{{", printer.break_to(shape.indent))),
    }
}

fn signature(function: &ast::Fn, printer: &Printer<'_>, shape: Shape) -> Option<String> {
    let list = function.param_list()?;
    let open = list.l_paren_token()?.text_range().start() - function.syntax().text_range().start();
    let whole = function.syntax().text().to_string();
    let head = whole.get(..usize::from(open))?;
    let returned = function.ret_type().map(|it| it.syntax().text().to_string());
    let tail = returned.map(|it| format!(" {it}")).unwrap_or_default();
    function.name()?;
    let is_known =
        function.where_clause().is_none() && !head.contains('\n') && !tail.contains('\n');
    let parameters = list.self_param().map(|it| it.syntax().clone());
    let parameters = parameters.into_iter().chain(list.params().map(|it| it.syntax().clone()));
    let parameters: Option<Vec<String>> = parameters.map(|it| one_line(&it)).collect();
    let parameters = parameters.filter(|_| is_known && is_plain(list.syntax()))?;
    let line = format!("{head}({}){tail} {{", parameters.join(", "));
    if width(&line) <= shape.width() {
        return Some(line);
    }
    if parameters.is_empty() {
        let fits = width(&line) <= shape.width() + " {".len();
        return fits.then(|| format!("{head}(){tail}{}{{", printer.break_to(shape.indent)));
    }
    let inner = printer.break_to(shape.indent + printer.style.tab);
    let parameters: String = parameters.iter().map(|it| format!("{inner}{it},")).collect();
    let outer = printer.break_to(shape.indent);
    Some(format!("{head}({parameters}{outer}){tail} {{"))
}
