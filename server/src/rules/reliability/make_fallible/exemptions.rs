//! Calls that look like those of `Option` and `Result`, or that cannot panic at run time.

use crate::analysis::Context;
use crate::project::{SymbolIndex, base_name};
use crate::semantics::literals::string_literal;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// What tells whose method is called, kept for a question to the symbol index.
#[derive(Debug, Clone)]
struct Receiver {
    /// The last name of a receiver that is a plain path or field: `parser` in `self.parser`.
    name: String,
    /// The type whose `impl` holds the call, when the receiver starts with `self`.
    self_type: Option<String>,
    /// Whether the name is that of a method which gives what is unwrapped.
    called: bool,
}

/// Tells, from the symbol index, whether `receiver.method(…)` calls a method that the workspace
/// itself defines under the name of a method of `Option` and `Result`.
pub fn is_user_method(
    receiver: &ast::Expr,
    method: &str,
    cx: &Context<'_>,
) -> impl Fn(&SymbolIndex) -> bool + Send + Sync + 'static {
    let receiver = plain_receiver(receiver, cx);
    let method = method.to_string();
    move |symbols| {
        let Some(receiver) = &receiver else { return false };
        symbols.functions(&method).filter(|function| function.has_self).any(|function| {
            let Some(owner) = &function.owner else { return false };
            if receiver.called {
                let mut given =
                    symbols.functions(&receiver.name).filter(|it| it.has_self).peekable();
                return given.peek().is_some()
                    && given.all(|it| it.returns.as_deref().map(base_name) == Some(owner));
            }
            let mut fields = symbols.fields(&receiver.name).peekable();
            if fields.peek().is_some() && fields.all(|ty| base_name(ty) == owner) {
                return true;
            }
            match &receiver.self_type {
                Some(self_type) if receiver.name == "self" => self_type == owner,
                Some(self_type) => {
                    let fields = symbols.types(self_type).flat_map(|def| &def.fields);
                    let mut types = fields.filter(|(name, _)| *name == receiver.name);
                    types.any(|(_, ty)| ty.contains(owner.as_str()))
                }
                None => is_named_after(&receiver.name, owner),
            }
        })
    }
}

fn plain_receiver(receiver: &ast::Expr, cx: &Context<'_>) -> Option<Receiver> {
    match receiver {
        ast::Expr::PathExpr(path) => {
            let name = path.syntax().text().to_string();
            let self_type = (name == "self").then(|| self_type(path.syntax(), cx)).flatten();
            Some(Receiver { name, self_type, called: false })
        }
        ast::Expr::FieldExpr(field) => {
            let of_self = field.expr().is_some_and(|it| it.syntax().text() == "self");
            let self_type = of_self.then(|| self_type(field.syntax(), cx)).flatten();
            let name = field.name_ref()?.text().to_string();
            Some(Receiver { name, self_type, called: false })
        }
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?.text().to_string();
            Some(Receiver { name, self_type: None, called: true })
        }
        _ => None,
    }
}

/// The name of the type or trait whose members include the place of `node`.
pub fn self_type(node: &SyntaxNode, cx: &Context<'_>) -> Option<String> {
    cx.ancestors(node).find_map(|node| {
        if let Some(item) = ast::Impl::cast(node.clone()) {
            let text = item.self_ty()?.syntax().text().to_string();
            let text = text.trim_start_matches('&');
            let end = text.find(['<', ' ']).unwrap_or(text.len());
            return text[..end].rsplit("::").next().map(str::to_string);
        }
        let item = ast::Trait::cast(node)?;
        ast::HasName::name(&item).map(|name| name.text().to_string())
    })
}

/// `parser`, `p` and `expr_parser` are named after `Parser`.
fn is_named_after(name: &str, ty: &str) -> bool {
    let ty: Vec<String> = words(ty).collect();
    let initial = ty.iter().any(|word| word.get(..1) == Some(name));
    initial || words(name).any(|word| ty.contains(&word))
}

/// Whether a call is evaluated by the compiler, which a panic only stops: in the value of a
/// constant or a static, and not in a closure or function in it.
pub fn runs_at_compile_time(call: &SyntaxNode, cx: &Context<'_>) -> bool {
    for node in cx.ancestors(call) {
        match node.kind() {
            SyntaxKind::CONST | SyntaxKind::STATIC => return true,
            SyntaxKind::BLOCK_EXPR => {
                let block = ast::BlockExpr::cast(node);
                if block.is_some_and(|it| it.const_token().is_some()) {
                    return true;
                }
            }
            SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR | SyntaxKind::MACRO_CALL => return false,
            _ => {}
        }
    }
    false
}

/// Whether a call stands in the initialiser of a static and only compiles a regular expression
/// that is written there: it fails the first time it runs or never.
pub fn initialises_static_regex(receiver: &ast::Expr, cx: &Context<'_>) -> bool {
    let ast::Expr::CallExpr(call) = receiver else { return false };
    let Some(function) = call.expr() else { return false };
    let function = function.syntax().text().to_string();
    let compiles = ["Regex::new", "RegexSet::new", "Glob::new"];
    if !compiles.iter().any(|it| function == *it || function.ends_with(&format!("::{it}"))) {
        return false;
    }
    let argument = call.arg_list().and_then(|list| list.args().next());
    let literal = argument.is_some_and(|argument| {
        string_literal(&argument).is_some() || argument.syntax().text().to_string().starts_with('r')
    });
    literal
        && cx.ancestors(call.syntax()).any(|node| match node.kind() {
            SyntaxKind::STATIC | SyntaxKind::CONST => true,
            SyntaxKind::MACRO_CALL => {
                crate::syntax::fragment::macro_name(&node).as_deref() == Some("lazy_static")
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                let name = ast::MethodCallExpr::cast(node).and_then(|call| call.name_ref());
                name.is_some_and(|name| name.text() == "get_or_init")
            }
            _ => false,
        })
}
