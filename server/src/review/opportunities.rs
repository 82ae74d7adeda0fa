//! How many opportunities there are in a project for what a rule looks for.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::material::Material;
use super::score::{Term, index, unaffected};
use crate::analysis::{Census, Confidence, Finding, Opportunity, Rule};
use crate::config::Severity;
use crate::project::package_contents::ships;
use crate::project::service::{is_service, servers};
use crate::project::{CiRun, CiService, FileKind, ReferenceKind, TrackedProject};

/// What a rule can be held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    /// So many opportunities.
    To(usize),
    /// There is nothing that the rule is about.
    NotAtAll,
    /// What the rule is about is missing, which is as bad as it can be.
    ToWhatIsMissing,
    /// It cannot be told, for a reason.
    Unknown(&'static str),
}

/// The terms of the score, and what is in none of them.
pub struct Terms {
    /// One for each rule that applies.
    pub terms: Vec<Term>,
    /// Rules that cannot be judged, with the reasons.
    pub unknown: Vec<(&'static Rule, &'static str)>,
    /// Rules about what there is not.
    pub inapplicable: Vec<&'static Rule>,
}

/// Whether a finding counts: it is sure enough, and about what ships. A document that is there is
/// never worse than none.
pub fn counts(path: &str, finding: &Finding) -> bool {
    finding.confidence >= Confidence::SHOWN
        && !finding.in_test
        && finding.rule.opportunity != Opportunity::Nothing
        && FileKind::of(path) != Some(FileKind::Markdown)
}

/// The severity at which a finding counts: settings may raise it, and not lower it below that of its
/// rule.
fn counted_severity(material: &Material<'_>, finding: &Finding) -> Severity {
    match material.config.rules.get(finding.rule.id).and_then(|it| it.severity()) {
        Some(set) if set < finding.rule.severity => finding.rule.severity,
        _ => finding.severity,
    }
}

impl Terms {
    /// Counts what rules found, and what they are held against.
    pub fn of(material: &Material<'_>, evidence: &Evidence) -> Self {
        let counter = Counter::new(material, evidence);
        let found = |rule: &'static Rule| {
            let mut affected = [0; 4];
            for (_, finding) in material.counted().filter(|(_, it)| it.rule == rule) {
                affected[index(counted_severity(material, finding))] += 1;
            }
            affected
        };
        let rules: Vec<(&'static Rule, [usize; 4])> =
            material.known_rules.iter().map(|rule| (*rule, found(rule))).collect();
        let by_opportunity: Vec<(Opportunity, usize)> =
            rules.iter().map(|(rule, found)| (rule.opportunity, found.iter().sum())).collect();
        let mut terms = Self { terms: Vec::new(), unknown: Vec::new(), inapplicable: Vec::new() };
        for (rule, mut affected) in rules {
            if rule.opportunity == Opportunity::Nothing {
                continue;
            }
            if rule.opportunity == Opportunity::Questions {
                affected = evidence.affected();
            }
            let is_off = material.rules.severity(rule).is_none();
            let count: usize = affected.iter().sum();
            let good = match counter.applies(rule) {
                Applies::To(total) if total + count > 0 => match rule.opportunity {
                    of if of.is_in_sources() => unaffected(total, of, &by_opportunity),
                    _ => total.saturating_sub(count),
                },
                Applies::ToWhatIsMissing => {
                    affected[index(rule.severity)] = 1;
                    0
                }
                _ if count > 0 => 0,
                Applies::Unknown(reason) => {
                    terms.unknown.push((rule, reason));
                    continue;
                }
                _ => {
                    terms.inapplicable.push(rule);
                    continue;
                }
            };
            terms.terms.push(Term { rule, affected, good, is_off });
        }
        terms
    }
}

impl Material<'_> {
    /// The findings that count, with their paths; those that are accepted for a whole file or more
    /// among them.
    pub fn counted(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.files.iter().filter(|file| !file.is_aside).flat_map(|file| {
            let blanket = file.suppressed.iter().filter(|it| it.is_blanket);
            let findings = file.findings.iter().chain(blanket.map(|it| &it.finding));
            let path = file.path.as_str();
            findings.filter(move |it| counts(path, it)).map(move |it| (path, it))
        })
    }
}

