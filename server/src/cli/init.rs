//! `init`: a `readiness.toml` with what fits the project, and why.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::in_pool;
use super::progress::Progress;
use super::target::Target;
use crate::analysis::{BASELINE_NAME, Confidence};
use crate::config::{self, Question};
use crate::review::Kind;
use crate::workspace::Snapshot;

/// Folders of code that is there for other reasons than to be shipped.
const ASIDE: &[&str] = &["fixtures", "testdata", "third_party", "third-party", "vendor"];

/// From so many findings on a baseline is worth having.
const MANY: usize = 50;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory of the project; the current one by default.
    path: Option<PathBuf>,
    /// Print the settings instead of writing them.
    #[arg(long)]
    stdout: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    in_pool(|| run_in_pool(args))
}

fn run_in_pool(args: &Args) -> anyhow::Result<ExitCode> {
    let root = args.path.as_deref().unwrap_or(Path::new("."));
    let targets = Target::open_all(&[root.to_path_buf()], "")?;
    let Some(target) = targets.first().filter(|it| it.is_folder()) else {
        bail!("`{}` is not a directory", root.display())
    };
    let file = target.root().join(config::FILE_NAME);
    let progress = Progress::start();
    target.workspace.scan(|done, all| progress.show(done, all));
    progress.finish();
    let snapshot = target.workspace.snapshot();
    if !snapshot.has_something_to_review() {
        bail!("nothing to review in `{}`", target.root().display());
    }
    let text = settings(&snapshot);
    if args.stdout {
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    // Settings that are there are somebody's.
    let mut created = std::fs::File::create_new(&file)
        .with_context(|| format!("cannot create `{}`", file.display()))?;
    created.write_all(text.as_bytes())?;
    writeln!(anstream::stderr(), "Wrote {}.", file.display())?;
    Ok(ExitCode::SUCCESS)
}

fn settings(snapshot: &Snapshot) -> String {
    let review = snapshot.review();
    let level = match review.kind {
        Kind::Service => {
            "# The project runs a server: critical and high findings block a release, and a service needs\n# evidence for restore, incident response, rollback and its threat model.\nlevel = \"production\"\n"
        }
        Kind::Program => {
            "# The project is a program that people start: critical and high findings block a release.\nlevel = \"production\"\n"
        }
        Kind::Library => {
            "# The project is a library, a part of other programs: critical and high findings block a release.\nlevel = \"production\"\n"
        }
    };
    let mut text = format!(
        "# Settings of readiness-lsp; `readiness-lsp schema` prints what there is.\n\n{level}\n"
    );
    text += "# What makes `check` fail, in CI as well: less severe findings are shown.\nfail-on = \"high\"\n";
    let aside = folders_aside(snapshot);
    if !aside.is_empty() {
        let list: Vec<String> = aside.iter().map(|it| format!("{it:?}")).collect();
        text += "\n# Code that is there for other reasons than to be shipped.\n";
        text += &format!("exclude = [{}]\n", list.join(", "));
    }
    let shown = |path: &String| {
        let findings = snapshot.findings(path);
        findings.iter().filter(|it| it.confidence >= Confidence::SHOWN).count()
    };
    let count: usize = snapshot.files().iter().map(shown).sum();
    if count >= MANY {
        text += &format!(
            "\n# There are {count} findings: `readiness-lsp baseline` writes them down, and then only new ones fail.\n# baseline = \"{BASELINE_NAME}\"\n"
        );
    }
    if review.kind == Kind::Service {
        text += "\n# Where the questions are answered that code does not answer: the path of a document, with a heading\n# behind `#`, or `not-applicable: ` and the reason.\n[evidence]\n";
        for question in Question::ALL {
            let key = question.key();
            let level = snapshot.settings().config.level;
            let needed = if level.requires(*question) { "  # needed" } else { "" };
            text += &format!("# {key} = \"docs/{key}.md\"{needed}\n");
        }
    }
    text
}

/// Folders aside that have Rust sources in them, the outermost of each.
fn folders_aside(snapshot: &Snapshot) -> BTreeSet<String> {
    let sources = snapshot.project().listing().iter().filter(|path| path.ends_with(".rs"));
    let folder = |path: &String| {
        let parts: Vec<&str> = path.split('/').collect();
        let at = parts.iter().rev().skip(1).rev().position(|part| ASIDE.contains(part))?;
        Some(parts.get(..=at)?.join("/"))
    };
    sources.filter_map(folder).collect()
}
