//! The proof of some crates that are built together.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, bail};
use readiness_lsp::analysis::Applicability;
use readiness_lsp::rules;
use readiness_lsp::syntax::{AstNode, Edition, SyntaxNode, ast, parse_root};
use readiness_lsp::text::FileRange;
use readiness_lsp::workspace::{AppliedFix, Workspace, is_manifest, is_rust};

use crate::attribute::Fixed;
use crate::cargo::{Cargo, CompilerError};
use crate::sources::Copies;

/// What is built, widest first.
const TARGETS: &[&[&str]] = &[&["--all-targets"], &[]];

/// Each round takes the fixes back that the errors are charged to.
const MAX_ROUNDS: usize = 12;

/// The rules whose findings without a fix are counted by reason.
pub const PANICKING: &[&str] = &["unwrap-used", "expect-used", "lock-unwrap"];

/// What a crate showed.
#[derive(Debug, Default)]
pub struct Proof {
    /// By rule.
    pub findings: BTreeMap<&'static str, Counts>,
    /// Of findings of panicking calls that have no fix.
    pub reasons: BTreeMap<&'static str, usize>,
    /// What safe fixes turn a panic into, by their titles.
    pub turned: BTreeMap<String, Turned>,
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

/// The safe fixes of one title.
#[derive(Debug, Default, Clone, Copy)]
pub struct Turned {
    pub count: usize,
    /// Those in bodies that return an `Option`: the failure becomes "nothing" there.
    pub in_option: usize,
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
    pub fix: AppliedFix,
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

/// The proofs of crates by name. A crate that does not build before any fix is left out, with the
/// reason in its place.
pub fn prove(
    mut copies: Copies,
    cargo: &Cargo,
    test: bool,
) -> anyhow::Result<Vec<(String, anyhow::Result<Proof>)>> {
    let mut results = Vec::new();
    let (targets, sources) = baseline(&mut copies, cargo, &mut results)?;
    if copies.sources.is_empty() {
        return Ok(results);
    }
    let mut workspaces = Vec::new();
    let mut proofs = Vec::new();
    for source in &copies.sources {
        let workspace = Workspace::open(&copies.root.join(&source.folder), rules::all())?;
        workspace.scan(|_, _| {});
        let mut proof = Proof::default();
        count(&workspace, &mut proof);
        workspaces.push(workspace);
        proofs.push(proof);
    }
    let build = Build { copies: &copies, workspaces: &workspaces, cargo, targets, sources };
    let before = test.then(|| build.test()).transpose()?;
    for (proof, outcome) in proofs.iter_mut().zip(build.compile(Applicability::Safe)?) {
        proof.safe = outcome;
    }
    if let Some(before) = before {
        for ((proof, before), after) in proofs.iter_mut().zip(before).zip(build.test()?) {
            proof.tests = Some(compare(&before, &after));
        }
    }
    for (proof, outcome) in proofs.iter_mut().zip(build.compile(Applicability::Suggested)?) {
        proof.suggested = outcome;
    }
    copies.remove()?;
    let names = copies.sources.into_iter().map(|source| source.name);
    results.extend(names.zip(proofs.into_iter().map(Ok)));
    Ok(results)
}

/// The widest choice of targets that builds without an error before any fix, and the files that the
/// compiler reads for them. A crate on its own is built with the versions that it was published
/// with, and else with the newest ones, at last with the lints capped that it denies; of crates
/// that are built together those that have errors are taken out.
fn baseline(
    copies: &mut Copies,
    cargo: &Cargo,
    results: &mut Vec<(String, anyhow::Result<Proof>)>,
) -> anyhow::Result<(&'static [&'static str], BTreeSet<String>)> {
    let mut reason = String::new();
    for (caps_lints, keeps_lock) in [(false, true), (false, false), (true, true), (true, false)] {
        if (caps_lints || keeps_lock) && copies.sources.len() > 1 {
            continue;
        }
        cargo.cap_lints(caps_lints);
        copies.reset()?;
        if keeps_lock {
            copies.lock()?;
        }
        fetch(copies, cargo, results)?;
        for targets in TARGETS {
            let mut checked = cargo.check(&copies.root, targets)?;
            while copies.sources.len() > 1 && !checked.errors.is_empty() {
                let broken = |error: &CompilerError| {
                    let member = copies.member(&error.places.first()?.path)?.0;
                    Some((member, error.message.clone()))
                };
                let broken: BTreeMap<usize, String> =
                    checked.errors.iter().filter_map(broken).collect();
                if broken.is_empty() {
                    bail!("they do not build: {}", checked.errors[0].message);
                }
                for (member, message) in broken.into_iter().rev() {
                    let name = copies.sources.remove(member).name;
                    let error = anyhow::anyhow!("it does not build before any fix: {message}");
                    results.push((name, Err(error)));
                }
                copies.reset()?;
                fetch(copies, cargo, results)?;
                checked = cargo.check(&copies.root, targets)?;
            }
            match checked.errors.first() {
                None => return Ok((targets, checked.sources)),
                Some(error) => reason = error.message.clone(),
            }
        }
    }
    bail!("it does not build before any fix: {reason}")
}

/// Downloads what the crates depend on. One whose dependencies exclude those of others is taken
/// out.
fn fetch(
    copies: &mut Copies,
    cargo: &Cargo,
    results: &mut Vec<(String, anyhow::Result<Proof>)>,
) -> anyhow::Result<()> {
    while let Err(error) = cargo.fetch(&copies.root) {
        let message = error.to_string();
        let named = |folder: &str| {
            let path = copies.root.join(folder);
            message.rfind(&format!("({})", path.display()))
        };
        let members = copies.sources.iter().enumerate();
        let last = members.filter_map(|(at, it)| Some((named(&it.folder)?, at))).max();
        let Some((_, member)) = last.filter(|_| copies.sources.len() > 1) else {
            return Err(error);
        };
        let name = copies.sources.remove(member).name;
        results.push((name, Err(error.context("it cannot be built together with the others"))));
        copies.reset()?;
    }
    Ok(())
}

fn count(workspace: &Workspace, proof: &mut Proof) {
    let snapshot = workspace.snapshot();
    for path in snapshot.files() {
        let findings = snapshot.findings(&path);
        let fixes = snapshot.fixes(&path, &findings);
        let text = snapshot.text_of(&path).unwrap_or_default();
        let root = is_rust(&path).then(|| parse_root(&text, Edition::CURRENT).ok()).flatten();
        for (finding, fixes) in findings.iter().zip(&fixes) {
            let safe = fixes.iter().find(|fix| fix.applicability == Applicability::Safe);
            if let Some(fix) = safe.filter(|_| PANICKING.contains(&finding.rule.id)) {
                let turned = proof.turned.entry(fix.title.clone()).or_default();
                turned.count += 1;
                let returns_option = |root| returns_option(root, finding.range);
                turned.in_option += usize::from(root.as_ref().is_some_and(returns_option));
            }
            let counts = proof.findings.entry(finding.rule.id).or_default();
            counts.found += 1;
            counts.offered += usize::from(!fixes.is_empty());
            counts.safe += usize::from(safe.is_some());
        }
    }
    for unfixed in unfixed(workspace) {
        *proof.reasons.entry(unfixed.reason).or_default() += 1;
    }
}

/// Whether the body around a place returns an `Option`.
fn returns_option(root: &SyntaxNode, range: FileRange) -> bool {
    let at = root.token_at_offset(range.to_file_tree().start()).right_biased();
    let body = at.into_iter().flat_map(|token| token.parent_ancestors()).find_map(|node| {
        let function = ast::Fn::cast(node.clone()).map(|it| it.ret_type());
        function.or_else(|| ast::ClosureExpr::cast(node).map(|it| it.ret_type()))
    });
    let ty = body.flatten().and_then(|it| it.ty()).map(|it| it.syntax().text().to_string());
    ty.is_some_and(|ty| ty.rsplit("::").any(|part| part.starts_with("Option<")))
}

/// A panicking call that has no fix.
#[derive(Debug)]
pub struct Unfixed {
    /// In its crate.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// The text of that line.
    pub text: String,
    pub reason: &'static str,
}

/// The panicking calls of a crate that have no fix.
pub fn unfixed(workspace: &Workspace) -> Vec<Unfixed> {
    let mut all = Vec::new();
    let snapshot = workspace.snapshot();
    for path in snapshot.files().into_iter().filter(|path| is_rust(path)) {
        let findings = snapshot.findings(&path);
        let fixes = snapshot.fixes(&path, &findings);
        let reasons = snapshot.declined(&path, &findings);
        let text = snapshot.text_of(&path).unwrap_or_default();
        for ((finding, fixes), reason) in findings.iter().zip(&fixes).zip(reasons) {
            if fixes.is_empty() && PANICKING.contains(&finding.rule.id) {
                let before = &text[..usize::from(finding.range.end())];
                let line = before.matches('\n').count();
                all.push(Unfixed {
                    path: path.clone(),
                    line: line as u32 + 1,
                    text: text.lines().nth(line).unwrap_or_default().trim().to_string(),
                    reason: reason.unwrap_or("no reason given"),
                });
            }
        }
    }
    all
}

fn compare(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Tests {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    let describe = |name: &String| {
        format!("{name}: {:?} before, {:?} after", before.get(name), after.get(name))
    };
    let differences = names.into_iter().filter(differs).map(describe).collect();
    Tests { count: before.len(), differences }
}

/// How the copies are fixed and built.
struct Build<'a> {
    copies: &'a Copies,
    workspaces: &'a [Workspace],
    cargo: &'a Cargo,
    targets: &'static [&'static str],
    /// The files that the compiler reads.
    sources: BTreeSet<String>,
}