struct Counter<'a> {
    cx: TrackedProject<'a>,
    census: Census,
    questions: usize,
    has_ci: bool,
}

impl<'a> Counter<'a> {
    fn new(material: &Material<'a>, evidence: &Evidence) -> Self {
        let cx = TrackedProject::new(material.project, material.symbols, material.config);
        let mut census = Census::default();
        material.files.iter().for_each(|file| census.add(&file.census));
        let has_ci = cx.listing().iter().any(|path| CiService::of(path).is_some());
        Self { cx, census, questions: evidence.questions.len(), has_ci }
    }

    fn applies(&self, rule: &Rule) -> Applies {
        const PUBLISHED: &str = "a published package is reviewed, and not its repository";
        const MEMBER: &str = "a part of a repository is reviewed, and not all of it";
        let outside = match self.cx.is_published_package() {
            true => PUBLISHED,
            false => MEMBER,
        };
        let is_repository = self.cx.is_repository();
        let in_repository = |applies: Applies| match is_repository {
            true => applies,
            false => Applies::Unknown(outside),
        };
        match rule.opportunity {
            Opportunity::Project => Applies::To(1),
            Opportunity::Repository => in_repository(Applies::To(1)),
            Opportunity::Pipeline => in_repository(match self.has_ci {
                true => Applies::To(1),
                false => Applies::ToWhatIsMissing,
            }),
            Opportunity::Documents => in_repository(Applies::To(4)),
            Opportunity::Advisories => match self.cx.advisories() {
                Some(_) if self.cx.files(FileKind::Lockfile).next().is_some() => Applies::To(1),
                Some(_) => Applies::Unknown("there is no `Cargo.lock`"),
                None => Applies::Unknown("no advisory database is on this machine"),
            },
            Opportunity::TestedPackages if self.cx.is_published_package() => {
                Applies::Unknown("published packages are often without their tests")
            }
            Opportunity::Nothing => Applies::NotAtAll,
            of => match self.count(of) {
                0 => Applies::NotAtAll,
                count => Applies::To(count),
            },
        }
    }

    fn count(&self, what: Opportunity) -> usize {
        let cx = &self.cx;
        match what {
            Opportunity::Actions => {
                let pipeline = cx.pipeline();
                pipeline.steps.iter().filter(|it| matches!(it.run, CiRun::Action { .. })).count()
            }
            Opportunity::Services => servers(cx).count().max(usize::from(is_service(cx))),
            Opportunity::Packages | Opportunity::TestedPackages => {
                cx.packages().iter().filter(|it| ships(it)).count()
            }
            Opportunity::PublishedPackages => {
                cx.packages().iter().filter(|it| ships(it) && it.published && it.has_lib).count()
            }
            Opportunity::Dependents(crates) => {
                let depends = |name: &str| cx.packages().iter().any(|it| it.depends_on(name));
                usize::from(crates.iter().any(|name| depends(name)))
            }
            Opportunity::Dependencies => {
                cx.packages().iter().map(|package| package.dependencies.len()).sum()
            }
            Opportunity::Dockerfiles => cx.files(FileKind::Dockerfile).count(),
            Opportunity::Workers => cx.files(FileKind::Wrangler).count(),
            Opportunity::Variables => {
                let references = cx.references().filter(|(_, it)| !it.in_test);
                let names: BTreeSet<&str> = references
                    .filter_map(|(_, it)| match &it.kind {
                        ReferenceKind::Env { name, prefix: false, .. } => Some(name.as_str()),
                        _ => None,
                    })
                    .collect();
                names.len()
            }
            Opportunity::Queries => {
                let references = cx.references().filter(|(_, it)| !it.in_test);
                references.filter(|(_, it)| matches!(it.kind, ReferenceKind::Sql { .. })).count()
            }
            Opportunity::Questions => self.questions,
            _ => self.census.count(what),
        }
    }
}
