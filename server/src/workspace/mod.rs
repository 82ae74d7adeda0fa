//! The workspace that the editor and the command line both stand on: open a root, lay open
//! buffers over the disk, ask for findings and fixes.
//!
//! [`Workspace`] has the methods that change something, [`Snapshot`] those that read. Whoever
//! reads takes a snapshot, works on it without a lock, and lets go of it. All that is known lies
//! behind one lock, which is held for single changes only and never while a file is analysed, a
//! rule runs or a buffer's lock is taken. Besides it each buffer has a lock, one serialises scans,
//! one the claims of documents and one the rules about the project; they are taken in this order:
//! scan, claims, buffer, project rules, state.
//!
//! Nothing of the workspace is executed, and no file outside its root is read.

mod baseline;
mod buffer;
mod checks;
mod claims;
mod documents;
mod editing;
mod fix_all;
mod fixes;
mod manifests;
mod review;
mod scan;
mod settings;
mod snapshot;
mod state;
mod suppress;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::analysis::{ProjectChecks, Rule, analyze_text};
use crate::config::Date;
use crate::project::{Disk, FileKind};
use claims::ClaimChecks;
use state::State;

pub use buffer::Change;
pub use editing::BufferFindings;
pub use fix_all::{AppliedEdit, AppliedFix, AppliedFixes};
pub use fixes::Fixing;
pub use manifests::{is_ignore_file, is_manifest};
pub use settings::{Settings, SettingsSource};
pub use snapshot::{Phase, Snapshot};
pub use suppress::Suppressions;

/// The stack that a thread needs to analyse files: deep trees are walked by recursion.
pub const STACK_BYTES: usize = 32 * 1024 * 1024;

/// Gives all threads that analyse files the stack that they need, those of the global pool as well.
pub fn prepare_threads() {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build_global();
    if let Err(error) = pool {
        tracing::error!(%error, "threads have small stacks");
    }
}

/// A folder whose files are checked, with the buffers that are open in an editor.
///
/// All methods may be called from any thread. None blocks on another file's analysis.
pub struct Workspace {
    /// Nothing for buffers that belong to no folder.
    disk: Option<Arc<Disk>>,
    state: RwLock<State>,
    /// Held while rules about the project run, so that what they found last is what is kept.
    checks: Mutex<ProjectChecks>,
    /// Held while documents are held against the code. No lock of a buffer is held by whoever takes
    /// it, as the texts of buffers are read.
    claims: Mutex<ClaimChecks>,
    /// Held by a scan: of two scans at once, the one with the older settings might end last.
    scanning: Mutex<()>,
}

impl Workspace {
    /// Opens a folder and reads its settings. Manifests and sources are read by
    /// [`Workspace::scan`].
    ///
    /// # Errors
    ///
    /// When `root` is not a directory that can be read.
    pub fn open(root: &Path, rules: impl IntoIterator<Item = &'static Rule>) -> io::Result<Self> {
        let disk = Disk::open(root)?;
        if !disk.root().is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a directory"));
        }
        let workspace = Self::new(Some(Arc::new(disk)), rules);
        workspace.reload_settings();
        Ok(workspace)
    }

    /// A workspace for buffers that belong to no folder, such as unsaved ones.
    pub fn without_folder(rules: impl IntoIterator<Item = &'static Rule>) -> Self {
        Self::new(None, rules)
    }

    fn new(disk: Option<Arc<Disk>>, rules: impl IntoIterator<Item = &'static Rule>) -> Self {
        let settings =
            Settings::new(SettingsSource::default(), &rules.into_iter().collect(), 0, None);
        let nothing = Snapshot::new(disk.clone(), settings);
        Self {
            disk,
            state: RwLock::new(State::new(nothing)),
            checks: Mutex::default(),
            claims: Mutex::default(),
            scanning: Mutex::default(),
        }
    }

    /// The folder of the workspace; nothing for files outside every folder.
    pub fn disk(&self) -> Option<&Disk> {
        self.disk.as_deref()
    }

    /// What is known now.
    pub fn snapshot(&self) -> Snapshot {
        self.state.read().unwrap_or_else(PoisonError::into_inner).snapshot()
    }

    /// Changes what is known. `change` takes no other lock.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the day on which the dates of evidence and suppressions are judged. Without it none has
    /// passed.
    pub fn set_today(&self, today: Option<Date>) {
        self.change(|state| state.set_today(today));
    }

    /// Reads `readiness.toml` anew. Returns whether the settings changed, in which case every file
    /// needs another analysis.
    pub fn reload_settings(&self) -> bool {
        let snapshot = self.snapshot();
        let overrides = snapshot.settings().source.overrides.clone();
        let source = snapshot.settings_source(overrides);
        self.change(|state| state.set_settings(source))
    }

    /// Lays entries, as of a settings file, over those of `readiness.toml`.
    pub fn set_overrides(&self, overrides: &str) {
        let source = self.snapshot().settings_source(overrides.to_string());
        self.change(|state| state.set_settings(source));
    }

    /// Reads a closed Rust file from the disk and analyses it.
    pub fn analyze_closed(&self, path: &str) {
        let Some(disk) = &self.disk else { return };
        let (context, rules) = {
            let snapshot = self.snapshot();
            (snapshot.context(path), Arc::clone(&snapshot.settings().rule_set))
        };
        let text = disk.read(path).map_err(|error| error.to_string());
        let result = text.and_then(|text| {
            let analyzed = analyze_text(&text, &context, &rules);
            analyzed.map(|(analysis, _)| Arc::new(analysis)).map_err(|error| error.to_string())
        });
        let references =
            result.as_ref().map(|it| it.index.references(&context)).unwrap_or_default();
        self.change(|state| {
            // Opened meanwhile, it has the text of its buffer.
            if !state.known().is_open(path) {
                state.set_file(path, result);
                state.set_references(path, references);
            }
        });
    }

    /// Forgets a closed file that is gone. Returns whether other files may be affected.
    pub fn forget(&self, path: &str) -> bool {
        self.change(|state| !state.known().is_open(path) && state.forget_file(path))
    }
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("disk", &self.disk).finish_non_exhaustive()
    }
}

/// Whether claims are looked for in a file, by its name.
pub fn is_document_of_claims(path: &str) -> bool {
    FileKind::of(path) == Some(FileKind::Markdown)
}

/// Whether the file is Rust source, by its name.
pub fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
