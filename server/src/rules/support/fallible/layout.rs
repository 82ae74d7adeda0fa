//! A chain of calls as rustfmt lays it out.

use super::site::Site;
use crate::analysis::FixContext;
use crate::rules::support::imports::start_of_line;
use crate::syntax::ast;
use crate::syntax::{AstNode, Direction, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken};
use crate::text::{TextEdit, TextRange};

const INDENT: usize = 4;

/// The widths of rustfmt's settings.
struct Style {
    line: usize,
    chain: usize,
}

impl Style {
    fn of(fix: &FixContext<'_>) -> Self {
        let text = ["rustfmt.toml", ".rustfmt.toml"].iter().find_map(|it| (fix.read)(it));
        let table: toml::Table = text.and_then(|it| it.parse().ok()).unwrap_or_default();
        let number = |key: &str| {
            table.get(key).and_then(toml::Value::as_integer).and_then(|it| usize::try_from(it).ok())
        };
        let line = number("max_width").unwrap_or(100);
        let heuristics = table.get("use_small_heuristics").and_then(toml::Value::as_str);
        let chain = match heuristics {
            Some("Max") => line,
            Some("Off") => 0,
            _ => line * 60 / 100,
        };
        Self { line, chain: number("chain_width").unwrap_or(chain) }
    }
}

/// A chain: what it starts with, and the calls and fields that follow, each with its dot.
struct Chain {
    root: String,
    items: Vec<String>,
}

/// The edit of the whole chain around a panicking call. `call`, a method without its dot, takes
/// its place, followed by `end`, which is `?` or nothing. There is none where the call can be
/// replaced as it stands.
pub fn chain_edit(
    site: &Site,
    fix: &FixContext<'_>,
    call: Option<&str>,
    end: &str,
) -> Option<TextEdit> {
    let call = call.map(|call| format!("{call}{end}"));
    let call = call.as_deref();
    let target = site.around.first()?;
    (target.ancestors().last()? == *fix.root).then_some(())?;
    let links = target.ancestors().take_while(|it| {
        it == target
            || matches!(
                it.kind(),
                SyntaxKind::METHOD_CALL_EXPR
                    | SyntaxKind::FIELD_EXPR
                    | SyntaxKind::AWAIT_EXPR
                    | SyntaxKind::TRY_EXPR
            )
    });
    let top = links.last()?;
    let mut outer = top.parent()?;
    while matches!(outer.kind(), SyntaxKind::PREFIX_EXPR | SyntaxKind::REF_EXPR) {
        outer = outer.parent()?;
    }
    // What shares its line with other code has been laid out by hand.
    let whole = match outer.kind() {
        SyntaxKind::STMT_LIST => top.ancestors().take_while(|it| *it != outer).last()?,
        _ => outer.clone(),
    };
    let assignment = ast::BinExpr::cast(outer.clone())
        .filter(|it| matches!(it.op_kind(), Some(ast::BinaryOp::Assignment { .. })));
    let space = whole.first_token()?.prev_token()?;
    space.text().contains('\n').then_some(())?;
    let is_assigned = match outer.kind() {
        SyntaxKind::LET_STMT => ast::LetStmt::cast(outer)?.let_else().is_none().then_some(true)?,
        SyntaxKind::RECORD_EXPR_FIELD => true,
        SyntaxKind::BIN_EXPR => {
            let place = assignment?.lhs()?.syntax().text_range();
            !place.contains_range(top.text_range())
        }
        SyntaxKind::EXPR_STMT | SyntaxKind::STMT_LIST | SyntaxKind::RETURN_EXPR => false,
        _ => return None,
    };
    let mut tokens = top.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    if tokens.any(|it| it.kind() == SyntaxKind::COMMENT) {
        return None;
    }
    let chain = chain(&ast::Expr::cast(top.clone())?, target, call)?;
    let last = top.last_token()?;
    let trailing = last.next_token().is_some_and(|it| matches!(it.text(), ";" | ","));
    let text = laid_out(chain, &top, is_assigned, usize::from(trailing), &Style::of(fix))?;
    let before = top.first_token()?.prev_token();
    let start = match (&before, text.starts_with('\n')) {
        (Some(space), true) if space.kind() == SyntaxKind::WHITESPACE => space.text_range().start(),
        _ => top.text_range().start(),
    };
    let range = TextRange::new(start, top.text_range().end());
    (!is_in_place(&text, site, call, range, fix)).then(|| TextEdit::replace(range, text))
}

