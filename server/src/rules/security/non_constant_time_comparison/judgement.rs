//! Whether a comparison is one of secrets.

use super::names::{Names, bare, is_of_a_key, is_secret_noun, type_clue};
use super::place::{Place, is_cryptographic};
use crate::project::SymbolIndex;
use crate::rules::support::clues::{
    Clue, What, authenticates, clue, is_expectation, is_restatement,
};
use crate::rules::support::shape::{Binding, Kind, Shape, binding};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// A comparison that leaks.
pub struct Verdict {
    /// Of the secret.
    pub name: String,
    pub shapes: Vec<Shape>,
    pub strong: bool,
}

impl Verdict {
    pub fn message(&self, operation: &str) -> String {
        let quote = if self.name.contains(' ') { "" } else { "`" };
        let name = &self.name;
        format!(
            "comparing {quote}{name}{quote} with `{operation}` leaks by its timing how much of a guess is right"
        )
    }
}

/// One operand of a comparison.
struct Side {
    /// What it is called, and what the values that it was made of are called.
    names: Vec<String>,
    clue: Option<(Clue, String)>,
    shape: Shape,
}

impl Side {
    fn new(expr: &ast::Expr, place: &Place<'_>) -> Option<Self> {
        let mut names = Names { place, names: Vec::new(), clue: None };
        names.collect(expr, place.around, 0)?;
        let shape = Shape::of(expr, place.around);
        if shape.kind(None) == Some(Kind::Number) {
            return None;
        }
        let mut clue = names.clue;
        if clue.is_none()
            && let Some(Kind::Named(ty)) = shape.kind(None)
            && let Some(told) = type_clue(&ty, place.file)
        {
            let name = names.names.first().cloned().unwrap_or_else(|| ty.clone());
            clue = Some((told, name));
        }
        Some(Self { names: names.names, clue, shape })
    }

    fn any_name(&self, test: impl Fn(&str) -> bool) -> bool {
        self.names.iter().any(|name| test(name))
    }
}

pub fn judge(left: &ast::Expr, right: &ast::Expr, place: &Place<'_>) -> Option<Verdict> {
    if place.in_assertion {
        return None;
    }
    let (left, right) = (Side::new(left, place)?, Side::new(right, place)?);
    if place.in_partial_eq {
        return judge_equality_of_type(&left, &right, place);
    }
    // A side whose own name tells all comes before one that tells it by what it was made of.
    let tells = |(told, name): &(Clue, String)| {
        (told.strong, clue(name, place.file).is_some_and(|it| it.strong))
    };
    let (best, other) = match (&left.clue, &right.clue) {
        (Some(a), Some(b)) if tells(b) > tells(a) => (&right, &left),
        (None, _) => (&right, &left),
        _ => (&left, &right),
    };
    let verdict = |name: &str, strong| {
        let shapes = vec![left.shape.clone(), right.shape.clone()];
        Some(Verdict { name: name.to_string(), shapes, strong })
    };
    let Some((clue, name)) = &best.clue else {
        // Neither side has a telling name: the function must say what this is about.
        let expected = left.any_name(is_expectation) || right.any_name(is_expectation);
        let named = place.functions.first().filter(|it| {
            authenticates(it) && crate::syntax::names::words(it).any(|word| is_secret_noun(&word))
        })?;
        let plain = |side: &Side| {
            matches!(side.shape.kind(None), Some(Kind::Text | Kind::Bytes))
                && !matches!(side.shape, Shape::Method(..))
        };
        let told = expected && (plain(&left) || plain(&right));
        return told.then(|| verdict(first_name(&left, &right, named), false)).flatten();
    };
    let restated = matches!(clue.what, What::Secret | What::Token)
        && (left.any_name(is_restatement) || right.any_name(is_restatement));
    if restated {
        return None;
    }
    if clue.strong {
        return verdict(name, true);
    }
    let paired = other.clue.as_ref().is_some_and(|(it, _)| it.what == clue.what)
        || other.any_name(is_expectation)
        || best.any_name(is_expectation);
    let supported = match clue.what {
        // `Tokens` may belong to a parser, but not where cryptographic code verifies them.
        What::Token | What::Secret if place.parses => place.file.critical && place.authenticates(),
        What::Token | What::Secret => paired || place.authenticates(),
        What::Fingerprint => {
            let of_key = place.file.critical || place.owner.as_deref().is_some_and(is_of_a_key);
            place.authenticates() || paired && of_key || best.any_name(is_of_a_key)
        }
        What::Mac => place.authenticates() || is_cryptographic(place),
        What::Signature | What::Digest | What::Code => {
            let verifies = ["verify", "validate"];
            let is_check =
                place.functions.first().is_some_and(|it| verifies.contains(&it.as_str()));
            place.authenticates() || paired && is_check
        }
    };
    supported.then(|| verdict(name, false)).flatten()
}

