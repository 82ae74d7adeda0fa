use std::sync::{Arc, OnceLock};

use super::Format;
use super::Kind;
use super::docker::dockerfile::Dockerfile;
use super::sql::{self, Statement};
use super::values::{self, Malformed, Node};
use crate::project::paths::folder_of;
use crate::text::FileRange;

/// A file of the project that is no source code, parsed when someone asks.
#[derive(Debug)]
pub struct ProjectFile {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: String,
    /// What it is for.
    pub kind: Kind,
    /// The text that ranges refer to.
    pub text: Arc<str>,
    values: OnceLock<Result<Vec<Node>, Malformed>>,
    dockerfile: OnceLock<Result<Dockerfile, Malformed>>,
    statements: OnceLock<Vec<Statement>>,
}

impl ProjectFile {
    /// A file of a kind, not parsed yet.
    pub fn new(path: &str, kind: Kind, text: Arc<str>) -> Self {
        let path = path.to_string();
        let (values, dockerfile, statements) = Default::default();
        Self { path, kind, text, values, dockerfile, statements }
    }

    /// Parses the file now and not when the first rule asks, so that many can be parsed side by
    /// side.
    pub fn parse(&self) {
        let _ = (self.malformed(), self.statements());
    }

    /// The documents of a TOML, YAML, JSON or `.env` file; none when it is malformed or something
    /// else.
    pub fn documents(&self) -> &[Node] {
        self.values().as_ref().map_or(&[], Vec::as_slice)
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
            Kind::Sql => sql::parse(&self.text),
            _ => Vec::new(),
        })
    }

    /// What keeps the file from being understood.
    pub fn malformed(&self) -> Option<&Malformed> {
        match self.kind {
            Kind::Dockerfile => self.parsed_dockerfile().as_ref().err(),
            _ => self.values().as_ref().err(),
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

    /// What stands in a range of the text.
    pub fn slice(&self, range: FileRange) -> &str {
        self.text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default()
    }

    fn values(&self) -> &Result<Vec<Node>, Malformed> {
        self.values.get_or_init(|| match Format::of(&self.path, self.kind) {
            Some(format) => values::parse(&self.text, format),
            None => Ok(Vec::new()),
        })
    }

    fn parsed_dockerfile(&self) -> &Result<Dockerfile, Malformed> {
        self.dockerfile.get_or_init(|| match self.kind {
            Kind::Dockerfile => Dockerfile::parse(&self.text),
            _ => Ok(Dockerfile::default()),
        })
    }
}
