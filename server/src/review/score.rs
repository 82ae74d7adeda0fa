//! The score: `docs/score.md` says what it means, this file is the formula.
//!
//! A rule is held against its opportunities. What it does not apply to, or what cannot be judged, is
//! in no denominator.

use crate::analysis::{Area, Opportunity, Rule};
use crate::config::Severity;

/// The version of the formula: scores of different versions cannot be compared.
pub const FORMULA: u32 = 1;

/// From low to critical: how much of its quality a rule loses when all opportunities are affected.
const DAMAGE: [f64; 4] = [0.3, 0.6, 0.9, 1.0];

/// From low to critical: how much a rule weighs in its area.
const WEIGHT: [u32; 4] = [1, 3, 6, 10];

/// From low to critical: the most that an area scores with a finding of that severity.
const AREA_CAP: [f64; 4] = [100.0, 90.0, 70.0, 40.0];

/// From low to critical: the most that the whole scores.
const OVERALL_CAP: [f64; 4] = [100.0, 95.0, 79.0, 49.0];

/// What areas weigh in the whole.
const AREAS: [(Area, u32); 9] = [
    (Area::Security, 24),
    (Area::Reliability, 22),
    (Area::Testing, 14),
    (Area::Deployment, 12),
    (Area::Observability, 8),
    (Area::Performance, 6),
    (Area::Compliance, 6),
    (Area::Documentation, 4),
    (Area::Maintainability, 4),
];

/// The place of a severity in the tables above.
pub(super) fn index(severity: Severity) -> usize {
    match severity {
        Severity::Low => 0,
        Severity::Medium => 1,
        Severity::High => 2,
        Severity::Critical => 3,
    }
}

/// What is known of a rule in a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The rule.
    pub rule: &'static Rule,
    /// Its findings that count, from low to critical.
    pub affected: [usize; 4],
    /// The opportunities that no rule with the same ones has a finding for.
    pub good: usize,
    /// Whether the settings turn the rule off, so that nothing is known of it.
    pub is_off: bool,
}

impl Term {
    /// How many findings count.
    pub fn found(&self) -> usize {
        self.affected.iter().sum()
    }

    /// The worst finding; of a rule that is off the worst that it has by itself.
    pub fn worst(&self) -> Option<Severity> {
        if self.is_off {
            return Some(self.nominal());
        }
        Severity::ALL.into_iter().find(|it| self.affected[index(*it)] > 0)
    }

    /// What the rule weighs in its area, by the severity that its findings can have.
    pub fn weight(&self) -> u32 {
        WEIGHT[index(self.nominal())]
    }

    /// The severity that its findings have without anything that raises it.
    pub fn nominal(&self) -> Severity {
        self.rule.serving_severity.map_or(self.rule.severity, |it| it.max(self.rule.severity))
    }

    /// From 0 to 1: each severity takes its part, in proportion to the square root of the share of
    /// opportunities that are affected so severely or worse.
    pub fn quality(&self) -> f64 {
        if self.is_off {
            return 0.0;
        }
        let is_single = self.rule.opportunity.is_single();
        let mut lost = 0.0;
        let mut lower = 0.0;
        for (at, damage) in DAMAGE.into_iter().enumerate() {
            let affected: usize = self.affected[at..].iter().sum();
            let share = match affected {
                0 => 0.0,
                _ if is_single => 1.0,
                affected => affected as f64 / (affected + self.good) as f64,
            };
            lost += (damage - lower) * share.sqrt();
            lower = damage;
        }
        1.0 - lost
    }

    /// The same once everything it reports is repaired.
    pub fn repaired(&self) -> Self {
        let good = self.good + self.found();
        Self { affected: [0; 4], good, is_off: false, ..self.clone() }
    }
}

/// The score of an area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AreaScore {
    /// Which area.
    pub area: Area,
    /// From 0 to 100.
    pub score: f64,
    /// What it would be without the limit that the worst finding sets.
    pub uncapped: f64,
    /// What the area weighs in the whole.
    pub weight: u32,
    /// How many rules were judged.
    pub rules: usize,
    /// The worst finding that counts.
    pub worst: Option<Severity>,
}

/// The scores of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// From 0 to 100; nothing when no area can be judged.
    pub overall: Option<f64>,
    /// The mean of the areas, without the limit that the worst finding sets.
    pub uncapped: f64,
    /// The areas that can be judged, by their weight.
    pub areas: Vec<AreaScore>,
}

impl Score {
    /// The score of a project, given what is known of each rule that applies to it.
    pub fn of(terms: &[Term]) -> Self {
        let areas: Vec<AreaScore> =
            AREAS.iter().filter_map(|(area, weight)| area_score(*area, *weight, terms)).collect();
        let weights: u32 = areas.iter().map(|it| it.weight).sum();
        let sum: f64 = areas.iter().map(|it| it.score * f64::from(it.weight)).sum();
        let uncapped = if weights == 0 { 0.0 } else { sum / f64::from(weights) };
        let worst = areas.iter().filter_map(|it| it.worst).max();
        let cap = worst.map_or(100.0, |worst| OVERALL_CAP[index(worst)]);
        Self { overall: (weights > 0).then(|| uncapped.min(cap)), uncapped, areas }
    }
}

fn area_score(area: Area, weight: u32, terms: &[Term]) -> Option<AreaScore> {
    let terms: Vec<&Term> = terms.iter().filter(|it| it.rule.area == area).collect();
    let weights: u32 = terms.iter().map(|it| it.weight()).sum();
    if weights == 0 {
        return None;
    }
    let sum: f64 = terms.iter().map(|it| it.quality() * f64::from(it.weight())).sum();
    let uncapped = 100.0 * sum / f64::from(weights);
    let worst = terms.iter().filter_map(|it| it.worst()).max();
    let cap = worst.map_or(100.0, |worst| AREA_CAP[index(worst)]);
    Some(AreaScore { area, score: uncapped.min(cap), uncapped, weight, rules: terms.len(), worst })
}

/// A score as it is shown: rounded down, so that 100 means that nothing is left.
pub fn shown(score: f64) -> u32 {
    (score + 1e-9).floor().clamp(0.0, 100.0) as u32
}

/// Places that are not affected are those that no rule with the same opportunities reports: a call
/// that one rule reports is no good example for another.
pub fn unaffected(total: usize, of: Opportunity, found: &[(Opportunity, usize)]) -> usize {
    let found: usize = found.iter().filter(|(it, _)| *it == of).map(|(_, count)| count).sum();
    total.saturating_sub(found)
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