/// In `PartialEq` for a type only the type says whether the comparison is one of secrets.
fn judge_equality_of_type(left: &Side, right: &Side, place: &Place<'_>) -> Option<Verdict> {
    let owner = place.owner.as_deref()?;
    let clue = type_clue(owner, place.file)?;
    let name = owner.split('<').next().unwrap_or(owner).to_string();
    let shapes = vec![left.shape.clone(), right.shape.clone()];
    clue.strong.then_some(Verdict { name, shapes, strong: true })
}

/// A look-up by the secret itself, in a set or among the keys of a map.
pub fn judge_lookup(
    receiver: &ast::Expr,
    argument: &ast::Expr,
    place: &Place<'_>,
) -> Option<Verdict> {
    let argument = Side::new(argument, place)?;
    let (clue, name) = argument.clue.as_ref()?;
    if place.in_assertion || matches!(clue.what, What::Digest | What::Fingerprint | What::Signature)
    {
        return None;
    }
    let mut names = Names { place, names: Vec::new(), clue: None };
    names.collect(receiver, place.around, 0);
    let receiver_name = names.names.first()?;
    // The collection must be one of secrets: text is searched for words with the same methods.
    let of_secrets = crate::syntax::names::words(receiver_name).any(|word| {
        matches!(
            word.as_str(),
            "tokens" | "keys" | "apikeys" | "secrets" | "passwords" | "sessions" | "credentials"
        )
    });
    let certain = clue.strong || place.authenticates() && !place.parses;
    (of_secrets && certain).then(|| Verdict {
        name: name.clone(),
        shapes: vec![argument.shape.clone()],
        strong: clue.strong,
    })
}

/// `header.ends_with(token)`.
pub fn judge_affix(
    receiver: &ast::Expr,
    argument: &ast::Expr,
    place: &Place<'_>,
) -> Option<Verdict> {
    let argument = Side::new(argument, place)?;
    let (clue, name) = argument.clue.as_ref()?;
    if place.in_assertion || !clue.strong {
        return None;
    }
    let mut names = Names { place, names: Vec::new(), clue: None };
    names.collect(receiver, place.around, 0);
    // A line or a path is searched, a header or another secret is checked.
    let checked = names.clue.is_some()
        || names.names.iter().any(|it| {
            crate::syntax::names::words(it).any(|it| {
                matches!(it.as_str(), "header" | "auth" | "authorization" | "provided" | "cookie")
            })
        });
    (checked && place.authenticates()).then(|| Verdict {
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
pub fn leaks_length(left: &ast::Expr, right: &ast::Expr, place: &Place<'_>) -> bool {
    if !is_len(left) || !is_len(right) {
        return false;
    }
    let Some(branch) = place.around.get(1).and_then(|it| ast::IfExpr::cast(it.clone())) else {
        return false;
    };
    let returns =
        branch.then_branch().is_some_and(|it| it.syntax().text().to_string().contains("return"));
    let Some(function) = place.around.iter().find(|it| it.kind() == SyntaxKind::FN) else {
        return false;
    };
    let by_hand = function
        .descendants_with_tokens()
        .any(|it| matches!(it.kind(), SyntaxKind::CARET | SyntaxKind::CARETEQ));
    returns && by_hand && place.claims_constant_time()
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
