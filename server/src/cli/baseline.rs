//! `baseline`: writes down the findings that are there, so that only new ones are reported.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::progress::Progress;
use super::report::{Request, gather};
use super::target::{Paths, Target};
use super::{in_pool, plural};
use crate::analysis::{BASELINE_NAME, Baseline, Confidence, Finding, INVALID_CONFIG, Identity};
use crate::config::{self, Date};

const EXIT_CODES: &str = "\
Exit codes:
  0  the baseline is written
  2  invalid usage, nothing to review, or a file that cannot be read or written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// The directory whose findings are written down; the current one by default.
    path: Option<PathBuf>,
    /// The file to write; by default the one that `readiness.toml` names, or
    /// `readiness-baseline.txt` in the directory.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only take out what is mended: new findings are not added.
    #[arg(long)]
    prune: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    in_pool(|| run_in_pool(args))
}

fn run_in_pool(args: &Args) -> anyhow::Result<ExitCode> {
    let paths: Vec<PathBuf> = args.path.iter().cloned().collect();
    let targets = Target::open_all(&paths, "")?;
    let Some(target) = targets.first().filter(|it| it.is_folder()) else {
        bail!("a baseline is of a directory, and not of a file")
    };
    let found = identities(target)?;
    let configured = target.workspace.snapshot().settings().config.baseline.clone();
    let file = match (&args.output, &configured) {
        (Some(file), _) => file.clone(),
        (None, Some(name)) => folder_of_settings(target).join(name),
        (None, None) => target.root().join(BASELINE_NAME),
    };
    let baseline = match args.prune {
        true => {
            let known = read(&file)?;
            known.without(&known.matched(&found).mended)
        }
        false => Baseline::of(found),
    };
    let cannot = || format!("cannot write `{}`", file.display());
    std::fs::write(&file, baseline.text()).with_context(cannot)?;
    let known = plural(baseline.len(), "known finding", "known findings");
    let mut stderr = anstream::stderr();
    writeln!(stderr, "{}: {known}.", file.display())?;
    if args.output.is_none() && configured.is_none() {
        let name = config::FILE_NAME;
        writeln!(
            stderr,
            "`baseline = \"{BASELINE_NAME}\"` in `{name}` has `check` and editors read it."
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder of the settings file, which may be one above.
fn folder_of_settings(target: &Target) -> PathBuf {
    let snapshot = target.workspace.snapshot();
    let depth = snapshot.settings().source.prefix.matches('/').count();
    target.root().ancestors().nth(depth).unwrap_or(target.root()).to_path_buf()
}

/// Reads a baseline.
pub fn read(file: &Path) -> anyhow::Result<Baseline> {
    let cannot = || format!("cannot read the baseline `{}`", file.display());
    let text = std::fs::read_to_string(file).with_context(cannot)?;
    match Baseline::parse(&text) {
        Ok(baseline) => Ok(baseline),
        Err(line) => bail!("`{}`, line {line}: not a line of a baseline", file.display()),
    }
}

/// What all findings of a target are recognised by later.
pub fn identities(target: &Target) -> anyhow::Result<Vec<Identity>> {
    let workspace = &target.workspace;
    workspace.set_today(Date::today());
    let progress = Progress::start();
    workspace.scan(|done, all| progress.show(done, all));
    progress.finish();
    let snapshot = workspace.snapshot();
    if !snapshot.has_something_to_review() {
        bail!("nothing to review in `{}`", target.root().display());
    }
    let files = workspace.fix_files();
    let request = Request {
        with_fixes: false,
        with_details: true,
        baseline: None,
        only: None,
        paths: Paths::default(),
    };
    let gathered = gather(&snapshot, &snapshot.fixing(&files), &request, is_kept);
    let rows = gathered.reports.into_iter().flat_map(|it| it.rows);
    Ok(rows.filter_map(|row| row.identity).collect())
}

/// What a baseline has: mistakes in the settings are mended and not kept.
fn is_kept(finding: &Finding) -> bool {
    finding.confidence >= Confidence::SHOWN && finding.rule != &INVALID_CONFIG
}
