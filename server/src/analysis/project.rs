//! Rules that look at the project as a whole, and what they found for as long as nothing changes
//! that they looked at.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::dispatch::RuleSet;
use super::finding::{Finding, Related, Tag};
use super::fix::Fix;
use super::rule::Rule;
use super::suppression;
use crate::config::{Config, Severity};
use crate::project::{
    Advisories, Facts, Ignores, Input, Kind, Mention, Packages, Pipeline, Project, ProjectFile,
};
use crate::text::TextRange;

/// Makes the fixes of a finding, once they are asked for.
type MakeFixes = Arc<dyn Fn(&Project) -> Vec<Fix> + Send + Sync>;

/// A finding about a file of the project, which may be a source file.
#[derive(Clone)]
pub struct ProjectFinding {
    /// Relative to the workspace root.
    pub path: String,
    /// What is reported there.
    pub finding: Finding,
    fixes: Option<MakeFixes>,
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

/// A finding as a rule makes it.
pub struct ProjectReport {
    range: TextRange,
    message: String,
    related: Vec<Related>,
    tag: Option<Tag>,
    severity: Option<Severity>,
    fixes: Option<MakeFixes>,
}

impl ProjectReport {
    /// `range` is in bytes of the file.
    pub fn new(range: TextRange, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { range, message, related: Vec::new(), tag: None, severity: None, fixes: None }
    }

    /// Adds a place, in any file of the project, that explains the finding.
    pub fn related(mut self, path: &str, range: TextRange, message: impl Into<String>) -> Self {
        self.related.push(Related { path: Some(path.into()), range, message: message.into() });
        self
    }

    /// Sets how an editor renders the finding.
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// A severity other than the rule's own.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// How to repair it; called only when someone asks. An edit of a file that is not there
    /// creates it.
    pub fn fix(mut self, fixes: impl Fn(&Project) -> Vec<Fix> + Send + Sync + 'static) -> Self {
        self.fixes = Some(Arc::new(fixes));
        self
    }
}

/// What a rule sees of the project. What it looks at is noted: the rule runs again when that
/// changes.
pub struct ProjectContext<'a> {
    project: &'a Project,
    facts: &'a Facts,
    config: &'a Config,
    rule: &'static Rule,
    severity: Severity,
    seen: RefCell<BTreeMap<Input, u64>>,
    findings: Vec<ProjectFinding>,
}

impl<'a> ProjectContext<'a> {
    fn see(&self, input: Input) {
        self.seen.borrow_mut().insert(input, self.project.revision(input));
    }

    /// The settings of the workspace.
    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// The files of a kind, in order of their paths.
    pub fn files(&self, kind: Kind) -> impl Iterator<Item = &'a Arc<ProjectFile>> + use<'a> {
        self.see(Input::Kind(kind));
        self.project.files(kind)
    }

