//! Publishing diagnostics that the client does not have yet.

use std::collections::HashMap;

use ls_types::{Diagnostic, Uri};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::Mutex;

use super::stdout::Stdout;

/// Publishes diagnostics, and knows what was published last.
#[derive(Debug)]
pub struct Publisher {
    stdout: Stdout,
    published: Mutex<HashMap<Uri, Box<RawValue>>>,
}

/// The turn to publish something: nobody else has it at the same time, so that a document's last
/// diagnostics cannot overtake the empty ones that follow its close.
pub struct Turn<'a> {
    stdout: &'a Stdout,
    published: &'a mut HashMap<Uri, Box<RawValue>>,
}

impl Publisher {
    pub fn new(stdout: Stdout) -> Self {
        Self { stdout, published: Mutex::default() }
    }

    /// Publishes something in turn. The client may be slow to read: one thread waits for it, and the
    /// tasks of other documents hold none.
    pub async fn in_turn<T>(&self, publish: impl FnOnce(&mut Turn<'_>) -> T) -> T {
        let mut published = self.published.lock().await;
        tokio::task::block_in_place(|| {
            publish(&mut Turn { stdout: &self.stdout, published: &mut published })
        })
    }
}

impl Turn<'_> {
    /// Publishes the diagnostics of a file, unless the client has them.
    pub fn publish(&mut self, uri: &Uri, diagnostics: &[Diagnostic], version: Option<i32>) {
        let json = match to_raw_value(diagnostics) {
            Ok(json) => json,
            Err(error) => return tracing::error!(%error, "cannot serialize diagnostics"),
        };
        let is_known = match self.published.get(uri) {
            Some(last) => last.get() == json.get(),
            None => diagnostics.is_empty() && version.is_none(),
        };
        if !is_known {
            self.stdout.publish(uri, &json, version);
            self.published.insert(uri.clone(), json);
        }
    }

    /// Forgets what was published for a file: whatever is next, is new to the client. Returns
    /// whether anything was.
    pub fn forget(&mut self, uri: &Uri) -> bool {
        self.published.remove(uri).is_some()
    }

    /// Takes back what was published for a file.
    pub fn clear(&mut self, uri: &Uri) {
        if self.forget(uri) {
            self.stdout.publish(uri, &[(); 0], None);
        }
    }

    /// The files that something was published for.
    pub fn published(&self) -> Vec<Uri> {
        self.published.keys().cloned().collect()
    }
}
