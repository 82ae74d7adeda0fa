//! Makes the review of what is known.

use super::advice::{duration, first_sentence};
use super::comparison::compare;
use super::evidence::{Asked, Evidence};
use super::issues::{self, blocks};
use super::material::{Material, Texts};
use super::model::{
    Accepted, AreaReport, Blocker, Issue, Kind, Metric, OpenQuestion, Place, Review, Risk,
    SCHEMA_VERSION, ScoreReport, TermReport, Unjudged, Verdict, Week,
};
use super::opportunities::Terms;
use super::score::{AreaScore, FORMULA, Score, Term, shown};
use super::steps::steps;
use super::{monitor, strengths};
use crate::analysis::Confidence;
use crate::config::{Severity, Target};
use crate::project::evidence::Standing;
use crate::project::service::{has_programs, is_service};
use crate::project::{self, TrackedProject};

/// The minutes of work in a week of one person.
const WEEK_MINUTES: u32 = 1800;

/// How long it takes to write the document that answers a question.
const DOCUMENT_MINUTES: u32 = 240;

/// The verdict and the score alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whether nothing blocks.
    pub ready: bool,
    /// How much blocks.
    pub blockers: usize,
    /// From 0 to 100; nothing when nothing can be judged.
    pub score: Option<u32>,
    /// What the project is meant for.
    pub level: Target,
}

impl Summary {
    /// The verdict and the score of what is known.
    pub fn of(material: &Material<'_>) -> Self {
        let evidence = Evidence::of(material);
        let terms = Terms::of(material, &evidence);
        let blockers = blocking_kinds(material).len()
            + off_blockers(material, &terms.terms).count()
            + evidence.blocking().count();
        let score = Score::of(&terms.terms).overall.map(shown);
        let is_judged = score.is_some();
        let ready = blockers == 0 && is_judged;
        Self { ready, blockers, score, level: material.config.level }
    }
}

impl Review {
    /// The review of what is known; `read` gives the texts of files.
    pub fn of(material: &Material<'_>, read: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut texts = Texts::new(read);
        let cx = TrackedProject::new(material.project, material.symbols, material.config);
        let evidence = Evidence::of(material);
        let terms = Terms::of(material, &evidence);
        let score = Score::of(&terms.terms);
        let issues = issues::of(material, &mut texts);
        let kind = match is_service(&cx) {
            true => Kind::Service,
            false if has_programs(&cx) => Kind::Program,
            false => Kind::Library,
        };
        let overall = score.overall.map(shown);
        let mut blockers: Vec<Blocker> =
            issues.iter().filter(|it| it.blocks).map(blocker).collect();
        blockers.extend(off_blockers(material, &terms.terms).map(|term| Blocker {
            rule: term.rule.id.to_string(),
            severity: Some(term.nominal()),
            message: format!("`{}` is switched off: nobody looked", term.rule.id),
            count: 1,
            place: None,
        }));
        blockers.extend(evidence.blocking().map(|asked| Blocker {
            rule: "missing-evidence".to_string(),
            severity: None,
            message: format!("no evidence for: {}", asked.question.name()),
            count: 1,
            place: None,
        }));
        let ready = blockers.is_empty() && overall.is_some();
        let effort = blocking_effort(&issues, &evidence);
        let statement = if ready { "READY" } else { "NOT READY" }.to_string();
        Self {
            schema_version: SCHEMA_VERSION,
            project: name_of(&cx),
            kind,
            level: material.config.level,
            verdict: Verdict { ready, statement, blockers, effort },
            comparison: overall.and_then(|score| compare(kind, score)),
            next: steps(&terms.terms, score.overall),
            risks: risks(&score, &issues),
            strengths: strengths::of(material, &cx, &mut texts),
            path: weeks(&issues),
            monitor: monitor::of(&cx, &issues, kind)
                .map(|(metric, reason)| Metric { metric: metric.into(), reason: reason.into() })
                .collect(),
            questions: questions(&evidence),
            unjudged: unjudged(material, &terms),
            suppressed: accepted(material, &mut texts),
            possible: possible(material),
            score: score_report(&score, &terms),
            issues,
        }
    }
}

/// How long it takes to repair what blocks.
fn blocking_effort(issues: &[Issue], evidence: &Evidence) -> Option<String> {
    let minutes: u32 = issues.iter().filter(|it| it.blocks).map(|it| it.effort_minutes).sum();
    let questions = u32::try_from(evidence.blocking().count()).unwrap_or(u32::MAX);
    let minutes = minutes.saturating_add(questions.saturating_mul(DOCUMENT_MINUTES));
    (minutes > 0).then(|| duration(minutes))
}

