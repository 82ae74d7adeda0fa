//! The files that are no Rust, and the rules that look at the project as a whole.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;

use super::{Workspace, lock, plain_finding};
use crate::analysis::{
    Finding, Fix, ProjectChecks, ProjectFinding, UNREADABLE_FILE, resolve_lines,
};
use crate::config;
use crate::project::{Kind, Mention, Project, ProjectFile, mentions_of_foreign};

/// Folders of what tests work on: their files configure nothing that is shipped.
const TEST_FOLDERS: &[&str] =
    &["test", "tests", "__tests__", "fixtures", "__fixtures__", "testdata", "test-data", "benches"];

/// Files of these kinds that cannot be read are reported. Others may be templates, or written for
/// a parser that takes more.
const STRICT: &[Kind] = &[Kind::Manifest, Kind::Dockerfile, Kind::Ci, Kind::PackageJson];

impl Workspace {
    /// Reads the files of the project that are no Rust, and takes in the listing; open ones have
    /// the text of their buffers. What rules find in them alone is known when sources are.
    pub(super) fn load_documents(&self, listing: &[String]) {
        let documents: Vec<_> = listing
            .par_iter()
            .filter(|path| Kind::of(path).is_some_and(Kind::is_document))
            .map(|path| (path, self.document(path)))
            .collect();
        let foreign: Vec<_> = listing
            .par_iter()
            .filter(|path| Kind::of(path) == Some(Kind::Foreign))
            .map(|path| (path, self.foreign(path)))
            .collect();
        self.change_project(|project| {
            project.set_listing(listing.to_vec(), |path| self.is_open(path));
            for (path, document) in documents {
                take_in(project, path, document);
            }
            for (path, mentions) in foreign {
                project.set_mentions(path, mentions);
            }
        });
        // Many rules ask for it, and would wait for one another.
        self.project().pipeline();
        self.run_checks(&mut lock(&self.checks));
    }

    /// A file that rules about the project read, parsed; nothing when it is none or cannot be read.
    fn document(&self, path: &str) -> Option<Arc<ProjectFile>> {
        let kind = Kind::of(path).filter(|_| self.is_checked_document(path))?;
        let file = ProjectFile::new(path, kind, Arc::from(self.text_of(path)?));
        file.parse();
        Some(Arc::new(file))
    }

    /// What a source in another language mentions, by its text as it is now: nothing where it is
    /// excluded.
    fn foreign(&self, path: &str) -> Arc<[Mention]> {
        if !self.is_foreign(path) {
            return Arc::default();
        }
        let text = self.text_of(path).unwrap_or_default();
        mentions_of_foreign(path, &text).into()
    }

    /// Takes in files that are no Rust and changed on disk, came or went.
    pub(super) fn read_documents_again(&self, listing: &[String], paths: &[String]) {
        for path in paths.iter().filter(|path| !self.is_open(path)) {
            let is_listed = listing.contains(path);
            if Kind::of(path) == Some(Kind::Foreign) {
                let mentions = if is_listed { self.foreign(path) } else { Arc::default() };
                self.change_project(|project| project.set_mentions(path, mentions));
            } else if Kind::of(path).is_some_and(Kind::is_document) {
                let document = if is_listed { self.document(path) } else { None };
                self.change_project(|project| take_in(project, path, document));
            }
        }
        self.change_project(|project| {
            project.set_listing(listing.to_vec(), |path| self.is_open(path));
        });
    }

    /// Whether a file is a source in another language that is reviewed.
    pub(super) fn is_foreign(&self, path: &str) -> bool {
        Kind::of(path) == Some(Kind::Foreign) && !self.settings().is_excluded(path)
    }

    /// Whether a file is one whose text rules about the project read.
    pub(super) fn is_checked_document(&self, path: &str) -> bool {
        let in_tests = path.rsplit('/').skip(1).any(|folder| TEST_FOLDERS.contains(&folder));
        Kind::of(path).is_some_and(Kind::is_document)
            && !in_tests
            && (path == config::FILE_NAME || !self.settings().is_excluded(path))
    }

