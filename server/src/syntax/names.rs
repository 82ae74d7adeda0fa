//! The words that identifiers and names of files are made of.

/// The lower-case words of an identifier or a kebab-case name: `auth`, `token` in `authToken`,
/// `AUTH_TOKEN` and `auth-token`.
pub fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let (word, after) = rest.split_at(word_len(rest));
        rest = after;
        (!word.is_empty()).then(|| word.to_lowercase())
    })
}

/// Whether one of the words of a name is in `list`.
pub fn has_any_word(name: &str, list: &[&str]) -> bool {
    words(name).any(|word| list.contains(&word.as_str()))
}

/// The length in bytes of the word that `text` starts with.
fn word_len(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut before: Option<char> = None;
    while let Some((at, c)) = chars.next() {
        let starts_word = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase()
                        && chars.peek().is_some_and(|(_, after)| after.is_lowercase())
            });
        if !c.is_alphanumeric() || starts_word {
            return at;
        }
        before = Some(c);
    }
    text.len()
}

/// Whether a name is worth a look by [`secret`]: a cheap test that is true for every name of a
/// Whether one of the words of a name is among some.
pub fn has_word(name: &str, wanted: &[&str]) -> bool {
    words(name).any(|word| wanted.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_words() {
        let split = |name| words(name).collect::<Vec<_>>().join(" ");
        assert_eq!(split("authToken"), "auth token");
        assert_eq!(split("AUTH_TOKEN"), "auth token");
        assert_eq!(split("HTTPServer2Key"), "http server2 key");
        assert_eq!(split("db-key"), "db key");
    }
}