    /// A file that is no source; nothing when it is not there.
    pub fn file(&self, path: &str) -> Option<&'a Arc<ProjectFile>> {
        if let Some(kind) = Kind::of(path) {
            self.see(Input::Kind(kind));
        }
        self.project.file(path)
    }

    /// Every file that git would not ignore, sources among them.
    pub fn listing(&self) -> &'a BTreeSet<String> {
        self.see(Input::Listing);
        self.project.listing()
    }

    /// Whether git has a file at `path`, or one below it.
    pub fn is_listed(&self, path: &str) -> bool {
        self.see(Input::Listing);
        self.project.is_listed(path)
    }

    /// Whether there is a file or folder, one that git ignores among them.
    pub fn exists(&self, path: &str) -> bool {
        self.see(Input::Listing);
        self.project.exists(path)
    }

    /// What git ignores.
    pub fn ignores(&self) -> Ignores<'a> {
        self.see(Input::Kind(Kind::GitIgnore));
        self.project.ignores()
    }

    /// What sources mention, with their paths.
    pub fn mentions(&self) -> impl Iterator<Item = (&'a str, &'a Mention)> + use<'a> {
        self.see(Input::Mentions);
        self.project.mentions()
    }

    /// What Rust sources declare.
    pub fn facts(&self) -> &'a Facts {
        self.see(Input::Facts);
        self.facts
    }

    /// The packages of the workspace. That a rule looked at them need not be noted: others come
    /// with another epoch, in which all rules run again.
    pub fn packages(&self) -> &'a Packages {
        self.facts.packages()
    }

    /// Whether the folder is a package as a registry gives it out, which leaves out what concerns
    /// the repository alone.
    pub fn is_published_package(&self) -> bool {
        self.see(Input::Listing);
        self.project.is_published_package()
    }

    /// What continuous integration runs.
    pub fn pipeline(&self) -> Arc<Pipeline> {
        let kinds = [Kind::Ci, Kind::Script, Kind::PackageJson, Kind::Yaml, Kind::Toml];
        kinds.into_iter().for_each(|kind| self.see(Input::Kind(kind)));
        self.see(Input::Listing);
        self.project.pipeline()
    }

    /// Whether this may be a whole repository; see [`Project::is_repository`].
    pub fn is_repository(&self) -> bool {
        self.see(Input::Listing);
        self.see(Input::Kind(Kind::Manifest));
        self.project.is_repository()
    }

    /// The database of advisories that the settings name, or that of cargo-audit or cargo-deny.
    pub fn advisories(&self) -> Option<Arc<Advisories>> {
        Advisories::find(self.config.advisory_db.as_deref(), self.project.root())
    }

    /// Where findings about the project as a whole are shown; nothing in a project without a
    /// manifest.
    pub fn anchor(&self) -> Option<(&'a Arc<ProjectFile>, TextRange)> {
        self.see(Input::Kind(Kind::Manifest));
        self.see(Input::Kind(Kind::PackageJson));
        self.project.anchor()
    }

    /// Reports a finding in a file.
    pub fn report(&mut self, path: &str, report: ProjectReport) {
        let ProjectReport { range, message, related, tag, severity, fixes } = report;
        // A severity of the settings is meant for all findings of the rule.
        let severity = if self.severity == self.rule.severity {
            severity.unwrap_or(self.severity)
        } else {
            self.severity
        };
        let finding = Finding {
            rule: self.rule,
            severity,
            range,
            message: message.into(),
            related,
            tag,
            condition: None,
        };
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
        facts: &Facts,
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
            rules.all().filter(|(rule, _)| rule.review.is_some() && !is_fresh(rule)).collect();
        let run = |(rule, severity): &(&'static Rule, Severity)| {
            let mut context = ProjectContext {
                project,
                facts,
                config,
                rule,
                severity: *severity,
                seen: RefCell::default(),
                findings: Vec::new(),
            };
            let check = || rule.review.map(|check| check(&mut context));
            let has_panicked = catch_unwind(AssertUnwindSafe(check)).is_err();
            if has_panicked {
                context.findings.clear();
            }
            let findings = context.findings.into();
            (*rule, has_panicked, CheckedRule { seen: context.seen.into_inner(), findings })
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
    text: &str,
    mut findings: Vec<Finding>,
    rules: &RuleSet,
    known: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let suppressions = suppression::of_lines(text);
    if !suppressions.is_empty() {
        suppression::apply(&mut findings, &suppressions, known, |rule| rules.severity(rule));
    }
    findings.sort_by_key(|it| (it.range.start(), it.range.end(), it.rule.id));
    findings.dedup_by(|a, b| a.rule == b.rule && a.range == b.range && a.message == b.message);
    findings
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static RULE: Rule = Rule {
        id: "a",
        review: Some(|cx| {
            RUNS.fetch_add(1, Ordering::Relaxed);
            for file in cx.files(Kind::Dockerfile) {
                cx.report(&file.path, ProjectReport::new(TextRange::default(), "found"));
            }
        }),
        ..Rule::PROJECT
    };

    #[test]
    fn a_rule_runs_again_only_when_something_it_looked_at_changes() {
        let config = Config::default();
        let rules = RuleSet::new([&RULE], &config);
        let mut project = Project::new(None);
        let mut checks = ProjectChecks::default();
        let mut run = |project: &Project, epoch| {
            let before = RUNS.load(Ordering::Relaxed);
            let (findings, _) = checks.run(project, &Facts::default(), &config, &rules, epoch);
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
