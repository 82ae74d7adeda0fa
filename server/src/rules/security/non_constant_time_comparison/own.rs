//! Comparisons of values that nobody outside chooses.

use super::enclosing::EnclosingCode;
use super::operands::Operand;
use crate::semantics::secrets::{AuthenticatorKind, is_expectation};

/// Whether nobody outside chooses either side: two states of a setting, or what one person typed
/// twice.
pub fn is_own(
    kind: AuthenticatorKind,
    left: &Operand,
    right: &Operand,
    code: &EnclosingCode<'_>,
) -> bool {
    let can_be_own = matches!(
        kind,
        AuthenticatorKind::Secret
            | AuthenticatorKind::Key
            | AuthenticatorKind::Token
            | AuthenticatorKind::Digest
            | AuthenticatorKind::Code
    );
    if !can_be_own {
        return false;
    }
    let same_prompt = left.prompt.is_some() && left.prompt == right.prompt;
    let of_one_form = match (&left.field, &right.field) {
        (Some((one, ..)), Some((other, ..))) => {
            let expected = left.any_name(is_expectation) || right.any_name(is_expectation);
            one == other && one != "self" && !expected
        }
        _ => false,
    };
    left.is_restated()
        || right.is_restated()
        || same_prompt
        || of_one_form
        || typed_twice(left, right)
        || code.sets_or_removes(&[&left.text, &right.text])
        || is_made_of(left, right)
        || is_made_of(right, left)
        || is_found_by(left, right)
        || is_found_by(right, left)
        || code.judges_passwords()
        || code.looks_for_change()
}

/// Whether a value is held against what it was made of: another form of the same.
fn is_made_of(value: &Operand, other: &Operand) -> bool {
    let is_same = |it: &String| it.contains(other.text.as_str()) && other.text.contains('.');
    !value.is_keyed && value.origin.as_ref().is_some_and(is_same)
}

/// Whether a value is part of what was looked up by the other one: whoever gets so far knows it.
fn is_found_by(value: &Operand, key: &Operand) -> bool {
    let key =
        key.text.strip_prefix("Some(").and_then(|it| it.strip_suffix(')')).unwrap_or(&key.text);
    let is_variable = !key.is_empty() && !key.contains(['.', '(']);
    let Some(origin) = value.holder_origin.as_ref().filter(|_| is_variable) else { return false };
    origin.match_indices(key).any(|(at, _)| {
        let before = origin.get(..at).unwrap_or_default().trim_end_matches('&');
        let behind = origin.get(at + key.len()..).unwrap_or_default();
        before.ends_with(['(', ' ']) && behind.starts_with([')', ','])
    })
}

/// Whether the names differ by a number or by a word for a check: `password` and `password2`,
/// `password_verify`.
fn typed_twice(left: &Operand, right: &Operand) -> bool {
    let (Some(left), Some(right)) = (left.names.first(), right.names.first()) else { return false };
    let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
    let rest = long.strip_prefix(short.trim_end_matches(|c: char| c.is_ascii_digit()));
    let rest = rest.map(|it| it.trim_start_matches('_'));
    rest.is_some_and(|it| {
        it.parse::<u8>().is_ok() || matches!(it, "check" | "copy" | "verify" | "verification")
    })
}