/// Whether replacing the call alone gives the same text.
fn is_in_place(
    text: &str,
    site: &Site,
    call: Option<&str>,
    range: TextRange,
    fix: &FixContext<'_>,
) -> bool {
    let slice = |range: TextRange| fix.root.text().slice(range).to_string();
    let (replaced, insert) = match call {
        Some(call) => (site.name_to_end, call.to_string()),
        None => (TextRange::new(site.receiver_end, site.suffix.end()), "?".to_string()),
    };
    let before = slice(TextRange::new(range.start(), replaced.start()));
    let after = slice(TextRange::new(replaced.end(), range.end()));
    format!("{before}{insert}{after}") == text
}

fn chain(expr: &ast::Expr, target: &SyntaxNode, call: Option<&str>) -> Option<Chain> {
    let (mut chain, item) = match expr {
        ast::Expr::MethodCallExpr(it) => {
            let chain = chain(&it.receiver()?, target, call)?;
            let dot = it.dot_token()?;
            let parts = dot.siblings_with_tokens(Direction::Next);
            let parts = parts.filter(|it| it.kind() != SyntaxKind::WHITESPACE);
            let own = parts.map(|it| it.to_string()).collect::<String>();
            let item = match (expr.syntax() == target, call) {
                (true, Some(call)) => format!(".{call}"),
                (true, None) => "?".to_string(),
                (false, _) => own,
            };
            (chain, item)
        }
        ast::Expr::FieldExpr(it) => {
            let name = it.name_ref()?.text().to_string();
            (chain(&it.expr()?, target, call)?, format!(".{name}"))
        }
        ast::Expr::AwaitExpr(it) => (chain(&it.expr()?, target, call)?, ".await".to_string()),
        ast::Expr::TryExpr(it) => (chain(&it.expr()?, target, call)?, "?".to_string()),
        _ => {
            let root = expr.syntax().text().to_string();
            return (!root.contains('\n')).then_some(Chain { root, items: Vec::new() });
        }
    };
    if item.contains('\n') {
        return None;
    }
    match (item.as_str(), chain.items.last_mut()) {
        ("?", Some(last)) => last.push('?'),
        ("?", None) => chain.root.push('?'),
        _ => chain.items.push(item),
    }
    Some(chain)
}

fn laid_out(
    chain: Chain,
    top: &SyntaxNode,
    is_assigned: bool,
    trailing: usize,
    style: &Style,
) -> Option<String> {
    let Chain { mut root, items } = chain;
    let (indent, before) = start_of_statement(top)?;
    let one_line = format!("{root}{}", items.concat());
    let width = one_line.chars().count();
    let room = style.line.saturating_sub(before + trailing);
    let limit = if items.len() == 1 { room } else { room.min(style.chain) };
    if width <= limit || items.is_empty() {
        return Some(one_line);
    }
    let inner = format!("\n{indent}{}", " ".repeat(INDENT));
    if is_assigned && items.len() == 1 && inner.chars().count() - 1 + width + trailing <= style.line
    {
        return Some(format!("{inner}{one_line}"));
    }
    // A short start takes the next part along, as `self.map` does.
    let mut short = INDENT.saturating_sub(before - indent.chars().count());
    let mut items = items.into_iter().peekable();
    while root.chars().count() <= short
        && let Some(item) = items.next()
    {
        root.push_str(&item);
        short = short.min(INDENT);
    }
    Some(items.fold(root, |text, item| format!("{text}{inner}{item}")))
}

