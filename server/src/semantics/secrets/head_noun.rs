//! The head noun of a name, which says what its value is: the policies in `token_policies`, the
//! password in `new_db_password_utf8`.

use crate::syntax::names::words;

/// Words that say in which form, state or place the same thing is there: `private_key_pem`,
/// `password_confirmation`, `jwt_secret_prod`. They stand behind the head noun.
const FORMS: &[&str] = &[
    "again", "array", "b64", "base", "base58", "base64", "buf", "buffer", "byte", "bytes",
    "candidate", "clear", "cleartext", "confirm", "confirmation", "confirmed", "content",
    "contents", "current", "data", "decoded", "default", "der", "dev", "development", "ec",
    "ed25519", "encoded", "fallback", "guess", "hex", "inner", "input", "json", "live", "local",
    "material", "maybe", "new", "old", "opt", "out", "override", "owned", "pem", "plain",
    "plaintext", "prev", "previous", "primary", "prod", "production", "raw", "repeat", "repeated",
    "retype", "rsa", "secondary", "secp256k1", "slice", "staging", "str", "string", "test", "text",
    "utf8", "val", "value", "values", "vec", "x25519",
];

/// Words behind which a name says whose its value is, or where it comes from.
const PREPOSITIONS: &[&str] = &["for", "from", "in", "of"];

/// Verbs that have `in` as a part: `sign_in_token`.
const PHRASAL_VERBS: &[&str] =
    &["built", "check", "log", "logged", "opt", "plug", "sign", "signed"];

/// Nouns of secrets, as heads of names that are written as one word as well: `authtoken`.
const SECRET_NOUNS: &[&str] = &["key", "passwd", "password", "secret", "token"];

/// A name taken apart.
#[derive(Debug)]
pub struct HeadNoun {
    words: Vec<String>,
    /// The words up to the head, which is the last of them.
    end: usize,
    /// Whether the head stands in the plural.
    pub is_plural: bool,
}

impl HeadNoun {
    /// Takes a name apart. `is_qualifier` tells what may stand before the noun of a secret in a name
    /// that is written as one word.
    pub fn of(name: &str, is_qualifier: impl Fn(&str) -> bool) -> Option<Self> {
        let mut words: Vec<String> = words(name).collect();
        let mut end = prepositional(&words).unwrap_or(words.len());
        while end > 1 && words.get(end - 1).is_some_and(|word| is_form(word, &words)) {
            end -= 1;
        }
        // What something is for: `refresh_token_for`.
        if words.len() > 1 && words.last().is_some_and(|it| matches!(it.as_str(), "for" | "of")) {
            return None;
        }
        // The key of a key names it.
        if words.len() > 1 && words.iter().rev().take(2).all(|word| word == "key") {
            return None;
        }
        let last = words.get(end.checked_sub(1)?)?;
        let (head, is_plural) = singular(last.trim_end_matches(|c: char| c.is_ascii_digit()));
        let split = SECRET_NOUNS.iter().find_map(|noun| {
            let before = head.strip_suffix(noun).filter(|it| is_qualifier(it))?;
            Some([before.to_string(), noun.to_string()])
        });
        let parts = split.map_or_else(|| vec![head.to_string()], Vec::from);
        let added = parts.len() - 1;
        words.splice(end - 1..end, parts);
        Some(Self { words, end: end + added, is_plural })
    }

    /// The head noun, in the singular.
    pub fn head(&self) -> &str {
        self.end.checked_sub(1).and_then(|at| self.words.get(at)).map_or("", String::as_str)
    }

    /// The words before the head noun, which qualify it.
    pub fn qualifiers(&self) -> &[String] {
        self.end.checked_sub(1).and_then(|at| self.words.get(..at)).unwrap_or_default()
    }

    /// All words of the name.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether one of the words of the name is `word`.
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|it| it == word)
    }

    /// Whether a word before the head is in `list`.
    pub fn is_qualified_by(&self, list: &[&str]) -> bool {
        self.qualifiers().iter().any(|word| list.contains(&word.as_str()))
    }

    /// The word right before the head.
    pub fn qualifier(&self) -> Option<&str> {
        self.qualifiers().last().map(String::as_str)
    }
}

/// Where a phrase such as `for_user` or `from_header` starts.
fn prepositional(words: &[String]) -> Option<usize> {
    (1..words.len()).find(|at| {
        let word = |at: usize| words.get(at).map_or("", String::as_str);
        PREPOSITIONS.contains(&word(*at))
            && !(word(*at) == "in" && PHRASAL_VERBS.contains(&word(at - 1)))
    })
}

/// Whether a word behind a noun only says in which form it is there, or counts it.
fn is_form(word: &str, words: &[String]) -> bool {
    let is_number = word.trim_start_matches('v').bytes().all(|c| c.is_ascii_digit());
    // The data of a token are its claims.
    let is_claims = word == "data" && words.iter().any(|it| matches!(it.as_str(), "token" | "jwt"));
    word.len() == 1 || is_number || FORMS.contains(&word) && !is_claims
}

/// The singular of a noun of a secret, and whether it was in the plural.
fn singular(word: &str) -> (&str, bool) {
    let plural = word.strip_suffix('s').filter(|it| {
        SECRET_NOUNS.iter().any(|noun| it.ends_with(noun))
            || matches!(*it, "passphrase" | "jwt" | "psk" | "pwd" | "credential")
    });
    // `credentials` says no more than `credential` does.
    (plural.unwrap_or(word), plural.is_some_and(|it| !it.starts_with("cred")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str) -> String {
        HeadNoun::of(name, |it| it == "auth").map_or(String::new(), |it| it.head().to_string())
    }

    #[test]
    fn the_last_noun_is_the_head() {
        for (name, expected) in [
            ("token_policies", "policies"),
            ("private_key_pem", "key"),
            ("PASSWORD_2", "password"),
            ("newPassword2", "password"),
            ("apiTokens", "token"),
            ("authtoken", "token"),
            ("monkey", "monkey"),
            ("token_for_user", "token"),
            ("sign_in_token", "token"),
            ("credentials_enc", "enc"),
            ("jwt_data", "data"),
            ("token", "token"),
            ("value", "value"),
        ] {
            assert_eq!(head(name), expected, "{name}");
        }
    }
}
