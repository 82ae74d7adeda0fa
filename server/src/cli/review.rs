use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::ValueEnum;

use super::progress::Progress;
use super::{FINDINGS, in_pool};
use crate::config::Date;
use crate::review::{explain_score, html, markdown, schema};
use crate::rules;
use crate::workspace::Workspace;

const EXIT_CODES: &str = "\
Exit codes:
  0  ready
  1  not ready
  2  invalid usage, or a file that cannot be read or written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// The directory to review; the current one by default.
    path: Option<PathBuf>,
    /// The output format.
    #[arg(long, visible_alias = "output-format", value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Print the terms of the score instead.
    #[arg(long)]
    explain_score: bool,
    /// Print the JSON schema of `--format json` instead.
    #[arg(long)]
    schema: bool,
    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The day on which evidence and suppressions are judged, such as `2026-01-31`; today by default.
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A document.
    Markdown,
    /// One object, see `--schema`.
    Json,
    /// One page that needs nothing else.
    Html,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.schema {
        write(args, &(serde_json::to_string_pretty(&schema())? + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let root = args.path.as_deref().unwrap_or(Path::new("."));
    let today = match &args.date {
        Some(date) => {
            let parsed = Date::parse(date);
            Some(parsed.ok_or_else(|| anyhow!("`{date}` is not a date such as `2026-01-31`"))?)
        }
        None => Date::today(),
    };
    in_pool(|| {
        let workspace = Workspace::open(root, rules::all())
            .with_context(|| format!("cannot review `{}`", root.display()))?;
        workspace.set_today(today);
        let progress = Progress::start();
        workspace.scan(|done, all| progress.show(done, all));
        progress.finish();
        let review = workspace.snapshot().review();
        let text = match args.format {
            _ if args.explain_score => explain_score(&review),
            Format::Markdown => markdown(&review),
            Format::Json => serde_json::to_string_pretty(&review)? + "\n",
            Format::Html => html(&review),
        };
        write(args, &text)?;
        Ok(if review.verdict.ready { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
    })
}

fn write(args: &Args, text: &str) -> anyhow::Result<()> {
    match &args.output {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
        }
        None => Ok(io::stdout().lock().write_all(text.as_bytes())?),
    }
}
