use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::{
    Advisories, FileKind, Ignores, Input, Packages, Pipeline, Project, ProjectFile, Reference,
    SymbolIndex,
};
use crate::config::Config;
use crate::text::FileRange;

/// A project whose parts are noted as they are looked at: what was told from them is to be told
/// again when one changes.
pub struct TrackedProject<'a> {
    project: &'a Project,
    symbols: &'a SymbolIndex,
    config: &'a Config,
    seen: RefCell<BTreeMap<Input, u64>>,
}

impl<'a> TrackedProject<'a> {
    /// The project with what its sources declare, nothing of it looked at yet.
    pub fn new(project: &'a Project, symbols: &'a SymbolIndex, config: &'a Config) -> Self {
        Self { project, symbols, config, seen: RefCell::default() }
    }

    /// What was looked at, with its revision.
    pub fn seen(&self) -> BTreeMap<Input, u64> {
        self.seen.borrow().clone()
    }

    fn note(&self, input: Input) {
        self.seen.borrow_mut().insert(input, self.project.revision(input));
    }

    /// The settings of the workspace.
    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// The files of a kind, in order of their paths.
    pub fn files(&self, kind: FileKind) -> impl Iterator<Item = &'a Arc<ProjectFile>> + use<'a> {
        self.note(Input::Kind(kind));
        self.project.files(kind)
    }

    /// A file that is no source; nothing when it is not there.
    pub fn file(&self, path: &str) -> Option<&'a Arc<ProjectFile>> {
        if let Some(kind) = FileKind::of(path) {
            self.note(Input::Kind(kind));
        }
        self.project.file(path)
    }

    /// Every file that git would not ignore, sources among them.
    pub fn listing(&self) -> &'a BTreeSet<String> {
        self.note(Input::Listing);
        self.project.listing()
    }

    /// Whether git has a file at `path`, or one below it.
    pub fn is_listed(&self, path: &str) -> bool {
        self.note(Input::Listing);
        self.project.is_listed(path)
    }

    /// Whether there is a file or folder, one that git ignores among them.
    pub fn exists(&self, path: &str) -> bool {
        self.note(Input::Listing);
        self.project.exists(path)
    }

    /// Whether the index of Git has a file.
    pub fn is_tracked(&self, path: &str) -> bool {
        self.note(Input::Listing);
        self.project.is_tracked(path)
    }

    /// What git ignores.
    pub fn ignores(&self) -> Ignores<'a> {
        self.note(Input::Kind(FileKind::GitIgnore));
        self.project.ignores()
    }

    /// What sources refer to, with their paths.
    pub fn references(&self) -> impl Iterator<Item = (&'a str, &'a Reference)> + use<'a> {
        self.note(Input::References);
        self.project.references()
    }

    /// What Rust sources declare.
    pub fn symbols(&self) -> &'a SymbolIndex {
        self.note(Input::SymbolIndex);
        self.symbols
    }

    /// The packages of the workspace. That a rule looked at them need not be noted: others come
    /// with another epoch, in which all rules run again.
    pub fn packages(&self) -> &'a Packages {
        self.symbols.packages()
    }

    /// Whether the folder is a package as a registry gives it out, which leaves out what concerns
    /// the repository alone.
    pub fn is_published_package(&self) -> bool {
        self.note(Input::Listing);
        self.project.is_published_package()
    }

    /// What continuous integration runs.
    pub fn pipeline(&self) -> Arc<Pipeline> {
        let kinds =
            [FileKind::Ci, FileKind::Script, FileKind::PackageJson, FileKind::Yaml, FileKind::Toml];
        kinds.into_iter().for_each(|kind| self.note(Input::Kind(kind)));
        self.note(Input::Listing);
        self.project.pipeline()
    }

    /// Whether this may be a whole repository; see [`Project::is_repository`].
    pub fn is_repository(&self) -> bool {
        self.note(Input::Listing);
        self.note(Input::Kind(FileKind::Manifest));
        self.project.is_repository()
    }

    /// The folder on disk, when there is one.
    pub fn root(&self) -> Option<&'a Path> {
        self.project.root()
    }

    /// The database of advisories that the settings name, or that of cargo-audit or cargo-deny.
    pub fn advisories(&self) -> Option<Arc<Advisories>> {
        Advisories::find(self.config.advisory_db.as_deref(), self.project.root())
    }

    /// Where findings about the project as a whole are shown; nothing in a project without a
    /// manifest.
    pub fn anchor(&self) -> Option<(&'a Arc<ProjectFile>, FileRange)> {
        self.note(Input::Kind(FileKind::Manifest));
        self.note(Input::Kind(FileKind::PackageJson));
        self.project.anchor()
    }
}
