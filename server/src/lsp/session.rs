//! What the server knows of its client: its folders, its documents and its settings.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use dashmap::DashMap;
use ls_types::Uri;

use super::client_settings::ClientSettings;
use super::client_support::ClientSupport;
use super::convert;
use super::document::{OpenDocument, WorkspaceFile};
use super::publisher::Publisher;
use super::score_notification::ScoreParams;
use crate::rules;
use crate::workspace::Workspace;

#[derive(Debug)]
pub struct Session {
    support: OnceLock<ClientSupport>,
    settings: RwLock<ClientSettings>,
    /// What `initialize` said, for when the client has no settings of ours.
    initial_settings: OnceLock<ClientSettings>,
    folders: RwLock<Vec<Arc<Workspace>>>,
    /// Buffers that belong to no folder.
    loose: Arc<Workspace>,
    documents: DashMap<Uri, Arc<OpenDocument>>,
    /// URIs of documents that were opened once more under another spelling, and not closed yet.
    superseded: DashMap<Uri, ()>,
    pub publisher: Publisher,
    /// Held while closed files are read, so that an older text cannot overtake a newer one.
    pub reading: tokio::sync::Mutex<()>,
    /// Counts what may change a score.
    pub score_turn: AtomicU64,
    /// The scores that the client was told last, by folder.
    told_scores: Mutex<Vec<ScoreParams>>,
}

impl Session {
    pub fn new(publisher: Publisher) -> Self {
        Self {
            support: OnceLock::new(),
            settings: RwLock::default(),
            initial_settings: OnceLock::new(),
            folders: RwLock::default(),
            loose: Arc::new(Workspace::without_folder(rules::all())),
            documents: DashMap::new(),
            superseded: DashMap::new(),
            publisher,
            reading: tokio::sync::Mutex::new(()),
            score_turn: AtomicU64::new(0),
            told_scores: Mutex::default(),
        }
    }
}

/// The client.
impl Session {
    pub fn set_support(&self, support: ClientSupport) {
        // A second `initialize` is refused before it gets here.
        let _ = self.support.set(support);
    }

    pub fn support(&self) -> ClientSupport {
        self.support.get().copied().unwrap_or_default()
    }

    pub fn settings(&self) -> ClientSettings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the settings that `initialize` brought.
    pub fn set_initial_settings(&self, value: serde_json::Value) {
        self.set_settings(value);
        // There is one `initialize`.
        self.initial_settings.get_or_init(|| self.settings());
    }

    /// Takes settings as the client sent them; without any, those of `initialize` hold. Returns
    /// whether they changed; malformed ones are logged and change nothing.
    pub fn set_settings(&self, value: serde_json::Value) -> bool {
        let new = if value.is_null() {
            Ok(self.initial_settings.get().cloned().unwrap_or_default())
        } else {
            serde_json::from_value::<ClientSettings>(value)
        };
        match new {
            Ok(new) => {
                let mut settings = self.settings.write().unwrap_or_else(PoisonError::into_inner);
                let changed = *settings != new;
                let overrides = new.as_overrides();
                *settings = new;
                drop(settings);
                if changed {
                    self.folders().iter().for_each(|it| it.set_overrides(&overrides));
                }
                changed
            }
            Err(error) => {
                tracing::warn!(%error, "invalid client settings are ignored");
                false
            }
        }
    }
}

/// Folders.
impl Session {
    pub fn folders(&self) -> Vec<Arc<Workspace>> {
        self.folders.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens a folder; nothing when it is open already or cannot be.
    pub fn add_folder(&self, path: &Path) -> Option<Arc<Workspace>> {
        let workspace = match Workspace::open(path, rules::all()) {
            Ok(workspace) => Arc::new(workspace),
            Err(error) => {
                tracing::warn!(%error, "cannot open a workspace folder");
                return None;
            }
        };
        let root = workspace.disk()?.root().to_path_buf();
        workspace.set_overrides(&self.settings().as_overrides());
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        if folders.iter().any(|it| it.disk().is_some_and(|disk| disk.root() == root)) {
            return None;
        }
        folders.push(Arc::clone(&workspace));
        Some(workspace)
    }

    /// Closes a folder and returns it.
    pub fn remove_folder(&self, path: &Path) -> Option<Arc<Workspace>> {
        // A folder that is gone from the disk has only the path it had.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        let index =
            folders.iter().position(|it| it.disk().is_some_and(|disk| disk.root() == path))?;
        Some(folders.remove(index))
    }
}

/// Scores.
impl Session {
    /// Notes what the client is about to be told of a folder. Returns whether it is something new.
    pub fn set_told_score(&self, score: &ScoreParams) -> bool {
        let mut told = self.told_scores.lock().unwrap_or_else(PoisonError::into_inner);
        match told.iter_mut().find(|it| it.folder == score.folder) {
            Some(known) if known == score => return false,
            Some(known) => *known = score.clone(),
            None => told.push(score.clone()),
        }
        true
    }
}

/// Files.
impl Session {
    /// The file that a URI names: of an open document the one that it was opened as.
    pub fn file(&self, uri: &Uri) -> WorkspaceFile {
        self.document(uri).map_or_else(|| self.locate(uri), |document| document.file.clone())
    }

