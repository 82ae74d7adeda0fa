use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::ValueEnum;

use super::progress::Progress;
use super::report::{FileReport, gather};
use super::{FINDINGS, fix, github, json, sarif, text};
use crate::analysis::{Confidence, Finding, Severity};
use crate::rules;
use crate::workspace::{STACK_BYTES, Workspace};

const EXIT_CODES: &str = "\
Exit codes:
  0  no finding at or above `fail-on` of `readiness.toml`; by default every finding counts
  1  findings, or with `--diff` changes
  2  invalid usage, or a file that cannot be read or written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// The directory to check; the current one by default.
    path: Option<PathBuf>,
    /// The output format.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Report only findings of this rule; may be repeated.
    #[arg(long = "rule", value_name = "ID")]
    rules: Vec<String>,
    /// Report only findings of this severity and above.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    min_severity: Option<Severity>,
    /// Report only findings that are at least this certain.
    #[arg(long, value_enum, value_name = "CONFIDENCE", default_value_t = Confidence::SHOWN)]
    confidence: Confidence,
    #[command(flatten)]
    fix: fix::Args,
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
        rules::find(id).ok_or_else(|| anyhow!(rules::unknown(id)))?;
    }
    let root = args.path.as_deref().unwrap_or(Path::new("."));
    // Deep trees are walked by recursion.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    pool.install(|| run_in_pool(args, root))
}

fn run_in_pool(args: &Args, root: &Path) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::open(root, rules::all())
        .with_context(|| format!("cannot check `{}`", root.display()))?;
    let lists_fixes = matches!(args.format, Format::Text | Format::Json);
    let fix_files = workspace.fix_files();
    let progress = Progress::start();
    match lists_fixes && !args.fix.is_asked() {
        true => workspace.scan_for_fixing(&fix_files, |done, all| progress.show(done, all)),
        false => workspace.scan(|done, all| progress.show(done, all)),
    }
    progress.finish();

    let only: BTreeSet<&str> = args.rules.iter().map(String::as_str).collect();
    let min_severity = args.min_severity.unwrap_or(Severity::Low);
    let wanted = |finding: &Finding| {
        finding.severity >= min_severity
            && finding.confidence >= args.confidence
            && (only.is_empty() || only.contains(finding.rule.id))
    };
    if args.fix.is_asked()
        && let Some(code) = fix::run(&args.fix, &workspace, wanted)?
    {
        return Ok(code);
    }
    let snapshot = workspace.snapshot();
    let reports = gather(&snapshot, &snapshot.fixing(&fix_files), lists_fixes, wanted);
    print(args.format, &reports)?;
    let fail_on = snapshot.settings().config.fail_on.unwrap_or(Severity::Low);
    let fails = reports.iter().flat_map(|it| &it.rows).any(|row| row.finding.severity >= fail_on);
    // The process ends: to free everything piece by piece would only take time.
    std::mem::forget((fix_files, snapshot, reports));
    std::mem::forget(workspace);
    Ok(if fails { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

fn print(format: Format, reports: &[FileReport]) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match format {
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
