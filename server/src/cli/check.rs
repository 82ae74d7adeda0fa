use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::report::{FileReport, gather};
use super::{FINDINGS, SeverityArg, github, json, sarif, text};
use crate::analysis::{Applicability, Finding};
use crate::config::Severity;
use crate::project::Checkout;
use crate::rules;
use crate::workspace::{AppliedFixes, STACK_BYTES, Snapshot, Workspace};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to review.
    path: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Only findings of this rule; may be given more than once.
    #[arg(long = "rule", value_name = "ID")]
    rules: Vec<String>,
    /// Only findings of this severity and above.
    #[arg(long, value_enum, value_name = "TIER")]
    min_severity: Option<SeverityArg>,
    /// Apply the safe fixes, then report what is left.
    #[arg(long)]
    fix: bool,
    /// With --fix: apply suggested fixes as well.
    #[arg(long, requires = "fix")]
    suggested: bool,
    /// With --fix: print what would change as a unified diff, and change nothing.
    #[arg(long, requires = "fix")]
    diff: bool,
    /// With --fix: change files even when there is text that Git does not have.
    #[arg(long, requires = "fix")]
    allow_dirty: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Excerpts of the source, as rustc shows them.
    Text,
    /// One object a line.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    for id in &args.rules {
        if rules::find(id).is_none() {
            bail!("there is no rule `{id}`; `readiness-lsp rules` lists them");
        }
    }
    let root = super::root_of(&args.path);
    // Deep trees are walked by recursion. A pool that exists already serves as well.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    pool.install(|| run_in_pool(args, &root))
}

fn run_in_pool(args: &Args, root: &std::path::Path) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::open(root, rules::all())
        .with_context(|| format!("cannot review {}", root.display()))?;
    let shows_fixes = matches!(args.format, Format::Text | Format::Json);
    let progress = Progress::start();
    let fix_files = workspace.fix_files();
    let progress_of = |done, all| progress.show(done, all);
    match shows_fixes && !args.fix {
        true => workspace.scan_for_fixing(&fix_files, progress_of),
        false => workspace.scan(progress_of),
    }
    progress.finish();

    let only: BTreeSet<&str> = args.rules.iter().map(String::as_str).collect();
    let min_severity = args.min_severity.map_or(Severity::Low, Severity::from);
    let wanted = |finding: &Finding| {
        finding.severity >= min_severity && (only.is_empty() || only.contains(finding.rule.id))
    };
    if args.fix {
        let up_to = if args.suggested { Applicability::Suggested } else { Applicability::Safe };
        let snapshot = workspace.snapshot();
        let applied = snapshot.fix_all(&snapshot.files(), up_to, wanted);
        if args.diff {
            return print_diff(&snapshot, &applied);
        }
        if !args.allow_dirty && !applied.files.is_empty() {
            refuse_to_mix(&workspace)?;
        }
        write_fixes(&workspace, &applied)?;
    }
    let snapshot = workspace.snapshot();
    let fixing = snapshot.fixing(&fix_files);
    let reports = gather(&snapshot, &fixing, shows_fixes, wanted);
    print(args, &reports)?;
    let fail_on = snapshot.settings().config.fail_on.unwrap_or(Severity::Low);
    let fails = reports.iter().flat_map(|it| &it.rows).any(|row| row.finding.severity >= fail_on);
    // The process ends: to give everything back piece by piece would only take time.
    std::mem::forget((fix_files, snapshot, reports));
    std::mem::forget(workspace);
    Ok(if fails { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
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

/// Files that are named when a checkout is dirty.
const MAX_DIRTY_SHOWN: usize = 10;

/// Refuses to change a checkout in which there is text that Git does not have, as `cargo fix` does:
/// nobody could tell it from the fixes.
fn refuse_to_mix(workspace: &Workspace) -> anyhow::Result<()> {
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
        "Git does not have the text of these files:\n\n  {}{more}\n\n\
         commit or stage them first, or apply the fixes all the same with `--allow-dirty`",
        dirty.join("\n  ")
    )
}

fn write_fixes(workspace: &Workspace, applied: &AppliedFixes) -> anyhow::Result<()> {
    let Some(disk) = workspace.disk() else { return Ok(()) };
    for (path, text) in &applied.files {
        disk.write(path, text).with_context(|| format!("cannot write {path}"))?;
    }
    let paths: Vec<String> = applied.files.keys().cloned().collect();
    workspace.read_again(&paths);
    let (fixes, files) = (applied.fixes.len(), applied.files.len());
    if fixes > 0 {
        writeln!(anstream::stderr(), "Applied {fixes} fixes in {files} files.")?;
    }
    Ok(())
}

fn print(args: &Args, reports: &[FileReport]) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Text => {
            let color = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
            text::print(&mut out, reports, color)?;
        }
        Format::Json => json::print(&mut out, reports)?,
        Format::Sarif => sarif::print(&mut out, reports)?,
        Format::Github => github::print(&mut out, reports)?,
    }
    out.flush()?;
    Ok(())
}

/// A line on stderr that counts files, when stderr is a terminal.
struct Progress {
    shown: bool,
}

impl Progress {
    fn start() -> Self {
        Self { shown: io::stderr().is_terminal() }
    }

    fn show(&self, done: usize, all: usize) {
        if self.shown && (done.is_multiple_of(50) || done == all) {
            // A lost progress line is no loss.
            let _ = write!(io::stderr(), "\rReviewing {done}/{all} files");
        }
    }

    fn finish(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
