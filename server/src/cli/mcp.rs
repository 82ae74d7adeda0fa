//! `mcp`: the tools of a coding agent, over the Model Context Protocol on stdin and stdout. Answers
//! are short and have the worst first, as every line of them takes room in the agent's context.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use super::report::{FileReport, Request, Row, gather, worst_first};
use super::target::{Paths, Target};
use super::text::totals;
use super::{fix, in_pool, statistics, verify};
use crate::analysis::{Applicability, Confidence, Finding, Severity};
use crate::config::Date;
use crate::review::markdown;
use crate::rules;

/// So many findings are told unless more are asked for.
const FINDINGS_SHOWN: usize = 20;

/// Longer answers are cut.
const MAX_CHARACTERS: usize = 12_000;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory of the project; the current one by default. No tool leaves it.
    path: Option<PathBuf>,
}

/// Serves until stdin ends.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let root = args.path.as_deref().unwrap_or(Path::new("."));
    let root = root.canonicalize().with_context(|| format!("cannot open `{}`", root.display()))?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let server = Tools { root }.serve(rmcp::transport::stdio()).await?;
        server.waiting().await?;
        Ok(ExitCode::SUCCESS)
    })
}

#[derive(Debug, Clone)]
struct Tools {
    root: PathBuf,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct CheckRequest {
    /// Only findings in these files, relative to the project; without it in all.
    files: Option<Vec<String>>,
    /// Only findings of these rules, by id.
    rules: Option<Vec<String>>,
    /// Only findings of this severity and above: `low`, `medium`, `high` or `critical`.
    min_severity: Option<Severity>,
    /// How many findings to list; 20 by default.
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ExplainRequest {
    /// The id of a rule, such as `unwrap-used`.
    rule: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct FixRequest {
    /// Only findings in these files, relative to the project; without it in all.
    files: Option<Vec<String>>,
    /// Only findings of these rules, by id.
    rules: Option<Vec<String>>,
    /// Also fixes that decide something, which have to be looked at.
    #[serde(default)]
    suggested: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct VerifyRequest {
    /// A review, an audit or another document in Markdown, whose claims are held against the code.
    text: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ReviewRequest {
    /// The whole document, and not only verdict, score and what blocks.
    #[serde(default)]
    full: bool,
}

#[tool_router]
impl Tools {
    #[tool(
        description = "Check the Rust project for production readiness: verdict, counts, and the worst findings first, each with place, rule and fix. Call it after edits.",
        annotations(read_only_hint = true)
    )]
    async fn check(&self, Parameters(request): Parameters<CheckRequest>) -> Result<String, String> {
        let root = self.root.clone();
        answer(move || check(&root, &request)).await
    }

    #[tool(
        description = "The page of a rule: why it matters, a bad and a good example.",
        annotations(read_only_hint = true)
    )]
    async fn explain(
        &self,
        Parameters(request): Parameters<ExplainRequest>,
    ) -> Result<String, String> {
        let rule = rules::find(&request.rule).ok_or_else(|| rules::unknown(&request.rule))?;
        Ok(rules::page(rule))
    }

    #[tool(
        description = "The fixes of findings as a unified diff, to be looked at and applied. Nothing is written.",
        annotations(read_only_hint = true)
    )]
    async fn fix(&self, Parameters(request): Parameters<FixRequest>) -> Result<String, String> {
        let root = self.root.clone();
        answer(move || fixes(&root, &request)).await
    }

    #[tool(
        description = "Hold a text of your own, such as a code review, against the code: each claim about lines, names, quoted code and numbers gets a verdict, the wrong ones first. Call it before you hand over a review.",
        annotations(read_only_hint = true)
    )]
    async fn verify(
        &self,
        Parameters(request): Parameters<VerifyRequest>,
    ) -> Result<String, String> {
        let root = self.root.clone();
        answer(move || {
            let target = open(&root)?;
            target.workspace.scan(|_, _| {});
            verify::summary(&target.workspace, &request.text)
        })
        .await
    }

    #[tool(
        description = "The production readiness review: whether the project is ready, its score, what blocks and what to do next.",
        annotations(read_only_hint = true)
    )]
    async fn review(
        &self,
        Parameters(request): Parameters<ReviewRequest>,
    ) -> Result<String, String> {
        let root = self.root.clone();
        answer(move || review(&root, request.full)).await
    }
}

#[tool_handler(
    name = "readiness-lsp",
    instructions = "Production readiness review of the Rust project in this folder. Nothing is built or run."
)]
impl ServerHandler for Tools {}

/// Computes an answer beside the protocol, where there is stack for deep trees.
async fn answer(
    compute: impl FnOnce() -> anyhow::Result<String> + Send + 'static,
) -> Result<String, String> {
    let computed = tokio::task::spawn_blocking(move || in_pool(compute));
    match computed.await {
        Ok(Ok(text)) => Ok(cut(text)),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(error) => Err(error.to_string()),
    }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARACTERS) {
        text.truncate(end);
        text += "\n… cut here; ask for less\n";
    }
    text
}

