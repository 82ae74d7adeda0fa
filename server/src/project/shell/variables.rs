use std::collections::BTreeMap;

use super::{is_assignment, is_name};

/// Values longer than this are not kept, as each may hold the one before several times.
const MAX_VALUE_BYTES: usize = 4096;

/// What a script gives its variables as values.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(super) fn new(known: &[(String, String)]) -> Self {
        let mut variables = Self::default();
        known.iter().for_each(|(name, value)| variables.set(name, value));
        variables
    }

    /// Notes what a command assigns that does nothing else.
    pub(super) fn assign(&mut self, words: &[String]) {
        let words = match words {
            [first, rest @ ..]
                if matches!(
                    first.as_str(),
                    "export" | "local" | "declare" | "readonly" | "typeset"
                ) =>
            {
                rest
            }
            words => words,
        };
        if !words.iter().all(|it| is_assignment(it)) {
            return;
        }
        for (name, value) in words.iter().filter_map(|it| it.split_once('=')) {
            self.set(name, value);
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        if value.is_empty() || value.len() > MAX_VALUE_BYTES {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_string(), value.to_string());
        }
    }

    /// Fills in the variables that are known. One that is a word by itself becomes all the words
    /// of its value.
    pub(super) fn expand(&self, words: &mut Vec<String>) {
        if self.0.is_empty() || !words.iter().any(|it| it.contains('$')) {
            return;
        }
        let expanded = words.iter().flat_map(|word| match self.whole(word) {
            Some(value) => value.split_whitespace().map(str::to_string).collect(),
            None => vec![self.filled(word)],
        });
        *words = expanded.collect();
    }

    /// The value of the variable that a word is.
    fn whole(&self, word: &str) -> Option<&str> {
        let name = word.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(name);
        self.0.get(name).map(String::as_str)
    }

    /// A word with the variables in it.
    fn filled(&self, word: &str) -> String {
        let mut done = String::new();
        let mut rest = word;
        while let Some((before, after)) = rest.split_once('$') {
            done.push_str(before);
            let braced = after.strip_prefix('{').and_then(|it| it.split_once('}'));
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let plain = after.split_at(end.unwrap_or(after.len()));
            let (name, next) = braced.filter(|(name, _)| is_name(name)).unwrap_or(plain);
            match self.0.get(name) {
                Some(value) if done.len() + value.len() <= MAX_VALUE_BYTES => {
                    done.push_str(value);
                    rest = next;
                }
                _ => {
                    done.push('$');
                    rest = after;
                }
            }
        }
        done.push_str(rest);
        done
    }
}
