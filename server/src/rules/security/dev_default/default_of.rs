//! Where a literal is a default.

use crate::analysis::Context;
use crate::project::listened_names;
use crate::semantics::literals::is_wrapper;
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::green::own_name;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};

/// Functions that listen on an address, compare it, or put it in a text.
const USING_FUNCTIONS: &[&str] = &[
    "Err", "about", "bail", "bind", "bind_addr", "contains", "context", "ends_with", "eq",
    "eq_ignore_ascii_case", "expect", "help", "long_help", "ne", "split_once", "starts_with",
    "strip_prefix", "strip_suffix", "with_context",
];

/// Words of constants that settings fall back to.
const SETTING_WORDS: &[&str] = &[
    "addr", "address", "addresses", "bootstrap", "broker", "brokers", "default", "dsn", "endpoint",
    "endpoints", "gateway", "host", "hosts", "node", "nodes", "origin", "origins", "peer", "peers",
    "relay", "rpc", "seed", "seeds", "server", "servers", "token", "uri", "url",
];

/// A literal that is a default, or a link that is given out.
pub(super) struct DefaultValue {
    /// The names around it, the nearest first.
    pub names: Vec<String>,
    /// Whether it is used when another value is absent.
    pub is_fallback: bool,
    /// The constant that it is the value of.
    pub constant: Option<String>,
}

/// The default that a literal is, or is a part of; a whole URL need not be one.
pub(super) fn default_of(
    token: &SyntaxToken,
    parent: &SyntaxNode,
    cx: &Context<'_>,
) -> Option<DefaultValue> {
    if parent.ancestors().any(|node| node.kind() == SyntaxKind::ATTR) {
        return attribute_default(token, parent);
    }
    let mut way = Way { is_url: token.text().contains("://"), ..Way::default() };
    let mut below = parent.clone();
    for node in cx.ancestors(parent) {
        match node.kind() {
            SyntaxKind::LITERAL_PAT | SyntaxKind::MATCH_GUARD => return None,
            SyntaxKind::BIN_EXPR => {
                let op = ast::BinExpr::cast(node.clone()).and_then(|it| it.op_kind());
                if matches!(op, Some(ast::BinaryOp::CmpOp(_) | ast::BinaryOp::LogicOp(_))) {
                    return None;
                }
            }
            // `vec!` and `format!` make values; the others log, fail or check.
            SyntaxKind::MACRO_CALL => match macro_name(&node).as_deref() {
                Some("format") => way.is_filled_in |= token.text().contains('{'),
                Some("vec" | "concat") => {}
                _ => return None,
            },
            SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR
                if below.kind() == SyntaxKind::ARG_LIST =>
            {
                way.pass_to(&node)?;
            }
            SyntaxKind::IF_EXPR => way.is_fallback |= is_else_of_absent(&node, &below),
            SyntaxKind::MATCH_ARM => way.is_fallback |= is_arm_of_absent(&node),
            SyntaxKind::RECORD_EXPR_FIELD => {
                let field = ast::RecordExprField::cast(node.clone())?;
                way.names.push(field.field_name()?.text().to_string());
            }
            SyntaxKind::LET_STMT => {
                if let Some(ast::Pat::IdentPat(pat)) = ast::LetStmt::cast(node.clone())?.pat() {
                    let name = pat.name()?.text().to_string();
                    way.names.push(name.clone());
                    way.variable = Some(name);
                }
            }
            SyntaxKind::CONST | SyntaxKind::STATIC => return way.end_in_constant(&node, cx),
            SyntaxKind::FN => return way.end_in_function(&node, in_default_impl(parent, cx), cx),
            _ => {}
        }
        below = node;
    }
    None
}

/// What a literal passes on its way out to the item that it is in.
#[derive(Default)]
struct Way {
    names: Vec<String>,
    /// The local variable that it is the value of.
    variable: Option<String>,
    is_url: bool,
    /// It is used when another value is absent.
    is_fallback: bool,
    /// A function is given it.
    is_passed: bool,
    /// `format!` puts values into it.
    is_filled_in: bool,
}

impl Way {
    /// Passes an argument list of a call; nothing when the call makes no default of it.
    fn pass_to(&mut self, call: &SyntaxNode) -> Option<()> {
        let function = own_name(call.green()).unwrap_or_default().to_string();
        if USING_FUNCTIONS.contains(&function.as_str()) {
            return None;
        }
        let method = ast::MethodCallExpr::cast(call.clone());
        if matches!(function.as_str(), "unwrap_or" | "unwrap_or_else" | "map_or") {
            let receiver = method?.receiver()?;
            // A whole URL is no host taken from a request.
            if self.is_url || reads_setting(&receiver) {
                self.is_fallback = true;
                self.names.push(receiver.syntax().text().to_string());
            }
        } else if method.is_some() {
            self.is_passed = true;
            self.names.push(function);
        } else {
            self.is_passed |= !is_wrapper(&function);
        }
        Some(())
    }

