//! `check --since`: what a change brought. The findings of the revision before it are a baseline.

use std::time::Duration;

use anyhow::{Context, anyhow};

use super::baseline::identities;
use super::target::Target;
use crate::analysis::Baseline;
use crate::config;
use crate::project::{FileKind, History, Id};

/// How long the objects of Git may take to read.
const BUDGET: Duration = Duration::from_secs(120);

/// The findings of the revision at which what is checked out left the line of `revision`.
pub fn baseline_at(target: &Target, revision: &str, overrides: &str) -> anyhow::Result<Baseline> {
    let root = target.root();
    let history = History::open(root, BUDGET)
        .with_context(|| format!("no Git checkout around `{}`", root.display()))?;
    let named = history.revision(revision).ok_or_else(|| anyhow!("no revision `{revision}`"))?;
    let base = history.fork_point(named).unwrap_or(named);
    let before = Target::open_all(&[root.to_path_buf()], overrides)?;
    let before = before.into_iter().next().context("no project")?;
    let opened = lay_over(&before, &history, &history.files_at(base));
    for path in &opened {
        before.workspace.settle_buffer(path);
    }
    let baseline = Baseline::of(identities(&before)?);
    // The process ends: to free everything piece by piece would only take time.
    std::mem::forget(before);
    Ok(baseline)
}

/// Lays the texts of a revision over the files on disk, as an editor lays buffers. What is new since
/// is empty. Returns the files whose texts are others.
fn lay_over(before: &Target, history: &History, files: &[(String, Id)]) -> Vec<String> {
    let Some(disk) = before.workspace.disk() else { return Vec::new() };
    // Both are held against the settings of now.
    let is_looked_at = |path: &str| FileKind::of(path).is_some() && path != config::FILE_NAME;
    let mut opened = Vec::new();
    for (path, id) in files.iter().filter(|(path, _)| is_looked_at(path)) {
        let now = disk.read(path).ok();
        if let Some(text) = history.text(*id).filter(|it| now.as_deref() != Some(it)) {
            before.workspace.open_buffer(path, &text, 0);
            opened.push(path.clone());
        }
    }
    let known: std::collections::BTreeSet<&str> = files.iter().map(|it| it.0.as_str()).collect();
    for path in disk.files() {
        if is_looked_at(&path) && !known.contains(path.as_str()) {
            before.workspace.open_buffer(&path, "", 0);
            opened.push(path);
        }
    }
    opened
}
