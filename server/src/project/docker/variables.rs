//! Arguments and variables in the texts of Dockerfiles.

use std::collections::BTreeMap;

use super::dockerfile::{Action, Dockerfile, Instruction, Stage};

/// Defaults inside defaults, no deeper.
const MAX_DEPTH: usize = 8;

/// What is known of arguments and variables: nothing as the value of one whose value is not known.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Option<String>>);

impl Variables {
    /// The arguments in front of the first `FROM`, which are known in the names of images.
    pub fn of_file(dockerfile: &Dockerfile) -> Self {
        let mut variables = Self::default();
        for (name, default) in &dockerfile.args {
            variables.set(&name.text, default.as_deref());
        }
        variables
    }

    /// Adds what a stage knows of the arguments in front of the first `FROM`: those that it
    /// declares again.
    pub fn declare(&mut self, dockerfile: &Dockerfile, stage: &Stage) {
        let mut outer = Self::of_file(dockerfile);
        for instruction in &stage.instructions {
            if let Action::Arg(name, None) = &instruction.action {
                let value = outer.0.remove(&name.text).flatten();
                self.0.insert(name.text.clone(), value);
            }
        }
    }

    /// Takes in what an instruction says about them.
    pub fn take_in(&mut self, instruction: &Instruction) {
        match &instruction.action {
            Action::Env(pairs) => {
                pairs.iter().for_each(|(name, value)| self.set(&name.text, Some(&value.text)));
            }
            Action::Arg(name, Some(default)) => self.set(&name.text, Some(default)),
            _ => {}
        }
    }

    fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.and_then(|it| self.expand(it));
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
        (!rest.contains('$')).then_some(done)
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
        let text = "ARG A=1.80\nARG B\nARG IMAGE=rust:${A}\nFROM x AS x\nARG A\nARG B=${A}-slim\nENV C=/c/$B D=$E\n";
        let file = Dockerfile::parse(text).expect("it parses");
        let outer = Variables::of_file(&file);
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
            assert_eq!(outer.expand(text).as_deref(), expected, "{text}");
        }
        let stage = file.last_stage().expect("a stage");
        let mut inner = Variables::default();
        inner.declare(&file, stage);
        stage.instructions.iter().for_each(|it| inner.take_in(it));
        assert_eq!(inner.expand("$C").as_deref(), Some("/c/1.80-slim"));
        assert_eq!(inner.expand("$D"), None);
        let deep = "${B:-".repeat(100_000);
        assert_eq!(inner.expand(&deep), None);
    }
}
