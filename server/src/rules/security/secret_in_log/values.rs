//! The values that the arguments of a formatting macro print.

use super::access::{Access, SHOWN_CHARACTERS, access_of};
use crate::semantics::secrets::SecretNames;
use crate::syntax::format_string::{Argument, Placeholder, placeholders};
use crate::syntax::{NodeOrToken, SyntaxElement, SyntaxKind, SyntaxNode, T, TextRange, TextSize};

/// A value that a macro prints.
pub struct PrintedValue {
    /// In the tree of the macro call.
    pub range: TextRange,
    pub access: Access,
    /// The name it is logged under, when one is given.
    pub field: Option<String>,
    /// What stands after the colon of its placeholder, or `?` for a `?` before it.
    pub spec: String,
}

impl PrintedValue {
    /// Whether the value is shown by its `Debug`.
    pub fn is_debug(&self) -> bool {
        self.spec.contains('?')
    }

    /// Whether the placeholder cuts the value off after a few characters: `{token:.4}`.
    pub fn is_cut_off(&self) -> bool {
        let digits = self.spec.split_once('.').map(|(_, rest)| rest.trim_end_matches(['?', 's']));
        digits.and_then(|it| it.parse().ok()).is_some_and(|it: u128| it <= SHOWN_CHARACTERS)
    }

    /// Whether the value is shown as a number.
    pub fn is_number(&self) -> bool {
        self.spec.ends_with(['x', 'X', 'b', 'o', 'e'])
    }
}

/// The values that a macro's arguments print, and the text of its message. With `all`, variables
/// whose names say nothing are among them.
pub fn printed_values(
    tree: &SyntaxNode,
    name: &str,
    secret_names: &SecretNames,
    all: bool,
) -> (Vec<PrintedValue>, String) {
    let mut values = Vec::new();
    let mut message: Option<Vec<Placeholder>> = None;
    let mut text = String::new();
    let mut position = 0;
    for (number, segment) in segments(tree).into_iter().enumerate() {
        if name == "ensure" && number == 0 {
            continue;
        }
        let only_string = segment.only_string();
        if let (None, Some((literal, start))) = (&message, &only_string) {
            let placeholders = placeholders(literal);
            for placeholder in &placeholders {
                if let Argument::Name(name) = &placeholder.argument {
                    values.push(PrintedValue {
                        range: placeholder.range + *start,
                        access: Access::Variable(name.clone()),
                        field: None,
                        spec: placeholder.spec.clone(),
                    });
                }
            }
            text = literal.clone();
            message = Some(placeholders);
            continue;
        }
        let Some(argument) = segment.argument() else { continue };
        let mut spec = argument.sigil.to_string();
        if let Some(placeholders) = &message {
            let used = placeholders.iter().find(|it| match (&it.argument, &argument.field) {
                (Argument::Position(at), None) => *at == position,
                (Argument::Name(name), Some(field)) => name == field,
                _ => false,
            });
            if let Some(used) = used {
                spec.push_str(&used.spec);
            }
            position += 1;
        }
        if name == "dbg" {
            spec.push('?');
        }
        // Only a whole value and one that is named as a secret are looked at.
        let is_named = || {
            secret_names.may_match(&argument.text)
                || secret_names.is_address_with_password(&argument.text)
        };
        if !all && !spec.contains('?') && argument.field.is_none() && !is_named() {
            continue;
        }
        let Some((access, range)) = access_of(&argument.text) else { continue };
        let range = range + argument.start;
        values.push(PrintedValue { range, access, field: argument.field, spec });
    }
    // A capture that is given as an argument is the argument.
    let named: Vec<String> = values.iter().filter_map(|it| it.field.clone()).collect();
    let is_argument = |value: &PrintedValue| {
        value.field.is_none() && named.iter().any(|it| it == value.access.name())
    };
    values.retain(|value| !(is_argument(value) && matches!(value.access, Access::Variable(_))));
    (values, text)
}

/// What stands between two commas of a macro's arguments.
struct Segment {
    /// Without white space and comments at its ends.
    elements: Vec<SyntaxElement>,
}

/// An argument without what a logging macro puts before the expression.
struct ArgumentText {
    field: Option<String>,
    sigil: &'static str,
    text: String,
    start: TextSize,
}

fn segments(tree: &SyntaxNode) -> Vec<Segment> {
    let mut segments = vec![Segment { elements: Vec::new() }];
    let mut elements: Vec<SyntaxElement> = tree.children_with_tokens().collect();
    let open = !elements.is_empty();
    if open {
        elements.remove(0);
    }
    if elements.last().is_some_and(|it| matches!(it.kind(), T![')'] | T![']'] | T!['}'])) {
        elements.pop();
    }
    for element in elements {
        let Some(last) = segments.last_mut() else { break };
        match element.kind() {
            T![,] => segments.push(Segment { elements: Vec::new() }),
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT if last.elements.is_empty() => {}
            _ => last.elements.push(element),
        }
    }
    for segment in &mut segments {
        while segment
            .elements
            .last()
            .is_some_and(|it| matches!(it.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        {
            segment.elements.pop();
        }
    }
    segments.retain(|segment| !segment.elements.is_empty());
    segments
}

impl Segment {
    fn only_string(&self) -> Option<(String, TextSize)> {
        let [NodeOrToken::Token(token)] = self.elements.as_slice() else { return None };
        let is_string = token.kind() == SyntaxKind::STRING;
        is_string.then(|| (token.text().to_string(), token.text_range().start()))
    }

    fn argument(&self) -> Option<ArgumentText> {
        let solid: Vec<(usize, SyntaxKind)> = self
            .elements
            .iter()
            .enumerate()
            .map(|(at, element)| (at, element.kind()))
            .filter(|(_, kind)| !matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
            .collect();
        let kind = |at: usize| solid.get(at).map(|(_, kind)| *kind);
        // `target: "…"` and `parent: …` are no values.
        if kind(0) == Some(SyntaxKind::IDENT) && kind(1) == Some(T![:]) && kind(2) != Some(T![:]) {
            return None;
        }
        let mut at = 0;
        let mut field = None;
        let mut end = 0;
        while kind(end).is_some_and(|kind| matches!(kind, SyntaxKind::IDENT | T![.] | T![type])) {
            end += 1;
        }
        if end > 0 && kind(end) == Some(T![=]) && kind(end + 1) != Some(T![=]) {
            let last = solid.get(end - 1).and_then(|(at, _)| self.elements.get(*at));
            field = last.map(|element| element.to_string());
            at = end + 1;
        }
        let sigil = match kind(at) {
            Some(T![%]) => "%",
            Some(T![?]) => "?",
            _ => "",
        };
        at += usize::from(!sigil.is_empty());
        let first = solid.get(at)?.0;
        let rest = self.elements.get(first..)?;
        let text = rest.iter().map(|element| element.to_string()).collect();
        let start = rest.first()?.text_range().start();
        Some(ArgumentText { field, sigil, text, start })
    }
}
