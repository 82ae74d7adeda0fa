//! The task behind each open document: it analyses after changes and publishes what it finds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ls_types::Uri;

use super::diagnostics;
use super::reviews::Reviews;
use super::session::{OpenDocument, Place};
use crate::config;
use crate::workspace::is_manifest;

/// Typing has settled when nothing was typed for this long.
const SETTLE: Duration = Duration::from_millis(250);

/// Follows a document until it is closed.
///
/// Changes that come while an analysis runs are taken together by the next one. Once typing
/// settles the tree is parsed in full, and what the file declares is passed on to other files.
pub async fn follow(reviews: Reviews, uri: Uri, document: Arc<OpenDocument>) {
    let mut settled = true;
    // What was opened is analysed as a settled text.
    analyze(&reviews, &uri, &document, true).await;
    // It may differ from what is on the disk, as when an editor restores unsaved buffers.
    reload(&reviews, &document).await;
    loop {
        tokio::select! {
            biased;
            () = document.closed.notified() => return,
            () = document.changed.notified() => {
                analyze(&reviews, &uri, &document, false).await;
                settled = false;
            }
            () = tokio::time::sleep(SETTLE), if !settled => {
                settled = true;
                analyze(&reviews, &uri, &document, true).await;
                reload(&reviews, &document).await;
            }
        }
    }
}

async fn analyze(reviews: &Reviews, uri: &Uri, document: &Arc<OpenDocument>, settle: bool) {
    let review = AssertUnwindSafe(|| review(reviews, uri, document, settle));
    // On this thread: waking another one takes longer than most analyses.
    match tokio::task::block_in_place(|| catch_unwind(review)) {
        Ok(true) => reviews.refresh_others(uri).await,
        Ok(false) => {}
        Err(_) => {
            tracing::error!("an analysis failed");
            let version = version_of(document);
            diagnostics::publish_open(&reviews.session, uri, document, &[], version);
        }
    }
}

/// Analyses a document and publishes its diagnostics. Returns whether other files may be affected.
fn review(reviews: &Reviews, uri: &Uri, document: &Arc<OpenDocument>, settle: bool) -> bool {
    let session = &reviews.session;
    let Place { workspace, path } = &document.place;
    let analyzed = match settle {
        true => workspace.settle_buffer(path),
        false => workspace.analyze_buffer(path),
    };
    let Some(analyzed) = analyzed else { return false };
    for rule in &analyzed.panicked {
        tracing::error!(rule = rule.id, "a rule failed and is off for a file");
    }
    let diagnostics = diagnostics::of_findings(session, uri, &analyzed.text, &analyzed.findings);
    // When there is a newer text it is about to be analysed: the client would drop these.
    if analyzed.version == version_of(document) {
        if settle && diagnostics::is_stale(session, document, &diagnostics) {
            reviews.refresh_pull();
        }
        diagnostics::publish_open(session, uri, document, &diagnostics, analyzed.version);
    }
    analyzed.affects_others
}

fn version_of(document: &OpenDocument) -> i32 {
    let place = &document.place;
    place.workspace.snapshot().buffer_version(&place.path).unwrap_or(0)
}

/// Settings and manifests apply as they are typed.
async fn reload(reviews: &Reviews, document: &Arc<OpenDocument>) {
    let place = &document.place;
    if place.path == config::FILE_NAME || is_manifest(&place.path) {
        reviews.reload_folder(&place.workspace).await;
    }
}

/// Starts the task of a document.
pub fn spawn(reviews: &Reviews, uri: Uri, document: Arc<OpenDocument>) {
    tokio::spawn(follow(reviews.clone(), uri, document));
}
