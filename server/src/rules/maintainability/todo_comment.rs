//! `TODO`, `FIXME`, `XXX` or `HACK` comment.
//!
//! Such a comment is easily forgotten once it is merged. The work that it describes is either done
//! before production or recorded in an issue.
//!
//! ```rust,bad
//! fn limit(&self) -> usize {
//!     // TODO: read it from the settings
//!     self.default_limit()
//! }
//! ```
//!
//! Do the work, or refer to the issue in a plain sentence:
//!
//! ```rust
//! fn limit(&self) -> usize {
//!     // The limit becomes a setting with issue 41.
//!     self.default_limit()
//! }
//! ```
//!
//! Not reported: markers in documentation examples, and text about markers such as "the TODO
//! comments". A stub with such a comment is reported by `unfinished-code`.

use rustc_hash::FxHashSet;

use super::AREA;
use crate::analysis::{Context, Opportunity, Query, Report, Rule, Severity};
use crate::project::markdown::code_blocks;
use crate::rules::stub::stub_comment;
use crate::syntax::{AstNode, AstToken, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, ast};
use crate::text::{TextRange, TextSize};

pub static RULE: Rule = Rule {
    id: "todo-comment",
    opportunity: Opportunity::Functions,
    effort: 60,
    severity: Severity::Low,
    raised_when_critical: false,
    seeds: &["A.C2", "A.M1"],
    source: include_str!("todo_comment.rs"),
    queries: &[Query::Comment(has_marker, check)],
    ..Rule::source(AREA)
};

const MARKERS: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];

fn check(comment: &ast::Comment, cx: &mut Context<'_>) {
    let comment = comment.syntax();
    let markers = markers(comment.text());
    if markers.is_empty() || is_in_example(comment, cx) || is_reported_as_stub(comment, cx) {
        return;
    }
    let Some(parent) = comment.parent() else { return };
    for (marker, range) in markers {
        let message = format!("unresolved `{marker}`");
        cx.report(&parent, Report::new(range + comment.text_range().start(), message));
    }
}

/// Whether a line of documentation is inside a code block: the comments of an example are part of
/// the documentation.
fn is_in_example(comment: &SyntaxToken, cx: &Context<'_>) -> bool {
    let Some(parent) = comment.parent().filter(|_| style_of(comment.text()).is_some()) else {
        return false;
    };
    let examples = cx.once("examples", &parent, || examples_in(&parent));
    examples.contains(&comment.text_range().start())
}

/// What begins a line of documentation.
fn style_of(comment: &str) -> Option<&'static str> {
    ["//!", "///"].into_iter().find(|style| comment.starts_with(style))
}

/// Where the lines of documentation begin that are inside a code block, of those in one list.
fn examples_in(parent: &SyntaxNode) -> FxHashSet<TextSize> {
    let mut examples = FxHashSet::default();
    let tokens = parent.children_with_tokens().filter_map(NodeOrToken::into_token);
    let comments = tokens.filter(|it| it.kind() == SyntaxKind::COMMENT);
    let comments: Vec<SyntaxToken> = comments.collect();
    for lines in comments.chunk_by(|a, b| style_of(a.text()) == style_of(b.text())) {
        let Some(style) = lines.first().and_then(|it| style_of(it.text())) else { continue };
        let mut text = String::new();
        let mut ends = Vec::new();
        for line in lines {
            text.push_str(line.text().strip_prefix(style).unwrap_or_default());
            ends.push((text.len(), line.text_range().start()));
            text.push('\n');
        }
        for block in code_blocks(&text) {
            let first = ends.partition_point(|(end, _)| *end <= block.range.start);
            let inside = ends.iter().skip(first).take_while(|(end, _)| *end <= block.range.end);
            examples.extend(inside.map(|(_, start)| *start));
        }
    }
    examples
}

/// Whether `unfinished-code` reports the comment.
fn is_reported_as_stub(comment: &SyntaxToken, cx: &Context<'_>) -> bool {
    let Some(function) = comment.parent_ancestors().find_map(ast::Fn::cast) else { return false };
    let stub =
        cx.once("stub", function.syntax(), || stub_comment(&function).map(|it| it.text_range()));
    *stub == Some(comment.text_range())
}

fn has_marker(comment: &str) -> bool {
    markers_in(comment).next().is_some()
}

/// The words in a text that may be markers, with the bytes that they begin at.
fn markers_in(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let opens = |(_, byte): &(usize, u8)| matches!(byte, b'T' | b'F' | b'X' | b'H');
    text.bytes().enumerate().filter(opens).filter_map(|(at, _)| {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let marker = MARKERS.iter().find(|marker| rest.starts_with(marker.as_bytes()))?;
        Some((at, *marker))
    })
}

/// The markers of a comment with the ranges from each to the end of its line's text.
fn markers(comment: &str) -> Vec<(&'static str, TextRange)> {
    let mut found = Vec::new();
    let mut line_start = 0;
    for line in comment.split_inclusive('\n') {
        let text = line.trim_end().trim_end_matches("*/").trim_end();
        if let Some((at, marker)) = markers_in(text).find(|(at, it)| marks(text, *at, it)) {
            let start = TextSize::new((line_start + at) as u32);
            let end = TextSize::new((line_start + text.len()) as u32);
            found.push((marker, TextRange::new(start, end)));
        }
        line_start += line.len();
    }
    found
}

