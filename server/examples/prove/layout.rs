//! Whether what rustfmt leaves alone is still laid out so after the fixes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;
use readiness_lsp::analysis::Applicability;
use readiness_lsp::rules;
use readiness_lsp::workspace::{Workspace, is_rust};

use crate::sources::Source;

/// The files of a crate whose layout is rustfmt's.
#[derive(Debug, Default)]
pub struct Layout {
    /// How many the fixes change.
    pub changed: usize,
    /// What rustfmt would change in those that it would after the fixes, as its differences.
    pub lost: Vec<String>,
}

/// Applies all fixes to a crate, in memory, and asks rustfmt about each file that they change, with
/// the crate's own settings.
pub fn layout(source: &Source) -> anyhow::Result<Layout> {
    let workspace = Workspace::open(&source.original, rules::all())?;
    workspace.scan(|_, _| {});
    let snapshot = workspace.snapshot();
    let applied = snapshot.fix_all(&snapshot.files(), Applicability::Suggested, |_| true);
    let mut layout = Layout::default();
    for (path, after) in applied.files.iter().filter(|(path, _)| is_rust(path)) {
        let before = snapshot.text_of(path).unwrap_or_default();
        let edition = snapshot.context(path).edition.to_string();
        let folder = source.original.join(path);
        let folder = folder.parent().context("a file lies in a folder")?;
        if !differences(&before, &edition, folder)?.is_empty() {
            continue;
        }
        layout.changed += 1;
        let differences = differences(after, &edition, folder)?;
        if !differences.is_empty() {
            layout.lost.push(format!("{}/{path}\n{differences}", source.folder));
        }
    }
    Ok(layout)
}

/// What rustfmt would change in a text that lies in a folder; nothing when that is nothing.
fn differences(text: &str, edition: &str, folder: &Path) -> anyhow::Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--check", "--color=never", "--edition", edition])
        // From where it looks for its settings.
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start rustfmt")?;
    let mut input = rustfmt.stdin.take().context("rustfmt reads its standard input")?;
    let text = text.to_string();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = rustfmt.wait_with_output()?;
    // A rustfmt that cannot parse a text says so and stops reading.
    let written = writer.join().is_ok_and(|it| it.is_ok());
    let differences = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(match (written && output.status.success(), differences.is_empty()) {
        (false, true) => "rustfmt cannot read it\n".to_string(),
        _ => differences,
    })
}