/// The indent of the line that a chain starts on, and the number of characters before it there.
/// Where the value of a binding stands on a line of its own it is moved up.
fn start_of_statement(top: &SyntaxNode) -> Option<(String, usize)> {
    let space = top.first_token()?.prev_token();
    let moved = |space: &SyntaxToken| {
        let before = space.prev_token()?;
        (space.text().contains('\n') && before.text() == "=").then_some(before)
    };
    match space.as_ref().and_then(moved) {
        Some(_) => None,
        None => Some(start_of_line(top)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use crate::rules::reliability::expect_used::RULE as EXPECT;
    use crate::rules::reliability::lock_unwrap::RULE as LOCK;
    use crate::rules::reliability::unwrap_used::RULE as UNWRAP;
    use crate::rules::testing::first_fixes;

    /// What rustfmt makes of a text; nothing where there is no rustfmt.
    fn formatted(text: &str) -> Option<String> {
        let mut rustfmt = Command::new("rustfmt")
            .args(["--edition", "2021", "--config-path", "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        rustfmt.stdin.take()?.write_all(text.as_bytes()).ok()?;
        let output = rustfmt.wait_with_output().ok().filter(|it| it.status.success())?;
        String::from_utf8(output.stdout).ok()
    }

    #[test]
    fn what_was_formatted_stays_so() {
        let statements = [
            "let bind: SocketAddr = \"0.0.0.0:0\".parse().unwrap();",
            "let text = std::fs::read_to_string(\"a-file-of-some-length-at-some-path\").unwrap();",
            "let text = std::fs::read_to_string(path)\n        .expect(\"a message that is long enough to go to a line of its own here\");",
            "std::fs::write(path, contents_of_the_file_that_is_written_here_with_a_name).unwrap();",
            "let first = self.names.first().unwrap();",
            "let first = self\n        .names_of_all_that_there_is\n        .first()\n        .unwrap();",
            "let first = self\n        .names_of_all_that_there_is\n        .first()\n        .unwrap()\n        .to_string();",
            "self.names.first().unwrap().to_string().push_str(\"other text\");",
            "self.names\n        .first()\n        .unwrap()\n        .to_string()\n        .push_str(\"some more other text\");",
            "let count = text.lines().map(|line| line.len()).max().unwrap();",
            "let value = text\n        .parse::<std::net::SocketAddr>()\n        .expect(\"Invalid listen address\");",
            "let (a, b) = text.split_once(\"a separator that is long\").unwrap();",
            "*self.count.lock().unwrap() += 1;",
            "*self.names.lock().unwrap() = Vec::new();",
            "let names = self.names_by_id.read().unwrap();",
            "self.names.write().unwrap().insert(name.to_string(), other);",
        ];
        let bodies =
            ["anyhow::Result<()>", "Result<(), Box<dyn std::error::Error>>", "std::io::Result<()>"];
        let mut seen = 0;
        for (statement, body) in
            statements.iter().flat_map(|it| bodies.iter().map(move |body| (it, body)))
        {
            let source = format!(
                "use anyhow::Context;\nuse std::sync::Mutex;\n\nstruct S {{\n    names: Vec<String>,\n    names_of_all_that_there_is: Vec<String>,\n}}\n\nimpl S {{\n    fn f(&self, text: &str, path: &str) -> {body} {{\n        {}\n        Ok(())\n    }}\n}}\n",
                statement.replace('\n', "\n    ")
            );
            let Some(source) = formatted(&source) else { return };
            let rule = [&UNWRAP, &EXPECT, &LOCK].into_iter().find(|rule| {
                let fixture = crate::rules::testing::Fixture::new(&source, [*rule]);
                !fixture.findings().is_empty()
            });
            let (fixture, fixes) = first_fixes(rule.expect("it is reported"), &source);
            let Some(fix) = fixes.first() else { continue };
            let after = fixture.apply(fix).remove("src/lib.rs").expect("the root");
            assert_eq!(formatted(&after).as_deref(), Some(after.as_str()));
            seen += 1;
        }
        assert!(seen > 30, "{seen}");
    }
}
