use super::*;
use crate::rules;

/// A random project: for each rule whether it applies, its findings, and what is unaffected.
fn random(random: &mut fastrand::Rng) -> Vec<Term> {
    let rules = rules::all().filter(|rule| rule.opportunity != Opportunity::Nothing);
    let mut terms = Vec::new();
    for rule in rules {
        if random.u8(..4) == 0 {
            continue;
        }
        let mut affected = [0; 4];
        for count in &mut affected {
            *count = if random.u8(..3) == 0 { random.usize(..40) } else { 0 };
        }
        terms.push(Term {
            rule,
            affected,
            good: random.usize(..400),
            is_off: random.u8(..20) == 0,
        });
    }
    terms
}

fn each(check: impl Fn(&mut fastrand::Rng, Vec<Term>)) {
    for seed in 0..400 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let terms = random(&mut rng);
        if !terms.is_empty() {
            check(&mut rng, terms);
        }
    }
}

fn overall(terms: &[Term]) -> f64 {
    Score::of(terms).overall.expect("something applies")
}

/// Floating point sums differ in their last digits.
const EXACT: f64 = 1e-9;

#[test]
fn scores_are_bounded() {
    each(|_, terms| {
        let score = Score::of(&terms);
        let all = score.areas.iter().map(|it| it.score).chain(score.overall);
        assert!(all.clone().all(|it| (0.0..=100.0).contains(&it)), "{terms:?}");
        assert!(terms.iter().all(|it| (-EXACT..=1.0).contains(&it.quality())), "{terms:?}");
    });
    assert_eq!(Score::of(&[]).overall, None);
}

#[test]
fn fixing_a_finding_never_lowers_and_adding_one_never_raises() {
    each(|rng, mut terms| {
        let before = Score::of(&terms);
        let at = rng.usize(..terms.len());
        let severity = rng.usize(..4);
        let rule = terms[at].rule;
        if rng.bool() {
            // With a new place, or at one that was good.
            terms[at].affected[severity] += 1;
            if rng.bool() {
                let of = rule.opportunity;
                for term in terms.iter_mut().filter(|it| it.rule.opportunity == of) {
                    term.good = term.good.saturating_sub(1);
                }
            }
            let after = Score::of(&terms);
            assert!(after.overall <= before.overall.map(|it| it + EXACT), "{} {severity}", rule.id);
        } else if terms[at].affected[severity] > 0 {
            terms[at].affected[severity] -= 1;
            // Repaired, or gone with its code.
            terms[at].good += usize::from(rng.bool());
            let after = Score::of(&terms);
            assert!(after.overall >= before.overall.map(|it| it - EXACT), "{} {severity}", rule.id);
        }
    });
}

#[test]
fn lowering_the_severity_of_a_finding_never_lowers_the_score() {
    each(|rng, mut terms| {
        let before = overall(&terms);
        let (at, severity) = (rng.usize(..terms.len()), rng.usize(1..4));
        if terms[at].affected[severity] > 0 {
            terms[at].affected[severity] -= 1;
            terms[at].affected[severity - 1] += 1;
            assert!(overall(&terms) >= before - EXACT);
        }
    });
}

#[test]
fn twice_the_code_of_the_same_quality_scores_the_same() {
    each(|_, mut terms| {
        let before = overall(&terms);
        for term in &mut terms {
            term.affected.iter_mut().for_each(|it| *it *= 2);
            term.good *= 2;
        }
        assert!((overall(&terms) - before).abs() < EXACT);
    });
}

#[test]
fn more_that_is_good_never_lowers() {
    each(|rng, mut terms| {
        let before = overall(&terms);
        let at = rng.usize(..terms.len());
        terms[at].good += rng.usize(..50);
        assert!(overall(&terms) >= before - EXACT);
    });
}

#[test]
fn turning_a_rule_off_never_raises() {
    each(|rng, mut terms| {
        let before = overall(&terms);
        let at = rng.usize(..terms.len());
        // What it found is known as little as the rest.
        let found = std::mem::take(&mut terms[at].affected);
        terms[at].is_off = true;
        let worst = Severity::ALL.into_iter().find(|it| found[index(*it)] > 0);
        if worst.is_none_or(|it| it <= terms[at].nominal()) {
            assert!(overall(&terms) <= before + EXACT);
        }
    });
}

#[test]
fn a_critical_finding_limits_the_score() {
    each(|rng, mut terms| {
        let at = rng.usize(..terms.len());
        terms[at].affected[3] += 1;
        assert!(overall(&terms) <= 49.0);
    });
}

#[test]
fn every_area_weighs_something() {
    assert_eq!(AREAS.iter().map(|(_, weight)| weight).sum::<u32>(), 100);
    for rule in rules::all() {
        assert!(AREAS.iter().any(|(area, _)| *area == rule.area), "{}", rule.id);
    }
}
