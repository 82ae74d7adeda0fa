//! What is known of a workspace at one moment, for readers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};

use super::buffer::Buffer;
use super::claims::CheckedDocument;
use super::lock;
use super::settings::{Settings, SettingsSource};
use crate::analysis::{
    FileAnalysis, Finding, INVALID_CONFIG, ProjectFinding, Rule, UNREADABLE_FILE, may_suppress,
    resolve_lines,
};
use crate::config;
use crate::project::{Disk, FileKind, Project, ProjectFile, ReadError, SymbolIndex};
use crate::semantics::FileContext;
use crate::text::{FileRange, Text, TextSize};

/// How much of a workspace is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The settings are read. Of the manifests those are known, by path, that stand above files
    /// which were opened already.
    SettingsRead(Arc<BTreeMap<String, String>>),
    /// All manifests are read.
    ManifestsRead,
    /// A scan is under way: documents are known which refer to sources that are not, or the
    /// reverse.
    Scanning,
    /// Everything is known that is below the folder; the only phase in which rules about the
    /// project run.
    Known,
}

/// The analysis of a Rust file, or why it was not analysed.
pub(super) type FileResult = Result<Arc<FileAnalysis>, String>;

/// What is known of a workspace at one moment. Nothing in it changes later but the texts of open
/// buffers, each of which has its own lock.
///
/// To make one or to clone one costs a few counters. For as long as one is held, each part of the
/// workspace is copied once before it changes: let go of it before you change the workspace.
#[derive(Clone)]
pub struct Snapshot {
    pub(super) disk: Option<Arc<Disk>>,
    pub(super) phase: Phase,
    pub(super) settings: Arc<Settings>,
    /// What Rust sources declare, and the packages.
    pub(super) symbols: Arc<SymbolIndex>,
    /// The Rust files, with their last analyses: for open ones when typing last settled.
    pub(super) files: Arc<BTreeMap<String, FileResult>>,
    /// The files that are not Rust, and what sources refer to.
    pub(super) project: Arc<Project>,
    /// What rules about the project as a whole found, by file.
    pub(super) project_findings: Arc<BTreeMap<String, Vec<ProjectFinding>>>,
    /// The documents that were held against the code, by path.
    pub(super) claims: Arc<BTreeMap<String, Arc<CheckedDocument>>>,
    /// The number of changes of Rust sources so far.
    pub(super) source_changes: u64,
    pub(super) buffers: Arc<BTreeMap<String, Arc<Mutex<Buffer>>>>,
    /// The files among them that git ignores: `check` does not look at them either.
    pub(super) left_out: Arc<BTreeSet<String>>,
}

/// Files of these kinds that cannot be read are reported. Others may be templates, or written for
/// a parser that takes more.
const STRICT: &[FileKind] =
    &[FileKind::Manifest, FileKind::Dockerfile, FileKind::Ci, FileKind::PackageJson];

/// Files that are there in any folder, and make no project of it.
const BESIDES: &[FileKind] = &[
    FileKind::GitIgnore,
    FileKind::CodeOwners,
    FileKind::Settings,
    FileKind::Markdown,
    FileKind::Toml,
    FileKind::Yaml,
    FileKind::Json,
];

impl Snapshot {
    /// A workspace of which only the settings are known.
    pub(super) fn new(disk: Option<Arc<Disk>>, settings: Settings) -> Self {
        // What belongs to no folder is not scanned.
        let phase = match disk {
            Some(_) => Phase::SettingsRead(Arc::default()),
            None => Phase::Known,
        };
        Self {
            project: Arc::new(Project::new(disk.as_deref().cloned())),
            disk,
            phase,
            settings: Arc::new(settings),
            symbols: Arc::default(),
            files: Arc::default(),
            project_findings: Arc::default(),
            claims: Arc::default(),
            source_changes: 0,
            buffers: Arc::default(),
            left_out: Arc::default(),
        }
    }

    /// How much is known.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The settings, with the rules.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What Rust sources declare.
    pub fn symbols(&self) -> &SymbolIndex {
        &self.symbols
    }

    /// The files that are not Rust, and what sources refer to.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Whether the settings leave it to another tool to show a finding in the editor.
    pub fn is_shown_by_other_tool(&self, path: &str, finding: &Finding) -> bool {
        let is_asked = self.settings.config.dedupe == Some(config::OtherTool::Clippy);
        is_asked
            && self.context(path).package.is_some_and(|package| {
                let is_on = |lint: &&str| package.warned_lints.iter().any(|it| it == lint);
                finding.rule.lints.iter().any(is_on)
            })
    }

