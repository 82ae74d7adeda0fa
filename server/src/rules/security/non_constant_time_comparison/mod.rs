//! Comparison of secrets that is not constant-time.
//!
//! `==`, `contains` and look-ups in sets stop at the first difference, so their timing depends on
//! how many bytes of a guess are right. An attacker who can send guesses and measure the answers
//! finds a token or forges a MAC byte by byte.
//!
//! ```rust,bad
//! fn authorize(provided_token: &str, config: &Config) -> bool {
//!     provided_token == config.api_token
//! }
//! ```
//!
//! Compare all bytes in constant time, with the `subtle` crate:
//!
//! ```rust
//! use subtle::ConstantTimeEq;
//!
//! fn authorize(provided_token: &str, config: &Config) -> bool {
//!     bool::from(provided_token.as_bytes().ct_eq(config.api_token.as_bytes()))
//! }
//! ```
//!
//! A MAC is best checked by its own crate: `Hmac::verify_slice` compares in constant time. Tokens
//! of parsers, public keys, ids, and digests that only identify contents are not reported.

mod buffers;
mod condition;
mod constants;
mod detection;
mod enclosing;
mod fix;
#[cfg(test)]
mod fix_tests;
mod operands;
mod own;
mod reader;
#[cfg(test)]
mod tests;

use self::condition::Condition;
use self::constants::is_public;
use self::detection::{ComparedSecret, compared_secret, looked_up_secret, secret_affix, zipped};
use self::enclosing::{EnclosingCode, builds_query, may_edit};
use self::fix::ct_eq;
use self::operands::type_authenticator;
use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::project::{SymbolIndex, derives};
use crate::semantics::shape::{Kind, Shape};
use crate::syntax::ast::{self, BinaryOp, CmpOp, HasArgList, HasName};
use crate::syntax::imports::compact;
use crate::syntax::lines::text_in;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, parse_root};
use crate::text::{TextRange, TextSize};

pub static RULE: Rule = Rule {
    id: "non-constant-time-comparison",
    opportunity: Opportunity::SecretComparisons,
    effort: 20,
    severity: Severity::High,
    serious_in_servers: true,
    cwe: &[208],
    seeds: &["C.secrets", "B.good", "E.2"],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Macro(&["matches"], check_guard),
        Query::Method(
            &[
                "eq", "ne", "eq_ignore_ascii_case", "contains", "contains_key", "starts_with",
                "ends_with",
            ],
            check_method,
        ),
        Query::Equality(check_comparison),
        Query::Node(&On(check_derive)),
    ],
    ..Rule::source(AREA)
};

fn check_comparison(comparison: &ast::BinExpr, cx: &mut Context<'_>) {
    if is_of_values(comparison) {
        let node = comparison.syntax();
        let around: Vec<SyntaxNode> = cx.ancestors(node).collect();
        check_operator(comparison, &around, (node, node.text_range()), cx);
    }
}

/// Whether the operands of a comparison are worth a look at what surrounds it.
fn is_of_values(comparison: &ast::BinExpr) -> bool {
    let (Some(left), Some(right)) = (comparison.lhs(), comparison.rhs()) else { return false };
    !is_public(&left) && !is_public(&right)
}

/// The guard of `matches!(value, pattern if guard)`, which is no argument of a function.
fn check_guard(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let call = call.syntax();
    const OPEN: &str = "fn f(){";
    let Some(tree) = call.children().find(|it| it.kind() == SyntaxKind::TOKEN_TREE) else { return };
    let mut tokens = tree.children_with_tokens();
    let Some(guard) = tokens.find(|it| it.kind() == SyntaxKind::IF_KW) else { return };
    let (start, end) = (guard.text_range().end(), tree.text_range().end());
    let guard = text_in(&tree, TextRange::new(start, end));
    let guard = guard.strip_suffix([')', ']', '}']).unwrap_or(&guard);
    let text = format!("{OPEN}{guard}}}");
    let Ok(parsed) = parse_root(&text, cx.file().edition) else { return };
    for comparison in parsed.descendants().filter_map(ast::BinExpr::cast) {
        let inside = comparison.syntax().ancestors();
        let around = inside.take_while(|it| it.kind() != SyntaxKind::STMT_LIST);
        let around: Vec<SyntaxNode> = around.chain(cx.ancestors(call)).collect();
        let range = comparison.syntax().text_range() - TextSize::of(OPEN) + start;
        check_operator(&comparison, &around, (call, range), cx);
    }
}

