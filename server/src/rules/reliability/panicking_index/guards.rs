//! Checks on the way to an access, which hold its index within the length.

use super::access::{Access, has_word};
use super::body::IndexedBody;
use crate::analysis::Context;
use crate::syntax::ast;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::TextSize;

/// Whether something before the access in its function holds the index within the length.
pub fn is_guarded(
    access: &Access,
    node: &SyntaxNode,
    function: &ast::Fn,
    cx: &Context<'_>,
) -> bool {
    let bounded = ["%", "min(", ".clamp("].iter().any(|it| access.index.contains(it));
    let masked = access.index.contains('&') && access.needed.is_none();
    let body = IndexedBody::of(function, cx);
    let lengths = body.length_names(&access.base);
    if bounded || masked || is_loop_variable(access, &lengths, node, cx) {
        return true;
    }
    if access.needed.is_some_and(|needed| body.was_accessed(&access.base, needed, node)) {
        return true;
    }
    let found = access
        .names
        .iter()
        .any(|name| body.searches(name).any(|value| value.contains(access.base.as_str())));
    if found {
        return true;
    }
    let operands = operands_before(node);
    let operands = operands.iter().map(String::as_str);
    let place = place_in_body(node, function, cx);
    body.conditions_before(place).chain(operands).any(|condition| {
        let measures = condition.contains(&format!("{}.", access.base))
            || lengths.iter().any(|name| has_word(condition, name));
        // `byte(s, 0) == b'x'` and `check_len(s, 4)?` were told what is in it.
        let passed = [")", ","].iter().any(|end| {
            ["(", "(&", "(*"]
                .iter()
                .any(|start| condition.contains(&format!("{start}{}{end}", access.base)))
        });
        if passed {
            return true;
        }
        let names_index = access.names.iter().any(|name| has_word(condition, name));
        match access.needed {
            Some(needed) => measures && allows(condition, needed),
            None => names_index && (measures || condition.contains(['<', '>'])),
        }
    })
}

/// Whether a check before the division says something of the divisor.
pub fn is_nonzero(name: &str, node: &SyntaxNode, function: &ast::Fn, cx: &Context<'_>) -> bool {
    let body = IndexedBody::of(function, cx);
    let start = node.text_range().start();
    let is_max = body.bindings().iter().any(|(names, value)| {
        names.iter().any(|it| it == name) && (value.contains(".max(") || value.contains("NonZero"))
    });
    is_max || body.conditions_before(start).any(|condition| has_word(condition, name))
}

/// Whether a condition about the length lets an access through only when there is enough.
fn allows(condition: &str, needed: u128) -> bool {
    if condition.contains("is_empty()") && needed <= 1 {
        return true;
    }
    if condition.contains(".starts_with(") || condition.contains(".get(") {
        return true;
    }
    let numbers: Vec<u128> = condition
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter_map(|word| word.parse().ok())
        .collect();
    match numbers.iter().max() {
        // `len <= 3 { return }` and `len > 3` leave four.
        Some(most) => most + u128::from(condition.contains(['>', '<'])) >= needed,
        // Compared with a constant or a variable whose value is not known here.
        None => ["<", ">", "==", "!="].iter().any(|it| condition.contains(it)),
    }
}

/// Whether the index is counted by a loop up to the length.
fn is_loop_variable(
    access: &Access,
    lengths: &[String],
    node: &SyntaxNode,
    cx: &Context<'_>,
) -> bool {
    cx.ancestors(node).filter_map(ast::ForExpr::cast).any(|item| {
        let iterable = item.iterable().map(|it| compact(it.syntax())).unwrap_or_default();
        let pattern = item.pat().map(|it| compact(it.syntax())).unwrap_or_default();
        let counts = access.names.iter().any(|name| has_word(&pattern, name));
        let ends = iterable.rsplit("..").next().unwrap_or_default();
        let is_bounded = iterable.contains(".len()")
            || [".enumerate(", "_indices("].iter().any(|it| iterable.contains(it))
            || lengths.iter().any(|name| has_word(&iterable, name))
            || iterable.contains("..")
                && ends.trim_start_matches('=').chars().all(is_constant_char);
        counts && is_bounded
    })
}

fn is_constant_char(c: char) -> bool {
    c.is_ascii_digit() || c.is_ascii_uppercase() || c == '_'
}

/// Where a node stands in the body of its function: one in macro arguments where its call does.
fn place_in_body(node: &SyntaxNode, function: &ast::Fn, cx: &Context<'_>) -> TextSize {
    let body = function.body();
    let outer = cx.ancestors(node).find(|it| {
        body.as_ref().is_some_and(|body| {
            body.syntax().text_range().contains_range(it.text_range())
                && it.ancestors().any(|up| up == *body.syntax())
        })
    });
    outer.unwrap_or_else(|| node.clone()).text_range().start()
}

/// The operands that decide whether a node is reached: `a.len() > 3 && a[3] == 0`.
fn operands_before(node: &SyntaxNode) -> Vec<String> {
    let operands = node.ancestors().filter_map(ast::BinExpr::cast).filter_map(|it| it.lhs());
    operands
        .filter(|it| !it.syntax().text_range().contains_range(node.text_range()))
        .map(|it| compact(it.syntax()))
        .collect()
}