fn open(root: &Path) -> anyhow::Result<Target> {
    let targets = Target::open_all(&[root.to_path_buf()], "")?;
    let target = targets.into_iter().next().ok_or_else(|| anyhow!("no project"))?;
    target.workspace.set_today(Date::today());
    Ok(target)
}

/// What findings a request is about.
struct Wanted {
    rules: Vec<String>,
    min_severity: Severity,
}

impl Wanted {
    fn new(rules: Option<Vec<String>>, min_severity: Option<Severity>) -> anyhow::Result<Self> {
        let rules = rules.unwrap_or_default();
        if let Some(unknown) = rules.iter().find(|id| rules::find(id).is_none()) {
            bail!(rules::unknown(unknown));
        }
        Ok(Self { rules, min_severity: min_severity.unwrap_or(Severity::Low) })
    }

    fn has(&self, finding: &Finding) -> bool {
        finding.confidence >= Confidence::SHOWN
            && finding.severity >= self.min_severity
            && (self.rules.is_empty() || self.rules.iter().any(|id| *id == finding.rule.id))
    }
}

fn files(files: &Option<Vec<String>>) -> Option<BTreeSet<String>> {
    let clean = |path: &String| path.trim_start_matches("./").replace('\\', "/");
    files.as_ref().map(|it| it.iter().map(clean).collect())
}

fn check(root: &Path, request: &CheckRequest) -> anyhow::Result<String> {
    let wanted = Wanted::new(request.rules.clone(), request.min_severity)?;
    let target = open(root)?;
    let workspace = &target.workspace;
    let kept = workspace.fix_files();
    workspace.scan_for_fixing(&kept, |_, _| {});
    let snapshot = workspace.snapshot();
    if !snapshot.has_something_to_review() {
        bail!("nothing to review in `{}`", root.display());
    }
    let only = files(&request.files);
    let request_of = Request {
        with_fixes: true,
        with_details: false,
        baseline: snapshot.baseline().map(AsRef::as_ref),
        only: only.as_ref(),
        paths: Paths::default(),
    };
    let found = gather(&snapshot, &snapshot.fixing(&kept), &request_of, |it| wanted.has(it));
    let summary = snapshot.review_summary();
    let statement = if summary.ready { "READY" } else { "NOT READY" };
    let level = summary.level.name();
    let mut out = format!("{statement} for {level} use, {} blockers\n", summary.blockers);
    let _ = writeln!(out, "{}", totals(&found.reports, &statistics::count(&found.reports)));
    let rows = worst_first(&found.reports);
    let limit = request.limit.unwrap_or(FINDINGS_SHOWN);
    for (report, row) in rows.iter().take(limit) {
        line(&mut out, report, row);
    }
    if rows.len() > limit {
        let _ =
            writeln!(out, "and {} more: narrow by files, rules or severity", rows.len() - limit);
    }
    Ok(out)
}

/// `high src/a.rs:3:5 rule: message; fix: title`.
fn line(out: &mut String, report: &FileReport, row: &Row) {
    let (finding, span) = (&row.finding, row.span);
    let place = format!("{}:{}:{}", report.path, span.line, span.column);
    // Writing to a text cannot fail.
    let _ = write!(out, "{} {place} {}: {}", finding.severity, finding.rule.id, finding.message);
    if let Some(fix) = row.fixes.first() {
        let how = match fix.applicability {
            Applicability::Safe => "fix",
            Applicability::Suggested => "suggestion",
        };
        let _ = write!(out, "; {how}: {}", fix.title);
    }
    out.push('\n');
}

fn fixes(root: &Path, request: &FixRequest) -> anyhow::Result<String> {
    let wanted = Wanted::new(request.rules.clone(), None)?;
    let target = open(root)?;
    target.workspace.scan(|_, _| {});
    let snapshot = target.workspace.snapshot();
    let only = files(&request.files);
    let mut paths = snapshot.files();
    paths.retain(|path| only.as_ref().is_none_or(|it| it.contains(path)));
    let up_to = if request.suggested { Applicability::Suggested } else { Applicability::Safe };
    let applied = snapshot.fix_all(&paths, up_to, |it| wanted.has(it));
    if applied.files.is_empty() {
        return Ok("No fixes: nothing to change without a decision.\n".to_string());
    }
    let mut out = Vec::new();
    fix::write_diff(&mut out, &snapshot, &applied)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn review(root: &Path, full: bool) -> anyhow::Result<String> {
    let target = open(root)?;
    target.workspace.scan(|_, _| {});
    let review = target.workspace.snapshot().review();
    if full {
        return Ok(markdown(&review));
    }
    let mut out = format!("{} for {} use\n", review.verdict.statement, review.level.name());
    if let Some(score) = review.score.overall {
        let _ = writeln!(out, "score: {score} of 100");
    }
    for blocker in review.verdict.blockers.iter().take(FINDINGS_SHOWN) {
        let place = blocker.place.as_ref().map(|it| format!(" {}:{}", it.file, it.line));
        let place = place.unwrap_or_default();
        let (rule, count) = (&blocker.rule, blocker.count);
        let _ = writeln!(out, "blocks{place} {rule} ({count}): {}", blocker.message);
    }
    Ok(out)
}
