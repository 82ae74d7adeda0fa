//! Secrets beside the literal that names them, and as arguments by the name of the parameter.

use std::sync::LazyLock;

use super::{Found, report, value_of};
use crate::analysis::{Confidence, Context, Report};
use crate::project::{Function, Refused, SymbolIndex};
use crate::semantics::literals::{LiteralValue, Value, literal_of, text_of};
use crate::semantics::named_values::{
    Argument, argument_of, fallback_around, named_value, value_under_key,
};
use crate::semantics::secrets::{
    SecretKind, SecretNames, SecretValue, ValuePlace, has_development_mark, is_about_parsing,
    is_bare_token, known_format, secret_value,
};
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{SyntaxKind, SyntaxNode, SyntaxToken};
use crate::text::FileRange;

static NAMES: LazyLock<SecretNames> = LazyLock::new(SecretNames::default);

/// Functions that look at two texts instead of storing one under the other.
const READING_FUNCTIONS: &[&str] = &["expect", "replace", "replacen"];

/// Words of functions that take two names: what is called the one becomes the other.
const RENAMING_WORDS: &[&str] = &["alias", "copy", "map", "move", "rename"];

/// A cheap test of a literal as it is written: whether it may be the name of a secret.
pub(super) fn may_be_key(literal: &str) -> bool {
    let text = literal.trim_matches('"');
    let is_part = |it: u8| it.is_ascii_alphanumeric() || b"_-.".contains(&it);
    (5..=48).contains(&literal.len()) && text.bytes().all(is_part) && NAMES.may_match(text)
}

/// A literal that may name the one beside it: in a call, a pair, JSON, or as a variable.
pub(super) fn check_key(token: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(parent) = token.parent() else { return };
    let in_attribute = parent.ancestors().any(|it| it.kind() == SyntaxKind::ATTR);
    let Some(name) = text_of(token).filter(|_| !in_attribute) else { return };
    let Some(kind) = cx.file().secret_kind(&name) else { return };
    if is_bare_token(&name) && is_about_parsing(&cx.file().path) {
        return;
    }
    if let Some(keyed) = value_under_key(token, cx.in_macro()) {
        let Value::Text(text) = &keyed.literal.value else { return };
        let reads = argument_of(token).is_some_and(|it| {
            READING_FUNCTIONS.contains(&it.function.as_str())
                || has_any_word(&it.function, RENAMING_WORDS)
        });
        // `s3.secret-access-key` is the name of a setting as well.
        let is_name = text.contains('.') && cx.file().secret_kind(text).is_some();
        let reads = reads || is_name;
        let Some(value) = value_of(text, &name, kind, &keyed.literal).filter(|_| !reads) else {
            return;
        };
        // `("credentials", "include")`: one word may be a choice among several.
        let is_word = kind != SecretKind::Password && words(text).count() < 2;
        let is_label = text.starts_with(|c: char| c.is_ascii_uppercase());
        let is_sure = match is_word || is_label {
            true => SecretValue::MadeUp,
            false => SecretValue::ToReplace,
        };
        if keyed.is_pair && value >= is_sure || value >= SecretValue::MadeUp {
            report(&parent, &Found { name, value, kind, literal: keyed.literal }, cx, |it| it);
        }
    } else if let Some(literal) = fallback_around(token.text_range(), cx.ancestors(&parent)) {
        check_fallback(&parent, name, kind, literal, cx);
    }
}

/// `env::var("JWT_SECRET").unwrap_or("…")` where no name around says that it is a secret.
fn check_fallback(
    node: &SyntaxNode,
    name: String,
    kind: SecretKind,
    literal: LiteralValue,
    cx: &mut Context<'_>,
) {
    let Value::Text(text) = &literal.value else { return };
    let Some(value) = value_of(text, &name, kind, &literal) else { return };
    if is_bound_to_secret(node, &literal, cx) {
        return;
    }
    let range = literal.range;
    // The key of `option_env!` stands in a tree of its own, the fallback around it.
    let is_outside =
        cx.in_macro() && !node.ancestors().any(|it| it.text_range().contains_range(range));
    let found = Found { name, value, kind, literal };
    report(node, &found, cx, |report| match is_outside {
        true => report.at(FileRange::in_file_tree(range)),
        false => report,
    });
}

