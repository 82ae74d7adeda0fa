//! The workspace that the editor and the command line both stand on: open a root, lay open
//! buffers over the disk, ask for findings and fixes.
//!
//! Nothing of the workspace is executed, and no file outside its root is read.

mod fixing;
mod open_file;
mod project;
mod scan;
mod settings;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use dashmap::DashMap;

use crate::analysis::{
    FileAnalysis, FileContext, Finding, INVALID_CONFIG, ProjectChecks, ProjectFinding, Rule,
    UNREADABLE_FILE, analyze_text,
};
use crate::config;
use crate::project::{Disk, Facts, Input, Packages, Project};
use crate::text::{Text, TextRange, TextSize};

pub use fixing::{AppliedFixes, Fixing, Suppress, TakenEdit, TakenFix};
pub use open_file::{BufferFindings, Change, OpenFile};
pub use settings::Settings;

/// The stack that a thread needs to analyse files: deep trees are walked by recursion.
pub const STACK_BYTES: usize = 32 * 1024 * 1024;

/// A folder under review, with the buffers that are open in an editor.
///
/// All methods may be called from any thread. None blocks on another file's analysis.
pub struct Workspace {
    /// Nothing for buffers that belong to no folder.
    disk: Option<Disk>,
    rules: Vec<&'static Rule>,
    settings: RwLock<Arc<Settings>>,
    /// Readers take a snapshot, so that no lock on facts is held while a buffer is waited for.
    facts: RwLock<Arc<Facts>>,
    analyses: DashMap<String, Arc<FileAnalysis>>,
    /// The files that are no Rust, and what sources mention.
    project: RwLock<Arc<Project>>,
    checks: Mutex<ProjectChecks>,
    /// What rules about the project as a whole found, by file.
    project_findings: RwLock<Arc<BTreeMap<String, Vec<ProjectFinding>>>>,
    /// Files that were not reviewed, and why.
    refused: DashMap<String, String>,
    open: DashMap<String, Arc<Mutex<OpenFile>>>,
    /// The manifests that files which were opened early belong to, by path; nothing once all of
    /// the folder's are known.
    early_manifests: Mutex<Option<BTreeMap<String, String>>>,
    /// Held by a scan: of two scans at once, the one with the older settings might end last.
    scanning: Mutex<()>,
    /// Whether a scan has taken in the documents, and not yet what its sources say.
    half_known: AtomicBool,
}

