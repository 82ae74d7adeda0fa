//! Whether a comparison is one of secrets, and of which.

use super::enclosing::{EnclosingCode, is_cryptographic};
use super::operands::{OperandNames, bare, is_of_a_key, is_secret_noun, type_authenticator};
use crate::project::SymbolIndex;
use crate::semantics::secrets::{
    Authenticator, AuthenticatorKind, authenticator, decides_access, is_expectation, is_restatement,
};
use crate::semantics::shape::{Binding, Kind, Shape, binding};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Words of collections whose keys or elements are secrets.
const COLLECTION_WORDS: &[&str] =
    &["apikeys", "credentials", "keys", "passwords", "secrets", "sessions", "tokens"];

/// Words of what a client presents to prove who it is.
const PRESENTED_WORDS: &[&str] = &["auth", "authorization", "cookie", "header", "provided"];

/// A secret that is compared.
pub struct ComparedSecret {
    pub name: String,
    /// Of the operands.
    pub shapes: Vec<Shape>,
    /// Whether its name is enough.
    pub strong: bool,
}

impl ComparedSecret {
    pub fn message(&self, operation: &str) -> String {
        let subject = match self.name.contains(' ') {
            true => format!("{} are", self.name),
            false => format!("`{}` is", self.name),
        };
        format!("{subject} compared with `{operation}`, which is not constant-time")
    }
}

/// One operand of a comparison.
struct Side {
    /// What it is called, and what the values that it was made of are called.
    names: Vec<String>,
    authenticator: Option<(Authenticator, String)>,
    shape: Shape,
}

impl Side {
    fn new(expr: &ast::Expr, code: &EnclosingCode<'_>) -> Option<Self> {
        let mut names = OperandNames { code, names: Vec::new(), authenticator: None };
        names.collect(expr, code.around, 0)?;
        let shape = Shape::of(expr, code.around);
        if shape.kind(None) == Some(Kind::Number) {
            return None;
        }
        let mut authenticator = names.authenticator;
        if authenticator.is_none()
            && let Some(Kind::Named(ty)) = shape.kind(None)
            && let Some(told) = type_authenticator(&ty, code.file)
        {
            let name = names.names.first().cloned().unwrap_or_else(|| ty.clone());
            authenticator = Some((told, name));
        }
        Some(Self { names: names.names, authenticator, shape })
    }

    fn any_name(&self, test: impl Fn(&str) -> bool) -> bool {
        self.names.iter().any(|name| test(name))
    }
}

