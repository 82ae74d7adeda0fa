//! What `#[instrument]` records: every argument of the function that it does not skip.

use super::access::Access;
use super::sink::Sink;
use super::values::{PrintedValue, printed_values};
use super::{LogPlace, check_value};
use crate::analysis::Context;
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::{any_token, compact_text};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode};

/// Reports the secrets among the arguments that the attribute of a function records.
pub fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    let node = function.syntax();
    let is_mark = |kind, text: &str| kind == SyntaxKind::IDENT && text == "instrument";
    if !green_attrs(node.green()).any(|attr| any_token(attr, &is_mark)) {
        return;
    }
    let attrs = node.children().filter_map(ast::Attr::cast);
    for attr in attrs.filter(|attr| any_token(attr.syntax().green(), &is_mark)) {
        check_attr(function, attr.syntax(), cx);
    }
}

fn check_attr(function: &ast::Fn, attr: &SyntaxNode, cx: &mut Context<'_>) {
    let text = compact_text(attr.green());
    // Behind the path, in a `cfg_attr` as well.
    let arguments = text.split_once("instrument").map_or("", |(_, rest)| rest);
    let level = arguments.split("level=").nth(1).unwrap_or("info");
    let level = level.trim_start_matches(['"', ':']).trim_start_matches("tracing::");
    let level = level.trim_start_matches("Level::");
    let level = level.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(level);
    let place = LogPlace::of(attr, Sink::of_level(level), "", cx);
    let mut tokens = attr.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let mark = tokens.find(|it| it.text() == "instrument");
    let range = mark.map_or(attr.text_range(), |it| it.text_range());
    let skipped: Vec<&str> = list(arguments, "skip(").collect();
    if !arguments.contains("skip_all") {
        for name in parameters(function).iter().filter(|it| !skipped.contains(&it.as_str())) {
            let value = PrintedValue {
                range,
                access: Access::Variable(name.clone()),
                field: None,
                spec: "?".to_string(),
            };
            check_value(attr, &value, &place, cx);
        }
    }
    if arguments.split(['(', ')', ',']).any(|it| it == "ret")
        && let Some(access) = returned(function)
    {
        let value = PrintedValue { range, access, field: None, spec: "?".to_string() };
        check_value(attr, &value, &place, cx);
    }
    if let Some(tree) = recorded_fields(attr) {
        let names = cx.file().secret_names.clone();
        let (values, _) = printed_values(&tree, "info", &names, false);
        for value in values {
            check_value(attr, &value, &place, cx);
        }
    }
}

/// What a function returns, which `ret` records.
fn returned(function: &ast::Fn) -> Option<Access> {
    let name = function.name()?.text().to_string();
    let is_method = function.param_list().is_some_and(|list| list.self_param().is_some());
    let receiver = || Some(Box::new(Access::Variable("self".to_string())));
    Some(if is_method { Access::Method(name, receiver()) } else { Access::Call(None, name) })
}

/// The entries of a list among the arguments, such as those of `skip(…)`.
fn list<'a>(arguments: &'a str, opening: &str) -> impl Iterator<Item = &'a str> {
    let inside = arguments.split_once(opening).and_then(|(_, rest)| rest.split_once(')'));
    inside.into_iter().flat_map(|(inside, _)| inside.split(','))
}

/// The names that the parameters of a function bind, `self` included.
fn parameters(function: &ast::Fn) -> Vec<String> {
    let Some(list) = function.param_list() else { return Vec::new() };
    let of_patterns = list.params().filter_map(|param| param.pat()).flat_map(|pattern| {
        let bound = pattern.syntax().descendants().filter_map(ast::IdentPat::cast);
        bound.filter_map(|it| Some(it.name()?.text().to_string())).collect::<Vec<_>>()
    });
    list.self_param().map(|_| "self".to_string()).into_iter().chain(of_patterns).collect()
}

/// The arguments of `fields(…)` in an attribute.
fn recorded_fields(attr: &SyntaxNode) -> Option<SyntaxNode> {
    attr.descendants().filter(|it| it.kind() == SyntaxKind::TOKEN_TREE).find(|tree| {
        let before = tree.prev_sibling_or_token();
        before.is_some_and(|it| it.as_token().is_some_and(|it| it.text() == "fields"))
    })
}