impl Workspace {
    /// Opens a folder and reads its settings and manifests. Sources are read by
    /// [`Workspace::scan`].
    ///
    /// # Errors
    ///
    /// When `root` is no folder that can be read.
    pub fn open(root: &Path, rules: impl IntoIterator<Item = &'static Rule>) -> io::Result<Self> {
        let disk = Disk::open(root)?;
        if !disk.root().is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is no folder"));
        }
        let workspace = Self::new(Some(disk), rules.into_iter().collect());
        workspace.reload_settings();
        Ok(workspace)
    }

    /// A workspace for buffers that belong to no folder, such as unsaved ones.
    pub fn without_folder(rules: impl IntoIterator<Item = &'static Rule>) -> Self {
        Self::new(None, rules.into_iter().collect())
    }

    fn new(disk: Option<Disk>, rules: Vec<&'static Rule>) -> Self {
        let settings = Settings::new("", &rules, 0);
        Self {
            project: RwLock::new(Arc::new(Project::new(disk.clone()))),
            checks: Mutex::default(),
            project_findings: RwLock::default(),
            disk,
            rules,
            settings: RwLock::new(Arc::new(settings)),
            facts: RwLock::default(),
            analyses: DashMap::new(),
            refused: DashMap::new(),
            open: DashMap::new(),
            early_manifests: Mutex::new(Some(BTreeMap::new())),
            scanning: Mutex::new(()),
            half_known: AtomicBool::new(false),
        }
    }

    /// The folder of the workspace; nothing for files outside every folder.
    pub fn disk(&self) -> Option<&Disk> {
        self.disk.as_ref()
    }

    /// The rules that are there, those turned off by the settings among them.
    pub fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// The rule of an id.
    pub fn rule(&self, id: &str) -> Option<&'static Rule> {
        self.rules.iter().copied().find(|rule| rule.id == id)
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads `readiness.toml` anew. Returns whether the settings changed, in which case every file
    /// wants another analysis.
    pub fn reload_settings(&self) -> bool {
        let text = self.text_of(config::FILE_NAME).unwrap_or_default();
        let mut settings = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        if settings.text == text {
            return false;
        }
        *settings = Arc::new(Settings::new(&text, &self.rules, settings.epoch + 1));
        true
    }

    /// Reads the manifests anew. Returns whether anything changed that findings depend on.
    pub fn reload_packages(&self, files: &[String]) -> bool {
        let manifests: Vec<(String, String)> = files
            .iter()
            .filter(|path| is_manifest(path))
            .filter_map(|path| Some((path.clone(), self.text_of(path)?)))
            .collect();
        let exists = |path: &str| files.iter().any(|it| it == path);
        let packages = Packages::read(&manifests, exists);
        let mut early = lock(&self.early_manifests);
        *early = None;
        self.set_packages(packages)
    }

    /// Reads the manifests above a file, unless all of the folder were read. They are found without
    /// a walk through the folder, so that the first findings need not wait for one.
    pub(crate) fn read_manifests_above(&self, path: &str) {
        let Some(disk) = &self.disk else { return };
        let mut early = lock(&self.early_manifests);
        let Some(known) = early.as_mut() else { return };
        let count = known.len();
        let mut folder = path;
        while !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            let manifest = format!("{folder}/Cargo.toml").trim_start_matches('/').to_string();
            if !known.contains_key(&manifest)
                && let Some(text) = self.text_of(&manifest)
            {
                known.insert(manifest, text);
            }
        }
        if known.len() > count {
            let manifests: Vec<(String, String)> = known.clone().into_iter().collect();
            self.set_packages(Packages::read(&manifests, |path| disk.exists(path)));
        }
    }

    fn set_packages(&self, packages: Packages) -> bool {
        let changed = self.change_facts(|facts| facts.set_packages(packages));
        if changed {
            // In one step, or settings that are read meanwhile would be lost.
            let mut settings = self.settings.write().unwrap_or_else(PoisonError::into_inner);
            *settings = Arc::new(settings.next_epoch());
        }
        changed
    }

    /// The text of a file: that of its buffer when it is open, or the disk's.
    pub fn text_of(&self, path: &str) -> Option<String> {
        if let Some(file) = self.open_file(path) {
            return Some(lock(&file).text().to_string());
        }
        self.disk.as_ref()?.read(path).ok()
    }

    /// What is known about a file before it is read.
    pub fn context(&self, path: &str) -> FileContext {
        let settings = self.settings();
        let facts = self.facts();
        let mut context = FileContext::new(path, facts.packages(), &settings.config);
        context.critical |= settings.is_security_critical(path);
        context
    }

    /// The findings of a file as of its last analysis, in text order.
    pub fn findings(&self, path: &str) -> Vec<Finding> {
        if let Some(reason) = self.refused.get(path).map(|it| it.value().clone()) {
            return self.refusal(&reason).into_iter().collect();
        }
        let analysis = self.analyses.get(path).map(|it| Arc::clone(it.value()));
        let project = self.project_findings(path);
        match analysis {
            Some(analysis) => self.resolve(path, &analysis, project),
            None => self.resolve_plain(path, project),
        }
    }

    /// The findings of a Rust file, with those that rules about the whole project have in it.
    pub(crate) fn resolve(
        &self,
        path: &str,
        analysis: &FileAnalysis,
        project: Vec<Finding>,
    ) -> Vec<Finding> {
        let settings = self.settings();
        let context = self.context(path);
        let known = |id: &str| self.rule(id).is_some();
        analysis.resolve(&context, &settings.rule_set, &self.facts(), project, known)
    }

    /// The files that findings can be asked for, in order.
    pub fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.analyses.iter().map(|it| it.key().clone()).collect();
        files.extend(self.refused.iter().map(|it| it.key().clone()));
        files.extend(self.project_paths());
        if !self.settings().mistakes.is_empty() {
            files.push(config::FILE_NAME.to_string());
        }
        files.sort();
        files.dedup();
        files
    }

    /// Reads a closed file from the disk and analyses it.
    pub fn analyze_closed(&self, path: &str) {
        let Some(disk) = &self.disk else { return };
        let (context, settings) = (self.context(path), self.settings());
        let result = disk.read(path).map_err(|error| error.to_string());
        let analysis = result.and_then(|text| {
            let analyzed = analyze_text(&text, &context, &settings.rule_set);
            analyzed.map(|(analysis, _)| Arc::new(analysis)).map_err(|error| error.to_string())
        });
        if let Ok(analysis) = &analysis {
            let mentions = analysis.declared.mentions(&context);
            self.change_project(|project| project.set_mentions(path, mentions));
        }
        self.store(path, analysis);
    }

    /// Keeps an analysis. Returns whether the file's facts changed.
    pub(crate) fn store(&self, path: &str, analysis: Result<Arc<FileAnalysis>, String>) -> bool {
        match analysis {
            Ok(analysis) => {
                self.refused.remove(path);
                let facts = Arc::clone(&analysis.declared.facts);
                self.analyses.insert(path.to_string(), analysis);
                // Most keystrokes change no fact: look before asking for the write lock.
                let same = self.facts().file(path).is_some_and(|old| *old == facts);
                !same && self.change_facts(|it| it.replace(path, facts))
            }
            Err(reason) => {
                self.refused.insert(path.to_string(), reason);
                self.analyses.remove(path);
                self.change_facts(|facts| facts.remove(path))
            }
        }
    }

    /// Forgets a file that is gone. Returns whether other files may be affected.
    pub fn forget(&self, path: &str) -> bool {
        self.refused.remove(path);
        self.analyses.remove(path);
        self.change_project(|project| project.set_mentions(path, Arc::from([])));
        self.change_facts(|facts| facts.remove(path))
    }

    pub(crate) fn facts(&self) -> Arc<Facts> {
        Arc::clone(&self.facts.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_facts<T>(&self, change: impl FnOnce(&mut Facts) -> T) -> T {
        let result = {
            let mut facts = self.facts.write().unwrap_or_else(PoisonError::into_inner);
            change(Arc::make_mut(&mut facts))
        };
        // One lock after the other: whoever holds the project's may ask for the facts.
        self.change_project(|project| project.touch(Input::Facts));
        result
    }

    fn settings_findings(&self, settings: &Settings) -> Vec<Finding> {
        let Some(severity) = settings.rule_set.severity(&INVALID_CONFIG) else { return Vec::new() };
        let finding = |mistake: &config::Mistake| {
            let start = TextSize::new(mistake.range.start as u32);
            let range = TextRange::new(start, start.max(TextSize::new(mistake.range.end as u32)));
            plain_finding(&INVALID_CONFIG, severity, range, mistake.message.clone())
        };
        settings.mistakes.iter().map(finding).collect()
    }

    fn refusal(&self, reason: &str) -> Option<Finding> {
        let severity = self.settings().rule_set.severity(&UNREADABLE_FILE)?;
        let message = format!("this file is not reviewed: {reason}");
        Some(plain_finding(&UNREADABLE_FILE, severity, TextRange::empty(0.into()), message))
    }
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("disk", &self.disk).finish_non_exhaustive()
    }
}

fn plain_finding(
    rule: &'static Rule,
    severity: crate::config::Severity,
    range: TextRange,
    message: String,
) -> Finding {
    let message = message.into();
    Finding { rule, severity, range, message, related: Vec::new(), tag: None, condition: None }
}

/// Whether changes of the file change what packages there are.
pub fn is_manifest(path: &str) -> bool {
    path == "Cargo.toml" || path.ends_with("/Cargo.toml")
}

/// Whether the file is Rust source, by its name.
pub fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The text of a file for showing findings in it.
pub fn text_for_display(workspace: &Workspace, path: &str) -> Text {
    Text::new(&workspace.text_of(path).unwrap_or_default())
}
