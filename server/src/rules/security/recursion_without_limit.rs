//! Decoder that calls itself as deep as its input is nested.
//!
//! Each level of nesting takes a frame of the stack. An input of some ten thousand `[` overflows it,
//! which no `Result` and no `catch_unwind` catches: the process is killed.
//!
//! ```rust,bad
//! fn parse_value(input: &mut &[u8]) -> Result<Value, Error> {
//!     match next(input)? {
//!         b'[' => Ok(Value::List(vec![parse_value(input)?])),
//!         other => Ok(Value::Byte(other)),
//!     }
//! }
//! ```
//!
//! Count the depth and refuse what is nested deeper than any honest input:
//!
//! ```rust
//! fn parse_value(input: &mut &[u8], depth: usize) -> Result<Value, Error> {
//!     if depth > MAX_DEPTH {
//!         return Err(Error::TooDeep);
//!     }
//!     match next(input)? {
//!         b'[' => Ok(Value::List(vec![parse_value(input, depth + 1)?])),
//!         other => Ok(Value::Byte(other)),
//!     }
//! }
//! ```
//!
//! Known problems: a decoder that calls itself through other functions is not found.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::project::base_name;
use crate::project::flow::decodes_by_name;
use crate::semantics::calls::call_range;
use crate::semantics::paths::{callee, last_segment};
use crate::syntax::ast::{self, HasName};
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "recursion-without-limit",
    severity: Severity::Medium,
    raised_when_critical: false,
    serious_in_servers: true,
    cwe: &[674],
    source: include_str!("recursion_without_limit.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// Words in the names of functions that read an input piece by piece; sorted.
const READING: &[&str] = &["expr", "expression", "from", "object", "read", "skip", "value"];

/// Words in the names of what counts or limits the depth; sorted.
const LIMITING: &[&str] = &[
    "budget", "depth", "enter", "fuel", "grow", "level", "levels", "limit", "limits", "max",
    "nested", "nesting", "recursion", "recursive", "stack", "stacker",
];

/// Types of inputs that are consumed, by their last names; sorted.
const INPUTS: &[&str] =
    &["AsyncRead", "Buf", "Bytes", "Chars", "Cursor", "Peekable", "Read", "Tokens", "[u8]", "str"];

/// Ends of the names of types that read an input.
const INPUT_ENDS: &[&str] =
    &["Decoder", "Deserializer", "Lexer", "Parser", "Reader", "Scanner", "Tokenizer"];

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    let (Some(name), Some(body)) = (function.name(), function.body()) else { return };
    let name = name.text().to_string();
    let is_own = |kind, text: &str| kind == SyntaxKind::IDENT && text == name;
    if !any_token(body.syntax().green(), &is_own) || !consumes(function, &name, cx) {
        return;
    }
    if walks_json(function, cx) {
        return;
    }
    let limits = |kind, text: &str| kind == SyntaxKind::IDENT && has_any_word(text, LIMITING);
    if any_token(function.syntax().green(), &limits) {
        return;
    }
    let owner = cx.ancestors(function.syntax()).find_map(ast::Impl::cast);
    let has_self = function.param_list().is_some_and(|it| it.self_param().is_some());
    let calls = body.syntax().descendants().filter_map(ast::Expr::cast);
    let mut own = calls.filter(|it| calls_itself(it, &name, owner.is_some(), has_self));
    let own = own.find(|it| !is_in_other_item(it.syntax(), function));
    let (range, node) = match own {
        Some(call) => (call_range(&call), call.syntax().clone()),
        None => match call_in_macro(&body, &name, owner.is_some()) {
            Some(token) => (token.text_range(), body.syntax().clone()),
            None => return,
        },
    };
    if delegates(function, &range, cx) {
        return;
    }
    let message = format!("`{name}` calls itself as deep as its input is nested");
    let mut report = Report::new(range, message).confidence(Confidence::Likely);
    // By another name it may walk what the program made itself.
    if !cx.reach(&node).serves() || !decodes_by_name(&name) {
        report = report.severity(Severity::Medium);
    }
    cx.report(&node, report);
}