    /// The file that a URI names, by the folders that are open now. Of nested folders the inner one
    /// has it; without a folder it is by itself.
    pub fn locate(&self, uri: &Uri) -> WorkspaceFile {
        let path = convert::file_path(uri);
        let inside = path.as_deref().and_then(|path| {
            let files = self.folders().into_iter().filter_map(|workspace| {
                let relative = workspace.disk()?.relative(path)?;
                Some(WorkspaceFile { workspace, path: relative })
            });
            files.min_by_key(|file| file.path.len())
        });
        inside.unwrap_or_else(|| {
            let path = path.map_or_else(
                || uri.as_str().to_string(),
                |path| path.to_string_lossy().replace('\\', "/"),
            );
            WorkspaceFile { workspace: Arc::clone(&self.loose), path }
        })
    }

    /// Whether a file belongs to a workspace, and not to a folder inside it.
    pub fn owns(&self, workspace: &Arc<Workspace>, uri: &Uri) -> bool {
        Arc::ptr_eq(&self.locate(uri).workspace, workspace)
    }

    /// The URI of a file of a workspace: as its editor spelled it when it is open.
    pub fn uri(&self, workspace: &Arc<Workspace>, path: &str) -> Option<Uri> {
        let open = self.documents.iter().find(|it| {
            let file = &it.value().file;
            file.path == path && Arc::ptr_eq(&file.workspace, workspace)
        });
        match open {
            Some(open) => Some(open.key().clone()),
            None => Uri::from_file_path(workspace.disk()?.absolute(path)),
        }
    }
}

/// Open documents.
impl Session {
    /// Adds a document; one that was open under the same URI ends.
    pub fn add_document(&self, uri: Uri, document: Arc<OpenDocument>) {
        if let Some(old) = self.documents.insert(uri, document) {
            old.closed.notify_one();
        }
    }

    /// The URI that a file is open under, when that is spelled otherwise: escapes, `.` and links
    /// leave clients a choice.
    pub fn spelling(&self, uri: &Uri) -> Uri {
        if self.documents.contains_key(uri) || convert::file_path(uri).is_none() {
            return uri.clone();
        }
        let file = self.locate(uri);
        let open = self.documents.iter().find(|it| it.value().file.is_same(&file));
        open.map_or_else(|| uri.clone(), |it| it.key().clone())
    }

    /// Ends the documents of a file that is opened under another URI, of which there is one from now
    /// on. Returns the URIs that something may have been published for.
    pub fn supersede(&self, uri: &Uri, file: &WorkspaceFile) -> Vec<Uri> {
        self.superseded.remove(uri);
        let open =
            self.documents.iter().filter(|it| it.key() != uri && it.value().file.is_same(file));
        let mut others: Vec<Uri> = open.map(|it| it.key().clone()).collect();
        for other in &others {
            self.remove_document(other);
            self.superseded.insert(other.clone(), ());
        }
        // While it was closed.
        let plain =
            file.workspace.disk().and_then(|disk| Uri::from_file_path(disk.absolute(&file.path)));
        others.extend(plain.filter(|it| it != uri));
        others
    }

    /// Whether a document that is closed was opened under another URI since.
    pub fn is_superseded(&self, uri: &Uri) -> bool {
        self.superseded.remove(uri).is_some()
    }

    /// Removes a document and ends its task.
    pub fn remove_document(&self, uri: &Uri) -> Option<Arc<OpenDocument>> {
        let (_, document) = self.documents.remove(uri)?;
        document.closed.notify_one();
        Some(document)
    }

    pub fn document(&self, uri: &Uri) -> Option<Arc<OpenDocument>> {
        self.documents.get(uri).map(|it| Arc::clone(it.value()))
    }

    pub fn documents(&self) -> Vec<(Uri, Arc<OpenDocument>)> {
        self.documents.iter().map(|it| (it.key().clone(), Arc::clone(it.value()))).collect()
    }
}
