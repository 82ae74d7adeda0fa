//! Crate-wide `allow` of a broad lint.
//!
//! `#![allow(dead_code)]` is often added during development and then stays. From then on the
//! compiler no longer reports unused functions, ignored results or shadowed names anywhere in the
//! crate.
//!
//! ```rust,bad
//! #![allow(dead_code, unused_variables)]
//!
//! pub fn start() {}
//! ```
//!
//! Remove the attribute and fix the warnings, or allow the lint where it is needed:
//!
//! ```rust
//! #[allow(dead_code)]
//! struct Header {
//!     // Part of the wire format.
//!     reserved: u16,
//! }
//! ```
//!
//! Not reported: narrow lints such as `clippy::too_many_arguments`, and attributes with a `reason`.

use super::AREA;
use crate::analysis::{
    Applicability, Context, Fix, FixContext, On, Opportunity, Query, Report, Rule, Severity,
};
use crate::project::Role;
use crate::syntax::ast::{self, Meta};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};
use crate::text::{FileRange, TextEdit, TextRange};

pub static RULE: Rule = Rule {
    id: "crate-wide-allow",
    safe_fix: true,
    opportunity: Opportunity::Packages,
    effort: 60,
    severity: Severity::Low,
    raised_when_critical: false,
    seeds: &["B.14"],
    source: include_str!("crate_wide_allow.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(root: &ast::SourceFile, cx: &mut Context<'_>) {
    let root = root.syntax();
    let is_root = match &cx.file().package {
        Some(package) => package.is_crate_root(&cx.file().path),
        None => cx.file().path.ends_with("src/lib.rs") || cx.file().path.ends_with("src/main.rs"),
    };
    if !is_root || !matches!(cx.file().role, Role::Lib | Role::Bin) {
        return;
    }
    for attr in root.children().map_while(ast::Attr::cast) {
        let Some(tree) = arguments_of(&attr, &["allow"]) else { continue };
        let entries = entries(&tree);
        if entries.iter().any(|entry| entry.name.starts_with("reason=")) {
            continue;
        }
        for entry in entries.iter().filter(|entry| is_broad(&entry.name)) {
            let message = format!("`{}` is allowed in the whole crate", entry.name);
            let report = Report::new(entry.range, message)
                .fix(|fix_cx| removal(root, &attr, &entries, entry, fix_cx));
            cx.report(root, report);
        }
    }
}

/// Lints that concern many places of a crate, and groups of lints; sorted. What hides nothing but
/// style, and what is allowed anyway, is not among them.
const BROAD_LINTS: &[&str] = &[
    "clippy::all", "clippy::complexity", "clippy::correctness", "clippy::perf", "clippy::style",
    "clippy::suspicious", "dead_code", "deprecated", "future_incompatible", "missing_docs",
    "nonstandard_style", "unreachable_code", "unreachable_patterns", "unused",
    "unused_assignments", "unused_attributes", "unused_imports", "unused_macros",
    "unused_must_use", "unused_mut", "unused_unsafe", "unused_variables", "warnings",
];

fn is_broad(lint: &str) -> bool {
    BROAD_LINTS.binary_search(&lint).is_ok()
}

struct Entry {
    /// Without white space.
    name: String,
    range: TextRange,
    first: SyntaxToken,
    last: SyntaxToken,
}

/// The arguments of an inner attribute of one of these names.
fn arguments_of(attr: &ast::Attr, names: &[&str]) -> Option<ast::TokenTree> {
    attr.excl_token()?;
    let Meta::TokenTreeMeta(meta) = attr.meta()? else { return None };
    let path = meta.path()?.syntax().text().to_string();
    meta.token_tree().filter(|_| names.contains(&path.as_str()))
}

/// The comma-separated entries between the parentheses.
fn entries(tree: &ast::TokenTree) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut open = false;
    for token in tree.syntax().children_with_tokens().filter_map(NodeOrToken::into_token) {
        match token.kind() {
            T!['('] | T![')'] | SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => continue,
            T![,] => {
                open = false;
                continue;
            }
            _ => {}
        }
        match entries.last_mut().filter(|_| open) {
            Some(entry) => {
                entry.name.push_str(token.text());
                entry.range = entry.range.cover(token.text_range());
                entry.last = token;
            }
            None => entries.push(Entry {
                name: token.text().to_string(),
                range: token.text_range(),
                first: token.clone(),
                last: token,
            }),
        }
        open = true;
    }
    entries
}

fn removal(
    root: &SyntaxNode,
    attr: &ast::Attr,
    entries: &[Entry],
    entry: &Entry,
    fix_cx: &FixContext<'_>,
) -> Vec<Fix> {
    if makes_errors_of_warnings(root, fix_cx) {
        return Vec::new();
    }
    let (title, range) = if entries.len() == 1 {
        (format!("Remove `{}`", attr.syntax().text()), with_line(attr.syntax()))
    } else {
        (format!("Remove `{}` from the attribute", entry.name), with_comma(entry))
    };
    vec![fix_cx.here(
        title,
        Applicability::Safe,
        vec![TextEdit::delete(FileRange::in_file_tree(range))],
    )]
}

/// Whether a new warning may be an error: the crate or its manifest denies some.
fn makes_errors_of_warnings(root: &SyntaxNode, fix_cx: &FixContext<'_>) -> bool {
    let denies = root
        .children()
        .map_while(ast::Attr::cast)
        .any(|attr| arguments_of(&attr, &["deny", "forbid"]).is_some());
    let manifest = fix_cx.file.package.as_ref().map(|package| package.manifest());
    let manifests = [manifest, Some("Cargo.toml".to_string())].into_iter().flatten();
    denies
        || manifests.filter_map(|path| fix_cx.text_of(&path)).any(|text| {
            text.contains("lints") && (text.contains("\"deny\"") || text.contains("\"forbid\""))
        })
}

