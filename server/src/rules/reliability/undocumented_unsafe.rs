//! `unsafe` block or impl without a `SAFETY:` comment.
//!
//! In an `unsafe` block the compiler does not check that the operations are sound. The comment
//! states why they are, so that reviewers can verify it and later changes can preserve it.
//!
//! ```rust,bad
//! fn first(bytes: &[u8]) -> u8 {
//!     unsafe { *bytes.as_ptr() }
//! }
//! ```
//!
//! State the reason above the block, above its statement, or as the first thing in the block:
//!
//! ```rust
//! fn first(bytes: &[u8; 4]) -> u8 {
//!     // SAFETY: the array is never empty.
//!     unsafe { *bytes.as_ptr() }
//! }
//! ```
//!
//! An `unsafe impl` needs the comment as well. The contract of an `unsafe fn` belongs in its
//! documentation and is not checked here.

use super::AREA;
use crate::analysis::{
    Applicability, Context, Fix, FixContext, On, Opportunity, Query, Report, Rule, Severity,
};
use crate::syntax::green::any_token;
use crate::syntax::lines::{line_before, newline_of};
use crate::syntax::names::has_any_word;
use crate::syntax::tokens::token_before;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T, ast};
use crate::text::{TextEdit, TextRange, TextSize};

pub static RULE: Rule = Rule {
    id: "undocumented-unsafe",
    opportunity: Opportunity::UnsafeBlocks,
    effort: 20,
    raised_when_critical: false,
    lints: &["clippy::undocumented_unsafe_blocks"],
    seeds: &["A.positive"],
    source: include_str!("undocumented_unsafe.rs"),
    queries: &[Query::UnsafeBlock(check), Query::Node(&On(check::<ast::Impl>))],
    ..Rule::source(AREA)
};

fn check<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let node = node.syntax();
    let keyword = node
        .children_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .find(|token| token.kind() == T![unsafe]);
    let Some(keyword) = keyword else { return };
    let place = cx.file_range(keyword.text_range()).start();
    let (documented, message) = if ast::BlockExpr::can_cast(node.kind()) {
        let documented = opens_with_reason(node)
            || text_before(node, place, cx).is_some_and(|text| ends_with_reason(&text))
            || statement_start(node, cx)
                .and_then(|start| text_before(node, start, cx))
                .is_some_and(|text| ends_with_reason(&text));
        (documented, "`unsafe` block without a `SAFETY:` comment")
    } else {
        let text = text_before_item(node, place);
        (ends_with_reason(&text), "`unsafe impl` without a `SAFETY:` comment")
    };
    if documented {
        return;
    }
    let root = cx.ancestors(node).last();
    let statement = statement_start(node, cx);
    let is_stub =
        |at: TextSize| text_before(node, at, cx).is_some_and(|text| ends_with_stub(&text));
    let message = match [Some(place), statement].into_iter().flatten().any(is_stub) {
        true => "`SAFETY:` comment does not state yet why the code is sound",
        false => message,
    };
    let report = Report::new(keyword.text_range(), message)
        .severity(if is_subtle(node) { Severity::Medium } else { Severity::Low })
        .fix(|fix_cx| root.map(|root| stub(&root, place, statement, fix_cx)).unwrap_or_default());
    cx.report(node, report);
}

/// The reason stands within so many tokens before the code, of which a comment is one.
const TOKENS_BEFORE: usize = 120;

/// What the fix writes, for a person to replace.
const STUB: &str = "state why this is sound";
/// Words of operations that are unsound when an invariant of the program does not hold; sorted.
const SUBTLE_WORDS: &[&str] = &["archived", "assume", "raw", "transmute", "unchecked", "uninit"];

/// Whether unsafe code relies on more than what it hands to a foreign function.
fn is_subtle(node: &SyntaxNode) -> bool {
    ast::Impl::can_cast(node.kind())
        || any_token(node.green(), &|kind, text: &str| {
            kind == SyntaxKind::IDENT && has_any_word(text, SUBTLE_WORDS)
        })
}

fn is_reason(text: &str) -> bool {
    text.to_ascii_uppercase().contains("SAFETY:") && !text.contains(STUB)
}

fn ends_with_stub(text: &str) -> bool {
    text.trim_end().ends_with(STUB)
}

