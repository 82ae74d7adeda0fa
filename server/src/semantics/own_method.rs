//! Methods of the workspace's own types that bear the name of a method of `std` or of a crate.

use super::NodeContext;
use super::expressions::last_name;
use super::shape::{Shape, bare, pointee};
use crate::project::{Function, SymbolIndex, base_name};
use crate::syntax::ast;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxNode};

/// A method call, kept for the question to the symbol index whose method it calls.
#[derive(Debug, Clone)]
pub struct MethodCall {
    receiver: Shape,
    /// The name that the receiver goes by.
    name: Option<String>,
    method: String,
}

impl MethodCall {
    /// `receiver.method(…)`
    pub fn new(receiver: &ast::Expr, method: &str, cx: &NodeContext<'_>) -> Self {
        let around: Vec<SyntaxNode> = cx.ancestors(receiver.syntax()).collect();
        let receiver_shape = Shape::of(receiver, &around);
        let named = match receiver {
            ast::Expr::PathExpr(_) | ast::Expr::FieldExpr(_) => last_name(receiver),
            _ => None,
        };
        Self { receiver: receiver_shape, name: named, method: method.to_string() }
    }

    /// The receiver's type as it is written, without references and what only points to it.
    pub fn receiver_text(&self, symbols: &SymbolIndex) -> Option<String> {
        let ty = self.receiver.resolve(Some(symbols))?;
        Some(pointee(bare(&ty)).trim_start_matches("impl").to_string())
    }

    /// The name of the receiver's type, without references, generics and what only points to it.
    pub fn receiver_type(&self, symbols: &SymbolIndex) -> Option<String> {
        Some(base_name(&self.receiver_text(symbols)?).to_string())
    }

    /// The functions of the workspace that the call may mean; none when it is a method of `std` or
    /// of another crate, as far as can be told.
    pub fn own<'s>(&self, symbols: &'s SymbolIndex) -> Vec<&'s Function> {
        let methods = symbols.functions(&self.method).filter(|it| it.has_self);
        let mut methods = methods.peekable();
        if methods.peek().is_none() {
            return Vec::new();
        }
        let ty = self.receiver_type(symbols);
        let is_owner = |owner: &str| match &ty {
            Some(ty) => ty == owner,
            None => self.name.as_deref().is_some_and(|name| {
                let mut fields = symbols.fields(name).peekable();
                match fields.peek().is_some() {
                    true => fields.all(|ty| base_name(ty) == owner),
                    false => is_named_after(name, owner),
                }
            }),
        };
        methods.filter(|it| it.owner.as_deref().is_some_and(is_owner)).collect()
    }

    /// Whether the method is one of the workspace.
    pub fn is_own(&self, symbols: &SymbolIndex) -> bool {
        !self.own(symbols).is_empty()
    }
}

/// `parser`, `p` and `expr_parser` are named after `Parser`.
fn is_named_after(name: &str, ty: &str) -> bool {
    let ty: Vec<String> = words(ty).collect();
    let initial = ty.iter().any(|word| word.get(..1) == Some(name));
    initial || words(name).any(|word| ty.contains(&word))
}