/// `place` is a node that the rule was given and the range of the comparison in its tree.
fn check_operator(
    comparison: &ast::BinExpr,
    around: &[SyntaxNode],
    (node, range): (&SyntaxNode, TextRange),
    cx: &mut Context<'_>,
) {
    let Some(BinaryOp::CmpOp(CmpOp::Eq { negated })) = comparison.op_kind() else { return };
    let (Some(left), Some(right)) = (comparison.lhs(), comparison.rhs()) else { return };
    if is_public(&left) || is_public(&right) {
        return;
    }
    let operator = if negated { "!=" } else { "==" };
    let zipped = zipped(&left, &right, around);
    let (left, right) = zipped.clone().unwrap_or((left, right));
    let is_element = zipped.is_some();
    let pairs: Vec<(ast::Expr, ast::Expr)> = match (&left, &right) {
        (ast::Expr::TupleExpr(a), ast::Expr::TupleExpr(b)) => a.fields().zip(b.fields()).collect(),
        _ => vec![(left.clone(), right.clone())],
    };
    let code = EnclosingCode::new(around, cx);
    let found =
        pairs.iter().find_map(|(left, right)| compared_secret(left, right, &code)).or_else(|| {
            let told = is_element && code.claims_constant_time();
            told.then(|| ComparedSecret {
                name: "the bytes".to_string(),
                severity: None,
                lowered: None,
                confidence: Confidence::Likely,
                condition: Condition::default(),
            })
        });
    let Some(found) = found else { return };
    let fixable = !is_element && pairs.len() == 1 && !code.in_const && may_edit(around);
    let file_range = cx.file_range(range);
    let sides = [Shape::of(&left, around), Shape::of(&right, around)];
    let fix_operands = (left, right);
    let report = found.report(range, operator).fix(move |fix| {
        let [left, right] = &sides;
        if !fixable {
            return Vec::new();
        }
        let operands = ((&fix_operands.0, left), (&fix_operands.1, right));
        ct_eq(operands, negated, file_range, fix).into_iter().collect()
    });
    cx.report(node, report);
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let (Some(receiver), Some(method)) = (call.receiver(), call.name_ref()) else { return };
    let mut arguments = call.arg_list().into_iter().flat_map(|list| list.args());
    let (Some(argument), None) = (arguments.next(), arguments.next()) else { return };
    if is_public(&argument) || is_public(&receiver) {
        return;
    }
    let around: Vec<SyntaxNode> = cx.ancestors(call.syntax()).collect();
    let method = method.text().to_string();
    let equates = matches!(method.as_str(), "eq" | "ne");
    if equates && builds_query(call, &around) {
        return;
    }
    let code = EnclosingCode::new(&around, cx);
    let found = match method.as_str() {
        "eq" | "ne" | "eq_ignore_ascii_case" => compared_secret(&receiver, &argument, &code),
        "contains" | "contains_key" => looked_up_secret(&receiver, &argument, &code),
        _ => secret_affix(&receiver, &argument, &code),
    };
    let Some(found) = found else { return };
    let fixable = equates && !code.in_const && may_edit(&around);
    let range = call.syntax().text_range();
    let sides = [Shape::of(&receiver, &around), Shape::of(&argument, &around)];
    let file_range = cx.file_range(range);
    let negated = method == "ne";
    let mut report = found.report(range, &method);
    if method.starts_with("contains") {
        // A set hashes what it looks for, and a list tells only which entry it was.
        report = report.severity(Severity::Medium);
    }
    let report = report.fix(move |fix| {
        let [left, right] = &sides;
        if !fixable {
            return Vec::new();
        }
        let operands = ((&receiver, left), (&argument, right));
        ct_eq(operands, negated, file_range, fix).into_iter().collect()
    });
    cx.report(call.syntax(), report);
}

impl ComparedSecret {
    fn report(self, range: TextRange, operation: &str) -> Report<'static> {
        let subject = match self.name.contains(' ') {
            true => format!("{} are", self.name),
            false => format!("`{}` is", self.name),
        };
        let message = format!("{subject} compared with `{operation}`, which is not constant-time");
        let report = Report::new(range, message).confidence(self.confidence);
        let report = match (self.lowered, self.severity) {
            (Some(reason), _) => report.lowered(Severity::Low, reason),
            (None, Some(severity)) => report.severity(severity),
            (None, None) => report,
        };
        report.when(move |symbols| self.condition.holds(symbols))
    }
}

/// `#[derive(PartialEq)]` on a type that wraps a secret: no `==` on it is constant-time.
fn check_derive(item: &ast::Struct, cx: &mut Context<'_>) {
    let Some(name) = item.name() else { return };
    let Some(told) = type_authenticator(name.text(), cx.file()) else { return };
    if !told.strong || !derives(item.syntax()).iter().any(|it| it == "PartialEq") {
        return;
    }
    let fields: Vec<ast::Type> = match item.field_list() {
        Some(ast::FieldList::TupleFieldList(list)) => {
            list.fields().filter_map(|it| it.ty()).collect()
        }
        Some(ast::FieldList::RecordFieldList(list)) => {
            list.fields().filter_map(|it| it.ty()).collect()
        }
        None => return,
    };
    let [field] = fields.as_slice() else { return };
    let ty = compact(field.syntax());
    let attrs = item.syntax().children().filter_map(ast::Attr::cast);
    let mut tokens = attrs.flat_map(|it| it.syntax().descendants_with_tokens());
    let derived = tokens.find_map(|it| match it {
        NodeOrToken::Token(token) if token.text() == "PartialEq" => Some(token.text_range()),
        _ => None,
    });
    let Some(range) = derived else { return };
    let message = format!("derived `PartialEq` of `{}` is not constant-time", name.text());
    let shape = Shape::Typed(ty);
    let holds = move |symbols: &SymbolIndex| {
        matches!(shape.kind(Some(symbols)), Some(Kind::Text | Kind::Bytes))
    };
    // Whether it is compared at all is not known.
    let report = Report::new(range, message).severity(Severity::Medium);
    let report = report.confidence(Confidence::Likely);
    cx.report(item.syntax(), report.when(holds));
}