    /// Runs the rules about the project that have something new to look at, unless a scan is about
    /// to. Returns the files whose findings changed.
    pub fn check_project(&self) -> Vec<String> {
        // What is read only in sources that were not seen yet would be called unread.
        if self.half_known.load(Ordering::SeqCst) {
            return Vec::new();
        }
        let mut checks = lock(&self.checks);
        let found = self.run_checks(&mut checks);
        let mut known = self.project_findings.write().unwrap_or_else(PoisonError::into_inner);
        let same = |path: &String| {
            let before = known.get(path).into_iter().flatten().map(|it| &it.finding);
            before.eq(found.get(path).into_iter().flatten().map(|it| &it.finding))
        };
        let paths: HashSet<&String> = known.keys().chain(found.keys()).collect();
        let mut changed: Vec<String> =
            paths.into_iter().filter(|path| !same(path)).cloned().collect();
        changed.sort();
        *known = Arc::new(found);
        changed
    }

    /// What the rules about the project find, by file.
    fn run_checks(&self, checks: &mut ProjectChecks) -> BTreeMap<String, Vec<ProjectFinding>> {
        let settings = self.settings();
        let (project, facts) = (self.project(), self.facts());
        let (found, panicked) =
            checks.run(&project, &facts, &settings.config, &settings.rule_set, settings.epoch);
        for rule in panicked {
            tracing::error!(rule = rule.id, "a rule about the project failed");
        }
        found
    }

    /// What rules about the project found in a file, as of the text that they saw.
    pub(super) fn project_findings(&self, path: &str) -> Vec<Finding> {
        let known = self.project_findings.read().unwrap_or_else(PoisonError::into_inner);
        known.get(path).into_iter().flatten().map(|it| it.finding.clone()).collect()
    }

    /// The files in which rules about the project found something, or that they cannot read.
    pub(super) fn project_paths(&self) -> Vec<String> {
        let known = self.project_findings.read().unwrap_or_else(PoisonError::into_inner);
        let mut paths: Vec<String> = known.keys().cloned().collect();
        let project = self.project();
        let strict = STRICT.iter().flat_map(|kind| project.files(*kind));
        paths.extend(strict.filter(|it| it.malformed().is_some()).map(|it| it.path.clone()));
        paths
    }

    /// The findings of a file that is no Rust, given those of rules about the project.
    pub(super) fn resolve_plain(&self, path: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
        if path == config::FILE_NAME {
            findings.extend(self.settings_findings(&self.settings()));
        }
        match self.project().file(path) {
            Some(file) => self.resolve_document(file, findings, true),
            None => findings,
        }
    }

    /// The same for a file whose text is at hand. That it is malformed is said once typing settled.
    pub(super) fn resolve_document(
        &self,
        file: &ProjectFile,
        mut findings: Vec<Finding>,
        settled: bool,
    ) -> Vec<Finding> {
        let settings = self.settings();
        if settled
            && STRICT.contains(&file.kind)
            && let Some(malformed) = file.malformed()
            && let Some(severity) = settings.rule_set.severity(&UNREADABLE_FILE)
        {
            let message = format!("this file is not reviewed: {}", malformed.message);
            findings.push(plain_finding(&UNREADABLE_FILE, severity, malformed.range, message));
        }
        resolve_lines(&file.text, findings, &settings.rule_set, |id| self.rule(id).is_some())
    }

    /// The fixes of a finding of a rule about the project, against the texts as they are now.
    pub(super) fn project_fixes(&self, path: &str, finding: &Finding) -> Vec<Fix> {
        let found = {
            let known = self.project_findings.read().unwrap_or_else(PoisonError::into_inner);
            let mut found = known.get(path).into_iter().flatten();
            let same = |it: &&ProjectFinding| {
                it.finding.rule == finding.rule
                    && it.finding.range == finding.range
                    && it.finding.message == finding.message
            };
            found.find(same).cloned()
        };
        let project = self.project();
        let mut fixes = found.map(|found| found.fixes(&project)).unwrap_or_default();
        // The ranges of a fix are those of the text that the rule saw.
        fixes.retain(|fix| {
            fix.edits.iter().all(|edit| {
                let seen = project.file(&edit.path).map(|file| file.text.to_string());
                seen.is_none() || seen == self.text_of(&edit.path)
            })
        });
        fixes
    }

    /// The project as it is now.
    pub(super) fn project(&self) -> Arc<Project> {
        Arc::clone(&self.project.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn change_project<T>(&self, change: impl FnOnce(&mut Project) -> T) -> T {
        let mut project = self.project.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut project))
    }
}

/// Takes in a file as it is now; nothing where it cannot be read, or is not to be.
fn take_in(project: &mut Project, path: &str, document: Option<Arc<ProjectFile>>) {
    match document {
        Some(document) => project.set_file(document),
        None => project.set_text(path, None),
    }
}
