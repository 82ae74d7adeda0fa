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

/// What names of variables begin with that are put together: `APP_`, or `APP_{name}` as a pattern.
pub(super) fn variable_prefix(text: &str) -> Option<&str> {
    let prefix = text.split('{').next().filter(|it| it.ends_with('_'))?;
    (is_variable(prefix) && prefix.len() > 3).then_some(prefix)
}

/// Whether a name is about the environment, by one of its words: `add_env`, `EnvSource`.
pub(super) fn is_about_environment(name: &str) -> bool {
    // Asked of every name in a source: most do not have the letters at all.
    if !name.as_bytes().windows(3).any(|it| it == b"env" || it == b"Env") {
        return false;
    }
    let mut words = name.split('_');
    words.any(|word| {
        ["env", "Env", "environment", "Environment"].iter().any(|it| {
            word.match_indices(it).any(|(at, _)| {
                let rest = word.get(at + it.len()..).unwrap_or_default();
                let begins = at == 0 || it.starts_with('E');
                begins && !rest.starts_with(|c: char| c.is_ascii_lowercase())
            })
        })
    })
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

/// What names of variables begin with that a crate is told to look for.
pub(super) fn prefix_of(text: &str) -> String {
    let separator = if text.ends_with('_') { "" } else { "_" };
    format!("{text}{separator}").to_ascii_uppercase()
}

/// Whether a string is one word, as names of variables begin with.
pub(super) fn is_word(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}
