//! The proof of one crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use readiness_lsp::analysis::{Applicability, Code};
use readiness_lsp::rules;
use readiness_lsp::workspace::{TakenFix, Workspace, is_manifest, is_rust};

use crate::attribute::Fixed;
use crate::cargo::{Cargo, CompilerError};
use crate::sources::Source;

/// What is built, widest first.
const TARGETS: &[&[&str]] = &[&["--all-targets"], &["--lib", "--bins"]];

/// Each round takes the fixes back that the errors are charged to.
const MAX_ROUNDS: usize = 12;

/// What a crate showed.
#[derive(Debug, Default)]
pub struct Proof {
    pub findings: BTreeMap<&'static str, Counts>,
    /// Of findings of panicking calls that have no fix.
    pub reasons: BTreeMap<&'static str, usize>,
    pub safe: Outcome,
    pub suggested: Outcome,
    /// How the tests differ after the safe fixes; nothing when they were not run.
    pub tests: Option<Tests>,
}

/// The findings of one rule.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub found: usize,
    pub offered: usize,
    pub safe: usize,
}

/// What the compiler said of applied fixes.
#[derive(Debug, Default)]
pub struct Outcome {
    /// By rule, of fixes that edit what the compiler reads: how many were applied.
    pub applied: BTreeMap<&'static str, usize>,
    pub failures: Vec<Failure>,
    /// Errors that no fix is charged with.
    pub unattributed: Vec<CompilerError>,
}

/// A fix that does not compile.
#[derive(Debug)]
pub struct Failure {
    pub fix: TakenFix,
    /// The line that it made.
    pub line: String,
    pub error: CompilerError,
}

#[derive(Debug)]
pub struct Tests {
    pub count: usize,
    /// What went otherwise than before the fixes.
    pub differences: Vec<String>,
}

/// The rules whose findings without a fix are counted by reason.
pub const PANICKING: &[&str] = &["unwrap-used", "expect-used", "lock-unwrap"];

pub fn prove(source: &mut Source, cargo: &Cargo, test: bool) -> anyhow::Result<Proof> {
    let (targets, sources) = baseline(source, cargo)?;
    let mut arguments: Vec<&str> = targets.to_vec();
    arguments.extend(source.arguments.iter().map(String::as_str));

    let workspace = Workspace::open(&source.copy, rules::all())?;
    workspace.scan(|_, _| {});
    let mut proof = Proof::default();
    count(&workspace, &mut proof);

    let copy = Copy { source, cargo, arguments: &arguments, sources: &sources };
    let cargo_arguments: Vec<&str> = source.arguments.iter().map(String::as_str).collect();
    let before = test.then(|| cargo.test(&source.copy, &cargo_arguments)).transpose()?;
    proof.safe = compile(&workspace, &copy, Applicability::Safe)?;
    if let Some(before) = before {
        let after = cargo.test(&source.copy, &cargo_arguments)?;
        let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
        let differs = |name: &&String| before.get(*name) != after.get(*name);
        let describe = |name: &String| {
            format!("{name}: {:?} before, {:?} after", before.get(name), after.get(name))
        };
        let differences = names.filter(differs).map(describe).collect();
        proof.tests = Some(Tests { count: before.len(), differences });
    }
    proof.suggested = compile(&workspace, &copy, Applicability::Suggested)?;
    fs::remove_dir_all(&source.copy)?;
    Ok(proof)
}

/// The widest choice of targets that builds without an error before any fix: with the versions
/// that the crate was published with, and with the newest ones. Returned with the files that
/// the compiler reads for them.
fn baseline(
    source: &mut Source,
    cargo: &Cargo,
) -> anyhow::Result<(&'static [&'static str], BTreeSet<String>)> {
    let mut reason = String::new();
    for keeps_lock in [source.keeps_lock, !source.keeps_lock] {
        source.keeps_lock = keeps_lock;
        source.reset()?;
        cargo.fetch(&source.copy)?;
        for targets in TARGETS {
            let mut arguments: Vec<&str> = targets.to_vec();
            arguments.extend(source.arguments.iter().map(String::as_str));
            let checked = cargo.check(&source.copy, &arguments)?;
            match checked.errors.first() {
                None => return Ok((targets, checked.sources)),
                Some(error) => reason = error.message.clone(),
            }
        }
    }
    bail!("it does not build before any fix: {reason}")
}