impl Build<'_> {
    /// The outcome of each test, by crate.
    fn test(&self) -> anyhow::Result<Vec<BTreeMap<String, String>>> {
        let folders = self.copies.sources.iter().map(|it| self.copies.root.join(&it.folder));
        folders.map(|folder| self.cargo.test(&folder)).collect()
    }

    /// Fixes fresh copies and checks them.
    fn compile(&self, up_to: Applicability) -> anyhow::Result<Vec<Outcome>> {
        let lock = fs::read(self.copies.root.join("Cargo.lock"))?;
        self.copies.reset()?;
        fs::write(self.copies.root.join("Cargo.lock"), lock)?;
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut fixed = Fixed::default();
        for (workspace, source) in self.workspaces.iter().zip(&self.copies.sources) {
            let snapshot = workspace.snapshot();
            let applied = snapshot.fix_all(&snapshot.files(), up_to, |_| true);
            let number = fixed.fixes.len();
            fixed.add(applied, &source.folder);
            let mut outcome = Outcome::default();
            for fix in fixed.fixes.range(number..).map(|(_, fix)| fix) {
                if self.is_compiled(fix) {
                    *outcome.applied.entry(fix.rule.id).or_default() += 1;
                }
            }
            outcomes.push(outcome);
        }
        for _ in 0..MAX_ROUNDS {
            self.write(&fixed)?;
            let errors = self.cargo.check(&self.copies.root, self.targets)?.errors;
            if errors.is_empty() {
                return Ok(outcomes);
            }
            if !self.charge(errors, &mut fixed, &mut outcomes) {
                return Ok(outcomes);
            }
        }
        bail!("errors are left however many fixes are taken back")
    }

    fn is_compiled(&self, fix: &AppliedFix) -> bool {
        let read = |path: &str| is_manifest(path) || self.sources.contains(path);
        fix.edits.iter().any(|edit| read(&edit.path))
    }

    /// Charges errors to fixes and takes those back. Returns whether there was any.
    fn charge(
        &self,
        errors: Vec<CompilerError>,
        fixed: &mut Fixed,
        outcomes: &mut [Outcome],
    ) -> bool {
        let mut charged: BTreeMap<usize, CompilerError> = BTreeMap::new();
        let mut unattributed = Vec::new();
        for error in errors {
            match fixed.culprit(&error) {
                Some(number) => drop(charged.entry(number).or_insert(error)),
                None => unattributed.push(error),
            }
        }
        // An error that no fix is charged with may be gone together with the others.
        if charged.is_empty() {
            for error in unattributed {
                let place = error.places.first();
                let member = place.and_then(|it| self.copies.member(&it.path));
                outcomes[member.map_or(0, |it| it.0)].unattributed.push(error);
            }
            return false;
        }
        let numbers: Vec<usize> = charged.keys().copied().collect();
        let lines: Vec<String> = numbers.iter().map(|number| fixed.line_of(*number)).collect();
        let gone = fixed.take_back(&numbers);
        for ((fix, line), error) in gone.into_iter().zip(lines).zip(charged.into_values()) {
            let path = fix.edits.first().map(|edit| edit.path.as_str()).unwrap_or_default();
            let member = self.copies.member(path).map_or(0, |it| it.0);
            outcomes[member].failures.push(Failure { fix, line, error });
        }
        true
    }

    fn write(&self, fixed: &Fixed) -> anyhow::Result<()> {
        for (path, text) in &fixed.texts {
            let path = self.copies.root.join(path);
            if fs::read_to_string(&path).is_ok_and(|known| known == *text) {
                continue;
            }
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}
