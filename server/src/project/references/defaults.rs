//! What a program takes for an environment variable that is not set, where it is a literal.

use super::reference::ReferenceKind;
use crate::syntax::SyntaxKind;
use crate::text::FileRange;

/// Methods whose first argument stands in for a variable that is not set.
const METHODS: &[&str] = &["unwrap_or", "unwrap_or_else", "map_or"];

/// Functions that leave the value that they are given what it is.
const WRAPPERS: &[&str] = &["Ok", "Some", "from", "into"];

/// Follows a reader of tokens from the read of a variable to its default. Brackets are counted
/// from the item on.
#[derive(Default)]
pub(super) struct Defaults<'t> {
    /// The reference of a variable's read, how many brackets are around it, and whether a method
    /// that gives its default was called.
    read: Option<(usize, usize, bool)>,
    /// A literal, with the reference of the variable: its default, unless an operator follows.
    literal: Option<(usize, FileRange, &'t str)>,
    /// Whether what was read is compared with something that does not mean "yes": a flag that
    /// stands in for the result says the opposite, or something else.
    is_other: bool,
    /// Whether the comparison is negated.
    is_negated: bool,
}

impl<'t> Defaults<'t> {
    /// The call that reads a variable was closed.
    pub(super) fn read(&mut self, reference: usize, depth: usize) {
        self.read = Some((reference, depth, false));
        self.is_other = false;
        self.is_negated = false;
    }

    /// What was read is compared with something.
    pub(super) fn compare(&mut self, is_negated: bool) {
        self.is_other = true;
        self.is_negated |= is_negated;
    }

    /// The something is a string.
    pub(super) fn compare_with(&mut self, text: &str) {
        let means_yes = matches!(text, "1" | "true" | "yes" | "on");
        let means_no = matches!(text, "0" | "false" | "no" | "off");
        if means_yes && !self.is_negated || means_no && self.is_negated {
            self.is_other = false;
        }
    }

    /// Whether a flag that stands in for the result of a comparison is no default; asked once.
    pub(super) fn take_other(&mut self) -> bool {
        self.is_negated = false;
        std::mem::take(&mut self.is_other)
    }

    /// A method is called on something.
    pub(super) fn method(&mut self, name: &str, depth: usize) {
        if let Some((_, around, given)) = &mut self.read
            && *around == depth
        {
            *given |= METHODS.contains(&name);
        }
    }

    /// A token that is no literal, and what the last literal is the default of when this token
    /// follows it.
    pub(super) fn token(
        &mut self,
        kind: SyntaxKind,
        depth: usize,
    ) -> Option<(usize, FileRange, &'t str)> {
        use SyntaxKind::{
            COLON2, COMMA, DOT, IDENT, L_ANGLE, L_PAREN, QUESTION, R_ANGLE, R_BRACK, R_PAREN,
        };
        let goes_on = matches!(kind, DOT | IDENT | COLON2 | L_ANGLE | R_ANGLE | L_PAREN | QUESTION);
        let is_over = |(_, around, _): (usize, usize, bool)| {
            depth < around || depth == around && !goes_on && kind != R_PAREN
        };
        if self.read.is_some_and(is_over) {
            self.read = None;
        }
        self.literal.take().filter(|_| matches!(kind, R_PAREN | R_BRACK | COMMA | DOT))
    }

    /// A literal behind `before`. `callees` are those of the brackets around it, the innermost
    /// first.
    pub(super) fn literal<'c>(
        &mut self,
        text: &'t str,
        range: FileRange,
        before: Option<SyntaxKind>,
        depth: usize,
        callees: impl Iterator<Item = &'c str>,
    ) {
        use SyntaxKind::{L_PAREN, PIPE, PIPE2};
        let Some((reference, around, true)) = self.read else { return };
        if self.is_other && is_flag(text) {
            return;
        }
        let is_value = |callee: &str| METHODS.contains(&callee) || WRAPPERS.contains(&callee);
        if depth > around
            && matches!(before, Some(L_PAREN | PIPE | PIPE2))
            && callees.take(depth - around).all(is_value)
        {
            self.literal = Some((reference, range, text));
            self.read = None;
        }
    }

    /// A literal that is the default of a variable by its place.
    pub(super) fn stated(&mut self, reference: usize, range: FileRange, text: &'t str) {
        self.literal = Some((reference, range, text));
    }
}

/// Whether a literal is `true` or `false`.
pub(super) fn is_flag(text: &str) -> bool {
    matches!(text, "true" | "false")
}

/// The reference of a default, given the variable's own and the literal; nothing when the literal
/// is empty or a pattern to fill in.
pub(super) fn default_of(read: &ReferenceKind, literal: &str) -> Option<ReferenceKind> {
    let ReferenceKind::Env { name, via, prefix: false, .. } = read else { return None };
    let value = match literal.find('"') {
        Some(start) => literal.get(start + 1..literal.rfind('"')?)?.to_string(),
        None => number(literal),
    };
    let is_literal = !value.trim().is_empty() && !value.contains(['{', '\\', '\n']);
    is_literal.then(|| ReferenceKind::EnvDefault { name: name.clone(), value, via: via.clone() })
}

/// A number without its type and underscores.
fn number(literal: &str) -> String {
    let types = ["usize", "isize", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f64"];
    let plain = literal.replace('_', "");
    types.iter().find_map(|it| plain.strip_suffix(it)).unwrap_or(&plain).to_string()
}
