//! Adding steps and jobs to the files of continuous integration, in their style.

use std::collections::BTreeSet;

use crate::project::values::{self, Entry, Node};
use crate::project::{CiRun, CiStep, Format, Pipeline, ProjectFile};
use crate::text::{FileRange, TextEdit, TextSize, apply_edits};

use crate::project::ci::{Task, steps};

/// The action that brings the sources in, where a file does not say it itself.
pub const CHECKOUT: &str = "actions/checkout@v7";

/// cargo-deny as an action, pinned: it is not GitHub's own.
pub const CARGO_DENY: &str =
    "EmbarkStudios/cargo-deny-action@91bf2b620e09e18d6eb78b92e7861937469acedb # v2.0.17";

/// The step that something about Rust belongs next to, and a place for findings about the file:
/// the job that runs the tests, else one that runs cargo, else the first one. Of several files the
/// one counts that does most of it and is not there for releases.
pub fn main_step(pipeline: &Pipeline) -> Option<&CiStep> {
    let tasks = [Task::Test, Task::Clippy, Task::Format, Task::Cargo];
    // What each file does of it.
    let mut done: BTreeSet<(&str, usize)> = BTreeSet::new();
    for (number, task) in tasks.iter().enumerate() {
        done.extend(steps(pipeline, *task).map(|step| (step.path.as_str(), number)));
    }
    let rank = |step: &CiStep| {
        let name = step.path.to_ascii_lowercase();
        let is_other = ["release", "publish", "docs", "docker", "bench", "example", "nightly"]
            .iter()
            .any(|word| name.contains(word));
        let path = step.path.as_str();
        let done = (0..tasks.len()).filter(|number| done.contains(&(path, *number)));
        (is_other, std::cmp::Reverse(done.count()), step.path.clone())
    };
    let best = |task: Task| {
        let mut best: Option<&CiStep> = None;
        for step in steps(pipeline, task) {
            if best.is_none_or(|best| rank(step) < rank(best)) {
                best = Some(step);
            }
        }
        best
    };
    let jobs = || pipeline.steps.iter().find(|it| it.job.is_some());
    best(Task::Test).or_else(|| best(Task::Cargo)).or_else(jobs).or_else(|| pipeline.steps.first())
}

/// Where a finding about the job of a step is shown.
pub fn place_of(file: &ProjectFile, step: &CiStep) -> FileRange {
    // Above the steps there may be variables and triggers.
    let first = || {
        let entries = file.root()?.entries();
        let steps =
            |it: &&Entry| matches!(it.key.as_str(), "steps" | "script" | "pipeline" | "tasks");
        entries.iter().find(steps).or_else(|| entries.first())
    };
    match &step.job {
        Some(job) => job.range,
        None if step.service.is_yaml() => first().map_or(step.range, |entry| entry.key_range),
        None => step.range,
    }
}

/// The edit that adds commands below a step: a step of their own, or lines of its script. Nothing
/// where the file is written in another way than most, or would not parse afterwards.
pub fn add_below(
    file: &ProjectFile,
    step: &CiStep,
    name: &str,
    commands: &[String],
) -> Option<TextEdit> {
    let (item, key) = step.item.as_ref()?;
    let text = file.text.as_ref();
    let start = usize::from(item.start());
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let before = text.get(line_start..start)?;
    let indent = before.strip_suffix("- ").filter(|it| it.trim().is_empty())?;
    let mut added = String::new();
    match key.as_deref() {
        None => commands.iter().for_each(|it| added += &format!("{indent}- {it}\n")),
        Some(key) => {
            let key = if key == "uses" { "run" } else { key };
            let item_text = file.slice(*item);
            let is_named = item_text.lines().any(|it| it.trim_start().starts_with("name:"));
            let folder = item_text.lines().find(|it| it.trim().starts_with("working-directory:"));
            let mut fields = Vec::new();
            if is_named {
                fields.push(format!("name: {name}"));
            }
            fields.extend(folder.map(|it| it.trim().to_string()));
            match commands {
                [command] => fields.push(format!("{key}: {command}")),
                commands => {
                    let lines: String =
                        commands.iter().map(|it| format!("\n{indent}    {it}")).collect();
                    fields.push(format!("{key}: |{lines}"));
                }
            }
            for (number, field) in fields.iter().enumerate() {
                let lead = if number == 0 { "- " } else { "  " };
                added += &format!("{indent}{lead}{field}\n");
            }
        }
    }
    inserted(file, usize::from(item.end()), added)
}

/// The edit that adds a job after the last one of a workflow. `body` has the lines below its name,
/// with two spaces for each level.
pub fn add_job(file: &ProjectFile, name: &str, body: &str) -> Option<TextEdit> {
    let jobs = file.root()?.get("jobs")?;
    let last = jobs.entries().last()?;
    let text = file.text.as_ref();
    let start = usize::from(last.key_range.start());
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let indent = text.get(line_start..start)?;
    if indent.is_empty() || !indent.trim().is_empty() || jobs.get(name).is_some() {
        return None;
    }
    let mut added = format!("\n{indent}{name}:\n");
    for line in body.lines() {
        let inner = line.trim_start();
        // What belongs to an item of a list stands two columns right of its dash.
        let lead = match line.len() - inner.len() {
            0 => indent.repeat(2),
            deep => format!("{}{}", indent.repeat(3), " ".repeat(deep - 2)),
        };
        added += &format!("{lead}{inner}\n");
    }
    inserted(file, usize::from(last.value.range.end()), added)
}

/// The checkout of the sources as the file writes it elsewhere.
pub fn checkout_of(file: &ProjectFile) -> String {
    let line = file.text.lines().find_map(|line| line.split_once("uses: actions/checkout@"));
    line.map_or(CHECKOUT.to_string(), |(_, version)| format!("actions/checkout@{}", version.trim()))
}

/// Inserts lines after the line that has the last text before `end`.
fn inserted(file: &ProjectFile, end: usize, added: String) -> Option<TextEdit> {
    let text = file.text.as_ref();
    let last = text.get(..end)?.trim_end().len();
    let rest = text.get(last..)?;
    let (at, added) = match rest.find('\n') {
        Some(newline) => (last + newline + 1, added),
        None => (text.len(), format!("\n{added}")),
    };
    let added = if text.contains("\r\n") { added.replace('\n', "\r\n") } else { added };
    let edit = TextEdit::insert(TextSize::try_from(at).ok()?, added);
    let edited = apply_edits(text, std::slice::from_ref(&edit));
    let is_whole = |documents: Vec<Node>| documents.len() == file.documents().len();
    values::parse(&edited, Format::Yaml).is_ok_and(is_whole).then_some(edit)
}

/// Whether a step's script runs in the folder of the workspace's root.
pub fn runs_at_root(step: &CiStep) -> bool {
    match &step.run {
        CiRun::Shell(script) => !script.contains("cd ") && !script.contains("--manifest-path"),
        CiRun::Action { inputs, .. } => {
            !inputs.iter().any(|(_, it)| it.contains("--manifest-path"))
        }
    }
}
