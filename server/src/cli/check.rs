use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::ValueEnum;

use super::overrides::Overrides;
use super::progress::Progress;
use super::report::{FileReport, Gathered, Request, gather};
use super::target::{Paths, Target};
use super::terminal::{ColorArgs, Layout};
use super::{
    FINDINGS, baseline, comment, fix, github, gitlab, in_pool, is_closed_pipe, json, junit, sarif,
    since, statistics, text,
};
use crate::analysis::{Confidence, Finding, INVALID_CONFIG, Severity};
use crate::config::{self, Date};
use crate::review::Summary;
use crate::rules;
use crate::text::{Encoding, Text, TextSize};
use crate::workspace::Workspace;

const EXIT_CODES: &str = "\
Exit codes:
  0  no finding at or above `fail-on` of `readiness.toml`; by default every finding counts
  1  findings, a mistake in `readiness.toml`, or with `--diff` changes
  2  invalid usage, nothing to review, or a file that cannot be read or written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// Directories, or files of a project, to check; the current directory by default.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The output format.
    #[arg(long, visible_alias = "output-format", value_enum, default_value_t = Format::Text)]
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
    /// Print how often each rule reports something instead of the findings.
    #[arg(long, conflicts_with = "fix")]
    statistics: bool,
    /// Print findings only: no progress, verdict or summary.
    #[arg(long, short)]
    quiet: bool,
    /// Print each finding; a terminal otherwise shows the first of a rule in a file.
    #[arg(long)]
    all: bool,
    /// Check the text on stdin as if it were this file's.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "fix"])]
    stdin_filename: Option<PathBuf>,
    /// Leave out the findings that this file has, which `readiness-lsp baseline` wrote.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Report only what came since this revision of Git: a branch, a tag or a hash.
    #[arg(long, value_name = "REVISION", conflicts_with = "baseline")]
    since: Option<String>,
    #[command(flatten)]
    overrides: Overrides,
    #[command(flatten)]
    color: ColorArgs,
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
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit's XML, as most CI services show it.
    Junit,
    /// A comment for a pull request.
    Markdown,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    for id in &args.rules {
        rules::find(id).ok_or_else(|| anyhow!(rules::unknown(id)))?;
    }
    if args.statistics && !matches!(args.format, Format::Text | Format::Json) {
        bail!("`--statistics` is printed as text or JSON");
    }
    let overrides = args.overrides.as_settings()?;
    in_pool(|| {
        let mut targets = match &args.stdin_filename {
            Some(file) => vec![with_stdin(file, &overrides)?],
            None => Target::open_all(&args.paths, &overrides)?,
        };
        for target in &mut targets {
            target.baseline = match (&args.baseline, &args.since) {
                (Some(file), _) => Some(baseline::read(file)?),
                (None, Some(name)) => Some(since::baseline_at(target, name, &overrides)?),
                (None, None) => None,
            };
        }
        run_in_pool(args, targets)
    })
}

/// The project of a file, which has the text on stdin.
fn with_stdin(file: &std::path::Path, overrides: &str) -> anyhow::Result<Target> {
    let target = Target::of_new_file(file, overrides)?;
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).context("cannot read stdin")?;
    for path in target.only.iter().flatten() {
        target.workspace.open_buffer(path, &text, 0);
    }
    Ok(target)
}

/// What a check has found, all targets together.
#[derive(Default)]
struct Outcome {
    found: Gathered,
    fails: bool,
    verdict: Option<Summary>,
}

