//! Rules that look at the project as a whole, and what they found for as long as nothing changes
//! that they looked at.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::dispatch::RuleSet;
use super::finding::Finding;
use super::fix::Fix;
use super::report::{Place, ProjectFixes, Report};
use super::rule::Rule;
use super::suppression::{self, Suppressed};
use crate::config::{Config, Severity};
use crate::project::{Input, Project, SymbolIndex, TrackedProject};
use crate::text::FileRange;

/// A finding about a file of the project, which may be a source file.
#[derive(Clone)]
pub struct ProjectFinding {
    /// Relative to the workspace root.
    pub path: String,
    /// What is reported there.
    pub finding: Finding,
    fixes: Option<ProjectFixes>,
}

impl ProjectFinding {
    /// The repairs, for the project as it is now.
    pub fn fixes(&self, project: &Project) -> Vec<Fix> {
        self.fixes.as_ref().map(|fixes| fixes(project)).unwrap_or_default()
    }
}

impl std::fmt::Debug for ProjectFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProjectFinding")
            .field("path", &self.path)
            .field("finding", &self.finding)
            .finish_non_exhaustive()
    }
}

/// What a rule sees of the project, and where it reports.
pub struct ProjectContext<'a> {
    project: TrackedProject<'a>,
    rule: &'static Rule,
    severity: Severity,
    findings: Vec<ProjectFinding>,
}

impl<'a> Deref for ProjectContext<'a> {
    type Target = TrackedProject<'a>;

    fn deref(&self) -> &Self::Target {
        &self.project
    }
}

impl ProjectContext<'_> {
    /// Reports a finding in a file; its place is in the file.
    pub fn report(&mut self, path: &str, mut report: Report<'_>) {
        // A severity of the settings is meant for all findings of the rule.
        let severity = match self.severity == self.rule.severity {
            true => report.severity.unwrap_or(self.severity),
            false => self.severity,
        };
        let fixes = report.project_fixes.take();
        let finding = report.finding(self.rule, severity, |place| match place {
            Place::File(range) => range,
            Place::Tree(range) => FileRange::in_file_tree(range),
        });
        self.findings.push(ProjectFinding { path: path.to_string(), finding, fixes });
    }
}

/// The findings of all rules about the project.
#[derive(Debug, Default)]
pub struct ProjectChecks {
    rules: FxHashMap<&'static str, CheckedRule>,
    /// The settings that the findings were made with.
    epoch: u64,
}

/// The findings of one rule, and the revisions of what it looked at.
#[derive(Debug)]
struct CheckedRule {
    seen: BTreeMap<Input, u64>,
    findings: Arc<[ProjectFinding]>,
}

impl ProjectChecks {
    /// Runs the rules that looked at something that changed since the last time, and returns the
    /// findings of all. Another `epoch`, of the settings or the packages, runs all of them. The ids
    /// of rules that panicked come second; they have no findings.
    pub fn run(
        &mut self,
        project: &Project,
        symbols: &SymbolIndex,
        config: &Config,
        rules: &RuleSet,
        epoch: u64,
    ) -> (BTreeMap<String, Vec<ProjectFinding>>, Vec<&'static Rule>) {
        if self.epoch != epoch {
            self.rules.clear();
            self.epoch = epoch;
        }
        let is_fresh = |rule: &'static Rule| {
            self.rules.get(rule.id).is_some_and(|known| {
                known.seen.iter().all(|(input, revision)| project.revision(*input) == *revision)
            })
        };
        let stale: Vec<_> =
            rules.all().filter(|(rule, _)| rule.project.is_some() && !is_fresh(rule)).collect();
        let run = |(rule, severity): &(&'static Rule, Severity)| {
            let project = TrackedProject::new(project, symbols, config);
            let findings = Vec::new();
            let mut context = ProjectContext { project, rule, severity: *severity, findings };
            let review = || rule.project.map(|check| check(&mut context));
            let has_panicked = catch_unwind(AssertUnwindSafe(review)).is_err();
            if has_panicked {
                context.findings.clear();
            }
            let findings = context.findings.into();
            (*rule, has_panicked, CheckedRule { seen: context.project.seen(), findings })
        };
        let mut panicked = Vec::new();
        // One by one: the slow rules are neighbours.
        let checked: Vec<_> = stale.par_iter().with_max_len(1).map(run).collect();
        for (rule, has_panicked, checked) in checked {
            panicked.extend(has_panicked.then_some(rule));
            self.rules.insert(rule.id, checked);
        }
        let mut findings: BTreeMap<String, Vec<ProjectFinding>> = BTreeMap::new();
        for (rule, _) in rules.all() {
            for found in self.rules.get(rule.id).iter().flat_map(|it| it.findings.iter()) {
                findings.entry(found.path.clone()).or_default().push(found.clone());
            }
        }
        (findings, panicked)
    }
}

/// The findings in a file that is no Rust, without those that comments in it allow, in text order.
pub fn resolve_lines(
    path: &str,
    text: &str,
    findings: Vec<Finding>,
    rules: &RuleSet,
    known: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    resolve_lines_noting(path, text, findings, rules, known, drop)
}

/// The same; what comments allow goes to `suppressed`.
pub fn resolve_lines_noting(
    path: &str,
    text: &str,
    mut findings: Vec<Finding>,
    rules: &RuleSet,
    known: impl Fn(&str) -> bool,
    suppressed: impl FnMut(Suppressed),
) -> Vec<Finding> {
    let suppressions = suppression::of_lines(path, text);
    if !suppressions.is_empty() {
        suppression::apply(&mut findings, &suppressions, known, rules, suppressed);
    }
    findings.sort_by_key(|it| (it.range.start(), it.range.end(), it.rule.id));
    findings.dedup_by(|a, b| a.rule == b.rule && a.range == b.range && a.message == b.message);
    findings
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::analysis::Area;
    use crate::project::FileKind;

    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static RULE: Rule = Rule {
        id: "a",
        project: Some(|cx| {
            RUNS.fetch_add(1, Ordering::Relaxed);
            for file in cx.files(FileKind::Dockerfile) {
                cx.report(&file.path, Report::new(FileRange::default(), "found"));
            }
        }),
        ..Rule::project(Area::Deployment)
    };

    #[test]
    fn a_rule_runs_again_only_when_something_it_looked_at_changes() {
        let config = Config::default();
        let rules = RuleSet::new([&RULE], &config);
        let mut project = Project::new(None);
        let mut checks = ProjectChecks::default();
        let mut run = |project: &Project, epoch| {
            let before = RUNS.load(Ordering::Relaxed);
            let (findings, _) =
                checks.run(project, &SymbolIndex::default(), &config, &rules, epoch);
            (findings.len(), RUNS.load(Ordering::Relaxed) - before)
        };
        assert_eq!(run(&project, 0), (0, 1));
        project.set_text("Cargo.toml", Some("[package]\n"));
        assert_eq!(run(&project, 0), (0, 0));
        project.set_text("Dockerfile", Some("FROM a\n"));
        assert_eq!(run(&project, 0), (1, 1));
        assert_eq!(run(&project, 0), (1, 0));
        assert_eq!(run(&project, 1), (1, 1));
        project.set_text("Dockerfile", None);
        assert_eq!(run(&project, 1), (0, 1));
    }
}