/// The secret that two operands compare, if any.
pub fn compared_secret(
    left: &ast::Expr,
    right: &ast::Expr,
    code: &EnclosingCode<'_>,
) -> Option<ComparedSecret> {
    if code.in_assertion {
        return None;
    }
    let (left, right) = (Side::new(left, code)?, Side::new(right, code)?);
    if code.in_partial_eq {
        return type_equality(&left, &right, code);
    }
    // A side whose own name tells all comes before one that tells it by what it was made of.
    let tells = |(told, name): &(Authenticator, String)| {
        (told.strong, authenticator(name, &code.file.secret_names).is_some_and(|it| it.strong))
    };
    let (best, other) = match (&left.authenticator, &right.authenticator) {
        (Some(a), Some(b)) if tells(b) > tells(a) => (&right, &left),
        (None, _) => (&right, &left),
        _ => (&left, &right),
    };
    let found = |name: &str, strong| {
        let shapes = vec![left.shape.clone(), right.shape.clone()];
        Some(ComparedSecret { name: name.to_string(), shapes, strong })
    };
    let Some((told, name)) = &best.authenticator else {
        // Neither side has a telling name: the function must say what this is about.
        let expected = left.any_name(is_expectation) || right.any_name(is_expectation);
        let named = code
            .functions
            .first()
            .filter(|it| decides_access(it) && words(it).any(|word| is_secret_noun(&word)))?;
        let plain = |side: &Side| {
            matches!(side.shape.kind(None), Some(Kind::Text | Kind::Bytes))
                && !matches!(side.shape, Shape::Method(..))
        };
        let told = expected && (plain(&left) || plain(&right));
        return told.then(|| found(first_name(&left, &right, named), false)).flatten();
    };
    let restated = matches!(told.kind, AuthenticatorKind::Secret | AuthenticatorKind::Token)
        && (left.any_name(is_restatement) || right.any_name(is_restatement));
    if restated {
        return None;
    }
    if told.strong {
        return found(name, true);
    }
    let paired = other.authenticator.as_ref().is_some_and(|(it, _)| it.kind == told.kind)
        || other.any_name(is_expectation)
        || best.any_name(is_expectation);
    let supported = match told.kind {
        // `Tokens` may belong to a parser, but not where cryptographic code verifies them.
        AuthenticatorKind::Token | AuthenticatorKind::Secret if code.parses => {
            code.file.critical && code.decides_access()
        }
        AuthenticatorKind::Token | AuthenticatorKind::Secret => paired || code.decides_access(),
        AuthenticatorKind::Fingerprint => {
            let of_key = code.file.critical || code.owner.as_deref().is_some_and(is_of_a_key);
            code.decides_access() || paired && of_key || best.any_name(is_of_a_key)
        }
        AuthenticatorKind::Mac => code.decides_access() || is_cryptographic(code),
        AuthenticatorKind::Signature | AuthenticatorKind::Digest | AuthenticatorKind::Code => {
            let verifies = ["verify", "validate"];
            let is_check = code.functions.first().is_some_and(|it| verifies.contains(&it.as_str()));
            code.decides_access() || paired && is_check
        }
    };
    supported.then(|| found(name, false)).flatten()
}

/// In `PartialEq` for a type only the type says whether the comparison is one of secrets.
fn type_equality(left: &Side, right: &Side, code: &EnclosingCode<'_>) -> Option<ComparedSecret> {
    let owner = code.owner.as_deref()?;
    let told = type_authenticator(owner, code.file)?;
    let name = owner.split('<').next().unwrap_or(owner).to_string();
    let shapes = vec![left.shape.clone(), right.shape.clone()];
    told.strong.then_some(ComparedSecret { name, shapes, strong: true })
}

/// A look-up by the secret itself, in a set or among the keys of a map.
pub fn looked_up_secret(
    receiver: &ast::Expr,
    argument: &ast::Expr,
    code: &EnclosingCode<'_>,
) -> Option<ComparedSecret> {
    let argument = Side::new(argument, code)?;
    let (told, name) = argument.authenticator.as_ref()?;
    if code.in_assertion
        || matches!(
            told.kind,
            AuthenticatorKind::Digest
                | AuthenticatorKind::Fingerprint
                | AuthenticatorKind::Signature
        )
    {
        return None;
    }
    let mut names = OperandNames { code, names: Vec::new(), authenticator: None };
    names.collect(receiver, code.around, 0);
    let receiver_name = names.names.first()?;
    // The collection must be one of secrets: text is searched for words with the same methods.
    let of_secrets = has_any_word(receiver_name, COLLECTION_WORDS);
    let certain = told.strong || code.decides_access() && !code.parses;
    (of_secrets && certain).then(|| ComparedSecret {
        name: name.clone(),
        shapes: vec![argument.shape.clone()],
        strong: told.strong,
    })
}

/// `header.ends_with(token)`.
pub fn secret_affix(
    receiver: &ast::Expr,
    argument: &ast::Expr,
    code: &EnclosingCode<'_>,
) -> Option<ComparedSecret> {
    let argument = Side::new(argument, code)?;
    let (told, name) = argument.authenticator.as_ref()?;
    if code.in_assertion || !told.strong {
        return None;
    }
    let mut names = OperandNames { code, names: Vec::new(), authenticator: None };
    names.collect(receiver, code.around, 0);
    // A line or a path is searched, a header or another secret is checked.
    let checked = names.authenticator.is_some()
        || names.names.iter().any(|it| has_any_word(it, PRESENTED_WORDS));
    (checked && code.decides_access()).then(|| ComparedSecret {
        name: name.clone(),
        shapes: vec![argument.shape.clone()],
        strong: true,
    })
}