/// Whether the first comment in a block gives the reason.
fn opens_with_reason(block: &SyntaxNode) -> bool {
    let open = block
        .children()
        .find(|child| child.kind() == SyntaxKind::STMT_LIST)
        .and_then(|list| list.first_token());
    std::iter::successors(open.and_then(|token| token.next_token()), SyntaxToken::next_token)
        .take_while(|it| matches!(it.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        .any(|it| it.kind() == SyntaxKind::COMMENT && is_reason(it.text()))
}

/// Whether a text without attributes, which ends where the unsafe code begins, gives the reason on
/// that line or in the comment on the lines before it. Empty lines may stand between.
fn ends_with_reason(text: &str) -> bool {
    let mut lines = text.lines().rev();
    let own = if text.ends_with('\n') { "" } else { lines.next().unwrap_or_default() };
    if own.find("/*").and_then(|at| own.get(at..)).is_some_and(is_reason) {
        return true;
    }
    let mut lines = lines.map(str::trim).filter(|line| !(line.is_empty() || is_attribute(line)));
    let Some(last) = lines.next() else { return false };
    if last.starts_with("//") {
        return is_reason(last) || lines.take_while(|line| line.starts_with("//")).any(is_reason);
    }
    if !last.ends_with("*/") {
        return false;
    }
    if is_reason(last) {
        return true;
    }
    // The last line of a block comment; its first one is at the start of a line.
    if last.starts_with("/*") {
        return false;
    }
    for line in lines {
        if is_reason(line) {
            return true;
        }
        if line.starts_with("/*") || line.ends_with("*/") {
            return false;
        }
    }
    false
}

/// The text of the file from the start of the body around `node` to `end`, which is a place in the
/// file, without attributes. A comment above a function is about the function.
fn text_before(node: &SyntaxNode, end: TextSize, cx: &Context<'_>) -> Option<String> {
    let ancestors: Vec<SyntaxNode> = cx.ancestors(node).collect();
    let root = ancestors.last()?;
    // The body may itself be among the arguments of a macro call, where offsets count anew; the
    // call is close enough then.
    let outer = ancestors.iter().filter(|it| it.ancestors().last().as_ref() == Some(root));
    let body = outer.clone().find_map(|it| match it.kind() {
        SyntaxKind::FN => ast::Fn::cast(it.clone())?.body().map(|body| body.syntax().clone()),
        _ => None,
    });
    let body = body.or_else(|| ancestors.iter().rev().nth(1).cloned())?;
    let start = body.text_range().start();
    let range = (start <= end).then(|| TextRange::new(start, end))?;
    let tree = [&body, root].into_iter().find(|it| it.text_range().contains_range(range))?;
    Some(text_in_sight(tree, range))
}

/// The end of the text of a range, without attributes: from the line on that can be no comment, or
/// that is too far away.
fn text_in_sight(tree: &SyntaxNode, range: TextRange) -> String {
    let (mut text, mut line) = (String::new(), String::new());
    let (mut is_own_line, mut has_code) = (true, false);
    let mut next = token_before(tree, range.end());
    for _ in 0..TOKENS_BEFORE {
        let Some(token) = next.filter(|it| it.text_range().start() >= range.start()) else { break };
        let attribute =
            token.parent_ancestors().take_while(|it| it.kind() != SyntaxKind::STMT_LIST);
        let attribute = attribute.into_iter().find(|it| it.kind() == SyntaxKind::ATTR);
        if let Some(first) = attribute.and_then(|it| it.first_token()) {
            next = first.prev_token();
            continue;
        }
        let len = token.text_range().len().min(range.end() - token.text_range().start());
        let part = token.text().get(..usize::from(len)).unwrap_or_default();
        let is_code = !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT);
        match part.split_once('\n') {
            None => {
                line.insert_str(0, part);
                has_code |= is_code;
            }
            Some((before, after)) => {
                let rest = after.rsplit('\n').next().unwrap_or_default();
                let is_decided =
                    has_code && !is_own_line && is_plain_code(&format!("{rest}{line}"));
                text = format!("\n{after}{line}{text}");
                line = before.to_string();
                if is_decided {
                    break;
                }
                (is_own_line, has_code) = (false, is_code);
            }
        }
        next = token.prev_token();
    }
    line + &text
}

/// Whether a line with code in it is neither the end of a comment nor an attribute.
fn is_plain_code(line: &str) -> bool {
    let line = line.trim();
    !(line.is_empty() || line.ends_with("*/") || is_attribute(line))
}

/// Among the arguments of a macro attributes are no nodes.
fn is_attribute(line: &str) -> bool {
    line.starts_with("#[") && line.ends_with(']')
}

/// The text from the end of the item before `item` to `end`.
fn text_before_item(item: &SyntaxNode, end: TextSize) -> String {
    let start = item.prev_sibling().map_or(TextSize::new(0), |before| before.text_range().end());
    let root = item.ancestors().last();
    let range = TextRange::new(start, end.max(start));
    root.map(|root| text_in_sight(&root, range)).unwrap_or_default()
}

/// Where in the file the statement, match arm, field or item begins whose value a block is part
/// of. A condition or a scrutinee is not part of the statement.
fn statement_start(block: &SyntaxNode, cx: &Context<'_>) -> Option<TextSize> {
    let own_root = block.ancestors().last();
    let mut outermost = block.clone();
    for node in cx.ancestors(block).skip(1) {
        match node.kind() {
            SyntaxKind::LET_STMT | SyntaxKind::CONST | SyntaxKind::STATIC => {
                outermost = node;
                break;
            }
            SyntaxKind::ARG_LIST | SyntaxKind::LET_ELSE => {}
            SyntaxKind::IF_EXPR
            | SyntaxKind::MATCH_EXPR
            | SyntaxKind::WHILE_EXPR
            | SyntaxKind::FOR_EXPR => {
                if node.parent().is_none_or(|it| it.kind() != SyntaxKind::LET_STMT) {
                    return None;
                }
                outermost = node;
            }
            kind if ast::Expr::can_cast(kind) || kind == SyntaxKind::MACRO_CALL => outermost = node,
            _ => break,
        }
    }
    let start = first_code(&outermost);
    let in_own_tree = outermost.ancestors().last() == own_root;
    Some(if in_own_tree { cx.file_range(TextRange::empty(start)).start() } else { start })
}

/// Where a node begins that may have comments and attributes before it.
fn first_code(node: &SyntaxNode) -> TextSize {
    let children = node.children_with_tokens().find(|child| {
        !matches!(child.kind(), SyntaxKind::COMMENT | SyntaxKind::WHITESPACE | SyntaxKind::ATTR)
    });
    children.map_or(node.text_range().start(), |child| child.text_range().start())
}

/// A comment to be filled in, on a line of its own above the `unsafe` at `place` or above the
/// statement it is in.
fn stub(
    root: &SyntaxNode,
    place: TextSize,
    statement: Option<TextSize>,
    fix_cx: &FixContext<'_>,
) -> Vec<Fix> {
    let indent = [Some(place), statement].into_iter().flatten().find_map(|at| {
        let line = line_before(root, at);
        let blank = line.chars().all(|c| c == ' ' || c == '\t');
        blank.then(|| (at - TextSize::of(&line), line))
    });
    let Some((at, indent)) = indent else { return Vec::new() };
    let before = token_before(root, at).into_iter();
    let before = before.flat_map(|it| std::iter::successors(Some(it), SyntaxToken::prev_token));
    let mut before = before.skip_while(|it| it.kind() == SyntaxKind::WHITESPACE);
    if before.next().is_some_and(|it| ends_with_stub(it.text())) {
        return Vec::new();
    }
    let line_break = newline_of(root);
    let text = format!("{indent}// SAFETY: {STUB}{line_break}");
    let edit = TextEdit::insert(at, text);
    vec![fix_cx.here("Add a `SAFETY:` comment to fill in", Applicability::Suggested, vec![edit])]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn blocks_and_impls_without_a_reason_are_reported() {
        check(
            &RULE,
            r#"
// SAFETY: above the function is not above the block
fn f(x: *const u8) -> u8 { unsafe { *x } }
                         //^^^^^^ undocumented-unsafe: `unsafe` block without a `SAFETY:` comment
fn g(x: *const u8) {
    // SAFETY: interrupted
    let a = 1;
    let b = unsafe { *x };
          //^^^^^^ undocumented-unsafe
    println!("{}", unsafe { *x });
                 //^^^^^^ undocumented-unsafe
    unsafe { h() } // SAFETY: too late
  //^^^^^^ undocumented-unsafe
    /* Not why. */
    unsafe { h() }
  //^^^^^^ undocumented-unsafe
    // SAFETY: of the condition only
    if a == 1 {
        unsafe { h() }
      //^^^^^^ undocumented-unsafe
    }
}
"#,
        );
        check(
            &RULE,
            r#"
mod m {
    struct A;
    unsafe impl Send for A {}
  //^^^^^^ undocumented-unsafe: `unsafe impl` without a `SAFETY:` comment
    // SAFETY: of the first one
    unsafe impl Send for B {}
    unsafe impl Sync for B {}
  //^^^^^^ undocumented-unsafe
}
"#,
        );
    }

    #[test]
    fn the_reason_is_found_in_all_usual_places() {
        silent(
            &RULE,
            r#"
fn f(x: *const u8) {
    // SAFETY: x is valid
    unsafe { *x };

    // Safety: in any case,
    // over two lines.

    #[allow(
        unused, // that of the result
        clippy::all
    )]
    let a = foo(1, unsafe { *x });
    /* SAFETY: in a block
     * comment */
    unsafe { *x };
    /* SAFETY: same line */ unsafe { *x };
    // SAFETY: slashes in a string are no comment
    g("http://host", unsafe { *x });
    unsafe {
        // SAFETY: inside
        *x
    };
    // SAFETY: above the statement
    let b = foo(
        1,
        bar(unsafe { *x }),
    );
    foo(
        // SAFETY: above the argument
        unsafe { *x },
    );
    // SAFETY: above the statement with a macro
    let c = vec![
        1,
        unsafe { *x },
    ];
    println!(
        "{}",
        // SAFETY: among the arguments
        unsafe { *x },
    );
    match a {
        // SAFETY: of the arm
        1 => unsafe { *x },
        _ => {
            // SAFETY: a tail
            unsafe { *x }
        }
    }
}
// SAFETY: a constant
const C: &str =
    unsafe { from_utf8_unchecked(b"a") };

// SAFETY: A holds no pointer

#[cfg(unix)]
unsafe impl Send for A {}
/// Safety: documented
unsafe impl Sync for A {}
unsafe fn g() { h() }
impl B {}
macro_rules! m { () => { unsafe { x() } } }
#[cfg(test)]
mod tests { fn t() { unsafe { x() } } }
#[allow(clippy::undocumented_unsafe_blocks)]
fn a() { unsafe { x() } }
"#,
        );
    }

    #[test]
    fn what_the_fix_wrote_is_reported_until_it_is_filled_in() {
        let stub = "
fn f(x: *const u8) -> u8 {
    // SAFETY: state why this is sound
    unsafe { *x }
  //^^^^^^ undocumented-unsafe: `SAFETY:` comment does not state yet why the code is sound
}
";
        check(&RULE, stub);
        no_fix(
            &RULE,
            "fn f(x: *const u8) -> u8 {\n    // SAFETY: state why this is sound\n    unsafe { *x }\n}\n",
        );
    }

    const TITLE: &str = "Add a `SAFETY:` comment to fill in";

    #[test]
    fn the_comment_is_added_above() {
        check_fix(
            &RULE,
            TITLE,
            r#"fn f() {
    let a = foo(unsafe { x() });
}
"#,
            r#"fn f() {
    // SAFETY: state why this is sound
    let a = foo(unsafe { x() });
}
"#,
        );
        check_fix(
            &RULE,
            TITLE,
            r#"fn f() {
    foo(
        unsafe { x() },
    );
}
"#,
            r#"fn f() {
    foo(
        // SAFETY: state why this is sound
        unsafe { x() },
    );
}
"#,
        );
        check_fix(
            &RULE,
            TITLE,
            "struct A;\r\nunsafe impl Send for A {}\r\n",
            "struct A;\r\n// SAFETY: state why this is sound\r\nunsafe impl Send for A {}\r\n",
        );
        no_fix(&RULE, "fn f() { unsafe { x() } }\n");
    }
}