/// An entry with the comma and the space after it; a last one with those before it.
fn with_comma(entry: &Entry) -> TextRange {
    let is_space = |token: &SyntaxToken| token.kind() == SyntaxKind::WHITESPACE;
    let comma = past_space(entry.last.next_token(), SyntaxToken::next_token);
    let comma = comma.filter(|it| it.kind() == T![,]);
    let after = comma.as_ref().and_then(SyntaxToken::next_token);
    let next = past_space(after.clone(), SyntaxToken::next_token);
    if let Some(comma) = &comma
        && next.is_some_and(|it| it.kind() != T![')'])
    {
        let space = after.filter(is_space).map(|it| it.text_range().end());
        let end = space.unwrap_or(comma.text_range().end());
        return TextRange::new(entry.range.start(), end);
    }
    let before = past_space(entry.first.prev_token(), SyntaxToken::prev_token);
    let start = before.filter(|it| it.kind() == T![,]).map(|it| it.text_range().start());
    TextRange::new(start.unwrap_or(entry.range.start()), entry.range.end())
}

/// The first token that is no white space, from `token` on.
fn past_space(
    token: Option<SyntaxToken>,
    step: impl Fn(&SyntaxToken) -> Option<SyntaxToken>,
) -> Option<SyntaxToken> {
    let mut tokens = std::iter::successors(token, |token| step(token));
    tokens.find(|token| token.kind() != SyntaxKind::WHITESPACE)
}

/// A node with the line break after it.
fn with_line(node: &SyntaxNode) -> TextRange {
    let range = node.text_range();
    let after = node.last_token().and_then(|token| token.next_token());
    let Some(after) = after.filter(|it| it.kind() == SyntaxKind::WHITESPACE) else { return range };
    let first_line = after.text().find('\n').map(|at| &after.text()[..=at]);
    let len = crate::text::TextSize::of(first_line.unwrap_or_default());
    TextRange::new(range.start(), range.end() + len)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn each_broad_lint_is_reported() {
        check(
            &RULE,
            r#"
//! A crate.
#![forbid(unsafe_code)]
#![allow(dead_code, clippy::too_many_arguments, clippy::all)]
       //^^^^^^^^^ crate-wide-allow: `dead_code` is allowed in the whole crate
                                              //^^^^^^^^^^^ crate-wide-allow: `clippy::all` is allowed in the whole crate
#![allow(
    unused_imports,
  //^^^^^^^^^^^^^^ crate-wide-allow
    missing_docs
  //^^^^^^^^^^^^ crate-wide-allow
)]
//- src/bin/tool.rs
#![allow(warnings)]
       //^^^^^^^^ crate-wide-allow
fn main() {}
"#,
        );
    }

    #[test]
    fn what_is_narrow_conditional_reasoned_or_local_is_silent() {
        silent(
            &RULE,
            r#"
#![allow(clippy::too_many_arguments, non_snake_case)]
#![allow(unused_qualifications, unused_lifetimes, unused_parens, unused_crate_dependencies)]
#![cfg_attr(test, allow(dead_code))]
#![allow(dead_code, reason = "half of it is for the other target")]
#![warn(missing_docs)]
mod inner { #![allow(dead_code)] }
#[allow(unused)]
fn f() {}
mod part;
//- src/part.rs
#![allow(dead_code)]
//- tests/it.rs
#![allow(dead_code)]
//- build.rs
#![allow(warnings)]
"#,
        );
    }

    #[test]
    fn the_entry_or_the_whole_attribute_is_removed() {
        check_fix(
            &RULE,
            "Remove `dead_code` from the attribute",
            r#"#![allow(dead_code, non_snake_case)]
fn f() {}
"#,
            r#"#![allow(non_snake_case)]
fn f() {}
"#,
        );
        check_fix(
            &RULE,
            "Remove `dead_code` from the attribute",
            r#"#![allow(non_snake_case, dead_code)]
fn f() {}
"#,
            r#"#![allow(non_snake_case)]
fn f() {}
"#,
        );
        check_fix(
            &RULE,
            "Remove `dead_code` from the attribute",
            r#"#![allow(
    non_snake_case,
    dead_code,
)]
fn f() {}
"#,
            r#"#![allow(
    non_snake_case,
)]
fn f() {}
"#,
        );
        check_fix(
            &RULE,
            "Remove `unused` from the attribute",
            r#"#![allow(
    unused,
    non_snake_case,
)]
fn f() {}
"#,
            r#"#![allow(
    non_snake_case,
)]
fn f() {}
"#,
        );
        check_fix(
            &RULE,
            "Remove `#![allow(dead_code)]`",
            r#"//! A crate.

#![allow(dead_code)]
#![warn(x)]
fn f() {}
"#,
            r#"//! A crate.

#![warn(x)]
fn f() {}
"#,
        );
    }

    #[test]
    fn there_is_no_fix_where_warnings_are_errors() {
        no_fix(
            &RULE,
            r#"#![allow(dead_code)]
#![deny(warnings)]
fn f() {}
"#,
        );
        no_fix(
            &RULE,
            r#"//- Cargo.toml
[package]
name = "a"
[lints.rust]
unused = "deny"
//- src/lib.rs
#![allow(unused)]
"#,
        );
    }
}
