use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::FileKind;
use super::Format;
use super::docker::dockerfile::Dockerfile;
use super::sql::{self, Statement};
use super::values::{self, Malformed, Node};
use crate::project::paths::folder_of;
use crate::text::{BYTE_ORDER_MARK, FileRange};

/// A file of the project that is no source code, parsed when someone asks.
#[derive(Debug)]
pub struct ProjectFile {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: String,
    /// What it is for.
    pub kind: FileKind,
    /// The text that ranges refer to.
    pub text: Arc<str>,
    values: OnceLock<(Vec<Node>, Option<Malformed>)>,
    dockerfile: OnceLock<Result<Dockerfile, Malformed>>,
    statements: OnceLock<Vec<Statement>>,
}

impl ProjectFile {
    /// A file of a kind, not parsed yet.
    pub fn new(path: &str, kind: FileKind, text: Arc<str>) -> Self {
        let path = path.to_string();
        let (values, dockerfile, statements) = Default::default();
        Self { path, kind, text, values, dockerfile, statements }
    }

    /// Parses the file now and not when the first rule asks, so that many can be parsed side by
    /// side.
    pub fn parse(&self) {
        let _ = (self.malformed(), self.statements());
    }

    /// The documents of a TOML, YAML, JSON or `.env` file; none of anything else. Of malformed YAML
    /// they have what stands before the mistake.
    pub fn documents(&self) -> &[Node] {
        &self.values().0
    }

    /// The first document; the only one of anything but YAML.
    pub fn root(&self) -> Option<&Node> {
        self.documents().first()
    }

    /// The Dockerfile in it; nothing when it is malformed or something else.
    pub fn dockerfile(&self) -> Option<&Dockerfile> {
        self.parsed_dockerfile().as_ref().ok()
    }

    /// What a file of SQL says about tables; nothing of anything else.
    pub fn statements(&self) -> &[Statement] {
        self.statements.get_or_init(|| match self.kind {
            FileKind::Sql => sql::parse(&self.code()),
            _ => Vec::new(),
        })
    }

    /// What keeps the file from being understood.
    pub fn malformed(&self) -> Option<&Malformed> {
        match self.kind {
            FileKind::Dockerfile => self.parsed_dockerfile().as_ref().err(),
            _ => self.values().1.as_ref(),
        }
    }

    /// The folder it is in, without a trailing `/`; empty for the root.
    pub fn folder(&self) -> &str {
        folder_of(&self.path)
    }

    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }

    /// The lines of YAML, TOML or the like without what is commented out.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(|line| {
            let is_comment = |at: &usize| {
                let before = line.get(..*at).unwrap_or_default();
                before.is_empty() || before.ends_with(char::is_whitespace)
            };
            let comment = line.match_indices('#').map(|(at, _)| at).find(is_comment);
            line.get(..comment.unwrap_or(line.len())).unwrap_or(line)
        })
    }

    /// What stands in a range of the text.
    pub fn slice(&self, range: FileRange) -> &str {
        self.text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default()
    }

    /// The text for parsers, of which some know no byte order mark and some count from behind it:
    /// empty lines take its place.
    fn code(&self) -> Cow<'_, str> {
        match self.text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => Cow::Owned(format!("\n\n\n{rest}")),
            None => Cow::Borrowed(&self.text),
        }
    }

    fn values(&self) -> &(Vec<Node>, Option<Malformed>) {
        self.values.get_or_init(|| match Format::of(&self.path, self.kind) {
            Some(format) => values::read(&self.code(), format),
            None => (Vec::new(), None),
        })
    }

    fn parsed_dockerfile(&self) -> &Result<Dockerfile, Malformed> {
        self.dockerfile.get_or_init(|| match self.kind {
            FileKind::Dockerfile => Dockerfile::parse(&self.code()),
            _ => Ok(Dockerfile::default()),
        })
    }
}
