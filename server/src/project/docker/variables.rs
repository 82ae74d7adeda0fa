//! Arguments and variables in the texts of Dockerfiles.

use std::collections::BTreeMap;

/// Defaults inside defaults, no deeper.
const MAX_DEPTH: usize = 8;

/// Longer texts are those of nobody: each value may name the ones before it many times over.
const MAX_BYTES: usize = 4_096;

/// What is known of arguments and variables: nothing as the value of one whose value is not known.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Option<String>>);

impl Variables {
    /// Gives a variable a value; nothing is known of it where another in the value is not known.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.and_then(|it| self.expand(it));
        self.0.insert(name.to_string(), value);
    }

    /// Takes over what others know of a variable.
    pub fn take_over(&mut self, name: &str, others: &Self) {
        let value = others.value(name).map(str::to_string);
        self.0.insert(name.to_string(), value);
    }

    /// A text with its variables filled in; nothing when one is not known.
    pub fn expand(&self, text: &str) -> Option<String> {
        self.expand_to(text, 0)
    }

    fn expand_to(&self, text: &str, depth: usize) -> Option<String> {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$').filter(|_| depth < MAX_DEPTH) {
            if done.len() > MAX_BYTES {
                return None;
            }
            done.push_str(before);
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = |it: &str| it.find(|c| !is_name(c)).unwrap_or(it.len());
            if let Some(braced) = after.strip_prefix('{') {
                let (inner, next) = braces(braced)?;
                let (name, operator) = inner.split_at(end(inner));
                done.push_str(&self.operate(name, operator, depth)?);
                rest = next;
            } else {
                let (name, next) = after.split_at(end(after));
                done.push_str(self.value(name)?);
                rest = next;
            }
        }
        done.push_str(rest);
        (done.len() <= MAX_BYTES && !rest.contains('$')).then_some(done)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }

    /// `${name}`, `${name:-default}`, `${name:+other}`, and both without the colon.
    fn operate(&self, name: &str, operator: &str, depth: usize) -> Option<String> {
        let operator = operator.strip_prefix(':').unwrap_or(operator);
        let value = self.value(name);
        if operator.is_empty() {
            value.map(str::to_string)
        } else if let Some(default) = operator.strip_prefix('-') {
            match value.filter(|it| !it.is_empty()) {
                Some(value) => Some(value.to_string()),
                None => self.expand_to(default, depth + 1),
            }
        } else {
            let other = operator.strip_prefix('+')?;
            match value.is_none_or(str::is_empty) {
                true => Some(String::new()),
                false => self.expand_to(other, depth + 1),
            }
        }
    }
}

/// What stands in braces, which may hold others, and what follows them.
fn braces(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in() {
        let mut variables = Variables::default();
        variables.set("A", Some("1.80"));
        variables.set("B", None);
        variables.set("IMAGE", Some("rust:${A}"));
        variables.set("D", Some("$E"));
        for (text, expected) in [
            ("$IMAGE-slim", Some("rust:1.80-slim")),
            ("rust:${A}", Some("rust:1.80")),
            ("rust:${B:-1.88}", Some("rust:1.88")),
            ("rust:${B-${A}}x", Some("rust:1.80x")),
            ("rust${A:+:}${B:+never}$A", Some("rust:1.80")),
            ("rust:$B", None),
            ("rust:${A", None),
            ("${A%.*}", None),
        ] {
            assert_eq!(variables.expand(text).as_deref(), expected, "{text}");
        }
        assert_eq!(variables.expand("$D"), None);
        let deep = "${B:-".repeat(100_000);
        assert_eq!(variables.expand(&deep), None);
    }

    #[test]
    fn values_that_grow_without_end_are_not_known() {
        let mut variables = Variables::default();
        variables.set("A0", Some("1+1"));
        for level in 1..100 {
            variables.set(&format!("A{level}"), Some(&format!("$A{}+", level - 1).repeat(10)));
        }
        assert_eq!(variables.expand("$A1").map(|it| it.len()), Some(40));
        assert_eq!(variables.expand("$A99"), None);
    }
}
