//! `check --fix`.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::target::Target;
use super::{FINDINGS, plural, printable};
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
    /// With --fix: change files even if no version control has the text before.
    #[arg(long, requires = "fix")]
    allow_no_vcs: bool,
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
    target: &Target,
    wanted: impl Fn(&Finding) -> bool,
) -> anyhow::Result<Option<ExitCode>> {
    let workspace = &target.workspace;
    let up_to = if args.suggested { Applicability::Suggested } else { Applicability::Safe };
    let snapshot = workspace.snapshot();
    let mut files = snapshot.files();
    if let Some(only) = &target.only {
        files.retain(|path| only.contains(path));
    }
    let applied = snapshot.fix_all(&files, up_to, wanted);
    if args.diff {
        return print_diff(&snapshot, &applied).map(Some);
    }
    if !applied.files.is_empty() {
        refuse_what_cannot_be_undone(args, workspace)?;
    }
    write(workspace, &applied)?;
    Ok(None)
}

/// Prints the changes as `git apply` takes them; the exit code tells whether there are any.
fn print_diff(snapshot: &Snapshot, applied: &AppliedFixes) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    write_diff(&mut out, snapshot, applied)?;
    out.flush()?;
    let is_clean = applied.files.is_empty();
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
}

/// Writes the changes as a unified diff.
pub fn write_diff(
    out: &mut impl Write,
    snapshot: &Snapshot,
    applied: &AppliedFixes,
) -> io::Result<()> {
    for (path, new) in &applied.files {
        let old = snapshot.text_of(path);
        let from = old.as_ref().map_or("/dev/null".to_string(), |_| git_name(&format!("a/{path}")));
        // Lines as `git apply` counts them: a carriage return by itself ends none.
        let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
        let (old, new) = (lines(old.as_deref().unwrap_or_default()), lines(new));
        let diff = similar::TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
        write!(out, "{}", diff.unified_diff().header(&from, &git_name(&format!("b/{path}"))))?;
    }
    Ok(())
}

/// A name as git writes it: quoted where it has a character in it that would end it.
fn git_name(name: &str) -> String {
    let is_special = |c: char| c.is_control() || matches!(c, '"' | '\\');
    if !name.contains(is_special) {
        // What follows a tab is no part of a name.
        return if name.contains(' ') { format!("{name}\t") } else { name.to_string() };
    }
    let mut quoted = String::from('"');
    for c in name.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    quoted.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// So many files of a dirty working tree are named.
const MAX_DIRTY_SHOWN: usize = 10;

/// Refuses to change files whose text before could not be had back, and files next to changes that
/// are neither committed nor staged, as `cargo fix` does: they could not be told from the fixes.
fn refuse_what_cannot_be_undone(args: &Args, workspace: &Workspace) -> anyhow::Result<()> {
    let Some(disk) = workspace.disk() else { return Ok(()) };
    let Some(checkout) = Checkout::around(disk.root()) else {
        return refuse_without_version_control(args);
    };
    if args.allow_dirty {
        return Ok(());
    }
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
        dirty.iter().map(|path| printable(path)).collect::<Vec<_>>().join("\n  ")
    )
}

/// Outside of version control nobody can look at what was changed, nor take it back. A person is
/// asked; a script that says `--fix` is told.
fn refuse_without_version_control(args: &Args) -> anyhow::Result<()> {
    let what = "no version control has the text of the files that fixes change";
    if args.allow_no_vcs {
        return Ok(());
    }
    if io::stderr().is_terminal() {
        bail!("{what}; pass `--allow-no-vcs` to change them all the same");
    }
    writeln!(anstream::stderr(), "warning: {what} (`--allow-no-vcs` silences this)")?;
    Ok(())
}

fn write(workspace: &Workspace, applied: &AppliedFixes) -> anyhow::Result<()> {
    let Some(disk) = workspace.disk() else { return Ok(()) };
    for (path, text) in &applied.files {
        let before = applied.before.get(path).and_then(Option::as_deref);
        disk.write(path, before, text)
            .with_context(|| format!("cannot write `{}`", printable(path)))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_git_does() {
        for (name, expected) in [
            ("a/b.rs", "a/b.rs"),
            ("a/b c.rs", "a/b c.rs\t"),
            ("a/é.rs", "a/é.rs"),
            ("a/\t\n\r\u{1b}.rs", "\"a/\\t\\n\\r\\033.rs\""),
            ("a/\"\\.rs", "\"a/\\\"\\\\.rs\""),
        ] {
            assert_eq!(git_name(name), expected);
        }
    }
}