    /// The rule of an id, one that is turned off among them.
    pub fn rule(&self, id: &str) -> Option<&'static Rule> {
        self.settings.known_rules().iter().copied().find(|rule| rule.id == id)
    }

    /// Whether a file is not reviewed: excluded by settings, or open and ignored by git.
    pub(super) fn is_excluded(&self, path: &str) -> bool {
        self.settings.is_excluded(path) || self.left_out.contains(path)
    }

    /// Whether an editor has the file open.
    pub fn is_open(&self, path: &str) -> bool {
        self.buffers.contains_key(path)
    }

    /// The text and the version of a buffer; nothing when the file is not open.
    pub fn buffer_text(&self, path: &str) -> Option<(Text, i32)> {
        let buffer = lock(self.buffer(path)?);
        Some((buffer.text().clone(), buffer.version()))
    }

    /// The version of a buffer; nothing when the file is not open.
    pub fn buffer_version(&self, path: &str) -> Option<i32> {
        self.buffer(path).map(|buffer| lock(buffer).version())
    }

    /// The versions of all buffers, by path: equal ones mean that no text changed in between.
    pub fn buffer_versions(&self) -> BTreeMap<String, i32> {
        let buffers = self.buffers.iter();
        buffers.map(|(path, buffer)| (path.clone(), lock(buffer).version())).collect()
    }

    /// The buffer of a file that an editor has open.
    pub(super) fn buffer(&self, path: &str) -> Option<&Arc<Mutex<Buffer>>> {
        self.buffers.get(path)
    }

    /// Whether this is the buffer of a file, and not one that was closed since.
    pub(super) fn is_buffer(&self, path: &str, buffer: &Arc<Mutex<Buffer>>) -> bool {
        self.buffer(path).is_some_and(|it| Arc::ptr_eq(it, buffer))
    }

    /// The text of a file: that of its buffer when it is open, or the disk's.
    pub fn text_of(&self, path: &str) -> Option<String> {
        if let Some(buffer) = self.buffer(path) {
            return Some(lock(buffer).text().to_string());
        }
        self.disk.as_ref()?.read(path).ok()
    }

    /// The text of the settings, and why they cannot be read as they are.
    pub(super) fn settings_text(&self) -> Option<(String, Option<String>)> {
        let is_open = self.is_open(config::FILE_NAME);
        let Some(disk) = self.disk.as_ref().filter(|_| !is_open) else {
            return Some((self.text_of(config::FILE_NAME)?, None));
        };
        match disk.read_lossy(config::FILE_NAME) {
            Ok((text, invalid)) => Some((text, invalid.map(|it| it.to_string()))),
            Err(ReadError::Io(error)) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => Some((String::new(), Some(error.to_string()))),
        }
    }

    /// What is known about a file before it is read.
    pub fn context(&self, path: &str) -> FileContext {
        self.settings.context(path, self.symbols.packages())
    }

    /// The analyses of the Rust files that are open and not excluded.
    pub(super) fn open_analyses(&self) -> impl Iterator<Item = (String, Arc<FileAnalysis>)> {
        let open = self.buffers.keys().filter(|path| !self.is_excluded(path));
        open.filter_map(|path| Some((path.clone(), Arc::clone(self.analysis(path)?))))
    }

    /// The last analysis of a Rust file.
    pub(super) fn analysis(&self, path: &str) -> Option<&Arc<FileAnalysis>> {
        self.files.get(path)?.as_ref().ok()
    }

    /// The files that findings can be asked for, in order.
    pub fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.files.keys().cloned().collect();
        files.extend(self.project_findings.keys().cloned());
        files.extend(self.documents_with_claims().map(str::to_string));
        let strict = STRICT.iter().flat_map(|kind| self.project.files(*kind));
        files.extend(strict.filter(|it| is_refused(it)).map(|it| it.path.clone()));
        let suppressing = self.project.all_files().filter(|it| may_suppress(&it.text));
        files.extend(suppressing.map(|it| it.path.clone()));
        if self.settings.is_own() && !self.settings.mistakes.is_empty() {
            files.push(config::FILE_NAME.to_string());
        }
        files.sort();
        files.dedup();
        files
    }

    /// Whether a file is looked at.
    pub fn is_reviewed(&self, path: &str) -> bool {
        self.settings.is_reviewed(path)
    }

    /// Whether something is there that a review is about, and not only texts beside it.
    pub fn has_something_to_review(&self) -> bool {
        let is_subject = |path: &&String| match FileKind::of(path) {
            Some(FileKind::Rust) => true,
            Some(kind) => kind.is_document() && !BESIDES.contains(&kind),
            None => false,
        };
        let mut subjects = self.project.listing().iter().filter(is_subject);
        subjects.any(|path| self.settings.is_reviewed(path))
    }

    /// Whether findings can be asked for a file; see [`Snapshot::files`].
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
            || self.project_findings.contains_key(path)
            || self.documents_with_claims().any(|it| it == path)
            || self.project.file(path).is_some_and(|it| is_refused(it) || may_suppress(&it.text))
            || (path == config::FILE_NAME
                && self.settings.is_own()
                && !self.settings.mistakes.is_empty())
    }

    /// The findings of a file as of its last analysis, in text order.
    pub fn findings(&self, path: &str) -> Vec<Finding> {
        let project = self.project_findings(path);
        match self.files.get(path) {
            Some(Ok(analysis)) => self.findings_of(path, analysis, project),
            Some(Err(reason)) => self.refusal(reason).into_iter().collect(),
            None => self.findings_of_plain(path, project),
        }
    }

    /// The findings of a Rust file, with those that rules about the whole project have in it.
    pub(super) fn findings_of(
        &self,
        path: &str,
        analysis: &FileAnalysis,
        project: Vec<Finding>,
    ) -> Vec<Finding> {
        let known = |id: &str| self.rule(id).is_some();
        let context = self.context(path);
        analysis.resolve(&context, &self.settings.rule_set, &self.symbols, project, known)
    }

    /// The findings of a file that is not Rust, given those of rules about the project.
    fn findings_of_plain(&self, path: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
        if path == config::FILE_NAME && self.settings.is_own() {
            findings.extend(self.settings_findings(&self.settings));
        }
        match self.project.file(path) {
            Some(file) => {
                findings.extend(self.claim_findings(path, &file.text));
                self.findings_of_document(file, findings, true)
            }
            None => findings,
        }
    }

    /// The same for a document whose text is at hand. That it is malformed is reported once typing
    /// settled.
    pub(super) fn findings_of_document(
        &self,
        file: &ProjectFile,
        mut findings: Vec<Finding>,
        settled: bool,
    ) -> Vec<Finding> {
        if settled
            && STRICT.contains(&file.kind)
            && let Some(malformed) = file.malformed()
        {
            findings.extend(self.unreadable(malformed.range, &malformed.message));
        }
        let rules = &self.settings.rule_set;
        resolve_lines(&file.path, &file.text, findings, rules, |id| self.rule(id).is_some())
    }

    /// What rules about the project found in a file, as of the text that they saw.
    pub(super) fn project_findings(&self, path: &str) -> Vec<Finding> {
        let found = self.project_findings.get(path).into_iter().flatten();
        found.map(|it| it.finding.clone()).collect()
    }

    /// The mistakes in settings as findings.
    pub(super) fn settings_findings(&self, settings: &Settings) -> Vec<Finding> {
        let Some(severity) = settings.rule_set.severity(&INVALID_CONFIG) else { return Vec::new() };
        let finding = |mistake: &config::Mistake| {
            let start = TextSize::new(mistake.range.start as u32);
            let range = FileRange::new(start, start.max(TextSize::new(mistake.range.end as u32)));
            plain_finding(&INVALID_CONFIG, severity, range, mistake.message.clone())
        };
        settings.mistakes.iter().map(finding).collect()
    }

    /// The mistakes in a text of the settings, as it is typed; nothing for another file.
    pub(super) fn findings_of_settings(&self, path: &str, text: &str) -> Vec<Finding> {
        if path != config::FILE_NAME {
            return Vec::new();
        }
        let (rules, today) = (self.settings.known_rules(), self.settings.config.today);
        let source = SettingsSource { text: text.to_string(), ..SettingsSource::default() };
        self.settings_findings(&Settings::new(source, rules, 0, today))
    }

    /// The finding of a Rust file that is not analysed for some reason.
    pub(super) fn refusal(&self, reason: &str) -> Option<Finding> {
        self.unreadable(FileRange::empty(0.into()), reason)
    }

    fn unreadable(&self, range: FileRange, reason: &str) -> Option<Finding> {
        let severity = self.settings.rule_set.severity(&UNREADABLE_FILE)?;
        let message = format!("cannot check this file: {reason}");
        Some(plain_finding(&UNREADABLE_FILE, severity, range, message))
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("disk", &self.disk)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

/// Whether a document is reported as one that cannot be read.
fn is_refused(file: &ProjectFile) -> bool {
    STRICT.contains(&file.kind) && file.malformed().is_some()
}

fn plain_finding(
    rule: &'static Rule,
    severity: config::Severity,
    range: FileRange,
    message: String,
) -> Finding {
    Finding::new(rule, severity, range, message)
}