fn count(workspace: &Workspace, proof: &mut Proof) {
    for path in workspace.files() {
        let findings = workspace.findings(&path);
        let fixes = workspace.fixes(&path, &findings);
        for (finding, fixes) in findings.iter().zip(&fixes) {
            let counts = proof.findings.entry(finding.rule.id).or_default();
            counts.found += 1;
            counts.offered += usize::from(!fixes.is_empty());
            let is_safe = fixes.iter().any(|fix| fix.applicability == Applicability::Safe);
            counts.safe += usize::from(is_safe);
        }
        if !is_rust(&path) {
            continue;
        }
        let panicking = |rule: &str| PANICKING.contains(&rule);
        let panicking: Vec<_> =
            findings.into_iter().filter(|finding| panicking(finding.rule.id)).collect();
        debug_assert!(panicking.iter().all(|finding| finding.rule.code == Code::Production));
        let fixes = workspace.fixes(&path, &panicking);
        for (fixes, reason) in fixes.iter().zip(workspace.declined(&path, &panicking)) {
            if fixes.is_empty() {
                *proof.reasons.entry(reason.unwrap_or("no reason given")).or_default() += 1;
            }
        }
    }
}

/// How the copy of a crate is built.
struct Copy<'a> {
    source: &'a Source,
    cargo: &'a Cargo,
    arguments: &'a [&'a str],
    /// The files that the compiler reads.
    sources: &'a BTreeSet<String>,
}

fn compile(
    workspace: &Workspace,
    copy: &Copy<'_>,
    up_to: Applicability,
) -> anyhow::Result<Outcome> {
    copy.source.reset()?;
    let applied = workspace.fix_all(&workspace.files(), up_to, |_| true);
    let mut outcome = Outcome::default();
    let compiled = |fix: &&TakenFix| {
        let read = |path: &str| is_manifest(path) || copy.sources.contains(path);
        fix.edits.iter().any(|edit| read(&edit.path))
    };
    for fix in applied.taken.iter().filter(compiled) {
        *outcome.applied.entry(fix.rule.id).or_default() += 1;
    }
    let mut fixed =
        Fixed { texts: applied.files, fixes: applied.taken.into_iter().enumerate().collect() };
    for _ in 0..MAX_ROUNDS {
        write(&copy.source.copy, &fixed)?;
        let errors = copy.cargo.check(&copy.source.copy, copy.arguments)?.errors;
        if errors.is_empty() {
            return Ok(outcome);
        }
        let mut charged: BTreeMap<usize, CompilerError> = BTreeMap::new();
        let mut unattributed = Vec::new();
        for error in errors {
            match fixed.culprit(&error) {
                Some(number) => drop(charged.entry(number).or_insert(error)),
                None => unattributed.push(error),
            }
        }
        if charged.is_empty() {
            outcome.unattributed = unattributed;
            return Ok(outcome);
        }
        let lines: Vec<String> = charged.keys().map(|number| line_of(&fixed, *number)).collect();
        let numbers: Vec<usize> = charged.keys().copied().collect();
        let gone = fixed.take_back(&numbers);
        for ((fix, line), error) in gone.into_iter().zip(lines).zip(charged.into_values()) {
            outcome.failures.push(Failure { fix, line, error });
        }
    }
    let message = "errors are left however many fixes are taken back".to_string();
    outcome.unattributed.push(CompilerError { message, places: Vec::new() });
    Ok(outcome)
}

fn write(folder: &Path, fixed: &Fixed) -> anyhow::Result<()> {
    for (path, text) in &fixed.texts {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The line of a fix's first edit of a source file, with its place.
fn line_of(fixed: &Fixed, number: usize) -> String {
    let edits = fixed.fixes.get(&number).map(|fix| fix.edits.as_slice()).unwrap_or_default();
    let Some(edit) = edits.iter().find(|edit| is_rust(&edit.path)).or(edits.first()) else {
        return String::new();
    };
    let text = fixed.texts.get(&edit.path).map(String::as_str).unwrap_or_default();
    let before = text.get(..usize::from(edit.range.start())).unwrap_or_default();
    let line = before.matches('\n').count();
    let code = text.lines().nth(line).unwrap_or_default().trim();
    format!("{}:{}: {code}", edit.path, line + 1)
}
