//! The only place that changes what is known of a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::buffer::Buffer;
use super::claims::CheckedDocument;
use super::settings::{Settings, SettingsSource};
use super::snapshot::{FileResult, Phase, Snapshot};
use crate::analysis::{FileAnalysis, ProjectFinding};
use crate::config::Date;
use crate::project::{Input, Packages, Project, ProjectFile, Reference, SymbolIndex};

/// What is known of a workspace now. A part of it that a snapshot holds as well is copied before it
/// is changed.
pub(super) struct State {
    now: Snapshot,
}

/// What a scan found, apart from the documents: those are known before the sources are.
pub(super) struct Scanned {
    pub files: BTreeMap<String, FileResult>,
    /// What sources refer to; nothing for those that were not analysed.
    pub references: Vec<(String, Arc<[Reference]>)>,
    /// What the sources declare, those of buffers as of the last time that typing settled.
    pub symbols: SymbolIndex,
}

impl State {
    pub fn new(now: Snapshot) -> Self {
        Self { now }
    }

    pub fn snapshot(&self) -> Snapshot {
        self.now.clone()
    }

    pub fn known(&self) -> &Snapshot {
        &self.now
    }

    pub fn enter(&mut self, phase: Phase) {
        self.now.phase = phase;
    }

    /// Another text of the settings comes with another epoch. Returns whether it is another one.
    pub fn set_settings(&mut self, source: SettingsSource) -> bool {
        let old = &self.now.settings;
        if old.source == source {
            return false;
        }
        let (rules, epoch, today) = (old.known_rules(), old.epoch + 1, old.config.today);
        self.now.settings = Arc::new(Settings::new(source, rules, epoch, today));
        true
    }

    /// Takes in the day on which dates are judged.
    pub fn set_today(&mut self, today: Option<Date>) {
        let old = &self.now.settings;
        if old.config.today != today {
            let (rules, epoch) = (old.known_rules(), old.epoch + 1);
            self.now.settings = Arc::new(Settings::new(old.source.clone(), rules, epoch, today));
        }
    }

    /// Other packages come with another epoch. Returns whether they are others.
    pub fn set_packages(&mut self, packages: Packages) -> bool {
        if *self.now.symbols.packages() == packages {
            return false;
        }
        self.symbols().set_packages(packages);
        self.now.settings = Arc::new(self.now.settings.next_epoch());
        true
    }

    pub fn open(&mut self, path: &str, buffer: Buffer) {
        let buffers = Arc::make_mut(&mut self.now.buffers);
        buffers.insert(path.to_string(), Arc::new(Mutex::new(buffer)));
    }

    /// Notes whether git ignores a file that is open. Returns whether that is new.
    pub fn set_left_out(&mut self, path: &str, is_left_out: bool) -> bool {
        if self.now.left_out.contains(path) == is_left_out {
            return false;
        }
        let left_out = Arc::make_mut(&mut self.now.left_out);
        if is_left_out { left_out.insert(path.to_string()) } else { left_out.remove(path) }
    }

    pub fn close(&mut self, path: &str) {
        self.set_left_out(path, false);
        Arc::make_mut(&mut self.now.buffers).remove(path);
    }

    /// Takes in the analysis of a Rust file. Returns whether what it declares changed.
    pub fn set_file(&mut self, path: &str, result: FileResult) -> bool {
        let declared = result.as_ref().ok().map(|it| Arc::clone(&it.index.symbols));
        let uses = result.as_ref().map(|it| Arc::clone(&it.index.uses)).unwrap_or_default();
        self.now.source_changes += 1;
        Arc::make_mut(&mut self.now.files).insert(path.to_string(), result);
        let calls_change = self.now.symbols.set_uses(path, uses);
        let declarations_change = match declared {
            // Mostly nothing changed: look before the index is copied for a snapshot.
            Some(symbols) if self.now.symbols.file(path).is_some_and(|old| *old == symbols) => {
                false
            }
            Some(symbols) => self.symbols().replace(path, symbols),
            None => self.remove_symbols(path),
        };
        calls_change || declarations_change
    }

    /// Forgets a Rust file. Returns whether other files may be affected.
    pub fn forget_file(&mut self, path: &str) -> bool {
        if self.now.files.contains_key(path) {
            self.now.source_changes += 1;
            Arc::make_mut(&mut self.now.files).remove(path);
        }
        self.set_references(path, Arc::default());
        self.remove_symbols(path)
    }