/// Whether the marker at a byte of a comment's line marks open work, and is not only mentioned.
fn marks(line: &str, at: usize, marker: &str) -> bool {
    let (Some(before), Some(rest)) = (line.get(..at), line.get(at + marker.len()..)) else {
        return false;
    };
    opens(before, rest) && !is_mentioned(rest)
}

/// Whether a marker between `before` and `rest` begins a remark: it is the first word of the line
/// or of a sentence, or is followed by a colon or a name in parentheses.
fn opens(before: &str, rest: &str) -> bool {
    let labelled = rest
        .strip_prefix(':')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        || (rest.starts_with('(') && rest.contains("):"));
    let ends = rest.is_empty()
        || labelled
        || rest
            .starts_with(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '!' | ',' | '.'))
        || rest.strip_prefix(':').is_some_and(|rest| rest.starts_with(char::is_alphabetic))
        || rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    if !ends {
        return false;
    }
    let lead = before.trim_end();
    let first = lead.chars().all(|c| matches!(c, '/' | '*' | '!' | '-' | '@' | '#' | '['));
    let new_sentence = lead.ends_with(['.', ';', ':', '!', '?', ')', '—', '–'])
        || (lead.ends_with('-') && before.ends_with(' '));
    let own_word = before.ends_with(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '@'));
    // A placeholder such as `XXX-XXXX` is not a marker.
    first && !rest.contains("XXXX") || own_word && (labelled || new_sentence)
}

/// Whether the text after a marker shows that it is about such markers.
fn is_mentioned(rest: &str) -> bool {
    let next = rest.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    matches!(
        next,
        "comment" | "comments" | "list" | "lists" | "marker" | "markers" | "item" | "items" | "tag"
    ) && rest.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn markers_are_reported_to_the_end_of_their_line() {
        check(
            &RULE,
            r#"
//! FIXME: describe the crate
  //^^^^^^^^^^^^^^^^^^^^^^^^^ todo-comment: unresolved `FIXME`

// TODO(mia): split it
 //^^^^^^^^^^^^^^^^^^^ todo-comment: unresolved `TODO`

/// Does things. TODO: say which
               //^^^^^^^^^^^^^^^ todo-comment
fn f() {
    g(); // XXX this is slow
          //^^^^^^^^^^^^^^^^ todo-comment
    //TODO
    //^^^^ todo-comment
    let x = 1; /* HACK: works around a bug */
                //^^^^^^^^^^^^^^^^^^^^^^^^ todo-comment
    println!("{}", x /* TODO use y */);
                      //^^^^^^^^^^ todo-comment
    // (TODO: later)
      //^^^^^^^^^^^^ todo-comment
    // - TODO-1234 remove
       //^^^^^^^^^^^^^^^^ todo-comment
}
macro_rules! m {
    // TODO: more arms
     //^^^^^^^^^^^^^^^ todo-comment
    () => {};
}
struct S {
    // FIXME make it private
     //^^^^^^^^^^^^^^^^^^^^^ todo-comment
    pub x: u8,
}
"#,
        );
    }

    #[test]
    fn each_marker_of_a_block_comment_is_reported() {
        check(
            &RULE,
            r#"
/*
 * TODO: one
 //^^^^^^^^^ todo-comment
 * and
 * FIXME: two
 //^^^^^^^^^^ todo-comment
 */
fn f() {}
"#,
        );
    }

    #[test]
    fn text_about_markers_and_placeholders_is_silent() {
        silent(
            &RULE,
            r#"
// The todo list and the TodoItem type.
// Formats a number as XXX-XXXX.
// XXX-XXXX is the format of a number.
// See the TODO comments of the parser.
// TODO comments are found here.
// A `TODO` in backticks, "TODO" in quotes, and METODO: in a word.
// 0xXXX or AUTODOC: is nothing.
// This HACKS nothing, XXXX neither.
fn f() { let s = "// TODO: a string"; }
#[cfg(test)]
mod tests {
    // TODO: more tests
    fn t() {}
}
"#,
        );
    }

    #[test]
    fn examples_in_documentation_are_silent() {
        silent(
            &RULE,
            r#"//! ```rust
//! // TODO: an example
//! ```

/// ```
/// // TODO: one more
/// ```
fn f() {}
"#,
        );
        check(
            &RULE,
            r#"/// ```
/// f();
/// ```
/// TODO: say more
  //^^^^^^^^^^^^^^ todo-comment
fn f() {}
"#,
        );
    }

    #[test]
    fn a_stub_is_reported_by_the_other_rule() {
        silent(
            &RULE,
            r#"fn f() -> Result<()> {
    // TODO: write
    Ok(())
}
"#,
        );
        check(
            &RULE,
            r#"fn f() -> Result<()> {
    // TODO: write
     //^^^^^^^^^^^ todo-comment
    g()
}
"#,
        );
    }
}