/// The rules and severities whose findings block.
fn blocking_kinds(material: &Material<'_>) -> Vec<(&'static str, Severity)> {
    let mut kinds: Vec<(&'static str, Severity)> = issues::shown(material)
        .filter(|(_, it)| blocks(material.config.level, it))
        .map(|(_, it)| (it.rule.id, it.severity))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Rules that are switched off and would block: that nobody looked makes nothing ready.
fn off_blockers<'t>(
    material: &Material<'_>,
    terms: &'t [Term],
) -> impl Iterator<Item = &'t Term> + use<'t> {
    let blocking = material.config.level.blocking_severity();
    terms.iter().filter(move |term| term.is_off && term.nominal() >= blocking)
}

fn blocker(issue: &Issue) -> Blocker {
    let first = issue.places.first();
    let message = match issue.places.as_slice() {
        [only] => only.message.clone(),
        _ => issue.title.clone(),
    };
    Blocker {
        rule: issue.rule.clone(),
        severity: Some(issue.severity),
        message,
        count: issue.places.len(),
        place: first.map(|it| it.place.clone()),
    }
}

/// The name of the project by its manifests: that of the folder is an accident of the checkout.
fn name_of(cx: &TrackedProject<'_>) -> String {
    let packages = || cx.packages().iter();
    let root = packages().find(|package| package.folder.is_empty());
    let shortest = || packages().min_by_key(|package| (package.name.len(), package.name.clone()));
    let package = root.or_else(shortest).map(|package| package.name.clone());
    let npm = || cx.files(project::FileKind::PackageJson).next()?.root()?.get("name")?.as_str();
    package.or_else(|| npm().map(str::to_string)).unwrap_or_else(|| "project".to_string())
}

fn score_report(score: &Score, terms: &Terms) -> ScoreReport {
    let areas = score.areas.iter().map(|it| AreaReport {
        area: it.area.name().to_string(),
        score: shown(it.score),
        uncapped: shown(it.uncapped),
        weight: it.weight,
        rules: it.rules,
        worst: it.worst,
    });
    let terms_of = terms.terms.iter().map(|it| TermReport {
        rule: it.rule.id.to_string(),
        area: it.rule.area.name().to_string(),
        weight: it.weight(),
        affected: it.affected,
        good: it.good,
        opportunities: it.rule.opportunity.names().1.to_string(),
        quality: shown(100.0 * it.quality()),
        off: it.is_off,
    });
    ScoreReport {
        formula: FORMULA,
        overall: score.overall.map(shown),
        areas: areas.collect(),
        terms: terms_of.collect(),
        inapplicable: terms.inapplicable.len(),
    }
}

fn risks(score: &Score, issues: &[Issue]) -> Vec<Risk> {
    let risk = |area: &AreaScore| {
        let of_area = || issues.iter().filter(|it| it.area == area.area.name());
        let worst = of_area().next()?;
        let is_certain = worst.places.iter().any(|it| it.confidence == Confidence::Certain.name());
        Some(Risk {
            area: worst.area.clone(),
            level: worst.severity,
            likelihood: if is_certain { "certain" } else { "likely" }.to_string(),
            findings: of_area().map(|it| it.places.len()).sum(),
            impact: first_sentence(&worst.impact).to_string(),
        })
    };
    let mut risks: Vec<Risk> = score.areas.iter().filter_map(risk).collect();
    risks.sort_by_key(|it| std::cmp::Reverse(it.level));
    risks
}

/// What is worth doing, week by week: what blocks first, and nothing that is low.
fn weeks(issues: &[Issue]) -> Vec<Week> {
    let mut due: Vec<&Issue> = issues.iter().filter(|it| it.severity > Severity::Low).collect();
    due.sort_by_key(|it| (!it.blocks, std::cmp::Reverse(it.severity)));
    let mut weeks: Vec<Week> = Vec::new();
    let mut minutes = 0;
    for issue in due {
        let week = minutes / WEEK_MINUTES + 1;
        minutes += issue.effort_minutes;
        let task = format!("{} (`{}`, {})", issue.title, issue.rule, issue.effort);
        match weeks.last_mut().filter(|it| it.week == week) {
            Some(last) => last.tasks.push(task),
            None => weeks.push(Week { week, tasks: vec![task] }),
        }
    }
    weeks
}

fn questions(evidence: &Evidence) -> Vec<OpenQuestion> {
    let question = |asked: &Asked| {
        let (state, detail) = match &asked.standing {
            Standing::Open => ("open", ""),
            Standing::Answered(document) => ("answered", document.as_str()),
            Standing::Unread(document) => ("unread", document.as_str()),
            Standing::NotApplicable(reason) => ("not applicable", reason.as_str()),
            Standing::Insufficient(problem) => ("insufficient", problem.as_str()),
        };
        OpenQuestion {
            question: asked.question.key().to_string(),
            state: state.to_string(),
            detail: detail.to_string(),
            required: asked.is_required,
        }
    };
    evidence.questions.iter().map(question).collect()
}

fn unjudged(material: &Material<'_>, terms: &Terms) -> Vec<Unjudged> {
    let unread = material.files.iter().filter_map(|file| {
        Some(Unjudged { what: file.path.clone(), reason: file.refused.clone()? })
    });
    let excluded = material.excluded.iter().map(|path| Unjudged {
        what: path.clone(),
        reason: "`exclude` of `readiness.toml` leaves it out".to_string(),
    });
    let unknown = terms
        .unknown
        .iter()
        .map(|(rule, reason)| Unjudged { what: rule.summary(), reason: (*reason).to_string() });
    unknown.chain(unread).chain(excluded).collect()
}

fn accepted(material: &Material<'_>, texts: &mut Texts<'_>) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    for file in material.files.iter().filter(|file| !file.is_aside) {
        for it in &file.suppressed {
            let finding = &it.finding;
            if finding.confidence < Confidence::SHOWN || finding.in_test {
                continue;
            }
            let (line, _) = texts.line(&file.path, finding.range);
            accepted.push(Accepted {
                rule: finding.rule.id.to_string(),
                severity: finding.severity,
                place: Place { file: file.path.clone(), line },
                message: finding.message.to_string(),
                reason: it.reason.clone(),
                counts: it.is_blanket,
            });
        }
    }
    accepted
}

fn possible(material: &Material<'_>) -> usize {
    let files = material.files.iter().filter(|file| !file.is_aside);
    let findings = files.flat_map(|file| &file.findings);
    findings.filter(|it| it.confidence < Confidence::SHOWN && !it.in_test).count()
}
