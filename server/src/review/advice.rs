//! What a rule's own page says about why its findings matter and what to do, so that nothing is
//! written twice.

use crate::analysis::Rule;

/// What to tell about the findings of a rule.
pub struct Advice {
    /// What happens in production.
    pub impact: String,
    /// What to do.
    pub fix: String,
}

impl Advice {
    /// The second paragraph of a rule's documentation says why, the one before the first good example
    /// what to do instead.
    pub fn of(rule: &Rule) -> Self {
        let mut paragraphs: Vec<String> = Vec::new();
        let mut fix = None;
        let mut impact = None;
        let mut current = String::new();
        let mut in_code = false;
        for line in rule.source.lines().take_while(|line| line.starts_with("//!")) {
            let line = line.trim_start_matches("//!").trim();
            if let Some(fence) = line.strip_prefix("```") {
                in_code = !in_code;
                if in_code && impact.is_none() {
                    impact = paragraphs.get(1).cloned();
                }
                if in_code && !fence.contains("bad") && fix.is_none() {
                    fix = paragraphs.last().filter(|_| paragraphs.len() > 1).cloned();
                }
            } else if in_code {
            } else if line.is_empty() {
                paragraphs.extend(Some(std::mem::take(&mut current)).filter(|it| !it.is_empty()));
            } else {
                if !current.is_empty() {
                    current.push(' ');
                }
                current += line;
            }
        }
        paragraphs.extend(Some(current).filter(|it| !it.is_empty()));
        let mut impact = impact.or_else(|| paragraphs.get(1).cloned()).unwrap_or_default();
        if impact.ends_with(':') {
            impact.pop();
            impact.push('.');
        }
        let fix = fix.filter(|it| *it != impact).unwrap_or_default();
        // Pages speak of the quick fix; a review says what to do.
        let done = [("The fix creates", "Create"), ("The fix adds", "Add")];
        let done = done
            .iter()
            .find_map(|(fix_does, verb)| Some(format!("{verb}{}", fix.strip_prefix(fix_does)?)));
        let fix = done.unwrap_or(fix);
        Self { impact, fix: fix.trim_end_matches([':', '.']).to_string() }
    }
}

/// A time in the units that a person would say it in: a day has six hours of work.
pub fn duration(minutes: u32) -> String {
    let units = |count: u32, unit: &str| match count {
        1 => format!("1 {unit}"),
        count => format!("{count} {unit}s"),
    };
    match minutes {
        0..60 => units(minutes.div_ceil(5) * 5, "minute"),
        60..360 => units(minutes.div_ceil(60), "hour"),
        360..1800 => units(minutes.div_ceil(360), "day"),
        _ => units(minutes.div_ceil(1800), "week"),
    }
}

/// How long it takes to repair the findings of a rule, in minutes.
pub fn effort(rule: &Rule, count: usize) -> u32 {
    let count = if rule.opportunity.is_single() { 1 } else { count };
    rule.effort.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The first sentence of a text.
pub fn first_sentence(text: &str) -> &str {
    text.find(". ").and_then(|at| text.get(..=at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn every_rule_says_why_its_findings_matter() {
        for rule in rules::all() {
            let advice = Advice::of(rule);
            assert!(
                advice.impact.ends_with('.') && advice.impact.len() > 30,
                "{}: {:?}",
                rule.id,
                advice.impact
            );
        }
        let unwrap = rules::find("unwrap-used").map(Advice::of);
        let fix = unwrap.map(|it| it.fix);
        assert_eq!(fix.as_deref(), Some("Return the error to the caller, who can handle it"));
    }

    #[test]
    fn durations_are_rounded_up() {
        let said = [4, 59, 60, 61, 359, 360, 1799, 1800, 4000].map(duration);
        let expected = [
            "5 minutes", "60 minutes", "1 hour", "2 hours", "6 hours", "1 day", "5 days", "1 week",
            "3 weeks",
        ];
        assert_eq!(said, expected);
    }
}