    fn end_in_constant(mut self, item: &SyntaxNode, cx: &Context<'_>) -> Option<DefaultValue> {
        let name = item.children().find_map(ast::Name::cast)?.text().to_string();
        let is_setting = has_any_word(&name, SETTING_WORDS) && !is_native_redirect(&name, cx);
        self.names.push(name.clone());
        let is_default = (self.is_fallback || is_setting)
            && !*cx.once("local by design", item, || is_local_by_design(item));
        let constant = Some(name);
        is_default.then_some(DefaultValue { names: self.names, is_fallback: true, constant })
    }

    fn end_in_function(
        mut self,
        item: &SyntaxNode,
        in_default: bool,
        cx: &Context<'_>,
    ) -> Option<DefaultValue> {
        let function = ast::Fn::cast(item.clone())?.name()?.text().to_string();
        self.is_fallback |= function.starts_with("default_")
            || function.ends_with("_default")
            || function.ends_with("_defaults")
            || function == "default" && in_default;
        // `let address = …unwrap_or("127.0.0.1:80"); listen(address)`
        if self.variable.is_some_and(|it| {
            cx.once("listened names", item, || listened_names(item)).contains(&it)
        }) {
            return None;
        }
        self.names.push(function);
        let is_link = self.is_url && self.is_filled_in && !self.is_passed;
        let Self { names, is_fallback, .. } = self;
        ((is_fallback || is_link) && !is_local_by_design(item)).then_some(DefaultValue {
            names,
            is_fallback,
            constant: None,
        })
    }
}

/// Whether `branch` is what an `if let` does without a value.
fn is_else_of_absent(node: &SyntaxNode, branch: &SyntaxNode) -> bool {
    let Some(expr) = ast::IfExpr::cast(node.clone()) else { return false };
    let is_else =
        matches!(expr.else_branch(), Some(ast::ElseBranch::Block(it)) if it.syntax() == branch);
    let tests_presence = expr.condition().is_some_and(|it| match it {
        ast::Expr::LetExpr(it) => it.pat().is_some_and(|pat| {
            let pattern = pat.syntax().text().to_string();
            pattern.starts_with("Some") || pattern.starts_with("Ok")
        }),
        ast::Expr::MethodCallExpr(it) => {
            it.name_ref().is_some_and(|name| matches!(name.text(), "is_some" | "is_ok"))
        }
        _ => false,
    });
    is_else && tests_presence
}

/// Whether the arm of a `match` is that for a value that is not there.
fn is_arm_of_absent(arm: &SyntaxNode) -> bool {
    let pattern = ast::MatchArm::cast(arm.clone()).and_then(|it| it.pat());
    pattern.is_some_and(|it| {
        let text = it.syntax().text().to_string();
        text == "None" || text.starts_with("Err(") || text.starts_with("Ok(None")
    })
}

/// Whether a constant is where a program on a user's machine has itself called back (RFC 8252).
fn is_native_redirect(name: &str, cx: &Context<'_>) -> bool {
    !cx.file().in_server() && has_any_word(name, &["callback", "redirect"])
}

/// Whether the documentation says that an address is meant to be that of this machine.
fn is_local_by_design(item: &SyntaxNode) -> bool {
    let comments = item.children_with_tokens().filter_map(NodeOrToken::into_token);
    comments.filter(|it| it.kind() == SyntaxKind::COMMENT).any(|comment| {
        let text = comment.text();
        text.starts_with("///")
            && (text.contains("RFC 8252")
                || has_any_word(
                    text,
                    &["daemon", "emulator", "loopback", "sidecar", "test", "tests"],
                ))
    })
}

fn in_default_impl(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let item = cx.ancestors(node).find_map(ast::Impl::cast);
    let of_trait = item.and_then(|item| item.trait_());
    of_trait.is_some_and(|it| it.syntax().text().to_string().ends_with("Default"))
}

/// Whether a value comes from outside: then what stands in for it is a default.
fn reads_setting(receiver: &ast::Expr) -> bool {
    let words = ["args", "cfg", "cli", "config", "env", "matches", "opts", "settings", "var"];
    has_any_word(&receiver.syntax().text().to_string(), &words)
}

/// `default_value = "…"`, `default_value_t = f("…")` and their like.
fn attribute_default(token: &SyntaxToken, parent: &SyntaxNode) -> Option<DefaultValue> {
    let mut before = token.prev_sibling_or_token();
    let mut tree = parent.clone();
    loop {
        while let Some(element) = before {
            match &element {
                NodeOrToken::Token(it) if it.kind() == T![,] => return None,
                NodeOrToken::Token(it) if it.kind() == T![=] => {
                    let key = it.prev_token().filter(|key| key.kind() != SyntaxKind::WHITESPACE);
                    let key = key.or_else(|| it.prev_token().and_then(|key| key.prev_token()))?;
                    let is_default = key.text().starts_with("default");
                    let field = parent.ancestors().find_map(ast::RecordField::cast);
                    let name = field.and_then(|it| it.name()).map(|it| it.text().to_string());
                    let names = name.into_iter().collect();
                    let constant = None;
                    return is_default.then_some(DefaultValue {
                        names,
                        is_fallback: true,
                        constant,
                    });
                }
                _ => {}
            }
            before = element.prev_sibling_or_token();
        }
        before = tree.prev_sibling_or_token();
        tree = tree.parent().filter(|it| it.kind() == SyntaxKind::TOKEN_TREE)?;
    }
}
