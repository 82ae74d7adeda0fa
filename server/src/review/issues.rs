//! Findings, gathered into what a person would write one paragraph about.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::advice::{Advice, duration, effort};
use super::material::{Material, Texts};
use super::model::{Found, Issue, Place};
use crate::analysis::{Area, Confidence, Finding, Opportunity};
use crate::config::{Severity, Target};

/// So many findings of an issue show their code.
const WITH_CODE: usize = 3;

/// The longest line of code that is shown, in characters.
const MAX_CODE: usize = 160;

/// Rules whose findings show a secret: its line is not copied into a document.
const SHOWS_SECRET: &[&str] =
    &["config-secret", "dev-default", "hardcoded-secret", "secret-not-ignored"];

/// What the findings of an issue have in common; the worst sorts first.
type Group = (Reverse<Severity>, Area, &'static str);

/// Whether a finding keeps a project of a level from being ready.
pub(super) fn blocks(level: Target, finding: &Finding) -> bool {
    finding.severity >= level.blocking_severity()
        && finding.rule.opportunity != Opportunity::Nothing
}

/// The findings that are shown, with their paths: those of tests and those that are only possible
/// are not.
pub(super) fn shown<'m>(
    material: &'m Material<'_>,
) -> impl Iterator<Item = (&'m str, &'m Finding)> {
    material.files.iter().filter(|file| !file.is_aside).flat_map(|file| {
        let blanket = file.suppressed.iter().filter(|it| it.is_blanket).map(|it| &it.finding);
        let findings = file.findings.iter().chain(blanket);
        let shown = findings.filter(|it| it.confidence >= Confidence::SHOWN && !it.in_test);
        shown.map(|it| (file.path.as_str(), it))
    })
}

/// The issues of a project, the worst first.
pub(super) fn of(material: &Material<'_>, texts: &mut Texts<'_>) -> Vec<Issue> {
    let mut groups: BTreeMap<Group, Vec<(&str, &Finding)>> = BTreeMap::new();
    for (path, finding) in shown(material) {
        let key = (Reverse(finding.severity), finding.rule.area, finding.rule.id);
        groups.entry(key).or_default().push((path, finding));
    }
    let level = material.config.level;
    let issue = |findings: Vec<(&str, &Finding)>| {
        let (_, first) = *findings.first()?;
        let rule = first.rule;
        let advice = Advice::of(rule);
        let minutes = effort(rule, findings.len());
        let hides_code = SHOWS_SECRET.contains(&rule.id) || rule.opportunity.is_about_absence();
        let mut places: Vec<Found> = findings
            .iter()
            .map(|(path, finding)| {
                let (line, code) = texts.line(path, finding.range);
                let code = code.trim();
                let code = (!code.is_empty() && !hides_code).then(|| shortened(code));
                found(path, finding, line, code)
            })
            .collect();
        places.sort_by(|a, b| (&a.place.file, a.place.line).cmp(&(&b.place.file, b.place.line)));
        places.iter_mut().skip(WITH_CODE).for_each(|it| it.code = None);
        Some(Issue {
            rule: rule.id.to_string(),
            area: rule.area.name().to_string(),
            severity: first.severity,
            title: rule.summary(),
            blocks: blocks(level, first),
            impact: advice.impact,
            fix: advice.fix,
            effort_minutes: minutes,
            effort: duration(minutes),
            places,
        })
    };
    groups.into_values().filter_map(issue).collect()
}

fn found(path: &str, finding: &Finding, line: usize, code: Option<String>) -> Found {
    Found {
        place: Place { file: path.to_string(), line },
        message: finding.message.to_string(),
        notes: finding.notes.clone(),
        code,
        confidence: finding.confidence.name().to_string(),
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(MAX_CODE) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_string(),
    }
}