/// Whether a function walks a value that `serde_json` read: it reads no more than 128 levels.
fn walks_json(function: &ast::Fn, cx: &mut Context<'_>) -> bool {
    let params = function.param_list().into_iter().flat_map(|it| it.params());
    let types: Vec<String> = params.filter_map(|it| Some(compact(it.ty()?.syntax()))).collect();
    let of_json = cx.imports().path_of("Value") == Some("serde_json::Value");
    types.iter().any(|ty| base_name(ty) == "Value" && (of_json || ty.contains("serde_json::")))
}

/// Whether the method of a trait only calls the type's own method of the same name.
fn delegates(function: &ast::Fn, call: &TextRange, cx: &Context<'_>) -> bool {
    let owner = cx.ancestors(function.syntax()).find_map(ast::Impl::cast);
    let statements = function.body().and_then(|it| it.stmt_list());
    let only = statements.is_some_and(|list| {
        let tail = list.tail_expr().filter(|_| list.statements().next().is_none());
        tail.is_some_and(|it| it.syntax().text_range().contains_range(*call))
            && !has_branches(list.syntax())
    });
    only && owner.is_some_and(|it| it.trait_().is_some())
}

fn has_branches(body: &SyntaxNode) -> bool {
    body.descendants().any(|it| {
        matches!(it.kind(), SyntaxKind::IF_EXPR | SyntaxKind::MATCH_EXPR | SyntaxKind::CLOSURE_EXPR)
    })
}

/// Whether a function decodes an input that it consumes: by its name, and by what it is given.
fn consumes(function: &ast::Fn, name: &str, cx: &Context<'_>) -> bool {
    let params = function.param_list();
    let mut types =
        params.iter().flat_map(|it| it.params()).filter_map(|it| Some(compact(it.ty()?.syntax())));
    let is_fed = types.any(|ty| is_input(&ty));
    let owner = cx.ancestors(function.syntax()).find_map(ast::Impl::cast);
    let of_parser = owner.and_then(|it| it.self_ty()).is_some_and(|it| {
        let ty = compact(it.syntax());
        INPUT_ENDS.iter().any(|it| base_name(&ty).ends_with(it))
    });
    let takes_self = params.is_some_and(|it| it.self_param().is_some());
    let reads = decodes_by_name(name) || has_any_word(name, READING) && (is_fed || of_parser);
    reads && (is_fed || of_parser && takes_self)
}

/// Whether a value of a type is an input that is consumed.
fn is_input(ty: &str) -> bool {
    let ty = ty.trim_start_matches(['&', '*']).trim_start_matches("mut").trim_start_matches('&');
    let ty = ty.strip_prefix("impl").unwrap_or(ty);
    if ty.starts_with('\'') {
        return ty.ends_with("str") || ty.ends_with("[u8]");
    }
    let name = if ty == "[u8]" { ty } else { base_name(ty) };
    INPUTS.contains(&name) || INPUT_ENDS.iter().any(|it| name.ends_with(it))
}

/// Whether an expression is a call of the function that it stands in.
fn calls_itself(expr: &ast::Expr, name: &str, is_associated: bool, has_self: bool) -> bool {
    match expr {
        ast::Expr::MethodCallExpr(it) => {
            let of_self = it.receiver().is_some_and(|it| compact(it.syntax()) == "self");
            has_self && of_self && it.name_ref().is_some_and(|it| it.text() == name)
        }
        ast::Expr::CallExpr(it) => {
            let Some(path) = callee(it) else { return false };
            let is_own = match path.rsplit_once("::") {
                Some((owner, _)) => owner == "Self",
                None => !is_associated,
            };
            is_own && last_segment(&path) == name
        }
        _ => false,
    }
}

