//! Documents that are open.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::workspace::Workspace;

/// A file, and the workspace that it belongs to.
#[derive(Debug, Clone)]
pub struct WorkspaceFile {
    pub workspace: Arc<Workspace>,
    /// Relative to the folder of the workspace.
    pub path: String,
}

impl WorkspaceFile {
    pub fn is_same(&self, other: &Self) -> bool {
        self.path == other.path && Arc::ptr_eq(&self.workspace, &other.workspace)
    }

    /// The version of the text that an editor has open; nothing when the file is closed.
    pub fn version(&self) -> Option<i32> {
        self.workspace.snapshot().buffer_version(&self.path)
    }
}

/// A document that is open.
#[derive(Debug)]
pub struct OpenDocument {
    pub file: WorkspaceFile,
    /// Wakes the document's task after a change.
    pub changed: Notify,
    /// Ends the document's task.
    pub closed: Notify,
    was_analyzed: AtomicBool,
    /// The id of the last result that was given to a client that pulls.
    last_result_id: Mutex<Option<String>>,
}

impl OpenDocument {
    pub fn new(file: WorkspaceFile) -> Self {
        Self {
            file,
            changed: Notify::new(),
            closed: Notify::new(),
            was_analyzed: AtomicBool::new(false),
            last_result_id: Mutex::default(),
        }
    }

    /// Notes that the document was analysed. Returns whether it was before, since it was opened.
    pub fn set_analyzed(&self) -> bool {
        self.was_analyzed.swap(true, Ordering::Relaxed)
    }

    pub fn last_result_id(&self) -> Option<String> {
        self.last_result_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_last_result_id(&self, id: String) {
        *self.last_result_id.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    }
}
