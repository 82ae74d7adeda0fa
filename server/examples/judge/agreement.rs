//! How far findings and verdicts agree.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use readiness_lsp::config::Severity;

use crate::findings::Found;
use crate::verdicts::Verdict;

/// The counts by rule, and what differs.
#[derive(Debug, Default)]
pub struct Agreement {
    rules: BTreeMap<String, Counts>,
    /// One line for each finding that its verdict disagrees with, and for each that is missing.
    pub differences: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    /// Findings with a verdict.
    judged: usize,
    /// Those that a reviewer gives the same severity.
    exact: usize,
    /// Those that are false alarms.
    wrong: usize,
    /// Those whose severity is two or more steps off.
    far: usize,
    /// Those that are shown as critical or high.
    serious: usize,
    /// Those of them that a reviewer finds high at least.
    agreed: usize,
    /// What a reviewer finds high at least and is not found.
    missing: usize,
}

impl Agreement {
    /// Takes in the findings in a crate and the verdicts about it.
    pub fn add(&mut self, name: &str, found: &[Found], verdicts: &[Verdict]) {
        for verdict in verdicts {
            let counts = self.rules.entry(verdict.rule.clone()).or_default();
            let Some(finding) = found.iter().find(|it| verdict.is_about(it)) else {
                if verdict.severity.is_some_and(|it| it >= Severity::High) {
                    counts.missing += 1;
                    self.differences.push(format!(
                        "{name} {}: {} is missing: {}",
                        verdict.file, verdict.rule, verdict.code
                    ));
                }
                continue;
            };
            counts.add(finding.severity, verdict.severity);
            if verdict.severity != Some(finding.severity) {
                let said = verdict.severity.map_or("a false alarm", Severity::name);
                self.differences.push(format!(
                    "{name} {}:{}: {} is {}, judged {said}: {}",
                    finding.file, finding.line, verdict.rule, finding.severity, verdict.why
                ));
            }
        }
    }

    fn total(&self) -> Counts {
        self.rules.values().fold(Counts::default(), |sum, it| Counts {
            judged: sum.judged + it.judged,
            exact: sum.exact + it.exact,
            wrong: sum.wrong + it.wrong,
            far: sum.far + it.far,
            serious: sum.serious + it.serious,
            agreed: sum.agreed + it.agreed,
            missing: sum.missing + it.missing,
        })
    }

    /// Whether findings can be trusted: of what is critical or high, reviewers agree with nine of
    /// ten, and at most one finding of twenty is a false alarm.
    pub fn holds(&self) -> bool {
        self.agrees(90, 5)
    }

    /// Whether reviewers agree with at least so many of a hundred findings that are critical or
    /// high, and call at most so many of a hundred findings false alarms.
    pub fn agrees(&self, serious: usize, wrong: usize) -> bool {
        let total = self.total();
        total.agreed * 100 >= total.serious * serious && total.wrong * 100 <= total.judged * wrong
    }
}

impl Counts {
    fn add(&mut self, shown: Severity, judged: Option<Severity>) {
        self.judged += 1;
        match judged {
            None => self.wrong += 1,
            Some(severity) => {
                self.exact += usize::from(severity == shown);
                self.far += usize::from((severity as i8 - shown as i8).abs() > 1);
            }
        }
        if shown >= Severity::High {
            self.serious += 1;
            self.agreed += usize::from(judged.is_some_and(|it| it >= Severity::High));
        }
    }

    fn line(&self, name: &str) -> String {
        let Self { judged, exact, wrong, far, serious, agreed, missing } = self;
        format!(
            "{name:<32}{judged:>8}{exact:>8}{wrong:>8}{far:>8}{serious:>9}{agreed:>8}{missing:>9}\n"
        )
    }
}

impl Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<32}{:>8}{:>8}{:>8}{:>8}{:>9}{:>8}{:>9}",
            "rule", "judged", "exact", "false", "2 off", "serious", "agreed", "missing"
        )?;
        for (rule, counts) in &self.rules {
            f.write_str(&counts.line(rule))?;
        }
        f.write_str(&self.total().line("all"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_held_against_those_of_reviewers() {
        let mut counts = Counts::default();
        counts.add(Severity::High, Some(Severity::High));
        counts.add(Severity::Critical, Some(Severity::Medium));
        counts.add(Severity::Low, None);
        let Counts { judged, exact, wrong, far, serious, agreed, .. } = counts;
        assert_eq!((judged, exact, wrong, far, serious, agreed), (3, 1, 1, 1, 2, 1));
    }
}