    fn remove_symbols(&mut self, path: &str) -> bool {
        self.now.symbols.file(path).is_some() && self.symbols().remove(path)
    }

    /// The symbol index, to be changed.
    fn symbols(&mut self) -> &mut SymbolIndex {
        self.project().touch(Input::SymbolIndex);
        Arc::make_mut(&mut self.now.symbols)
    }

    fn project(&mut self) -> &mut Project {
        Arc::make_mut(&mut self.now.project)
    }

    /// Takes in what a source refers to.
    pub fn set_references(&mut self, path: &str, references: Arc<[Reference]>) {
        self.project().set_references(path, references);
    }

    /// Takes in a document; nothing where it cannot be read, or is not to be.
    pub fn set_document(&mut self, path: &str, document: Option<Arc<ProjectFile>>) {
        match document {
            Some(document) => self.project().set_file(document),
            None => self.project().set_text(path, None),
        }
    }

    /// Takes in which files there are. Of others only those that are open stay known.
    pub fn set_listing(&mut self, listing: &[String]) {
        let (buffers, left_out) = (Arc::clone(&self.now.buffers), Arc::clone(&self.now.left_out));
        let keep = |path: &str| buffers.contains_key(path) && !left_out.contains(path);
        self.project().set_listing(listing.to_vec(), keep);
    }

    /// Takes in what rules about the project found. Returns the files whose findings changed.
    pub fn set_project_findings(
        &mut self,
        found: BTreeMap<String, Vec<ProjectFinding>>,
    ) -> Vec<String> {
        let known = std::mem::replace(&mut self.now.project_findings, Arc::new(found));
        let found = &self.now.project_findings;
        let findings = |of: &BTreeMap<String, Vec<ProjectFinding>>, path: &str| -> Vec<_> {
            of.get(path).into_iter().flatten().map(|it| it.finding.clone()).collect()
        };
        let paths: BTreeSet<&String> = known.keys().chain(found.keys()).collect();
        let changed = paths.into_iter().filter(|it| findings(&known, it) != findings(found, it));
        changed.cloned().collect()
    }

    /// Takes in the documents that were held against the code. Returns those whose findings
    /// changed.
    pub fn set_claims(&mut self, checked: BTreeMap<String, Arc<CheckedDocument>>) -> Vec<String> {
        let known = std::mem::replace(&mut self.now.claims, Arc::new(checked));
        let checked = &self.now.claims;
        let is_same = |path: &String| match (known.get(path), checked.get(path)) {
            (Some(known), Some(checked)) => known.has_findings_of(checked),
            (None, None) => true,
            _ => false,
        };
        let paths: BTreeSet<&String> = known.keys().chain(checked.keys()).collect();
        paths.into_iter().filter(|it| !is_same(it)).cloned().collect()
    }

    /// Takes in what a scan found, in one step. Files that are open stay as their buffers are.
    /// Returns what was known before, for the caller to drop once the lock is free.
    pub fn finish_scan(
        &mut self,
        scanned: Scanned,
    ) -> (Arc<SymbolIndex>, Arc<BTreeMap<String, FileResult>>) {
        let Scanned { mut files, references, mut symbols } = scanned;
        // Someone may have typed in a manifest meanwhile.
        symbols.set_packages(self.now.symbols.packages().clone());
        let of_buffer = |(path, analysis): (String, Arc<FileAnalysis>)| {
            let context = self.now.settings.context(&path, symbols.packages());
            let references = analysis.index.references(&context);
            (path, analysis, references)
        };
        let buffers: Vec<_> = self.now.open_analyses().map(of_buffer).collect();
        let project = self.project();
        for (path, references) in references {
            project.set_references(&path, references);
        }
        for (path, analysis, references) in buffers {
            project.set_references(&path, references);
            symbols.replace(&path, Arc::clone(&analysis.index.symbols));
            symbols.set_uses(&path, Arc::clone(&analysis.index.uses));
            files.insert(path, Ok(analysis));
        }
        project.touch(Input::SymbolIndex);
        self.now.source_changes += 1;
        self.enter(Phase::Known);
        (
            std::mem::replace(&mut self.now.symbols, Arc::new(symbols)),
            std::mem::replace(&mut self.now.files, Arc::new(files)),
        )
    }
}
