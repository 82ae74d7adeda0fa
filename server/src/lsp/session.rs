//! What the server knows of its client: its folders, its documents and its settings.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use dashmap::DashMap;
use ls_types::Uri;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Notify;

use super::capabilities::ClientSupport;
use super::convert;
use super::output::Output;
use crate::config::Severity;
use crate::rules;
use crate::workspace::Workspace;

/// The settings of the client, under `readiness`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSettings {
    /// Which files have diagnostics.
    pub scope: Scope,
    /// Findings below this severity are not shown.
    pub min_severity: Option<Severity>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    #[default]
    OpenFiles,
    Workspace,
}

/// A document's place: the workspace it belongs to, and its path there.
#[derive(Debug, Clone)]
pub struct Place {
    pub workspace: Arc<Workspace>,
    pub path: String,
}

/// A document that is open.
#[derive(Debug)]
pub struct OpenDocument {
    pub place: Place,
    /// Wakes the document's task after a change.
    pub changed: Notify,
    /// Ends the document's task.
    pub closed: Notify,
    /// Whether the document was analysed since it was opened, and the client had its turn.
    pub answered: AtomicBool,
    /// The id of the last result that was given to a client that asks.
    last_answer: Mutex<Option<String>>,
}

impl OpenDocument {
    pub fn new(place: Place) -> Self {
        Self {
            place,
            changed: Notify::new(),
            closed: Notify::new(),
            answered: AtomicBool::new(false),
            last_answer: Mutex::default(),
        }
    }

    pub fn last_answer(&self) -> Option<String> {
        self.last_answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_last_answer(&self, result_id: String) {
        *self.last_answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(result_id);
    }
}

#[derive(Debug)]
pub struct Session {
    support: OnceLock<ClientSupport>,
    settings: RwLock<ClientSettings>,
    /// What `initialize` said, for when the client has no settings of ours.
    initial_settings: OnceLock<ClientSettings>,
    folders: RwLock<Vec<Arc<Workspace>>>,
    /// Buffers that belong to no folder.
    loose: Arc<Workspace>,
    pub documents: DashMap<Uri, Arc<OpenDocument>>,
    pub output: Output,
    /// The diagnostics that were sent last, to send only what is new.
    pub published: DashMap<Uri, Box<RawValue>>,
    /// Held while closed files are read, so that an older text cannot overtake a newer one.
    pub reading: tokio::sync::Mutex<()>,
    /// Held while diagnostics are sent, so that a document's last ones cannot overtake the empty
    /// ones that follow its close.
    pub publishing: Mutex<()>,
}

impl Session {
    pub fn new(output: Output) -> Self {
        Self {
            support: OnceLock::new(),
            settings: RwLock::default(),
            initial_settings: OnceLock::new(),
            folders: RwLock::default(),
            loose: Arc::new(Workspace::without_folder(rules::all())),
            documents: DashMap::new(),
            output,
            published: DashMap::new(),
            reading: tokio::sync::Mutex::new(()),
            publishing: Mutex::new(()),
        }
    }

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
                *settings = new;
                changed
            }
            Err(error) => {
                tracing::warn!(%error, "the client's settings do not apply");
                false
            }
        }
    }

    pub fn folders(&self) -> Vec<Arc<Workspace>> {
        self.folders.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens a folder; nothing when it is open already or cannot be.
    pub fn add_folder(&self, path: &Path) -> Option<Arc<Workspace>> {
        let workspace = match Workspace::open(path, rules::all()) {
            Ok(workspace) => Arc::new(workspace),
            Err(error) => {
                tracing::warn!(%error, "a folder cannot be opened");
                return None;
            }
        };
        let root = workspace.disk()?.root().to_path_buf();
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

    /// The workspace and path of a document. Of nested folders the inner one has it; without a
    /// folder it is by itself.
    pub fn place(&self, uri: &Uri) -> Place {
        if let Some(document) = self.document(uri) {
            return document.place.clone();
        }
        self.find_place(uri)
    }

    pub fn find_place(&self, uri: &Uri) -> Place {
        let path = convert::file_path(uri);
        let inside = path.as_deref().and_then(|path| {
            let folders = self.folders();
            let places = folders.into_iter().filter_map(|workspace| {
                let relative = workspace.disk()?.relative(path)?;
                Some(Place { workspace, path: relative })
            });
            places.min_by_key(|place| place.path.len())
        });
        inside.unwrap_or_else(|| {
            let path = path.map_or_else(
                || uri.as_str().to_string(),
                |path| path.to_string_lossy().replace('\\', "/"),
            );
            Place { workspace: Arc::clone(&self.loose), path }
        })
    }

    /// Whether a file of a workspace is reviewed there, and not in a folder inside it.
    pub fn owns(&self, workspace: &Arc<Workspace>, uri: &Uri) -> bool {
        Arc::ptr_eq(&self.find_place(uri).workspace, workspace)
    }

    /// The version of a document's text; nothing when it is not open.
    pub fn version(&self, uri: &Uri) -> Option<i32> {
        let document = self.document(uri)?;
        document.place.workspace.snapshot().buffer_version(&document.place.path)
    }

    /// The versions of all open documents: equal ones mean that no text changed in between.
    pub fn versions(&self) -> Vec<(Uri, i32)> {
        let documents = self.open_documents().into_iter();
        let mut versions: Vec<(Uri, i32)> =
            documents.filter_map(|(uri, _)| self.version(&uri).map(|it| (uri, it))).collect();
        versions.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
        versions
    }

    pub fn document(&self, uri: &Uri) -> Option<Arc<OpenDocument>> {
        self.documents.get(uri).map(|it| Arc::clone(it.value()))
    }

    pub fn open_documents(&self) -> Vec<(Uri, Arc<OpenDocument>)> {
        self.documents.iter().map(|it| (it.key().clone(), Arc::clone(it.value()))).collect()
    }

    /// The URI of a file of a workspace: as its editor spelled it when it is open.
    pub fn uri(&self, workspace: &Arc<Workspace>, path: &str) -> Option<Uri> {
        let open = self.documents.iter().find(|it| {
            it.value().place.path == path && Arc::ptr_eq(&it.value().place.workspace, workspace)
        });
        match open {
            Some(open) => Some(open.key().clone()),
            None => Uri::from_file_path(workspace.disk()?.absolute(path)),
        }
    }
}