/// The name of the function where it is called among the arguments of a macro: `vec![parse(input)?]`.
fn call_in_macro(body: &ast::BlockExpr, name: &str, is_associated: bool) -> Option<SyntaxToken> {
    let calls = body.syntax().descendants().filter(|it| it.kind() == SyntaxKind::TOKEN_TREE);
    let tokens = calls.flat_map(|it| it.children_with_tokens()).filter_map(NodeOrToken::into_token);
    let mut named = tokens.filter(|it| it.kind() == SyntaxKind::IDENT && it.text() == name);
    named.find(|token| {
        let before = token.prev_token();
        let of_self = before
            .as_ref()
            .and_then(|it| it.prev_token())
            .is_some_and(|it| matches!(it.text(), "self" | "Self" | ":"));
        let is_called = token.next_token().is_some_and(|it| it.kind() == T!['(']);
        let is_path = before.is_some_and(|it| matches!(it.text(), "." | ":" | "::"));
        is_called && if is_associated { is_path && of_self } else { !is_path }
    })
}

/// Whether a node stands in a function within the function.
fn is_in_other_item(node: &SyntaxNode, function: &ast::Fn) -> bool {
    let inner = node.ancestors().find(|it| it.kind() == SyntaxKind::FN);
    inner.is_some_and(|it| it != *function.syntax())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn decoders_that_call_themselves_are_found() {
        check(
            &RULE,
            r#"
fn parse_value(input: &mut &[u8]) -> Result<Value> {
    match input[0] {
        b'[' => Ok(Value::List(vec![parse_value(input)?])),
                                  //^^^^^^^^^^^ recursion-without-limit: `parse_value` calls itself as deep as its input is nested
        _ => Ok(Value::Nil),
    }
}
impl Decoder<'_> {
    fn decode_item(&mut self) -> Result<Item> {
        let count = self.length()?;
        (0..count).map(|_| self.decode_item()).collect()
                              //^^^^^^^^^^^^^ recursion-without-limit
    }
}
impl Message {
    pub fn decode(buf: &mut impl Buf) -> Result<Self> {
        let child = if buf.get_u8() == 1 { Some(Box::new(Self::decode(buf)?)) } else { None };
                                                       //^^^^^^^^^^^^^^^^^ recursion-without-limit
        Ok(Self { child })
    }
}
fn read_object<R: Read>(reader: &mut Reader<R>) -> Result<Object> {
    while more(reader) {
        read_object(reader)?;
      //^^^^^^^^^^^^^^^^^^^ recursion-without-limit
    }
    Ok(Object)
}
"#,
        );
    }

    #[test]
    fn limits_and_other_recursions_are_left_alone() {
        silent(
            &RULE,
            r#"
use serde_json::Value;
fn parse_comments(json: &Value, text: &str) -> Vec<Comment> {
    json["replies"].as_array().into_iter().flatten().flat_map(|it| parse_comments(it, text)).collect()
}
fn parse_value(input: &mut &[u8], depth: usize) -> Result<Value> {
    if depth > 64 {
        return Err(Error);
    }
    parse_value(input, depth + 1)
}
impl Parser {
    fn parse_expr(&mut self) -> Result<Expr> {
        self.depth += 1;
        let inner = self.parse_expr()?;
        self.depth -= 1;
        Ok(inner)
    }
    fn parse_list(&mut self) -> Result<Expr> {
        stacker::maybe_grow(1024, 4096, || self.parse_list())
    }
}
impl Wrapper {
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(inner.parse()?, parse(text)?))
    }
}
fn walk(folder: &Path) -> Result<()> {
    for entry in folder.read_dir()? {
        walk(&entry?.path())?;
    }
    Ok(())
}
fn fib(n: u64) -> u64 { fib(n - 1) + fib(n - 2) }
impl ObjectClient for Client {
    async fn read_object(&self, key: &str) -> Result<Object> {
        self.read_object(key).await
    }
}
"#,
        );
    }
}