pub fn is_len(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::MethodCallExpr(it) => it.name_ref().is_some_and(|it| it.text() == "len"),
        _ => false,
    }
}

/// A home-made comparison in constant time that returns at once when the lengths differ.
pub fn leaks_length(left: &ast::Expr, right: &ast::Expr, code: &EnclosingCode<'_>) -> bool {
    if !is_len(left) || !is_len(right) {
        return false;
    }
    let Some(branch) = code.around.get(1).and_then(|it| ast::IfExpr::cast(it.clone())) else {
        return false;
    };
    let returns =
        branch.then_branch().is_some_and(|it| it.syntax().text().to_string().contains("return"));
    let Some(function) = code.around.iter().find(|it| it.kind() == SyntaxKind::FN) else {
        return false;
    };
    let by_hand = function
        .descendants_with_tokens()
        .any(|it| matches!(it.kind(), SyntaxKind::CARET | SyntaxKind::CARETEQ));
    returns && by_hand && code.claims_constant_time()
}

/// The operands of `zip` when the comparison is that of their elements:
/// `a.iter().zip(b).all(|(x, y)| x == y)`.
pub fn zipped(
    left: &ast::Expr,
    right: &ast::Expr,
    around: &[SyntaxNode],
) -> Option<(ast::Expr, ast::Expr)> {
    let element = |expr: &ast::Expr| match bare(expr) {
        ast::Expr::PathExpr(it) => match binding(&it.syntax().text().to_string(), around)? {
            Binding::Element(ast::Expr::MethodCallExpr(call))
            | Binding::Part(ast::Expr::MethodCallExpr(call)) => Some(call),
            _ => None,
        },
        _ => None,
    };
    let (first, second) = (element(left)?, element(right)?);
    let is_zip = first.name_ref().is_some_and(|it| it.text() == "zip");
    if !is_zip || first != second {
        return None;
    }
    Some((first.receiver()?, first.arg_list()?.args().next()?))
}

fn first_name<'s>(left: &'s Side, right: &'s Side, function: &'s str) -> &'s str {
    let mut names = left.names.iter().chain(&right.names);
    names.find(|it| is_expectation(it)).map_or(function, String::as_str)
}
/// Whether the types, as far as the workspace tells them, are such that `==` stops early: bytes
/// and text, and not numbers, enums, or types that compare themselves in a way of their own.
pub fn is_plain_data(shapes: &[Shape], strong: bool, symbols: &SymbolIndex) -> bool {
    shapes.iter().all(|shape| match shape.kind(Some(symbols)) {
        Some(kind) => may_leak(&kind, strong, symbols, 0),
        None => true,
    })
}

fn may_leak(kind: &Kind, strong: bool, symbols: &SymbolIndex, depth: usize) -> bool {
    match kind {
        Kind::Text | Kind::Bytes => true,
        Kind::Number => false,
        Kind::Option(inner) => may_leak(inner, strong, symbols, depth),
        Kind::Named(name) => {
            if symbols.impls(name).any(|it| it.of_trait.starts_with("PartialEq")) || depth > 4 {
                return false;
            }
            let mut types = symbols.types(name).peekable();
            if types.peek().is_none() {
                // `[char]` and tuples have no name to look up; other crates' types are unknown.
                return false;
            }
            types.all(|it| match it.fields.as_slice() {
                [] => false,
                [(_, ty)] => {
                    let kind = Shape::Typed(ty.clone()).kind(Some(symbols));
                    kind.is_some_and(|kind| may_leak(&kind, strong, symbols, depth + 1))
                }
                _ => strong,
            })
        }
    }
}
