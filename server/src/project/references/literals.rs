//! String literals, and what they hold.

use std::borrow::Cow;

/// What a string literal holds, its escapes left as they are; nothing for one that is not closed.
pub(super) fn content(literal: &str) -> Option<&str> {
    let start = literal.find('"')?;
    let end = literal.rfind('"')?;
    literal.get(start + 1..end)
}

/// What a string literal means, given what it holds.
pub(super) fn unescaped<'t>(literal: &str, content: &'t str) -> Cow<'t, str> {
    if literal.starts_with('r') || !content.contains('\\') {
        return Cow::Borrowed(content);
    }
    let mut meant = String::with_capacity(content.len());
    rustc_literal_escaper::unescape_str(content, |_, c| meant.extend(c.ok()));
    Cow::Owned(meant)
}

/// Whether a string may be the name of an environment variable.
pub(super) fn is_variable(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() > 2
        && bytes.next().is_some_and(|first| first.is_ascii_uppercase() || first == b'_')
        && bytes.all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
}

/// Whether a string is a statement of SQL, by the words that it opens with.
pub(super) fn is_sql(text: &str) -> bool {
    const STATEMENTS: &[(&str, &[&str])] = &[
        ("select", &[]),
        ("insert", &["into", "or"]),
        ("update", &[]),
        ("delete", &["from"]),
        ("create", &["table", "index", "unique", "virtual", "view", "trigger"]),
        ("alter", &["table"]),
        ("with", &[]),
        ("replace", &["into"]),
    ];
    let mut words = text.split_whitespace();
    let (Some(first), Some(second)) = (words.next(), words.next()) else { return false };
    let statement = STATEMENTS.iter().find(|(name, _)| first.eq_ignore_ascii_case(name));
    let Some((name, follows)) = statement else { return false };
    if !follows.is_empty() {
        return follows.iter().any(|it| second.eq_ignore_ascii_case(it));
    }
    // These begin sentences as well.
    let has = |word: &str| text.split_whitespace().any(|it| it.eq_ignore_ascii_case(word));
    match *name {
        "select" => has("from"),
        "update" => has("set"),
        _ => has("as") && has("select"),
    }
}
