use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::ValueEnum;
use serde::Serialize;

use super::progress::Progress;
use super::{FINDINGS, in_pool, plural};
use crate::review::claims::{Judged, Summary, Verdict};
use crate::rules;
use crate::text::{Encoding, Text};
use crate::workspace::Workspace;

const EXIT_CODES: &str = "\
Exit codes:
  0  no claim is contradicted, absent or never matched
  1  at least one is
  2  invalid usage, or a file that cannot be read";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// The documents, in Markdown; `-` reads one from stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The project that they are about; by default the one that each lies in, or the current
    /// directory for stdin.
    #[arg(long, value_name = "PATH")]
    root: Option<PathBuf>,
    /// The output format.
    #[arg(long, visible_alias = "output-format", value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each claim, and a summary.
    Text,
    /// One object a document.
    Json,
}

/// A document that was held against its project.
struct Verified {
    /// As it was given.
    name: String,
    text: Text,
    judged: Vec<Judged>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    in_pool(|| run_in_pool(args))
}

fn run_in_pool(args: &Args) -> anyhow::Result<ExitCode> {
    let mut projects: Vec<(PathBuf, Workspace)> = Vec::new();
    let mut given = Vec::new();
    for file in &args.files {
        let (text, root) = read(file, args.root.as_deref())?;
        let known = projects.iter().position(|(path, _)| *path == root);
        let project = match known {
            Some(at) => at,
            None => {
                let workspace = open(&root)?;
                projects.push((root, workspace));
                projects.len() - 1
            }
        };
        given.push((file, text, project));
    }
    let mut documents: Vec<Option<Verified>> = given.iter().map(|_| None).collect();
    // What is read of a project is read once for its documents.
    for (at, (_, workspace)) in projects.iter().enumerate() {
        let (own, texts): (Vec<usize>, Vec<(String, String)>) = given
            .iter()
            .enumerate()
            .filter(|(_, (_, _, project))| *project == at)
            .map(|(index, (file, text, _))| (index, (path_in(workspace, file), text.clone())))
            .unzip();
        for (index, judged) in own.into_iter().zip(workspace.snapshot().verify(&texts)) {
            let (Some((file, text, _)), Some(slot)) = (given.get(index), documents.get_mut(index))
            else {
                continue;
            };
            let name = file.display().to_string();
            *slot = Some(Verified { name, text: Text::new(text), judged });
        }
    }
    let documents: Vec<Verified> = documents.into_iter().flatten().collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for document in &documents {
        match args.format {
            Format::Text => document.print_text(&mut out)?,
            Format::Json => document.print_json(&mut out)?,
        }
    }
    out.flush()?;
    let is_wrong = documents.iter().flat_map(|it| &it.judged).any(|it| it.verdict.is_wrong());
    // The process ends: to free everything piece by piece would only take time.
    std::mem::forget(projects);
    Ok(if is_wrong { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

/// The claims of a text that is no file, the wrong ones first, in a few lines each.
pub fn summary(workspace: &Workspace, text: &str) -> anyhow::Result<String> {
    let documents = [("-.md".to_string(), text.to_string())];
    let mut judged: Vec<_> =
        workspace.snapshot().verify(&documents).into_iter().flatten().collect();
    judged.sort_by_key(|it| (!it.verdict.is_wrong(), it.verdict == Verdict::Holds));
    let document = Verified { name: "claims".to_string(), text: Text::new(text), judged };
    let mut out = Vec::new();
    document.print_text(&mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn open(root: &Path) -> anyhow::Result<Workspace> {
    let workspace = Workspace::open(root, rules::all())
        .with_context(|| format!("cannot read the project `{}`", root.display()))?;
    let progress = Progress::start();
    workspace.scan(|done, all| progress.show(done, all));
    progress.finish();
    Ok(workspace)
}

/// The text of a document, whatever its encoding, and the project that it is about.
fn read(file: &Path, root: Option<&Path>) -> anyhow::Result<(String, PathBuf)> {
    let is_stdin = file == Path::new("-");
    let mut bytes = Vec::new();
    match is_stdin {
        true => io::stdin().read_to_end(&mut bytes).context("cannot read stdin")?,
        false => {
            let opened = crate::project::read_document(file);
            bytes = opened.with_context(|| format!("cannot read `{}`", file.display()))?;
            bytes.len()
        }
    };
    let root = match (root, is_stdin) {
        (Some(root), _) => root.to_path_buf(),
        (None, true) => PathBuf::from("."),
        (None, false) => crate::project::nearest_project(file),
    };
    Ok((String::from_utf8_lossy(&bytes).into_owned(), root))
}

/// The path of a document in the project; one from elsewhere is read as if it lay at its root.
fn path_in(workspace: &Workspace, file: &Path) -> String {
    let absolute = file.canonicalize().ok();
    let inside = absolute.and_then(|it| workspace.disk()?.relative(&it));
    inside.unwrap_or_else(|| {
        file.file_name().map_or_else(|| "-".to_string(), |it| it.to_string_lossy().into_owned())
    })
}

/// How much of a claim is shown.
const MAX_CLAIM: usize = 48;

impl Verified {
    fn line(&self, judged: &Judged) -> u32 {
        self.text.position(judged.claim.range.start(), Encoding::Utf32).line + 1
    }

    fn claim(&self, judged: &Judged) -> String {
        let text = self.text.slice(judged.claim.range);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn print_text(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", self.name)?;
        for judged in &self.judged {
            let mut claim = self.claim(judged);
            if let Some((end, _)) = claim.char_indices().nth(MAX_CLAIM) {
                claim.truncate(end);
                claim.push('…');
            }
            let (line, verdict) = (self.line(judged), judged.verdict.name());
            writeln!(out, "{line:>6}  {verdict:<13}  {claim}")?;
            if judged.verdict != Verdict::Holds {
                writeln!(out, "{:>23}{}", "", judged.evidence)?;
            }
        }
        writeln!(out, "{}", sentence(&Summary::of(&self.judged)))
    }

    fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        let claims = self.judged.iter().map(|judged| self.claim_json(judged)).collect();
        let summary = Summary::of(&self.judged);
        let document = Document {
            file: &self.name,
            claims,
            summary: SummaryJson {
                claims: summary.claims,
                held: summary.held,
                stale: summary.stale,
                wrong: summary.wrong,
                undecidable: summary.undecidable,
                wrong_percent: summary.wrong_percent(),
            },
        };
        serde_json::to_writer(&mut *out, &document)?;
        out.write_all(b"\n")
    }

    fn claim_json<'j>(&self, judged: &'j Judged) -> ClaimJson<'j> {
        let (start, end) = self.text.positions(judged.claim.range, Encoding::Utf32);
        ClaimJson {
            line: start.line + 1,
            column: start.character + 1,
            end_line: end.line + 1,
            end_column: end.character + 1,
            claim: self.claim(judged),
            kind: judged.claim.kind.name(),
            verdict: judged.verdict.name(),
            evidence: &judged.evidence,
            target: judged.target.as_ref().map(|it| TargetJson { file: &it.path, line: it.line }),
            fix: judged.correction.as_ref().map(|it| it.title.as_str()),
        }
    }
}

/// `34 claims: 12 hold, 3 stale, 9 wrong, 10 undecidable; 38 % of the decided ones are wrong`.
fn sentence(summary: &Summary) -> String {
    let Summary { claims, held, stale, wrong, undecidable } = summary;
    let claims = plural(*claims, "claim", "claims");
    let share = summary.wrong_percent();
    let share = share.map(|it| format!("; {it} % of the decided ones are wrong"));
    let share = share.unwrap_or_default();
    format!("{claims}: {held} hold, {stale} stale, {wrong} wrong, {undecidable} undecidable{share}")
}

#[derive(Serialize)]
struct Document<'a> {
    file: &'a str,
    claims: Vec<ClaimJson<'a>>,
    summary: SummaryJson,
}

#[derive(Serialize)]
struct ClaimJson<'a> {
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    claim: String,
    kind: &'a str,
    verdict: &'a str,
    evidence: &'a str,
    target: Option<TargetJson<'a>>,
    fix: Option<&'a str>,
}

#[derive(Serialize)]
struct TargetJson<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct SummaryJson {
    claims: usize,
    held: usize,
    stale: usize,
    wrong: usize,
    undecidable: usize,
    /// Of the claims that could be decided.
    wrong_percent: Option<u32>,
}
