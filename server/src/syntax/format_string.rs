//! Format strings, as `format!`, `println!` and log macros have them.

use ra_ap_syntax::{TextRange, TextSize};

/// A `{…}` of a format string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The argument that it shows.
    pub argument: Argument,
    /// What stands after the colon.
    pub spec: String,
    /// Of the name or the number, within the text of the literal; empty behind the brace when it has
    /// neither.
    pub range: TextRange,
}

/// Which argument a placeholder shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// The one at this place behind the format string.
    Position(usize),
    /// The one of this name, or the variable that is captured by it.
    Name(String),
}

/// The placeholders of a format string; `literal` is the text of its token, quotes included.
pub fn placeholders(literal: &str) -> Vec<Placeholder> {
    let is_raw = literal.starts_with('r');
    let mut placeholders = Vec::new();
    let mut positions = 0..;
    let mut at = 0;
    while let Some(found) = literal.get(at..).and_then(|rest| rest.find('{')) {
        let open = at + found + 1;
        let rest = literal.get(open..).unwrap_or_default();
        // `{{` is a brace, and `\u{7f}` a character.
        let is_escape = !is_raw && literal.get(..open - 1).is_some_and(|it| it.ends_with("\\u"));
        if rest.starts_with('{') || is_escape {
            at = open + 1;
            continue;
        }
        let Some(len) = rest.find('}') else { break };
        at = open + len + 1;
        let inside = rest.get(..len).unwrap_or_default();
        let (padded, spec) = inside.split_once(':').unwrap_or((inside, ""));
        let name = padded.trim();
        let argument = match name.parse() {
            Ok(position) => Argument::Position(position),
            Err(_) if name.is_empty() => Argument::Position(positions.next().unwrap_or_default()),
            Err(_) if is_identifier(name) => Argument::Name(name.to_string()),
            Err(_) => continue,
        };
        let start =
            open + (padded.len() - padded.trim_start().len()) * usize::from(!name.is_empty());
        let range = TextRange::at(TextSize::new(start as u32), TextSize::of(name));
        placeholders.push(Placeholder { argument, spec: spec.trim().to_string(), range });
    }
    placeholders
}

/// The names of the arguments of a format string: `a` and `b` in `"{a} {b:?}"`, with their ranges
/// within `literal`, the text of the string token.
pub fn inline_captures(literal: &str) -> Vec<(String, TextRange)> {
    let named = placeholders(literal).into_iter().filter_map(|it| match it.argument {
        Argument::Name(name) => Some((name, it.range)),
        Argument::Position(_) => None,
    });
    named.collect()
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_have_names_numbers_or_places() {
        let text = r#""é {} {{x}} {0:?} { name:>8 } {} \u{1b} {a.b}""#;
        let found = placeholders(text);
        let arguments: Vec<_> = found.iter().map(|it| (&it.argument, it.spec.as_str())).collect();
        assert_eq!(
            arguments,
            [
                (&Argument::Position(0), ""),
                (&Argument::Position(0), "?"),
                (&Argument::Name("name".to_string()), ">8"),
                (&Argument::Position(1), ""),
            ]
        );
        let named = found.iter().find(|it| matches!(it.argument, Argument::Name(_)));
        assert_eq!(named.map(|it| &text[it.range]), Some("name"));
    }

    #[test]
    fn captures_are_the_names_in_format_strings() {
        let names = |text| inline_captures(text).into_iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(names("\"{a} {{b}} {} {0} {c:?} {d.e}\""), ["a", "c"]);
    }
}
