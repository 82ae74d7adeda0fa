//! `check --fix`.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::{FINDINGS, plural};
use crate::analysis::{Applicability, Finding};
use crate::project::Checkout;
use crate::workspace::{AppliedFixes, Snapshot, Workspace};

#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Apply the safe fixes, then report the findings that are left.
    #[arg(long)]
    fix: bool,
    /// With --fix: apply suggested fixes as well.
    #[arg(long, requires = "fix")]
    suggested: bool,
    /// With --fix: print the changes as a unified diff, and change nothing.
    #[arg(long, requires = "fix")]
    diff: bool,
    /// With --fix: change files even if the working tree has uncommitted changes.
    #[arg(long, requires = "fix")]
    allow_dirty: bool,
}

impl Args {
    pub fn is_asked(&self) -> bool {
        self.fix
    }
}

/// Applies the fixes of the wanted findings, or prints them. Returns the exit code when nothing
/// else is to be done.
pub fn run(
    args: &Args,
    workspace: &Workspace,
    wanted: impl Fn(&Finding) -> bool,
) -> anyhow::Result<Option<ExitCode>> {
    let up_to = if args.suggested { Applicability::Suggested } else { Applicability::Safe };
    let snapshot = workspace.snapshot();
    let applied = snapshot.fix_all(&snapshot.files(), up_to, wanted);
    if args.diff {
        return print_diff(&snapshot, &applied).map(Some);
    }
    if !args.allow_dirty && !applied.files.is_empty() {
        refuse_dirty_tree(workspace)?;
    }
    write(workspace, &applied)?;
    Ok(None)
}

/// Prints the changes as `git apply` takes them; the exit code tells whether there are any.
fn print_diff(snapshot: &Snapshot, applied: &AppliedFixes) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (path, new) in &applied.files {
        let old = snapshot.text_of(path);
        let from = old.as_ref().map_or("/dev/null".to_string(), |_| format!("a/{path}"));
        let diff = similar::TextDiff::from_lines(old.as_deref().unwrap_or_default(), new);
        write!(out, "{}", diff.unified_diff().header(&from, &format!("b/{path}")))?;
    }
    out.flush()?;
    let is_clean = applied.files.is_empty();
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
}

/// So many files of a dirty working tree are named.
const MAX_DIRTY_SHOWN: usize = 10;

/// Refuses to change files next to changes that are neither committed nor staged, as `cargo fix`
/// does: they could not be told from the fixes.
fn refuse_dirty_tree(workspace: &Workspace) -> anyhow::Result<()> {
    let Some(disk) = workspace.disk() else { return Ok(()) };
    let Some(checkout) = Checkout::around(disk.root()) else { return Ok(()) };
    let mut dirty = disk.files();
    dirty.retain(|path| checkout.differs(&disk.root().join(path)));
    let more = match dirty.len().saturating_sub(MAX_DIRTY_SHOWN) {
        0 => String::new(),
        more => format!("\n  and {more} more"),
    };
    dirty.truncate(MAX_DIRTY_SHOWN);
    if dirty.is_empty() {
        return Ok(());
    }
    bail!(
        "the working tree has uncommitted changes:\n\n  {}{more}\n\n\
         commit or stage them first, or pass `--allow-dirty`",
        dirty.join("\n  ")
    )
}

fn write(workspace: &Workspace, applied: &AppliedFixes) -> anyhow::Result<()> {
    let Some(disk) = workspace.disk() else { return Ok(()) };
    for (path, text) in &applied.files {
        disk.write(path, text).with_context(|| format!("cannot write `{path}`"))?;
    }
    let paths: Vec<String> = applied.files.keys().cloned().collect();
    workspace.read_again(&paths);
    if !applied.fixes.is_empty() {
        let (fixes, files) = (applied.fixes.len(), applied.files.len());
        let (fixes, files) = (plural(fixes, "fix", "fixes"), plural(files, "file", "files"));
        writeln!(anstream::stderr(), "Applied {fixes} in {files}.")?;
    }
    Ok(())
}
