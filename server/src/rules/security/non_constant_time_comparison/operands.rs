//! What is known of one side of a comparison.

use super::constants::Constant;
use crate::semantics::FileContext;
use crate::semantics::secrets::{
    Authenticator, AuthenticatorKind, authenticator, is_generic, is_of_public_part, is_restatement,
};
use crate::semantics::shape::Shape;
use crate::syntax::ast;
use crate::syntax::names::words;

/// One side of a comparison.
#[derive(Default)]
pub struct Operand {
    /// What it is called, then what the values that it was made of are called.
    pub names: Vec<String>,
    /// What proves something with it, and the name that says so.
    pub authenticator: Option<(Authenticator, String)>,
    /// The names of what holds it: `config` of `config.token`, and what that was made of.
    pub owners: Vec<String>,
    /// The one field that it is, and the shape of what holds it.
    pub field: Option<(String, String, Shape)>,
    /// The program's own text, a length, or another value that everybody may know.
    pub is_public: bool,
    /// A constant, which may hold a secret.
    pub constant: Option<Constant>,
    /// The function that asks a person for it.
    pub prompt: Option<String>,
    /// It came with a request.
    pub is_presented: bool,
    /// The type of what holds it is that of a request, or of a part of one.
    pub comes_with_request: bool,
    /// The text of what the local variable that it is was made of.
    pub origin: Option<String>,
    /// The same of what holds it.
    pub holder_origin: Option<String>,
    /// It was computed with a key, as MACs and signatures are.
    pub is_keyed: bool,
    pub shape: Option<Shape>,
    /// As it is written.
    pub text: String,
}

impl Operand {
    pub fn any_name(&self, test: impl Fn(&str) -> bool) -> bool {
        self.names.iter().any(|name| test(name))
    }

    /// Whether all that it is called says nothing of what it is.
    pub fn is_nameless(&self) -> bool {
        self.names.iter().all(|name| is_generic(name))
    }

    /// Whether its own name is that of something that may be known to all.
    pub fn is_named_public(&self) -> bool {
        self.names.first().is_some_and(|name| is_of_public_part(name))
    }

    /// Whether it is the former or the other state of a value, or what was typed a second time.
    pub fn is_restated(&self) -> bool {
        self.any_name(is_restatement) || self.owners.iter().any(|name| is_restatement(name))
    }

    /// Keeps what tells more than what is known so far, under the name that is nearer.
    pub fn learn(&mut self, told: Authenticator, name: &str) {
        match &mut self.authenticator {
            Some((old, _)) if told.strong && !old.strong || old.kind == AuthenticatorKind::Key => {
                *old = told;
            }
            Some(_) => {}
            None => self.authenticator = Some((told, name.to_string())),
        }
    }
}

pub fn bare(expr: &ast::Expr) -> ast::Expr {
    let inner = match expr {
        ast::Expr::ParenExpr(it) => it.expr(),
        ast::Expr::RefExpr(it) => it.expr(),
        ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Deref) => it.expr(),
        _ => None,
    };
    inner.map_or_else(|| expr.clone(), |inner| bare(&inner))
}

/// What the name of a type says of its values. Of weak names but `…Mac` nothing: `Token` and
/// `Signature` are the names of many types.
pub fn type_authenticator(name: &str, file: &FileContext) -> Option<Authenticator> {
    let name = name.trim_start_matches('&').split('<').next().unwrap_or_default();
    let name = name.rsplit("::").next().unwrap_or(name);
    let told = authenticator(name, &file.secret_names)?;
    let is_mac = told.kind == AuthenticatorKind::Mac && words(name).any(|it| it == "mac");
    (told.strong || is_mac).then_some(Authenticator { strong: true, ..told })
}
