//! What the workspace has to say for a comparison to be one of secrets.

use super::constants::Constant;
use crate::project::SymbolIndex;
use crate::semantics::secrets::{SecretNames, TypeContent};
use crate::semantics::shape::{Kind, Shape};

/// What the workspace has to say for a comparison to be one of secrets.
#[derive(Default)]
pub struct Condition {
    /// Of the operands.
    pub shapes: Vec<Shape>,
    /// Whether the name is enough.
    pub strong: bool,
    /// Whether one of the operands has to be known as text or bytes.
    pub needs_data: bool,
    /// Constants that have to hold a secret.
    pub constants: Vec<Constant>,
    /// The holders of two fields of one name: a diff of two values of one type.
    pub holders: Option<[Shape; 2]>,
    pub names: SecretNames,
}

impl Condition {
    /// Whether the comparison is one of secrets.
    pub fn holds(&self, symbols: &SymbolIndex) -> bool {
        let is_diff = self.holders.as_ref().is_some_and(|[left, right]| {
            let types = (left.kind(Some(symbols)), right.kind(Some(symbols)));
            matches!(types, (Some(left), Some(right)) if left == right)
        });
        let is_data = |shape: &Shape| {
            let kind = shape.kind(Some(symbols));
            matches!(kind, Some(Kind::Text | Kind::Bytes)) && !matches!(shape, Shape::Method(..))
        };
        !is_diff
            && (!self.needs_data || self.shapes.iter().any(is_data))
            && self.constants.iter().all(|it| it.holds_secret(&self.names, symbols))
            && is_plain_data(&self.shapes, self.strong, symbols)
    }
}

/// Whether the types, as far as the workspace tells them, are such that `==` stops early: bytes
/// and text, and not numbers, enums, or types that compare themselves in a way of their own.
fn is_plain_data(shapes: &[Shape], strong: bool, symbols: &SymbolIndex) -> bool {
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
                // `[char]` and tuples have no name to look up; other crates' types are unknown but
                // for those of texts.
                return TypeContent::of(name).is_plain();
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
