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

/// Parts of names, in lower case and of two letters or more, that are looked for in whatever case a
/// name has: a test for every name of a file, most of which have no part in them.
#[derive(Debug)]
pub struct Parts {
    parts: &'static [&'static str],
    /// Which letters come second in a part, by the first one. A letter counts by its last five bits,
    /// which capitals share with the others.
    seconds: [u32; 32],
}

impl Parts {
    /// The parts, made ready to be looked for.
    pub const fn new(parts: &'static [&'static str]) -> Self {
        let mut seconds = [0; 32];
        let mut at = 0;
        while at < parts.len() {
            let part = parts[at].as_bytes();
            seconds[(part[0] & 31) as usize] |= 1 << (part[1] & 31);
            at += 1;
        }
        Self { parts, seconds }
    }

    /// Whether one of the parts stands somewhere in a name.
    pub fn occur_in(&self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let mut pairs = bytes.iter().zip(bytes.iter().skip(1)).enumerate();
        pairs.any(|(at, (first, second))| {
            let seconds = self.seconds[usize::from(first & 31)];
            seconds >> (second & 31) & 1 == 1 && self.start(bytes.get(at..).unwrap_or_default())
        })
    }

    fn start(&self, rest: &[u8]) -> bool {
        self.parts.iter().any(|part| {
            rest.get(..part.len()).is_some_and(|it| it.eq_ignore_ascii_case(part.as_bytes()))
        })
    }
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
