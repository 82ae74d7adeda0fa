//! The files that are not Rust: documents, whose texts rules about the project read, and sources
//! in other languages.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Settings, Snapshot, Workspace, is_rust};
use crate::config;
use crate::project::{FileKind, ProjectFile, Reference, references_in_other_language};

/// Folders of what tests work on: their files configure nothing that is shipped.
const TEST_FOLDERS: &[&str] =
    &["test", "tests", "__tests__", "fixtures", "__fixtures__", "testdata", "test-data", "benches"];

impl Settings {
    /// The kind of a document that rules about the project read; nothing for other files.
    pub(super) fn document_kind(&self, path: &str) -> Option<FileKind> {
        let in_tests = path.rsplit('/').skip(1).any(|folder| TEST_FOLDERS.contains(&folder));
        let is_read = !in_tests && (path == config::FILE_NAME || !self.is_excluded(path));
        FileKind::of(path).filter(|kind| is_read && kind.is_document())
    }

    /// Whether a file is looked at: a Rust source, or a document that rules about the project read.
    pub(super) fn is_reviewed(&self, path: &str) -> bool {
        (is_rust(path) && !self.is_excluded(path)) || self.document_kind(path).is_some()
    }

    /// Whether a file is a source in another language whose references count.
    pub(super) fn is_other_language(&self, path: &str) -> bool {
        FileKind::of(path) == Some(FileKind::OtherLanguage) && !self.is_excluded(path)
    }
}

impl Snapshot {
    /// A document by its text as it is now, parsed; nothing when it is none or cannot be read.
    fn read_document(&self, path: &str) -> Option<Arc<ProjectFile>> {
        let kind = self.settings.document_kind(path).filter(|_| !self.left_out.contains(path))?;
        let file = ProjectFile::new(path, kind, Arc::from(self.text_of(path)?));
        file.parse();
        Some(Arc::new(file))
    }

    /// What a source in another language refers to, by its text as it is now: nothing where it is
    /// excluded.
    fn read_other_language(&self, path: &str) -> Arc<[Reference]> {
        if !self.settings.is_other_language(path) || self.left_out.contains(path) {
            return Arc::default();
        }
        let text = self.text_of(path).unwrap_or_default();
        references_in_other_language(path, &text, self.settings.rule_set.index_spec()).into()
    }
}

impl Workspace {
    /// Reads the files of the project that are not Rust, and takes in the listing; open ones have
    /// the texts of their buffers.
    pub(super) fn load_documents(&self, listing: &[String]) {
        let snapshot = self.snapshot();
        let documents: Vec<_> = listing
            .par_iter()
            .filter(|path| FileKind::of(path).is_some_and(FileKind::is_document))
            .map(|path| (path, snapshot.read_document(path)))
            .collect();
        let other_sources: Vec<_> = listing
            .par_iter()
            .filter(|path| FileKind::of(path) == Some(FileKind::OtherLanguage))
            .map(|path| (path, snapshot.read_other_language(path)))
            .collect();
        drop(snapshot);
        self.change(|state| {
            state.set_listing(listing);
            for (path, document) in documents {
                // A buffer says by itself what it is, and not while it is malformed.
                let known = state.known();
                let is_taken_in = known.is_open(path) && known.project().file(path).is_some();
                if !is_taken_in || document.is_none() {
                    state.set_document(path, document);
                }
            }
            other_sources.into_iter().for_each(|(path, it)| state.set_references(path, it));
        });
    }

    /// Takes in closed files that are not Rust and changed on disk, came or went.
    pub(super) fn reload_documents(&self, listing: &[String], paths: &[String]) {
        for path in paths {
            match FileKind::of(path) {
                Some(FileKind::OtherLanguage) => {
                    self.reload_other_language(path, listing.contains(path))
                }
                Some(kind) if kind.is_document() => {
                    self.reload_document(path, listing.contains(path));
                }
                _ => {}
            }
        }
        self.change(|state| state.set_listing(listing));
    }

    fn reload_document(&self, path: &str, is_there: bool) {
        let document = is_there.then(|| self.snapshot().read_document(path)).flatten();
        self.change(|state| {
            if !state.known().is_open(path) {
                state.set_document(path, document);
            }
        });
    }

    fn reload_other_language(&self, path: &str, is_there: bool) {
        let references =
            if is_there { self.snapshot().read_other_language(path) } else { Arc::default() };
        self.change(|state| {
            if !state.known().is_open(path) {
                state.set_references(path, references);
            }
        });
    }
}
