//! What to do next.

use super::advice::{Advice, duration, effort, first_sentence};
use super::model::Step;
use super::score::{Score, Term};
use crate::analysis::Opportunity;
use crate::config::Severity;

/// How many steps are proposed.
const MAX_STEPS: usize = 6;

/// The fewest points that make a step by itself worth naming: below, several rules of one severity
/// are what keeps the score down.
const MIN_POINTS: f64 = 1.0;

/// What to do next: what gives the most points first, given that the steps before are done.
pub(super) fn steps(terms: &[Term], overall: Option<f64>) -> Vec<Step> {
    let Some(mut now) = overall else { return Vec::new() };
    let mut terms = terms.to_vec();
    let mut steps = Vec::new();
    while steps.len() < MAX_STEPS {
        let Some((gain, done)) = best(&terms, now) else { break };
        let (minutes, count) = done.iter().fold((0, 0), |(minutes, count), at| {
            let found = terms[*at].found();
            (effort(terms[*at].rule, found).saturating_add(minutes), count + found)
        });
        steps.push(Step {
            rules: done.iter().map(|at| terms[*at].rule.id.to_string()).collect(),
            action: action(&terms, &done),
            count,
            points: (gain * 10.0).round() / 10.0,
            effort: duration(minutes),
        });
        repair(&mut terms, &done);
        now += gain;
    }
    steps
}

/// The rules to repair next, and what the score gains.
fn best(terms: &[Term], now: f64) -> Option<(f64, Vec<usize>)> {
    let is_open = |term: &Term| term.found() > 0 || term.is_off;
    let gain = |done: &[usize]| {
        let mut repaired = terms.to_vec();
        repair(&mut repaired, done);
        Score::of(&repaired).overall.unwrap_or_default() - now
    };
    let open: Vec<usize> = (0..terms.len()).filter(|at| is_open(&terms[*at])).collect();
    let worst = open.iter().filter_map(|at| terms[*at].worst()).max()?;
    let alone = open.iter().map(|at| vec![*at]).map(|done| (gain(&done), done));
    let best = alone.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
    if best.0 >= MIN_POINTS || worst <= Severity::Low {
        return (best.0 > 0.0).then_some(best);
    }
    let is_worst = |at: &usize| terms[*at].worst() == Some(worst);
    let all: Vec<usize> = open.into_iter().filter(is_worst).collect();
    let gained = gain(&all);
    (gained > 0.0).then_some((gained, all)).or_else(|| (best.0 > 0.0).then_some(best))
}

/// Takes the findings of rules for repaired. A pipeline that is made does what rules want of it.
fn repair(terms: &mut [Term], done: &[usize]) {
    let makes_ci = done.iter().any(|at| terms[*at].rule.id == "missing-ci");
    for (at, term) in terms.iter_mut().enumerate() {
        let is_of_pipeline = term.rule.opportunity == Opportunity::Pipeline;
        if done.contains(&at) || makes_ci && is_of_pipeline {
            *term = term.repaired();
        }
    }
}

fn action(terms: &[Term], done: &[usize]) -> String {
    let [only] = done else {
        let worst = done.iter().filter_map(|at| terms[*at].worst()).max();
        let worst = worst.map_or("", Severity::name);
        return format!("Repair what is {worst}: it limits the score as a whole");
    };
    let term = &terms[*only];
    if term.is_off {
        return format!("Switch `{}` on", term.rule.id);
    }
    let fix = Advice::of(term.rule).fix;
    match fix.is_empty() {
        true => term.rule.summary(),
        false => first_sentence(&fix).trim_end_matches('.').to_string(),
    }
}