/// Whether something around binds the literal to the name of a secret, where it is reported.
fn is_bound_to_secret(node: &SyntaxNode, literal: &LiteralValue, cx: &Context<'_>) -> bool {
    cx.ancestors(node).any(|it| {
        let Some(bound) = named_value(&it) else { return false };
        cx.file().secret_kind(&bound.name).is_some()
            && literal_of(&bound.expr).is_some_and(|it| it.range == literal.range)
    })
}

/// A cheap test of a literal as it is written: whether it may be a secret that someone made up.
pub(super) fn may_be_argument(literal: &str) -> bool {
    let text = literal.trim_start_matches('b').trim_matches('"');
    let count = |test: fn(&u8) -> bool| text.bytes().filter(test).count();
    (6..=128).contains(&text.len())
        && !text.contains(|c: char| c.is_whitespace() || "/\\{}<>:".contains(c))
        && count(u8::is_ascii_alphabetic) >= 2
        && (count(u8::is_ascii_digit) >= 2 || has_development_mark(text))
}

/// A literal that is an argument: of a type that is named for a secret, or, as the signature in the
/// workspace tells, for a parameter that is.
pub(super) fn check_argument(token: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(parent) = token.parent() else { return };
    let Some(argument) = argument_of(token) else { return };
    let Some(text) = text_of(token).filter(|it| known_format(it).is_none()) else { return };
    let Some(value) = secret_value(&text, "secret", SecretKind::Other, ValuePlace::Bound) else {
        return;
    };
    let range = token.text_range();
    let literal = LiteralValue { value: Value::Text(text.clone()), range, is_fallback: false };
    if is_bound_to_secret(&parent, &literal, cx) {
        return;
    }
    let names = cx.file().secret_names.clone();
    if let Some(owner) = &argument.owner
        && argument.at == 0
        && let Some(kind) = names.type_kind(owner)
    {
        let name = owner.clone();
        report(&parent, &Found { name, value, kind, literal }, cx, |it| it);
        return;
    }
    let shown = match &argument.owner {
        Some(owner) => format!("{owner}::{}", argument.function),
        None => argument.function.clone(),
    };
    let confidence = match value >= SecretValue::MadeUp {
        true => Confidence::Certain,
        false => Confidence::Likely,
    };
    let refused = Refused::Text(text.to_ascii_lowercase());
    let message = format!("`{shown}` is called with a hardcoded secret");
    let report = Report::new(range, message).confidence(confidence).when(move |symbols| {
        !symbols.refuses(&refused) && takes_secret(&argument, &names, &text, symbols)
    });
    cx.report(&parent, report);
}

/// Whether every function in the workspace that a call may be of has a parameter for a secret where
/// the text is.
fn takes_secret(
    argument: &Argument,
    names: &SecretNames,
    text: &str,
    symbols: &SymbolIndex,
) -> bool {
    let is_callee = |function: &&Function| match (&argument.owner, &function.owner) {
        (_, owner) if argument.is_method => owner.is_some() && function.has_self,
        (Some(called), owner) if called.starts_with(|c: char| c.is_ascii_uppercase()) => {
            called == "Self" && owner.is_some() || owner.as_ref() == Some(called)
        }
        (_, owner) => owner.is_none(),
    };
    let is_secret = |function: &Function| {
        // `Type::method(value, secret)` counts the receiver.
        let offset = usize::from(!argument.is_method && function.has_self);
        let at = argument.at.checked_sub(offset);
        let Some(name) = at.and_then(|at| function.parameter(at)) else { return false };
        let kind = names.kind(name);
        kind.is_some_and(|kind| secret_value(text, name, kind, ValuePlace::Bound).is_some())
    };
    let mut callees = symbols.functions(&argument.function).filter(is_callee).peekable();
    callees.peek().is_some() && callees.all(is_secret)
}
