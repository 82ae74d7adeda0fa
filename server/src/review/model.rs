//! The review as data: what its Markdown, its page and its JSON have in common.

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::{Severity, Target};

/// The version of the JSON form: another one when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// A production readiness review.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Review {
    /// The version of this form.
    pub schema_version: u32,
    /// The name of the project, by its manifests.
    pub project: String,
    /// What kind of project it is.
    pub kind: Kind,
    /// What it is meant for.
    pub level: Target,
    /// Whether it is ready for that.
    pub verdict: Verdict,
    /// How good it is, part by part.
    pub score: ScoreReport,
    /// How that compares with published projects of its kind.
    pub comparison: Option<Comparison>,
    /// What to do next: what gives the most points first.
    pub next: Vec<Step>,
    /// The worst of each area.
    pub risks: Vec<Risk>,
    /// What was found, the worst first.
    pub issues: Vec<Issue>,
    /// What is good.
    pub strengths: Vec<Strength>,
    /// When what is worth doing could be done by one person.
    pub path: Vec<Week>,
    /// What to watch once it runs.
    pub monitor: Vec<Metric>,
    /// The questions that code does not answer.
    pub questions: Vec<OpenQuestion>,
    /// What could not be judged.
    pub unjudged: Vec<Unjudged>,
    /// Findings that are accepted.
    pub suppressed: Vec<Accepted>,
    /// How many findings only a name speaks for; they count nowhere.
    pub possible: usize,
}

/// What a project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Somebody operates it.
    Service,
    /// A program that people start.
    Program,
    /// A part of other programs.
    Library,
}

impl Kind {
    /// The name for one and for many.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Service => ("service", "services"),
            Self::Program => ("program", "programs"),
            Self::Library => ("library", "libraries"),
        }
    }
}

/// Whether a project is ready.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Verdict {
    /// Whether nothing blocks.
    pub ready: bool,
    /// `READY` or `NOT READY`.
    pub statement: String,
    /// What blocks, the worst first.
    pub blockers: Vec<Blocker>,
    /// Roughly how long it takes one person to repair what blocks; nothing when nothing does.
    pub effort: Option<String>,
}

/// Something that keeps a project from being ready.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Blocker {
    /// The rule, or `missing-evidence`.
    pub rule: String,
    /// The severity; nothing for a question without evidence.
    pub severity: Option<Severity>,
    /// What it is.
    pub message: String,
    /// How often it occurs.
    pub count: usize,
    /// The first place.
    pub place: Option<Place>,
}

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// Relative to the root.
    pub file: String,
    /// From 1 on.
    pub line: usize,
}

/// The score with its terms.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ScoreReport {
    /// The version of the formula; scores of different versions cannot be compared.
    pub formula: u32,
    /// From 0 to 100; nothing when nothing can be judged.
    pub overall: Option<u32>,
    /// Each area that can be judged.
    pub areas: Vec<AreaReport>,
    /// The rules that the areas are made of.
    pub terms: Vec<TermReport>,
    /// How many rules are about something that the project does not have.
    pub inapplicable: usize,
}

/// The score of an area.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AreaReport {
    /// Its name.
    pub area: String,
    /// From 0 to 100.
    pub score: u32,
    /// What it would be without the limit that its worst finding sets.
    pub uncapped: u32,
    /// What it weighs in the whole.
    pub weight: u32,
    /// How many rules were judged.
    pub rules: usize,
    /// The worst finding that counts.
    pub worst: Option<Severity>,
}

/// One rule in the score.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TermReport {
    /// The rule.
    pub rule: String,
    /// Its area.
    pub area: String,
    /// What it weighs in its area.
    pub weight: u32,
    /// Its findings that count: low, medium, high, critical.
    pub affected: [usize; 4],
    /// The opportunities that are not affected.
    pub good: usize,
    /// What is counted.
    pub opportunities: String,
    /// From 0 to 100.
    pub quality: u32,
    /// Whether the settings turn it off: it counts as failed then.
    pub off: bool,
}

/// How a score compares with others.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Comparison {
    /// How many in a hundred score less.
    pub better_than: u32,
    /// Of how many projects.
    pub of: usize,
    /// Of which kind they are, in the plural.
    pub kind: String,
}

/// Something to do.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Step {
    /// The rules whose findings it repairs.
    pub rules: Vec<String>,
    /// What to do.
    pub action: String,
    /// How many findings there are.
    pub count: usize,
    /// What the overall score gains, once the steps before it are done.
    pub points: f64,
    /// Roughly how long it takes.
    pub effort: String,
}

/// The worst of an area.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Risk {
    /// The area.
    pub area: String,
    /// The worst severity.
    pub level: Severity,
    /// How sure it is: `certain` or `likely`.
    pub likelihood: String,
    /// How many findings there are.
    pub findings: usize,
    /// What the worst finding leads to.
    pub impact: String,
}

/// The findings of one rule that are equally severe.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Issue {
    /// The rule.
    pub rule: String,
    /// Its area.
    pub area: String,
    /// How severe it is.
    pub severity: Severity,
    /// What it is.
    pub title: String,
    /// Whether it keeps the project from being ready.
    pub blocks: bool,
    /// What happens in production.
    pub impact: String,
    /// What to do.
    pub fix: String,
    /// Roughly how long all of it takes, in minutes.
    pub effort_minutes: u32,
    /// The same as a person would say it.
    pub effort: String,
    /// Each finding.
    pub places: Vec<Found>,
}

/// A finding.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Found {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// Causes and consequences.
    pub notes: Vec<String>,
    /// The line; only of the first findings of an issue, and of none that shows a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How sure it is.
    pub confidence: String,
}

/// Something that is good.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Strength {
    /// The area that it serves.
    pub area: String,
    /// What is good.
    pub title: String,
    /// How often it occurs, when that can be counted.
    pub count: usize,
    /// The first places.
    pub places: Vec<Place>,
}

/// What could be done in a week.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Week {
    /// From 1 on.
    pub week: u32,
    /// What to do, in order.
    pub tasks: Vec<String>,
}

/// Something to watch in production.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Metric {
    /// What to measure.
    pub metric: String,
    /// Why.
    pub reason: String,
}

/// A question that code does not answer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OpenQuestion {
    /// Its key in `readiness.toml`.
    pub question: String,
    /// `answered`, `unread`, `not applicable`, `insufficient` or `open`.
    pub state: String,
    /// The document, the reason, or what is wrong with the answer.
    pub detail: String,
    /// Whether the project is not ready without an answer.
    pub required: bool,
}

/// Something that could not be judged.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Unjudged {
    /// What.
    pub what: String,
    /// Why not.
    pub reason: String,
}

/// A finding that is accepted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Accepted {
    /// The rule.
    pub rule: String,
    /// How severe the finding would be.
    pub severity: Severity,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// What would be reported.
    pub message: String,
    /// Why it is accepted; nothing where an attribute or a manifest allows the lint of the rule.
    pub reason: Option<String>,
    /// Whether it counts nevertheless, as it is accepted for a whole file or more.
    pub counts: bool,
}

/// The JSON schema of a review.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Review).to_value()
}