fn run_in_pool(args: &Args, targets: Vec<Target>) -> anyhow::Result<ExitCode> {
    let mut outcome = Outcome::default();
    let is_single = targets.len() == 1;
    for target in targets {
        if let Some(code) = check_target(args, &target, is_single, &mut outcome)? {
            return Ok(code);
        }
        // The process ends: to free everything piece by piece would only take time.
        std::mem::forget(target);
    }
    match print(args, &outcome) {
        // Who reads the output has seen enough: what was found stays found.
        Err(error) if is_closed_pipe(&error) => {}
        printed => printed?,
    }
    let fails = outcome.fails;
    std::mem::forget(outcome);
    Ok(if fails { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

/// Checks a target, and adds what is found. Returns the exit code when nothing else is to be done.
fn check_target(
    args: &Args,
    target: &Target,
    is_single: bool,
    outcome: &mut Outcome,
) -> anyhow::Result<Option<ExitCode>> {
    let workspace = &target.workspace;
    workspace.set_today(Date::today());
    let fix_files = workspace.fix_files();
    let with_fixes = matches!(args.format, Format::Text | Format::Json | Format::Sarif);
    let progress = if args.quiet { Progress::quiet() } else { Progress::start() };
    match with_fixes && !args.fix.is_asked() {
        true => workspace.scan_for_fixing(&fix_files, |done, all| progress.show(done, all)),
        false => workspace.scan(|done, all| progress.show(done, all)),
    }
    progress.finish();
    for path in target.only.iter().flatten() {
        workspace.settle_buffer(path);
    }
    refuse_nothing(target)?;

    let only: BTreeSet<&str> = args.rules.iter().map(String::as_str).collect();
    let min_severity = args.min_severity.unwrap_or(Severity::Low);
    let wanted = |finding: &Finding| {
        finding.severity >= min_severity
            && finding.confidence >= args.confidence
            && (only.is_empty() || only.contains(finding.rule.id))
    };
    if args.fix.is_asked()
        && let Some(code) = fix::run(&args.fix, target, wanted)?
    {
        return Ok(Some(code));
    }
    let snapshot = workspace.snapshot();
    let configured = snapshot.baseline().map(AsRef::as_ref);
    let request = Request {
        with_fixes,
        with_details: args.format.has_details(),
        baseline: target.baseline.as_ref().or(configured),
        only: target.only.as_ref(),
        paths: args.format.paths(target, is_single),
    };
    let found = gather(&snapshot, &snapshot.fixing(&fix_files), &request, wanted);
    let fail_on = snapshot.settings().config.fail_on.unwrap_or(Severity::Low);
    let counts = |finding: &Finding| finding.severity >= fail_on || finding.rule == &INVALID_CONFIG;
    let reports = &found.reports;
    outcome.fails |= reports.iter().flat_map(|it| &it.rows).any(|row| counts(&row.finding));
    outcome.fails |= tell_mistakes(workspace, reports)?;
    let is_whole = target.only.is_none() && only.is_empty() && args.min_severity.is_none();
    if is_single && is_whole && args.format == Format::Text && !args.quiet {
        outcome.verdict = Some(snapshot.review_summary());
    }
    outcome.found.reports.extend(found.reports);
    outcome.found.known += found.known;
    outcome.found.mended += found.mended;
    // The process ends: to free everything piece by piece would only take time.
    std::mem::forget((fix_files, snapshot));
    Ok(None)
}

/// Without anything to review there are no findings, which is not what was asked.
fn refuse_nothing(target: &Target) -> anyhow::Result<()> {
    let snapshot = target.workspace.snapshot();
    match &target.only {
        None if !snapshot.has_something_to_review() => bail!(
            "nothing to review in `{}`: no Rust sources, manifests, Dockerfiles or workflows",
            target.root().display()
        ),
        None => {}
        Some(only) => {
            for path in only.iter().filter(|path| !snapshot.is_reviewed(path)) {
                let why = match snapshot.settings().is_excluded(path) {
                    true => "is excluded by the settings",
                    false => "is not a kind of file that is reviewed",
                };
                writeln!(anstream::stderr(), "warning: `{path}` {why}")?;
            }
        }
    }
    Ok(())
}

/// Tells of the mistakes in the settings that are not among the findings: where rules or severities
/// are left out, or the file lies above. Returns whether there are any: what was meant does not
/// hold.
fn tell_mistakes(workspace: &Workspace, reports: &[FileReport]) -> anyhow::Result<bool> {
    let snapshot = workspace.snapshot();
    let settings = snapshot.settings();
    let told = |it: &FileReport| it.rows.iter().any(|row| row.finding.rule == &INVALID_CONFIG);
    let is_off = settings.rule_set.severity(&INVALID_CONFIG).is_none();
    if settings.mistakes.is_empty() || reports.iter().any(told) || is_off {
        return Ok(false);
    }
    let text = Text::new(&settings.source.text);
    let above = "../".repeat(settings.source.prefix.matches('/').count());
    for mistake in &settings.mistakes {
        let start = TextSize::new(mistake.range.start as u32);
        let line = text.position(start, Encoding::Utf32).line + 1;
        let file = config::FILE_NAME;
        writeln!(anstream::stderr(), "error: {above}{file}:{line}: {}", mistake.message)?;
    }
    Ok(true)
}

impl Format {
    /// How it names files: services want paths in the repository, people those from where they are,
    /// and programs those in the directory that they named.
    fn paths(self, target: &Target, is_single: bool) -> Paths {
        match self {
            Self::Json if is_single && target.is_folder() => Paths::default(),
            Self::Text | Self::Json => target.paths_from_here(),
            Self::Sarif | Self::Github | Self::Gitlab | Self::Junit | Self::Markdown => {
                target.paths_in_repository()
            }
        }
    }

    /// Whether it tells what findings are recognised by.
    fn has_details(self) -> bool {
        matches!(self, Self::Sarif | Self::Gitlab)
    }
}

fn print(args: &Args, outcome: &Outcome) -> anyhow::Result<()> {
    let layout = Layout::of_stdout(args.color);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let reports = &outcome.found.reports;
    match args.format {
        Format::Text if args.statistics => {
            let counts = statistics::count(reports);
            statistics::print_table(&mut out, &counts, layout)?;
            writeln!(out, "{}", text::totals(reports, &counts))?;
        }
        Format::Json if args.statistics => {
            statistics::print_json(&mut out, &statistics::count(reports))?;
        }
        Format::Text => {
            let options = text::Options {
                layout,
                quiet: args.quiet,
                folds: layout.is_terminal() && !args.all,
                verdict: outcome.verdict.clone(),
                command: command(args),
                known: outcome.found.known,
                mended: if args.since.is_some() { 0 } else { outcome.found.mended },
            };
            text::print(&mut out, reports, &options)?;
        }
        Format::Json => json::print(&mut out, reports)?,
        Format::Sarif => sarif::print(&mut out, reports)?,
        Format::Github => github::print(&mut out, reports)?,
        Format::Gitlab => gitlab::print(&mut out, reports)?,
        Format::Junit => junit::print(&mut out, reports)?,
        Format::Markdown => comment::print(&mut out, reports)?,
    }
    out.flush()?;
    Ok(())
}

/// The command that was given, as far as another one like it needs it.
fn command(args: &Args) -> String {
    let paths = args.paths.iter().map(|it| it.display().to_string());
    let rules = args.rules.iter().map(|it| format!("--rule {it}"));
    let parts = ["readiness-lsp check".to_string()].into_iter().chain(paths).chain(rules);
    parts.collect::<Vec<_>>().join(" ")
}
