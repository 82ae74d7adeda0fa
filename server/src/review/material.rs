//! What a review is made of: findings, and what they are held against.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::{Census, Finding, Rule, RuleSet, Suppressed};
use crate::config::Config;
use crate::project::{Project, SymbolIndex};
use crate::text::FileRange;

/// Everything that is known of a project when it is reviewed.
pub struct Material<'a> {
    /// Its files that are no sources, and what sources refer to.
    pub project: &'a Project,
    /// What its sources declare.
    pub symbols: &'a SymbolIndex,
    /// Its settings.
    pub config: &'a Config,
    /// The rules that exist, those that are off among them.
    pub known_rules: &'a [&'static Rule],
    /// The rules that are on.
    pub rules: &'a RuleSet,
    /// Its files with what was found in them, in order of their paths.
    pub files: Vec<ReviewedFile>,
    /// The sources that the settings exclude, generated ones and those of no package left out.
    pub excluded: Vec<String>,
}

/// A file, and what was found in it.
pub struct ReviewedFile {
    /// Relative to the root.
    pub path: String,
    /// Everything that is reported, what is only possible as well.
    pub findings: Vec<Finding>,
    /// What is accepted.
    pub suppressed: Vec<Suppressed>,
    /// What rules about its code are held against; nothing for what is no production code.
    pub census: Census,
    /// Whether it is Rust that only tests compile or a program wrote.
    pub is_aside: bool,
    /// Why it was not read.
    pub refused: Option<String>,
}

/// The texts of files, each read once.
pub struct Texts<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    texts: BTreeMap<String, Arc<str>>,
}

impl<'a> Texts<'a> {
    /// Texts that `read` gives.
    pub fn new(read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { read, texts: BTreeMap::new() }
    }

    /// The text of a file; empty when it cannot be read.
    pub fn of(&mut self, path: &str) -> Arc<str> {
        if let Some(text) = self.texts.get(path) {
            return Arc::clone(text);
        }
        let text: Arc<str> = (self.read)(path).unwrap_or_default().into();
        self.texts.insert(path.to_string(), Arc::clone(&text));
        text
    }

    /// The number of the line on which a range starts, from 1 on, and the line.
    pub fn line(&mut self, path: &str, range: FileRange) -> (usize, String) {
        let text = self.of(path);
        let mut start = usize::from(range.start()).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let number = memchr::memchr_iter(b'\n', &text.as_bytes()[..start]).count() + 1;
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        (number, text[begin..end].trim_end().to_string())
    }
}
